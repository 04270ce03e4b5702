//! Attacks of people who look like shoppers: heavy carts, answers nobody reads, goods held for nothing, mails to others.

use super::Seen;
use super::scene::{OwnCart, Scene};
use serde_json::{Value, json};
use std::time::Duration;

/// How long mails that are due are waited for: the first reminder comes after a minute.
const REMINDED: Duration = Duration::from_secs(80);

fn checkout(total: &Value, method: &str) -> Value {
    json!({"expected_total": total, "payment": {"gateway": "test", "method": method}})
}

/// A line with so many options of 2,000 bytes.
pub(super) fn heavy_line(number: usize, options: usize) -> Value {
    let value = |option: usize| (format!("engraving {option}"), format!("{number} {}", "\u{1d54f}".repeat(490)));
    let options: std::collections::BTreeMap<String, String> = (0..options).map(value).collect();
    json!({"sku": "MUG", "quantity": 1, "options": options})
}

/// The heaviest cart that a shopper can make, up to 10 MB.
pub(super) async fn heavy_cart(scene: &Scene, address: &str) -> OwnCart {
    scene.stock("MUG", 1_000_000).await;
    let cart = scene.cart(address, &json!({})).await;
    let path = format!("/carts/{}/lines", cart.id);
    for (options, lines) in [(20, 250), (1, 250)] {
        for number in 0..lines {
            if cart.shopper.post(&path, &heavy_line(number, options)).await.status >= 300 {
                break;
            }
        }
    }
    cart
}

/// How heavy a cart becomes.
pub(super) async fn heavy(scene: &Scene) -> Seen {
    let cart = heavy_cart(scene, "203.0.113.7").await;
    let bytes = cart.shopper.get(&format!("/carts/{}", cart.id)).await.body.len();
    Seen::new(bytes < 1_000_000, format!("an answer of {} KB", bytes / 1_000))
}

/// Ten connections that ask for a heavy cart again and again and never read.
pub(super) async fn deaf(scene: &Scene) -> Seen {
    let cart = heavy_cart(scene, "203.0.113.7").await;
    scene.server.forget_peak();
    let before = scene.server.peak_memory_bytes().unwrap_or_default();
    let mut open = Vec::new();
    for _ in 0..10 {
        open.push(cart.shopper.send("GET", &format!("/carts/{}", cart.id), None).await);
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    let grown = scene.server.peak_memory_bytes().unwrap_or_default().saturating_sub(before) / 1_000_000;
    Seen::new(grown < 60, format!("{grown} MB held"))
}

/// All units of a product held by a checkout that nobody pays, and what another shopper can still buy.
pub(super) async fn held(scene: &Scene) -> Seen {
    scene.stock("MUG", 988).await;
    let cart = scene.cart("203.0.113.7", &json!({"lines": [{"sku": "MUG", "quantity": 988}]})).await;
    let take = async |cart: &OwnCart, method: &str, key: &str| {
        let read = cart.shopper.get(&format!("/carts/{}", cart.id)).await.json();
        let body = checkout(&read["totals"]["total"]["amount"], method);
        cart.shopper.with("Idempotency-Key", key).post(&format!("/carts/{}/checkout", cart.id), &body).await
    };
    let email = json!({"email": "eve@example.com"});
    cart.shopper.patch(&format!("/carts/{}", cart.id), &email).await;
    let first = take(&cart, "requires_action", "hold").await;
    let honest = scene.cart("198.51.100.9", &json!({"email": "ada@example.com"})).await;
    honest.shopper.post(&format!("/carts/{}/lines", honest.id), &json!({"sku": "MUG", "quantity": 1})).await;
    let second = take(&honest, "ok", "buy").await;
    let words = format!("988 units: {}; another shopper's one: {}", first.in_words(), second.in_words());
    Seen::new(second.status == 201, words)
}

/// An address within another text.
pub(super) async fn address(scene: &Scene) -> Seen {
    let mut taken = Vec::new();
    let odd =
        ["x1<victim@example.com>", "a@b.example,victim@example.com", "\"x\" <victim@example.com>", "a@b@c.example"];
    for email in odd {
        if scene.anyone.from("203.0.113.7").post("/carts", &json!({"email": email})).await.status < 300 {
            taken.push(email);
        }
    }
    Seen::new(
        taken.is_empty(),
        if taken.is_empty() { "refused".to_owned() } else { format!("takes {}", taken.join("  ")) },
    )
}

/// Twelve carts with one person's address and somebody else's consent.
pub(super) async fn reminders(scene: &Scene) -> Seen {
    scene.stock("MUG", 1_000).await;
    let recovery = json!({"enabled": true, "stage_minutes": [1, 60, 1440]});
    scene.settings(json!({"storefront_url": "https://shop.example", "recovery": recovery})).await;
    for number in 0..12 {
        let body = json!({"email": "victim@example.com", "lines": [{"sku": "MUG", "quantity": 1}]});
        let cart = scene.cart(&format!("203.0.113.{number}"), &body).await;
        cart.shopper.patch(&format!("/carts/{}", cart.id), &json!({"email_consent": true})).await;
    }
    tokio::time::sleep(REMINDED).await;
    let mails = scene.mails().iter().filter(|mail| mail.starts_with("To: victim@example.com")).count();
    Seen::new(mails <= 1, format!("{mails} mails"))
}

/// Whether the price tells that an address has bought here before.
pub(super) async fn oracle(scene: &Scene) -> Seen {
    scene.stock("MUG", 1_000).await;
    let definition = json!({
        "name": "Welcome", "conditions": {"first_order": true},
        "benefit": {"kind": "percentage", "percent": "10"},
    });
    let made = scene.owner.post("/admin/promotions", &json!({"definition": definition})).await;
    let total = async |email: &str| {
        let body = json!({"email": email, "lines": [{"sku": "MUG", "quantity": 2}]});
        let cart = scene.cart("203.0.113.7", &body).await;
        let read = cart.shopper.get(&format!("/carts/{}", cart.id)).await.json();
        (cart, read["totals"]["total"]["amount"].clone())
    };
    let (cart, asked) = total("ada@example.com").await;
    let bought = cart
        .shopper
        .with("Idempotency-Key", "first")
        .post(&format!("/carts/{}/checkout", cart.id), &checkout(&asked, "ok"))
        .await;
    let (_, known) = total("ada@example.com").await;
    let (_, unknown) = total("new@example.com").await;
    let held = made.status < 300 && bought.status == 201 && known == unknown;
    Seen::new(held, format!("known {known}, unknown {unknown} ({}, {})", made.in_words(), bought.in_words()))
}
