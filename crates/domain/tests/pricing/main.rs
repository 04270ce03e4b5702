//! Pricing through its one public function.

mod case;
mod examples;
mod explained;
mod money;
mod peers;
mod places;
mod properties;
mod shop;
mod speed;
