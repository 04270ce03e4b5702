//! Accounts, operators, keys, the log and the links of reminders, from the command line.

use crate::harness::{Ran, Server, eventually, program, run};
use crate::recovery::{left_cart, let_time_pass, put_settings};
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";
const ADA: &str = "ada@example.com";

/// A shopper's terminal: no operator's key, and a memory of its own.
struct Shopper<'a> {
    server: &'a Server,
    memory: &'static str,
}

impl Shopper<'_> {
    fn run_with(&self, password: &str, arguments: &[&str]) -> Ran {
        let mut command = program(arguments);
        command.env("CARTWRIGHT_URL", self.server.url()).env("CARTWRIGHT_PASSWORD", password);
        command.env("CARTWRIGHT_SESSION", self.server.folder().join(self.memory));
        run(&mut command)
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.run_with(PASSWORD, &[arguments, &["--json"]].concat()).json(0)
    }

    fn good(&self, arguments: &[&str]) -> String {
        self.run_with(PASSWORD, arguments).good()
    }
}

#[tokio::test]
async fn an_account_is_registered_used_and_deleted_from_the_command_line() {
    let server = Server::start();
    server.shop().put_goods(&[("PEN", 500, 100), ("MUG", 900, 100)]).await;
    let ada = Shopper { server: &server, memory: "ada.json" };
    ada.run_with(PASSWORD, &["account", "show"]).one_clear_line(2);
    ada.good(&["account", "register", ADA, "--name", "Ada"]);
    let token = server.mailed_secret(ADA, 1).await;
    ada.good(&["account", "verify", &format!("https://shop.example/account/verify?token={token}")]);
    ada.good(&["cart", "add", "PEN=2"]);
    let wrong = ada.run_with("a wrong password", &["account", "login", ADA]);
    assert!(wrong.code == Some(1) && wrong.err.contains("credentials_wrong"), "{wrong:?}");
    let session = ada.json(&["account", "login", ADA]);
    assert_eq!((&session["account"]["email"], session.get("token")), (&json!(ADA), None), "the secret is not shown");
    assert_eq!(session["cart"]["lines"][0]["quantity"], 2, "the goods came along");

    // From here on commands for shoppers act as this person.
    assert_eq!(ada.json(&["cart", "show"])["customer"], session["account"]["id"]);
    ada.good(&["cart", "add", "MUG"]);
    let order = ada.json(&["checkout"]);
    assert_eq!(order["status"], "placed", "{order}");
    let orders = ada.json(&["account", "orders"]);
    assert_eq!((orders.as_array().map(Vec::len), &orders[0]["id"]), (Some(1), &order["id"]));
    assert_eq!(ada.json(&["account", "change", "--marketing", "true", "--locale", "de"])["marketing"], true);
    let shown = ada.good(&["account", "show"]);
    assert!(shown.contains(ADA) && shown.contains("wanted") && shown.contains("de"), "{shown}");
    let export = ada.json(&["account", "export"]);
    assert_eq!(export["orders"][0]["id"], order["id"]);

    let phone = Shopper { server: &server, memory: "phone.json" };
    phone.good(&["account", "login", ADA]);
    let sessions = ada.json(&["account", "sessions"]);
    let all = sessions["sessions"].as_array().expect("sessions");
    let other = all.iter().find(|session| session["current"] == false).expect("the phone's");
    ada.good(&["account", "sessions", "--end", other["id"].as_str().expect("an id")]);
    assert_eq!(phone.run_with(PASSWORD, &["account", "show"]).code, Some(1));
    phone.good(&["account", "logout"]);
    phone.run_with(PASSWORD, &["account", "show"]).one_clear_line(2);

    ada.good(&["account", "password", "change", "--new", "another long password"]);
    ada.good(&["account", "logout"]);
    assert_eq!(ada.run_with(PASSWORD, &["account", "login", ADA]).code, Some(1));
    ada.good(&["account", "password", "forgot", ADA]);
    let token = server.mailed_secret(ADA, 3).await;
    ada.good(&["account", "password", "reset", &token]);
    ada.good(&["account", "login", ADA]);
    assert_eq!(ada.run_with(PASSWORD, &["account", "delete"]).code, Some(2), "it must be meant");
    ada.good(&["account", "delete", "--yes"]);
    assert_eq!(ada.run_with(PASSWORD, &["account", "login", ADA]).code, Some(1));
    server.verify();
}

#[tokio::test]
async fn operators_keys_and_the_log_are_handled_over_http() {
    let server = Server::start();
    let operator = server.client(&["operators", "put", "bob@example.com", "--role", "staff", "--json"]).json(0);
    assert_eq!((&operator["role"], &operator["verified"]), (&json!("staff"), &json!(false)));
    assert!(server.client(&["operators", "list"]).good().contains("invited"));
    server.client(&["operators", "put", "bob@example.com", "--role", "none"]).good();
    assert_eq!(server.client(&["operators", "list", "--json"]).json(0)["operators"], json!([]));

    let made = ["keys", "create", "--over-http", "--name", "app", "--role", "staff", "--scope", "carts:act"];
    let key = server.client(&made).good().trim().to_owned();
    assert!(key.starts_with("sk_") && !key.contains(char::is_whitespace), "{key:?}");
    let app = server.shop().with_key(&key);
    app.post("/carts", &json!({"customer": "ada"})).send().await.expect(201);
    app.get("/admin/orders").send().await.problem(403, "not_allowed");
    let keys = server.client(&["keys", "list", "--json"]).json(0);
    assert_eq!((&keys["keys"][0]["name"], &keys["keys"][0]["scopes"]), (&json!("app"), &json!(["carts:act"])));
    let id = keys["keys"][0]["id"].as_str().expect("an id");
    server.client(&["keys", "revoke", id]).good();
    assert!(server.client(&["keys", "list"]).good().contains("withdrawn"));
    assert_eq!(server.client(&["keys", "revoke", "00000000-0000-0000-0000-000000000000"]).code, Some(1));
    let wrong = server.client(&["keys", "create", "--over-http", "--name", "x", "--scope", "everything"]);
    assert!(wrong.code == Some(1) && wrong.err.contains("scopes[0]"), "{wrong:?}");

    let log = server.client(&["audit", "--json"]).json(0);
    let entries = log.as_array().expect("entries").iter();
    let done: Vec<&str> = entries.filter_map(|entry| entry["operation"].as_str()).collect();
    for operation in ["put_operator", "create_key", "revoke_key"] {
        assert!(done.contains(&operation), "{operation} in {done:?}");
    }
    assert!(server.client(&["audit", "--limit", "1"]).good().contains("revoke_key"));
}

#[tokio::test]
async fn links_of_reminders_are_followed_from_the_command_line() {
    let mut server = Server::start();
    let shop = server.shop();
    shop.put_goods(&[("PEN", 500, 100)]).await;
    put_settings(&shop, json!({"enabled": true})).await;
    left_cart(&shop, ADA).await;
    let_time_pass(&mut server);
    let link = reminder_of(&server, ADA).await;
    let phone = Shopper { server: &server, memory: "phone.json" };
    assert_eq!(phone.json(&["recovery", "show", &link])["lines"][0]["quantity"], 2);
    assert_eq!(phone.run_with(PASSWORD, &["cart", "show"]).code, Some(2), "showing opens nothing");
    phone.good(&["recovery", "restore", &link]);
    assert_eq!(phone.json(&["cart", "show"])["lines"][0]["quantity"], 2);
    assert_eq!(phone.json(&["recovery", "unsubscribe", &link])["unsubscribed"], true);
    phone.good(&["cart", "email", ADA]);
    assert_eq!(phone.json(&["checkout"])["status"], "placed");
    phone.good(&["recovery", "dismiss", &link]);
    let wrong = phone.run_with(PASSWORD, &["recovery", "show", "https://shop.example/cart/recover?token=x"]);
    assert!(wrong.code == Some(1) && wrong.err.contains("token_invalid"), "{wrong:?}");
    server.verify();
}

#[tokio::test]
async fn the_demo_has_a_customer_with_a_past_and_a_cart_that_somebody_left() {
    let mut server = Server::demo();
    assert!(server.said().iter().any(|line| line == "demo customer: demo@example.com, password demo-password"));
    let demo = Shopper { server: &server, memory: "demo.json" };
    demo.good(&["cart", "add", "TSHIRT"]);
    let session = demo.run_with("demo-password", &["account", "login", "demo@example.com", "--json"]).json(0);
    let skus = |list: &Value| -> Vec<String> {
        let all = list.as_array().expect("a list").iter();
        all.filter_map(|line| Some(line["sku"].as_str()?.to_owned())).collect()
    };
    assert_eq!(skus(&session["cart"]["lines"]), ["PEN", "TSHIRT"], "{session:#}");
    assert_eq!(skus(&session["cart"]["saved"]), ["MUG"], "{session:#}");
    let orders = demo.json(&["account", "orders"]);
    assert_eq!((orders.as_array().map(Vec::len), &orders[0]["status"]), (Some(1), &json!("placed")));
    assert_eq!(let_time_pass(&mut server), 2, "the customer's is looked at too, but wants no mails");
    let link = reminder_of(&server, "forgetful@example.com").await;
    let phone = Shopper { server: &server, memory: "phone.json" };
    phone.good(&["recovery", "restore", &link]);
    phone.good(&["cart", "email", "forgetful@example.com"]);
    assert_eq!(phone.json(&["checkout"])["status"], "placed");
    server.verify();
}

async fn reminder_of(server: &Server, email: &str) -> String {
    eventually("a mail", Duration::from_secs(30), async || {
        let mail = server.mails_to(email).pop()?;
        mail.lines().find(|line| line.contains("/cart/recover?token=")).map(str::to_owned)
    })
    .await
}
