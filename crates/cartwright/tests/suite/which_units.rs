//! Which units promotions take, and which of several counts, as settings of a store, through the public interface.

use crate::harness::{Server, Shop};
use serde_json::{Value, json};

async fn set(shop: &Shop, pricing: Value) {
    let store = json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": {"pricing": pricing}});
    let put = shop.post("/admin/stores", &store).send().await.expect(200);
    for (name, value) in pricing.as_object().expect("settings") {
        assert_eq!(&put["settings"]["pricing"][name], value);
    }
}

/// The total of a cart at checkout and before it, which are the same.
async fn total(guest: &Shop, goods: &[(&str, i64)]) -> i64 {
    let cart = guest.cart(goods).await;
    let shown = guest.read(&cart).await["totals"]["total"]["amount"].clone();
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    assert_eq!(order["totals"]["total"]["amount"], shown);
    shown.as_i64().expect("an amount")
}

#[tokio::test]
async fn a_store_says_on_which_units_discounts_stay_and_whether_they_count_again() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("MUG", 1_000, 1_000)]).await;
    for name in ["One", "Two"] {
        let units = json!({"max_quantity": 1});
        let benefit = json!({"kind": "fixed_amount", "amount": 1_000, "per": "unit", "units": units});
        shop.put_promotion(json!({"name": name, "benefit": benefit}), &[]).await;
    }
    assert_eq!(total(&guest, &[("MUG", 4)]).await, 2_250);
    set(&shop, json!({"unit_discounts": "on_units"})).await;
    assert_eq!(total(&guest, &[("MUG", 4)]).await, 2_000);

    let listed = shop.get("/admin/promotions").send().await.expect(200);
    for promotion in listed["promotions"].as_array().expect("promotions") {
        let path = format!("/admin/promotions/{}", promotion["id"].as_str().expect("an id"));
        shop.delete(&path).send().await.expect(204);
    }
    for name in ["Three for two", "Pair"] {
        let benefit = json!({"kind": "buy_x_get_y", "buy_quantity": 1, "get_quantity": 1, "max_uses": 1});
        shop.put_promotion(json!({"name": name, "benefit": benefit}), &[]).await;
    }
    assert_eq!(total(&guest, &[("MUG", 3)]).await, 1_000);
    set(&shop, json!({"unit_discounts": "on_units", "bxgy_units": "used_once"})).await;
    assert_eq!(total(&guest, &[("MUG", 3)]).await, 2_000);
    assert_eq!(total(&guest, &[("MUG", 4)]).await, 2_000);
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_store_may_put_priority_before_what_is_left_to_pay_and_the_cheapest_may_have_a_set_price() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("COAT", 9_000, 1_000), ("SHIRT", 2_000, 1_000)]).await;
    let exclusive = |name: &str, priority: i32, percent: &str| {
        let benefit = json!({"kind": "percentage", "percent": percent});
        json!({"name": name, "priority": priority, "stacking": "exclusive", "benefit": benefit})
    };
    let low = shop.put_promotion(exclusive("Sale", 1, "20"), &[]).await;
    let high = shop.put_promotion(exclusive("Members", 2, "5"), &[]).await;
    assert_eq!(total(&guest, &[("SHIRT", 5)]).await, 8_000);
    set(&shop, json!({"exclusive": "highest_priority"})).await;
    assert_eq!(total(&guest, &[("SHIRT", 5)]).await, 9_500);
    for id in [low, high] {
        shop.delete(&format!("/admin/promotions/{id}")).send().await.expect(204);
    }
    let set_price = |pick: &str| {
        let parts = json!([{"quantity": 2}]);
        let benefit = json!({"kind": "bundle_price", "price": 3_000, "pick": pick, "max_uses": 1, "parts": parts});
        json!({"name": "Two for 30", "benefit": benefit})
    };
    let id = shop.put_promotion(set_price("cheapest"), &[]).await;
    assert_eq!(total(&guest, &[("COAT", 1), ("SHIRT", 2)]).await, 12_000);
    let shown = shop.get("/admin/promotions").send().await.expect(200);
    assert_eq!(shown["promotions"][0]["definition"]["benefit"]["pick"], "cheapest");
    let path = format!("/admin/promotions/{id}");
    shop.put(&path, &json!({"definition": set_price("dearest")})).send().await.expect(200);
    assert_eq!(total(&guest, &[("COAT", 1), ("SHIRT", 2)]).await, 5_000);
    let wrong = json!({"definition": set_price("first")});
    shop.put(&path, &wrong).send().await.problem(422, "invalid_request");
}
