//! How many connections may be open, in all and from one address: each is a file handle and some memory, whatever is asked over
//! it. An IPv6 network of 64 bits is one address, since whoever has one address of it has all.

use crate::service::LINES;
use cartwright_engine::{Network, Origin};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpStream;

/// The connections that are open.
pub(super) struct Connections {
    most: usize,
    most_per_network: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_network: HashMap<Network, usize>,
}

/// One connection's place, free again with the value.
pub(super) struct Place {
    among: Arc<Connections>,
    network: Network,
}

impl Connections {
    pub(super) fn new(most: usize, most_per_network: usize) -> Arc<Connections> {
        Arc::new(Connections { most, most_per_network, open: Mutex::default() })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection from this address; none where enough are open.
    pub(super) fn place(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let network = Origin::of(peer).network();
        let mut open = self.open();
        let of_network = open.by_network.get(&network).copied().unwrap_or(0);
        if open.all >= self.most || of_network >= self.most_per_network {
            return None;
        }
        open.all += 1;
        open.by_network.insert(network, of_network + 1);
        Some(Place { among: self.clone(), network })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.among.open();
        open.all -= 1;
        if let Some(count) = open.by_network.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                open.by_network.remove(&self.network);
            }
        }
    }
}

/// Tells a client for whom there is no place, as far as that goes without waiting for it.
pub(super) fn turn_away(stream: &TcpStream) {
    let body = r#"{"type":"urn:cartwright:problem:busy","title":"Too much is asked at once","status":503,"code":"busy","detail":"As many connections are open as this server carries, in all or from this address."}"#;
    let head = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Type: application/problem+json";
    let _ = stream.try_write(format!("{head}\r\n{LINES}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_all_and_by_network_and_come_back() {
        let connections = Connections::new(5, 2);
        let from = |text: &str| connections.place(text.parse().expect("an address"));
        let places = [from("10.0.0.1"), from("10.0.0.1"), from("10.0.0.1")];
        assert_eq!(places.each_ref().map(Option::is_some), [true, true, false]);
        // One network, and the same machine by two names.
        let others = [from("2001:db8::1"), from("2001:db8::ffff:2"), from("2001:db8::3"), from("::ffff:10.0.0.1")];
        assert_eq!(others.each_ref().map(Option::is_some), [true, true, false, false]);
        let last = (from("10.0.0.3"), from("10.0.0.4"));
        assert!(last.0.is_some() && last.1.is_none(), "five in all");
        drop(places);
        assert!(from("10.0.0.4").is_some());
        drop((others, last));
        assert_eq!((connections.open().all, connections.open().by_network.len()), (0, 0));
    }
}
