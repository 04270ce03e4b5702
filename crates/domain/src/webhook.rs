//! Webhooks: receivers that are told of events, what became of each event on its way, and when it is tried again. What is told,
//! and how it is signed, follows Standard Webhooks (standardwebhooks.com).

use crate::event::{EventKind, LoggedEvent};
use crate::id::{EventId, Timestamp, WebhookId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most receivers of a store.
pub const MAX_WEBHOOKS: usize = 50;
/// How long a secret stays valid beside the one that took its place: a day.
const OVERLAP_MS: i64 = 24 * 60 * 60 * 1000;

/// A receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook {
    /// Identity.
    pub id: WebhookId,
    /// What operators said about it.
    pub definition: WebhookDefinition,
    /// The last event that was taken up for it.
    pub position: i64,
    /// Grows with whatever is written about its deliveries, so that nobody writes who has seen an older state.
    pub round: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What operators say about a receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDefinition {
    /// Where to send.
    pub url: String,
    /// For people.
    pub description: String,
    /// Names of the types wanted; none for all.
    pub types: Vec<String>,
    /// Whether anything is sent.
    pub active: bool,
    /// Why it was switched off, where nobody did it on purpose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_reason: Option<String>,
    /// With what is signed, the newest first.
    pub secrets: Vec<WebhookSecret>,
}

/// A secret, shared with the receiver.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSecret {
    /// `whsec_…`.
    pub key: String,
    /// Until when it is used, where another took its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "whsec_… until {:?}", self.until)
    }
}

impl WebhookDefinition {
    /// Whether events of this kind are sent.
    pub fn wants(&self, kind: EventKind) -> bool {
        self.types.is_empty() || self.types.iter().any(|name| name == kind.as_str())
    }

    /// The secrets to sign with now.
    pub fn keys_at(&self, now: Timestamp) -> Vec<String> {
        let valid = self.secrets.iter().filter(|secret| secret.until.is_none_or(|until| now < until));
        valid.map(|secret| secret.key.clone()).collect()
    }

    /// Puts a new secret in place; the newest of the others stays valid for a day.
    pub fn rotate(&mut self, key: String, now: Timestamp) {
        self.secrets.truncate(1);
        let until = now.plus_ms(OVERLAP_MS);
        self.secrets.iter_mut().for_each(|secret| secret.until = Some(until));
        self.secrets.insert(0, WebhookSecret { key, until: None });
    }
}

/// Where an event stands on its way to a receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// To be sent, for the first time or again.
    Pending,
    /// The receiver has it.
    Delivered,
    /// Given up.
    Dead,
}

impl DeliveryStatus {
    /// All of them.
    pub const ALL: [DeliveryStatus; 3] = [DeliveryStatus::Pending, DeliveryStatus::Delivered, DeliveryStatus::Dead];

    /// The name in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryStatus::Pending => "pending",
            DeliveryStatus::Delivered => "delivered",
            DeliveryStatus::Dead => "dead",
        }
    }
}

/// An event on its way to a receiver.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The event's number.
    pub sequence: i64,
    /// The event.
    pub event_id: EventId,
    /// Its kind.
    pub kind: EventKind,
    /// The cart or order that it is about.
    pub subject: Uuid,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// How often it was sent.
    pub tries: i64,
    /// When it is sent next; `None` while it waits behind another of its subject.
    pub due_at: Option<Timestamp>,
    /// What the receiver said last: a status, or why there was none.
    pub answer: Option<String>,
    /// When that changed last.
    pub changed_at: Timestamp,
}

impl Delivery {
    /// An event that was not sent yet.
    pub fn of(logged: &LoggedEvent, now: Timestamp) -> Delivery {
        Delivery {
            sequence: logged.sequence,
            event_id: logged.event.id,
            kind: logged.event.kind,
            subject: logged.event.subject.id(),
            status: DeliveryStatus::Pending,
            tries: 0,
            due_at: None,
            answer: None,
            changed_at: now,
        }
    }

    /// The receiver has it.
    pub fn taken(&mut self, answer: String, now: Timestamp) {
        self.note(answer, now);
        (self.status, self.due_at) = (DeliveryStatus::Delivered, None);
    }

    /// The receiver does not have it: later, or never. `dice` spreads those that failed together.
    pub fn refused(&mut self, answer: String, now: Timestamp, dice: u64) {
        self.note(answer, now);
        match retry_delay_ms(self.tries, dice) {
            Some(delay) => self.due_at = Some(now.plus_ms(delay)),
            None => self.given_up(),
        }
    }

    /// It will not be sent any more.
    pub fn given_up(&mut self) {
        (self.status, self.due_at) = (DeliveryStatus::Dead, None);
    }

    fn note(&mut self, answer: String, now: Timestamp) {
        self.tries += 1;
        self.answer = Some(answer);
        self.changed_at = now;
    }
}

/// Waits between tries, as Standard Webhooks proposes: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h; together three days.
const DELAYS_MS: [i64; 9] =
    [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000];

/// The wait after so many tries, a tenth more or less by `dice`; `None` after the last.
pub fn retry_delay_ms(tries: i64, dice: u64) -> Option<i64> {
    let delay = *DELAYS_MS.get(usize::try_from(tries - 1).ok()?)?;
    let spread = delay / 5;
    Some(delay - spread / 2 + i64::try_from(dice % (spread as u64 + 1)).unwrap_or(0))
}

/// The events of one subject that wait for one receiver, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    deliveries: Vec<Delivery>,
    /// How many of them are done with.
    done: usize,
    /// Which of them are in the storage already, with the due time they have there.
    stored: Vec<Option<Option<Timestamp>>>,
}

impl Chain {
    /// Those that waited before, and those that come new. An event that is among both waited before.
    pub fn new(waiting: Vec<Delivery>, fresh: Vec<Delivery>) -> Chain {
        let mut all: Vec<(Delivery, Option<Option<Timestamp>>)> =
            waiting.into_iter().map(|delivery| (delivery.clone(), Some(delivery.due_at))).collect();
        for delivery in fresh {
            if !all.iter().any(|(known, _)| known.sequence == delivery.sequence) {
                all.push((delivery, None));
            }
        }
        all.sort_by_key(|(delivery, _)| delivery.sequence);
        let (deliveries, stored) = all.into_iter().unzip();
        Chain { deliveries, done: 0, stored }
    }

    /// The next one to be sent now; none where it has to wait for its time.
    pub fn next(&mut self, now: Timestamp) -> Option<&mut Delivery> {
        while self.deliveries.get(self.done).is_some_and(|delivery| delivery.status != DeliveryStatus::Pending) {
            self.done += 1;
        }
        let first = self.deliveries.get_mut(self.done)?;
        if first.due_at.is_some_and(|due| due > now) { None } else { Some(first) }
    }

    /// What is to be written: what is done with, the first that waits with its time, and those behind it without.
    pub fn settle(mut self, now: Timestamp) -> Vec<Delivery> {
        let first = self.deliveries.iter().position(|delivery| delivery.status == DeliveryStatus::Pending);
        for (place, delivery) in self.deliveries.iter_mut().enumerate() {
            delivery.due_at = (Some(place) == first).then(|| delivery.due_at.unwrap_or(now));
        }
        let changed = |delivery: &Delivery, stored: &Option<Option<Timestamp>>| {
            delivery.status != DeliveryStatus::Pending || *stored != Some(delivery.due_at)
        };
        let rows = self.deliveries.into_iter().zip(self.stored);
        rows.filter(|(delivery, stored)| changed(delivery, stored)).map(|(delivery, _)| delivery).collect()
    }
}

/// Which deliveries are to be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay {
    /// The event of this number.
    One(i64),
    /// All that were given up.
    Dead,
    /// All events after this number, wanted ones, as if they were new.
    After(i64),
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    fn delivery(sequence: i64, due_at: Option<i64>) -> Delivery {
        Delivery {
            sequence,
            event_id: EventId::default(),
            kind: EventKind::OrderPlaced,
            subject: Uuid::nil(),
            status: DeliveryStatus::Pending,
            tries: 0,
            due_at: due_at.map(Timestamp),
            answer: None,
            changed_at: NOW,
        }
    }

    /// Sends what may be sent; those of `failing` are refused.
    fn run(mut chain: Chain, failing: &[i64]) -> (Vec<i64>, Vec<Delivery>) {
        let mut sent = Vec::new();
        while let Some(next) = chain.next(NOW) {
            sent.push(next.sequence);
            if failing.contains(&next.sequence) {
                next.refused("500".to_owned(), NOW, 0);
            } else {
                next.taken("200".to_owned(), NOW);
            }
        }
        (sent, chain.settle(NOW))
    }

    #[test]
    fn events_of_a_subject_go_out_in_their_order_and_wait_behind_one_that_failed() {
        let (sent, rows) =
            run(Chain::new(Vec::new(), vec![delivery(1, None), delivery(2, None), delivery(3, None)]), &[2]);
        assert_eq!(sent, [1, 2]);
        let told: Vec<_> = rows.iter().map(|row| (row.sequence, row.status.as_str(), row.due_at)).collect();
        let later = Some(NOW.plus_ms(4_500));
        assert_eq!(told, [(1, "delivered", None), (2, "pending", later), (3, "pending", None)]);
    }

    #[test]
    fn what_comes_new_waits_behind_what_is_not_due_and_is_not_written_twice() {
        let first = delivery(1, Some(NOW.0 + 1));
        let (sent, rows) =
            run(Chain::new(vec![first, delivery(2, None)], vec![delivery(2, None), delivery(3, None)]), &[]);
        assert_eq!(sent, [0_i64; 0]);
        assert_eq!(rows.iter().map(|row| row.sequence).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn after_the_last_try_an_event_is_given_up_and_its_subject_goes_on() {
        let worn = Delivery { tries: DELAYS_MS.len() as i64, ..delivery(1, Some(NOW.0)) };
        let (sent, rows) = run(Chain::new(vec![worn, delivery(2, None)], Vec::new()), &[1]);
        assert_eq!(sent, [1, 2]);
        assert_eq!(rows.iter().map(|row| row.status.as_str()).collect::<Vec<_>>(), ["dead", "delivered"]);
    }

    #[test]
    fn waits_grow_are_spread_by_a_tenth_and_end() {
        for (tries, delay) in (1..).zip(DELAYS_MS) {
            let waits = (0..1_000_u64).map(|dice| retry_delay_ms(tries, dice * 7_919_777).expect("another try"));
            let (least, most) = waits.fold((i64::MAX, 0), |(least, most), wait| (least.min(wait), most.max(wait)));
            assert!(least >= delay * 9 / 10 && most <= delay * 11 / 10 && most - least > delay / 10, "{tries}");
        }
        assert_eq!(retry_delay_ms(DELAYS_MS.len() as i64 + 1, 3), None);
    }

    #[test]
    fn two_secrets_are_valid_for_a_day_after_a_change() {
        let mut definition = WebhookDefinition::default();
        definition.rotate("one".to_owned(), NOW);
        definition.rotate("two".to_owned(), NOW);
        assert_eq!(definition.keys_at(NOW.plus_ms(OVERLAP_MS - 1)), ["two", "one"]);
        assert_eq!(definition.keys_at(NOW.plus_ms(OVERLAP_MS)), ["two"]);
        definition.rotate("three".to_owned(), NOW);
        assert_eq!(definition.keys_at(NOW), ["three", "two"]);
    }
}
