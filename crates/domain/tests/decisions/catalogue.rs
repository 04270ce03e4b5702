//! Products and variants: what a draft states is set, everything else stays; and what is sold no more.

use crate::shop::{Shop, draft};
use cartwright_domain::catalogue::{CatalogueState, Product, Variant};
use cartwright_domain::command::{
    Command, Merge, ProductChange, ProductDraft, Reply, StockDone, StockRule, Upserted, VariantChange, VariantDraft,
};
use cartwright_domain::refusal::Refusal;
use cartwright_domain::store::{HoldPolicy, PricePolicy};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A product of which every field says something, in one of two ways.
fn full(way: u8) -> ProductDraft {
    let text = |name: &str| format!("{name} {way}");
    let map = |amount: i64| BTreeMap::from([("USD".to_owned(), amount + i64::from(way))]);
    let variant = |sku: &str| VariantDraft {
        sku: sku.to_owned(),
        attributes: Some(BTreeMap::from([("Kind".to_owned(), text(sku))])),
        price: Some(500 + i64::from(way)),
        prices: Some(map(700)),
        floors: Some(map(300)),
        weight_grams: Some(10 + i64::from(way)),
        track_stock: Some(way == 0),
        active: Some(way == 0),
        ..VariantDraft::default()
    };
    ProductDraft {
        handle: "tee".to_owned(),
        name: Some(text("name")),
        active: Some(way == 0),
        tags: Some(vec![text("tag")]),
        tax_category: Some(text("category")),
        price_policy: Some((way == 0).then_some(PricePolicy::Latest {})),
        hold_policy: Some((way == 0).then_some(HoldPolicy::AtCheckout {})),
        description: Some(text("description")),
        vendor: Some(text("vendor")),
        images: Some(vec![text("image")]),
        variants: vec![variant("A"), variant("B")],
        ..ProductDraft::default()
    }
}

/// The draft with only those fields that the bits name.
fn some(mut draft: ProductDraft, bits: u32) -> ProductDraft {
    let stated = |bit: u32| bits & (1 << bit) != 0;
    draft.name = draft.name.filter(|_| stated(0));
    draft.active = draft.active.filter(|_| stated(1));
    draft.tags = draft.tags.filter(|_| stated(2));
    draft.tax_category = draft.tax_category.filter(|_| stated(3));
    draft.price_policy = draft.price_policy.filter(|_| stated(4));
    draft.hold_policy = draft.hold_policy.filter(|_| stated(5));
    draft.description = draft.description.filter(|_| stated(6));
    draft.vendor = draft.vendor.filter(|_| stated(7));
    draft.images = draft.images.filter(|_| stated(8));
    draft.variants.retain(|variant| stated(if variant.sku == "A" { 9 } else { 10 }));
    for variant in &mut draft.variants {
        variant.attributes = variant.attributes.take().filter(|_| stated(11));
        variant.price = variant.price.filter(|_| stated(12));
        variant.prices = variant.prices.take().filter(|_| stated(13));
        variant.floors = variant.floors.take().filter(|_| stated(14));
        variant.weight_grams = variant.weight_grams.filter(|_| stated(15));
        variant.track_stock = variant.track_stock.filter(|_| stated(16));
        variant.active = variant.active.filter(|_| stated(17));
    }
    draft
}

/// The product and its variants as a draft that states all of them.
fn as_draft(shop: &Shop) -> ProductDraft {
    let (product, variants) = found(shop, "tee");
    let first = &variants[0];
    let variant = |variant: &Variant| VariantDraft {
        sku: variant.sku.clone(),
        attributes: Some(variant.attributes.clone()),
        price: Some(variant.price),
        prices: Some(variant.prices.clone()),
        floors: Some(variant.floors.clone()),
        weight_grams: Some(variant.weight_grams),
        track_stock: Some(variant.track_stock),
        active: Some(variant.state == CatalogueState::On),
        ..VariantDraft::default()
    };
    ProductDraft {
        handle: product.handle.clone(),
        name: Some(product.name.clone()),
        active: Some(product.state == CatalogueState::On),
        tags: Some(first.tags.clone()),
        tax_category: Some(first.tax_category.clone()),
        price_policy: Some(first.price_policy),
        hold_policy: Some(first.hold_policy),
        description: Some(product.detail.description.clone()),
        vendor: Some(product.detail.vendor.clone()),
        images: Some(product.detail.images.clone()),
        variants: variants.iter().map(variant).collect(),
        ..ProductDraft::default()
    }
}

fn found(shop: &Shop, handle: &str) -> (Product, Vec<Variant>) {
    let (_, product) = shop.set.products.rows().find(|(_, product)| product.handle == handle).expect("the product");
    let variants = product.variants.iter().map(|id| (**shop.set.variants.get(id).expect("a variant")).clone());
    ((**product).clone(), variants.collect())
}

fn put(shop: &mut Shop, draft: ProductDraft) -> (Upserted, StockDone) {
    match shop.run(Command::UpsertProduct(Box::new(draft))).expect("it is taken") {
        Reply::Product(_, outcome, stock) => (outcome, stock),
        other => panic!("{other:?}"),
    }
}

fn change(shop: &mut Shop, handle: &str, change: ProductChange) -> Result<Reply, Refusal> {
    let draft = ProductDraft { handle: handle.to_owned(), ..change.draft };
    shop.run(Command::ChangeProduct(Box::new(ProductChange { draft, ..change })))
}

proptest! {
    /// Whatever a draft leaves out stays, whatever it states is so afterwards, and a second time changes nothing.
    #[test]
    fn what_is_not_stated_stays(bits in 0_u32..1 << 18) {
        let mut shop = Shop::with(&[]);
        put(&mut shop, full(0));
        let partial = some(full(1), bits);
        put(&mut shop, partial.clone());
        let after = as_draft(&shop);
        let expected_name = if bits & 1 == 0 { "name 0" } else { "name 1" };
        prop_assert_eq!(after.name.as_deref(), Some(expected_name));
        // Stated fields are those of the second way, all others those of the first.
        let (was, is) = (full(0), full(1));
        let mut expected = was.clone();
        let stated = |bit: u32| bits & (1 << bit) != 0;
        macro_rules! take { ($($bit:literal $field:ident),*) => { $(if stated($bit) { expected.$field = is.$field.clone(); })* } }
        take!(0 name, 1 active, 2 tags, 3 tax_category, 4 price_policy, 5 hold_policy, 6 description, 7 vendor, 8 images);
        for (place, bit) in [(0, 9), (1, 10)] {
            let (variant, new) = (&mut expected.variants[place], &is.variants[place]);
            macro_rules! take { ($($bit:literal $field:ident),*) => { $(if stated(bit) && stated($bit) { variant.$field = new.$field.clone(); })* } }
            take!(11 attributes, 12 price, 13 prices, 14 floors, 15 weight_grams, 16 track_stock, 17 active);
        }
        prop_assert_eq!(after, expected);
        prop_assert_eq!(put(&mut shop, partial).0, Upserted::Unchanged);
    }
}

#[test]
fn what_is_new_takes_defaults_and_needs_a_name_a_variant_and_a_price() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let (product, variants) = found(&shop, "pen");
    assert_eq!(
        (product.state, variants[0].track_stock, variants[0].tax_category.as_str()),
        (CatalogueState::On, true, "standard")
    );
    let refused = |shop: &mut Shop, draft: ProductDraft| match shop.run(Command::UpsertProduct(Box::new(draft))) {
        Err(Refusal::Invalid(errors)) => errors.into_iter().map(|error| error.field).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let bare = |handle: &str| ProductDraft { handle: handle.to_owned(), ..ProductDraft::default() };
    assert_eq!(refused(&mut shop, bare("mug")), ["variants", "name"]);
    let nameless = VariantDraft { sku: "NEW".to_owned(), ..VariantDraft::default() };
    assert_eq!(refused(&mut shop, ProductDraft { variants: vec![nameless], ..bare("pen") }), ["variants[0].price"]);
    assert_eq!(put(&mut shop, bare("pen")).0, Upserted::Unchanged);
}

#[test]
fn stock_that_is_stated_counts_by_the_rule() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let mut stated = |rule: StockRule, units: i64| {
        let stock = put(&mut shop, ProductDraft { stock: rule, ..draft("PEN", 500, units) }).1;
        (shop.stock("PEN").on_hand, stock)
    };
    let done = StockDone::default();
    assert_eq!(stated(StockRule::Leave, 9), (5, StockDone { left: 1, ..done }));
    assert_eq!(stated(StockRule::Leave, 5), (5, done));
    assert_eq!(stated(StockRule::Add, 3), (8, StockDone { added: 1, ..done }));
    assert_eq!(stated(StockRule::Add, 0), (8, done));
    assert_eq!(stated(StockRule::Set, 2), (2, StockDone { set: 1, ..done }));
    assert_eq!(stated(StockRule::Set, 2), (2, done));
    assert_eq!(
        put(&mut shop, ProductDraft { stock: StockRule::Leave, ..draft("MUG", 500, 7) }).1,
        StockDone { new: 1, ..done }
    );
    assert_eq!((shop.stock("MUG").on_hand, shop.ledger("MUG")), (7, shop.stock("MUG")));
}

#[test]
fn a_derived_sku_means_the_variant_with_the_same_attributes() {
    let mut shop = Shop::with(&[]);
    put(&mut shop, full(0));
    let row = |kind: &str, price: i64| {
        let attributes = Some(BTreeMap::from([("Kind".to_owned(), kind.to_owned())]));
        let sku = format!("tee-{kind}");
        let variant =
            VariantDraft { sku, sku_is_derived: true, attributes, price: Some(price), ..VariantDraft::default() };
        ProductDraft { handle: "tee".to_owned(), variants: vec![variant], ..ProductDraft::default() }
    };
    put(&mut shop, row("B 0", 999));
    put(&mut shop, row("C", 888));
    let (_, variants) = found(&shop, "tee");
    let told: Vec<_> = variants.iter().map(|variant| (variant.sku.as_str(), variant.price)).collect();
    assert_eq!(told, [("A", 500), ("B", 999), ("tee-C", 888)]);
}

#[test]
fn names_change_and_are_free_again() {
    let mut shop = Shop::with(&[("PEN", 500, 5), ("MUG", 700, 5)]);
    let rename = |handle: &str| ProductChange { handle: Some(handle.to_owned()), ..ProductChange::default() };
    assert!(matches!(change(&mut shop, "pen", rename("mug")), Err(Refusal::Conflict { .. })));
    change(&mut shop, "pen", rename("quill")).expect("renamed");
    assert_eq!(found(&shop, "quill").1[0].handle, "quill");
    // By the old name it is found as long as nobody else has it.
    change(&mut shop, "pen", ProductChange::default()).expect("found by the old name");
    assert_eq!(put(&mut shop, draft("PEN", 600, 5)).0, Upserted::Updated);
    let other = ProductDraft { handle: "pen".to_owned(), ..draft("INK", 300, 1) };
    assert_eq!(put(&mut shop, other).0, Upserted::Created);
    assert_eq!(found(&shop, "quill").1[0].price, 600);
    let sku = |sku: &str, new: &str| {
        Command::ChangeVariant(Box::new(VariantChange {
            sku: sku.to_owned(),
            new_sku: Some(new.to_owned()),
            ..VariantChange::default()
        }))
    };
    assert!(matches!(shop.run(sku("PEN", "MUG")), Err(Refusal::Conflict { .. })));
    shop.run(sku("PEN", "QUILL")).expect("another SKU");
    assert_eq!(shop.stock("QUILL").on_hand, 5);
    assert!(matches!(shop.run(sku("PEN", "X")), Err(Refusal::SkuUnknown { .. })));
}

#[test]
fn maps_of_a_variant_are_merged_entry_by_entry() {
    let mut shop = Shop::with(&[]);
    put(&mut shop, full(0));
    let entries = BTreeMap::from([("USD".to_owned(), None), ("JPY".to_owned(), Some(90)), ("EUR".to_owned(), Some(1))]);
    let change = VariantChange {
        sku: "A".to_owned(),
        prices: Some(Merge::Entries(entries)),
        floors: Some(Merge::Clear),
        ..VariantChange::default()
    };
    shop.run(Command::ChangeVariant(Box::new(change))).expect("changed");
    let (_, variants) = found(&shop, "tee");
    assert_eq!(variants[0].prices, BTreeMap::from([("JPY".to_owned(), 90)]), "the store's own currency has its price");
    assert!(variants[0].floors.is_empty() && variants[0].attributes.len() == 1);
}

#[test]
fn what_is_removed_stays_where_it_is_named_and_is_found_no_more() {
    let mut shop = Shop::with(&[("PEN", 500, 5)]);
    let cart = shop.cart(&[("PEN", 2)]);
    let order = shop.checkout(cart, "k", None).unwrap();
    assert!(
        matches!(shop.run(Command::DeleteVariant("PEN".to_owned())), Err(Refusal::Conflict { .. })),
        "the last one"
    );
    shop.run(Command::DeleteProduct("pen".to_owned())).expect("gone");
    assert!(matches!(shop.run(Command::DeleteProduct("pen".to_owned())), Err(Refusal::ProductNotFound)));
    let id = order.lines[0].variant_id;
    assert_eq!(shop.set.stock_of(id).reserved, 2, "held until it is paid");
    let gone = shop.set.variants.get(&id).expect("it stays").clone();
    assert_eq!((gone.state, gone.active, gone.sku.as_str()), (CatalogueState::Deleted, false, "PEN"));
    // The same names begin anew.
    assert_eq!(put(&mut shop, draft("PEN", 900, 3)).0, Upserted::Created);
    assert_eq!((shop.stock("PEN").on_hand, shop.set.stock_of(id).on_hand), (3, 5));
}
