//! What the writer knows without asking. Whoever has had a store's turn leaves his token in it (`lanes`). While a node finds the
//! token that it saw or left last, nobody else has written since, and the carts, orders and stock that it read or wrote are
//! still true. Otherwise they are only hints: which rows will be asked for next, so that they come in the same round trip;
//! nothing that is decided is taken from them. Variants are true while the catalogue has not changed, whoever wrote.

use super::load::{Token, Turn};
use cartwright_domain::cart::Cart;
use cartwright_domain::catalogue::Variant;
use cartwright_domain::id::{CartId, OrderId, StoreId, VariantId};
use cartwright_domain::order::Order;
use cartwright_domain::stock::Stock;
use cartwright_domain::working_set::{Keys, WorkingSet};
use quick_cache::unsync::Cache;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Variants of each store, with SKU and stock.
const VARIANTS: usize = 20_000;
/// Carts of each store.
const CARTS: usize = 8_000;
/// Orders of each store: those that are being paid.
const ORDERS: usize = 2_000;
/// After so many turns without another node in between, the next is taken to be such a one too. A guess that fails costs a
/// round trip.
const ALONE: u32 = 4;

/// What is known, by store.
#[derive(Default)]
pub struct Known {
    stores: HashMap<StoreId, Rows>,
}

/// A row, and in which spell it was true.
type Seen<T> = (u64, T);

struct Rows {
    /// What stood in the turn when it was last seen or left.
    token: Option<Token>,
    /// The time since another node has written last; what is from an earlier one may be old.
    spell: u64,
    /// Turns in this spell.
    turns: u32,
    carts: Cache<CartId, Seen<Arc<Cart>>>,
    orders: Cache<OrderId, Seen<Arc<Order>>>,
    /// With the newest entry of the ledger.
    stock: Cache<VariantId, Seen<(Arc<Stock>, i64)>>,
    /// The catalogue's version that the variants are of.
    catalogue: i64,
    skus: Cache<String, Arc<VariantId>>,
    variants: Cache<VariantId, Arc<Variant>>,
}

/// Rows that are true if the turn says so.
#[derive(Default)]
pub struct Recalled {
    token: Option<Token>,
    carts: Vec<(CartId, Arc<Cart>)>,
    orders: Vec<(OrderId, Arc<Order>)>,
    stock: Vec<(VariantId, (Arc<Stock>, i64))>,
    catalogue: i64,
    skus: Vec<(String, Arc<VariantId>)>,
    variants: Vec<(VariantId, Arc<Variant>)>,
}

impl Recalled {
    /// Puts them into the set as far as they are true, and returns the keys of what is to be read after all.
    pub fn settle(self, turn: &mut Turn, set: &mut WorkingSet) -> Keys {
        let mut old = Keys::default();
        if is_same(self.token, turn.token) {
            self.carts.into_iter().for_each(|(id, cart)| set.carts.load(id, Some(cart)));
            self.orders.into_iter().for_each(|(id, order)| set.orders.load(id, Some(order)));
            for (id, (stock, head)) in self.stock {
                set.stock.load(id, Some(stock));
                turn.heads.insert(id, head);
            }
        } else {
            old.carts = ids(self.carts);
            old.orders = ids(self.orders);
            old.stock = ids(self.stock);
        }
        if self.catalogue == turn.catalogue {
            self.skus.into_iter().for_each(|(sku, id)| set.skus.load(sku, Some(id)));
            self.variants.into_iter().for_each(|(id, variant)| set.variants.load(id, Some(variant)));
        } else {
            old.skus = ids(self.skus);
            old.variants = ids(self.variants);
        }
        old
    }
}

/// Without a token nobody knows who has written.
fn is_same(one: Option<Token>, other: Option<Token>) -> bool {
    one.is_some() && one == other
}

fn ids<K: Ord, V>(rows: Vec<(K, V)>) -> std::collections::BTreeSet<K> {
    rows.into_iter().map(|(id, _)| id).collect()
}

impl Rows {
    fn new() -> Rows {
        Rows {
            token: None,
            spell: 0,
            turns: 0,
            carts: Cache::new(CARTS),
            orders: Cache::new(ORDERS),
            stock: Cache::new(VARIANTS),
            catalogue: 0,
            skus: Cache::new(VARIANTS),
            variants: Cache::new(VARIANTS),
        }
    }

    /// The row, if nobody else has written since it was true.
    fn of_spell<K: Eq + Hash, T: Clone>(&self, rows: &Cache<K, Seen<T>>, id: &K) -> Option<T> {
        rows.get(id).filter(|(spell, _)| *spell == self.spell).map(|(_, row)| row.clone())
    }

    /// Adds what will be asked for once these rows are there.
    fn look_ahead(&self, wanted: &mut Keys) {
        for (_, order) in wanted.orders.iter().filter_map(|id| self.orders.get(id)) {
            wanted.carts.insert(order.cart_id);
            wanted.stock.extend(order.lines.iter().map(|line| line.variant_id));
        }
        for (_, cart) in wanted.carts.iter().filter_map(|id| self.carts.get(id)) {
            wanted.variants.extend(cart.lines.iter().map(|line| line.variant_id));
        }
        wanted.variants.extend(wanted.skus.iter().filter_map(|sku| self.skus.get(sku)).map(|id| **id));
        // Who wants goods wants their stock, which comes with those that are read.
        wanted.stock.extend(wanted.variants.iter().filter(|id| self.variants.get(*id).is_some()));
    }
}

impl Known {
    /// What is to be read for these keys: without what is known, and with what will be asked for next. `turn` is the one that
    /// was taken, if it was taken already.
    pub fn plan(&self, store: StoreId, keys: &Keys, set: &WorkingSet, turn: Option<&Turn>) -> (Keys, Recalled) {
        let mut wanted = keys.clone();
        let Some(rows) = self.stores.get(&store) else { return (wanted, Recalled::default()) };
        rows.look_ahead(&mut wanted);
        wanted.carts.retain(|id| !set.carts.knows(id));
        wanted.stock.retain(|id| !set.stock.knows(id));
        wanted.variants.retain(|id| !set.variants.knows(id));
        let mut recalled = Recalled { token: rows.token, catalogue: rows.catalogue, ..Recalled::default() };
        if turn.map_or(rows.turns >= ALONE, |turn| is_same(turn.token, rows.token)) {
            take(&mut wanted.carts, &mut recalled.carts, |id| rows.of_spell(&rows.carts, id));
            take(&mut wanted.orders, &mut recalled.orders, |id| rows.of_spell(&rows.orders, id));
            take(&mut wanted.stock, &mut recalled.stock, |id| rows.of_spell(&rows.stock, id));
        }
        take(&mut wanted.skus, &mut recalled.skus, |sku| rows.skus.get(sku).cloned());
        take(&mut wanted.variants, &mut recalled.variants, |id| rows.variants.get(id).cloned());
        (wanted, recalled)
    }

    /// Whether no other node has written the store for a while.
    pub fn is_alone(&self, store: StoreId) -> bool {
        self.stores.get(&store).is_some_and(|rows| rows.turns >= ALONE)
    }

    /// What was taken for true may not be.
    pub fn doubt(&mut self, store: StoreId) {
        if let Some(rows) = self.stores.get_mut(&store) {
            (rows.token, rows.turns, rows.spell) = (None, 0, rows.spell + 1);
            rows.skus.clear();
            rows.variants.clear();
        }
    }

    /// Takes note of a turn that was taken: whether somebody else has had it since.
    pub fn see(&mut self, store: StoreId, turn: &Turn) {
        let rows = self.stores.entry(store).or_insert_with(Rows::new);
        if is_same(rows.token, turn.token) {
            rows.turns = rows.turns.saturating_add(1);
        } else {
            (rows.token, rows.turns, rows.spell) = (turn.token, 0, rows.spell + 1);
        }
    }

    /// Takes in the rows of a batch that is committed, or that changed nothing. `turn` is as the batch leaves it.
    pub fn remember(&mut self, store: StoreId, set: &WorkingSet, turn: &Turn) {
        let rows = self.stores.entry(store).or_insert_with(Rows::new);
        rows.token = turn.token;
        let spell = rows.spell;
        set.carts.rows().for_each(|(id, cart)| rows.carts.insert(*id, (spell, cart.clone())));
        set.orders.rows().for_each(|(id, order)| rows.orders.insert(*id, (spell, order.clone())));
        for (id, stock) in set.stock.rows() {
            // Without an entry in the ledger it has no row yet.
            if let Some(head) = turn.heads.get(id) {
                rows.stock.insert(*id, (spell, (stock.clone(), *head)));
            }
        }
        if rows.catalogue != turn.catalogue {
            rows.skus.clear();
            rows.variants.clear();
            rows.catalogue = turn.catalogue;
        }
        if changes_catalogue(set) {
            return;
        }
        set.skus.rows().for_each(|(sku, id)| rows.skus.insert(sku.clone(), id.clone()));
        set.variants.rows().for_each(|(id, variant)| rows.variants.insert(*id, variant.clone()));
    }
}

/// Moves the keys of rows that are known from those to be read to those recalled.
fn take<K: Ord + Clone, V>(
    wanted: &mut std::collections::BTreeSet<K>,
    recalled: &mut Vec<(K, V)>,
    known: impl Fn(&K) -> Option<V>,
) {
    wanted.retain(|key| match known(key) {
        Some(row) => {
            recalled.push((key.clone(), row));
            false
        }
        None => true,
    });
}

/// Whether the batch changes products or variants.
pub fn changes_catalogue(set: &WorkingSet) -> bool {
    set.variants.changes().next().is_some() || set.products.changes().next().is_some()
}
