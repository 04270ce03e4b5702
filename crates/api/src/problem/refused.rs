//! From the engine's refusals and failures to problems. The one place that knows which refusal has which status and remedy.

use super::{Problem, field_error, price, registry as kinds};
use cartwright_domain::cart::Personal;
use cartwright_domain::id::LineId;
use cartwright_domain::money::{self, Currency, MOST_AMOUNT};
use cartwright_domain::refund::RefundError;
use cartwright_domain::refusal::{FieldError, NotForSale, Refusal, Shortage};
use cartwright_engine::{Failure, StorageError};
use cartwright_wire::{ProblemItem, Remedy, cut};
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Busy => Problem::new(&kinds::BUSY, "More is asked than can be done just now; try again shortly.")
                .with_remedy("retry", None),
            Failure::Stopping => Problem::new(&kinds::STOPPING, "The server is shutting down; nothing was changed."),
            Failure::Unavailable(reason) => {
                tell_unavailable(&reason);
                Problem::new(&kinds::STORAGE_UNAVAILABLE, "The storage cannot be used just now; nothing was changed.")
                    .with_remedy("retry", None)
            }
            Failure::Uncertain(reason) => {
                tell_unavailable(&reason);
                let detail = "The storage cannot be used just now; whether this was done is not known. With the same \
                              Idempotency-Key it may be sent again.";
                Problem::new(&kinds::STORAGE_UNAVAILABLE, detail).with_remedy("retry", None)
            }
            Failure::Fault(reason) => {
                tracing::error!(%reason, "a request failed");
                Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed.")
            }
        }
    }
}

/// Tells it once a second: while the disk is full every request fails for the same reason.
fn tell_unavailable(reason: &str) {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| last.elapsed() >= Duration::from_secs(1)) {
        *last = Some(Instant::now());
        tracing::error!(%reason, "the storage is unavailable");
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Problem {
        Failure::from(error).into()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        match refusal {
            Refusal::CartNotFound | Refusal::CartExpired | Refusal::CartRemoved => of_cart(&refusal),
            Refusal::CartClosed { .. } => of_cart(&refusal),
            Refusal::LineNotFound | Refusal::VersionMismatch { .. } => of_cart(&refusal),
            Refusal::SavedItemNotFound | Refusal::TooManySaved { .. } => of_cart(&refusal),
            Refusal::NotAGuestCart | Refusal::NothingToUndo => of_cart(&refusal),
            Refusal::CartEmpty | Refusal::TooManyLines { .. } | Refusal::TooManyCoupons { .. } => of_cart(&refusal),
            Refusal::OptionsTooLarge { index, bytes, limit } => options_too_large(index, bytes, limit),
            Refusal::CartTooHeavy { bytes, limit } => cart_too_heavy(bytes, limit),
            Refusal::NotForSale(items) => not_for_sale(items),
            Refusal::InsufficientStock(shortages) => insufficient_stock(shortages),
            Refusal::PayAtOnce(units) => pay_at_once(units),
            Refusal::PriceChanged(changed) => price::changed(&changed),
            Refusal::TotalRequired { total, currency } => price::total_required(total, currency),
            Refusal::QuantityOutOfRange { index, line_id, requested, limit } => {
                quantity_out_of_range(index, line_id, requested, limit)
            }
            Refusal::DetailsMissing(missing) => super::several::details_missing(missing),
            Refusal::Several(refusals) => super::several::several(refusals),
            Refusal::Invalid(errors) => definition_refused(errors),
            Refusal::PaymentTooLarge { .. } | Refusal::NotManual { .. } | Refusal::RefundNotPending => {
                of_money(refusal)
            }
            Refusal::PaymentMethodUnknown { .. } | Refusal::PaymentInProgress { .. } => of_money(refusal),
            other => of_rest(other),
        }
    }
}

fn of_cart(refusal: &Refusal) -> Problem {
    match refusal {
        Refusal::CartExpired => {
            Problem::new(&kinds::CART_EXPIRED, "The cart's date has passed.").with_remedy("new_cart", None)
        }
        Refusal::CartRemoved => {
            Problem::new(&kinds::CART_REMOVED, "The cart was removed.").with_remedy("new_cart", None)
        }
        Refusal::VersionMismatch { version } => {
            let detail = format!("The cart is at version {version}, not at the one in If-Match.");
            Problem::new(&kinds::VERSION_MISMATCH, detail).with_remedy("read_again", None)
        }
        Refusal::CartClosed { status, order_id } => {
            let problem = Problem::new(&kinds::CART_CLOSED, format!("The cart is {}.", status.replace('_', " ")));
            match order_id {
                Some(id) => problem.with_remedy("read_order", Some(json!({ "order_id": id.0 }))),
                None => problem.with_remedy("new_cart", None),
            }
        }
        Refusal::LineNotFound => Problem::new(&kinds::LINE_NOT_FOUND, "There is no such line."),
        Refusal::SavedItemNotFound => {
            Problem::new(&kinds::SAVED_ITEM_NOT_FOUND, "The cart has no such item saved for later.")
        }
        Refusal::TooManySaved { limit } => {
            Problem::new(&kinds::TOO_MANY_SAVED, format!("At most {limit} items are saved for later with a cart."))
        }
        Refusal::NotAGuestCart => {
            Problem::new(&kinds::NOT_A_GUEST_CART, "The cart is a customer's; only a guest's goes into another.")
        }
        Refusal::NothingToUndo => {
            let detail = "There is nothing to take back: the cart was changed since, or too much time has passed.";
            Problem::new(&kinds::NOTHING_TO_UNDO, detail)
        }
        Refusal::CartEmpty => Problem::new(&kinds::CART_EMPTY, "There is nothing in the cart to check out."),
        Refusal::TooManyLines { limit } => {
            Problem::new(&kinds::TOO_MANY_LINES, format!("A cart has at most {limit} lines."))
        }
        Refusal::TooManyCoupons { limit, code } => {
            let with = code.as_ref().map(|code| json!({ "code": code }));
            Problem::new(&kinds::TOO_MANY_COUPONS, format!("A cart has at most {limit} codes."))
                .with_remedy("remove_coupon", with)
        }
        _ => Problem::new(&kinds::CART_NOT_FOUND, "There is no such cart, or it does not open with this Cart-Token."),
    }
}

/// What is there and what may be, for whoever is to shorten it.
fn sizes(bytes: usize, limit: usize) -> Option<serde_json::Value> {
    Some(json!({ "bytes": bytes, "limit_bytes": limit }))
}

fn options_too_large(index: usize, bytes: usize, limit: usize) -> Problem {
    let detail = format!("The options of a line may have {limit} bytes, names and values together, not {bytes}.");
    Problem::new(&kinds::OPTIONS_TOO_LARGE, detail.clone())
        .with_errors(vec![field_error(format!("lines[{index}].options"), detail)])
        .with_remedy("shorten", sizes(bytes, limit))
}

fn cart_too_heavy(bytes: usize, limit: usize) -> Problem {
    let detail =
        format!("The texts of a cart (options, saved items, addresses, codes) may have {limit} bytes, not {bytes}.");
    Problem::new(&kinds::CART_TOO_HEAVY, detail).with_remedy("remove_lines", sizes(bytes, limit))
}

/// Ways to pay, and money that operators record.
fn of_money(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::PaymentTooLarge { recorded, missing, currency } => {
            let (due, came) = (money::format(missing, currency), money::format(recorded, currency));
            let detail = format!("{due} is still to be paid, not {came}; send back what came beyond.");
            Problem::new(&kinds::PAYMENT_TOO_LARGE, detail)
                .with_remedy("reduce_amount", Some(json!({ "amount": missing })))
        }
        Refusal::NotManual { gateway } => Problem::new(
            &kinds::NOT_MANUAL,
            format!("The gateway {gateway:?} takes the order's money and sends it back."),
        ),
        Refusal::PaymentMethodUnknown { method } => {
            Problem::new(&kinds::PAYMENT_METHOD_UNKNOWN, format!("{method:?} is not known here."))
                .with_errors(vec![field_error("payment.method", format!("{method:?} is not known here."))])
                .with_remedy("new_payment_method", None)
        }
        Refusal::PaymentInProgress { order_id } => {
            let detail = "The cart's order has a payment that is under way or in part there; nothing else is charged before \
                          that has an outcome.";
            Problem::new(&kinds::PAYMENT_IN_PROGRESS, detail)
                .with_remedy("retry", Some(json!({ "order_id": order_id.0 })))
        }
        _ => Problem::new(&kinds::REFUND_NOT_PENDING, "The order has no such refund that waits to be sent."),
    }
}

fn of_rest(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::CouponInvalid { code } => {
            Problem::new(&kinds::COUPON_INVALID, format!("The code {code:?} does not exist or cannot be used now."))
                .with_remedy("remove_coupon", None)
        }
        Refusal::CodesRefused(codes) => super::codes::codes_refused(codes),
        Refusal::AmountTooLarge => {
            Problem::new(&kinds::AMOUNT_TOO_LARGE, format!("A cart is worth at most {MOST_AMOUNT} minor units."))
        }
        Refusal::ShippingMethodUnknown { method } => {
            let detail = format!("The shipping method {method:?} does not exist, or does not carry this cart.");
            Problem::new(&kinds::SHIPPING_METHOD_UNKNOWN, detail).with_remedy("choose_shipping_method", None)
        }
        Refusal::ShippingRequired => {
            Problem::new(&kinds::SHIPPING_REQUIRED, "The store needs a shipping address and a shipping method first.")
                .with_remedy("choose_shipping_method", None)
        }
        Refusal::CurrencyUnknown { currency, offered } => currency_unknown(&currency, &offered),
        Refusal::IdempotencyKeyReused => {
            Problem::new(&kinds::IDEMPOTENCY_KEY_REUSED, "This key came before with another request; use a new one.")
        }
        Refusal::OrderNotFound => {
            Problem::new(&kinds::ORDER_NOT_FOUND, "There is no such order, or it does not open with this Cart-Token.")
        }
        Refusal::OrderNotCancellable { status } => {
            Problem::new(&kinds::ORDER_NOT_CANCELLABLE, format!("The order is {}.", status.replace('_', " ")))
        }
        Refusal::OrderSent
        | Refusal::OrderNotFulfillable { .. }
        | Refusal::NotLeftToFulfil(_)
        | Refusal::FulfilmentNotFound
        | Refusal::FulfilmentClosed { .. }
        | Refusal::TooManyEntries { .. } => of_fulfilment(refusal),
        Refusal::NothingToConfirm => {
            Problem::new(&kinds::NOTHING_TO_CONFIRM, "The payment does not wait for the shopper.")
        }
        Refusal::RefundRefused(error) => refund_refused(&error),
        Refusal::TooManyRefunds { limit } => {
            Problem::new(&kinds::TOO_MANY_REFUNDS, format!("An order has at most {limit} refunds."))
        }
        Refusal::NotCapturable { status } => {
            Problem::new(&kinds::NOT_CAPTURABLE, format!("The payment is {}.", status.replace('_', " ")))
        }
        Refusal::CaptureTooLarge { requested, authorized, currency } => {
            let (aside, asked) = (money::format(authorized, currency), money::format(requested, currency));
            let detail = format!("{aside} is set aside, {asked} was asked for.");
            Problem::new(&kinds::CAPTURE_TOO_LARGE, detail)
                .with_remedy("reduce_amount", Some(json!({ "amount": authorized })))
        }
        Refusal::CredentialsWrong => {
            Problem::new(&kinds::CREDENTIALS_WRONG, "Address and password do not go together.")
        }
        Refusal::LogInFirst => {
            let detail = "This is the cart of a customer: log in to go on with it.";
            Problem::new(&kinds::SESSION_REQUIRED, detail).with_remedy("log_in", None)
        }
        Refusal::DetailsHidden(fields) => details_hidden(&fields),
        Refusal::TokenInvalid => Problem::new(&kinds::TOKEN_INVALID, "The link is unknown, was used, or is too old."),
        Refusal::OperatorNotFound => Problem::new(&kinds::OPERATOR_NOT_FOUND, "Nobody of this address has a role."),
        Refusal::KeyNotFound => Problem::new(&kinds::KEY_NOT_FOUND, "This store has no such key."),
        Refusal::ProductNotFound => Problem::new(&kinds::PRODUCT_NOT_FOUND, "There is no such product."),
        Refusal::SkuUnknown { sku } => variant_unknown(&sku),
        Refusal::StockOutOfRange { sku, on_hand, reserved } => stock_out_of_range(sku, on_hand, reserved),
        Refusal::PromotionNotFound => Problem::new(&kinds::PROMOTION_NOT_FOUND, "There is no such promotion."),
        Refusal::WebhookNotFound => Problem::new(&kinds::WEBHOOK_NOT_FOUND, "There is no such receiver of events."),
        Refusal::StoreNotFound => Problem::new(&kinds::STORE_NOT_FOUND, "There is no such store."),
        Refusal::Conflict { detail } => Problem::new(&kinds::CONFLICT, detail),
        // Turned into problems before it came here.
        _ => Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed."),
    }
}

fn refund_refused(error: &RefundError) -> Problem {
    match error {
        RefundError::UnknownLine(line) => {
            Problem::new(&kinds::LINE_NOT_FOUND, format!("The order has no line {line}."))
        }
        RefundError::Quantity { line_id, requested, left } => {
            let detail = format!("{left} units of the line are left to be refunded, {requested} were asked for.");
            let entry = ProblemItem {
                code: "refund_too_large".to_owned(),
                detail: detail.clone(),
                line_id: Some(line_id.to_string()),
                requested: Some(*requested),
                available: Some(*left),
                ..item()
            };
            Problem::new(&kinds::REFUND_TOO_LARGE, detail).with_errors(vec![entry])
        }
        RefundError::Amount { requested, left, currency } => {
            let (rest, asked) = (money::format(*left, *currency), money::format(*requested, *currency));
            let detail = format!("{rest} is left to be refunded, {asked} was asked for.");
            Problem::new(&kinds::REFUND_TOO_LARGE, detail).with_remedy("reduce_amount", Some(json!({ "amount": left })))
        }
        RefundError::Nothing => Problem::new(
            &kinds::NOTHING_TO_REFUND,
            "Nothing was captured, the order still waits for its money, or nothing is asked for.",
        ),
    }
}

fn of_fulfilment(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::OrderSent => {
            let detail = "Goods of the order are on their way or have arrived; cancel these fulfilments first, or take the \
                          goods back.";
            Problem::new(&kinds::ORDER_SENT, detail)
        }
        Refusal::OrderNotFulfillable { status } => {
            Problem::new(&kinds::ORDER_NOT_FULFILLABLE, format!("The order is {}.", status.replace('_', " ")))
        }
        Refusal::NotLeftToFulfil(lines) => not_left_to_fulfil(lines),
        Refusal::FulfilmentClosed { status } => {
            Problem::new(&kinds::FULFILMENT_CLOSED, format!("The fulfilment is {status}."))
        }
        Refusal::TooManyEntries { what, limit } => {
            Problem::new(&kinds::TOO_MANY_ENTRIES, format!("An order keeps at most {limit} {what}."))
        }
        _ => Problem::new(&kinds::FULFILMENT_NOT_FOUND, "The order has no such fulfilment."),
    }
}

fn not_left_to_fulfil(lines: Vec<Shortage>) -> Problem {
    let errors = lines.into_iter().map(|line| ProblemItem {
        code: "not_left_to_fulfil".to_owned(),
        detail: format!("Of {:?} {} are left to send, not {}.", line.sku, line.available.unwrap_or(0), line.requested),
        line_id: line.line_id.map(|id| id.to_string()),
        sku: Some(line.sku),
        requested: Some(line.requested),
        available: line.available,
        ..item()
    });
    let errors: Vec<ProblemItem> = errors.collect();
    let detail = match errors.as_slice() {
        [] => "Nothing of the order is left to send.".to_owned(),
        [one] => one.detail.clone(),
        many => format!("Of {} lines more is to be sent than is left.", many.len()),
    };
    Problem::new(&kinds::NOT_LEFT_TO_FULFIL, detail).with_errors(errors).with_remedy("read_again", None)
}

/// A SKU that no variant has.
pub(super) fn variant_unknown(sku: &str) -> Problem {
    let detail = format!("There is no variant with the SKU {sku:?}.");
    let (code, sku) = ("variant_unknown".to_owned(), Some(cut(sku).into_owned()));
    let item = ProblemItem { code, detail: detail.clone(), sku, ..item() };
    Problem::new(&kinds::VARIANT_UNKNOWN, detail).with_errors(vec![item])
}

pub(super) fn remedy(action: &str, with: Option<Value>) -> Remedy {
    Remedy { action: action.to_owned(), with }
}

pub(super) fn item() -> ProblemItem {
    ProblemItem::default()
}

/// A currency that the store does not offer, with those that it does.
fn currency_unknown(asked: &str, offered: &[Currency]) -> Problem {
    let codes: Vec<&str> = offered.iter().map(|currency| currency.code()).collect();
    let detail = format!("{asked:?} is not a currency of this store; it sells in {}.", codes.join(", "));
    Problem::new(&kinds::CURRENCY_UNKNOWN, detail.clone())
        .with_errors(vec![field_error("currency", detail)])
        .with_remedy("choose_currency", Some(json!({ "currencies": codes })))
}

/// What no schema tells: parts that do not go together, codes that belong to another promotion.
fn definition_refused(errors: Vec<FieldError>) -> Problem {
    let detail = match errors.as_slice() {
        [one] => format!("{}: {}.", one.field, one.reason),
        many => format!("{} fields cannot be used as they are.", many.len()),
    };
    let errors = errors.into_iter().map(|error| field_error(error.field, error.reason)).collect();
    Problem::new(&kinds::DEFINITION_REFUSED, detail).with_errors(errors)
}

fn not_for_sale(items: Vec<NotForSale>) -> Problem {
    let unknown = items.iter().any(|item| !item.exists);
    let errors = items.into_iter().map(|refused| {
        let (code, detail) = match refused.exists {
            true => {
                ("not_for_sale", format!("{:?} is not for sale, or has no price in the cart's currency.", refused.item))
            }
            false => ("variant_unknown", format!("There is no variant {:?}.", refused.item)),
        };
        let field = Some(format!("lines[{}]", refused.index));
        let line_id = refused.line_id.map(|id| id.to_string());
        let sku = if refused.exists { refused.item } else { cut(&refused.item).into_owned() };
        ProblemItem { code: code.to_owned(), detail, field, line_id, sku: Some(sku), ..item() }
    });
    let errors: Vec<ProblemItem> = errors.collect();
    let detail = errors.first().map_or_else(String::new, |error| error.detail.clone());
    let kind = if unknown { &kinds::VARIANT_UNKNOWN } else { &kinds::NOT_FOR_SALE };
    Problem::new(kind, detail).with_errors(errors).with_remedy("remove_lines", None)
}

fn insufficient_stock(shortages: Vec<Shortage>) -> Problem {
    let quantity = match shortages.as_slice() {
        [one] => one.available.map(|available| json!({ "quantity": available.max(0) })),
        _ => None,
    };
    let errors = shortages.into_iter().map(|shortage| {
        let Shortage { line_id, sku, requested, available } = shortage;
        let available = available.map(|available| available.max(0));
        let detail = match available {
            Some(available) => format!("Only {available} of {sku:?} are available; the cart would have {requested}."),
            None => format!("Fewer than {requested} of {sku:?} are available."),
        };
        ProblemItem {
            code: "insufficient_stock".to_owned(),
            detail,
            remedy: available.map(|available| remedy("reduce_quantity", Some(json!({ "quantity": available })))),
            line_id: line_id.map(|id| id.to_string()),
            sku: Some(sku),
            requested: Some(requested),
            available,
            ..item()
        }
    });
    let errors: Vec<ProblemItem> = errors.collect();
    let detail = match errors.as_slice() {
        [one] => one.detail.clone(),
        many => format!("{} lines ask for more than is available.", many.len()),
    };
    Problem::new(&kinds::INSUFFICIENT_STOCK, detail).with_errors(errors).with_remedy("reduce_quantity", quantity)
}

/// Goods that are nearly gone: how many units of each may be held until a payment that takes its time.
fn pay_at_once(units: Vec<Shortage>) -> Problem {
    let held = match units.as_slice() {
        [one] => one.available,
        _ => None,
    };
    let errors: Vec<ProblemItem> = units
        .into_iter()
        .map(|Shortage { sku, requested, available, .. }| ProblemItem {
            code: "pay_at_once".to_owned(),
            detail: format!(
                "Of {sku:?} {} units can be held until a payment later, not {requested}.",
                available.unwrap_or(0)
            ),
            sku: Some(sku),
            requested: Some(requested),
            available,
            ..item()
        })
        .collect();
    let detail = "The goods are nearly gone, and so many cannot be held until a payment later. Order fewer, log in, or pay \
                  in a way that pays at once, unless that was tried too often without being paid.";
    Problem::new(&kinds::PAY_AT_ONCE, detail)
        .with_errors(errors)
        .with_remedy("new_payment_method", held.map(|units| json!({ "quantity": units })))
}

fn quantity_out_of_range(index: usize, line_id: Option<LineId>, requested: i64, limit: i64) -> Problem {
    let detail = format!("A line has 1 to {limit} units; this one would have {requested}.");
    let field = Some(format!("lines[{index}].quantity"));
    let entry = ProblemItem {
        code: "quantity_out_of_range".to_owned(),
        detail: detail.clone(),
        field,
        line_id: line_id.map(|id| id.to_string()),
        requested: Some(requested),
        ..item()
    };
    Problem::new(&kinds::QUANTITY_OUT_OF_RANGE, detail)
        .with_errors(vec![entry])
        .with_remedy("reduce_quantity", Some(json!({ "quantity": limit })))
}

fn stock_out_of_range(sku: String, on_hand: i64, reserved: i64) -> Problem {
    let detail =
        format!("{sku:?} has {on_hand} on hand, {reserved} of them reserved; the change would leave that range.");
    let entry = ProblemItem { code: "stock_out_of_range".to_owned(), detail: detail.clone(), sku: Some(sku), ..item() };
    Problem::new(&kinds::STOCK_OUT_OF_RANGE, detail).with_errors(vec![entry])
}

/// What a device that came by a link has to tell before it buys.
fn details_hidden(fields: &[Personal]) -> Problem {
    let detail = "This device came by a link of a mail. Type e-mail and addresses on it, or log in, then check out.";
    let error = |field: &Personal| field_error(field.as_str(), "must be typed on this device");
    let names: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
    Problem::new(&kinds::DETAILS_REQUIRED, detail)
        .with_errors(fields.iter().map(error).collect())
        .with_remedy("give_details", Some(json!({ "fields": names })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_shortage_names_the_line_and_what_is_left() {
        let line_id = Some(LineId(Uuid::nil()));
        let shortage = Shortage { line_id, sku: "PEN".to_owned(), requested: 5, available: Some(3) };
        let body = Problem::from(Refusal::InsufficientStock(vec![shortage])).into_body();
        assert_eq!((body.status, body.code.as_str()), (409, "insufficient_stock"));
        assert_eq!((body.errors[0].requested, body.errors[0].available), (Some(5), Some(3)));
        let remedy = body.remedy.expect("a remedy");
        assert_eq!((remedy.action.as_str(), remedy.with), ("reduce_quantity", Some(json!({ "quantity": 3 }))));
    }

    #[test]
    fn a_fault_tells_the_client_nothing_about_its_cause() {
        let body = Problem::from(Failure::Fault("table carts is gone".to_owned())).into_body();
        assert_eq!((body.status, body.code.as_str()), (500, "internal"));
        assert!(!body.detail.contains("table"));
    }
}
