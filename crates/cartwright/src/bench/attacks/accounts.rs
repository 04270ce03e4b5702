//! Attacks on accounts: locking people out, guessing from many addresses, registering for somebody else.

use super::Seen;
use super::scene::Scene;
use serde_json::{Value, json};
use std::time::Instant;

const ADA: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";
/// The owner of the account.
const HOME: &str = "198.51.100.9";
/// The attacker.
const STRANGER: &str = "203.0.113.7";

fn login(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password, "kind": "program"})
}

/// Registers and confirms.
async fn register(scene: &Scene, email: &str, name: &str) {
    let home = scene.anyone.from(HOME);
    home.post("/account", &json!({"email": email, "name": name})).await;
    let Some(token) = scene.mailed_secrets(email, 1).await.pop() else { return };
    home.post("/account/verify", &json!({"token": token, "password": PASSWORD})).await;
}

/// Thirty wrong passwords of strangers, then the right one of its owner.
pub(super) async fn lockout(scene: &Scene) -> Seen {
    register(scene, ADA, "Ada").await;
    let first = scene.anyone.from(HOME).post("/account/session", &login(ADA, PASSWORD)).await;
    for guess in 0..30 {
        scene.anyone.from(STRANGER).post("/account/session", &login(ADA, &format!("wrong guess {guess}"))).await;
    }
    let owner = scene.anyone.from(HOME).post("/account/session", &login(ADA, PASSWORD)).await;
    let forgot = scene.anyone.from(HOME).post("/account/password/forgot", &json!({"email": ADA})).await;
    let held = first.status == 201 && owner.status == 201 && forgot.status < 300;
    Seen::new(held, format!("owner: {}, forgot: {}", owner.in_words(), forgot.in_words()))
}

/// Codes tried with a wrong token use up the owner's tries.
pub(super) async fn codes_spent(scene: &Scene) -> Seen {
    let cart = scene.cart(HOME, &json!({})).await;
    let path = format!("/carts/{}/coupons", cart.id);
    let stranger = scene.anyone.from(STRANGER).with("Cart-Token", "ct_0000");
    for guess in 0..30 {
        stranger.post(&path, &json!({"code": format!("GUESS{guess}")})).await;
    }
    let owner = cart.shopper.post(&path, &json!({"code": "NONE"})).await;
    Seen::new(owner.status != 429, format!("owner: {}", owner.in_words()))
}

/// Logins from 200 addresses of one IPv6 network.
pub(super) async fn network(scene: &Scene) -> Seen {
    let mut admitted = 0;
    for number in 1..=200 {
        let caller = scene.anyone.from(&format!("2001:db8::{number:x}"));
        let reply =
            caller.post("/account/password/forgot", &json!({"email": format!("nobody{number}@example.com")})).await;
        admitted += u32::from(reply.status < 300);
    }
    Seen::new(admitted < 100, format!("{admitted} of 200 admitted"))
}

/// Three hundred logins at once, from as many networks.
pub(super) async fn hashing(scene: &Scene) -> Seen {
    let began = Instant::now();
    let tries = (0..300_u32).map(|number| {
        let caller = scene.anyone.from(&format!("203.0.{}.{}", number / 200, number % 200 + 1));
        tokio::spawn(async move {
            caller.post("/account/session", &login(&format!("n{number}@example.com"), "wrong password")).await.status
        })
    });
    let mut busy = 0;
    for tried in tries.collect::<Vec<_>>() {
        busy += u32::from(tried.await.is_ok_and(|status| status == 503));
    }
    let seconds = began.elapsed().as_secs_f64();
    Seen::new(busy > 0, format!("{busy} told to come back, last answer after {seconds:.1} s"))
}

/// Mallory registers with Ada's address; Ada registers and confirms.
pub(super) async fn mallory(scene: &Scene) -> Seen {
    let (stranger, home) = (scene.anyone.from(STRANGER), scene.anyone.from(HOME));
    stranger.post("/account", &json!({"email": ADA, "name": "Mallory"})).await;
    scene.mailed_secrets(ADA, 1).await;
    home.post("/account", &json!({"email": ADA, "name": "Ada"})).await;
    let secrets = scene.mailed_secrets(ADA, 2).await;
    for token in &secrets {
        home.post("/account/verify", &json!({"token": token, "password": PASSWORD})).await;
    }
    let session = home.post("/account/session", &login(ADA, PASSWORD)).await;
    let name = session.text("/account/name");
    Seen::new(name != "Mallory" && session.status == 201, format!("the account's name: {name:?}"))
}

/// Somebody deletes an account with a session alone.
pub(super) async fn deletion(scene: &Scene) -> Seen {
    register(scene, ADA, "Ada").await;
    let session = scene.anyone.from(HOME).post("/account/session", &login(ADA, PASSWORD)).await;
    let thief = scene.anyone.from(STRANGER).key(&session.text("/token"));
    let reply = thief.ask("DELETE", "/account", Some(&json!({"password": "a guess"}))).await;
    Seen::new(reply.status >= 400, reply.in_words())
}

/// A password that everybody has.
pub(super) async fn password(scene: &Scene) -> Seen {
    let home = scene.anyone.from(HOME);
    home.post("/account", &json!({"email": ADA})).await;
    let Some(token) = scene.mailed_secrets(ADA, 1).await.pop() else { return Seen::new(false, "no mail".to_owned()) };
    let reply = home.post("/account/verify", &json!({"token": token, "password": "password123"})).await;
    Seen::new(reply.status >= 400, reply.in_words())
}

/// A neighbour of the shop's domain sets its cookies, or takes them.
pub(super) async fn cookies(scene: &Scene) -> Seen {
    register(scene, ADA, "Ada").await;
    let browser = json!({"email": ADA, "password": PASSWORD, "kind": "browser"});
    let reply = scene.anyone.from(HOME).post("/account/session", &browser).await;
    let set: Vec<&str> = reply.head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")).collect();
    let bound = |cookie: &&&str| cookie.starts_with("__host-");
    let held = !set.is_empty() && set.iter().filter(bound).count() == set.len();
    Seen::new(
        held,
        format!(
            "{}, {} of {} cookies bound to the host",
            reply.in_words(),
            set.iter().filter(bound).count(),
            set.len()
        ),
    )
}
