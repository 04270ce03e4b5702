//! Operators' secret keys. A key is shown once, when it is made; the database has only its SHA-256.

use crate::cli::{ClientOptions, KeysOverHttp, keys_over_http};
use crate::config::UsageError;
use crate::database::{Database, DatabaseArgs};
use anyhow::{Context, bail};
use cartwright_domain::account::Role;
use cartwright_engine::ApiKey;
use cartwright_wire as wire;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::process::ExitCode;

/// What to do with keys.
#[derive(clap::Subcommand)]
pub enum KeysCommand {
    /// Make a key and print it; it is shown only this once. Works on the database, beside a running server.
    Create(CreateKey),
    /// [operator] List the keys of the store, asked of a running server.
    List,
    /// [operator] Withdraw a key, by its id, over a running server.
    Revoke {
        /// The first column of `keys list`.
        id: uuid::Uuid,
    },
}

/// A key to be made.
#[derive(clap::Args)]
pub struct CreateKey {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Ask a running server for a key of its store, with a key that an owner has, in place of writing to a database.
    #[arg(long, conflicts_with = "only_store")]
    over_http: bool,
    /// A name that tells it from others.
    #[arg(long)]
    name: String,
    /// Let it open only this store, by handle; by default it opens all.
    #[arg(long)]
    only_store: Option<String>,
    /// What it may do: `owner`, `staff` or `read_only`.
    #[arg(long, default_value = "owner", value_parser = |name: &str| Role::named(name).ok_or("owner, staff or read_only"))]
    role: Role,
    /// Limit it to this, e.g. `carts:act`; may be given several times. See docs/accounts.md.
    #[arg(long)]
    scope: Vec<String>,
}

/// Runs the command.
pub fn run(command: KeysCommand, options: ClientOptions) -> ExitCode {
    match command {
        KeysCommand::List => crate::in_runtime(keys_over_http(KeysOverHttp::List, options)),
        KeysCommand::Revoke { id } => crate::in_runtime(keys_over_http(KeysOverHttp::Revoke(id), options)),
        KeysCommand::Create(CreateKey { over_http: true, name, role, scope, .. }) => {
            let role = match role {
                Role::ReadOnly => wire::Role::ReadOnly,
                Role::Staff => wire::Role::Staff,
                Role::Owner => wire::Role::Owner,
            };
            let key = wire::KeyInput { name, role, scopes: scope };
            crate::in_runtime(keys_over_http(KeysOverHttp::Create(key), options))
        }
        KeysCommand::Create(key) => crate::finish(create_in_database(key)),
    }
}

fn create_in_database(key: CreateKey) -> anyhow::Result<()> {
    let CreateKey { database, name, only_store, role, scope, .. } = key;
    if let Some(unknown) = scope.iter().find(|scope| !cartwright_api::scopes().contains(&scope.as_str())) {
        let known = cartwright_api::scopes().join(", ");
        return Err(UsageError(format!("{unknown:?} is no scope; there are {known}")).into());
    }
    let database = Database::named(&database.database)?;
    println!("{}", create(&database, &name, only_store.as_deref(), role, scope)?);
    Ok(())
}

/// Makes a key, records it, and returns the secret.
pub fn create(
    database: &Database,
    name: &str,
    only_store: Option<&str>,
    role: Role,
    scopes: Vec<String>,
) -> anyhow::Result<String> {
    let store = match only_store {
        None => None,
        Some(handle) => {
            let stores = async { anyhow::Ok(database.open_reader().await?.stores().await?) };
            let stores = crate::in_runtime(stores)?;
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
    database.add_api_key(hash, &ApiKey { name: name.to_owned(), store, role, scopes })?;
    Ok(secret)
}
