//! Pricing cases whose figures other engines state, through the public interface: each case has a store of its own with the
//! settings that it names, and is compared with what a cart of that store answers.

use crate::harness::{Answer, CartKey, Server, Shop, shared};
use crate::peer_case::PeerCase;
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

/// Cases that go on at once.
const AT_ONCE: usize = 8;
/// Cases that agree; never to be lowered.
const AGREE: usize = 155;

fn cases() -> Option<Vec<PeerCase>> {
    let file = shared("CARTWRIGHT_TEST_CASES", "cases")?.join("peer_pricing.json");
    let Ok(text) = std::fs::read_to_string(&file) else {
        crate::harness::leave_out(&format!("what needs {}", file.display()));
        return None;
    };
    let cases: Vec<Value> = serde_json::from_str(&text).expect("the case file is a list");
    let read = |case: &Value| PeerCase::read(case).expect("every case can be said in our terms");
    Some(cases.iter().map(read).collect())
}

#[tokio::test]
async fn figures_that_other_engines_state_are_what_a_cart_answers() {
    let Some(cases) = cases() else { return };
    let server = Server::start();
    let shop = server.shop();
    let mut results: Vec<Outcome> =
        futures_util::stream::iter(&cases).map(|case| outcome(&shop, case)).buffer_unordered(AT_ONCE).collect().await;
    results.sort_by(|a, b| a.id.cmp(&b.id));
    let (mut failed, mut agree, mut alternatives) = (Vec::new(), 0, 0);
    for outcome in &results {
        match &outcome.found {
            Ok(turned) => (agree, alternatives) = (agree + 1, alternatives + turned),
            Err(why) => failed.push(format!("{}: {why}", outcome.id)),
        }
    }
    println!("{agree} of {} cases agree, and {alternatives} alternatives of theirs", cases.len());
    let all = cases.iter().map(|case| case.alternatives().len()).sum::<usize>();
    assert_eq!((agree, alternatives), (cases.len(), all), "{}", failed.join("\n"));
    assert!(agree >= AGREE, "the file has lost cases: {agree} where there were {AGREE}");
    server.verify();
}

/// How many alternatives of a case agree, or what does not.
struct Outcome {
    id: String,
    found: Result<usize, String>,
}

async fn outcome(shop: &Shop, case: &PeerCase) -> Outcome {
    Outcome { id: case.id.clone(), found: compare(shop, case).await }
}

async fn compare(shop: &Shop, case: &PeerCase) -> Result<usize, String> {
    put_store(shop, case).await?;
    let store = shop.of_store(&case.id);
    furnish(&store, case).await?;
    let cart = fill(&store, case).await?;
    agrees(&store, &cart, case).await?;
    let turned = case.alternatives();
    for (setting, case) in &turned {
        put_store(shop, case).await?;
        agrees(&store, &cart, case).await.map_err(|why| format!("with {setting}: {why}"))?;
    }
    Ok(turned.len())
}

/// The case's store, or its settings where there is one.
async fn put_store(shop: &Shop, case: &PeerCase) -> Result<Value, String> {
    let settings = json!({"prices_include_tax": case.prices_include_tax, "pricing": case.policy});
    let store =
        |settings| json!({"handle": case.id, "name": case.id, "currency": case.currency.code(), "settings": settings});
    // What the policy does not say is to be as if it had never been said.
    done(shop.post("/admin/stores", &store(json!({"pricing": null}))).send().await)?;
    done(shop.post("/admin/stores", &store(settings)).send().await)
}

/// Goods, promotions, tax rates, and the way to ship.
async fn furnish(store: &Shop, case: &PeerCase) -> Result<(), String> {
    let report = done(store.post("/admin/products", &json!({"products": products(case)})).send().await)?;
    let results = report["results"].as_array().ok_or("no results")?;
    if results.iter().any(|result| result["outcome"] == "refused") {
        return Err(report.to_string());
    }
    for (at, promotion) in case.promotions.iter().enumerate() {
        let mut definition = promotion.clone();
        definition["name"] = json!(format!("promotion {at}"));
        // Promotions of equal priority count as they were made, to the millisecond; these may be made within one.
        let order = (case.promotions.len() - at) as i64;
        definition["priority"] = json!(promotion["priority"].as_i64().unwrap_or(0) * 100 + order);
        done(store.post("/admin/promotions", &json!({"definition": definition})).send().await)?;
    }
    done(store.ask(Method::PUT, "/admin/tax-rates").json(&json!({"rates": case.rates})).send().await)?;
    if let Some(fee) = case.shipping {
        let method = json!({"handle": "flat", "name": "Flat", "rate": {"kind": "flat", "amount": fee}});
        done(store.ask(Method::PUT, "/admin/shipping-methods").json(&json!({"methods": [method]})).send().await)?;
    }
    Ok(())
}

fn products(case: &PeerCase) -> Vec<Value> {
    let product = |(at, line): (usize, &crate::peer_case::PeerLine)| {
        let mut variant = json!({"sku": line.sku, "price": line.unit_price, "track_stock": false});
        if let Some(floor) = line.min_unit_price {
            variant["min_unit_price"] = json!(floor);
        }
        let handle = format!("goods-{at}");
        json!({"handle": handle, "name": line.sku, "tags": line.tags, "tax_category": line.sku, "variants": [variant]})
    };
    case.lines.iter().enumerate().map(product).collect()
}

/// A cart with the case's goods; what opens it. An operator's for a customer who is exempt, otherwise a guest's.
async fn fill(store: &Shop, case: &PeerCase) -> Result<CartKey, String> {
    let line = |line: &crate::peer_case::PeerLine| json!({"sku": line.sku, "quantity": line.quantity});
    let mut request = json!({"lines": case.lines.iter().map(line).collect::<Vec<_>>()});
    if case.tax_exempt {
        let customer = json!({"tax_exempt": true, "groups": []});
        done(store.ask(Method::PUT, "/admin/customers/exempt").json(&customer).send().await)?;
        request["customer"] = json!("exempt");
    }
    let asking = if case.tax_exempt { store.clone() } else { store.guest() };
    let cart = done(asking.post("/carts", &request).send().await)?;
    let text = |name: &str| cart[name].as_str().unwrap_or_default().to_owned();
    let key = CartKey { id: text("id"), token: text("token") };
    if case.shipping.is_some() {
        let change = json!({"shipping_address": {"country": "DE"}, "shipping_method": "flat"});
        done(store.patch(&key.path(""), &change).send().await)?;
    }
    Ok(key)
}

/// Whether the cart answers the figures of the case.
async fn agrees(store: &Shop, cart: &CartKey, case: &PeerCase) -> Result<(), String> {
    let cart = done(store.get(&cart.path("")).send().await)?;
    let differences = case.differences(&figures(&cart, case.fee));
    if differences.is_empty() { Ok(()) } else { Err(differences.join(", ")) }
}

/// The figures of a cart by the names that the cases have for them. The tax on shipping alone is not shown.
fn figures(cart: &Value, fee: i64) -> Value {
    let amount = |money: &Value| money["amount"].as_i64().expect("an amount");
    let total = |name: &str| amount(&cart["totals"][name]);
    let rates = cart["taxes"].as_array().expect("taxes");
    let by_rate = |included: bool| -> i64 {
        rates.iter().filter(|rate| rate["included"] == included).map(|rate| amount(&rate["amount"])).sum()
    };
    assert_eq!(by_rate(true) + by_rate(false), total("tax"), "tax by rate sums to the tax: {cart}");
    let lines = cart["lines"].as_array().expect("lines");
    json!({
        "subtotal": total("subtotal") - fee,
        "discount": total("discount"),
        "shipping": total("shipping"),
        "tax": total("tax"),
        "tax_added": by_rate(false),
        "tax_included": by_rate(true),
        "net_total": total("total") - by_rate(true),
        "total": total("total"),
        "fee": fee,
        "line_discounts": lines.iter().map(|line| amount(&line["discount"])).collect::<Vec<_>>(),
    })
}

/// The body of an answer, or how it refuses.
fn done(answer: Answer) -> Result<Value, String> {
    match answer.status {
        200..300 => Ok(answer.json()),
        status => Err(format!("{status} {}: {}", answer.code(), answer.json()["detail"])),
    }
}
