//! How many connections may be open, in all and from one address: each is a file handle and some memory, whatever is asked over
//! it. An IPv6 network of 64 bits is one address, since whoever has one address of it has all.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpStream;

/// The connections that are open.
pub(super) struct Connections {
    most: usize,
    most_per_address: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's place, free again with the value.
pub(super) struct Place {
    among: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    pub(super) fn new(most: usize, most_per_address: usize) -> Arc<Connections> {
        Arc::new(Connections { most, most_per_address, open: Mutex::default() })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection from this address; none where enough are open.
    pub(super) fn place(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let address = network_of(peer);
        let mut open = self.open();
        let of_address = open.by_address.get(&address).copied().unwrap_or(0);
        if open.all >= self.most || of_address >= self.most_per_address {
            return None;
        }
        open.all += 1;
        open.by_address.insert(address, of_address + 1);
        Some(Place { among: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.among.open();
        open.all -= 1;
        if let Some(count) = open.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

/// What counts as one address.
pub(crate) fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(long) => match long.to_ipv4_mapped() {
            Some(short) => IpAddr::V4(short),
            None => IpAddr::V6(Ipv6Addr::from_bits(long.to_bits() & !u128::from(u64::MAX))),
        },
    }
}

/// Tells a client for whom there is no place, as far as that goes without waiting for it.
pub(super) fn turn_away(stream: &TcpStream) {
    let body = r#"{"type":"urn:cartwright:problem:busy","title":"Too much is asked at once","status":503,"code":"busy","detail":"As many connections are open as this server carries, in all or from this address."}"#;
    let head = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Type: application/problem+json";
    let _ = stream.try_write(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_all_and_by_address_and_come_back() {
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
        assert_eq!((connections.open().all, connections.open().by_address.len()), (0, 0));
    }
}
