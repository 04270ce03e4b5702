//! What other nodes have changed, without reading everything anew. A batch's events and movements name nearly always every cart, order
//! and stock that it changes. Where they do, a node that has not had the turn for a while asks log and ledger what happened since,
//! and keeps what it knows of all the rest. Where they do not, the batch counts itself in the turn as untold, and whoever finds
//! the count changed forgets all.

use super::error::Fault;
use super::load::{Part, Turn};
use super::rows;
use super::session::{Pipeline, value};
use cartwright_domain::id::{CartId, OrderId, StoreId, VariantId};
use cartwright_domain::stock::Stock;
use cartwright_domain::working_set::WorkingSet;
use std::collections::HashSet;
use tokio_postgres::Row;
use uuid::Uuid;

/// What events tell of since one of them, as long as they are not too many.
pub const TOLD: &str = "SELECT count(*), array_agg(cart_id) FILTER (WHERE cart_id IS NOT NULL), \
     array_agg(order_id) FILTER (WHERE order_id IS NOT NULL) \
     FROM (SELECT cart_id, order_id FROM events WHERE store_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3) e";
/// The stock that has moved since an entry of the ledger.
pub const MOVED_STOCK: &str = "SELECT on_hand, reserved, variant_id, last_movement FROM stock WHERE store_id = $1 AND variant_id = \
     ANY(ARRAY(SELECT variant_id FROM stock_movements WHERE store_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3))";
/// More than so much is not asked for: all is forgotten instead.
const MUCH: i64 = 10_000;

/// Up to where a node knows log and ledger of a store.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position {
    /// The last event's number.
    pub event: i64,
    /// The ledger's last number.
    pub movement: i64,
}

/// What has changed since a position.
#[derive(Debug)]
pub struct Changed {
    /// How many events have told it.
    events: i64,
    /// The carts that they tell of.
    pub carts: Vec<CartId>,
    /// The orders that they tell of.
    pub orders: Vec<OrderId>,
    /// The stock that has moved, as it is now, with its newest entry of the ledger.
    pub stock: Vec<(VariantId, Stock, i64)>,
}

impl Changed {
    /// Whether it is all that was told between a position and a turn: none was too much, and none has been deleted since.
    pub fn is_all(&self, since: Position, turn: &Turn) -> bool {
        self.events == turn.last_event - since.event && (0..=MUCH).contains(&(turn.last_movement - since.movement))
    }
}

/// Asks what has changed since a position.
pub fn ask(pipeline: &mut Pipeline<'_, Part>, store: StoreId, since: Position) {
    pipeline.add(Part::Told, TOLD, vec![value(store.0), value(since.event), value(MUCH)]);
    pipeline.add(Part::MovedStock, MOVED_STOCK, vec![value(store.0), value(since.movement), value(MUCH)]);
}

/// What has changed, if that was asked for.
pub fn changed(answers: &[(Part, Vec<Row>)]) -> Result<Option<Changed>, Fault> {
    let found = |wanted| answers.iter().find(|(part, _)| *part == wanted).map_or(&[][..], |(_, rows)| rows);
    let Some(told) = found(Part::Told).first() else { return Ok(None) };
    let ids = |column| told.try_get::<_, Option<Vec<Uuid>>>(column).map(Option::unwrap_or_default);
    let stock = found(Part::MovedStock).iter();
    Ok(Some(Changed {
        events: told.try_get(0)?,
        carts: ids(1)?.into_iter().map(CartId).collect(),
        orders: ids(2)?.into_iter().map(OrderId).collect(),
        stock: stock
            .map(|row| Ok((VariantId(row.try_get(2)?), rows::stock(row, 0)?, row.try_get(3)?)))
            .collect::<Result<_, Fault>>()?,
    }))
}

/// Untold batches so far, with this one. Those of somebody who does not count, a node of an older version or a hand, are counted by
/// whoever has the turn next.
pub fn untold(turn: &Turn, set: &WorkingSet) -> i64 {
    turn.untold + i64::from(!turn.is_counted || !tells_all(set))
}

/// Whether the batch's events and movements name every cart, order and stock that it changes. No other rows are known beyond a turn
/// but goods, for which the catalogue's version stands.
fn tells_all(set: &WorkingSet) -> bool {
    let carts: HashSet<CartId> = set.events.iter().filter_map(|event| event.subject.cart()).collect();
    let orders: HashSet<OrderId> = set.events.iter().filter_map(|event| event.subject.order()).collect();
    let moved: HashSet<VariantId> = set.movements.iter().map(|movement| movement.variant_id).collect();
    set.carts.changes().all(|(id, ..)| carts.contains(id))
        && set.orders.changes().all(|(id, ..)| orders.contains(id))
        && set.stock.changes().all(|(id, ..)| moved.contains(id))
}
