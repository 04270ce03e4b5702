//! Who may do what, tried out: every operation as every kind of visitor, against what `access_expected.txt` says by hand. It is
//! never asked what the server's own table says, so that a role lowered there by mistake is found here.

use crate::harness::{CartKey, Server, Shop};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Who may use an operation.
#[derive(Clone, Copy, Debug)]
struct Access {
    who: &'static str,
    /// The least role of operators.
    role: &'static str,
    /// What keys that are limited to scopes must have; `None` where none of them may.
    scope: Option<&'static str>,
}

fn expectations() -> BTreeMap<&'static str, Access> {
    let mut all = BTreeMap::new();
    let lines = include_str!("access_expected.txt").lines();
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (group, names) = line.split_once(": ").expect("a group and its operations");
        let [who, role, scope] = group.split(' ').collect::<Vec<_>>()[..] else { panic!("{group}") };
        let scope = Some(scope).filter(|scope| *scope != "-");
        for name in names.split(' ') {
            assert!(all.insert(name, Access { who, role, scope }).is_none(), "{name} stands twice");
        }
    }
    all
}

/// Visitors; the first ones never may what is not public.
const VISITORS: [&str; 8] = [
    "nobody",
    "wrong cart token",
    "other shopper",
    "other store",
    "read_only",
    "staff",
    "its scope alone",
    "all but its scope",
];

struct Visitors {
    guest: Shop,
    shopper: Shop,
    elsewhere: Shop,
    reader: Shop,
    staff: Shop,
    /// Owners' keys that have one scope only, and those that have all but that one.
    scoped: BTreeMap<&'static str, [Shop; 2]>,
    /// An owner's key with every scope that there is.
    every_scope: Shop,
}

impl Visitors {
    /// `None` where there is no such visitor of this operation.
    fn shop(&self, who: &str, access: Access) -> Option<&Shop> {
        Some(match (who, access.scope) {
            ("other shopper", _) => &self.shopper,
            ("other store", _) => &self.elsewhere,
            ("read_only", _) => &self.reader,
            ("staff", _) => &self.staff,
            ("its scope alone", scope) => &self.scoped[scope?][0],
            ("all but its scope", Some(scope)) => &self.scoped[scope][1],
            ("all but its scope", None) => Some(&self.every_scope).filter(|_| access.role != "-")?,
            _ => &self.guest,
        })
    }

    /// The status; `None` where there is no such visitor.
    async fn ask(&self, who: &str, access: Access, method: &Method, path: &str, body: Option<&Value>) -> Option<u16> {
        let mut ask = self.shop(who, access)?.ask(method.clone(), path).key("sweep");
        if let Some(body) = body {
            ask = ask.json(body);
        }
        if who == "wrong cart token" {
            ask = ask.token(&"0".repeat(64));
        }
        Some(ask.send().await.status)
    }
}

/// What a visitor must be answered: one of these, or nothing of the kind.
enum Expected {
    OneOf(&'static [u16]),
    NoneOf(&'static [u16]),
}

fn expected(access: Access, operation: &str, who: &str) -> Expected {
    use Expected::{NoneOf, OneOf};
    let rank = |role: &str| ["read_only", "staff", "owner"].iter().position(|known| *known == role);
    match (access.who, who) {
        ("anybody", _) => NoneOf(&[403, 500]),
        ("provider", _) => OneOf(&[401, 404, 422]),
        ("link", _) => OneOf(&[404]),
        ("account", "other shopper") => NoneOf(&[401, 403, 500]),
        ("account", "other store") => OneOf(&[403]),
        ("account", _) => OneOf(&[401]),
        (_, "other store" | "all but its scope") => OneOf(&[403]),
        (_, "its scope alone") => NoneOf(&[401, 403, 500]),
        (_, "read_only" | "staff") if rank(who) < rank(access.role) => OneOf(&[403]),
        (_, "read_only" | "staff") => NoneOf(&[401, 403, 500]),
        ("operator", "other shopper") => OneOf(&[403]),
        ("operator", _) => OneOf(&[401]),
        // Everybody may have a cart of their own.
        ("shopper", _) if operation == "create_cart" => OneOf(&[200, 201]),
        ("shopper", _) => OneOf(&[404]),
        (unknown, _) => panic!("{operation}: {unknown}"),
    }
}

/// A body that is right as far as the document can tell, so that only the rule stands in the way.
fn body(operation: &str) -> Value {
    match operation {
        "add_lines" => json!({"sku": "PEN", "quantity": 1}),
        "change_line" => json!({"quantity": 1}),
        "apply_coupon" => json!({"code": "X"}),
        "checkout" => json!({"payment": {"gateway": "test", "method": "ok"}}),
        _ => json!({}),
    }
}

/// Keys for every scope that the expectations name.
fn scoped(server: &Server, owner: &Shop) -> (BTreeMap<&'static str, [Shop; 2]>, Shop) {
    let scopes: BTreeSet<&str> = expectations().values().filter_map(|access| access.scope).collect();
    let key = |wanted: &dyn Fn(&str) -> bool| {
        let wanted = scopes.iter().filter(|scope| wanted(scope)).flat_map(|scope| ["--scope", scope]);
        owner.with_key(&server.create_key(&wanted.collect::<Vec<_>>()))
    };
    let both = |scope: &&'static str| (*scope, [key(&|one| one == *scope), key(&|one| one != *scope)]);
    (scopes.iter().map(both).collect(), key(&|_| true))
}

async fn visitors(server: &Server, owner: &Shop) -> Visitors {
    let key = |more: &[&str]| owner.with_key(&server.create_key(more));
    let (scoped, every_scope) = scoped(server, owner);
    Visitors {
        guest: server.guest(),
        shopper: server.person("eve@example.com").await.shop(owner).await,
        elsewhere: key(&["--only-store", "other"]),
        reader: key(&["--role", "read_only"]),
        staff: key(&["--role", "staff"]),
        scoped,
        every_scope,
    }
}

/// Operations with method and path, as the document has them.
async fn operations(owner: &Shop) -> Vec<(String, Method, String, Value)> {
    let document = owner.guest().get("//openapi.json").send().await.expect(200);
    let mut operations: Vec<(String, Method, String, Value)> = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let name = operation["operationId"].as_str().expect("a name").to_owned();
            let method: Method = method.to_uppercase().parse().expect("a method");
            operations.push((name, method, path.clone(), operation.clone()));
        }
    }
    // What ends the shopper's session comes last.
    operations.sort_by_key(|(name, ..)| {
        ["change_password", "delete_account", "log_out"].iter().position(|last| last == name).map_or(0, |at| at + 1)
    });
    operations
}

#[tokio::test]
async fn every_operation_is_open_to_those_who_may_and_to_nobody_else() {
    let server = Server::start();
    let owner = server.shop();
    owner.put_goods(&[("PEN", 500, 10_000)]).await;
    let other = json!({"handle": "other", "name": "Other", "currency": "EUR"});
    owner.post("/admin/stores", &other).send().await.expect(200);
    let visitors = visitors(&server, &owner).await;
    let operations = operations(&owner).await;
    let allowed = expectations();
    let (known, told): (BTreeSet<&str>, BTreeSet<&str>) =
        (operations.iter().map(|(name, ..)| name.as_str()).collect(), allowed.keys().copied().collect());
    assert_eq!(known, told, "each operation stands in access_expected.txt, and no other");
    let again = server.person("mallory@example.com").await.shop(&owner).await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (name, method, path, operation) in &operations {
        let access = allowed[name.as_str()];
        for who in VISITORS {
            let path = with_ids(&owner, path).await;
            let body = operation.get("requestBody").map(|_| body(name));
            let status = match who == "other shopper" && name == "log_out" {
                true => Some(again.ask(method.clone(), &path).send().await.status),
                false => visitors.ask(who, access, method, &path, body.as_ref()).await,
            };
            let Some(status) = status else { continue };
            tried += 1;
            let right = match expected(access, name, who) {
                Expected::OneOf(allowed) => allowed.contains(&status),
                Expected::NoneOf(forbidden) => !forbidden.contains(&status),
            };
            if !right {
                wrong.push(format!("{method} {path} ({name}) as {who}: {status}; {access:?}"));
            }
        }
        let shown = &operation["x-access"];
        let said =
            (shown["who"].as_str().unwrap_or_default(), shown["role"].as_str().unwrap_or("-"), shown["scope"].as_str());
        if said != (access.who, access.role, access.scope) {
            wrong.push(format!("{name}: the document says {shown}, expected {access:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 700, "only {tried} were tried");
    server.settle_and_verify().await;
}

/// The path with a guest's cart, its line and an order of somebody else.
async fn with_ids(owner: &Shop, path: &str) -> String {
    let bare = path.strip_prefix("/api/v1").map_or_else(|| format!("/{path}"), str::to_owned);
    if !bare.contains('{') {
        return bare;
    }
    let guest = owner.guest();
    let (cart, filled) = guest.fill(&[("PEN", 1)]).await;
    let bare =
        bare.replace("{cart_id}", &cart.id).replace("{line_id}", filled["lines"][0]["id"].as_str().expect("an id"));
    let bare = match bare.contains("{order_id}") {
        true => bare.replace("{order_id}", &order(&guest, &cart).await),
        false => bare,
    };
    // What would change the goods or remove them is tried on some that are not there.
    let (sku, handle) = match bare.starts_with("/admin/variants/") || bare.starts_with("/admin/products/") {
        true => ("NONE", "none"),
        false => ("PEN", "pen"),
    };
    let bare = bare.replace("{sku}", sku).replace("{handle}", handle).replace("{code}", "X").replace("{customer}", "c");
    let bare = bare.replace("{store}", "default");
    let mut parts: Vec<String> = bare.split('/').map(str::to_owned).collect();
    for part in parts.iter_mut().filter(|part| part.starts_with('{')) {
        *part = "00000000-0000-7000-8000-000000000000".to_owned();
    }
    parts.join("/")
}

async fn order(guest: &Shop, cart: &CartKey) -> String {
    let order = guest.checkout(cart, "k", "ok").send().await.expect(201);
    order["id"].as_str().expect("an id").to_owned()
}
