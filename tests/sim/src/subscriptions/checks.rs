//! Checks of a run, by the messages that were sent, the lists that were observed, and the state at the end.

use std::collections::BTreeMap;

use causerie_protocol::{Entities, ErrorCode, Topic};
use serde_json::Value;

use super::client::Client;
use super::observer::TopicState;
use super::server::SocketServer;
use super::store::{State, Store, Subscription, entry_id};
use crate::simulation::Simulation;

pub(crate) type SubscriptionSimulation = Simulation<Client, SocketServer>;

/// Returns the first violation of a guarantee in a run.
pub(crate) fn check(simulation: &mut SubscriptionSimulation) -> Result<(), String> {
    for client in &simulation.clients {
        for observation in &client.observations {
            let result = observation.check(&simulation.server.histories);
            result.map_err(|problem| format!("client {}: {problem}", client.number))?;
        }
        check_sent(client, &simulation.server)?;
    }
    check_final_state(simulation)
}

/// Checks that every client has the state that a new client loads, as far as its windows reach, with the same
/// bodies.
pub(crate) fn check_final_state(simulation: &mut SubscriptionSimulation) -> Result<(), String> {
    for number in 0..simulation.clients.len() {
        check_final_state_of(number, simulation)?;
    }
    Ok(())
}

/// Checks that a message exists once if it was acknowledged, at most once otherwise, and in the order of
/// sending.
fn check_sent(client: &Client, server: &SocketServer) -> Result<(), String> {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, sent) in &client.sent {
        let history = &server.histories[&sent.conversation];
        let mut matching = history.texts.iter().filter(|(_, texts)| texts[0] == sent.text);
        let (first, second) = (matching.next(), matching.next());
        let violation =
            |problem: &str| Err(format!("client {}, request {id}: {problem}: {sent:?}", client.number));
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
        if let Some((message, _)) = first {
            let index = history.order.iter().position(|other| other == message);
            let previous = last.insert(&sent.conversation, index.unwrap());
            if previous.is_some_and(|previous| previous >= index.unwrap()) {
                return violation("precedes a message that was sent before it");
            }
        }
    }
    Ok(())
}

fn check_final_state_of(number: usize, simulation: &mut SubscriptionSimulation) -> Result<(), String> {
    let subscriptions = simulation.clients[number].store.subscriptions.values();
    let topics: Vec<Value> =
        subscriptions.map(|subscription| serde_json::to_value(&subscription.topic).unwrap()).collect();
    let expected = simulation.server.load_as_new_client(number, &topics);
    let store = &simulation.clients[number].store;
    for (subscription, expected) in store.subscriptions.values().zip(&expected) {
        compare(store, subscription, expected).map_err(|problem| {
            let Subscription { topic, state, .. } = subscription;
            format!("client {number}, {topic:?}: {problem}\n state {state:?}\n expected {expected:?}")
        })?;
    }
    Ok(())
}

/// Compares a subscription with the state that a new client loads.
fn compare(
    store: &Store,
    subscription: &Subscription,
    (_, value, entities): &TopicState,
) -> Result<(), String> {
    let entries = match (&subscription.state, value) {
        (State::Loading, _) => return Err("no frame arrived".to_owned()),
        (State::Absent, None) => return Ok(()),
        (State::Absent, Some(_)) => return Err("is absent in the store".to_owned()),
        (_, None) => return Err("is absent on the server".to_owned()),
        (State::Single(state), Some(value)) => {
            if state != value {
                return Err("has another value".to_owned());
            }
            vec![state.clone()]
        }
        (State::List(list), Some(value)) => {
            let items = value["items"].as_array().expect("a list has `items`");
            let entries: Vec<&Value> = list.entries.iter().map(|(_, entry)| entry).collect();
            let complete = list.window_end.is_none() && value["more"] == false;
            if (complete && entries.len() != items.len())
                || !items.iter().zip(&entries).all(|(one, other)| one == *other)
            {
                return Err("has other entries".to_owned());
            }
            entries.into_iter().cloned().collect()
        }
    };
    let expected = bodies_by_key(entities);
    let mut keys: Vec<BodyKey> = entries.iter().map(|entry| key_of(&subscription.topic, entry)).collect();
    while let Some(key) = keys.pop() {
        // A referenced message without a body was deleted.
        let Some(body) = expected.get(&key) else { continue };
        let held = store.bodies.get(&key);
        if held.map(without_revision) != Some(without_revision(body)) {
            return Err(format!("{key:?} is {:?} and should be {body}", store.bodies.get(&key)));
        }
        let fields = [("sender", "user"), ("lastMessage", "message"), ("referencedMessage", "message")];
        let referenced = fields.into_iter();
        keys.extend(referenced.filter_map(|(field, kind)| Some((kind, body[field].as_str()?.to_owned()))));
    }
    Ok(())
}

/// Returns the entity. Its revision also covers whether the message that it replies to was deleted, so a body
/// that was sent before that deletion has another one than now.
fn without_revision(body: &Value) -> Value {
    let mut entity = body.clone();
    let rev = entity.as_object_mut().and_then(|fields| fields.remove("rev"));
    assert!(rev.is_some_and(|rev| rev.is_u64()), "no revision: {body}");
    entity
}

/// The kind and the id of a body.
type BodyKey = (&'static str, String);

fn bodies_by_key(entities: &Entities<Value>) -> BTreeMap<BodyKey, &Value> {
    let Entities { users, conversations, messages } = entities;
    let kinds = [("user", users), ("conversation", conversations), ("message", messages)];
    let bodies = kinds.into_iter().flat_map(|(kind, bodies)| bodies.iter().map(move |body| (kind, body)));
    bodies.map(|(kind, body)| ((kind, body["id"].as_str().unwrap().to_owned()), body)).collect()
}

/// Returns the key of the body to which an entry refers.
fn key_of(topic: &Topic, entry: &Value) -> BodyKey {
    let kind = match topic {
        Topic::Messages { .. } => "message",
        Topic::Conversation { .. } | Topic::Conversations { .. } => "conversation",
        _ => "user",
    };
    (kind, entry_id(entry).to_owned())
}
