//! Checkout: one decision that re-prices the cart, compares with what the shopper was shown, takes stock and coupon uses, makes
//! the order with its payment attempt and closes the cart. All of it, or nothing.

use super::cart::need_variant;
use super::{Context, answered, coupons, customers, holds, manual, needs, remember, unpaid, uses};
use crate::cart::{Cart, CartLine, CartStatus};
use crate::catalogue::Variant;
use crate::command::{Access, CartRef, Idempotency, Reply};
use crate::difference::{LineNow, PriceChanged, Shown};
use crate::event::{EventKind, Subject};
use crate::id::{AttemptId, CartId, OrderId, Timestamp, VariantId};
use crate::money::MOST_AMOUNT;
use crate::order::{
    Order, OrderDetail, OrderDiscount, OrderLine, OrderStatus, OrderTax, Payment, PaymentStatus, Reservation,
};
use crate::pricing::Quote;
use crate::quoting::{QuoteContext, quote_cart};
use crate::refusal::{NotForSale, Refusal, Shortage};
use crate::stock::{Cause, Movement, Reference};
use crate::working_set::{Keys, WorkingSet};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How long a payment that was just asked for is left to the request that asked, before a worker takes it up.
pub const DIRECT_ANSWER_MS: i64 = 30_000;

pub(super) struct Request<'a> {
    pub named: &'a CartRef,
    pub expected_total: Option<i64>,
    pub gateway: &'a str,
    pub method: &'a str,
    pub beside_real: bool,
    pub network: Option<&'a str>,
    pub idempotency: &'a Idempotency,
}

pub(super) fn need(cart_id: CartId, set: &WorkingSet, keys: &mut Keys) {
    if !set.carts.knows(&cart_id) {
        keys.carts.insert(cart_id);
        return;
    }
    let Some(cart) = set.carts.get(&cart_id) else { return };
    if let Some(order_id) = cart.order_id {
        super::settle::need(order_id, set, keys);
    }
    for line in &cart.lines {
        need_variant(line.variant_id, set, keys);
    }
    holds::need_held(cart, set, keys);
    if cart.is_open() {
        let ids: BTreeSet<VariantId> = cart.lines.iter().map(|line| line.variant_id).collect();
        ids.into_iter().for_each(|id| holds::need_units(&[cart], id, cart.units_of(id), set, keys));
    }
    customers::need(cart, set, keys);
    coupons::need_codes(cart.detail.coupons.iter().map(|coupon| &coupon.code), set, keys);
    uses::need_counted(cart, set, keys);
}

pub(super) fn checkout(request: &Request<'_>, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    let named = request.named;
    let cart = set.carts.get(&named.id).filter(|cart| cart.is_opened_by(&named.access)).cloned();
    let cart = cart.ok_or(Refusal::CartNotFound)?;
    if let Some(row) = answered(request.idempotency, set)? {
        return existing_order(row.order_id, &named.access, set);
    }
    // Whoever sent the request may not have known the newest settings yet.
    if !set.config.store.settings.allows_gateway(request.gateway, request.beside_real) {
        return Err(Refusal::PaymentMethodUnknown { method: request.method.to_owned() });
    }
    let manual = manual::method_of(request.gateway, request.method, set)?;
    if cart.status == CartStatus::CheckedOut {
        return standing_order(&cart, request, set, context);
    }
    cart.is_there(context.now)?;
    if !cart.is_open() {
        return Err(Refusal::CartClosed { status: cart.status.as_str(), order_id: cart.order_id });
    }
    if named.if_version.as_ref().is_some_and(|versions| !versions.contains(&cart.version)) {
        return Err(Refusal::VersionMismatch { version: cart.version });
    }
    if cart.lines.is_empty() {
        return Err(Refusal::CartEmpty);
    }
    let (variants, quote) = inspect(&cart, request, manual.is_some(), set, context.now)?;
    // Past this point nothing can fail.
    let order = take(&cart, &variants, &quote, request, set, context);
    match manual.filter(|_| order.totals.total > 0) {
        Some(method) => manual::begin(order.id, method, set, context.now),
        None => return Ok(Reply::OrderCreated(order)),
    }
    Ok(Reply::OrderCreated(set.orders.get(&order.id).expect("just written").clone()))
}

/// The cart is an order already. The same way to pay answers that order. Another way replaces its attempt: the old one is voided
/// first, and only then does the cart make a new order.
fn standing_order(
    cart: &Cart,
    request: &Request<'_>,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let order = cart.order_id.and_then(|id| set.orders.get(&id)).cloned().ok_or(Refusal::OrderNotFound)?;
    let same_way = order.payment.gateway == request.gateway && order.payment.method == request.method;
    match order.status {
        OrderStatus::Cancelled => {
            return Err(Refusal::CartClosed { status: cart.status.as_str(), order_id: cart.order_id });
        }
        OrderStatus::PendingPayment if order.payment.status == PaymentStatus::VoidPending => {
            return Ok(Reply::OrderGivesWay(order));
        }
        OrderStatus::PendingPayment if !same_way => {}
        _ => return Ok(Reply::Order(order)),
    }
    if order.payment.captured > 0 {
        return Err(Refusal::PaymentInProgress { order_id: order.id });
    }
    let now = context.now;
    if order.detail.manual.is_some() {
        super::settle::replaced(order.id, set, now);
        super::settle::set_payment(order.id, PaymentStatus::Voided, None, set, now);
    } else {
        if let Some(order) = set.orders.edit(&order.id) {
            order.detail.replaced = true;
        }
        super::settle::set_payment(order.id, PaymentStatus::VoidPending, Some(now), set, now);
    }
    Ok(Reply::OrderGivesWay(set.orders.get(&order.id).expect("found above").clone()))
}

fn existing_order(order_id: Option<OrderId>, access: &Access, set: &WorkingSet) -> Result<Reply, Refusal> {
    let order = order_id.and_then(|id| set.orders.get(&id)).filter(|order| order.is_opened_by(access));
    order.cloned().map(Reply::Order).ok_or(Refusal::OrderNotFound)
}

/// The variants of all lines and the price, or all that speaks against buying the cart, of every kind.
fn inspect(
    cart: &Cart,
    request: &Request<'_>,
    waits: bool,
    set: &WorkingSet,
    now: Timestamp,
) -> Result<(Vec<Arc<Variant>>, Quote), Refusal> {
    let mut wrong = Wrong::default();
    let hidden = cart.hidden_from(&request.named.access);
    wrong.note(if hidden.is_empty() { Ok(()) } else { Err(Refusal::DetailsHidden(hidden)) });
    let told_so_far = wrong.0.len();
    let variants = wrong.note(variants_for_sale(cart, set));
    over_limit(cart, set).for_each(|refusal| wrong.0.push(refusal));
    wrong.note(check_stock(cart, set));
    let all_there = wrong.0.len() == told_so_far;
    if all_there {
        wrong.note(unpaid::check(cart, request.network, waits, set));
    }
    let quote = wrong.note(price_now(cart, set, now));
    wrong.note(needs::check(cart, quote.as_ref(), set));
    // What a cart costs of which lines have to go is of no use to anybody, nor the total to whom something else is to be told first.
    let asks_total = request.expected_total.is_some() || wrong.0.is_empty();
    if let (true, Some(quote)) = (all_there && asks_total, &quote) {
        wrong.note(check_total(cart, quote, request.expected_total, set, now));
    }
    match (variants, quote) {
        (Some(variants), Some(quote)) if wrong.0.is_empty() => Ok((variants, quote)),
        _ => Err(wrong.into_refusal()),
    }
}

/// What was found wrong, in the order of what is to be done about it first.
#[derive(Default)]
struct Wrong(Vec<Refusal>);

impl Wrong {
    fn note<T>(&mut self, found: Result<T, Refusal>) -> Option<T> {
        let note = |refusal| match refusal {
            Refusal::Several(several) => self.0.extend(several),
            one => self.0.push(one),
        };
        found.map_err(note).ok()
    }

    fn into_refusal(mut self) -> Refusal {
        match self.0.len() {
            1 => self.0.remove(0),
            _ => Refusal::Several(self.0),
        }
    }
}

/// The variant of each line, or a refusal that names every line whose variant is not for sale any more.
fn variants_for_sale(cart: &Cart, set: &WorkingSet) -> Result<Vec<Arc<Variant>>, Refusal> {
    let mut variants = Vec::with_capacity(cart.lines.len());
    let mut gone = Vec::new();
    for (index, line) in cart.lines.iter().enumerate() {
        let variant = set.variants.get(&line.variant_id);
        match variant.filter(|variant| is_for_sale(variant, cart, set)) {
            Some(variant) => variants.push(variant.clone()),
            None => {
                let item = variant.map_or_else(|| line.variant_id.to_string(), |variant| variant.sku.clone());
                gone.push(NotForSale { index, line_id: Some(line.id), item, exists: variant.is_some() });
            }
        }
    }
    if gone.is_empty() { Ok(variants) } else { Err(Refusal::NotForSale(gone)) }
}

fn is_for_sale(variant: &Variant, cart: &Cart, set: &WorkingSet) -> bool {
    variant.active && todays_price(variant, cart, set).is_some()
}

fn todays_price(variant: &Variant, cart: &Cart, set: &WorkingSet) -> Option<i64> {
    variant.price_in(cart.currency, set.config.store.currency)
}

/// The unit price that counts at checkout: today's, or the captured one while it holds and is not the higher of the two.
fn price_of(line: &CartLine, variant: &Variant, cart: &Cart, set: &WorkingSet, now: Timestamp) -> i64 {
    let today = todays_price(variant, cart, set).unwrap_or(line.unit_price);
    let held_until = variant.price_held_until(line.priced_at, &set.config.store.settings);
    if held_until.is_some_and(|until| now < until) { today.min(line.unit_price) } else { today }
}

/// Lines of more units of a variant than the store sells in one order.
fn over_limit(cart: &Cart, set: &WorkingSet) -> impl Iterator<Item = Refusal> {
    let limit = set.config.store.settings.most_units();
    cart.lines.iter().enumerate().filter_map(move |(index, line)| {
        let requested = cart.units_of(line.variant_id);
        let line_id = Some(line.id);
        (requested > limit).then_some(Refusal::QuantityOutOfRange { index, line_id, requested, limit })
    })
}

/// Too little stock for lines whose variants are for sale.
fn check_stock(cart: &Cart, set: &WorkingSet) -> Result<(), Refusal> {
    let mut shortages = Vec::new();
    for line in &cart.lines {
        let variant = set.variants.get(&line.variant_id).filter(|variant| is_for_sale(variant, cart, set));
        let Some(variant) = variant.filter(|variant| variant.track_stock) else { continue };
        let requested = cart.units_of(line.variant_id);
        let available = holds::available_to(cart, line.variant_id, set);
        if requested > available {
            let available = set.config.store.settings.stock_shown.number(available);
            shortages.push(Shortage { line_id: Some(line.id), sku: variant.sku.clone(), requested, available });
        }
    }
    if shortages.is_empty() { Ok(()) } else { Err(Refusal::InsufficientStock(shortages)) }
}

/// Prices the cart at today's prices.
fn price_now(cart: &Cart, set: &WorkingSet, now: Timestamp) -> Result<Quote, Refusal> {
    let exhausted = uses::exhausted(cart, set)?;
    let customer = &customers::facts(cart, set);
    let context = QuoteContext { config: &set.config, exhausted: &exhausted, customer, explain: false, now };
    let quote = price_at(cart, |line| price_of_line(line, cart, set, now), set, context)?;
    if quote.totals.total > MOST_AMOUNT { Err(Refusal::AmountTooLarge) } else { Ok(quote) }
}

/// Refuses to charge more than the shopper was shown.
fn check_total(
    cart: &Cart,
    quote: &Quote,
    expected_total: Option<i64>,
    set: &WorkingSet,
    now: Timestamp,
) -> Result<(), Refusal> {
    let (total, currency) = (quote.totals.total, quote.currency);
    match expected_total {
        None => Err(Refusal::TotalRequired { total, currency }),
        Some(expected) if total > expected => {
            let exhausted = uses::exhausted(cart, set)?;
            let customer = &customers::facts(cart, set);
            let context = QuoteContext { config: &set.config, exhausted: &exhausted, customer, explain: false, now };
            Err(price_changed(cart, expected, set, context)?)
        }
        Some(_) => Ok(()),
    }
}

fn price_at(
    cart: &Cart,
    unit_price: impl Fn(&CartLine) -> i64,
    set: &WorkingSet,
    context: QuoteContext<'_>,
) -> Result<Quote, Refusal> {
    quote_cart(cart, |id| set.variants.get(&id), unit_price, context).map_err(|_| Refusal::AmountTooLarge)
}

fn price_of_line(line: &CartLine, cart: &Cart, set: &WorkingSet, now: Timestamp) -> i64 {
    set.variants.get(&line.variant_id).map_or(0, |variant| price_of(line, variant, cart, set, now))
}

/// What differs from what the shopper was shown. Here only the cart is known, so it is compared with its captured prices and
/// all promotions that seem to hold; whoever knows what was shown compares with that.
fn price_changed(cart: &Cart, expected: i64, set: &WorkingSet, context: QuoteContext<'_>) -> Result<Refusal, Refusal> {
    let unit_price = |line: &CartLine| price_of_line(line, cart, set, context.now);
    let now = price_at(cart, unit_price, set, QuoteContext { explain: true, ..context })?;
    let captured = price_at(cart, |line| line.unit_price, set, QuoteContext { exhausted: &[], ..context })?;
    let tax_exempt = context.customer.told.tax_exempt;
    let sku = |line: &CartLine| set.variants.get(&line.variant_id).map(|variant| variant.sku.clone());
    let line = |line| LineNow { sku: sku(line).unwrap_or_default(), unit_price: unit_price(line) };
    let (lines, cart_version) = (cart.lines.iter().map(line).collect(), cart.version);
    let mut changed = PriceChanged { expected, cart_version, now, lines, tax_exempt, differences: Vec::new() };
    changed.compare(cart, Shown { quote: &captured, tax_exempt });
    Ok(Refusal::PriceChanged(Box::new(changed)))
}

/// Holds the stock, counts the coupon uses, writes the order, closes the cart, remembers the answer.
fn take(
    cart: &Cart,
    variants: &[Arc<Variant>],
    quote: &Quote,
    request: &Request<'_>,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Arc<Order> {
    let now = context.now;
    let id = OrderId(context.ids.next_id());
    let bought_on = cart.link_device(&request.named.access);
    let lines: Vec<OrderLine> = cart
        .lines
        .iter()
        .zip(variants)
        .map(|(line, variant)| order_line(line, variant, quote, price_of(line, variant, cart, set, now)))
        .collect();
    holds::hand_over(cart.id, &wanted(&lines, Reservation::Held), set);
    for line in lines.iter().filter(|line| line.reservation == Reservation::Held) {
        let reference = Reference::Order(id);
        let cause = Cause::Hold;
        let held = set.move_stock(Movement {
            variant_id: line.variant_id,
            on_hand_delta: 0,
            reserved_delta: line.quantity,
            cause,
            reference,
            at: now,
        });
        debug_assert!(held, "stock was checked before it was taken");
    }
    let redeemed = uses::redeem(id, cart, quote, set);
    customers::count_order(cart.buyer(), 1, set, now);
    let order = Order {
        id,
        cart_id: cart.id,
        token_hash: cart.token_hash,
        customer: cart.customer.clone(),
        status: OrderStatus::PendingPayment,
        currency: cart.currency,
        lines,
        totals: quote.totals,
        detail: OrderDetail {
            limits: uses::limits_of(&redeemed, set),
            redeemed,
            capture: set.config.store.settings.payment_capture,
            network: request.network.filter(|_| cart.customer.is_none()).map(str::to_owned),
            ..order_detail(cart, quote, bought_on)
        },
        payment: Payment {
            attempt_id: AttemptId(context.ids.next_id()),
            gateway: request.gateway.to_owned(),
            method: request.method.to_owned(),
            status: PaymentStatus::Created,
            captured: 0,
            refunded: 0,
            tries: 0,
            due_at: Some(now.plus_ms(DIRECT_ANSWER_MS)),
        },
        created_at: now,
        updated_at: now,
    };
    let told = json!({ "cart_id": cart.id, "customer": order.customer, "currency": order.currency.code(),
        "total": order.totals.total, "lines": order.lines.len() });
    set.orders.put(id, order);
    set.tell(Subject::Order(id), EventKind::OrderCreated, told);
    close(cart.id, id, bought_on, set, now);
    remember(request.idempotency, Some(id), set, now);
    if quote.totals.total == 0 {
        // Nothing to pay: no gateway is asked.
        super::settle::place(id, set, now);
        super::settle::set_payment(id, PaymentStatus::Captured, None, set, now);
    }
    set.orders.get(&id).expect("just written").clone()
}

/// Units by variant of the lines whose goods are in this state.
pub(super) fn wanted(lines: &[OrderLine], reservation: Reservation) -> BTreeMap<VariantId, i64> {
    let mut wanted = BTreeMap::new();
    for line in lines.iter().filter(|line| line.reservation == reservation) {
        *wanted.entry(line.variant_id).or_default() += line.quantity;
    }
    wanted
}

fn order_line(line: &CartLine, variant: &Variant, quote: &Quote, unit_price: i64) -> OrderLine {
    let priced = quote.lines.iter().find(|priced| priced.line_id == line.id);
    OrderLine {
        id: line.id,
        variant_id: line.variant_id,
        sku: variant.sku.clone(),
        name: variant.name(),
        quantity: line.quantity,
        unit_price: priced.map_or(unit_price, |priced| priced.unit_price),
        discount: priced.map_or(0, |priced| priced.discount),
        tax_added: priced.map_or(0, |priced| priced.tax_added),
        tax_included: priced.map_or(0, |priced| priced.tax_included),
        relief: priced.map_or(0, |priced| priced.relief),
        options: line.options.clone(),
        reservation: if variant.track_stock { Reservation::Held } else { Reservation::None },
    }
}

fn order_detail(cart: &Cart, quote: &Quote, bought_on: Option<[u8; 32]>) -> OrderDetail {
    let discounts = quote.discounts.iter().map(|discount| OrderDiscount {
        promotion_id: discount.promotion_id,
        name: discount.name.clone(),
        goods: discount.amount,
        shipping: discount.shipping_amount,
    });
    let taxes = quote.taxes.iter().map(|tax| OrderTax {
        name: tax.name.clone(),
        percent: tax.percent.to_string(),
        amount: tax.amount,
        included: tax.included,
    });
    OrderDetail {
        email: cart.detail.email.clone(),
        more_tokens: cart.detail.more_tokens.clone(),
        bought_on,
        shipping_address: cart.detail.shipping_address.clone(),
        billing_address: cart.detail.billing_address.clone(),
        shipping_method: cart.detail.shipping_method.clone(),
        coupons: cart.detail.coupons.clone(),
        discounts: discounts.collect(),
        shipping: quote.shipping,
        taxes: taxes.collect(),
        ..OrderDetail::default()
    }
}

fn close(cart_id: CartId, order_id: OrderId, bought_on: Option<[u8; 32]>, set: &mut WorkingSet, now: Timestamp) {
    let held_at_add = set.carts.get(&cart_id).is_some_and(|cart| holds::any_held_at_add(cart, set));
    if let Some(cart) = set.carts.edit(&cart_id) {
        cart.status = CartStatus::CheckedOut;
        cart.order_id = Some(order_id);
        cart.detail.held_at_add = held_at_add;
        cart.detail.bought_on = bought_on;
        cart.detail.last_payment_failure = None;
        cart.version += 1;
        cart.updated_at = now;
        let data = json!({ "version": cart.version, "order_id": order_id });
        set.tell(Subject::Cart(cart_id), EventKind::CartCheckedOut, data);
    }
}
