//! HTTP, cheap enough for a thousand shoppers in one test: requests, answers, and the few things that every test has to do
//! first (put goods on the shelf, fill a cart).

use super::shown;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use reqwest::{Method, RequestBuilder};
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

/// A shop over HTTP, as an operator or as anybody.
#[derive(Clone)]
pub(crate) struct Shop {
    http: reqwest::Client,
    addresses: Arc<Addresses>,
    operator: Option<String>,
    store: Option<String>,
}

/// Where the nodes are; requests are spread over them.
#[derive(Default)]
pub(crate) struct Addresses {
    nodes: RwLock<Vec<String>>,
    next: AtomicUsize,
}

impl Addresses {
    /// Where the next request goes.
    pub(crate) fn pick(&self) -> String {
        let nodes = self.nodes.read().expect("no test panicked here");
        // Multiplied and cut, the numbers look like rolls of dice: whoever sends two requests in turn meets every pair of nodes.
        let roll = self.next.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        nodes[roll % nodes.len()].clone()
    }

    /// Where the first node is.
    pub(crate) fn first(&self) -> String {
        self.nodes.read().expect("no test panicked here")[0].clone()
    }

    /// From now on one of them is here.
    pub(crate) fn set_one(&self, node: usize, url: String) {
        self.nodes.write().expect("no test panicked here")[node] = url;
    }

    /// Each by itself.
    pub(crate) fn apart(&self) -> Vec<Arc<Addresses>> {
        let nodes = self.nodes.read().expect("no test panicked here");
        let alone = |url: &String| {
            let one = Addresses::default();
            one.set(vec![url.clone()]);
            Arc::new(one)
        };
        nodes.iter().map(alone).collect()
    }

    /// From now on they are here.
    pub(crate) fn set(&self, nodes: Vec<String>) {
        *self.nodes.write().expect("no test panicked here") = nodes;
    }
}

/// What opens a guest's cart.
#[derive(Clone, Debug)]
pub(crate) struct CartKey {
    pub id: String,
    pub token: String,
}

/// A request that is being put together.
pub(crate) struct Ask(RequestBuilder);

/// What came back.
#[derive(Clone)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Shop {
    pub(crate) fn new(addresses: Arc<Addresses>, operator: Option<String>) -> Shop {
        Shop { http: http_client(), addresses, operator, store: None }
    }

    /// The same with connections of its own.
    pub(crate) fn apart(&self) -> Shop {
        Shop { http: http_client(), ..self.clone() }
    }

    /// The same in another store.
    pub(crate) fn of_store(&self, handle: &str) -> Shop {
        Shop { store: Some(handle.to_owned()), ..self.clone() }
    }

    /// The same with another operator's key.
    pub(crate) fn with_key(&self, key: &str) -> Shop {
        Shop { operator: Some(key.to_owned()), ..self.clone() }
    }

    /// The same without a key.
    pub(crate) fn guest(&self) -> Shop {
        Shop { operator: None, ..self.clone() }
    }

    /// A request to `/api/v1` and the path, or to the path as it is where it begins with two slashes.
    pub(crate) fn ask(&self, method: Method, path: &str) -> Ask {
        let address = self.addresses.pick();
        let url = match path.strip_prefix("//") {
            Some(bare) => format!("{address}/{bare}"),
            None => format!("{address}/api/v1{path}"),
        };
        let mut request = self.http.request(method, url);
        if let Some(key) = &self.operator {
            request = request.header("Authorization", format!("Bearer {key}"));
        }
        if let Some(store) = &self.store {
            request = request.header("Cartwright-Store", store);
        }
        Ask(request)
    }

    pub(crate) fn get(&self, path: &str) -> Ask {
        self.ask(Method::GET, path)
    }

    /// A checkout names the total that was shown last, unless the body names one.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Ask {
        self.ask(Method::POST, path).json(&shown::name_total(path, body))
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Ask {
        self.ask(Method::PATCH, path).json(body)
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Ask {
        self.ask(Method::PUT, path).json(body)
    }

    pub(crate) fn delete(&self, path: &str) -> Ask {
        self.ask(Method::DELETE, path)
    }

    /// Puts goods on the shelf: SKU, price in minor units, units on hand.
    pub(crate) async fn put_goods(&self, goods: &[(&str, i64, i64)]) {
        let product = |(sku, price, on_hand): &(&str, i64, i64)| json!({"handle": sku.to_lowercase(), "name": sku, "variants": [{"sku": sku, "price": price, "on_hand": on_hand}]});
        let products: Vec<Value> = goods.iter().map(product).collect();
        let report = self.post("/admin/products", &json!({"products": products})).send().await.expect(200);
        for result in report["results"].as_array().expect("results") {
            assert_ne!(result["outcome"], "refused", "{report}");
        }
    }

    pub(crate) async fn set_price(&self, sku: &str, price: i64) {
        let answer = self.post("/admin/prices", &json!({"prices": [{"sku": sku, "price": price}]})).send().await;
        assert!((200..300).contains(&answer.status), "{answer:?}");
    }

    /// A promotion, with codes; its id.
    pub(crate) async fn put_promotion(&self, definition: Value, codes: &[&str]) -> String {
        let promotion = self.post("/admin/promotions", &json!({"definition": definition, "codes": codes})).send().await;
        assert!((200..300).contains(&promotion.status), "{promotion:?}");
        promotion.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Promotions for first orders believe addresses as typed.
    pub(crate) async fn trust_addresses(&self) {
        let settings = json!({"first_order_needs": "trust"});
        let store = json!({"handle": "default", "name": "Default", "currency": "EUR", "settings": settings});
        self.post("/admin/stores", &store).send().await.expect(200);
    }

    /// How often a promotion was used.
    pub(crate) async fn redemptions(&self, id: &str) -> i64 {
        let all = self.get("/admin/promotions").send().await.expect(200);
        let found = all["promotions"].as_array().expect("promotions").iter().find(|promotion| promotion["id"] == id);
        found.expect("the promotion is listed")["redemptions"].as_i64().expect("a number")
    }

    /// A new cart with these goods.
    pub(crate) async fn fill(&self, goods: &[(&str, i64)]) -> (CartKey, Value) {
        let lines: Vec<Value> = goods.iter().map(|(sku, quantity)| json!({"sku": sku, "quantity": quantity})).collect();
        let cart = self.post("/carts", &json!({"lines": lines})).send().await.expect(201);
        (CartKey::of(&cart), cart)
    }

    /// A new cart with these goods; what opens it.
    pub(crate) async fn cart(&self, goods: &[(&str, i64)]) -> CartKey {
        self.fill(goods).await.0
    }

    pub(crate) async fn read(&self, cart: &CartKey) -> Value {
        self.get(&cart.path("")).token(&cart.token).send().await.expect(200)
    }

    /// The request that checks a cart out, at the total that was shown last.
    pub(crate) fn checkout(&self, cart: &CartKey, key: &str, method: &str) -> Ask {
        let body = json!({"payment": {"gateway": "test", "method": method}});
        self.post(&cart.path("/checkout"), &body).token(&cart.token).key(key)
    }

    /// Units on hand and reserved.
    pub(crate) async fn stock(&self, sku: &str) -> (i64, i64) {
        let level = self.get(&format!("/admin/stock/{sku}")).send().await.expect(200);
        (level["on_hand"].as_i64().expect("a number"), level["reserved"].as_i64().expect("a number"))
    }

    /// All orders, or those of one status.
    pub(crate) async fn orders(&self, status: Option<&str>) -> Vec<Value> {
        let filter = status.map(|status| format!("&status={status}")).unwrap_or_default();
        let mut orders = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/admin/orders?limit=100{filter}{cursor}")).send().await.expect(200);
            orders.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return orders,
            }
        }
    }

    /// An order, asked for by its buyer.
    pub(crate) async fn order(&self, id: &str, token: &str) -> Answer {
        self.get(&format!("/orders/{id}")).token(token).send().await
    }
}

/// TLS is never used here, but the client crate is what knows how to set it up.
pub(crate) fn http_client() -> reqwest::Client {
    static PROVIDER: OnceLock<()> = OnceLock::new();
    PROVIDER.get_or_init(|| {
        // A thousand shoppers are a thousand connections; many systems allow 1,024 open files unless asked for more.
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = limit.maximum;
        let _ = setrlimit(Resource::Nofile, limit);
        cartwright_client::Client::builder().build().expect("a client");
    });
    reqwest::Client::builder().timeout(Duration::from_secs(90)).build().expect("a client")
}

impl CartKey {
    pub(crate) fn of(cart: &Value) -> CartKey {
        let text = |name: &str| cart[name].as_str().unwrap_or_else(|| panic!("{name} in {cart}")).to_owned();
        CartKey { id: text("id"), token: text("token") }
    }

    /// Path of the cart, or of something in it.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/carts/{}{rest}", self.id)
    }
}

impl Ask {
    pub(crate) fn header(self, name: &str, value: &str) -> Ask {
        Ask(self.0.header(name, value))
    }

    pub(crate) fn token(self, token: &str) -> Ask {
        self.header("Cart-Token", token)
    }

    pub(crate) fn key(self, key: &str) -> Ask {
        self.header("Idempotency-Key", key)
    }

    pub(crate) fn json(self, body: &Value) -> Ask {
        self.text("application/json", body.to_string())
    }

    pub(crate) fn text(self, kind: &str, body: impl Into<reqwest::Body>) -> Ask {
        Ask(self.0.header(CONTENT_TYPE, kind).body(body))
    }

    /// A body that does not say what it is.
    pub(crate) fn bytes(self, body: Vec<u8>) -> Ask {
        Ask(self.0.body(body))
    }

    pub(crate) async fn send(self) -> Answer {
        match self.try_send().await {
            Ok(answer) => answer,
            Err(error) => panic!("no answer: {error:?}"),
        }
    }

    /// The answer as it begins, for one that goes on.
    pub(crate) async fn open(self) -> reqwest::Response {
        self.0.send().await.expect("an answer")
    }

    pub(crate) async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let response = self.0.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await?.to_vec();
        if matches!(status, 200 | 201) {
            shown::note(&body);
        }
        Ok(Answer { status, headers, body })
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{self:?}");
        if self.body.is_empty() { Value::Null } else { self.json() }
    }

    /// The problem's stable code; empty where the answer is none.
    pub(crate) fn code(&self) -> String {
        let problem: Option<Value> = serde_json::from_slice(&self.body).ok();
        problem.and_then(|problem| Some(problem.get("code")?.as_str()?.to_owned())).unwrap_or_default()
    }

    /// A refusal as RFC 9457 has it, with this status and stable code.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!((self.status, self.code().as_str(), kind), (status, code, "application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{self:?}");
        assert_eq!(problem["type"], format!("urn:cartwright:problem:{code}"), "{self:?}");
        for field in ["title", "detail"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field} in {self:?}");
        }
        problem
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = String::from_utf8_lossy(&self.body);
        let text: String = text.chars().take(2_000).collect();
        write!(formatter, "{} {:?} {text}", self.status, self.headers)
    }
}
