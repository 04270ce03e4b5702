//! What operators do: catalogue, prices, stock, promotions, shipping, tax, stores, orders, the checker. All of it takes
//! an operator's key.

use crate::call::Call;
use crate::{Client, Error, Pages, ProductQuery};
use cartwright_wire::{
    AddCodes, AdjustStock, Code, CodesAdded, Customer, CustomerInput, Order, Product, Promotion, PromotionInput,
    Promotions, SetPrices, ShippingTable, StockLevel, StockLevels, StockMovement, Store, StoreInput, Stores, TaxTable,
    TryPromotion, TryoutReport, UpsertProducts, UpsertReport, VerifyReport,
};
use reqwest::Method;
use serde_json::json;
use uuid::Uuid;

/// Errors of all of these: [`Error::Problem`] where the server refuses, [`Error::Transport`] where there is no answer,
/// [`Error::Unexpected`] where the answer cannot be read.
#[allow(clippy::missing_errors_doc)]
impl Client {
    /// `POST /admin/products`: creates products or brings them up to date, by handle. One result per product.
    pub async fn upsert_products(&self, products: &UpsertProducts) -> Result<UpsertReport, Error> {
        self.send(Call::post(&["admin", "products"], products).repeatable()).await
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

    /// `POST /admin/stores`: creates a store or changes it, by handle.
    pub async fn put_store(&self, store: &StoreInput) -> Result<Store, Error> {
        self.send(Call::post(&["admin", "stores"], store).repeatable()).await
    }

    /// `GET /admin/orders`: orders, the newest first, of one status where given.
    #[must_use]
    pub fn orders(&self, status: Option<&str>, limit: Option<u32>) -> Pages<Order> {
        let call = Call::get(&["admin", "orders"]).query("status", status.map(str::to_owned));
        Pages::new(self, call.query("limit", limit.map(|limit| limit.to_string())))
    }

    /// `POST /admin/verify`: the checker's findings on the invariants G1 to G6.
    pub async fn verify(&self) -> Result<VerifyReport, Error> {
        self.send(Call::post(&["admin", "verify"], &json!({})).repeatable()).await
    }
}
