//! Who may read the files of a database: whoever runs the server, and nobody else. They hold addresses, orders and secrets.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{ErrorKind, Result};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Takes from others what they may do with a database and the files beside it. Says so in the log, also where it cannot be.
pub(super) fn keep_private(database: &Path) {
    for ending in ["", "-wal", "-shm", ".lock", ".secret"] {
        let mut name = database.as_os_str().to_owned();
        name.push(ending);
        let path = PathBuf::from(name);
        match close(&path) {
            Ok(false) => {}
            Ok(true) => tracing::warn!(file = %path.display(), "others could read this file; now only its owner can"),
            Err(error) => {
                tracing::warn!(file = %path.display(), %error, "others may read this file, which cannot be changed");
            }
        }
    }
}

/// Opens a file for writing that only its owner may read, from its first byte on; it is made when missing.
pub(super) fn open(path: &Path) -> Result<File> {
    OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Whether others could read a file; they no longer can.
pub(super) fn close(path: &Path) -> Result<bool> {
    let mode = match std::fs::metadata(path) {
        Ok(about) => about.permissions().mode(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    if mode & 0o077 == 0 {
        return Ok(false);
    }
    std::fs::set_permissions(path, Permissions::from_mode(mode & 0o700)).map(|()| true)
}
