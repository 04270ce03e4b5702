//! What stands between the network and the routes: bounds on connections and on memory in flight. One for all addresses that the
//! server listens on. Who is turned away here meets no route, so it is counted here, and told once a minute.

use crate::in_flight::InFlight;
use crate::serve::Connections;
use crate::service::Cors;
use crate::settings::ApiSettings;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long nothing more is said of turning away for one reason.
const QUIET: Duration = Duration::from_secs(60);

/// Why somebody is turned away, or a connection cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// As many connections are open as may be.
    Connections,
    /// There is no room for a body or an answer.
    Memory,
    /// An answer is not read.
    NotReading,
    /// The server is stopping.
    Stopping,
}

impl Why {
    const ALL: [Why; 4] = [Why::Connections, Why::Memory, Why::NotReading, Why::Stopping];

    fn name(self) -> &'static str {
        match self {
            Why::Connections => "connections",
            Why::Memory => "memory",
            Why::NotReading => "not_reading",
            Why::Stopping => "stopping",
        }
    }
}

/// The bounds that hold before a request meets its route.
pub struct Gate {
    pub(crate) settings: Arc<ApiSettings>,
    pub(crate) connections: Arc<Connections>,
    pub(crate) in_flight: Arc<InFlight>,
    pub(crate) cors: Cors,
    turned_away: [TurnedAway; Why::ALL.len()],
}

#[derive(Default)]
struct TurnedAway {
    count: AtomicU64,
    told: Mutex<Option<Instant>>,
}

impl Gate {
    pub(crate) fn new(settings: &ApiSettings, cors: Cors) -> Arc<Gate> {
        Arc::new(Gate {
            connections: Connections::new(settings.max_connections, settings.max_connections_per_address),
            in_flight: InFlight::new(settings.in_flight_bytes),
            cors,
            settings: Arc::new(settings.clone()),
            turned_away: Default::default(),
        })
    }

    /// Counts that somebody was turned away, and says so once in a while.
    pub(crate) fn turn_away(&self, why: Why) {
        let TurnedAway { count, told } = &self.turned_away[why as usize];
        let so_far = count.fetch_add(1, Ordering::Relaxed) + 1;
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|at| at.elapsed() >= QUIET) {
            *told = Some(Instant::now());
            tracing::warn!(why = why.name(), so_far, "clients are turned away");
        }
    }
}

/// Shows what a gate counts.
pub(crate) struct GateCollector(pub Arc<Gate>);

impl std::fmt::Debug for GateCollector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("GateCollector")
    }
}

impl Collector for GateCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let GateCollector(gate) = self;
        let (bytes, cut) = gate.in_flight.counts();
        let gauges = [
            ("connections", "Connections that are open", gate.connections.count()),
            ("bytes_in_flight", "Bytes of large bodies being read and of large answers not yet written", bytes),
        ];
        for (name, help, value) in gauges {
            let gauge = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)?;
        }
        let cut = ConstCounter::new(cut);
        let help = "Connections cut to make room for the bodies and answers of others";
        cut.encode(encoder.encode_descriptor("connections_cut", help, None, cut.metric_type())?)?;
        let help = "Clients turned away before their request met a route or while they were answered, by reason";
        let mut family = encoder.encode_descriptor("turned_away", help, None, MetricType::Counter)?;
        for why in Why::ALL {
            let counter = ConstCounter::new(gate.turned_away[why as usize].count.load(Ordering::Relaxed));
            counter.encode(family.encode_family(&[("why", why.name())])?)?;
        }
        Ok(())
    }
}
