//! Facts about the machine without which the numbers say little.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

const SYNCS: usize = 40;
/// A machine with this much to do for each core is not quiet.
const BUSY_PER_CORE: f64 = 0.3;
const PAGE: [u8; 4096] = [1; 4096];

/// What was measured on.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Machine {
    pub(super) cores: usize,
    pub(super) processor: String,
    pub(super) system: String,
    /// `release` or `debug`.
    pub(super) build: &'static str,
    pub(super) version: &'static str,
    /// Median time to write 4 KiB to the database's disk for good, in milliseconds.
    pub(super) sync_ms: f64,
    /// Load average of the last minute before the run; well above 0 means that others use the machine too.
    pub(super) load_before: f64,
}

impl Machine {
    /// Looks around, and tries the disk under `directory`.
    pub(super) fn look(directory: &Path) -> Result<Self, String> {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
        let model = model.map(|rest| rest.trim_start_matches([' ', '\t', ':'])).unwrap_or(std::env::consts::ARCH);
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split_whitespace().next().and_then(|first| first.parse().ok());
        Ok(Self {
            cores: std::thread::available_parallelism().map_or(1, |cores| cores.get()),
            processor: model.to_owned(),
            system: format!("{} {}", std::env::consts::OS, kernel.trim()),
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            version: env!("CARGO_PKG_VERSION"),
            sync_ms: sync_ms(directory).map_err(|error| format!("cannot write to {}: {error}", directory.display()))?,
            load_before: load.unwrap_or(0.0),
        })
    }

    /// Whether others kept the machine busy just before.
    pub(super) fn is_busy(&self) -> bool {
        self.load_before > BUSY_PER_CORE * self.cores as f64
    }

    pub(super) fn in_words(&self) -> String {
        let Self { cores, processor, system, build, version, sync_ms, load_before } = self;
        format!(
            "cartwright {version} ({build} build), {cores} cores ({processor}), {system}; \
             4 KiB written to disk for good in {sync_ms:.2} ms; \
             load {load_before:.1} before the run"
        )
    }
}

fn sync_ms(directory: &Path) -> std::io::Result<f64> {
    let mut file = File::create(directory.join("sync"))?;
    let mut times = Vec::with_capacity(SYNCS);
    for _ in 0..SYNCS {
        let begin = Instant::now();
        file.write_all(&PAGE)?;
        file.sync_data()?;
        times.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[SYNCS / 2])
}
