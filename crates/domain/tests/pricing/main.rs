//! Pricing through its one public function.

#[test]
fn an_empty_cart_costs_nothing() {}
