//! `GET /admin/audit`.

use crate::access::Operator;
use crate::input::{Check, Filter, Query, decode_cursor, encode_cursor, no_such_page};
use crate::problem::Outcome;
use crate::respond::{ok, rfc3339};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::id::AuditId;
use cartwright_wire::{AuditEntry, Page};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

const DEFAULT_LIMIT: usize = 50;

/// Which entries to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuditFilter {
    /// Entries per page, 1 to 200; 50 unless given.
    #[param(minimum = 1, maximum = 200, nullable = false)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(max_length = 200, nullable = false)]
    cursor: Option<String>,
}

impl Filter for AuditFilter {
    fn check(&self, check: &mut Check) {
        if let Some(limit) = self.limit {
            check.number("limit", limit, 1..=200);
        }
        check.optional_text("cursor", self.cursor.as_deref(), 0..=200);
    }
}

/// Reads what operators did
///
/// Newest first: every request of an operator that changed something, also in a shopper's place, and those that were denied. An
/// entry is written in the transaction of what it tells.
#[utoipa::path(
    get, path = "/api/v1/admin/audit", tag = "Operators", params(AuditFilter),
    responses(
        (status = 200, description = "A page of entries.", body = Page<AuditEntry>),
        (status = 404, description = "`cursor_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_audit_log(
    State(api): State<Shared>,
    operator: Operator,
    Query(filter): Query<AuditFilter>,
) -> Outcome {
    let before = filter.cursor.map(|cursor| decode_cursor(&cursor).ok_or_else(no_such_page)).transpose()?;
    let before = AuditId(before.unwrap_or(Uuid::max()));
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    let mut found = api.engine.reader().audit_log(operator.store.store.id, before, limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|last| encode_cursor(&last.id.0));
    let items = found.into_iter().map(|entry| AuditEntry {
        id: entry.id.0,
        at: rfc3339(entry.at),
        actor: entry.actor,
        operation: entry.operation,
        subject: entry.subject,
        outcome: entry.outcome.as_str().to_owned(),
    });
    Ok(ok(&Page { items: items.collect(), next }))
}
