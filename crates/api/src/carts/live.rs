//! `GET /carts/{cart_id}/events`: a live cart as server-sent events, and the same as one page for those who poll.

use crate::access::Visitor;
use crate::input::{CartPath, Check, Filter, Query};
use crate::peer::Peer;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{MoneyForm, availability_of, form_of, nothing, ok, tag_of, write};
use crate::serve::HangUp;
use crate::state::Shared;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::{BufMut, Bytes, BytesMut};
use cartwright_domain::event::{EventKind, LoggedEvent};
use cartwright_domain::store::StockShown;
use cartwright_engine::{CartView, LiveEvent, LiveStream, StreamRefusal, StreamRequest};
use cartwright_wire as wire;
use futures_util::stream;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use utoipa::IntoParams;

const EVENT_STREAM: &str = "text/event-stream";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Beyond it not every reader of JSON tells one number from the next.
const LAST_NUMBER: i64 = 9_007_199_254_740_991;
/// How long an operator's key is believed before it is to be shown again.
const KEY_LASTS: Duration = Duration::from_secs(300);
/// After how many milliseconds a reader comes back: between one second and three, so that not all come at once.
const RETRY_MS: (u64, u64) = (1_000, 2_000);

/// From where on to tell.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct LiveQuery {
    /// The last event that the reader has. The header `Last-Event-ID` says the same, and comes first.
    #[param(minimum = 0, maximum = 9007199254740991_i64, nullable = false)]
    after: Option<i64>,
}

impl Filter for LiveQuery {
    fn check(&self, check: &mut Check) {
        if let Some(after) = self.after {
            check.number("after", after, 0..=LAST_NUMBER);
        }
    }
}

/// A live cart
///
/// With `Accept: text/event-stream` a stream of server-sent events that goes on until the cart is gone: the cart changed, today's
/// price or the stock of a line changed, the store's configuration changed, the order was placed or came to nothing. With anything
/// else what such a stream begins with, as JSON: what happened after `after`, and where the cart stands. Opens as `GET /carts/{cart_id}`
/// does; the secret stands in a header or a cookie, never in the address.
#[utoipa::path(
    get, path = "/api/v1/carts/{cart_id}/events", tag = "Carts", params(LiveQuery),
    responses(
        (status = 200, description = "What happened.", content(
            (wire::CartEvents = "application/json"),
            (String = "text/event-stream"),
        )),
        (status = 204, description = "Nothing more will come: the cart was merged. Only for streams, whose readers then stop."),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `store_not_found`."),
        (status = 429, description = "`too_many_streams`: of this cart, or from this address."),
    ),
)]
pub(crate) async fn read_cart_events(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(id): CartPath,
    Query(query): Query<LiveQuery>,
    Peer(origin, _): Peer,
    hang_up: Option<Extension<HangUp>>,
    headers: HeaderMap,
) -> Outcome {
    let access = visitor.cart_access()?;
    let after = last_event(&headers).or(query.after);
    if !wants_stream(&headers) {
        let opening = api.engine.cart_events(&visitor.store, id, &access, after).await?;
        let items = opening.missed.iter().map(|event| logged(event, visitor.is_operator())).collect();
        let state = state_of(&opening.view);
        return Ok(ok(&wire::CartEvents { items, reset: opening.reset, state, last_event_id: opening.position }));
    }
    let request = StreamRequest {
        after,
        origin,
        session: visitor.session,
        lasts: visitor.is_shop().then_some(KEY_LASTS),
        hang_up: Arc::new(move || hang_up.iter().for_each(|Extension(hang_up)| hang_up.now())),
    };
    let live = api.engine.open_stream(&visitor.store, id, &access, request).await.map_err(refused)?;
    if live.is_over() {
        return Ok(nothing());
    }
    let shown = visitor.store.store.settings.stock_shown;
    Ok(answer(live, visitor.is_operator(), shown))
}

fn refused(refusal: StreamRefusal) -> Problem {
    match refusal {
        StreamRefusal::Full => Problem::new(&kinds::BUSY, "As many streams are open as this server carries."),
        StreamRefusal::TooMany => {
            Problem::new(&kinds::TOO_MANY_STREAMS, "Of this cart, or from this address, enough streams are open.")
        }
        StreamRefusal::Stopping => Problem::new(&kinds::STOPPING, "The server is shutting down; come back."),
        StreamRefusal::Failed(failure) => failure.into(),
    }
}

/// Whether the reader asks for a stream, and not for just anything.
fn wants_stream(headers: &HeaderMap) -> bool {
    let wanted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut kinds = wanted.flat_map(|value| value.split(',')).map(|kind| kind.split(';').next().unwrap_or("").trim());
    kinds.any(|kind| kind.eq_ignore_ascii_case(EVENT_STREAM))
}

/// The last event that the reader has. One that is no number was never sent by anybody: its reader begins anew.
fn last_event(headers: &HeaderMap) -> Option<i64> {
    let text = headers.get(LAST_EVENT_ID)?.to_str().unwrap_or("?").trim();
    if text.is_empty() { None } else { Some(text.parse().ok().filter(|id| *id >= 0).unwrap_or(i64::MAX)) }
}

fn answer(live: LiveStream, operator: bool, shown: StockShown) -> Response {
    let events = stream::unfold(live, move |mut live| async move {
        let event = live.next().await?;
        Some((Ok::<_, Infallible>(sent(&event, operator, shown)), live))
    });
    let mut response = Body::from_stream(events).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(EVENT_STREAM));
    // Proxies that gather answers before they pass them on are asked not to.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// An event as it goes over the wire.
fn sent(event: &LiveEvent, operator: bool, shown: StockShown) -> Bytes {
    match event {
        LiveEvent::State { view, position, reset } => {
            let name = if *reset { "reset" } else { "cart.state" };
            let retry = RETRY_MS.0 + view.cart.id.0.as_u64_pair().1 % RETRY_MS.1;
            let data = json!(state_of(view));
            written(&plain(name, data), Some(*position), Some(retry))
        }
        LiveEvent::Logged(event) => written(&logged(event, operator), Some(event.sequence), None),
        LiveEvent::Price { line, sku, before, now, currency } => {
            let form = MoneyForm::new(*currency, None);
            let money = |amount: &Option<i64>| amount.map(|amount| form.money(amount));
            let (before, unit_price) = (money(before), money(now));
            let data = wire::LinePriceChanged { line_id: line.0, sku: sku.clone(), before, unit_price };
            written(&plain("line.price_changed", json!(data)), None, None)
        }
        LiveEvent::Stock { line, sku, quantity, units, held, goods, today } => {
            let availability = availability_of(goods.as_ref(), *today, *units, *held, shown);
            let data = wire::LineStockChanged { line_id: line.0, sku: sku.clone(), quantity: *quantity, availability };
            written(&plain("line.stock_changed", json!(data)), None, None)
        }
        LiveEvent::HoldEnds { line, sku, until } => {
            let held_until = crate::respond::rfc3339(*until);
            let data = wire::LineHoldEnds { line_id: line.0, sku: sku.clone(), held_until };
            written(&plain("line.hold_ends", json!(data)), None, None)
        }
        LiveEvent::StoreChanged => written(&plain("store.changed", json!({})), None, None),
        LiveEvent::End(reason) => written(&plain("end", json!({ "reason": reason.as_str() })), None, None),
        LiveEvent::KeepAlive => Bytes::from_static(b": still here\n\n"),
    }
}

fn written(event: &wire::CartEvent, id: Option<i64>, retry_ms: Option<u64>) -> Bytes {
    let mut text = BytesMut::with_capacity(256);
    if let Some(retry) = retry_ms {
        text.put_slice(format!("retry: {retry}\n").as_bytes());
    }
    text.put_slice(format!("event: {}\n", event.kind).as_bytes());
    if let Some(id) = id {
        text.put_slice(format!("id: {id}\n").as_bytes());
    }
    text.put_slice(b"data: ");
    // JSON is written on one line.
    text.put_slice(&write(event));
    text.put_slice(b"\n\n");
    text.freeze()
}

/// What is in no log.
fn plain(kind: &str, data: Value) -> wire::CartEvent {
    wire::CartEvent { kind: kind.to_owned(), sequence: None, timestamp: None, actor: None, order_id: None, data }
}

/// What is in the log. Of orders shoppers see what their timeline shows; why an operator cancelled is the shop's own business.
fn logged(event: &LoggedEvent, operator: bool) -> wire::CartEvent {
    let of_cart = event.event.subject.cart().is_some() && event.event.kind != EventKind::CartReactivated;
    let mut data = match operator || of_cart {
        true => event.event.data.clone(),
        false => event.to_json_for_shoppers("")["data"].take(),
    };
    if event.event.kind == EventKind::CartReactivated {
        for name in ["version", "order_id"] {
            data[name] = event.event.data[name].clone();
        }
    }
    wire::CartEvent {
        kind: event.event.kind.as_str().to_owned(),
        sequence: Some(event.sequence),
        timestamp: Some(crate::respond::rfc3339(event.event.at)),
        actor: Some(event.event.actor.as_str().to_owned()),
        order_id: event.event.subject.order().map(|id| id.0),
        data,
    }
}

fn state_of(view: &CartView) -> wire::CartState {
    wire::CartState {
        version: view.cart.version,
        status: view.cart.status.as_str().to_owned(),
        order_id: view.cart.order_id.map(|id| id.0),
        total: form_of(view, None).money(view.quote.totals.total),
        etag: tag_of(view, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).expect("a value"))])
    }

    #[test]
    fn a_stream_is_for_those_who_name_it() {
        let wants = |value| wants_stream(&headers(ACCEPT, value));
        assert!(wants("text/event-stream") && wants("application/json, Text/Event-Stream;q=0.9"));
        assert!(!wants("*/*") && !wants("text/*") && !wants_stream(&HeaderMap::new()));
    }

    #[test]
    fn an_id_that_nobody_ever_sent_is_beyond_all_others() {
        let last = |value| last_event(&headers(LAST_EVENT_ID, value));
        assert_eq!((last("4711"), last(" 7 "), last("")), (Some(4711), Some(7), None));
        assert_eq!((last("-1"), last("abc"), last_event(&HeaderMap::new())), (Some(i64::MAX), Some(i64::MAX), None));
    }

    #[test]
    fn an_event_is_one_block_with_its_data_on_one_line() {
        let text = written(&plain("store.changed", json!({"text": "two\nlines"})), Some(7), Some(1_500));
        let text = std::str::from_utf8(&text).expect("text").to_owned();
        assert!(text.starts_with("retry: 1500\nevent: store.changed\nid: 7\ndata: {"), "{text}");
        assert!(text.ends_with("}\n\n") && text.lines().count() == 5 && !text.trim_end().contains("\n\n"), "{text}");
    }
}
