//! How the server sends mails.

use crate::config::{ConfigFile, UsageError};
use cartwright_engine::Mailer;
use cartwright_gateways::{FileMailer, SmtpMailer};
use std::path::PathBuf;
use std::sync::Arc;

/// How to send mails.
#[derive(clap::Args)]
pub struct MailArgs {
    /// Mail server: `smtp://USER:PASSWORD@HOST:PORT`, `smtps://…` [default: none; mails wait].
    #[arg(long, env = "CARTWRIGHT_SMTP_URL", hide_env_values = true)]
    smtp_url: Option<String>,
    /// Whom mails are from, e.g. `Shop <shop@example.com>`; needed with a mail server.
    #[arg(long, env = "CARTWRIGHT_MAIL_FROM")]
    mail_from: Option<String>,
    /// Folder into which mails are written as files where there is no mail server.
    #[arg(long, env = "CARTWRIGHT_MAIL_DIR")]
    mail_dir: Option<PathBuf>,
}

impl MailArgs {
    /// What sends mails, if anything is configured.
    pub fn mailer(&self, file: &ConfigFile) -> anyhow::Result<Option<Arc<dyn Mailer>>> {
        if let Some(url) = self.smtp_url.as_ref().or(file.smtp_url.as_ref()) {
            let from = self.mail_from.as_ref().or(file.mail_from.as_ref());
            let from = from.ok_or_else(|| UsageError("a mail server needs --mail-from".to_owned()))?;
            let mailer = SmtpMailer::new(url, from).map_err(|reason| UsageError(format!("mail: {reason}")))?;
            return Ok(Some(Arc::new(mailer)));
        }
        let folder = self.mail_dir.as_ref().or(file.mail_dir.as_ref());
        Ok(folder.map(|folder| Arc::new(FileMailer::new(folder.clone())) as Arc<dyn Mailer>))
    }
}
