//! Mails as files in a folder, for development and for shops that hand them on by themselves. They hold links that open accounts:
//! only who runs the server may read them, and they do not stay.

use async_trait::async_trait;
use cartwright_domain::email::EmailAddress;
use cartwright_domain::mail::{Mail, MailOutcome};
use cartwright_engine::Mailer;
use cartwright_engine::letters::Letter;
use std::fs::{DirBuilder, OpenOptions, Permissions};
use std::io::{Result, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::time::{Duration, SystemTime};

/// How often files that have had their time are looked for.
const PAUSE: Duration = Duration::from_secs(60);

/// Writes each mail into a file of its own, named by the mail's id.
#[derive(Clone, Debug)]
pub struct FileMailer {
    folder: PathBuf,
    keep: Duration,
    most: usize,
}

impl FileMailer {
    /// Into this folder; it is made when missing. Files older than `keep` are swept, and the oldest where there are more than
    /// `most`.
    pub fn new(folder: PathBuf, keep: Duration, most: usize) -> FileMailer {
        FileMailer { folder, keep, most }
    }

    /// Says so in the log where others may read the folder: it is as somebody else made it.
    fn warn_if_open(&self) {
        if is_open(&self.folder) {
            let folder = self.folder.display();
            tracing::warn!(%folder, "others may look into the folder of mails; chmod 700 closes it");
        }
    }

    /// Sweeps until the mailer is gone. To be spawned.
    pub async fn sweep_forever(mailer: Weak<FileMailer>) {
        if let Some(mailer) = mailer.upgrade() {
            mailer.warn_if_open();
        }
        while let Some(strong) = mailer.upgrade() {
            let swept = tokio::task::spawn_blocking(move || strong.sweep(SystemTime::now())).await;
            match swept {
                Ok(Ok(0)) | Err(_) => {}
                Ok(Ok(count)) => tracing::info!(count, "files of mails were swept"),
                Ok(Err(error)) => tracing::warn!(%error, "files of mails could not be swept"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Removes what has had its time, and closes what others could read; how many files are gone.
    fn sweep(&self, now: SystemTime) -> Result<usize> {
        let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
        if !self.folder.exists() {
            return Ok(0);
        }
        for entry in std::fs::read_dir(&self.folder)? {
            let entry = entry?;
            let (path, about) = (entry.path(), entry.metadata()?);
            if about.is_file() && is_ours(&path) {
                if about.permissions().mode() & 0o077 != 0 {
                    std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
                }
                files.push((about.modified()?, path));
            }
        }
        files.sort_unstable();
        let too_many = files.len().saturating_sub(self.most);
        let is_old = |at: SystemTime| now.duration_since(at).is_ok_and(|age| age > self.keep);
        let gone = files.iter().enumerate().filter(|(place, (at, _))| *place < too_many || is_old(*at));
        let mut count = 0;
        for (_, (_, path)) in gone {
            std::fs::remove_file(path)?;
            count += 1;
        }
        Ok(count)
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let written = self.folder.join(format!(".{name}"));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&written)?;
        file.write_all(text.as_bytes())?;
        // A file has its name once it is whole.
        std::fs::rename(&written, self.folder.join(format!("{name}.txt")))
    }
}

/// Whether others than its owner may look into a folder.
fn is_open(folder: &Path) -> bool {
    std::fs::metadata(folder).is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
}

/// Whether a file has the name of a mail: what others put into the folder stays.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let id = name.strip_suffix(".txt").or(name.strip_prefix('.')).unwrap_or_default();
    uuid::Uuid::try_parse(id).is_ok()
}

#[async_trait]
impl Mailer for FileMailer {
    async fn send(&self, to: &EmailAddress, mail: &Mail, letter: &Letter) -> MailOutcome {
        let click = letter.unsubscribe.as_ref().map(|url| format!("List-Unsubscribe: <{url}>\n")).unwrap_or_default();
        let text = format!(
            "To: {}
Subject: {}
{click}
{}
",
            to.typed(),
            letter.subject,
            letter.text
        );
        let (mailer, name) = (self.clone(), mail.id.to_string());
        let written = tokio::task::spawn_blocking(move || mailer.write(&name, &text)).await;
        match written.unwrap_or_else(|panicked| Err(std::io::Error::other(panicked))) {
            Ok(()) => MailOutcome::Sent,
            Err(error) => {
                tracing::warn!(%error, "a mail could not be written");
                MailOutcome::NotSent
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn names(mailer: &FileMailer) -> Vec<String> {
        let entries = std::fs::read_dir(&mailer.folder).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().display().to_string()).collect();
        names.sort_unstable();
        names
    }

    fn id(number: u128) -> String {
        uuid::Uuid::from_u128(number).to_string()
    }

    #[test]
    fn mails_are_for_their_owner_only_and_go_by_age_and_count_and_nothing_else_goes() {
        let base = std::env::temp_dir().join(format!("cartwright-mails-{}", std::process::id()));
        let mailer = FileMailer::new(base.join("mails"), 7 * DAY, 3);
        assert_eq!(mailer.sweep(SystemTime::now()).expect("nothing is there"), 0);
        for number in 0..5 {
            mailer.write(&id(number), "a link").expect("written");
            let file = std::fs::File::open(mailer.folder.join(format!("{}.txt", id(number)))).expect("it");
            file.set_modified(SystemTime::UNIX_EPOCH + DAY * (number as u32 + 1)).expect("older");
            assert_eq!(file.metadata().expect("it").permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(std::fs::metadata(&mailer.folder).expect("it").permissions().mode() & 0o777, 0o700);
        assert!(is_open(&std::env::temp_dir()) && !is_open(&mailer.folder) && !is_open(&base.join("none")));
        std::fs::write(mailer.folder.join("notes.txt"), "not ours").expect("written");
        let wide = mailer.folder.join(format!("{}.txt", id(4)));
        std::fs::set_permissions(&wide, Permissions::from_mode(0o644)).expect("as an older version made it");
        assert_eq!(mailer.sweep(SystemTime::UNIX_EPOCH + DAY * 6).expect("swept"), 2);
        let left: Vec<String> =
            (2..5).map(|number| format!("{}.txt", id(number))).chain(["notes.txt".to_owned()]).collect();
        assert_eq!(names(&mailer), left);
        assert_eq!(std::fs::metadata(&wide).expect("it").permissions().mode() & 0o777, 0o600);
        assert_eq!(mailer.sweep(SystemTime::UNIX_EPOCH + DAY * 11).expect("swept"), 1);
        assert_eq!(mailer.sweep(SystemTime::UNIX_EPOCH + DAY * 20).expect("swept"), 2);
        assert_eq!(names(&mailer), ["notes.txt"]);
        std::fs::remove_dir_all(&base).expect("gone");
    }
}
