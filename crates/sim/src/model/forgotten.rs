//! Persons who are forgotten, in the model: after a time, or since they are to go.

use super::{Checked, Model};
use cartwright_domain::command::{ForgetCommand, Reply};
use cartwright_domain::forget::Erasure;
use cartwright_domain::id::CartId;
use cartwright_domain::order::OrderStatus;

/// Who is to go, and what of them has gone.
#[derive(Clone, Debug, Default)]
pub(crate) struct ModelForgotten {
    /// Everybody who was to go.
    begun: Vec<Erasure>,
    /// Of whom the batch that is being taken in takes what is neither cart nor order, at its end.
    wiped: Vec<(String, Vec<String>)>,
    /// Whether carts were given up since somebody is to go, and how many orders forgot a person.
    pub erased_carts: u64,
    pub forgotten_orders: u64,
    pub ended: u64,
}

impl Model {
    pub(super) fn forgotten(&mut self, command: &ForgetCommand, reply: &Reply) -> Checked {
        match (command, reply) {
            (ForgetCommand::Begin { email }, Reply::Erasing(erasure)) => {
                let customers = self.unlinked(email);
                let mut told = erasure.names.customers.clone();
                told.sort_unstable();
                if told != customers {
                    return Err(format!("{email} is to go as {told:?}, should as {customers:?}"));
                }
                self.forgotten.wiped.push((email.to_lowercase(), customers));
                self.forgotten.begun.push((**erasure).clone());
            }
            (ForgetCommand::Carts(carts), Reply::Done) => carts.iter().for_each(|id| self.cart_forgotten(*id)),
            (ForgetCommand::ErasedCarts(carts), Reply::Done) => {
                for id in carts {
                    let begun = &self.forgotten.begun;
                    if !begun.iter().any(|erasure| id.0 < erasure.first_id_after()) {
                        return Err(format!("cart {id} is erased, and was made after that was asked for"));
                    }
                    self.cart_erased(*id);
                }
            }
            (ForgetCommand::Orders(orders), Reply::Done) => {
                for id in orders {
                    let Some(order) = self.orders.get_mut(id) else { continue };
                    let live = matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed);
                    if live || order.captured > 0 {
                        return Err(format!("order {id} forgets its person, and is {order:?}"));
                    }
                    (order.buyer, order.is_guest) = (String::new(), true);
                    self.forgotten.forgotten_orders += 1;
                }
            }
            (ForgetCommand::End(_), Reply::Done) => self.forgotten.ended += 1,
            (command, reply) => return Err(format!("{command:?} was answered with {reply:?}")),
        }
        Ok(())
    }

    /// The end of a batch: what goes with its rows.
    pub(super) fn wipe(&mut self) {
        for (address, customers) in std::mem::take(&mut self.forgotten.wiped) {
            self.mails.forget(&address);
            let holders: Vec<String> = customers.iter().map(|customer| format!("customer:{customer}")).collect();
            self.unpaid.retain(|_, line| !holders.contains(&line.holder));
        }
    }

    /// Everybody who was to go.
    pub(crate) fn begun(&self) -> &[Erasure] {
        &self.forgotten.begun
    }

    /// Whether the cart's order may still give it back.
    fn waits(&self, id: CartId) -> bool {
        let order = self.carts.get(&id).and_then(|cart| cart.order);
        order.and_then(|id| self.orders.get(&id)).is_some_and(|order| order.status == OrderStatus::PendingPayment)
    }

    /// A customer's last cart keeps what was saved for the next one.
    fn cart_forgotten(&mut self, id: CartId) {
        let is_last = self.customers.values().any(|last| *last == id);
        let waits = self.waits(id);
        let Some(cart) = self.carts.get_mut(&id) else { return };
        let ended = cart.gone || cart.merged_into.is_some() || cart.order.is_some() || cart.expires_at <= self.now;
        if ended && !waits {
            if !is_last {
                cart.saved.clear();
            }
            self.forget_undo(id);
        }
    }

    fn cart_erased(&mut self, id: CartId) {
        if self.waits(id) {
            return;
        }
        let Some(cart) = self.carts.get_mut(&id) else { return };
        if cart.order.is_none() && cart.merged_into.is_none() && !cart.gone {
            cart.gone = true;
            self.let_go(id);
        }
        if let Some(cart) = self.carts.get_mut(&id) {
            cart.saved.clear();
        }
        self.forget_undo(id);
        self.forgotten.erased_carts += 1;
    }
}
