//! The server: opens the database, starts the engine and the HTTP interface, and stops them in good order.

use crate::config::{self, ConfigFile, LogFormat, UsageError};
use crate::connections::ConnectionArgs;
use crate::database::{self, Database, PostgresArgs};
use crate::doors::{DoorArgs, Doors};
use crate::mail::MailArgs;
use crate::secrets::{self, SecretArgs};
use crate::stripe::StripeArgs;
use crate::{demo, demo_key};
use anyhow::Context;
use cartwright_api::{ApiSettings, RequestRate};
use cartwright_domain::id::StoreId;
use cartwright_domain::money::Currency;
use cartwright_domain::store::{Store, StoreSettings};
use cartwright_engine::{Engine, EngineSettings, EventSink, Gateway, LiveLimits, Point, SharedMemory, Vault, end_at};
use cartwright_gateways::{NatsSink, Redis, TestGateway, WebhookClient};
use rustix::process::{Resource, Signal, getpid, getrlimit, kill_process, setrlimit};
use std::io::Write;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;

/// How to run the server.
#[derive(clap::Args)]
pub struct ServeArgs {
    #[command(flatten)]
    doors: DoorArgs,
    /// Where the data is: `sqlite:FILE`, made when missing, or `postgres://USER:PASSWORD@HOST/DATABASE`, which several
    /// servers may share [default: sqlite:data/cartwright.sqlite].
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database: Option<String>,
    #[command(flatten)]
    postgres: PostgresArgs,
    /// Redis that servers on one PostgreSQL share, to count requests together and to show each other's large carts:
    /// `redis://[USER:PASSWORD@]HOST[:PORT][/NUMBER]`. It may fail at any time [default: none].
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
    /// Load demo goods and promotions into a shop that has nothing yet, and print the key of the demo, the same at each start. In a
    /// shop that somebody has set up it changes nothing.
    #[arg(long)]
    demo: bool,
    /// Offer the gateway `test`, by which no money moves: whoever pays by it pays nothing. For trying things out; implied by --demo.
    #[arg(long, env = "CARTWRIGHT_TEST_GATEWAY", num_args = 0..=1, default_missing_value = "true")]
    test_gateway: Option<bool>,
    /// Configuration file (TOML); its keys are the names of these flags with `_` for `-`.
    #[arg(long, env = "CARTWRIGHT_CONFIG")]
    config: Option<PathBuf>,
    /// SQLite: most mebibytes that the database may take [default: as many as the disk has].
    #[arg(long, env = "CARTWRIGHT_MAX_DATABASE_MIB")]
    max_database_mib: Option<u64>,
    /// How log lines look, on stderr [default: text]. What is logged: RUST_LOG, e.g. `info`, `cartwright_engine=debug`.
    #[arg(long, env = "CARTWRIGHT_LOG_FORMAT")]
    log_format: Option<LogFormat>,
    /// Most commands that may wait; beyond that callers get 503 and come back [default: 8192].
    #[arg(long, env = "CARTWRIGHT_QUEUE")]
    queue: Option<usize>,
    /// Most streams of live carts that may be open [default: 10000]; from one address a tenth of it, unless given.
    #[arg(long, env = "CARTWRIGHT_MAX_STREAMS")]
    max_streams: Option<usize>,
    /// Most streams of live carts from one address (of IPv6: one /64; four times as many from one /48) [default: a tenth of
    /// --max-streams].
    #[arg(long, env = "CARTWRIGHT_MAX_STREAMS_PER_ADDRESS")]
    max_streams_per_address: Option<usize>,
    #[command(flatten)]
    connections: ConnectionArgs,
    /// Largest request body for shoppers, in KiB [default: 1024].
    #[arg(long, env = "CARTWRIGHT_BODY_LIMIT_KIB")]
    body_limit_kib: Option<usize>,
    /// Requests from one address (of IPv6: one /64) in a second on average, with bursts of twice as many; `off` or 0 for no limit.
    /// Keys of operators are left out [default: 100, which leaves out this machine's own addresses too].
    #[arg(long, env = "CARTWRIGHT_RATE_LIMIT", value_parser = rate_of)]
    rate_limit: Option<u32>,
    /// Codes that a shopper may try on one cart in a minute [default: 10].
    #[arg(long, env = "CARTWRIGHT_COUPON_ATTEMPTS_PER_CART")]
    coupon_attempts_per_cart: Option<NonZeroU32>,
    /// Codes that shoppers may try from one address in a minute [default: 300].
    #[arg(long, env = "CARTWRIGHT_COUPON_ATTEMPTS_PER_ADDRESS")]
    coupon_attempts_per_address: Option<NonZeroU32>,
    /// Log-ins to one account in an hour from places and devices that it has not been opened from [default: 100].
    #[arg(long, env = "CARTWRIGHT_LOGIN_ATTEMPTS_OF_STRANGERS")]
    login_attempts_of_strangers: Option<NonZeroU32>,
    /// Minutes after which an operator who is logged in and does nothing is logged out, 5 to 43200 [default: 720].
    #[arg(long, env = "CARTWRIGHT_OPERATOR_IDLE_MINUTES", value_parser = clap::value_parser!(u32).range(5..=43_200))]
    operator_idle_minutes: Option<u32>,
    /// Take the last address of X-Forwarded-For for the client's: only behind a proxy of one's own.
    #[arg(long, env = "CARTWRIGHT_TRUST_FORWARDED_FOR")]
    trust_forwarded_for: bool,
    /// For tests of what a crash leaves behind: the process is killed as soon as it comes to this point.
    #[arg(long, hide = true, value_parser = |name: &str| Point::named(name).ok_or("no such point"))]
    die_at: Option<Point>,
    /// Send webhooks to private addresses too: of this machine, of the local network.
    #[arg(long, env = "CARTWRIGHT_WEBHOOKS_ALLOW_PRIVATE", num_args = 0..=1, default_missing_value = "true")]
    webhooks_allow_private: Option<bool>,
    /// NATS with JetStream that gets all events too, `nats://HOST[:PORT]`. It may be away: events wait [default: none].
    #[arg(long, env = "NATS_URL", hide_env_values = true)]
    nats_url: Option<String>,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    mail: MailArgs,
    #[command(flatten)]
    stripe: StripeArgs,
}

fn rate_of(text: &str) -> Result<u32, String> {
    let number = if text == "off" { "0" } else { text };
    number.parse().map_err(|_| "must be a number of requests, or `off`".to_owned())
}

/// Runs the server until it is told to stop.
pub fn run(args: ServeArgs) -> anyhow::Result<()> {
    let file = args.config.as_deref().map(config::read).transpose()?.unwrap_or_default();
    start_log(args.log_format.or(file.log_format).unwrap_or_default());
    raise_file_limit();
    if let Some(point) = args.die_at {
        end_at(point, || {
            let _ = kill_process(getpid(), Signal::KILL);
        });
    }
    let database = args.database.clone().or(file.database.clone());
    let max_mib = args.max_database_mib.or(file.max_database_mib);
    let database = Database::named(database.as_deref().unwrap_or(database::DEFAULT))?;
    let database = database.limited(max_mib, &args.postgres, &file);
    // The ports are taken first: a second server must not touch the first one's database.
    let doors = args.doors.open(&file)?;
    let storage = database.open()?;
    let vault = Arc::new(args.secrets.vault(&file, &database)?);
    let demo_key = if args.demo { demo_key::find_or_make(&database)? } else { None };
    if args.demo && demo_key.is_none() {
        tracing::warn!("somebody has set up this shop: no demo data was loaded, and no key was made");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("cannot start")?;
    runtime.block_on(serve(Setup { doors, storage, vault, demo_key, args, file }))
}

/// A connection is a file handle, and the usual soft limit of 1,024 is no more than a caution: the hard limit counts.
pub fn raise_file_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}

struct Setup {
    doors: Doors,
    storage: cartwright_engine::Storage,
    vault: Arc<Vault>,
    demo_key: Option<String>,
    args: ServeArgs,
    file: ConfigFile,
}

async fn serve(setup: Setup) -> anyhow::Result<()> {
    let Setup { doors, storage, vault, demo_key, args, file } = setup;
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for signals")?;
    let shared_memory = args.redis_url.as_deref().or(file.redis_url.as_deref()).map(shared_memory).transpose()?;
    let nats = args.nats_url.as_deref().or(file.nats_url.as_deref()).map(NatsSink::new).transpose();
    let nats = nats.map_err(|reason| UsageError(format!("the address of NATS is not one: {reason}")))?;
    let queue = args.queue.or(file.queue).unwrap_or(EngineSettings::default().queue);
    let allow_private = args.webhooks_allow_private.or(file.webhooks_allow_private).unwrap_or(false);
    let sender = WebhookClient::new(allow_private).map_err(anyhow::Error::msg)?;
    let settings = EngineSettings {
        queue,
        shared_memory: shared_memory.clone(),
        webhook_sender: Some(Arc::new(sender)),
        live: live_limits(&args, &file),
        mailer: args.mail.mailer(&file)?,
        sink: nats.map(|nats| Arc::new(nats) as Arc<dyn EventSink>),
        vault: vault.clone(),
        ..EngineSettings::default()
    };
    let engine = Engine::start(storage, gateways(&args, &file)?, settings).await?;
    if engine.stores().is_empty() {
        let made = engine.create_store(default_store()).await;
        // Another node may have made it at the same time.
        engine.refresh_stores().await?;
        if engine.stores().is_empty() {
            made.context("cannot create the default store")?;
        }
    }
    secrets::seal(&engine, args.secrets.lost()).await?;
    let keys = tokio::spawn(secrets::watch(Arc::downgrade(&engine), vault));
    let streams = tokio::spawn(Engine::feed_streams_forever(Arc::downgrade(&engine)));
    let workers = engine.start_workers();
    let mut api = ApiSettings { shared_memory, ..ApiSettings::default() };
    if let Some(kib) = args.body_limit_kib.or(file.body_limit_kib) {
        api.body_limit_bytes = kib * 1024;
    }
    api.request_rate = args.rate_limit.or(file.rate_limit).map_or(RequestRate::Usual, RequestRate::of);
    let tries = args.coupon_attempts_per_cart.or(file.coupon_attempts_per_cart);
    api.coupon_attempts_per_cart = tries.unwrap_or(api.coupon_attempts_per_cart);
    let tries = args.coupon_attempts_per_address.or(file.coupon_attempts_per_address);
    api.coupon_attempts_per_address = tries.unwrap_or(api.coupon_attempts_per_address);
    let tries = args.login_attempts_of_strangers.or(file.login_attempts_of_strangers);
    api.login_attempts_of_strangers_per_hour = tries.unwrap_or(api.login_attempts_of_strangers_per_hour);
    if let Some(minutes) = args.operator_idle_minutes.or(file.operator_idle_minutes) {
        api.operator_idle_ms = i64::from(minutes.clamp(5, 43_200)) * 60_000;
    }
    api.trust_forwarded_for = args.trust_forwarded_for || file.trust_forwarded_for.unwrap_or(false);
    args.connections.apply(&file, &live_limits(&args, &file), &mut api);
    args.doors.set(&file, &mut api);
    let (url, internal_url) = doors.urls()?;
    let routers = cartwright_api::routers(engine.clone(), api);
    let of_streams = engine.clone();
    let stop = async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        tracing::info!("stopping: no new requests, those under way are answered");
        tokio::spawn(async move { of_streams.close_streams().await });
    };
    let server = doors.serve(routers, stop)?;
    if let Some(key) = &demo_key {
        demo::load(&url, key, &engine).await?;
    }
    announce(&url, internal_url.as_deref(), demo_key.as_deref())?;
    server.await.context("the HTTP interface ended with a panic")?.context("the HTTP interface failed")?;
    workers.iter().chain([&streams, &keys]).for_each(JoinHandle::abort);
    tokio::task::spawn_blocking(move || engine.stop()).await.context("the engine did not stop")?;
    tracing::info!("stopped");
    Ok(())
}

/// The gateways of this installation. The one for trying things out only where somebody asked for it.
fn gateways(args: &ServeArgs, file: &ConfigFile) -> anyhow::Result<Vec<Arc<dyn Gateway>>> {
    let mut gateways: Vec<Arc<dyn Gateway>> = Vec::new();
    if args.demo || args.test_gateway.or(file.test_gateway).unwrap_or(false) {
        tracing::warn!("the gateway `test` is on: whoever pays by it gets items and pays nothing");
        gateways.push(Arc::new(TestGateway));
    }
    gateways.extend(args.stripe.gateway(file)?.map(|stripe| Arc::new(stripe) as Arc<dyn Gateway>));
    Ok(gateways)
}

fn live_limits(args: &ServeArgs, file: &ConfigFile) -> LiveLimits {
    let most = args.max_streams.or(file.max_streams).unwrap_or(LiveLimits::default().streams);
    let per_address = args.max_streams_per_address.or(file.max_streams_per_address);
    LiveLimits { streams: most, per_address: per_address.unwrap_or(most.div_ceil(10)), ..LiveLimits::default() }
}

fn shared_memory(url: &str) -> anyhow::Result<Arc<dyn SharedMemory>> {
    let redis = Redis::new(url).map_err(|reason| UsageError(format!("the address of Redis is not one: {reason}")))?;
    Ok(Arc::new(redis))
}

/// On stdout, for people and for programs that wait for the server.
fn announce(url: &str, internal_url: Option<&str>, demo_key: Option<&str>) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if let Some(key) = demo_key {
        writeln!(out, "operator key: {key}")?;
        writeln!(out, "demo customer: {}, password {}", demo::CUSTOMER, demo::PASSWORD)?;
        writeln!(out, "the gateway `test` is on: no money moves")?;
    }
    if let Some(url) = internal_url {
        writeln!(out, "metrics and documents at {url}")?;
    }
    writeln!(out, "listening on {url}")?;
    Ok(out.flush()?)
}

/// The store that a new installation has.
pub fn default_store() -> Store {
    Store {
        id: StoreId(0),
        version: 0,
        handle: "default".to_owned(),
        name: "Default store".to_owned(),
        currency: Currency::EUR,
        hosts: Vec::new(),
        settings: StoreSettings::default(),
        shipping_methods: Vec::new(),
        tax_rates: Vec::new(),
    }
}

fn start_log(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
