//! Who tries too often is slowed, and nobody else: attacks on limits, a test each. Places are told by `X-Forwarded-For`, as behind a
//! proxy of one's own.

use crate::harness::{Answer, Server, Shop};
use serde_json::{Value, json};

const PROXIED: &str = "--trust-forwarded-for";

async fn from(shop: &Shop, address: &str, path: &str, body: &Value) -> Answer {
    shop.guest().post(path, body).header("X-Forwarded-For", address).send().await
}

async fn log_in(shop: &Shop, address: &str, password: &str, device: Option<&str>) -> Answer {
    let mut body = json!({"email": "ada@example.com", "password": password, "kind": "program"});
    if let Some(device) = device {
        body["device"] = json!(device);
    }
    from(shop, address, "/account/session", &body).await
}

#[tokio::test]
async fn strangers_keep_the_owner_of_an_account_neither_from_logging_in_nor_from_resetting() {
    let server = Server::with(&[PROXIED, "--login-attempts-of-strangers", "20"]);
    let ada = server.person("ada@example.com").await;
    let shop = server.guest();
    let device = log_in(&shop, "203.0.113.5", &ada.password, None).await.expect(201)["device"].clone();
    let device = device.as_str().expect("a device");
    // One place is refused, and others are not.
    let mut refused = false;
    for _ in 0..30 {
        refused |= log_in(&shop, "198.51.100.1", "a guess", None).await.status == 429;
    }
    assert!(refused);
    log_in(&shop, "203.0.113.6", &ada.password, None).await.expect(201);
    // Many places together are refused for this account; a device that is known is not, wherever it is.
    let mut tried = 0;
    while log_in(&shop, &format!("198.51.101.{tried}"), "a guess", None).await.status != 429 {
        tried += 1;
        assert!(tried < 100, "strangers are never slowed");
    }
    log_in(&shop, "198.51.100.1", &ada.password, Some(device)).await.expect(201);
    // A browser shows it as a cookie.
    let with_cookie = async |device: &str| {
        let body = json!({"email": "ada@example.com", "password": ada.password, "kind": "browser"});
        let ask = shop.post("/account/session", &body).header("X-Forwarded-For", "198.51.100.1");
        ask.header("Cookie", &format!("__Host-cartwright_device={device}")).send().await
    };
    let answer = with_cookie(device).await;
    answer.expect(201);
    let renewed = answer.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let renewed: Vec<&str> = renewed.filter_map(|line| line.strip_prefix("__Host-cartwright_device=")).collect();
    let [renewed] = renewed[..] else { panic!("{renewed:?}") };
    with_cookie(renewed.split(';').next().expect("a value")).await.expect(201);
    with_cookie("somebody-elses").await.problem(429, "login_attempts");
    log_in(&shop, "198.51.102.1", "a guess", Some(&device.replace(|c: char| c.is_ascii_digit(), "x")))
        .await
        .problem(429, "login_attempts");
    // On a new device the way in is the mail, and what it opens is a known device.
    let mails = server.mails_to("ada@example.com").len();
    let wanted = json!({"email": "ada@example.com"});
    from(&shop, "198.51.100.1", "/account/password/forgot", &wanted).await.expect(204);
    let token = server.mailed_secret("ada@example.com", mails + 1).await;
    let chosen = json!({"token": token, "password": "another long password"});
    let answer = from(&shop, "198.51.100.1", "/account/password/reset", &chosen).await;
    let confirmed = answer.expect(200);
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
    assert!(cookies.iter().any(|line| line.to_str().is_ok_and(|line| line.starts_with("__Host-cartwright_device="))));
    let device = confirmed["device"].as_str().expect("a device");
    log_in(&shop, "198.51.100.1", "another long password", Some(device)).await.expect(201);
}

#[tokio::test]
async fn a_wrong_secret_spends_none_of_the_tries_of_codes_that_a_carts_owner_has() {
    let server = Server::with(&["--coupon-attempts-per-cart", "3"]);
    let guest = server.guest();
    let cart = guest.cart(&[]).await;
    let try_code =
        async |token: &str| guest.post(&cart.path("/coupons"), &json!({"code": "X"})).token(token).send().await;
    for _ in 0..20 {
        let answer = try_code("somebody else's").await;
        assert!([404, 429].contains(&answer.status), "{answer:?}");
    }
    for _ in 0..3 {
        try_code(&cart.token).await.problem(409, "coupon_invalid");
    }
}

#[tokio::test]
async fn requests_are_counted_by_network_and_those_of_the_shops_own_programs_are_not() {
    let server = Server::with(&[PROXIED, "--rate-limit", "1"]);
    let shop = server.shop();
    let read = async |shop: &Shop, path: &str, address: String| {
        shop.get(path).header("X-Forwarded-For", &address).send().await.status
    };
    let mut refused = 0;
    for number in 0..60 {
        refused += usize::from(read(&shop.guest(), "/products", format!("2001:db8:1:1::{number:x}")).await == 429);
    }
    assert!(refused > 0, "ever new addresses of one household were never refused");
    let household = "2001:db8:1:2::1".to_owned();
    assert_eq!(read(&shop.guest(), "/products", household).await, 200, "another household");
    for number in 0..4 {
        // Each node has to find the key good once.
        assert_eq!(read(&shop, "/admin/orders", format!("192.0.2.{number}")).await, 200);
    }
    for number in 0..60 {
        let path = if number % 2 == 0 { "/products" } else { "/admin/orders" };
        assert_eq!(read(&shop, path, "192.0.2.9".to_owned()).await, 200, "request {number} with a key");
    }
}

#[tokio::test]
async fn nothing_is_taken_over_from_whoever_typed_an_address_first() {
    let server = Server::start();
    let guest = server.guest();
    let email = "ada@example.com";
    guest.post("/account", &json!({"email": email, "name": "Mallory"})).send().await.expect(204);
    let first = server.mailed_secret(email, 1).await;
    guest.post("/account", &json!({"email": email, "name": "Ada"})).send().await.expect(204);
    let second = server.mailed_secret(email, 2).await;
    let verify = async |token: &str| {
        guest.post("/account/verify", &json!({"token": token, "password": "correct horse battery"})).send().await
    };
    verify(&first).await.problem(404, "token_invalid");
    let account = verify(&second).await.expect(200);
    assert_eq!((&account["name"], &account["addresses"]), (&json!("Ada"), &json!([])));
    let body = json!({"email": email, "password": "correct horse battery", "kind": "program"});
    let session = guest.post("/account/session", &body).send().await.expect(201);
    let shop = guest.with_key(session["token"].as_str().expect("a token"));
    assert_eq!(shop.get("/account/cart").send().await.expect(200)["lines"], json!([]));
}

#[tokio::test]
async fn passwords_that_are_tried_first_are_refused_and_the_link_stays_good() {
    let server = Server::start();
    let guest = server.guest();
    let email = "grace.hopper@example.com";
    guest.post("/account", &json!({"email": email})).send().await.expect(204);
    let token = server.mailed_secret(email, 1).await;
    let verify = async |password: &str| {
        guest.post("/account/verify", &json!({"token": token, "password": password})).send().await
    };
    for weak in ["password1", "12345678", "Grace.Hopper", "grace.hopper@example.com", "default store"] {
        let problem = verify(weak).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], "password");
        assert!(!problem.to_string().to_lowercase().contains(weak), "{problem}");
    }
    verify("correct horse battery").await.expect(200);
    let body = json!({"email": email, "password": "correct horse battery", "kind": "program"});
    let session = guest.post("/account/session", &body).send().await.expect(201);
    let shop = guest.with_key(session["token"].as_str().expect("a token"));
    let change = json!({"current_password": "correct horse battery", "password": "qwertyuiop"});
    shop.put("/account/password", &change).send().await.problem(422, "invalid_request");
}

#[tokio::test]
async fn an_open_session_alone_deletes_no_account() {
    let server = Server::start();
    let ada = server.person("ada@example.com").await;
    let shop = ada.shop(&server.shop()).await;
    shop.delete("/account").json(&json!({})).send().await.problem(422, "invalid_request");
    let wrong = json!({"password": "not this one"});
    shop.delete("/account").json(&wrong).send().await.problem(409, "password_wrong");
    shop.get("/account").send().await.expect(200);
    shop.delete("/account").json(&json!({"password": ada.password})).send().await.expect(204);
    shop.get("/account").send().await.problem(401, "unauthorized");
}

#[tokio::test]
async fn log_ins_that_fail_are_counted_and_said_once_without_names() {
    let server = Server::with(&[PROXIED]);
    server.person("ada@example.com").await;
    let shop = server.guest();
    for number in 0..8 {
        log_in(&shop, &format!("198.51.100.{number}"), "a guess", None).await.problem(401, "credentials_wrong");
    }
    let metrics = String::from_utf8_lossy(&shop.get("//metrics").send().await.body).into_owned();
    assert!(metrics.contains("cartwright_logins_total{outcome=\"wrong\"}"), "{metrics}");
    // Once a minute, not for each: on a slow machine the eight may take longer than that.
    let said = |outcome: &str| {
        let log = server.log();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains("log-ins fail")).collect();
        assert!(lines.iter().all(|line| line.contains("198.51.100.0/24")), "{lines:?}");
        lines.iter().filter(|line| line.contains(outcome)).count()
    };
    assert!((1..8).contains(&said("wrong")), "{}", server.log());
    assert_eq!(said("too_many"), 0);
    let mut lockouts = 0;
    for _ in 0..40 {
        lockouts += usize::from(log_in(&shop, "198.51.100.1", "a guess", None).await.status == 429);
    }
    assert!(lockouts > 1 && (1..lockouts).contains(&said("too_many")), "{lockouts}: {}", server.log());
    let log = server.log();
    assert!(!log.contains("ada@example.com") && !log.contains("a guess"), "{log}");
}
