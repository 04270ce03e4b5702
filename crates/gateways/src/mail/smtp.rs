//! An SMTP server.

use super::unsubscribe::{ListUnsubscribe, OneClick};
use async_trait::async_trait;
use cartwright_domain::email::EmailAddress;
use cartwright_domain::mail::{Mail, MailOutcome};
use cartwright_engine::Mailer;
use cartwright_engine::letters::Letter;
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::time::Duration;

/// How long the server may take for one step.
const STEP: Duration = Duration::from_secs(15);

/// Sends through an SMTP server.
#[derive(Debug)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    /// A server by `smtp://` or `smtps://` address, and whom mails are from (`Shop <shop@example.com>`).
    ///
    /// # Errors
    /// In words, without the address, which may hold a password.
    pub fn new(url: &str, from: &str) -> Result<SmtpMailer, String> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_| "expected smtp://USER:PASSWORD@HOST:PORT or smtps://…".to_owned())?;
        let from: Mailbox = from.parse().map_err(|error| format!("the sender of mails: {error}"))?;
        EmailAddress::parse(from.email.as_ref()).map_err(|error| format!("the sender of mails {error}"))?;
        Ok(SmtpMailer { transport: transport.timeout(Some(STEP)).build(), from })
    }

    fn message(&self, to: &EmailAddress, mail: &Mail, letter: &Letter) -> Option<Message> {
        let to = recipient(to)?;
        let id = format!("<{}@cartwright>", mail.id);
        let mut message =
            Message::builder().from(self.from.clone()).to(to).subject(&letter.subject).message_id(Some(id));
        if let Some(url) = letter.unsubscribe.clone() {
            message = message.header(ListUnsubscribe(url)).header(OneClick);
        }
        message.multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone())).ok()
    }
}

/// The one mailbox of an address.
fn recipient(to: &EmailAddress) -> Option<Mailbox> {
    let (local, domain) = to.mailbox();
    Address::new(local, domain).ok().map(|address| Mailbox::new(None, address))
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, to: &EmailAddress, mail: &Mail, letter: &Letter) -> MailOutcome {
        // An address that no mail can be written to will not become one.
        let Some(message) = self.message(to, mail, letter) else { return MailOutcome::Refused };
        // Whoever cannot be reached has taken nothing; after this, only an answer tells.
        if !self.transport.test_connection().await.unwrap_or(false) {
            return MailOutcome::NotSent;
        }
        match self.transport.send(message).await {
            Ok(_) => MailOutcome::Sent,
            Err(error) if error.is_permanent() => MailOutcome::Refused,
            // The server takes no names in other letters than ASCII's (SMTPUTF8): nothing was handed over.
            Err(error) if error.is_client() => MailOutcome::Refused,
            Err(error) if error.is_transient() => MailOutcome::NotSent,
            Err(_) => MailOutcome::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cartwright_domain::id::{MailId, Timestamp};
    use cartwright_domain::mail::{MailKind, MailState};
    use proptest::prelude::*;

    /// To whom a mail would go: what is said to the server.
    fn goes_to(address: &EmailAddress) -> Vec<String> {
        let mailer = SmtpMailer::new("smtp://127.0.0.1:9", "Shop <shop@example.com>").expect("a mailer");
        let mail = Mail {
            id: MailId::default(),
            recipient: address.typed().to_owned(),
            kind: MailKind::NoAccount,
            locale: None,
            data: serde_json::json!({}),
            state: MailState::Sending,
            tries: 1,
            due_at: None,
            created_at: Timestamp(0),
        };
        let text = "A word.".to_owned();
        let letter = Letter {
            subject: text.clone(),
            text: text.clone(),
            html: text,
            unsubscribe: None,
            language: "en".to_owned(),
            own: false,
        };
        let message = mailer.message(address, &mail, &letter).expect("a message");
        message.envelope().to().iter().map(ToString::to_string).collect()
    }

    proptest! {
        #[test]
        fn whatever_is_an_address_is_one_recipient_and_that_one(
            text in "[ -~\u{a0}-\u{24f}\u{300}-\u{36f}\u{2000}-\u{2070}\u{ff00}-\u{ff5e}]{0,8}[a-zA-Z0-9.+'\u{e0}-\u{ff}]{1,20}@[a-zA-Z0-9.\u{e0}-\u{ff}\u{4e00}-\u{4eff}-]{1,16}(\\.[a-z\u{e0}-\u{ff}]{1,6})?[ -~\u{200b}-\u{200f}]{0,2}"
        ) {
            if let Ok(address) = EmailAddress::parse(&text) {
                let found = goes_to(&address);
                prop_assert_eq!(found.len(), 1);
                let again = EmailAddress::parse(&found[0]).map_err(|error| TestCaseError::fail(error.to_string()))?;
                prop_assert_eq!(again.plain(), address.plain());
            }
        }
    }

    #[test]
    fn the_sender_is_one_address_too() {
        assert!(SmtpMailer::new("smtp://127.0.0.1:9", "Shop <shop@example.com>").is_ok());
        for wrong in ["shop", "Shop <shop@[127.0.0.1]>", "a@example.com, b@example.com", "Shop <sh%op@example.com>"] {
            assert!(SmtpMailer::new("smtp://127.0.0.1:9", wrong).is_err(), "{wrong}");
        }
    }
}
