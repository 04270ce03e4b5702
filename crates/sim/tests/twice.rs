//! Every step of every worker, done twice. The steps come from `SweepStep::ALL`, so a new one cannot stay away.

use cartwright_engine::SweepStep;
use cartwright_sim::{Repeat, Work, sweep_to_the_end};

const SEEDS: u64 = 300;

/// Steps that have nothing to do here, and why.
const IDLE: [(SweepStep, &str); 1] = [(
    SweepStep::UncountedDemand,
    "the store shows its demand from the start; `urgency` of the suite has it begin later",
)];

#[test]
fn a_worker_that_does_everything_twice_ends_with_the_same_books() {
    let mut found = Work::new();
    for seed in 1..=SEEDS {
        let played = |repeat| sweep_to_the_end(seed, repeat).unwrap_or_else(|what| panic!("seed {seed}: {what}"));
        let ((once, work), (twice, _)) = (played(Repeat::Once), played(Repeat::Twice));
        let missing: Vec<_> = once.iter().filter(|entry| !twice.contains(entry)).collect();
        let more: Vec<_> = twice.iter().filter(|entry| !once.contains(entry)).collect();
        assert!(missing.is_empty() && more.is_empty(), "seed {seed}: once {missing:#?}\ntwice {more:#?}");
        assert_eq!(once.len(), twice.len(), "seed {seed}");
        work.into_iter().for_each(|(step, pieces)| *found.entry(step).or_default() += pieces);
    }
    for step in SweepStep::ALL.into_iter().filter(|step| IDLE.iter().all(|(idle, _)| idle != step)) {
        let pieces = found.get(&format!("{step:?}")).copied().unwrap_or(0);
        assert!(
            pieces >= 20,
            "{step:?} had nothing to do in {SEEDS} seeds ({pieces}): this test says nothing about it"
        );
    }
}
