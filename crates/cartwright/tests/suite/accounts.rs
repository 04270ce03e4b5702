//! Accounts from the first mail to the last: register, confirm, log in, buy, reset, export, delete; operators, their roles, keys
//! with scopes, and the log of what they did.

use crate::harness::{Server, Shop, eventually};
use serde_json::{Value, json};
use std::time::Duration;

async fn audit(shop: &Shop) -> Vec<(String, String, String)> {
    let page = shop.get("/admin/audit").send().await.expect(200);
    let text = |entry: &Value, name: &str| entry[name].as_str().expect("a text").to_owned();
    let items = page["items"].as_array().expect("items").iter();
    items.map(|entry| (text(entry, "actor"), text(entry, "operation"), text(entry, "outcome"))).collect()
}

#[tokio::test]
async fn a_shopper_registers_buys_and_goes_and_the_order_stays() {
    let server = Server::start();
    let operator = server.shop();
    operator.put_goods(&[("PEN", 500, 10)]).await;
    let ada = server.person("Ada@Example.com").await;
    let shop = ada.shop(&operator).await;
    let account = shop.get("/account").send().await.expect(200);
    assert_eq!((&account["email"], &account["name"]), (&json!("ada@example.com"), &json!("Ada")));

    let cart = shop.get("/account/cart").send().await.expect(200);
    let path = format!("/carts/{}", cart["id"].as_str().expect("an id"));
    assert_eq!(cart["customer"], account["id"]);
    shop.post(&format!("{path}/lines"), &json!({"sku": "PEN", "quantity": 2})).send().await.expect(200);
    // The same cart, found on another device.
    let other = ada.shop(&operator).await;
    assert_eq!(other.post("/carts", &json!({})).send().await.expect(200)["id"], cart["id"]);
    let paid = json!({"payment": {"gateway": "test", "method": "ok"}});
    let order = shop.post(&format!("{path}/checkout"), &paid).key("k").send().await.expect(201);
    let order_path = format!("/orders/{}", order["id"].as_str().expect("an id"));
    assert_eq!(other.get("/account/orders").send().await.expect(200)["items"][0]["id"], order["id"]);
    other.get(&order_path).send().await.expect(200);

    let address = json!({"name": "Ada", "line1": "1 Lane", "city": "London", "postcode": "N1", "country": "GB"});
    let change = json!({"phone": "123", "addresses": [address]});
    let changed = shop.patch("/account", &change).send().await.expect(200);
    assert_eq!((&changed["phone"], &changed["addresses"][0]["city"]), (&json!("123"), &json!("London")));
    let export = shop.get("/account/export").send().await.expect(200);
    assert_eq!(export["orders"][0]["id"], order["id"]);
    assert_eq!(export["account"]["addresses"], changed["addresses"]);

    shop.delete("/account").json(&json!({"password": ada.password})).send().await.expect(204);
    shop.get("/account").send().await.problem(401, "unauthorized");
    other.get("/account").send().await.problem(401, "unauthorized");
    ada.log_in(&operator, "program").await.problem(401, "credentials_wrong");
    operator.get(&order_path).send().await.expect(200);
    // The address may come back, to an account that knows nothing of the first.
    operator.guest().post("/account", &json!({"email": ada.email})).send().await.expect(204);
    let token = server.mailed_secret("ada@example.com", 2).await;
    let confirmed = json!({"token": token, "password": "another password"});
    let again = operator.guest().post("/account/verify", &confirmed).send().await.expect(200);
    assert_ne!(again["id"], account["id"]);
    server.verify();
}

#[tokio::test]
async fn a_guests_cart_comes_along_when_its_owner_logs_in_and_only_with_its_secret() {
    let server = Server::start();
    let operator = server.shop();
    operator.put_goods(&[("PEN", 500, 10), ("MUG", 900, 10)]).await;
    let ada = server.person("ada@example.com").await;
    let shop = ada.shop(&operator).await;
    shop.post("/carts", &json!({"lines": [{"sku": "PEN", "quantity": 1}]})).send().await.expect(201);
    let cart = operator.guest().cart(&[("PEN", 2), ("MUG", 1)]).await;
    let log_in = async |token: &str| {
        let guest_cart = json!({"id": cart.id, "token": token});
        let body = json!({"email": ada.email, "password": ada.password, "kind": "program", "guest_cart": guest_cart});
        operator.guest().post("/account/session", &body).send().await.expect(201)
    };
    let wrong = log_in("somebody else's").await;
    assert_eq!((&wrong["cart_problem"]["code"], wrong.get("cart")), (&json!("cart_not_found"), None));
    for _ in 0..2 {
        let session = log_in(&cart.token).await;
        let lines = session["cart"]["lines"].as_array().unwrap_or_else(|| panic!("lines in {session}"));
        let mut goods: Vec<_> = lines.iter().map(|line| (line["sku"].as_str(), line["quantity"].as_i64())).collect();
        goods.sort_unstable();
        assert_eq!(goods, [(Some("MUG"), Some(1)), (Some("PEN"), Some(3))], "{session}");
        assert_eq!(session["cart"]["customer"], session["account"]["id"]);
    }
}

#[tokio::test]
async fn known_and_unknown_addresses_are_answered_alike_and_the_mail_tells() {
    let server = Server::start();
    let ada = server.person("ada@example.com").await;
    let guest = server.guest();
    for path in ["/account", "/account/password/forgot"] {
        let mut answers = Vec::new();
        for email in ["ada@example.com", "nobody@example.com"] {
            let answer = guest.post(path, &json!({"email": email})).send().await;
            answers.push((answer.status, answer.body.clone(), answer.headers.len()));
        }
        assert_eq!(answers[0], answers[1], "{path}");
    }
    let subjects = |email: &str| -> Vec<String> {
        let line = |mail: &String| mail.lines().nth(1).unwrap_or_default().to_owned();
        server.mails_to(email).iter().map(line).collect()
    };
    eventually("four mails", Duration::from_secs(20), async || {
        (subjects("ada@example.com").len() == 3 && subjects("nobody@example.com").len() == 2).then_some(())
    })
    .await;
    assert!(subjects("ada@example.com")[1].contains("You have an account"));
    assert!(subjects("ada@example.com")[2].contains("new password"));
    let (wrong, unknown) = (
        json!({"email": ada.email, "password": "wrong wrong"}),
        json!({"email": "who@example.com", "password": "wrong wrong"}),
    );
    let wrong = guest.post("/account/session", &wrong).send().await;
    let unknown = guest.post("/account/session", &unknown).send().await;
    wrong.problem(401, "credentials_wrong");
    assert_eq!(wrong.body, unknown.body);
}

#[tokio::test]
async fn a_reset_ends_all_sessions_and_its_link_works_once() {
    let server = Server::start();
    let mut ada = server.person("ada@example.com").await;
    let (one, other) = (ada.shop(&server.shop()).await, ada.shop(&server.shop()).await);
    let sessions = one.get("/account/sessions").send().await.expect(200)["sessions"].clone();
    let sessions = sessions.as_array().expect("sessions");
    assert_eq!((sessions.len(), sessions.iter().filter(|session| session["current"] == true).count()), (2, 1));
    let theirs = sessions.iter().find(|session| session["current"] == false).expect("the other");
    one.delete(&format!("/account/sessions/{}", theirs["id"].as_str().expect("an id"))).send().await.expect(204);
    other.get("/account").send().await.problem(401, "unauthorized");

    let other = ada.shop(&server.shop()).await;
    let wrong = json!({"current_password": "not this one", "password": "brand new password"});
    one.put("/account/password", &wrong).send().await.problem(409, "password_wrong");
    let change = json!({"current_password": ada.password, "password": "brand new password"});
    one.put("/account/password", &change).send().await.expect(204);
    one.get("/account").send().await.expect(200);
    other.get("/account").send().await.problem(401, "unauthorized");

    let guest = server.guest();
    guest.post("/account/password/forgot", &json!({"email": ada.email})).send().await.expect(204);
    let token = server.mailed_secret(&ada.email, 3).await;
    let reset = json!({"token": token, "password": "third password"});
    guest.post("/account/verify", &reset).send().await.problem(404, "token_invalid");
    guest.post("/account/password/reset", &reset).send().await.expect(200);
    guest.post("/account/password/reset", &reset).send().await.problem(404, "token_invalid");
    one.get("/account").send().await.problem(401, "unauthorized");
    ada.log_in(&guest, "program").await.problem(401, "credentials_wrong");
    ada.password = "third password".to_owned();
    let last = ada.shop(&guest).await;
    last.delete("/account/session").send().await.expect(204);
    last.get("/account").send().await.problem(401, "unauthorized");
}

#[tokio::test]
async fn roles_and_scopes_limit_operators_and_the_log_tells_what_they_did() {
    let server = Server::start();
    let owner = server.shop();
    owner.put_goods(&[("PEN", 500, 10)]).await;
    let key = async |role: &str, scopes: &[&str]| {
        let body = json!({"name": format!("{role} {scopes:?}"), "role": role, "scopes": scopes});
        owner.post("/admin/keys", &body).send().await.expect(201)
    };
    let shop_of = |key: &Value| owner.with_key(key["secret"].as_str().expect("a secret"));
    let (reader, staff, backend) =
        (key("read_only", &[]).await, key("staff", &[]).await, key("staff", &["carts:act"]).await);
    let prices = json!({"prices": [{"sku": "PEN", "price": 600}]});
    shop_of(&reader).get("/admin/orders").send().await.expect(200);
    shop_of(&reader).post("/admin/prices", &prices).send().await.problem(403, "not_allowed");
    shop_of(&staff).post("/admin/prices", &prices).send().await.expect(204);
    shop_of(&staff).get("/admin/keys").send().await.problem(403, "not_allowed");
    shop_of(&backend).get("/admin/orders").send().await.problem(403, "not_allowed");
    // A shop's backend acts for its own user.
    let lines = json!({"customer": "user-42", "lines": [{"sku": "PEN", "quantity": 1}]});
    shop_of(&backend).post("/carts", &lines).send().await.expect(201);

    let log = audit(&owner).await;
    let says = |actor: &str, operation: &str, outcome: &str| {
        let of_actor = |known: &str| known.rsplit_once(':').is_some_and(|(name, _)| name == format!("key:{actor}"));
        let found = log.iter().filter(|(known, what, how)| of_actor(known) && what == operation && how == outcome);
        assert_eq!(found.count(), 1, "{actor} {operation} {outcome} in {log:#?}");
    };
    says("read_only []", "set_prices", "denied");
    says("staff []", "set_prices", "done");
    says("staff []", "list_keys", "denied");
    says("staff [\"carts:act\"]", "create_cart", "done");
    says("tests", "upsert_products", "done");
    assert!(log.iter().all(|(_, operation, outcome)| operation != "list_orders" || outcome == "denied"), "{log:#?}");

    let id = staff["id"].as_str().expect("an id");
    owner.delete(&format!("/admin/keys/{id}")).send().await.expect(204);
    eventually("the key opens nothing", Duration::from_secs(10), async || {
        (shop_of(&staff).get("/admin/orders").send().await.status == 401).then_some(())
    })
    .await;
    let keys = owner.get("/admin/keys").send().await.expect(200);
    assert!(keys["keys"].as_array().expect("keys").iter().all(|key| key.get("secret").is_none()), "{keys}");
}

#[tokio::test]
async fn an_operator_is_invited_logs_in_and_loses_the_role_again() {
    let server = Server::start();
    let owner = server.shop();
    let guest = server.guest();
    // Somebody else was there first, with an address that is not theirs: that gives them nothing.
    guest.post("/account", &json!({"email": "bob@example.com"})).send().await.expect(204);
    let early = server.mailed_secret("bob@example.com", 1).await;
    let role = |role: Value| json!({"email": "bob@example.com", "role": role});
    let invited = owner.put("/admin/operators", &role(json!("staff"))).send().await.expect(200);
    assert_eq!((&invited["role"], &invited["verified"]), (&json!("staff"), &json!(false)));
    let stolen = json!({"token": early, "password": "stolen password"});
    guest.post("/account/verify", &stolen).send().await.problem(404, "token_invalid");
    let token = server.mailed_secret("bob@example.com", 2).await;
    let confirmed = json!({"token": token, "password": "operators password"});
    guest.post("/account/verify", &confirmed).send().await.expect(200);
    let log_in = json!({"email": "bob@example.com", "password": "operators password", "kind": "program"});
    let session = guest.post("/account/session", &log_in).send().await.expect(201);
    let bob = owner.with_key(session["token"].as_str().expect("a token"));
    bob.put_goods(&[("PEN", 500, 10)]).await;
    bob.put("/admin/operators", &role(json!("owner"))).send().await.problem(403, "not_allowed");
    let actor = format!("account:{}", session["account"]["id"].as_str().expect("an id"));
    assert!(audit(&owner).await.contains(&(actor, "upsert_products".to_owned(), "done".to_owned())));
    owner.put("/admin/operators", &role(Value::Null)).send().await.expect(200);
    bob.get("/admin/orders").send().await.problem(403, "operator_required");
    owner.put("/admin/operators", &role(Value::Null)).send().await.problem(404, "operator_not_found");
}
