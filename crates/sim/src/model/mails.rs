//! Reminders of the model: which may still be sent.

use super::{Checked, Model};
use crate::setup::MAILS_A_DAY;
use cartwright_domain::cart::Cart;
use cartwright_domain::command::{Command, MailCommand, RecoveryCommand, Reply};
use cartwright_domain::id::{CartId, MailId, Timestamp};
use cartwright_domain::mail::{Mail, MailKind};
use cartwright_domain::recovery::GuestConsent;
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
    /// Addresses, in lower case, whose readers want reminders of a cart.
    confirmed: BTreeSet<(String, CartId)>,
    /// When mails that shoppers cause were written to an address, with the cart of each that is about one.
    caused: BTreeMap<String, BTreeMap<MailId, (Timestamp, Option<CartId>)>>,
    /// What a guest's word is worth.
    pub guest_consent: GuestConsent,
}

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

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
            (Command::Recovery(RecoveryCommand::Confirm { mail_id, cart_id }), Reply::Done) => {
                let address = self.mails.addressees.get(mail_id).cloned();
                self.mails.confirmed.extend(address.map(|address| (address, *cart_id)));
                Ok(())
            }
            (Command::Recovery(RecoveryCommand::Unsubscribe { cart_id, mail_id }), Reply::Done) => {
                self.mails.dismissed.insert(*cart_id);
                self.mails.unsubscribed.extend(self.mails.addressees.get(mail_id).cloned());
                Ok(())
            }
            (Command::Recovery(RecoveryCommand::Replan { .. }), Reply::Replanned(carts)) => {
                carts.iter().for_each(|cart| self.note_date(cart));
                carts.iter().try_for_each(|cart| self.compare_cart(cart))
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
        let id = mail.data.get("cart_id").and_then(|id| id.as_str()?.parse().ok()).map(CartId);
        if !matches!(mail.kind, MailKind::PasswordChanged | MailKind::OperatorInvited) {
            self.mails.caused.entry(address.clone()).or_default().insert(mail.id, (mail.created_at, id));
            self.mails.are_few(&address)?;
        }
        if mail.kind.reminder_stage().is_none() {
            return Ok(());
        }
        let id = id.ok_or_else(|| format!("mail {} is about no cart", mail.id))?;
        let cart = self.carts.get(&id).ok_or_else(|| format!("mail {} is about a cart that is not there", mail.id))?;
        let asks = self.mails.guest_consent == GuestConsent::Confirmed && !cart.of_customer;
        let unconfirmed = asks && !self.mails.confirmed.contains(&(address.clone(), id));
        let reasons = [
            (self.mails.dismissed.contains(&id), "nobody wants to hear of it"),
            (self.mails.unsubscribed.contains(&address), "the address has unsubscribed"),
            (cart.order.is_some(), "it was bought"),
            (cart.merged_into.is_some(), "it went into another"),
            (unconfirmed, "nobody has said yes to it at this address"),
        ];
        match reasons.into_iter().find(|(holds, _)| *holds) {
            Some((_, why)) => Err(format!("mail {} about cart {id} is to be sent, but {why}", mail.id)),
            None => Ok(()),
        }
    }
}

impl ModelMails {
    /// Nothing is known of an address any more: neither wishes, nor how many mails went there.
    pub(super) fn forget(&mut self, address: &str) {
        self.unsubscribed.remove(address);
        self.confirmed.retain(|(of, _)| of != address);
        self.caused.remove(address);
        self.addressees.retain(|_, of| of != address);
    }

    /// However many carts have an address, and however often it is typed, so many mails reach it in a day.
    fn are_few(&self, address: &str) -> Checked {
        let all = &self.caused[address];
        for (at, _) in all.values() {
            let within = |other: &&(Timestamp, Option<CartId>)| (at.0..at.0 + DAY_MS).contains(&other.0.0);
            let (mails, of_carts) = (
                all.values().filter(within).count(),
                all.values().filter(within).filter(|(_, cart)| cart.is_some()).count(),
            );
            if mails > usize::from(MAILS_A_DAY) || of_carts > usize::from(MAILS_A_DAY / 2) {
                return Err(format!("{mails} mails went to {address} within a day, {of_carts} of them about carts"));
            }
        }
        Ok(())
    }
}
