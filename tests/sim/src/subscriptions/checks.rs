//! Checks of a run: by the messages that were sent, the lists that handles showed, and, whenever everything
//! is up to date, the server's full answers.

use std::collections::BTreeMap;

use causerie_client::store::{HandleId, JsonSnapshot};
use causerie_protocol::{ErrorCode, Topic};
use serde_json::Value;

use super::client::Client;
use super::handles::{Handle, Range, entry_id};
use super::oracle::{Cursor, Expected, is_down_to};
use super::server::WholeServer;
use crate::simulation::Simulation;

pub(crate) type SubscriptionSimulation = Simulation<Client, WholeServer>;

/// The entries that a handle must show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    pub(crate) entries: usize,
    /// Whether a page was loaded just now, so that the handle knows the list's end. Entries after a range may
    /// have been removed since, of which the client is not informed.
    pub(crate) knows_end: bool,
}

/// What handles must show, by client and handle. The others must show their range.
pub(crate) type Counts = BTreeMap<(usize, HandleId), Count>;

/// Checks everything that happened in a run.
pub(crate) fn check_history(simulation: &SubscriptionSimulation) -> Result<(), String> {
    for client in &simulation.clients {
        for observations in client.observations() {
            let result = observations.check(&simulation.server.histories);
            result.map_err(|problem| format!("client {}: {problem}", client.number))?;
        }
        check_sent(client, &simulation.server)?;
    }
    Ok(())
}

/// Checks that every handle shows what the server answers to a new client, when everything is up to date.
/// Records the ranges of the lists.
pub(crate) fn check_handles(simulation: &mut SubscriptionSimulation, counts: &Counts) -> Result<(), String> {
    for number in 0..simulation.clients.len() {
        let client = &simulation.clients[number];
        if let Some(violation) = &client.violation {
            return Err(violation.clone());
        }
        if !client.is_settled() {
            let waiting: Vec<&Handle> =
                client.handles.values().filter(|handle| !handle.is_settled()).collect();
            return Err(format!("client {number}: something is still pending: {waiting:?}"));
        }
        let expected = expected_snapshots(simulation, number);
        let client = &mut simulation.clients[number];
        for (id, handle) in &mut client.handles {
            let expected = &expected[&format!("{:?}", handle.topic)];
            let count = counts.get(&(number, *id)).copied();
            check_handle(handle, expected, count).map_err(|problem| {
                format!("client {number}, handle {id}: {problem}\n {handle:?}\n expected {expected:?}")
            })?;
            record_range(handle, expected);
        }
        check_identity(client)?;
    }
    Ok(())
}

/// Returns what the handles of a client must show, by topic.
fn expected_snapshots(simulation: &mut SubscriptionSimulation, number: usize) -> BTreeMap<String, Expected> {
    let handles = simulation.clients[number].handles.values();
    let topics: BTreeMap<String, Topic> =
        handles.map(|handle| (format!("{:?}", handle.topic), handle.topic.clone())).collect();
    // A user who is offline is online while a new client of the user loads something.
    let (public, own): (Vec<_>, Vec<_>) =
        topics.into_iter().partition(|(_, topic)| matches!(topic, Topic::User { .. } | Topic::Online { .. }));
    let values = |topics: &[(String, Topic)]| -> Vec<Value> {
        topics.iter().map(|(_, topic)| serde_json::to_value(topic).unwrap()).collect()
    };
    let mut answers = simulation.server.load_as_observer(&values(&public));
    if !own.is_empty() {
        answers.extend(simulation.server.load_as_new_client(number, &values(&own)));
    }
    let topics = public.into_iter().chain(own);
    topics.zip(&answers).map(|((key, topic), answer)| (key, Expected::new(&topic, answer))).collect()
}

fn check_handle(handle: &Handle, expected: &Expected, count: Option<Count>) -> Result<(), String> {
    let Some(shown) = &handle.shown else { return Err("shows nothing yet".to_owned()) };
    let is_list = handle.topic.page_sizes().is_some();
    match (&shown.snapshot, expected) {
        (None, Expected::Absent) if shown.loaded_all == is_list.then_some(true) => Ok(()),
        (Some(snapshot), Expected::Single(value)) if snapshot.value() == value => Ok(()),
        (Some(snapshot), Expected::List(entries)) => {
            check_list(handle, snapshot, entries, count, shown.loaded_all == Some(true))
        }
        _ => Err("shows something else".to_owned()),
    }
}

fn check_list(
    handle: &Handle,
    snapshot: &JsonSnapshot,
    entries: &[(Cursor, Value)],
    count: Option<Count>,
    loaded_all: bool,
) -> Result<(), String> {
    let shown = snapshot.parts();
    let values: Vec<&Value> = shown.iter().map(JsonSnapshot::value).collect();
    let expected = entries.get(..shown.len()).ok_or("shows too many entries")?;
    if let Some(index) = expected.iter().zip(&values).position(|((_, one), other)| one != *other) {
        return Err(format!("entry {index} is {} and should be {}", values[index], expected[index].1));
    }
    let is_all = shown.len() == entries.len();
    if loaded_all != is_all && (loaded_all || count.is_some_and(|count| count.knows_end)) {
        return Err(format!("loaded_all is {loaded_all} with {} of {}", shown.len(), entries.len()));
    }
    if shown.is_empty() && !entries.is_empty() {
        return Err("shows none of the entries".to_owned());
    }
    if let Some(count) = count.map(|count| count.entries.min(entries.len()))
        && count != shown.len()
    {
        return Err(format!("shows {} entries instead of {count}", shown.len()));
    }
    let Some(range) = handle.range.as_ref().filter(|_| count.is_none()) else { return Ok(()) };
    let in_range = match &range.end {
        Some(end) => entries.iter().filter(|(cursor, _)| is_down_to(&handle.topic, cursor, end)).count(),
        None => entries.len(),
    };
    let is_right = if handle.was_reset {
        // A list that was sent whole may be shorter, by as many entries as were added at its start. Messages
        // do not come back, unlike other entries, which may have been added at the end of a shorter list.
        let kept = range.ids.iter().filter(|id| entries.iter().any(|((_, other), _)| *id == other));
        !matches!(handle.topic, Topic::Messages { .. }) || shown.len() >= kept.count().min(in_range)
    } else if handle.was_extended {
        shown.len() >= in_range
    } else {
        shown.len() == in_range
    };
    if is_right {
        Ok(())
    } else {
        Err(format!("shows {} entries of the {in_range} in the range {range:?}", shown.len()))
    }
}

fn record_range(handle: &mut Handle, expected: &Expected) {
    (handle.was_reset, handle.was_extended) = (false, false);
    let shown = handle.entries().len();
    handle.range = match expected {
        Expected::List(entries) => {
            let ids = entries.iter().take(shown).map(|((_, id), _)| id.clone()).collect();
            let is_end = handle.shown.as_ref().is_some_and(|shown| shown.loaded_all == Some(true));
            // An empty range has no last entry from which it could be recorded.
            let end = entries.get(shown.wrapping_sub(1)).filter(|_| !is_end).map(|(cursor, _)| cursor);
            let next = entries.iter().skip(shown).take(3).map(|((_, id), _)| id.clone()).collect();
            (is_end || end.is_some()).then(|| Range { ids, end: end.cloned(), next })
        }
        Expected::Absent | Expected::Single(_) => None,
    };
}

/// Checks that an entry is the same object in all lists of a topic.
fn check_identity(client: &Client) -> Result<(), String> {
    let mut entries: BTreeMap<(String, &str), &JsonSnapshot> = BTreeMap::new();
    for handle in client.handles.values() {
        let topic = format!("{:?}", handle.topic);
        for entry in handle.entries() {
            let first = *entries.entry((topic.clone(), entry_id(entry.value()))).or_insert(entry);
            if !first.is_same(entry) {
                return Err(format!("client {}, {topic}: two handles show other objects", client.number));
            }
        }
    }
    Ok(())
}

/// Checks that a message exists once if it was acknowledged, at most once otherwise, and that those that were
/// acknowledged exist in the order of sending.
fn check_sent(client: &Client, server: &WholeServer) -> Result<(), String> {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, sent) in &client.sent {
        let violation =
            |problem: &str| Err(format!("client {}, request {id}: {problem}: {sent:?}", client.number));
        let history = server.histories.get(&sent.conversation);
        let mut matching = history
            .iter()
            .flat_map(|history| &history.texts)
            .filter(|(_, texts)| texts.first() == Some(&sent.text));
        let (first, second) = (matching.next(), matching.next());
        if second.is_some() {
            return violation("was sent twice");
        }
        match (&sent.outcome, first) {
            (None, _) => return violation("was never settled"),
            (Some(Ok(_)), None) => return violation("was acknowledged and does not exist"),
            (Some(Ok(message)), Some((id, _))) if message != id => return violation("has another id"),
            (Some(Err(ErrorCode::Offline | ErrorCode::TimedOut)), _) | (Some(Ok(_)), _) => {}
            (Some(Err(_)), Some(_)) => return violation("was rejected and exists"),
            (Some(Err(_)), None) => {}
        }
        // The text of a request that timed out may still be on its way, over a connection that stalls.
        if let Some(((message, _), history)) = first.zip(history)
            && matches!(sent.outcome, Some(Ok(_)))
        {
            let index = history.order.iter().position(|other| other == message);
            let previous = last.insert(&sent.conversation, index.unwrap());
            if previous.is_some_and(|previous| previous >= index.unwrap()) {
                return violation("precedes a message that was sent before it");
            }
        }
    }
    Ok(())
}
