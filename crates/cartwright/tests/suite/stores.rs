//! Several stores on one server see nothing of one another, and operators need their keys.

use crate::harness::{Server, Shop};
use serde_json::json;

async fn two_stores() -> (Server, Shop, Shop) {
    let server = Server::start();
    let shop = server.shop();
    let store = json!({"handle": "books", "name": "Books", "currency": "USD", "hosts": ["books.example"]});
    let answer = shop.post("/admin/stores", &store).send().await;
    assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    let books = shop.of_store("books");
    shop.put_goods(&[("PEN", 500, 10)]).await;
    books.put_goods(&[("NOVEL", 1_250, 10)]).await;
    (server, shop, books)
}

#[tokio::test]
async fn a_store_is_named_by_header_or_host_and_the_default_one_is_implied() {
    let (server, shop, _) = two_stores().await;
    let guest = server.guest();
    let handles = async |host: Option<&str>, store: Option<&str>| {
        let mut ask = guest.get("/products");
        for (name, value) in [("Host", host), ("Cartwright-Store", store)] {
            if let Some(value) = value {
                ask = ask.header(name, value);
            }
        }
        let page = ask.send().await.expect(200);
        page["items"].as_array().expect("items").iter().map(|item| item["handle"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(handles(None, None).await, ["\"pen\""]);
    assert_eq!(handles(None, Some("books")).await, ["\"novel\""]);
    assert_eq!(handles(Some("books.example"), None).await, ["\"novel\""]);
    assert_eq!(handles(Some("books.example"), Some("default")).await, ["\"pen\""]);
    guest.of_store("nowhere").get("/products").send().await.problem(404, "store_not_found");
    let stores = shop.get("/admin/stores").send().await.expect(200);
    assert_eq!(stores["stores"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn goods_carts_orders_and_coupons_of_one_store_do_not_exist_in_another() {
    let (server, shop, books) = two_stores().await;
    let (here, there) = (shop.guest(), books.guest());
    there
        .post("/carts", &json!({"lines": [{"sku": "PEN", "quantity": 1}]}))
        .send()
        .await
        .problem(404, "variant_unknown");
    there.get("/products/pen").send().await.problem(404, "product_not_found");
    books.get("/admin/stock/PEN").send().await.problem(404, "variant_unknown");
    books.put_promotion(json!({"name": "Half", "benefit": {"kind": "percentage", "percent": "50"}}), &["HALF"]).await;

    let cart = here.cart(&[("PEN", 1)]).await;
    there.get(&cart.path("")).token(&cart.token).send().await.problem(404, "cart_not_found");
    books.get(&cart.path("")).send().await.problem(404, "cart_not_found");
    there.checkout(&cart, "k", "ok").send().await.problem(404, "cart_not_found");
    here.post(&cart.path("/coupons"), &json!({"code": "HALF"}))
        .token(&cart.token)
        .send()
        .await
        .problem(409, "coupon_invalid");

    let order = here.checkout(&cart, "k", "ok").send().await.expect(201);
    let id = order["id"].as_str().expect("an id");
    there.order(id, &cart.token).await.problem(404, "order_not_found");
    books.post(&format!("/orders/{id}/cancel"), &json!({})).send().await.problem(404, "order_not_found");
    assert_eq!((books.orders(None).await.len(), shop.orders(None).await.len()), (0, 1));

    // The same SKU and the same key in the other store are another thing.
    books.put_goods(&[("PEN", 900, 3)]).await;
    let dollars = there.cart(&[("PEN", 1)]).await;
    let other = there.checkout(&dollars, "k", "ok").send().await.expect(201);
    assert_eq!(other["totals"]["total"], json!({"amount": 900, "currency": "USD", "formatted": "$9.00"}));
    assert_eq!((shop.stock("PEN").await, books.stock("PEN").await), ((9, 0), (2, 0)));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn an_operators_route_needs_a_key_and_a_key_of_one_store_opens_no_other() {
    let (server, shop, _) = two_stores().await;
    let guest = server.guest();
    let paths = [
        "/admin/orders",
        "/admin/products",
        "/admin/promotions",
        "/admin/stores",
        "/admin/shipping-methods",
        "/admin/tax-rates",
        "/admin/stock/PEN",
        "/admin/stock/PEN/movements",
    ];
    for path in paths {
        let refused = guest.get(path).send().await;
        refused.problem(401, "unauthorized");
        assert!(refused.header("www-authenticate").starts_with("Bearer"), "{refused:?}");
        for key in ["sk_wrong", "", "sk_"] {
            guest.with_key(key).get(path).send().await.problem(401, "unauthorized");
        }
        assert_eq!(shop.get(path).send().await.status, 200, "{path}");
    }
    guest.get("/admin/orders").header("Authorization", "Basic c2s6eA==").send().await.problem(401, "unauthorized");
    let bound = guest.with_key(&server.create_key(&["--only-store", "books"]));
    assert_eq!(bound.of_store("books").get("/admin/orders").send().await.status, 200);
    bound.get("/admin/orders").send().await.problem(403, "other_store");
    bound.of_store("default").get("/admin/orders").send().await.problem(403, "other_store");
}

#[tokio::test]
async fn a_key_is_nowhere_in_the_database_or_the_log() {
    let (mut server, shop, _) = two_stores().await;
    shop.get("/admin/orders").send().await.expect(200);
    let cart = server.guest().cart(&[("PEN", 1)]).await;
    server.ask_to_stop();
    assert_eq!(server.wait().code(), Some(0));
    for (name, bytes) in server.contents() {
        for secret in [&server.key, &cart.token] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "a secret stands in {name}");
        }
    }
}

#[tokio::test]
async fn a_host_has_one_name_and_only_a_key_for_all_stores_gives_it_away() {
    let (server, shop, _) = two_stores().await;
    let put = async |by: &Shop, handle: &str, currency: &str, hosts: &[&str]| {
        let store = json!({"handle": handle, "name": handle, "currency": currency, "hosts": hosts});
        by.post("/admin/stores", &store).send().await
    };
    let names = ["Books.example.", "books.example:443", "B\u{fc}cher.example", "[2001:DB8:0::1]:80"];
    let kept = put(&shop, "books", "USD", &names).await.expect(200);
    assert_eq!(kept["hosts"], json!(["books.example", "xn--bcher-kva.example", "[2001:db8::1]"]));
    for host in ["books.example", "BOOKS.example.:443", "xn--bcher-kva.example:8080", "[2001:db8:0:0::1]"] {
        let page = server.guest().get("/products").header("Host", host).send().await.expect(200);
        assert_eq!(page["items"][0]["handle"], "novel", "{host}");
    }
    // Another spelling of a host that is taken, and what is none.
    for host in ["BOOKS.example", "books.example:8443", "books.example."] {
        put(&shop, "default", "EUR", &[host]).await.problem(409, "conflict");
    }
    for host in ["*.example", "a b.example", "https://a.example", "a.example/x", "::1"] {
        put(&shop, "default", "EUR", &[host]).await.problem(422, "invalid_request");
    }
    // The owner of one store claims nothing, listed or not, and may give up what the store has.
    let owner = shop.of_store("books").with_key(&server.create_key(&["--only-store", "books"]));
    for host in ["main.example", "localhost", "127.0.0.1"] {
        put(&owner, "books", "USD", &["books.example", host]).await.problem(403, "other_store");
    }
    assert_eq!(
        put(&owner, "books", "USD", &["Books.example:443"]).await.expect(200)["hosts"],
        json!(["books.example"])
    );
    // What a request does not list stays as it is.
    let settings = json!({"handle": "books", "name": "Books", "currency": "USD", "settings": {}});
    let kept = owner.post("/admin/stores", &settings).send().await.expect(200);
    assert_eq!(kept["hosts"], json!(["books.example"]));
    put(&owner, "books", "USD", &[]).await.expect(200);
    put(&owner, "books", "USD", &["books.example"]).await.problem(403, "other_store");
}
