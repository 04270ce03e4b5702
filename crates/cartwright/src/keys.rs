//! Operators' secret keys. A key is shown once, when it is made; the database has only its SHA-256.

use crate::config::sqlite_path;
use crate::database::{DatabaseArgs, now_ms};
use anyhow::{Context, bail};
use cartwright_engine::{ApiKey, Reader};
use cartwright_storage::sqlite;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;

/// What to do with keys.
#[derive(clap::Subcommand)]
pub enum KeysCommand {
    /// Make a key and print it; it is shown only this once. Works beside a running server.
    Create {
        #[command(flatten)]
        database: DatabaseArgs,
        /// A name that tells it from others.
        #[arg(long)]
        name: String,
        /// Let it open only this store, by handle; by default it opens all.
        #[arg(long)]
        only_store: Option<String>,
    },
}

/// Runs the command.
pub fn run(command: KeysCommand) -> anyhow::Result<()> {
    let KeysCommand::Create { database, name, only_store } = command;
    let path = sqlite_path(&database.database)?;
    println!("{}", create(&path, &name, only_store.as_deref())?);
    Ok(())
}

/// Makes a key, records it, and returns the secret.
pub fn create(path: &Path, name: &str, only_store: Option<&str>) -> anyhow::Result<String> {
    let store = match only_store {
        None => None,
        Some(handle) => {
            let reader = sqlite::open_reader(path)?;
            let stores = crate::in_runtime(reader.stores())?;
            let Some(store) = stores.into_iter().find(|store| store.handle == handle) else {
                bail!("there is no store {handle}")
            };
            Some(store.id)
        }
    };
    let mut random = [0; 24];
    getrandom::fill(&mut random).context("no randomness")?;
    let mut secret = String::from("sk_");
    for byte in random {
        write!(secret, "{byte:02x}").context("cannot write to a string")?;
    }
    let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    sqlite::add_api_key(path, hash, &ApiKey { name: name.to_owned(), store }, now_ms())?;
    Ok(secret)
}
