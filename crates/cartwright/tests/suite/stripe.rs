//! Paying through Stripe, against a stateful fake of our own: every outcome, every lost answer, every webhook. What must come
//! out is always the same: the order is right, and there is one charge or none.

use crate::harness::stripe::{
    BrowserAction, FakeStripe, Fault, PUBLISHABLE_KEY, SECRET_KEY, WEBHOOK_SECRET, deliver, event_of, intent_object,
    now_seconds, refund_object, signature,
};
use crate::harness::{Answer, CartKey, Server, Shop, eventually, shared};
use reqwest::Method;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// A server that pays at a fake, with pens on the shelf.
struct Scene {
    stripe: FakeStripe,
    server: Server,
    shop: Shop,
    guest: Shop,
}

async fn scene() -> Scene {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100)]).await;
    Scene { stripe, server, shop, guest }
}

impl Scene {
    async fn cart(&self) -> CartKey {
        self.guest.cart(&[("PEN", 2)]).await
    }

    async fn checkout(&self, cart: &CartKey, method: &str) -> Answer {
        pay(&self.guest, cart, method).await
    }

    async fn order(&self, cart: &CartKey, id: &Value) -> Value {
        self.guest.order(id.as_str().expect("an id"), &cart.token).await.expect(200)
    }

    async fn order_that_is(&self, cart: &CartKey, id: &Value, status: &str, payment: &str) -> Value {
        eventually(&format!("the order is {status}/{payment}"), Duration::from_secs(30), async || {
            let order = self.order(cart, id).await;
            (order["status"] == status && order["payment"]["status"] == payment).then_some(order)
        })
        .await
    }

    async fn post(&self, cart: &CartKey, id: &Value, what: &str) -> Answer {
        let path = format!("/orders/{}/{what}", id.as_str().expect("an id"));
        self.guest.post(&path, &json!({})).token(&cart.token).send().await
    }

    /// Nothing of Stripe's stands where others may read it, and the books are right.
    async fn end(&self) {
        self.server.settle_and_verify().await;
        let log = self.server.log();
        for secret in [SECRET_KEY, WEBHOOK_SECRET, "_secret_"] {
            assert!(!log.contains(secret), "{secret} stands in the log");
            for (name, content) in self.server.contents() {
                let content = String::from_utf8_lossy(&content);
                assert!(!content.contains(secret), "{secret} stands in {name}");
            }
        }
    }
}

async fn pay(guest: &Shop, cart: &CartKey, method: &str) -> Answer {
    let body = json!({"payment": {"gateway": "stripe", "method": method}});
    guest.post(&cart.path("/checkout"), &body).token(&cart.token).key("buy").send().await
}

#[tokio::test]
async fn a_card_is_charged_once_and_the_order_is_placed() {
    let scene = scene().await;
    let cart = scene.cart().await;
    let order = scene.checkout(&cart, "pm_card_visa").await.expect(201);
    assert_eq!((&order["status"], &order["payment"]["captured"]["amount"]), (&json!("placed"), &json!(1_000)));
    let intent = scene.stripe.intent(&order["id"]);
    assert_eq!((&intent["amount"], &intent["currency"]), (&json!(1_000), &json!("eur")));
    assert_eq!(intent["metadata"]["cartwright_store"], "default");
    assert_eq!(intent["metadata"]["cartwright_attempt"], order["payment"]["attempt_id"]);
    assert_eq!(scene.checkout(&cart, "pm_card_visa").await.json()["id"], order["id"]);
    assert_eq!(scene.stripe.money(&order["id"]), (1, 1_000));
    assert_eq!(scene.shop.stock("PEN").await, (98, 0));

    scene.post(&cart, &order["id"], "cancel").await.expect(200);
    scene.order_that_is(&cart, &order["id"], "cancelled", "refunded").await;
    assert_eq!(scene.stripe.money(&order["id"]), (1, 0));
    assert_eq!(scene.shop.stock("PEN").await, (100, 0));
    scene.end().await;
}

#[tokio::test]
async fn a_declined_card_gives_back_the_goods_the_code_and_the_cart_and_its_intent_is_closed() {
    let scene = scene().await;
    let limited =
        json!({"name": "Once", "benefit": {"kind": "percentage", "percent": "10"}, "limits": {"total_uses": 1}});
    let promotion = scene.shop.put_promotion(limited, &["ONCE"]).await;
    let cart = scene.cart().await;
    let code = json!({"code": "ONCE"});
    scene.guest.post(&cart.path("/coupons"), &code).token(&cart.token).send().await.expect(200);
    let problem = scene.checkout(&cart, "pm_card_visa_chargeDeclinedInsufficientFunds").await;
    let problem = problem.problem(402, "payment_declined");
    assert!(problem["detail"].as_str().expect("a text").contains("insufficient_funds"), "{problem}");
    let id = &problem["remedy"]["with"]["order_id"];
    assert_eq!(scene.stripe.money(id), (0, 0));
    assert_eq!(scene.stripe.intent(id)["status"], "canceled");
    let read = scene.guest.read(&cart).await;
    assert_eq!((&read["status"], &read["coupons"][0]["applied"]), (&json!("active"), &json!(true)));
    assert_eq!((scene.shop.stock("PEN").await, scene.shop.redemptions(&promotion).await), ((100, 0), 0));
    scene.end().await;
}

#[tokio::test]
async fn a_payment_method_that_stripe_does_not_know_is_a_decline_and_one_that_is_none_is_refused() {
    let scene = scene().await;
    let cart = scene.cart().await;
    scene.checkout(&cart, "pm_card_nobodys").await.problem(402, "payment_declined");
    assert_eq!(scene.shop.stock("PEN").await, (100, 0));
    let other = scene.cart().await;
    scene.checkout(&other, "tok_visa").await.problem(409, "payment_method_unknown");
    scene.checkout(&other, "pm_").await.problem(409, "payment_method_unknown");
    scene.end().await;
}

#[tokio::test]
async fn a_bank_that_wants_to_see_the_shopper_gets_the_browser_the_clients_secret() {
    let scene = scene().await;
    let cart = scene.cart().await;
    let order = scene.checkout(&cart, "pm_card_authenticationRequired").await.expect(202);
    assert_eq!(order["payment"]["status"], "requires_action");
    let secret = order["payment"]["client_secret"].as_str().expect("a client secret").to_owned();
    assert_eq!(order["payment"]["publishable_key"], PUBLISHABLE_KEY);
    assert_eq!(scene.order(&cart, &order["id"]).await["payment"]["client_secret"], json!(secret));
    let listed = scene.shop.orders(None).await;
    assert!(listed[0]["payment"].get("client_secret").is_none(), "only whoever opens the order sees it");
    assert_eq!(scene.shop.stock("PEN").await, (100, 2));

    assert!(scene.stripe.browser(&secret, BrowserAction::Authenticate));
    let confirmed = scene.post(&cart, &order["id"], "payment/confirm").await.expect(200);
    assert_eq!((&confirmed["status"], confirmed["payment"].get("client_secret")), (&json!("placed"), None));
    assert_eq!(scene.stripe.money(&order["id"]), (1, 1_000));
    scene.end().await;
}

#[tokio::test]
async fn a_shopper_who_fails_the_bank_is_declined() {
    let scene = scene().await;
    let cart = scene.cart().await;
    let order = scene.checkout(&cart, "pm_card_authenticationRequired").await.expect(202);
    let secret = order["payment"]["client_secret"].as_str().expect("a client secret");
    assert!(scene.stripe.browser(secret, BrowserAction::FailAuthentication));
    assert_eq!(scene.stripe.deliver(&scene.guest, "payment_intent.payment_failed", &order["id"]).await.status, 204);
    scene.order_that_is(&cart, &order["id"], "payment_failed", "declined").await;
    assert!(!scene.stripe.browser(secret, BrowserAction::Pay("pm_card_visa")), "it cannot be paid any more");
    assert_eq!(scene.stripe.money(&order["id"]), (0, 0));
    scene.end().await;
}

#[tokio::test]
async fn a_payment_in_the_browser_waits_for_it_and_takes_a_second_card() {
    let mut scene = scene().await;
    let cart = scene.cart().await;
    let order = scene.checkout(&cart, "browser").await.expect(202);
    let secret = order["payment"]["client_secret"].as_str().expect("a client secret").to_owned();
    assert_eq!(scene.stripe.intent(&order["id"])["status"], "requires_payment_method");
    assert_eq!(scene.checkout(&cart, "browser").await.expect(202)["payment"]["client_secret"], json!(secret));
    // A server that knows nothing any more asks Stripe again.
    scene.server.restart();
    assert_eq!(scene.order(&cart, &order["id"]).await["payment"]["client_secret"], json!(secret));

    assert!(!scene.stripe.browser(&secret, BrowserAction::Pay("pm_card_visa_chargeDeclined")));
    scene.stripe.deliver(&scene.guest, "payment_intent.payment_failed", &order["id"]).await.expect(204);
    let waiting = scene.order(&cart, &order["id"]).await;
    assert_eq!(waiting["payment"]["status"], "requires_action", "the shopper may try another card");
    assert!(scene.stripe.browser(&secret, BrowserAction::Pay("pm_card_visa")));
    scene.stripe.deliver(&scene.guest, "payment_intent.succeeded", &order["id"]).await.expect(204);
    let placed = scene.order(&cart, &order["id"]).await;
    assert_eq!((&placed["status"], &placed["payment"]["captured"]["amount"]), (&json!("placed"), &json!(1_000)));
    assert_eq!(scene.stripe.money(&order["id"]), (1, 1_000));
    scene.end().await;
}

#[tokio::test]
async fn whatever_answer_is_lost_or_broken_there_is_one_charge_and_one_order() {
    let scene = scene().await;
    let faults = [Fault::Unreachable, Fault::AnswerLost, Fault::ErrorBefore, Fault::ErrorAfter, Fault::Locked];
    for operation in ["create", "confirm"] {
        for fault in faults {
            let cart = scene.cart().await;
            scene.stripe.fail_next(operation, fault);
            let order = scene.checkout(&cart, "pm_card_visa").await.expect(202);
            assert_eq!(order["payment"]["status"], "unknown", "{operation} {fault:?}");
            let placed = scene.order_that_is(&cart, &order["id"], "placed", "captured").await;
            let money = scene.stripe.money(&placed["id"]);
            assert_eq!(money, (1, 1_000), "{operation} {fault:?}");
        }
    }
    assert_eq!(scene.shop.stock("PEN").await, (80, 0));
    scene.end().await;
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_after_the_server_was_killed_and_after_keys_were_forgotten() {
    let mut scene = scene().await;
    let (cart, late) = (scene.cart().await, scene.cart().await);
    scene.stripe.fail_next("confirm", Fault::AnswerLost);
    let order = scene.checkout(&cart, "pm_card_visa").await.expect(202);
    scene.server.kill();
    scene.server.restart();
    scene.order_that_is(&cart, &order["id"], "placed", "captured").await;

    // A day in which nobody looked: Stripe knows the key no more, and a second intent must not be made.
    scene.stripe.fail_next("confirm", Fault::AnswerLost);
    let order = scene.checkout(&late, "pm_card_visa").await.expect(202);
    scene.server.kill();
    scene.stripe.forget_keys();
    let day = 24 * 60 * 60 * 1000;
    scene.server.execute(&format!("UPDATE orders SET created_at = created_at - {day}"));
    scene.server.restart();
    scene.order_that_is(&late, &order["id"], "placed", "captured").await;
    assert_eq!((scene.stripe.intents(&order["id"]).len(), scene.stripe.money(&order["id"])), (1, (1, 1_000)));
    scene.post(&late, &order["id"], "cancel").await.expect(200);
    scene.order_that_is(&late, &order["id"], "cancelled", "refunded").await;
    assert_eq!(scene.stripe.money(&order["id"]), (1, 0));
    scene.end().await;
}

#[tokio::test]
async fn an_attempt_that_stripe_never_received_is_not_made_a_day_later() {
    let mut scene = scene().await;
    let cart = scene.cart().await;
    // The sweeper too may ask before the plug is pulled.
    (0..10).for_each(|_| scene.stripe.fail_next("create", Fault::Unreachable));
    let order = scene.checkout(&cart, "pm_card_visa").await.expect(202);
    scene.server.kill();
    let day = 24 * 60 * 60 * 1000;
    scene.server.execute(&format!("UPDATE orders SET created_at = created_at - {day}"));
    scene.server.restart();
    scene.order_that_is(&cart, &order["id"], "expired", "voided").await;
    assert_eq!(scene.stripe.intents(&order["id"]).len(), 0);
    assert_eq!(scene.guest.read(&cart).await["status"], "active");
    scene.end().await;
}

#[tokio::test]
async fn refunds_and_cancellations_whose_answers_are_lost_are_made_once() {
    let scene = scene().await;
    let faults = [Fault::Unreachable, Fault::AnswerLost, Fault::ErrorBefore, Fault::ErrorAfter, Fault::Locked];
    for fault in faults {
        let cart = scene.cart().await;
        let order = scene.checkout(&cart, "pm_card_visa").await.expect(201);
        scene.stripe.fail_next("refund", fault);
        scene.post(&cart, &order["id"], "cancel").await.expect(200);
        scene.order_that_is(&cart, &order["id"], "cancelled", "refunded").await;
        assert_eq!(scene.stripe.money(&order["id"]), (1, 0), "refund {fault:?}");

        let cart = scene.cart().await;
        let order = scene.checkout(&cart, "browser").await.expect(202);
        scene.stripe.fail_next("cancel", fault);
        scene.post(&cart, &order["id"], "cancel").await.expect(200);
        scene.order_that_is(&cart, &order["id"], "cancelled", "voided").await;
        assert_eq!(scene.stripe.intent(&order["id"])["status"], "canceled", "cancel {fault:?}");
    }
    assert_eq!(scene.shop.stock("PEN").await, (100, 0));
    scene.end().await;
}

#[tokio::test]
async fn an_order_that_nobody_pays_in_time_is_voided_and_money_that_was_quicker_counts() {
    let mut scene = scene().await;
    let (idle, quick) = (scene.cart().await, scene.cart().await);
    let unpaid = scene.checkout(&idle, "browser").await.expect(202);
    let paid = scene.checkout(&quick, "browser").await.expect(202);
    let secret = paid["payment"]["client_secret"].as_str().expect("a client secret");
    assert!(scene.stripe.browser(secret, BrowserAction::Pay("pm_card_visa")));
    // Nobody waits an hour: the database is told that it has passed, while no server looks.
    scene.server.kill();
    assert_eq!(scene.server.execute("UPDATE payments SET due_at = 1000"), 2);
    scene.server.restart();
    scene.order_that_is(&idle, &unpaid["id"], "expired", "voided").await;
    let secret = unpaid["payment"]["client_secret"].as_str().expect("a client secret");
    assert!(!scene.stripe.browser(secret, BrowserAction::Pay("pm_card_visa")));
    scene.order_that_is(&quick, &paid["id"], "placed", "captured").await;
    assert_eq!((scene.stripe.money(&unpaid["id"]), scene.stripe.money(&paid["id"])), ((0, 0), (1, 1_000)));
    scene.end().await;
}

#[tokio::test]
async fn currencies_are_charged_in_the_units_of_stripe() {
    let scene = scene().await;
    // Store, currency, price in our minor units, the same in Stripe's; nothing where Stripe cannot charge it.
    let cases = [
        ("yen", "JPY", 500, Some(500)),
        ("krona", "ISK", 500, Some(50_000)),
        ("dinar", "KWD", 5_120, Some(5_120)),
        ("fils", "KWD", 5_124, None),
    ];
    for (handle, currency, price, expected) in cases {
        let store = json!({"handle": handle, "name": handle, "currency": currency});
        let made = scene.shop.post("/admin/stores", &store).send().await;
        assert!(matches!(made.status, 200 | 201), "{made:?}");
        let (shop, guest) = (scene.shop.of_store(handle), scene.guest.of_store(handle));
        shop.put_goods(&[("PEN", price, 10)]).await;
        let cart = guest.cart(&[("PEN", 1)]).await;
        let answer = pay(&guest, &cart, "pm_card_visa").await;
        match expected {
            Some(amount) => {
                let order = answer.expect(201);
                assert_eq!(order["payment"]["captured"]["amount"], price, "{currency}");
                assert_eq!(scene.stripe.intent(&order["id"])["amount"], amount, "{currency}");
                let cancel = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
                let cancelled = guest.post(&cancel, &json!({})).token(&cart.token).send().await.expect(200);
                assert_eq!(cancelled["payment"]["refunded"]["amount"], price, "{currency}");
            }
            None => drop(answer.problem(402, "payment_declined")),
        }
    }
    scene.end().await;
}

#[tokio::test]
async fn a_webhook_must_be_signed_by_stripe_a_short_while_ago() {
    let scene = scene().await;
    let cart = scene.cart().await;
    let order = scene.checkout(&cart, "pm_card_authenticationRequired").await.expect(202);
    let body = scene.stripe.event("payment_intent.succeeded", &order["id"]);
    let now = now_seconds();
    let send = async |header: Option<&str>, body: &str| {
        let mut request = scene.guest.ask(Method::POST, "/webhooks/stripe");
        if let Some(header) = header {
            request = request.header("Stripe-Signature", header);
        }
        request.text("application/json", body.to_owned()).send().await
    };
    let good = signature(WEBHOOK_SECRET, now, &body);
    let wrong = [
        signature("whsec_theirs", now, &body),
        signature(WEBHOOK_SECRET, now - 400, &body),
        signature(WEBHOOK_SECRET, now, "{}"),
        String::new(),
        "nonsense".to_owned(),
    ];
    for header in wrong {
        send(Some(&header), &body).await.problem(401, "signature_invalid");
    }
    send(None, &body).await.problem(401, "signature_invalid");
    send(Some(&good), "{}").await.problem(401, "signature_invalid");
    // While the endpoint's secret is changed, Stripe signs with both.
    let theirs = signature("whsec_old", now, &body);
    let both = format!("{theirs},{}", good.split_once(',').expect("two parts").1);
    send(Some(&both), &body).await.expect(204);
    let strange = "{\"id\": 1}";
    send(Some(&signature(WEBHOOK_SECRET, now, strange)), strange).await.problem(422, "invalid_request");

    let without = Server::start();
    let answer = without.guest().ask(Method::POST, "/webhooks/stripe").header("Stripe-Signature", &good);
    answer.text("application/json", body.clone()).send().await.problem(404, "gateway_not_found");
    let other = without.guest().cart(&[]).await;
    pay(&without.guest(), &other, "pm_card_visa").await.problem(409, "payment_method_unknown");
    scene.post(&cart, &order["id"], "cancel").await.expect(200);
    scene.end().await;
}

#[tokio::test]
async fn a_webhook_is_not_believed_and_one_about_others_is_ignored() {
    let scene = scene().await;
    let cart = scene.cart().await;
    let order = scene.checkout(&cart, "pm_card_authenticationRequired").await.expect(202);
    // It says that the money is here; Stripe, when asked, does not.
    let mut lie = scene.stripe.intent(&order["id"]);
    lie["status"] = json!("succeeded");
    lie["amount_received"] = json!(1_000);
    assert_eq!(deliver(&scene.guest, &event_of("payment_intent.succeeded", &lie)).await.status, 204);
    assert_eq!(scene.order(&cart, &order["id"]).await["payment"]["status"], "requires_action");

    let foreign = intent_object(99, 500, "eur", Map::new());
    assert_eq!(deliver(&scene.guest, &event_of("payment_intent.succeeded", &foreign)).await.status, 204);
    let refund = refund_object(1, &foreign, 500);
    assert_eq!(deliver(&scene.guest, &event_of("refund.created", &refund)).await.status, 204);
    // Of ours, but not there (yet): it is kept.
    let mut early = lie.clone();
    early["metadata"]["cartwright_order"] = json!("01a1fd38-4cbd-70d2-9c03-d036d8702d46");
    assert_eq!(deliver(&scene.guest, &event_of("payment_intent.succeeded", &early)).await.status, 204);
    let mut elsewhere = lie.clone();
    elsewhere["metadata"]["cartwright_store"] = json!("another");
    deliver(&scene.guest, &event_of("payment_intent.succeeded", &elsewhere)).await.problem(404, "order_not_found");

    scene.stripe.fail_next("retrieve", Fault::Unreachable);
    let event = event_of("payment_intent.succeeded", &lie);
    assert_eq!(deliver(&scene.guest, &event).await.status, 204, "kept, and tried again");
    scene.post(&cart, &order["id"], "cancel").await.expect(200);
    scene.order_that_is(&cart, &order["id"], "cancelled", "voided").await;
    scene.end().await;
}

/// The names that an object has at all, in it and in the objects within.
fn names(object: &Value) -> Vec<&str> {
    object.as_object().map(|fields| fields.keys().map(String::as_str).collect()).unwrap_or_default()
}

#[test]
fn the_fakes_objects_have_the_fields_that_stripe_publishes() {
    let Some(folder) = shared("CARTWRIGHT_STRIPE_OBJECTS", "data/stripe") else { return };
    let text = std::fs::read_to_string(folder.join("fixtures.json")).expect("the published objects");
    let published: Value = serde_json::from_str(&text).expect("JSON");
    let intent = intent_object(1, 1_099, "usd", Map::new());
    let event: Value = serde_json::from_str(&event_of("payment_intent.succeeded", &intent)).expect("JSON");
    for (name, ours) in [("payment_intent", &intent), ("refund", &refund_object(1, &intent, 100)), ("event", &event)] {
        let theirs = &published["resources"][name];
        let known = names(theirs);
        for field in names(ours) {
            assert!(known.contains(&field), "{name}.{field} is not published");
            let (ours, theirs) = (&ours[field], &theirs[field]);
            let comparable = !ours.is_null() && !theirs.is_null();
            let same = std::mem::discriminant(ours) == std::mem::discriminant(theirs);
            assert!(!comparable || same, "{name}.{field} is {ours}, published as {theirs}");
        }
        // What was added to Stripe's interface after the version that is spoken here.
        let later = [
            "customer_account",
            "excluded_payment_method_types",
            "managed_payments",
            "payment_method_configuration_details",
        ];
        let missing: Vec<&&str> =
            known.iter().filter(|field| ours.get(**field).is_none() && !later.contains(*field)).collect();
        let allowed: &[&str] = if name == "refund" { &["customer", "payment_method"] } else { &[] };
        assert!(missing.iter().all(|field| allowed.contains(*field)), "{name} lacks {missing:?}");
    }
}
