//! Pricing through its one public function.

mod case;
mod chosen;
mod clock;
mod examples;
mod explained;
mod money;
mod page;
mod pages;
mod peer_case;
mod peers;
mod places;
mod properties;
mod reference;
mod shop;
mod units;
