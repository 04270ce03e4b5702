//! Reports: their sums are those that the test itself makes of the orders it placed.

use crate::harness::{Server, Shop};
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn today() -> String {
    let ms = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    day_of(i64::try_from(ms / 86_400_000).expect("a day"))
}

/// The day, so many after 1 January 1970, by counting years and months.
fn day_of(mut days: i64) -> String {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    while days >= 365 + i64::from(leap(year)) {
        days -= 365 + i64::from(leap(year));
        year += 1;
    }
    let months = [31, 28 + i64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= months[month] {
        days -= months[month];
        month += 1;
    }
    format!("{year}-{:02}-{:02}", month + 1, days + 1)
}

/// A shop that taxes, discounts, ships and sells in two currencies, with orders of all kinds; its orders.
async fn busy_shop(server: &Server) -> (Shop, Vec<Value>, String) {
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000), ("MUG", 799, 1_000), ("CAP", 1_333, 1_000)]).await;
    shop.post("/admin/prices", &json!({"prices": [{"sku": "PEN", "price": 650, "currency": "USD"}]})).send().await;
    let rates = json!({"rates": [{"name": "VAT", "percent": "19", "zone": {"countries": ["DE"]}}]});
    let put = |path: &'static str, body: Value| shop.ask(reqwest::Method::PUT, path).json(&body).send();
    put("/admin/tax-rates", rates).await.expect(200);
    let off = json!({"name": "Ten off", "benefit": {"kind": "percentage", "percent": "10"}});
    let promotion = shop.put_promotion(off, &["TEN"]).await;
    let address = json!({"name": "A", "line1": "1", "city": "Berlin", "postcode": "10115", "country": "DE"});
    for number in 0..24_usize {
        let goods = [("PEN", 1 + number as i64 % 3), ("MUG", 1), ("CAP", 2)];
        let count = if number % 6 == 5 { 1 } else { 1 + number % 3 };
        let lines: Vec<Value> =
            goods[..count].iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
        let currency = if number % 6 == 5 { "USD" } else { "EUR" };
        let cart = guest.post("/carts", &json!({"lines": lines, "currency": currency})).send().await.expect(201);
        let path = |rest: &str| format!("/carts/{}{rest}", cart["id"].as_str().expect("an id"));
        let token = cart["token"].as_str().expect("a secret");
        if number % 2 == 0 {
            guest.patch(&path(""), &json!({"shipping_address": address})).token(token).send().await.expect(200);
        }
        if number % 4 == 1 {
            guest.post(&path("/coupons"), &json!({"code": "TEN"})).token(token).send().await.expect(200);
        }
        if number % 8 == 7 {
            continue; // Left behind, with goods.
        }
        let method = match number % 9 {
            3 => "declined",
            4 => "requires_action",
            _ => "ok",
        };
        let pay = json!({"payment": {"gateway": "test", "method": method}});
        let order = guest.post(&path("/checkout"), &pay).token(token).key("k").send().await.json();
        if number % 9 == 6 {
            let cancel = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
            shop.post(&cancel, &json!({})).send().await.expect(200);
        }
    }
    guest.cart(&[]).await;
    let verified = shop.post("/admin/verify", &json!({})).send().await.expect(200);
    assert_eq!(verified["ok"], true, "{verified}");
    let orders = shop.orders(None).await;
    (shop, orders, promotion)
}

/// Rows with the same values of these fields, each field of `sums` added up by `amount`.
fn expected(
    orders: &[&Value],
    keys: &dyn Fn(&Value) -> Value,
    sums: &dyn Fn(&Value) -> Vec<i64>,
) -> BTreeMap<String, Vec<i64>> {
    let mut rows: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for order in orders {
        let values = sums(order);
        let row = rows.entry(keys(order).to_string()).or_insert_with(|| vec![0; values.len()]);
        row.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }
    rows
}

fn told(report: &Value, keys: &[&str], sums: &[&str]) -> BTreeMap<String, Vec<i64>> {
    let rows = report["rows"].as_array().expect("rows").iter();
    let key = |row: &Value| Value::Array(keys.iter().map(|name| row[*name].clone()).collect()).to_string();
    let value = |row: &Value, name: &str| row[name].as_i64().unwrap_or_else(|| panic!("{name} in {row}"));
    rows.map(|row| (key(row), sums.iter().map(|name| value(row, name)).collect())).collect()
}

fn amount(value: &Value) -> i64 {
    value["amount"].as_i64().unwrap_or_else(|| panic!("an amount: {value}"))
}

fn lines(order: &Value) -> impl Iterator<Item = &Value> {
    order["lines"].as_array().expect("lines").iter()
}

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

async fn report(shop: &Shop, path: &str) -> Value {
    shop.get(&format!("/admin/reports/{path}")).send().await.expect(200)
}

#[tokio::test]
async fn reports_add_up_what_was_sold_promoted_and_paid() {
    let server = Server::start();
    let (shop, orders, promotion) = busy_shop(&server).await;
    let placed: Vec<&Value> = orders.iter().filter(|order| order["status"] == "placed").collect();
    assert!(placed.len() > 10 && orders.len() > placed.len() + 3, "orders of all kinds");

    let money = |order: &Value| {
        let totals = &order["totals"];
        let refunded = amount(&order["payment"]["refunded"]);
        let units = lines(order).map(|line| number(&line["quantity"])).sum();
        let total = amount(&totals["total"]);
        let sums = ["subtotal", "discount", "shipping", "tax"].map(|name| amount(&totals[name]));
        [
            vec![1, units],
            sums.to_vec(),
            vec![total, refunded, total - refunded, total - refunded - amount(&totals["tax"])],
        ]
        .concat()
    };
    let names = ["orders", "units", "gross", "discount", "shipping", "tax", "total", "refunded", "net", "net_of_tax"];
    let day = |order: &Value| json!([order["created_at"].as_str().expect("a time")[..10], order["currency"]]);
    let sales = report(&shop, "sales").await;
    assert_eq!(told(&sales, &["period", "currency"], &names), expected(&placed, &day, &money), "{sales}");
    assert!(
        sales["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .any(|row| number(&row["tax"]) > 0 && number(&row["discount"]) > 0)
    );
    let of_ten: Vec<&Value> = placed.iter().copied().filter(|order| order["coupons"][0] == "TEN").collect();
    let sales = report(&shop, &format!("sales?by=day&promotion={promotion}")).await;
    assert_eq!(told(&sales, &["period", "currency"], &names), expected(&of_ten, &day, &money));
    let cancelled: Vec<&Value> = orders.iter().filter(|order| order["status"] == "cancelled").collect();
    let whole = |order: &Value| [money(order)[..9].to_vec(), vec![0]].concat();
    let sales = report(&shop, "sales?status=cancelled").await;
    assert_eq!(
        told(&sales, &["period", "currency"], &names),
        expected(&cancelled, &day, &whole),
        "nothing is left of a refund"
    );
    let capped: Vec<&Value> =
        placed.iter().copied().filter(|order| lines(order).any(|line| line["sku"] == "CAP")).collect();
    let sales = report(&shop, "sales?sku=CAP").await;
    assert_eq!(told(&sales, &["period", "currency"], &names), expected(&capped, &day, &money));

    let mut sold: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for order in &placed {
        for line in lines(order) {
            let row =
                sold.entry(json!([line["sku"], line["name"], order["currency"]]).to_string()).or_insert(vec![0; 5]);
            let values = [
                1,
                number(&line["quantity"]),
                amount(&line["subtotal"]),
                amount(&line["discount"]),
                amount(&line["tax"]),
            ];
            row.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }
    let products = report(&shop, "products").await;
    assert_eq!(told(&products, &["sku", "name", "currency"], &["orders", "units", "gross", "discount", "tax"]), sold);
    let nets: Vec<i64> =
        products["rows"].as_array().expect("rows").iter().map(|row| number(&row["net_of_tax"])).collect();
    assert!(nets.is_sorted_by(|one, next| one >= next), "what brought most comes first: {nets:?}");
    let first = report(&shop, "products?limit=1").await;
    assert_eq!((&first["rows"][0], &first["truncated"]), (&products["rows"][0], &json!(true)));

    let off = |order: &Value| vec![1, amount(&order["totals"]["discount"])];
    let of = |order: &Value| json!([promotion, order["currency"]]);
    let promotions = report(&shop, "promotions").await;
    assert_eq!(told(&promotions, &["promotion_id", "currency"], &["uses", "goods"]), expected(&of_ten, &of, &off));

    let all: Vec<&Value> = orders.iter().collect();
    let outcome = |order: &Value| json!([order["payment"]["gateway"], order["payment"]["status"], order["currency"]]);
    let paid = |order: &Value| {
        let payment = &order["payment"];
        vec![1, amount(&order["totals"]["total"]), amount(&payment["captured"]), amount(&payment["refunded"])]
    };
    let payments = report(&shop, "payments").await;
    let keys = ["gateway", "status", "currency"];
    assert_eq!(told(&payments, &keys, &["payments", "asked", "captured", "refunded"]), expected(&all, &outcome, &paid));
    let declined = report(&shop, "payments?status=declined").await;
    assert!(declined["rows"].as_array().expect("rows").iter().all(|row| row["status"] == "declined"));

    let carts = report(&shop, "carts").await;
    let stages = told(&carts, &["kind", "name"], &["carts"]);
    let stage = |name: &str| stages[&json!(["stage", name]).to_string()][0];
    let failed = orders
        .iter()
        .filter(|order| ["payment_failed", "expired"].contains(&order["status"].as_str().expect("a state")));
    let checked_out = orders.len() as i64 - failed.count() as i64;
    assert_eq!(
        [stage("created"), stage("with_goods"), stage("checked_out"), stage("paid")],
        [25, 24, checked_out, (placed.len() + cancelled.len()) as i64]
    );
    let states: i64 = stages.iter().filter(|(name, _)| name.contains("state")).map(|(_, carts)| carts[0]).sum();
    assert_eq!(states, 25, "{carts}");
}

#[tokio::test]
async fn a_report_is_csv_where_that_is_wanted_and_knows_its_period() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 1_000)]).await;
    for _ in 0..2 {
        let cart = guest.cart(&[("PEN", 3)]).await;
        guest.checkout(&cart, "k", "ok").send().await.expect(201);
    }
    let today = today();
    let csv = "period,currency,orders,units,gross,discount,shipping,tax,total,refunded,net,net_of_tax\n";
    let csv = format!("{csv}{today},EUR,2,6,3000,0,0,0,3000,0,3000,3000\n");
    let by_header = shop.get("/admin/reports/sales").header("Accept", "text/csv").send().await;
    let by_address = shop.get("/admin/reports/sales?format=csv").send().await;
    for answer in [by_header, by_address] {
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
        assert_eq!(String::from_utf8_lossy(&answer.body), csv);
    }
    assert_eq!(server.client(&["reports", "sales", "--csv"]).good(), csv);
    let table = server.client(&["reports", "sales", "--by", "month"]).good();
    assert!(table.contains("30.00 EUR") && !table.contains('█'), "no bars where no person looks: {table}");
    for name in ["products", "promotions", "carts", "payments", "recovery"] {
        server.client(&["reports", name]).good();
        serde_json::from_str::<Value>(&server.client(&["reports", name, "--json"]).good()).expect("JSON");
    }

    let none = report(&shop, "sales?from=2020-01-01&to=2020-12-31&by=week").await;
    assert_eq!((&none["rows"], &none["from"], &none["to"]), (&json!([]), &json!("2020-01-01"), &json!("2020-12-31")));
    let one = report(&shop, &format!("sales?from={today}&to={today}")).await;
    assert_eq!(one["rows"][0]["orders"], 2);
    for (wrong, status, code) in [
        ("sales?from=2020-01-01&to=2026-01-01", 409, "period_refused"),
        ("carts?from=2026-01-02&to=2026-01-01", 409, "period_refused"),
        ("sales?by=year", 422, "invalid_request"),
        ("sales?limit=3", 422, "invalid_request"),
        ("payments?utc_offset_minutes=841", 422, "invalid_request"),
    ] {
        shop.get(&format!("/admin/reports/{wrong}")).send().await.problem(status, code);
    }
    guest.get("/admin/reports/sales").send().await.problem(401, "unauthorized");
}
