//! How much room carts and orders take in memory. Caches count by it, so that they hold as many as usual of those that shoppers
//! make, and no more bytes where somebody fills their carts with texts.

use crate::cart::{Cart, LINE_BYTES, options_bytes};
use crate::order::{Address, Order};

/// What is stored of a usual one, at most.
const USUAL_BYTES: usize = 4 * 1024;

fn of_bytes(bytes: usize) -> u64 {
    1 + (bytes / USUAL_BYTES) as u64
}

/// As how many usual carts one counts.
pub fn of_cart(cart: &Cart) -> u64 {
    of_bytes(cart.stored_bytes())
}

/// As how many usual orders one counts. What happens to it later (notes, parcels, refunds) is the operators' and bounded.
pub fn of_order(order: &Order) -> u64 {
    let lines: usize = order.lines.iter().map(|line| LINE_BYTES + line.name.len() + options_bytes(&line.options)).sum();
    let addresses = [&order.detail.shipping_address, &order.detail.billing_address].into_iter().flatten();
    of_bytes(lines + addresses.map(Address::text_bytes).sum::<usize>())
}
