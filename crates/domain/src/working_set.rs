//! The rows that a batch of commands works on. A batch first says which rows it needs ([`Keys`]); the storage loads them;
//! the decisions read and change them here, in memory; what changed is then written as one transaction. A row that was
//! asked for and does not exist is known to be absent; a row that was never asked for must not be read.

use crate::cart::{Cart, Hold};
use crate::catalogue::{Product, Variant};
use crate::coupon::Coupon;
use crate::customer::{Customer, LiveOrders};
use crate::demand::DemandRows;
use crate::event::{Actor, Event, EventKind, Subject};
use crate::id::{CartId, EventId, IdSource, OrderId, ProductId, PromotionId, Timestamp, VariantId, WebhookId};
use crate::inbox::{InboxEvent, InboxKey};
use crate::order::Order;
use crate::outside::UnmatchedPayment;
use crate::people::{People, PeopleKeys};
use crate::stock::{Movement, Stock};
use crate::store::StoreConfig;
use crate::unpaid::Unpaid;
use crate::webhook::{Delivery, Webhook};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::Arc;

/// Rows of one kind by key.
#[derive(Debug)]
pub struct Table<K, V> {
    rows: HashMap<K, Slot<V>>,
}

#[derive(Debug)]
struct Slot<V> {
    row: Option<Arc<V>>,
    state: RowState,
}

/// Whether a row is to be written, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// As loaded.
    Loaded,
    /// Not in the storage yet.
    Created,
    /// In the storage, and changed.
    Changed,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Table { rows: HashMap::new() }
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Table<K, V> {
    /// Takes in a row as the storage has it, or the fact that it has none. A row that is known already stays.
    pub fn load(&mut self, key: K, row: Option<Arc<V>>) {
        self.rows.entry(key).or_insert(Slot { row, state: RowState::Loaded });
    }

    /// Whether the row was asked for.
    pub fn knows(&self, key: &K) -> bool {
        self.rows.contains_key(key)
    }

    /// The row, if it exists.
    pub fn get(&self, key: &K) -> Option<&Arc<V>> {
        debug_assert!(self.knows(key), "a row was read that the command did not ask for");
        self.rows.get(key).and_then(|slot| slot.row.as_ref())
    }

    /// A row to change. The row must exist.
    pub fn edit(&mut self, key: &K) -> Option<&mut V> {
        let slot = self.rows.get_mut(key)?;
        let row = slot.row.as_mut()?;
        if slot.state == RowState::Loaded {
            slot.state = RowState::Changed;
        }
        Some(Arc::make_mut(row))
    }

    /// Writes a whole row: a new one, or a replacement.
    pub fn put(&mut self, key: K, row: V) {
        let slot = self.rows.entry(key).or_insert(Slot { row: None, state: RowState::Loaded });
        slot.state = match (&slot.row, slot.state) {
            (None, _) | (Some(_), RowState::Created) => RowState::Created,
            (Some(_), _) => RowState::Changed,
        };
        slot.row = Some(Arc::new(row));
    }

    /// The row is no longer found under its key. Nothing is written: the row stands in the storage under another, or is written by
    /// other means.
    pub(crate) fn forget(&mut self, key: &K) {
        self.rows.insert(key.clone(), Slot { row: None, state: RowState::Loaded });
    }

    /// The keys under which there is no row.
    pub fn absent(&self) -> impl Iterator<Item = &K> {
        self.rows.iter().filter(|(_, slot)| slot.row.is_none()).map(|(key, _)| key)
    }

    /// All rows that exist.
    pub fn rows(&self) -> impl Iterator<Item = (&K, &Arc<V>)> {
        self.rows.iter().filter_map(|(key, slot)| Some((key, slot.row.as_ref()?)))
    }

    /// The rows that are as they were loaded.
    pub(crate) fn loaded(&self) -> impl Iterator<Item = (&K, &Arc<V>)> {
        let loaded = self.rows.iter().filter(|(_, slot)| slot.state == RowState::Loaded);
        loaded.filter_map(|(key, slot)| Some((key, slot.row.as_ref()?)))
    }

    /// The rows to be written.
    pub fn changes(&self) -> impl Iterator<Item = (&K, &Arc<V>, RowState)> {
        self.rows.iter().filter(|(_, slot)| slot.state != RowState::Loaded).filter_map(|(key, slot)| {
            let row = slot.row.as_ref()?;
            Some((key, row, slot.state))
        })
    }
}

/// A key of the idempotency table: whose key it is, and the key.
pub type IdempotencyKey = (String, String);

/// What was answered under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRow {
    /// SHA-256 of the request.
    pub fingerprint: [u8; 32],
    /// The order that a checkout made.
    pub order_id: Option<OrderId>,
    /// The cart that a request for a new cart made, or found.
    pub cart_id: Option<CartId>,
    /// When.
    pub created_at: crate::id::Timestamp,
}

/// How often a promotion was used by one customer.
pub type CustomerUse = (PromotionId, String);

/// Units of a variant that unpaid orders of one shopper hold: who, and of what.
pub type UnpaidKey = (String, VariantId);

/// A use of a promotion by an order; counted against its limits while `live`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redemption {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// The order.
    pub order_id: OrderId,
    /// Who: customer or e-mail address; empty when unknown.
    pub customer: String,
    /// The code that unlocked it.
    pub code: Option<String>,
}

/// Names of the rows to be loaded. Sets, so that they are loaded once and in one order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    /// Carts.
    pub carts: BTreeSet<CartId>,
    /// Customers whose active cart is sought.
    pub customer_carts: BTreeSet<String>,
    /// What the shop told about customers.
    pub customers: BTreeSet<String>,
    /// Buyers whose live orders are counted.
    pub buyers: BTreeSet<String>,
    /// Variants by SKU.
    pub skus: BTreeSet<String>,
    /// Variants by id.
    pub variants: BTreeSet<VariantId>,
    /// Stock of variants.
    pub stock: BTreeSet<VariantId>,
    /// Products by handle.
    pub handles: BTreeSet<String>,
    /// Products by id.
    pub products: BTreeSet<ProductId>,
    /// Orders.
    pub orders: BTreeSet<OrderId>,
    /// Coupons by code.
    pub coupons: BTreeSet<String>,
    /// Uses of promotions.
    pub uses: BTreeSet<PromotionId>,
    /// Uses of promotions by customer.
    pub customer_uses: BTreeSet<CustomerUse>,
    /// Units that unpaid orders of a shopper hold.
    pub unpaid: BTreeSet<UnpaidKey>,
    /// Idempotency rows.
    pub idempotency: BTreeSet<IdempotencyKey>,
    /// Receivers of events.
    pub webhooks: BTreeSet<WebhookId>,
    /// Events of payment gateways.
    pub inbox: BTreeSet<InboxKey>,
    /// Rows about people.
    pub people: PeopleKeys,
    /// Whether the next carts are wanted whose demand is to be counted.
    pub demand_page: bool,
    /// Holds of variants that have run out. Unlike other rows they are asked for page by page.
    pub expired_holds: BTreeMap<VariantId, HoldPage>,
}

/// A page of the holds of a variant that have run out, the oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoldPage {
    /// Those that have run out by then.
    pub by: Timestamp,
    /// Only later ones than this: until when, and for which cart.
    pub after: (Timestamp, CartId),
    /// At most so many.
    pub limit: usize,
}

/// Holds of a variant that have run out, as far as they were asked for: what was stored before the batch.
#[derive(Clone, Debug, Default)]
pub struct ExpiredHolds {
    /// Until when they were, and for which cart; the oldest first.
    pub carts: Vec<(Timestamp, CartId)>,
    /// Whether there may be more.
    pub more: bool,
}

impl Keys {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        *self == Keys::default()
    }
}

/// The rows of one batch, all of one store.
#[derive(Debug)]
pub struct WorkingSet {
    /// Now, as the batch that is decided has it.
    pub now: Timestamp,
    /// The store's configuration.
    pub config: Arc<StoreConfig>,
    /// Carts.
    pub carts: Table<CartId, Cart>,
    /// The active cart of a customer.
    pub customer_carts: Table<String, CartId>,
    /// What the shop told about a customer.
    pub customers: Table<String, Customer>,
    /// A buyer's live orders. Counted by the storage from the orders, and here through the batch; never written.
    pub buyers: Table<String, LiveOrders>,
    /// Variants by SKU.
    pub skus: Table<String, VariantId>,
    /// Variants.
    pub variants: Table<VariantId, Variant>,
    /// Stock.
    pub stock: Table<VariantId, Stock>,
    /// Products by handle.
    pub handles: Table<String, ProductId>,
    /// Products by a handle that they had once; loaded with `handles`.
    pub old_handles: Table<String, ProductId>,
    /// Handles that lead to a product which has another now; `None` for those that lead nowhere any more.
    pub handle_changes: BTreeMap<String, Option<ProductId>>,
    /// Products.
    pub products: Table<ProductId, Product>,
    /// Orders.
    pub orders: Table<OrderId, Order>,
    /// What a code unlocks, and its uses.
    pub coupons: Table<String, Coupon>,
    /// Live uses of a promotion.
    pub uses: Table<PromotionId, i64>,
    /// Live uses of a promotion by a customer.
    pub customer_uses: Table<CustomerUse, i64>,
    /// Units that unpaid orders of a shopper hold.
    pub unpaid: Table<UnpaidKey, Unpaid>,
    /// Answers under idempotency keys.
    pub idempotency: Table<IdempotencyKey, IdempotencyRow>,
    /// Receivers of events.
    pub webhooks: Table<WebhookId, Webhook>,
    /// Events of payment gateways.
    pub inbox: Table<InboxKey, InboxEvent>,
    /// Rows about people.
    pub people: People,
    /// How much stands in carts.
    pub demand: DemandRows,
    /// Holds that have run out. Whether they still stand is said by the cart.
    pub expired_holds: HashMap<VariantId, ExpiredHolds>,
    /// Holds as they are now, where they changed; `None` for those that are gone. They stand in the carts; this is what is
    /// written beside them, so that they are found by variant and by time.
    pub hold_changes: BTreeMap<(CartId, VariantId), Option<Hold>>,
    /// New ledger entries, in order.
    pub movements: Vec<Movement>,
    /// What happened, in order.
    pub events: Vec<Event>,
    /// What became of events on their way to receivers, in order. Written, never read by decisions.
    pub delivery_changes: Vec<DeliveryChange>,
    /// Up to which event other listeners have the log.
    pub sink_positions: Vec<(String, i64)>,
    /// Payments without an order that were dealt with, in order. Written, never read by decisions.
    pub unmatched_payments: Vec<UnmatchedPayment>,
    /// New uses of promotions.
    pub redemptions: Vec<Redemption>,
    /// Orders whose uses of promotions were given back.
    pub released_redemptions: Vec<OrderId>,
    /// Orders that forgot whose they were.
    pub forgotten_orders: Vec<crate::forget::ForgottenOrder>,
    /// Orders that took their uses of promotions again.
    pub retaken_redemptions: Vec<OrderId>,
    /// Changes of the configuration, in order.
    pub config_changes: Vec<ConfigChange>,
    /// Idempotency rows older than this are to go.
    pub forget_answers_before: Option<crate::id::Timestamp>,
    /// Events of carts older than this are to go.
    pub forget_cart_events_before: Option<crate::id::Timestamp>,
    /// Events of payment gateways that were done with before this are to go.
    pub forget_inbox_before: Option<crate::id::Timestamp>,
}

/// A change of what is known of events on their way to a receiver.
#[derive(Clone, Debug)]
pub enum DeliveryChange {
    /// New, or in place of what was known of the same event.
    Put(WebhookId, Box<Delivery>),
    /// The event of this number, or all that were given up, are due at this instant as if they had never been sent.
    Revive(WebhookId, Option<i64>, Timestamp),
    /// The receiver is gone, with all that is known about it.
    Forget(WebhookId),
    /// What was done with before this instant is to go.
    ForgetBefore(Timestamp),
}

/// A change of what all carts of a store share.
#[derive(Clone, Debug)]
pub enum ConfigChange {
    /// A promotion is new or replaced. Of the codes that stand in it only these stay; new ones are rows of their own.
    PutPromotion(Box<crate::promotion::Promotion>, Vec<String>),
    /// A promotion is gone; its past uses stay on record.
    DeletePromotion(PromotionId),
    /// A promotion as it stood is kept for lines whose captured price holds.
    KeepPromotion(crate::promotion::KeptPromotion),
    /// Promotions that stood so until before this instant are kept no longer.
    ForgetKept {
        /// The instant.
        before: Timestamp,
    },
    /// The store itself: settings, shipping methods, tax rates.
    PutStore(Box<crate::store::Store>),
}

impl WorkingSet {
    /// An empty set for a store.
    pub fn new(config: Arc<StoreConfig>) -> WorkingSet {
        WorkingSet {
            now: Timestamp::default(),
            config,
            carts: Table::default(),
            customer_carts: Table::default(),
            customers: Table::default(),
            buyers: Table::default(),
            skus: Table::default(),
            variants: Table::default(),
            stock: Table::default(),
            handles: Table::default(),
            old_handles: Table::default(),
            handle_changes: BTreeMap::new(),
            products: Table::default(),
            orders: Table::default(),
            coupons: Table::default(),
            uses: Table::default(),
            customer_uses: Table::default(),
            unpaid: Table::default(),
            idempotency: Table::default(),
            webhooks: Table::default(),
            inbox: Table::default(),
            delivery_changes: Vec::new(),
            sink_positions: Vec::new(),
            unmatched_payments: Vec::new(),
            people: People::default(),
            demand: DemandRows::default(),
            expired_holds: HashMap::new(),
            hold_changes: BTreeMap::new(),
            movements: Vec::new(),
            events: Vec::new(),
            redemptions: Vec::new(),
            released_redemptions: Vec::new(),
            forgotten_orders: Vec::new(),
            retaken_redemptions: Vec::new(),
            config_changes: Vec::new(),
            forget_answers_before: None,
            forget_cart_events_before: None,
            forget_inbox_before: None,
        }
    }

    /// Whether anything is to be written.
    pub fn has_changes(&self) -> bool {
        self.carts.changes().next().is_some()
            || self.customer_carts.changes().next().is_some()
            || self.customers.changes().next().is_some()
            || self.coupons.changes().next().is_some()
            || self.variants.changes().next().is_some()
            || self.products.changes().next().is_some()
            || !self.handle_changes.is_empty()
            || self.stock.changes().next().is_some()
            || self.orders.changes().next().is_some()
            || self.uses.changes().next().is_some()
            || self.customer_uses.changes().next().is_some()
            || self.unpaid.changes().next().is_some()
            || self.idempotency.changes().next().is_some()
            || self.people.has_changes()
            || self.demand.count.is_some()
            || !self.movements.is_empty()
            || !self.hold_changes.is_empty()
            || !self.events.is_empty()
            || self.webhooks.changes().next().is_some()
            || self.inbox.changes().next().is_some()
            || !self.delivery_changes.is_empty()
            || !self.sink_positions.is_empty()
            || !self.unmatched_payments.is_empty()
            || !self.redemptions.is_empty()
            || !self.released_redemptions.is_empty()
            || !self.retaken_redemptions.is_empty()
            || !self.config_changes.is_empty()
            || self.forget_answers_before.is_some()
            || self.forget_cart_events_before.is_some()
            || self.forget_inbox_before.is_some()
    }

    /// Tells that something happened. When, and through whom, is put to it at the end of the decision.
    pub fn tell(&mut self, subject: Subject, kind: EventKind, data: serde_json::Value) {
        let (id, at, actor) = (EventId::default(), Timestamp::default(), Actor::System);
        self.events.push(Event { id, at, actor, subject, kind, data });
    }

    /// Completes what was told since there were `known` events.
    pub(crate) fn stamp(&mut self, known: usize, actor: Actor, at: Timestamp, ids: &mut IdSource) {
        for event in &mut self.events[known..] {
            event.id = EventId(ids.next_id());
            event.at = at;
            // Time did it, whoever noticed.
            event.actor = if event.kind == EventKind::CartHoldExpired { Actor::System } else { actor };
        }
    }

    /// Takes in a page of holds that have run out.
    pub fn take_expired_holds(&mut self, id: VariantId, found: Vec<(Timestamp, CartId)>, page: HoldPage) {
        let known = self.expired_holds.entry(id).or_default();
        known.more = found.len() >= page.limit;
        known.carts.extend(found);
    }

    /// Gives a product this handle, which then leads to no other.
    pub(crate) fn take_handle(&mut self, handle: &str, id: ProductId) {
        self.handles.put(handle.to_owned(), id);
        if self.old_handles.get(&handle.to_owned()).is_some() {
            self.old_handles.forget(&handle.to_owned());
            self.handle_changes.insert(handle.to_owned(), None);
        }
    }

    /// A handle that a product no longer has leads to it.
    pub(crate) fn redirect(&mut self, handle: &str, id: ProductId) {
        self.handles.forget(&handle.to_owned());
        self.old_handles.put(handle.to_owned(), id);
        self.handle_changes.insert(handle.to_owned(), Some(id));
    }

    /// Stock of a variant; none on record means none on hand.
    pub fn stock_of(&self, variant_id: VariantId) -> Stock {
        self.stock.get(&variant_id).map(|stock| **stock).unwrap_or_default()
    }

    /// Moves stock and writes the ledger entry. The caller has checked that the movement keeps the invariant; `false`
    /// means that it would not, and nothing was changed.
    pub fn move_stock(&mut self, movement: Movement) -> bool {
        let stock = self.stock_of(movement.variant_id);
        let Some(after) = stock.after(movement.on_hand_delta, movement.reserved_delta) else { return false };
        self.stock.put(movement.variant_id, after);
        self.movements.push(movement);
        true
    }
}
