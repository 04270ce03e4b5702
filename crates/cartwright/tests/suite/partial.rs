//! Absent is "as it was": files, commands and patches that state some fields change these and no others.

use crate::harness::{Server, Shop};
use serde_json::{Value, json};

/// A product of which every field says something.
fn full() -> Value {
    json!({
        "handle": "tee", "name": "Tee", "description": "<p>Soft</p> ", "vendor": "Lana", "tags": ["red", "a, b"], "active": false,
        "tax_category": "clothes", "images": ["https://a.example/1"], "price_policy": {"kind": "captured", "minutes": 60},
        "hold_policy": {"kind": "at_add", "minutes": 15, "max_units": 3},
        "variants": [
            {"sku": "TEE-S", "price": 2000, "prices": {"USD": 2200}, "min_unit_price": 1500, "attributes": {"Size": "S"},
             "weight_grams": 120, "track_stock": true, "on_hand": 5},
            {"sku": "TEE-M", "price": 2100, "attributes": {"Size": "M"}, "weight_grams": 130, "track_stock": false, "active": false},
        ],
    })
}

async fn put(shop: &Shop, product: Value) -> Value {
    let report = shop.post("/admin/products", &json!({"products": [product]})).send().await.expect(200);
    assert_ne!(report["results"][0]["outcome"], "refused", "{report}");
    report["results"][0].clone()
}

async fn read(shop: &Shop, handle: &str) -> Value {
    shop.get(&format!("/admin/products/{handle}")).send().await.expect(200)
}

/// Imports a file with this text; the report of it.
fn import(server: &Server, text: &str, more: &[&str]) -> Value {
    let file = server.folder().join("goods.csv");
    std::fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    server.client(&[&["import", &file, "--json"], more].concat()).json(0)[0].clone()
}

#[tokio::test]
async fn a_file_changes_what_it_states_and_nothing_else() {
    let server = Server::start();
    let shop = server.shop();
    put(&shop, full()).await;
    let mut expected = read(&shop, "tee").await;
    import(&server, "handle,name,sku,price\ntee,Shirt,TEE-S,25.00\ntee,,TEE-M,21.00\n", &[]);
    expected["name"] = json!("Shirt");
    expected["variants"][0]["price"] = json!({"amount": 2500, "currency": "EUR", "formatted": "25.00€"});
    assert_eq!(read(&shop, "tee").await, expected);
    // The same in Shopify's words, without an SKU: the variant is the one with the same options.
    import(&server, "URL handle,Title,Option1 name,Option1 value,Price\ntee,Tee,Size,S,20.00\n", &[]);
    expected["name"] = json!("Tee");
    expected["variants"][0]["price"] = json!({"amount": 2000, "currency": "EUR", "formatted": "20.00€"});
    assert_eq!(read(&shop, "tee").await, expected);
    // Of a product alone, and of variants alone.
    import(&server, "handle,active\ntee,true\n", &[]);
    expected["active"] = json!(true);
    import(&server, "handle,sku,weight_grams\ntee,TEE-M,1000\n", &[]);
    expected["variants"][1]["weight_grams"] = json!(1000);
    assert_eq!(read(&shop, "tee").await, expected);
    // What is empty is none.
    import(
        &server,
        "handle,vendor,tags,price_policy,hold_policy,tax_category,images,sku,prices,min_unit_prices,attributes\n\
        tee,,,,,,,TEE-S,,,\n",
        &[],
    );
    for (field, empty) in
        [("vendor", json!("")), ("tags", json!([])), ("images", json!([])), ("tax_category", json!("standard"))]
    {
        expected[field] = empty;
    }
    for policy in ["price_policy", "hold_policy"] {
        expected.as_object_mut().expect("a product").remove(policy);
    }
    let small = expected["variants"][0].as_object_mut().expect("a variant");
    small["attributes"] = json!({});
    small.remove("prices");
    small.remove("min_unit_prices");
    assert_eq!(read(&shop, "tee").await, expected);
    // What is new needs a name and a price.
    let file = server.folder().join("goods.csv");
    std::fs::write(&file, "handle,sku,vendor\npen,PEN,Lana\n").expect("written");
    let report = server.client(&["import", &file.display().to_string(), "--json"]).json(1);
    assert!(report[0]["refused"][0]["reason"].as_str().is_some_and(|reason| reason.contains("name")), "{report:#}");
    server.verify();
}

#[tokio::test]
async fn what_was_sold_does_not_come_back_unless_somebody_says_so() {
    let server = Server::start();
    let shop = server.shop();
    let text = "handle,name,sku,price,stock\npen,Pen,PEN,5.00,5\nmug,Mug,MUG,7.00,9\n";
    let report = import(&server, text, &[]);
    assert_eq!(report["stock"], json!({"new": 2, "set": 0, "added": 0, "left": 0}));
    let guest = server.guest();
    let cart = guest.cart(&[("PEN", 2)]).await;
    guest.checkout(&cart, "k", "ok").send().await.expect(201);
    let report = import(&server, text, &[]);
    assert_eq!(
        (&report["stock"], &report["unchanged"]),
        (&json!({"new": 0, "set": 0, "added": 0, "left": 1}), &json!(2))
    );
    assert_eq!(shop.stock("PEN").await, (3, 0));
    let report = import(&server, text, &["--stock", "add"]);
    assert_eq!(report["stock"], json!({"new": 0, "set": 0, "added": 2, "left": 0}));
    assert_eq!((shop.stock("PEN").await, shop.stock("MUG").await), ((8, 0), (18, 0)));
    let report = import(&server, text, &["--stock", "set"]);
    assert_eq!(report["stock"], json!({"new": 0, "set": 2, "added": 0, "left": 0}));
    assert_eq!((shop.stock("PEN").await, shop.stock("MUG").await), ((5, 0), (9, 0)));
    let people =
        server.client(&["import", &server.folder().join("goods.csv").display().to_string(), "--stock", "set"]).good();
    assert!(!people.contains("stock:"), "nothing was set: {people}");
    let moved = shop.get("/admin/stock/PEN/movements").send().await.expect(200);
    let causes: Vec<&str> =
        moved["items"].as_array().expect("entries").iter().filter_map(|item| item["cause"].as_str()).collect();
    assert_eq!(causes, ["count", "receive", "commit", "hold", "count"], "{moved}");
    // The interface knows the same rule.
    let again = json!({"stock": "leave", "products": [{"handle": "pen", "name": "Pen", "variants": [{"sku": "PEN", "price": 500, "on_hand": 50}]}]});
    let report = shop.post("/admin/products", &again).send().await.expect(200);
    assert_eq!(
        (&report["results"][0]["outcome"], &report["results"][0]["stock"]["left"]),
        (&json!("unchanged"), &json!(1))
    );
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_product_sent_again_keeps_what_is_absent_and_loses_what_is_null() {
    let server = Server::start();
    let shop = server.shop();
    put(&shop, full()).await;
    let mut expected = read(&shop, "tee").await;
    put(&shop, json!({"handle": "tee", "name": "Tee", "variants": [{"sku": "TEE-S", "price": 2000}]})).await;
    assert_eq!(read(&shop, "tee").await, expected);
    put(&shop, json!({"handle": "tee", "name": "Tee", "vendor": null, "hold_policy": null, "variants": [{"sku": "TEE-S", "price": 2000, "prices": null}]})).await;
    expected["vendor"] = json!("");
    expected.as_object_mut().expect("a product").remove("hold_policy");
    expected["variants"][0].as_object_mut().expect("a variant").remove("prices");
    assert_eq!(read(&shop, "tee").await, expected);
}

#[tokio::test]
async fn products_and_variants_are_patched_field_by_field() {
    let server = Server::start();
    let shop = server.shop();
    put(&shop, full()).await;
    let mut expected = read(&shop, "tee").await;
    let patched = shop
        .patch(
            "/admin/products/tee",
            &json!({"vendor": "Nana", "description": null, "active": true, "price_policy": null}),
        )
        .send()
        .await;
    expected["vendor"] = json!("Nana");
    expected["description"] = json!("");
    expected["active"] = json!(true);
    expected.as_object_mut().expect("a product").remove("price_policy");
    assert_eq!(patched.expect(200), expected);
    let change = json!({"price": 1900, "prices": {"JPY": 3000, "USD": null}, "attributes": {"Colour": "red"}, "weight_grams": null});
    let patched = shop.patch("/admin/variants/TEE-S", &change).send().await.expect(200);
    let small = &patched["variants"][0];
    assert_eq!((&small["price"]["amount"], &small["weight_grams"]), (&json!(1900), &json!(0)));
    assert_eq!(small["attributes"], json!({"Size": "S", "Colour": "red"}));
    assert_eq!(small["prices"].as_array().map(Vec::len), Some(1));
    assert_eq!((&small["prices"][0]["currency"], &small["prices"][0]["amount"]), (&json!("JPY"), &json!(3000)));
    assert_eq!(small["min_unit_prices"][0]["amount"], 1500);
    assert_eq!(patched["variants"][1], expected["variants"][1]);
    // Another SKU; the goods in carts and on the shelf stay.
    let renamed = shop.patch("/admin/variants/TEE-S", &json!({"sku": "TEE-SMALL"})).send().await.expect(200);
    assert_eq!((&renamed["variants"][0]["sku"], &renamed["variants"][0]["on_hand"]), (&json!("TEE-SMALL"), &json!(5)));
    shop.get("/admin/stock/TEE-S").send().await.problem(404, "variant_unknown");
    assert_eq!(shop.stock("TEE-SMALL").await, (5, 0));
    assert_eq!(
        shop.get("/admin/products?text=tee-small").send().await.expect(200)["items"].as_array().map(Vec::len),
        Some(1)
    );
    shop.patch("/admin/variants/TEE-SMALL", &json!({"sku": "TEE-M"})).send().await.problem(409, "conflict");
    for (path, wrong) in [
        ("/admin/products/tee", json!({"name": null})),
        ("/admin/products/tee", json!({"active": null})),
        ("/admin/products/tee", json!({"colour": "red"})),
        ("/admin/variants/TEE-M", json!({"price": null})),
        ("/admin/variants/TEE-M", json!({"price": -1})),
        ("/admin/variants/TEE-M", json!({"prices": {"XXZ": 1}})),
    ] {
        shop.patch(path, &wrong).send().await.problem(422, "invalid_request");
    }
    shop.patch("/admin/products/none", &json!({})).send().await.problem(404, "product_not_found");
    shop.patch("/admin/variants/none", &json!({})).send().await.problem(404, "variant_unknown");
    server.verify();
}

#[tokio::test]
async fn what_is_told_of_a_customer_stays_until_it_is_told_otherwise() {
    let server = Server::start();
    let set = |more: &[&str]| server.client(&[&["customers", "set", "ada", "--json"], more].concat()).json(0);
    set(&["--group", "staff", "--group", "wholesale"]);
    let told = set(&["--tax-exempt"]);
    assert_eq!((&told["groups"], &told["tax_exempt"]), (&json!(["staff", "wholesale"]), &json!(true)));
    let told = set(&["--group", "staff"]);
    assert_eq!((&told["groups"], &told["tax_exempt"]), (&json!(["staff"]), &json!(true)));
    let told = set(&["--tax-exempt=false", "--email", "ada@example.com"]);
    assert_eq!((&told["groups"], &told["tax_exempt"]), (&json!(["staff"]), &json!(false)));
    let told = set(&["--no-groups"]);
    assert_eq!((&told["groups"], &told["email"]), (&json!([]), &json!("ada@example.com")));
}

#[tokio::test]
async fn one_setting_of_a_store_is_set_and_all_others_stay() {
    let server = Server::start();
    let shop = server.shop();
    let settings = json!({"locale": "de-DE", "urgency": true, "hold_policy": {"kind": "at_add", "minutes": 15, "max_units": 3}, "payment_minutes": 30});
    let store = json!({"handle": "books", "name": "Books and more", "currency": "USD", "hosts": ["books.example"], "settings": settings});
    let mut expected = shop.post("/admin/stores", &store).send().await.expect(200);
    let same = async |expected: &Value| assert_eq!(shop.get("/admin/stores/books").send().await.expect(200), *expected);
    server.client(&["stores", "create", "books", "--settings", r#"{"payment_minutes": 45}"#]).good();
    expected["settings"]["payment_minutes"] = json!(45);
    same(&expected).await;
    server.client(&["stores", "create", "books", "--currency", "USD"]).good();
    same(&expected).await;
    server.client(&["stores", "set", "books", "recovery.link_days=9", "locale=", "hold_policy.minutes=20"]).good();
    expected["settings"]["recovery"]["link_days"] = json!(9);
    expected["settings"]["hold_policy"]["minutes"] = json!(20);
    expected["settings"].as_object_mut().expect("settings").remove("locale");
    same(&expected).await;
    let patched = shop
        .patch("/admin/stores/books", &json!({"settings": {"hold_policy": {"kind": "at_checkout"}, "urgency": null}}))
        .send()
        .await;
    expected["settings"]["hold_policy"] = json!({"kind": "at_checkout"});
    expected["settings"]["urgency"] = json!(false);
    assert_eq!(patched.expect(200), expected);
    let shown = server.client(&["stores", "set", "books", "--name", "Books"]).good();
    expected["name"] = json!("Books");
    assert!(shown.contains("recovery.link_days"), "{shown}");
    same(&expected).await;
    let unset = shop.patch("/admin/stores/books", &json!({"settings": null, "hosts": null})).send().await.expect(200);
    assert_eq!(
        (&unset["settings"]["payment_minutes"], &unset["hosts"], &unset["name"]),
        (&json!(60), &json!([]), &json!("Books"))
    );
    for wrong in [
        json!({"settings": {"payment_minutes": 0}}),
        json!({"settings": {"colour": 1}}),
        json!({"settings": 5}),
        json!({"name": null}),
    ] {
        shop.patch("/admin/stores/books", &wrong).send().await.problem(422, "invalid_request");
    }
    assert_eq!(server.client(&["stores", "set", "books"]).code, Some(2));
    shop.patch("/admin/stores/none", &json!({})).send().await.problem(404, "store_not_found");
    let owner = shop.of_store("books").with_key(&server.create_key(&["--only-store", "books"]));
    owner.patch("/admin/stores/default", &json!({"name": "Mine"})).send().await.problem(403, "other_store");
    owner.patch("/admin/stores/books", &json!({"hosts": ["more.example"]})).send().await.problem(403, "other_store");
    // A new store needs a currency, and is called by its handle.
    shop.post("/admin/stores", &json!({"handle": "new"})).send().await.problem(422, "invalid_request");
    assert_eq!(
        shop.post("/admin/stores", &json!({"handle": "new", "currency": "EUR"})).send().await.expect(200)["name"],
        "new"
    );
}
