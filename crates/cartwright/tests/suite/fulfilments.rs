//! The life of an order after it is paid: parcels, notes, and the lists in which operators find it.

use crate::harness::{Answer, CartKey, Server, Shop};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// An order of these goods, paid by a guest; with the secret that opens it.
async fn order(guest: &Shop, goods: &[(&str, i64)]) -> (Value, CartKey) {
    let cart = guest.cart(goods).await;
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    assert_eq!(order["fulfilment_status"], "unfulfilled");
    (order, cart)
}

fn path(order: &Value, rest: &str) -> String {
    format!("/admin/orders/{}{rest}", order["id"].as_str().expect("an id"))
}

fn line(order: &Value, place: usize, quantity: i64) -> Value {
    json!({"line_id": order["lines"][place]["id"], "quantity": quantity})
}

async fn fulfil(shop: &Shop, order: &Value, body: Value) -> Answer {
    shop.post(&path(order, "/fulfilments"), &body).send().await
}

async fn update(shop: &Shop, order: &Value, parcel: &Value, body: Value) -> Answer {
    let id = parcel["id"].as_str().expect("an id");
    shop.patch(&path(order, &format!("/fulfilments/{id}")), &body).send().await
}

async fn stocked() -> (Server, Shop, Shop) {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000), ("MUG", 700, 1_000)]).await;
    (server, shop, guest)
}

#[tokio::test]
async fn an_order_is_sent_in_parts_with_tracking_and_its_buyer_can_follow_it() {
    let (server, shop, guest) = stocked().await;
    let (made, cart) = order(&guest, &[("PEN", 3), ("MUG", 2)]).await;
    let tracking = json!({"carrier": "DHL", "number": "0034", "url": "https://dhl.example/0034"});
    let body = json!({"lines": [line(&made, 0, 1), line(&made, 1, 2)], "tracking": tracking});
    let partly = fulfil(&shop, &made, body).await.expect(200);
    assert_eq!((&partly["fulfilment_status"], &partly["status"]), (&json!("partially_fulfilled"), &json!("placed")));
    assert_eq!((&partly["lines"][0]["fulfilled"], &partly["lines"][1]["fulfilled"]), (&json!(1), &json!(2)));
    assert_eq!((&partly["fulfilments"][0]["tracking"], &partly["fulfilments"][0]["by"]), (&tracking, &json!("tests")));

    let refused = fulfil(&shop, &made, json!({"lines": [line(&made, 0, 3)]})).await;
    let problem = refused.problem(409, "not_left_to_fulfil");
    assert_eq!((&problem["errors"][0]["sku"], &problem["errors"][0]["available"]), (&json!("PEN"), &json!(2)));
    fulfil(&shop, &made, json!({"lines": [line(&made, 0, 4)]})).await.problem(422, "quantity_out_of_range");
    let cancel = guest.post(&format!("/orders/{}/cancel", made["id"].as_str().expect("an id")), &json!({}));
    cancel.token(&cart.token).send().await.problem(409, "order_sent");

    let whole = fulfil(&shop, &made, json!({})).await.expect(200);
    assert_eq!(whole["fulfilment_status"], "fulfilled");
    fulfil(&shop, &made, json!({})).await.problem(409, "not_left_to_fulfil");
    for parcel in whole["fulfilments"].as_array().expect("parcels") {
        update(&shop, &made, parcel, json!({"status": "delivered", "delivered_at": 1_700_000_000_000_i64}))
            .await
            .expect(200);
    }
    let seen = guest.order(made["id"].as_str().expect("an id"), &cart.token).await.expect(200);
    assert_eq!(seen["fulfilment_status"], "delivered");
    assert_eq!(seen["fulfilments"][0]["tracking"], tracking);
    assert_eq!(seen["fulfilments"][1]["delivered_at"], "2023-11-14T22:13:20.000Z");
    assert!(seen["fulfilments"][0].get("by").is_none(), "buyers do not learn who packed: {seen}");
    assert_eq!(shop.stock("PEN").await, (997, 0));
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_parcel_that_was_not_sent_frees_its_units_and_then_the_order_can_be_cancelled() {
    let (server, shop, guest) = stocked().await;
    let (made, _) = order(&guest, &[("PEN", 3)]).await;
    let sent = fulfil(&shop, &made, json!({})).await.expect(200);
    let parcel = &sent["fulfilments"][0];
    let back = update(&shop, &made, parcel, json!({"status": "cancelled"})).await.expect(200);
    assert_eq!((&back["fulfilment_status"], &back["lines"][0]["fulfilled"]), (&json!("unfulfilled"), &json!(0)));
    update(&shop, &made, parcel, json!({"status": "cancelled"})).await.expect(200);
    update(&shop, &made, parcel, json!({"status": "shipped"})).await.problem(409, "fulfilment_closed");
    let unknown = json!({"id": "01a1fd38-4cbd-70d2-9c03-d036d8702d46"});
    update(&shop, &made, &unknown, json!({})).await.problem(404, "fulfilment_not_found");
    let cancelled = shop.post(&format!("/orders/{}/cancel", made["id"].as_str().expect("an id")), &json!({}));
    let cancelled = cancelled.send().await.expect(200);
    assert_eq!((&cancelled["status"], cancelled.get("fulfilment_status")), (&json!("cancelled"), None));
    fulfil(&shop, &made, json!({})).await.problem(409, "order_not_fulfillable");
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_send_the_same_units_at_once_one_wins_and_a_repeated_request_answers_alike() {
    let (server, shop, guest) = stocked().await;
    for round in 0..10 {
        let (made, _) = order(&guest, &[("PEN", 2)]).await;
        let body = json!({"lines": [line(&made, 0, 2)]});
        let answers = join_all((0..4).map(|_| fulfil(&shop, &made, body.clone()))).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        let refused = answers.iter().filter(|answer| answer.code() == "not_left_to_fulfil").count();
        assert_eq!((won, refused), (1, 3), "round {round}: {answers:?}");

        let (made, _) = order(&guest, &[("PEN", 4)]).await;
        let body = json!({"lines": [line(&made, 0, 1)]});
        let once = || shop.post(&path(&made, "/fulfilments"), &body).key(&format!("key {round}")).send();
        let answers: Vec<Value> =
            join_all((0..4).map(|_| once())).await.iter().map(|answer| answer.expect(200)).collect();
        assert!(
            answers.iter().all(|answer| *answer == answers[0] && answer["lines"][0]["fulfilled"] == 1),
            "{answers:?}"
        );
        let other = shop.post(&path(&made, "/fulfilments"), &json!({})).key(&format!("key {round}")).send().await;
        other.problem(422, "idempotency_key_reused");
    }
    server.settle_and_verify().await;
}

#[tokio::test]
async fn notes_are_for_operators_unless_they_are_for_the_buyer_too() {
    let (server, shop, guest) = stocked().await;
    let (made, cart) = order(&guest, &[("PEN", 1)]).await;
    let note = |text: &str, visible: bool| json!({"text": text, "visible_to_customer": visible});
    for _ in 0..2 {
        shop.post(&path(&made, "/notes"), &note("pays late", false)).key("n").send().await.expect(200);
    }
    let answer = shop.post(&path(&made, "/notes"), &note("It leaves on Monday.", true)).send().await.expect(200);
    assert_eq!(answer["notes"].as_array().map(Vec::len), Some(2), "{answer}");
    assert_eq!((&answer["notes"][0]["text"], &answer["notes"][0]["by"]), (&json!("pays late"), &json!("tests")));
    let seen = guest.order(made["id"].as_str().expect("an id"), &cart.token).await.expect(200);
    assert_eq!(seen["notes"].as_array().map(Vec::len), Some(1), "{seen}");
    assert_eq!((&seen["notes"][0]["text"], seen["notes"][0].get("by")), (&json!("It leaves on Monday."), None));
    shop.post(&path(&made, "/notes"), &json!({"text": ""})).send().await.problem(422, "invalid_request");
    for path in [path(&made, "/notes"), path(&made, "/fulfilments")] {
        let asked = guest.post(&path, &note("x", true)).token(&cart.token).send().await;
        asked.problem(401, "unauthorized");
    }
    server.settle_and_verify().await;
}

/// The ids that a list with these filters has, over pages of two.
async fn listed(shop: &Shop, filter: &str) -> Vec<String> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop.get(&format!("/admin/orders?limit=2&{filter}{cursor}")).send().await.expect(200);
        let items = page["items"].as_array().expect("items").iter();
        ids.extend(items.map(|order| order["id"].as_str().expect("an id").to_owned()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn lists_find_orders_by_every_filter_and_by_several_at_once() {
    let (server, shop, guest) = stocked().await;
    let mut made = Vec::new();
    for (number, method) in ["ok", "ok", "ok", "declined", "ok"].into_iter().enumerate() {
        let email = format!("Buyer{}@example.com", number % 2);
        let mut cart = json!({"lines": [{"sku": "PEN", "quantity": 2}], "email": email});
        let cart = if number == 4 {
            cart["customer"] = json!("carla");
            shop.post("/carts", &cart).send().await.expect(201)
        } else {
            guest.post("/carts", &cart).send().await.expect(201)
        };
        let pay = json!({"payment": {"gateway": "test", "method": method}});
        let path = format!("/carts/{}/checkout", cart["id"].as_str().expect("an id"));
        let mut checkout = shop.post(&path, &pay).key("k");
        if let Some(token) = cart["token"].as_str() {
            checkout = guest.post(&path, &pay).key("k").token(token);
        }
        made.push(checkout.send().await.json());
    }
    fulfil(&shop, &made[0], json!({})).await.expect(200);
    fulfil(&shop, &made[1], json!({"lines": [line(&made[1], 0, 1)]})).await.expect(200);
    let all = shop.orders(None).await;
    let expect = |holds: &dyn Fn(&Value) -> bool| -> Vec<String> {
        let found = all.iter().filter(|order| holds(order));
        found.map(|order| order["id"].as_str().expect("an id").to_owned()).collect()
    };
    let is = |field: &'static str, value: &'static str| move |order: &Value| order[field] == value;
    let mails =
        |end: &'static str| move |order: &Value| order["email"].as_str().is_some_and(|email| email.contains(end));
    let sent = |state: &'static str| is("fulfilment_status", state);
    let paid = |state: &'static str| move |order: &Value| order["payment"]["status"] == state;
    assert_eq!(all.len(), 5);
    for (filter, expected, least) in [
        ("fulfilment_status=unfulfilled", expect(&sent("unfulfilled")), 2),
        ("fulfilment_status=partially_fulfilled", expect(&sent("partially_fulfilled")), 1),
        ("fulfilment_status=fulfilled&status=placed", expect(&sent("fulfilled")), 1),
        ("fulfilment_status=delivered", expect(&sent("delivered")), 0),
        ("payment_status=captured", expect(&paid("captured")), 4),
        ("payment_status=declined", expect(&paid("declined")), 1),
        ("payment_status=declined&status=placed", vec![], 0),
        ("payment_status=declined&email=buyer1@example.com", expect(&paid("declined")), 1),
        ("email=BUYER0@example.com", expect(&mails("0@")), 3),
        (
            "email=buyer1%40example.com&status=placed",
            expect(&|order| mails("1@")(order) && is("status", "placed")(order)),
            1,
        ),
        ("customer=carla", expect(&is("customer", "carla")), 1),
        ("customer=buyer0@example.com", vec![], 0),
        ("customer=carla&fulfilment_status=unfulfilled&payment_status=captured", expect(&is("customer", "carla")), 1),
        ("created_from=2020-01-01", expect(&|_| true), 5),
        ("created_to=2020-01-01", vec![], 0),
        (
            "created_from=2020-01-01&created_to=2100-01-01&fulfilment_status=unfulfilled",
            expect(&sent("unfulfilled")),
            2,
        ),
    ] {
        assert_eq!(expected.len(), least, "{filter}: what the test itself expects");
        assert_eq!(listed(&shop, filter).await, expected, "{filter}");
    }
    for wrong in ["fulfilment_status=lost", "payment_status=x", "created_from=yesterday", "created_from=2026-02-30"] {
        shop.get(&format!("/admin/orders?{wrong}")).send().await.problem(422, "invalid_request");
    }
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_command_line_sends_notes_and_lists() {
    let (server, _, guest) = stocked().await;
    let (made, _) = order(&guest, &[("PEN", 3), ("MUG", 1)]).await;
    let id = made["id"].as_str().expect("an id");
    let json = |arguments: &[&str]| -> Value {
        serde_json::from_str(&server.client(&[arguments, &["--json"]].concat()).good()).expect("JSON")
    };
    let partly = json(&["orders", "fulfil", id, "--line", "PEN=2", "--carrier", "DHL", "--number", "1"]);
    assert_eq!(
        (&partly["fulfilment_status"], &partly["lines"][0]["fulfilled"]),
        (&json!("partially_fulfilled"), &json!(2))
    );
    let arrived = json(&["orders", "parcel", id, "--status", "delivered"]);
    assert_eq!(arrived["fulfilments"][0]["status"], "delivered");
    server.client(&["orders", "ship", id]).good();
    let shown = server.client(&["orders", "note", id, "by the back door"]).good();
    for part in ["by the back door", "2 × PEN", "DHL 1", "fulfilled"] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let listed = json(&["orders", "list", "--fulfilment", "fulfilled", "--from", "2020-01-01"]);
    assert_eq!(listed[0]["id"], made["id"]);
    assert!(server.client(&["orders", "list", "--fulfilment", "unfulfilled"]).good().contains("No orders."));
}
