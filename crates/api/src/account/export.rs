//! All that the shop has of a person, as one JSON object that is written while it is read: parts follow one another, so that a
//! person with ten thousand orders, or with carts of a megabyte, costs no more memory than one with a few.

use crate::account::account_of;
use crate::locale::Locale;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{Audience, order_of, rfc3339, write};
use crate::state::Shared;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use cartwright_domain::account::Account;
use cartwright_domain::cart::{Cart, Options};
use cartwright_domain::event::LoggedEvent;
use cartwright_domain::forget::ErasedNames;
use cartwright_domain::id::{CartId, OrderId, VariantId};
use cartwright_domain::person::{Who, spellings};
use cartwright_domain::store::StoreConfig;
use cartwright_engine::SizedCart;
use cartwright_wire as wire;
use futures_util::stream;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Exports that are written at once on this node; each holds one part.
const AT_ONCE: usize = 16;
/// Bytes of the carts of one part, unless it is a single one.
const PART: usize = 256 * 1024;
/// Carts that are named at once.
const PAGE: usize = 100;
/// Orders that are read at once.
const ORDERS: usize = 5;
/// Events of a cart or an order that are read at once: one may list a thousand items.
const EVENTS: usize = 16;
/// Most mails that are shown; they are kept for 90 days.
const MAILS: usize = 10_000;

/// What is kept of a person and not shown.
const LEFT_OUT: [&str; 6] = [
    "Hashes of your password, of the secrets of sessions, links and carts: they are kept only to recognise what you send.",
    "Keys under which requests may be repeated, for 24 hours: hashes of requests.",
    "What operators did, by whom: it names operators, and you only where the address of a request does.",
    "Remarks of the shop's staff on your orders.",
    "When mails went to your address that others can cause, and whether it said yes to reminders: to send few, and to ask once.",
    "How many units of goods in short supply your unpaid orders hold or held, until a day after they could be paid; for guests \
     under a hash of the network, which an order keeps too while it waits for its payment.",
];

/// Whose data.
pub(crate) struct Subject {
    pub account: Option<Account>,
    pub names: ErasedNames,
}

impl Subject {
    /// Who somebody is by an address: the account that has it, and guests with it.
    pub(crate) async fn of(
        api: &Shared,
        store: &StoreConfig,
        email: &str,
        account: Option<Account>,
    ) -> Outcome<Subject> {
        let id = store.store.id;
        let names = match &account {
            Some(account) => api.engine.names_of_account(id, account).await?,
            None => api.engine.names_of(id, Who { customer: None, email: Some(email) }).await?,
        };
        let emails = spellings(email);
        let customers = names.into_iter().filter(|name| !emails.contains(name)).collect();
        let names = ErasedNames { account: account.as_ref().map(|account| account.id), customers, emails };
        Ok(Subject { account, names })
    }
}

/// Exports that are being written.
#[derive(Default)]
pub(crate) struct Exports {
    persons: Mutex<BTreeSet<String>>,
}

/// An export that is being written; over when it is dropped.
struct Turn {
    api: Shared,
    person: String,
}

impl Exports {
    fn persons(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.persons.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    fn take(api: Shared, person: String) -> Outcome<Turn> {
        let mut persons = api.exports.persons();
        if persons.len() >= AT_ONCE {
            return Err(Problem::new(&kinds::BUSY, "As many exports are being written as this server carries."));
        }
        if !persons.insert(person.clone()) {
            let detail = "An export of this person is being written already: read it to its end, or close it.";
            return Err(Problem::new(&kinds::BUSY, detail));
        }
        drop(persons);
        Ok(Turn { api, person })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.api.exports.persons().remove(&self.person);
    }
}

/// Where the writing stands.
enum Step {
    Head(Box<wire::AccountExport>),
    Carts(CartId),
    CartEvents(Place<CartId>),
    Orders(OrderId),
    OrderEvents(Place<OrderId>),
    Done,
}

/// Where the writing of what happened to carts or orders stands.
struct Place<Id> {
    /// The last of the page.
    last: Id,
    /// Those of the page whose events are still to be written, the next last.
    rest: Vec<Id>,
    /// Up to which number the events of the next are written.
    number: i64,
}

impl<Id: Copy> Place<Id> {
    fn after(last: Id) -> Place<Id> {
        Place { last, rest: Vec::new(), number: 0 }
    }

    fn page(ids: Vec<Id>) -> Option<Place<Id>> {
        let last = *ids.last()?;
        Some(Place { last, rest: ids.into_iter().rev().collect(), number: 0 })
    }

    /// After these events of the next.
    fn go_on(mut self, events: &[LoggedEvent]) -> Place<Id> {
        match events.last() {
            Some(last) if events.len() == EVENTS => self.number = last.sequence,
            _ => {
                self.rest.pop();
                self.number = 0;
            }
        }
        self
    }
}

struct Writing {
    api: Shared,
    store: Arc<StoreConfig>,
    names: ErasedNames,
    /// Whether nothing is in the list yet that is being written.
    first: bool,
    _turn: Turn,
}

/// The answer. `cart` and `sessions` are those of somebody who is logged in.
pub(crate) async fn answer(
    api: Shared,
    store: Arc<StoreConfig>,
    subject: Subject,
    cart: Option<wire::Cart>,
    sessions: Vec<wire::Session>,
) -> Outcome {
    let person = format!("{} {}", store.store.id.0, subject.names.emails.first().map_or("", String::as_str));
    let turn = Turn::take(api.clone(), person)?;
    let head = Box::new(head(&api, &store, &subject, cart, sessions).await?);
    let writing = Writing { api, store, names: subject.names, first: true, _turn: turn };
    let parts = stream::unfold((writing, Step::Head(head)), |(mut writing, mut step)| async move {
        loop {
            match writing.next(step).await {
                Ok(None) => return None,
                Ok(Some((part, next))) if part.is_empty() => step = next,
                Ok(Some((part, next))) => return Some((Ok::<Bytes, std::io::Error>(part), (writing, next))),
                Err(problem) => {
                    tracing::warn!(?problem, "an export was cut off");
                    return Some((Err(std::io::Error::other("cut off")), (writing, Step::Done)));
                }
            }
        }
    });
    let mut response: Response = Body::from_stream(parts).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

async fn head(
    api: &Shared,
    store: &StoreConfig,
    subject: &Subject,
    cart: Option<wire::Cart>,
    sessions: Vec<wire::Session>,
) -> Outcome<wire::AccountExport> {
    let (reader, id) = (api.engine.reader(), store.store.id);
    let names = &subject.names;
    let told = reader.customers_named(id, &names.customers).await?;
    let mails = reader.mails_to(id, &names.emails, MAILS).await?;
    let unsubscribed = reader.unsubscribed(id, &names.emails).await?;
    let groups = told.iter().flat_map(|(_, customer)| customer.groups.iter().cloned()).collect();
    let customers = told.into_iter().map(|(id, customer)| wire::Customer {
        id,
        groups: customer.groups,
        tax_exempt: customer.tax_exempt,
        email: customer.email,
    });
    let mails = mails.into_iter().map(|mail| wire::MailRecord {
        id: mail.id.0,
        recipient: mail.recipient,
        kind: mail.kind.as_str().to_owned(),
        state: mail.state.as_str().to_owned(),
        created_at: rfc3339(mail.created_at),
    });
    let unsubscribed = unsubscribed.into_iter();
    Ok(wire::AccountExport {
        account: subject.account.as_ref().map(account_of),
        names: names.buyers(),
        groups,
        customers: customers.collect(),
        cart,
        sessions,
        mails: mails.collect(),
        unsubscribed: unsubscribed.map(|(email, at)| wire::Unsubscribed { email, since: rfc3339(at) }).collect(),
        left_out: LEFT_OUT.map(str::to_owned).into(),
        carts: Vec::new(),
        cart_events: Vec::new(),
        orders: Vec::new(),
        order_events: Vec::new(),
    })
}

/// The lists that are written part by part, in their order.
const LISTS: [&str; 4] = ["carts", "cart_events", "orders", "order_events"];

impl Writing {
    /// The next part of the text, and what comes after it.
    async fn next(&mut self, step: Step) -> Outcome<Option<(Bytes, Step)>> {
        let (reader, store) = (self.api.engine.reader(), self.store.store.id);
        Ok(Some(match step {
            Step::Head(head) => (begin(&head), Step::Carts(CartId(Uuid::nil()))),
            Step::Carts(after) => {
                let ids = part_of(&reader.carts_of(store, &self.names, after, PAGE).await?);
                let Some(last) = ids.last().copied() else {
                    return Ok(Some((self.list(1), Step::CartEvents(Place::after(CartId(Uuid::nil()))))));
                };
                let mut carts = reader.carts(store, &ids).await?;
                carts.sort_unstable_by_key(|cart| cart.id);
                (self.joined(carts.into_iter().map(record)), Step::Carts(last))
            }
            Step::CartEvents(place) => match place.rest.last() {
                Some(cart) => {
                    let events = reader.cart_events(store, &[*cart], place.number, EVENTS).await?;
                    (self.events(&events), Step::CartEvents(place.go_on(&events)))
                }
                None => {
                    let page = reader.carts_of(store, &self.names, place.last, PAGE).await?;
                    match Place::page(page.iter().map(|cart| cart.id).collect()) {
                        Some(place) => (Bytes::new(), Step::CartEvents(place)),
                        None => (self.list(2), Step::Orders(OrderId(Uuid::max()))),
                    }
                }
            },
            Step::Orders(before) => {
                let page = reader.orders_of(store, &self.names.buyers(), before, ORDERS).await?;
                let Some(last) = page.last().map(|order| order.id) else {
                    return Ok(Some((self.list(3), Step::OrderEvents(Place::after(OrderId(Uuid::max()))))));
                };
                let locale = Locale::of_store(&self.store);
                let shown = page.iter().map(|order| order_of(order, locale.as_ref(), Audience::Shopper));
                (self.joined(shown), Step::Orders(last))
            }
            Step::OrderEvents(place) => match place.rest.last() {
                Some(order) => {
                    let events = reader.order_events(store, &[*order], place.number, EVENTS).await?;
                    (self.events(&events), Step::OrderEvents(place.go_on(&events)))
                }
                None => {
                    let page = reader.orders_of(store, &self.names.buyers(), place.last, ORDERS).await?;
                    match Place::page(page.iter().map(|order| order.id).collect()) {
                        Some(place) => (Bytes::new(), Step::OrderEvents(place)),
                        None => (Bytes::from_static(b"]}"), Step::Done),
                    }
                }
            },
            Step::Done => return Ok(None),
        }))
    }

    /// The end of a list and the beginning of the next.
    fn list(&mut self, next: usize) -> Bytes {
        self.first = true;
        Bytes::from(format!("],\"{}\":[", LISTS[next]))
    }

    /// Items of a list as JSON, after those before.
    fn joined<T: serde::Serialize>(&mut self, items: impl Iterator<Item = T>) -> Bytes {
        let mut text = Vec::new();
        for item in items {
            if !std::mem::take(&mut self.first) {
                text.push(b',');
            }
            text.extend_from_slice(&write(&item));
        }
        Bytes::from(text)
    }

    fn events(&mut self, events: &[LoggedEvent]) -> Bytes {
        let store = self.store.clone();
        self.joined(events.iter().map(|event| event.to_json_for_shoppers(&store.store.handle)))
    }
}

/// What is not a list, and the beginning of the first one.
fn begin(head: &wire::AccountExport) -> Bytes {
    let mut value = serde_json::to_value(head).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        LISTS.iter().for_each(|name| drop(fields.remove(*name)));
    }
    let mut text = value.to_string();
    text.pop();
    text.push_str(&format!(",\"{}\":[", LISTS[0]));
    Bytes::from(text)
}

/// The first of these carts, together no more bytes than one part may have; one always.
fn part_of(carts: &[SizedCart]) -> Vec<CartId> {
    let mut bytes = 0;
    let fits = |cart: &&SizedCart| {
        bytes += cart.bytes;
        bytes <= PART
    };
    let count = carts.iter().take_while(fits).count().max(1);
    carts.iter().take(count).map(|cart| cart.id).collect()
}

fn record(cart: Cart) -> wire::CartRecord {
    let detail = cart.detail;
    let item = |variant: VariantId, quantity: i64, options: Options| wire::KeptItem {
        variant_id: variant.0,
        quantity,
        options,
    };
    wire::CartRecord {
        id: cart.id.0,
        status: cart.status.as_str().to_owned(),
        currency: cart.currency.code().to_owned(),
        customer: cart.customer,
        email: detail.email,
        email_consent: detail.email_consent,
        shipping_address: detail.shipping_address.map(super::shown_address),
        billing_address: detail.billing_address.map(super::shown_address),
        coupons: detail.coupons.into_iter().map(|coupon| coupon.code).collect(),
        lines: cart.lines.into_iter().map(|line| item(line.variant_id, line.quantity, line.options)).collect(),
        saved: detail.saved.into_iter().map(|saved| item(saved.variant_id, saved.quantity, saved.options)).collect(),
        reminders: detail.recovery.map_or(0, |recovery| recovery.stage),
        order_id: cart.order_id.map(|id| id.0),
        created_at: rfc3339(cart.created_at),
        updated_at: rfc3339(cart.updated_at),
    }
}
