//! What the writer knows without asking. Whoever has had a store's turn leaves his token in it (`lanes`). While a node finds the
//! token that it saw or left last, nobody else has written since, and the carts, orders and stock that it read or wrote are
//! still true. Otherwise they are true as far as log and ledger tell of no change (see `told`); where those do not tell all they
//! are only hints: which rows will be asked for next, so that they come in the same round trip; nothing that is decided is taken
//! from them. Variants are true while the catalogue has not changed, whoever wrote.

use super::load::{Token, Turn};
use super::told::{Changed, Position};
use crate::room;
use cartwright_domain::cart::Cart;
use cartwright_domain::catalogue::Variant;
use cartwright_domain::id::{CartId, OrderId, StoreId, VariantId};
use cartwright_domain::order::Order;
use cartwright_domain::stock::Stock;
use cartwright_domain::working_set::{Keys, Table, WorkingSet};
use quick_cache::Weighter;
use quick_cache::unsync::Cache;
use std::collections::{BTreeSet, HashMap};
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
    /// Up to where log and ledger were known then.
    position: Position,
    /// Batches until then of which they do not tell all.
    untold: i64,
    /// The time since another node has written what nobody tells; what is from an earlier one may be old.
    spell: u64,
    /// Turns since another node has written last.
    turns: u32,
    carts: room::Rows<CartId, Seen<Arc<Cart>>>,
    orders: room::Rows<OrderId, Seen<Arc<Order>>>,
    /// With the newest entry of the ledger.
    stock: Cache<VariantId, Seen<(Arc<Stock>, i64)>>,
    /// The catalogue's version that the variants are of.
    catalogue: i64,
    skus: Cache<String, Arc<VariantId>>,
    variants: Cache<VariantId, Arc<Variant>>,
}

/// Without a token nobody knows who has written.
fn is_same(one: Option<Token>, other: Option<Token>) -> bool {
    one.is_some() && one == other
}

impl Rows {
    fn new() -> Rows {
        Rows {
            token: None,
            position: Position::default(),
            untold: 0,
            spell: 0,
            turns: 0,
            carts: room::rows(CARTS),
            orders: room::rows(ORDERS),
            stock: Cache::new(VARIANTS),
            catalogue: 0,
            skus: Cache::new(VARIANTS),
            variants: Cache::new(VARIANTS),
        }
    }

    /// The row, if nobody else has written since it was true.
    fn of_spell<K: Eq + Hash, T: Clone, W: Weighter<K, Seen<T>>>(
        &self,
        rows: &Cache<K, Seen<T>, W>,
        id: &K,
    ) -> Option<T> {
        rows.get(id).filter(|(spell, _)| *spell == self.spell).map(|(_, row)| row.clone())
    }

    fn doubt(&mut self) {
        (self.token, self.turns, self.spell) = (None, 0, self.spell + 1);
        self.skus.clear();
        self.variants.clear();
    }

    /// Takes note of how the turn was seen or left.
    fn stand_at(&mut self, turn: &Turn) {
        self.token = turn.token;
        self.position = Position { event: turn.last_event, movement: turn.last_movement };
        self.untold = turn.untold;
    }

    /// Whether this is all that other nodes have changed between when the turn was last seen or left, and now.
    fn is_all(&self, changed: &Changed, turn: &Turn) -> bool {
        self.token.is_some() && turn.is_counted && turn.untold == self.untold && changed.is_all(self.position, turn)
    }

    fn put(&mut self, set: &WorkingSet, turn: &Turn) {
        let spell = self.spell;
        set.carts.rows().for_each(|(id, cart)| self.carts.insert(*id, (spell, cart.clone())));
        set.orders.rows().for_each(|(id, order)| self.orders.insert(*id, (spell, order.clone())));
        for (id, stock) in set.stock.rows() {
            // Without an entry in the ledger it has no row yet.
            if let Some(head) = turn.heads.get(id) {
                self.stock.insert(*id, (spell, (stock.clone(), *head)));
            }
        }
    }

    /// What others have changed is not known any more; the stock is as it was told.
    fn take_in(&mut self, changed: Changed) {
        changed.carts.iter().for_each(|id| drop(self.carts.remove(id)));
        changed.orders.iter().for_each(|id| drop(self.orders.remove(id)));
        let spell = self.spell;
        for (id, stock, head) in changed.stock {
            self.stock.insert(id, (spell, (Arc::new(stock), head)));
        }
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
    /// What is to be read for these keys, with what will be asked for next, and without what is taken to be known; and that, which
    /// is to be recalled once the turn is taken.
    pub fn plan(&self, store: StoreId, keys: &Keys, set: &WorkingSet) -> (Keys, Keys) {
        let (mut wanted, mut believed) = (keys.clone(), Keys::default());
        let Some(rows) = self.stores.get(&store) else { return (wanted, believed) };
        rows.look_ahead(&mut wanted);
        wanted.carts.retain(|id| !set.carts.knows(id));
        wanted.stock.retain(|id| !set.stock.knows(id));
        wanted.variants.retain(|id| !set.variants.knows(id));
        if rows.token.is_some() {
            take(&mut wanted.carts, &mut believed.carts, |id| rows.of_spell(&rows.carts, id).is_some());
            take(&mut wanted.orders, &mut believed.orders, |id| rows.of_spell(&rows.orders, id).is_some());
            take(&mut wanted.stock, &mut believed.stock, |id| rows.of_spell(&rows.stock, id).is_some());
        }
        take(&mut wanted.skus, &mut believed.skus, |sku| rows.skus.get(sku).is_some());
        take(&mut wanted.variants, &mut believed.variants, |id| rows.variants.get(id).is_some());
        (wanted, believed)
    }

    /// Puts what was taken to be known into the set, as far as it is, now that the turn is taken; the rest is to be read after all.
    pub fn recall(&self, store: StoreId, believed: Keys, set: &mut WorkingSet, turn: &mut Turn, unknown: &mut Keys) {
        let Some(rows) = self.stores.get(&store) else { return };
        let is_same = is_same(rows.token, turn.token);
        let is_current = rows.catalogue == turn.catalogue;
        let stock_of = |id: &_| rows.of_spell(&rows.stock, id).filter(|_| is_same);
        turn.heads.extend(believed.stock.iter().filter_map(|id| Some((*id, stock_of(id)?.1))));
        let cart_of = |id: &_| rows.of_spell(&rows.carts, id).filter(|_| is_same);
        let order_of = |id: &_| rows.of_spell(&rows.orders, id).filter(|_| is_same);
        let id_of = |sku: &_| rows.skus.get(sku).filter(|_| is_current).cloned();
        let variant_of = |id: &_| rows.variants.get(id).filter(|_| is_current).cloned();
        give(believed.carts, &mut unknown.carts, &mut set.carts, cart_of);
        give(believed.orders, &mut unknown.orders, &mut set.orders, order_of);
        give(believed.stock, &mut unknown.stock, &mut set.stock, |id| Some(stock_of(id)?.0));
        give(believed.skus, &mut unknown.skus, &mut set.skus, id_of);
        give(believed.variants, &mut unknown.variants, &mut set.variants, variant_of);
    }

    /// From where on it is to be asked what others have changed: nowhere, if nobody is expected to have written.
    pub fn position(&self, store: StoreId) -> Option<Position> {
        self.stores.get(&store).filter(|rows| rows.turns < ALONE && rows.token.is_some()).map(|rows| rows.position)
    }

    /// Whether no other node has written the store for a while.
    pub fn is_alone(&self, store: StoreId) -> bool {
        self.stores.get(&store).is_some_and(|rows| rows.turns >= ALONE)
    }

    /// What was taken for true may not be.
    pub fn doubt(&mut self, store: StoreId) {
        if let Some(rows) = self.stores.get_mut(&store) {
            rows.doubt();
        }
    }

    /// Nothing that was taken for true may be.
    pub fn doubt_all(&mut self) {
        self.stores.values_mut().for_each(Rows::doubt);
    }

    /// Takes note of a turn that was taken: whether somebody else has had it since, and what he has changed, if that was asked for.
    pub fn see(&mut self, store: StoreId, turn: &Turn, changed: Option<Changed>) {
        let rows = self.stores.entry(store).or_insert_with(Rows::new);
        if is_same(rows.token, turn.token) {
            rows.turns = rows.turns.saturating_add(1);
            return;
        }
        match changed.filter(|changed| rows.is_all(changed, turn)) {
            Some(changed) => rows.take_in(changed),
            None => rows.spell += 1,
        }
        rows.turns = 0;
        rows.stand_at(turn);
    }

    /// Takes in rows that were read since the turn was last seen or left, and before it is seen again. What becomes of them until
    /// then is told with it.
    pub fn learn(&mut self, store: StoreId, read: &WorkingSet, heads: &Turn) {
        if let Some(rows) = self.stores.get_mut(&store) {
            rows.put(read, heads);
        }
    }

    /// Takes in the rows of a batch that is committed, or that changed nothing. `turn` is as the batch leaves it.
    pub fn remember(&mut self, store: StoreId, set: &WorkingSet, turn: &Turn) {
        let rows = self.stores.entry(store).or_insert_with(Rows::new);
        rows.stand_at(turn);
        rows.put(set, turn);
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

/// Moves the keys of rows that are known from those to be read to those believed.
fn take<K: Ord>(wanted: &mut BTreeSet<K>, believed: &mut BTreeSet<K>, is_known: impl Fn(&K) -> bool) {
    let (known, unknown) = std::mem::take(wanted).into_iter().partition(is_known);
    (*believed, *wanted) = (known, unknown);
}

/// Puts what is known after all into the set, and notes what is not.
fn give<K: Ord + Hash + Clone, V: Clone>(
    believed: BTreeSet<K>,
    unknown: &mut BTreeSet<K>,
    into: &mut Table<K, V>,
    known: impl Fn(&K) -> Option<Arc<V>>,
) {
    for key in believed {
        match known(&key) {
            Some(row) => into.load(key, Some(row)),
            None => drop(unknown.insert(key)),
        }
    }
}

/// Whether the batch changes products or variants.
pub fn changes_catalogue(set: &WorkingSet) -> bool {
    set.variants.changes().next().is_some() || set.products.changes().next().is_some()
}
