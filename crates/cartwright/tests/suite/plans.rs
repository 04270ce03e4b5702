//! How much work each question is for a PostgreSQL server, counted by the server itself on a generated shop with thousands
//! of everything: of the questions below, no plan may read or sort a whole store. The same for SQLite stands with its adapter.

use crate::harness::{PostgresServer, Server, on_postgres, program, run};
use serde_json::Value;

const DATABASE: &str = "plans";
/// Rows that one node of a plan may touch; the store has thousands.
const MOST_ROWS: f64 = 2_000.0;
const WATCHED: [&str; 5] = [
    "session_preload_libraries = 'auto_explain'",
    "auto_explain.log_min_duration = 0",
    "auto_explain.log_analyze = on",
    "auto_explain.log_format = 'json'",
    "auto_explain.log_level = 'log'",
];

/// Lists, searches and reads.
const QUESTIONS: [&str; 44] = [
    "/products",
    "/products?sort=-name",
    "/products?sort=price",
    "/products?sort=-price",
    "/products?sort=newest",
    "/products?in_stock=true&sort=price",
    "/products?min_price=5000&max_price=6000",
    "/products?min_price=5000&max_price=6000&sort=price",
    "/products?min_price=1000000&sort=newest",
    "/products?text=zebra",
    "/products?text=v-000123",
    "/products?text=c",
    "/products?text=co&sort=price",
    "/products?text=z",
    "/products?text=zz&sort=newest",
    "/products?text=cotton+shirt&sort=price",
    "/products/p-000100",
    "/admin/orders",
    "/admin/orders?status=placed",
    "/admin/orders?status=pending_payment",
    "/admin/orders?status=cancelled",
    "/admin/orders?status=payment_failed",
    "/admin/orders?status=expired",
    "/admin/promotions",
    "/admin/orders?payment_status=captured",
    "/admin/orders?payment_status=declined",
    "/admin/orders?payment_status=declined&status=payment_failed",
    "/admin/orders?fulfilment_status=unfulfilled",
    "/admin/orders?fulfilment_status=delivered&status=placed",
    "/admin/orders?customer=customer-000100",
    "/admin/orders?email=nobody@example.com",
    "/admin/orders?created_from=2026-01-01&created_to=2026-01-01",
    "/admin/reports/sales?from=2026-06-01&to=2026-06-02",
    "/admin/reports/products?from=2026-06-01&to=2026-06-02",
    "/admin/reports/promotions?from=2026-06-01&to=2026-06-02",
    "/admin/reports/carts?from=2026-06-01&to=2026-06-02",
    "/admin/reports/payments?from=2026-06-01&to=2026-06-02",
    "/admin/reports/recovery?from=2026-06-01&to=2026-06-02",
    "/admin/customers",
    "/admin/customers/customer-000100",
    "/admin/stock/V-000100",
    "/admin/stock/V-000100/movements",
    "/admin/stores",
    "/admin/tax-rates",
];

/// The plans that the server wrote down, each with its statement.
fn plans() -> Vec<Value> {
    let folder = PostgresServer::get().sql("postgres", "SHOW data_directory");
    let log = folder.trim().strip_suffix("/data").expect("the folder of the harness").to_owned() + "/server.log";
    let log = std::fs::read_to_string(log).expect("the server's log");
    let mut found = Vec::new();
    for entry in log.split("  plan:\n").skip(1) {
        let lines: Vec<&str> = entry.lines().take_while(|line| line.starts_with('\t')).collect();
        found.push(serde_json::from_str(&lines.join("\n")).expect("a plan as JSON"));
    }
    found
}

/// Most rows that a node of the plan touched, those that it threw away again too.
fn most_rows(node: &Value) -> f64 {
    let number = |name: &str| node[name].as_f64().unwrap_or(0.0);
    let touched = number("Actual Rows")
        + number("Rows Removed by Filter")
        + number("Rows Removed by Index Recheck")
        + number("Rows Removed by Join Filter");
    let own = touched * number("Actual Loops").max(1.0);
    node["Plans"].as_array().into_iter().flatten().map(most_rows).fold(own, f64::max)
}

#[tokio::test]
async fn no_question_makes_the_server_read_a_whole_store() {
    if !on_postgres() {
        return;
    }
    PostgresServer::get().sql("postgres", &format!("CREATE DATABASE {DATABASE}"));
    let url = PostgresServer::get().url(DATABASE);
    let size = ["--variants", "40000", "--carts", "10000", "--orders", "10000", "--codes", "10000"];
    run(program(&["generate", "--database", &url]).args(size)).good();
    for setting in WATCHED {
        PostgresServer::get().sql("postgres", &format!("ALTER DATABASE {DATABASE} SET {setting}"));
    }
    let server = Server::on(&url);
    let shop = server.shop();
    for path in QUESTIONS {
        shop.get(path).send().await.expect(200);
    }
    let orders = shop.get("/admin/orders?limit=1").send().await.expect(200);
    for place in ["/orders/", "/carts/"] {
        let name = if place == "/carts/" { "cart_id" } else { "id" };
        let id = orders["items"][0][name].as_str().expect("an id").to_owned();
        shop.get(&format!("{place}{id}")).send().await.expect(200);
    }
    let promotions = shop.get("/admin/promotions").send().await.expect(200);
    let id = promotions["promotions"][0]["id"].as_str().expect("an id");
    shop.get(&format!("/admin/promotions/{id}/codes?limit=100")).send().await.expect(200);
    drop(server);
    let plans = plans();
    let is_read = |sql: &str| sql.starts_with("SELECT") || sql.starts_with("WITH RECURSIVE");
    let reads = plans.iter().filter(|plan| plan["Query Text"].as_str().is_some_and(is_read));
    let mut seen = 0;
    for plan in reads {
        seen += 1;
        assert!(most_rows(&plan["Plan"]) <= MOST_ROWS, "{plan:#}");
    }
    assert!(seen > QUESTIONS.len(), "only {seen} plans were written down");
    PostgresServer::get().sql("postgres", &format!("DROP DATABASE {DATABASE} WITH (FORCE)"));
}
