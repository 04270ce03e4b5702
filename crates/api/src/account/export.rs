//! All that the shop has of a person, as one JSON object that is written while it is read: pages of carts and orders follow one
//! another, so that a person with ten thousand orders costs no more memory than one with a few.

use crate::account::account_of;
use crate::locale::Locale;
use crate::problem::Outcome;
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
use cartwright_wire as wire;
use futures_util::stream;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// Carts or orders that are read at once.
const PAGE: usize = 100;
/// Events that are read at once.
const EVENTS: usize = 2_000;
/// Most mails that are shown; they are kept for 90 days.
const MAILS: usize = 10_000;

/// What is kept of a person and not shown.
const LEFT_OUT: [&str; 4] = [
    "Hashes of your password, of the secrets of sessions, links and carts: they are kept only to recognise what you send.",
    "Keys under which requests may be repeated, for 24 hours: hashes of requests.",
    "What operators did, by whom: it names operators, and you only where the address of a request does.",
    "Remarks of the shop's staff on your orders.",
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

/// Where the writing stands.
enum Step {
    Head(Box<wire::AccountExport>),
    Carts(CartId, bool),
    Orders(OrderId, bool),
    Events(OrderId, bool),
    Done,
}

struct Writing {
    api: Shared,
    store: Arc<StoreConfig>,
    names: ErasedNames,
}

/// The answer. `cart` and `sessions` are those of somebody who is logged in.
pub(crate) async fn answer(
    api: Shared,
    store: Arc<StoreConfig>,
    subject: Subject,
    cart: Option<wire::Cart>,
    sessions: Vec<wire::Session>,
) -> Outcome {
    let head = Box::new(head(&api, &store, &subject, cart, sessions).await?);
    let writing = Writing { api, store, names: subject.names };
    let parts = stream::unfold((writing, Step::Head(head)), |(writing, step)| async move {
        match writing.next(step).await {
            Ok(None) => None,
            Ok(Some((part, step))) => Some((Ok::<Bytes, std::io::Error>(part), (writing, step))),
            Err(problem) => {
                tracing::warn!(?problem, "an export was cut off");
                Some((Err(std::io::Error::other("cut off")), (writing, Step::Done)))
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
        orders: Vec::new(),
        order_events: Vec::new(),
    })
}

impl Writing {
    /// The next part of the text, and what comes after it.
    async fn next(&self, step: Step) -> Outcome<Option<(Bytes, Step)>> {
        Ok(Some(match step {
            Step::Head(head) => {
                let mut value = serde_json::to_value(&head).unwrap_or_default();
                if let Some(fields) = value.as_object_mut() {
                    ["carts", "orders", "order_events"].iter().for_each(|name| drop(fields.remove(*name)));
                }
                let mut text = value.to_string();
                text.pop();
                text.push_str(",\"carts\":[");
                (Bytes::from(text), Step::Carts(CartId(Uuid::nil()), true))
            }
            Step::Carts(after, first) => {
                let (items, last) = self.carts(after).await?;
                match last {
                    Some(last) => (joined(&items, first), Step::Carts(last, first && items.is_empty())),
                    None => (Bytes::from_static(b"],\"orders\":["), Step::Orders(OrderId(Uuid::max()), true)),
                }
            }
            Step::Orders(before, first) => {
                let (reader, store) = (self.api.engine.reader(), self.store.store.id);
                let page = reader.orders_of(store, &self.names.buyers(), before, PAGE).await?;
                let locale = Locale::of_store(&self.store);
                let items: Vec<_> =
                    page.iter().map(|order| order_of(order, locale.as_ref(), Audience::Shopper)).collect();
                match page.last() {
                    Some(last) => (joined(&items, first), Step::Orders(last.id, false)),
                    None => (Bytes::from_static(b"],\"order_events\":["), Step::Events(OrderId(Uuid::max()), true)),
                }
            }
            Step::Events(before, first) => {
                let (items, last) = self.order_events(before).await?;
                match last {
                    Some(last) => (joined(&items, first), Step::Events(last, first && items.is_empty())),
                    None => (Bytes::from_static(b"]}"), Step::Done),
                }
            }
            Step::Done => return Ok(None),
        }))
    }

    /// A page of carts with what happened to them, and its last.
    async fn carts(&self, after: CartId) -> Outcome<(Vec<wire::CartRecord>, Option<CartId>)> {
        let (reader, store) = (self.api.engine.reader(), self.store.store.id);
        let ids = reader.carts_of(store, &self.names, after, PAGE).await?;
        let mut carts = reader.carts(store, &ids).await?;
        carts.sort_unstable_by_key(|cart| cart.id);
        let mut events: HashMap<CartId, Vec<wire::Event>> = HashMap::new();
        let mut number = 0;
        loop {
            let page = reader.cart_events(store, &ids, number, EVENTS).await?;
            for event in &page {
                number = event.sequence;
                if let Some(cart) = event.event.subject.cart() {
                    events.entry(cart).or_default().extend(self.event(event));
                }
            }
            if page.len() < EVENTS {
                break;
            }
        }
        let records = carts.into_iter().map(|cart| {
            let events = events.remove(&cart.id).unwrap_or_default();
            record(cart, events)
        });
        Ok((records.collect(), ids.last().copied()))
    }

    /// What happened to a page of orders, and its last.
    async fn order_events(&self, before: OrderId) -> Outcome<(Vec<wire::Event>, Option<OrderId>)> {
        let (reader, store) = (self.api.engine.reader(), self.store.store.id);
        let orders = reader.orders_of(store, &self.names.buyers(), before, PAGE).await?;
        let ids: Vec<OrderId> = orders.iter().map(|order| order.id).collect();
        let (mut events, mut number) = (Vec::new(), 0);
        while !ids.is_empty() {
            let page = reader.order_events(store, &ids, number, EVENTS).await?;
            events.extend(page.iter().filter_map(|event| self.event(event)));
            match page.last() {
                Some(last) if page.len() == EVENTS => number = last.sequence,
                _ => break,
            }
        }
        Ok((events, ids.last().copied()))
    }

    fn event(&self, event: &LoggedEvent) -> Option<wire::Event> {
        let shown: Value = event.to_json_for_shoppers(&self.store.store.handle);
        serde_json::from_value(shown).ok()
    }
}

/// Items of a list as JSON, after those before.
fn joined<T: serde::Serialize>(items: &[T], first: bool) -> Bytes {
    let mut text = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 || !first {
            text.push(b',');
        }
        text.extend_from_slice(&write(item));
    }
    Bytes::from(text)
}

fn record(cart: Cart, events: Vec<wire::Event>) -> wire::CartRecord {
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
        events,
    }
}
