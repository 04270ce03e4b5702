//! How the server sends mails.

use crate::config::{ConfigFile, UsageError};
use anyhow::Context;
use cartwright_engine::Mailer;
use cartwright_gateways::{FileMailer, SmtpMailer};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How to send mails.
#[derive(clap::Args)]
pub struct MailArgs {
    /// Mail server: `smtp://USER:PASSWORD@HOST:PORT`, `smtps://…` [default: none; mails wait]. With a password nothing is sent
    /// before STARTTLS, unless `?tls=none` is said; without one STARTTLS is used where it is offered, `?tls=required` insists.
    #[arg(long, env = "CARTWRIGHT_SMTP_URL", hide_env_values = true)]
    smtp_url: Option<String>,
    /// Certificates (PEM) that a mail server's is checked against beside the system's.
    #[arg(long, env = "CARTWRIGHT_SMTP_CA_FILE")]
    smtp_ca_file: Option<PathBuf>,
    /// Whom mails are from, e.g. `Shop <shop@example.com>`; needed with a mail server.
    #[arg(long, env = "CARTWRIGHT_MAIL_FROM")]
    mail_from: Option<String>,
    /// Folder into which mails are written as files where there is no mail server.
    #[arg(long, env = "CARTWRIGHT_MAIL_DIR")]
    mail_dir: Option<PathBuf>,
    /// Days after which files of mails are removed [default: 7].
    #[arg(long, env = "CARTWRIGHT_MAIL_DIR_DAYS")]
    mail_dir_days: Option<NonZeroU32>,
    /// Most files of mails; the oldest are removed [default: 10000].
    #[arg(long, env = "CARTWRIGHT_MAIL_DIR_FILES")]
    mail_dir_files: Option<NonZeroUsize>,
}

const DAY: Duration = Duration::from_secs(86_400);

impl MailArgs {
    /// What sends mails, if anything is configured. Within the runtime: files are swept by a task.
    pub fn mailer(&self, file: &ConfigFile) -> anyhow::Result<Option<Arc<dyn Mailer>>> {
        if let Some(url) = self.smtp_url.as_ref().or(file.smtp_url.as_ref()) {
            let from = self.mail_from.as_ref().or(file.mail_from.as_ref());
            let from = from.ok_or_else(|| UsageError("a mail server needs --mail-from".to_owned()))?;
            let ca = self.smtp_ca_file.as_ref().or(file.smtp_ca_file.as_ref());
            let ca = ca.map(|path| std::fs::read(path).with_context(|| format!("cannot read {}", path.display())));
            let mailer = SmtpMailer::new(url, from, ca.transpose()?.as_deref())
                .map_err(|reason| UsageError(format!("mail: {reason}")))?;
            return Ok(Some(Arc::new(mailer)));
        }
        let Some(folder) = self.mail_dir.as_ref().or(file.mail_dir.as_ref()) else { return Ok(None) };
        let days = self.mail_dir_days.or(file.mail_dir_days).map_or(7, NonZeroU32::get);
        let most = self.mail_dir_files.or(file.mail_dir_files).map_or(10_000, NonZeroUsize::get);
        let mailer = Arc::new(FileMailer::new(folder.clone(), DAY * days, most));
        tokio::spawn(FileMailer::sweep_forever(Arc::downgrade(&mailer)));
        Ok(Some(mailer))
    }
}
