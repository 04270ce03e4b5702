//! Reports: sums over a period. All of it takes an operator's key.

use crate::call::Call;
use crate::{Client, Error};
use cartwright_wire::{CartsRow, PaymentsRow, ProductRow, PromotionRow, RecoveryRow, Report, SalesRow};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// What a report is about; not every report takes every filter. What is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct ReportQuery {
    /// First day, `2026-11-01`; 30 days up to the last one unless given.
    pub from: Option<String>,
    /// Last day; today unless given.
    pub to: Option<String>,
    /// The time zone by which days begin, `Europe/Berlin`; the store's unless given.
    pub time_zone: Option<String>,
    /// Minutes by which the days' clock is ahead of UTC; goes before any zone.
    pub utc_offset_minutes: Option<i64>,
    /// `day`, `week` or `month`; of sales and recovery.
    pub by: Option<String>,
    /// State of the orders; of payments, their own.
    pub status: Option<String>,
    /// Orders with this SKU; of sales and products.
    pub sku: Option<String>,
    /// Orders that this promotion took something off; of sales, products and promotions.
    pub promotion: Option<Uuid>,
    /// Most rows; of products.
    pub limit: Option<u32>,
}

impl ReportQuery {
    fn call(&self, report: &str) -> Call {
        Call::get(&["admin", "reports", report])
            .query("from", self.from.clone())
            .query("to", self.to.clone())
            .query("time_zone", self.time_zone.clone())
            .query("utc_offset_minutes", self.utc_offset_minutes.map(|minutes| minutes.to_string()))
            .query("by", self.by.clone())
            .query("status", self.status.clone())
            .query("sku", self.sku.clone())
            .query("promotion", self.promotion.map(|id| id.to_string()))
            .query("limit", self.limit.map(|limit| limit.to_string()))
    }
}

/// Errors of all of these: [`Error::Problem`] where the server refuses, [`Error::Transport`] where there is no answer,
/// [`Error::Unexpected`] where the answer cannot be read.
#[allow(clippy::missing_errors_doc)]
impl Client {
    async fn report<T: DeserializeOwned>(&self, name: &str, query: &ReportQuery) -> Result<Report<T>, Error> {
        self.send(query.call(name)).await
    }

    /// `GET /admin/reports/sales`: orders, units and money by day, week or month.
    pub async fn sales_report(&self, query: &ReportQuery) -> Result<Report<SalesRow>, Error> {
        self.report("sales", query).await
    }

    /// `GET /admin/reports/products`: what was sold of each SKU.
    pub async fn products_report(&self, query: &ReportQuery) -> Result<Report<ProductRow>, Error> {
        self.report("products", query).await
    }

    /// `GET /admin/reports/promotions`: what each promotion took off.
    pub async fn promotions_report(&self, query: &ReportQuery) -> Result<Report<PromotionRow>, Error> {
        self.report("promotions", query).await
    }

    /// `GET /admin/reports/carts`: what became of the carts.
    pub async fn carts_report(&self, query: &ReportQuery) -> Result<Report<CartsRow>, Error> {
        self.report("carts", query).await
    }

    /// `GET /admin/reports/payments`: payments by outcome.
    pub async fn payments_report(&self, query: &ReportQuery) -> Result<Report<PaymentsRow>, Error> {
        self.report("payments", query).await
    }

    /// `GET /admin/reports/recovery`: what reminders of abandoned carts brought.
    pub async fn recovery_report(&self, query: &ReportQuery) -> Result<Report<RecoveryRow>, Error> {
        self.report("recovery", query).await
    }

    /// One of the reports (`sales`, `products`, `promotions`, `carts`, `payments`, `recovery`) as CSV.
    pub async fn report_as_csv(&self, name: &str, query: &ReportQuery) -> Result<String, Error> {
        self.send_for_text(query.call(name).query("format", Some("csv".to_owned()))).await
    }
}
