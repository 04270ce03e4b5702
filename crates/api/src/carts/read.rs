//! `GET /carts/{cart_id}` and what can be read about a cart.

use super::reply;
use crate::access::Visitor;
use crate::input::{CartPath, Check, Filter, Query, is_unchanged};
use crate::locale::{Locale, LocaleQuery};
use crate::problem::Outcome;
use crate::respond::{Audience, cart_of, explain, form_of, ok, tag_of};
use crate::state::Shared;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use cartwright_domain::manual::MANUAL;
use cartwright_domain::money::Currency;
use cartwright_domain::shipping::{CannotShip, OfferedMethod};
use cartwright_engine::{ShownCart, WayToPay};
use cartwright_wire::{Cart, PaymentMethod, PaymentMethods, ShippingMethod, ShippingMethods, UnavailableMethod};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;

/// How to show a cart.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct CartQuery {
    /// Whether to tell of each promotion why it counts or does not, and how far off it is.
    #[param(nullable = false)]
    explain: Option<bool>,
    /// Locale in which amounts are written for people; the store's own unless given.
    #[param(inline, nullable = false)]
    locale: Option<Locale>,
}

impl Filter for CartQuery {
    fn check(&self, _: &mut Check) {}
}

/// Reads a cart
///
/// Prices are those captured when the goods were added; where today's differ, the line says so. The answer carries an `ETag`;
/// with `If-None-Match` an unchanged cart is answered with 304. An explained cart is computed anew and has no `ETag`; offers that
/// are switched off, or whose code the cart does not have, are told to operators only. Lines that ran out or are not sold any more
/// are moved to `saved`, with the reason, unless the store keeps them (setting `unavailable_lines`).
#[utoipa::path(
    get, path = "/api/v1/carts/{cart_id}", tag = "Carts", params(CartQuery),
    responses(
        (status = 200, description = "The cart.", body = Cart, headers(("ETag" = String, description = "Changes with the cart, its prices and its stock."))),
        (status = 304, description = "The cart is as `If-None-Match` knows it."),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_cart(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(id): CartPath,
    Query(query): Query<CartQuery>,
    headers: HeaderMap,
) -> Outcome {
    let access = visitor.cart_access()?;
    if query.explain == Some(true) {
        let shown = api.engine.cart(&visitor.store, id, &access).await?;
        api.engine.without_unavailable(&visitor.store, shown, &access).await?;
        let view = api.engine.cart_explained(&visitor.store, id, &access).await?.seen_by(&access);
        let form = form_of(&view, query.locale);
        let mut cart = cart_of(&view, None, &form);
        explain(&mut cart, &view, audience_of(&visitor), &form);
        return Ok(ok(&cart));
    }
    if let Some(locale) = &query.locale {
        let view = api.engine.cart(&visitor.store, id, &access).await?;
        let view = api.engine.without_unavailable(&visitor.store, view, &access).await?.seen_by(&access);
        let unchanged = unchanged(&headers, &tag_of(&view, Some(locale)));
        return Ok(unchanged.unwrap_or_else(|| reply::cart_in(&view, locale)));
    }
    Ok(match api.engine.shown_cart(&visitor.store, id, &access).await? {
        ShownCart::Written(answer) => {
            unchanged(&headers, &answer.tag).unwrap_or_else(|| reply::written(answer.body.clone(), &answer.tag))
        }
        ShownCart::Priced(view) => {
            let view = api.engine.without_unavailable(&visitor.store, view, &access).await?;
            if view.body.get().is_none() {
                reply::share(&api, &view);
            }
            let view = view.seen_by(&access);
            unchanged(&headers, &tag_of(&view, None)).unwrap_or_else(|| reply::cart(&view))
        }
    })
}

/// 304 where the client knows the cart by this tag.
fn unchanged(headers: &HeaderMap, tag: &str) -> Option<Response> {
    is_unchanged(headers, tag).then(|| {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        reply::tag(&mut response, tag);
        response
    })
}

fn audience_of(visitor: &Visitor) -> Audience {
    visitor.audience()
}

/// Ways to pay a cart
///
/// What checkout may name as `payment`.
#[utoipa::path(
    get, path = "/api/v1/carts/{cart_id}/payment-methods", tag = "Carts", params(LocaleQuery),
    responses(
        (status = 200, description = "The methods.", body = PaymentMethods),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_cart_payment_methods(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(id): CartPath,
    Query(query): Query<LocaleQuery>,
) -> Outcome {
    // Not remembered: what is shown here are ways to pay, and a price that has changed is compared with a cart that was shown.
    let view = api.engine.cart_explained(&visitor.store, id, &visitor.cart_access()?).await?;
    let form = form_of(&view, query.locale);
    let total = form.money(view.quote.totals.total).formatted;
    let method = |way: &WayToPay<'_>| match way {
        WayToPay::Gateway(gateway, method, title) => PaymentMethod {
            gateway: (*gateway).to_owned(),
            method: (*method).to_owned(),
            title: (*title).to_owned(),
            kind: None,
            text: None,
        },
        WayToPay::Manual(method) => PaymentMethod {
            gateway: MANUAL.to_owned(),
            method: method.handle.clone(),
            title: method.title.clone(),
            kind: Some(method.kind.as_str().to_owned()),
            text: Some(method.instructions.replace("{amount}", &total).replace("{order}", "…")),
        },
    };
    let methods = api.engine.ways_to_pay(&visitor.store).iter().map(method).collect();
    Ok(ok(&PaymentMethods { methods }))
}

/// Ways to ship a cart
///
/// What each costs for this cart and its shipping address, and which are not to be had for it and why.
#[utoipa::path(
    get, path = "/api/v1/carts/{cart_id}/shipping-methods", tag = "Carts", params(LocaleQuery),
    responses(
        (status = 200, description = "The methods.", body = ShippingMethods),
        (status = 404, description = "`cart_not_found`, `cart_expired`, `cart_removed`, `store_not_found`."),
    ),
)]
pub(crate) async fn read_cart_shipping_methods(
    State(api): State<Shared>,
    visitor: Visitor,
    CartPath(id): CartPath,
    Query(query): Query<LocaleQuery>,
) -> Outcome {
    let view = api.engine.cart(&visitor.store, id, &visitor.cart_access()?).await?;
    let form = form_of(&view, query.locale);
    let mut answer = ShippingMethods { methods: Vec::new(), unavailable: Vec::new() };
    for OfferedMethod { method, fee } in api.engine.shipping_methods(&view) {
        let (handle, name, days) = (method.handle.clone(), method.name.clone(), method.estimated_days);
        match fee {
            Ok(fee) => answer.methods.push(ShippingMethod {
                handle,
                name,
                price: form.money(fee),
                min_days: days.map(|days| i64::from(days.fewest)),
                max_days: days.map(|days| i64::from(days.most)),
            }),
            Err(why) => {
                let (reason, detail) = why_not(why, view.cart.currency);
                answer.unavailable.push(UnavailableMethod { handle, name, reason: reason.to_owned(), detail });
            }
        }
    }
    Ok(ok(&answer))
}

fn why_not(why: CannotShip, currency: Currency) -> (&'static str, String) {
    let (code, detail) = match why {
        CannotShip::OutsideZones => ("outside_zones", "It does not go to the shipping address."),
        CannotShip::TooHeavy => ("too_heavy", "The order is too heavy for it."),
        CannotShip::BelowLeastValue => ("below_least_value", "The order is worth too little for it."),
        CannotShip::OtherCurrency => ("other_currency", "It is for orders in another currency."),
        CannotShip::NoFeeInCurrency => return ("no_fee_in_currency", format!("It has no fee in {currency}.")),
        CannotShip::GoodsExcluded => ("goods_excluded", "It does not carry all of these goods."),
    };
    (code, detail.to_owned())
}
