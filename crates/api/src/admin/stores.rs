//! `/admin/stores`.

use super::definition;
use crate::access::Operator;
use crate::input::{Body, Check};
use crate::locale::{self, Locale};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::ok;
use crate::state::Shared;
use axum::extract::State;
use cartwright_domain::command::{Command, StoreChange};
use cartwright_domain::id::StoreId;
use cartwright_domain::money::Currency;
use cartwright_domain::store::{PricePolicy, Store, StoreConfig, StoreSettings};
use cartwright_wire as wire;
use cartwright_wire::{StoreInput, Stores};
use serde_json::Value;
use std::sync::Arc;

/// Coarsest rounding of totals to cash, minor units.
const COARSEST_CASH: i64 = 1_000_000;

/// Lists stores
///
/// Those that the key opens.
#[utoipa::path(
    get, path = "/api/v1/admin/stores", tag = "Stores",
    responses((status = 200, description = "The stores.", body = Stores)),
)]
pub(crate) async fn list_stores(State(api): State<Shared>, operator: Operator) -> Outcome {
    let all = api.engine.stores();
    let opened = all.iter().filter(|config| operator.bound_to.is_none_or(|own| own == config.store.id));
    Ok(ok(&Stores { stores: opened.map(|config| store_of(config)).collect() }))
}

fn store_of(config: &StoreConfig) -> wire::Store {
    let store = &config.store;
    wire::Store {
        handle: store.handle.clone(),
        name: store.name.clone(),
        currency: store.currency.code().to_owned(),
        hosts: store.hosts.clone(),
        settings: serde_json::to_value(&store.settings).unwrap_or_default(),
    }
}

/// Creates a store, or changes it
///
/// By handle. Settings that are absent take their defaults; without `settings` an existing store keeps its own. The currency of
/// a store cannot be changed. A key that is bound to one store changes that store only.
#[utoipa::path(
    post, path = "/api/v1/admin/stores", tag = "Stores", request_body = StoreInput,
    responses(
        (status = 200, description = "The store.", body = wire::Store),
        (status = 409, description = "`conflict`: a store of that name was created meanwhile, its currency is another, or a host leads to another store; `definition_refused`."),
    ),
)]
pub(crate) async fn put_store(
    State(api): State<Shared>,
    operator: Operator,
    Body(request): Body<StoreInput>,
) -> Outcome {
    let stores = api.engine.stores();
    let existing = stores.iter().find(|config| config.store.handle == request.handle);
    if operator.bound_to.is_some_and(|own| existing.is_none_or(|config| config.store.id != own)) {
        return Err(Problem::new(&kinds::OTHER_STORE, "This key does not open this store."));
    }
    check_hosts(&stores, &request)?;
    let settings = request.settings.map(settings_of).transpose()?;
    let currency: Currency = request
        .currency
        .parse()
        .map_err(|_| Problem::invalid(vec![crate::problem::field_error("currency", "must be an ISO 4217 code")]))?;
    let put = match existing {
        Some(config) if config.store.currency != currency => {
            return Err(Problem::new(&kinds::CONFLICT, "The currency of a store cannot be changed."));
        }
        Some(config) => {
            let change = StoreChange {
                name: Some(request.name),
                hosts: Some(request.hosts),
                settings,
                ..StoreChange::default()
            };
            api.engine.run(config, Command::ChangeStore(Box::new(change))).await?;
            api.engine.store(config.store.id).unwrap_or_else(|| config.clone())
        }
        None => {
            let store = Store {
                // The storage gives the id.
                id: StoreId(0),
                version: 0,
                handle: request.handle,
                name: request.name,
                currency,
                hosts: request.hosts,
                settings: settings.unwrap_or_default(),
                shipping_methods: Vec::new(),
                tax_rates: Vec::new(),
            };
            api.engine.create_store(store).await?
        }
    };
    api.stores.forget();
    Ok(ok(&store_of(&put)))
}

/// Reads settings. Zero days or minutes would end carts and payments as they begin.
fn settings_of(value: Value) -> Outcome<StoreSettings> {
    let settings: StoreSettings = definition::read("settings", value)?;
    let mut check = Check::default();
    let spans = [
        ("settings.guest_cart_days", settings.guest_cart_days),
        ("settings.customer_cart_days", settings.customer_cart_days),
        ("settings.payment_minutes", settings.payment_minutes),
    ];
    for (field, span) in spans {
        check.number(field, i64::from(span), 1..=i64::from(u16::MAX));
    }
    if let Some(unit) = settings.pricing.cash_rounding {
        check.number("settings.pricing.cash_rounding", unit, 1..=COARSEST_CASH);
    }
    if let Some(locale) = &settings.locale {
        check.expect(Locale::parse(locale).is_some(), || "settings.locale".to_owned(), locale::EXPECTED);
    }
    if let PricePolicy::Captured { minutes } = settings.price_policy {
        let most = i64::from(PricePolicy::MOST_MINUTES);
        check.number("settings.price_policy.minutes", i64::from(minutes), 1..=most);
    }
    check.finish()?;
    Ok(settings)
}

/// A host leads to one store.
fn check_hosts(stores: &[Arc<StoreConfig>], request: &StoreInput) -> Outcome<()> {
    let others = stores.iter().filter(|config| config.store.handle != request.handle);
    let taken = others.flat_map(|config| &config.store.hosts).find(|host| request.hosts.contains(host));
    match taken {
        Some(host) => Err(Problem::new(&kinds::CONFLICT, format!("The host {host:?} leads to another store."))),
        None => Ok(()),
    }
}
