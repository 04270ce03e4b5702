//! What the database keeps of persons: every column that can hold a text is in a list by hand, apart from the code, and where a
//! person may stand in it the marker test shows that it goes.

use crate::harness::people::Person;
use crate::harness::{CartKey, Server, Shop, eventually, on_postgres, program, run};
use What::{Erased, Kept, Nobody, Pseudonym, Swept};
use rusqlite::types::ValueRef;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// What a column says of persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Nothing.
    Nobody,
    /// Something, until the person is erased.
    Erased,
    /// Something that the law or the books want kept: placed orders, who counts under which name, who operated the shop.
    Kept,
    /// A name that leads to nobody once the person is erased.
    Pseudonym,
    /// Something that is forgotten within a day.
    Swept,
}

/// Every column that holds texts, JSON or bytes, but ids.
const COLUMNS: &[(&str, What)] = &[
    ("stores.handle", Nobody),
    ("stores.name", Nobody),
    ("stores.currency", Nobody),
    ("stores.hosts", Nobody),
    ("stores.settings", Nobody),
    ("stores.shipping_methods", Nobody),
    ("stores.tax_rates", Nobody),
    ("api_keys.hash", Nobody),
    ("api_keys.name", Nobody),
    ("api_keys.role", Nobody),
    ("api_keys.scopes", Nobody),
    ("products.handle", Nobody),
    ("products.name", Nobody),
    ("products.sort_name", Nobody),
    ("products.search", Nobody),
    ("products.tags", Nobody),
    ("products.tax_category", Nobody),
    ("products.price_policy", Nobody),
    ("products.detail", Nobody),
    ("products.hold_policy", Nobody),
    ("variants.sku", Nobody),
    ("variants.attributes", Nobody),
    ("variants.prices", Nobody),
    ("variants.floors", Nobody),
    ("stock_movements.cause", Nobody),
    ("stock_movements.reason", Nobody),
    ("carts.token_hash", Erased),
    ("carts.customer", Erased),
    ("carts.status", Nobody),
    ("carts.currency", Nobody),
    ("carts.lines", Erased),
    ("carts.detail", Erased),
    ("carts.email", Erased),
    ("customer_carts.customer", Pseudonym),
    ("customers.customer", Pseudonym),
    ("customers.groups", Pseudonym),
    ("customers.email", Erased),
    ("orders.token_hash", Kept),
    ("orders.customer", Kept),
    ("orders.buyer", Kept),
    ("orders.status", Nobody),
    ("orders.currency", Nobody),
    ("orders.detail", Kept),
    ("orders.fulfilment", Nobody),
    ("order_lines.sku", Nobody),
    ("order_lines.name", Nobody),
    ("order_lines.options", Kept),
    ("order_lines.reservation", Nobody),
    ("payments.gateway", Nobody),
    ("payments.method", Nobody),
    ("payments.status", Nobody),
    ("promotions.definition", Nobody),
    ("kept_promotions.definition", Nobody),
    ("coupons.code", Nobody),
    ("customer_uses.customer", Kept),
    ("redemptions.customer", Kept),
    ("redemptions.code", Nobody),
    ("idempotency.scope", Swept),
    ("idempotency.key", Swept),
    ("idempotency.fingerprint", Swept),
    ("events.kind", Nobody),
    ("events.actor", Nobody),
    ("events.data", Nobody),
    ("webhooks.definition", Nobody),
    ("webhook_deliveries.kind", Nobody),
    ("webhook_deliveries.status", Nobody),
    ("webhook_deliveries.answer", Nobody),
    ("event_sinks.name", Nobody),
    ("unmatched_payments.gateway", Nobody),
    ("unmatched_payments.reference", Nobody),
    ("unmatched_payments.action", Nobody),
    ("unmatched_payments.reason", Nobody),
    ("unmatched_payments.by_name", Kept),
    ("accounts.email", Erased),
    ("accounts.password", Erased),
    ("accounts.role", Nobody),
    ("accounts.profile", Erased),
    ("sessions.token_hash", Erased),
    ("sessions.kind", Nobody),
    ("mailed_tokens.token_hash", Erased),
    ("mailed_tokens.purpose", Nobody),
    ("mails.recipient", Erased),
    ("mails.kind", Nobody),
    ("mails.locale", Nobody),
    ("mails.data", Erased),
    ("mails.state", Nobody),
    ("gateway_events.gateway", Nobody),
    ("gateway_events.event_id", Nobody),
    ("gateway_events.notice", Nobody),
    ("gateway_events.state", Nobody),
    ("mail_templates.kind", Nobody),
    ("mail_templates.locale", Nobody),
    ("mail_templates.subject", Nobody),
    ("mail_templates.text", Nobody),
    ("mail_templates.html", Nobody),
    ("unsubscribed.email", Erased),
    ("mailboxes.address", Erased),
    ("mailboxes.detail", Nobody),
    ("erasures.names", Erased),
    ("link_secrets.secret", Nobody),
    ("audit_log.actor", Kept),
    ("audit_log.operation", Nobody),
    ("audit_log.subject", Kept),
    ("audit_log.outcome", Nobody),
    ("demand_counts.counted_to", Nobody),
    ("webhook_deliveries.subject", Nobody),
    // Who is logged in by name; guests by a hash of their network, which leads to no person.
    ("unpaid_units.holder", Erased),
];

const MARKER: &str = "zaphod";
const EMAIL: &str = "zaphod@zaphod.example";

/// Where the marker stands: `table.column`.
fn traces(server: &Server) -> BTreeSet<String> {
    if on_postgres() { traces_in_dump(server) } else { traces_in_file(server) }
}

fn has_marker(text: &str) -> bool {
    text.to_lowercase().contains(MARKER)
}

fn traces_in_file(server: &Server) -> BTreeSet<String> {
    let file = rusqlite::Connection::open(server.file()).expect("the file opens");
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'product_runs%'";
    let mut statement = file.prepare(sql).expect("a statement");
    let tables: Vec<String> =
        statement.query_map([], |row| row.get(0)).expect("tables").collect::<Result<_, _>>().expect("tables");
    let mut found = BTreeSet::new();
    for table in tables {
        let mut statement = file.prepare(&format!("SELECT * FROM {table}")).expect("a statement");
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            for (at, column) in columns.iter().enumerate() {
                let marked = match row.get_ref(at).expect("a value") {
                    ValueRef::Text(text) | ValueRef::Blob(text) => has_marker(&String::from_utf8_lossy(text)),
                    _ => false,
                };
                if marked {
                    found.insert(format!("{table}.{column}"));
                }
            }
        }
    }
    found
}

fn traces_in_dump(server: &Server) -> BTreeSet<String> {
    let contents = server.contents();
    let (_, dump) = contents.iter().find(|(name, _)| name == "the database").expect("the database");
    let mut found = BTreeSet::new();
    let mut columns: Vec<String> = Vec::new();
    for line in String::from_utf8_lossy(dump).lines() {
        if let Some(rest) = line.strip_prefix("COPY public.") {
            let (table, rest) = rest.split_once(" (").expect("columns");
            let list = rest.split_once(')').expect("an end").0;
            columns = list.split(", ").map(|column| format!("{table}.{}", column.trim_matches('"'))).collect();
        } else if has_marker(line) {
            let cells = line.split('\t').zip(&columns).filter(|(cell, _)| has_marker(cell));
            found.extend(cells.map(|(_, column)| column.clone()));
        }
    }
    found
}

fn address() -> Value {
    json!({"name": "Zaphod B", "line1": "1 Zaphod Lane", "city": "London", "postcode": "N1", "country": "GB",
        "phone": "020 zaphod"})
}

/// A guest's cart with the address, with everything in it that tells of a person.
async fn guests_cart(server: &Server) -> CartKey {
    let guest = server.guest();
    let cart = guest.cart(&[("PEN", 1)]).await;
    let lines = json!({"sku": "MUG", "quantity": 1, "options": {"text": "for Zaphod"}});
    guest.post(&cart.path("/lines"), &lines).token(&cart.token).send().await.expect(200);
    let change = json!({"email": EMAIL, "email_consent": true, "shipping_address": address(),
        "billing_address": address()});
    guest.patch(&cart.path(""), &change).token(&cart.token).send().await.expect(200);
    cart
}

/// Everything that a person can leave behind.
async fn leave_traces(server: &Server) -> Person {
    let operator = server.shop();
    operator.put_goods(&[("PEN", 500, 100), ("MUG", 900, 100), ("RARE", 900, 2)]).await;
    let person = server.person(EMAIL).await;
    let shop = person.shop(&operator).await;
    let profile = json!({"name": "Zaphod B", "phone": "020 zaphod", "addresses": [address()]});
    shop.patch("/account", &profile).send().await.expect(200);
    operator.put("/admin/customers/crm-7", &json!({"email": EMAIL})).send().await.expect(200);
    let mine = json!({"customer": "crm-7", "lines": [{"sku": "PEN", "quantity": 1, "options": {"text": "Zaphod"}}]});
    operator.post("/carts", &mine).send().await.expect(201);
    leave_unpaid(&operator).await;
    for (key, method) in [("placed", "ok"), ("failed", "declined")] {
        let cart = shop.get("/account/cart").send().await.expect(200);
        let path = format!("/carts/{}", cart["id"].as_str().expect("an id"));
        let lines = json!({"sku": "PEN", "quantity": 2, "options": {"text": "for Zaphod"}});
        shop.post(&format!("{path}/lines"), &lines).send().await.expect(200);
        shop.patch(&path, &json!({"shipping_address": address()})).send().await.expect(200);
        let paid = json!({"payment": {"gateway": "test", "method": method}});
        shop.post(&format!("{path}/checkout"), &paid).key(key).send().await;
    }
    let guest = server.guest();
    guests_cart(server).await;
    let removed = guests_cart(server).await;
    guest.delete(&removed.path("")).token(&removed.token).send().await.expect(204);
    let failed = guests_cart(server).await;
    guest.checkout(&failed, "guest-failed", "declined").send().await;
    server.execute(&format!("INSERT INTO unsubscribed (store_id, email, at) VALUES (1, '{EMAIL}', 1)"));
    person
}

/// The shop's own customer has held goods that are short, and not paid.
async fn leave_unpaid(operator: &Shop) {
    let goods = json!({"customer": "crm-7", "lines": [{"sku": "RARE", "quantity": 2}]});
    // The customer has a cart already.
    let cart = operator.post("/carts", &goods).send().await.expect(200);
    let path = format!("/carts/{}", cart["id"].as_str().expect("an id"));
    let paid = json!({"payment": {"gateway": "test", "method": "requires_action"}});
    let order = operator.post(&format!("{path}/checkout"), &paid).key("unpaid").send().await.expect(202);
    let cancel = format!("/orders/{}/cancel", order["id"].as_str().expect("an id"));
    operator.post(&cancel, &json!({})).send().await.expect(200);
}

/// Rows of what somebody held unpaid under a customer's name.
fn unpaid_rows(server: &Server) -> usize {
    server.execute("UPDATE unpaid_units SET units = units WHERE holder LIKE 'customer:%'")
}

fn columns_that_are(wanted: What) -> BTreeSet<String> {
    COLUMNS.iter().filter(|(_, what)| *what == wanted).map(|(name, _)| (*name).to_owned()).collect()
}

#[tokio::test]
async fn who_deletes_the_account_leaves_only_what_the_law_wants() {
    let server = Server::start();
    let operator = server.shop();
    let person = leave_traces(&server).await;
    let before = traces(&server);
    let expected = [
        "accounts.email",
        "accounts.profile",
        "carts.detail",
        "carts.email",
        "carts.lines",
        "customers.email",
        "mailboxes.address",
        "mails.recipient",
        "order_lines.options",
        "orders.buyer",
        "orders.detail",
        "unsubscribed.email",
    ];
    for column in expected {
        assert!(before.contains(column), "{column} in {before:#?}");
    }
    let shop = person.shop(&operator).await;
    let export = shop.get("/account/export").send().await.expect(200);
    assert!(export["carts"].as_array().expect("carts").len() >= 5, "{export:#}");
    assert_eq!(export["orders"].as_array().expect("orders").len(), 4, "{export:#}");
    assert!(!export["mails"].as_array().expect("mails").is_empty(), "{export:#}");
    assert_eq!(export["unsubscribed"][0]["email"], EMAIL);
    assert!(!export["order_events"].as_array().expect("events").is_empty(), "{export:#}");
    let names = export["names"].to_string();
    assert!(names.contains("crm-7") && names.contains(EMAIL), "{names}");

    let happened = export["cart_events"].as_array().expect("events");
    assert!(happened.iter().any(|event| event["type"] == "cart.deleted"), "{export:#}");
    assert!(export["left_out"].to_string().contains("hash of the network"), "{export:#}");

    assert!(unpaid_rows(&server) > 0);
    shop.delete("/account").json(&json!({"password": person.password})).send().await.expect(204);
    assert_eq!(unpaid_rows(&server), 0);
    let kept = columns_that_are(Kept);
    eventually("nothing but what is kept", Duration::from_secs(60), async || {
        traces(&server).is_subset(&kept).then_some(())
    })
    .await;
    for status in ["payment_failed", "cancelled", "expired"] {
        let orders = operator.orders(Some(status)).await;
        assert!(!has_marker(&json!(orders).to_string()), "{orders:#?}");
    }
    let placed = operator.orders(Some("placed")).await;
    assert_eq!(placed.len(), 1);
    assert!(has_marker(&json!(placed).to_string()), "an invoice needs its address: {placed:#?}");
    server.verify();
}

#[tokio::test]
async fn an_operator_exports_and_erases_a_guest_by_address_and_the_log_has_no_address() {
    let server = Server::start();
    let operator = server.shop();
    operator.put_goods(&[("PEN", 500, 100), ("MUG", 900, 100)]).await;
    let cart = guests_cart(&server).await;
    let person = json!({"email": "Zaphod@ZAPHOD.example"});
    server.guest().post("/admin/persons/export", &person).send().await.problem(401, "unauthorized");
    let export = operator.post("/admin/persons/export", &person).send().await.expect(200);
    assert_eq!(export["carts"][0]["id"], json!(cart.id));
    assert_eq!(export["carts"][0]["shipping_address"]["line1"], "1 Zaphod Lane");
    assert_eq!(export["cart_events"][0]["cart_id"], json!(cart.id), "{export:#}");
    operator.post("/admin/persons/erase", &person).send().await.expect(204);
    eventually("nothing is left", Duration::from_secs(60), async || traces(&server).is_empty().then_some(())).await;
    let log = operator.get("/admin/audit").send().await.expect(200).to_string();
    assert!(log.contains("export_person") && log.contains("erase_person") && !has_marker(&log), "{log}");
    operator.post("/admin/persons/erase", &person).send().await.expect(204);
    server.verify();
}

#[tokio::test]
async fn what_ended_long_ago_forgets_whose_it_was() {
    let server = Server::start();
    let operator = server.shop();
    operator.put_goods(&[("PEN", 500, 100), ("MUG", 900, 100)]).await;
    let guest = server.guest();
    let (open, removed, failed) = (guests_cart(&server).await, guests_cart(&server).await, guests_cart(&server).await);
    guest.delete(&removed.path("")).token(&removed.token).send().await.expect(204);
    guest.checkout(&failed, "failed", "declined").send().await;
    guest.delete(&failed.path("")).token(&failed.token).send().await.expect(204);
    let months_ms: i64 = 100 * 24 * 60 * 60 * 1000;
    server.execute(&format!("UPDATE carts SET updated_at = updated_at - {months_ms}"));
    server.execute(&format!("UPDATE orders SET updated_at = updated_at - {months_ms}"));
    eventually("only the open cart tells of the person", Duration::from_secs(60), async || {
        let orders = operator.orders(Some("payment_failed")).await;
        let gone = server.execute("UPDATE carts SET forgettable = forgettable WHERE email IS NOT NULL") == 1;
        (gone && !has_marker(&json!(orders).to_string())).then_some(())
    })
    .await;
    let cart = guest.read(&open).await;
    assert_eq!(cart["email"], EMAIL);
    server.verify();
}

#[test]
fn every_column_that_can_tell_of_a_person_is_in_the_list() {
    let listed: BTreeSet<String> = COLUMNS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(listed.len(), COLUMNS.len(), "one stands twice");
    let folder = tempfile::TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let file = folder.path().join("schema.db");
    let url = format!("sqlite:{}", file.display());
    run(&mut program(&["migrate", "--database", &url])).good();
    let file = rusqlite::Connection::open(file).expect("the file opens");
    let sql = "SELECT t.name || '.' || c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
               WHERE t.type = 'table' AND t.name NOT LIKE 'refinery%' AND t.name NOT LIKE 'product_numbers%' \
               AND t.name NOT LIKE 'product_runs%' AND substr(c.name, -3) <> '_id' \
               AND c.type IN ('TEXT', 'BLOB')";
    let mut statement = file.prepare(sql).expect("a statement");
    let names = statement.query_map([], |row| row.get(0)).expect("names");
    let there: BTreeSet<String> = names.collect::<Result<_, _>>().expect("names");
    let missing: Vec<_> = there.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&there).filter(|name| !name.ends_with("_id")).collect();
    assert!(missing.is_empty() && gone.is_empty(), "say what these hold: {missing:#?}; these are gone: {gone:#?}");
}
