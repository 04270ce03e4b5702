//! Mails as files in a folder, for development and for shops that hand them on by themselves.

use async_trait::async_trait;
use cartwright_domain::email::EmailAddress;
use cartwright_domain::mail::{Mail, MailOutcome};
use cartwright_engine::Mailer;
use cartwright_engine::letters::Letter;
use std::path::PathBuf;

/// Writes each mail into a file of its own, named by the mail's id.
#[derive(Debug)]
pub struct FileMailer {
    folder: PathBuf,
}

impl FileMailer {
    /// Into this folder; it is made when missing.
    pub fn new(folder: PathBuf) -> FileMailer {
        FileMailer { folder }
    }
}

#[async_trait]
impl Mailer for FileMailer {
    async fn send(&self, to: &EmailAddress, mail: &Mail, letter: &Letter) -> MailOutcome {
        let click = letter.unsubscribe.as_ref().map(|url| format!("List-Unsubscribe: <{url}>\n")).unwrap_or_default();
        let text = format!("To: {}\nSubject: {}\n{click}\n{}\n", to.typed(), letter.subject, letter.text);
        let (written, place) =
            (self.folder.join(format!(".{}", mail.id)), self.folder.join(format!("{}.txt", mail.id)));
        // A file has its name once it is whole.
        let done = std::fs::create_dir_all(&self.folder)
            .and_then(|()| std::fs::write(&written, text))
            .and_then(|()| std::fs::rename(&written, &place));
        match done {
            Ok(()) => MailOutcome::Sent,
            Err(error) => {
                tracing::warn!(%error, "a mail could not be written");
                MailOutcome::NotSent
            }
        }
    }
}
