//! The statements of reports, for both databases: one text for each, so that both answer alike; what they spell differently
//! stands in [`Dialect`]. A period is a range of ids, since ids begin with their time. Every statement takes the store, the
//! first id, the first id after and the most rows as its first four values, then those of the filters that are asked for.
//! Reminders have no id: of them it is the instants themselves.

use cartwright_engine::{ReportKind, ReportQuery};

/// What the databases spell differently.
pub struct Dialect {
    /// What a numbered parameter begins with.
    pub parameter: char,
    /// Puts texts in the order of their bytes.
    pub by_bytes: &'static str,
    /// The part of an order's tax that is not in what was refunded, rounded towards zero.
    pub tax_kept: &'static str,
    /// The discounts in an order's detail, as `d.value`.
    pub discounts: &'static str,
}

/// A value of a filter, in the order of the statement's parameters from the fifth on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterValue {
    /// A text.
    Text(String),
    /// An identity.
    Id(uuid::Uuid),
}

/// The statement of a report for one bucket: names, then sums. With it the values of its filters.
pub fn statement(dialect: &Dialect, query: &ReportQuery) -> (String, Vec<FilterValue>) {
    let mut values = Vec::new();
    let filters = filters(dialect, query, &mut values);
    let sql = template(query.kind)
        .replace("{filters}", &filters)
        .replace("{by_bytes}", dialect.by_bytes)
        .replace("{tax_kept}", dialect.tax_kept)
        .replace("{discounts}", dialect.discounts)
        .replace('?', &dialect.parameter.to_string());
    (sql, values)
}

/// How many names a row begins with.
pub fn names(kind: ReportKind) -> usize {
    match kind {
        ReportKind::Sales | ReportKind::Carts | ReportKind::Recovery => 1,
        ReportKind::Products | ReportKind::Promotions | ReportKind::Payments => 3,
    }
}

/// How many sums follow.
pub fn sums(kind: ReportKind) -> usize {
    match kind {
        ReportKind::Sales => 9,
        ReportKind::Products => 6,
        ReportKind::Promotions => 3,
        ReportKind::Carts | ReportKind::Payments => 4,
        ReportKind::Recovery => 14,
    }
}

fn filters(dialect: &Dialect, query: &ReportQuery, values: &mut Vec<FilterValue>) -> String {
    let mut filters = String::new();
    let mut add = |condition: &str, value: FilterValue| {
        values.push(value);
        let parameter = format!("{}{}", dialect.parameter, values.len() + 4);
        filters.push_str(&condition.replace("{value}", &parameter));
    };
    if let Some(status) = query.status {
        let condition =
            if query.kind == ReportKind::Payments { " AND p.status = {value}" } else { " AND o.status = {value}" };
        add(condition, FilterValue::Text(status.to_owned()));
    }
    if let Some(sku) = &query.sku {
        let condition = match query.kind {
            ReportKind::Products => " AND l.sku = {value}",
            _ => {
                " AND EXISTS (SELECT 1 FROM order_lines x WHERE x.store_id = o.store_id AND x.order_id = o.order_id \
                 AND x.sku = {value})"
            }
        };
        add(condition, FilterValue::Text(sku.clone()));
    }
    if let Some(promotion) = query.promotion {
        match query.kind {
            ReportKind::Promotions => {
                add(" AND d.value ->> 'promotion_id' = {value}", FilterValue::Text(promotion.to_string()));
            }
            _ => add(
                " AND EXISTS (SELECT 1 FROM redemptions r WHERE r.store_id = o.store_id AND r.order_id = o.order_id \
                 AND r.promotion_id = {value})",
                FilterValue::Id(promotion.0),
            ),
        }
    }
    filters
}

fn template(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Sales => SALES,
        ReportKind::Products => PRODUCTS,
        ReportKind::Promotions => PROMOTIONS,
        ReportKind::Carts => CARTS,
        ReportKind::Payments => PAYMENTS,
        ReportKind::Recovery => RECOVERY,
    }
}

const SALES: &str = "SELECT o.currency, count(*), \
     CAST(sum((SELECT sum(l.quantity) FROM order_lines l WHERE l.store_id = o.store_id AND l.order_id = o.order_id)) AS bigint), \
     CAST(sum(o.subtotal) AS bigint), CAST(sum(o.discount) AS bigint), CAST(sum(o.shipping) AS bigint), \
     CAST(sum(o.tax_added + o.tax_included) AS bigint), CAST(sum(o.total) AS bigint), CAST(sum(p.refunded) AS bigint), \
     CAST(sum({tax_kept}) AS bigint) \
     FROM orders o JOIN payments p ON p.store_id = o.store_id AND p.order_id = o.order_id \
     WHERE o.store_id = ?1 AND o.order_id >= ?2 AND o.order_id < ?3{filters} \
     GROUP BY o.currency ORDER BY o.currency LIMIT ?4";

const PRODUCTS: &str = "SELECT l.sku, max(l.name{by_bytes}), o.currency, count(DISTINCT o.order_id), CAST(sum(l.quantity) AS bigint), \
     CAST(sum(l.quantity * l.unit_price) AS bigint), CAST(sum(l.discount) AS bigint), \
     CAST(sum(l.tax_added + l.tax_included) AS bigint), \
     CAST(sum(l.quantity * l.unit_price - l.discount - l.tax_included - l.relief) AS bigint) AS net \
     FROM orders o JOIN order_lines l ON l.store_id = o.store_id AND l.order_id = o.order_id \
     WHERE o.store_id = ?1 AND o.order_id >= ?2 AND o.order_id < ?3{filters} \
     GROUP BY l.sku, o.currency ORDER BY net DESC, l.sku{by_bytes}, o.currency LIMIT ?4";

const PROMOTIONS: &str = "SELECT d.value ->> 'promotion_id', max((d.value ->> 'name'){by_bytes}), o.currency, \
     count(DISTINCT o.order_id), CAST(sum(CAST(d.value ->> 'goods' AS bigint)) AS bigint), \
     CAST(sum(CAST(d.value ->> 'shipping' AS bigint)) AS bigint) \
     FROM orders o CROSS JOIN {discounts} \
     WHERE o.store_id = ?1 AND o.order_id >= ?2 AND o.order_id < ?3{filters} \
     GROUP BY d.value ->> 'promotion_id', o.currency ORDER BY 1, o.currency LIMIT ?4";

const CARTS: &str = "SELECT c.status, count(*), \
     count(*) FILTER (WHERE c.order_id IS NOT NULL OR CAST(c.lines AS text) <> '[]'), count(c.order_id), \
     count(*) FILTER (WHERE o.status = 'placed' OR p.captured > 0) \
     FROM carts c LEFT JOIN orders o ON o.store_id = c.store_id AND o.order_id = c.order_id \
     LEFT JOIN payments p ON p.store_id = o.store_id AND p.order_id = o.order_id \
     WHERE c.store_id = ?1 AND c.cart_id >= ?2 AND c.cart_id < ?3{filters} GROUP BY c.status ORDER BY c.status LIMIT ?4";

const PAYMENTS: &str = "SELECT p.gateway, p.status, o.currency, count(*), CAST(sum(o.total) AS bigint), \
     CAST(sum(p.captured) AS bigint), CAST(sum(p.refunded) AS bigint) \
     FROM orders o JOIN payments p ON p.store_id = o.store_id AND p.order_id = o.order_id \
     WHERE o.store_id = ?1 AND o.order_id >= ?2 AND o.order_id < ?3{filters} \
     GROUP BY p.gateway, p.status, o.currency ORDER BY p.gateway, p.status, o.currency LIMIT ?4";

/// Carts are in the group to which they were dealt first, whatever became of the mail: so both groups are alike but for the mails.
const RECOVERY: &str = "SELECT x.currency, count(*), CAST(sum(x.reminded) AS bigint), \
     count(x.revenue) FILTER (WHERE x.reminded = 1), \
     CAST(COALESCE(sum(x.revenue) FILTER (WHERE x.reminded = 1), 0) AS bigint), \
     count(x.revenue) FILTER (WHERE x.reminded = 1 AND x.by_link = 1), \
     CAST(COALESCE(sum(x.revenue) FILTER (WHERE x.reminded = 1 AND x.by_link = 1), 0) AS bigint), \
     count(x.revenue) FILTER (WHERE x.reminded = 1 AND x.mails = 1), \
     CAST(COALESCE(sum(x.revenue) FILTER (WHERE x.reminded = 1 AND x.mails = 1), 0) AS bigint), \
     count(x.revenue) FILTER (WHERE x.reminded = 1 AND x.mails = 2), \
     CAST(COALESCE(sum(x.revenue) FILTER (WHERE x.reminded = 1 AND x.mails = 2), 0) AS bigint), \
     count(x.revenue) FILTER (WHERE x.reminded = 1 AND x.mails = 3), \
     CAST(COALESCE(sum(x.revenue) FILTER (WHERE x.reminded = 1 AND x.mails = 3), 0) AS bigint), \
     count(x.revenue) FILTER (WHERE x.reminded = 0), \
     CAST(COALESCE(sum(x.revenue) FILTER (WHERE x.reminded = 0), 0) AS bigint) \
     FROM (SELECT c.currency AS currency, CASE WHEN r.mail_id IS NULL THEN 0 ELSE 1 END AS reminded, \
     o.total - p.refunded AS revenue, CASE WHEN o.detail -> 'more_tokens' IS NULL THEN 0 ELSE 1 END AS by_link, \
     CASE WHEN o.order_id IS NULL THEN 0 ELSE (SELECT count(*) FROM reminders m WHERE m.store_id = r.store_id \
     AND m.cart_id = r.cart_id AND m.mail_id IS NOT NULL AND m.at <= o.created_at) END AS mails \
     FROM reminders r JOIN carts c ON c.store_id = r.store_id AND c.cart_id = r.cart_id \
     LEFT JOIN orders o ON o.store_id = c.store_id AND o.order_id = c.order_id AND o.status = 'placed' AND o.created_at >= r.at \
     LEFT JOIN payments p ON p.store_id = o.store_id AND p.order_id = o.order_id \
     WHERE r.store_id = ?1 AND r.stage = 1 AND r.at >= ?2 AND r.at < ?3{filters}) x \
     GROUP BY x.currency ORDER BY x.currency LIMIT ?4";
