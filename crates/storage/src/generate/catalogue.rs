//! Rows of the catalogue, of promotions, customers and carts.

use super::plan::{DAY_MS, For, Plan, PlannedLine, VARIANTS_PER_PRODUCT, customer, price, sku};
use crate::copy::{Row, Value};
use cartwright_domain::cart::{CartDetail, CartLine, CartStatus, Hold, Options};
use cartwright_domain::catalogue::ProductDetail;
use cartwright_domain::id::Timestamp;
use cartwright_domain::store::StoreSettings;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// The one store.
pub const STORE: i64 = 1;
const CURRENCY: &str = "EUR";
const CART_DAYS: i64 = 30;
/// Of so many carts one holds its first line.
const HOLDING: u64 = 10;
const LOOKS: [&str; 12] =
    ["Small", "Large", "Blue", "Red", "Green", "Black", "White", "Soft", "Light", "Warm", "Plain", "Striped"];
const STUFFS: [&str; 10] = ["Cotton", "Wool", "Linen", "Oak", "Steel", "Glass", "Paper", "Leather", "Clay", "Cork"];
const THINGS: [&str; 16] = [
    "Shirt", "Mug", "Lamp", "Chair", "Scarf", "Bowl", "Book", "Bag", "Box", "Brush", "Clock", "Frame", "Hat", "Knife",
    "Rug", "Vase",
];

pub fn int(number: i64) -> Value {
    Value::Int(number)
}

pub fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

pub fn id(id: Uuid) -> Value {
    Value::Id(id)
}

pub fn maybe(value: Option<String>) -> Value {
    value.map_or(Value::Null, Value::Text)
}

pub fn as_json(value: &impl Serialize) -> Value {
    // Maps with texts as keys, lists and numbers: these can always be written.
    Value::Text(serde_json::to_string(value).unwrap_or_default())
}

fn handle(product: u64) -> String {
    format!("p-{product:06}")
}

impl Plan {
    pub fn store_row(&self) -> Row {
        let none: [(); 0] = [];
        vec![
            int(STORE),
            text("default"),
            text("Big shop"),
            text(CURRENCY),
            as_json(&none),
            as_json(&StoreSettings::default()),
            as_json(&none),
            as_json(&none),
        ]
    }

    fn name(&self, product: u64) -> String {
        let roll = self.roll(For::Product, product) as usize;
        let pick = |words: &[&'static str], shift: usize| words[(roll >> shift) % words.len()];
        format!("{} {} {} {product}", pick(&LOOKS, 0), pick(&STUFFS, 8), pick(&THINGS, 16))
    }

    fn variants_of(&self, product: u64) -> std::ops::Range<u64> {
        let first = product * VARIANTS_PER_PRODUCT;
        first..(first + VARIANTS_PER_PRODUCT).min(self.shape.variants)
    }

    pub fn product_row(&self, number: u64) -> Row {
        let (name, handle) = (self.name(number), handle(number));
        let skus: Vec<String> = self.variants_of(number).map(sku).collect();
        let prices = || self.variants_of(number).map(price);
        let detail = ProductDetail {
            description: format!("{name}, made to last."),
            vendor: "Big".to_owned(),
            images: Vec::new(),
        };
        vec![
            int(STORE),
            id(self.product_id(number).0),
            text(&handle),
            text(&name),
            text(name.to_lowercase()),
            text(format!("{name}\n{handle}\n{}", skus.join("\n")).to_lowercase()),
            int(prices().min().unwrap_or(0)),
            int(prices().max().unwrap_or(0)),
            Value::Bool(number % 100 != 99),
            as_json(&["big"]),
            text("standard"),
            Value::Null,
            as_json(&detail),
            Value::Null,
            text(if number % 100 == 99 { "off" } else { "on" }),
        ]
    }

    pub fn variant_row(&self, number: u64) -> Row {
        let (product, position) = (number / VARIANTS_PER_PRODUCT, number % VARIANTS_PER_PRODUCT);
        vec![
            int(STORE),
            id(self.variant_id(number).0),
            id(self.product_id(product).0),
            text(sku(number)),
            as_json(&json!({"Size": position.to_string()})),
            int(price(number)),
            text("{}"),
            text("{}"),
            int(250),
            Value::Bool(true),
            int(position as i64),
            text("on"),
        ]
    }

    /// A variant's name on an order.
    pub fn variant_name(&self, number: u64) -> String {
        format!("{} – {}", self.name(number / VARIANTS_PER_PRODUCT), number % VARIANTS_PER_PRODUCT)
    }

    pub fn customer_row(&self, number: u64) -> Row {
        let groups: &[&str] = if number.is_multiple_of(10) { &["wholesale"] } else { &[] };
        vec![int(STORE), text(customer(number)), as_json(&groups), Value::Bool(false), Value::Null, Value::Null]
    }

    pub fn promotion_name(&self, number: u64) -> String {
        format!("10% off no. {number}")
    }

    pub fn code(&self, number: u64) -> String {
        format!("TEN-{number}")
    }

    /// Promotions with their codes.
    pub fn promotion_rows(&self) -> Vec<(&'static str, Row)> {
        let mut rows = Vec::new();
        for number in 0..self.shape.promotions {
            let promotion = self.promotion_id(number).0;
            let definition = json!({"id": promotion, "name": self.promotion_name(number), "requires_code": true,
                "benefit": {"kind": "percentage", "percent": "10"}});
            let bulk = if number == 0 { self.shape.codes } else { 0 };
            rows.push(("promotions", vec![int(STORE), id(promotion), as_json(&definition), int(bulk as i64)]));
            let code = text(self.code(number));
            rows.push(("coupons", vec![int(STORE), code, id(promotion), Value::Null, Value::Bool(false)]));
        }
        for number in 0..if self.shape.promotions > 0 { self.shape.codes } else { 0 } {
            let (code, promotion) = (text(format!("ONCE-{number:08}")), id(self.promotion_id(0).0));
            rows.push(("coupons", vec![int(STORE), code, promotion, int(1), Value::Bool(true)]));
        }
        rows
    }

    pub fn cart_lines(&self, lines: &[PlannedLine], at: Timestamp) -> Value {
        let line = |line: &PlannedLine| CartLine {
            id: line.id,
            variant_id: self.variant_id(line.variant),
            quantity: line.quantity,
            unit_price: price(line.variant),
            priced_at: at,
            options: Options::new(),
            saved_at_price: None,
        };
        as_json(&lines.iter().map(line).collect::<Vec<_>>())
    }

    /// Open, or past its date.
    pub fn open_or_expired(&self, at: Timestamp) -> (CartStatus, Timestamp) {
        let expires = at.plus_ms(CART_DAYS * DAY_MS);
        (if expires <= self.shape.until { CartStatus::Expired } else { CartStatus::Active }, expires)
    }

    /// What a cart besides the orders' holds, with the number of its variant: some hold their first line, as if the shop had
    /// once held goods when they are added.
    pub fn hold(&self, number: u64) -> Option<(u64, Hold)> {
        let (_, at, lines) = self.cart(number);
        let open = self.open_or_expired(at).0 == CartStatus::Active;
        let line =
            lines.first().filter(|line| open && number.is_multiple_of(HOLDING) && Plan::is_delivered(line.variant))?;
        // Long enough for whoever looks at the shop now.
        let until = self.shape.until.plus_ms(30 * DAY_MS);
        Some((line.variant, Hold { variant_id: self.variant_id(line.variant), units: line.quantity, until }))
    }

    /// A cart besides the orders', with its customer's pointer to it.
    pub fn cart_rows(&self, number: u64) -> Vec<(&'static str, Row)> {
        let (cart, at, lines) = self.cart(number);
        let customer = self.customer_of_cart(number);
        let (status, expires) = self.open_or_expired(at);
        let row = vec![
            int(STORE),
            id(cart.0),
            Value::Null,
            maybe(customer.clone()),
            text(status.as_str()),
            int(lines.len() as i64),
            text(CURRENCY),
            self.cart_lines(&lines, at),
            as_json(&CartDetail {
                holds: self.hold(number).map(|(_, hold)| hold).into_iter().collect(),
                ..CartDetail::default()
            }),
            Value::Null,
            int(at.0),
            int(at.0),
            int(expires.0),
            Value::Null,
            Value::Null,
            // Nobody real.
            Value::Bool(false),
        ];
        let mut rows = vec![("carts", row)];
        rows.extend(self.hold(number).map(|(_, hold)| {
            let (variant, until) = (id(hold.variant_id.0), int(hold.until.0));
            ("holds", vec![int(STORE), id(cart.0), variant, int(hold.units), until])
        }));
        if let Some(customer) = customer.filter(|_| status == CartStatus::Active) {
            rows.push(("customer_carts", vec![int(STORE), text(customer), id(cart.0)]));
        }
        rows
    }
}
