//! Where a request comes from, as limits count it. Whoever has one IPv6 address has 2^64 of them: a household, a server or a
//! telephone is a /64, a site a /48. So addresses are counted by their /64, and floods by their /48 too.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// Bits of an IPv6 address that tell one household from another.
const HOUSEHOLD_BITS: u32 = 64;
/// Bits that tell one site from another.
const SITE_BITS: u32 = 48;

/// Where a request comes from. An IPv4 address written as an IPv6 one is the IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin(IpAddr);

/// Addresses that count as one: a single IPv4 address, or all with the same first bits of an IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Network {
    /// An IPv4 address, or for logs its first bits.
    V4(std::net::Ipv4Addr, u8),
    /// The first bits of an IPv6 address, and how many they are.
    V6(Ipv6Addr, u8),
}

impl Origin {
    /// That of an address.
    pub fn of(address: IpAddr) -> Origin {
        Origin(address.to_canonical())
    }

    /// What is counted as one: the IPv4 address, or the /64.
    pub fn network(self) -> Network {
        match self.0 {
            IpAddr::V4(address) => Network::V4(address, 32),
            IpAddr::V6(address) => Network::V6(first_bits(address, HOUSEHOLD_BITS), 64),
        }
    }

    /// The /48, where floods are counted once more; an IPv4 address is in none.
    pub fn site(self) -> Option<Network> {
        match self.0 {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(Network::V6(first_bits(address, SITE_BITS), 48)),
        }
    }

    /// Where it counts: its network, and the site that is part of.
    pub fn networks(self) -> impl Iterator<Item = Network> {
        [self.network()].into_iter().chain(self.site())
    }

    /// What a log may show: too wide to name a person, /24 or /48.
    pub fn region(self) -> Network {
        match self.0 {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                Network::V4([a, b, c, 0].into(), 24)
            }
            IpAddr::V6(address) => Network::V6(first_bits(address, SITE_BITS), 48),
        }
    }

    /// Whether it is this very machine.
    pub fn is_loopback(self) -> bool {
        self.0.is_loopback()
    }
}

/// Counts by where something comes from: by network, and by site.
#[derive(Debug, Default)]
pub struct Tally(HashMap<Network, usize>);

impl Tally {
    /// What counts for a network or site.
    pub fn of(&self, network: Network) -> usize {
        self.0.get(&network).copied().unwrap_or(0)
    }

    /// Whether one more may come: its network has less than so many, its site less than so many times as many.
    pub fn has_room(&self, origin: Origin, most: usize, of_site: usize) -> bool {
        let has_less = |network, most| self.of(network) < most;
        has_less(origin.network(), most)
            && origin.site().is_none_or(|site| has_less(site, most.saturating_mul(of_site)))
    }

    /// So much more.
    pub fn add(&mut self, origin: Origin, more: usize) {
        origin.networks().for_each(|network| *self.0.entry(network).or_default() += more);
    }

    /// So much less.
    pub fn take(&mut self, origin: Origin, less: usize) {
        for network in origin.networks() {
            if let Some(count) = self.0.get_mut(&network) {
                *count = count.saturating_sub(less);
                if *count == 0 {
                    self.0.remove(&network);
                }
            }
        }
    }

    /// Whether nothing counts.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn first_bits(address: Ipv6Addr, bits: u32) -> Ipv6Addr {
    Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << (128 - bits)))
}

impl fmt::Display for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Network::V4(address, 32) => write!(formatter, "{address}"),
            Network::V4(address, bits) => write!(formatter, "{address}/{bits}"),
            Network::V6(address, bits) => write!(formatter, "{address}/{bits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Origin::of(text.parse().expect("an address"))
    }

    #[test]
    fn addresses_of_one_household_are_one_and_those_of_a_site_are_one_site() {
        let (one, other) = (origin("2001:db8:1:2::1"), origin("2001:db8:1:2:ffff::9"));
        let (next_door, elsewhere) = (origin("2001:db8:1:3::1"), origin("2001:db8:2:2::1"));
        assert_eq!(one.network(), other.network());
        assert_ne!(one.network(), next_door.network());
        assert_eq!(one.site(), next_door.site());
        assert_ne!(one.site(), elsewhere.site());
        let shown = [one.network(), one.region(), origin("203.0.113.9").network(), origin("203.0.113.9").region()];
        let shown = shown.map(|network| network.to_string());
        assert_eq!(shown, ["2001:db8:1:2::/64", "2001:db8:1::/48", "203.0.113.9", "203.0.113.0/24"]);
    }

    #[test]
    fn a_site_has_room_for_some_of_its_households_and_all_is_given_back() {
        let mut tally = Tally::default();
        let household = |number: u32| origin(&format!("2001:db8:1:{number:x}::1"));
        let mut taken = Vec::new();
        for number in (0..100).flat_map(|number| [number, number]) {
            if tally.has_room(household(number), 1, 8) {
                tally.add(household(number), 1);
                taken.push(household(number));
            }
        }
        assert_eq!((taken.len(), tally.of(household(0).network())), (8, 1));
        assert!(tally.has_room(origin("2001:db8:2::1"), 1, 8) && tally.has_room(origin("192.0.2.1"), 1, 8));
        taken.into_iter().for_each(|origin| tally.take(origin, 1));
        assert!(tally.is_empty());
    }

    #[test]
    fn an_ipv4_address_is_the_same_however_it_is_written() {
        let mapped = origin("::ffff:203.0.113.9");
        assert_eq!((mapped, mapped.site()), (origin("203.0.113.9"), None));
        assert!(origin("::ffff:127.0.0.1").is_loopback() && origin("::1").is_loopback());
        assert!(!mapped.is_loopback());
    }
}
