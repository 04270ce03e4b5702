//! Reads the pricing cases that other engines state, and turns one into a shop of ours.

use crate::shop::{Line, Shop, promotion_of};
use cartwright_domain::money::{Minor, parse_amount};
use cartwright_domain::pricing::{DiscountTax, Exclusive, PricingPolicy, Quote, ShippingTax};
use serde_json::{Map, Value, json};
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
        println!("{} is not there; set CARTWRIGHT_TEST_CASES to the folder that has it", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("a file of cases is JSON"))
}

/// The shop a case describes, or why it cannot be described.
pub fn shop(case: &Value) -> Result<Shop, String> {
    let currency = text(&case["currency"]).parse().map_err(|error| format!("{error}"))?;
    let mut shop = Shop::new(currency);
    shop.prices_include_tax = case["prices_include_tax"] == json!(true);
    shop.policy = policy(text(&case["policy"]), &shop)?;
    shop.shipping = case["shipping"].as_i64();
    for line in list(&case["lines"]) {
        let sku = text(&line["sku"]).to_owned();
        shop.lines.push(Line {
            id: shop.lines.len() as u128 + 1,
            tags: list(&line["tags"]).iter().map(|tag| text(tag).to_owned()).collect(),
            tax_category: sku.clone(),
            sku,
            unit_price: line["unit_price"].as_i64().ok_or("a price")?,
            quantity: line["quantity"].as_u64().ok_or("a quantity")? as u32,
            min_unit_price: line["min_unit_price"].as_i64(),
        });
    }
    if let Some(fee) = case["expected"]["fee"].as_i64() {
        shop = shop.line("fee", fee, 1);
    }
    for (number, promotion) in list(&case["promotions"]).iter().enumerate() {
        let promotion = promotion_of(number as u128 + 1, ours(promotion, text(&case["policy"])));
        shop.promotions.push(Arc::new(promotion));
    }
    for (layer, rate) in list(&case["tax_rates"]).iter().enumerate() {
        shop.tax_exempt |= rate["removed_for_export"] == json!(true);
        let mut own = json!({"name": format!("tax {}", rate["percent"]), "percent": rate["percent"], "layer": layer});
        match &rate["applies_to"] {
            Value::String(things) => own["applies_to"] = json!(things),
            skus => own["categories"] = skus.clone(),
        }
        if !rate["included"].is_null() {
            own["included"] = rate["included"].clone();
        }
        shop.rates.push(serde_json::from_value(own).map_err(|error| error.to_string())?);
    }
    Ok(shop)
}

/// The policy a text such as `tax_round=line; split=from_end` names.
pub fn policy(named: &str, shop: &Shop) -> Result<PricingPolicy, String> {
    let mut policy = shop.policy.clone();
    for setting in named.split(';').map(str::trim).filter(|setting| !setting.is_empty()) {
        let Some((knob, value)) = setting.split_once('=') else {
            continue;
        };
        match knob {
            "discount_point" => policy.disc_tax = DiscountTax::Before,
            "discount_tax" => policy.disc_tax = DiscountTax::OwnRow,
            "tax_round" if value.starts_with("line, discount as its own row") => policy.disc_tax = DiscountTax::OwnRow,
            "ship_tax" if value.starts_with("fee split") => policy.ship_tax = ShippingTax::Weighted,
            "exclusive" => policy.exclusive = Exclusive::Wins,
            "cash_rounding" => {
                let step = value.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
                let step = step.ok_or("a step")?.trim_end_matches(',');
                policy.cash_rounding = Some(parse_amount(step, shop.currency).map_err(|error| error.to_string())?);
            }
            // Said by the promotion, or the only way here: see `ours`.
            "unit_limit" | "bulk" | "group_pick" | "bxgy_grouping" | "minimum_price" | "set" | "export" => {}
            // The unit price is captured in whole minor units.
            "price_precision" => {}
            _ => policy = turn(policy, knob, value)?,
        }
    }
    Ok(policy)
}

/// Turns one knob by its name.
fn turn(policy: PricingPolicy, knob: &str, value: &str) -> Result<PricingPolicy, String> {
    let mut settings = serde_json::to_value(policy).expect("a policy is JSON");
    settings[knob] = match knob {
        "partial_get" => json!(value == "yes"),
        _ => json!(value),
    };
    serde_json::from_value(settings).map_err(|error| error.to_string())
}

/// A promotion of a case in our form.
fn ours(theirs: &Value, policy: &str) -> Value {
    let mut conditions = Map::new();
    for (name, own) in [("min_order_amount", "min_order_amount"), ("min_quantity", "min_quantity")] {
        if !theirs[name].is_null() {
            conditions.insert(own.into(), theirs[name].clone());
        }
    }
    if !theirs["requires_sku"].is_null() {
        conditions.insert("goods".into(), json!({"skus": theirs["requires_sku"]}));
    }
    if text(&theirs["skipped"]).contains("carrier") {
        conditions.insert("shipping_methods".into(), json!(["other"]));
    }
    let stacking = if theirs["combinable"] == json!(false) { "exclusive" } else { "combinable" };
    let priority = theirs["priority"].as_i64().unwrap_or(0);
    json!({"conditions": conditions, "benefit": benefit(theirs, policy), "stacking": stacking, "priority": priority})
}

fn benefit(theirs: &Value, policy: &str) -> Value {
    let mut only = Map::new();
    if theirs["scope"].is_array() {
        only.insert("skus".into(), theirs["scope"].clone());
    }
    for (name, own) in [("only_tags", "tags"), ("exclude_tags", "exclude_tags")] {
        if !theirs[name].is_null() {
            only.insert(own.into(), theirs[name].clone());
        }
    }
    let scope = match text(&theirs["scope"]) {
        "order" => "order",
        "shipping" => "shipping",
        _ => "lines",
    };
    let target = json!({"scope": scope, "only": only});
    let units = units(theirs, policy);
    let kind = text(&theirs["kind"]);
    let per = match text(&theirs["per"]) {
        "" => "order",
        per if scope == "shipping" && per == "line" => "order",
        per => per,
    };
    if let Some(tiers) = theirs["tiers"].as_array()
        && kind != "bulk_price"
    {
        let off = |tier: &Value| match kind {
            "percentage" => json!({"percent": tier["value"]}),
            _ => json!({"amount": tier["value"]}),
        };
        let tier = |tier: &Value| json!({"from_amount": tier["min_amount"], "off": off(tier)});
        return json!({"kind": "spend_tiers", "target": target, "tiers": tiers.iter().map(tier).collect::<Vec<_>>()});
    }
    match kind {
        "percentage" => json!({"kind": kind, "percent": theirs["value"], "target": target, "units": units,
                               "max_discount": theirs["max_discount"]}),
        "fixed_amount" => {
            json!({"kind": kind, "amount": theirs["value"], "per": per, "target": target, "units": units})
        }
        "fixed_price" if !theirs["set_size"].is_null() => {
            json!({"kind": "bundle_price", "price": theirs["value"], "parts": [{"only": only, "quantity": theirs["set_size"]}]})
        }
        "fixed_price" => json!({"kind": kind, "price": theirs["value"], "per": per, "target": target, "units": units}),
        "free_shipping" => json!({"kind": kind}),
        "buy_x_get_y" => {
            let skus = |side: &Value| {
                if side["skus"].is_null() { json!({}) } else { json!({"skus": side["skus"]}) }
            };
            json!({"kind": kind, "percent": theirs["value"], "buy": skus(&theirs["buy"]),
                   "buy_quantity": theirs["buy"]["quantity"], "get": skus(&theirs["get"]),
                   "get_quantity": theirs["get"]["quantity"],
                   "count_by": if theirs["per_line"] == json!(true) { "variant" } else { "together" }})
        }
        "bulk_price" => {
            let tier = |tier: &Value| json!({"from_quantity": tier["min_quantity"], "off": {"unit_price": tier["unit_price"]}});
            let tiers: Vec<Value> = list(&theirs["tiers"]).iter().map(tier).collect();
            json!({"kind": kind, "only": only, "tiers": tiers})
        }
        other => panic!("a kind of promotion this reader does not know: {other}"),
    }
}

fn units(theirs: &Value, policy: &str) -> Value {
    let mut units = Map::new();
    let limit = if policy.contains("counted per line") { "max_quantity_per_line" } else { "max_quantity" };
    if !theirs["max_quantity"].is_null() {
        units.insert(limit.into(), theirs["max_quantity"].clone());
    }
    if !theirs["group_size"].is_null() {
        units.insert("group_size".into(), theirs["group_size"].clone());
    }
    if !theirs["position"].is_null() {
        let from = if text(&theirs["order"]).starts_with("dearest") { "dearest" } else { "cheapest" };
        let within = if text(&theirs["within"]).starts_with("all") { "all_groups" } else { "each_group" };
        units.insert("nth".into(), json!({"position": theirs["position"], "from": from, "within": within}));
    }
    Value::Object(units)
}

/// Where a quote differs from what is expected of it: field, expected, found.
pub fn differences(quote: &Quote, expected: &Value) -> Vec<(String, Value, Value)> {
    let totals = &quote.totals;
    let fee = expected["fee"].as_i64().unwrap_or(0);
    let line_discounts: Vec<Minor> = quote.lines.iter().map(|line| line.discount).collect();
    let found = |field: &str| match field {
        "subtotal" => json!(totals.subtotal - fee),
        "discount" => json!(totals.discount),
        "shipping" => json!(totals.shipping),
        "tax" => json!(totals.tax),
        "tax_added" => json!(totals.tax_added),
        "tax_included" => json!(totals.tax_included),
        "net_total" => json!(totals.total - totals.tax_included),
        "shipping_tax" => json!(quote.shipping.tax_added + quote.shipping.tax_included),
        "total" => json!(totals.total),
        "fee" => json!(fee),
        "line_discounts" => json!(line_discounts),
        other => panic!("a field this reader does not know: {other}"),
    };
    let expected = expected.as_object().expect("an object");
    let compare = expected.iter().map(|(field, wanted)| (field.clone(), wanted.clone(), found(field)));
    compare.filter(|(_, wanted, found)| wanted != found).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
