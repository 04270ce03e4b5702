//! The report of what reminders of abandoned carts brought, against the carts that were held out.

use super::answers::{MOST_ROWS, clock, rows, whole};
use super::form::{Form, answer};
use super::period::{By, Period};
use crate::access::Operator;
use crate::input::{Check, Day, Filter, Query};
use crate::problem::Outcome;
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::time_zone::TimeZone;
use cartwright_engine::{ReportKind, ReportQuery, ReportRow};
use cartwright_wire::{RecoveryRow, Report};
use http::HeaderMap;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which abandoned carts.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecoveryFilter {
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
    /// How long the spans are; a day unless given.
    #[param(inline, nullable = false)]
    by: Option<By>,
}

impl Filter for RecoveryFilter {
    fn check(&self, check: &mut Check) {
        if let Some(offset) = self.utc_offset_minutes {
            check.number("utc_offset_minutes", offset, -840..=840);
        }
    }
}

/// Reports recovered revenue
///
/// Of the carts that became due for their first reminder in each day, week or month: what those brought that were reminded, what
/// those that were held out, and the difference that the mails made.
#[utoipa::path(
    get, path = "/api/v1/admin/reports/recovery", tag = "Reports", params(RecoveryFilter),
    responses(
        (status = 200, description = "The report.", content(
            (Report<RecoveryRow> = "application/json"), (String = "text/csv"),
        )),
        (status = 409, description = "`period_refused`."),
    ),
)]
pub(crate) async fn report_recovery(
    State(api): State<Shared>,
    operator: Operator,
    headers: HeaderMap,
    Query(filter): Query<RecoveryFilter>,
) -> Outcome {
    let clock = clock(filter.utc_offset_minutes, filter.time_zone.as_ref(), &operator);
    let period = Period::new(filter.from, filter.to, clock, api.engine.now())?;
    let spans = period.spans(filter.by.unwrap_or_default());
    let buckets = spans.iter().map(|(_, span)| *span).collect();
    let query = ReportQuery { buckets, ..whole(ReportKind::Recovery, &period) };
    let read = |row: ReportRow| read(&spans.get(row.bucket)?.0.to_string(), row);
    let rows = rows(&api, &operator, query, read).await?;
    answer(rows, MOST_ROWS, &period, filter.format, &headers)
}

fn read(period: &str, row: ReportRow) -> Option<RecoveryRow> {
    let [currency] = <[String; 1]>::try_from(row.names).ok()?;
    let [due, reminded, orders, revenue, link_orders, link_revenue, ref stages @ .., held_out_orders, held_out_revenue] =
        row.sums[..]
    else {
        return None;
    };
    let [orders_1, revenue_1, orders_2, revenue_2, orders_3, revenue_3] = *stages else { return None };
    let held_out = due - reminded;
    Some(RecoveryRow {
        period: period.to_owned(),
        currency,
        due,
        reminded,
        held_out,
        orders,
        revenue,
        link_orders,
        link_revenue,
        orders_1,
        revenue_1,
        orders_2,
        revenue_2,
        orders_3,
        revenue_3,
        held_out_orders,
        held_out_revenue,
        conversion: percent(orders, reminded),
        held_out_conversion: percent(held_out_orders, held_out),
        uplift: uplift((revenue, reminded), (held_out_revenue, held_out)),
    })
}

/// Percent with one place, rounded down; none of nothing.
fn percent(part: i64, whole: i64) -> Option<String> {
    let tenths = part.checked_mul(1_000)?.checked_div(whole)?;
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}

/// (revenue per reminded cart − revenue per held-out cart) × reminded carts, in whole minor units, rounded towards zero.
fn uplift((revenue, reminded): (i64, i64), (held_out_revenue, held_out): (i64, i64)) -> Option<i64> {
    if reminded == 0 || held_out == 0 {
        return None;
    }
    let held_out_parts =
        i128::from(revenue) * i128::from(held_out) - i128::from(held_out_revenue) * i128::from(reminded);
    i64::try_from(held_out_parts / i128::from(held_out)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_uplift_is_what_reminded_carts_brought_beyond_as_many_that_were_held_out() {
        assert_eq!(uplift((9_000, 9), (500, 1)), Some(4_500));
        assert_eq!(uplift((1_000, 10), (3_000, 10)), Some(-2_000), "mails may harm");
        assert_eq!(uplift((1_000, 3), (100, 7)), Some(957));
        assert_eq!(uplift((i64::MAX, 2), (0, 1)), Some(i64::MAX));
        assert_eq!((uplift((1_000, 3), (0, 0)), uplift((0, 0), (1_000, 3))), (None, None));
        assert_eq!(
            (percent(2, 3), percent(1, 1), percent(0, 0)),
            (Some("66.6".to_owned()), Some("100.0".to_owned()), None)
        );
    }
}
