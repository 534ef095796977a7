//! Many runs, each from its own seed.

use causerie_client::Millis;

use super::checks::check;
use super::client::Client;
use super::server::{Bug, ServiceServer};
use crate::network::NetworkConditions;
use crate::number_from_env;
use crate::rng::Rng;
use crate::simulation::Simulation;

/// The number of seeds of the test. `SIM_SEEDS` and `SIM_FIRST_SEED` select others.
const SEEDS: u64 = 200;
/// The time in which programs act, in milliseconds.
const ACTIVE_TIME: Millis = 120_000;
/// The number of actions of each client.
const ACTIONS: u64 = 50;

fn run(seed: u64, bug: Bug) -> Simulation<Client, ServiceServer> {
    let mut rng = Rng::new(seed);
    let conditions = NetworkConditions::draw(&mut rng);
    let clients = (0..2).map(|number| Client::new(number, &mut rng)).collect();
    let mut simulation = Simulation::new(clients, ServiceServer::new(bug), rng, conditions);
    simulation.draw_events(ACTIVE_TIME, ACTIONS);
    simulation.run(Millis::MAX);
    simulation
}

#[test]
fn each_request_is_settled_once_and_each_write_executed_once_in_order_over_any_network() {
    let (first, count) = (number_from_env("SIM_FIRST_SEED", 1), number_from_env("SIM_SEEDS", SEEDS));
    let (mut acknowledged, mut failed, mut repeated) = (0, 0, 0);
    for seed in first..first + count {
        let result = std::panic::catch_unwind(|| {
            let simulation = run(seed, Bug::None);
            check(&simulation).unwrap();
            let records = simulation.clients.into_iter().flat_map(|client| client.records.into_values());
            records.collect::<Vec<_>>()
        });
        let Ok(records) = result else {
            panic!("seed {seed} failed, see above; to repeat: SIM_FIRST_SEED={seed} SIM_SEEDS=1");
        };
        for record in records {
            match record.outcome {
                Some(Ok(_)) => acknowledged += 1,
                _ => failed += 1,
            }
            repeated += u32::from(record.times_sent > 1);
        }
    }
    // The test is meaningless with a network that never fails, or one that nearly always does.
    assert!(repeated > acknowledged / 50, "{repeated} of {acknowledged} were sent more than once");
    assert!(failed < acknowledged, "{failed} failed, {acknowledged} succeeded");
}

#[test]
fn same_seed_gives_the_same_run() {
    let run_again = || {
        let simulation = run(7, Bug::None);
        let records = simulation.clients.iter().flat_map(|client| client.records.values());
        let records: Vec<String> = records.map(|record| format!("{record:?}")).collect();
        (simulation.now, records, simulation.server.values)
    };
    assert_eq!(run_again(), run_again());
}

#[test]
fn checks_detect_every_deliberate_bug_of_the_server() {
    for bug in [Bug::IgnoresKeys, Bug::AcknowledgesWithoutExecuting, Bug::ReordersBatches] {
        let detected = (1..=60).filter(|seed| check(&run(*seed, bug)).is_err()).count();
        assert!(detected > 0, "{bug:?} was not detected in 60 runs");
    }
}
