//! Workers' steps that run twice. A shop lives through a seed; then nothing happens any more but the steps of the sweep, in a
//! fixed order, each found piece of work done once, or done twice with the process dying in between. Both ways must
//! end with the same books.

use crate::network::{Envelope, Source};
use crate::world::{Notes, Violation, World, at_once};
use cartwright_domain::cart::Cart;
use cartwright_domain::command::Command;
use cartwright_domain::id::{RefundId, Timestamp};
use cartwright_domain::inbox::InboxEvent;
use cartwright_domain::order::Order;
use cartwright_engine::{AuditRow, SweepStep, SweepWork, ask_and_look};
use std::collections::BTreeMap;

/// Rounds of all steps, six minutes apart: longer than any payment waits.
const ROUNDS: usize = 30;
const ROUND_MS: i64 = 6 * 60_000;
/// After so long what has ended has forgotten its person: a day, and the hour in which it counts.
const FORGOTTEN_MS: i64 = 26 * 60 * 60_000;

/// How many pieces of work each step has found.
pub type Work = BTreeMap<String, u64>;

/// How often each piece of work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// As it should be.
    Once,
    /// A second time on what was found the first time, by a new process.
    Twice,
}

/// Plays a seed, then runs every step of the sweep until all is quiet. Returns the books at the end, sorted, and how much
/// work each step has found.
///
/// # Errors
/// What was found wrong, in words.
pub fn sweep_to_the_end(seed: u64, repeat: Repeat) -> Result<(Vec<String>, Work), String> {
    let play = || {
        let mut world = World::new(seed, None, Notes::None)?;
        world.live()?;
        world.calm_down()?;
        let found = world.sweep_all(repeat)?;
        world.audit_end()?;
        Ok((world.books()?, found))
    };
    play().map_err(|Violation(what)| what)
}

impl World {
    fn sweep_all(&mut self, repeat: Repeat) -> Result<Work, Violation> {
        let mut found = Work::new();
        for round in 0..ROUNDS {
            // Late enough that what has ended forgets its person.
            self.pass(if round == ROUNDS - 5 { FORGOTTEN_MS } else { ROUND_MS });
            self.calm_down()?;
            self.reconcile_all()?;
            self.calm_down()?;
            for step in SweepStep::ALL {
                *found.entry(format!("{step:?}")).or_default() += self.work_off(step, repeat)?;
            }
        }
        Ok(found)
    }

    /// Does what a step finds; returns how much it was.
    fn work_off(&mut self, step: SweepStep, repeat: Repeat) -> Result<u64, Violation> {
        let found = at_once(step.find(self.process.reader.as_ref(), self.store, self.now));
        let found = found.map_err(|error| Violation(format!("sweep: {error}")))?;
        let pieces = match found {
            SweepWork::Payments(due) => {
                due.into_iter().map(|order| Piece::Payment(Box::new(order))).collect::<Vec<_>>()
            }
            SweepWork::Events(due) => due.into_iter().map(|event| Piece::Event(Box::new(event))).collect(),
            SweepWork::Commands(commands) => {
                commands.into_iter().map(|command| Piece::Command(Box::new(command))).collect()
            }
        };
        for piece in &pieces {
            self.do_piece(piece)?;
            if repeat == Repeat::Twice {
                self.restart()?;
                self.do_piece(piece)?;
            }
        }
        Ok(pieces.len() as u64)
    }

    fn do_piece(&mut self, piece: &Piece) -> Result<(), Violation> {
        let (from, commands) = match piece {
            Piece::Event(event) => return self.take_up(event),
            Piece::Command(command) => (Source::Sweeper, vec![(**command).clone()]),
            Piece::Payment(order) => {
                let asked = ask_and_look(&self.gateway, &self.process.config, order, self.now);
                (Source::Payment(order.id), at_once(asked))
            }
        };
        self.run_all(commands.into_iter().map(|command| Envelope { from, command, sent: 0 }).collect())
    }

    /// All that the shop has on record, but for instants, ids of refunds, and for how often somebody asked.
    fn books(&self) -> Result<Vec<String>, Violation> {
        let mut books = Vec::new();
        let read = at_once(self.process.reader.audit(self.store, &mut |row| books.push(entry(row))));
        read.map_err(|error| Violation(format!("audit: {error}")))?;
        for id in self.model.carts.keys() {
            let cart = at_once(self.process.reader.cart(self.store, *id)).ok().flatten();
            books.push(format!("{:?}", cart.map(timeless_cart)));
        }
        let mails = at_once(self.process.reader.due_mails(self.store, Timestamp(i64::MAX), usize::MAX >> 1));
        let mails = mails.map_err(|error| Violation(format!("mails: {error}")))?;
        books.push(format!("{} mails wait", mails.len()));
        books.sort();
        Ok(books)
    }
}

/// A piece of a worker's work.
enum Piece {
    Payment(Box<Order>),
    Event(Box<InboxEvent>),
    Command(Box<Command>),
}

fn entry(row: AuditRow) -> String {
    match row {
        AuditRow::Movement(mut movement) => {
            movement.at = Timestamp(0);
            format!("{movement:?}")
        }
        AuditRow::Order(mut order) => {
            order.updated_at = Timestamp(0);
            order.payment.tries = 0;
            order.payment.due_at = order.payment.due_at.map(|_| Timestamp(0));
            if let Some(authorization) = &mut order.detail.authorization {
                authorization.until = Timestamp(0);
            }
            order.detail.books_at = None;
            order.detail.disputes.iter_mut().for_each(|dispute| dispute.at = Timestamp(0));
            // A refund that the sweep makes has an id of its command's own seed.
            for refund in &mut order.detail.refunds {
                (refund.id, refund.at) = (RefundId::default(), Timestamp(0));
            }
            format!("{order:?}")
        }
        AuditRow::Hold(cart, mut hold) => {
            hold.until = Timestamp(0);
            format!("{cart} {hold:?}")
        }
        AuditRow::HoldingCart(cart) => format!("{:?}", timeless_cart(*cart)),
        other => format!("{other:?}"),
    }
}

fn timeless_cart(mut cart: Cart) -> Cart {
    cart.updated_at = Timestamp(0);
    cart.expires_at = Timestamp(0);
    if let Some(recovery) = &mut cart.detail.recovery {
        recovery.next_at = recovery.next_at.map(|_| Timestamp(0));
    }
    cart.detail.holds.iter_mut().for_each(|hold| hold.until = Timestamp(0));
    if let Some(failure) = &mut cart.detail.last_payment_failure {
        failure.at = Timestamp(0);
    }
    cart
}
