//! The addresses at which the server answers: the public one, and if wanted one for metrics and documents, which only those
//! should reach who run the server.

use crate::config::ConfigFile;
use anyhow::Context;
use cartwright_api::{ApiSettings, Routers};
use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What is answered at which address.
#[derive(clap::Args)]
pub struct DoorArgs {
    /// Address to listen on [default: 127.0.0.1:8080].
    #[arg(long, env = "CARTWRIGHT_LISTEN")]
    listen: Option<SocketAddr>,
    /// Another address for /metrics, /docs and /openapi.json, which are then not answered at the first one. /healthz and /readyz
    /// are answered at both [default: none].
    #[arg(long, env = "CARTWRIGHT_INTERNAL_LISTEN")]
    internal_listen: Option<SocketAddr>,
    /// Do not answer /docs and /openapi.json at all.
    #[arg(long, env = "CARTWRIGHT_NO_DOCS", num_args = 0..=1, default_missing_value = "true")]
    no_docs: Option<bool>,
    /// Do not answer /metrics at all.
    #[arg(long, env = "CARTWRIGHT_NO_METRICS", num_args = 0..=1, default_missing_value = "true")]
    no_metrics: Option<bool>,
}

/// The sockets that the server listens on.
pub struct Doors {
    public: TcpListener,
    internal: Option<TcpListener>,
}

impl DoorArgs {
    /// Takes the ports.
    pub fn open(&self, file: &ConfigFile) -> anyhow::Result<Doors> {
        let public = self.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let internal = self.internal_listen.or(file.internal_listen);
        Ok(Doors { public: bind(public)?, internal: internal.map(bind).transpose()? })
    }

    /// Tells the HTTP interface what it offers where.
    pub fn set(&self, file: &ConfigFile, api: &mut ApiSettings) {
        api.internal_apart = self.internal_listen.or(file.internal_listen).is_some();
        api.offers_docs = !self.no_docs.or(file.no_docs).unwrap_or(false);
        api.offers_metrics = !self.no_metrics.or(file.no_metrics).unwrap_or(false);
    }
}

fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
    listener.set_nonblocking(true).context("cannot listen")?;
    Ok(listener)
}

impl Doors {
    /// The URL of the public address, and that of the internal one.
    pub fn urls(&self) -> anyhow::Result<(String, Option<String>)> {
        let url = |socket: &TcpListener| anyhow::Ok(format!("http://{}", socket.local_addr().context("no address")?));
        Ok((url(&self.public)?, self.internal.as_ref().map(url).transpose()?))
    }

    /// Answers at all addresses until `stop` is ready and what is under way is answered.
    pub fn serve(
        self,
        routers: Routers,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> anyhow::Result<JoinHandle<io::Result<()>>> {
        let (stopping, stopped) = watch::channel(());
        let listener = |socket| tokio::net::TcpListener::from_std(socket).context("cannot listen");
        let gate = routers.gate;
        let both = self.internal.map(listener).transpose()?.zip(routers.internal);
        let internal = both.map(|(socket, router)| {
            tokio::spawn(cartwright_api::serve(socket, router, gate.clone(), closed(stopped.clone())))
        });
        let public = cartwright_api::serve(listener(self.public)?, routers.public, gate.clone(), closed(stopped));
        tokio::spawn(async move {
            stop.await;
            drop(stopping);
        });
        Ok(tokio::spawn(async move {
            public.await?;
            match internal {
                Some(internal) => internal.await.unwrap_or_else(|panicked| Err(io::Error::other(panicked))),
                None => Ok(()),
            }
        }))
    }
}

/// Ready once the sender is dropped.
async fn closed(mut stopped: watch::Receiver<()>) {
    while stopped.changed().await.is_ok() {}
}
