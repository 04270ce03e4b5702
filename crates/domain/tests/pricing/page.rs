//! The language of the pages with receipts.
//!
//! Blocks of a section add up: `settings`, `promotion`, `shipping` and `tax` are JSON as operators send it; each `basket` is
//! priced with those above it, and the `receipt` after it is what it must cost.

use crate::shop::{Shop, promotion_of};
use cartwright_domain::money::{Currency, Minor, format, parse_amount};
use cartwright_domain::pricing::{NetPrices, Outcome, Quote};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::shipping::ShippingMethod;
use cartwright_domain::store::{StoreSettings, TaxElsewhere};
use cartwright_domain::tax::TaxRate;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A block of a page: its kind, its lines, and the heading it stands under.
struct Block<'p> {
    kind: &'p str,
    text: String,
    section: &'p str,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let (mut blocks, mut section, mut inside) = (Vec::new(), "", false);
    for line in page.lines() {
        match line.strip_prefix("```") {
            Some("") => inside = false,
            Some(kind) => {
                inside = true;
                blocks.push(Block { kind, text: String::new(), section });
            }
            None if inside => {
                let block = blocks.last_mut().expect("a block is open");
                block.text.push_str(line);
                block.text.push('\n');
            }
            None if line.starts_with('#') => section = line,
            None => {}
        }
    }
    assert!(!inside, "a block is not closed");
    blocks
}

/// Prices every basket of a page; answers the kinds of benefit and of shipping rate for which there is a receipt.
pub fn check_receipts(page: &str) -> BTreeSet<String> {
    let (mut store, mut shown, mut receipts) = (Store::default(), BTreeSet::new(), 0);
    for block in blocks(page) {
        if block.section != store.section {
            store.end();
            store = Store { section: block.section, ..Store::default() };
        }
        if block.kind == "receipt" {
            store.check(&block.text);
            shown.extend(store.kinds());
            receipts += 1;
        } else {
            store.hear(&block);
        }
    }
    store.end();
    println!("{receipts} receipts hold");
    shown
}

/// What a section has said so far.
#[derive(Default)]
struct Store<'p> {
    section: &'p str,
    settings: StoreSettings,
    promotions: Vec<Promotion>,
    methods: Vec<ShippingMethod>,
    rates: Vec<TaxRate>,
    /// A basket whose receipt is still to come.
    basket: Option<Shop>,
}

impl Store<'_> {
    fn hear(&mut self, block: &Block<'_>) {
        let section = self.section;
        let read = || -> Value {
            serde_json::from_str(&block.text).unwrap_or_else(|error| panic!("{section}: {error}: {}", block.text))
        };
        match block.kind {
            "settings" => self.settings = serde_json::from_value(read()).expect("settings of a store"),
            "promotion" => self.promotions.push(promotion_of(self.promotions.len() as u128 + 1, read())),
            "shipping" => self.set_methods(&read()),
            "tax" => self.set_rates(&read()),
            "basket" => {
                self.end();
                self.basket = Some(self.basket(&block.text));
            }
            other => panic!("{section}: nobody reads a block {other}"),
        }
    }

    fn end(&self) {
        assert!(self.basket.is_none(), "{}: a basket without a receipt", self.section);
    }

    fn check(&mut self, stated: &str) {
        let section = self.section;
        let shop = self.basket.take().unwrap_or_else(|| panic!("{section}: a receipt follows a basket"));
        let rows = |text: &str| -> Vec<String> {
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
        };
        assert_eq!(rows(&receipt(&shop)), rows(stated), "{section}: left is what the engine says");
    }

    fn set_methods(&mut self, table: &Value) {
        self.methods = serde_json::from_value(table["methods"].clone()).expect("shipping methods");
        for method in &self.methods {
            assert_eq!(method.validate(), vec![], "{method:?}");
        }
    }

    fn set_rates(&mut self, table: &Value) {
        self.rates = serde_json::from_value(table["rates"].clone()).expect("tax rates");
        for rate in &self.rates {
            assert_eq!(rate.validate(), vec![], "{rate:?}");
        }
    }

    fn kinds(&self) -> impl Iterator<Item = String> {
        let kind = |value: Value| value["kind"].as_str().expect("a kind").to_owned();
        let benefits = self.promotions.iter().map(move |promotion| kind(json!(promotion.benefit)));
        benefits.chain(self.methods.iter().map(move |method| kind(json!(method.rate))))
    }

    /// A basket in words: `3 MUG at 7.50, tag sale`, `Shipping 4.90`, `Shipping by post`, `To US-CA 90012`, `Code TEN`, `In JPY`,
    /// `Exempt from tax`.
    fn basket(&self, text: &str) -> Shop {
        let currency = text.lines().find_map(|line| line.strip_prefix("In ")).unwrap_or("EUR");
        let mut shop = Shop::new(currency.parse().expect("a currency"));
        shop.store_currency = Currency::EUR;
        shop.home.clone_from(&self.settings.home);
        if self.settings.tax_elsewhere == TaxElsewhere::NetPrices {
            shop.net_prices = NetPrices::Everywhere;
        }
        shop.policy = self.settings.pricing.clone();
        shop.prices_include_tax = self.settings.prices_include_tax;
        shop.promotions = self.promotions.iter().cloned().map(Arc::new).collect();
        shop.rates = self.rates.clone();
        for line in text.lines() {
            let (first, rest) = line.split_once(' ').expect("two words");
            match first {
                "In" => {}
                "To" => shop.destination = Some(destination(rest)),
                "Code" => self.unlock(&mut shop, rest),
                "Exempt" => shop.tax_exempt = true,
                "Shipping" => match rest.strip_prefix("by ") {
                    Some(handle) => shop.method = self.methods.iter().find(|method| method.handle == handle).cloned(),
                    None => shop.shipping = Some(money(rest, shop.currency)),
                },
                quantity => shop = goods(shop, quantity.parse().expect("a quantity"), rest),
            }
        }
        shop
    }

    /// A code opens the promotions that need one.
    fn unlock(&self, shop: &mut Shop, code: &str) {
        for (at, promotion) in self.promotions.iter().enumerate() {
            if promotion.requires_code {
                shop.codes.push((at as u128 + 1, code.to_owned()));
            }
        }
    }
}

fn money(text: &str, currency: Currency) -> Minor {
    parse_amount(text, currency).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn destination(text: &str) -> cartwright_domain::shipping::Destination {
    let (place, postcode) = text.split_once(' ').map_or((text, None), |(place, postcode)| (place, Some(postcode)));
    let (country, region) = place.split_once('-').map_or((place, None), |(country, region)| (country, Some(region)));
    serde_json::from_value(json!({"country": country, "region": region, "postcode": postcode})).expect("a destination")
}

/// `MUG at 7.50, tag sale, at least 6.00, category books`.
fn goods(shop: Shop, quantity: u32, text: &str) -> Shop {
    let currency = shop.currency;
    let mut parts = text.split(", ");
    let (sku, price) = parts.next().and_then(|part| part.split_once(" at ")).expect("a SKU and a price");
    let mut shop = shop.line(sku, money(price, currency), quantity);
    let line = shop.lines.last_mut().expect("it was put in");
    for part in parts {
        match part.rsplit_once(' ') {
            Some(("tag", tag)) => line.tags.push(tag.to_owned()),
            Some(("category", category)) => line.tax_category = category.to_owned(),
            Some(("at least", floor)) => line.min_unit_price = Some(money(floor, currency)),
            _ => panic!("goods are `3 MUG at 7.50, tag sale`: {text}"),
        }
    }
    shop
}

/// The quote as the page writes it.
fn receipt(shop: &Shop) -> String {
    let quote = shop.ask(true);
    let say = |amount: Minor| format(amount, shop.currency);
    let off = |amount: Minor| if amount == 0 { String::new() } else { format!(" -{}", say(amount)) };
    let mut rows = Vec::new();
    for (line, priced) in shop.lines.iter().zip(&quote.lines) {
        rows.push(format!("{} {} {}{}", line.quantity, line.sku, say(priced.subtotal), off(priced.discount)));
    }
    rows.push(format!("Subtotal {}", say(quote.totals.subtotal)));
    for discount in &quote.discounts {
        rows.push(format!("{}{}", discount.name, off(discount.amount + discount.shipping_amount)));
    }
    match quote.shipping.unavailable {
        Some(reason) => rows.push(format!("Shipping impossible: {}", json!(reason).as_str().unwrap_or_default())),
        None if shop.method.is_some() || shop.shipping.is_some() => {
            rows.push(format!("Shipping {}", say(quote.totals.shipping)));
        }
        None => {}
    }
    rows.extend(last_rows(&quote, say));
    rows.join("\n")
}

fn last_rows(quote: &Quote, say: impl Fn(Minor) -> String) -> Vec<String> {
    let mut rows = Vec::new();
    for tax in &quote.taxes {
        rows.push(format!("{} {} {}", tax.name, say(tax.amount), if tax.included { "contained" } else { "added" }));
    }
    for (name, amount) in [("Relief", -quote.totals.relief), ("Rounding", quote.totals.rounding)] {
        if amount != 0 {
            rows.push(format!("{name} {}", say(amount)));
        }
    }
    rows.push(format!("Total {}", say(quote.totals.total)));
    let missed = quote.explanations.iter().filter(|told| !matches!(told.outcome, Outcome::Applied { .. }));
    let money = |amount| cartwright_domain::money::format(amount, quote.currency);
    rows.extend(missed.map(|told| format!("Not given: {}", told.sentence(money, &quote.explanations))));
    rows
}
