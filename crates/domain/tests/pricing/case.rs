//! Reads the pricing cases of other sources, and turns one of another engine into a shop of ours.

use crate::peer_case::PeerCase;
use crate::shop::{Line, Shop, promotion_of};
use cartwright_domain::pricing::Quote;
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

/// A file of cases: where the environment points, or beside the workspace.
pub fn read(file: &str) -> Option<Value> {
    let folder = match std::env::var_os("CARTWRIGHT_TEST_CASES") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/cases")),
    };
    let path = folder.join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        leave_out(&format!("what needs {} (set CARTWRIGHT_TEST_CASES to have it elsewhere)", path.display()));
        return None;
    };
    Some(serde_json::from_str(&text).expect("a file of cases is JSON"))
}

/// Says that a part of the tests is not run: aloud, and in the list that `./test` shows at its end.
fn leave_out(what: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("{test}: {what}\n");
    eprint!("left out: {line}");
    let Some(list) = std::env::var_os("CARTWRIGHT_TEST_LEFT_OUT") else { return };
    let list = std::fs::OpenOptions::new().create(true).append(true).open(list);
    list.and_then(|mut list| list.write_all(line.as_bytes())).expect("the list of what was left out can be written");
}

/// The shop a case describes.
pub fn shop(case: &PeerCase) -> Shop {
    let mut shop = Shop::new(case.currency);
    shop.prices_include_tax = case.prices_include_tax;
    shop.policy = case.policy.clone();
    shop.shipping = case.shipping;
    shop.tax_exempt = case.tax_exempt;
    let line = |(at, line): (usize, &crate::peer_case::PeerLine)| Line {
        id: at as u128 + 1,
        tags: line.tags.clone(),
        tax_category: line.sku.clone(),
        sku: line.sku.clone(),
        unit_price: line.unit_price,
        quantity: line.quantity,
        min_unit_price: line.min_unit_price,
    };
    shop.lines = case.lines.iter().enumerate().map(line).collect();
    for (at, promotion) in case.promotions.iter().enumerate() {
        shop.promotions.push(Arc::new(promotion_of(at as u128 + 1, promotion.clone())));
    }
    let rate = |rate: &Value| serde_json::from_value(rate.clone()).expect("a rate");
    shop.rates = case.rates.iter().map(rate).collect();
    shop
}

/// The figures of a quote by the names that the cases have for them.
pub fn figures(quote: &Quote, fee: i64) -> Value {
    let totals = &quote.totals;
    json!({
        "subtotal": totals.subtotal - fee,
        "discount": totals.discount,
        "shipping": totals.shipping,
        "tax": totals.tax,
        "tax_added": totals.tax_added,
        "tax_included": totals.tax_included,
        "net_total": totals.total - totals.tax_included,
        "shipping_tax": quote.shipping.tax_added + quote.shipping.tax_included,
        "total": totals.total,
        "fee": fee,
        "line_discounts": quote.lines.iter().map(|line| line.discount).collect::<Vec<_>>(),
    })
}
