//! Carts: captured prices, today's differences as notices, stock as availability. The body is written once per view and kept
//! with it; a secret is never in the kept body.

use super::codes::coupons_of;
use super::saved::{saved_of, undo_of};
use super::{MoneyForm, rfc3339, write};
use crate::locale::Locale;
use bytes::Bytes;
use cartwright_domain::cart::{Cart, CartLine, CartStatus};
use cartwright_domain::id::Timestamp;
use cartwright_domain::order::Address;
use cartwright_domain::pricing::{AppliedDiscount, LineQuote, Quote, Totals};
use cartwright_domain::store::StockShown;
use cartwright_engine::{CartView, LineView};
use cartwright_wire as wire;
use std::collections::HashMap;

/// The body of a cart's answer; written the first time it is asked for.
pub(crate) fn cart_body(view: &CartView) -> Bytes {
    view.body.get_or_init(|| write(&cart_of(view, None, &form_of(view, None)))).clone()
}

/// How a cart's amounts are written: in a locale that was asked for, or in the store's own.
pub(crate) fn form_of(view: &CartView, locale: Option<Locale>) -> MoneyForm {
    let locale = locale.or_else(|| Locale::of_store(&view.config));
    MoneyForm::new(view.cart.currency, locale.as_ref())
}

/// The strong tag of a cart's body: the version, a mark that differs where prices or stock make another view, and the locale
/// where it is not the store's own.
pub(crate) fn tag_of(view: &CartView, locale: Option<&Locale>) -> String {
    // FNV-1a over what a view is made of besides the cart; over what it shows, where other nodes show it too.
    let mut mark = 0xcbf2_9ce4_8422_2325_u64;
    let mut mix = |number: i64| mark = (mark ^ number as u64).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
    if view.shared {
        let body = cart_body(view);
        let (words, rest) = body.as_chunks::<8>();
        words.iter().for_each(|word| mix(i64::from_le_bytes(*word)));
        rest.iter().for_each(|byte| mix(i64::from(*byte)));
    } else {
        mix(view.made_at.0);
        mix(view.quote.totals.total);
        for line in view.lines.iter().chain(&view.saved) {
            match line {
                Some(line) => {
                    mix(line.variant.price);
                    mix(line.stock.available());
                }
                None => mix(-1),
            }
        }
    }
    match locale {
        None => format!("\"{}-{mark:x}\"", view.cart.version),
        Some(locale) => format!("\"{}-{mark:x}-{}\"", view.cart.version, locale.as_icu()),
    }
}

/// A cart as the wire shows it.
pub(crate) fn cart_of(view: &CartView, token: Option<String>, form: &MoneyForm) -> wire::Cart {
    let CartView { cart, quote, .. } = view;
    let detail = &cart.detail;
    wire::Cart {
        id: cart.id.0,
        token,
        csrf_token: None,
        version: cart.version,
        status: cart.status.as_str().to_owned(),
        currency: cart.currency.code().to_owned(),
        customer: cart.customer.clone(),
        email: detail.email.clone(),
        email_consent: detail.email_consent,
        shipping_address: detail.shipping_address.as_ref().map(address_of),
        billing_address: detail.billing_address.as_ref().map(address_of),
        shipping_method: detail.shipping_method.clone(),
        lines: lines_of(view, form),
        saved: saved_of(view, form),
        coupons: coupons_of(view, form),
        discounts: discounts_of(quote, form),
        taxes: taxes_of(quote, form),
        totals: totals_of(&quote.totals, form),
        explanations: None,
        shipping_fee: None,
        missing_for_free_shipping: None,
        rounding: None,
        last_payment_failure: detail
            .last_payment_failure
            .as_ref()
            .map(|failure| wire::PaymentFailure { reason: failure.reason.clone(), at: rfc3339(failure.at) }),
        undo: undo_of(view),
        merged_into: detail.merged_into.map(|id| id.0),
        order_id: cart.order_id.map(|id| id.0),
        expires_at: rfc3339(cart.expires_at),
        created_at: rfc3339(cart.created_at),
        updated_at: rfc3339(cart.updated_at),
    }
}

/// The sums of a cart or order.
pub(crate) fn totals_of(totals: &Totals, form: &MoneyForm) -> wire::Totals {
    wire::Totals {
        subtotal: form.money(totals.subtotal),
        discount: form.money(totals.discount),
        shipping: form.money(totals.shipping),
        tax: form.money(totals.tax),
        total: form.money(totals.total),
    }
}

/// A postal address.
pub(super) fn address_of(address: &Address) -> wire::Address {
    let Address { name, line1, line2, city, region, postcode, country, phone } = address.clone();
    wire::Address { name, line1, line2, city, region, postcode, country, phone }
}

fn discounts_of(quote: &Quote, form: &MoneyForm) -> Vec<wire::Discount> {
    let discounts = quote.discounts.iter().map(|discount| wire::Discount {
        promotion_id: discount.promotion_id.0,
        name: discount.name.clone(),
        amount: form.money(discount.amount + discount.shipping_amount),
    });
    discounts.collect()
}

fn taxes_of(quote: &Quote, form: &MoneyForm) -> Vec<wire::Tax> {
    let taxes = quote.taxes.iter().map(|tax| wire::Tax {
        name: tax.name.clone(),
        percent: tax.percent.to_string(),
        amount: form.money(tax.amount),
        included: tax.included,
    });
    taxes.collect()
}

fn lines_of(view: &CartView, form: &MoneyForm) -> Vec<wire::CartLine> {
    // The quote has the lines in the cart's order, without those whose variant is gone.
    let mut quotes = view.quote.lines.iter().peekable();
    let shared = units_of_shared_variants(&view.cart);
    let holds = view.cart.holds_by_line(view.made_at);
    let lines = view.cart.lines.iter().zip(&view.lines).zip(holds).enumerate().map(|(place, ((line, goods), held))| {
        let quoted = quotes.next_if(|quoted| quoted.line_id == line.id);
        let units = shared.get(&line.variant_id).copied().unwrap_or(line.quantity);
        let in_other_carts = view.in_other_carts.as_ref().and_then(|others| others.get(place)).copied();
        let shown = line_of(view, line, goods.as_ref(), quoted, LineStock { units, held }, form);
        wire::CartLine { in_other_carts, ..shown }
    });
    lines.collect()
}

/// Units of the variants that stand on several lines: they share the stock.
fn units_of_shared_variants(cart: &Cart) -> HashMap<cartwright_domain::id::VariantId, i64> {
    let mut units = HashMap::new();
    if cart.lines.iter().any(|line| !line.options.is_empty()) {
        for line in &cart.lines {
            *units.entry(line.variant_id).or_insert(0) += line.quantity;
        }
    }
    units
}

/// How a line stands to the stock.
struct LineStock {
    /// Units of its variant in the whole cart.
    units: i64,
    /// Units of the line that are held, and until when.
    held: Option<(i64, Timestamp)>,
}

fn line_of(
    view: &CartView,
    line: &CartLine,
    goods: Option<&LineView>,
    quoted: Option<&LineQuote>,
    stock: LineStock,
    form: &MoneyForm,
) -> wire::CartLine {
    let currency = view.cart.currency;
    let subtotal = quoted.map_or(0, |quoted| quoted.subtotal);
    let discount = quoted.map_or(0, |quoted| quoted.discount);
    let today = goods.and_then(|goods| goods.variant.price_in(currency, view.config.store.currency));
    let availability = match view.cart.status {
        // What an order of this cart holds or has bought is there for it.
        CartStatus::CheckedOut => wire::Availability { status: "available".to_owned(), available: None },
        _ => {
            let held = view.cart.held(line.variant_id);
            availability_of(goods, today, stock.units, held, view.config.store.settings.stock_shown)
        }
    };
    let held_quantity = stock.held.map_or(0, |(units, _)| units);
    let holds = goods.is_some_and(|goods| {
        goods.variant.track_stock && goods.variant.hold_policy_in(&view.config.store.settings).is_at_add()
    });
    let held = goods
        .and_then(|goods| goods.variant.price_held_until(line.priced_at, &view.config.store.settings))
        .filter(|until| view.made_at < *until);
    // What was captured and today's price are those at the store's home.
    let here = |price: i64| quoted.map_or(price, |quoted| quoted.price_here(price));
    let mut notices = notices_of(here(line.unit_price), today.map(here), held, &availability, form);
    notices.extend(held.zip(quoted).into_iter().flat_map(|(until, quoted)| kept_offers(view, quoted, until)));
    if let Some(seen) = line.saved_at_price {
        let (old, new) = (form.money(here(seen)), form.money(here(line.unit_price)));
        let detail = format!("The price was {} when this was saved for later; it is {}.", old.formatted, new.formatted);
        let code = "price_changed_since_saved".to_owned();
        notices.push(wire::Notice { code, detail, old: Some(old), new: Some(new) });
    }
    if holds && view.cart.is_open() && held_quantity < line.quantity {
        notices.push(not_held(line.quantity, held_quantity));
    }
    if view.not_shipped.contains(&line.id) {
        notices.push(plain("cannot_be_shipped", "This cannot be sent to the shipping address.".to_owned()));
    }
    wire::CartLine {
        id: line.id.0,
        variant_id: line.variant_id.0,
        sku: goods.map(|goods| goods.variant.sku.clone()).unwrap_or_default(),
        name: goods.map(|goods| goods.variant.name()).unwrap_or_default(),
        quantity: line.quantity,
        unit_price: form.money(here(line.unit_price)),
        price_held_until: held.map(rfc3339),
        held_until: stock.held.map(|(_, until)| rfc3339(until)),
        held_quantity: (holds || held_quantity > 0).then_some(held_quantity),
        subtotal: form.money(subtotal),
        discount: form.money(discount),
        total: form.money(subtotal - discount),
        options: line.options.clone(),
        notices,
        availability,
        in_other_carts: None,
    }
}

/// Offers that stay with a line whose price holds, although they are over or have become others.
fn kept_offers(view: &CartView, quoted: &LineQuote, until: Timestamp) -> Vec<wire::Notice> {
    let given = |id| quoted.adjustments.iter().any(|adjustment| adjustment.promotion_id == id);
    let kept = view.quote.discounts.iter().filter(|discount| discount.kept_until.is_some());
    let notice = |discount: &AppliedDiscount| {
        let current = view.config.promotion(discount.promotion_id);
        let what = match current
            .is_some_and(|current| current.is_in_force(view.made_at, &view.config.store.settings.time_zone))
        {
            true => "has changed",
            false => "has ended",
        };
        let (name, until) = (&discount.name, rfc3339(until));
        plain("offer_kept", format!("The offer {name:?} {what}; your price is kept until {until}."))
    };
    kept.filter(|discount| given(discount.promotion_id)).map(notice).collect()
}

/// That goods are there now, but not held for this shopper.
fn not_held(units: i64, held: i64) -> wire::Notice {
    let detail = match held {
        0 => "This is not held for you: whoever checks out first gets it.".to_owned(),
        held => format!("Of these {units} only {held} are held for you."),
    };
    plain("not_held", detail)
}

/// Whether goods can be bought as they stand in a cart, for which so many units are held.
pub(crate) fn availability_of(
    goods: Option<&LineView>,
    today: Option<i64>,
    units: i64,
    held: i64,
    shown: StockShown,
) -> wire::Availability {
    let state = |status: &str, available| wire::Availability { status: status.to_owned(), available };
    let Some(goods) = goods.filter(|goods| goods.variant.active && today.is_some()) else {
        return state("unavailable", None);
    };
    if !goods.variant.track_stock {
        return state("available", None);
    }
    let available = goods.stock.available() + held;
    let status = match available {
        enough if enough >= units => "available",
        some if some > 0 => "insufficient",
        _ => "unavailable",
    };
    state(status, shown.number(available))
}

/// A notice without prices.
pub(super) fn plain(code: &str, detail: String) -> wire::Notice {
    wire::Notice { code: code.to_owned(), detail, old: None, new: None }
}

pub(super) fn notices_of(
    captured: i64,
    today: Option<i64>,
    held: Option<Timestamp>,
    availability: &wire::Availability,
    form: &MoneyForm,
) -> Vec<wire::Notice> {
    let mut notices = Vec::new();
    if let Some(today) = today.filter(|today| *today != captured) {
        let (old, new) = (form.money(captured), form.money(today));
        let (code, detail) = match held {
            Some(until) if today > captured => {
                let until = rfc3339(until);
                ("price_held", format!("The price rose to {}; {} holds until {until}.", new.formatted, old.formatted))
            }
            _ if today > captured => {
                ("price_rose", format!("The price rose from {} to {}.", old.formatted, new.formatted))
            }
            _ => ("price_fell", format!("The price fell from {} to {}.", old.formatted, new.formatted)),
        };
        notices.push(wire::Notice { code: code.to_owned(), detail, old: Some(old), new: Some(new) });
    }
    let stock = match availability.status.as_str() {
        "insufficient" => {
            let detail = match availability.available {
                Some(left) => format!("Only {left} are available."),
                None => "Fewer than these are available.".to_owned(),
            };
            Some(("insufficient_stock", detail))
        }
        "unavailable" => Some(("unavailable", "This cannot be bought at the moment.".to_owned())),
        _ => None,
    };
    notices.extend(stock.map(|(code, detail)| plain(code, detail)));
    notices
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_domain::money::Currency;

    fn euros() -> MoneyForm {
        MoneyForm::new(Currency::EUR, None)
    }

    fn available() -> wire::Availability {
        wire::Availability { status: "available".to_owned(), available: Some(5) }
    }

    #[test]
    fn a_price_that_moved_is_told_with_both_prices() {
        let rose = notices_of(500, Some(600), None, &available(), &euros());
        assert_eq!(rose[0].code, "price_rose");
        assert_eq!(rose[0].detail, "The price rose from 5.00€ to 6.00€.");
        assert_eq!(notices_of(500, Some(400), None, &available(), &euros())[0].code, "price_fell");
        assert!(notices_of(500, Some(500), None, &available(), &euros()).is_empty());
    }

    #[test]
    fn a_line_whose_variant_is_gone_is_unavailable() {
        let gone = availability_of(None, None, 1, 0, StockShown::Exact {});
        assert_eq!((gone.status.as_str(), gone.available), ("unavailable", None));
        assert_eq!(notices_of(500, None, None, &gone, &euros())[0].code, "unavailable");
    }
}
