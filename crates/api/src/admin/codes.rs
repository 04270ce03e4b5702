//! `/admin/promotions/{promotion_id}/codes`: many codes of one promotion.

use crate::access::Operator;
use crate::input::{Body, Check, Filter, PromotionPath, Query, decode_cursor, encode_cursor, no_such_page};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::{created, ok};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::Command;
use cartwright_domain::refusal::Refusal;
use cartwright_wire::{AddCodes, Code, CodesAdded, Page};
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_LIMIT: usize = 100;
/// Digits of generated codes: none that is easily taken for another (Crockford's base 32).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits of a generated code: 60 bits, so that guessing one of a million takes a million million tries.
const LENGTH: usize = 12;

/// Adds codes to a promotion
///
/// Generates `count` codes, or takes those of `codes`; each is for one order unless `max_uses` says otherwise. All or none. Codes
/// sent twice stay as they are. The promotion must need a code (`requires_code`).
#[utoipa::path(
    post, path = "/api/v1/admin/promotions/{promotion_id}/codes", tag = "Promotions", request_body = AddCodes,
    responses(
        (status = 201, description = "The codes.", body = CodesAdded, headers(("Location" = String, description = "Where they are listed."))),
        (status = 404, description = "`promotion_not_found`, `store_not_found`."),
        (status = 409, description = "`conflict`: the promotion is automatic; `definition_refused`: a code belongs to another promotion."),
    ),
)]
pub(crate) async fn add_codes(
    State(api): State<Shared>,
    operator: Operator,
    PromotionPath(id): PromotionPath,
    Body(request): Body<AddCodes>,
) -> Outcome {
    let codes = match request.count {
        Some(count) => generate(usize::try_from(count).unwrap_or(0), request.prefix.as_deref().unwrap_or(""))?,
        None => request.codes,
    };
    let max_uses = Some(request.max_uses.unwrap_or(1));
    api.engine.run(&operator.store, Command::AddCodes { id, codes: codes.clone(), max_uses }).await?;
    Ok(created(&CodesAdded { codes }, &format!("/api/v1/admin/promotions/{id}/codes")))
}

fn generate(count: usize, prefix: &str) -> Outcome<Vec<String>> {
    let mut random = vec![0_u8; count * LENGTH];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(%error, "no randomness for codes");
        Problem::new(&kinds::INTERNAL, "Something failed on our side; nothing was changed.")
    })?;
    let prefix = prefix.to_uppercase();
    // A byte has eight times as many values as there are digits: each is as likely as any other.
    let digit = |byte: &u8| char::from(DIGITS[usize::from(byte % 32)]);
    Ok(random.chunks(LENGTH).map(|bytes| prefix.chars().chain(bytes.iter().map(digit)).collect()).collect())
}

/// Which codes to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeFilter {
    /// Codes per page, 1 to 1,000; 100 unless given.
    #[param(minimum = 1, maximum = 1000, nullable = false)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(max_length = 1000, nullable = false)]
    cursor: Option<String>,
}

impl Filter for CodeFilter {
    fn check(&self, check: &mut Check) {
        if let Some(limit) = self.limit {
            check.number("limit", limit, 1..=1000);
        }
        check.optional_text("cursor", self.cursor.as_deref(), 0..=1000);
    }
}

/// Lists a promotion's codes
///
/// Those that stand in the promotion and those added in bulk, in their order. Uses are told of codes with a limit.
#[utoipa::path(
    get, path = "/api/v1/admin/promotions/{promotion_id}/codes", tag = "Promotions", params(CodeFilter),
    responses(
        (status = 200, description = "A page of codes.", body = Page<Code>),
        (status = 404, description = "`promotion_not_found`, `cursor_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn list_codes(
    State(api): State<Shared>,
    operator: Operator,
    PromotionPath(id): PromotionPath,
    Query(filter): Query<CodeFilter>,
) -> Outcome {
    operator.store.promotion(id).ok_or(Refusal::PromotionNotFound)?;
    let after = filter.cursor.map(|cursor| decode_cursor::<String>(&cursor).ok_or_else(no_such_page)).transpose()?;
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    let store = operator.store.store.id;
    // One more than asked tells whether there is a page after.
    let mut found = api.engine.reader().coupons(store, id, after.as_deref().unwrap_or(""), limit + 1).await?;
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|(code, _)| encode_cursor(code));
    let items = found.into_iter().map(|(code, coupon)| Code {
        code,
        max_uses: coupon.max_uses,
        uses: coupon.max_uses.map(|_| coupon.uses),
        bulk: coupon.bulk,
    });
    Ok(ok(&Page { items: items.collect(), next }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn generated_codes_have_their_prefix_and_no_two_are_alike() {
        let codes = generate(10_000, "vip-").expect("randomness");
        assert!(codes.iter().all(|code| code.len() == 16 && code.starts_with("VIP-")));
        assert_eq!(codes.iter().collect::<HashSet<_>>().len(), 10_000);
        assert!(codes.iter().all(|code| cartwright_domain::coupon::normalise_code(code) == *code));
    }
}
