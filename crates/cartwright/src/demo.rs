//! Demo data (`serve --demo`): loaded through the public interface, as any shop would. Loading it again changes nothing
//! but what an operator has removed.

use crate::database::Database;
use crate::serve::default_store;
use anyhow::Context;
use cartwright_client::{CartAccess, Client};
use cartwright_domain::account::NewSecret;
use cartwright_domain::command::{AccountCommand, Command};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::store::Store;
use cartwright_engine::{Engine, ProductQuery};
use cartwright_wire::{
    AddLines, ChangeCart, Checkout, CreateCart, LineInput, LogIn, PaymentInput, PromotionInput, SessionKind,
    SetPassword, ShippingTable, StoreInput, TaxTable, UpsertOutcome, UpsertProducts,
};
use serde_json::json;
use sha2::{Digest, Sha256};

const PRODUCTS: &str = include_str!("../demo/products.json");
const PROMOTIONS: &str = include_str!("../demo/promotions.json");
const SHIPPING: &str = include_str!("../demo/shipping.json");
const TAX: &str = include_str!("../demo/tax.json");

/// The demo's customer. Nothing is secret in a shop of which everybody knows the data.
pub const CUSTOMER: &str = "demo@example.com";
/// Their password.
pub const PASSWORD: &str = "demo-password";
const LEFT_BY: &str = "forgetful@example.com";

/// Loads the demo data into the default store of a running server, if that is as a new installation has it: what somebody has
/// set up is theirs.
pub async fn load(url: &str, api_key: &str, engine: &Engine) -> anyhow::Result<()> {
    let client = Client::builder().url(url).api_key(api_key).build()?;
    let present = client.admin_products(&Default::default()).take(1).await.context("demo data")?;
    if !present.is_empty() || !is_untouched(engine) {
        return Ok(());
    }
    let products: UpsertProducts = serde_json::from_str(PRODUCTS).context("demo/products.json")?;
    let report = client.upsert_products(&products).await.context("demo products")?;
    if let Some(refused) = report.results.iter().find(|result| result.outcome == UpsertOutcome::Refused) {
        anyhow::bail!("demo product {} was refused: {:?}", refused.handle, refused.reason);
    }
    let promotions: Vec<PromotionInput> = serde_json::from_str(PROMOTIONS).context("demo/promotions.json")?;
    for promotion in &promotions {
        client.create_promotion(promotion).await.context("demo promotion")?;
    }
    let shipping: ShippingTable = serde_json::from_str(SHIPPING).context("demo/shipping.json")?;
    client.set_shipping_table(&shipping).await.context("demo shipping methods")?;
    let tax: TaxTable = serde_json::from_str(TAX).context("demo/tax.json")?;
    client.set_tax_table(&tax).await.context("demo tax rates")?;
    client.put_store(&demo_store(engine)).await.context("demo settings")?;
    let guest = Client::builder().url(url).build()?;
    left_cart(&guest).await.context("demo cart that was left")?;
    confirm_customer(&guest, engine).await.context("demo customer")?;
    let login = LogIn {
        email: CUSTOMER.to_owned(),
        password: PASSWORD.to_owned(),
        kind: SessionKind::Program,
        guest_cart: None,
        device: None,
    };
    let session = guest.log_in(&login).await.context("demo customer")?;
    let token = session.token.context("a program's session has a token")?;
    let customer = Client::builder().url(url).session(token).build()?;
    past_and_present(&customer).await.context("demo customer's orders and cart")?;
    customer.log_out().await.context("demo customer")
}

/// Whether nobody has set up the default store yet.
fn is_untouched(engine: &Engine) -> bool {
    let stores = engine.stores();
    let Some(config) = stores.iter().find(|config| config.store.handle == "default") else { return false };
    config.promotions.is_empty() && is_as_new(&config.store)
}

fn is_as_new(store: &Store) -> bool {
    let Store { id, version, .. } = *store;
    *store == Store { id, version, ..default_store() }
}

/// Whether nobody has set up a shop in this database yet.
pub fn is_wanted(database: &Database) -> anyhow::Result<bool> {
    crate::in_runtime(async {
        let reader = database.open_reader().await?;
        let stores = reader.stores().await?;
        let Some(store) = stores.iter().find(|store| store.handle == "default") else { return Ok(stores.is_empty()) };
        let any = ProductQuery { inactive: true, limit: 1, ..ProductQuery::default() };
        let is_empty =
            reader.products(store.id, &any).await?.is_empty() && reader.promotions(store.id).await?.is_empty();
        Ok(is_empty && is_as_new(store))
    })
}

/// It reminds of carts after a minute, so that there is something to see, and can be paid by every gateway.
fn demo_store(engine: &Engine) -> StoreInput {
    // The forgetful guest's address answers nobody, so nobody could confirm it.
    let recovery = json!({ "enabled": true, "stage_minutes": [1, 60, 1440], "guest_consent": "trusted" });
    StoreInput {
        handle: "default".to_owned(),
        name: Some("Default store".to_owned()),
        currency: Some("EUR".to_owned()),
        hosts: None,
        settings: Some(json!({
            "storefront_url": "https://shop.example",
            "recovery": recovery,
            "gateways": engine.gateways(),
            "manual_methods": [
                {
                    "handle": "transfer",
                    "kind": "bank_transfer",
                    "title": "Bank transfer",
                    "instructions": "Please transfer {amount} to DE02 1203 0000 0000 2020 51 and name order {order}.",
                },
                {
                    "handle": "invoice",
                    "kind": "invoice",
                    "title": "Invoice",
                    "instructions": "The invoice over {amount} comes with the parcel.",
                    "days": 30,
                    "place": "at_once",
                },
            ],
        })),
    }
}

fn line(sku: &str) -> LineInput {
    LineInput { sku: Some(sku.to_owned()), quantity: 1, ..LineInput::default() }
}

fn one(sku: &str) -> AddLines {
    AddLines { sku: Some(sku.to_owned()), quantity: Some(1), ..AddLines::default() }
}

/// A guest's cart whose owner wants to be reminded of it.
async fn left_cart(guest: &Client) -> Result<(), cartwright_client::Error> {
    let email = Some(LEFT_BY.to_owned());
    let cart = CreateCart { email, lines: vec![line("TSHIRT"), line("MUG")], ..CreateCart::default() };
    let cart = guest.create_cart(&cart).await?;
    let consent = ChangeCart { email_consent: true.into(), ..ChangeCart::default() };
    guest.change_cart(&CartAccess::of(&cart), &consent).await.map(drop)
}

/// Registers the customer with a secret that is known here, where others read it in the mail.
async fn confirm_customer(guest: &Client, engine: &Engine) -> anyhow::Result<()> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).context("no randomness")?;
    let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let secret = NewSecret { hash: Sha256::digest(&text).into(), text: text.clone() };
    let store = engine.stores().into_iter().find(|store| store.store.handle == "default").context("no store")?;
    let email = EmailAddress::parse(CUSTOMER).context("demo customer")?;
    let name = Some("Dana Demo".to_owned());
    let register = AccountCommand::Register { email, name, locale: None, secret };
    engine.run(&store, Command::Account(register)).await?;
    guest.verify_account(&SetPassword { token: text, password: PASSWORD.to_owned() }).await?;
    Ok(())
}

/// An order of the past, and a cart with one item in it and one saved for later.
async fn past_and_present(customer: &Client) -> Result<(), cartwright_client::Error> {
    let bought = CartAccess::of(&customer.account_cart().await?);
    let shown = customer.add_lines(&bought, None, &one("MUG")).await?;
    let payment = PaymentInput { gateway: "test".to_owned(), method: "ok".to_owned() };
    let expected_total = Some(shown.totals.total.amount);
    customer.checkout(&bought, "demo-order", &Checkout { expected_total, payment, idempotency_key: None }).await?;
    let open = CartAccess::of(&customer.account_cart().await?);
    customer.add_lines(&open, None, &one("PEN")).await?;
    let cart = customer.add_lines(&open, None, &one("MUG")).await?;
    if let Some(line) = cart.lines.last() {
        customer.save_line(&open, line.id).await?;
    }
    Ok(())
}
