//! An SMTP server. Passwords never travel in the clear unless the address says so: see `docs/accounts.md`, "Mail".

use super::unsubscribe::{ListUnsubscribe, OneClick};
use async_trait::async_trait;
use cartwright_domain::mail::{Mail, MailOutcome};
use cartwright_engine::Mailer;
use cartwright_engine::letters::Letter;
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
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
        let mut parameters = TlsParameters::builder(host.to_owned());
        for certificate in ca {
            parameters = parameters.add_root_certificate(certificate.clone());
        }
        if self == Protection::WhereOffered {
            // Who can put himself between could take the offer away as well: a certificate to check would only lose mails.
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
        let from = from.parse().map_err(|error| format!("the sender of mails: {error}"))?;
        Ok(SmtpMailer { transport: transport.port(port).tls(tls).timeout(Some(STEP)).build(), from })
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

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail, letter: &Letter) -> MailOutcome {
        // An address that no mail can be written to will not become one.
        let Some(message) = self.message(mail, letter) else { return MailOutcome::Refused };
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
            Err(error) if error.is_transient() => MailOutcome::NotSent,
            Err(_) => MailOutcome::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
