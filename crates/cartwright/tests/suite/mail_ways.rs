//! The way to the mail server: passwords and links travel encrypted, or not at all.

use crate::harness::{Server, Shop, SmtpCatcher, eventually};
use serde_json::json;
use std::time::Duration;

async fn server(url: &str, more: &[&str]) -> (Server, Shop) {
    let arguments = [&["--smtp-url", url, "--mail-from", "Shop <shop@example.com>"], more].concat();
    let server = Server::with(&arguments);
    let shop = server.shop();
    shop.guest().post("/account/password/forgot", &json!({"email": "ada@example.com"})).send().await.expect(204);
    (server, shop)
}

/// Waits until the server has tried to send the mail in vain.
async fn tried_in_vain(server: &Server) {
    eventually("the mail was tried", Duration::from_secs(30), async || {
        server.log().contains("a mail was not sent").then_some(())
    })
    .await;
}

#[tokio::test]
async fn without_starttls_neither_password_nor_mail_is_sent() {
    // The same as where somebody on the way strips the offer.
    let smtp = SmtpCatcher::of_kind("clear");
    let (server, _) = server(&smtp.url_with_password("smtp"), &[]).await;
    tried_in_vain(&server).await;
    assert_eq!(smtp.all(), Vec::<serde_json::Value>::new());
    assert!(!server.log().contains("s3cret"), "{}", server.log());
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_gets_no_password() {
    for (kind, scheme) in [("starttls", "smtp"), ("smtps", "smtps")] {
        let smtp = SmtpCatcher::of_kind(kind);
        let (server, _) = server(&smtp.url_with_password(scheme), &[]).await;
        tried_in_vain(&server).await;
        assert_eq!(smtp.all(), Vec::<serde_json::Value>::new(), "{kind}");
    }
}

#[tokio::test]
async fn with_a_trusted_certificate_password_and_mail_travel_encrypted() {
    let ca = SmtpCatcher::ca();
    for (kind, scheme) in [("starttls", "smtp"), ("smtps", "smtps")] {
        let smtp = SmtpCatcher::of_kind(kind);
        let (_server, _) = server(&smtp.url_with_password(scheme), &["--smtp-ca-file", &ca]).await;
        let mail = smtp.wait_for("ada@example.com", 1).await.remove(0);
        assert_eq!(mail["encrypted"], true, "{kind}: {mail:#}");
        let logins = smtp.to("login");
        assert!(!logins.is_empty() && logins.iter().all(|login| login["encrypted"] == true), "{kind}: {logins:?}");
    }
}

#[tokio::test]
async fn in_the_clear_only_where_the_address_says_so() {
    let smtp = SmtpCatcher::of_kind("clear");
    let url = format!("{}?tls=none", smtp.url_with_password("smtp"));
    let (_server, _) = server(&url, &[]).await;
    let mail = smtp.wait_for("ada@example.com", 1).await.remove(0);
    assert_eq!((&mail["encrypted"], &smtp.to("login")[0]["login"]), (&json!(false), &json!("ada")));
}

#[tokio::test]
async fn without_a_password_a_mail_is_encrypted_where_that_is_offered() {
    let smtp = SmtpCatcher::of_kind("starttls");
    let (_server, _) = server(&smtp.url(), &[]).await;
    let mail = smtp.wait_for("ada@example.com", 1).await.remove(0);
    assert_eq!(mail["encrypted"], true, "{mail:#}");
}
