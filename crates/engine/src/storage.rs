//! The storage port. An adapter loads named rows into a working set, writes what changed as one durable transaction, and
//! runs the read queries below; it holds no business rule. Everything is set-wise and names one store.

use crate::live::LiveReader;
use crate::people::PeopleReader;
use crate::persons::PersonReader;
use crate::report::{ReportQuery, ReportRow};
use crate::traces::TraceReader;
use async_trait::async_trait;
use cartwright_domain::account::Role;
use cartwright_domain::cart::{Cart, CartLine, Hold};
use cartwright_domain::catalogue::{Product, Variant};
use cartwright_domain::coupon::Coupon;
use cartwright_domain::customer::Customer;
use cartwright_domain::demand::Demand;
use cartwright_domain::event::{EventKind, LoggedEvent, Subject};
use cartwright_domain::id::{CartId, OrderId, ProductId, PromotionId, StoreId, Timestamp, VariantId, WebhookId};
use cartwright_domain::inbox::InboxEvent;
use cartwright_domain::order::Order;
use cartwright_domain::outside::UnmatchedPayment;
use cartwright_domain::promotion::{KeptPromotion, Promotion};
use cartwright_domain::stock::{Movement, Stock};
use cartwright_domain::store::{PricePolicy, Store};
use cartwright_domain::webhook::{Delivery, DeliveryStatus, Webhook};
use cartwright_domain::working_set::{Keys, WorkingSet};
use std::sync::Arc;

/// Why the storage did not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StorageError {
    /// It cannot just now: locked by another process, full, out of connections. Nothing was written; trying again may help.
    #[error("{0}")]
    Unavailable(String),
    /// The connection was lost in the middle of a commit, and whether it was done could not be learned. Not to be tried again.
    #[error("{0}")]
    Uncertain(String),
    /// It failed in a way that trying again does not mend. Nothing was written.
    #[error("{0}")]
    Fault(String),
    /// Another node has changed the store's configuration: the batch must be decided anew with the newest. Nothing was written.
    #[error("the configuration was changed by another node")]
    StaleConfig,
    /// The batch met another node's transaction (serialisation failure, deadlock, a row that was made meanwhile). Nothing was
    /// written; the same batch may go through at once.
    #[error("the batch met another node's transaction: {0}")]
    Conflict(String),
}

/// An opened storage: one writer, and a reader that may be used from everywhere at once.
pub struct Storage {
    /// For the lane.
    pub writer: Box<dyn Writer>,
    /// For everybody.
    pub reader: Arc<dyn Reader>,
    /// Whether other processes may write the same database: then nothing that was read before may be taken for true.
    pub shared: bool,
}

/// What became of a batch that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is committed.
    Committed,
    /// It is being written.
    UnderWay,
}

/// The writing side; used by one lane.
pub trait Writer: Send {
    /// Whether other nodes may be writing the same store, so that a batch waits for its turn: not where none has for a while.
    fn has_rivals(&self, _store: StoreId) -> bool {
        false
    }

    /// Loads the rows that `keys` names into the set, known-absent ones included. The first load of a batch begins its
    /// transaction and locks what it reads, in the order of the keys. In a shared database it fails with
    /// [`StorageError::StaleConfig`] where the store's version is not that of the set's configuration.
    fn load(&mut self, store: StoreId, keys: &Keys, set: &mut WorkingSet) -> Result<(), StorageError>;

    /// Writes all changes of the set and commits durably. On an error nothing is written.
    fn commit(&mut self, store: StoreId, set: &WorkingSet) -> Result<(), StorageError>;

    /// Like `commit`, but may return before it is done: then with [`Sent::UnderWay`], and [`Writer::land`] has the outcome. Until that
    /// was asked for, the next batch of the same store may be loaded and decided as if this one were committed, and sent behind
    /// it; it comes to [`StorageError::Conflict`] where this one is not committed, or the store has changed in between. A load
    /// fails where it could not tell what it is asked for before the commit is done.
    fn send(&mut self, store: StoreId, set: Arc<WorkingSet>) -> Result<Sent, StorageError> {
        self.commit(store, &set).map(|()| Sent::Committed)
    }

    /// Waits for the outcome of the oldest that is under way. On an error nothing of it is written.
    fn land(&mut self) -> Result<(), StorageError> {
        Ok(())
    }

    /// Ends the transaction without writing. What is under way goes on; what was loaded ahead of its outcome is forgotten.
    fn rollback(&mut self);

    /// Creates a store; its id is given by the storage. The handle must be new.
    fn create_store(&mut self, store: &Store) -> Result<StoreId, StorageError>;
}

/// The reading side. Reads see whole transactions only.
#[async_trait]
pub trait Reader: PeopleReader + PersonReader + TraceReader + LiveReader + Send + Sync {
    /// Whether the storage answers.
    async fn ping(&self) -> Result<(), StorageError>;
    /// All stores.
    async fn stores(&self) -> Result<Vec<Store>, StorageError>;
    /// All promotions of a store.
    async fn promotions(&self, store: StoreId) -> Result<Vec<Promotion>, StorageError>;
    /// Promotions as they stood before they were changed or deleted.
    async fn kept_promotions(&self, store: StoreId) -> Result<Vec<KeptPromotion>, StorageError>;
    /// Price policies that products of a store have of their own, each once.
    async fn price_policies(&self, store: StoreId) -> Result<Vec<PricePolicy>, StorageError>;
    /// Codes and uses of a store's promotions; at most `codes` codes each, without those added in bulk.
    async fn promotion_uses(&self, store: StoreId, codes: usize) -> Result<Vec<PromotionUse>, StorageError>;
    /// A page of a promotion's codes in their order, after one of them.
    async fn coupons(
        &self,
        store: StoreId,
        promotion: PromotionId,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, Coupon)>, StorageError>;
    /// What the shop told about a customer.
    async fn customer(&self, store: StoreId, id: &str) -> Result<Option<Customer>, StorageError>;
    /// A page of the customers about whom something was told, in the order of their names, after one of them.
    async fn customers(
        &self,
        store: StoreId,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(String, Customer)>, StorageError>;
    /// What the shop told about these customers; of those of whom it told something.
    async fn customers_named(&self, store: StoreId, ids: &[String]) -> Result<Vec<(String, Customer)>, StorageError>;
    /// The first order, pending or placed, of each of these buyers who has one.
    async fn first_orders(&self, store: StoreId, buyers: &[String]) -> Result<Vec<(String, OrderId)>, StorageError>;
    /// The store's version; see [`Store::version`].
    async fn store_version(&self, store: StoreId) -> Result<i64, StorageError>;
    /// A cart with the variants of its lines, their stock, and the store's version, all in one question. For shared databases,
    /// where no cache can be trusted.
    async fn cart_with_goods(&self, store: StoreId, id: CartId) -> Result<Option<CartWithGoods>, StorageError>;
    /// A cart.
    async fn cart(&self, store: StoreId, id: CartId) -> Result<Option<Cart>, StorageError>;
    /// Variants with their stock, those that exist.
    async fn variants(&self, store: StoreId, ids: &[VariantId]) -> Result<Vec<(Variant, Stock)>, StorageError>;
    /// A variant's identity and stock by SKU.
    async fn sku(&self, store: StoreId, sku: &str) -> Result<Option<SkuStock>, StorageError>;
    /// An order.
    async fn order(&self, store: StoreId, id: OrderId) -> Result<Option<Order>, StorageError>;
    /// A page of products.
    async fn products(&self, store: StoreId, query: &ProductQuery) -> Result<Vec<ProductListing>, StorageError>;
    /// The handle that a product has now which had this one once, and whether it is for sale.
    async fn renamed_product(&self, store: StoreId, handle: &str) -> Result<Option<(String, bool)>, StorageError>;
    /// The handle of a product.
    async fn handle_of_product(&self, store: StoreId, id: ProductId) -> Result<Option<String>, StorageError>;
    /// A product by handle.
    async fn product(&self, store: StoreId, handle: &str) -> Result<Option<ProductListing>, StorageError>;
    /// A page of orders, newest first.
    async fn orders(&self, store: StoreId, query: &OrderQuery) -> Result<Vec<Order>, StorageError>;
    /// A page of a variant's ledger, newest first, before a sequence number.
    async fn ledger(
        &self,
        store: StoreId,
        id: VariantId,
        before: i64,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, StorageError>;
    /// Orders whose payment is to be looked at by now, the most overdue first.
    async fn due_payments(&self, store: StoreId, now: Timestamp, limit: usize) -> Result<Vec<Order>, StorageError>;
    /// Carts with holds that have run out by now, the most overdue first; one may come several times.
    async fn expired_holds(&self, store: StoreId, now: Timestamp, limit: usize) -> Result<Vec<CartId>, StorageError>;
    /// Open carts whose date has passed.
    async fn expired_carts(&self, store: StoreId, now: Timestamp, limit: usize) -> Result<Vec<CartId>, StorageError>;
    /// Takes or keeps a job of a store for `holder` until then; `false` where another node has it. A lease that is not kept ends
    /// by itself. Where one process alone uses the database it is always granted.
    async fn lease(
        &self,
        store: StoreId,
        job: &str,
        holder: uuid::Uuid,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StorageError>;
    /// A page of placed orders between two ids, both left out, the oldest first. Ids begin with the time of the order.
    async fn placed_orders(
        &self,
        store: StoreId,
        between: (OrderId, OrderId),
        limit: usize,
    ) -> Result<Vec<Order>, StorageError>;
    /// A page of open carts after this place, the next to expire first.
    async fn open_carts(
        &self,
        store: StoreId,
        after: (Timestamp, CartId),
        limit: usize,
    ) -> Result<Vec<Cart>, StorageError>;
    /// A page of what happened, in its order.
    async fn events(&self, store: StoreId, query: &EventQuery) -> Result<Vec<LoggedEvent>, StorageError>;
    /// The number of the newest event; 0 where nothing has happened yet.
    async fn newest_event(&self, store: StoreId) -> Result<i64, StorageError>;
    /// All receivers of events, in the order in which they were made.
    async fn webhooks(&self, store: StoreId) -> Result<Vec<Webhook>, StorageError>;
    /// Events on their way to a receiver.
    async fn deliveries(&self, store: StoreId, query: &DeliveryQuery) -> Result<Vec<Delivery>, StorageError>;
    /// Events of payment gateways that are to be taken up by now, the most overdue first.
    async fn due_gateway_events(
        &self,
        store: StoreId,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<InboxEvent>, StorageError>;
    /// How an operator dealt with a payment without an order.
    async fn unmatched_payment(
        &self,
        store: StoreId,
        gateway: &str,
        reference: &str,
    ) -> Result<Option<UnmatchedPayment>, StorageError>;
    /// Up to which event another listener has the log.
    async fn sink_position(&self, store: StoreId, name: &str) -> Result<i64, StorageError>;
    /// A report, from one snapshot; unavailable where it takes longer than [`crate::LONGEST_REPORT`].
    async fn report(&self, store: StoreId, query: &ReportQuery) -> Result<Vec<ReportRow>, StorageError>;
    /// An operator's key that was not withdrawn, by the SHA-256 of its secret.
    async fn api_key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, StorageError>;
    /// Shows all that the checker looks at, from one snapshot, in a fixed order: stock, ledger, orders, carts, holds, uses.
    async fn audit(&self, store: StoreId, visit: &mut (dyn FnMut(AuditRow) + Send)) -> Result<(), StorageError>;
}

/// A cart with what its view is made of.
#[derive(Clone, Debug)]
pub struct CartWithGoods {
    /// The cart.
    pub cart: Cart,
    /// The variants of its lines that exist, with their stock.
    pub variants: Vec<(Variant, Stock)>,
    /// The store's version.
    pub store_version: i64,
}

/// An operator's key. The secret itself is stored nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// For people, to tell keys apart.
    pub name: String,
    /// The one store it opens; `None` opens all.
    pub store: Option<StoreId>,
    /// What it may do.
    pub role: Role,
    /// Names of the only things it may do; empty for all that its role may.
    pub scopes: Vec<String>,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, as far as that was written down.
    pub used_at: Option<Timestamp>,
}

/// Codes and uses of a promotion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PromotionUse {
    /// The promotion.
    pub promotion_id: PromotionId,
    /// Codes that stand in it.
    pub codes: Vec<String>,
    /// How many codes were added in bulk.
    pub bulk_codes: i64,
    /// Orders that count against its limits.
    pub uses: i64,
}

/// A variant's identity and stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkuStock {
    /// The variant.
    pub variant_id: VariantId,
    /// Its SKU.
    pub sku: String,
    /// Its stock.
    pub stock: Stock,
}

/// A product with its variants and their stock, as lists show it.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductListing {
    /// The product.
    pub product: Product,
    /// Its variants in order, with their stock.
    pub variants: Vec<(Variant, Stock)>,
    /// Where it stands in the list that was asked for.
    pub position: ProductPosition,
}

/// Where a product stands in a sorted list: the value sorted by, then the id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductPosition {
    /// Lower-case name, where sorted by name.
    pub text: String,
    /// Lowest price in minor units, where sorted by price.
    pub number: i64,
    /// The product's id.
    pub id: uuid::Uuid,
}

/// In which order products are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProductSort {
    /// By name, A to Z.
    #[default]
    Name,
    /// By name, Z to A.
    NameDown,
    /// Cheapest first.
    Price,
    /// Dearest first.
    PriceDown,
    /// Newest first.
    Newest,
}

/// Which products to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductQuery {
    /// Part of the name, the handle or a SKU; case does not matter. One or two letters: the beginning of a word of these, where
    /// words are parted by blanks, hyphens and slashes.
    pub text: Option<String>,
    /// At least this price for one of the variants, minor units of the store's currency.
    pub min_price: Option<i64>,
    /// At most this price for one of the variants.
    pub max_price: Option<i64>,
    /// Only those of which a variant is available.
    pub in_stock: bool,
    /// Inactive ones too.
    pub inactive: bool,
    /// Order.
    pub sort: ProductSort,
    /// Only what comes after this.
    pub after: Option<ProductPosition>,
    /// At most so many.
    pub limit: usize,
}

/// Which orders to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderQuery {
    /// Only in this state.
    pub status: Option<&'static str>,
    /// Only with a payment in this state.
    pub payment: Option<&'static str>,
    /// Only fulfilled so far.
    pub fulfilment: Option<&'static str>,
    /// Only of this customer.
    pub customer: Option<String>,
    /// Only with this e-mail address, in lower case.
    pub email: Option<String>,
    /// Only this order and younger ones. Ids begin with the time of the order.
    pub from: Option<OrderId>,
    /// Only older than this order.
    pub before: Option<OrderId>,
    /// At most so many.
    pub limit: usize,
}

/// Which events to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Only of this cart or order.
    pub subject: Option<Subject>,
    /// Only of these kinds; none named means all.
    pub kinds: Vec<EventKind>,
    /// Only later than this number.
    pub after: i64,
    /// At most so many.
    pub limit: usize,
}

/// Which events on their way to a receiver to list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryQuery {
    /// The receiver.
    pub webhook: WebhookId,
    /// Which of them.
    pub selection: DeliverySelection,
    /// At most so many.
    pub limit: usize,
}

/// A part of the events on their way to a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliverySelection {
    /// The newest first, before an event's number.
    Newest {
        /// Only those that stand so.
        status: Option<DeliveryStatus>,
        /// Only older events than that of this number.
        before: i64,
    },
    /// Those to be sent by now, the most overdue first.
    Due(Timestamp),
    /// All that wait of these carts and orders.
    Waiting(Vec<uuid::Uuid>),
}

/// An entry of the ledger with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Grows from entry to entry.
    pub sequence: i64,
    /// The entry.
    pub movement: Movement,
}

/// What the checker looks at.
#[derive(Clone, Debug)]
pub enum AuditRow {
    /// Stock of a variant.
    Stock(VariantId, Stock),
    /// A ledger entry, in order of time.
    Movement(Movement),
    /// An order with its lines and payment.
    Order(Box<Order>),
    /// A cart that says an order was made of it.
    CheckedOutCart(CartId, Option<OrderId>),
    /// What is held for a cart, as it is found by variant and time.
    Hold(CartId, Hold),
    /// A cart for which something is held.
    HoldingCart(Box<Cart>),
    /// The counted uses of a promotion.
    Uses(PromotionId, i64),
    /// The counted uses of a promotion by a customer.
    CustomerUses(PromotionId, String, i64),
    /// A redemption that counts, by whom and with which code.
    Redemption(PromotionId, OrderId, String, Option<String>),
    /// A code with a limit.
    Coupon(String, Coupon),
    /// A name that belongs to whoever has an address: an account that has confirmed it, or a customer that the shop has linked.
    Name {
        /// The account's id, or the customer.
        name: String,
        /// The address.
        address: String,
        /// Since when.
        since: Timestamp,
    },
    /// What an active cart holds that is counted in the demand.
    CountedCart(CartId, Vec<CartLine>),
    /// How much of a variant is counted to stand in carts.
    Demand(VariantId, Demand),
}
