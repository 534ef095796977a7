//! Judges a run by what the programs were told and by the values that the store held, one after the other.
//!
//! Every value is written by one request, so a value that stands twice in the record was written twice, a missing
//! one was lost, and the order of the values is the order of the writes.

use std::collections::BTreeMap;

use causerie_protocol::{ErrorCode, RequestId};

use crate::client::{Asked, Client, Note};
use crate::door::Door;
use crate::world::World;

/// What is wrong with a run, or nothing.
pub(crate) fn judge(world: &World<Client, Door>) -> Result<(), String> {
    for (user, values) in &world.site.values {
        let mut seen = values.clone();
        seen.sort_unstable();
        if let Some(pair) = seen.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("{user}: {} was written twice: {values:?}", pair[0]));
        }
    }
    for client in &world.clients {
        let mut users: BTreeMap<&str, Vec<(RequestId, &Note)>> = BTreeMap::new();
        for (id, note) in &client.notes {
            users.entry(&note.user).or_default().push((*id, note));
        }
        for (user, notes) in users {
            let values = world.site.values.get(user).map_or(&[][..], Vec::as_slice);
            judge_user(&notes, values).map_err(|wrong| {
                format!("client {}, {user}: {wrong}; the store held {values:?}", client.number)
            })?;
        }
    }
    Ok(())
}

/// Judges the requests of one client for one user, which are in the order in which they were made.
fn judge_user(notes: &[(RequestId, &Note)], values: &[String]) -> Result<(), String> {
    // The place in the record of the last write of this client that is known to be there.
    let mut last: Option<usize> = None;
    for (index, (id, note)) in notes.iter().enumerate() {
        let outcome =
            note.outcome.as_ref().ok_or_else(|| format!("request {id} was never settled: {note:?}"))?;
        let wrong = |what: &str| Err(format!("request {id} {what}: {note:?}"));
        let place_of = |value: &String| values.iter().position(|other| other == value);
        match &note.asked {
            Asked::Set { value } | Asked::SetNameless { value } | Asked::Create { value } => {
                let place = place_of(value);
                match outcome {
                    Ok(_) => {
                        if place.is_none() && !matches!(note.asked, Asked::Create { .. }) {
                            return wrong("was acknowledged and is not in the store");
                        }
                    }
                    Err(ErrorCode::NameRequired) if matches!(note.asked, Asked::SetNameless { .. }) => {
                        if place.is_some() {
                            return wrong("was refused and is in the store");
                        }
                    }
                    Err(ErrorCode::Offline | ErrorCode::TimedOut) => {
                        if place.is_some() && note.sent == 0 {
                            return wrong("was never sent and is in the store");
                        }
                    }
                    Err(_) => return wrong("failed for no reason"),
                }
                if place.is_some() {
                    if place < last {
                        return wrong("was carried out before an earlier one");
                    }
                    last = place;
                }
            }
            Asked::Get => match outcome {
                Ok(read) => {
                    let place = read.as_ref().map(place_of);
                    if place == Some(None) {
                        return wrong("read what the store never held");
                    }
                    let place = place.flatten();
                    if place < last {
                        return wrong("did not see what was written before it");
                    }
                    // A read that is sent again may see what came after it. One that was not, may not.
                    let later = notes[index..].iter().find_map(|(_, later)| match &later.asked {
                        Asked::Get => None,
                        Asked::Set { value } | Asked::SetNameless { value } | Asked::Create { value } => {
                            place_of(value)
                        }
                    });
                    if note.sent == 1 && later.is_some_and(|later| place >= Some(later)) {
                        return wrong("saw what was written after it");
                    }
                }
                Err(ErrorCode::Offline | ErrorCode::TimedOut) => {}
                Err(_) => return wrong("failed for no reason"),
            },
        }
    }
    Ok(())
}
