//! The snapshots of results, of which nothing is kept.

use causerie_protocol::{Entities, TopicKind};

use super::bodies::Bodies;
use super::body::{Body, Ids, Kind, View};
use super::key::Key;
use super::subscription::TopicScope;

/// Returns the snapshot of a value in a result, as a subscription to the topic of this kind would show it;
/// `None` if the result has no body for it.
pub fn snapshot<B: Body>(kind: TopicKind, value: B, entities: Entities<B>) -> Option<B::Snapshot> {
    read(kind, vec![value], entities).pop()
}

/// Returns the list of the snapshots of a list's entries in a result. The snapshot of a message that a search
/// found has its conversation.
pub fn snapshots<B: Body>(kind: TopicKind, entries: Vec<B>, entities: Entities<B>) -> B::Snapshot {
    let all = read(kind, entries, entities);
    let mut added = Vec::with_capacity(all.len());
    for snapshot in &all {
        added.push(snapshot);
    }
    B::splice(None, 0, 0, &added)
}

#[inline(never)]
fn read<B: Body>(kind: TopicKind, entries: Vec<B>, entities: Entities<B>) -> Vec<B::Snapshot> {
    // A message and the one that it references are in the same conversation.
    let mut conversation = String::new();
    if kind == TopicKind::Messages
        && let Some(message) = entities.messages.get(..1)
    {
        conversation = Ids::of(&B::ids(Kind::Message, message)).nth(1).unwrap_or_default().to_owned();
    }
    let mut scope = TopicScope { kind, id: conversation, key: String::new() };
    let mut bodies = Bodies::new();
    bodies.ingest(entities, Some(0), &mut |_, _| {});
    let mut snapshots = Vec::new();
    let ids = B::ids(Kind::Entry, &entries);
    let mut ids = Ids::lines(&ids);
    for entry in entries {
        let mut line = Ids::of(ids.take_next());
        let (id, found_in) = (line.take_next(), line.take_next());
        if !found_in.is_empty() {
            found_in.clone_into(&mut scope.id);
        }
        let Some(item) = bodies.resolve(&scope, id, entry.clone()) else { continue };
        bodies.refresh(item.slot);
        let mut snapshot = bodies.snapshot(item.slot).cloned();
        if !found_in.is_empty() {
            let slot = bodies.intern(Key::entity(Kind::Conversation, found_in, ""));
            bodies.refresh(slot);
            snapshot = Some(entry.snapshot(View::SearchMessage, bodies.snapshot(slot), snapshot.as_ref()));
        }
        snapshots.extend(snapshot);
    }
    snapshots
}
