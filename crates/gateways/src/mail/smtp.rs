//! An SMTP server.

use super::unsubscribe::{ListUnsubscribe, OneClick};
use async_trait::async_trait;
use cartwright_domain::mail::{Mail, MailOutcome};
use cartwright_engine::Mailer;
use cartwright_engine::letters::Letter;
use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
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
        let from = from.parse().map_err(|error| format!("the sender of mails: {error}"))?;
        Ok(SmtpMailer { transport: transport.timeout(Some(STEP)).build(), from })
    }

    fn message(&self, mail: &Mail, letter: &Letter) -> Option<Message> {
        let to: Mailbox = mail.recipient.parse().ok()?;
        let id = format!("<{}@cartwright>", mail.id);
        let mut message =
            Message::builder().from(self.from.clone()).to(to).subject(&letter.subject).message_id(Some(id));
        if let Some(url) = letter.unsubscribe.clone() {
            message = message.header(ListUnsubscribe(url)).header(OneClick);
        }
        message.multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone())).ok()
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail, letter: &Letter) -> MailOutcome {
        // An address that no mail can be written to will not become one.
        let Some(message) = self.message(mail, letter) else { return MailOutcome::Refused };
        // Whoever cannot be reached has taken nothing; after this, only an answer tells.
        if !self.transport.test_connection().await.unwrap_or(false) {
            return MailOutcome::NotSent;
        }
        match self.transport.send(message).await {
            Ok(_) => MailOutcome::Sent,
            Err(error) if error.is_permanent() => MailOutcome::Refused,
            Err(error) if error.is_transient() => MailOutcome::NotSent,
            Err(_) => MailOutcome::Unknown,
        }
    }
}
