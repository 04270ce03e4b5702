//! Decisions that forget people: slice by slice, so that no batch is long, and never what a payment may still need.

use super::cart::{give_up, loaded, need_cart};
use super::{Context, persons};
use crate::cart::Cart;
use crate::command::{ForgetCommand, Reply};
use crate::event::EventKind;
use crate::forget::{ErasedNames, Erasure, ForgottenOrder};
use crate::id::{CartId, ErasureId, OrderId};
use crate::order::OrderStatus;
use crate::person::{plain_email, spellings};
use crate::refusal::Refusal;
use crate::working_set::{Keys, WorkingSet};
use std::sync::Arc;

pub(super) fn need(command: &ForgetCommand, set: &WorkingSet, keys: &mut Keys) {
    match command {
        ForgetCommand::Carts(carts) => {
            for id in carts {
                need_ended(*id, set, keys);
                let customer = loaded(*id, set).and_then(|cart| cart.customer.clone());
                keys.customer_carts.extend(customer.filter(|customer| !set.customer_carts.knows(customer)));
            }
        }
        ForgetCommand::ErasedCarts(carts) => carts.iter().for_each(|id| need_ended(*id, set, keys)),
        ForgetCommand::Orders(orders) => keys.orders.extend(orders.iter().filter(|id| !set.orders.knows(id))),
        ForgetCommand::Begin { email } => {
            let address = plain_email(email);
            if !persons::need_linked(&address, set, keys) {
                let linked = persons::linked(&address, set);
                keys.customers.extend(linked.into_iter().filter(|customer| !set.customers.knows(customer)));
            }
        }
        ForgetCommand::End(_) => {}
    }
}

/// A cart, and the order that it may be waiting for.
fn need_ended(id: CartId, set: &WorkingSet, keys: &mut Keys) {
    need_cart(id, set, keys);
    let order = loaded(id, set).and_then(|cart| cart.order_id);
    keys.orders.extend(order.filter(|order| !set.orders.knows(order)));
}

pub(super) fn decide(command: &ForgetCommand, set: &mut WorkingSet, context: &mut Context) -> Result<Reply, Refusal> {
    match command {
        ForgetCommand::Carts(carts) => carts.iter().for_each(|id| forget_cart(*id, set)),
        ForgetCommand::ErasedCarts(carts) => carts.iter().for_each(|id| erase_cart(*id, set, context)),
        ForgetCommand::Orders(orders) => orders.iter().for_each(|id| forget_order(*id, set)),
        ForgetCommand::Begin { email } => return Ok(begin_guest(email, set, context)),
        ForgetCommand::End(erasure) => set.people.erasures_ended.push((**erasure).clone()),
    }
    Ok(Reply::Done)
}

/// The cart, unless its order may still give it back to the shopper.
fn idle_cart(id: CartId, set: &WorkingSet) -> Option<&Cart> {
    let cart = set.carts.get(&id)?;
    let order = cart.order_id.and_then(|order| set.orders.get(&order));
    (!order.is_some_and(|order| order.status == OrderStatus::PendingPayment)).then_some(&**cart)
}

/// What was saved for later waits in a customer's last cart for the next one.
fn forget_cart(id: CartId, set: &mut WorkingSet) {
    let Some(cart) = idle_cart(id, set).filter(|cart| cart.is_forgettable()) else { return };
    let last = cart.customer.as_ref().and_then(|customer| set.customer_carts.get(customer));
    let keeps_saved = last.is_some_and(|last| **last == id) && !cart.detail.saved.is_empty();
    if let Some(cart) = set.carts.edit(&id) {
        cart.forget(keeps_saved);
    }
}

fn erase_cart(id: CartId, set: &mut WorkingSet, context: &Context) {
    let is_gone = |cart: &&Cart| cart.detail.forgotten && cart.customer.is_none() && !cart.is_open();
    let Some(cart) = idle_cart(id, set).filter(|cart| !is_gone(cart)) else { return };
    if cart.is_open() {
        give_up(id, EventKind::CartDeleted, set, context.now);
    }
    if let Some(cart) = set.carts.edit(&id) {
        cart.forget(false);
    }
}

fn forget_order(id: OrderId, set: &mut WorkingSet) {
    let Some(order) = set.orders.get(&id).filter(|order| order.is_forgettable()) else { return };
    let forgotten =
        ForgottenOrder { id, buyer: order.buyer().unwrap_or_default(), promotions: order.detail.gave_back.clone() };
    set.forgotten_orders.push(forgotten);
    if let Some(order) = set.orders.edit(&id) {
        order.forget();
    }
}

/// Notes that a person is to go: `account` with its address, and the customers that the shop has linked to it, whose links end.
pub(super) fn begin(names: ErasedNames, set: &mut WorkingSet, context: &mut Context) -> Reply {
    let erasure = Erasure { id: ErasureId(context.ids.next_id()), names, begun_at: context.now };
    set.people.erasures_begun.push(erasure.clone());
    Reply::Erasing(Arc::new(erasure))
}

fn begin_guest(email: &str, set: &mut WorkingSet, context: &mut Context) -> Reply {
    let customers = unlink(email, set);
    begin(ErasedNames { account: None, customers, emails: spellings(email) }, set, context)
}

/// Ends the links of the shop's customers to an address; returns these customers.
pub(super) fn unlink(email: &str, set: &mut WorkingSet) -> Vec<String> {
    let customers = persons::linked(&plain_email(email), set);
    for customer in &customers {
        if let Some(row) = set.customers.edit(customer) {
            (row.email, row.email_since) = (None, None);
        }
    }
    customers
}
