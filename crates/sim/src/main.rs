//! The simulator's command line: many seeds, or one with all its steps.

use cartwright_sim::{Broken, Run, Tally, run};
use clap::Parser;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Runs the engine under a simulated shop with failures, and compares it with a reference model.
#[derive(Parser)]
#[command(name = "cartwright-sim")]
struct Arguments {
    /// Run this seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Print every step.
    #[arg(short, long)]
    verbose: bool,
    /// How many seeds to run.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Seeds run at the same time, each in a thread of its own.
    #[arg(long, default_value_t = 1)]
    threads: u64,
    /// Break the engine on purpose, e.g. `SettlesTwice`.
    #[arg(long)]
    broken: Option<String>,
}

/// Steps shown of a seed that failed.
const LAST_STEPS: usize = 40;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let broken = match &arguments.broken {
        None => None,
        Some(name) => match Broken::ALL.into_iter().find(|broken| format!("{broken:?}") == *name) {
            Some(broken) => Some(broken),
            None => {
                eprintln!("--broken takes one of {:?}", Broken::ALL);
                return ExitCode::from(2);
            }
        },
    };
    let (first, end) = match arguments.seed {
        Some(seed) => (seed, seed + 1),
        None => (arguments.first, arguments.first + arguments.seeds),
    };
    let (tally, failures) = run_all(first, end, arguments.threads.max(1), broken, arguments.verbose);
    println!("{:>12}  seeds", end - first);
    for (what, count) in tally {
        println!("{count:>12}  {what}");
    }
    println!("{failures:>12}  violations");
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the seeds and sums up what happened, with how many failed.
fn run_all(first: u64, end: u64, threads: u64, broken: Option<Broken>, verbose: bool) -> (Tally, u64) {
    let next = AtomicU64::new(first);
    let sum = Mutex::new((Tally::new(), 0));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        return;
                    }
                    let run = run(seed, broken, verbose);
                    let mut sum = sum.lock().expect("no thread panics with the sum");
                    run.tally.iter().for_each(|(what, count)| *sum.0.entry(what).or_default() += count);
                    sum.1 += u64::from(run.violation.is_some());
                    tell(seed, &run, verbose);
                }
            });
        }
    });
    sum.into_inner().expect("no thread panics with the sum")
}

fn tell(seed: u64, run: &Run, verbose: bool) {
    let Some(violation) = &run.violation else { return };
    if !verbose {
        let shown = run.steps.len().saturating_sub(LAST_STEPS);
        run.steps[shown..].iter().for_each(|step| eprintln!("{step}"));
    }
    eprintln!("seed {seed}: {violation}\nrepeat it with: cartwright-sim --seed {seed} -v");
}
