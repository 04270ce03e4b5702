//! What an operator does with a database file, without a server.

use crate::config::sqlite_path;
use cartwright_domain::id::Timestamp;
use cartwright_engine::Reader;
use cartwright_storage::sqlite;
use cartwright_wire::{InvariantReport, VerifyReport};
use std::time::{SystemTime, UNIX_EPOCH};

/// Which database.
#[derive(clap::Args)]
pub struct DatabaseArgs {
    /// `sqlite:FILE`.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:data/cartwright.sqlite")]
    pub database: String,
}

/// How long something may be overdue before the checker counts it as left behind, milliseconds: a worker may be at it.
const GRACE_MS: i64 = 5_000;

/// Brings the schema up to date.
pub fn migrate(args: &DatabaseArgs) -> anyhow::Result<()> {
    let version = sqlite::migrate(&sqlite_path(&args.database)?)?;
    println!("schema version {version}");
    Ok(())
}

/// Checks the invariants of every store, on one snapshot each.
pub async fn verify(database: &str) -> anyhow::Result<VerifyReport> {
    let reader = sqlite::open_reader(&sqlite_path(database)?)?;
    let mut all: Vec<InvariantReport> = Vec::new();
    for store in reader.stores().await? {
        for finding in cartwright_engine::check(&reader, store.id, Timestamp(now_ms()), GRACE_MS).await? {
            let told = finding.violations.into_iter().map(|violation| format!("store {}: {violation}", store.handle));
            match all.iter_mut().find(|known| known.name == finding.name) {
                Some(known) => {
                    known.checked += finding.checked;
                    known.violations.extend(told);
                }
                None => all.push(InvariantReport {
                    name: finding.name.to_owned(),
                    says: finding.says.to_owned(),
                    checked: finding.checked,
                    violations: told.collect(),
                }),
            }
        }
    }
    Ok(VerifyReport { ok: all.iter().all(|finding| finding.violations.is_empty()), invariants: all })
}

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
