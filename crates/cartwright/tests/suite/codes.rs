//! Codes in carts: each says whether it counts, and if not why and what would help; a checkout says the same, of all at once.

use crate::harness::{Answer, CartKey, Server, Shop};
use serde_json::{Value, json};

fn ten_percent(name: &str, more: Value) -> Value {
    let mut promotion =
        json!({"name": name, "requires_code": true, "benefit": {"kind": "percentage", "percent": "10"}});
    for (field, value) in more.as_object().expect("fields") {
        promotion[field] = value.clone();
    }
    promotion
}

async fn apply(shop: &Shop, cart: &CartKey, code: &str) -> Answer {
    shop.guest().post(&cart.path("/coupons"), &json!({"code": code})).token(&cart.token).send().await
}

fn of<'a>(cart: &'a Value, code: &str) -> &'a Value {
    let coupons = cart["coupons"].as_array().unwrap_or_else(|| panic!("codes in {cart}"));
    coupons.iter().find(|coupon| coupon["code"] == code).unwrap_or_else(|| panic!("{code} in {cart}"))
}

/// Whether a code counts, and why not.
fn state(cart: &Value, code: &str) -> (bool, String) {
    let coupon = of(cart, code);
    let reason = coupon["reason"].as_str().unwrap_or_default();
    assert_eq!(coupon["sentence"].as_str().is_some_and(|text| !text.is_empty()), !reason.is_empty(), "{coupon}");
    (coupon["applied"] == true, reason.to_owned())
}

fn not(reason: &str) -> (bool, String) {
    (false, reason.to_owned())
}

fn yes() -> (bool, String) {
    (true, String::new())
}

async fn checkout(shop: &Shop, cart: &CartKey) -> Answer {
    let seen = shop.guest().read(cart).await["totals"]["total"]["amount"].clone();
    let body = json!({"expected_total": seen, "payment": {"gateway": "test", "method": "ok"}});
    shop.guest().post(&cart.path("/checkout"), &body).token(&cart.token).key("buy").send().await
}

/// What a refused checkout says of each code: code, reason, remedy.
fn told(problem: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("a text in {problem}")).to_owned();
    let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("errors in {problem}"));
    errors
        .iter()
        .map(|error| (text(&error["coupon"]), text(&error["code"]), text(&error["remedy"]["action"])))
        .collect()
}

fn entry(code: &str, reason: &str, remedy: &str) -> (String, String, String) {
    (code.to_owned(), reason.to_owned(), remedy.to_owned())
}

#[tokio::test]
async fn a_code_counted_per_customer_asks_a_guest_for_an_address_in_the_cart_and_at_checkout() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    shop.put_promotion(ten_percent("Once", json!({"limits": {"uses_per_customer": 1}})), &["ONCE"]).await;
    let guest = shop.guest();
    let cart = guest.cart(&[("PEN", 1)]).await;
    let shown = apply(&shop, &cart, "once").await.expect(200);
    assert_eq!((state(&shown, "ONCE"), &shown["totals"]["total"]["amount"]), (not("email_required"), &json!(1_000)));
    let refused = checkout(&shop, &cart).await.problem(409, "email_required");
    assert_eq!(told(&refused), [entry("ONCE", "email_required", "give_email")]);
    assert_eq!(refused["remedy"]["action"], "give_email");
    let email = json!({"email": "ann@example.com"});
    let shown = guest.patch(&cart.path(""), &email).token(&cart.token).send().await.expect(200);
    assert_eq!((state(&shown, "ONCE"), &shown["totals"]["total"]["amount"]), (yes(), &json!(900)));
    let second = guest.cart(&[("PEN", 1)]).await;
    apply(&shop, &second, "ONCE").await.expect(200);
    checkout(&shop, &cart).await.expect(201);
    let shown = guest.patch(&second.path(""), &email).token(&second.token).send().await.expect(200);
    assert_eq!(state(&shown, "ONCE"), not("used_by_you"));
    let explained = guest.get(&second.path("?explain=true")).token(&second.token).send().await.expect(200);
    assert_eq!(explained["explanations"][0]["reason"], "used_by_you");
    let refused = checkout(&shop, &second).await.problem(409, "coupon_exhausted");
    assert_eq!(told(&refused), [entry("ONCE", "used_by_you", "remove_coupon")]);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_limit_that_somebody_else_used_up_shows_at_the_next_read() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    shop.put_promotion(ten_percent("All", json!({"limits": {"total_uses": 1}})), &["ALL"]).await;
    let free = shop.put_promotion(ten_percent("Bulk", json!({})), &["BULK"]).await;
    let codes = json!({"codes": ["SINGLE"], "max_uses": 1});
    shop.post(&format!("/admin/promotions/{free}/codes"), &codes).send().await.expect(201);
    for code in ["ALL", "SINGLE"] {
        let (first, second) = (shop.guest().cart(&[("PEN", 1)]).await, shop.guest().cart(&[("PEN", 1)]).await);
        for cart in [&first, &second] {
            assert_eq!(state(&apply(&shop, cart, code).await.expect(200), code), yes());
        }
        let order = checkout(&shop, &first).await.expect(201);
        let shown = shop.guest().read(&second).await;
        assert_eq!((state(&shown, code), &shown["totals"]["total"]["amount"]), (not("used_up"), &json!(1_000)));
        let refused = checkout(&shop, &second).await.problem(409, "coupon_exhausted");
        assert_eq!(told(&refused), [entry(code, "used_up", "remove_coupon")]);
        assert_eq!(refused["remedy"]["with"]["code"], code);
        let cancel = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
        shop.post(&cancel, &json!({})).send().await.expect(200);
        assert_eq!(state(&shop.guest().read(&second).await, code), yes(), "given back");
    }
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_withdrawn_code_says_so_however_it_was_withdrawn() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    let definition = |name: &str| ten_percent(name, json!({}));
    let deleted = shop.put_promotion(definition("Deleted"), &["DELETED"]).await;
    let off = shop.put_promotion(definition("Off"), &["OFF"]).await;
    let without = shop.put_promotion(definition("Without"), &["WITHOUT", "KEPT"]).await;
    let mut carts = Vec::new();
    for code in ["DELETED", "OFF", "WITHOUT"] {
        let cart = shop.guest().cart(&[("PEN", 1)]).await;
        assert_eq!(state(&apply(&shop, &cart, code).await.expect(200), code), yes());
        carts.push((code, cart));
    }
    shop.delete(&format!("/admin/promotions/{deleted}")).send().await.expect(204);
    let put = |id: &str, definition: Value, codes: Value| {
        shop.put(&format!("/admin/promotions/{id}"), &json!({"definition": definition, "codes": codes})).send()
    };
    put(&off, ten_percent("Off", json!({"active": false})), json!(["OFF"])).await.expect(200);
    put(&without, definition("Without"), json!(["KEPT"])).await.expect(200);
    for (code, cart) in &carts {
        let shown = shop.guest().read(cart).await;
        assert_eq!((state(&shown, code), &shown["totals"]["total"]["amount"]), (not("withdrawn"), &json!(1_000)));
        let refused = checkout(&shop, cart).await.problem(409, "coupon_withdrawn");
        assert_eq!(told(&refused), [entry(code, "withdrawn", "remove_coupon")]);
    }
    // Whoever does not have it learns nothing.
    let other = shop.guest().cart(&[("PEN", 1)]).await;
    apply(&shop, &other, "DELETED").await.problem(409, "coupon_invalid");
    let (code, cart) = &carts[0];
    let taken_off = shop.guest().delete(&cart.path(&format!("/coupons/{code}"))).token(&cart.token).send().await;
    taken_off.expect(200);
    checkout(&shop, cart).await.expect(201);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn each_code_says_how_far_off_it_is_and_a_checkout_goes_on_without_those() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 100), ("MUG", 700, 10)]).await;
    let put = async |name: &str, more: Value| shop.put_promotion(ten_percent(name, more), &[name]).await;
    let cart = shop.guest().cart(&[("PEN", 1)]).await;
    let year = 31_536_000_000_i64;
    put("AMOUNT", json!({"conditions": {"min_order_amount": 2_500}})).await;
    put("PIECES", json!({"conditions": {"min_quantity": 3}})).await;
    put("MUGS", json!({"conditions": {"goods": {"skus": ["MUG"]}}})).await;
    let best = put(
        "BEST",
        json!({"benefit": {"kind": "percentage", "percent": "30"}, "stacking": {"exclusive_in_group": "one"}}),
    )
    .await;
    put("LESS", json!({"stacking": {"exclusive_in_group": "one"}})).await;
    put("DE", json!({"conditions": {"countries": ["DE"]}})).await;
    for code in ["AMOUNT", "PIECES", "MUGS", "BEST", "LESS", "DE"] {
        apply(&shop, &cart, code).await.expect(200);
    }
    let shown = shop.guest().read(&cart).await;
    assert_eq!(
        (state(&shown, "AMOUNT"), &of(&shown, "AMOUNT")["missing_amount"]["amount"]),
        (not("min_order_amount"), &json!(1_500))
    );
    assert_eq!((state(&shown, "PIECES"), &of(&shown, "PIECES")["missing_quantity"]), (not("min_quantity"), &json!(2)));
    assert_eq!(state(&shown, "MUGS"), not("goods_missing"));
    assert_eq!(state(&shown, "BEST"), yes());
    assert_eq!((state(&shown, "LESS"), &of(&shown, "LESS")["excluded_by"]), (not("excluded_by"), &json!(best)));
    assert_eq!(state(&shown, "DE"), not("other_destination"));
    // One that has ended since says when; one that is put off says until when.
    let (soon, late) = (put("SOON", json!({})).await, put("LATE", json!({})).await);
    for code in ["SOON", "LATE"] {
        apply(&shop, &cart, code).await.expect(200);
    }
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis() as i64;
    let change = async |id: &str, code: &str, more: Value| {
        let body = json!({"definition": ten_percent(code, more), "codes": [code]});
        shop.put(&format!("/admin/promotions/{id}"), &body).send().await.expect(200);
    };
    change(&soon, "SOON", json!({"starts_at": now + year})).await;
    change(&late, "LATE", json!({"ends_at": now - year})).await;
    let shown = shop.guest().read(&cart).await;
    assert_eq!((state(&shown, "SOON"), of(&shown, "SOON")["starts_at"].is_string()), (not("not_started"), true));
    assert_eq!((state(&shown, "LATE"), of(&shown, "LATE")["ended_at"].is_string()), (not("ended"), true));
    checkout(&shop, &cart).await.expect(201);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_store_says_how_many_codes_a_cart_may_have() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    for code in ["A", "B"] {
        shop.put_promotion(ten_percent(code, json!({})), &[code]).await;
    }
    let set = async |settings: Value| {
        let store = json!({"handle": "default", "name": "Default store", "currency": "EUR", "settings": settings});
        shop.post("/admin/stores", &store).send().await
    };
    for wrong in [json!(0), json!(21), json!(-1), json!("1"), json!(1.5)] {
        let answer = set(json!({"codes_per_cart": wrong})).await;
        assert!((400..500).contains(&answer.status), "{wrong}: {answer:?}");
    }
    let (cart, before) = (shop.guest().cart(&[("PEN", 1)]).await, shop.guest().cart(&[("PEN", 1)]).await);
    for code in ["A", "B"] {
        apply(&shop, &before, code).await.expect(200);
    }
    set(json!({"codes_per_cart": 1})).await.expect(200);
    apply(&shop, &cart, "A").await.expect(200);
    let refused = apply(&shop, &cart, "B").await.problem(409, "too_many_coupons");
    assert_eq!(refused["remedy"], json!({"action": "remove_coupon", "with": {"code": "A"}}));
    assert_eq!(state(&apply(&shop, &cart, "A").await.expect(200), "A"), yes(), "the same again");
    let shown = shop.guest().read(&before).await;
    assert_eq!((state(&shown, "A"), state(&shown, "B")), (yes(), not("too_many_codes")));
    let refused = checkout(&shop, &before).await.problem(409, "too_many_coupons");
    assert_eq!(told(&refused), [entry("B", "too_many_codes", "remove_coupon")]);
    shop.guest().delete(&before.path("/coupons/B")).token(&before.token).send().await.expect(200);
    checkout(&shop, &before).await.expect(201);
    server.settle_and_verify().await;
}
