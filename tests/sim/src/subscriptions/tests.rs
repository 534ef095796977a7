//! Many runs, each from its own seed, and one scenario with a disconnect at every text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use causerie_client::Millis;

use super::actions::{Action, FilterChoice, TopicChoice};
use super::bugs::{Bug, BugInjector};
use super::checks::{Counts, SubscriptionSimulation, check_handles, check_history};
use super::client::Client;
use super::data::LongList;
use super::runs::{NO_FAULTS, run, settle, start};
use super::server::WholeServer;
use crate::number_from_env;
use crate::rng::Rng;
use crate::simulation::Simulation;

/// The number of seeds of the test. `SIM_SEEDS` and `SIM_FIRST_SEED` select others.
const SEEDS: u64 = 40;
/// The number of failed seeds after which no further ones are run.
const MAX_FAILED: usize = 20;

/// Runs a fixed scenario with a disconnect at this text.
fn run_scenario(disconnect_at: Option<u32>) -> SubscriptionSimulation {
    let scripts: [&[(Millis, Action)]; 2] = [
        &[
            (0, Action::Open(TopicChoice::Messages(0))),
            (0, Action::Send(0)),
            (0, Action::Open(TopicChoice::Conversations(None))),
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
            (10, Action::Open(TopicChoice::Messages(0))),
            (10, Action::Open(TopicChoice::Participants(0))),
            (1_500, Action::Reply(0, 0)),
            (2_500, Action::Open(TopicChoice::Conversation(0))),
            (2_600, Action::Open(TopicChoice::Conversations(Some(FilterChoice::Unread)))),
            (5_500, Action::Send(0)),
            (7_000, Action::Send(0)),
            (7_500, Action::LoadMore(0, Some(2))),
            (9_000, Action::Unsubscribe(1)),
            (9_500, Action::MarkAsRead(0)),
        ],
    ];
    let server = WholeServer::new(1, LongList::Messages, BugInjector::new(Bug::None));
    let clients: Vec<Client> =
        (0..2).map(|number| Client::new(number, 7 + number as u64, &server.data)).collect();
    let mut simulation = Simulation::new(clients, server, Rng::new(1), NO_FAULTS);
    simulation.disconnect_at = disconnect_at;
    for (number, script) in scripts.iter().enumerate() {
        for (at, action) in *script {
            simulation.clients[number].script.push_back(*action);
            simulation.schedule_action(*at, number);
        }
    }
    simulation.run(20_000);
    settle(&mut simulation);
    simulation
}

fn check(simulation: &mut SubscriptionSimulation) -> Result<(), String> {
    check_handles(simulation, &Counts::new())?;
    check_history(simulation)
}

/// What happened in runs.
#[derive(Default)]
struct Totals {
    resets: AtomicU32,
    events: AtomicU32,
    pages: AtomicU32,
    sent: AtomicU32,
}

impl Totals {
    fn add(&self, client: &Client) {
        self.resets.fetch_add(client.resets, Ordering::Relaxed);
        self.events.fetch_add(client.events, Ordering::Relaxed);
        self.pages.fetch_add(client.pages, Ordering::Relaxed);
        self.sent.fetch_add(u32::try_from(client.sent.len()).unwrap(), Ordering::Relaxed);
    }
}

/// Executes the runs of these seeds on all processors. Returns the seeds that failed, each with its problem.
fn run_seeds(seeds: Range<u64>, totals: &Totals) -> BTreeMap<u64, String> {
    let next = AtomicU64::new(seeds.start);
    let failed = Mutex::new(BTreeMap::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !seeds.contains(&seed) || failed.lock().unwrap().len() >= MAX_FAILED {
                        return;
                    }
                    let result = catch_unwind(|| {
                        let mut simulation = start(seed, Bug::None);
                        let result = run(&mut simulation);
                        simulation.clients.iter().for_each(|client| totals.add(client));
                        result
                    });
                    let result = result.unwrap_or_else(|_| Err("a panic, see above".to_owned()));
                    if let Err(problem) = result {
                        failed.lock().unwrap().insert(seed, problem);
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

#[test]
fn handles_show_what_the_server_answers_to_a_new_client_over_any_network() {
    let (first, count) = (number_from_env("SIM_FIRST_SEED", 1), number_from_env("SIM_SEEDS", SEEDS));
    let totals = Totals::default();
    let failed = run_seeds(first..first + count, &totals);
    if let Some((seed, problem)) = failed.first_key_value() {
        let seeds: Vec<&u64> = failed.keys().collect();
        panic!("seeds {seeds:?} failed; to repeat: SIM_FIRST_SEED={seed} SIM_SEEDS=1\n{problem}");
    }
    let Totals { resets, events, pages, sent } = totals;
    let totals = [resets, events, pages, sent].map(AtomicU32::into_inner);
    // The test is meaningless without events and pages.
    let each = totals.map(|total| u64::from(total) / count);
    assert!(
        count < 10 || each[0] >= 4 && each[1] >= 4 && each[2] >= 1 && each[3] >= 4,
        "{each:?} resets, events frames, pages and messages with each seed"
    );
}

/// Removes the epochs of the databases, which are random and only compared.
fn without_epochs(mut texts: Vec<(Millis, String)>) -> Vec<(Millis, String)> {
    for (_, text) in &mut texts {
        while let Some(start) = text.find("\"epoch\":\"") {
            text.replace_range(start..start + 42, "");
        }
    }
    texts
}

#[test]
fn same_seed_gives_the_same_run() {
    for seed in 1..=3 {
        let run_again = || {
            let mut simulation = start(seed, Bug::None);
            simulation.record_texts();
            let result = run(&mut simulation);
            (simulation.now, without_epochs(simulation.take_recorded_texts()), result)
        };
        let (one, other) = (run_again(), run_again());
        assert!(one.1.len() > 100, "only {} texts", one.1.len());
        let first = one.1.iter().zip(&other.1).find(|(one, other)| one != other);
        assert_eq!(first, None, "seed {seed}");
        assert_eq!((one.0, one.2), (other.0, other.2), "seed {seed}");
    }
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
        let detected = (1..=20).any(|seed| {
            let run = || run(&mut start(seed, bug)).is_err();
            catch_unwind(AssertUnwindSafe(run)).unwrap_or(true)
        });
        assert!(detected, "{bug:?} was not detected in 20 runs");
    }
}
