//! What the run found: the measurements beside what they should be, and the verdicts.

use super::live::ADDS_PER_SECOND as ADDS_PER_SECOND_LIVE;
use super::machine::Machine;
use super::measure::{Measured, Measurement, Round};
use super::pricing::Priced;
use serde::Serialize;
use serde_json::{Value, json};

/// Share of the ceiling that reading a cart has to reach.
const READ_SHARE: f64 = 0.6;
/// Adds per second that are enough anywhere; or this share of the ceiling.
const ADDS_PER_SECOND: f64 = 20_000.0;
const ADD_SHARE: f64 = 0.25;
/// What 99 of 100 adds have to stay under, in milliseconds.
const ADD_P99_MS: f64 = 10.0;
const ORDERS_PER_SECOND: f64 = 5_000.0;
const ATTEMPTS_PER_SECOND: f64 = 10_000.0;
/// What half of the adds of one client alone have to stay under, in milliseconds.
const ALONE_P50_MS: f64 = 1.0;
/// Share of the speed without promotions that has to be left with them.
const PROMOTED_SHARE: f64 = 0.8;
/// What a hundred times more carts and orders may cost.
const GROWTH_COST: f64 = 0.2;
/// Share of the pace of adds that is kept while carts are live.
const PACE_SHARE: f64 = 0.98;
const MEMORY_MB: f64 = 200.0;

/// A target, in words, and whether it was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Verdict {
    pub(super) target: String,
    pub(super) met: bool,
}

/// The whole run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    pub(super) machine: Machine,
    pub(super) clients: usize,
    pub(super) seconds: f64,
    /// Carts and orders each that were added before the second round.
    pub(super) history: u64,
    pub(super) measured: Vec<Measured>,
    /// What pricing alone takes, unless only some measurements were wanted.
    pub(super) pricing: Option<Vec<Priced>>,
    pub(super) database_bytes: u64,
    /// Whether the checker found the database whole, and what it said.
    pub(super) verified: bool,
    pub(super) verify_says: String,
}

impl Report {
    /// Median of all measurements of `/healthz`: machines drift.
    pub(super) fn ceiling_per_second(&self) -> f64 {
        let of_health = |seen: &&Measured| seen.measurement == Measurement::Healthz;
        let mut ceilings: Vec<_> = self.measured.iter().filter(of_health).map(|seen| seen.per_second).collect();
        ceilings.sort_by(f64::total_cmp);
        let middle = ceilings.len() / 2;
        match ceilings.len() {
            0 => 0.0,
            count if count % 2 == 0 => f64::midpoint(ceilings[middle - 1], ceilings[middle]),
            _ => ceilings[middle],
        }
    }

    pub(super) fn share_of_ceiling(&self, seen: &Measured) -> f64 {
        seen.per_second / self.ceiling_per_second().max(1.0)
    }

    pub(super) fn find(&self, measurement: Measurement, round: Round) -> Option<&Measured> {
        self.measured.iter().find(|seen| seen.measurement == measurement && seen.round == round)
    }

    /// What a measurement has to reach, and whether it does.
    pub(super) fn verdict(&self, seen: &Measured) -> Option<Verdict> {
        let share = self.share_of_ceiling(seen);
        let (target, met) = match seen.measurement {
            Measurement::Healthz | Measurement::ReadCold | Measurement::Checkouts => return None,
            Measurement::ReadPromoted | Measurement::AddPromoted => {
                let bare = seen.bare_per_second?;
                let share = seen.per_second / bare.max(1e-9);
                let target = format!("≥ {PROMOTED_SHARE} of {bare:.0}/s without any; is {share:.2}");
                (target, share >= PROMOTED_SHARE)
            }
            Measurement::Read => (format!("≥ {READ_SHARE} of ceiling"), share >= READ_SHARE),
            Measurement::Add => (
                format!("≥ {ADDS_PER_SECOND}/s or ≥ {ADD_SHARE} of ceiling; p99 < {ADD_P99_MS} ms"),
                (seen.per_second >= ADDS_PER_SECOND || share >= ADD_SHARE) && seen.p99_ms < ADD_P99_MS,
            ),
            Measurement::Alone => (format!("p50 < {ALONE_P50_MS} ms"), seen.p50_ms < ALONE_P50_MS),
            Measurement::Live => {
                let megabytes = seen.peak_memory_bytes.unwrap_or_default() as f64 / 1e6;
                let heard = seen.heard_p99_ms.unwrap_or(f64::INFINITY);
                let target = format!(
                    "keeps the pace, p99 < {ADD_P99_MS} ms; heard within {heard:.0} ms (p99), server {megabytes:.0} MB"
                );
                (target, seen.per_second >= PACE_SHARE * ADDS_PER_SECOND_LIVE as f64 && seen.p99_ms < ADD_P99_MS)
            }
            Measurement::Orders => (format!("≥ {ORDERS_PER_SECOND}/s"), seen.per_second >= ORDERS_PER_SECOND),
            Measurement::Flash => (format!("≥ {ATTEMPTS_PER_SECOND}/s"), seen.per_second >= ATTEMPTS_PER_SECOND),
        };
        Some(Verdict { target, met: met && seen.errors == 0 })
    }

    /// What the grown shop costs: the share of speed lost, and whether that is little enough.
    pub(super) fn growth_cost(&self, measurement: Measurement) -> Option<(f64, bool)> {
        let young = self.find(measurement, Round::Young)?;
        let cost = 1.0 - self.find(measurement, Round::Grown)?.per_second / young.per_second.max(1e-9);
        Some((cost, cost <= GROWTH_COST))
    }

    /// Most memory the server held in a round, in megabytes (10⁶ bytes).
    pub(super) fn memory_mb(&self, round: Round) -> Option<f64> {
        // Thousands of connections are a matter of their own.
        let counts = |seen: &&Measured| seen.round == round && seen.measurement != Measurement::Live;
        let of_round = self.measured.iter().filter(counts);
        of_round.filter_map(|seen| seen.peak_memory_bytes).max().map(|bytes| bytes as f64 / 1e6)
    }

    pub(super) fn memory_verdict(&self, round: Round) -> Option<Verdict> {
        let met = self.memory_mb(round)? < MEMORY_MB;
        Some(Verdict { target: format!("< {MEMORY_MB} MB"), met })
    }

    /// Answers that should not have come, and a database that is not whole.
    pub(super) fn faults(&self) -> Vec<String> {
        let first = |seen: &Measured| {
            let first = seen.first_error.as_deref()?;
            Some(format!("{}: {} errors, first: {first}", seen.measurement.title(), seen.errors))
        };
        let mut faults: Vec<_> = self.measured.iter().filter_map(first).collect();
        if !self.verified {
            faults.push("verify: the database is not whole".to_owned());
        }
        faults
    }

    /// Everything, for programs.
    pub(super) fn as_json(&self) -> Value {
        let verdicts = self.measured.iter().filter_map(|seen| {
            let verdict = self.verdict(seen)?;
            Some(json!({"measurement": seen.measurement, "round": seen.round, "target": verdict.target,
                "met": verdict.met, "of_ceiling": self.share_of_ceiling(seen),
                "growth_cost": self.growth_cost(seen.measurement).map(|(cost, _)| cost)}))
        });
        let memory = [Round::Young, Round::Grown].map(|round| self.memory_mb(round));
        json!({
            "run": self,
            "ceiling_per_second": self.ceiling_per_second(),
            "verdicts": verdicts.collect::<Vec<_>>(),
            "peak_memory_mb": {"young": memory[0], "grown": memory[1]},
            "faults": self.faults(),
        })
    }
}
