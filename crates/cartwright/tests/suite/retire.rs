//! What is sold no more: variants switched off, products and variants removed, handles that lead to another.

use crate::harness::{Server, Shop};
use serde_json::{Value, json};

async fn tees(shop: &Shop) {
    let variant = |sku: &str, size: &str, price: i64| json!({"sku": sku, "price": price, "on_hand": 10, "attributes": {"Size": size}});
    let product =
        json!({"handle": "tee", "name": "Tee", "variants": [variant("TEE-S", "S", 2000), variant("TEE-M", "M", 3000)]});
    shop.post("/admin/products", &json!({"products": [product]})).send().await.expect(200);
}

async fn skus(shop: &Shop, path: &str) -> Vec<String> {
    let product = shop.get(path).send().await.expect(200);
    let variants = product["variants"].as_array().expect("variants");
    variants.iter().map(|variant| variant["sku"].as_str().expect("a SKU").to_owned()).collect()
}

async fn listed(shop: &Shop, query: &str) -> usize {
    shop.get(&format!("/products{query}")).send().await.expect(200)["items"].as_array().expect("items").len()
}

#[tokio::test]
async fn a_variant_that_is_switched_off_is_not_sold_and_comes_back() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    tees(&shop).await;
    let cart = guest.cart(&[("TEE-S", 1), ("TEE-M", 1)]).await;
    server.client(&["goods", "set-variant", "TEE-S", "active=false"]).good();
    assert_eq!(skus(&guest, "/products/tee").await, ["TEE-M"]);
    assert_eq!(skus(&shop, "/admin/products/tee").await, ["TEE-S", "TEE-M"]);
    assert_eq!((listed(&guest, "?max_price=2500").await, listed(&guest, "?min_price=2500").await), (0, 1));
    guest
        .post("/carts", &json!({"lines": [{"sku": "TEE-S", "quantity": 1}]}))
        .send()
        .await
        .problem(409, "not_for_sale");
    let refused = guest.checkout(&cart, "k", "ok").send().await.problem(409, "not_for_sale");
    assert_eq!(refused["errors"][0]["sku"], "TEE-S", "{refused}");
    // With all of them off the product is not for sale, though it is on.
    shop.patch("/admin/variants/TEE-M", &json!({"active": false})).send().await.expect(200);
    guest.get("/products/tee").send().await.problem(404, "product_not_found");
    assert_eq!(listed(&guest, "").await, 0);
    assert_eq!(shop.get("/admin/products/tee").send().await.expect(200)["active"], true);
    for sku in ["TEE-S", "TEE-M"] {
        shop.patch(&format!("/admin/variants/{sku}"), &json!({"active": true})).send().await.expect(200);
    }
    assert_eq!((listed(&guest, "").await, listed(&guest, "?in_stock=true").await), (1, 1));
    guest.checkout(&cart, "k", "ok").send().await.expect(201);
    // A file that does not say so leaves a variant off, and the product's switch is another.
    shop.patch("/admin/variants/TEE-S", &json!({"active": false})).send().await.expect(200);
    for active in [false, true] {
        shop.patch("/admin/products/tee", &json!({"active": active})).send().await.expect(200);
    }
    assert_eq!(skus(&guest, "/products/tee").await, ["TEE-M"]);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_product_that_is_removed_stays_in_its_orders_and_frees_its_names() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    tees(&shop).await;
    let bought = guest.cart(&[("TEE-S", 2)]).await;
    let order = guest.checkout(&bought, "k", "ok").send().await.expect(201);
    let waiting = guest.cart(&[("TEE-M", 1)]).await;
    let open = guest.cart(&[("TEE-S", 1)]).await;
    let pending = guest.checkout(&waiting, "k-2", "action").send().await;
    server.client(&["goods", "delete", "tee"]).good();
    for path in ["/products/tee", "/admin/products/tee"] {
        shop.get(path).send().await.problem(404, "product_not_found");
    }
    shop.get("/admin/stock/TEE-S").send().await.problem(404, "variant_unknown");
    shop.delete("/admin/products/tee").send().await.problem(404, "product_not_found");
    assert_eq!(shop.get("/admin/products").send().await.expect(200)["items"], json!([]));
    assert_eq!(shop.get("/admin/products?text=tee").send().await.expect(200)["items"], json!([]));
    let kept = guest.order(order["id"].as_str().expect("an id"), &bought.token).await.expect(200);
    assert_eq!((&kept["lines"][0]["sku"], &kept["lines"][0]["name"]), (&json!("TEE-S"), &order["lines"][0]["name"]));
    // Whoever has it in the cart sees what it was, and that it is not to be had.
    let seen = guest.read(&open).await;
    assert_eq!(
        (&seen["lines"][0]["sku"], &seen["lines"][0]["availability"]["status"]),
        (&json!("TEE-S"), &json!("unavailable"))
    );
    guest.checkout(&open, "k-3", "ok").send().await.problem(409, "not_for_sale");
    // What an order holds is given back to what is gone.
    if let Some(id) = pending.json()["id"].as_str() {
        shop.post(&format!("/orders/{id}/cancel"), &json!({})).send().await.expect(200);
    }
    shop.post(&format!("/orders/{}/cancel", order["id"].as_str().expect("an id")), &json!({})).send().await.expect(200);
    server.settle_and_verify().await;
    // The names are free, for goods that begin anew.
    tees(&shop).await;
    assert_eq!(shop.stock("TEE-S").await, (10, 0));
    let cart = guest.cart(&[("TEE-S", 3)]).await;
    guest.checkout(&cart, "k-4", "ok").send().await.expect(201);
    assert_eq!(
        guest.read(&open).await["lines"][0]["availability"]["status"],
        "unavailable",
        "another one of that name"
    );
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_variant_that_is_removed_is_gone_alone_and_the_last_one_stays() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    tees(&shop).await;
    let cart = guest.cart(&[("TEE-S", 1)]).await;
    guest.checkout(&cart, "k", "ok").send().await.expect(201);
    server.client(&["goods", "delete-variant", "TEE-S"]).good();
    assert_eq!(skus(&shop, "/admin/products/tee").await, ["TEE-M"]);
    assert_eq!(listed(&guest, "?max_price=2500").await, 0);
    shop.delete("/admin/variants/TEE-S").send().await.problem(404, "variant_unknown");
    guest
        .post("/carts", &json!({"lines": [{"sku": "TEE-S", "quantity": 1}]}))
        .send()
        .await
        .problem(404, "variant_unknown");
    shop.delete("/admin/variants/TEE-M").send().await.problem(409, "conflict");
    // The SKU may go to another product.
    shop.put_goods(&[("TEE-S", 100, 3)]).await;
    assert_eq!(
        (shop.stock("TEE-S").await, skus(&shop, "/admin/products/tee-s").await),
        ((3, 0), vec!["TEE-S".to_owned()])
    );
    tees(&shop).await;
    assert_eq!(skus(&shop, "/admin/products/tee").await, ["TEE-M"], "the draft is refused as a whole");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_handle_that_was_changed_leads_to_the_new_one() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    tees(&shop).await;
    shop.put_goods(&[("PEN", 500, 10)]).await;
    shop.patch("/admin/products/tee", &json!({"handle": "pen"})).send().await.problem(409, "conflict");
    shop.patch("/admin/products/tee", &json!({"handle": "Tee shirt"})).send().await.problem(422, "invalid_request");
    server.client(&["goods", "set", "tee", "handle=hemd"]).good();
    let renamed = shop.patch("/admin/products/hemd", &json!({"handle": "シャツ"})).send().await.expect(200);
    assert_eq!(renamed["handle"], "シャツ");
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    for (old, query) in [("tee", "?locale=de-DE"), ("hemd", "")] {
        let moved =
            client.get(format!("{}/api/v1/products/{old}{query}", server.url())).send().await.expect("an answer");
        let location = format!("/api/v1/products/%E3%82%B7%E3%83%A3%E3%83%84{query}");
        let told = moved.headers().get("location").and_then(|location| location.to_str().ok());
        assert_eq!((moved.status().as_u16(), told), (301, Some(&*location)), "{old}");
    }
    guest.get("/products/%E3%82%B7%E3%83%A3%E3%83%84").send().await.expect(200);
    let shown = server.client(&["product", "tee", "--json"]).json(0);
    assert_eq!(shown["handle"], "シャツ", "the client follows");
    // A file from before finds the product by its variants.
    let file = server.folder().join("old.csv");
    std::fs::write(&file, "handle,name,sku,price\ntee,Tee,TEE-S,21.00\n").expect("written");
    let report = server.client(&["import", &file.display().to_string(), "--json"]).json(0);
    assert_eq!(report[0]["updated"], 1, "{report:#}");
    assert_eq!(shop.get("/admin/products").send().await.expect(200)["items"].as_array().map(Vec::len), Some(2));
    // Other goods may take the name, and what had it before is found no more by it.
    shop.post(
        "/admin/products",
        &json!({"products": [{"handle": "tee", "name": "Tea", "variants": [{"sku": "TEA", "price": 300}]}]}),
    )
    .send()
    .await
    .expect(200);
    assert_eq!(guest.get("/products/tee").send().await.expect(200)["name"], "Tea");
    // Back again, and gone.
    shop.patch("/admin/products/hemd", &json!({"handle": "hemd"})).send().await.expect(200);
    assert_eq!(guest.get("/products/hemd").send().await.expect(200)["name"], "Tee");
    shop.delete("/admin/products/%E3%82%B7%E3%83%A3%E3%83%84").send().await.problem(404, "product_not_found");
    shop.delete("/admin/products/hemd").send().await.expect(204);
    for handle in ["hemd", "%E3%82%B7%E3%83%A3%E3%83%84"] {
        guest.get(&format!("/products/{handle}")).send().await.problem(404, "product_not_found");
    }
    server.verify();
}

#[tokio::test]
async fn what_is_off_or_renamed_is_exported_and_imported_as_it_is() {
    let server = Server::start();
    let shop = server.shop();
    tees(&shop).await;
    let weird = json!({"handle": "weird", "name": " 'Weird' ", "description": "=1+1\r\n ", "vendor": "\u{a0}V", "tags": [" a", "b,c", "\\"],
        "images": ["http://a.example/a b", "=x"], "tax_category": " t ", "variants": [
        {"sku": " W;1 ", "price": 1250, "prices": {"JPY": 1250, "KWD": 1250}, "min_unit_prices": {"USD": 5}, "attributes": {" a=b ": "c;d\\ ", "E": ""}, "on_hand": 7},
        {"sku": "W2", "price": 1250, "attributes": {" a=b ": "c;d\\ ", "E": ""}, "track_stock": false, "active": false}]});
    shop.post("/admin/products", &json!({"products": [weird]})).send().await.expect(200);
    shop.patch("/admin/products/tee", &json!({"handle": "hemd"})).send().await.expect(200);
    shop.patch("/admin/variants/TEE-S", &json!({"active": false})).send().await.expect(200);
    let before: Value = shop.get("/admin/products").send().await.expect(200);
    for format in ["plain", "shopify"] {
        let file = server.folder().join("all.csv").display().to_string();
        let exported = server.client(&["export", "--format", format, "--output", &file]);
        assert!(exported.code == Some(0) || format == "shopify", "{exported:?}");
        let report = server.client(&["import", &file, "--json", "--stock", "set"]).json(0);
        assert_eq!((&report[0]["updated"], &report[0]["created"]), (&json!(0), &json!(0)), "{format}: {report:#}");
        assert_eq!(shop.get("/admin/products").send().await.expect(200), before, "{format}");
    }
    server.verify();
}
