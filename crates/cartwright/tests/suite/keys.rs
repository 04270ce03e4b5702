//! Keys: seen and withdrawn by whom they concern, over HTTP and on the database; the demo's one key; and operators who are logged
//! in: the log says so, and whoever goes away is logged out.

use crate::harness::{Server, Shop, eventually, program, run};
use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(15);

async fn keys(shop: &Shop) -> Vec<Value> {
    shop.get("/admin/keys").send().await.expect(200)["keys"].as_array().expect("keys").clone()
}

fn named<'a>(keys: &'a [Value], name: &str) -> &'a Value {
    keys.iter().find(|key| key["name"] == name).unwrap_or_else(|| panic!("no {name} in {keys:?}"))
}

async fn opens_nothing(shops: &[Shop]) {
    for shop in shops {
        eventually("the key opens nothing", LIMIT, async || {
            (shop.get("/admin/orders").send().await.status == 401).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn keys_for_all_stores_are_listed_and_withdrawn_by_such_keys_alone() {
    let server = Server::start();
    let shop = server.shop();
    let secret = server.create_key(&["--role", "staff", "--expires-in", "90d"]);
    let wide: Vec<Shop> = server.shop_of_each_node().iter().map(|node| node.with_key(&secret)).collect();
    for node in &wide {
        node.get("/admin/orders").send().await.expect(200);
    }
    let owner = shop.with_key(&server.create_key(&["--only-store", "default"]));
    // An owner of one store sees the keys of that store.
    let seen = keys(&owner).await;
    assert!(seen.len() == 1 && seen[0]["all_stores"] == json!(false), "{seen:?}");
    let all = keys(&shop).await;
    assert!(all.len() == 3 && !all.iter().any(|key| key.to_string().contains("sk_")), "{all:?}");
    let found = all.iter().find(|key| key["role"] == "staff").expect("the key for all stores");
    assert!(found["all_stores"] == json!(true) && found["expires_at"].is_string(), "{found}");
    let path = format!("/admin/keys/{}", found["id"].as_str().expect("an id"));
    owner.delete(&path).send().await.problem(404, "key_not_found");
    // When it was last used is written down beside the request.
    eventually("its use is noted", LIMIT, async || {
        let all = keys(&shop).await;
        all.iter().any(|key| key["role"] == "staff" && key["last_used_at"].is_string()).then_some(())
    })
    .await;
    let own = format!("/admin/keys/{}", named(&all, "tests")["id"].as_str().expect("an id"));
    shop.delete(&own).send().await.problem(409, "conflict");
    shop.delete(&path).send().await.expect(204);
    opens_nothing(&wide).await;
    server.verify();
}

#[tokio::test]
async fn a_name_has_one_key_and_the_log_tells_who_had_it_when() {
    let server = Server::start();
    let shop = server.shop();
    let body = json!({"name": "feed", "role": "staff"});
    let first = shop.post("/admin/keys", &body).send().await.expect(201);
    shop.post("/admin/keys", &body).send().await.problem(409, "conflict");
    let database = server.database();
    let taken = ["keys", "create", "--name", "feed", "--only-store", "default", "--database", &database];
    let ran = run(&mut program(&taken));
    assert!(ran.code == Some(1) && ran.err.contains("there is a key \"feed\" already"), "{ran:?}");
    // A key for all stores is another matter.
    run(&mut program(&["keys", "create", "--name", "feed", "--database", &database])).good();
    shop.delete(&format!("/admin/keys/{}", first["id"].as_str().expect("an id"))).send().await.expect(204);
    let second = shop.post("/admin/keys", &body).send().await.expect(201);
    let log = shop.with_key(second["secret"].as_str().expect("a secret"));
    log.put_goods(&[("PEN", 500, 10)]).await;
    let page = shop.get("/admin/audit").send().await.expect(200);
    let actor = format!("key:feed:{}", second["id"].as_str().expect("an id"));
    let found = page["items"].as_array().expect("items").iter().any(|entry| entry["actor"] == json!(actor));
    assert!(found && first["id"] != second["id"], "{actor} in {page:#}");
}

#[tokio::test]
async fn keys_are_listed_and_withdrawn_on_the_database_and_end_by_themselves() {
    let server = Server::start();
    let lost: Vec<Shop> = server.shop_of_each_node();
    lost[0].get("/admin/orders").send().await.expect(200);
    let database = server.database();
    let run = |arguments: &[&str]| run(&mut program(&[arguments, &["--database", &database]].concat()));
    let listed = run(&["keys", "list", "--json"]).json(0);
    let all = listed["keys"].as_array().expect("keys").clone();
    let id = named(&all, "tests")["id"].as_str().expect("an id").to_owned();
    assert!(run(&["keys", "list"]).good().contains("all stores"));
    assert_eq!(run(&["keys", "revoke", "00000000-0000-0000-0000-000000000000"]).code, Some(1));
    run(&["keys", "revoke", &id]).good();
    opens_nothing(&lost).await;
    let list = run(&["keys", "list"]).good();
    assert!(list.contains("withdrawn"), "{list}");
    // The log says so in each store that the key opened.
    let reader =
        lost[0].with_key(run(&["keys", "create", "--name", "reader", "--only-store", "default"]).good().trim());
    let log = reader.get("/admin/audit").send().await.expect(200);
    let entries = log["items"].as_array().expect("items");
    let did = |operation: &str| {
        let did = |entry: &&Value| entry["actor"] == "database" && entry["operation"] == operation;
        entries.iter().find(did).unwrap_or_else(|| panic!("no {operation} in {log:#}"))["subject"].clone()
    };
    assert_eq!(did("revoke_key"), json!(format!("/api/v1/admin/keys/{id}")));
    assert!(did("create_key").as_str().is_some_and(|subject| subject.starts_with("/api/v1/admin/keys/")));
    assert!(run(&["keys", "list"]).good().contains("default"), "the store that a key opens");

    let brief = lost[0].with_key(run(&["keys", "create", "--name", "brief", "--expires-in", "1m"]).good().trim());
    brief.get("/admin/orders").send().await.expect(200);
    assert_eq!(server.execute("UPDATE api_keys SET expires_at = 1 WHERE name = 'brief'"), 1);
    opens_nothing(&[brief]).await;
    assert!(run(&["keys", "list"]).good().contains("ended"));
    for wrong in ["0d", "5y", "4000d"] {
        assert_eq!(run(&["keys", "create", "--name", "x", "--expires-in", wrong]).code, Some(2), "{wrong}");
    }
}

#[tokio::test]
async fn a_key_that_was_withdrawn_or_has_ended_is_counted_like_anybody() {
    let server = Server::with(&["--rate-limit", "1"]);
    let shop = server.shop();
    let database = server.database();
    let run = |arguments: &[&str]| run(&mut program(&[arguments, &["--database", &database]].concat()));
    let withdrawn = shop.with_key(run(&["keys", "create", "--name", "withdrawn"]).good().trim());
    let ended = shop.with_key(run(&["keys", "create", "--name", "ended"]).good().trim());
    for key in [&withdrawn, &ended] {
        // The first request counts, since the key is not known yet.
        eventually("a good key opens", Duration::from_secs(60), async || {
            (key.get("/admin/orders").send().await.status == 200).then_some(())
        })
        .await;
        for _ in 0..20 {
            key.get("/admin/orders").send().await.expect(200);
        }
    }
    assert_eq!(server.execute("UPDATE api_keys SET revoked_at = 1 WHERE name = 'withdrawn'"), 1);
    assert_eq!(server.execute("UPDATE api_keys SET expires_at = 1 WHERE name = 'ended'"), 1);
    for key in [&withdrawn, &ended] {
        eventually("it is told to slow down", Duration::from_secs(90), async || {
            (key.get("/admin/orders").send().await.status == 429).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn keys_that_are_made_over_http_end_by_themselves() {
    let server = Server::start();
    let shop = server.shop();
    let ends = |key: &Value| key["expires_at"].as_str().map(str::to_owned);
    for wrong in [0, 5_256_001] {
        let body = json!({"name": "x", "role": "staff", "expires_in_minutes": wrong});
        shop.post("/admin/keys", &body).send().await.problem(422, "invalid_request");
    }
    let made = shop.post("/admin/keys", &json!({"name": "brief", "role": "staff", "expires_in_minutes": 60}));
    let made = made.send().await.expect(201);
    assert!(ends(&made).is_some(), "{made}");
    let by_command = ["keys", "create", "--over-http", "--name", "other", "--role", "staff", "--expires-in", "1h"];
    let secret = server.client(&by_command).good();
    let all = keys(&shop).await;
    assert!(["brief", "other"].iter().all(|name| ends(named(&all, name)).is_some()), "{all:?}");
    let secrets = [made["secret"].as_str().expect("a secret"), secret.trim()];
    let with_each = |secret: &&str| server.shop_of_each_node().iter().map(|node| node.with_key(secret)).collect();
    let nodes: Vec<Shop> = secrets.iter().flat_map(|secret| -> Vec<Shop> { with_each(secret) }).collect();
    for node in &nodes {
        node.get("/admin/orders").send().await.expect(200);
    }
    assert_eq!(server.execute("UPDATE api_keys SET expires_at = 1 WHERE name IN ('brief', 'other')"), 2);
    opens_nothing(&nodes).await;
}

fn demo_key(server: &Server) -> String {
    let said = server.said();
    let keys: Vec<&str> = said.iter().filter_map(|line| line.strip_prefix("operator key: ")).collect();
    (*keys.last().expect("the demo's key is printed")).to_owned()
}

#[tokio::test]
async fn the_demo_has_one_key_and_leaves_a_shop_that_is_set_up_alone() {
    let mut server = Server::with(&["--demo"]);
    let first = demo_key(&server);
    let open = async |server: &Server| {
        let all = keys(&server.shop()).await;
        all.iter().filter(|key| key["name"] == "demo" && key["revoked_at"].is_null()).count()
    };
    assert_eq!(open(&server).await, 1);
    server.restart();
    let second = demo_key(&server);
    assert_eq!(open(&server).await, 1);
    server.shop().with_key(&second).get("/admin/orders").send().await.expect(200);
    if server.database().starts_with("sqlite:") {
        assert_eq!(first, second);
        let file = server.file().with_file_name("shop.db.demo-key");
        let mode = std::fs::metadata(&file).expect("the file of the key").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        server.kill();
        std::fs::remove_file(&file).expect("the file is ours");
        server.restart();
        let third = demo_key(&server);
        assert!(third != first && open(&server).await == 1);
        opens_nothing(&[server.shop().with_key(&first)]).await;
    }
}

#[tokio::test]
async fn the_demo_changes_nothing_in_a_shop_that_somebody_has_set_up() {
    let mut server = Server::start();
    let store = json!({"handle": "default", "name": "Ada's pens", "currency": "EUR", "hosts": ["pens.example"]});
    let before = server.shop().post("/admin/stores", &store).send().await.expect(200);
    server.allow(&["--demo"]);
    server.restart();
    let stores = server.shop().get("/admin/stores").send().await.expect(200);
    assert_eq!(stores["stores"][0], before);
    assert_eq!(server.guest().get("/products").send().await.expect(200)["items"], json!([]));
    let all = keys(&server.shop()).await;
    assert!(all.len() == 1 && all[0]["name"] == "tests", "{all:?}");
    assert!(!server.said().iter().any(|line| line.starts_with("operator key")), "{:?}", server.said());
    assert!(server.log().contains("somebody has set up this shop"), "{}", server.log());
}

#[tokio::test]
async fn operators_who_log_in_fail_or_leave_are_in_the_log() {
    let server = Server::start();
    let shop = server.shop();
    let ada = server.person("ada@example.com").await;
    shop.put("/admin/operators", &json!({"email": "ada@example.com", "role": "staff"})).send().await.expect(200);
    let session = ada.log_in(&server.guest(), "program").await.expect(201);
    let wrong = json!({"email": "ada@example.com", "password": "not the password", "kind": "program"});
    server.guest().post("/account/session", &wrong).send().await.problem(401, "credentials_wrong");
    let inside = shop.with_key(session["token"].as_str().expect("a token"));
    inside.delete("/account/session").send().await.expect(204);
    let actor = format!("account:{}", session["account"]["id"].as_str().expect("an id"));
    let wanted = [("log_in", "done"), ("log_in", "denied"), ("log_out", "done")];
    let page = eventually("the log has them", LIMIT, async || {
        let page = shop.get("/admin/audit").send().await.expect(200);
        let items = page["items"].as_array().expect("items").clone();
        let has = |(operation, outcome): (&str, &str)| {
            let fits = |entry: &&Value| {
                entry["actor"] == json!(actor) && entry["operation"] == operation && entry["outcome"] == outcome
            };
            items.iter().filter(fits).count() == 1
        };
        wanted.iter().all(|wanted| has(*wanted)).then_some(page)
    })
    .await;
    assert!(!page.to_string().contains("password"), "{page:#}");
    // Shoppers are nobody's business.
    let bob = server.person("bob@example.com").await;
    let session = bob.log_in(&server.guest(), "program").await.expect(201);
    let page = shop.get("/admin/audit").send().await.expect(200);
    assert!(!page.to_string().contains(session["account"]["id"].as_str().expect("an id")), "{page:#}");
}

#[tokio::test]
async fn an_operator_who_does_nothing_for_long_is_logged_out_and_a_shopper_is_not() {
    let server = Server::with(&["--operator-idle-minutes", "60"]);
    let shop = server.shop();
    let (ada, bob) = (server.person("ada@example.com").await, server.person("bob@example.com").await);
    shop.put("/admin/operators", &json!({"email": "ada@example.com", "role": "staff"})).send().await.expect(200);
    let (operator, shopper) = (ada.shop(&shop).await, bob.shop(&shop).await);
    let ago = async |minutes: i64| {
        server.execute(&format!("UPDATE sessions SET used_at = used_at - {}", minutes * 60_000));
    };
    // Used within the hour: it goes on, and that it does is written down.
    ago(50).await;
    let used = async |shop: &Shop| {
        let all = shop.get("/account/sessions").send().await.expect(200);
        let all = all["sessions"].as_array().expect("sessions").clone();
        let current = all.iter().find(|session| session["current"] == json!(true)).expect("the one that asks");
        (current["last_used_at"].as_str().expect("a time").to_owned(), current["created_at"].clone())
    };
    eventually("its use is noted", LIMIT, async || {
        let (used, created) = used(&operator).await;
        (used.as_str() >= created.as_str().expect("a time")).then_some(())
    })
    .await;
    operator.get("/admin/orders").send().await.expect(200);
    ago(61).await;
    operator.get("/admin/orders").send().await.problem(401, "unauthorized");
    operator.get("/account").send().await.problem(401, "unauthorized");
    shopper.get("/account").send().await.expect(200);
    // Keys do not go to lunch.
    shop.get("/admin/orders").send().await.expect(200);
    ada.shop(&shop).await.get("/admin/orders").send().await.expect(200);
}
