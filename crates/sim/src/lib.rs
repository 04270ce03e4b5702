//! A seeded, single-threaded simulator: the real decisions, batches, payment steps, sweeper steps and SQLite adapter, on a
//! database in memory, with a clock that jumps, a network that loses and repeats, a gateway with moods and a process that
//! dies. A reference model of its own says what must come of it. The same seed always makes the same run.

mod audit;
mod broken;
mod currencies;
mod dashboard;
mod dice;
mod events;
mod gateway;
mod hours;
mod mails;
mod manual;
mod model;
mod network;
mod operators;
mod process;
mod run;
mod setup;
mod shoppers;
mod shown;
mod twice;
mod world;

pub use broken::Broken;
pub use run::{Run, run};
pub use twice::{Repeat, Work, sweep_to_the_end};
pub use world::Tally;
