//! Many runs, each from its own seed.

use causerie_client::Millis;

use crate::chance::Chance;
use crate::client::Client;
use crate::door::{Door, Sabotage};
use crate::history::judge;
use crate::link::Weather;
use crate::world::World;

/// How many seeds the test runs; `SIM_SEEDS` and `SIM_FIRST_SEED` say otherwise.
const SEEDS: u64 = 200;

pub(crate) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Plays a whole run.
fn play(seed: u64, sabotage: Sabotage) -> World<Client, Door> {
    let mut chance = Chance::new(seed);
    let weather = Weather::draw(&mut chance);
    let clients = (0..2).map(|number| Client::new(number, &mut chance)).collect();
    let mut world = World::new(clients, Door::new(sabotage), chance, weather);
    world.plan();
    world.run(Millis::MAX);
    world
}

#[test]
fn over_any_network_every_request_is_settled_once_and_every_write_happens_once_and_in_order() {
    let (first, count) = (number("SIM_FIRST_SEED", 1), number("SIM_SEEDS", SEEDS));
    let (mut acknowledged, mut uncertain, mut repeated) = (0, 0, 0);
    for seed in first..first + count {
        let run = std::panic::catch_unwind(|| {
            let world = play(seed, Sabotage::None);
            judge(&world).unwrap();
            world.clients.into_iter().flat_map(|client| client.notes.into_values()).collect::<Vec<_>>()
        });
        let Ok(notes) = run else {
            panic!("seed {seed} failed, see above; alone: SIM_FIRST_SEED={seed} SIM_SEEDS=1");
        };
        for note in notes {
            match note.outcome {
                Some(Ok(_)) => acknowledged += 1,
                _ => uncertain += 1,
            }
            repeated += u32::from(note.sent > 1);
        }
    }
    // A network that never failed would prove nothing, nor would one that always did.
    assert!(repeated > acknowledged / 50, "{repeated} of {acknowledged} were sent more than once");
    assert!(uncertain < acknowledged, "{uncertain} without an answer, {acknowledged} with one");
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let twice = || {
        let world = play(7, Sabotage::None);
        let notes: Vec<String> = world
            .clients
            .iter()
            .flat_map(|client| client.notes.values())
            .map(|note| format!("{note:?}"))
            .collect();
        (world.now, notes, world.site.values)
    };
    assert_eq!(twice(), twice());
}

#[test]
fn a_server_that_breaks_a_promise_is_found_out() {
    for sabotage in [Sabotage::ForgetsKeys, Sabotage::AnswersTooSoon, Sabotage::Shuffles] {
        let found = (1..=60).filter(|seed| judge(&play(*seed, sabotage)).is_err()).count();
        assert!(found > 0, "{sabotage:?} was not found in 60 runs");
    }
}
