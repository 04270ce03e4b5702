//! `/admin/stock`.

use crate::access::Operator;
use crate::input::{
    Body, Check, Filter, OptionalKey, Query, SkuPath, decode_cursor, encode_cursor, idempotency, no_such_page,
};
use crate::problem::Outcome;
use crate::respond::{ok, rfc3339};
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::command::{Command, Reply, StockChange};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::stock::{Cause, Reference, Stock};
use cartwright_engine::{LedgerEntry, SkuStock};
use cartwright_wire::{AdjustStock, AdjustmentKind, Page, StockLevel, StockLevels, StockMovement};
use serde::Deserialize;
use utoipa::IntoParams;

const DEFAULT_LIMIT: usize = 50;

/// Changes stock
///
/// Goods in, returns, corrections, counts: all or none, each an entry of the ledger. Sent again with the same `Idempotency-Key`,
/// nothing more is changed.
#[utoipa::path(
    post, path = "/api/v1/admin/stock/adjustments", tag = "Stock", request_body = AdjustStock,
    responses(
        (status = 200, description = "The stock of the variants named.", body = StockLevels),
        (status = 404, description = "`variant_unknown`, `store_not_found`."),
        (status = 409, description = "`stock_out_of_range`."),
    ),
)]
pub(crate) async fn adjust_stock(
    State(api): State<Shared>,
    operator: Operator,
    OptionalKey(key): OptionalKey,
    Body(request): Body<AdjustStock>,
) -> Outcome {
    let idempotency = key.map(|key| idempotency(operator.scope.clone(), key, "adjust stock", &request));
    let changes = request.adjustments.into_iter().map(|change| StockChange {
        sku: change.sku,
        cause: cause_of(change.kind),
        quantity: change.quantity,
        reason: change.reason,
    });
    let command = Command::AdjustStock { changes: changes.collect(), idempotency };
    let levels = match api.engine.run(&operator.store, command).await? {
        Reply::Stock(levels) => levels.into_iter().map(|(sku, stock)| level_of(sku, stock)).collect(),
        _ => Vec::new(),
    };
    Ok(ok(&StockLevels { levels }))
}

fn cause_of(kind: AdjustmentKind) -> Cause {
    match kind {
        AdjustmentKind::Receive => Cause::Receive,
        AdjustmentKind::Return => Cause::Return,
        AdjustmentKind::Adjust => Cause::Adjust,
        AdjustmentKind::Count => Cause::Count,
    }
}

fn level_of(sku: String, stock: Stock) -> StockLevel {
    StockLevel { sku, on_hand: stock.on_hand, reserved: stock.reserved, available: stock.available() }
}

async fn find(api: &Api, operator: &Operator, sku: String) -> Outcome<SkuStock> {
    let found = api.engine.reader().sku(operator.store.store.id, &sku).await?;
    found.ok_or_else(|| Refusal::SkuUnknown { sku }.into())
}

/// Reads the stock of a variant
#[utoipa::path(
    get, path = "/api/v1/admin/stock/{sku}", tag = "Stock",
    responses(
        (status = 200, description = "Its stock.", body = StockLevel),
        (status = 404, description = "`variant_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_stock(State(api): State<Shared>, operator: Operator, SkuPath(sku): SkuPath) -> Outcome {
    let found = find(&api, &operator, sku).await?;
    Ok(ok(&level_of(found.sku, found.stock)))
}

/// Which entries of the ledger to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct MovementFilter {
    /// Entries per page, 1 to 100; 50 unless given.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    limit: Option<i64>,
    /// `next` of the page before.
    #[param(max_length = 200, nullable = false)]
    cursor: Option<String>,
}

impl Filter for MovementFilter {
    fn check(&self, check: &mut Check) {
        if let Some(limit) = self.limit {
            check.number("limit", limit, 1..=100);
        }
        check.optional_text("cursor", self.cursor.as_deref(), 0..=200);
    }
}

/// Lists the ledger of a variant
///
/// Newest first. The sums of the deltas are the stock.
#[utoipa::path(
    get, path = "/api/v1/admin/stock/{sku}/movements", tag = "Stock", params(MovementFilter),
    responses(
        (status = 200, description = "A page of entries.", body = Page<StockMovement>),
        (status = 404, description = "`variant_unknown`, `cursor_unknown`, `store_not_found`."),
    ),
)]
pub(crate) async fn list_stock_movements(
    State(api): State<Shared>,
    operator: Operator,
    SkuPath(sku): SkuPath,
    Query(filter): Query<MovementFilter>,
) -> Outcome {
    let before = match filter.cursor {
        Some(cursor) => decode_cursor(&cursor).ok_or_else(no_such_page)?,
        None => i64::MAX,
    };
    let limit = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(DEFAULT_LIMIT);
    let variant = find(&api, &operator, sku).await?;
    // One more than asked tells whether there is a page after.
    let mut entries =
        api.engine.reader().ledger(operator.store.store.id, variant.variant_id, before, limit + 1).await?;
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|last| encode_cursor(&last.sequence));
    let items = entries.into_iter().map(|entry| movement_of(&variant.sku, entry)).collect();
    Ok(ok(&Page { items, next }))
}

fn movement_of(sku: &str, entry: LedgerEntry) -> StockMovement {
    let LedgerEntry { sequence, movement } = entry;
    StockMovement {
        sequence,
        sku: sku.to_owned(),
        on_hand_delta: movement.on_hand_delta,
        reserved_delta: movement.reserved_delta,
        cause: movement.cause.as_str().to_owned(),
        reference: match movement.reference {
            Reference::Order(id) => id.to_string(),
            Reference::Cart(id) => format!("cart {id}"),
            Reference::Reason(reason) => reason,
        },
        at: rfc3339(movement.at),
    }
}
