//! A shop in memory: one working set that knows every row, so that decisions can be tried without a storage.

use cartwright_domain::cart::{Cart, CartStatus};
use cartwright_domain::command::{
    Access, CartRef, Command, Idempotency, Item, NewLine, ProductDraft, Reply, Settlement, VariantDraft,
};
use cartwright_domain::customer::LiveOrders;
use cartwright_domain::decide::{Context, decide, needs};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::id::{CartId, IdSource, OrderId, StoreId, Timestamp};
use cartwright_domain::money::Currency;
use cartwright_domain::order::{Order, OrderStatus};
use cartwright_domain::person::Who;
use cartwright_domain::promotion::Promotion;
use cartwright_domain::refund::RefundRequest;
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::Stock;
use cartwright_domain::store::{Store, StoreConfig, StoreSettings};
use cartwright_domain::working_set::{ConfigChange, Keys, WorkingSet};
use std::sync::Arc;

pub const TOKEN: [u8; 32] = [7; 32];

pub struct Shop {
    pub set: WorkingSet,
    pub now: Timestamp,
    seed: u64,
}

impl Shop {
    /// A shop with goods: SKU, price, units on hand.
    pub fn with(goods: &[(&str, i64, i64)]) -> Shop {
        let store = Store {
            id: StoreId(1),
            version: 0,
            handle: "default".into(),
            name: "Test".into(),
            currency: Currency::EUR,
            hosts: vec![],
            settings: StoreSettings::default(),
            shipping_methods: vec![],
            tax_rates: vec![],
        };
        let set = WorkingSet::new(Arc::new(StoreConfig::new(store, vec![])));
        let mut shop = Shop { set, now: Timestamp(1_700_000_000_000), seed: 1 };
        for (sku, price, on_hand) in goods {
            shop.run(Command::UpsertProduct(Box::new(draft(sku, *price, *on_hand)))).expect("goods");
        }
        shop
    }

    pub fn run(&mut self, command: Command) -> Result<Reply, Refusal> {
        let reply = self.run_keeping_changes(command);
        self.apply_config();
        reply
    }

    /// Leaves what the command changes of the configuration to the caller.
    pub fn run_keeping_changes(&mut self, command: Command) -> Result<Reply, Refusal> {
        // As a batch of its own has it.
        self.set.now = self.now;
        self.set.expired_holds.clear();
        self.set.people.bought = Default::default();
        loop {
            let mut keys = Keys::default();
            needs(&command, &self.set, &mut keys);
            if keys.is_empty() {
                break;
            }
            self.note_absent(&keys);
        }
        self.seed += 1;
        let mut context = Context { now: self.now, ids: IdSource::new(self.now, self.seed) };
        decide(&command, &mut self.set, &mut context)
    }

    fn note_absent(&mut self, keys: &Keys) {
        let set = &mut self.set;
        keys.carts.iter().for_each(|key| set.carts.load(*key, None));
        keys.customer_carts.iter().for_each(|key| set.customer_carts.load(key.clone(), None));
        keys.customers.iter().for_each(|key| set.customers.load(key.clone(), None));
        for name in &keys.buyers {
            let of = |order: &Order| order.buyer().as_ref() == Some(name) && is_live(order);
            let made: Vec<Timestamp> =
                set.orders.rows().filter(|(_, order)| of(order)).map(|(_, order)| order.created_at).collect();
            let last = made.iter().max();
            let orders = last.map(|last_at| Arc::new(LiveOrders { count: made.len() as i64, last_at: *last_at }));
            set.buyers.load(name.clone(), orders);
        }
        keys.skus.iter().for_each(|key| set.skus.load(key.clone(), None));
        keys.variants.iter().for_each(|key| set.variants.load(*key, None));
        keys.stock.iter().for_each(|key| set.stock.load(*key, None));
        keys.handles.iter().for_each(|key| set.handles.load(key.clone(), None));
        keys.handles.iter().for_each(|key| set.old_handles.load(key.clone(), None));
        keys.products.iter().for_each(|key| set.products.load(*key, None));
        keys.orders.iter().for_each(|key| set.orders.load(*key, None));
        keys.coupons.iter().for_each(|key| set.coupons.load(key.clone(), None));
        keys.uses.iter().for_each(|key| set.uses.load(*key, None));
        keys.customer_uses.iter().for_each(|key| set.customer_uses.load(key.clone(), None));
        keys.unpaid.iter().for_each(|key| set.unpaid.load(key.clone(), None));
        keys.idempotency.iter().for_each(|key| set.idempotency.load(key.clone(), None));
        for (id, page) in &keys.expired_holds {
            let all = set.carts.rows().flat_map(|(cart, row)| row.detail.holds.iter().map(|hold| (*cart, *hold)));
            let over = all.filter(|(_, hold)| hold.variant_id == *id && hold.until <= page.by);
            let mut found: Vec<_> = over.map(|(cart, hold)| (hold.until, cart)).filter(|at| *at > page.after).collect();
            found.sort_unstable();
            found.truncate(page.limit);
            set.take_expired_holds(*id, found, *page);
        }
        let people = &mut set.people;
        keys.people.accounts.iter().for_each(|key| people.accounts.load(*key, None));
        keys.people.emails.iter().for_each(|key| people.emails.load(key.clone(), None));
        keys.people.sessions.iter().for_each(|key| people.sessions.load(*key, None));
        keys.people.tokens.iter().for_each(|key| people.tokens.load(*key, None));
        keys.people.keys.iter().for_each(|key| people.keys.load(*key, None));
        keys.people.mails.iter().for_each(|key| people.mails.load(*key, None));
        keys.people.unsubscribed.iter().for_each(|key| people.unsubscribed.load(key.clone(), None));
        for email in &keys.people.bought {
            let bought =
                |cart: &Cart| cart.status == CartStatus::CheckedOut && cart.plain_email().as_ref() == Some(email);
            let at = set.carts.rows().filter(|(_, cart)| bought(cart)).map(|(_, cart)| cart.updated_at).max();
            people.bought.load(email.clone(), at.map(Arc::new));
        }
        keys.people.linked.iter().for_each(|key| people.linked.load(key.clone(), None));
        keys.people.mailboxes.iter().for_each(|key| people.mailboxes.load(key.clone(), None));
    }

    fn apply_config(&mut self) {
        for change in std::mem::take(&mut self.set.config_changes) {
            let mut all: Vec<Promotion> = self.set.config.promotions.iter().map(|known| (**known).clone()).collect();
            let mut kept = self.set.config.kept.clone();
            match change {
                ConfigChange::PutPromotion(promotion, _) => {
                    all.retain(|known| known.id != promotion.id);
                    all.push(*promotion);
                }
                ConfigChange::DeletePromotion(id) => all.retain(|known| known.id != id),
                ConfigChange::KeepPromotion(new) => kept.push(new),
                ConfigChange::ForgetKept { before } => kept.retain(|known| known.until >= before),
                ConfigChange::PutStore(store) => {
                    self.configure(|known| *known = *store);
                    continue;
                }
            }
            self.set.config = Arc::new(StoreConfig::new(self.set.config.store.clone(), all).with_kept(kept));
        }
    }

    pub fn promotion(&mut self, definition: &str, codes: &[&str]) {
        let promotion: Promotion = serde_json::from_str(definition).expect("promotion");
        let codes = codes.iter().map(|code| (*code).to_owned()).collect();
        self.run(Command::PutPromotion { id: None, promotion: Box::new(promotion), codes }).expect("promotion");
    }

    pub fn cart(&mut self, lines: &[(&str, i64)]) -> CartId {
        self.try_cart(lines).expect("cart")
    }

    pub fn try_cart(&mut self, lines: &[(&str, i64)]) -> Result<CartId, Refusal> {
        let lines = lines.iter().map(|(sku, quantity)| line(sku, *quantity)).collect();
        let command = Command::CreateCart {
            token_hash: Some(TOKEN),
            customer: None,
            currency: None,
            email: None,
            lines,
            own: None,
            idempotency: None,
        };
        match self.run(command)? {
            Reply::CartCreated(cart) => Ok(cart.id),
            other => panic!("not a new cart: {other:?}"),
        }
    }

    pub fn add(&mut self, cart_id: CartId, sku: &str, quantity: i64) -> Result<Reply, Refusal> {
        let lines = vec![line(sku, quantity)];
        self.run(Command::AddLines { cart: mine(cart_id), lines, idempotency: None })
    }

    pub fn coupon(&mut self, cart_id: CartId, code: &str) -> Result<Reply, Refusal> {
        self.run(Command::ApplyCoupon { cart: mine(cart_id), code: code.into() })
    }

    /// Checks out. A shopper without a total first asks for it, and agrees.
    pub fn checkout(&mut self, cart_id: CartId, key: &str, expected_total: Option<i64>) -> Result<Arc<Order>, Refusal> {
        match self.checkout_once(cart_id, key, expected_total) {
            Err(Refusal::TotalRequired { total, .. }) => self.checkout_once(cart_id, key, Some(total)),
            outcome => outcome,
        }
    }

    /// Sends one checkout.
    pub fn checkout_once(
        &mut self,
        cart_id: CartId,
        key: &str,
        expected_total: Option<i64>,
    ) -> Result<Arc<Order>, Refusal> {
        let command = Command::Checkout {
            beside_real: false,
            network: None,
            cart: mine(cart_id),
            expected_total,
            gateway: "test".into(),
            method: "ok".into(),
            idempotency: Idempotency { scope: cart_id.to_string(), key: key.into(), fingerprint: [1; 32] },
        };
        match self.run(command)? {
            Reply::OrderCreated(order) | Reply::Order(order) | Reply::OrderGivesWay(order) => Ok(order),
            other => panic!("not an order: {other:?}"),
        }
    }

    /// A cart of somebody: the customer's where there is one, otherwise a guest's.
    pub fn somebodys_cart(&mut self, who: Who<'_>, lines: &[(&str, i64)]) -> CartRef {
        let lines = lines.iter().map(|(sku, quantity)| line(sku, *quantity)).collect();
        let (customer, email) = (who.customer.map(str::to_owned), who.email.map(address));
        let token_hash = who.customer.is_none().then_some(TOKEN);
        let access = if who.customer.is_some() { Access::Operator } else { Access::Token(TOKEN) };
        match self
            .run(Command::CreateCart {
                token_hash,
                customer,
                currency: None,
                email,
                lines,
                own: None,
                idempotency: None,
            })
            .expect("a cart")
        {
            Reply::Cart(cart) | Reply::CartCreated(cart) => CartRef { id: cart.id, access, if_version: None },
            other => panic!("not a cart: {other:?}"),
        }
    }

    /// Applies codes and buys.
    pub fn buy(&mut self, cart: &CartRef, codes: &[&str]) -> Result<Arc<Order>, Refusal> {
        for code in codes {
            self.run(Command::ApplyCoupon { cart: cart.clone(), code: (*code).to_owned() })?;
        }
        match self.buy_at(cart, None) {
            Err(Refusal::TotalRequired { total, .. }) => self.buy_at(cart, Some(total)),
            outcome => outcome,
        }
    }

    fn buy_at(&mut self, cart: &CartRef, expected_total: Option<i64>) -> Result<Arc<Order>, Refusal> {
        let idempotency = Idempotency { scope: cart.id.to_string(), key: "buy".into(), fingerprint: [1; 32] };
        let (gateway, method) = ("test".to_owned(), "ok".to_owned());
        match self.run(Command::Checkout {
            cart: cart.clone(),
            expected_total,
            gateway,
            method,
            idempotency,
            beside_real: false,
            network: None,
        })? {
            Reply::OrderCreated(order) | Reply::Order(order) => Ok(order),
            other => panic!("not an order: {other:?}"),
        }
    }

    pub fn settle(&mut self, order_id: OrderId, settlement: Settlement) -> Arc<Order> {
        match self.run(Command::SettlePayment { order_id, settlement }).expect("settle") {
            Reply::Order(order) => order,
            other => panic!("not an order: {other:?}"),
        }
    }

    pub fn order(&self, order_id: OrderId) -> Arc<Order> {
        self.set.orders.get(&order_id).expect("an order").clone()
    }

    /// Refunds as an operator does.
    pub fn refund(&mut self, order_id: OrderId, key: &str, request: &RefundRequest) -> Result<Arc<Order>, Refusal> {
        let command = Command::RefundOrder {
            order_id,
            request: request.clone(),
            reason: "asked for".into(),
            by: "somebody".into(),
            idempotency: Idempotency { scope: "operator".into(), key: key.into(), fingerprint: [2; 32] },
        };
        match self.run(command)? {
            Reply::Order(order) => Ok(order),
            other => panic!("not an order: {other:?}"),
        }
    }

    /// The gateway sends all that is to go back.
    pub fn send_refunds(&mut self, order_id: OrderId) -> Arc<Order> {
        while let Some(refund) = self.order(order_id).next_refund().cloned() {
            self.settle(order_id, Settlement::Refunded { refund_id: refund.id, amount: refund.amount });
        }
        self.order(order_id)
    }

    pub fn configure(&mut self, change: impl FnOnce(&mut Store)) {
        let mut config = (*self.set.config).clone();
        change(&mut config.store);
        self.set.config = Arc::new(config);
    }

    pub fn cancel(&mut self, order_id: OrderId) -> Result<Reply, Refusal> {
        self.run(Command::CancelOrder { order_id, access: Access::Operator, reason: None })
    }

    pub fn stock(&self, sku: &str) -> Stock {
        self.set.stock_of(**self.set.skus.get(&sku.to_owned()).expect("sku"))
    }

    /// The sum of all movements of a SKU.
    pub fn ledger(&self, sku: &str) -> Stock {
        let id = **self.set.skus.get(&sku.to_owned()).expect("sku");
        let own = self.set.movements.iter().filter(|movement| movement.variant_id == id);
        own.fold(Stock::default(), |sum, movement| Stock {
            on_hand: sum.on_hand + movement.on_hand_delta,
            reserved: sum.reserved + movement.reserved_delta,
        })
    }
}

fn is_live(order: &Order) -> bool {
    matches!(order.status, OrderStatus::PendingPayment | OrderStatus::Placed)
}

pub fn line(sku: &str, quantity: i64) -> NewLine {
    NewLine { item: Item::Sku(sku.into()), quantity, options: Default::default() }
}

pub fn draft(sku: &str, price: i64, on_hand: i64) -> ProductDraft {
    ProductDraft {
        handle: sku.to_lowercase(),
        name: Some(sku.into()),
        variants: vec![VariantDraft {
            sku: sku.into(),
            price: Some(price),
            weight_grams: Some(100),
            on_hand: Some(on_hand),
            ..VariantDraft::default()
        }],
        ..ProductDraft::default()
    }
}

/// A cart, named by its owner.
pub fn mine(id: CartId) -> CartRef {
    CartRef { id, access: Access::Token(TOKEN), if_version: None }
}

/// An address as a command has it.
pub fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}
