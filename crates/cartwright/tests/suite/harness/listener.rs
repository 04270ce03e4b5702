//! Whoever has a cart open: a reader of server-sent events.

use super::shop::{CartKey, Shop};
use serde_json::Value;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(40);

/// An open stream.
pub(crate) struct Listener {
    response: reqwest::Response,
    rest: Vec<u8>,
}

/// An event of a stream.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub id: Option<i64>,
    pub kind: String,
    /// The whole event, whose facts are under `data`.
    pub event: Value,
}

impl Listener {
    /// Opens a cart's stream, after an event where one is named.
    pub(crate) async fn open(shop: &Shop, cart: &CartKey, after: Option<&str>) -> Listener {
        let mut ask = shop.get(&cart.path("/events")).token(&cart.token).header("Accept", "text/event-stream");
        if let Some(after) = after {
            ask = ask.header("Last-Event-ID", after);
        }
        Listener::of(ask.open().await)
    }

    pub(crate) fn of(response: reqwest::Response) -> Listener {
        assert_eq!(response.status().as_u16(), 200, "{response:?}");
        let kind = response.headers().get("content-type").and_then(|kind| kind.to_str().ok());
        assert_eq!(kind, Some("text/event-stream"));
        Listener { response, rest: Vec::new() }
    }

    /// The next event; nothing after the end.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(end) = self.rest.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.rest.drain(..end + 2).collect();
                match told(std::str::from_utf8(&block).expect("text")) {
                    Some(told) => return Some(told),
                    None => continue,
                }
            }
            let more = tokio::time::timeout(PATIENCE, self.response.chunk()).await.expect("something comes in time");
            match more {
                Ok(Some(bytes)) => self.rest.extend_from_slice(&bytes),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// The next event of a kind; others are passed over.
    pub(crate) async fn hear(&mut self, kind: &str) -> Told {
        loop {
            let told = self.next().await.unwrap_or_else(|| panic!("the stream ended before {kind}"));
            if told.kind == kind {
                return told;
            }
        }
    }
}

fn told(block: &str) -> Option<Told> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let event: Value = serde_json::from_str(field("data")?).expect("JSON");
    let kind = field("event").expect("a name").to_owned();
    assert_eq!(event["type"], kind.as_str());
    Some(Told { id: field("id").map(|id| id.parse().expect("a number")), kind, event })
}
