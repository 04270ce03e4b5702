//! `/admin/shipping-methods` and `/admin/tax-rates`: two lists that are replaced as a whole.

use super::definition;
use crate::access::Operator;
use crate::input::{Body, Check};
use crate::problem::Outcome;
use crate::respond::ok;
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::command::{Command, StoreChange};
use cartwright_domain::shipping::{ShippingMethod, Zone};
use cartwright_domain::store::StoreConfig;
use cartwright_domain::tax::TaxRate;
use cartwright_wire::{ShippingTable, TaxTable};
use serde::Serialize;
use serde_json::Value;
use std::sync::Arc;

/// Reads how the store ships
#[utoipa::path(
    get, path = "/api/v1/admin/shipping-methods", tag = "Shipping and tax",
    responses((status = 200, description = "The methods.", body = ShippingTable)),
)]
pub(crate) async fn read_shipping_methods(operator: Operator) -> Outcome {
    Ok(ok(&ShippingTable { methods: values(&operator.store.store.shipping_methods) }))
}

/// Sets how the store ships
#[utoipa::path(
    put, path = "/api/v1/admin/shipping-methods", tag = "Shipping and tax", request_body = ShippingTable,
    responses(
        (status = 200, description = "The methods.", body = ShippingTable),
        (status = 409, description = "`definition_refused`: bands do not rise, a handle stands twice, or no postcode of a zone begins so."),
    ),
)]
pub(crate) async fn replace_shipping_methods(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<ShippingTable>,
) -> Outcome {
    let methods: Vec<ShippingMethod> = definition::read_all("methods", request.methods)?;
    let mut check = Check::default();
    for (index, method) in methods.iter().enumerate() {
        for (place, zone) in method.zones.iter().enumerate() {
            check_zone(&format!("methods[{index}].zones[{place}]"), zone, &mut check);
        }
    }
    check.finish()?;
    let store = put(&api, &operator, StoreChange { shipping_methods: Some(methods), ..StoreChange::default() }).await?;
    Ok(ok(&ShippingTable { methods: values(&store.store.shipping_methods) }))
}

/// Reads the store's tax rates
#[utoipa::path(
    get, path = "/api/v1/admin/tax-rates", tag = "Shipping and tax",
    responses((status = 200, description = "The rates.", body = TaxTable)),
)]
pub(crate) async fn read_tax_rates(operator: Operator) -> Outcome {
    Ok(ok(&TaxTable { rates: values(&operator.store.store.tax_rates) }))
}

/// Sets the store's tax rates
#[utoipa::path(
    put, path = "/api/v1/admin/tax-rates", tag = "Shipping and tax", request_body = TaxTable,
    responses(
        (status = 200, description = "The rates.", body = TaxTable),
        (status = 409, description = "`definition_refused`: a rate cannot be used, or no postcode of its zone begins so."),
    ),
)]
pub(crate) async fn replace_tax_rates(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<TaxTable>,
) -> Outcome {
    let rates: Vec<TaxRate> = definition::read_all("rates", request.rates)?;
    let mut check = Check::default();
    for (index, rate) in rates.iter().enumerate() {
        check_zone(&format!("rates[{index}].zone"), &rate.zone, &mut check);
    }
    check.finish()?;
    let store = put(&api, &operator, StoreChange { tax_rates: Some(rates), ..StoreChange::default() }).await?;
    Ok(ok(&TaxTable { rates: values(&store.store.tax_rates) }))
}

pub(super) fn check_zone(field: &str, zone: &Zone, check: &mut Check) {
    for (index, country) in zone.countries.iter().enumerate() {
        check.country(&format!("{field}.countries[{index}]"), country);
    }
}

async fn put(api: &Api, operator: &Operator, change: StoreChange) -> Outcome<Arc<StoreConfig>> {
    api.engine.run(&operator.store, Command::ChangeStore(Box::new(change))).await?;
    Ok(api.engine.store(operator.store.store.id).unwrap_or_else(|| operator.store.clone()))
}

fn values<T: Serialize>(items: &[T]) -> Vec<Value> {
    items.iter().map(|item| serde_json::to_value(item).unwrap_or_default()).collect()
}
