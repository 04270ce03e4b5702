//! Operators: they change stock, prices, promotions, codes, customers and the store while shoppers are at it.

use crate::model::ModelOrder;
use crate::network::Source;
use crate::setup::{SKUS, hold_policy, product};
use crate::world::World;
use cartwright_domain::command::{Command, ForgetCommand, StockChange, StockRule, StoreChange};
use cartwright_domain::customer::Customer;
use cartwright_domain::id::{OrderId, PromotionId};
use cartwright_domain::order::{Order, PaymentStatus};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::refund::{RefundLine, RefundRequest, Restock, ShippingRefund};
use cartwright_domain::shipping::ShippingMethod;
use cartwright_domain::stock::Cause;
use cartwright_domain::store::{PaymentCapture, PricePolicy, StoreSettings};
use cartwright_domain::tax::TaxRate;
use serde_json::json;

/// All codes that anybody knows.
pub(crate) const CODES: [&str; 6] = ["SAVE", "WELCOME", "ONCE", "GIFT", "B1", "B2"];

#[derive(Clone, Copy)]
enum Act {
    Stock,
    Price,
    Product,
    Promote,
    Replace,
    Withdraw,
    Codes,
    Customer,
    Store,
    Refund,
    Capture,
    Record,
    Erase,
}

impl World {
    /// An operator does something.
    pub(crate) fn operator_acts(&mut self) {
        let act = self.dice.weighted(&[
            (30, Act::Stock),
            (15, Act::Price),
            (8, Act::Product),
            (10, Act::Promote),
            (10, Act::Replace),
            (5, Act::Withdraw),
            (12, Act::Codes),
            (4, Act::Customer),
            (6, Act::Store),
            (30, Act::Refund),
            (30, Act::Capture),
            (30, Act::Record),
            (4, Act::Erase),
        ]);
        let command = match act {
            Act::Stock => self.stock_change(),
            Act::Price => {
                let sku = (*self.dice.pick(&SKUS)).to_owned();
                Command::SetPrices(vec![(sku, None, self.dice.between(0, 20) * 100)])
            }
            Act::Product => {
                let at = self.dice.below(SKUS.len());
                let tracked = at + 1 < SKUS.len();
                let on_hand = (tracked && self.dice.percent(40)).then(|| self.dice.between(0, 15));
                let mut draft = product(SKUS[at], self.dice.between(1, 20) * 100, tracked, on_hand);
                draft.active = Some(self.dice.percent(85));
                draft.hold_policy = Some(self.dice.percent(40).then(|| hold_policy(&mut self.dice)));
                draft.stock = *self.dice.pick(&[StockRule::Set, StockRule::Set, StockRule::Add, StockRule::Leave]);
                Command::UpsertProduct(draft)
            }
            Act::Promote => self.new_promotion(),
            Act::Replace => {
                let id = self.some_promotion();
                self.promotion(id)
            }
            Act::Withdraw => match self.some_promotion() {
                Some(id) => Command::DeletePromotion(id),
                None => self.new_promotion(),
            },
            Act::Codes => match self.some_promotion() {
                Some(id) => Command::AddCodes { id, codes: self.codes(2), max_uses: self.some_limit() },
                None => self.new_promotion(),
            },
            Act::Customer => {
                let groups = if self.dice.percent(50) { vec!["club".to_owned()] } else { Vec::new() };
                let tax_exempt = self.dice.percent(20);
                // Sometimes of the address of a guest, of another customer, or of nobody; sometimes taken back.
                let email = self.dice.percent(60).then(|| match self.dice.between(0, 4) {
                    0 => String::new(),
                    at => format!("Buyer{}@example.com", at - 1),
                });
                let customer = Customer { groups, tax_exempt, email, ..Customer::default() };
                Command::PutCustomer { id: format!("customer-{}", self.dice.between(0, 2)), customer }
            }
            Act::Store => self.store_change(),
            Act::Refund => match self.some_order(|order| order.captured > 0) {
                Some(order) => self.refund(&order),
                None => self.stock_change(),
            },
            Act::Erase => {
                let email = format!("buyer{}@example.com", self.dice.between(0, 2));
                Command::Forget(ForgetCommand::Begin { email })
            }
            Act::Record => match self.record() {
                Some(command) => command,
                None => self.stock_change(),
            },
            Act::Capture => match self.some_order(|order| order.payment == PaymentStatus::Authorized) {
                Some(order) => {
                    let amount = self.dice.percent(50).then(|| self.dice.between(1, order.totals.total.max(1)));
                    Command::CapturePayment { order_id: order.id, amount }
                }
                None => self.store_change(),
            },
        };
        self.send(Source::Operator, command);
    }

    fn stock_change(&mut self) -> Command {
        let change = |world: &mut World| {
            let sku = SKUS[world.dice.below(SKUS.len() - 1)].to_owned();
            let (cause, quantity) = match world.dice.below(4) {
                0 => (Cause::Count, world.dice.between(0, 12)),
                1 => (Cause::Adjust, world.dice.between(-4, 4)),
                2 => (Cause::Return, world.dice.between(1, 2)),
                _ => (Cause::Receive, world.dice.between(1, 8)),
            };
            StockChange { sku, cause, quantity, reason: "simulated".to_owned() }
        };
        let changes = (0..self.dice.between(1, 2)).map(|_| change(self)).collect();
        let keyed = self.dice.percent(60);
        let idempotency = keyed.then(|| self.key("operator".to_owned()));
        Command::AdjustStock { changes, idempotency }
    }

    fn some_promotion(&mut self) -> Option<PromotionId> {
        let known: Vec<PromotionId> = self.model.promotions.keys().copied().collect();
        (!known.is_empty()).then(|| *self.dice.pick(&known))
    }

    /// An order that is so, as an operator reads it.
    pub(crate) fn some_order(&mut self, is_so: fn(&ModelOrder) -> bool) -> Option<Order> {
        let known: Vec<OrderId> =
            self.model.orders.iter().filter(|(_, order)| is_so(order)).map(|(id, _)| *id).collect();
        if known.is_empty() {
            return None;
        }
        let id = *self.dice.pick(&known);
        self.read_order(id).ok()
    }

    fn refund(&mut self, order: &Order) -> Command {
        let line = self.dice.pick(&order.lines);
        let restock = if self.dice.percent(50) { Restock::Yes } else { Restock::No };
        let units = RefundLine { line_id: line.id, quantity: self.dice.between(1, line.quantity), restock };
        let request = RefundRequest {
            lines: if self.dice.percent(60) { vec![units] } else { Vec::new() },
            shipping: if self.dice.percent(30) { ShippingRefund::All } else { ShippingRefund::None },
            amount: self.dice.percent(40).then(|| self.dice.between(1, 1_500)),
        };
        let idempotency = self.key("operator".to_owned());
        let (reason, by) = ("simulated".to_owned(), "operator".to_owned());
        Command::RefundOrder { order_id: order.id, request, reason, by, idempotency }
    }

    fn some_limit(&mut self) -> Option<i64> {
        self.dice.percent(60).then(|| self.dice.between(1, 2))
    }

    fn codes(&mut self, most: i64) -> Vec<String> {
        (0..self.dice.between(0, most)).map(|_| (*self.dice.pick(&CODES)).to_owned()).collect()
    }

    pub(crate) fn new_promotion(&mut self) -> Command {
        self.promotion(None)
    }

    fn promotion(&mut self, id: Option<PromotionId>) -> Command {
        let codes = if self.dice.percent(60) { self.codes(2) } else { Vec::new() };
        let benefit = match self.dice.below(3) {
            0 => json!({"kind": "percentage", "percent": self.dice.pick(&["10", "50", "100"])}),
            1 => {
                let amount = self.dice.between(1, 5) * 100;
                json!({"kind": "fixed_amount", "amount": self.stated(amount)})
            }
            _ => json!({"kind": "free_shipping"}),
        };
        let mut limits = json!({});
        if let Some(most) = self.some_limit() {
            limits["total_uses"] = json!(most * 2);
        }
        if let Some(most) = self.some_limit() {
            limits["uses_per_customer"] = json!(most);
        }
        let mut conditions = match self.dice.below(6) {
            0 => json!({"first_order": true}),
            1 => json!({"customer_groups": ["club"]}),
            _ => json!({}),
        };
        self.add_hours(&mut conditions);
        let requires_code = !codes.is_empty() || self.dice.percent(20);
        // Some end by the clock while carts have their price.
        let ends_at = self.dice.percent(20).then(|| self.now.plus_ms(self.dice.between(1, 90) * 60_000));
        let definition = json!({
            "name": "Offer", "active": self.dice.percent(90), "benefit": benefit, "limits": limits,
            "conditions": conditions, "requires_code": requires_code, "ends_at": ends_at,
        });
        let promotion: Promotion = serde_json::from_value(definition).expect("a promotion as the interface takes it");
        Command::PutPromotion { id, promotion: Box::new(promotion), codes }
    }

    fn store_change(&mut self) -> Command {
        let mut change = StoreChange::default();
        match self.dice.below(3) {
            0 => {
                change.settings = Some(StoreSettings {
                    guest_cart_days: self.dice.between(1, 30) as u16,
                    payment_minutes: self.dice.between(5, 90) as u16,
                    prices_include_tax: self.dice.percent(50),
                    require_shipping: self.dice.percent(10),
                    payment_capture: match self.dice.below(2) {
                        0 => PaymentCapture::Automatic,
                        _ => PaymentCapture::Manual,
                    },
                    price_policy: match self.dice.below(2) {
                        0 => PricePolicy::Latest {},
                        _ => PricePolicy::Captured { minutes: 60 },
                    },
                    hold_policy: hold_policy(&mut self.dice),
                    currencies: self.some_list(),
                    ..self.process.config.store.settings.clone()
                });
            }
            1 => {
                let percent = self.dice.pick(&["7", "19", "8.875"]);
                let rate: TaxRate =
                    serde_json::from_value(json!({"name": "VAT", "percent": percent})).expect("a rate of tax");
                change.tax_rates = Some(vec![rate]);
            }
            _ => {
                let fee = self.dice.between(0, 9) * 100;
                let method = json!({
                    "handle": "standard", "name": "Standard", "rate": {"kind": "flat", "amount": self.stated(fee)},
                });
                let method: ShippingMethod = serde_json::from_value(method).expect("a shipping method");
                change.shipping_methods = Some(vec![method]);
            }
        }
        Command::ChangeStore(Box::new(change))
    }
}
