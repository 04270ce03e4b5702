//! Payments at the provider beside orders: what differs is named, and repaired where that can be.

use crate::harness::stripe::FakeStripe;
use crate::harness::{Server, Shop};
use serde_json::{Value, json};

async fn reconcile(shop: &Shop, repair: bool) -> Value {
    shop.post("/admin/payments/reconciliation", &json!({"repair": repair})).send().await.expect(200)
}

fn kinds(report: &Value) -> Vec<&str> {
    let mut kinds: Vec<&str> =
        report["drift"].as_array().expect("drift").iter().filter_map(|drift| drift["kind"].as_str()).collect();
    kinds.sort_unstable();
    kinds
}

async fn buy(shop: &Shop, gateway: &str, method: &str) -> Value {
    let cart = shop.cart(&[("PEN", 2)]).await;
    let body = json!({"payment": {"gateway": gateway, "method": method}});
    shop.post(&cart.path("/checkout"), &body).key("buy").send().await;
    shop.orders(None).await.remove(0)
}

async fn order(shop: &Shop, order: &Value) -> Value {
    shop.get(&format!("/orders/{}", order["id"].as_str().expect("an id"))).send().await.expect(200)
}

#[tokio::test]
async fn books_that_agree_differ_in_nothing_and_late_money_is_found_and_taken_in() {
    let server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 100)]).await;
    for method in ["ok", "declined", "timeout"] {
        buy(&shop, "test", method).await;
    }
    let placed = shop.orders(Some("placed")).await.remove(0);
    let path = format!("/orders/{}/refunds", placed["id"].as_str().expect("an id"));
    shop.post(&path, &json!({"amount": 250})).key("r").send().await.expect(201);
    server.settle_and_verify().await;
    let report = reconcile(&shop, false).await;
    assert_eq!((&report["ok"], &report["orders"]), (&json!(true), &json!(3)), "{report}");

    // Cancelled before it was paid; the test gateway then takes the money all the same.
    let late = buy(&shop, "test", "late").await;
    let cancel = format!("/orders/{}/cancel", late["id"].as_str().expect("an id"));
    shop.post(&cancel, &json!({})).send().await.expect(200);
    let report = reconcile(&shop, false).await;
    assert_eq!((kinds(&report), &report["ok"]), (vec!["captured_but_released"], &json!(false)), "{report}");
    let ran = server.client(&["reconcile"]);
    assert!(ran.code == Some(1) && ran.out.contains("captured_but_released"), "{ran:?}");
    let ran = server.client(&["reconcile", "--repair", "--from", "2020-01-01"]);
    assert!(ran.code == Some(0) && ran.out.contains("repaired"), "{ran:?}");
    server.settle_and_verify().await;
    let end = order(&shop, &late).await;
    assert_eq!((&end["status"], &end["payment"]["status"]), (&json!("cancelled"), &json!("refunded")));
    assert_eq!(reconcile(&shop, false).await["ok"], true);
}

#[tokio::test]
async fn every_kind_of_drift_at_stripe_is_named_and_what_can_be_is_repaired() {
    let stripe = FakeStripe::start().await;
    let arguments = stripe.arguments();
    let server = Server::with(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 100)]).await;
    // More than a page.
    for _ in 0..101 {
        stripe.charge_of_nobody(0);
    }
    let refunded = buy(&shop, "stripe", "pm_card_visa").await;
    let late = buy(&shop, "stripe", "pm_card_visa_chargeDeclined").await;
    let paid = buy(&shop, "stripe", "browser").await;
    assert_eq!(reconcile(&shop, false).await["ok"], true);
    stripe.refund_by_hand(&refunded["id"], 300);
    stripe.take_late(&late["id"]);
    stripe.take_late(&paid["id"]);
    stripe.charge_of_nobody(700);
    let report = reconcile(&shop, true).await;
    let expected = ["capture_unknown", "captured_but_released", "charge_without_order", "refund_differs"];
    assert_eq!(kinds(&report), expected, "{report:#}");
    for drift in report["drift"].as_array().expect("drift") {
        assert_eq!(drift["repaired"], drift["kind"] != "charge_without_order", "{drift}");
    }
    for one in [&late, &paid] {
        let end = order(&shop, one).await;
        assert_eq!((&end["status"], &end["payment"]["captured"]["amount"]), (&json!("placed"), &json!(1_000)));
    }
    assert_eq!(kinds(&reconcile(&shop, false).await), ["charge_without_order"]);
    stripe.fail_next("list", crate::harness::stripe::Fault::Unreachable);
    let report = reconcile(&shop, false).await;
    assert_eq!((&report["silent"], &report["ok"]), (&json!(["stripe"]), &json!(false)));
    server.settle_and_verify().await;
}
