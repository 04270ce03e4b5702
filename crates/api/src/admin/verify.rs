//! `POST /admin/verify`.

use crate::access::Operator;
use crate::input::{Body, NoFields};
use crate::problem::Outcome;
use crate::respond::ok;
use crate::state::Shared;
use axum::extract::State;
use cartwright_engine::check;
use cartwright_wire::{InvariantReport, VerifyReport};

/// Payments overdue by less than this count as still being worked on.
const GRACE_MS: i64 = 60_000;

/// Checks the books
///
/// Computes from the rows of the database whether the invariants G1 to G7 hold. Violations are an answer, not an error.
#[utoipa::path(
    post, path = "/api/v1/admin/verify", tag = "Stores",
    request_body(content = NoFields, description = "Nothing, or `{}`."),
    responses((status = 200, description = "What was found.", body = VerifyReport)),
)]
pub(crate) async fn verify(State(api): State<Shared>, operator: Operator, _: Body<NoFields>) -> Outcome {
    let reader = api.engine.reader();
    let findings = check(reader.as_ref(), operator.store.store.id, api.engine.now(), GRACE_MS).await?;
    let invariants: Vec<InvariantReport> = findings
        .into_iter()
        .map(|finding| InvariantReport {
            name: finding.name.to_owned(),
            says: finding.says.to_owned(),
            checked: finding.checked,
            violations: finding.violations,
        })
        .collect();
    let ok_all = invariants.iter().all(|invariant| invariant.violations.is_empty());
    Ok(ok(&VerifyReport { ok: ok_all, invariants }))
}
