//! The whole engine from outside: the real binary on a real database, over real HTTP. Each test has a server and a database of
//! its own, and every test that runs things at once or cuts them off ends with the checker.

mod absences;
mod bad_input;
mod baskets;
mod carts;
mod copying;
mod crash;
mod explain;
mod failover;
mod faults;
mod harness;
mod imports;
mod nodes;
mod openapi;
mod operation;
mod payments;
#[path = "../../../domain/tests/pricing/peer_case.rs"]
mod peer_case;
mod peers;
mod plans;
mod postgres;
mod prices;
mod races;
mod shared_cache;
mod stores;
mod stripe;
mod stripe_orders;
mod stripe_peers;
mod tryout;
