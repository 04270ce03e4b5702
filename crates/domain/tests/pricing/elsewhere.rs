//! Buyers who are taxed otherwise than the store's home: the gross price is kept, or the net price is.

use crate::properties::{check, more, shop_with};
use crate::shop::Shop;
use cartwright_domain::money::Currency;
use cartwright_domain::pricing::NetPrices;
use cartwright_domain::shipping::{Destination, ShippingMethod};
use proptest::prelude::*;
use serde_json::{Value, json};

fn place(country: &str) -> Destination {
    Destination { country: country.to_owned(), region: None, postcode: None }
}

fn rates() -> Value {
    json!([
        {"name": "VAT 19%", "percent": 19, "zone": {"countries": ["DE"]}},
        {"name": "VAT 7%", "percent": 7, "zone": {"countries": ["DE"]}, "categories": ["books"]},
        {"name": "VAT 25%", "percent": 25, "zone": {"countries": ["DK"]}},
        {"name": "Sales tax", "percent": "8.25", "zone": {"countries": ["US"]}, "included": false},
    ])
}

/// A store in Germany; 11.90 has 1.90 of tax in it.
fn store(net_prices: NetPrices, country: Option<&str>) -> Shop {
    let mut shop = Shop::new(Currency::EUR).line("A", 1_190, 2);
    shop.home = Some(place("DE"));
    shop.net_prices = net_prices;
    shop.destination = country.map(place);
    shop.rates = serde_json::from_value(rates()).expect("rates");
    shop
}

/// What is paid, and the tax in it.
fn paid(shop: &Shop) -> (i64, i64) {
    let totals = shop.quote().totals;
    (totals.total, totals.tax)
}

#[test]
fn with_net_prices_a_buyer_pays_the_tax_of_where_the_goods_go_and_no_other() {
    let paid = |country| paid(&store(NetPrices::Everywhere, country));
    assert_eq!(paid(Some("DE")), (2_380, 380));
    assert_eq!(paid(None), (2_380, 380), "as long as nobody knows better, the buyer is at home");
    assert_eq!(paid(Some("CH")), (2_000, 0));
    assert_eq!(paid(Some("DK")), (2_500, 500));
    assert_eq!(paid(Some("US")), (2_165, 165), "the tax there comes on top of the net price");
}

#[test]
fn with_gross_prices_everybody_pays_the_same() {
    let paid = |country| paid(&store(NetPrices::No, country));
    assert_eq!(paid(Some("DE")), (2_380, 380));
    assert_eq!(paid(None), (2_380, 380));
    assert_eq!(paid(Some("CH")), (2_380, 0));
    assert_eq!(paid(Some("DK")), (2_380, 476));
}

#[test]
fn the_unit_price_is_the_one_there_and_times_the_quantity_it_is_the_lines() {
    let shop = store(NetPrices::Everywhere, Some("CH")).line("B", 999, 3);
    let quote = shop.quote();
    let shown: Vec<_> = quote.lines.iter().map(|line| (line.unit_price, line.subtotal)).collect();
    assert_eq!(shown, [(1_000, 2_000), (839, 2_517)]);
    assert_eq!(quote.lines[1].price_here(1_190), 1_000);
}

#[test]
fn each_category_loses_its_own_tax() {
    let mut shop = store(NetPrices::Everywhere, Some("CH")).line("BOOK", 1_070, 1);
    shop.lines[1].tax_category = "books".to_owned();
    assert_eq!(paid(&shop), (3_000, 0));
}

#[test]
fn a_floor_is_net_everywhere_too() {
    let mut shop = store(NetPrices::Everywhere, Some("CH"));
    shop.lines[0].min_unit_price = Some(1_071);
    let shop = shop.promotion(json!({"benefit": {"kind": "percentage", "percent": 50}}));
    assert_eq!(paid(&shop), (1_800, 0));
}

fn with_method(mut shop: Shop, method: Value) -> Shop {
    shop.method = Some(serde_json::from_value::<ShippingMethod>(method).expect("a method"));
    shop
}

#[test]
fn the_shipping_fee_is_net_everywhere_too() {
    let flat = || json!({"handle": "post", "name": "Post", "rate": {"kind": "flat", "amount": 595}});
    let fee = |country| with_method(store(NetPrices::Everywhere, Some(country)), flat()).quote().shipping.total;
    assert_eq!((fee("DE"), fee("CH"), fee("DK")), (595, 500, 625));
    let weighted = |country| {
        let mut shop = store(NetPrices::Everywhere, Some(country)).line("BOOK", 2_140, 1);
        shop.lines[1].tax_category = "books".to_owned();
        shop.policy.ship_tax = serde_json::from_value(json!("weighted")).expect("a setting");
        with_method(shop, flat()).quote().shipping.total
    };
    // Half of the net value bears 19 %, half 7 %: of 1.13 the net is 1.00.
    assert_eq!((weighted("DE"), weighted("CH")), (595, 527));
}

#[test]
fn amounts_off_and_least_amounts_are_as_stated_and_set_prices_are_prices() {
    let paid = |benefit: Value, country| {
        paid(&store(NetPrices::Everywhere, Some(country)).promotion(json!({"benefit": benefit}))).0
    };
    let off = json!({"kind": "fixed_amount", "amount": 500});
    assert_eq!((paid(off.clone(), "DE"), paid(off, "CH")), (1_880, 1_500));
    let each = json!({"kind": "fixed_price", "price": 952, "per": "unit"});
    assert_eq!((paid(each.clone(), "DE"), paid(each, "CH")), (1_904, 1_600));
    let all = json!({"kind": "fixed_price", "price": 1_785});
    assert_eq!((paid(all.clone(), "DE"), paid(all, "CH")), (1_785, 1_500));
    let set = json!({"kind": "bundle_price", "parts": [{"quantity": 2}], "price": 1_785});
    assert_eq!((paid(set.clone(), "DE"), paid(set, "CH")), (1_785, 1_500));
    let tier = json!({"kind": "bulk_price", "tiers": [{"from_quantity": 2, "off": {"unit_price": 952}}]});
    assert_eq!((paid(tier.clone(), "DE"), paid(tier, "CH")), (1_904, 1_600));
    let least = |country| {
        let promotion =
            json!({"conditions": {"min_order_amount": 2_100}, "benefit": {"kind": "percentage", "percent": 10}});
        store(NetPrices::Everywhere, Some(country)).promotion(promotion).quote().totals.discount
    };
    assert_eq!((least("DE"), least("CH")), (238, 0), "2,000 there is less than 2,100");
}

#[test]
fn a_customer_exempt_from_tax_pays_the_net_price_everywhere() {
    for country in ["DE", "CH", "DK", "US"] {
        let mut shop = store(NetPrices::Everywhere, Some(country));
        shop.tax_exempt = true;
        assert_eq!(paid(&shop), (2_000, 0), "{country}");
    }
}

#[test]
fn an_order_is_priced_again_at_the_prices_it_has() {
    let mut order = store(NetPrices::AlreadyInUnitPrices, Some("CH"));
    order.lines[0].unit_price = 1_000;
    let order = order.promotion(json!({"benefit": {"kind": "fixed_price", "price": 952, "per": "unit"}}));
    assert_eq!(paid(&order), (1_600, 0));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: more(1000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn elsewhere_too_parts_sum_to_wholes(shop in shop_with(0..5), country in 0..4usize) {
        let mut shop = shop;
        shop.home = Some(place("DE"));
        shop.net_prices = NetPrices::Everywhere;
        shop.destination = Some(place(["DE", "CH", "DK", "US"][country]));
        shop.rates = serde_json::from_value(rates()).expect("rates");
        // Floors of the check are those at home.
        shop.lines.iter_mut().for_each(|line| line.min_unit_price = None);
        check(&shop, &shop.quote());
    }

    #[test]
    fn at_home_net_prices_are_the_gross_prices(shop in shop_with(0..5), known in any::<bool>()) {
        let mut shop = shop;
        shop.rates = serde_json::from_value(rates()).expect("rates");
        shop.home = Some(place("DE"));
        shop.destination = known.then(|| place("DE"));
        let gross = shop.ask(true);
        shop.net_prices = NetPrices::Everywhere;
        prop_assert_eq!(gross, shop.ask(true));
    }

    #[test]
    fn the_net_of_a_unit_is_the_same_everywhere_to_the_rounding(price in 0..5_000_000i64, country in 0..3usize) {
        let mut shop = store(NetPrices::Everywhere, Some(["CH", "DK", "US"][country]));
        shop.lines[0].unit_price = price;
        let quote = shop.quote();
        let whole = [100, 125, 100][country];
        // Both are prices without tax, times 100 · 119: half a minor unit there is what rounding may cost.
        let (there, home) = (quote.lines[0].unit_price * 100 * 119, price * 100 * whole);
        prop_assert!((there - home).abs() <= 100 * 119 / 2, "{} of {price}", quote.lines[0].unit_price);
    }
}
