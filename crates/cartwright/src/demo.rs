//! Demo data (`serve --demo`): loaded through the public interface, as any shop would. Loading it again changes nothing
//! but what an operator has removed.

use anyhow::Context;
use cartwright_client::{CartAccess, Client};
use cartwright_wire::{CreateCart, LineInput, PromotionInput, ShippingTable, TaxTable, UpsertOutcome, UpsertProducts};

const PRODUCTS: &str = include_str!("../demo/products.json");
const PROMOTIONS: &str = include_str!("../demo/promotions.json");
const SHIPPING: &str = include_str!("../demo/shipping.json");
const TAX: &str = include_str!("../demo/tax.json");

/// Loads the demo data into the default store of a running server, unless it has products already.
pub async fn load(url: &str, api_key: &str) -> anyhow::Result<()> {
    let client = Client::builder().url(url).api_key(api_key).build()?;
    let present = client.admin_products(&Default::default()).take(1).await.context("demo data")?;
    if !present.is_empty() {
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
    shopper(&client).await.context("demo cart")
}

/// A customer's cart with one item in it and one saved for later.
async fn shopper(client: &Client) -> Result<(), cartwright_client::Error> {
    let line = |sku: &str| LineInput { sku: Some(sku.to_owned()), quantity: 1, ..LineInput::default() };
    let lines = vec![line("PEN"), line("MUG")];
    let cart = CreateCart { customer: Some("demo".to_owned()), lines, ..CreateCart::default() };
    let cart = client.create_cart(&cart).await?;
    if let Some(line) = cart.lines.last() {
        client.save_line(&CartAccess::of(&cart), line.id).await?;
    }
    Ok(())
}
