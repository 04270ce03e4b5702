//! The reports, one operation each.

use super::form::{Form, answer};
use super::period::{By, Period};
use crate::access::Operator;
use crate::admin::orders::{PaymentState, Status};
use crate::input::{Check, Day, Filter, Query};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::id::PromotionId;
use cartwright_domain::order::OrderStatus;
use cartwright_domain::time_zone::TimeZone;
use cartwright_engine::{ReportKind, ReportQuery, ReportRow};
use cartwright_wire::{CartsRow, PaymentsRow, ProductRow, PromotionRow, Report, SalesRow};
use http::HeaderMap;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Most rows of a report; of products, unless said otherwise.
pub(super) const MOST_ROWS: usize = 10_000;
const USUAL_PRODUCTS: usize = 1_000;

/// What may be asked of a report: the period and the form, and what is its own.
macro_rules! filters {
    ($($(#[$doc:meta])* $name:ident { $($(#[$of_field:meta])* $field:ident: $kind:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Deserialize, IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            /// First day; 30 days with the last one unless given. At most 400 days.
            #[param(inline, nullable = false)]
            from: Option<Day>,
            /// Last day; today unless given.
            #[param(inline, nullable = false)]
            to: Option<Day>,
            /// Time zone by which the days begin; the store's unless given.
            #[param(value_type = String, nullable = false)]
            time_zone: Option<TimeZone>,
            /// Minutes by which the clock of the days is ahead of UTC; goes before any zone.
            #[param(minimum = -840, maximum = 840, nullable = false)]
            utc_offset_minutes: Option<i64>,
            /// `csv` or `json`; unless given, what the `Accept` header names first.
            #[param(inline, nullable = false)]
            format: Option<Form>,
            $($(#[$of_field])* $field: Option<$kind>,)*
        }

        impl $name {
            fn period(&self, api: &Api, operator: &Operator) -> Outcome<Period> {
                let clock = clock(self.utc_offset_minutes, self.time_zone.as_ref(), operator);
                Period::new(self.from, self.to, clock, api.engine.now())
            }
        }
    )*};
}

filters! {
    /// Which sales.
    SalesFilter {
        /// How long the spans are; a day unless given.
        #[param(inline, nullable = false)]
        by: By,
        /// State of the orders; `placed` unless given.
        #[param(inline, nullable = false)]
        status: Status,
        /// Only orders that have this SKU; the sums are still those of whole orders.
        #[param(min_length = 1, max_length = 100, nullable = false)]
        sku: String,
        /// Only orders that this promotion took something off.
        #[param(nullable = false)]
        promotion: Uuid,
    }
    /// Which products.
    ProductsFilter {
        /// State of the orders; `placed` unless given.
        #[param(inline, nullable = false)]
        status: Status,
        /// Only this SKU.
        #[param(min_length = 1, max_length = 100, nullable = false)]
        sku: String,
        /// Only in orders that this promotion took something off.
        #[param(nullable = false)]
        promotion: Uuid,
        /// Most rows, 1 to 10,000; 1,000 unless given.
        #[param(minimum = 1, maximum = 10000, nullable = false)]
        limit: i64,
    }
    /// Which promotions.
    PromotionsFilter {
        /// State of the orders; `placed` unless given.
        #[param(inline, nullable = false)]
        status: Status,
        /// Only this promotion.
        #[param(nullable = false)]
        promotion: Uuid,
    }
    /// Which carts.
    CartsFilter {}
    /// Which payments.
    PaymentsFilter {
        /// Only those in this state.
        #[param(inline, nullable = false)]
        status: PaymentState,
    }
}

/// The clock of the days: a distance from UTC, else a zone, else the store's.
pub(super) fn clock(offset_minutes: Option<i64>, zone: Option<&TimeZone>, operator: &Operator) -> TimeZone {
    let fixed = offset_minutes.and_then(|minutes| i16::try_from(minutes).ok()).map(TimeZone::fixed);
    fixed.or_else(|| zone.cloned()).unwrap_or_else(|| operator.store.store.settings.time_zone.clone())
}

fn check_offset(offset: Option<i64>, check: &mut Check) {
    if let Some(offset) = offset {
        check.number("utc_offset_minutes", offset, -840..=840);
    }
}

impl Filter for SalesFilter {
    fn check(&self, check: &mut Check) {
        check_offset(self.utc_offset_minutes, check);
        check.optional_text("sku", self.sku.as_deref(), 1..=100);
    }
}

impl Filter for ProductsFilter {
    fn check(&self, check: &mut Check) {
        check_offset(self.utc_offset_minutes, check);
        check.optional_text("sku", self.sku.as_deref(), 1..=100);
        if let Some(limit) = self.limit {
            check.number("limit", limit, 1..=MOST_ROWS as i64);
        }
    }
}

impl Filter for PromotionsFilter {
    fn check(&self, check: &mut Check) {
        check_offset(self.utc_offset_minutes, check);
    }
}

impl Filter for CartsFilter {
    fn check(&self, check: &mut Check) {
        check_offset(self.utc_offset_minutes, check);
    }
}

impl Filter for PaymentsFilter {
    fn check(&self, check: &mut Check) {
        check_offset(self.utc_offset_minutes, check);
    }
}

/// The question for a report over the whole period without filters.
pub(super) fn whole(kind: ReportKind, period: &Period) -> ReportQuery {
    let limit = MOST_ROWS + 1;
    ReportQuery { kind, buckets: vec![period.whole()], status: None, sku: None, promotion: None, limit }
}

fn state_of(status: Option<Status>) -> Option<&'static str> {
    Some(status.map_or(OrderStatus::Placed, OrderStatus::from).as_str())
}

/// The rows, each read by a function that knows what stands in it.
pub(super) async fn rows<T>(
    api: &Api,
    operator: &Operator,
    query: ReportQuery,
    read: impl Fn(ReportRow) -> Option<T>,
) -> Outcome<Vec<T>> {
    let found = api.engine.clone().report(operator.store.store.id, query).await?;
    let read: Option<Vec<T>> = found.into_iter().map(read).collect();
    read.ok_or_else(|| Problem::new(&kinds::INTERNAL, "The report has another shape than was expected."))
}

/// Reports sales
///
/// What was sold in each day, week or month that has orders. An order counts in the span in which it was made.
#[utoipa::path(
    get, path = "/api/v1/admin/reports/sales", tag = "Reports", params(SalesFilter),
    responses(
        (status = 200, description = "The report.", content(
            (Report<SalesRow> = "application/json"), (String = "text/csv"),
        )),
        (status = 409, description = "`period_refused`."),
    ),
)]
pub(crate) async fn report_sales(
    State(api): State<Shared>,
    operator: Operator,
    headers: HeaderMap,
    Query(filter): Query<SalesFilter>,
) -> Outcome {
    let period = filter.period(&api, &operator)?;
    let spans = period.spans(filter.by.unwrap_or_default());
    let query = ReportQuery {
        buckets: spans.iter().map(|(_, span)| *span).collect(),
        status: state_of(filter.status),
        sku: filter.sku,
        promotion: filter.promotion.map(PromotionId),
        ..whole(ReportKind::Sales, &period)
    };
    let read = |row: ReportRow| {
        let [currency] = <[String; 1]>::try_from(row.names).ok()?;
        let [orders, units, gross, discount, shipping, tax, total, refunded, tax_kept] = row.sums[..] else {
            return None;
        };
        let (net, period) = (total - refunded, spans.get(row.bucket)?.0.to_string());
        let net_of_tax = net - tax_kept;
        Some(SalesRow {
            period,
            currency,
            orders,
            units,
            gross,
            discount,
            shipping,
            tax,
            total,
            refunded,
            net,
            net_of_tax,
        })
    };
    let rows = rows(&api, &operator, query, read).await?;
    answer(rows, MOST_ROWS, &period, filter.format, &headers)
}

/// Reports products
///
/// What was sold of each SKU, what brought most first.
#[utoipa::path(
    get, path = "/api/v1/admin/reports/products", tag = "Reports", params(ProductsFilter),
    responses(
        (status = 200, description = "The report.", content(
            (Report<ProductRow> = "application/json"), (String = "text/csv"),
        )),
        (status = 409, description = "`period_refused`."),
    ),
)]
pub(crate) async fn report_products(
    State(api): State<Shared>,
    operator: Operator,
    headers: HeaderMap,
    Query(filter): Query<ProductsFilter>,
) -> Outcome {
    let period = filter.period(&api, &operator)?;
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(USUAL_PRODUCTS);
    let query = ReportQuery {
        status: state_of(filter.status),
        sku: filter.sku,
        promotion: filter.promotion.map(PromotionId),
        limit: limit + 1,
        ..whole(ReportKind::Products, &period)
    };
    let read = |row: ReportRow| {
        let [sku, name, currency] = <[String; 3]>::try_from(row.names).ok()?;
        let [orders, units, gross, discount, tax, net_of_tax] = row.sums[..] else { return None };
        Some(ProductRow { sku, name, currency, orders, units, gross, discount, tax, net_of_tax })
    };
    let rows = rows(&api, &operator, query, read).await?;
    answer(rows, limit, &period, filter.format, &headers)
}

/// Reports promotions
///
/// How many orders each promotion was used in, and what it took off goods and shipping.
#[utoipa::path(
    get, path = "/api/v1/admin/reports/promotions", tag = "Reports", params(PromotionsFilter),
    responses(
        (status = 200, description = "The report.", content(
            (Report<PromotionRow> = "application/json"), (String = "text/csv"),
        )),
        (status = 409, description = "`period_refused`."),
    ),
)]
pub(crate) async fn report_promotions(
    State(api): State<Shared>,
    operator: Operator,
    headers: HeaderMap,
    Query(filter): Query<PromotionsFilter>,
) -> Outcome {
    let period = filter.period(&api, &operator)?;
    let query = ReportQuery {
        status: state_of(filter.status),
        promotion: filter.promotion.map(PromotionId),
        ..whole(ReportKind::Promotions, &period)
    };
    let read = |row: ReportRow| {
        let [id, name, currency] = <[String; 3]>::try_from(row.names).ok()?;
        let [uses, goods, shipping] = row.sums[..] else { return None };
        Some(PromotionRow { promotion_id: id.parse().ok()?, name, currency, uses, goods, shipping })
    };
    let rows = rows(&api, &operator, query, read).await?;
    answer(rows, MOST_ROWS, &period, filter.format, &headers)
}

/// Reports carts
///
/// What became of the carts made in the period: how many came how far, and their states now.
#[utoipa::path(
    get, path = "/api/v1/admin/reports/carts", tag = "Reports", params(CartsFilter),
    responses(
        (status = 200, description = "The report.", content(
            (Report<CartsRow> = "application/json"), (String = "text/csv"),
        )),
        (status = 409, description = "`period_refused`."),
    ),
)]
pub(crate) async fn report_carts(
    State(api): State<Shared>,
    operator: Operator,
    headers: HeaderMap,
    Query(filter): Query<CartsFilter>,
) -> Outcome {
    let period = filter.period(&api, &operator)?;
    let read = |row: ReportRow| {
        let [state] = <[String; 1]>::try_from(row.names).ok()?;
        Some((state, <[i64; 4]>::try_from(row.sums).ok()?))
    };
    let states = rows(&api, &operator, whole(ReportKind::Carts, &period), read).await?;
    answer(carts(&states), MOST_ROWS, &period, filter.format, &headers)
}

/// The stages that carts came through, then their states.
fn carts(states: &[(String, [i64; 4])]) -> Vec<CartsRow> {
    let all = |stage: usize| states.iter().map(|(_, counts)| counts[stage]).sum::<i64>();
    let created = all(0);
    let row = |kind: &str, name: &str, carts: i64| {
        // Tenths of a percent, rounded down: only all of them are 100 percent.
        let tenths = if created == 0 { 0 } else { carts * 1_000 / created };
        let percent = format!("{}.{}", tenths / 10, tenths % 10);
        CartsRow { kind: kind.to_owned(), name: name.to_owned(), carts, percent }
    };
    let stages = ["created", "with_goods", "checked_out", "paid"].into_iter().enumerate();
    let stages = stages.map(|(stage, name)| row("stage", name, all(stage)));
    stages.chain(states.iter().map(|(state, counts)| row("state", state, counts[0]))).collect()
}

/// Reports payments
///
/// Payments of the orders made in the period, by gateway and outcome.
#[utoipa::path(
    get, path = "/api/v1/admin/reports/payments", tag = "Reports", params(PaymentsFilter),
    responses(
        (status = 200, description = "The report.", content(
            (Report<PaymentsRow> = "application/json"), (String = "text/csv"),
        )),
        (status = 409, description = "`period_refused`."),
    ),
)]
pub(crate) async fn report_payments(
    State(api): State<Shared>,
    operator: Operator,
    headers: HeaderMap,
    Query(filter): Query<PaymentsFilter>,
) -> Outcome {
    let period = filter.period(&api, &operator)?;
    let status = filter.status.map(|status| status.0.as_str());
    let query = ReportQuery { status, ..whole(ReportKind::Payments, &period) };
    let read = |row: ReportRow| {
        let [gateway, status, currency] = <[String; 3]>::try_from(row.names).ok()?;
        let [payments, asked, captured, refunded] = row.sums[..] else { return None };
        Some(PaymentsRow { gateway, status, currency, payments, asked, captured, refunded })
    };
    let rows = rows(&api, &operator, query, read).await?;
    answer(rows, MOST_ROWS, &period, filter.format, &headers)
}
