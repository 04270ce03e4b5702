//! The report of recovered revenue: its figures are those of the carts that the test left, reminded of, and bought.

use crate::harness::{CartKey, Server, Shop, eventually};
use crate::recovery::{let_time_pass, put_settings, type_email};
use cartwright_domain::id::CartId;
use cartwright_domain::recovery::RecoverySettings;
use serde_json::{Value, json};
use std::time::Duration;

const PRICE: i64 = 500;

/// A cart of so many pens that may be reminded of.
struct Left {
    key: CartKey,
    email: String,
    pens: i64,
}

impl Left {
    async fn new(shop: &Shop, number: usize, currency: &str) -> Left {
        let (guest, pens, email) = (shop.guest(), number as i64 + 1, format!("shopper{number}@example.com"));
        let lines = json!([{"sku": "PEN", "quantity": pens}]);
        let cart = guest.post("/carts", &json!({"lines": lines, "currency": currency})).send().await.expect(201);
        let key = CartKey::of(&cart);
        let consent = json!({"email": email, "email_consent": true});
        guest.patch(&key.path(""), &consent).token(&key.token).send().await.expect(200);
        Left { key, email, pens }
    }

    fn held_out(&self) -> bool {
        let settings = RecoverySettings { hold_out_percent: 50, ..RecoverySettings::default() };
        settings.holds_out(CartId(self.key.id.parse().expect("an id")))
    }

    async fn buy(&self, shop: &Shop) -> i64 {
        shop.guest().checkout(&self.key, "k", "ok").send().await.expect(201);
        self.pens * PRICE
    }

    /// Buys after following the link of the newest mail.
    async fn buy_by_link(&self, server: &Server) -> i64 {
        let mail = server.mails_to(&self.email).pop().expect("a mail");
        let link = mail.lines().find_map(|line| line.split_once("/cart/recover?token=")).expect("a link").1;
        let restored = server.guest().post(&format!("/recovery/{link}"), &json!({})).send().await.expect(200);
        let device = CartKey::of(&restored);
        type_email(&server.guest(), &device, &self.email).await;
        server.guest().checkout(&device, "k", "ok").send().await.expect(201);
        self.pens * PRICE
    }
}

async fn reached(server: &Server, stage: i64, carts: usize, mails: &[&Left]) {
    let sql = format!("UPDATE reminders SET at = at WHERE stage = {stage}");
    eventually("the stage is reached", Duration::from_secs(30), async || {
        let told = mails.iter().all(|left| server.mails_to(&left.email).len() >= stage as usize);
        (server.execute(&sql) == carts && told).then_some(())
    })
    .await;
}

async fn report(shop: &Shop, query: &str) -> Vec<Value> {
    let report = shop.get(&format!("/admin/reports/recovery{query}")).send().await.expect(200);
    report["rows"].as_array().expect("rows").clone()
}

#[tokio::test]
async fn recovered_revenue_is_told_by_stage_and_link_and_against_the_carts_that_were_held_out() {
    let mut server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", PRICE, 10_000)]).await;
    shop.post("/admin/prices", &json!({"prices": [{"sku": "PEN", "price": 700, "currency": "USD"}]})).send().await;
    put_settings(&shop, json!({"enabled": true, "hold_out_percent": 50})).await;
    assert_eq!(report(&shop, "").await, Vec::<Value>::new());
    // Who buys before the first mail is in no group.
    Left::new(&shop, 50, "EUR").await.buy(&shop).await;
    let mut carts = Vec::new();
    for number in 0..40 {
        carts.push(Left::new(&shop, number, "EUR").await);
    }
    let foreign = Left::new(&shop, 60, "USD").await;
    let_time_pass(&mut server);
    let (held, told): (Vec<&Left>, Vec<&Left>) = carts.iter().partition(|left| left.held_out());
    assert!(held.len() >= 2 && told.len() >= 7, "{} and {}", held.len(), told.len());
    reached(&server, 1, carts.len() + 1, &told).await;

    let shop = server.shop();
    let first = told[0].buy(&shop).await + told[1].buy(&shop).await;
    let by_link = told[2].buy_by_link(&server).await;
    let held_out = held[0].buy(&shop).await;
    let left = told.len() - 3 + usize::from(!foreign.held_out());
    assert_eq!(let_time_pass(&mut server), left, "whoever was held out waits for no further mail");
    reached(&server, 2, left, &told[3..]).await;

    let shop = server.shop();
    let second = told[3].buy_by_link(&server).await;
    // An order that was cancelled has brought nothing; of one refunded in part the rest counts.
    told[4].buy(&shop).await;
    let orders = shop.orders(None).await;
    let of = |left: &Left| {
        let order = orders.iter().find(|order| order["cart_id"] == left.key.id).expect("its order");
        order["id"].as_str().expect("an id").to_owned()
    };
    shop.post(&format!("/orders/{}/cancel", of(told[4])), &json!({})).send().await.expect(200);
    let refund = json!({"amount": 200, "reason": "late"});
    let answer = shop.post(&format!("/orders/{}/refunds", of(told[0])), &refund).key("r").send().await;
    assert!((200..300).contains(&answer.status), "{answer:?}");
    eventually("it is refunded", Duration::from_secs(30), async || {
        let order = shop.get(&format!("/orders/{}", of(told[0]))).send().await.expect(200);
        (order["payment"]["refunded"]["amount"] == 200).then_some(())
    })
    .await;

    let (first, reminded, held) = (first + by_link - 200, told.len() as i64, held.len() as i64);
    let revenue = first + second;
    let percent = |part: i64, whole: i64| format!("{}.{}", part * 100 / whole, part * 1_000 / whole % 10);
    let expected = json!({
        "due": 40, "reminded": reminded, "held_out": held,
        "orders": 4, "revenue": revenue,
        "link_orders": 2, "link_revenue": by_link + second,
        "orders_1": 3, "revenue_1": first, "orders_2": 1, "revenue_2": second, "orders_3": 0, "revenue_3": 0,
        "held_out_orders": 1, "held_out_revenue": held_out,
        "conversion": percent(4, reminded), "held_out_conversion": percent(1, held),
        "uplift": (revenue * held - held_out * reminded) / held,
    });
    for query in ["", "?by=week", "?by=month"] {
        let rows = report(&shop, query).await;
        assert_eq!(rows.len(), 2, "{rows:#?}");
        let (euros, dollars) = (&rows[0], &rows[1]);
        for (name, value) in expected.as_object().expect("fields") {
            assert_eq!(&euros[name], value, "{name} of {euros:#}");
        }
        assert_eq!((&dollars["currency"], &dollars["due"], &dollars["revenue"]), (&json!("USD"), &json!(1), &json!(0)));
        assert_eq!(dollars["uplift"], Value::Null, "one of the groups is empty");
    }
    assert!(report(&shop, "?from=2020-01-01&to=2020-02-01").await.is_empty());
    let csv = server.client(&["reports", "recovery", "--csv"]).good();
    assert!(csv.starts_with("period,currency,due,reminded,held_out,orders,revenue,"), "{csv}");
    assert!(csv.lines().any(|line| line.contains(&format!(",EUR,40,{reminded},{held},4,{revenue},"))), "{csv}");
    let table = server.client(&["reports", "recovery", "--by", "month"]).good();
    assert!(
        table.contains("Uplift") && table.contains(&format!("{}.{:02} EUR", revenue / 100, revenue % 100)),
        "{table}"
    );
    server.verify();
}
