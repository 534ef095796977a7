//! Runs: programs act over a failing network, then everything comes up to date and is checked, several times.

use std::collections::BTreeSet;

use causerie_client::Millis;
use causerie_protocol::Topic;

use super::actions::{Action, TopicChoice};
use super::bugs::{Bug, BugInjector};
use super::checks::{Count, Counts, SubscriptionSimulation, check_handles, check_history};
use super::client::Client;
use super::data::{LongList, USERS};
use super::handles::Handle;
use super::server::WholeServer;
use crate::network::NetworkConditions;
use crate::rng::Rng;
use crate::simulation::Simulation;

/// The time in which programs act in a round, in milliseconds.
const ACTIVE_TIME: Millis = 40_000;
/// The number of actions of each client in a round.
const ACTIONS: u64 = 24;
/// The time without faults after which everything is up to date. It is longer than any delay of the engine.
const CALM_TIME: Millis = 100_000;
/// The time after which the effects of an action are visible everywhere if there are no faults.
const PROBE_TIME: Millis = 3_000;

pub(crate) const NO_FAULTS: NetworkConditions =
    NetworkConditions { latency: 20, disconnects: 0, silences: 0, failed_opens: 0, lost_posts: 0 };

/// Returns the simulation that a seed gives, before its start.
pub(crate) fn start(seed: u64, bug: Bug) -> SubscriptionSimulation {
    let mut rng = Rng::new(seed);
    let conditions = NetworkConditions::draw(&mut rng);
    let long = LongList::ALL[usize::try_from(rng.between(0, 4)).unwrap()];
    let server = WholeServer::new(rng.next(), long, BugInjector::new(bug));
    let clients = (0..USERS).map(|number| {
        let mut client = Client::new(number, rng.next(), &server.data);
        // Every client has a subscription from the beginning, and the long list has one in every run.
        client.script.push_back(Action::Open(TopicChoice::Messages(number % 2)));
        client.script.push_back(Action::Open(match long {
            LongList::Messages => TopicChoice::Messages(0),
            LongList::Participants => TopicChoice::Participants(0),
            LongList::Reactions => TopicChoice::Reactions(0, None),
            LongList::Conversations => TopicChoice::Conversations(None),
        }));
        client
    });
    let clients = clients.collect();
    Simulation::new(clients, server, rng, conditions)
}

/// Executes a run. Returns the first violation of a guarantee.
pub(crate) fn run(simulation: &mut SubscriptionSimulation) -> Result<(), String> {
    let conditions = simulation.conditions;
    // In most runs everything comes up to date once.
    let rounds = if simulation.rng.per_mille(250) { 3 } else { 1 };
    for _ in 0..rounds {
        simulation.conditions = conditions;
        simulation.draw_events(ACTIVE_TIME, ACTIONS);
        simulation.run(simulation.now + ACTIVE_TIME);
        settle(simulation);
        check_handles(simulation, &Counts::new())?;
        let counts = probe(simulation);
        simulation.run_until_delivered(simulation.now + PROBE_TIME);
        check_handles(simulation, &counts)?;
        restore_access(simulation);
        simulation.run_until_delivered(simulation.now + PROBE_TIME);
        check_handles(simulation, &Counts::new())?;
    }
    check_history(simulation)
}

/// Runs without further faults until all clients are up to date.
pub(crate) fn settle(simulation: &mut SubscriptionSimulation) {
    simulation.calm(NO_FAULTS);
    simulation.run_until_delivered(simulation.now + CALM_TIME);
}

/// Lets programs load more, open further handles, and type, when everything is up to date. Returns how many
/// entries the handles must show then.
fn probe(simulation: &mut SubscriptionSimulation) -> Counts {
    let mut counts = Counts::new();
    for number in 0..simulation.clients.len() {
        let ids: Vec<_> = simulation.clients[number].handles.keys().copied().collect();
        for id in ids {
            let client = &mut simulation.clients[number];
            let handle = &client.handles[&id];
            let (topic, before) = (handle.topic.clone(), handle.entries().len());
            let is_shown = handle.shown.as_ref().is_some_and(|shown| shown.snapshot.is_some());
            let next = handle.range.as_ref().and_then(|range| range.next.first()).cloned();
            if !is_shown && simulation.rng.per_mille(500) {
                client.open_topic(simulation.now, topic.clone());
            }
            let Some(sizes) = topic.page_sizes().filter(|_| is_shown) else { continue };
            // With several handles, another one may have loaded the entries.
            let knows_end = client.handles.values().filter(|handle| handle.topic == topic).count() == 1;
            match simulation.rng.between(0, 5) {
                0 | 1 => {
                    let count =
                        [None, Some(1), Some(3)][usize::try_from(simulation.rng.between(0, 3)).unwrap()];
                    client.load_more(id, count);
                    // An entry of the page changes at the same time. A user who changes a conversation of
                    // others would join it, so that it moves.
                    let mut other = usize::try_from(simulation.rng.between(0, USERS as u64)).unwrap();
                    if matches!(topic, Topic::Conversations { .. }) {
                        other = number;
                    }
                    if let Some(next) = next.filter(|_| simulation.rng.per_mille(700)) {
                        simulation.clients[other].touch(simulation.now, &topic, &next);
                    }
                    let added = count.unwrap_or(sizes.more) as usize;
                    counts.insert((number, id), Count { entries: before + added, knows_end });
                }
                2 => {
                    let opened = client.open_topic(simulation.now, topic);
                    let entries = sizes.initial as usize;
                    counts.insert((number, opened), Count { entries, knows_end: false });
                }
                _ => {
                    counts.insert((number, id), Count { entries: before, knows_end: false });
                }
            }
        }
        if simulation.rng.per_mille(300) {
            simulation.clients[number].perform(simulation.now, Action::MarkAsTyping(0));
        }
    }
    // All at the same time.
    (0..simulation.clients.len()).for_each(|number| simulation.execute_commands(number));
    counts
}

/// Lets programs invite the users to the conversations of handles that show nothing.
fn restore_access(simulation: &mut SubscriptionSimulation) {
    for number in 0..simulation.clients.len() {
        let handles = simulation.clients[number].handles.values();
        let is_absent =
            |handle: &&Handle| handle.shown.as_ref().is_some_and(|shown| shown.snapshot.is_none());
        let absent: BTreeSet<usize> = handles.filter(is_absent).filter_map(conversation_of).collect();
        for conversation in absent {
            let other = (number + 1) % simulation.clients.len();
            simulation.clients[other].perform(simulation.now, Action::Invite(conversation, number));
        }
    }
    (0..simulation.clients.len()).for_each(|number| simulation.execute_commands(number));
}

/// Returns the number of the conversation whose messages or participants a handle shows.
fn conversation_of(handle: &Handle) -> Option<usize> {
    match &handle.topic {
        Topic::Messages { id } | Topic::Participants { id } => id.as_str().get(1..)?.parse().ok(),
        _ => None,
    }
}
