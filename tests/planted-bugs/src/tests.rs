//! Runs with each bug, until one of them is wrong.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use causerie_client::planted;

use crate::subscriptions::bugs::Bug as ServerBug;
use crate::subscriptions::runs::{run, start};

include!("../bugs.rs");

/// The number of runs in which a bug must be detected.
const SEEDS: u64 = 400;

/// Returns the first seed with which a bug is detected.
fn detect(bug: &'static str) -> Option<u64> {
    planted::select(bug);
    let is_detected = |seed: &u64| {
        let run = || run(&mut start(*seed, ServerBug::None)).is_err();
        // With a bug, anything can panic. That is no detection; only a failure of a check is.
        catch_unwind(AssertUnwindSafe(run)).unwrap_or(false)
    };
    (1..=SEEDS).find(is_detected)
}

#[test]
fn simulation_detects_every_planted_bug_of_the_store() {
    let names: Vec<&str> = BTreeSet::from_iter(BUGS.iter().map(|bug| bug.name)).into_iter().collect();
    assert!(names.len() >= 20);
    let next = AtomicUsize::new(0);
    let missed = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if detect(name).is_none() {
                        missed.lock().unwrap().push(*name);
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not detected in {SEEDS} runs: {missed:#?}");
}

#[test]
fn nothing_is_wrong_without_a_planted_bug() {
    for seed in 1..=10 {
        run(&mut start(seed, ServerBug::None)).unwrap_or_else(|problem| panic!("seed {seed}: {problem}"));
    }
}
