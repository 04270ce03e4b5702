//! What operators do: catalogue, prices, stock, promotions, shipping, tax, stores, orders, the checker. All of it takes
//! an operator's key.

use crate::call::Call;
use crate::{CartAccess, Client, Error, Pages, ProductQuery};
use cartwright_wire::{
    AddCodes, AddNote, AdjustStock, CaptureInput, Cart, ChangeWebhook, Code, CodesAdded, CorrectionInput,
    CreateWebhook, Customer, CustomerInput, Event, FulfilOrder, ImportProducts, Instant, MergeCart, Order, Page,
    Product, ProductPatch, Promotion, PromotionInput, Promotions, Reconcile, ReconcileReport, RecordPayment,
    RefundInput, RefundSent, ReplayWebhook, RestockInput, SetPrices, ShippingTable, StockLevel, StockLevels,
    StockMovement, StockRule, Store, StoreInput, StorePatch, Stores, TaxTable, TryPromotion, TryoutReport,
    UnmatchedInput, UnmatchedPayment, UpdateFulfilment, UpsertProducts, UpsertReport, VariantPatch, VerifyReport,
    Webhook, WebhookDelivery, WebhookPing, Webhooks,
};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

/// Which orders to list; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct OrderQuery {
    /// State of the order.
    pub status: Option<String>,
    /// State of the payment.
    pub payment_status: Option<String>,
    /// How far it is fulfilled.
    pub fulfilment_status: Option<String>,
    /// The customer's name in the shop's own system.
    pub customer: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// First day on which it was made, `2026-11-21`, by the store's clock.
    pub created_from: Option<String>,
    /// Last such day.
    pub created_to: Option<String>,
    /// Rows per page; the server's own measure unless given.
    pub limit: Option<u32>,
}

impl OrderQuery {
    fn on(&self, call: Call) -> Call {
        call.query("status", self.status.clone())
            .query("payment_status", self.payment_status.clone())
            .query("fulfilment_status", self.fulfilment_status.clone())
            .query("customer", self.customer.clone())
            .query("email", self.email.clone())
            .query("created_from", self.created_from.clone())
            .query("created_to", self.created_to.clone())
            .query("limit", self.limit.map(|limit| limit.to_string()))
    }
}

/// Errors of all of these: [`Error::Problem`] where the server refuses, [`Error::Transport`] where there is no answer,
/// [`Error::Unexpected`] where the answer cannot be read.
#[allow(clippy::missing_errors_doc)]
impl Client {
    /// `POST /admin/products`: creates products or brings them up to date, by handle. One result per product.
    pub async fn upsert_products(&self, products: &UpsertProducts) -> Result<UpsertReport, Error> {
        self.send(Call::post(&["admin", "products"], products).repeatable()).await
    }

    /// `POST /admin/products/import`: rows of a file, by handle; what they do not state stays. One result per product. Not repeated
    /// by itself where stock is added.
    pub async fn import_products(&self, products: &ImportProducts) -> Result<UpsertReport, Error> {
        let call = Call::post(&["admin", "products", "import"], products);
        self.send(if products.stock == StockRule::Add { call } else { call.repeatable() }).await
    }

    /// `GET /admin/products/{handle}`: one product, if it is for sale or not.
    pub async fn admin_product(&self, handle: &str) -> Result<Product, Error> {
        self.send(Call::get(&["admin", "products", handle])).await
    }

    /// `PATCH /admin/products/{handle}`: what is absent stays.
    pub async fn change_product(&self, handle: &str, patch: &ProductPatch) -> Result<Product, Error> {
        self.send(Call::new(Method::PATCH, &["admin", "products", handle]).body(patch)).await
    }

    /// `DELETE /admin/products/{handle}`: the product goes, with its variants.
    pub async fn delete_product(&self, handle: &str) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::DELETE, &["admin", "products", handle])).await
    }

    /// `PATCH /admin/variants/{sku}`: what is absent stays. Its product.
    pub async fn change_variant(&self, sku: &str, patch: &VariantPatch) -> Result<Product, Error> {
        self.send(Call::new(Method::PATCH, &["admin", "variants", sku]).body(patch)).await
    }

    /// `DELETE /admin/variants/{sku}`: the variant goes.
    pub async fn delete_variant(&self, sku: &str) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::DELETE, &["admin", "variants", sku])).await
    }

    /// `GET /admin/products`: as [`Client::products`], with inactive products and with units on hand and reserved.
    #[must_use]
    pub fn admin_products(&self, query: &ProductQuery) -> Pages<Product> {
        Pages::new(self, query.on(Call::get(&["admin", "products"])))
    }

    /// `POST /admin/prices`: new unit prices, all or none.
    pub async fn set_prices(&self, prices: &SetPrices) -> Result<(), Error> {
        self.send_for_nothing(Call::post(&["admin", "prices"], prices).repeatable()).await
    }

    /// `POST /admin/stock/adjustments`: goods in, returns, corrections, counts; all or none.
    pub async fn adjust_stock(&self, changes: &AdjustStock) -> Result<StockLevels, Error> {
        self.send(Call::post(&["admin", "stock", "adjustments"], changes)).await
    }

    /// `GET /admin/stock/{sku}`: on hand, reserved, available.
    pub async fn stock(&self, sku: &str) -> Result<StockLevel, Error> {
        self.send(Call::get(&["admin", "stock", sku])).await
    }

    /// `GET /admin/stock/{sku}/movements`: the ledger of one variant.
    #[must_use]
    pub fn stock_movements(&self, sku: &str, limit: Option<u32>) -> Pages<StockMovement> {
        let call = Call::get(&["admin", "stock", sku, "movements"]);
        Pages::new(self, call.query("limit", limit.map(|limit| limit.to_string())))
    }

    /// `GET /admin/promotions`: all promotions.
    pub async fn promotions(&self) -> Result<Promotions, Error> {
        self.send(Call::get(&["admin", "promotions"])).await
    }

    /// `POST /admin/promotions`: a new promotion.
    pub async fn create_promotion(&self, promotion: &PromotionInput) -> Result<Promotion, Error> {
        self.send(Call::post(&["admin", "promotions"], promotion)).await
    }

    /// `POST /admin/promotions/try`: what a draft would have cost, and which carts it changes; nothing is changed.
    pub async fn try_promotion(&self, draft: &TryPromotion) -> Result<TryoutReport, Error> {
        self.send(Call::post(&["admin", "promotions", "try"], draft).repeatable()).await
    }

    /// `PUT /admin/promotions/{id}`: another definition for a promotion.
    pub async fn replace_promotion(&self, id: Uuid, promotion: &PromotionInput) -> Result<Promotion, Error> {
        self.send(Call::new(Method::PUT, &["admin", "promotions", &id.to_string()]).body(promotion)).await
    }

    /// `DELETE /admin/promotions/{id}`: the promotion ends.
    pub async fn delete_promotion(&self, id: Uuid) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::DELETE, &["admin", "promotions", &id.to_string()])).await
    }

    /// `POST /admin/promotions/{id}/codes`: adds codes, generated or named. Generated ones are lost to the caller if the answer
    /// is; [`Client::codes`] has them.
    pub async fn add_codes(&self, id: Uuid, codes: &AddCodes) -> Result<CodesAdded, Error> {
        self.send(Call::post(&["admin", "promotions", &id.to_string(), "codes"], codes)).await
    }

    /// `GET /admin/promotions/{id}/codes`: all codes of a promotion, with their uses.
    #[must_use]
    pub fn codes(&self, id: Uuid) -> Pages<Code> {
        let call = Call::get(&["admin", "promotions", &id.to_string(), "codes"]);
        Pages::new(self, call.query("limit", Some("1000".to_owned())))
    }

    /// `GET /admin/customers/{customer}`: what was told of a customer.
    pub async fn customer(&self, id: &str) -> Result<Customer, Error> {
        self.send(Call::get(&["admin", "customers", id])).await
    }

    /// `PUT /admin/customers/{customer}`: groups, and whether tax is due.
    pub async fn put_customer(&self, id: &str, customer: &CustomerInput) -> Result<Customer, Error> {
        self.send(Call::new(Method::PUT, &["admin", "customers", id]).body(customer)).await
    }

    /// `GET /admin/customers`: customers of whom something was told.
    #[must_use]
    pub fn customers(&self) -> Pages<Customer> {
        Pages::new(self, Call::get(&["admin", "customers"]))
    }

    /// `POST /carts/{id}/merge`: a guest has logged in; the guest's cart goes into the customer's, which is answered.
    pub async fn merge_cart(&self, guest: &CartAccess, customer: &str) -> Result<Cart, Error> {
        let customer = MergeCart { customer: customer.to_owned() };
        self.send(Call::post(&["carts", &guest.id.to_string(), "merge"], &customer).repeatable()).await
    }

    /// `POST /carts/{id}/unmerge`: takes the last merge into this customer's cart back.
    pub async fn unmerge_cart(&self, cart: &CartAccess) -> Result<Cart, Error> {
        self.send(Call::new(Method::POST, &["carts", &cart.id.to_string(), "unmerge"])).await
    }

    /// `GET /admin/shipping-methods`: how the store ships.
    pub async fn shipping_table(&self) -> Result<ShippingTable, Error> {
        self.send(Call::get(&["admin", "shipping-methods"])).await
    }

    /// `PUT /admin/shipping-methods`: how the store ships from now on.
    pub async fn set_shipping_table(&self, table: &ShippingTable) -> Result<ShippingTable, Error> {
        self.send(Call::new(Method::PUT, &["admin", "shipping-methods"]).body(table)).await
    }

    /// `GET /admin/tax-rates`: the store's tax rates.
    pub async fn tax_table(&self) -> Result<TaxTable, Error> {
        self.send(Call::get(&["admin", "tax-rates"])).await
    }

    /// `PUT /admin/tax-rates`: the store's tax rates from now on.
    pub async fn set_tax_table(&self, table: &TaxTable) -> Result<TaxTable, Error> {
        self.send(Call::new(Method::PUT, &["admin", "tax-rates"]).body(table)).await
    }

    /// `GET /admin/stores`: all stores of the installation.
    pub async fn stores(&self) -> Result<Stores, Error> {
        self.send(Call::get(&["admin", "stores"])).await
    }

    /// `GET /admin/stores/{store}`: one store.
    pub async fn store(&self, handle: &str) -> Result<Store, Error> {
        self.send(Call::get(&["admin", "stores", handle])).await
    }

    /// `PATCH /admin/stores/{store}`: what is absent stays.
    pub async fn change_store(&self, handle: &str, patch: &StorePatch) -> Result<Store, Error> {
        self.send(Call::new(Method::PATCH, &["admin", "stores", handle]).body(patch)).await
    }

    /// `POST /admin/stores`: creates a store or changes it, by handle.
    pub async fn put_store(&self, store: &StoreInput) -> Result<Store, Error> {
        self.send(Call::post(&["admin", "stores"], store).repeatable()).await
    }

    /// `GET /admin/orders`: orders, the newest first.
    #[must_use]
    pub fn orders(&self, query: &OrderQuery) -> Pages<Order> {
        Pages::new(self, query.on(Call::get(&["admin", "orders"])))
    }

    /// `POST /admin/orders/{id}/fulfilments`: goods were sent; without lines, all that were left.
    pub async fn fulfil_order(&self, id: Uuid, key: Option<&str>, sent: &FulfilOrder) -> Result<Order, Error> {
        let call = Call::post(&["admin", "orders", &id.to_string(), "fulfilments"], sent);
        self.send(call.idempotency_key(key)).await
    }

    /// `PATCH /admin/orders/{id}/fulfilments/{fulfilment}`: another number or state of a parcel.
    pub async fn update_fulfilment(
        &self,
        order: Uuid,
        fulfilment: Uuid,
        change: &UpdateFulfilment,
    ) -> Result<Order, Error> {
        let path = ["admin", "orders", &order.to_string(), "fulfilments", &fulfilment.to_string()];
        self.send(Call::new(Method::PATCH, &path).body(change)).await
    }

    /// `POST /admin/orders/{id}/notes`: a remark on an order.
    pub async fn add_order_note(&self, id: Uuid, key: Option<&str>, note: &AddNote) -> Result<Order, Error> {
        let call = Call::post(&["admin", "orders", &id.to_string(), "notes"], note);
        self.send(call.idempotency_key(key)).await
    }

    /// `POST /admin/payments/reconciliation`: the providers' payments of a period beside the orders.
    pub async fn reconcile(&self, period: &Reconcile) -> Result<ReconcileReport, Error> {
        self.send(Call::post(&["admin", "payments", "reconciliation"], period).repeatable()).await
    }

    /// `POST /admin/orders/{id}/corrections`: money that left otherwise; recorded once for each key.
    pub async fn correct_order(&self, id: Uuid, key: &str, correction: &CorrectionInput) -> Result<Order, Error> {
        let call = Call::post(&["admin", "orders", &id.to_string(), "corrections"], correction);
        self.send(call.idempotency_key(Some(key))).await
    }

    /// `POST /admin/orders/{id}/restock`: refunded goods are back on the shelf; once for each key.
    pub async fn restock_order(&self, id: Uuid, key: &str, restock: &RestockInput) -> Result<Order, Error> {
        let call = Call::post(&["admin", "orders", &id.to_string(), "restock"], restock);
        self.send(call.idempotency_key(Some(key))).await
    }

    /// `POST /admin/payments/unmatched`: deals with a payment that no order is for.
    pub async fn deal_with_payment(&self, payment: &UnmatchedInput) -> Result<UnmatchedPayment, Error> {
        self.send(Call::post(&["admin", "payments", "unmatched"], payment).repeatable()).await
    }

    /// `POST /orders/{id}/refunds`: money back, in part or all; once for each key.
    pub async fn refund_order(&self, id: Uuid, key: &str, refund: &RefundInput) -> Result<Order, Error> {
        let call = Call::post(&["orders", &id.to_string(), "refunds"], refund);
        self.send(call.idempotency_key(Some(key))).await
    }

    /// `POST /orders/{id}/capture`: takes money that was set aside, once.
    pub async fn capture_payment(&self, id: Uuid, capture: &CaptureInput) -> Result<Order, Error> {
        self.send(Call::post(&["orders", &id.to_string(), "capture"], capture).repeatable()).await
    }

    /// `POST /orders/{id}/payments`: money came past every gateway.
    pub async fn record_payment(&self, id: Uuid, key: &str, payment: &RecordPayment) -> Result<Order, Error> {
        let call = Call::post(&["orders", &id.to_string(), "payments"], payment);
        self.send(call.idempotency_key(Some(key))).await
    }

    /// `POST /orders/{id}/refunds/{refund}/sent`: the money of a refund was sent past every gateway.
    pub async fn record_refund_sent(
        &self,
        id: Uuid,
        refund: Uuid,
        key: &str,
        sent: &RefundSent,
    ) -> Result<Order, Error> {
        let call = Call::post(&["orders", &id.to_string(), "refunds", &refund.to_string(), "sent"], sent);
        self.send(call.idempotency_key(Some(key))).await
    }

    /// `GET /events`: what happened after the event of this number, of these types or of all.
    pub async fn events(&self, after: i64, types: &[String], limit: Option<u32>) -> Result<Page<Event>, Error> {
        let call = Call::get(&["events"]).query("after", Some(after.to_string()));
        let call = call.query("types", (!types.is_empty()).then(|| types.join(",")));
        self.send(call.query("limit", limit.map(|limit| limit.to_string()))).await
    }

    /// `GET /carts/{id}/timeline`: what happened to a cart, after the event of this number.
    pub async fn cart_timeline(&self, id: Uuid, after: i64) -> Result<Page<Event>, Error> {
        let call = Call::get(&["carts", &id.to_string(), "timeline"]);
        self.send(call.query("after", Some(after.to_string()))).await
    }

    /// `GET /admin/webhooks`: receivers of events.
    pub async fn webhooks(&self) -> Result<Webhooks, Error> {
        self.send(Call::get(&["admin", "webhooks"])).await
    }

    /// `POST /admin/webhooks`: a new receiver. The answer has its secret ([`Webhook::secret`]), once.
    pub async fn create_webhook(&self, webhook: &CreateWebhook) -> Result<Webhook, Error> {
        self.send(Call::post(&["admin", "webhooks"], webhook)).await
    }

    /// `PATCH /admin/webhooks/{id}`: changes a receiver.
    pub async fn change_webhook(&self, id: Uuid, change: &ChangeWebhook) -> Result<Webhook, Error> {
        self.send(Call::new(Method::PATCH, &["admin", "webhooks", &id.to_string()]).body(change)).await
    }

    /// `DELETE /admin/webhooks/{id}`: removes a receiver.
    pub async fn delete_webhook(&self, id: Uuid) -> Result<(), Error> {
        self.send_for_nothing(Call::new(Method::DELETE, &["admin", "webhooks", &id.to_string()])).await
    }

    /// `POST /admin/webhooks/{id}/rotate`: another secret; the one before stays valid for a day.
    pub async fn rotate_webhook_secret(&self, id: Uuid) -> Result<Webhook, Error> {
        self.send(Call::new(Method::POST, &["admin", "webhooks", &id.to_string(), "rotate"])).await
    }

    /// `POST /admin/webhooks/{id}/ping`: a test message.
    pub async fn ping_webhook(&self, id: Uuid) -> Result<WebhookPing, Error> {
        self.send(Call::new(Method::POST, &["admin", "webhooks", &id.to_string(), "ping"])).await
    }

    /// `GET /admin/webhooks/{id}/deliveries`: events on their way, the newest first, of one status where given.
    #[must_use]
    pub fn webhook_deliveries(&self, id: Uuid, status: Option<&str>) -> Pages<WebhookDelivery> {
        let call = Call::get(&["admin", "webhooks", &id.to_string(), "deliveries"]);
        Pages::new(self, call.query("status", status.map(str::to_owned)))
    }

    /// `POST /admin/webhooks/{id}/deliveries/{sequence}/replay`: sends an event again.
    pub async fn replay_delivery(&self, id: Uuid, sequence: i64) -> Result<(), Error> {
        let (id, sequence) = (id.to_string(), sequence.to_string());
        let path = ["admin", "webhooks", &id, "deliveries", &sequence, "replay"];
        self.send_for_nothing(Call::new(Method::POST, &path)).await
    }

    /// `POST /admin/webhooks/{id}/replay`: sends again all that happened since an instant, or all that were given up.
    pub async fn replay_webhook(&self, id: Uuid, since: Option<Instant>) -> Result<(), Error> {
        let call = Call::post(&["admin", "webhooks", &id.to_string(), "replay"], &ReplayWebhook { since });
        self.send_for_nothing(call).await
    }

    /// `POST /admin/verify`: the checker's findings on the invariants G1 to G7.
    pub async fn verify(&self) -> Result<VerifyReport, Error> {
        self.send(Call::post(&["admin", "verify"], &json!({})).repeatable()).await
    }
}
