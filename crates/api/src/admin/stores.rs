//! `/admin/stores`.

use super::definition;
use crate::access::Operator;
use crate::input::{Body, Check, StorePath, write_whole};
use crate::locale::{self, Locale};
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::respond::ok;
use crate::state::{Api, Shared};
use axum::extract::State;
use cartwright_domain::cart::{MAX_COUPONS, MAX_QUANTITY};
use cartwright_domain::command::{AccountCommand, Command, StoreChange};
use cartwright_domain::forget::Retention;
use cartwright_domain::host::{plain_host, plain_origin};
use cartwright_domain::id::StoreId;
use cartwright_domain::money::{Currency, MOST_AMOUNT};
use cartwright_domain::recovery::STAGES;
use cartwright_domain::store::{
    ANY_ORIGIN, HoldPolicy, PricePolicy, StockShown, Store, StoreConfig, StoreSettings, TaxElsewhere,
};
use cartwright_wire as wire;
use cartwright_wire::{Patch, StoreInput, StorePatch, Stores};
use serde_json::{Map, Value};
use std::sync::Arc;

/// Most origins that a store allows.
const MOST_ORIGINS: usize = 50;
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

/// Reads a store
#[utoipa::path(
    get, path = "/api/v1/admin/stores/{store}", tag = "Stores",
    responses(
        (status = 200, description = "The store.", body = wire::Store),
        (status = 404, description = "`store_not_found`."),
    ),
)]
pub(crate) async fn read_store(State(api): State<Shared>, operator: Operator, StorePath(handle): StorePath) -> Outcome {
    let stores = api.engine.stores();
    Ok(ok(&store_of(opened(&operator, &stores, &handle)?)))
}

/// The store of this handle, which the key must open.
fn opened<'a>(operator: &Operator, stores: &'a [Arc<StoreConfig>], handle: &str) -> Outcome<&'a Arc<StoreConfig>> {
    let found = stores.iter().find(|config| config.store.handle == handle);
    if operator.bound_to.is_some_and(|own| found.is_none_or(|config| config.store.id != own)) {
        return Err(Problem::new(&kinds::OTHER_STORE, "This key does not open this store."));
    }
    found.ok_or_else(|| Problem::new(&kinds::STORE_NOT_FOUND, "There is no such store."))
}

/// Changes a store
///
/// A JSON Merge Patch: what is absent stays, in the settings too; a setting that is `null` takes its default. A key that is bound
/// to one store changes that store only.
#[utoipa::path(
    patch, path = "/api/v1/admin/stores/{store}", tag = "Stores", request_body = StorePatch,
    responses(
        (status = 200, description = "The store.", body = wire::Store),
        (status = 404, description = "`store_not_found`."),
        (status = 409, description = "`conflict`: a host leads to another store; `definition_refused`."),
    ),
)]
pub(crate) async fn change_store(
    State(api): State<Shared>,
    operator: Operator,
    StorePath(handle): StorePath,
    Body(patch): Body<StorePatch>,
) -> Outcome {
    let stores = api.engine.stores();
    let config = opened(&operator, &stores, &handle)?;
    let hosts = patch.hosts.or_unset(Vec::new());
    let settings = match patch.settings {
        Patch::Unset => Some(every_default(&config.store.settings)),
        settings => settings.as_set().cloned().map(object).transpose()?,
    };
    let changed = change(&api, &operator, config, &stores, patch.name, hosts, settings).await?;
    Ok(ok(&store_of(&changed)))
}

/// Sets what is stated; the rest stays.
async fn change(
    api: &Api,
    operator: &Operator,
    config: &Arc<StoreConfig>,
    stores: &[Arc<StoreConfig>],
    name: Option<String>,
    hosts: Option<Vec<String>>,
    merge: Option<Map<String, Value>>,
) -> Outcome<Arc<StoreConfig>> {
    let hosts = hosts_of(operator, Some(config), stores, &config.store.handle, hosts.as_deref())?;
    if let Some(merge) = &merge {
        let merged = config.store.settings.merged_json(merge).unwrap_or_default();
        check_gateways(api, Some(config), &settings_of(merged)?)?;
    }
    let change = StoreChange { name, hosts, merge, ..StoreChange::default() };
    api.engine.run(config, Command::ChangeStore(Box::new(change))).await?;
    api.stores.forget();
    Ok(api.engine.store(config.store.id).unwrap_or_else(|| config.clone()))
}

/// Settings are an object; whole numbers may be written with a point.
fn object(mut settings: Value) -> Outcome<Map<String, Value>> {
    write_whole(&mut settings);
    match settings {
        Value::Object(settings) => Ok(settings),
        _ => Err(Problem::invalid_field("settings", "must be an object")),
    }
}

/// Sets all settings that are not their defaults to these.
fn every_default(settings: &StoreSettings) -> Map<String, Value> {
    let all = serde_json::to_value(settings).unwrap_or_default();
    let names = all.as_object().into_iter().flat_map(Map::keys);
    names.map(|name| (name.clone(), Value::Null)).collect()
}

/// Creates a store, or changes it
///
/// By handle. Of a store that is there, what is absent stays as it was, in the settings too; a setting that is `null` takes its
/// default. The currency of a store cannot be changed. A key that is bound to one store changes that store only.
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
    let wrong = || Problem::invalid_field("currency", "must be an ISO 4217 code");
    let currency: Option<Currency> =
        request.currency.as_deref().map(|code| code.parse().map_err(|_| wrong())).transpose()?;
    let merge = request.settings.map(object).transpose()?;
    let put = match existing {
        Some(config) if currency.is_some_and(|currency| config.store.currency != currency) => {
            return Err(Problem::new(&kinds::CONFLICT, "The currency of a store cannot be changed."));
        }
        Some(config) => change(&api, &operator, config, &stores, request.name, request.hosts, merge).await?,
        None => {
            let hosts = hosts_of(&operator, None, &stores, &request.handle, request.hosts.as_deref())?;
            // Nothing stands before it: what is `null` is absent.
            let settings = StoreSettings::default().merged_json(&merge.unwrap_or_default()).unwrap_or_default();
            let settings = settings_of(settings)?;
            check_gateways(&api, None, &settings)?;
            let store = Store {
                // The storage gives the id.
                id: StoreId(0),
                version: 0,
                name: request.name.unwrap_or_else(|| request.handle.clone()),
                handle: request.handle,
                currency: currency.ok_or_else(|| Problem::invalid_field("currency", "is needed for a new store"))?,
                hosts: hosts.unwrap_or_default(),
                settings: StoreSettings { priced_in: Vec::new(), ..settings },
                shipping_methods: Vec::new(),
                tax_rates: Vec::new(),
            };
            let made = api.engine.create_store(store).await?;
            // Stores are made past the lane's commands; the log is to tell of it all the same.
            api.engine.run(&made, Command::Account(AccountCommand::Note)).await?;
            api.stores.forget();
            made
        }
    };
    Ok(ok(&store_of(&put)))
}

/// Reads settings. Zero days or minutes would end carts and payments as they begin.
fn settings_of(value: Value) -> Outcome<StoreSettings> {
    let mut settings: StoreSettings = definition::read("settings", value)?;
    let mut check = Check::default();
    check_origins(&mut settings.allowed_origins, &mut check);
    let spans = [
        ("settings.guest_cart_days", settings.guest_cart_days),
        ("settings.cart_event_days", settings.cart_event_days),
        ("settings.customer_cart_days", settings.customer_cart_days),
        ("settings.payment_minutes", settings.payment_minutes),
    ];
    for (field, span) in spans {
        check.number(field, i64::from(span), 1..=i64::from(u16::MAX));
    }
    check_retention(settings.retention, &mut check);
    let most_codes = MAX_COUPONS as i64;
    check.number("settings.codes_per_cart", i64::from(settings.codes_per_cart), 1..=most_codes);
    check.number("settings.mails_per_address", i64::from(settings.mails_per_address), 3..=1_000);
    check.number("settings.line_options_bytes", i64::from(settings.line_options_bytes), 0..=65_536);
    check.number("settings.cart_bytes", i64::from(settings.cart_bytes), 16_384..=1_048_576);
    check.number("settings.authorization_days", i64::from(settings.authorization_days), 1..=30);
    if let Some(unit) = &settings.pricing.cash_rounding {
        let fits = unit.are_within(1..=COARSEST_CASH);
        check.expect(fits, || "settings.pricing.cash_rounding".to_owned(), "must be between 1 and 1000000");
    }
    check_goods(&settings, &mut check);
    check_places(&settings, &mut check);
    if let Some(locale) = &settings.locale {
        check.expect(Locale::parse(locale).is_some(), || "settings.locale".to_owned(), locale::EXPECTED);
    }
    if let Some(url) = &settings.storefront_url {
        let rest = url.strip_prefix("https://").or(url.strip_prefix("http://")).unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
        let fits = url.len() <= 200 && !rest.is_empty() && rest.bytes().all(plain);
        check.expect(fits, || "settings.storefront_url".to_owned(), "must be an address such as https://shop.example");
    }
    if let PricePolicy::Captured { minutes } = settings.price_policy {
        let most = i64::from(PricePolicy::MOST_MINUTES);
        check.number("settings.price_policy.minutes", i64::from(minutes), 1..=most);
    }
    if let HoldPolicy::AtAdd { minutes, max_units } = settings.hold_policy {
        check.number("settings.hold_policy.minutes", i64::from(minutes), 1..=i64::from(HoldPolicy::MOST_MINUTES));
        check.number("settings.hold_policy.max_units", i64::from(max_units), 1..=i64::from(HoldPolicy::MOST_UNITS));
    }
    check_recovery(&settings, &mut check);
    check.finish()?;
    check_together(&settings)?;
    Ok(settings)
}

/// Brings origins to the one form in which browsers write them, each once.
fn check_origins(origins: &mut Vec<String>, check: &mut Check) {
    check.items("settings.allowed_origins", origins.len(), 0..=MOST_ORIGINS);
    let mut plain = Vec::with_capacity(origins.len().min(MOST_ORIGINS));
    for (index, origin) in origins.iter().enumerate().take(MOST_ORIGINS) {
        let found = if origin == ANY_ORIGIN { Some(origin.clone()) } else { plain_origin(origin) };
        let expected = "must be an origin such as https://shop.example, without a path, or `*`";
        check.expect(found.is_some(), || format!("settings.allowed_origins[{index}]"), expected);
        plain.extend(found.filter(|found| !plain.contains(found)));
    }
    *origins = plain;
}

/// 0 keeps for good.
fn check_retention(retention: Retention, check: &mut Check) {
    let days = [
        ("checked_out_cart_days", retention.checked_out_cart_days),
        ("merged_cart_days", retention.merged_cart_days),
        ("expired_cart_days", retention.expired_cart_days),
        ("removed_cart_days", retention.removed_cart_days),
        ("unpaid_order_days", retention.unpaid_order_days),
    ];
    for (name, days) in days {
        check.number(&format!("settings.retention.{name}"), i64::from(days), 0..=3_650);
    }
}

/// A name that leads to no gateway is a slip of the pen, unless the store has had it before.
fn check_gateways(api: &Api, existing: Option<&Arc<StoreConfig>>, settings: &StoreSettings) -> Outcome<()> {
    let mut check = Check::default();
    let installed = api.engine.gateways();
    let before = existing.and_then(|config| config.store.settings.gateways.as_ref());
    let names = settings.gateways.iter().flatten();
    check.items("settings.gateways", names.clone().count(), 0..=20);
    for (index, name) in names.enumerate() {
        let known = installed.contains(&name.as_str()) || before.is_some_and(|names| names.contains(name));
        check.expect(known, || format!("settings.gateways[{index}]"), "is no gateway that this installation has");
    }
    check.finish()
}

/// How many goods one shopper may have, hold and see.
fn check_goods(settings: &StoreSettings, check: &mut Check) {
    let units = 1..=MAX_QUANTITY;
    if let Some(most) = settings.units_per_order {
        check.number("settings.units_per_order", i64::from(most), units.clone());
    }
    check.number("settings.unpaid_units", i64::from(settings.unpaid_units), units.clone());
    check.number("settings.short_hold_percent", i64::from(settings.short_hold_percent), 1..=100);
    if let StockShown::Low { units: most } = settings.stock_shown {
        check.number("settings.stock_shown.units", i64::from(most), units);
    }
}

/// Which currencies are offered, and where the store stands.
fn check_places(settings: &StoreSettings, check: &mut Check) {
    let listed = settings.currencies.as_deref().unwrap_or_default();
    check.items("settings.currencies", listed.len(), 0..=200);
    for (place, currency) in listed.iter().enumerate() {
        let twice = listed[..place].contains(currency);
        check.expect(!twice, || format!("settings.currencies[{place}]"), "stands twice");
    }
    let Some(home) = &settings.home else { return };
    check.country("settings.home.country", &home.country);
    for (name, text, most) in [("region", &home.region, 200), ("postcode", &home.postcode, 20)] {
        let fits = text.as_ref().is_none_or(|text| text.chars().count() <= most && !text.contains('\0'));
        check.expect(fits, || format!("settings.home.{name}"), "is too long");
    }
}

fn check_recovery(settings: &StoreSettings, check: &mut Check) {
    let recovery = &settings.recovery;
    check.items("settings.recovery.stage_minutes", recovery.stage_minutes.len(), STAGES..=STAGES);
    for minutes in &recovery.stage_minutes {
        check.number("settings.recovery.stage_minutes", i64::from(*minutes), 1..=525_600);
    }
    check.number("settings.recovery.hold_out_percent", i64::from(recovery.hold_out_percent), 0..=90);
    check.number("settings.recovery.link_days", i64::from(recovery.link_days), 1..=60);
    for (currency, value) in &recovery.high_value {
        check.currency("settings.recovery.high_value", currency);
        check.number("settings.recovery.high_value", *value, 1..=MOST_AMOUNT);
    }
    if let Some(quiet) = recovery.quiet_hours {
        check.number("settings.recovery.quiet_hours.from_minute", i64::from(quiet.from_minute), 0..=1439);
        check.number("settings.recovery.quiet_hours.until_minute", i64::from(quiet.until_minute), 0..=1439);
        let offset = i64::from(quiet.utc_offset_minutes.unwrap_or(0));
        check.number("settings.recovery.quiet_hours.utc_offset_minutes", offset, -840..=840);
    }
}

/// What one field cannot tell: whether settings go together.
fn check_together(settings: &StoreSettings) -> Outcome<()> {
    let recovery = &settings.recovery;
    let refuse = |detail: &'static str| Err(Problem::new(&kinds::DEFINITION_REFUSED, detail));
    if recovery.enabled && settings.storefront_url.is_none() {
        return refuse("Reminders need `storefront_url`, to which their links lead.");
    }
    if settings.tax_elsewhere == TaxElsewhere::NetPrices && settings.home.is_none() {
        return refuse("`tax_elsewhere` `net_prices` needs `home`, whose tax is in the prices.");
    }
    if !recovery.stage_minutes.is_sorted_by(|one, next| one < next) {
        return refuse("`recovery.stage_minutes` must rise.");
    }
    Ok(())
}

/// The hosts that a request lists, in their one form. A host leads to one store, and which it is only who runs the installation
/// may say: the owner of a store could otherwise take over what leads to another, or to the default store. None where it lists
/// none: then they stay as they are.
fn hosts_of(
    operator: &Operator,
    existing: Option<&Arc<StoreConfig>>,
    stores: &[Arc<StoreConfig>],
    handle: &str,
    listed: Option<&[String]>,
) -> Outcome<Option<Vec<String>>> {
    let Some(listed) = listed else { return Ok(None) };
    let mut hosts: Vec<String> = Vec::new();
    for host in listed.iter().filter_map(|host| plain_host(host)) {
        if !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    let plain =
        |config: &Arc<StoreConfig>| config.store.hosts.iter().filter_map(|host| plain_host(host)).collect::<Vec<_>>();
    let own = existing.map(plain).unwrap_or_default();
    if operator.bound_to.is_some() && hosts.iter().any(|host| !own.contains(host)) {
        let detail =
            "Only a key for all stores gives a store a host. This one may keep the hosts of its store or remove them.";
        return Err(Problem::new(&kinds::OTHER_STORE, detail));
    }
    let others = stores.iter().filter(|config| config.store.handle != handle);
    match others.flat_map(plain).find(|host| hosts.contains(host)) {
        Some(host) => Err(Problem::new(&kinds::CONFLICT, format!("The host {host:?} leads to another store."))),
        None => Ok(Some(hosts)),
    }
}
