//! What browsers need: pages of other origins that a store allows, a guest's cart in a cookie that no script reads, and answers in
//! fewer bytes where nothing secret can be learned from their length.

use crate::harness::{Answer, Ask, Server, Shop};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Read;

const FRONT: &str = "https://front.example";
const EVIL: &str = "https://evil.example";

async fn allow(shop: &Shop, origins: &[&str]) -> Answer {
    let settings = json!({"allowed_origins": origins});
    shop.post(
        "/admin/stores",
        &json!({"handle": "default", "name": "Default", "currency": "EUR", "settings": settings}),
    )
    .send()
    .await
}

/// A browser asks whether a page may send a request.
async fn beforehand(shop: &Shop, origin: &str, path: &str) -> Answer {
    let ask = shop.ask(Method::OPTIONS, path).header("Origin", origin);
    let ask = ask.header("Access-Control-Request-Method", "POST");
    ask.header("Access-Control-Request-Headers", "content-type,cart-token,idempotency-key").send().await
}

#[track_caller]
fn allowed(answer: &Answer) -> (String, String) {
    let of = |name: &str| answer.header(name).to_owned();
    (of("access-control-allow-origin"), of("access-control-allow-credentials"))
}

fn pair(origin: &str, credentials: &str) -> (String, String) {
    (origin.to_owned(), credentials.to_owned())
}

#[tokio::test]
async fn pages_of_other_origins_may_only_what_a_store_allows() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 10)]).await;
    // Nobody is allowed at first, and answers say nothing of origins.
    let before = beforehand(&guest, FRONT, "/carts").await;
    assert_eq!((before.status, allowed(&before)), (204, pair("", "")));
    let read = guest.get("/products").header("Origin", FRONT).send().await;
    assert_eq!((allowed(&read), read.header("vary").to_lowercase().contains("origin")), (pair("", ""), false));
    allow(&shop, &["HTTPS://Front.example:443/", "http://localhost:5173"]).await.expect(200);
    let kept = shop.get("/admin/stores").send().await.expect(200);
    assert_eq!(kept["stores"][0]["settings"]["allowed_origins"], json!([FRONT, "http://localhost:5173"]));
    for (origin, expected) in [(FRONT, pair(FRONT, "true")), (EVIL, pair("", "")), ("null", pair("", ""))] {
        let answer = beforehand(&guest, origin, "/carts").await;
        assert_eq!((answer.status, allowed(&answer)), (204, expected.clone()), "{answer:?}");
        assert!(answer.body.is_empty() && answer.header("vary").starts_with("Origin"), "{answer:?}");
        let told = origin == FRONT;
        for (name, wanted) in [
            ("access-control-max-age", "86400"),
            ("access-control-allow-methods", "PATCH"),
            ("access-control-allow-headers", "Idempotency-Key"),
            ("access-control-allow-headers", "If-Match"),
        ] {
            assert_eq!(answer.header(name).contains(wanted), told, "{name}: {answer:?}");
        }
        let read = guest.get("/products").header("Origin", origin).send().await;
        assert_eq!((read.status, allowed(&read)), (200, expected.clone()), "{read:?}");
        assert!(read.headers.get_all("vary").iter().any(|vary| vary == "Origin"), "{read:?}");
        assert_eq!(read.header("access-control-expose-headers").contains("Idempotent-Replayed"), told, "{read:?}");
        // Refusals can be read too, also those from before any route is looked for.
        let refused = guest.post("/carts", &json!({"x": 1})).header("Origin", origin).send().await;
        assert_eq!((refused.status, allowed(&refused)), (422, expected), "{refused:?}");
    }
    // What a cache keeps differs by origin, whoever has asked first.
    let read = guest.get("/products").send().await;
    assert!(read.headers.get_all("vary").iter().any(|vary| vary == "Origin"), "{read:?}");
    // Without what a browser says beforehand it is a method that is not there.
    guest.ask(Method::OPTIONS, "/carts").header("Origin", FRONT).send().await.problem(405, "method_not_allowed");
}

#[tokio::test]
async fn each_store_allows_its_own_pages() {
    let server = Server::start();
    let shop = server.shop();
    let settings = json!({"allowed_origins": [FRONT]});
    let store = json!({"handle": "front", "name": "Front", "currency": "EUR", "settings": settings});
    shop.post("/admin/stores", &store).send().await.expect(200);
    let guest = server.guest();
    // A browser does not say beforehand which store it means.
    assert_eq!(allowed(&beforehand(&guest, FRONT, "/carts").await), pair(FRONT, "true"));
    let read = async |shop: Shop| allowed(&shop.get("/products").header("Origin", FRONT).send().await);
    assert_eq!(read(guest.of_store("front")).await, pair(FRONT, "true"));
    assert_eq!(read(guest.clone()).await, pair("", ""));
    assert_eq!(read(guest.of_store("nowhere")).await, pair("", ""));
}

#[tokio::test]
async fn all_origins_may_be_allowed_without_cookies_and_nonsense_is_refused() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    allow(&shop, &["*"]).await.expect(200);
    assert_eq!(allowed(&beforehand(&guest, EVIL, "/carts").await), pair("*", ""));
    assert_eq!(allowed(&guest.get("/products").header("Origin", EVIL).send().await), pair("*", ""));
    let cookie = guest.post("/carts", &json!({"cookie": true})).header("Origin", EVIL);
    cookie.send().await.problem(403, "csrf");
    for wrong in ["shop.example", "https://*.shop.example", "https://shop.example/cart", "null", ""] {
        let problem = allow(&shop, &[wrong]).await.problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], "settings.allowed_origins[0]", "{problem}");
    }
    assert_eq!(allowed(&beforehand(&guest, EVIL, "/carts").await), pair("*", ""));
}

#[tokio::test]
async fn a_browser_that_asks_beforehand_is_answered_while_nothing_else_is() {
    let server = Server::with(&["--rate-limit", "1"]);
    let guest = server.guest();
    allow(&server.shop(), &[FRONT]).await.expect(200);
    let mut refused = 0;
    for _ in 0..20 {
        let answer = guest.get("/products").header("Origin", FRONT).send().await;
        assert_eq!(allowed(&answer), pair(FRONT, "true"), "{answer:?}");
        refused += usize::from(answer.status == 429);
        assert_eq!(beforehand(&guest, FRONT, "/carts").await.status, 204);
    }
    assert!(refused > 10, "{refused}");
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &Answer) -> String {
    let lines = answer.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("text"));
    lines.filter_map(|line| line.split(';').next()).collect::<Vec<_>>().join("; ")
}

/// A browser with a guest's cart in its cookies.
struct Browser {
    shop: Shop,
    cookies: String,
    csrf: String,
    cart: Value,
}

impl Browser {
    fn of(shop: &Shop, answer: &Answer) -> Browser {
        let cart = answer.json();
        let csrf = cart["csrf_token"].as_str().unwrap_or_else(|| panic!("a token in {cart}")).to_owned();
        Browser { shop: shop.clone(), cookies: cookies(answer), csrf, cart }
    }

    fn path(&self, rest: &str) -> String {
        format!("/carts/{}{rest}", self.cart["id"].as_str().expect("an id"))
    }

    /// A request with the cookies, and nothing else that would show who asks.
    fn bare(&self, method: Method, path: &str) -> Ask {
        self.shop.ask(method, path).header("Cookie", &self.cookies)
    }

    fn ask(&self, method: Method, path: &str) -> Ask {
        self.bare(method, path).header("Cartwright-CSRF", &self.csrf)
    }
}

#[tokio::test]
async fn a_guests_cart_may_be_in_a_cookie_that_no_script_reads() {
    let server = Server::start();
    let guest = server.guest();
    server.shop().put_goods(&[("PEN", 500, 10)]).await;
    let one = json!({"sku": "PEN", "quantity": 1});
    let made = guest.post("/carts", &json!({"cookie": true, "lines": [one.clone()]})).send().await;
    let cart = made.expect(201);
    assert!(cart.get("token").is_none(), "{cart}");
    let lines: Vec<&str> = made.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("text")).collect();
    let [secret, csrf] = lines[..] else { panic!("{lines:?}") };
    for line in [secret, csrf] {
        assert!(
            line.starts_with("__Host-cartwright_cart_") && line.contains("Secure") && line.contains("Path=/"),
            "{line}"
        );
        assert!(
            line.contains("SameSite=Lax") && !line.contains("Domain") && line.contains("Max-Age=2592000"),
            "{line}"
        );
    }
    assert!(secret.contains("; HttpOnly") && !csrf.contains("HttpOnly"), "{lines:?}");
    let browser = Browser::of(&guest, &made);
    assert!(!secret.contains(&browser.csrf) && csrf.contains(&browser.csrf), "{lines:?}");
    // Reading takes the cookie alone, a change the second secret too.
    assert_eq!(browser.bare(Method::GET, &browser.path("")).send().await.expect(200)["id"], cart["id"]);
    let add = browser.path("/lines");
    browser.bare(Method::POST, &add).json(&one).send().await.problem(403, "csrf");
    browser.ask(Method::POST, &add).header("Origin", EVIL).json(&one).send().await.problem(403, "csrf");
    let elsewhere = browser.ask(Method::POST, &add).header("Sec-Fetch-Site", "cross-site");
    elsewhere.json(&one).send().await.problem(403, "csrf");
    browser.bare(Method::DELETE, &browser.path("")).send().await.problem(403, "csrf");
    let added = browser.ask(Method::POST, &add).json(&one).send().await.expect(200);
    assert_eq!(added["lines"][0]["quantity"], 2);
    // Asked for again the browser's cart is the same, and what a page has forgotten comes anew.
    let again = browser.bare(Method::POST, "/carts").json(&json!({"cookie": true})).send().await;
    assert_eq!(
        (again.expect(200)["id"].clone(), again.json()["csrf_token"].clone()),
        (cart["id"].clone(), json!(browser.csrf))
    );
    let total = again.json()["totals"]["total"]["amount"].clone();
    let buy = json!({"payment": {"gateway": "test", "method": "ok"}, "expected_total": total, "idempotency_key": "k"});
    let order = browser.ask(Method::POST, &browser.path("/checkout")).json(&buy).send().await.expect(201);
    let of_order = format!("/orders/{}", order["id"].as_str().expect("an id"));
    browser.bare(Method::GET, &of_order).send().await.expect(200);
    // The next cart is another one; what was bought before still opens.
    let next = browser.bare(Method::POST, "/carts").json(&json!({"cookie": true})).send().await;
    assert_ne!(next.expect(201)["id"], cart["id"]);
    let later = Browser::of(&guest, &next);
    later.bare(Method::GET, &of_order).send().await.expect(200);
    later.bare(Method::GET, &later.path("")).send().await.expect(200);
    // Whoever has no cookie, or one that was made up, opens nothing.
    guest.get(&later.path("")).send().await.problem(404, "cart_not_found");
    let made_up =
        format!("__Host-cartwright_cart_default={}.{}", later.cart["id"].as_str().expect("an id"), "0".repeat(64));
    guest.get(&later.path("")).header("Cookie", &made_up).send().await.problem(404, "cart_not_found");
    let doubled = format!("{}; {}", later.cookies, later.cookies);
    guest.get(&later.path("")).header("Cookie", &doubled).send().await.problem(422, "invalid_request");
    server.verify();
}

#[tokio::test]
async fn a_page_of_another_origin_has_a_cart_in_a_cookie_where_the_store_allows_it() {
    let server = Server::start();
    let guest = server.guest();
    server.shop().put_goods(&[("PEN", 500, 10)]).await;
    let ask = || {
        let ask = guest.post("/carts", &json!({"cookie": true})).header("Origin", FRONT);
        ask.header("Sec-Fetch-Site", "cross-site")
    };
    ask().send().await.problem(403, "csrf");
    allow(&server.shop(), &[FRONT]).await.expect(200);
    let made = ask().send().await;
    made.expect(201);
    let lines: Vec<String> =
        made.headers.get_all("set-cookie").iter().map(|line| line.to_str().expect("text").to_owned()).collect();
    assert!(
        lines.iter().all(|line| line.contains("SameSite=None; Partitioned") && line.contains("Secure")),
        "{lines:?}"
    );
    let browser = Browser::of(&guest, &made);
    let add = |origin: &str| {
        let ask = browser.ask(Method::POST, &browser.path("/lines")).header("Origin", origin);
        ask.header("Sec-Fetch-Site", "cross-site").json(&json!({"sku": "PEN", "quantity": 1}))
    };
    let added = add(FRONT).send().await;
    added.expect(200);
    assert_eq!(allowed(&added), pair(FRONT, "true"));
    add(EVIL).send().await.problem(403, "csrf");
}

#[tokio::test]
async fn a_cart_in_a_cookie_comes_along_at_log_in_and_beside_a_session() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 10)]).await;
    let ada = server.person("ada@example.com").await;
    let lines = json!([{"sku": "PEN", "quantity": 3}]);
    let made = guest.post("/carts", &json!({"cookie": true, "lines": lines})).send().await;
    let browser = Browser::of(&guest, &made);
    // With a session in the same browser the guest's cart opens as before.
    let session = ada.log_in(&guest, "browser").await;
    session.expect(201);
    let both = format!("{}; {}", browser.cookies, cookies(&session));
    let read = guest.get(&browser.path("")).header("Cookie", &both).send().await;
    assert_eq!(read.expect(200)["lines"][0]["quantity"], 3);
    let own = guest.get("/account/cart").header("Cookie", &both).send().await.expect(200);
    assert!(own["id"] != browser.cart["id"] && own["lines"] == json!([]), "{own}");
    let body = json!({"email": ada.email, "password": ada.password, "guest_cart": {"id": browser.cart["id"]}});
    let merged = guest.post("/account/session", &body).header("Cookie", &browser.cookies).send().await.expect(201);
    assert_eq!(merged["cart"]["lines"][0]["quantity"], 3, "{merged}");
    let without = guest.post("/account/session", &body).send().await.expect(201);
    assert_eq!(without["cart_problem"]["code"], "cart_not_found", "{without}");
}

#[tokio::test]
async fn carts_of_two_stores_on_one_host_are_in_cookies_of_their_own() {
    let server = Server::start();
    let guest = server.guest();
    let store = json!({"handle": "other", "name": "Other", "currency": "EUR"});
    server.shop().post("/admin/stores", &store).send().await.expect(200);
    let other = guest.of_store("other");
    let one = guest.post("/carts", &json!({"cookie": true})).send().await;
    let two = other.post("/carts", &json!({"cookie": true})).send().await;
    let both = format!("{}; {}", cookies(&one), cookies(&two));
    for (shop, made) in [(&guest, &one), (&other, &two)] {
        let path = format!("/carts/{}", made.expect(201)["id"].as_str().expect("an id"));
        shop.get(&path).header("Cookie", &both).send().await.expect(200);
        let again = shop.post("/carts", &json!({"cookie": true})).header("Cookie", &both).send().await;
        assert_eq!(again.expect(200)["id"], made.json()["id"]);
    }
}

/// The body as the client reads it.
fn read(answer: &Answer) -> Value {
    let mut text = Vec::new();
    match answer.header("content-encoding") {
        "gzip" => flate2::read::GzDecoder::new(&*answer.body).read_to_end(&mut text).expect("gzip"),
        "br" => brotli::Decompressor::new(&*answer.body, 4096).read_to_end(&mut text).expect("brotli"),
        other => panic!("{other:?}: {answer:?}"),
    };
    serde_json::from_slice(&text).expect("JSON")
}

#[tokio::test]
async fn what_is_read_comes_in_fewer_bytes_and_is_the_same() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    let goods: Vec<(String, i64, i64)> = (0..60).map(|number| (format!("PEN-{number}"), 500, 10)).collect();
    let goods: Vec<(&str, i64, i64)> = goods.iter().map(|(sku, price, units)| (sku.as_str(), *price, *units)).collect();
    shop.put_goods(&goods).await;
    let lines: Vec<(&str, i64)> = goods.iter().map(|(sku, ..)| (*sku, 1)).collect();
    let cart = guest.cart(&lines).await;
    for (path, token) in [("/products?limit=50", ""), (&*cart.path(""), &*cart.token), ("//openapi.json", "")] {
        let ask = |encoding: &str| {
            let ask = guest.get(path).header("Accept-Encoding", encoding);
            if token.is_empty() { ask } else { ask.token(token) }
        };
        let plain = ask("identity").send().await;
        assert_eq!(plain.header("content-encoding"), "", "{plain:?}");
        for (wanted, encoding) in
            [("gzip", "gzip"), ("br", "br"), ("gzip, deflate, br, zstd", "br"), ("br;q=0, gzip", "gzip")]
        {
            let small = ask(wanted).send().await;
            assert_eq!((small.status, small.header("content-encoding")), (200, encoding), "{path} {wanted}");
            assert_eq!(read(&small), plain.expect(200), "{path}");
            assert!(small.body.len() * 3 < plain.body.len(), "{path}: {} of {}", small.body.len(), plain.body.len());
            assert!(
                small
                    .headers
                    .get_all("vary")
                    .iter()
                    .any(|vary| vary.to_str().is_ok_and(|vary| vary.to_lowercase().contains("accept-encoding"))),
                "{small:?}"
            );
        }
        // A tag of compressed bytes is another, and good for the same.
        let (tag, small) = (plain.header("etag"), ask("gzip").send().await);
        if !tag.is_empty() {
            assert_ne!(small.header("etag"), tag);
            let tags = [tag, small.header("etag")];
            for tag in tags {
                assert_eq!(ask("gzip").header("If-None-Match", tag).send().await.status, 304);
            }
            for tag in tags {
                let path = cart.path(&format!("/lines/{}", first_line(&plain)));
                let change = guest.patch(&path, &json!({"quantity": 1})).token(&cart.token);
                change.header("If-Match", tag).send().await.expect(200);
            }
        }
    }
    let short = guest.get("/products?limit=1").header("Accept-Encoding", "gzip").send().await;
    assert_eq!(short.header("content-encoding"), "", "{short:?}");
}

fn first_line(cart: &Answer) -> String {
    cart.json()["lines"][0]["id"].as_str().expect("a line").to_owned()
}

#[tokio::test]
async fn what_may_hold_a_secret_beside_texts_of_strangers_is_not_compressed() {
    let server = Server::start();
    let (shop, guest) = (server.shop(), server.guest());
    shop.put_goods(&[("PEN", 500, 100)]).await;
    let note = "n".repeat(490);
    let options: serde_json::Map<String, Value> = (0..8).map(|number| (format!("o{number}"), json!(note))).collect();
    let lines = json!([{"sku": "PEN", "quantity": 1, "options": options}]);
    let plain = |what: &str, answer: &Answer| {
        assert!(answer.body.len() > 2_000 && answer.status < 300, "{what}: {answer:?}");
        assert_eq!(answer.header("content-encoding"), "", "{what}: {answer:?}");
    };
    let gzip = |ask: Ask| ask.header("Accept-Encoding", "gzip, br");
    // Its secret is in the answer.
    let made = gzip(guest.post("/carts", &json!({"lines": lines}))).send().await;
    plain("a new cart", &made);
    let cart = crate::harness::CartKey::of(&made.json());
    let order = guest.checkout(&cart, "k", "ok").send().await.expect(201);
    // The secret of its payment may be in an order.
    let read = gzip(guest.get(&format!("/orders/{}", order["id"].as_str().expect("an id"))).token(&cart.token));
    plain("an order", &read.send().await);
    // Browsers send cookies whoever has them ask.
    let made = guest.post("/carts", &json!({"cookie": true, "lines": lines})).send().await;
    let browser = Browser::of(&guest, &made);
    plain("by cookie", &gzip(browser.bare(Method::GET, &browser.path(""))).send().await);
    let stream = gzip(guest.get(&browser.path("/events")).header("Cookie", &browser.cookies))
        .header("Accept", "text/event-stream");
    assert!(stream.open().await.headers().get("content-encoding").is_none());
}
