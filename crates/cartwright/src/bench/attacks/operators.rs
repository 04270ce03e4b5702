//! Attacks on what belongs to operators: templates, keys, hosts, files, addresses that all can see.

use super::Seen;
use super::scene::Scene;
use serde_json::json;
use std::time::Instant;

/// A template that doubles a text at each of its levels.
pub(super) fn doubling(levels: usize) -> String {
    let mut inner = String::from("{{ v0 | length }}{{ link }}");
    for level in 0..levels {
        inner = format!("{{% for v{level} in [v{next} ~ v{next}] %}}{inner}{{% endfor %}}", next = level + 1);
    }
    format!("{{% for v{levels} in ['{}'] %}}{inner}{{% endfor %}}", "x".repeat(250))
}

/// A preview of a template that doubles a text 22 times.
pub(super) async fn template(scene: &Scene) -> Seen {
    let before = scene.server.peak_memory_bytes().unwrap_or_default();
    let began = Instant::now();
    let body = json!({"subject": "x", "text": doubling(22)});
    let reply = scene.owner.post("/admin/mail-templates/cart_reminder_1/fr/preview", &body).await;
    let milliseconds = began.elapsed().as_millis();
    let grown = scene.server.peak_memory_bytes().unwrap_or_default().saturating_sub(before) / 1_000_000;
    Seen::new(grown < 50 && milliseconds < 1_000, format!("{}, {milliseconds} ms, {grown} MB", reply.in_words()))
}

/// A key that opens all stores is listed and withdrawn.
pub(super) async fn key(scene: &Scene) -> Seen {
    let Ok(secret) = scene.database.key("lost", &[]) else { return Seen::new(false, "no key".to_owned()) };
    let lost = scene.anyone.key(&secret);
    let listed = scene.owner.get("/admin/keys").await.json();
    let keys = listed["keys"].as_array().cloned().unwrap_or_default();
    let Some(found) = keys.iter().find(|key| key["name"] == "lost") else {
        return Seen::new(false, "not in the list".to_owned());
    };
    let id = found["id"].as_str().unwrap_or_default();
    let withdrawn = scene.owner.ask("DELETE", &format!("/admin/keys/{id}"), None).await.status;
    let after = lost.get("/admin/orders").await.status;
    Seen::new(after == 401, format!("listed, withdrawn: {withdrawn}; then {after}"))
}

/// The owner of one store takes the address of another.
pub(super) async fn host(scene: &Scene) -> Seen {
    let store =
        |handle: &str, host: &str| json!({"handle": handle, "name": handle, "currency": "EUR", "hosts": [host]});
    scene.owner.post("/admin/stores", &store("main", "main.example")).await;
    scene.owner.post("/admin/stores", &store("second", "second.example")).await;
    let Ok(secret) = scene.database.key("second", &["--only-store", "second"]) else {
        return Seen::new(false, "no key".to_owned());
    };
    let second = scene.anyone.key(&secret).with("Cartwright-Store", "second");
    let mut taken = Vec::new();
    for host in ["unlisted.example", "main.example:443", "MAIN.example."] {
        if second.post("/admin/stores", &store("second", host)).await.status < 300 {
            taken.push(host);
        }
    }
    Seen::new(
        taken.is_empty(),
        if taken.is_empty() { "refused".to_owned() } else { format!("takes {}", taken.join(", ")) },
    )
}

/// What other users of the machine can read.
pub(super) async fn files(scene: &Scene) -> Seen {
    scene.anyone.post("/account", &json!({"email": "ada@example.com"})).await;
    scene.mailed_secrets("ada@example.com", 1).await;
    let files = scene.files();
    let open = files.iter().filter(|(_, mode)| mode & 0o077 != 0).count();
    Seen::new(open == 0, format!("{open} of {} files open to others", files.len()))
}

/// A webhook's signing secret in the database.
pub(super) async fn secrets(scene: &Scene) -> Seen {
    let body = json!({"url": "https://hooks.example.com/x"});
    let made = scene.owner.post("/admin/webhooks", &body).await;
    let secret = made.text("/secret");
    let inside = secret.trim_start_matches("whsec_");
    let clear = !inside.is_empty() && scene.database_has(inside);
    Seen::new(
        !inside.is_empty() && !clear,
        if inside.is_empty() {
            made.in_words()
        } else if clear {
            "in the clear".to_owned()
        } else {
            "sealed".to_owned()
        },
    )
}

/// Headers that tell browsers and caches what they may not do.
pub(super) async fn headers(scene: &Scene) -> Seen {
    let cart = scene.cart("198.51.100.1", &json!({})).await;
    let reply = cart.shopper.get(&format!("/carts/{}", cart.id)).await;
    let wanted = ["no-store", "nosniff", "frame-ancestors", "referrer-policy"];
    let missing: Vec<&str> = wanted.into_iter().filter(|header| !reply.head.contains(header)).collect();
    let words = if missing.is_empty() { "all there".to_owned() } else { format!("without {}", missing.join(", ")) };
    Seen::new(missing.is_empty(), words)
}

/// What a problem repeats of a long value.
pub(super) async fn echo(scene: &Scene) -> Seen {
    let long = "x".repeat(5_000);
    let refused = scene.anyone.post("/carts", &json!({&long: 1})).await;
    let path = scene.anyone.get(&format!("/products/{long}")).await;
    let most = refused.body.len().max(path.body.len());
    Seen::new(most < 1_000, format!("{most} bytes"))
}
