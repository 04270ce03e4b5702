//! `POST /admin/promotions/try`.

use super::promotions::definition_from;
use crate::access::Operator;
use crate::input::{Body, instant_of};
use crate::problem::Outcome;
use crate::respond::{MoneyForm, ok, rfc3339};
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::id::PromotionId;
use cartwright_domain::money::Currency;
use cartwright_domain::time_zone::date_of;
use cartwright_engine::{Sum, Tryout, TryoutRequest};
use cartwright_wire as wire;
use cartwright_wire::{TryPromotion, TryoutReport};
use serde_json::{Value, json};

fn example_request() -> Value {
    json!({
        "definition": { "name": "Spring", "benefit": { "kind": "percentage", "percent": "10" }, "limits": { "total_uses": 500 } },
        "codes": ["SPRING"],
    })
}

fn example_report() -> Value {
    let euros = |amount: i64, formatted: &str| json!({ "amount": amount, "currency": "EUR", "formatted": formatted });
    json!({
        "from": "2026-10-22T08:00:00.000Z",
        "until": "2026-11-21T08:00:00.000Z",
        "sums": [{ "currency": "EUR", "orders": 3, "orders_changed": 2, "cost": euros(750, "7.50€") }],
        "days": [
            { "date": "2026-11-19", "currency": "EUR", "orders": 2, "changed": 1, "cost": euros(250, "2.50€") },
            { "date": "2026-11-20", "currency": "EUR", "orders": 1, "changed": 1, "cost": euros(500, "5.00€") },
        ],
        "carts": {
            "looked_at": 4,
            "changed": 1,
            "cost": [euros(100, "1.00€")],
            "list": [{
                "cart_id": "01a1fd38-4cbd-70d2-9c03-d036d8702d46", "before": euros(1000, "10.00€"), "after": euros(900, "9.00€"),
            }],
        },
        "orders_looked_at": 3,
        "orders_differing": 0,
        "orders_not_priced": 0,
        "truncated": false,
    })
}

/// Tries a promotion
///
/// Runs a draft over the placed orders of a period and the open carts: what it would have cost, per day, and which carts it
/// changes. Orders are priced at their own prices, quantities, addresses, codes and time, once as the store is and once with
/// the draft. Limits of uses are kept, the first orders first; for the open carts they are counted anew. Nothing is changed.
#[utoipa::path(
    post, path = "/api/v1/admin/promotions/try", tag = "Promotions",
    request_body(content = TryPromotion, example = example_request),
    responses(
        (status = 200, description = "What it would have done.", body = TryoutReport, example = example_report),
        (status = 404, description = "`promotion_not_found`: there is none to replace; `store_not_found`."),
        (status = 409, description = "`definition_refused`: its parts do not go together, a code belongs to another promotion, \
            or the period is none."),
    ),
)]
pub(crate) async fn try_promotion(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<TryPromotion>,
) -> Outcome {
    let clock = &operator.store.store.settings.time_zone;
    let request = TryoutRequest {
        promotion: definition_from(request.definition)?,
        codes: request.codes,
        assume_code: request.assume_code,
        from: instant_of(request.from, clock),
        until: instant_of(request.until, clock),
        replaces: request.replaces.map(PromotionId),
    };
    Ok(ok(&report(&api.engine.try_promotion(&operator.store, request).await?)))
}

fn money_of(amount: i64, currency: Currency) -> wire::Money {
    MoneyForm::new(currency, None).money(amount)
}

fn report(found: &Tryout) -> TryoutReport {
    let sums = found.sums.iter().map(|(currency, sum)| wire::TryoutSum {
        currency: currency.code().to_owned(),
        orders: sum.count,
        orders_changed: sum.changed,
        cost: money_of(sum.cost, *currency),
    });
    let days = found.days.iter().map(|((day, currency), sum)| wire::TryoutDay {
        date: date(*day),
        currency: currency.code().to_owned(),
        orders: sum.count,
        changed: sum.changed,
        cost: money_of(sum.cost, *currency),
    });
    TryoutReport {
        from: rfc3339(found.period.0),
        until: rfc3339(found.period.1),
        sums: sums.collect(),
        days: days.collect(),
        carts: carts(found),
        orders_looked_at: found.orders_looked_at,
        orders_differing: found.orders_differing,
        orders_not_priced: found.orders_not_priced,
        truncated: found.truncated,
    }
}

fn carts(found: &Tryout) -> wire::TryoutCarts {
    let list = found.changed_carts.iter().map(|cart| wire::TryoutCart {
        cart_id: cart.id.0,
        before: money_of(cart.outcome.before, cart.currency),
        after: money_of(cart.outcome.after, cart.currency),
    });
    wire::TryoutCarts {
        looked_at: found.carts_looked_at,
        changed: found.carts.values().map(|sum: &Sum| sum.changed).sum(),
        cost: found.carts.iter().map(|(currency, sum)| money_of(sum.cost, *currency)).collect(),
        list: list.collect(),
    }
}

/// `2026-11-21`, so many days after 1 January 1970.
fn date(day: i64) -> String {
    date_of(day).to_string()
}
