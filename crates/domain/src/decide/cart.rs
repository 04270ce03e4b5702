//! Decisions about carts: create, add, change, remove, codes, addresses, expiry.

use super::write::{fitting_options, weigh, write_changed, write_told, write_undoable};
use super::{Context, answered, holds, links, remember, remember_cart, resolve};
use crate::cart::{Cart, CartDetail, CartLine, CartStatus, MAX_LINES, Personal, Removed, Undo};
use crate::catalogue::Variant;
use crate::command::{CartChange, CartField, CartRef, Idempotency, Item, NewLine, Reply};
use crate::email::{EmailAddress, plain_email};
use crate::event::{EventKind, Subject};
use crate::id::{CartId, LineId, Timestamp, VariantId};
use crate::money::{Currency, MOST_AMOUNT};
use crate::refusal::{Missing, NotForSale, Refusal, Shortage};
use crate::working_set::{Keys, WorkingSet};
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn need_cart(cart_id: CartId, set: &WorkingSet, keys: &mut Keys) {
    match loaded(cart_id, set) {
        Some(cart) => holds::need_held(cart, set, keys),
        None if !set.carts.knows(&cart_id) => drop(keys.carts.insert(cart_id)),
        None => {}
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

/// Holds of others that have run out, where these goods come to a cart of a shopper and are short.
pub(super) fn need_more(own: &[&Cart], lines: &[NewLine], set: &WorkingSet, keys: &mut Keys) {
    let known = |item: &Item| match item {
        Item::Sku(sku) if !set.skus.knows(sku) => None,
        item => resolve(item, set),
    };
    let added = lines.iter().filter_map(|line| Some((known(&line.item)?, line.quantity)));
    holds::need_more(own, added, set, keys);
}

/// As [`need_more`], where a line gets another quantity.
pub(super) fn need_changed(cart_id: CartId, line_id: LineId, quantity: i64, set: &WorkingSet, keys: &mut Keys) {
    let Some(cart) = loaded(cart_id, set) else { return };
    if let Some(line) = cart.lines.iter().find(|line| line.id == line_id) {
        let requested = cart.units_of(line.variant_id).saturating_add(quantity.saturating_sub(line.quantity));
        holds::need_units(&[cart], line.variant_id, requested, set, keys);
    }
}

/// The cart that a customer had last, once it is loaded.
pub(super) fn known_last_cart<'a>(customer: &str, set: &'a WorkingSet) -> Option<&'a Cart> {
    let customer = customer.to_owned();
    let id = if set.customer_carts.knows(&customer) { set.customer_carts.get(&customer) } else { None };
    loaded(**id?, set).map(|cart| &**cart)
}

/// A cart, once it is loaded.
pub(super) fn loaded(cart_id: CartId, set: &WorkingSet) -> Option<&Arc<Cart>> {
    if set.carts.knows(&cart_id) { set.carts.get(&cart_id) } else { None }
}

pub(super) fn need_line(cart_id: CartId, line_id: LineId, set: &WorkingSet, keys: &mut Keys) {
    need_cart(cart_id, set, keys);
    if let Some(line) = loaded(cart_id, set).and_then(|cart| cart.lines.iter().find(|line| line.id == line_id)) {
        need_variant(line.variant_id, set, keys);
    }
}

/// The cart, if this access opens it and it may be changed.
pub(super) fn open(named: &CartRef, set: &WorkingSet, now: Timestamp) -> Result<Arc<Cart>, Refusal> {
    let cart = set.carts.get(&named.id).filter(|cart| cart.is_opened_by(&named.access)).ok_or(Refusal::CartNotFound)?;
    cart.is_there(now)?;
    if !cart.is_open() {
        return Err(Refusal::CartClosed { status: cart.status.as_str(), order_id: cart.order_id });
    }
    if named.if_version.as_ref().is_some_and(|versions| !versions.contains(&cart.version)) {
        return Err(Refusal::VersionMismatch { version: cart.version });
    }
    Ok(cart.clone())
}

pub(super) struct NewCart<'a> {
    pub token_hash: Option<[u8; 32]>,
    pub customer: &'a Option<String>,
    pub currency: &'a Option<String>,
    pub email: &'a Option<EmailAddress>,
    pub lines: &'a [NewLine],
    pub own: Option<&'a CartRef>,
}

/// As [`create`]; asked again under the same key, it is the same cart as it is now.
pub(super) fn create_once(
    request: NewCart<'_>,
    idempotency: Option<&Idempotency>,
    set: &mut WorkingSet,
    context: &mut Context,
) -> Result<Reply, Refusal> {
    let Some(idempotency) = idempotency else { return create(request, set, context) };
    if let Some(row) = answered(idempotency, set)? {
        let cart = row.cart_id.and_then(|id| set.carts.get(&id)).cloned().ok_or(Refusal::CartNotFound)?;
        let was_made = cart.created_at == row.created_at;
        return Ok(if was_made { Reply::CartCreated(cart) } else { Reply::Cart(cart) });
    }
    let reply = create(request, set, context)?;
    if let Reply::Cart(cart) | Reply::CartCreated(cart) = &reply {
        remember_cart(idempotency, cart.id, set, context.now);
    }
    Ok(reply)
}

fn create(request: NewCart<'_>, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    let now = context.now;
    let last = request.customer.as_deref().and_then(|customer| last_cart(customer, set));
    let own =
        request.own.and_then(|named| set.carts.get(&named.id).filter(|cart| cart.is_opened_by(&named.access))).cloned();
    if let Some(existing) = last.as_ref().or(own.as_ref()).filter(|cart| is_in_use(cart, now)) {
        let mut cart = (**existing).clone();
        add(&mut cart, request.lines, set, context)?;
        let cart = weigh(cart, set)?;
        let added = json!({ "cause": "lines_added", "lines": told(request.lines, set) });
        return Ok(if request.lines.is_empty() {
            Reply::Cart(existing.clone())
        } else {
            write_changed(cart, added, set, now)
        });
    }
    let currency = match request.currency {
        None => set.config.store.currency,
        Some(code) => set
            .config
            .store
            .offered_currency(code)
            .map_err(|offered| Refusal::CurrencyUnknown { currency: code.clone(), offered })?,
    };
    let mut cart = new_cart(request.customer.clone(), currency, last.as_deref(), context);
    cart.token_hash = request.token_hash;
    cart.detail.email = request.email.as_ref().map(|email| email.typed().to_owned());
    add(&mut cart, request.lines, set, context)?;
    let cart = weigh(cart, set)?;
    // Only the shop makes carts for customers.
    if let (Some(customer), Some(email)) = (request.customer, request.email) {
        links::link(customer, email.plain(), set, now);
    }
    succeed(&cart, last.as_deref(), set, now);
    let data = json!({ "currency": cart.currency.code(), "lines": told(request.lines, set) });
    Ok(Reply::CartCreated(write_told(cart, None, EventKind::CartCreated, data, set, now)))
}

/// Goods as events tell them.
pub(super) fn told(lines: &[NewLine], set: &WorkingSet) -> Vec<Value> {
    lines.iter().map(|line| json!({ "sku": sku(resolve(&line.item, set), set), "quantity": line.quantity })).collect()
}

pub(super) fn sku(variant: Option<VariantId>, set: &WorkingSet) -> Option<&str> {
    set.variants.get(&variant?).map(|variant| variant.sku.as_str())
}

/// The cart that a customer had last, open or not.
pub(super) fn last_cart(customer: &str, set: &WorkingSet) -> Option<Arc<Cart>> {
    let cart_id = **set.customer_carts.get(&customer.to_owned())?;
    set.carts.get(&cart_id).cloned()
}

pub(super) fn is_in_use(cart: &Cart, now: Timestamp) -> bool {
    cart.is_open() && !cart.is_expired(now)
}

/// An empty cart that is not written yet. What the customer saved for later with the last one comes along.
pub(super) fn new_cart(
    customer: Option<String>,
    currency: Currency,
    last: Option<&Cart>,
    context: &mut Context,
) -> Cart {
    let now = context.now;
    let mut saved = last.map(|last| last.detail.saved.clone()).unwrap_or_default();
    if last.is_some_and(|last| last.currency != currency) {
        // Seen in a currency that is not this cart's.
        saved.iter_mut().for_each(|item| item.unit_price = None);
    }
    Cart {
        id: CartId(context.ids.next_id()),
        token_hash: None,
        customer,
        status: CartStatus::Active,
        version: 0,
        currency,
        lines: Vec::new(),
        detail: CartDetail { saved, ..CartDetail::default() },
        order_id: None,
        created_at: now,
        updated_at: now,
        expires_at: now,
    }
}

/// A cart of [`new_cart`] takes the place of the customer's last one, which gives up what came along.
pub(super) fn succeed(cart: &Cart, last: Option<&Cart>, set: &mut WorkingSet, now: Timestamp) {
    if let Some(customer) = &cart.customer {
        set.customer_carts.put(customer.clone(), cart.id);
    }
    let Some(last) = last else { return };
    if !last.detail.saved.is_empty()
        && let Some(old) = set.carts.edit(&last.id)
    {
        old.detail.saved.clear();
        old.detail.undo = None;
        if old.detail.forgotten {
            // It stayed the customer's for what was saved alone.
            old.customer = None;
        }
        old.version += 1;
        let data = json!({ "cause": "saved_moved", "to": cart.id.0, "version": old.version });
        set.tell(Subject::Cart(last.id), EventKind::CartChanged, data);
    }
    if last.is_open() {
        give_up(last.id, EventKind::CartExpired, set, now);
    }
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
        let cart = set.carts.get(&named.id).filter(|cart| cart.is_opened_by(&named.access));
        return cart.cloned().map(Reply::Cart).ok_or(Refusal::CartNotFound);
    }
    let mut cart = (*open(named, set, context.now)?).clone();
    add(&mut cart, lines, set, context)?;
    let cart = weigh(cart, set)?;
    if let Some(idempotency) = idempotency {
        remember(idempotency, None, set, context.now);
    }
    let data = json!({ "cause": "lines_added", "lines": told(lines, set) });
    Ok(write_changed(cart, data, set, context.now))
}

/// Adds goods to a cart that is not written yet: what is there already adds up. All or nothing.
pub(super) fn add(cart: &mut Cart, lines: &[NewLine], set: &WorkingSet, context: &mut Context) -> Result<(), Refusal> {
    let known = cart.lines.len();
    let limit = set.config.store.settings.most_units();
    let mut missing = Vec::new();
    let mut touched: Vec<VariantId> = Vec::new();
    for (index, new) in lines.iter().enumerate() {
        let Some((variant, unit_price)) = sellable(&new.item, cart.currency, set) else {
            missing.push(not_for_sale(index, &new.item, set));
            continue;
        };
        let variant_id = variant.id;
        let existing = cart.lines.iter_mut().find(|line| line.is_of(variant_id, &new.options));
        let before = existing.as_ref().map_or(0, |line| line.quantity);
        let requested = before.saturating_add(new.quantity);
        if new.quantity < 1 || requested > limit {
            let line_id = existing.map(|line| line.id);
            return Err(Refusal::QuantityOutOfRange { index, line_id, requested, limit });
        }
        match existing {
            Some(line) => {
                line.quantity = requested;
                recapture(line, &variant, unit_price, set, context.now);
            }
            None => {
                fitting_options(index, &new.options, set)?;
                let id = LineId(context.ids.next_id());
                let (quantity, options, priced_at) = (new.quantity, new.options.clone(), context.now);
                let saved_at_price = None;
                cart.lines.push(CartLine { id, variant_id, quantity, unit_price, priced_at, options, saved_at_price });
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
    check_value(cart)?;
    check_stock(cart, &touched, known, set)
}

/// Refuses a cart whose goods are worth more than is counted.
pub(super) fn check_value(cart: &Cart) -> Result<(), Refusal> {
    if cart.captured_value() > MOST_AMOUNT { Err(Refusal::AmountTooLarge) } else { Ok(()) }
}

/// The variant and its price, if it is for sale in this currency.
pub(super) fn sellable(item: &Item, currency: Currency, set: &WorkingSet) -> Option<(Arc<Variant>, i64)> {
    let id = resolve(item, set)?;
    let variant = set.variants.get(&id).filter(|variant| variant.active)?;
    Some((variant.clone(), variant.price_in(currency, set.config.store.currency)?))
}

/// Goods added to a line whose captured price has held for its time begin a new one, at today's price.
pub(super) fn recapture(line: &mut CartLine, variant: &Variant, today: i64, set: &WorkingSet, now: Timestamp) {
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
    NotForSale { index, line_id: None, item, exists }
}

/// Refuses where the cart asks for more of a touched variant than is available. Lines of one variant count together; a line
/// is named where it is one of the first `known`, which the shopper has seen.
pub(super) fn check_stock(cart: &Cart, touched: &[VariantId], known: usize, set: &WorkingSet) -> Result<(), Refusal> {
    let mut shortages = Vec::new();
    for id in touched {
        let Some(variant) = set.variants.get(id).filter(|variant| variant.track_stock) else { continue };
        let requested = cart.units_of(*id);
        let available = holds::available_to(cart, *id, set);
        if requested > available {
            let line_id = cart.lines[..known].iter().find(|line| line.variant_id == *id).map(|line| line.id);
            let available = set.config.store.settings.stock_shown.number(available);
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
    let limit = set.config.store.settings.most_units();
    // Fewer than before is always right, also where an operator has lowered the limit since.
    if !(0..=limit.max(current.lines[position].quantity)).contains(&quantity) {
        return Err(Refusal::QuantityOutOfRange { index: 0, line_id: Some(line_id), requested: quantity, limit });
    }
    let before = current.lines[position].quantity;
    if quantity == before {
        return Ok(Reply::Cart(current));
    }
    let mut cart = (*current).clone();
    let sku = sku(Some(cart.lines[position].variant_id), set);
    let cause = if quantity == 0 { "line_removed" } else { "line_changed" };
    let data = json!({ "cause": cause, "sku": sku, "quantity": quantity, "before": before });
    if quantity == 0 {
        let removed = Removed::Line(position, cart.lines.remove(position));
        let undo = Undo::and(cart.detail.undo.take(), removed, context.now);
        return Ok(write_undoable(weigh(cart, set)?, Some(undo), data, set, context.now));
    }
    cart.lines[position].quantity = quantity;
    if quantity > before {
        check_value(&cart)?;
        check_stock(&cart, &[cart.lines[position].variant_id], cart.lines.len(), set)?;
    }
    Ok(write_changed(weigh(cart, set)?, data, set, context.now))
}

pub(super) fn change(
    named: &CartRef,
    change: &CartChange,
    set: &mut WorkingSet,
    context: &Context,
) -> Result<Reply, Refusal> {
    let mut cart = (*open(named, set, context.now)?).clone();
    if let Some(method) = &change.shipping_method
        && !set.config.store.shipping_methods.iter().any(|known| known.handle == *method)
    {
        return Err(Refusal::ShippingMethodUnknown { method: method.clone() });
    }
    set_details(&mut cart, change, named)?;
    let cart = weigh(cart, set)?;
    links::link_told(&named.access, cart.customer.as_deref(), change.email.as_ref(), set, context.now);
    let data = json!({ "cause": "details_set", "fields": fields_of(change) });
    Ok(write_changed(cart, data, set, context.now))
}

fn set_details(cart: &mut Cart, change: &CartChange, named: &CartRef) -> Result<(), Refusal> {
    // Whoever may not see an address cannot add to it, and see it by that.
    let hidden = cart.hidden_from(&named.access);
    let detail = &mut cart.detail;
    if let Some(email) = &change.email {
        // What was said of another address says nothing of this one.
        let same = detail.email.as_deref().is_some_and(|known| plain_email(known) == email.plain());
        detail.email_consent &= same;
        detail.email_confirmed &= same;
        detail.email = Some(email.typed().to_owned());
    }
    for (field, change, address) in [
        (Personal::ShippingAddress, &change.shipping_address, &mut detail.shipping_address),
        (Personal::BillingAddress, &change.billing_address, &mut detail.billing_address),
    ] {
        let Some(change) = change else { continue };
        let known = address.take().filter(|_| !hidden.contains(&field));
        let changed = change.of(known);
        if changed.country.is_empty() {
            return Err(Refusal::DetailsMissing(vec![Missing::of(field.as_str(), "country")]));
        }
        *address = Some(changed);
    }
    if change.shipping_method.is_some() {
        detail.shipping_method.clone_from(&change.shipping_method);
    }
    for field in &change.unset {
        match field {
            CartField::Email => (detail.email, detail.email_consent, detail.email_confirmed) = (None, false, false),
            CartField::ShippingAddress => detail.shipping_address = None,
            CartField::BillingAddress => detail.billing_address = None,
            CartField::ShippingMethod => detail.shipping_method = None,
        }
    }
    if let Some(consent) = change.email_consent {
        // It is given for an address that whoever gives it knows.
        let unseen = change.email.is_none() && hidden.contains(&Personal::Email);
        let has_address = detail.email.is_some() || cart.customer.is_some();
        detail.email_consent = if unseen { consent && detail.email_consent } else { consent && has_address };
    }
    let is_typed = |field: Personal| fields_of(change).contains(&field.as_str());
    let typed: Vec<Personal> = Personal::ALL.into_iter().filter(|field| is_typed(*field)).collect();
    cart.note_typed(&named.access, &typed);
    Ok(())
}

/// Names of what was set or unset, not the values: addresses are nobody's business who only listens.
fn fields_of(change: &CartChange) -> Vec<&'static str> {
    let unset = |field: CartField| change.unset.contains(&field);
    let fields = [
        ("email", change.email.is_some() || unset(CartField::Email)),
        ("email_consent", change.email_consent.is_some()),
        ("shipping_address", change.shipping_address.is_some() || unset(CartField::ShippingAddress)),
        ("billing_address", change.billing_address.is_some() || unset(CartField::BillingAddress)),
        ("shipping_method", change.shipping_method.is_some() || unset(CartField::ShippingMethod)),
    ];
    fields.into_iter().filter_map(|(name, set)| set.then_some(name)).collect()
}

/// Gives up the open cart of a customer who goes, with all that it tells of the person.
pub(super) fn forget_customer(customer: &str, set: &mut WorkingSet, now: Timestamp) {
    let open = set.customer_carts.get(&customer.to_owned()).and_then(|id| set.carts.get(id));
    let Some(cart) = open.filter(|cart| cart.is_open()).cloned() else { return };
    holds::let_go(cart.id, set);
    if let Some(row) = set.carts.edit(&cart.id) {
        row.lines.clear();
        row.detail = CartDetail::default();
    }
    give_up(cart.id, EventKind::CartDeleted, set, now);
}

pub(super) fn delete(named: &CartRef, set: &mut WorkingSet, context: &Context) -> Result<Reply, Refusal> {
    open(named, set, context.now)?;
    give_up(named.id, EventKind::CartDeleted, set, context.now);
    Ok(Reply::Done)
}

pub(super) fn expire(cart_id: CartId, set: &mut WorkingSet, context: &Context) -> Result<Reply, Refusal> {
    let due = set.carts.get(&cart_id).is_some_and(|cart| cart.is_open() && cart.is_expired(context.now));
    if due {
        give_up(cart_id, EventKind::CartExpired, set, context.now);
    }
    Ok(Reply::Done)
}

pub(super) fn give_up(cart_id: CartId, told: EventKind, set: &mut WorkingSet, now: Timestamp) {
    holds::let_go(cart_id, set);
    if let Some(cart) = set.carts.edit(&cart_id) {
        cart.status = if told == EventKind::CartDeleted { CartStatus::Removed } else { CartStatus::Expired };
        cart.version += 1;
        cart.updated_at = now;
        let data = json!({ "version": cart.version });
        set.tell(Subject::Cart(cart_id), told, data);
    }
}
