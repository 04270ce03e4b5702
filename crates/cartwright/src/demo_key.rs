//! The key of `serve --demo`: one, found again at the next start. The database has only its hash, so the key itself is kept in a
//! file beside the database that its owner alone can read. Where that is gone, and with PostgreSQL, which has no place beside it,
//! a new key takes the place of the old one, which is withdrawn.

use crate::database::Database;
use crate::demo;
use crate::keys::{self, NewKey};
use anyhow::Context;
use cartwright_domain::account::{ALL_STORES, Role, SecretHash};
use sha2::{Digest, Sha256};
use std::fs::{OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const NAME: &str = "demo";

/// The demo's key, as it was or a new one; none in a shop that somebody has set up: to that one the demo adds nothing.
pub fn find_or_make(database: &Database) -> anyhow::Result<Option<String>> {
    let file = match database {
        Database::Sqlite(settings) => {
            let mut path = settings.path.as_os_str().to_owned();
            path.push(".demo-key");
            Some(PathBuf::from(path))
        }
        Database::Postgres(_) => None,
    };
    let kept = file.as_deref().map(read).transpose()?.flatten();
    let kept = kept.map(|secret| (SecretHash::from(Sha256::digest(secret.as_bytes())), secret));
    let live: Vec<SecretHash> = keys::all(database)?
        .into_iter()
        .filter(|(owner, _, _, key)| *owner == ALL_STORES && key.revoked_at.is_none() && is_of_demo(&key.name))
        .map(|(_, _, hash, _)| hash)
        .collect();
    if live.is_empty() && !demo::is_wanted(database)? {
        return Ok(None);
    }
    let good = kept.filter(|(hash, _)| live.contains(hash));
    for hash in live.into_iter().filter(|hash| good.as_ref().is_none_or(|(good, _)| good != hash)) {
        database.revoke_api_key(ALL_STORES, hash)?;
    }
    if let Some((_, secret)) = good {
        return Ok(Some(secret));
    }
    let new = NewKey { name: NAME, only_store: None, role: Role::Owner, scopes: Vec::new(), expires_in: None };
    let secret = keys::create(database, new)?;
    if let Some(path) = file {
        write(&path, &secret).with_context(|| format!("cannot keep the demo's key in {}", path.display()))?;
    }
    Ok(Some(secret))
}

/// Each start made a key of this name once; the migration to unique names put the beginning of their ids behind it.
fn is_of_demo(name: &str) -> bool {
    let of_old = |end: &str| end.len() == 16 && end.bytes().all(|byte| byte.is_ascii_hexdigit());
    name == NAME || name.strip_prefix("demo-").is_some_and(of_old)
}

fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read the demo's key in {}", path.display())),
    }
}

/// Nobody but the owner can read it, not even for a moment.
fn write(path: &Path, secret: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    writeln!(file, "{secret}")
}
