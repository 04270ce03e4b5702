//! The keys that seal the secrets which a database keeps: where a server has them from, and the commands that make, change and
//! forget them. They stand in a file outside of the database, one a line, the newest first.

use crate::config::{ConfigFile, UsageError};
use crate::database::{Database, DatabaseArgs};
use anyhow::{Context, bail};
use cartwright_engine::{Engine, KeySource, Lost, Vault, VaultKey, keys_in_use};
use serde_json::json;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often a server looks whether its keys have changed.
const LOOK: Duration = Duration::from_secs(5);

/// With what a server seals.
#[derive(clap::Args)]
pub struct SecretArgs {
    /// File with the keys that seal secrets in the database, the same for all servers of one database; `cartwright secrets create`
    /// makes one [default: with SQLite a file beside the database, made when missing; with PostgreSQL none: secrets stay in the clear].
    #[arg(long, env = "CARTWRIGHT_SECRET_FILE")]
    secret_file: Option<PathBuf>,
    /// The keys themselves in place of a file, the newest first, with blanks between them. Better given by the variable than typed.
    #[arg(long, env = "CARTWRIGHT_SECRET", hide_env_values = true, conflicts_with = "secret_file")]
    secret: Option<String>,
    /// Start although the key of sealed secrets is lost: links in mails end, and webhooks are switched off until their secret is
    /// rotated.
    #[arg(long)]
    forget_lost_secrets: bool,
}

impl SecretArgs {
    /// What a server on this database seals with.
    pub fn vault(&self, file: &ConfigFile, database: &Database) -> anyhow::Result<Vault> {
        let keys = self.secret.as_ref().or(file.secret.as_ref().filter(|_| self.secret_file.is_none()));
        if let Some(keys) = keys.filter(|keys| !keys.is_empty()) {
            let keys = keys_of(keys).map_err(|reason| UsageError(format!("--secret: {reason}")))?;
            return Ok(Vault::new(keys, None));
        }
        let named = self.secret_file.as_ref().or(file.secret_file.as_ref());
        let path = match (named, database) {
            (Some(named), _) => named.clone(),
            (None, Database::Sqlite(settings)) => {
                let path = beside(&settings.path);
                if !path.exists() {
                    write(&path, &[VaultKey::draw()?], Existing::Keep)?;
                }
                path
            }
            (None, Database::Postgres(_)) => {
                tracing::warn!("secrets of webhooks and links stand in the clear in the database: see --secret-file");
                return Ok(Vault::default());
            }
        };
        let keys = read(&path)?;
        if std::fs::metadata(&path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0) {
            tracing::warn!(file = %path.display(), "others can read the file with the keys that seal secrets");
        }
        Ok(Vault::new(keys, Some(source(path))))
    }

    /// What becomes of secrets that do not open.
    pub fn lost(&self) -> Lost {
        if self.forget_lost_secrets { Lost::Forget } else { Lost::Keep }
    }
}

/// Seals what is not sealed with the newest key. A server that lacks a key does not start: it could not sign.
pub async fn seal(engine: &Engine, lost: Lost) -> anyhow::Result<()> {
    let sealed = engine.seal_secrets(lost).await?;
    if sealed.renewed > 0 {
        tracing::info!(count = sealed.renewed, "secrets in the database were sealed with the newest key");
    }
    let ids = sealed.lost.into_iter().collect::<Vec<_>>().join(", ");
    match lost {
        Lost::Keep if !ids.is_empty() => bail!(
            "secrets in this database are sealed with a key that is not here (id {ids}). Start with the file that has it \
             (--secret-file; with SQLite it stood beside the database). If it is lost for good, start once with --forget-lost-secrets"
        ),
        Lost::Forget if !ids.is_empty() => {
            tracing::warn!(
                keys = ids,
                "secrets whose key is lost were removed: links in mails have ended, webhooks are off"
            );
        }
        _ => {}
    }
    Ok(())
}

/// Takes in changes of the keys while the server runs.
pub async fn watch(engine: Weak<Engine>, vault: Arc<Vault>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(engine) = engine.upgrade() else { return };
        if vault.refresh()
            && let Err(error) = seal(&engine, Lost::Keep).await
        {
            tracing::error!(%error, "secrets were not sealed with the new key");
        }
    }
}

/// Where the keys of an embedded database are unless another place is named.
pub fn beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".secret");
    PathBuf::from(name)
}

fn source(path: PathBuf) -> KeySource {
    Box::new(move || match read(&path) {
        Ok(keys) => Some(keys),
        Err(error) => {
            tracing::warn!(
                error = format!("{error:#}"),
                "the keys that seal secrets cannot be read; those known go on"
            );
            None
        }
    })
}

fn keys_of(text: &str) -> Result<Vec<VaultKey>, String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    let keys = lines.flat_map(str::split_whitespace).map(VaultKey::parse);
    let keys: Option<Vec<VaultKey>> = keys.collect();
    let keys = keys.ok_or("a key is `ck_` and 64 hexadecimal digits")?;
    if keys.is_empty() { Err("there is no key".to_owned()) } else { Ok(keys) }
}

fn read(path: &Path) -> anyhow::Result<Vec<VaultKey>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let how = format!("{0}: there is no such file. To make one: cartwright secrets create {0}", path.display());
            return Err(UsageError(how).into());
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    keys_of(&text).map_err(|reason| UsageError(format!("{}: {reason}", path.display())).into())
}

#[derive(Clone, Copy, PartialEq)]
enum Existing {
    Keep,
    Replace,
}

/// The file is whole on the disk before anything is sealed with its keys, and nobody but its owner can read it.
fn write(path: &Path, keys: &[VaultKey], existing: Existing) -> anyhow::Result<()> {
    let written = || -> std::io::Result<()> {
        let mut draft = path.as_os_str().to_owned();
        draft.push(format!(".{}", std::process::id()));
        let draft = PathBuf::from(draft);
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        writeln!(
            file,
            "# Keys that seal secrets in the database, the newest first. Keep a copy apart from the database's backups."
        )?;
        for key in keys {
            writeln!(file, "{}", key.text())?;
        }
        file.sync_all()?;
        let placed = match existing {
            Existing::Keep => std::fs::hard_link(&draft, path).and_then(|()| std::fs::remove_file(&draft)),
            Existing::Replace => std::fs::rename(&draft, path),
        };
        if placed.is_err() {
            let _ = std::fs::remove_file(&draft);
        }
        placed?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    };
    written().map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => UsageError(format!("{} is there already", path.display())).into(),
        _ => anyhow::Error::new(error).context(format!("cannot write {}", path.display())),
    })
}

/// What to do with the keys that seal secrets.
#[derive(clap::Subcommand)]
#[command(after_help = "\
A key is a line of the file. The first seals; the others open what they have sealed before.

Examples:
  cartwright secrets create /etc/cartwright/secret
  cartwright serve --database postgres://… --secret-file /etc/cartwright/secret
  cartwright secrets rotate /etc/cartwright/secret                       # running servers take it up by themselves
  cartwright secrets forget /etc/cartwright/secret --database postgres://…
  cartwright secrets end-links --database postgres://…                   # after a leak: no link in a mail opens any more")]
pub enum SecretsCommand {
    /// Make a file with a new key.
    Create {
        /// The file; it must not be there yet.
        file: PathBuf,
    },
    /// Put a new key in front of those in a file. Running servers seal everything with it within five seconds.
    Rotate {
        /// The file.
        file: PathBuf,
    },
    /// Remove the older keys of a file, once nothing in the database is sealed with them.
    Forget {
        /// The file.
        file: PathBuf,
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// End all links in mails that were sent, and make every device unknown once: the next log-in from it counts as a stranger's.
    EndLinks {
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

/// Runs the command.
pub fn run(command: SecretsCommand, as_json: bool) -> anyhow::Result<()> {
    match command {
        SecretsCommand::Create { file } => {
            let keys = [VaultKey::draw()?];
            write(&file, &keys, Existing::Keep)?;
            tell(&file, &keys, "has a new key", as_json);
        }
        SecretsCommand::Rotate { file } => {
            let mut keys = read(&file)?;
            keys.insert(0, VaultKey::draw()?);
            write(&file, &keys, Existing::Replace)?;
            tell(&file, &keys, "has a new key in front", as_json);
        }
        SecretsCommand::Forget { file, database } => {
            let mut keys = read(&file)?;
            let older = keys.split_off(1);
            let database = Database::named(&database.database)?;
            let used = crate::in_runtime(async { anyhow::Ok(keys_in_use(&*database.open_reader().await?).await?) })?;
            if let Some(key) = older.iter().find(|key| used.contains(&key.id())) {
                bail!(
                    "secrets in this database are still sealed with the key {}: a server with this file seals them with the newest",
                    key.id()
                );
            }
            write(&file, &keys, Existing::Replace)?;
            tell(&file, &keys, "has its newest key alone", as_json);
        }
        SecretsCommand::EndLinks { database } => {
            Database::named(&database.database)?.end_links()?;
            match as_json {
                true => println!("{}", json!({"links": "ended"})),
                false => println!("No link that was sent opens anything any more."),
            }
        }
    }
    Ok(())
}

fn tell(file: &Path, keys: &[VaultKey], what: &str, as_json: bool) {
    let ids: Vec<String> = keys.iter().map(VaultKey::id).collect();
    match as_json {
        true => println!("{}", json!({"file": file.display().to_string(), "keys": ids})),
        false => println!("{} {what}; ids, newest first: {}", file.display(), ids.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_their_order_and_nothing_else_is() {
        let (one, two) = (format!("ck_{}", "1".repeat(64)), format!("ck_{}", "2".repeat(64)));
        let keys = keys_of(&format!("# the newest first\n{two}\n\n  {one} # of May\n")).expect("two keys");
        assert_eq!(keys.iter().map(VaultKey::text).collect::<Vec<_>>(), [two, one]);
        for wrong in ["", "# nothing", "secret", &"1".repeat(64)] {
            assert!(keys_of(wrong).is_err(), "{wrong}");
        }
    }
}
