//! Pricing through its one public function.

mod case;
mod peers;
mod shop;
