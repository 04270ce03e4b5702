//! What somebody who means harm would try, a test each.

use crate::harness::{Answer, Server};
use reqwest::Method;
use serde_json::{Value, json};

/// The value of a cookie that an answer sets.
fn cookie(answer: &Answer, name: &str) -> String {
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("a text"));
    let line = lines.into_iter().find(|line| line.starts_with(&format!("{name}="))).expect("the cookie");
    line[name.len() + 1..].split(';').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_session_that_was_planted_is_not_the_one_that_logging_in_opens() {
    let server = Server::start();
    let ada = server.person("ada@example.com").await;
    let guest = server.guest();
    let planted = format!("cs_{}", "a".repeat(64));
    let body = json!({"email": ada.email, "password": ada.password});
    let log_in = async |cookie_sent: &str| {
        let ask =
            guest.post("/account/session", &body).header("Cookie", &format!("__Host-cartwright_session={cookie_sent}"));
        ask.send().await
    };
    let first = log_in(&planted).await;
    first.expect(201);
    let line = first.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("a text"));
    let line =
        line.into_iter().find(|line| line.starts_with("__Host-cartwright_session=")).expect("the cookie").to_owned();
    assert!(line.contains("HttpOnly") && line.contains("Secure") && line.contains("SameSite=Lax"), "{line}");
    let read = async |secret: &str| {
        let ask = guest.get("/account").header("Cookie", &format!("__Host-cartwright_session={secret}"));
        ask.send().await.status
    };
    let own = cookie(&first, "__Host-cartwright_session");
    assert_ne!(own, planted);
    assert_eq!((read(&planted).await, read(&own).await), (401, 200));
    // Logging in once more ends the session that the browser had.
    let second = log_in(&own).await;
    second.expect(201);
    assert_eq!((read(&own).await, read(&cookie(&second, "__Host-cartwright_session")).await), (401, 200));
}

#[tokio::test]
async fn another_page_cannot_use_a_browsers_session() {
    let server = Server::start();
    let ada = server.person("ada@example.com").await;
    let guest = server.guest();
    let answer = ada.log_in(&guest, "browser").await;
    let session: Value = answer.expect(201);
    assert!(session.get("token").is_none(), "a browser's secret is in its cookie alone");
    let secret = cookie(&answer, "__Host-cartwright_session");
    let csrf = session["csrf_token"].as_str().expect("a token").to_owned();
    assert_eq!(cookie(&answer, "__Host-cartwright_csrf"), csrf);
    let change = |headers: Vec<(&'static str, String)>| {
        let ask = guest.patch("/account", &json!({"name": "Eve"}));
        let ask = ask.header("Cookie", &format!("__Host-cartwright_session={secret}"));
        headers.into_iter().fold(ask, |ask, (name, value)| ask.header(name, &value))
    };
    let twice = format!("__Host-cartwright_session={secret}; __Host-cartwright_session=cs_planted");
    guest.get("/account").header("Cookie", &twice).send().await.problem(422, "invalid_request");
    guest
        .get("/account")
        .header("Cookie", &format!("cartwright_session={secret}"))
        .send()
        .await
        .problem(401, "session_required");
    change(vec![]).send().await.problem(403, "csrf");
    change(vec![("Cartwright-CSRF", "0".repeat(64))]).send().await.problem(403, "csrf");
    let origin = ("Origin", "https://evil.example".to_owned());
    change(vec![("Cartwright-CSRF", csrf.clone()), origin]).send().await.problem(403, "csrf");
    let site = ("Sec-Fetch-Site", "cross-site".to_owned());
    change(vec![("Cartwright-CSRF", csrf.clone()), site]).send().await.problem(403, "csrf");
    // A cookie's secret is none for programs, where no other page has to be feared.
    guest.with_key(&secret).get("/account").send().await.problem(401, "unauthorized");
    change(vec![("Cartwright-CSRF", csrf)]).send().await.expect(200);
}

#[tokio::test]
async fn guessing_is_throttled_for_known_and_unknown_addresses_and_secrets_are_nowhere_in_the_clear() {
    let server = Server::start();
    let ada = server.person("ada@example.com").await;
    let guest = server.guest();
    let session = ada.log_in(&guest, "program").await.expect(201);
    let secret = session["token"].as_str().expect("a token").to_owned();
    for email in ["ada@example.com", "nobody@example.com"] {
        let mut statuses = Vec::new();
        for attempt in 0..25 {
            let body = json!({"email": email, "password": format!("guess number {attempt}")});
            statuses.push(guest.post("/account/session", &body).send().await.status);
        }
        assert!(statuses.starts_with(&[401]) && statuses.contains(&429), "{email}: {statuses:?}");
        assert!(statuses.iter().filter(|status| **status == 401).count() <= 20, "{email}: {statuses:?}");
    }
    for wrong in [format!("cs_{}", "0".repeat(64)), secret[..secret.len() - 1].to_owned(), "cs_".to_owned()] {
        guest.with_key(&wrong).get("/account").send().await.problem(401, "unauthorized");
    }
    for (name, bytes) in server.contents() {
        let text = String::from_utf8_lossy(&bytes);
        for hidden in [&secret, &ada.password] {
            assert!(!text.contains(hidden.as_str()), "a secret stands in {name}");
        }
    }
}

#[tokio::test]
async fn the_work_for_an_answer_does_not_tell_whether_an_address_is_known() {
    let server = Server::start();
    server.person("ada@example.com").await;
    let guest = server.guest();
    // Time of the processor, which others on the machine do not lengthen; in sum, since it is counted in hundredths of a second.
    let mut spent = [0; 2];
    for _ in 0..5 {
        for (place, email) in ["ada@example.com", "nobody@example.com"].into_iter().enumerate() {
            let before = server.cpu_ticks();
            let body = json!({"email": email, "password": "wrong password"});
            guest.post("/account/session", &body).send().await.problem(401, "credentials_wrong");
            spent[place] += server.cpu_ticks() - before;
        }
    }
    let [known, unknown] = spent;
    // Without the hash that nobody has it is more than ten times as little.
    assert!(unknown * 3 > known && known * 3 > unknown, "known {known} ticks, unknown {unknown} ticks");
}

#[tokio::test]
async fn nobody_gives_themselves_a_role_by_asking_for_it() {
    let server = Server::start();
    let ada = server.person("ada@example.com").await;
    let shop = ada.shop(&server.shop()).await;
    for field in ["role", "id", "email", "password", "verified_at", "generation", "groups"] {
        let answer = shop.patch("/account", &json!({"name": "Eve", field: "owner"})).send().await;
        answer.problem(422, "invalid_request");
        let register = json!({"email": "eve@example.com", field: "owner"});
        if field != "email" {
            shop.guest().post("/account", &register).send().await.problem(422, "invalid_request");
        }
    }
    let account = shop.get("/account").send().await.expect(200);
    assert_eq!((account.get("role"), &account["name"]), (None, &json!("Ada")));
    shop.post("/carts", &json!({"customer": "somebody else"})).send().await.problem(403, "operator_required");
    shop.get("/admin/customers").send().await.problem(403, "operator_required");
}

#[tokio::test]
async fn sql_in_a_field_is_text() {
    let server = Server::start();
    let ada = server.person("ada@example.com").await;
    let shop = ada.shop(&server.shop()).await;
    let evil = "'; DROP TABLE accounts; -- \" OR 1=1";
    let changed = shop.patch("/account", &json!({"name": evil})).send().await.expect(200);
    assert_eq!(changed["name"], evil);
    for email in ["'or'1'='1'--@example.com", "a'||(select'x')||'@example.com"] {
        let body = json!({"email": email, "password": "' OR '1'='1"});
        shop.guest().post("/account/session", &body).send().await.problem(401, "credentials_wrong");
    }
    let token = json!({"token": evil, "password": "long enough"});
    shop.guest().post("/account/verify", &token).send().await.problem(404, "token_invalid");
    let cookie = format!("__Host-cartwright_session={}", evil.replace(';', ""));
    shop.guest().get("/account").header("Cookie", &cookie).send().await.problem(401, "session_required");
    assert_eq!(shop.get("/account").send().await.expect(200)["name"], evil);
}

#[tokio::test]
async fn a_line_break_gets_into_no_header_of_a_mail_or_an_answer() {
    let server = Server::start();
    let guest = server.guest();
    for email in ["ada@example.com\r\nBcc: eve@example.com", "ada@example.com\n", "a\u{0}@example.com"] {
        guest.post("/account", &json!({"email": email})).send().await.problem(422, "invalid_request");
        let body = json!({"email": email, "password": "long enough"});
        // To log in it need not be an address: accounts may be older than what is taken for one now.
        let refused = guest.post("/account/session", &body).send().await;
        assert!(matches!(refused.status, 401 | 422), "{refused:?}");
    }
    let name = "Ada\r\nBcc: eve@example.com\r\n\r\nBuy!";
    guest.post("/account", &json!({"email": "ada@example.com", "name": name})).send().await.expect(204);
    server.mailed_secret("ada@example.com", 1).await;
    let mail = server.mails_to("ada@example.com").concat();
    let head = mail.split("\n\n").next().expect("a head");
    assert_eq!(head.lines().count(), 2, "{mail}");
    assert!(!mail.contains("eve@example.com"), "{mail}");
    let odd = guest.ask(Method::GET, "/account/sessions?x=%0d%0aSet-Cookie:%20a=b").send().await;
    assert!(odd.headers.get("set-cookie").is_none(), "{odd:?}");
}
