//! Backups: the whole database as one file, made beside a running server, and put back while none runs.

use super::{BUSY_TIMEOUT, OpenError, check_version, connect, lock, newest_version, private, schema_version};
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::path::{Path, PathBuf};

/// What to do where there is a database already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// Refuse.
    Keep,
    /// Put the backup in its place.
    Replace,
}

/// Writes the database as it is at one instant to a new file. The file has its name only once it is whole and durable.
///
/// # Errors
/// See [`OpenError`].
pub fn backup(path: &Path, to: &Path) -> Result<(), OpenError> {
    if !path.exists() {
        return Err(OpenError::other(path, "there is no such file"));
    }
    if to.exists() {
        return Err(OpenError::other(to, "the file exists; a backup never overwrites"));
    }
    let connection = connect(path)?;
    check_version(path, &connection)?;
    let part = beside(to, "part");
    let made = write(&connection, &part).map_err(|error| OpenError::other(to, error)).and_then(|()| put(&part, to));
    if made.is_err() {
        remove(&part)?;
    }
    made
}

/// Writes a database to a file that only its owner may read, from its first byte on.
fn write(connection: &Connection, part: &Path) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    match std::fs::remove_file(part) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => private::open(part)?,
    };
    // One read transaction: servers go on writing behind it.
    connection.execute("VACUUM INTO ?1", [part.to_string_lossy()])?;
    Ok(())
}

/// Puts a backup in the place of the database, and returns its schema version. What is there stays as it is until the backup
/// was found whole and lies beside it.
///
/// # Errors
/// See [`OpenError`].
pub fn restore(from: &Path, path: &Path, existing: Existing) -> Result<i64, OpenError> {
    if !from.exists() {
        return Err(OpenError::other(from, "there is no such file"));
    }
    if beside(from, "wal").exists() {
        return Err(OpenError::other(from, "it is no backup but a database in use: there is a -wal file beside it"));
    }
    if path.exists() && existing == Existing::Keep {
        return Err(OpenError::other(path, "there is a database already; --force replaces it"));
    }
    let version = look(from)?;
    let _lock = lock(path)?;
    let part = beside(path, "part");
    remove(&part)?;
    let copied = copy(from, &part).map_err(|error| OpenError::other(path, error));
    let copied = copied.and_then(|()| drop_log(path)).and_then(|()| put(&part, path));
    if copied.is_err() {
        remove(&part)?;
    }
    copied.map(|()| version)
}

/// Whether a backup is whole and of a version that is known here.
fn look(from: &Path) -> Result<i64, OpenError> {
    let wrong = |error: rusqlite::Error| OpenError::other(from, format!("it is no whole backup: {error}"));
    let connection = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(wrong)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(wrong)?;
    let said: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(wrong)?;
    if said != "ok" {
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        return Err(OpenError::other(from, format!("it is no whole backup: {said}")));
    }
    let (found, known) = (schema_version(&connection).map_err(wrong)?, newest_version());
    match found {
        0 => Err(OpenError::other(from, "it has no shop in it")),
        _ if found > known => Err(OpenError::NewerSchema { path: from.to_owned(), found, known }),
        _ => Ok(found),
    }
}

/// Folds the old database's log into it and takes the log away: beside the new file it would be poison.
fn drop_log(path: &Path) -> Result<(), OpenError> {
    if path.exists()
        && let Ok(old) = connect(path)
    {
        // One that is broken is the reason to restore.
        let _ = old.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
    remove(&beside(path, "wal"))?;
    remove(&beside(path, "shm"))
}

/// Copies what is in a file into one that only its owner may read.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::io::copy(&mut File::open(from)?, &mut private::open(to)?).map(|_| ())
}

/// Makes a file durable, for its owner only, and gives it its name.
fn put(part: &Path, to: &Path) -> Result<(), OpenError> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let put = private::close(part)
        .and_then(|_| File::open(part)?.sync_all())
        .and_then(|()| std::fs::rename(part, to))
        .and_then(|()| File::open(folder)?.sync_all());
    put.map_err(|error| OpenError::other(to, error))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-");
    name.push(ending);
    PathBuf::from(name)
}

fn remove(path: &Path) -> Result<(), OpenError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(OpenError::other(path, error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).expect("a file").permissions().mode() & 0o777
    }

    /// The command line sets a umask; whoever uses the library may have none.
    #[test]
    fn databases_and_backups_are_for_their_owner_only_before_they_are_whole() {
        let folder = std::env::temp_dir().join(format!("cartwright-private-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let (shop, part) = (folder.join("shop.sqlite"), folder.join("backup.sqlite-part"));
        private::open(&shop).expect("made");
        let connection = connect(&shop).expect("opened");
        connection.pragma_update(None, "journal_mode", "WAL").expect("a log");
        connection.execute_batch("CREATE TABLE persons (name TEXT)").expect("a table");
        assert_eq!([&shop, &beside(&shop, "wal"), &beside(&shop, "shm")].map(|path| mode(path)), [0o600; 3]);
        std::fs::write(&part, "left behind by a crash").expect("written");
        write(&connection, &part).expect("written");
        assert_eq!(mode(&part), 0o600);
        let wide = folder.join("wide.sqlite");
        std::fs::write(&wide, "a backup").expect("written");
        let copied = folder.join("copied.sqlite");
        copy(&wide, &copied).expect("copied");
        assert_eq!(mode(&copied), 0o600);
        std::fs::remove_dir_all(&folder).expect("gone");
    }
}
