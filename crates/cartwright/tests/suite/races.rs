//! Many shoppers at once. What must hold: nothing is sold twice, nothing is lost, nobody waits for ever, and whoever is
//! refused is told why.

use crate::harness::{Answer, CartKey, Server, Shop, eventually};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

/// How many answers there were of each status and code.
fn tally(answers: &[Answer]) -> BTreeMap<(u16, String), usize> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        *tally.entry((answer.status, answer.code())).or_default() += 1;
    }
    tally
}

fn counted(entries: &[(u16, &str, usize)]) -> BTreeMap<(u16, String), usize> {
    entries.iter().map(|(status, code, count)| ((*status, (*code).to_owned()), *count)).collect()
}

async fn carts(shop: &Shop, count: usize, goods: &[(&str, i64)]) -> Vec<CartKey> {
    join_all((0..count).map(|_| shop.cart(goods))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_buyers_at_once_for_a_hundred_units_make_exactly_a_hundred_orders() {
    thousand_buyers(Server::start()).await;
}

/// Buyers for too few units.
pub(crate) async fn thousand_buyers(server: Server) {
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("LAMP", 4_900, 100)]).await;
    let carts = carts(&guest, 1_000, &[("LAMP", 1)]).await;

    let buy = |(number, cart): (usize, &CartKey)| guest.checkout(cart, &format!("buyer-{number}"), "ok").send();
    let answers = join_all(carts.iter().enumerate().map(buy)).await;

    assert_eq!(tally(&answers), counted(&[(201, "", 100), (409, "insufficient_stock", 900)]));
    for answer in &answers {
        match answer.status {
            201 => assert_eq!(answer.json()["status"], "placed", "{answer:?}"),
            _ => {
                let problem = answer.problem(409, "insufficient_stock");
                assert_eq!(
                    (&problem["errors"][0]["sku"], &problem["errors"][0]["requested"]),
                    (&json!("LAMP"), &json!(1))
                );
            }
        }
    }
    let orders: HashSet<String> =
        answers.iter().filter(|answer| answer.status == 201).map(|answer| answer.json()["id"].to_string()).collect();
    assert_eq!(orders.len(), 100);
    assert_eq!(shop.orders(Some("placed")).await.len(), 100);
    assert_eq!(shop.orders(None).await.len(), 100);
    assert_eq!(shop.stock("LAMP").await, (0, 0));
    // What a crowd has taken is given back in a while.
    eventually("memory", Duration::from_secs(60), async || (server.memory_kib() < 200 * 1024).then_some(())).await;
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_things_that_are_made_at_once_have_the_same_id() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("A", 100, 10_000), ("B", 200, 10_000)]).await;
    let variants = |product: usize| -> Vec<Value> {
        (0..5).map(|variant| json!({"sku": format!("S{product}-{variant}"), "price": 100, "on_hand": 1})).collect()
    };
    let products: Vec<Value> = (0..200)
        .map(|number| json!({"handle": format!("p{number}"), "name": "P", "variants": variants(number)}))
        .collect();
    shop.post("/admin/products", &json!({"products": products})).send().await.expect(200);
    let buyers = (0..300).map(|_| async {
        let (cart, filled) = guest.fill(&[("A", 1), ("B", 1)]).await;
        (filled, guest.checkout(&cart, "k", "ok").send().await.expect(201))
    });

    let mut ids = HashSet::new();
    let mut note =
        |id: &Value| assert!(ids.insert(id.as_str().expect("an id").to_owned()), "{id} stands for two things");
    for (cart, order) in join_all(buyers).await {
        [&cart["id"], &order["id"], &order["payment"]["attempt_id"]].into_iter().for_each(&mut note);
        cart["lines"].as_array().expect("lines").iter().for_each(|line| note(&line["id"]));
    }
    let mut cursor = String::new();
    let mut found = 0;
    loop {
        let page = shop.get(&format!("/admin/products?limit=100{cursor}")).send().await.expect(200);
        for product in page["items"].as_array().expect("items") {
            note(&product["id"]);
            let variants = product["variants"].as_array().expect("variants");
            variants.iter().for_each(|variant| note(&variant["id"]));
            found += variants.len();
        }
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, 200 * 5 + 2);
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_parallel_adds_to_one_cart_all_count() {
    parallel_adds(Server::start()).await;
}

/// Adds to one cart.
pub(crate) async fn parallel_adds(server: Server) {
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100_000), ("MUG", 750, 100_000)]).await;
    let cart = guest.cart(&[]).await;

    let add = |number: usize| {
        let sku = if number.is_multiple_of(2) { "PEN" } else { "MUG" };
        guest.post(&cart.path("/lines"), &json!({"sku": sku, "quantity": 3})).token(&cart.token).send()
    };
    let answers = join_all((0..200).map(add)).await;

    assert!(answers.iter().all(|answer| answer.status == 200), "{:?}", tally(&answers));
    let versions: HashSet<i64> = answers.iter().filter_map(|answer| answer.json()["version"].as_i64()).collect();
    assert_eq!(versions.len(), 200, "each add made a version of its own");
    let read = guest.read(&cart).await;
    let mut lines: Vec<(&str, i64)> = Vec::new();
    for line in read["lines"].as_array().expect("lines") {
        lines.push((line["sku"].as_str().expect("a SKU"), line["quantity"].as_i64().expect("a number")));
    }
    lines.sort_unstable();
    assert_eq!(lines, [("MUG", 300), ("PEN", 300)]);
    assert_eq!(read["totals"]["subtotal"]["amount"], 300 * 500 + 300 * 750);
    assert_eq!(read["version"], json!(versions.iter().max()));
    server.verify();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_changes_made_on_the_same_version_of_a_cart_exactly_one_passes() {
    same_version(Server::start()).await;
}

/// Changes of one version of a cart.
pub(crate) async fn same_version(server: Server) {
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100_000)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    for round in 1..=5 {
        let tag = guest.get(&cart.path("")).token(&cart.token).send().await.header("etag").to_owned();
        let add = |_| {
            let add = guest.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 1}));
            add.token(&cart.token).header("If-Match", &tag).send()
        };
        let answers = join_all((0..30).map(add)).await;
        assert_eq!(tally(&answers), counted(&[(200, "", 1), (412, "version_mismatch", 29)]));
        assert_eq!(guest.read(&cart).await["lines"][0]["quantity"], 1 + round);
    }
    server.verify();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_sent_with_many_adds_at_once_adds_once() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100_000)]).await;
    let cart = guest.cart(&[]).await;
    let add = |_| {
        let add = guest.post(&cart.path("/lines"), &json!({"sku": "PEN", "quantity": 2}));
        add.token(&cart.token).key("add").send()
    };
    let answers = join_all((0..50).map(add)).await;
    assert_eq!(tally(&answers), counted(&[(200, "", 50)]));
    assert_eq!(guest.read(&cart).await["lines"][0]["quantity"], 2);
    server.verify();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_who_arrives_many_times_at_once_gets_one_cart() {
    one_customer(Server::start()).await;
}

/// One customer, again and again.
pub(crate) async fn one_customer(server: Server) {
    let shop = server.shop();
    let arrivals = (0..40).map(|_| shop.post("/carts", &json!({"customer": "ada"})).send());
    let answers = join_all(arrivals).await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 201)), "{:?}", tally(&answers));
    let ids: HashSet<String> = answers.iter().map(|answer| answer.json()["id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    server.verify();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_checkout_sent_fifty_times_at_once_makes_one_order_and_fifty_equal_answers() {
    same_checkout(Server::start()).await;
}

/// One checkout, sent again and again.
pub(crate) async fn same_checkout(server: Server) {
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100)]).await;
    let cart = guest.cart(&[("PEN", 2)]).await;

    let answers = join_all((0..50).map(|_| guest.checkout(&cart, "once", "ok").send())).await;

    let first = answers[0].expect(201);
    assert_eq!(first["status"], "placed");
    for answer in &answers {
        assert_eq!((answer.status, answer.json()), (201, first.clone()), "{answer:?}");
    }
    assert_eq!(guest.checkout(&cart, "once", "ok").send().await.expect(201), first, "and so does one that comes later");
    assert_eq!(shop.orders(None).await.len(), 1);
    assert_eq!(shop.stock("PEN").await, (98, 0));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_different_keys_on_one_cart_make_one_order() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    for cart in carts(&guest, 20, &[("PEN", 1)]).await {
        let one = guest.checkout(&cart, "from-the-phone", "ok").send();
        let other = guest.checkout(&cart, "from-the-laptop", "ok").send();
        let (one, other) = tokio::join!(one, other);
        let ids: HashSet<String> = [&one, &other]
            .into_iter()
            .filter(|answer| (200..300).contains(&answer.status))
            .map(|answer| answer.json()["id"].to_string())
            .collect();
        assert_eq!(ids.len(), 1, "{one:?} {other:?}");
        for answer in [&one, &other].into_iter().filter(|answer| answer.status >= 300) {
            answer.problem(409, "cart_closed");
        }
    }
    assert_eq!(shop.orders(None).await.len(), 20);
    assert_eq!(shop.stock("PEN").await, (980, 0));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn carts_that_name_the_same_goods_in_opposite_order_never_wait_for_each_other_for_ever() {
    opposite_orders(Server::start()).await;
}

/// Carts with A and B, and carts with B and A.
pub(crate) async fn opposite_orders(server: Server) {
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("A", 100, 10_000), ("B", 200, 10_000)]).await;
    let forth = carts(&guest, 200, &[("A", 1), ("B", 2)]).await;
    let back = carts(&guest, 200, &[("B", 2), ("A", 1)]).await;

    let buy = |cart: CartKey| {
        let guest = guest.clone();
        async move { guest.checkout(&cart, &cart.id, "ok").send().await }
    };
    let all = forth.into_iter().zip(back).flat_map(|(one, other)| [one, other]).map(buy);
    let answers = tokio::time::timeout(Duration::from_secs(60), join_all(all)).await.expect("nobody waits for ever");

    assert_eq!(tally(&answers), counted(&[(201, "", 400)]));
    assert_eq!((shop.stock("A").await, shop.stock("B").await), ((9_600, 0), (9_200, 0)));
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coupon_for_ten_orders_is_redeemed_exactly_ten_times_by_a_hundred_at_once() {
    limited_coupon(Server::start(), 100).await;
}

/// So many buyers with a coupon for ten.
pub(crate) async fn limited_coupon(server: Server, buyers: usize) {
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 1_000, 1_000)]).await;
    let definition =
        json!({"name": "First ten", "benefit": {"kind": "percentage", "percent": "50"}, "limits": {"total_uses": 10}});
    let promotion = shop.put_promotion(definition, &["FIRST10"]).await;
    let carts = carts(&guest, buyers, &[("PEN", 1)]).await;
    for cart in &carts {
        let with = guest
            .post(&cart.path("/coupons"), &json!({"code": " first10 "}))
            .token(&cart.token)
            .send()
            .await
            .expect(200);
        assert_eq!(with["totals"]["total"]["amount"], 500, "{with}");
    }

    let answers = join_all(carts.iter().map(|cart| guest.checkout(cart, &cart.id, "ok").send())).await;

    assert_eq!(tally(&answers), counted(&[(201, "", 10), (409, "coupon_exhausted", buyers - 10)]));
    assert_eq!(shop.redemptions(&promotion).await, 10);
    let paid: Vec<Value> = shop.orders(Some("placed")).await;
    assert!(paid.iter().all(|order| order["totals"]["total"]["amount"] == 500) && paid.len() == 10);
    assert_eq!(shop.stock("PEN").await, (990, 0));

    // Whoever lost takes the code away and buys at the full price.
    let (lost, _) = carts.iter().zip(&answers).find(|(_, answer)| answer.status == 409).expect("somebody lost");
    let full = guest.delete(&lost.path("/coupons/FIRST10")).token(&lost.token).send().await.expect(200);
    assert_eq!(full["totals"]["total"]["amount"], 1_000);
    guest.checkout(lost, "without", "ok").send().await.expect(201);
    server.settle_and_verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buyers_operators_and_cancellations_at_once_leave_the_books_whole() {
    everybody_at_once(Server::start()).await;
}

/// Buyers, operators, cancellations.
pub(crate) async fn everybody_at_once(server: Server) {
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("A", 100, 300), ("B", 250, 300), ("C", 50, 300)]).await;
    let methods = ["ok", "ok", "declined", "requires_action", "timeout"];
    let buyers = (0..150_usize).map(|number| {
        let (guest, method) = (guest.clone(), methods[number % methods.len()]);
        let goods = [[("A", 1), ("B", 2)], [("C", 1), ("A", 2)], [("B", 1), ("C", 3)]][number % 3];
        async move {
            let cart = guest.cart(&goods).await;
            let answer = guest.checkout(&cart, "buy", method).send().await;
            assert!(matches!(answer.status, 201 | 202 | 402 | 409), "{answer:?}");
            let id = answer.json()["id"].as_str().map(str::to_owned);
            let Some(id) = id.filter(|_| answer.status < 300) else { return };
            let path =
                if number % 2 == 0 { format!("/orders/{id}/cancel") } else { format!("/orders/{id}/payment/confirm") };
            let answer = guest.post(&path, &json!({})).token(&cart.token).send().await;
            assert!(matches!(answer.status, 200..=202 | 409), "{answer:?}");
        }
    });
    let operators = (0..50_i64).map(|number| {
        let shop = shop.clone();
        async move {
            let change = json!({"adjustments": [{"sku": "B", "kind": "receive", "quantity": 2, "reason": "delivery"}]});
            shop.post("/admin/stock/adjustments", &change).send().await.expect(200);
            shop.set_price("C", 50 - number % 2).await;
        }
    });
    tokio::join!(join_all(buyers), join_all(operators));

    // What still waits for its shopper is cancelled; then every unit that was not sold is back.
    for order in shop.orders(Some("pending_payment")).await {
        let path = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
        let answer = shop.post(&path, &json!({"reason": "closing time"})).send().await;
        assert!(matches!(answer.status, 200..=202 | 409), "{answer:?}");
    }
    eventually("nothing is pending", Duration::from_secs(60), async || {
        let orders = shop.orders(None).await;
        let open = |order: &&Value| {
            let payment = order["payment"]["status"].as_str().unwrap_or_default();
            !matches!(payment, "captured" | "declined" | "voided" | "refunded")
        };
        orders.iter().find(open).is_none().then_some(())
    })
    .await;
    for (sku, begun_with) in [("A", 300), ("B", 300 + 100), ("C", 300)] {
        let (on_hand, reserved) = shop.stock(sku).await;
        let sold: i64 = shop
            .orders(Some("placed"))
            .await
            .iter()
            .flat_map(|order| order["lines"].as_array().cloned().unwrap_or_default())
            .filter(|line| line["sku"] == sku)
            .filter_map(|line| line["quantity"].as_i64())
            .sum();
        assert_eq!((on_hand, reserved), (begun_with - sold, 0), "{sku}");
    }
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_limit_that_is_lowered_below_its_uses_stops_further_ones_and_is_no_fault_of_the_books() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    let half = json!({"kind": "percentage", "percent": "50"});
    let limited = |most: i64| json!({"name": "Half", "benefit": half, "limits": {"total_uses": most}});
    let promotion = shop.put_promotion(limited(5), &["HALF"]).await;
    let buy = async || {
        let cart = guest.cart(&[("PEN", 1)]).await;
        let answer = guest.post(&cart.path("/coupons"), &json!({"code": "HALF"})).token(&cart.token).send().await;
        if answer.status == 200 {
            guest.checkout(&cart, "k", "ok").send().await.expect(201);
        }
        answer
    };
    for _ in 0..3 {
        buy().await.expect(200);
    }

    let lowered = json!({"definition": limited(1), "codes": ["HALF"]});
    let path = format!("/admin/promotions/{promotion}");
    shop.ask(reqwest::Method::PUT, &path).json(&lowered).send().await.expect(200);

    assert_ne!(buy().await.status, 200, "the promotion is used up");
    assert_eq!(shop.redemptions(&promotion).await, 3);
    server.settle_and_verify().await;
}
