//! How much stands in carts: what batches say they change sums to what is there.

use crate::shop::{Shop, mine};
use cartwright_domain::cart::{Cart, CartStatus};
use cartwright_domain::command::{Command, Settlement};
use cartwright_domain::demand::{ALL_COUNTED, CountChange, Demand, PAGE};
use cartwright_domain::id::{CartId, Timestamp, VariantId};
use cartwright_domain::store::{StoreConfig, StoreSettings};
use cartwright_domain::working_set::WorkingSet;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

type Sums = BTreeMap<VariantId, Demand>;

/// A shop that shows its demand, and what its batches have said so far.
struct Counted {
    shop: Shop,
    sums: Sums,
}

impl Counted {
    fn new() -> Counted {
        let mut shop = Shop::with(&[("PEN", 500, 1_000), ("MUG", 750, 1_000)]);
        let mut store = shop.set.config.store.clone();
        store.settings = StoreSettings { urgency: true, ..StoreSettings::default() };
        shop.set.config = Arc::new(StoreConfig::new(store, vec![]));
        let mut counted = Counted { shop, sums: Sums::new() };
        counted.commit();
        counted
    }

    /// Ends a batch: the next one loads what this one left.
    fn commit(&mut self) {
        let old = &self.shop.set;
        for (_, variant, change) in old.demand_changes() {
            self.sums.entry(variant).or_default().add(change);
        }
        let mut set = WorkingSet::new(old.config.clone());
        old.carts.rows().for_each(|(id, row)| set.carts.load(*id, Some(row.clone())));
        old.customer_carts.rows().for_each(|(id, row)| set.customer_carts.load(id.clone(), Some(row.clone())));
        old.skus.rows().for_each(|(id, row)| set.skus.load(id.clone(), Some(row.clone())));
        old.variants.rows().for_each(|(id, row)| set.variants.load(*id, Some(row.clone())));
        old.stock.rows().for_each(|(id, row)| set.stock.load(*id, Some(row.clone())));
        old.orders.rows().for_each(|(id, row)| set.orders.load(*id, Some(row.clone())));
        set.note_demand();
        self.shop.set = set;
        self.sums.retain(|_, demand| *demand != Demand::default());
        assert_eq!(self.sums, self.there());
    }

    /// What stands in active carts.
    fn there(&self) -> Sums {
        let mut sums = Sums::new();
        let active = self.shop.set.carts.rows().filter(|(_, cart)| cart.status == CartStatus::Active);
        for (_, cart) in active {
            let mut seen = Vec::new();
            for line in &cart.lines {
                let carts = i64::from(!seen.contains(&line.variant_id));
                sums.entry(line.variant_id).or_default().add(Demand { carts, units: line.quantity });
                seen.push(line.variant_id);
            }
        }
        sums
    }
}

#[test]
fn what_batches_change_sums_to_what_stands_in_active_carts() {
    let mut counted = Counted::new();
    let (one, other) = (counted.shop.cart(&[("PEN", 2), ("MUG", 1)]), counted.shop.cart(&[("PEN", 3)]));
    // Made and changed in one batch.
    counted.shop.add(one, "PEN", 4).expect("added");
    counted.commit();
    assert_eq!(counted.sums.values().map(|demand| (demand.carts, demand.units)).max(), Some((2, 9)));
    counted.shop.add(other, "MUG", 1).expect("added");
    counted.commit();
    let order = counted.shop.checkout(one, "k", None).expect("an order");
    counted.commit();
    assert_eq!(counted.sums.values().map(|demand| demand.carts).sum::<i64>(), 2);
    // The cart of an order that fails is its owner's again.
    counted.shop.settle(order.id, Settlement::Declined("no".to_owned()));
    counted.commit();
    assert_eq!(counted.sums.values().map(|demand| demand.carts).sum::<i64>(), 4);
    counted.shop.run(Command::DeleteCart { cart: mine(other) }).expect("deleted");
    counted.commit();
    counted.shop.now = Timestamp(i64::MAX / 2);
    counted.shop.run(Command::ExpireCart { cart_id: one }).expect("expired");
    counted.commit();
    assert!(counted.sums.is_empty());
}

#[test]
fn a_refused_command_changes_no_demand_and_a_store_that_does_not_show_it_counts_nothing() {
    let mut counted = Counted::new();
    counted.shop.try_cart(&[("PEN", 5_000)]).expect_err("there are not so many");
    counted.commit();
    let mut plain = Shop::with(&[("PEN", 500, 10)]);
    plain.cart(&[("PEN", 1)]);
    plain.set.note_demand();
    assert!(plain.set.demand_changes().is_empty());
}

#[test]
fn a_count_goes_on_after_a_full_page_and_is_done_after_any_other() {
    let mut counted = Counted::new();
    let id = counted.shop.cart(&[("PEN", 2)]);
    let cart = (**counted.shop.set.carts.get(&id).expect("a cart")).clone();
    let page = |size: usize| -> Vec<Cart> {
        (1..=size).map(|at| Cart { id: CartId(Uuid::from_u128(at as u128)), ..cart.clone() }).collect()
    };
    let counts = [(PAGE, CartId(Uuid::from_u128(PAGE as u128))), (PAGE - 1, ALL_COUNTED), (0, ALL_COUNTED)];
    for (size, reached) in counts {
        counted.shop.set.demand.page = Some(page(size));
        counted.shop.run(Command::CountDemand).expect("counted");
        let Some(CountChange::Advance(to, found)) = counted.shop.set.demand.count.take() else { panic!("not counted") };
        assert_eq!(to, reached);
        let sum = found.values().map(|demand| (demand.carts, demand.units)).next().unwrap_or_default();
        assert_eq!(sum, (size as i64, 2 * size as i64));
    }
}
