//! How much room rows take in the writers' memory.

use cartwright_domain::cart::Cart;
use cartwright_domain::order::Order;
use cartwright_domain::room;
use quick_cache::Weighter;
use quick_cache::unsync::Cache;
use std::hash::Hash;
use std::sync::Arc;

/// Counts rows by the room that they take.
#[derive(Clone, Copy)]
pub struct Room;

/// A cache that holds so many usual rows, and of heavy ones as many as take the same room.
pub type Rows<K, V> = Cache<K, V, Room>;

/// Makes one.
pub fn rows<K: Eq + Hash, V>(usual: usize) -> Rows<K, V>
where
    Room: Weighter<K, V>,
{
    Cache::with_weighter(usual, usual as u64, Room)
}

impl<K> Weighter<K, Arc<Cart>> for Room {
    fn weight(&self, _: &K, cart: &Arc<Cart>) -> u64 {
        room::of_cart(cart)
    }
}

impl<K> Weighter<K, Arc<Order>> for Room {
    fn weight(&self, _: &K, order: &Arc<Order>) -> u64 {
        room::of_order(order)
    }
}

/// With what is known of the time that it is from.
impl<K> Weighter<K, (u64, Arc<Cart>)> for Room {
    fn weight(&self, _: &K, (_, cart): &(u64, Arc<Cart>)) -> u64 {
        room::of_cart(cart)
    }
}

impl<K> Weighter<K, (u64, Arc<Order>)> for Room {
    fn weight(&self, _: &K, (_, order): &(u64, Arc<Order>)) -> u64 {
        room::of_order(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_domain::cart::{CartDetail, CartLine, CartStatus};
    use cartwright_domain::id::{CartId, LineId, Timestamp, VariantId};
    use cartwright_domain::money::Currency;

    /// A cart of so many lines, each with so many bytes of text.
    fn cart(lines: usize, bytes: usize) -> Arc<Cart> {
        let line = CartLine {
            id: LineId::default(),
            variant_id: VariantId::default(),
            quantity: 1,
            unit_price: 100,
            priced_at: Timestamp(0),
            options: [("text".to_owned(), "x".repeat(bytes))].into(),
            saved_at_price: None,
        };
        Arc::new(Cart {
            id: CartId::default(),
            token_hash: None,
            customer: None,
            status: CartStatus::Active,
            version: 1,
            currency: Currency::EUR,
            lines: vec![line; lines],
            detail: CartDetail::default(),
            order_id: None,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
            expires_at: Timestamp(0),
        })
    }

    #[test]
    fn of_heavy_carts_no_more_are_kept_than_take_the_room_of_the_usual_ones() {
        let kept = |cart: Arc<Cart>| {
            let mut carts = rows(1_000);
            (0..2_000).for_each(|number| carts.insert(number, cart.clone()));
            (carts.len(), carts.len() * cart.stored_bytes())
        };
        assert_eq!(kept(cart(3, 10)).0, 1_000);
        let (count, bytes) = kept(cart(60, 4_000));
        assert!(count > 0 && bytes <= 1_000 * 4_096, "{count} of {bytes} bytes in all");
    }
}
