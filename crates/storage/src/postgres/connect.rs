//! How connections are made: address, TLS, time limits, and what each session is set to.

use super::error::{Fault, OpenError};
use rustls::ClientConfig;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long no answer to keep-alives is borne, so that a server that vanished is noticed.
const VANISHED: Duration = Duration::from_secs(10);

/// Where the database is, and the limits towards it.
#[derive(Clone)]
pub struct PostgresSettings {
    /// `postgres://user:password@host1,host2/database?sslmode=…`.
    pub url: String,
    /// Connections for reading; writing has up to two more.
    pub pool_size: usize,
    /// How long making a connection may take, per host.
    pub connect_timeout: Duration,
    /// How long a statement may take.
    pub statement_timeout: Duration,
    /// How long a batch waits for another node's.
    pub lock_timeout: Duration,
}

impl PostgresSettings {
    /// This database with the usual limits.
    pub fn new(url: impl Into<String>) -> PostgresSettings {
        PostgresSettings {
            url: url.into(),
            pool_size: 8,
            connect_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(10),
            lock_timeout: Duration::from_secs(5),
        }
    }
}

impl fmt::Debug for PostgresSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The address may hold a password.
        out.debug_struct("PostgresSettings").field("pool_size", &self.pool_size).finish_non_exhaustive()
    }
}

/// Makes connections to one database.
#[derive(Clone)]
pub struct Connector {
    pub config: Config,
    pub tls: MakeRustlsConnect,
    /// The address without its password.
    pub shown: String,
    pub statement_timeout: Duration,
    lock_timeout: Duration,
    connect_timeout: Duration,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Connector {
    /// Understands the settings.
    pub fn new(settings: &PostgresSettings) -> Result<Connector, OpenError> {
        let (url, tls) = tls_options(&settings.url)?;
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            OpenError::Address(std::error::Error::source(&error).map_or(error.to_string(), ToString::to_string))
        })?;
        if config.get_hosts().is_empty() {
            return Err(OpenError::Address("it names no host".to_owned()));
        }
        config.application_name("cartwright");
        config.connect_timeout(settings.connect_timeout);
        config.keepalives_idle(VANISHED).tcp_user_timeout(VANISHED);
        let shown = shown(&config);
        let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(1);
        Ok(Connector {
            config,
            tls: MakeRustlsConnect::new(tls),
            shown,
            statement_timeout: settings.statement_timeout,
            lock_timeout: settings.lock_timeout,
            connect_timeout: settings.connect_timeout * hosts + Duration::from_secs(1),
        })
    }

    /// A new connection, driven by the runtime of the caller, its session set up.
    pub async fn connect(&self) -> Result<Client, Fault> {
        let made = async {
            let (client, connection) = self.config.connect(self.tls.clone()).await?;
            // Its end is seen by whoever asks the client next.
            tokio::spawn(async move { drop(connection.await) });
            client.batch_execute(&self.session()).await?;
            Ok::<_, tokio_postgres::Error>(client)
        };
        match tokio::time::timeout(self.connect_timeout, made).await {
            Ok(client) => Ok(client?),
            Err(_) => Err(Fault::NoConnection("the database does not answer".to_owned())),
        }
    }

    /// What each session is set to. Plans must not hang on statistics, which a young database has none of: every statement has
    /// an index for its keys, so a plan is made once, whole tables are never to be read, and what counts is how many rows a
    /// plan touches; pages are taken to be in memory. Left to itself the planner takes the store, the first part of every key,
    /// for selective, and reads a whole store where it should seek a few rows. Starting workers for a page of a list takes longer
    /// than the page.
    pub fn session(&self) -> String {
        format!(
            "SET statement_timeout = {}; SET lock_timeout = {}; SET idle_in_transaction_session_timeout = {}; \
             SET plan_cache_mode = force_generic_plan; SET jit = off; SET max_parallel_workers_per_gather = 0; SET enable_seqscan = off; SET enable_hashjoin = off; \
             SET enable_mergejoin = off; SET cpu_tuple_cost = 100; SET random_page_cost = 0.01; SET seq_page_cost = 0.01; \
             SET client_min_messages = warning",
            self.statement_timeout.as_millis(),
            self.lock_timeout.as_millis(),
            self.statement_timeout.as_millis(),
        )
    }
}

fn shown(config: &Config) -> String {
    let hosts: Vec<String> = config
        .get_hosts()
        .iter()
        .zip(config.get_ports().iter().chain(std::iter::repeat(config.get_ports().first().unwrap_or(&5432))))
        .map(|(host, port)| match host {
            Host::Tcp(name) => format!("{name}:{port}"),
            Host::Unix(path) => path.display().to_string(),
        })
        .collect();
    format!("postgres://{}/{}", hosts.join(","), config.get_dbname().or(config.get_user()).unwrap_or_default())
}

/// Takes `sslmode` and `sslrootcert` out of the address, and makes of them what TLS needs. As elsewhere with PostgreSQL,
/// `prefer` and `require` encrypt, and `verify-full` makes sure of the server too.
fn tls_options(url: &str) -> Result<(String, ClientConfig), OpenError> {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut rest = Vec::new();
    let (mut verify, mut root) = (false, None);
    for option in query.split('&').filter(|option| !option.is_empty()) {
        match option.split_once('=') {
            Some(("sslmode", "verify-full" | "verify-ca")) => {
                verify = true;
                rest.push("sslmode=require");
            }
            Some(("sslrootcert", path)) => root = Some(path),
            _ => rest.push(option),
        }
    }
    let url = if rest.is_empty() { base.to_owned() } else { format!("{base}?{}", rest.join("&")) };
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::Address(error.to_string()))?;
    let config = match verify {
        true => builder.with_root_certificates(roots(root)?).with_no_client_auth(),
        false => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Anybody(provider))).with_no_client_auth()
        }
    };
    Ok((url, config))
}

fn roots(file: Option<&str>) -> Result<RootCertStore, OpenError> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(path) => {
            let wrong = |error: &dyn fmt::Display| OpenError::Address(format!("sslrootcert {path}: {error}"));
            for certificate in CertificateDer::pem_file_iter(path).map_err(|error| wrong(&error))? {
                let certificate = certificate.map_err(|error| wrong(&error))?;
                roots.add(certificate).map_err(|error| wrong(&error))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    Ok(roots)
}

/// Takes any server's certificate: the connection is encrypted, whoever it is with.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password_and_may_name_several_hosts() {
        let url = "postgres://shop:s3cret@one:5433,two:5434/shop?sslmode=require&target_session_attrs=read-write";
        let connector = Connector::new(&PostgresSettings::new(url)).expect("it is understood");
        assert_eq!(connector.shown, "postgres://one:5433,two:5434/shop");
        assert!(!format!("{connector:?} {:?} {:?}", connector.config, PostgresSettings::new(url)).contains("s3cret"));
    }

    #[test]
    fn a_wrong_address_is_told_without_its_password() {
        for url in [
            "postgres://shop:s3cret@one:much/shop",
            "postgres://shop:s3cret@one/shop?sslmode=maybe",
            "postgres://shop:s3cret@one/shop?no_such_option=1",
            "postgres://shop:s3cret@one/shop?sslmode=verify-full&sslrootcert=/nowhere/ca.pem",
            "postgres:///shop",
        ] {
            let told = Connector::new(&PostgresSettings::new(url)).expect_err(url).to_string();
            assert!(!told.contains("s3cret"), "{told}");
        }
    }
}
