//! Reminders of abandoned carts: the worker that claims and sends them, the mail server, and people who read what came.

use crate::network::{Envelope, Source};
use crate::world::{Violation, World, at_once};
use cartwright_domain::command::{Command, MailCommand, RecoveryCommand};
use cartwright_domain::id::{CartId, MailId};
use cartwright_domain::mail::{Mail, MailOutcome};
use cartwright_engine::SweepStep;

/// Mails that the worker looks for at once.
const MOST: usize = 20;

/// A reminder that has arrived; of stage 0 the question whether there may be any.
#[derive(Clone, Debug)]
pub(crate) struct Arrived {
    pub id: MailId,
    pub cart: CartId,
    pub stage: u8,
}

#[derive(Clone, Copy)]
enum Act {
    Work,
    Send,
    Read,
}

impl World {
    /// One of the steps of a reminder's way.
    pub(crate) fn mail_goes_on(&mut self) -> Result<(), Violation> {
        match self.dice.weighted(&[(35, Act::Work), (45, Act::Send), (20, Act::Read)]) {
            Act::Work => self.mail_worker_runs(),
            Act::Send if !self.process.to_send.is_empty() => self.send_mail(),
            Act::Read if !self.post.is_empty() => {
                self.reader_acts();
                Ok(())
            }
            Act::Send | Act::Read => Ok(()),
        }
    }

    /// Writes what is due and claims what waits, among all that is under way.
    pub(crate) fn mail_worker_runs(&mut self) -> Result<(), Violation> {
        self.sweep(SweepStep::DueRecoveries)?;
        self.run_some()?;
        self.look_for_mails()?;
        if self.dice.percent(20) {
            // Another node looks at the same time.
            self.look_for_mails()?;
        }
        self.run_some()
    }

    fn run_some(&mut self) -> Result<(), Violation> {
        for _ in 0..3 {
            if !self.inbox.is_empty() {
                let batch = self.take_batch();
                self.run_all(batch)?;
            }
        }
        Ok(())
    }

    /// The worker claims what is due; the answer says which of them it may send.
    pub(crate) fn look_for_mails(&mut self) -> Result<(), Violation> {
        let due = at_once(self.process.reader.due_mails(self.store, self.now, MOST));
        for id in due.map_err(|error| Violation(format!("mails: {error}")))? {
            let command = Command::Mail(MailCommand::Claim(id));
            self.inbox.push(Envelope { from: Source::Mailer, command, sent: 0 });
        }
        Ok(())
    }

    /// Hands a claimed mail to the mail server, which may be away, refuse it, or take it and not say so.
    pub(crate) fn send_mail(&mut self) -> Result<(), Violation> {
        let at = self.dice.below(self.process.to_send.len());
        let mail = self.process.to_send.swap_remove(at);
        if self.dies_over_a_mail("crash: before a mail is sent") {
            return self.restart();
        }
        let outcome = if self.friendly { MailOutcome::Sent } else { self.mail_server_says() };
        let arrives = match outcome {
            MailOutcome::Sent => true,
            MailOutcome::Unknown => self.dice.percent(50),
            MailOutcome::NotSent | MailOutcome::Refused => false,
        };
        self.note(|| format!("mail {} to {}: {outcome:?}, arrives: {arrives}", mail.id, mail.recipient));
        if arrives {
            self.arrive(&mail)?;
        }
        if self.dies_over_a_mail("crash: after a mail was sent") {
            return self.restart();
        }
        let command = Command::Mail(MailCommand::Settle { id: mail.id, tries: mail.tries, outcome });
        self.inbox.push(Envelope { from: Source::Mailer, command, sent: 0 });
        Ok(())
    }

    fn mail_server_says(&mut self) -> MailOutcome {
        let (outcome, name) = self.dice.weighted(&[
            (45, (MailOutcome::Sent, "mail server: took a mail")),
            (20, (MailOutcome::NotSent, "mail server: away")),
            (15, (MailOutcome::Refused, "mail server: refused a mail")),
            (20, (MailOutcome::Unknown, "mail server: nobody knows")),
        ]);
        self.count(name);
        outcome
    }

    fn dies_over_a_mail(&mut self, point: &'static str) -> bool {
        let dies = self.mischief(20);
        if dies {
            self.note(|| point.to_owned());
            self.count(point);
            self.process.dead = true;
        }
        dies
    }

    /// At most one mail for each cart and stage, and none about a cart that is held out.
    fn arrive(&mut self, mail: &Mail) -> Result<(), Violation> {
        if !mail.kind.is_about_cart() {
            self.count("mails about accounts");
            return Ok(());
        }
        self.count("mails that arrived");
        let wrong = |what: &str| Violation(format!("mail {} ({}): {what}", mail.id, mail.kind.as_str()));
        let cart = mail.data.get("cart_id").and_then(|id| id.as_str()?.parse().ok()).map(CartId);
        let cart = cart.ok_or_else(|| wrong("names no cart"))?;
        let Some(stage) = mail.kind.reminder_stage() else {
            self.count("mails that ask");
            self.post.push(Arrived { id: mail.id, cart, stage: 0 });
            return Ok(());
        };
        if self.post.iter().any(|known| (known.cart, known.stage) == (cart, stage)) {
            return Err(wrong(&format!("cart {cart} was reminded of at this stage before")));
        }
        let row = at_once(self.process.reader.cart(self.store, cart)).ok().flatten();
        if row.and_then(|cart| cart.detail.recovery).is_none_or(|recovery| recovery.held_out) {
            return Err(wrong(&format!("cart {cart} was to get nothing")));
        }
        self.post.push(Arrived { id: mail.id, cart, stage });
        Ok(())
    }

    /// Somebody follows the link of a mail.
    fn reader_acts(&mut self) {
        let Arrived { id: mail_id, cart: cart_id, stage } = self.dice.pick(&self.post).clone();
        let who = self.dice.below(self.shoppers.len());
        let token_hash = self.shoppers[who].token;
        let restore = RecoveryCommand::Restore { cart_id, token_hash };
        match self.dice.below(4) {
            0 | 1 if stage == 0 => {
                self.send(Source::Reader, Command::Recovery(RecoveryCommand::Confirm { cart_id, mail_id }))
            }
            0 | 1 => self.send(Source::Shopper(who), Command::Recovery(restore)),
            2 => self.send(Source::Reader, Command::Recovery(RecoveryCommand::Dismiss { cart_id })),
            _ => self.send(Source::Reader, Command::Recovery(RecoveryCommand::Unsubscribe { cart_id, mail_id })),
        }
    }
}
