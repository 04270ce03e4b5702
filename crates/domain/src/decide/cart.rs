//! Decisions about carts: create, add, change, remove, codes, addresses, expiry.

use super::{Context, answered, remember, resolve};
use crate::cart::{Cart, CartDetail, CartLine, CartStatus, MAX_LINES, MAX_QUANTITY};
use crate::catalogue::Variant;
use crate::command::{CartChange, CartRef, Idempotency, Item, NewLine, Reply};
use crate::id::{CartId, LineId, Timestamp, VariantId};
use crate::money::Currency;
use crate::refusal::{NotForSale, Refusal, Shortage};
use crate::working_set::{Keys, WorkingSet};
use std::sync::Arc;

pub(super) fn need_cart(cart_id: CartId, set: &WorkingSet, keys: &mut Keys) {
    if !set.carts.knows(&cart_id) {
        keys.carts.insert(cart_id);
    }
}

pub(super) fn need_customer(customer: &str, set: &WorkingSet, keys: &mut Keys) {
    let customer = customer.to_owned();
    if !set.customer_carts.knows(&customer) {
        keys.customer_carts.insert(customer);
    } else if let Some(cart_id) = set.customer_carts.get(&customer) {
        need_cart(**cart_id, set, keys);
    }
}

pub(super) fn need_items(lines: &[NewLine], set: &WorkingSet, keys: &mut Keys) {
    for line in lines {
        let id = match &line.item {
            Item::Variant(id) => Some(*id),
            Item::Sku(sku) if set.skus.knows(sku) => set.skus.get(sku).map(|id| **id),
            Item::Sku(sku) => {
                keys.skus.insert(sku.clone());
                None
            }
        };
        if let Some(id) = id {
            need_variant(id, set, keys);
        }
    }
}

pub(super) fn need_variant(id: VariantId, set: &WorkingSet, keys: &mut Keys) {
    if !set.variants.knows(&id) {
        keys.variants.insert(id);
    }
    if !set.stock.knows(&id) {
        keys.stock.insert(id);
    }
}

pub(super) fn need_line(cart_id: CartId, line_id: LineId, set: &WorkingSet, keys: &mut Keys) {
    need_cart(cart_id, set, keys);
    let cart = if set.carts.knows(&cart_id) { set.carts.get(&cart_id) } else { None };
    if let Some(line) = cart.and_then(|cart| cart.lines.iter().find(|line| line.id == line_id)) {
        need_variant(line.variant_id, set, keys);
    }
}

/// The cart, if this access opens it and it may be changed.
pub(super) fn open(named: &CartRef, set: &WorkingSet, now: Timestamp) -> Result<Arc<Cart>, Refusal> {
    let cart =
        set.carts.get(&named.id).filter(|cart| named.access.opens(cart.token_hash)).ok_or(Refusal::CartNotFound)?;
    if cart.is_expired(now) {
        return Err(Refusal::CartExpired);
    }
    if !cart.is_open() {
        return Err(Refusal::CartClosed { status: cart.status.as_str(), order_id: cart.order_id });
    }
    if named.if_version.as_ref().is_some_and(|versions| !versions.contains(&cart.version)) {
        return Err(Refusal::VersionMismatch { version: cart.version });
    }
    Ok(cart.clone())
}

/// Writes a changed cart: version, dates, active again.
pub(super) fn write(mut cart: Cart, set: &mut WorkingSet, now: Timestamp) -> Arc<Cart> {
    let id = cart.id;
    cart.version += 1;
    cart.status = CartStatus::Active;
    cart.updated_at = now;
    cart.expires_at = set.config.store.settings.cart_expiry(now, cart.customer.is_some());
    set.carts.put(id, cart);
    set.carts.get(&id).expect("just written").clone()
}

pub(super) struct NewCart<'a> {
    pub token_hash: Option<[u8; 32]>,
    pub customer: &'a Option<String>,
    pub currency: &'a Option<String>,
    pub email: &'a Option<String>,
    pub lines: &'a [NewLine],
}

pub(super) fn create(request: NewCart<'_>, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    let now = context.now;
    if let Some(existing) = customers_cart(request.customer, set, now) {
        let mut cart = (*existing).clone();
        add(&mut cart, request.lines, set, context)?;
        return Ok(Reply::Cart(if request.lines.is_empty() { existing } else { write(cart, set, now) }));
    }
    let currency = match request.currency {
        None => set.config.store.currency,
        Some(code) => code.parse::<Currency>().map_err(|_| Refusal::CurrencyUnknown { currency: code.clone() })?,
    };
    let id = CartId(context.ids.next_id());
    let mut cart = Cart {
        id,
        token_hash: request.token_hash,
        customer: request.customer.clone(),
        status: CartStatus::Active,
        version: 0,
        currency,
        lines: Vec::new(),
        detail: CartDetail { email: request.email.clone(), ..CartDetail::default() },
        order_id: None,
        created_at: now,
        updated_at: now,
        expires_at: now,
    };
    add(&mut cart, request.lines, set, context)?;
    if let Some(customer) = request.customer {
        set.customer_carts.put(customer.clone(), id);
    }
    Ok(Reply::CartCreated(write(cart, set, now)))
}

/// The customer's open cart; one that is past its date makes room for a new one.
fn customers_cart(customer: &Option<String>, set: &mut WorkingSet, now: Timestamp) -> Option<Arc<Cart>> {
    let cart_id = **set.customer_carts.get(customer.as_ref()?)?;
    let cart = set.carts.get(&cart_id)?.clone();
    if !cart.is_open() {
        return None;
    }
    if cart.is_expired(now) {
        let cart = set.carts.edit(&cart_id)?;
        cart.status = CartStatus::Expired;
        cart.version += 1;
        return None;
    }
    Some(cart)
}

pub(super) fn add_lines(
    named: &CartRef,
    lines: &[NewLine],
    idempotency: Option<&Idempotency>,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    if let Some(idempotency) = idempotency
        && answered(idempotency, set)?.is_some()
    {
        let cart = set.carts.get(&named.id).filter(|cart| named.access.opens(cart.token_hash));
        return cart.cloned().map(Reply::Cart).ok_or(Refusal::CartNotFound);
    }
    let mut cart = (*open(named, set, context.now)?).clone();
    add(&mut cart, lines, set, context)?;
    if let Some(idempotency) = idempotency {
        remember(idempotency, None, set, context.now);
    }
    Ok(Reply::Cart(write(cart, set, context.now)))
}

/// Adds goods to a cart that is not written yet: what is there already adds up. All or nothing.
fn add(cart: &mut Cart, lines: &[NewLine], set: &WorkingSet, context: &mut Context) -> Result<(), Refusal> {
    let known = cart.lines.len();
    let mut missing = Vec::new();
    let mut touched: Vec<VariantId> = Vec::new();
    for (index, new) in lines.iter().enumerate() {
        let Some((variant, unit_price)) = sellable(&new.item, cart.currency, set) else {
            missing.push(not_for_sale(index, &new.item, set));
            continue;
        };
        let variant_id = variant.id;
        let existing = cart.lines.iter_mut().find(|line| line.variant_id == variant_id && line.options == new.options);
        let before = existing.as_ref().map_or(0, |line| line.quantity);
        let requested = before.saturating_add(new.quantity);
        if new.quantity < 1 || requested > MAX_QUANTITY {
            return Err(Refusal::QuantityOutOfRange { index, requested, limit: MAX_QUANTITY });
        }
        match existing {
            Some(line) => {
                line.quantity = requested;
                recapture(line, &variant, unit_price, set, context.now);
            }
            None => {
                let id = LineId(context.ids.next_id());
                let (quantity, options, priced_at) = (new.quantity, new.options.clone(), context.now);
                cart.lines.push(CartLine { id, variant_id, quantity, unit_price, priced_at, options });
            }
        }
        if !touched.contains(&variant_id) {
            touched.push(variant_id);
        }
    }
    if !missing.is_empty() {
        return Err(Refusal::NotForSale(missing));
    }
    if cart.lines.len() > MAX_LINES {
        return Err(Refusal::TooManyLines { limit: MAX_LINES });
    }
    check_stock(cart, &touched, known, set)
}

/// The variant and its price, if it is for sale in this currency.
fn sellable(item: &Item, currency: Currency, set: &WorkingSet) -> Option<(Arc<Variant>, i64)> {
    let id = resolve(item, set)?;
    let variant = set.variants.get(&id).filter(|variant| variant.active)?;
    Some((variant.clone(), variant.price_in(currency, set.config.store.currency)?))
}

/// Goods added to a line whose captured price has held for its time begin a new one, at today's price.
fn recapture(line: &mut CartLine, variant: &Variant, today: i64, set: &WorkingSet, now: Timestamp) {
    let held_until = variant.price_held_until(line.priced_at, &set.config.store.settings);
    if held_until.is_some_and(|until| until <= now) {
        line.unit_price = today;
        line.priced_at = now;
    }
}

fn not_for_sale(index: usize, item: &Item, set: &WorkingSet) -> NotForSale {
    let exists = resolve(item, set).is_some_and(|id| set.variants.get(&id).is_some());
    let item = match item {
        Item::Sku(sku) => sku.clone(),
        Item::Variant(id) => id.to_string(),
    };
    NotForSale { index, item, exists }
}

/// Refuses where the cart asks for more of a touched variant than is available. Lines of one variant count together; a line
/// is named where it is one of the first `known`, which the shopper has seen.
fn check_stock(cart: &Cart, touched: &[VariantId], known: usize, set: &WorkingSet) -> Result<(), Refusal> {
    let mut shortages = Vec::new();
    for id in touched {
        let Some(variant) = set.variants.get(id).filter(|variant| variant.track_stock) else { continue };
        let requested = cart.units_of(*id);
        let available = set.stock_of(*id).available();
        if requested > available {
            let line_id = cart.lines[..known].iter().find(|line| line.variant_id == *id).map(|line| line.id);
            shortages.push(Shortage { line_id, sku: variant.sku.clone(), requested, available });
        }
    }
    if shortages.is_empty() { Ok(()) } else { Err(Refusal::InsufficientStock(shortages)) }
}

pub(super) fn change_line(
    named: &CartRef,
    line_id: LineId,
    quantity: i64,
    set: &mut WorkingSet,
    context: &Context,
) -> Result<Reply, Refusal> {
    let current = open(named, set, context.now)?;
    let position = current.lines.iter().position(|line| line.id == line_id).ok_or(Refusal::LineNotFound)?;
    if !(0..=MAX_QUANTITY).contains(&quantity) {
        return Err(Refusal::QuantityOutOfRange { index: 0, requested: quantity, limit: MAX_QUANTITY });
    }
    let before = current.lines[position].quantity;
    if quantity == before {
        return Ok(Reply::Cart(current));
    }
    let mut cart = (*current).clone();
    if quantity == 0 {
        cart.lines.remove(position);
    } else {
        cart.lines[position].quantity = quantity;
        if quantity > before {
            check_stock(&cart, &[cart.lines[position].variant_id], cart.lines.len(), set)?;
        }
    }
    Ok(Reply::Cart(write(cart, set, context.now)))
}

pub(super) fn change(
    named: &CartRef,
    change: &CartChange,
    set: &mut WorkingSet,
    context: &Context,
) -> Result<Reply, Refusal> {
    let mut cart = (*open(named, set, context.now)?).clone();
    let detail = &mut cart.detail;
    if let Some(method) = &change.shipping_method
        && !set.config.store.shipping_methods.iter().any(|known| known.handle == *method)
    {
        return Err(Refusal::ShippingMethodUnknown { method: method.clone() });
    }
    if change.email.is_some() {
        detail.email.clone_from(&change.email);
    }
    if change.shipping_address.is_some() {
        detail.shipping_address.clone_from(&change.shipping_address);
    }
    if change.billing_address.is_some() {
        detail.billing_address.clone_from(&change.billing_address);
    }
    if change.shipping_method.is_some() {
        detail.shipping_method.clone_from(&change.shipping_method);
    }
    Ok(Reply::Cart(write(cart, set, context.now)))
}

pub(super) fn delete(named: &CartRef, set: &mut WorkingSet, context: &Context) -> Result<Reply, Refusal> {
    open(named, set, context.now)?;
    mark_expired(named.id, set, context.now);
    Ok(Reply::Done)
}

pub(super) fn expire(cart_id: CartId, set: &mut WorkingSet, context: &Context) -> Result<Reply, Refusal> {
    let due = set.carts.get(&cart_id).is_some_and(|cart| cart.is_open() && cart.is_expired(context.now));
    if due {
        mark_expired(cart_id, set, context.now);
    }
    Ok(Reply::Done)
}

fn mark_expired(cart_id: CartId, set: &mut WorkingSet, now: Timestamp) {
    if let Some(cart) = set.carts.edit(&cart_id) {
        cart.status = CartStatus::Expired;
        cart.version += 1;
        cart.updated_at = now;
    }
}
