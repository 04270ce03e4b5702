//! Addresses that are not addresses, mails that strangers cause, and links of mails that were forwarded: each attack once more.

use crate::harness::{CartKey, Server, SmtpCatcher, eventually, link_of, on_postgres};
use crate::recovery::{left_cart, let_time_pass, put_settings, start, type_email};
use serde_json::{Value, json};
use std::time::Duration;

const VICTIM: &str = "victim@example.com";

async fn mails_are(server: &mut Server, smtp: &SmtpCatcher, count: usize) {
    eventually("nothing waits to be sent", Duration::from_secs(60), async || {
        let open = server.execute("UPDATE mails SET tries = tries WHERE due_at IS NOT NULL")
            + server.execute("UPDATE carts SET recovery_at = recovery_at WHERE recovery_at = 1");
        (open == 0).then_some(())
    })
    .await;
    assert_eq!(smtp.to(VICTIM).len(), count);
}

#[tokio::test]
async fn what_is_not_one_address_is_taken_nowhere() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 100)]).await;
    let guest = shop.guest();
    let cart = guest.cart(&[("PEN", 1)]).await;
    for email in [
        "x1<victim@example.com>",
        "a@example.com,victim@example.com",
        "victim%example.com@relay.example",
        "\"victim\"@example.com",
        "victim\u{ff20}example.com",
        "vic\u{200b}tim@example.com",
        "victim@example.com\u{202e}",
        "victim@example.com\u{a0}",
        "victim@example.com.",
        "victim@[127.0.0.1]",
        "a@b@example.com",
        "victim@example.com\r\nBcc: eve@example.com",
    ] {
        let body = json!({"email": email});
        guest.post("/carts", &body).send().await.problem(422, "invalid_request");
        guest.patch(&cart.path(""), &body).token(&cart.token).send().await.problem(422, "invalid_request");
        guest.post("/account", &body).send().await.problem(422, "invalid_request");
        guest.post("/account/password/forgot", &body).send().await.problem(422, "invalid_request");
        shop.put("/admin/operators", &json!({"email": email, "role": "staff"}))
            .send()
            .await
            .problem(422, "invalid_request");
        shop.put("/admin/customers/ada", &json!({"email": email})).send().await.problem(422, "invalid_request");
    }
    for email in ["jos\u{e9}@m\u{fc}ller.example", "ann+tea@example.com"] {
        guest.patch(&cart.path(""), &json!({"email": email})).token(&cart.token).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_row_of_an_old_database_whose_recipient_is_no_address_is_not_sent() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = start(&smtp, 1).await;
    left_cart(&shop, "ada@example.com").await;
    server.kill();
    let set = match on_postgres() {
        true => "jsonb_set(detail::jsonb, '{email}', '\"x1<victim@example.com>\"')::json",
        false => "json_set(detail, '$.email', 'x1<victim@example.com>')",
    };
    server.execute(&format!("UPDATE carts SET detail = {set}"));
    server.restart();
    let shop = server.shop();
    shop.guest().post("/account/password/forgot", &json!({"email": "eve@example.com"})).send().await.expect(204);
    smtp.wait_for("eve@example.com", 1).await;
    server.kill();
    let sql = "UPDATE mails SET recipient = 'x1<victim@example.com>', state = 'waiting', tries = 0, due_at = 1";
    assert_eq!(server.execute(sql), 1);
    server.restart();
    eventually("it is given up", Duration::from_secs(30), async || {
        (server.execute("UPDATE mails SET tries = tries WHERE state = 'failed' AND due_at IS NULL") == 1).then_some(())
    })
    .await;
    assert!(server.log().contains("its recipient is no e-mail address"), "{}", server.log());
    let_time_pass(&mut server);
    mails_are(&mut server, &smtp, 0).await;
    assert_eq!(server.execute("UPDATE mails SET tries = tries"), 1, "no reminder was even written");
}

#[tokio::test]
async fn twelve_carts_with_somebodys_address_cause_one_question_and_then_one_reminder() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = start(&smtp, 1).await;
    put_settings(&shop, json!({"enabled": true, "guest_consent": "confirmed"})).await;
    for spelling in [VICTIM, "Victim@Example.com", "VICTIM@example.com"].into_iter().cycle().take(12) {
        left_cart(&shop, spelling).await;
    }
    assert_eq!(let_time_pass(&mut server), 12);
    eventually("a question", Duration::from_secs(40), async || {
        let spellings = [VICTIM, "Victim@Example.com", "VICTIM@example.com"];
        (spellings.iter().map(|to| smtp.to(to).len()).sum::<usize>() == 1).then_some(())
    })
    .await;
    let_time_pass(&mut server);
    assert_eq!(server.execute("UPDATE mails SET tries = tries"), 1, "one question, however many carts");
    let spellings = [VICTIM, "Victim@Example.com", "VICTIM@example.com"];
    let mail = spellings.iter().flat_map(|to| smtp.to(to)).next().expect("the question");
    assert_eq!(mail["defects"], json!([]), "{mail:#}");
    let text = mail["text"].as_str().expect("a text");
    assert!(!text.contains("PEN"), "whoever reads it need not have filled the cart: {text}");
    let token =
        text.lines().find_map(|line| line.split_once("/cart/confirm?token=")).expect("a link").1.trim().to_owned();
    let guest = server.guest();
    let link = format!("/recovery/{token}");
    guest.get(&link).send().await.problem(404, "token_invalid");
    guest.post(&link, &json!({})).send().await.problem(404, "token_invalid");
    assert_eq!(
        guest.get(&format!("{link}/confirm")).send().await.status,
        405,
        "programs that follow links say nothing"
    );
    for _ in 0..2 {
        guest.post(&format!("{link}/confirm"), &json!({})).send().await.expect(204);
    }
    let_time_pass(&mut server);
    let first = eventually("a reminder", Duration::from_secs(40), async || {
        let all = spellings.iter().flat_map(|to| smtp.to(to)).find(|mail| mail["text"].to_string().contains("recover"));
        all.map(|mail| link_of(&mail))
    })
    .await;
    assert!(!first.is_empty());
    let_time_pass(&mut server);
    let written = server.execute("UPDATE reminders SET at = at");
    assert!(written <= 2, "one sequence, of the cart that was asked for: {written} stages");
    server.verify();
}

#[tokio::test]
async fn consent_belongs_to_the_address_that_it_was_given_for() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 100)]).await;
    put_settings(&shop, json!({"enabled": true})).await;
    let cart = left_cart(&shop, "ada@example.com").await;
    let guest = shop.guest();
    let consent = async |email: &str| {
        let told = guest.patch(&cart.path(""), &json!({"email": email})).token(&cart.token).send().await.expect(200);
        told["email_consent"].as_bool().unwrap_or(false)
    };
    assert!(consent("Ada@Example.com").await, "the same address");
    assert!(!consent(VICTIM).await);
    assert!(!consent("ada@example.com").await, "once gone, it is to be given anew");
}

#[tokio::test]
async fn forgotten_passwords_and_registrations_are_capped_by_the_day_on_all_nodes_and_after_a_restart() {
    let smtp = SmtpCatcher::start(0);
    let nodes = if on_postgres() { 2 } else { 1 };
    let (mut server, shop) = start(&smtp, nodes).await;
    let settings = json!({"storefront_url": "https://shop.example", "mails_per_address": 4});
    let store = json!({"handle": "default", "name": "Tea", "currency": "EUR", "settings": settings});
    shop.post("/admin/stores", &store).send().await.expect(200);
    let forgot = async |server: &Server, email: &str, path: &str| {
        server.guest().post(path, &json!({"email": email})).send().await.expect(204);
    };
    for spelling in [VICTIM, "Victim@example.com", "VICTIM@EXAMPLE.COM", VICTIM, VICTIM] {
        forgot(&server, spelling, "/account").await;
    }
    smtp.wait_for(VICTIM, 2).await;
    mails_are(&mut server, &smtp, 2).await;
    for _ in 0..3 {
        forgot(&server, VICTIM, "/account/password/forgot").await;
    }
    server.kill();
    server.restart();
    for _ in 0..3 {
        forgot(&server, "vIctim@example.com", "/account/password/forgot").await;
    }
    smtp.wait_for(VICTIM, 4).await;
    mails_are(&mut server, &smtp, 4).await;
    assert_eq!(server.execute("UPDATE mailed_tokens SET expires_at = expires_at"), 4, "no secret without its mail");
    forgot(&server, "other@example.com", "/account/password/forgot").await;
    smtp.wait_for("other@example.com", 1).await;
}

async fn restored(server: &mut Server, smtp: &SmtpCatcher, email: &str) -> (String, CartKey, Value) {
    let_time_pass(server);
    let mail = smtp.wait_for(email, 1).await.remove(0);
    let link = format!("/recovery/{}", link_of(&mail));
    let restored = server.guest().post(&link, &json!({})).send().await.expect(200);
    (link, CartKey::of(&restored), restored)
}

fn tells_of_nobody(cart: &Value) {
    let text = cart.to_string();
    for secret in ["ada@", "Lovelace", "Ockham", "020 7946"] {
        assert!(!text.contains(secret), "{secret} in {cart:#}");
    }
    assert_eq!(cart["lines"][0]["quantity"], 2);
}

#[tokio::test]
async fn a_link_shows_items_only_and_its_device_sees_what_was_typed_on_it() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = start(&smtp, 1).await;
    let cart = left_cart(&shop, "ada@example.com").await;
    let address = json!({"name": "Ada Lovelace", "line1": "1 Ockham Park", "city": "London", "postcode": "KT11",
                         "country": "GB", "phone": "020 7946 0000"});
    let told = json!({"shipping_address": address, "billing_address": address});
    shop.guest().patch(&cart.path(""), &told).token(&cart.token).send().await.expect(200);
    let (link, device, answer) = restored(&mut server, &smtp, "ada@example.com").await;
    let guest = server.guest();
    tells_of_nobody(&answer);
    tells_of_nobody(&guest.get(&link).send().await.expect(200));
    tells_of_nobody(&guest.read(&device).await);
    for query in ["?locale=de", "?explain=true"] {
        tells_of_nobody(&guest.get(&device.path(query)).token(&device.token).send().await.expect(200));
    }
    let line = guest.read(&device).await["lines"][0]["id"].as_str().expect("a line").to_owned();
    let more = guest.patch(&device.path(&format!("/lines/{line}")), &json!({"quantity": 3})).token(&device.token);
    assert_eq!(more.send().await.expect(200)["email"], Value::Null);
    let back = guest.patch(&device.path(&format!("/lines/{line}")), &json!({"quantity": 2})).token(&device.token);
    tells_of_nobody(&back.send().await.expect(200));
    assert_eq!(guest.read(&cart).await["shipping_address"]["name"], "Ada Lovelace", "its own device sees all");
    let refused = guest.checkout(&device, "k", "ok").send().await;
    refused.problem(409, "details_required");
    type_email(&guest, &device, "friend@example.com").await;
    guest.checkout(&device, "k", "ok").send().await.problem(409, "details_required");
    let friends = json!({"shipping_address": {"name": "A Friend", "country": "GB"}});
    let shown = guest.patch(&device.path(""), &friends).token(&device.token).send().await.expect(200);
    tells_of_nobody(&shown);
    assert_eq!(
        (&shown["email"], &shown["shipping_address"]["name"]),
        (&json!("friend@example.com"), &json!("A Friend"))
    );
    // What is typed on the first device later is hidden again.
    let again = json!({"email": "ada@example.com"});
    guest.patch(&cart.path(""), &again).token(&cart.token).send().await.expect(200);
    tells_of_nobody(&guest.read(&device).await);
    server.verify();
}

#[tokio::test]
async fn rights_of_a_device_that_came_by_a_link_end_with_the_purchase_unless_it_bought() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = start(&smtp, 1).await;
    let cart = left_cart(&shop, "ada@example.com").await;
    let (link, device, _) = restored(&mut server, &smtp, "ada@example.com").await;
    let guest = server.guest();
    let other = CartKey::of(&guest.post(&link, &json!({})).send().await.expect(200));
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    let order = order["id"].as_str().expect("an id").to_owned();
    guest.order(&order, &cart.token).await.expect(200);
    guest.order(&order, &device.token).await.problem(404, "order_not_found");
    guest.get(&device.path("")).token(&device.token).send().await.problem(404, "cart_not_found");
    guest.checkout(&device, "k", "ok").send().await.problem(404, "cart_not_found");
    let cancel = format!("/orders/{order}/cancel");
    guest.post(&cancel, &json!({})).token(&device.token).send().await.problem(404, "order_not_found");

    left_cart(&server.shop(), "bob@example.com").await;
    let (link, buyer, _) = restored(&mut server, &smtp, "bob@example.com").await;
    let guest = server.guest();
    let second = CartKey::of(&guest.post(&link, &json!({})).send().await.expect(200));
    type_email(&guest, &buyer, "bob@example.com").await;
    let order = guest.checkout(&buyer, "k", "ok").send().await.expect(201);
    let order = order["id"].as_str().expect("an id").to_owned();
    guest.order(&order, &buyer.token).await.expect(200);
    guest.order(&order, &second.token).await.problem(404, "order_not_found");
    guest.order(&order, &other.token).await.problem(404, "order_not_found");
    guest.get(&buyer.path("")).token(&buyer.token).send().await.expect(200);

    left_cart(&server.shop(), "eve@example.com").await;
    let (link, device, _) = restored(&mut server, &smtp, "eve@example.com").await;
    let guest = server.guest();
    guest.post(&format!("{link}/dismiss"), &json!({})).send().await.expect(204);
    guest.get(&device.path("")).token(&device.token).send().await.problem(404, "cart_not_found");
    server.verify();
}

#[tokio::test]
async fn a_link_opens_no_customers_cart() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = start(&smtp, 1).await;
    let customers = json!({"customer": "ada", "email": "ada@example.com", "lines": [{"sku": "PEN", "quantity": 2}]});
    let cart = shop.post("/carts", &customers).send().await.expect(201);
    let path = format!("/carts/{}", cart["id"].as_str().expect("an id"));
    shop.patch(&path, &json!({"email_consent": true})).send().await.expect(200);
    let_time_pass(&mut server);
    let mail = smtp.wait_for("ada@example.com", 1).await.remove(0);
    let link = format!("/recovery/{}", link_of(&mail));
    let guest = server.guest();
    let shown = guest.get(&link).send().await.expect(200);
    tells_of_nobody(&shown);
    assert_eq!(shown.get("customer").filter(|customer| !customer.is_null()), None);
    guest.post(&link, &json!({})).send().await.problem(401, "session_required");
    server.verify();
}
