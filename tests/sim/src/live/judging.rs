//! Judges a run by what was said, what was shown, and what is there in the end.

use std::collections::BTreeMap;

use causerie_protocol::{Entities, ErrorCode, Topic};
use serde_json::Value;

use super::lists::{Followed, Held, Lists, name};
use super::person::Person;
use super::server::{Fresh, RealServer};
use crate::world::World;

pub(crate) type LiveWorld = World<Person, RealServer>;

/// What is wrong with a run, or nothing.
pub(crate) fn judge(world: &mut LiveWorld) -> Result<(), String> {
    for person in &world.clients {
        for shown in &person.shown {
            shown.judge(&world.site.talks).map_err(|wrong| format!("person {}: {wrong}", person.number))?;
        }
        judge_sent(person, &world.site)?;
    }
    at_the_end(world)
}

/// In the end every client holds what a newcomer is given: as far down as it was loaded, and with the same bodies.
pub(crate) fn at_the_end(world: &mut LiveWorld) -> Result<(), String> {
    for number in 0..world.clients.len() {
        judge_end(number, world)?;
    }
    Ok(())
}

/// What was acknowledged was said once, in the order in which it was; what was not, at most once.
fn judge_sent(person: &Person, site: &RealServer) -> Result<(), String> {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for (id, sent) in &person.sent {
        let talk = &site.talks[&sent.conversation];
        let mut said = talk.wordings.iter().filter(|(_, wordings)| wordings[0] == sent.text);
        let (first, second) = (said.next(), said.next());
        let wrong = |what: &str| Err(format!("person {}, request {id}: {what}: {sent:?}", person.number));
        if second.is_some() {
            return wrong("was said twice");
        }
        match (&sent.outcome, first) {
            (None, _) => return wrong("was never settled"),
            (Some(Ok(_)), None) => return wrong("was acknowledged and never said"),
            (Some(Ok(message)), Some((said, _))) if message != said => return wrong("has another id"),
            (Some(Err(ErrorCode::Offline | ErrorCode::TimedOut)), _) | (Some(Ok(_)), _) => {}
            (Some(Err(_)), Some(_)) => return wrong("was refused, and said"),
            (Some(Err(_)), None) => {}
        }
        if let Some((message, _)) = first {
            let place = talk.order.iter().position(|other| other == message);
            let before = last.insert(&sent.conversation, place.unwrap());
            if before.is_some_and(|before| before >= place.unwrap()) {
                return wrong("was said before what was sent before it");
            }
        }
    }
    Ok(())
}

fn judge_end(number: usize, world: &mut LiveWorld) -> Result<(), String> {
    let followed = world.clients[number].lists.all.values();
    let topics: Vec<Value> =
        followed.map(|followed| serde_json::to_value(&followed.topic).unwrap()).collect();
    let fresh = world.site.fresh(number, &topics);
    let lists = &world.clients[number].lists;
    for (followed, fresh) in lists.all.values().zip(&fresh) {
        same(lists, followed, fresh).map_err(|wrong| {
            format!(
                "person {number}, {:?}: {wrong}\n held {:?}\n fresh {fresh:?}",
                followed.topic, followed.held
            )
        })?;
    }
    Ok(())
}

fn same(lists: &Lists, followed: &Followed, (_, value, entities): &Fresh) -> Result<(), String> {
    let named = match (&followed.held, value) {
        (Held::Nothing, _) => return Err("nothing ever came".to_owned()),
        (Held::Absent, None) => return Ok(()),
        (Held::Absent, Some(_)) => return Err("is held to be absent".to_owned()),
        (_, None) => return Err("is there no longer".to_owned()),
        (Held::Single(held), Some(value)) => {
            if held != value {
                return Err("is another".to_owned());
            }
            vec![held.clone()]
        }
        (Held::List(list), Some(value)) => {
            let items = value["items"].as_array().expect("a list");
            let held: Vec<&Value> = list.entries.iter().map(|(_, entry)| entry).collect();
            let whole = list.low.is_none() && value["more"] == false;
            if (whole && held.len() != items.len())
                || !items.iter().zip(&held).all(|(one, other)| one == *other)
            {
                return Err("is another list".to_owned());
            }
            held.into_iter().cloned().collect()
        }
    };
    let given = given(entities);
    let mut names: Vec<Named> = named.iter().map(|entry| of_entry(&followed.topic, entry)).collect();
    while let Some(name) = names.pop() {
        // An answered message that is given to nobody was deleted.
        let Some(body) = given.get(&name) else { continue };
        if lists.bodies.get(&name) != Some(*body) {
            return Err(format!("{name:?} is {:?} and should be {body}", lists.bodies.get(&name)));
        }
        let further = [("sender", "user"), ("lastMessage", "message"), ("referencedMessage", "message")];
        let further =
            further.into_iter().filter_map(|(field, kind)| Some((kind, body[field].as_str()?.to_owned())));
        names.extend(further);
    }
    Ok(())
}

type Named = (&'static str, String);

fn given(entities: &Entities<Value>) -> BTreeMap<Named, &Value> {
    let Entities { users, conversations, messages } = entities;
    let kinds = [("user", users), ("conversation", conversations), ("message", messages)];
    let bodies = kinds.into_iter().flat_map(|(kind, bodies)| bodies.iter().map(move |body| (kind, body)));
    bodies.map(|(kind, body)| ((kind, body["id"].as_str().unwrap().to_owned()), body)).collect()
}

/// The body that an entry names.
fn of_entry(topic: &Topic, entry: &Value) -> Named {
    let kind = match topic {
        Topic::Messages { .. } => "message",
        Topic::Conversation { .. } | Topic::Conversations { .. } => "conversation",
        _ => "user",
    };
    (kind, name(entry).to_owned())
}
