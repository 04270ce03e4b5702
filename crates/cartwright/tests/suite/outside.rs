//! Money that moves at the provider by hand: refunds, captures and cancellations in its dashboard, disputes at the bank, and what
//! operators record. In the end the order, the reports and the provider agree.

use crate::harness::stripe::{FakeStripe, Fault, deliver, event_of};
use crate::harness::{Server, Shop, eventually};
use serde_json::{Value, json};
use std::time::Duration;

/// A server that pays at a fake, with pens at 10.00 on the shelf.
struct Scene {
    stripe: FakeStripe,
    server: Server,
    shop: Shop,
}

async fn scene() -> Scene {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let shop = server.shop();
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    Scene { stripe, server, shop }
}

impl Scene {
    /// Three pens, bought and paid.
    async fn buy(&self) -> Value {
        let cart = self.shop.cart(&[("PEN", 3)]).await;
        let body = json!({"payment": {"gateway": "stripe", "method": "pm_card_visa"}});
        self.shop.post(&cart.path("/checkout"), &body).key("buy").send().await.expect(201)
    }

    /// Stores capture by hand from now on.
    async fn capture_by_hand(&self) {
        let settings = json!({
            "handle": "default", "name": "Shop", "currency": "EUR", "settings": {"payment_capture": "manual"},
        });
        let answer = self.shop.post("/admin/stores", &settings).send().await;
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
    }

    async fn order(&self, order: &Value) -> Value {
        self.shop.get(&format!("/orders/{}", id(order))).send().await.expect(200)
    }

    async fn order_that(&self, order: &Value, is_so: impl Fn(&Value) -> bool) -> Value {
        eventually("the order is as it should be", Duration::from_secs(30), async || {
            Some(self.order(order).await).filter(&is_so)
        })
        .await
    }

    /// Somebody refunds in the dashboard, and Stripe reports it in these events.
    async fn refund_by_hand(&self, order: &Value, amount: i64) -> Value {
        let refund = self.stripe.refund_by_hand(&order["id"], amount);
        for event in self.stripe.refund_events(&order["id"], &refund) {
            assert_eq!(deliver(&self.shop, &event).await.status, 204);
        }
        refund
    }

    async fn dispute(&self, order: &Value, amount: i64, status: &str) {
        let dispute = self.stripe.dispute(&order["id"], amount, status);
        let kind = if status == "needs_response" { "charge.dispute.created" } else { "charge.dispute.closed" };
        assert_eq!(deliver(&self.shop, &event_of(kind, &dispute)).await.status, 204);
    }

    async fn reconcile(&self, repair: bool) -> Value {
        self.shop.post("/admin/payments/reconciliation", &json!({"repair": repair})).send().await.expect(200)
    }

    /// The one difference that reconciliation finds.
    async fn only_drift(&self, kind: &str) -> Value {
        let report = self.reconcile(false).await;
        let drift = report["drift"].as_array().expect("drift");
        assert_eq!((drift.len(), &drift[0]["kind"]), (1, &json!(kind)), "{report:#}");
        assert_ne!(drift[0]["next"], "", "it says what to do");
        drift[0].clone()
    }

    async fn repairs(&self, kind: &str) {
        self.only_drift(kind).await;
        let report = self.reconcile(true).await;
        assert_eq!((&report["drift"][0]["repaired"], &report["ok"]), (&json!(true), &json!(true)), "{report:#}");
        eventually("nothing differs", Duration::from_secs(30), async || {
            (self.reconcile(false).await["ok"] == true).then_some(())
        })
        .await;
    }
}

fn id(order: &Value) -> &str {
    order["id"].as_str().expect("an id")
}

fn money(order: &Value) -> (i64, i64, i64) {
    let amount = |value: &Value| value["amount"].as_i64().expect("an amount");
    let payment = &order["payment"];
    (amount(&payment["captured"]), amount(&payment["refunded"]), amount(&order["refundable"]["amount"]))
}

#[tokio::test]
async fn a_refund_in_the_dashboard_stands_on_the_order_and_cancelling_asks_for_the_rest() {
    let scene = scene().await;
    let order = scene.buy().await;
    let refund = scene.refund_by_hand(&order, 1_000).await;
    let told = scene.order(&order).await;
    assert_eq!((money(&told), &told["payment_status"]), ((3_000, 1_000, 2_000), &json!("partially_refunded")));
    let shown = &told["refunds"][0];
    assert_eq!(
        (&shown["origin"], &shown["reference"], &shown["status"]),
        (&json!("outside"), &refund["id"], &json!("succeeded"))
    );
    assert_eq!(told["refunds"].as_array().map(Vec::len), Some(1), "once");
    assert_eq!(scene.reconcile(false).await["ok"], true);
    let events = scene.shop.get("/events?types=refund.succeeded").send().await.expect(200);
    assert_eq!(events["items"][0]["data"]["origin"], "outside");

    scene.shop.post(&format!("/orders/{}/cancel", id(&order)), &json!({})).send().await.expect(200);
    let end = scene.order_that(&order, |order| order["payment"]["status"] == "refunded").await;
    assert_eq!((money(&end), scene.stripe.money(&order["id"])), ((3_000, 3_000, 0), (1, 0)));
    scene.server.settle_and_verify().await;
}

#[tokio::test]
async fn cancelling_gives_all_back_although_no_event_of_a_refund_by_hand_came() {
    let scene = scene().await;
    let order = scene.buy().await;
    scene.stripe.refund_by_hand(&order["id"], 1_000);
    // That Stripe does not answer what was refunded only takes longer.
    scene.stripe.fail_next("list_refunds", Fault::Unreachable);
    scene.stripe.fail_next("list_refunds", Fault::Unreachable);
    scene.shop.post(&format!("/orders/{}/cancel", id(&order)), &json!({})).send().await.expect(200);
    let end = scene.order_that(&order, |order| order["payment"]["status"] == "refunded").await;
    assert_eq!((money(&end), scene.stripe.money(&order["id"])), ((3_000, 3_000, 0), (1, 0)));
    let all: Vec<_> = end["refunds"].as_array().expect("refunds").iter().collect();
    let told: Vec<_> = all.iter().map(|one| (one["amount"]["amount"].as_i64(), one["status"].as_str())).collect();
    let expected = [(Some(3_000), Some("failed")), (Some(1_000), Some("succeeded")), (Some(2_000), Some("succeeded"))];
    assert_eq!(told, expected, "{end:#}");
    assert_eq!(scene.shop.stock("PEN").await, (100, 0));
    scene.server.settle_and_verify().await;
}

#[tokio::test]
async fn a_full_refund_in_the_dashboard_leaves_nothing_to_be_sent_until_the_bank_sends_it_back() {
    let scene = scene().await;
    let order = scene.buy().await;
    let refund = scene.refund_by_hand(&order, 3_000).await;
    let told = scene.order(&order).await;
    assert_eq!((&told["status"], &told["payment_status"]), (&json!("placed"), &json!("refunded")));
    let fulfil = format!("/admin/orders/{}/fulfilments", id(&order));
    scene.shop.post(&fulfil, &json!({})).send().await.problem(409, "not_left_to_fulfil");
    let unfulfilled = scene.shop.get("/admin/orders?fulfilment_status=unfulfilled").send().await.expect(200);
    assert_eq!(unfulfilled["items"], json!([]));
    let sales = scene.shop.get("/admin/reports/sales").send().await.expect(200);
    assert_eq!((&sales["rows"][0]["refunded"], &sales["rows"][0]["net"]), (&json!(3_000), &json!(0)), "{sales}");

    // Whether the goods go back on the shelf is the operator's choice.
    assert_eq!(scene.shop.stock("PEN").await, (97, 0));
    let restock = format!("/admin/orders/{}/restock", id(&order));
    let line = order["lines"][0]["id"].clone();
    let two = json!({"lines": [{"line_id": line, "quantity": 2}]});
    scene.shop.post(&restock, &two).send().await.problem(400, "idempotency_key_missing");
    for _ in 0..2 {
        scene.shop.post(&restock, &two).key("back").send().await.expect(200);
    }
    scene.shop.post(&restock, &two).key("more").send().await.problem(409, "refund_too_large");
    let ran = scene.server.client(&["orders", "restock", id(&order), "--line", "PEN=1"]);
    assert_eq!((ran.code, scene.shop.stock("PEN").await), (Some(0), (100, 0)), "{ran:?}");

    let failed = scene.stripe.fail_refund(&refund["id"]);
    assert_eq!(deliver(&scene.shop, &event_of("refund.failed", &failed)).await.status, 204);
    let told = scene.order(&order).await;
    assert_eq!((money(&told), &told["refunds"][0]["status"]), ((3_000, 0, 3_000), &json!("failed")));
    scene.server.settle_and_verify().await;
}

#[tokio::test]
async fn more_refunds_than_a_page_are_all_taken_in() {
    let scene = scene().await;
    let order = scene.buy().await;
    let mut last = Value::Null;
    for _ in 0..120 {
        last = scene.stripe.refund_by_hand(&order["id"], 10);
    }
    assert_eq!(deliver(&scene.shop, &event_of("refund.created", &last)).await.status, 204);
    assert_eq!(money(&scene.order(&order).await), (3_000, 1_200, 1_800));
    scene.server.settle_and_verify().await;
}

#[tokio::test]
async fn a_lost_dispute_takes_the_money_and_funds_that_are_reinstated_give_it_back() {
    let scene = scene().await;
    let order = scene.buy().await;
    scene.dispute(&order, 2_000, "warning_needs_response").await;
    assert_eq!(money(&scene.order(&order).await), (3_000, 0, 3_000), "an inquiry moves nothing");
    scene.dispute(&order, 2_000, "needs_response").await;
    let told = scene.order(&order).await;
    assert_eq!((money(&told), &told["refundable"]["withheld"]["amount"]), ((3_000, 0, 1_000), &json!(2_000)));
    let refunds = format!("/orders/{}/refunds", id(&order));
    scene.shop.post(&refunds, &json!({"amount": 1_001})).key("a").send().await.problem(409, "refund_too_large");
    scene.dispute(&order, 2_000, "lost").await;
    let told = scene.order(&order).await;
    assert_eq!((money(&told), &told["refunds"][0]["origin"]), ((3_000, 2_000, 1_000), &json!("dispute")));
    let dispute = &told["disputes"][0];
    assert_eq!((&dispute["standing"], &dispute["fee"]["amount"]), (&json!("lost"), &json!(1_500)));
    scene.shop.post(&refunds, &json!({"amount": 1_001})).key("a").send().await.problem(409, "refund_too_large");
    scene.dispute(&order, 2_000, "won").await;
    assert_eq!(money(&scene.order(&order).await), (3_000, 0, 3_000));
    let events = scene.shop.get("/events?types=payment.disputed").send().await.expect(200);
    let told: Vec<_> = events["items"].as_array().expect("events").iter().map(|one| &one["data"]["status"]).collect();
    assert_eq!(told, ["warning_needs_response", "needs_response", "lost", "won"]);
    scene.server.settle_and_verify().await;
}

#[tokio::test]
async fn money_captured_or_let_go_in_the_dashboard_is_taken_in() {
    let scene = scene().await;
    scene.capture_by_hand().await;
    let (part, gone) = (scene.buy().await, scene.buy().await);
    assert_eq!(part["payment_status"], "authorized");
    scene.stripe.capture_by_hand(&part["id"], 1_200);
    scene.stripe.deliver(&scene.shop, "payment_intent.succeeded", &part["id"]).await.expect(204);
    assert_eq!(money(&scene.order(&part).await), (1_200, 0, 1_200));
    scene.refund_by_hand(&part, 500).await;
    assert_eq!(money(&scene.order(&part).await), (1_200, 500, 700));
    scene.stripe.cancel_by_hand(&gone["id"]);
    scene.stripe.deliver(&scene.shop, "payment_intent.canceled", &gone["id"]).await.expect(204);
    let told = scene.order(&gone).await;
    assert_eq!((&told["status"], &told["payment"]["status"]), (&json!("cancelled"), &json!("voided")));
    assert_eq!(scene.shop.stock("PEN").await, (97, 0));
    assert_eq!(scene.reconcile(false).await["ok"], true);
    scene.server.settle_and_verify().await;
}

#[tokio::test]
async fn what_reconciliation_names_the_providers_answer_repairs() {
    let scene = scene().await;
    let order = scene.buy().await;
    scene.stripe.refund_by_hand(&order["id"], 1_000);
    scene.repairs("refund_differs").await;
    assert_eq!(money(&scene.order(&order).await), (3_000, 1_000, 2_000));
    scene.stripe.dispute(&order["id"], 2_000, "lost");
    scene.repairs("dispute_differs").await;
    assert_eq!(money(&scene.order(&order).await), (3_000, 3_000, 0));

    let less = scene.buy().await;
    scene.stripe.correct_received(&less["id"], 2_500);
    scene.repairs("amount_differs").await;
    let told = scene.order(&less).await;
    assert_eq!((money(&told), &told["refunds"][0]["origin"]), ((3_000, 500, 2_500), &json!("loss")));

    scene.capture_by_hand().await;
    let (taken, gone) = (scene.buy().await, scene.buy().await);
    scene.stripe.capture_by_hand(&taken["id"], 1_000);
    scene.repairs("capture_unknown").await;
    assert_eq!(money(&scene.order(&taken).await), (1_000, 0, 1_000));
    scene.stripe.cancel_by_hand(&gone["id"]);
    scene.repairs("authorization_ended").await;
    assert_eq!(scene.order(&gone).await["status"], "cancelled");
    scene.server.settle_and_verify().await;
}

#[tokio::test]
async fn money_that_was_taken_late_and_refunded_by_hand_is_not_asked_for_again() {
    let scene = scene().await;
    let cart = scene.shop.cart(&[("PEN", 3)]).await;
    let body = json!({"payment": {"gateway": "stripe", "method": "browser"}});
    let order = scene.shop.post(&cart.path("/checkout"), &body).key("buy").send().await.expect(202);
    scene.shop.post(&format!("/orders/{}/cancel", id(&order)), &json!({})).send().await.expect(200);
    scene.order_that(&order, |order| order["payment"]["status"] == "voided").await;
    scene.stripe.take_late(&order["id"]);
    scene.stripe.refund_by_hand(&order["id"], 1_000);
    scene.repairs("captured_but_released").await;
    let end = scene.order_that(&order, |order| order["payment"]["status"] == "refunded").await;
    assert_eq!((money(&end), scene.stripe.money(&order["id"])), ((3_000, 3_000, 0), (1, 0)));
    assert_eq!(end["refunds"].as_array().map(Vec::len), Some(2), "{end:#}");
    scene.server.settle_and_verify().await;
}

// The client blocks its thread while the fake answers.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_answer_repairs_an_operator_records_with_a_reason_and_it_is_named_no_more() {
    let scene = scene().await;
    // The provider has no such payment.
    let order = scene.buy().await;
    scene.stripe.lose_intent(&order["id"]);
    scene.only_drift("order_without_charge").await;
    let correct = format!("/admin/orders/{}/corrections", id(&order));
    let loss = json!({"kind": "loss", "amount": 3_000, "reason": "never settled"});
    for _ in 0..2 {
        let told = scene.shop.post(&correct, &loss).key("loss").send().await.expect(201);
        assert_eq!((money(&told), &told["refunds"][0]["reason"]), ((3_000, 3_000, 0), &json!("never settled")));
    }
    assert_eq!(scene.reconcile(false).await["ok"], true);

    // Money without an order: sent back, or dealt with elsewhere.
    for action in ["refund", "dismiss"] {
        scene.stripe.charge_of_nobody(700);
        let reference = scene.only_drift("charge_without_order").await["reference"].clone();
        let reference = reference.as_str().expect("a reference");
        let ran = scene.server.client(&["reconcile"]);
        assert!(ran.code == Some(1) && ran.out.contains("unmatched refund stripe"), "{ran:?}");
        let ran = scene.server.client(&["unmatched", action, "stripe", reference, "--reason", "paid twice"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert_eq!(scene.reconcile(false).await["ok"], true, "{action}");
    }
    let audit = scene.shop.get("/admin/audit").send().await.expect(200).to_string();
    for operation in ["correct_order", "deal_with_payment"] {
        assert!(audit.contains(operation), "{operation}: {audit}");
    }
    scene.server.settle_and_verify().await;
}

#[tokio::test]
async fn money_given_back_in_cash_is_recorded_once_and_nonsense_is_refused() {
    let scene = scene().await;
    let order = scene.buy().await;
    let correct = format!("/admin/orders/{}/corrections", id(&order));
    let line = order["lines"][0]["id"].clone();
    let cash = json!({
        "kind": "elsewhere", "lines": [{"line_id": line, "quantity": 1, "restock": true}], "reference": "cash-1",
        "reason": "over the counter",
    });
    for key in ["a", "b"] {
        let told = scene.shop.post(&correct, &cash).key(key).send().await.expect(201);
        assert_eq!((money(&told), scene.shop.stock("PEN").await), ((3_000, 1_000, 2_000), (98, 0)));
    }
    assert_eq!(scene.reconcile(false).await["ok"], true, "the provider need not know");
    assert_eq!(scene.stripe.money(&order["id"]), (1, 3_000));
    for body in [
        json!({"kind": "elsewhere", "amount": 1}),
        json!({"kind": "gift", "amount": 1, "reason": "r"}),
        json!({"kind": "loss", "amount": 0, "reason": "r"}),
        json!({"kind": "loss", "amount": 1, "reason": ""}),
    ] {
        scene.shop.post(&correct, &body).key("bad").send().await.problem(422, "invalid_request");
    }
    let nothing = json!({"kind": "loss", "reason": "r"});
    scene.shop.post(&correct, &nothing).key("c").send().await.problem(409, "nothing_to_refund");
    let much = json!({"kind": "loss", "amount": 2_001, "reason": "r"});
    scene.shop.post(&correct, &much).key("d").send().await.problem(409, "refund_too_large");
    let unknown = json!({"gateway": "stripe", "reference": "pi_nobody", "action": "dismiss", "reason": "r"});
    scene.shop.post("/admin/payments/unmatched", &unknown).send().await.problem(404, "payment_not_found");
    let intent = scene.stripe.intent(&order["id"])["id"].clone();
    let own = json!({"gateway": "stripe", "reference": intent, "action": "refund", "reason": "r"});
    scene.shop.post("/admin/payments/unmatched", &own).send().await.problem(409, "nothing_to_refund");
    scene.server.settle_and_verify().await;
}
