//! Reports: sums over a period, computed by the storage in one read and never from a cache. One runs at a time, on a thread
//! where it holds up nobody.

use crate::engine::Engine;
use crate::failure::Failure;
use cartwright_domain::id::{PromotionId, StoreId, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// The longest that a report may take.
pub const LONGEST_REPORT: Duration = Duration::from_secs(20);

/// What is reported. Each tells the names and the sums of its rows in their order; amounts are minor units, and no sum mixes
/// currencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportKind {
    /// By bucket and currency. Names: currency. Sums: orders, units, subtotal, discount, shipping, tax, total, refunded, and
    /// the part of the tax that is not in what was refunded.
    Sales,
    /// By SKU and currency, what brought most first. Names: SKU, name, currency. Sums: orders, units, subtotal, discount, tax
    /// in all, and what is left of the price without tax.
    Products,
    /// By promotion and currency. Names: promotion's id, name, currency. Sums: orders, off goods, off shipping.
    Promotions,
    /// By state of the cart. Names: state. Sums: carts, those with goods, those that became an order, those whose order was paid.
    Carts,
    /// By gateway, state of the payment and currency. Names: these. Sums: payments, totals of the orders, captured, refunded.
    Payments,
    /// By bucket and currency, of the carts that became due in the bucket: by their first reminder or, held out, by when it would
    /// have been. Names: currency. Sums: carts, those reminded; orders and revenue of carts reminded; the same of those whose
    /// order was made on a device that came by a link; the same after one, two, three mails; the same of carts held out. An
    /// order counts if it was made after and is placed, its revenue is its total without what went back.
    Recovery,
}

/// Which rows a report is made of.
#[derive(Clone, Debug)]
pub struct ReportQuery {
    /// What is reported.
    pub kind: ReportKind,
    /// Spans of time, one after another: first instant, and first instant after. All but sales and recovery have one.
    pub buckets: Vec<(Timestamp, Timestamp)>,
    /// Only orders, of `Payments` only payments, in this state.
    pub status: Option<&'static str>,
    /// Only orders that have this SKU; of `Products` only this one.
    pub sku: Option<String>,
    /// Only orders that this promotion took something off; of `Promotions` only this one.
    pub promotion: Option<PromotionId>,
    /// Most rows.
    pub limit: usize,
}

/// A row of a report; [`ReportKind`] tells what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportRow {
    /// Which bucket of the query it is about.
    pub bucket: usize,
    /// What it is about.
    pub names: Vec<String>,
    /// The sums.
    pub sums: Vec<i64>,
}

impl Engine {
    /// Makes a report.
    ///
    /// # Errors
    /// `Busy` where others took so long that no time is left; otherwise the storage's failure.
    pub async fn report(self: &Arc<Self>, store: StoreId, query: ReportQuery) -> Result<Vec<ReportRow>, Failure> {
        let turn = tokio::time::timeout(LONGEST_REPORT, self.reports.clone().acquire_owned());
        let turn = turn.await.map_err(|_| Failure::Busy)?.map_err(|_| Failure::Stopping)?;
        let reader = self.reader.clone();
        let runtime = tokio::runtime::Handle::current();
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            runtime.block_on(reader.report(store, &query))
        });
        let rows = work.await.map_err(|error| Failure::Fault(format!("a report failed: {error}")))?;
        Ok(rows?)
    }
}
