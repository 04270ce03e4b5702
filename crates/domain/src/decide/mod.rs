//! Decisions: pure functions from a command and the rows it names to changed rows and a reply, or to a refusal. Checks come
//! first, in a fixed order; past them nothing can fail, so a refused command has changed nothing.

mod accounts;
mod capture;
mod cart;
mod catalogue;
mod checkout;
mod config;
mod coupons;
mod customers;
mod forget;
mod fulfilments;
mod holds;
mod inbox;
mod late;
mod links;
mod mails;
mod manual;
mod merge;
mod needs;
mod orders;
mod outside;
mod persons;
mod recovery;
mod refunds;
mod retire;
mod saved;
mod settle;
mod stock;
mod tidy;
mod undo;
mod unpaid;
mod uses;
mod webhooks;
mod write;

pub use config::check_promotion;
pub use holds::KEPT_MS;

use crate::command::{Command, Idempotency, Item, Reply, Settlement};
use crate::demand;
use crate::id::{CartId, IdSource, OrderId, Timestamp};
use crate::refusal::Refusal;
use crate::working_set::{DeliveryChange, IdempotencyKey, IdempotencyRow, Keys, WorkingSet};

/// What a decision is given besides the rows: time and a source of ids.
#[derive(Debug)]
pub struct Context {
    /// Now.
    pub now: Timestamp,
    /// Ids for new rows.
    pub ids: IdSource,
}

/// Adds to `keys` the rows that the command needs and that the set does not know yet. Called again after each load, until
/// nothing is added: a cart names its variants only once it is there.
pub fn needs(command: &Command, set: &WorkingSet, keys: &mut Keys) {
    match command {
        Command::CreateCart { customer, lines, email, own, idempotency, .. } => {
            need_idempotency(idempotency.as_ref(), set, keys);
            if let Some(cart_id) = idempotency.as_ref().and_then(|key| answered_row(key, set)?.cart_id) {
                cart::need_cart(cart_id, set, keys);
            }
            cart::need_items(lines, set, keys);
            links::need_new(customer.as_ref(), email.as_ref(), set, keys);
            if let Some(customer) = customer {
                cart::need_customer(customer, set, keys);
            }
            if let Some(own) = own {
                cart::need_cart(own.id, set, keys);
            }
            let last = customer.as_deref().and_then(|customer| cart::known_last_cart(customer, set));
            let last = last.or_else(|| cart::loaded(own.as_ref()?.id, set).map(|cart| &**cart));
            cart::need_more(last.as_slice(), lines, set, keys);
        }
        Command::AddLines { cart, lines, idempotency } => {
            need_idempotency(idempotency.as_ref(), set, keys);
            cart::need_cart(cart.id, set, keys);
            cart::need_items(lines, set, keys);
            cart::need_more(cart::loaded(cart.id, set).map(|cart| &**cart).as_slice(), lines, set, keys);
        }
        Command::ChangeLine { cart, line_id, quantity } => {
            cart::need_line(cart.id, *line_id, set, keys);
            cart::need_changed(cart.id, *line_id, *quantity, set, keys);
        }
        Command::ApplyCoupon { cart, code } => coupons::need_apply(cart, code, set, keys),
        Command::RemoveCoupon { cart, .. } | Command::DeleteCart { cart } => cart::need_cart(cart.id, set, keys),
        Command::ChangeCart { cart, change } => links::need_change(cart, change, set, keys),
        Command::SaveLine { cart, line_id } => cart::need_line(cart.id, *line_id, set, keys),
        Command::SetAsideUnavailable { cart } => tidy::need(cart.id, set, keys),
        Command::RestoreSaved { cart, item_id } => saved::need(cart.id, *item_id, set, keys),
        Command::RemoveSaved { cart, .. } => cart::need_cart(cart.id, set, keys),
        Command::UndoRemoval { cart } | Command::UnmergeCart { cart } => undo::need(cart.id, set, keys),
        Command::MergeCart { guest, customer } => merge::need(guest.id, customer, set, keys),
        Command::ExpireCart { cart_id } => cart::need_cart(*cart_id, set, keys),
        Command::ReleaseHolds { carts } => holds::need_release(carts, set, keys),
        Command::Checkout { cart, idempotency, gateway, network, .. } => {
            need_idempotency(Some(idempotency), set, keys);
            // After a failed payment the cart no longer leads to the order that was answered under this key.
            if let Some(order_id) = answered_order(idempotency, set) {
                settle::need(order_id, set, keys);
            }
            checkout::need(cart.id, set, keys);
            unpaid::need_cart(cart.id, network.as_deref(), gateway == crate::manual::MANUAL, set, keys);
        }
        Command::SettlePayment { order_id, settlement } => {
            settle::need(*order_id, set, keys);
            if *settlement == Settlement::RequiresAction {
                unpaid::need(*order_id, set, keys);
            }
        }
        Command::ConfirmPayment { order_id, .. }
        | Command::CancelOrder { order_id, .. }
        | Command::CapturePayment { order_id, .. }
        | Command::NoteDispute { order_id, .. } => settle::need(*order_id, set, keys),
        Command::RefundOrder { order_id, idempotency, .. } | Command::Manual { order_id, idempotency, .. } => {
            need_idempotency(Some(idempotency), set, keys);
            settle::need(*order_id, set, keys);
        }
        Command::FulfilOrder { order_id, idempotency, .. } | Command::AddOrderNote { order_id, idempotency, .. } => {
            need_idempotency(idempotency.as_ref(), set, keys);
            fulfilments::need(*order_id, set, keys);
        }
        Command::UpdateFulfilment { order_id, .. } => fulfilments::need(*order_id, set, keys),
        Command::UpsertProduct(draft) => catalogue::need(draft, set, keys),
        Command::ChangeProduct(change) => retire::need_change(change, set, keys),
        Command::ChangeVariant(change) => retire::need_variant_change(change, set, keys),
        Command::DeleteProduct(handle) => catalogue::need_handle(handle, set, keys),
        Command::DeleteVariant(sku) => retire::need_sku(sku, set, keys),
        Command::SetPrices(prices) => {
            for (sku, ..) in prices {
                stock::need_sku(sku, set, keys);
            }
        }
        Command::AdjustStock { changes, idempotency } => {
            need_idempotency(idempotency.as_ref(), set, keys);
            for change in changes {
                stock::need_sku(&change.sku, set, keys);
            }
        }
        Command::PutPromotion { codes, .. } | Command::AddCodes { codes, .. } => {
            coupons::need_codes(codes, set, keys);
        }
        Command::PutCustomer { id, customer } => customers::need_put(id, customer, set, keys),
        Command::DeletePromotion(_)
        | Command::ChangeStore(_)
        | Command::ForgetAnswers { .. }
        | Command::ForgetKept { .. }
        | Command::ForgetCartEvents
        | Command::ForgetDeliveries { .. }
        | Command::CreateWebhook { .. }
        | Command::RecordSink { .. } => {}
        Command::CountDemand => demand::need(set, keys),
        Command::Account(command) => accounts::need(command, set, keys),
        Command::Forget(command) => forget::need(command, set, keys),
        Command::Mail(command) => mails::need(command, set, keys),
        Command::Inbox(command) => inbox::need(command, set, keys),
        Command::Recovery(command) => recovery::need(command, set, keys),
        Command::Money(command) => outside::need(command, set, keys),
        Command::ChangeWebhook { id, .. }
        | Command::RotateWebhook { id, .. }
        | Command::ChangeWebhookSecrets { id, .. }
        | Command::DeleteWebhook(id)
        | Command::RecordDeliveries { id, .. }
        | Command::ReplayDeliveries { id, .. } => webhooks::need(*id, set, keys),
    }
}

/// Decides one command over the rows that [`needs`] named, and tells what happened by it.
///
/// # Errors
/// The refusal; then no row has changed.
pub fn decide(command: &Command, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    let known = set.events.len();
    set.now = context.now;
    let reply = decide_alone(command, set, context);
    debug_assert!(reply.is_ok() || set.events.len() == known, "a refused command has told that something happened");
    set.stamp(known, command.actor(), context.now, &mut context.ids);
    reply
}

fn decide_alone(command: &Command, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    match command {
        Command::CreateCart { token_hash, customer, currency, email, lines, own, idempotency } => {
            let request =
                cart::NewCart { token_hash: *token_hash, customer, currency, email, lines, own: own.as_ref() };
            cart::create_once(request, idempotency.as_ref(), set, context)
        }
        Command::AddLines { cart, lines, idempotency } => {
            cart::add_lines(cart, lines, idempotency.as_ref(), set, context)
        }
        Command::ChangeLine { cart, line_id, quantity } => cart::change_line(cart, *line_id, *quantity, set, context),
        Command::ApplyCoupon { cart, code } => coupons::apply(cart, code, set, context),
        Command::RemoveCoupon { cart, code } => coupons::remove(cart, code, set, context),
        Command::ChangeCart { cart, change } => cart::change(cart, change, set, context),
        Command::DeleteCart { cart } => cart::delete(cart, set, context),
        Command::SaveLine { cart, line_id } => saved::save_line(cart, *line_id, set, context),
        Command::SetAsideUnavailable { cart } => tidy::set_aside(cart, set, context),
        Command::RestoreSaved { cart, item_id } => saved::restore(cart, *item_id, set, context),
        Command::RemoveSaved { cart, item_id } => saved::remove(cart, *item_id, set, context),
        Command::UndoRemoval { cart } => undo::removal(cart, set, context),
        Command::MergeCart { guest, customer } => merge::merge(guest, customer, set, context),
        Command::UnmergeCart { cart } => undo::merge(cart, set, context),
        Command::ExpireCart { cart_id } => cart::expire(*cart_id, set, context),
        Command::ReleaseHolds { carts } => Ok(holds::release(carts, set)),
        Command::Checkout { cart, expected_total, gateway, method, beside_real, network, idempotency } => {
            let request = checkout::Request {
                named: cart,
                expected_total: *expected_total,
                gateway,
                method,
                beside_real: *beside_real,
                network: network.as_deref(),
                idempotency,
            };
            checkout::checkout(&request, set, context)
        }
        Command::SettlePayment { order_id, settlement } => settle::settle(*order_id, settlement, set, context),
        Command::ConfirmPayment { order_id, access } => orders::confirm(*order_id, access, set, context.now),
        Command::CancelOrder { order_id, access, reason } => {
            orders::cancel(*order_id, access, reason.as_deref(), set, context)
        }
        Command::RefundOrder { order_id, request, reason, by, idempotency } => {
            let asked = refunds::Asked { request, reason, by, idempotency };
            refunds::refund(*order_id, &asked, set, context)
        }
        Command::CapturePayment { order_id, amount } => capture::ask(*order_id, *amount, set, context.now),
        Command::Manual { order_id, command, by, idempotency } => {
            manual::decide(*order_id, command, by, idempotency, set, context)
        }
        Command::NoteDispute { order_id, dispute } => orders::note_dispute(*order_id, dispute, set, context.now),
        Command::FulfilOrder { order_id, fulfilment, idempotency } => {
            fulfilments::fulfil(*order_id, fulfilment, idempotency.as_ref(), set, context)
        }
        Command::UpdateFulfilment { order_id, fulfilment_id, change } => {
            fulfilments::update(*order_id, *fulfilment_id, change, set, context.now)
        }
        Command::AddOrderNote { order_id, note, idempotency } => {
            fulfilments::add_note(*order_id, note, idempotency.as_ref(), set, context.now)
        }
        Command::ForgetAnswers { before } => {
            set.forget_answers_before = Some(*before);
            Ok(Reply::Done)
        }
        Command::Account(command) => accounts::decide(command, set, context),
        Command::Forget(command) => forget::decide(command, set, context),
        Command::Mail(command) => mails::decide(command, set, context.now),
        Command::Inbox(command) => Ok(inbox::decide(command, set, context.now)),
        Command::Recovery(command) => recovery::decide(command, set, context),
        Command::Money(command) => outside::decide(command, set, context),
        Command::CountDemand => Ok(demand::count(set)),
        Command::ForgetCartEvents => {
            let days = i64::from(set.config.store.settings.cart_event_days);
            set.forget_cart_events_before = Some(context.now.plus_ms(-days * crate::store::DAY_MS));
            Ok(Reply::Done)
        }
        Command::ForgetDeliveries { before } => {
            set.delivery_changes.push(DeliveryChange::ForgetBefore(*before));
            Ok(Reply::Done)
        }
        Command::CreateWebhook { change, secret, position } => {
            Ok(webhooks::create(change, secret, *position, set, context))
        }
        Command::ChangeWebhook { id, change } => webhooks::change(*id, change, set),
        Command::ChangeWebhookSecrets { id, changes } => webhooks::change_secrets(*id, changes, set),
        Command::RotateWebhook { id, secret } => webhooks::rotate(*id, secret, set, context.now),
        Command::DeleteWebhook(id) => webhooks::delete(*id, set),
        Command::RecordDeliveries { id, round, position, deliveries, off } => {
            webhooks::record(*id, *round, *position, deliveries, off.as_deref(), set)
        }
        Command::ReplayDeliveries { id, replay } => webhooks::replay(*id, *replay, set, context.now),
        Command::RecordSink { name, position } => {
            set.sink_positions.push((name.clone(), *position));
            Ok(Reply::Done)
        }
        Command::UpsertProduct(draft) => catalogue::upsert(draft, set, context),
        Command::ChangeProduct(change) => retire::change_product(change, set),
        Command::ChangeVariant(change) => retire::change_variant(change, set),
        Command::DeleteProduct(handle) => retire::delete_product(handle, set),
        Command::DeleteVariant(sku) => retire::delete_variant(sku, set),
        Command::SetPrices(prices) => catalogue::set_prices(prices, set),
        Command::AdjustStock { changes, idempotency } => stock::adjust(changes, idempotency.as_ref(), set, context.now),
        Command::PutPromotion { id, promotion, codes } => config::put_promotion(*id, promotion, codes, set, context),
        Command::AddCodes { id, codes, max_uses } => coupons::add_codes(*id, codes, *max_uses, set),
        Command::PutCustomer { id, customer } => customers::put(id, customer, set, context.now),
        Command::DeletePromotion(id) => config::delete_promotion(*id, set),
        Command::ForgetKept { before } => config::forget_kept(*before, set),
        Command::ChangeStore(change) => config::change_store(change, set),
    }
}

fn need_idempotency(idempotency: Option<&Idempotency>, set: &WorkingSet, keys: &mut Keys) {
    if let Some(idempotency) = idempotency {
        let key = row_key(idempotency);
        if !set.idempotency.knows(&key) {
            keys.idempotency.insert(key);
        }
    }
}

fn answered_order(idempotency: &Idempotency, set: &WorkingSet) -> Option<OrderId> {
    answered_row(idempotency, set)?.order_id
}

/// The row of a key, once it is loaded.
fn answered_row<'a>(idempotency: &Idempotency, set: &'a WorkingSet) -> Option<&'a IdempotencyRow> {
    let key = row_key(idempotency);
    if set.idempotency.knows(&key) { set.idempotency.get(&key).map(|row| &**row) } else { None }
}

/// Whether a command that was decided well had been answered before under its key: then it has changed nothing more.
pub fn is_repeated(command: &Command, set: &WorkingSet) -> bool {
    command.idempotency().is_some_and(|key| answered_row(key, set).is_some())
}

fn row_key(idempotency: &Idempotency) -> IdempotencyKey {
    (idempotency.scope.clone(), idempotency.key.clone())
}

/// The answer already given under this key, if any.
fn answered(idempotency: &Idempotency, set: &WorkingSet) -> Result<Option<IdempotencyRow>, Refusal> {
    match set.idempotency.get(&row_key(idempotency)) {
        Some(row) if row.fingerprint == idempotency.fingerprint => Ok(Some((**row).clone())),
        Some(_) => Err(Refusal::IdempotencyKeyReused),
        None => Ok(None),
    }
}

fn remember(idempotency: &Idempotency, order_id: Option<OrderId>, set: &mut WorkingSet, now: Timestamp) {
    let row = IdempotencyRow { fingerprint: idempotency.fingerprint, order_id, cart_id: None, created_at: now };
    set.idempotency.put(row_key(idempotency), row);
}

fn remember_cart(idempotency: &Idempotency, cart_id: CartId, set: &mut WorkingSet, now: Timestamp) {
    let fingerprint = idempotency.fingerprint;
    let row = IdempotencyRow { fingerprint, order_id: None, cart_id: Some(cart_id), created_at: now };
    set.idempotency.put(row_key(idempotency), row);
}

/// The variant that an item names, among the loaded ones.
fn resolve(item: &Item, set: &WorkingSet) -> Option<crate::id::VariantId> {
    match item {
        Item::Variant(id) => Some(*id),
        Item::Sku(sku) => set.skus.get(sku).map(|id| **id),
    }
}
