//! Many seeds, those that once found something, and engines that are broken on purpose.

use cartwright_sim::{Broken, Run, Tally, run};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// Seeds of one test run.
const SEEDS: u64 = 1_000;

/// Seeds that found something, with what it was. They mean the same run for as long as the simulator itself is unchanged; after
/// that they are seeds like others.
const REMARKABLE: [(u64, &str); 9] = [
    (24, "an order failed and its cart's next was made in one batch: it was written or not, as the hash table had it"),
    (140, "a promotion was withdrawn and one of its codes replaced in one batch: the codes stayed"),
    (148, "codes were added to a promotion that was withdrawn in the same batch: nobody could use them again"),
    (162, "the same, with a restart after it"),
    (187, "an operator lowered a limit below its uses, and the checker took that for an overrun"),
    (1136, "an answer that was forgotten was given once more to a command of the same batch"),
    (
        6422,
        "taking a merge back answered the cart as it was before its own holds that had run out made room for the guest's",
    ),
    (
        19551,
        "a refused capture, told late, made the order wait for no answer of the next one: its money was taken, and nobody knew",
    ),
    (
        35038,
        "an event of a gateway that had waited while nothing ran for weeks was given up at the first question without an answer",
    ),
];

/// So often at least each kind of mischief is met: some take a mail, which few carts get.
const RARE: u64 = 5;

/// Every kind of mischief that a run knows.
const FAULTS: [&str; 43] = [
    "batches that failed as a whole",
    "clock: jumped",
    "crash: after commit",
    "crash: after decide",
    "crash: after the gateway was asked",
    "crash: before load",
    "crash: before the gateway is asked",
    "crash: between batches",
    "crash: after a mail was sent",
    "crash: before a mail is sent",
    "bank: disputed",
    "bank: dispute lost",
    "bank: dispute won",
    "dashboard: a refund came back",
    "dashboard: cancelled",
    "dashboard: captured",
    "dashboard: refunded",
    "gateway: answer lost",
    "gateway: capture refused",
    "gateway: charged late",
    "gateway: no answer in time",
    "gateway: refund failed",
    "gateway: request lost",
    "events taken up",
    "gateway: told again",
    "gateway: told of an event",
    "gateway: took what it had voided",
    "network: answer lost",
    "network: delivered twice",
    "network: sent again",
    "storage: commit fails",
    "storage: load fails",
    "mail server: away",
    "mail server: nobody knows",
    "mail server: refused a mail",
    "mail server: took a mail",
    "late money: bought the goods",
    "operators: captured",
    "operators: refunded",
    "refusals",
    "holds",
    "holds: taken by others once they had run out",
    "holds: ended by the sweep",
];

#[track_caller]
fn assert_clean(seed: u64, run: &Run) {
    let shown = run.steps.len().saturating_sub(40);
    assert!(run.violation.is_none(), "seed {seed}: {:?}\n{}", run.violation, run.steps[shown..].join("\n"));
}

#[test]
fn a_thousand_seeds_find_nothing_and_meet_every_kind_of_fault() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, sum) = (AtomicU64::new(1), Mutex::new(Tally::new()));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > SEEDS {
                        return;
                    }
                    let run = run(seed, None, false);
                    assert_clean(seed, &run);
                    let mut sum = sum.lock().expect("no thread panics with the sum");
                    run.tally.into_iter().for_each(|(what, count)| *sum.entry(what).or_default() += count);
                }
            });
        }
    });
    let sum = sum.into_inner().expect("no thread panics with the sum");
    for fault in FAULTS {
        assert!(sum.get(fault).is_some_and(|count| *count >= RARE), "{fault}: {:?}", sum.get(fault));
    }
    for done in [
        "merges",
        "merges undone",
        "another way to pay",
        "operators: recorded",
        "removals undone",
        "lines saved",
        "saved items restored",
        "mails that arrived",
        "links: cart restored",
        "links: dismissed",
        "links: unsubscribed",
        "links: confirmed",
        "mails that ask",
        "carts held out",
        "accounts confirmed",
        "mails about accounts",
        "carts asked for in another currency",
        "orders in another currency",
        "orders that could not wait",
        "forgotten: carts erased",
        "forgotten: orders",
        "forgotten: persons gone",
    ] {
        assert!(sum.get(done).is_some_and(|count| *count >= RARE), "{done}: {:?}", sum.get(done));
    }
    assert!(sum["orders"] > 2 * SEEDS, "a shop must sell for this to say something: {} orders", sum["orders"]);
}

#[test]
fn seeds_that_once_found_something_find_nothing() {
    for (seed, _) in REMARKABLE {
        assert_clean(seed, &run(seed, None, false));
    }
}

#[test]
fn every_broken_engine_is_caught_within_a_thousand_seeds() {
    for broken in Broken::ALL {
        let caught = (1..=SEEDS).find_map(|seed| Some((seed, run(seed, Some(broken), false).violation?)));
        let (seed, violation) = caught.unwrap_or_else(|| panic!("{broken:?} was not caught"));
        println!("{broken:?}: seed {seed}: {}", violation.chars().take(200).collect::<String>());
    }
}

#[test]
fn the_same_seed_makes_the_same_run() {
    for seed in 1..=100 {
        assert_eq!(run(seed, None, false).tally, run(seed, None, false).tally, "seed {seed}");
    }
    for seed in 1..=20 {
        let broken = || run(seed, Some(Broken::ForgetsRelease), false);
        let (one, other) = (broken(), broken());
        assert_eq!((one.violation, one.steps), (other.violation, other.steps), "seed {seed}");
    }
}
