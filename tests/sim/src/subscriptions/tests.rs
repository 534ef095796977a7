//! Many runs, each from its own seed, and one scenario with a disconnect at every text.

use causerie_client::Millis;

use super::actions::{Action, TopicChoice, USERS};
use super::bugs::{Bug, BugInjector};
use super::checks::{SubscriptionSimulation, check, check_final_state};
use super::client::Client;
use super::server::SocketServer;
use crate::network::NetworkConditions;
use crate::number_from_env;
use crate::rng::Rng;
use crate::simulation::{ACTIVE_TIME, Simulation};

/// The number of seeds of the test. `SIM_SEEDS` and `SIM_FIRST_SEED` select others.
const SEEDS: u64 = 20;
/// The time without faults after the last action, in milliseconds. It is longer than any delay of the engine.
const CALM_TIME: Millis = 100_000;
/// How often a run waits for the server's own tasks at the end, a few real milliseconds each.
const MAX_WAITS: u64 = 400;

const NO_FAULTS: NetworkConditions =
    NetworkConditions { latency: 20, disconnects: 0, silences: 0, failed_opens: 0, lost_posts: 0 };

fn run(seed: u64, bug: Bug) -> SubscriptionSimulation {
    let mut rng = Rng::new(seed);
    let conditions = NetworkConditions::draw(&mut rng);
    let clients = (0..USERS).map(|number| {
        let mut client = Client::new(number, rng.next());
        // Every client has a subscription from the beginning.
        client.script.push_back(Action::Subscribe(TopicChoice::Messages(number % 2), None));
        client
    });
    let clients = clients.collect();
    let server = SocketServer::new(BugInjector::new(bug));
    let mut simulation = Simulation::new(clients, server, rng, conditions);
    simulation.draw_events();
    simulation.run(ACTIVE_TIME);
    // With a bug the final state may never be right, so the run does not wait long for it.
    settle(&mut simulation, if bug == Bug::None { MAX_WAITS } else { 8 });
    simulation
}

/// Runs without further faults until all clients are up to date.
fn settle(simulation: &mut SubscriptionSimulation, max_waits: u64) {
    simulation.conditions = NO_FAULTS;
    simulation.disconnect_at = None;
    let end = simulation.now.max(ACTIVE_TIME) + CALM_TIME;
    simulation.run(end);
    // The server's own tasks may be a little late, in real time.
    for wait in 1..=max_waits {
        simulation.server.wait();
        simulation.send_server_messages();
        simulation.run(end + 100 * wait);
        let settled = wait.is_multiple_of(4) && simulation.clients.iter().all(Client::is_settled);
        if settled && check_final_state(simulation).is_ok() {
            return;
        }
    }
}

/// Runs a fixed scenario with a disconnect at this text.
fn run_scenario(disconnect_at: Option<u32>) -> SubscriptionSimulation {
    let scripts: [&[(Millis, Action)]; 2] = [
        &[
            (0, Action::Subscribe(TopicChoice::Messages(0), None)),
            (0, Action::Send(0)),
            (0, Action::Subscribe(TopicChoice::Conversations, None)),
            (1_000, Action::Send(0)),
            (1_000, Action::Send(1)),
            (3_000, Action::Edit(0, 0)),
            (4_000, Action::Remove(0, 1)),
            (5_000, Action::Send(0)),
            (6_000, Action::Invite(0, 1)),
            (8_000, Action::Delete(0, 1)),
            (8_000, Action::Send(0)),
        ],
        &[
            (10, Action::Subscribe(TopicChoice::Messages(0), Some(2))),
            (10, Action::Subscribe(TopicChoice::Participants(0), None)),
            (1_500, Action::Reply(0, 0)),
            (2_500, Action::Subscribe(TopicChoice::Conversation(0), None)),
            (5_500, Action::Send(0)),
            (7_000, Action::Send(0)),
            (7_500, Action::LoadMore(0)),
            (9_000, Action::Unsubscribe(1)),
            (9_500, Action::MarkAsRead(0)),
        ],
    ];
    let clients: Vec<Client> = (0..2).map(|number| Client::new(number, 7 + number as u64)).collect();
    let server = SocketServer::new(BugInjector::new(Bug::None));
    let mut simulation = Simulation::new(clients, server, Rng::new(1), NO_FAULTS);
    simulation.disconnect_at = disconnect_at;
    for (number, script) in scripts.iter().enumerate() {
        for (at, action) in *script {
            simulation.clients[number].script.push_back(*action);
            simulation.schedule_action(*at, number);
        }
    }
    simulation.run(20_000);
    settle(&mut simulation, MAX_WAITS);
    simulation
}

#[test]
fn lists_equal_the_ground_truth_at_every_frame_and_a_new_clients_state_at_the_end_over_any_network() {
    let (first, count) = (number_from_env("SIM_FIRST_SEED", 1), number_from_env("SIM_SEEDS", SEEDS));
    let (mut resets, mut events, mut sent) = (0, 0, 0);
    for seed in first..first + count {
        let result = std::panic::catch_unwind(|| {
            let mut simulation = run(seed, Bug::None);
            check(&mut simulation).unwrap_or_else(|problem| panic!("{problem}"));
            let sum = |count: fn(&Client) -> u32| simulation.clients.iter().map(count).sum::<u32>();
            (sum(|client| client.resets), sum(|client| client.events), sum(|client| client.sent.len() as u32))
        });
        let Ok(counts) = result else {
            panic!("seed {seed} failed, see above; to repeat: SIM_FIRST_SEED={seed} SIM_SEEDS=1");
        };
        resets += counts.0;
        events += counts.1;
        sent += counts.2;
    }
    // The test is meaningless without events.
    assert!(events > resets && sent > 100, "{resets} resets, {events} events frames, {sent} messages");
}

#[test]
fn disconnect_at_any_text_of_a_scenario_loses_nothing() {
    let mut undisturbed = run_scenario(None);
    check(&mut undisturbed).unwrap_or_else(|problem| panic!("{problem}"));
    let acknowledged = |simulation: &SubscriptionSimulation| {
        let sent = simulation.clients.iter().flat_map(|client| client.sent.values());
        sent.filter(|sent| matches!(sent.outcome, Some(Ok(_)))).count()
    };
    let all = acknowledged(&undisturbed);
    assert!(all >= 7, "only {all} messages were acknowledged");
    for text in 1..=undisturbed.texts {
        let mut simulation = run_scenario(Some(text));
        check(&mut simulation).unwrap_or_else(|problem| panic!("disconnect at text {text}: {problem}"));
        // Actions that depend on a list are skipped if it is not loaded yet.
        assert!(acknowledged(&simulation) + 2 >= all, "disconnect at text {text}: too few messages");
    }
}

#[test]
fn checks_detect_every_deliberate_bug_of_the_server() {
    for bug in [
        Bug::SkipsEvents,
        Bug::LosesMissedEvents,
        Bug::KeepsDeleted,
        Bug::SendsOldTexts,
        Bug::KeepsRemovedUser,
        Bug::IgnoresKeys,
    ] {
        let detected = (1..=12).any(|seed| {
            // A store that detects a violation at once panics.
            std::panic::catch_unwind(|| check(&mut run(seed, bug)).is_err()).unwrap_or(true)
        });
        assert!(detected, "{bug:?} was not detected in 12 runs");
    }
}
