//! The snapshots of results, of which nothing is kept.

use causerie_protocol::{Entities, TopicKind};

use super::bodies::Bodies;
use super::body::{Body, Ids, Kind};
use super::subscription::TopicScope;

/// Returns the snapshot of a value in a result, as a subscription to the topic of this kind would show it;
/// `None` if the result has no body for it.
pub fn snapshot<B: Body>(kind: TopicKind, value: B, entities: Entities<B>) -> Option<B::Snapshot> {
    read(kind, vec![value], entities).pop()
}

/// Returns the list of the snapshots of a list's entries in a result.
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
    let scope = TopicScope { kind, id: conversation, key: String::new() };
    let mut bodies = Bodies::new();
    bodies.ingest(entities, Some(0), &mut |_, _| {});
    let mut snapshots = Vec::new();
    let ids = B::ids(Kind::Entry, &entries);
    let mut ids = Ids::lines(&ids);
    for entry in entries {
        let Some(item) = bodies.resolve(&scope, ids.take_next(), entry) else { continue };
        bodies.refresh(item.slot);
        if let Some(snapshot) = bodies.snapshot(item.slot) {
            snapshots.push(snapshot.clone());
        }
    }
    snapshots
}
