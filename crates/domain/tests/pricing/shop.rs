//! A small shop to price in: lines and promotions in few words.

use cartwright_domain::id::{LineId, ProductId, PromotionId, Timestamp, VariantId};
use cartwright_domain::money::{Currency, Minor};
use cartwright_domain::pricing::{
    Customer, LineInput, NetPrices, PricingError, PricingInput, PricingPolicy, Quote, Unlocked, price,
};
use cartwright_domain::promotion::Promotion;
use cartwright_domain::shipping::{Destination, ShippingMethod};
use cartwright_domain::tax::TaxRate;
use cartwright_domain::time_zone::TimeZone;
use serde_json::{Value, json};
use std::sync::Arc;
use uuid::Uuid;

/// A line with all its texts owned.
#[derive(Clone, Debug)]
pub struct Line {
    pub id: u128,
    pub sku: String,
    pub tags: Vec<String>,
    pub tax_category: String,
    pub unit_price: Minor,
    pub quantity: u32,
    pub min_unit_price: Option<Minor>,
}

/// Everything a price depends on, owned.
#[derive(Clone, Debug)]
pub struct Shop {
    pub currency: Currency,
    pub store_currency: Currency,
    pub home: Option<Destination>,
    pub net_prices: NetPrices,
    pub policy: PricingPolicy,
    pub prices_include_tax: bool,
    pub lines: Vec<Line>,
    pub promotions: Vec<Arc<Promotion>>,
    pub codes: Vec<(u128, String)>,
    pub customer: Option<(String, Vec<String>, bool)>,
    pub destination: Option<Destination>,
    pub method: Option<ShippingMethod>,
    pub shipping: Option<Minor>,
    pub rates: Vec<TaxRate>,
    pub tax_exempt: bool,
    pub now: Timestamp,
    pub time_zone: TimeZone,
}

impl Shop {
    pub fn new(currency: Currency) -> Shop {
        Shop {
            currency,
            store_currency: currency,
            home: None,
            net_prices: NetPrices::No,
            policy: PricingPolicy::default(),
            prices_include_tax: true,
            lines: Vec::new(),
            promotions: Vec::new(),
            codes: Vec::new(),
            customer: None,
            destination: None,
            method: None,
            shipping: None,
            rates: Vec::new(),
            tax_exempt: false,
            now: Timestamp(1_764_000_000_000),
            time_zone: TimeZone::UTC,
        }
    }

    pub fn line(mut self, sku: &str, unit_price: Minor, quantity: u32) -> Shop {
        self.lines.push(Line {
            id: self.lines.len() as u128 + 1,
            sku: sku.to_owned(),
            tags: Vec::new(),
            tax_category: "standard".to_owned(),
            unit_price,
            quantity,
            min_unit_price: None,
        });
        self
    }

    /// A promotion from JSON, without its id and name.
    pub fn promotion(mut self, promotion: Value) -> Shop {
        let number = self.promotions.len() as u128 + 1;
        self.promotions.push(Arc::new(promotion_of(number, promotion)));
        self
    }

    pub fn quote(&self) -> Quote {
        self.ask(false)
    }

    pub fn ask(&self, explain: bool) -> Quote {
        self.try_ask(explain).expect("within the stated limits")
    }

    pub fn try_ask(&self, explain: bool) -> Result<Quote, PricingError> {
        let lines: Vec<LineInput<'_>> = self.lines.iter().map(line_input).collect();
        let unlocked: Vec<Unlocked<'_>> =
            self.codes.iter().map(|(id, code)| Unlocked { promotion_id: promotion_id(*id), code }).collect();
        let customer =
            self.customer.as_ref().map(|(id, groups, first_order)| Customer { id, groups, first_order: *first_order });
        price(&PricingInput {
            currency: self.currency,
            store_currency: self.store_currency,
            home: self.home.as_ref(),
            net_prices: self.net_prices,
            policy: &self.policy,
            prices_include_tax: self.prices_include_tax,
            lines: &lines,
            promotions: &self.promotions,
            kept: &[],
            unlocked: &unlocked,
            exhausted: &[],
            customer: customer.as_ref(),
            destination: self.destination.as_ref(),
            shipping_method: self.method.as_ref(),
            shipping_override: self.shipping,
            tax_rates: &self.rates,
            tax_exempt: self.tax_exempt,
            now: self.now,
            time_zone: &self.time_zone,
            explain,
        })
    }
}

fn line_input(line: &Line) -> LineInput<'_> {
    // The variant follows from the SKU, as in a shop.
    let number = line.sku.bytes().fold(7u128, |hash, byte| hash.wrapping_mul(31).wrapping_add(u128::from(byte)));
    LineInput {
        line_id: LineId(Uuid::from_u128(line.id)),
        product_id: ProductId(Uuid::from_u128(number)),
        handle: &line.sku,
        variant_id: VariantId(Uuid::from_u128(number)),
        sku: &line.sku,
        tags: &line.tags,
        tax_category: &line.tax_category,
        weight_grams: 100,
        requires_shipping: true,
        unit_price: line.unit_price,
        quantity: line.quantity,
        min_unit_price: line.min_unit_price,
        held: None,
    }
}

pub fn promotion_id(number: u128) -> PromotionId {
    PromotionId(Uuid::from_u128(number))
}

pub fn promotion_of(number: u128, mut promotion: Value) -> Promotion {
    promotion["id"] = json!(Uuid::from_u128(number));
    if promotion["name"].is_null() {
        promotion["name"] = json!(format!("promotion {number}"));
    }
    let promotion: Promotion = serde_json::from_value(promotion).expect("a promotion");
    assert_eq!(promotion.validate(), vec![], "{promotion:?}");
    promotion
}
