//! A shop of any size, made straight in an empty database: for measuring, and for trying things out at scale. The same shape
//! gives the same shop. It keeps the invariants: ledger, stock, orders, payments and uses agree as if all had been bought.

mod catalogue;
mod history;
mod plan;

use crate::copy::{CopyError, Place, Row, Side, table_named};
use cartwright_domain::id::{CartId, OrderId, Timestamp};
use history::Ledger;
use plan::Plan;
use std::collections::BTreeMap;

/// What the shop is to have.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Other seeds give other shops.
    pub seed: u64,
    /// Variants, four to a product.
    pub variants: u64,
    /// Carts besides those that orders were made of.
    pub carts: u64,
    /// Orders, spread over the year before `until`.
    pub orders: u64,
    /// Customers, who made half of the orders.
    pub customers: u64,
    /// Promotions, each with one code that orders used.
    pub promotions: u64,
    /// Codes of the first promotion that were added in bulk.
    pub codes: u64,
    /// When the newest of it happened.
    pub until: Timestamp,
}

impl Shape {
    /// How many rows it will be, roughly; for showing progress.
    pub fn rows(&self) -> u64 {
        let catalogue = self.variants.div_ceil(plan::VARIANTS_PER_PRODUCT) + 3 * self.variants;
        catalogue + self.codes + self.customers + self.carts + self.orders * 9
    }

    /// The number of a cart besides the orders', counted from the oldest, as it will be called.
    pub fn cart_id(&self, number: u64) -> CartId {
        Plan::new(*self).cart_id(number)
    }

    /// The same for orders.
    pub fn order_id(&self, number: u64) -> OrderId {
        Plan::new(*self).order(number).id
    }

    /// The same for SKUs.
    pub fn sku(&self, number: u64) -> String {
        plan::sku(number)
    }
}

/// Makes the shop in one transaction.
///
/// # Errors
/// See [`CopyError`]; nothing was made then.
pub async fn generate(place: &Place, shape: Shape, progress: &mut dyn FnMut(u64)) -> Result<(), CopyError> {
    let plan = Plan::new(shape);
    let mut sink = Sink { side: Side::target(place).await?, pages: BTreeMap::new(), progress };
    sink.add("stores", plan.store_row()).await?;
    for number in 0..shape.variants.div_ceil(plan::VARIANTS_PER_PRODUCT) {
        sink.add("products", plan.product_row(number)).await?;
    }
    for number in 0..shape.variants {
        sink.add("variants", plan.variant_row(number)).await?;
    }
    for number in 0..shape.customers {
        sink.add("customers", plan.customer_row(number)).await?;
    }
    for (table, row) in plan.promotion_rows() {
        sink.add(table, row).await?;
    }
    history(&plan, &mut sink).await?;
    for number in 0..shape.carts {
        for (table, row) in plan.cart_rows(number) {
            sink.add(table, row).await?;
        }
    }
    sink.finish().await
}

/// Deliveries, orders, and what they left behind in stock and uses.
async fn history(plan: &Plan, sink: &mut Sink<'_>) -> Result<(), CopyError> {
    let mut ledger = Ledger::new(plan);
    for (table, row) in ledger.deliveries() {
        sink.add(table, row).await?;
    }
    for number in 0..plan.shape.orders {
        for (table, row) in ledger.order_rows(&plan.order(number)) {
            sink.add(table, row).await?;
        }
    }
    for number in 0..plan.shape.carts {
        if let Some((table, row)) = ledger.hold_row(number) {
            sink.add(table, row).await?;
        }
    }
    for (table, row) in ledger.sums() {
        sink.add(table, row).await?;
    }
    Ok(())
}

/// Rows of many tables, written in pages.
struct Sink<'a> {
    side: Side,
    pages: BTreeMap<&'static str, Vec<Row>>,
    progress: &'a mut dyn FnMut(u64),
}

impl Sink<'_> {
    const PAGE: usize = 5_000;

    async fn add(&mut self, table: &'static str, row: Row) -> Result<(), CopyError> {
        let page = self.pages.entry(table).or_default();
        page.push(row);
        if page.len() >= Sink::PAGE {
            let page = std::mem::take(page);
            self.write(table, &page).await?;
        }
        Ok(())
    }

    async fn write(&mut self, table: &'static str, page: &[Row]) -> Result<(), CopyError> {
        self.side.append(table_named(table), page).await?;
        (self.progress)(page.len() as u64);
        Ok(())
    }

    async fn finish(mut self) -> Result<(), CopyError> {
        for (table, page) in std::mem::take(&mut self.pages) {
            self.write(table, &page).await?;
        }
        self.side.commit().await
    }
}
