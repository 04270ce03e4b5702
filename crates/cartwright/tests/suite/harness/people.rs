//! People with accounts.

use super::{Answer, Server, Shop, eventually};
use serde_json::{Value, json};
use std::time::Duration;

const PASSWORD: &str = "correct horse battery";

/// Somebody with an account.
pub(crate) struct Person {
    pub email: String,
    pub password: String,
}

impl Server {
    /// The secret in the newest mail to an address, once there are so many mails.
    pub(crate) async fn mailed_secret(&self, email: &str, mails: usize) -> String {
        let mail = eventually("a mail", Duration::from_secs(20), async || {
            let all = self.mails_to(email);
            (all.len() >= mails).then(|| all.last().cloned()).flatten()
        })
        .await;
        let secret = mail.lines().find(|line| line.len() == 64 && line.bytes().all(|byte| byte.is_ascii_hexdigit()));
        secret.unwrap_or_else(|| panic!("no secret in {mail}")).to_owned()
    }

    /// Somebody who has registered and confirmed the address.
    pub(crate) async fn person(&self, email: &str) -> Person {
        let guest = self.guest();
        guest.post("/account", &json!({"email": email, "name": "Ada"})).send().await.expect(204);
        let token = self.mailed_secret(email, 1).await;
        let confirmed = json!({"token": token, "password": PASSWORD});
        guest.post("/account/verify", &confirmed).send().await.expect(200);
        Person { email: email.to_owned(), password: PASSWORD.to_owned() }
    }
}

impl Person {
    /// Logs in for a browser or a program.
    pub(crate) async fn log_in(&self, shop: &Shop, kind: &str) -> Answer {
        let body = json!({"email": self.email, "password": self.password, "kind": kind});
        shop.guest().post("/account/session", &body).send().await
    }

    /// HTTP as this person, by a program's session.
    pub(crate) async fn shop(&self, shop: &Shop) -> Shop {
        let session: Value = self.log_in(shop, "program").await.expect(201);
        shop.with_key(session["token"].as_str().expect("a token"))
    }
}
