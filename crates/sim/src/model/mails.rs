//! Reminders of the model: which may still be sent.

use super::{Checked, Model};
use cartwright_domain::cart::Cart;
use cartwright_domain::command::{Command, MailCommand, RecoveryCommand, Reply};
use cartwright_domain::id::{CartId, MailId};
use cartwright_domain::mail::Mail;
use std::collections::{BTreeMap, BTreeSet};

/// Who wants no reminders.
#[derive(Clone, Debug, Default)]
pub(crate) struct ModelMails {
    /// Carts of which nobody wants to hear.
    dismissed: BTreeSet<CartId>,
    /// Addresses, in lower case, that have unsubscribed.
    unsubscribed: BTreeSet<String>,
    /// To whom mails went.
    addressees: BTreeMap<MailId, String>,
}

impl Model {
    /// Something about a reminder was committed.
    pub(super) fn reminded(&mut self, command: &Command, reply: &Reply) -> Checked {
        match (command, reply) {
            (Command::Mail(MailCommand::Claim(_)), Reply::Mail(mail)) => self.claimed(mail),
            (Command::Recovery(RecoveryCommand::Restore { .. }), Reply::Cart(cart)) => self.compare_cart(cart),
            (Command::Recovery(RecoveryCommand::Recover { cart_id, .. }), Reply::Cart(cart)) => {
                self.abandoned(*cart_id, cart)
            }
            (Command::Recovery(RecoveryCommand::Dismiss { cart_id }), Reply::Done) => {
                self.mails.dismissed.insert(*cart_id);
                Ok(())
            }
            (Command::Recovery(RecoveryCommand::Unsubscribe { cart_id, mail_id }), Reply::Done) => {
                self.mails.dismissed.insert(*cart_id);
                self.mails.unsubscribed.extend(self.mails.addressees.get(mail_id).cloned());
                Ok(())
            }
            (Command::Mail(_) | Command::Recovery(RecoveryCommand::Recover { .. }), Reply::Done) => Ok(()),
            (command, reply) => Err(format!("{command:?} was answered {reply:?}")),
        }
    }

    /// A stage was reached: nothing is held any more for a shopper who is away.
    fn abandoned(&mut self, id: CartId, cart: &Cart) -> Checked {
        if self.mails.dismissed.contains(&id) {
            return Err(format!("cart {id} is to be reminded of, but nobody wants to hear of it"));
        }
        self.let_go(id);
        self.compare_cart(cart)
    }

    /// From here on a worker may send it.
    fn claimed(&mut self, mail: &Mail) -> Checked {
        let address = mail.recipient.to_lowercase();
        self.mails.addressees.insert(mail.id, address.clone());
        if mail.kind.reminder_stage().is_none() {
            return Ok(());
        }
        let id = mail.data.get("cart_id").and_then(|id| id.as_str()?.parse().ok()).map(CartId);
        let id = id.ok_or_else(|| format!("mail {} is about no cart", mail.id))?;
        let cart = self.carts.get(&id).ok_or_else(|| format!("mail {} is about a cart that is not there", mail.id))?;
        let reasons = [
            (self.mails.dismissed.contains(&id), "nobody wants to hear of it"),
            (self.mails.unsubscribed.contains(&address), "the address has unsubscribed"),
            (cart.order.is_some(), "it was bought"),
            (cart.merged_into.is_some(), "it went into another"),
        ];
        match reasons.into_iter().find(|(holds, _)| *holds) {
            Some((_, why)) => Err(format!("mail {} about cart {id} is to be sent, but {why}", mail.id)),
            None => Ok(()),
        }
    }
}
