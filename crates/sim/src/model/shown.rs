//! What a shopper was shown bounds what is charged. The model does not price; it knows the total that the checkout names.

use super::Checked;
use cartwright_domain::command::{Command, Reply};
use cartwright_domain::refusal::Refusal;

/// An order is made at the total that the shopper was shown, or below.
pub(super) fn is_what_was_shown(shown: Option<i64>, reply: &Reply) -> Checked {
    let Reply::OrderCreated(order) = reply else { return Ok(()) };
    let total = order.totals.total;
    match shown {
        Some(shown) if total <= shown => Ok(()),
        _ => Err(format!("order {} costs {total}, its shopper was shown {shown:?}", order.id)),
    }
}

/// Nobody is refused for a price that is not above the one that was shown; what differs sums to the difference.
pub(super) fn is_dearer_than_shown(command: &Command, refusal: &Refusal) -> Checked {
    let Command::Checkout { expected_total, .. } = command else { return Ok(()) };
    match (refusal, expected_total) {
        (Refusal::Several(several), _) => several.iter().try_for_each(|one| is_dearer_than_shown(command, one)),
        (Refusal::TotalRequired { .. }, Some(total)) => Err(format!("{command:?} was asked for its total of {total}")),
        (Refusal::PriceChanged(changed), shown) => {
            let total = changed.now.totals.total;
            match shown {
                Some(shown) if total > *shown => Ok(()),
                _ => Err(format!("{command:?} was refused, although it costs {total}")),
            }
        }
        _ => Ok(()),
    }
}
