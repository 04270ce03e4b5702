//! What a cart is told, has taken back, and lacks; where goods go; and lines that cannot be bought any more.

use crate::harness::{Answer, CartKey, Server, Shop};
use serde_json::{Value, json};

async fn shop_with(settings: Value) -> (Server, Shop, Shop) {
    let server = Server::start();
    let shop = server.shop();
    put_settings(&shop, settings).await;
    shop.put_goods(&[("PEN", 500, 10), ("MUG", 900, 10)]).await;
    let variant = json!({"sku": "FILE", "price": 700, "on_hand": 10, "requires_shipping": false});
    let file = json!({"products": [{"handle": "file", "name": "File", "variants": [variant]}]});
    shop.post("/admin/products", &file).send().await.expect(200);
    let guest = shop.guest();
    (server, shop, guest)
}

async fn put_settings(shop: &Shop, settings: Value) {
    let store = json!({"handle": "default", "name": "Tea", "currency": "EUR", "settings": settings});
    shop.post("/admin/stores", &store).send().await.expect(200);
}

async fn put_methods(shop: &Shop, zones: Value) -> Answer {
    let rate = json!({"kind": "flat", "amount": 490});
    let methods = json!({"methods": [{"handle": "post", "name": "Post", "zones": zones, "rate": rate}]});
    shop.put("/admin/shipping-methods", &methods).send().await
}

async fn patch(guest: &Shop, cart: &CartKey, change: Value) -> Answer {
    guest.patch(&cart.path(""), &change).token(&cart.token).send().await
}

fn home() -> Value {
    json!({"name": "Ada", "line1": "1 Lane", "city": "Berlin", "postcode": "10115", "country": "DE", "phone": "1"})
}

#[tokio::test]
async fn a_merge_patch_unsets_by_null_keeps_what_is_absent_and_goes_into_addresses() {
    let (server, shop, guest) = shop_with(json!({})).await;
    put_methods(&shop, json!([])).await.expect(200);
    let cart = guest.cart(&[("PEN", 1)]).await;
    let told = json!({"email": "ada@example.com", "email_consent": true, "shipping_address": home(),
        "billing_address": home(), "shipping_method": "post"});
    let full = patch(&guest, &cart, told).await.expect(200);
    assert_eq!(full["totals"]["total"]["amount"], 990);
    let read = patch(&guest, &cart, json!({"shipping_address": {"phone": null, "city": "Bonn"}})).await.expect(200);
    let address = &read["shipping_address"];
    assert_eq!(
        (&address["phone"], &address["city"], &address["line1"]),
        (&json!(""), &json!("Bonn"), &json!("1 Lane"))
    );
    // By the name of the RFC, too.
    let kind = "application/merge-patch+json";
    let merge = guest.ask(reqwest::Method::PATCH, &cart.path("")).token(&cart.token);
    let read = merge.text(kind, r#"{"billing_address": {"line2": "Flat 2"}}"#).send().await.expect(200);
    assert_eq!(read["billing_address"]["line2"], "Flat 2");
    let read = patch(&guest, &cart, json!({"shipping_method": null})).await.expect(200);
    assert_eq!((&read["shipping_method"], &read["totals"]["total"]["amount"]), (&Value::Null, &json!(500)));
    for field in ["billing_address", "shipping_address", "email"] {
        let read = patch(&guest, &cart, json!({field: null})).await.expect(200);
        assert_eq!(read[field], Value::Null, "{read}");
    }
    let read = guest.read(&cart).await;
    assert!(!read["email_consent"].as_bool().unwrap_or_default(), "{read}");
    for wrong in [json!({"shipping_address": {"country": null}}), json!({"shipping_address": {"country": "UK"}})] {
        patch(&guest, &cart, wrong).await.problem(422, "invalid_request");
    }
    let lacks = patch(&guest, &cart, json!({"shipping_address": {"city": "Bonn"}})).await;
    let lacks = lacks.problem(409, "details_required");
    assert_eq!(lacks["errors"][0]["field"], "shipping_address.country");
    server.verify();
}

#[tokio::test]
async fn other_patches_unset_too_and_what_must_be_there_is_not_unset() {
    let (server, shop, guest) = shop_with(json!({})).await;
    let webhook = json!({"url": "https://shop.example/hook", "description": "x", "types": ["order.placed"]});
    let made = shop.post("/admin/webhooks", &webhook).send().await.expect(201);
    let path = format!("/admin/webhooks/{}", made["id"].as_str().expect("an id"));
    let read = shop.patch(&path, &json!({"description": null, "types": null})).send().await.expect(200);
    assert_eq!((&read["description"], &read["types"], &read["url"]), (&json!(""), &json!([]), &webhook["url"]));
    for wrong in [json!({"url": null}), json!({"active": null})] {
        shop.patch(&path, &wrong).send().await.problem(422, "invalid_request");
    }
    let cart = guest.cart(&[("PEN", 2)]).await;
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    let parcels = format!("/admin/orders/{}/fulfilments", order["id"].as_str().expect("an id"));
    let tracking = json!({"carrier": "DHL", "number": "1", "url": "https://dhl.example/1"});
    let sent = shop.post(&parcels, &json!({"tracking": tracking})).send().await.expect(200);
    let parcel = format!("{parcels}/{}", sent["fulfilments"][0]["id"].as_str().expect("an id"));
    let read = shop.patch(&parcel, &json!({"tracking": {"number": "2", "url": null}})).send().await.expect(200);
    assert_eq!(read["fulfilments"][0]["tracking"], json!({"carrier": "DHL", "number": "2"}));
    let read = shop.patch(&parcel, &json!({"tracking": null})).send().await.expect(200);
    assert_eq!(read["fulfilments"][0]["tracking"], Value::Null);
    shop.patch(&parcel, &json!({"tracking": {"number": "3"}})).send().await.problem(409, "definition_refused");
    shop.patch(&parcel, &json!({"status": null})).send().await.problem(422, "invalid_request");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn zones_compare_postcodes_by_the_form_of_their_country() {
    let (server, shop, guest) = shop_with(json!({})).await;
    for (zone, field) in [
        (json!({"countries": ["UK"]}), "methods[0].zones[0].countries[0]"),
        (json!({"countries": ["XX"]}), "methods[0].zones[0].countries[0]"),
    ] {
        let refused = put_methods(&shop, json!([zone])).await.problem(422, "invalid_request");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let refused = put_methods(&shop, json!([{"countries": ["DE"], "postcode_prefixes": ["10", "SE1"]}])).await;
    let refused = refused.problem(409, "definition_refused");
    assert_eq!(refused["errors"][0]["field"], "methods[0].zones[0].postcode_prefixes[1]");
    let zone = json!({"countries": ["GB", "DE"], "postcode_prefixes": ["SE1", "PA67", "D-10"]});
    put_methods(&shop, json!([zone])).await.expect(200);
    let cart = guest.cart(&[("PEN", 1)]).await;
    for (country, postcode, goes) in [
        ("GB", "SE1 7PB", true),
        ("GB", "se17pb", true),
        ("GB", "SE10 8XJ", false),
        ("GB", "PA6 7LN", false),
        ("GB", "PA67 6AB", true),
        ("DE", "D-10115", true),
        ("DE", "\u{ff11}0115", true),
        ("DE", "20115", false),
    ] {
        let address = json!({"shipping_address": {"country": country, "postcode": postcode}});
        patch(&guest, &cart, address).await.expect(200);
        let read = guest.get(&cart.path("/shipping-methods")).token(&cart.token).send().await.expect(200);
        assert_eq!(read["methods"].as_array().map(Vec::len), Some(usize::from(goes)), "{country} {postcode}: {read}");
    }
    server.verify();
}

#[tokio::test]
async fn checkout_says_all_that_is_wrong_at_once_each_with_its_line_and_remedy() {
    let needs = json!({"email": true, "phone": true});
    let (server, shop, guest) = shop_with(json!({"require_shipping": true, "checkout_needs": needs})).await;
    put_methods(&shop, json!([])).await.expect(200);
    let (cart, filled) = guest.fill(&[("PEN", 2), ("MUG", 4)]).await;
    let line = |at: usize| filled["lines"][at]["id"].clone();
    let address = json!({"name": "Ada", "line1": "1 Lane", "city": "Berlin", "postcode": "1011", "country": "DE"});
    patch(&guest, &cart, json!({"shipping_address": address})).await.expect(200);
    let gone = json!({"products": [{"handle": "pen", "name": "PEN", "active": false, "variants": [{"sku": "PEN", "price": 500}]}]});
    shop.post("/admin/products", &gone).send().await.expect(200);
    let fewer = json!({"sku": "MUG", "kind": "count", "quantity": 3, "reason": "counted"});
    shop.post("/admin/stock/adjustments", &json!({"adjustments": [fewer]})).send().await.expect(200);
    let refused = guest.checkout(&cart, "k", "ok").send().await.problem(409, "not_for_sale");
    let errors = refused["errors"].as_array().expect("errors");
    let told: Vec<(&str, &Value, &str)> = errors
        .iter()
        .map(|error| {
            let place = if error["line_id"].is_null() { &error["field"] } else { &error["line_id"] };
            (error["code"].as_str().unwrap_or_default(), place, error["remedy"]["action"].as_str().unwrap_or_default())
        })
        .collect();
    let field = |name: &str| json!(name);
    assert_eq!(
        told,
        [
            ("not_for_sale", &line(0), "remove_lines"),
            ("insufficient_stock", &line(1), "reduce_quantity"),
            ("details_required", &field("email"), "give_details"),
            ("details_required", &field("shipping_address.phone"), "give_details"),
            ("details_required", &field("shipping_address.postcode"), "give_details"),
            ("shipping_required", &Value::Null, "choose_shipping_method"),
        ]
    );
    server.verify();
}

#[tokio::test]
async fn goods_that_are_not_sent_are_bought_without_an_address() {
    let (server, shop, guest) = shop_with(json!({"require_shipping": true})).await;
    put_methods(&shop, json!([{"countries": ["DE"]}])).await.expect(200);
    let cart = guest.cart(&[("FILE", 1)]).await;
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    assert_eq!(order["totals"]["total"]["amount"], 700);
    let product = guest.get("/products/file").send().await.expect(200);
    assert_eq!(product["variants"][0]["requires_shipping"], false);
    // What a request does not say stays.
    let again = json!({"products": [{"handle": "file", "name": "File", "variants": [{"sku": "FILE", "price": 700}]}]});
    shop.post("/admin/products", &again).send().await.expect(200);
    let product = guest.get("/products/file").send().await.expect(200);
    assert_eq!(product["variants"][0]["requires_shipping"], false);
    let cart = guest.cart(&[("FILE", 1), ("PEN", 1)]).await;
    guest.checkout(&cart, "k", "ok").send().await.problem(409, "shipping_required");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_removed_cart_says_so_and_the_next_add_makes_a_new_one() {
    let (server, _, guest) = shop_with(json!({})).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    guest.delete(&cart.path("")).token(&cart.token).send().await.expect(204);
    guest.get(&cart.path("")).token(&cart.token).send().await.problem(404, "cart_removed");
    guest.checkout(&cart, "k", "ok").send().await.problem(404, "cart_removed");
    let add = json!({"sku": "PEN", "quantity": 2});
    let new = guest.post(&cart.path("/lines"), &add).token(&cart.token).send().await.expect(201);
    assert!(new["id"] != json!(cart.id) && new["token"] != json!(cart.token), "{new}");
    assert_eq!(server.execute("UPDATE carts SET version = version WHERE status = 'removed'"), 1);
    server.verify();
}

#[tokio::test]
async fn goods_that_the_carts_own_order_holds_are_there_for_it() {
    let (server, _, guest) = shop_with(json!({})).await;
    let cart = guest.cart(&[("PEN", 10)]).await;
    guest.checkout(&cart, "k", "requires_action").send().await.expect(202);
    let read = guest.read(&cart).await;
    assert_eq!(
        (&read["status"], &read["lines"][0]["availability"]["status"]),
        (&json!("checked_out"), &json!("available"))
    );
    assert_eq!(read["lines"][0]["notices"], json!([]));
    server.verify();
}

#[tokio::test]
async fn lines_that_ran_out_are_moved_out_of_the_way_unless_the_store_keeps_them() {
    for keep in [false, true] {
        let setting = if keep { "keep" } else { "set_aside" };
        let (server, _, guest) = shop_with(json!({"unavailable_lines": setting})).await;
        let cart = guest.cart(&[("PEN", 10), ("MUG", 1)]).await;
        let other = guest.cart(&[("PEN", 10)]).await;
        guest.checkout(&other, "k", "ok").send().await.expect(201);
        let read = guest.read(&cart).await;
        let lines: Vec<&Value> = read["lines"].as_array().expect("lines").iter().map(|line| &line["sku"]).collect();
        if keep {
            assert_eq!(lines, ["PEN", "MUG"]);
            assert_eq!(read["lines"][0]["notices"][0]["code"], "unavailable");
            guest.checkout(&cart, "k", "ok").send().await.problem(409, "insufficient_stock");
        } else {
            assert_eq!(lines, ["MUG"]);
            let saved = &read["saved"][0];
            assert_eq!((&saved["sku"], &saved["notices"][0]["code"]), (&json!("PEN"), &json!("moved_sold_out")));
            assert_eq!(read, guest.read(&cart).await);
            guest.checkout(&cart, "k", "ok").send().await.expect(201);
        }
        server.settle_and_verify().await;
    }
}
