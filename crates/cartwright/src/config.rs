//! Configuration of the server. A flag wins over its environment variable, that over the configuration file, that over
//! the default.

use anyhow::Context;
use serde::Deserialize;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};

/// Something the user typed that cannot be understood; exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// The configuration file: TOML with these keys, all optional.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// As `--listen`.
    pub listen: Option<SocketAddr>,
    /// As `--internal-listen`.
    pub internal_listen: Option<SocketAddr>,
    /// As `--no-docs`.
    pub no_docs: Option<bool>,
    /// As `--no-metrics`.
    pub no_metrics: Option<bool>,
    /// As `--database`.
    pub database: Option<String>,
    /// As `--redis-url`.
    pub redis_url: Option<String>,
    /// As `--max-database-mib`.
    pub max_database_mib: Option<u64>,
    /// As `--database-connections`.
    pub database_connections: Option<NonZeroUsize>,
    /// As `--connect-timeout-seconds`.
    pub connect_timeout_seconds: Option<NonZeroU32>,
    /// As `--statement-timeout-seconds`.
    pub statement_timeout_seconds: Option<NonZeroU32>,
    /// As `--lock-timeout-seconds`.
    pub lock_timeout_seconds: Option<NonZeroU32>,
    /// As `--log-format`.
    pub log_format: Option<LogFormat>,
    /// As `--queue`.
    pub queue: Option<usize>,
    /// As `--max-streams`.
    pub max_streams: Option<usize>,
    /// As `--max-streams-per-address`.
    pub max_streams_per_address: Option<usize>,
    /// As `--max-connections`.
    pub max_connections: Option<NonZeroUsize>,
    /// As `--max-connections-per-address`.
    pub max_connections_per_address: Option<NonZeroUsize>,
    /// As `--max-in-flight-mib`.
    pub max_in_flight_mib: Option<NonZeroUsize>,
    /// As `--write-timeout-seconds`.
    pub write_timeout_seconds: Option<NonZeroU32>,
    /// As `--body-limit-kib`.
    pub body_limit_kib: Option<usize>,
    /// As `--rate-limit`; 0 for no limit.
    pub rate_limit: Option<u32>,
    /// As `--coupon-attempts-per-cart`.
    pub coupon_attempts_per_cart: Option<NonZeroU32>,
    /// As `--coupon-attempts-per-address`.
    pub coupon_attempts_per_address: Option<NonZeroU32>,
    /// As `--login-attempts-of-strangers`.
    pub login_attempts_of_strangers: Option<NonZeroU32>,
    /// As `--operator-idle-minutes`.
    pub operator_idle_minutes: Option<u32>,
    /// As `--trust-forwarded-for`.
    pub trust_forwarded_for: Option<bool>,
    /// As `--webhooks-allow-private`.
    pub webhooks_allow_private: Option<bool>,
    /// As `--secret-file`.
    pub secret_file: Option<PathBuf>,
    /// As `--secret`.
    pub secret: Option<String>,
    /// As `--test-gateway`.
    pub test_gateway: Option<bool>,
    /// As `--nats-url`.
    pub nats_url: Option<String>,
    /// As `--smtp-url`.
    pub smtp_url: Option<String>,
    /// As `--smtp-ca-file`.
    pub smtp_ca_file: Option<PathBuf>,
    /// As `--mail-from`.
    pub mail_from: Option<String>,
    /// As `--mail-dir`.
    pub mail_dir: Option<PathBuf>,
    /// As `--mail-dir-days`.
    pub mail_dir_days: Option<NonZeroU32>,
    /// As `--mail-dir-files`.
    pub mail_dir_files: Option<NonZeroUsize>,
    /// As `--stripe-secret-key`.
    pub stripe_secret_key: Option<String>,
    /// As `--stripe-webhook-secret`.
    pub stripe_webhook_secret: Option<String>,
    /// As `--stripe-publishable-key`.
    pub stripe_publishable_key: Option<String>,
    /// As `--stripe-api-base`.
    pub stripe_api_base: Option<String>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Reads the configuration file. What is wrong in it is told by its line, which is not shown: it may hold a password.
pub fn read(path: &Path) -> anyhow::Result<ConfigFile> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        UsageError(format!("{}: line {line}: {}", path.display(), error.message().trim())).into()
    })
}
