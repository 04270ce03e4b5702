//! How many commands of one cart may be under way. Whoever sends hundreds at once for one cart is told to come back, at once and
//! without a look at the storage, so that the queue in front of the lane has room for everybody else.

use cartwright_domain::command::Command;
use cartwright_domain::id::CartId;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

/// Most commands of one cart that run or wait.
const MOST: u16 = 256;
/// Carts are told apart by so many of their random bits: two share a count once in so many, which nobody can bring about.
const COUNTS: usize = 1 << 16;

/// Commands under way, by cart.
pub(crate) struct Turns(Box<[AtomicU16]>);

/// A command's turn, over with the value.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    at: usize,
}

impl Turns {
    pub(crate) fn new() -> Arc<Turns> {
        Arc::new(Turns((0..COUNTS).map(|_| AtomicU16::new(0)).collect()))
    }

    /// A turn for a command of this cart; none where enough are under way.
    pub(crate) fn take(self: &Arc<Self>, cart: CartId) -> Option<Turn> {
        let at = (cart.0.as_u128() % COUNTS as u128) as usize;
        let turn = Turn { turns: self.clone(), at };
        let before = self.0[at].fetch_add(1, Ordering::Relaxed);
        (before < MOST).then_some(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.0[self.at].fetch_sub(1, Ordering::Relaxed);
    }
}

/// The cart that a shopper's command is about.
pub(crate) fn cart_of(command: &Command) -> Option<CartId> {
    match command {
        Command::AddLines { cart, .. }
        | Command::ChangeLine { cart, .. }
        | Command::ApplyCoupon { cart, .. }
        | Command::RemoveCoupon { cart, .. }
        | Command::ChangeCart { cart, .. }
        | Command::DeleteCart { cart }
        | Command::SaveLine { cart, .. }
        | Command::RestoreSaved { cart, .. }
        | Command::RemoveSaved { cart, .. }
        | Command::UndoRemoval { cart }
        | Command::UnmergeCart { cart }
        | Command::MergeCart { guest: cart, .. }
        | Command::Checkout { cart, .. } => Some(cart.id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_cart_has_so_many_turns_and_others_have_theirs() {
        let turns = Turns::new();
        let cart = |number| CartId(Uuid::from_u128(number));
        let taken: Vec<Option<Turn>> = (0..300).map(|_| turns.take(cart(1))).collect();
        assert_eq!(taken.iter().flatten().count(), usize::from(MOST));
        assert!(turns.take(cart(2)).is_some());
        drop(taken);
        assert!(turns.take(cart(1)).is_some());
        assert!(turns.0.iter().all(|count| count.load(Ordering::Relaxed) == 0));
    }
}
