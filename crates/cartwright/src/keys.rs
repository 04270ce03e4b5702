//! Operators' secret keys: made, listed and withdrawn on the database beside a running server, or over HTTP. A key is shown once,
//! when it is made; the database has only its SHA-256.

use crate::cli::{ALL, ClientOptions, KeysOverHttp, keys_over_http, keys_table};
use crate::config::UsageError;
use crate::database::{Database, DatabaseArgs, now_ms};
use anyhow::{Context, bail};
use cartwright_domain::account::{ALL_STORES, LONGEST_KEY_MINUTES, Role, SecretHash, StoreKey, key_id};
use cartwright_domain::id::{StoreId, Timestamp};
use cartwright_domain::rfc3339::rfc3339;
use cartwright_engine::ApiKey;
use cartwright_wire as wire;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::process::ExitCode;
use uuid::Uuid;

/// Most keys of a store, and for all stores, that are listed.
const MOST: usize = 10_000;
/// Longest name, characters.
const LONGEST_NAME: usize = 100;

/// What to do with keys.
#[derive(clap::Subcommand)]
#[command(after_help = "\
Examples:
  cartwright keys create --name backoffice                        # opens all stores; works on the database
  cartwright keys create --name feed --only-store books --role read_only --expires-in 90d
  cartwright keys list --database sqlite:data/cartwright.sqlite   # all there are, without a key
  cartwright keys revoke ID --database sqlite:data/cartwright.sqlite")]
pub enum KeysCommand {
    /// Make a key and print it; it is shown only this once. Works on the database, beside a running server.
    Create(CreateKey),
    /// [operator] List keys: of the store and, with a key for all stores, those too. Asks a running server, or the database.
    List {
        /// Database to read directly, with all its keys: `sqlite:FILE` or `postgres://…`.
        #[arg(long)]
        database: Option<String>,
    },
    /// [operator] Withdraw a key, by its id, over a running server or on the database. It opens nothing any more within five seconds.
    Revoke {
        /// The first column of `keys list`.
        id: Uuid,
        /// Database to change directly, beside running servers: `sqlite:FILE` or `postgres://…`.
        #[arg(long)]
        database: Option<String>,
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
    /// A name that tells it from others; no two keys that open the same have one name.
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
    /// How long it opens, e.g. `90d`, `12h`, `30m`, at most ten years [default: until it is withdrawn].
    #[arg(long, value_name = "TIME", value_parser = minutes)]
    expires_in: Option<u32>,
}

/// A key for `create`.
pub struct NewKey<'a> {
    /// For people, to tell keys apart.
    pub name: &'a str,
    /// Handle of the one store it opens; `None` opens all.
    pub only_store: Option<&'a str>,
    /// What it may do.
    pub role: Role,
    /// The only things it may do; empty for all that its role may.
    pub scopes: Vec<String>,
    /// Minutes that it opens; `None` for until it is withdrawn.
    pub expires_in: Option<u32>,
}

/// Runs the command.
pub fn run(command: KeysCommand, options: ClientOptions) -> ExitCode {
    match command {
        KeysCommand::List { database: Some(database) } => crate::finish(list_in_database(&database, options.json)),
        KeysCommand::List { database: None } => crate::in_runtime(keys_over_http(KeysOverHttp::List, options)),
        KeysCommand::Revoke { id, database: Some(database) } => {
            crate::finish(revoke_in_database(id, &database, options.json))
        }
        KeysCommand::Revoke { id, database: None } => {
            crate::in_runtime(keys_over_http(KeysOverHttp::Revoke(id), options))
        }
        KeysCommand::Create(CreateKey { over_http: true, name, role, scope, expires_in, .. }) => {
            let role = match role {
                Role::ReadOnly => wire::Role::ReadOnly,
                Role::Staff => wire::Role::Staff,
                Role::Owner => wire::Role::Owner,
            };
            let key = wire::KeyInput { name, role, scopes: scope, expires_in_minutes: expires_in };
            crate::in_runtime(keys_over_http(KeysOverHttp::Create(key), options))
        }
        KeysCommand::Create(key) => crate::finish(create_in_database(key)),
    }
}

fn create_in_database(key: CreateKey) -> anyhow::Result<()> {
    let CreateKey { database, name, only_store, role, scope, expires_in, .. } = key;
    if let Some(unknown) = scope.iter().find(|scope| !cartwright_api::scopes().contains(&scope.as_str())) {
        let known = cartwright_api::scopes().join(", ");
        return Err(UsageError(format!("{unknown:?} is no scope; there are {known}")).into());
    }
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(UsageError(format!("a name has 1 to {LONGEST_NAME} characters, and no control characters")).into());
    }
    let database = Database::named(&database.database)?;
    let new = NewKey { name: &name, only_store: only_store.as_deref(), role, scopes: scope, expires_in };
    let secret = create(&database, new)?;
    let opens = only_store.map_or_else(|| "all stores".to_owned(), |store| format!("the store {store}"));
    let id = key_id(&Sha256::digest(secret.as_bytes()).into());
    eprintln!(
        "Made the key {name:?} ({}) for {opens}, with the id {id}. This is the only time that it is shown:",
        role.as_str()
    );
    println!("{secret}");
    Ok(())
}

/// Makes a key, records it, and returns the secret.
pub fn create(database: &Database, new: NewKey<'_>) -> anyhow::Result<String> {
    let NewKey { name, only_store, role, scopes, expires_in } = new;
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
    let hash: SecretHash = Sha256::digest(secret.as_bytes()).into();
    let expires_at = expires_in.map(|minutes| Timestamp(now_ms()).plus_ms(i64::from(minutes) * 60_000));
    let key = ApiKey { name: name.to_owned(), store, role, scopes, expires_at, used_at: None };
    if let Err(error) = database.add_api_key(hash, &key) {
        let taken = all(database).is_ok_and(|keys| {
            keys.iter().any(|(owner, _, _, known)| {
                *owner == store.unwrap_or(ALL_STORES) && known.name == name && known.revoked_at.is_none()
            })
        });
        if taken {
            bail!("there is a key {name:?} already: choose another name, or withdraw it (`keys list`, `keys revoke`)")
        }
        return Err(error);
    }
    Ok(secret)
}

/// A key with what it opens: the store's id and handle; no handle for all stores.
type Found = (StoreId, Option<String>, SecretHash, StoreKey);

/// All keys of a database.
pub fn all(database: &Database) -> anyhow::Result<Vec<Found>> {
    crate::in_runtime(async {
        let reader = database.open_reader().await?;
        let mut owners = vec![(ALL_STORES, None)];
        owners.extend(reader.stores().await?.into_iter().map(|store| (store.id, Some(store.handle.clone()))));
        let mut found = Vec::new();
        for (owner, handle) in owners {
            let keys = reader.store_keys(owner, MOST).await?;
            found.extend(keys.into_iter().map(|(hash, key)| (owner, handle.clone(), hash, key)));
        }
        Ok(found)
    })
}

fn list_in_database(database: &str, json: bool) -> anyhow::Result<()> {
    let found = all(&Database::named(database)?)?;
    let keys: Vec<wire::Key> = found.iter().map(|(owner, _, hash, key)| shown(*owner, hash, key)).collect();
    if json {
        println!("{}", serde_json::to_string_pretty(&wire::Keys { keys })?);
        return Ok(());
    }
    let of = |at: usize| found[at].1.clone().unwrap_or_else(|| ALL.to_owned());
    println!("{}", keys_table(&keys, of));
    Ok(())
}

fn revoke_in_database(id: Uuid, database: &str, json: bool) -> anyhow::Result<()> {
    let database = Database::named(database)?;
    let found = all(&database)?.into_iter().find(|(_, _, hash, _)| key_id(hash) == id);
    let Some((owner, _, hash, _)) = found else { bail!("there is no key {id}") };
    database.revoke_api_key(owner, hash)?;
    match json {
        true => println!("{}", serde_json::json!({ "revoked": id })),
        false => println!("It opens nothing any more; running servers know within five seconds."),
    }
    Ok(())
}

fn shown(owner: StoreId, hash: &SecretHash, key: &StoreKey) -> wire::Key {
    wire::Key {
        id: key_id(hash),
        name: key.name.clone(),
        role: key.role.as_str().to_owned(),
        scopes: key.scopes.clone(),
        secret: None,
        created_at: Some(rfc3339(key.created_at)),
        revoked_at: key.revoked_at.map(rfc3339),
        expires_at: key.expires_at.map(rfc3339),
        last_used_at: key.used_at.map(rfc3339),
        all_stores: owner == ALL_STORES,
        ended: key.expires_at.is_some_and(|end| end <= Timestamp(now_ms())),
    }
}

/// Minutes of `90d`, `12h` or `30m`.
fn minutes(text: &str) -> Result<u32, String> {
    let wrong = || format!("expected a number with d, h or m, at most {}d", LONGEST_KEY_MINUTES / 1440);
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let each = match unit {
        "d" => 1440,
        "h" => 60,
        "m" => 1,
        _ => return Err(wrong()),
    };
    let number: u32 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(each).filter(|minutes| (1..=LONGEST_KEY_MINUTES).contains(minutes)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::minutes;

    #[test]
    fn a_time_has_a_unit_and_an_end() {
        assert_eq!(["90d", "12h", "30m"].map(|text| minutes(text).ok()), [Some(129_600), Some(720), Some(30)]);
        for wrong in ["", "d", "90", "0d", "-1d", "3651d", "99999999999d", "1w", "1\u{e9}"] {
            assert!(minutes(wrong).is_err(), "{wrong}");
        }
    }
}
