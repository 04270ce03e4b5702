//! `GET /metrics`, and what it counts. The counters of every route are made at the start, so that counting a request looks
//! them up and allocates nothing.

use crate::gate::{Gate, GateCollector};
use crate::login_watch::LoginCounts;
use crate::problem::{Outcome, Problem, registry as kinds};
use crate::state::Shared;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use cartwright_engine::Engine;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Upper bounds of the duration histogram, seconds.
const BOUNDS: [f64; 11] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];
/// Label of requests that no route matched.
const UNMATCHED: &str = "unmatched";

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    method: String,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StatusLabels {
    method: String,
    route: String,
    status: String,
}

/// What one route of one method counts.
struct RouteMetrics {
    /// By class of status: 1xx to 5xx.
    requests: [Counter; 5],
    seconds: Histogram,
}

/// What all requests are counted in.
pub(crate) struct HttpMetrics {
    registry: Registry,
    routes: HashMap<String, HashMap<Method, RouteMetrics>>,
    unmatched: RouteMetrics,
    in_flight: Gauge,
}

impl HttpMetrics {
    /// Counters for these routes.
    pub(crate) fn new(
        engine: Arc<Engine>,
        gate: Arc<Gate>,
        logins: LoginCounts,
        routes: impl IntoIterator<Item = (Method, String)>,
    ) -> HttpMetrics {
        let mut registry = Registry::with_prefix("cartwright");
        let requests = Family::<StatusLabels, Counter>::default();
        let seconds = Family::<RouteLabels, Histogram>::new_with_constructor(|| Histogram::new(BOUNDS));
        let in_flight = Gauge::default();
        registry.register("http_requests", "Requests answered, by route, method and class of status", requests.clone());
        registry.register("http_request_seconds", "Time from a request's head to its answer's head", seconds.clone());
        registry.register("http_requests_in_flight", "Requests being worked on", in_flight.clone());
        registry.register("logins", "Log-ins, by how they ended", logins);
        registry.register_collector(Box::new(EngineCollector { engine }));
        registry.register_collector(Box::new(GateCollector(gate)));
        let make = |method: &str, route: &str| RouteMetrics {
            requests: [1, 2, 3, 4, 5].map(|class| {
                let (method, route) = (method.to_owned(), route.to_owned());
                requests.get_or_create(&StatusLabels { method, route, status: format!("{class}xx") }).clone()
            }),
            seconds: seconds.get_or_create(&RouteLabels { method: method.to_owned(), route: route.to_owned() }).clone(),
        };
        let mut by_route: HashMap<String, HashMap<Method, RouteMetrics>> = HashMap::new();
        for (method, route) in routes {
            let metrics = make(method.as_str(), &route);
            by_route.entry(route).or_default().insert(method, metrics);
        }
        HttpMetrics { registry, routes: by_route, unmatched: make("any", UNMATCHED), in_flight }
    }

    /// A request begins; it ends when the guard is dropped.
    pub(crate) fn begin(&self) -> InFlight<'_> {
        self.in_flight.inc();
        InFlight(&self.in_flight)
    }

    /// A request was answered.
    pub(crate) fn record(&self, route: Option<&str>, method: &Method, status: StatusCode, took: Duration) {
        let found = route.and_then(|route| self.routes.get(route)).and_then(|methods| methods.get(method));
        let metrics = found.unwrap_or(&self.unmatched);
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        metrics.requests[class].inc();
        metrics.seconds.observe(took.as_secs_f64());
    }
}

/// A request under way.
pub(crate) struct InFlight<'a>(&'a Gauge);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// What the engine counts, and the memory of the process.
struct EngineCollector {
    engine: Arc<Engine>,
}

impl std::fmt::Debug for EngineCollector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EngineCollector")
    }
}

impl Collector for EngineCollector {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let lane = self.engine.metrics();
        let counters: [(&str, &str, &AtomicU64); 3] = [
            ("lane_commands", "Commands run", &lane.commands),
            ("lane_batches", "Batches of commands", &lane.batches),
            ("lane_failed_batches", "Batches that failed as a whole", &lane.failed_batches),
        ];
        write_counters(&mut encoder, &counters)?;
        if let Some((health, views)) = self.engine.shared_metrics() {
            let counters: [(&str, &str, &AtomicU64); 4] = [
                ("shared_cart_hits", "Carts whose answer another node had written", &views.hits),
                ("shared_cart_misses", "Carts whose answer was not in the shared memory", &views.misses),
                (
                    "shared_cart_outdated",
                    "Carts whose answer there was of something else than is true",
                    &views.outdated,
                ),
                ("redis_unanswered", "Questions that Redis did not answer in time", &health.unanswered),
            ];
            write_counters(&mut encoder, &counters)?;
            let gauge = ConstGauge::new(i64::from(!health.is_down.load(Ordering::Relaxed)));
            gauge.encode(encoder.encode_descriptor(
                "redis_up",
                "Whether Redis answers",
                None,
                gauge.metric_type(),
            )?)?;
        }
        let gauge = ConstGauge::new(i64::try_from(self.engine.open_streams()).unwrap_or(i64::MAX));
        let help = "Streams of live carts that are open";
        gauge.encode(encoder.encode_descriptor("live_streams", help, None, gauge.metric_type())?)?;
        if let Some(bytes) = resident_bytes() {
            let gauge = ConstGauge::new(bytes);
            let help = "Resident memory of the process, bytes";
            gauge.encode(encoder.encode_descriptor(
                "process_resident_memory_bytes",
                help,
                None,
                gauge.metric_type(),
            )?)?;
        }
        Ok(())
    }
}

fn write_counters(
    encoder: &mut DescriptorEncoder<'_>,
    counters: &[(&str, &str, &AtomicU64)],
) -> Result<(), std::fmt::Error> {
    for (name, help, value) in counters {
        let counter = ConstCounter::new(value.load(Ordering::Relaxed));
        counter.encode(encoder.encode_descriptor(name, help, None, counter.metric_type())?)?;
    }
    Ok(())
}

/// Resident memory as Linux tells it; nothing elsewhere.
fn resident_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib * 1024)
}

/// What it does
///
/// In the text format of OpenMetrics.
#[utoipa::path(
    get, path = "/metrics", tag = "Service",
    responses((status = 200, description = "The metrics.", body = String, content_type = "application/openmetrics-text")),
)]
pub(crate) async fn metrics(State(api): State<Shared>) -> Outcome {
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &api.metrics.registry).map_err(|error| {
        tracing::error!(%error, "the metrics cannot be written");
        Problem::new(&kinds::INTERNAL, "Something failed on our side.")
    })?;
    let mut response: Response = text.into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(TEXT));
    Ok(response)
}
