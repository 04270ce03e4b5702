//! `backup` and `restore` of the embedded database.

use crate::config::UsageError;
use crate::database::{Database, DatabaseArgs};
use crate::secrets::beside;
use anyhow::Context;
use cartwright_engine::keys_in_use;
use cartwright_storage::sqlite;
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// `backup`
#[derive(clap::Args)]
#[command(after_help = "\
Works beside a running server: what was answered before the backup began is in it, and it is the shop of one instant. The
file appears under its name only when it is whole. Never overwrites.

For a PostgreSQL database use the tools of its server, pg_dump or pg_basebackup.

Example:
  cartwright backup --database sqlite:data/cartwright.sqlite /backups/monday.sqlite")]
pub struct BackupArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// The file to make.
    to: PathBuf,
}

/// `restore`
#[derive(clap::Args)]
#[command(after_help = "\
The backup is looked at first: whether it is whole, and of a version that this program knows. Then it takes the place of
the database at once. Stop the server first; while one runs, nothing is touched.

Example:
  cartwright restore /backups/monday.sqlite --database sqlite:data/cartwright.sqlite --force")]
pub struct RestoreArgs {
    /// The backup.
    from: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
    /// Replace the database that is there.
    #[arg(long)]
    force: bool,
}

/// Makes a backup.
pub fn backup(args: &BackupArgs, as_json: bool) -> anyhow::Result<()> {
    let Database::Sqlite(settings) = Database::named(&args.database.database)? else {
        let command = format!("pg_dump --format=custom --file={} \"$DATABASE_URL\"", args.to.display());
        return Err(UsageError(format!(
            "a PostgreSQL database is backed up by its own tools: {command} (or pg_basebackup for the whole server)"
        ))
        .into());
    };
    sqlite::backup(&settings.path, &args.to)?;
    let bytes = std::fs::metadata(&args.to).with_context(|| format!("cannot read {}", args.to.display()))?.len();
    if as_json {
        println!("{:#}", json!({"file": args.to.display().to_string(), "bytes": bytes}));
    } else {
        println!("{} has the whole shop: {:.1} MB", args.to.display(), bytes as f64 / 1e6);
        let keys = beside(&settings.path);
        if keys.exists() {
            println!("Its secrets are sealed with {}: keep a copy of that apart from the backups.", keys.display());
        }
    }
    Ok(())
}

async fn keys_of(database: &Database) -> anyhow::Result<BTreeSet<String>> {
    Ok(keys_in_use(&*database.open_reader().await?).await?)
}

/// Puts a backup in the place of the database.
pub fn restore(args: &RestoreArgs, as_json: bool) -> anyhow::Result<()> {
    let Database::Sqlite(settings) = Database::named(&args.database.database)? else {
        let command = format!("pg_restore --clean --if-exists --dbname=\"$DATABASE_URL\" {}", args.from.display());
        return Err(UsageError(format!("a PostgreSQL database is restored by its own tools: {command}")).into());
    };
    let existing = if args.force { sqlite::Existing::Replace } else { sqlite::Existing::Keep };
    let version = sqlite::restore(&args.from, &settings.path, existing)?;
    // A backup of an older version has no sealed secrets yet, or cannot be read before it is migrated.
    let used = crate::in_runtime(keys_of(&Database::Sqlite(settings.clone()))).unwrap_or_default();
    if as_json {
        println!("{:#}", json!({"file": settings.path.display().to_string(), "schema_version": version, "keys": used}));
    } else {
        println!("{} is restored, with schema version {version}", settings.path.display());
        let keys = beside(&settings.path);
        if !keys.exists() && !used.is_empty() {
            println!(
                "Put the file with the keys that sealed its secrets at {} before a server starts.",
                keys.display()
            );
        }
    }
    Ok(())
}
