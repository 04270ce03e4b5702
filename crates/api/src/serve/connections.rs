//! How many connections may be open, in all and from one address: each is a file handle and some memory, whatever is asked over
//! it. An IPv6 network of 64 bits is one address, since whoever has one address of it has all; one of 48 bits is four.

use crate::service::LINES;
use cartwright_engine::{Origin, Tally};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpStream;

/// How many times as many as a /64 a /48 may open.
const OF_SITE: usize = 4;

/// The connections that are open.
pub(crate) struct Connections {
    most: usize,
    most_per_network: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    origins: Tally,
}

/// One connection's place, free again with the value.
pub(super) struct Place {
    among: Arc<Connections>,
    origin: Origin,
}

impl Connections {
    pub(crate) fn new(most: usize, most_per_network: usize) -> Arc<Connections> {
        Arc::new(Connections { most, most_per_network, open: Mutex::default() })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.open().all
    }

    /// A place for a connection from this address; none where enough are open.
    pub(super) fn place(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let origin = Origin::of(peer);
        let mut open = self.open();
        if open.all >= self.most || !open.origins.has_room(origin, self.most_per_network, OF_SITE) {
            return None;
        }
        open.all += 1;
        open.origins.add(origin, 1);
        Some(Place { among: self.clone(), origin })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.among.open();
        open.all -= 1;
        open.origins.take(self.origin, 1);
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
        assert!(connections.count() == 0 && connections.open().origins.is_empty());
    }

    #[test]
    fn a_site_has_places_for_four_of_its_networks() {
        let connections = Connections::new(100, 2);
        let from = |number: u32| connections.place(format!("2001:db8:1:{number:x}::1").parse().expect("an address"));
        let places: Vec<Place> = (0..50).flat_map(|number| [from(number), from(number)]).flatten().collect();
        assert_eq!(places.len(), 8);
        assert!(connections.place([192, 0, 2, 1].into()).is_some());
    }
}
