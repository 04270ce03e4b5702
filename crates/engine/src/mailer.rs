//! Sending mails: those that are due are claimed by a command, handed to the mail server outside any transaction, and settled by
//! a command. A mail that was claimed is never claimed again unless it surely was not sent, so none goes out twice.

use crate::engine::Engine;
use crate::failure::Failure;
use crate::letters::{self, Letter, TemplateError};
use async_trait::async_trait;
use cartwright_domain::command::{Command, MailCommand, Reply};
use cartwright_domain::email::EmailAddress;
use cartwright_domain::mail::{Mail, MailOutcome};
use cartwright_domain::store::StoreConfig;
use std::sync::Arc;
use std::time::Duration;

/// Mails that one run takes up at most.
const MOST: usize = 50;
/// How long a node keeps a store's mails without renewing it. Two nodes at once do no harm: mails are claimed.
const LEASE_MS: i64 = 5_000;
/// How long sending may take before nobody knows what became of it.
const LIMIT: Duration = Duration::from_secs(60);

/// How long writing a letter may take.
const WRITING: Duration = Duration::from_secs(10);

/// What sends mails.
#[async_trait]
pub trait Mailer: std::fmt::Debug + Send + Sync {
    /// Sends a mail that says this, to exactly this address.
    async fn send(&self, to: &EmailAddress, mail: &Mail, letter: &Letter) -> MailOutcome;
}

impl Engine {
    /// Sends what is due, where this node has to; whether there is more.
    pub(crate) async fn send_mails(&self, config: &Arc<StoreConfig>) -> Result<bool, Failure> {
        let (store, now) = (config.store.id, self.now());
        let Some(mailer) = &self.mailer else { return Ok(false) };
        let is_due = !self.reader.due_mails(store, now, 1).await?.is_empty();
        if is_due && self.reader.lease(store, "mails", self.node, now, now.plus_ms(LEASE_MS)).await? {
            return self.send_due(config, mailer.as_ref()).await;
        }
        Ok(false)
    }

    /// Sends what is due by now, one after another; whether there is more.
    ///
    /// # Errors
    /// The storage's failure; what was not reached waits.
    pub async fn send_due(&self, config: &Arc<StoreConfig>, mailer: &dyn Mailer) -> Result<bool, Failure> {
        let due = self.reader().due_mails(config.store.id, self.now(), MOST).await?;
        let full = due.len() == MOST;
        for id in due {
            let Reply::Mail(mail) = self.run(config, Command::Mail(MailCommand::Claim(id))).await? else { continue };
            let outcome = self.send_claimed(config, &mail, mailer).await;
            if outcome != MailOutcome::Sent {
                tracing::warn!(store = config.store.handle, mail = %id, tries = mail.tries, ?outcome, "a mail was not sent");
            }
            let settle = MailCommand::Settle { id, tries: mail.tries, outcome };
            self.run(config, Command::Mail(settle)).await?;
        }
        Ok(full)
    }

    /// Writes the letter of a claimed mail, and hands it over.
    async fn send_claimed(&self, config: &Arc<StoreConfig>, mail: &Mail, mailer: &dyn Mailer) -> MailOutcome {
        let store = &config.store.handle;
        // Rows of old databases may name anything.
        let to = match EmailAddress::parse(&mail.recipient) {
            Ok(to) => to,
            Err(reason) => {
                tracing::error!(store, mail = %mail.id, %reason, "a mail is not sent: its recipient is no e-mail address");
                return MailOutcome::Refused;
            }
        };
        match self.letter(config, mail).await {
            Ok(Ok(letter)) => {
                let sending = tokio::time::timeout(LIMIT, mailer.send(&to, mail, &letter));
                sending.await.unwrap_or(MailOutcome::Unknown)
            }
            Ok(Err(error)) => {
                tracing::error!(store, part = error.part, reason = error.reason, "a mail cannot be written");
                MailOutcome::Refused
            }
            Err(error) => {
                tracing::warn!(store, %error, "what a mail says could not be learned");
                MailOutcome::NotSent
            }
        }
    }

    /// What a mail says, with its link; or why it can never be written.
    async fn letter(&self, config: &Arc<StoreConfig>, mail: &Mail) -> Result<Result<Letter, TemplateError>, Failure> {
        let own = self.reader().mail_templates(config.store.id, mail.kind).await?;
        let (config, mail) = (config.clone(), self.with_link(config, mail).await?);
        // Words of somebody's own may take a while: not on a thread that others wait for.
        in_time(WRITING, move || letters::write(&config, &mail, &own)).await
    }
}

/// Writes a letter, unless that takes too long: then it is tried again, as other mails wait.
async fn in_time(
    limit: Duration,
    write: impl FnOnce() -> Result<Letter, TemplateError> + Send + 'static,
) -> Result<Result<Letter, TemplateError>, Failure> {
    let written = tokio::time::timeout(limit, tokio::task::spawn_blocking(write)).await.map_err(|_| Failure::Busy)?;
    Ok(written.unwrap_or_else(|_| Err(TemplateError { part: "text", reason: "could not be filled".to_owned() })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[tokio::test]
    async fn a_letter_that_is_never_written_keeps_no_other_mail_waiting() {
        let (go, wait) = channel::<()>();
        let endless = move || {
            let _ = wait.recv();
            Err(TemplateError { part: "text", reason: "was given up".to_owned() })
        };
        assert!(in_time(Duration::from_millis(1), endless).await.is_err());
        drop(go);
        let wrong = || Err(TemplateError { part: "html", reason: "is wrong".to_owned() });
        let written = in_time(Duration::from_secs(600), wrong).await.expect("in time");
        assert_eq!(written.expect_err("wrong").part, "html");
    }
}
