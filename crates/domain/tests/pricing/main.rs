//! Pricing through its one public function.

mod case;
mod chosen;
mod clock;
mod currencies;
mod elsewhere;
mod examples;
mod explained;
mod limits;
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
