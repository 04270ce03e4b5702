//! Abandoned carts from outside: reminders through a mail server of others, links, dismissal, unsubscribing, crashes, nodes.
//! Times are moved in the database while the server is down; `recovery_time` lets days pass by a clock.

use crate::harness::{CartKey, Server, Shop, SmtpCatcher, eventually, link_of, on_postgres};
use serde_json::{Value, json};
use std::time::Duration;

const FROM: [&str; 2] = ["--mail-from", "Shop <shop@example.com>"];

/// A server whose store reminds, and whose mails go to the catcher.
pub(crate) async fn start(smtp: &SmtpCatcher, nodes: usize) -> (Server, Shop) {
    let url = smtp.url();
    let arguments = ["--smtp-url", url.as_str(), FROM[0], FROM[1]];
    let server = if nodes > 1 { Server::nodes_with(nodes, &arguments) } else { Server::with(&arguments) };
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 100)]).await;
    put_settings(&shop, json!({"enabled": true})).await;
    (server, shop)
}

/// Settings about reminders; a guest's word is enough unless they say otherwise.
pub(crate) async fn put_settings(shop: &Shop, mut recovery: Value) {
    if recovery.get("guest_consent").is_none() {
        recovery["guest_consent"] = json!("trusted");
    }
    let settings = json!({"storefront_url": "https://shop.example", "recovery": recovery});
    let store = json!({"handle": "default", "name": "Tea", "currency": "EUR", "settings": settings});
    shop.post("/admin/stores", &store).send().await.expect(200);
}

/// A guest's cart that may be reminded of.
pub(crate) async fn left_cart(shop: &Shop, email: &str) -> CartKey {
    let guest = shop.guest();
    let cart = guest.cart(&[("PEN", 2)]).await;
    let told = json!({"email": email, "email_consent": true});
    let told = guest.patch(&cart.path(""), &told).token(&cart.token).send().await.expect(200);
    assert_eq!(told["email_consent"], true);
    cart
}

/// Types an address on a device: one that came by a link knows none.
pub(crate) async fn type_email(device: &Shop, cart: &CartKey, email: &str) {
    device.patch(&cart.path(""), &json!({"email": email})).token(&cart.token).send().await.expect(200);
}

/// Lets the time of all carts' next mails come, while the server is down. Returns how many wait for one.
pub(crate) fn let_time_pass(server: &mut Server) -> usize {
    server.kill();
    let set = if on_postgres_nodes(server) {
        "jsonb_set(detail::jsonb, '{recovery,next_at}', '1')::json"
    } else {
        "json_set(detail, '$.recovery.next_at', 1)"
    };
    let sql = format!("UPDATE carts SET recovery_at = 1, detail = {set} WHERE recovery_at IS NOT NULL");
    let count = server.execute(&sql);
    server.restart();
    count
}

fn on_postgres_nodes(server: &Server) -> bool {
    on_postgres() || server.database().starts_with("postgres")
}

#[tokio::test]
async fn a_reminder_is_valid_mime_and_its_link_restores_the_cart_on_a_fresh_client() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = start(&smtp, 1).await;
    let cart = left_cart(&shop, "ada@example.com").await;
    assert_eq!(let_time_pass(&mut server), 1);
    let mail = smtp.wait_for("ada@example.com", 1).await.remove(0);
    assert_eq!(mail["defects"], json!([]), "{mail:#}");
    assert_eq!(mail["types"], json!(["multipart/alternative", "text/plain", "text/html"]));
    assert_eq!(mail["headers"]["subject"], "Your cart at Tea is waiting");
    assert_eq!(mail["headers"]["list-unsubscribe-post"], "List-Unsubscribe=One-Click");
    let token = link_of(&mail);
    let click = format!("<https://shop.example/api/v1/recovery/{token}/unsubscribe>");
    assert_eq!(mail["headers"]["list-unsubscribe"], click);
    assert!(mail["text"].as_str().is_some_and(|text| text.contains("2 × PEN")), "{mail:#}");
    assert!(mail["html"].as_str().is_some_and(|html| html.contains("<a href=")), "{mail:#}");

    let shop = server.shop();
    assert_eq!(shop.read(&cart).await["status"], "abandoned");
    // Programs that follow links change nothing and get no secret.
    let fresh = server.guest();
    let link = format!("/recovery/{token}");
    let shown = fresh.get(&link).send().await.expect(200);
    assert_eq!((&shown["status"], shown.get("token")), (&json!("abandoned"), None));
    let restored = fresh.post(&link, &json!({})).send().await.expect(200);
    let other = CartKey::of(&restored);
    assert_eq!((&restored["id"], &restored["status"]), (&json!(cart.id), &json!("active")));
    assert_ne!(other.token, cart.token);
    for key in [&cart, &other] {
        assert_eq!(fresh.read(key).await["lines"][0]["quantity"], 2, "both devices open it");
    }
    fresh.get(&cart.path("")).token("somebody's").send().await.problem(404, "cart_not_found");
    type_email(&fresh, &other, "ada@example.com").await;
    let order = fresh.checkout(&other, "k", "ok").send().await.expect(201);
    for key in [&cart, &other] {
        fresh.order(order["id"].as_str().expect("an id"), &key.token).await.expect(200);
    }
    fresh.post(&link, &json!({})).send().await.problem(409, "cart_closed");
    let mut wrong = token.clone();
    wrong.replace_range(10..11, if &token[10..11] == "A" { "B" } else { "A" });
    fresh.get(&format!("/recovery/{wrong}")).send().await.problem(404, "token_invalid");
    fresh.get("/recovery/x").send().await.problem(404, "token_invalid");
    assert_eq!(let_time_pass(&mut server), 0, "who has bought is not reminded");
    server.verify();
}

#[tokio::test]
async fn a_purchase_between_two_stages_stops_the_rest_and_a_dismissal_too() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = start(&smtp, 1).await;
    let buyer = left_cart(&shop, "buyer@example.com").await;
    left_cart(&shop, "dismisser@example.com").await;
    left_cart(&shop, "thinker@example.com").await;
    assert_eq!(let_time_pass(&mut server), 3);
    smtp.wait_for("buyer@example.com", 1).await;
    let mail = smtp.wait_for("dismisser@example.com", 1).await.remove(0);
    smtp.wait_for("thinker@example.com", 1).await;
    let guest = server.guest();
    guest.checkout(&buyer, "k", "ok").send().await.expect(201);
    let dismiss = format!("/recovery/{}/dismiss", link_of(&mail));
    guest.post(&dismiss, &json!({})).send().await.expect(204);
    for stage in 2..=3 {
        assert_eq!(let_time_pass(&mut server), 1, "only the thinker is left");
        smtp.wait_for("thinker@example.com", stage).await;
    }
    assert_eq!(let_time_pass(&mut server), 0, "three mails are all");
    let counts = ["buyer", "dismisser", "thinker"].map(|name| smtp.to(&format!("{name}@example.com")).len());
    assert_eq!(counts, [1, 1, 3]);
    server.verify();
}

#[tokio::test]
async fn unsubscribing_is_one_click_holds_at_once_for_all_carts_and_no_get_does_it() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = start(&smtp, 1).await;
    left_cart(&shop, "eve@example.com").await;
    let_time_pass(&mut server);
    let mail = smtp.wait_for("eve@example.com", 1).await.remove(0);
    let click = format!("/recovery/{}/unsubscribe", link_of(&mail));
    let guest = server.guest();
    assert_eq!(guest.get(&click).send().await.status, 405);
    left_cart(&server.shop(), "eve@example.com").await;
    // As mail programs send it: a form that says nothing more.
    let form = guest.ask(reqwest::Method::POST, &click);
    form.text("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click").send().await.expect(204);
    assert_eq!(let_time_pass(&mut server), 1, "the second cart is still looked at");
    eventually("nothing is left to look at", Duration::from_secs(30), async || {
        (server.execute("UPDATE carts SET recovery_at = recovery_at WHERE recovery_at IS NOT NULL") == 0).then_some(())
    })
    .await;
    assert_eq!(smtp.to("eve@example.com").len(), 1);
    assert_eq!(server.execute("UPDATE mails SET tries = tries"), 1, "nothing was even written");
    server.verify();
}

#[tokio::test]
async fn a_server_killed_between_sending_and_noting_it_does_not_send_again() {
    let smtp = SmtpCatcher::start(5);
    let (mut server, shop) = start(&smtp, 1).await;
    left_cart(&shop, "ada@example.com").await;
    let_time_pass(&mut server);
    smtp.wait_for("ada@example.com", 1).await;
    // The mail server has the mail and has not said so.
    server.kill();
    assert_eq!(server.execute("UPDATE mails SET due_at = 1 WHERE state = 'sending'"), 1);
    server.restart();
    eventually("it is given up", Duration::from_secs(30), async || {
        (server.execute("UPDATE mails SET tries = tries WHERE state = 'unknown' AND due_at IS NULL") == 1).then_some(())
    })
    .await;
    assert_eq!(smtp.to("ada@example.com").len(), 1);
    server.verify();
}

#[tokio::test]
async fn two_nodes_send_one_mail_for_each_cart_and_stage() {
    let smtp = SmtpCatcher::start(0);
    let (mut server, shop) = start(&smtp, 2).await;
    let addresses: Vec<String> = (0..20).map(|number| format!("shopper{number}@example.com")).collect();
    for email in &addresses {
        left_cart(&shop, email).await;
    }
    for stage in 1..=3 {
        assert_eq!(let_time_pass(&mut server), addresses.len());
        for email in &addresses {
            smtp.wait_for(email, stage).await;
        }
    }
    assert_eq!(let_time_pass(&mut server), 0);
    for email in &addresses {
        assert_eq!(smtp.to(email).len(), 3, "{email}");
    }
    server.verify();
}

#[tokio::test]
async fn a_store_that_does_not_remind_plans_nothing_and_settings_must_go_together() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 100)]).await;
    left_cart(&shop, "ada@example.com").await;
    let planned = "UPDATE carts SET recovery_at = recovery_at WHERE recovery_at IS NOT NULL";
    assert_eq!(server.execute(planned), 0, "off by default");
    let put = async |settings: Value| {
        let store = json!({"handle": "default", "name": "Tea", "currency": "EUR", "settings": settings});
        shop.post("/admin/stores", &store).send().await
    };
    put(json!({"recovery": {"enabled": true}})).await.problem(409, "definition_refused");
    put(json!({"recovery": {"stage_minutes": [60, 30, 90]}})).await.problem(409, "definition_refused");
    put(json!({"recovery": {"hold_out_percent": 91}})).await.problem(422, "invalid_request");
    put_settings(&shop, json!({"enabled": true})).await;
    let cart = left_cart(&shop, "ada@example.com").await;
    assert_eq!(server.execute(planned), 1);
    let guest = shop.guest();
    guest.patch(&cart.path(""), &json!({"email_consent": false})).token(&cart.token).send().await.expect(200);
    assert_eq!(server.execute(planned), 0, "consent taken back");
}
