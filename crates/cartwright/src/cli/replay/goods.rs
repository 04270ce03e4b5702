//! Puts the articles that the invoices need into the catalogue, with stock for all of them.

use super::invoices::{Invoice, Plan};
use crate::cli::catalogue::progress_bar;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use cartwright_client::wire::{ProductInput, StockRule, UpsertOutcome, UpsertProducts, VariantInput};
use std::collections::{BTreeMap, HashMap};

const BATCH: usize = 200;
/// Units beyond what the invoices need: an order whose outcome is still open may hold some.
const SPARE_UNITS: i64 = 1_000;

/// Unit prices as they stand in the shop, minor units by SKU.
pub(crate) type Prices = HashMap<String, i64>;

/// Creates or completes the articles of these invoices; the prices they have then.
pub(crate) async fn put(plan: &Plan, invoices: &[&Invoice], terminal: &Terminal) -> Result<Prices, Failure> {
    let products = products_of(plan, invoices);
    let bar = progress_bar(products.len(), "articles");
    for batch in products.chunks(BATCH) {
        let products = UpsertProducts { products: batch.to_vec(), stock: StockRule::Set };
        let report = terminal.client.upsert_products(&products).await?;
        let refused = report.results.iter().find(|result| result.outcome == UpsertOutcome::Refused);
        if let Some(refused) = refused {
            let reason = refused.reason.as_deref().unwrap_or("no reason given");
            return Err(Failure::Unexpected(format!(
                "the shop does not take the article {}: {reason}",
                refused.handle
            )));
        }
        bar.inc(batch.len() as u64);
    }
    bar.finish_and_clear();
    let variants = products.iter().flat_map(|product| &product.variants);
    Ok(variants.map(|variant| (variant.sku.clone(), variant.price.unwrap_or_default())).collect())
}

fn products_of(plan: &Plan, invoices: &[&Invoice]) -> Vec<ProductInput> {
    // Price at first and units in all, by article and place.
    let mut wanted: BTreeMap<(usize, usize), (i64, i64)> = BTreeMap::new();
    for line in invoices.iter().flat_map(|invoice| &invoice.lines) {
        wanted.entry((line.article, line.place)).or_insert((line.price, 0)).1 += line.quantity;
    }
    let mut products: BTreeMap<usize, ProductInput> = BTreeMap::new();
    for ((article, place), (price, units)) in wanted {
        let goods = &plan.articles[article];
        let product = products.entry(article).or_insert_with(|| empty_product(&goods.handle, &goods.name));
        let further = (place > 1).then(|| ("Price".to_owned(), format!("no. {place} on one invoice")));
        product.variants.push(VariantInput {
            sku: goods.sku(place),
            attributes: further.into_iter().collect::<BTreeMap<_, _>>().into(),
            price: Some(price),
            on_hand: Some(units + SPARE_UNITS),
            ..VariantInput::default()
        });
    }
    products.into_values().collect()
}

fn empty_product(handle: &str, name: &str) -> ProductInput {
    ProductInput { handle: handle.to_owned(), name: Some(name.to_owned()), ..ProductInput::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_article_has_stock_for_all_invoices_and_the_price_of_the_first() {
        let text = "InvoiceNo,StockCode,Description,Quantity,UnitPrice,CustomerID\n\
                    1,A,x,2,1.00,\n2,A,x,3,1.50,\n2,A,x,4,1.75,\n";
        let plan = Plan::read(text.as_bytes(), 2, usize::MAX).expect("a plan");
        let products = products_of(&plan, &plan.invoices.iter().collect::<Vec<_>>());
        let variants: Vec<_> = products[0].variants.iter().map(|v| (v.sku.as_str(), v.price, v.on_hand)).collect();
        assert_eq!(variants, [("A", Some(100), Some(5 + SPARE_UNITS)), ("A/2", Some(175), Some(4 + SPARE_UNITS))]);
        let rest = products_of(&plan, &[&plan.invoices[0]]);
        assert_eq!(rest[0].variants.len(), 1);
    }
}
