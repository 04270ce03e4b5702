//! A pricing case that another engine states, said in our terms: goods, definitions as an operator sends them, and the
//! settings of a store. Shared by the tests of the domain and those of the HTTP interface.

use cartwright_domain::money::{Currency, parse_amount};
use cartwright_domain::pricing::{DiscountTax, Exclusive, PricingPolicy, ShippingTax};
use serde_json::{Map, Value, json};

/// Settings that we decided not to have, with the reason.
const RULES_WE_DO_NOT_HAVE: [(&str, &str); 2] = [
    (
        "pick=line_order",
        "what is discounted would depend on how the cart came about; the order of lines never matters here",
    ),
    (
        "bxgy_pick=line_order",
        "what is given would depend on how the cart came about; the order of lines never matters here",
    ),
];

/// Figures that need a second setting which the case does not name: 166 contained in 9.99 at 20 % is 166.5 rounded half
/// down, where the case leaves tax to be rounded half up.
const NEED_ANOTHER_SETTING: [(&str, &str, &str); 1] = [("woo-c-11", "disc_tax=before", "tax_rounding=half_down")];

/// A case in our terms.
#[derive(Clone, Debug)]
pub struct PeerCase {
    pub id: String,
    pub currency: Currency,
    pub prices_include_tax: bool,
    pub policy: PricingPolicy,
    pub lines: Vec<PeerLine>,
    /// Definitions without a name, in the order in which they are applied.
    pub promotions: Vec<Value>,
    pub rates: Vec<Value>,
    pub shipping: Option<i64>,
    pub tax_exempt: bool,
    /// A fee that the case counts beside its goods; here it is one more line.
    pub fee: i64,
    pub expected: Value,
    /// A setting to turn, and what is then expected.
    pub alternatives: Vec<(String, Value)>,
}

/// Goods of a case. Its tax category is the SKU, so that a rate can be for some goods only.
#[derive(Clone, Debug)]
pub struct PeerLine {
    pub sku: String,
    pub tags: Vec<String>,
    pub unit_price: i64,
    pub quantity: u32,
    pub min_unit_price: Option<i64>,
}

impl PeerCase {
    /// Reads a case, or says why it cannot be said in our terms.
    pub fn read(case: &Value) -> Result<PeerCase, String> {
        let policy = text(&case["policy"]);
        let mut lines = list(&case["lines"]).iter().map(line).collect::<Result<Vec<_>, _>>()?;
        let fee = case["expected"]["fee"].as_i64().unwrap_or(0);
        if fee > 0 {
            lines.push(line(&json!({"sku": "fee", "unit_price": fee, "quantity": 1}))?);
        }
        let rates = list(&case["tax_rates"]);
        let other = |other: &Value| (text(&other["if"]).to_owned(), other["then"].clone());
        let mut read = PeerCase {
            id: text(&case["id"]).to_owned(),
            currency: text(&case["currency"]).parse().map_err(|error| format!("{error}"))?,
            prices_include_tax: case["prices_include_tax"] == json!(true),
            policy: PricingPolicy::default(),
            lines,
            promotions: list(&case["promotions"]).iter().map(|promotion| ours(promotion, policy)).collect(),
            rates: rates.iter().enumerate().map(rate).collect(),
            shipping: case["shipping"].as_i64(),
            tax_exempt: rates.iter().any(|rate| rate["removed_for_export"] == json!(true)),
            fee,
            expected: case["expected"].clone(),
            alternatives: list(&case["computed_alternatives"]).iter().map(other).collect(),
        };
        read.turn(policy)?;
        Ok(read)
    }

    /// The same in a store with one setting turned, for each alternative that the case computes; those that would take a
    /// rule which we do not have are said and left out.
    pub fn alternatives(&self) -> Vec<(String, PeerCase)> {
        let mut all = Vec::new();
        for (setting, expected) in &self.alternatives {
            if let Some((_, why)) = RULES_WE_DO_NOT_HAVE.iter().find(|rule| rule.0 == setting.as_str()) {
                println!("{} with {setting}: a rule we do not have: {why}", self.id);
                continue;
            }
            let mut turned = PeerCase { expected: expected.clone(), ..self.clone() };
            turned.turn(setting).expect("a known setting");
            let more =
                NEED_ANOTHER_SETTING.iter().find(|more| (more.0, more.1) == (self.id.as_str(), setting.as_str()));
            if let Some((_, _, more)) = more {
                turned.turn(more).expect("a known setting");
            }
            all.push((setting.clone(), turned));
        }
        all
    }

    /// Where figures differ from what is expected, in words; `shown` are the figures by the names of the case. A figure
    /// that is not shown is not compared.
    pub fn differences(&self, shown: &Value) -> Vec<String> {
        let expected = self.expected.as_object().expect("an object");
        let compared = expected.iter().filter(|(field, _)| !shown[*field].is_null());
        let different = compared.filter(|(field, wanted)| **wanted != shown[*field]);
        different.map(|(field, wanted)| format!("{field} {} instead of {wanted}", shown[field])).collect()
    }

    /// Sets what a text such as `tax_round=line; split=from_end` names.
    fn turn(&mut self, named: &str) -> Result<(), String> {
        for setting in named.split(';').map(str::trim).filter(|setting| !setting.is_empty()) {
            if let Some((knob, value)) = setting.split_once('=') {
                self.turn_one(knob, value)?;
            }
        }
        Ok(())
    }

    fn turn_one(&mut self, knob: &str, value: &str) -> Result<(), String> {
        let policy = &mut self.policy;
        match knob {
            "discount_point" => policy.disc_tax = DiscountTax::Before,
            "discount_tax" => policy.disc_tax = DiscountTax::OwnRow,
            "tax_round" if value.starts_with("line, discount as its own row") => policy.disc_tax = DiscountTax::OwnRow,
            "ship_tax" if value.starts_with("fee split") => policy.ship_tax = ShippingTax::Weighted,
            "exclusive" => policy.exclusive = Exclusive::Wins,
            "cash_rounding" => {
                let step = value.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
                let step = step.ok_or("a step")?.trim_end_matches(',');
                policy.cash_rounding =
                    Some(parse_amount(step, self.currency).map_err(|error| error.to_string())?.into());
            }
            // Said by the promotion, or the only way here: see `ours`.
            "unit_limit" | "bulk" | "group_pick" | "bxgy_grouping" | "minimum_price" | "set" | "export" => {}
            // The unit price is captured in whole minor units.
            "price_precision" => {}
            _ => *policy = turned(policy, knob, value)?,
        }
        Ok(())
    }
}

fn line(line: &Value) -> Result<PeerLine, String> {
    Ok(PeerLine {
        sku: text(&line["sku"]).to_owned(),
        tags: list(&line["tags"]).iter().map(|tag| text(tag).to_owned()).collect(),
        unit_price: line["unit_price"].as_i64().ok_or("a price")?,
        quantity: line["quantity"].as_u64().ok_or("a quantity")? as u32,
        min_unit_price: line["min_unit_price"].as_i64(),
    })
}

fn rate((layer, rate): (usize, &Value)) -> Value {
    let mut own = json!({"name": format!("tax {}", rate["percent"]), "percent": rate["percent"], "layer": layer});
    match &rate["applies_to"] {
        Value::String(things) => own["applies_to"] = json!(things),
        skus => own["categories"] = skus.clone(),
    }
    if !rate["included"].is_null() {
        own["included"] = rate["included"].clone();
    }
    own
}

/// Turns one knob by its name.
fn turned(policy: &PricingPolicy, knob: &str, value: &str) -> Result<PricingPolicy, String> {
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

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or("")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
