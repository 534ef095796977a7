//! The store against a model of the server: random histories, in which every snapshot is compared with a
//! rebuild from the model's data after every turn.
//!
//! - A list is the beginning of the server's list, and `loaded_all` is whether it is all of it.
//! - A handle gets a snapshot if and only if something in it changed.
//! - Each part of a snapshot that equals a part of the previous one is the same object.
//!
//! `STORE_SEEDS` sets the number of histories, `STORE_FIRST_SEED` the first one.

#![cfg(test)]

mod client;
mod model;
mod program;
mod scenarios;
mod search;

use program::Program;

fn number_from_env(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[test]
fn random_histories_show_the_servers_data_and_keep_equal_parts() {
    let (first, count) = (number_from_env("STORE_FIRST_SEED", 1), number_from_env("STORE_SEEDS", 300));
    let mut snapshots = 0;
    for seed in first..first + count {
        let result = std::panic::catch_unwind(|| {
            let mut program = Program::new(seed);
            (0..60).for_each(|_| program.turn());
            program.snapshots
        });
        let Ok(seen) = result else {
            panic!("seed {seed} failed, see above; to repeat: STORE_FIRST_SEED={seed} STORE_SEEDS=1");
        };
        snapshots += seen;
    }
    assert!(snapshots > 40 * count, "only {snapshots} snapshots were compared");
}
