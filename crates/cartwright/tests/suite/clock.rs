//! Hours and days by the clock of a place, and instants as RFC 3339, through the public interface.

use crate::harness::{Answer, Server, Shop};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

async fn put_store(shop: &Shop, settings: Value) -> Answer {
    let store = json!({"handle": "default", "name": "Shop", "currency": "EUR", "settings": settings});
    shop.post("/admin/stores", &store).send().await
}

async fn total(guest: &Shop) -> Value {
    let cart = guest.cart(&[("PEN", 1)]).await;
    guest.read(&cart).await["totals"]["total"]["amount"].clone()
}

/// Ten per cent off from an hour before to an hour after now, by the clock of a place.
fn around_now(place: &str, conditions: Value) -> Value {
    let now = Timestamp::now().to_zoned(TimeZone::get(place).expect("a zone"));
    let minute = |hours: i64| {
        let shown = &now + hours.hours();
        i64::from(shown.hour()) * 60 + i64::from(shown.minute())
    };
    let (from, until) = (minute(-1), minute(1));
    let mut all = json!({"hours": {"from_minute": from, "until_minute": if until == 0 { 1440 } else { until }}});
    all.as_object_mut().expect("an object").extend(conditions.as_object().expect("an object").clone());
    json!({"name": "Now", "conditions": all, "benefit": {"kind": "percentage", "percent": "10"}})
}

#[tokio::test]
async fn hours_of_a_promotion_are_those_of_the_store_or_of_its_own_clock() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    put_store(&shop, json!({"time_zone": "Asia/Kathmandu"})).await.expect(200);
    for (conditions, expected) in [
        (json!({}), 900),
        (json!({"time_zone": "Asia/Kathmandu"}), 900),
        (json!({"utc_offset_minutes": 345}), 900),
        // What was made before there were time zones means UTC.
        (json!({"utc_offset_minutes": 0}), 1_000),
        (json!({"time_zone": "Pacific/Auckland"}), 1_000),
    ] {
        let id = shop.put_promotion(around_now("Asia/Kathmandu", conditions.clone()), &[]).await;
        assert_eq!(total(&guest).await, expected, "{conditions}");
        let path = format!("/admin/promotions/{id}");
        shop.delete(&path).send().await.expect(204);
    }
    put_store(&shop, json!({"time_zone": "Pacific/Auckland"})).await.expect(200);
    shop.put_promotion(around_now("Asia/Kathmandu", json!({})), &[]).await;
    assert_eq!(total(&guest).await, 1_000, "the store has moved");
    server.settle_and_verify().await;
}

#[tokio::test]
async fn a_name_that_is_no_time_zone_is_refused_at_its_field() {
    let server = Server::start();
    let shop = server.shop();
    for wrong in ["Mars/Olympus", "", "CEST", "+01:00"] {
        let problem = put_store(&shop, json!({"time_zone": wrong})).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], "settings.time_zone", "{problem}");
        let definition = around_now("UTC", json!({"time_zone": wrong}));
        let refused = shop.post("/admin/promotions", &json!({"definition": definition})).send().await;
        let problem = refused.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], "definition.conditions.time_zone", "{problem}");
    }
    let refused = shop.get("/admin/reports/sales?time_zone=Mars").send().await.problem(422, "invalid_request");
    assert_eq!(refused["errors"][0]["field"], "time_zone", "{refused}");
    let both = around_now("UTC", json!({"time_zone": "Europe/Berlin", "utc_offset_minutes": 0}));
    let refused = shop.post("/admin/promotions", &json!({"definition": both})).send().await;
    assert!((400..500).contains(&refused.status), "{refused:?}");
    let stores = shop.get("/admin/stores").send().await.expect(200);
    assert_eq!(stores["stores"][0]["settings"]["time_zone"], "UTC", "nothing was changed");
    assert_eq!(shop.get("/admin/promotions").send().await.expect(200)["promotions"], json!([]));
    put_store(&shop, json!({"time_zone": "europe/berlin"})).await.expect(200);
    let stores = shop.get("/admin/stores").send().await.expect(200);
    assert_eq!(stores["stores"][0]["settings"]["time_zone"], "Europe/Berlin");
}

#[tokio::test]
async fn instants_are_taken_as_rfc_3339_or_milliseconds_and_shown_as_rfc_3339() {
    let server = Server::start();
    let shop = server.shop();
    let benefit = json!({"kind": "percentage", "percent": "10"});
    for (given, shown) in [
        (json!(1_795_215_600_000_i64), "2026-11-20T23:00:00.000Z"),
        (json!("2026-11-21T00:00:00+01:00"), "2026-11-20T23:00:00.000Z"),
        (json!("2026-11-20T23:00:00.123456789Z"), "2026-11-20T23:00:00.123Z"),
    ] {
        let definition = json!({"name": "Sale", "starts_at": given, "ends_at": given, "benefit": benefit});
        let made = shop.post("/admin/promotions", &json!({"definition": definition})).send().await.expect(201);
        let shown = (&json!(shown), &json!(shown));
        assert_eq!((&made["definition"]["starts_at"], &made["definition"]["ends_at"]), shown);
        // What is shown can be sent again.
        let path = format!("/admin/promotions/{}", made["id"].as_str().expect("an id"));
        let again = shop.put(&path, &json!({"definition": made["definition"]})).send().await.expect(200);
        assert_eq!((&again["definition"]["starts_at"], &again["definition"]["ends_at"]), shown);
    }
    for wrong in [json!("2026-11-21"), json!("soon"), json!("2026-02-30T00:00:00Z"), json!(-1), json!(true)] {
        let definition = json!({"name": "Sale", "starts_at": wrong, "benefit": benefit});
        let refused = shop.post("/admin/promotions", &json!({"definition": definition})).send().await;
        let problem = refused.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], "definition.starts_at", "{problem}");
    }
}

#[tokio::test]
async fn requests_about_a_period_take_days_by_the_stores_clock() {
    let server = Server::start();
    let shop = server.shop();
    put_store(&shop, json!({"time_zone": "Europe/Berlin"})).await.expect(200);
    let reconcile = async |from: Value, until: Value| {
        let answer = shop.post("/admin/payments/reconciliation", &json!({"from": from, "until": until})).send().await;
        let report = answer.expect(200);
        [report["from"].clone(), report["until"].clone()]
    };
    let day = [json!("2026-10-24T22:00:00.000Z"), json!("2026-10-25T23:00:00.000Z")];
    assert_eq!(reconcile(json!("2026-10-25"), json!("2026-10-26")).await, day, "a day of 25 hours");
    assert_eq!(reconcile(json!("2026-10-25T00:00:00+02:00"), json!(1_792_969_200_000_i64)).await, day);
    let wrong = json!({"from": "yesterday"});
    let refused = shop.post("/admin/payments/reconciliation", &wrong).send().await.problem(422, "invalid_request");
    assert_eq!(refused["errors"][0]["field"], "from", "{refused}");
    let draft = json!({"definition": {"name": "x", "benefit": {"kind": "free_shipping"}}, "from": "2026-10-25",
        "until": "2026-10-25T23:59:59+01:00"});
    let tried = shop.post("/admin/promotions/try", &draft).send().await.expect(200);
    assert_eq!((&tried["from"], &tried["until"]), (&day[0], &json!("2026-10-25T22:59:59.000Z")));
    let webhook = json!({"url": "http://127.0.0.1:9/hook"});
    let webhook = shop.post("/admin/webhooks", &webhook).send().await.expect(201);
    let path = format!("/admin/webhooks/{}/replay", webhook["id"].as_str().expect("an id"));
    shop.post(&path, &json!({"since": "2026-11-21T08:00:00Z"})).send().await.expect(204);
    shop.post(&path, &json!({"since": "2026-11-21 8:00"})).send().await.problem(422, "invalid_request");
}

#[tokio::test]
async fn reports_cut_their_days_by_a_clock_that_they_name() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 1_000, 100)]).await;
    let cart = guest.cart(&[("PEN", 1)]).await;
    guest.checkout(&cart, "k", "ok").send().await.expect(201);
    let by_utc = shop.get("/admin/reports/sales").send().await.expect(200);
    assert_eq!((&by_utc["time_zone"], &by_utc["utc_offset_minutes"]), (&json!("UTC"), &json!(0)));
    // Of these two one has another date than UTC at any time.
    for place in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
        put_store(&shop, json!({"time_zone": place})).await.expect(200);
        let today = Timestamp::now().to_zoned(TimeZone::get(place).expect("a zone")).date().to_string();
        let answer = shop.get("/admin/reports/sales").send().await;
        assert_eq!(answer.header("cartwright-time-zone"), place);
        let report = answer.expect(200);
        let shown = (&report["rows"][0]["period"], &report["to"], &report["time_zone"]);
        assert_eq!(shown, (&json!(today), &json!(today), &json!(place)));
        assert!(report.get("utc_offset_minutes").is_none(), "{report}");
        let csv = shop.get(&format!("/admin/reports/sales?format=csv&from={today}&to={today}")).send().await;
        assert_eq!((csv.status, csv.header("cartwright-time-zone")), (200, place));
        assert!(String::from_utf8_lossy(&csv.body).contains(&format!("\n{today},EUR,1,1,1000,")), "{csv:?}");
        let listed =
            shop.get(&format!("/admin/orders?created_from={today}&created_to={today}")).send().await.expect(200);
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
    }
    let offset =
        shop.get("/admin/reports/sales?utc_offset_minutes=345&time_zone=Europe/Berlin").send().await.expect(200);
    assert_eq!((&offset["time_zone"], &offset["utc_offset_minutes"]), (&json!("+05:45"), &json!(345)));
    let named = shop.get("/admin/reports/recovery?time_zone=America/New_York").send().await.expect(200);
    assert_eq!(named["time_zone"], "America/New_York");
    let table = server.client(&["reports", "sales", "--time-zone", "Asia/Kathmandu"]).good();
    assert!(table.contains("days by Asia/Kathmandu"), "{table}");
    server.client(&["reconcile", "--from", "2026-11-01", "--until", "2026-11-02T00:00:00+01:00"]).good();
}
