//! How many commands of one cart may be under way. Whoever sends hundreds at once for one cart is told to come back, at once and
//! without a look at the storage, so that the queue in front of the lane has room for everybody else. Whether a secret opens the
//! cart is not known yet, so they are counted by cart and secret: whoever comes with a wrong one spends nothing of the owner's.

use cartwright_domain::command::{CartRef, Command};
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

/// Most commands of one cart and secret that run or wait.
const MOST: u16 = 256;
/// Two share a count once in so many; which two nobody can know.
const COUNTS: usize = 1 << 16;

/// Commands under way, by cart and by what is to open it.
pub(crate) struct Turns {
    counts: Box<[AtomicU16]>,
    hasher: RandomState,
}

/// A command's turn, over with the value.
pub(crate) struct Turn {
    turns: Arc<Turns>,
    at: usize,
}

impl Turns {
    pub(crate) fn new() -> Arc<Turns> {
        let counts = (0..COUNTS).map(|_| AtomicU16::new(0)).collect();
        Arc::new(Turns { counts, hasher: RandomState::new() })
    }

    /// A turn for a command of this cart; none where enough are under way.
    pub(crate) fn take(self: &Arc<Self>, cart: &CartRef) -> Option<Turn> {
        let at = (self.hasher.hash_one((cart.id, &cart.access)) % COUNTS as u64) as usize;
        let turn = Turn { turns: self.clone(), at };
        let before = self.counts[at].fetch_add(1, Ordering::Relaxed);
        (before < MOST).then_some(turn)
    }
}

impl Turn {
    /// The same for all commands of a cart and secret.
    pub(crate) fn whose(&self) -> usize {
        self.at
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.counts[self.at].fetch_sub(1, Ordering::Relaxed);
    }
}

/// The cart that a shopper's command is about.
pub(crate) fn cart_of(command: &Command) -> Option<&CartRef> {
    match command {
        Command::AddLines { cart, .. }
        | Command::ChangeLine { cart, .. }
        | Command::ApplyCoupon { cart, .. }
        | Command::RemoveCoupon { cart, .. }
        | Command::ChangeCart { cart, .. }
        | Command::DeleteCart { cart }
        | Command::SetAsideUnavailable { cart }
        | Command::SaveLine { cart, .. }
        | Command::RestoreSaved { cart, .. }
        | Command::RemoveSaved { cart, .. }
        | Command::UndoRemoval { cart }
        | Command::UnmergeCart { cart }
        | Command::MergeCart { guest: cart, .. }
        | Command::Checkout { cart, .. } => Some(cart),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_domain::command::Access;
    use cartwright_domain::id::CartId;
    use uuid::Uuid;

    #[test]
    fn a_cart_has_so_many_turns_and_neither_others_nor_those_with_a_wrong_secret_spend_them() {
        let turns = Turns::new();
        let cart = |number, secret| CartRef {
            id: CartId(Uuid::from_u128(number)),
            access: Access::Token([secret; 32]),
            if_version: None,
        };
        let strangers: Vec<Option<Turn>> = (0..300).map(|_| turns.take(&cart(1, 66))).collect();
        assert_eq!(strangers.iter().flatten().count(), usize::from(MOST));
        let owners: Vec<Option<Turn>> = (0..300).map(|_| turns.take(&cart(1, 1))).collect();
        // Once in 65,536 runs both have one count.
        assert_eq!(owners.iter().flatten().count(), usize::from(MOST));
        drop((strangers, owners));
        assert!(turns.take(&cart(1, 66)).is_some());
        assert!(turns.counts.iter().all(|count| count.load(Ordering::Relaxed) == 0));
    }
}
