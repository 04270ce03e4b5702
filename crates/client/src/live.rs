//! Following a cart: a stream of events that comes back by itself where it left off.

use crate::call::Call;
use crate::{Client, Error};
use cartwright_wire::CartEvent;
use reqwest::Response;
use std::collections::VecDeque;
use std::time::Duration;

/// The server gives a sign of life every 15 seconds.
const SILENCE: Duration = Duration::from_secs(45);
/// Before a stream that broke off is opened again, unless the server says otherwise.
const PAUSE: Duration = Duration::from_secs(2);
/// Streams that could not be opened in a row, before that is told.
const FAILURES: u32 = 10;

/// A cart that is followed. Dropping it closes the stream.
pub struct CartWatch {
    client: Client,
    call: Call,
    response: Option<Response>,
    /// Bytes of an event that has not come whole yet.
    rest: Vec<u8>,
    ready: VecDeque<CartEvent>,
    last_event_id: Option<String>,
    pause: Duration,
    over: bool,
}

impl CartWatch {
    pub(crate) fn new(client: &Client, call: Call, after: Option<i64>) -> CartWatch {
        CartWatch {
            client: client.clone(),
            call,
            response: None,
            rest: Vec::new(),
            ready: VecDeque::new(),
            last_event_id: after.map(|after| after.to_string()),
            pause: PAUSE,
            over: false,
        }
    }

    /// The `id` of the last event that had one: with it another watch goes on from here.
    #[must_use]
    pub fn last_event_id(&self) -> Option<&str> {
        self.last_event_id.as_deref()
    }

    /// The next event; `None` once nothing more will come. A stream that breaks off is opened again and goes on after the last
    /// event that came.
    ///
    /// # Errors
    /// [`Error::Problem`] where the cart cannot be followed (any more); [`Error::Transport`] after ten failures in a row.
    pub async fn next(&mut self) -> Result<Option<CartEvent>, Error> {
        let mut failures = 0;
        loop {
            if let Some(event) = self.ready.pop_front() {
                self.over = event.kind == "end" && event.data["reason"] != "stopping";
                return Ok(Some(event));
            }
            if self.over {
                return Ok(None);
            }
            let Some(mut response) = self.response.take() else {
                match self.client.open_stream(&self.call, self.last_event_id.as_deref()).await {
                    Ok(Some(response)) => self.response = Some(response),
                    Ok(None) => return Ok(None),
                    Err(error) if failures >= FAILURES || !may_pass(&error) => return Err(error),
                    Err(_) => {
                        failures += 1;
                        tokio::time::sleep(self.pause).await;
                    }
                }
                continue;
            };
            if let Ok(Ok(Some(bytes))) = tokio::time::timeout(SILENCE, response.chunk()).await {
                failures = 0;
                self.response = Some(response);
                self.take_in(&bytes);
            } else {
                self.rest.clear();
                tokio::time::sleep(self.pause).await;
            }
        }
    }

    fn take_in(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        while let Some(end) = self.rest.windows(2).position(|pair| pair == b"\n\n") {
            let block: Vec<u8> = self.rest.drain(..end + 2).collect();
            self.take_block(&String::from_utf8_lossy(&block));
        }
    }

    fn take_block(&mut self, block: &str) {
        let mut data = None;
        for (name, value) in block.lines().filter_map(|line| line.split_once(':')) {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match name {
                "id" => self.last_event_id = Some(value.to_owned()),
                "data" => data = Some(value.to_owned()),
                "retry" => self.pause = value.parse().map_or(self.pause, Duration::from_millis),
                _ => {}
            }
        }
        // What is not understood is passed over: new kinds of events may come.
        self.ready.extend(data.and_then(|data| serde_json::from_str(&data).ok()));
    }
}

/// Whether it may pass by itself: the server is away, stopping or full.
fn may_pass(error: &Error) -> bool {
    match error {
        Error::Problem(problem) => problem.status >= 500 || problem.status == 429,
        Error::Unexpected { status, .. } => *status >= 500,
        Error::Transport(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let client = Client::builder().url("http://shop.example").build().expect("a client");
        let text = "retry: 1500\nevent: cart.changed\nid: 7\ndata: {\"type\":\"cart.changed\",\"sequence\":7,\"data\":{}}\n\n: still \
                    here\n\nevent: store.changed\ndata: {\"type\":\"store.changed\",\"data\":{}}\n\n";
        for size in [1, 2, 7, 1_000] {
            let mut watch = CartWatch::new(&client, Call::get(&["carts"]), None);
            text.as_bytes().chunks(size).for_each(|bytes| watch.take_in(bytes));
            let kinds: Vec<&str> = watch.ready.iter().map(|event| event.kind.as_str()).collect();
            assert_eq!(kinds, ["cart.changed", "store.changed"], "cut into {size}");
            assert_eq!((watch.last_event_id(), watch.pause), (Some("7"), Duration::from_millis(1_500)));
        }
    }
}
