//! An SMTP server. Passwords never travel in the clear unless the address says so: see `docs/accounts.md`, "Mail".

use super::unsubscribe::{ListUnsubscribe, OneClick};
use async_trait::async_trait;
use cartwright_domain::email::EmailAddress;
use cartwright_domain::mail::{Mail, MailOutcome};
use cartwright_engine::Mailer;
use cartwright_engine::letters::Letter;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use reqwest::Url;
use std::time::Duration;

/// How long the server may take for one step.
const STEP: Duration = Duration::from_secs(15);

/// Sends through an SMTP server.
#[derive(Debug)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// How the way to the server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    /// TLS from the first byte.
    Wrapped,
    /// STARTTLS, or nothing is sent.
    Required,
    /// STARTTLS where it is offered, by whomever: it keeps out those who only listen.
    WhereOffered,
    None,
}

impl Protection {
    fn of(url: &Url) -> Result<Protection, String> {
        let said: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let said: Vec<(&str, &str)> = said.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        match (url.scheme(), said.as_slice()) {
            ("smtps", [] | [("tls", "required")]) => Ok(Protection::Wrapped),
            ("smtp", []) if url.password().is_some() => Ok(Protection::Required),
            ("smtp", [] | [("tls", "opportunistic")]) => Ok(Protection::WhereOffered),
            ("smtp", [("tls", "required")]) => Ok(Protection::Required),
            ("smtp", [("tls", "none")]) => Ok(Protection::None),
            _ => {
                Err("expected smtp://USER:PASSWORD@HOST:PORT, with ?tls=required, opportunistic or none, or smtps://…"
                    .to_owned())
            }
        }
    }

    fn port(self) -> u16 {
        match self {
            Protection::Wrapped => 465,
            Protection::Required => 587,
            Protection::WhereOffered | Protection::None => 25,
        }
    }

    fn tls(self, host: &str, ca: &[Certificate]) -> Result<Tls, String> {
        if self == Protection::None {
            return Ok(Tls::None);
        }
        let mut parameters = TlsParameters::builder(host.to_owned());
        for certificate in ca {
            parameters = parameters.add_root_certificate(certificate.clone());
        }
        if self == Protection::WhereOffered {
            // Whoever can intercept the connection could take the offer away as well: a certificate to check would only lose mails.
            parameters = parameters.certificate_store(CertificateStore::None);
            parameters = parameters.dangerous_accept_invalid_certs(true).dangerous_accept_invalid_hostnames(true);
        }
        let parameters = parameters.build().map_err(|error| format!("TLS: {error}"))?;
        Ok(match self {
            Protection::Wrapped => Tls::Wrapper(parameters),
            Protection::Required => Tls::Required(parameters),
            Protection::WhereOffered => Tls::Opportunistic(parameters),
            Protection::None => Tls::None,
        })
    }
}

impl SmtpMailer {
    /// A server by `smtp://` or `smtps://` address, and whom mails are from (`Shop <shop@example.com>`). `ca` has certificates
    /// (PEM) that are trusted beside the system's.
    ///
    /// # Errors
    /// In words, without the address, which may hold a password.
    pub fn new(url: &str, from: &str, ca: Option<&[u8]>) -> Result<SmtpMailer, String> {
        let no_address = || "expected smtp://USER:PASSWORD@HOST:PORT or smtps://…".to_owned();
        let mut url = Url::parse(url).map_err(|_| no_address())?;
        let protection = Protection::of(&url)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or_else(no_address)?.to_owned();
        let ca = ca.map(Certificate::from_pem).transpose().map_err(|_| "the certificates are not PEM".to_owned())?;
        let tls = protection.tls(&host, ca.as_slice())?;
        if url.password().is_some() && protection == Protection::None && !is_this_machine(&host) {
            tracing::warn!("the mail server's password and all mails travel unencrypted: the address says tls=none");
        } else if protection == Protection::WhereOffered && !is_this_machine(&host) {
            tracing::warn!(
                "mails, and the links in them, are encrypted only if the mail server offers it: tls=required insists"
            );
        }
        let port = url.port().unwrap_or(protection.port());
        url.set_query(None);
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str()).map_err(|_| no_address())?;
        let from: Mailbox = from.parse().map_err(|error| format!("the sender of mails: {error}"))?;
        EmailAddress::parse(from.email.as_ref()).map_err(|error| format!("the sender of mails {error}"))?;
        Ok(SmtpMailer { transport: transport.port(port).tls(tls).timeout(Some(STEP)).build(), from })
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

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
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
        match self.transport.test_connection().await {
            Ok(true) => {}
            Ok(false) => return MailOutcome::NotSent,
            Err(error) => {
                tracing::warn!(%error, "the mail server cannot be used");
                return MailOutcome::NotSent;
            }
        }
        match self.transport.send(message).await {
            Ok(_) => MailOutcome::Sent,
            Err(error) if error.is_permanent() => MailOutcome::Refused,
            // The server takes no names in other letters than ASCII's (SMTPUTF8): nothing was handed over.
            Err(error) if error.is_client() && !to.mailbox().0.is_ascii() => MailOutcome::Refused,
            // What the server lacks another time it may have, or the next one of the same name: nothing was handed over.
            Err(error) if error.is_client() || error.is_transient() => MailOutcome::NotSent,
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
        let mailer = SmtpMailer::new("smtp://127.0.0.1:9?tls=none", "Shop <shop@example.com>", None).expect("a mailer");
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
        assert!(SmtpMailer::new("smtp://127.0.0.1:9?tls=none", "Shop <shop@example.com>", None).is_ok());
        for wrong in ["shop", "Shop <shop@[127.0.0.1]>", "a@example.com, b@example.com", "Shop <sh%op@example.com>"] {
            assert!(SmtpMailer::new("smtp://127.0.0.1:9?tls=none", wrong, None).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_sent_encrypted_unless_the_address_says_otherwise() {
        for (address, expected) in [
            ("smtp://ada:secret@mail.example:2525", Protection::Required),
            ("smtp://ada:secret@mail.example?tls=opportunistic", Protection::WhereOffered),
            ("smtp://ada:secret@mail.example?tls=none", Protection::None),
            ("smtps://ada:secret@mail.example", Protection::Wrapped),
            ("smtp://mail.example", Protection::WhereOffered),
            ("smtp://mail.example?tls=required", Protection::Required),
        ] {
            let url = Url::parse(address).expect(address);
            assert_eq!(Protection::of(&url), Ok(expected), "{address}");
        }
    }

    #[test]
    fn a_wrong_address_is_refused_and_no_password_is_shown() {
        for wrong in [
            "smtp://ada:secret@mail.example?tls=perhaps",
            "smtp://ada:secret@mail.example?ssl=1",
            "smtps://ada:secret@mail.example?tls=none",
            "http://ada:secret@mail.example",
            "smtp:///x",
            "secret",
        ] {
            let told = SmtpMailer::new(wrong, "shop@example.com", None).expect_err(wrong);
            assert!(told.starts_with("expected smtp://") && !told.contains("secret"), "{wrong}: {told}");
        }
        let mailer = SmtpMailer::new("smtp://ada:secret@mail.example", "shop@example.com", None).expect("a mailer");
        assert!(!format!("{mailer:?}").contains("secret"), "{mailer:?}");
    }
}
