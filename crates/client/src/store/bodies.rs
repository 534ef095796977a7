//! The bodies that the server sent, and the snapshots that are made of them.
//!
//! A body is stored in a slot, which a key identifies. A slot exists as soon as another body names it; its
//! body may come later. The snapshot of a slot is made when it is first needed (`refresh`), and again only if
//! the body or the snapshot of a part changed. Every new snapshot gets a new version, so "unchanged" is a
//! comparison of numbers, and an unchanged snapshot stays the same object.

use causerie_protocol::{Entities, TopicKind};

use super::body::{Body, ListField, TextField, TimeField};

/// The index of a slot.
pub(super) type Slot = u32;
/// No slot: the body names no such part.
pub(super) const NO_SLOT: Slot = Slot::MAX;
/// The version of a snapshot that does not exist.
pub(super) const NO_VERSION: u32 = 0;
/// The number of slots at which unused ones are first removed.
const SWEEP_AT: usize = 256;

/// The kinds of bodies. The first three are entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Conversation,
    Message,
    Participant,
    Online,
    Reaction,
    Typing,
}

impl Kind {
    /// Returns the kind of a topic's value, or of the entries of its list.
    pub(super) const fn of(topic: TopicKind) -> Self {
        match topic {
            TopicKind::User => Kind::User,
            TopicKind::Online => Kind::Online,
            TopicKind::Conversation | TopicKind::Conversations => Kind::Conversation,
            TopicKind::Messages => Kind::Message,
            TopicKind::Participant | TopicKind::Participants => Kind::Participant,
            TopicKind::Typing => Kind::Typing,
            TopicKind::Reactions => Kind::Reaction,
        }
    }
}

/// A snapshot, with the body and the versions of the parts from which it was made.
pub(super) struct CachedSnapshot<B: Body> {
    pub(super) snapshot: B::Snapshot,
    pub(super) version: u32,
    pub(super) body: B,
    /// The versions of the parts, in the order of [`Entry::part_slots`].
    pub(super) parts: Vec<u32>,
    /// Whether another body was stored since.
    pub(super) is_stale: bool,
}

impl<B: Body> CachedSnapshot<B> {
    /// Returns whether the snapshot still shows this body and these versions of its parts. A body that
    /// changed and changed back within a turn is no change.
    pub(super) fn shows(&mut self, body: Option<&B>, parts: &[u32]) -> bool {
        if self.is_stale {
            let is_changed = body.is_none_or(|body| B::merge(Some(&self.body), body.clone()).is_some());
            self.is_stale = is_changed;
        }
        !self.is_stale && self.parts == parts
    }
}

pub(super) struct Entry<B: Body> {
    key: String,
    pub(super) kind: Kind,
    pub(super) body: Option<B>,
    /// The slots of the parts: of a message its sender and the referenced message, of a conversation its
    /// newest message, of the others the users.
    pub(super) part_slots: Vec<Slot>,
    /// The latest time in the body, which decides its place in a list.
    at: i64,
    /// The number of the frame that last contained the body.
    frame: u32,
    /// The revision of the store at which the snapshot was last found up to date.
    pub(super) checked: u32,
    pub(super) cached: Option<CachedSnapshot<B>>,
    /// Of a message: the snapshot for messages that reference it.
    pub(super) referenced: Option<CachedSnapshot<B>>,
    /// Of a conversation: the snapshot of the newest message.
    pub(super) last_message: Option<B::Snapshot>,
    marked: bool,
}

/// The bodies of a session, or of one result.
pub(super) struct Bodies<B: Body> {
    entries: Vec<Entry<B>>,
    /// The slots in use, in the order of their keys.
    index: Vec<Slot>,
    free: Vec<Slot>,
    sweep_at: usize,
    /// Grows with every change of a body. Snapshots that were checked at this revision are up to date.
    pub(super) revision: u32,
    pub(super) last_version: u32,
    /// The number of the current frame.
    frame: u32,
}

/// Returns the key of an entity. Ids contain no line feeds.
pub(super) fn entity_key(kind: Kind, id: &str, conversation: &str) -> String {
    match kind {
        Kind::User => ["u", id].concat(),
        Kind::Conversation => ["c", id].concat(),
        _ => ["m", conversation, "\n", id].concat(),
    }
}

/// Returns the latest time in a body, which decides its place in a list.
pub(super) fn latest_time<B: Body>(kind: Kind, body: &B) -> i64 {
    let times: &[TimeField] = match kind {
        Kind::User | Kind::Online | Kind::Typing => &[],
        Kind::Message | Kind::Reaction => &[TimeField::CreatedAt],
        Kind::Participant => &[TimeField::JoinedAt],
        Kind::Conversation => &[TimeField::JoinedAt, TimeField::LastMessageAt],
    };
    times.iter().filter_map(|field| body.time(*field)).max().unwrap_or(0)
}

impl<B: Body> Bodies<B> {
    pub(super) const fn new() -> Self {
        Bodies {
            entries: Vec::new(),
            index: Vec::new(),
            free: Vec::new(),
            sweep_at: SWEEP_AT,
            revision: 1,
            last_version: NO_VERSION,
            frame: 0,
        }
    }

    pub(super) fn entry(&self, slot: Slot) -> Option<&Entry<B>> {
        self.entries.get(slot as usize)
    }

    pub(super) fn entry_mut(&mut self, slot: Slot) -> Option<&mut Entry<B>> {
        self.entries.get_mut(slot as usize)
    }

    fn search(&self, key: &str) -> Result<usize, usize> {
        self.index.binary_search_by(|slot| self.entry(*slot).map_or("", |entry| entry.key.as_str()).cmp(key))
    }

    /// Returns the slot with this key, if it has a body.
    pub(super) fn find(&self, key: &str) -> Option<Slot> {
        let slot = *self.index.get(self.search(key).ok()?)?;
        self.has_body(slot).then_some(slot)
    }

    pub(super) fn has_body(&self, slot: Slot) -> bool {
        self.entry(slot).is_some_and(|entry| entry.body.is_some())
    }

    /// Returns the latest time in a body.
    pub(super) fn time(&self, slot: Slot) -> i64 {
        self.entry(slot).map_or(0, |entry| entry.at)
    }

    /// Returns the slot with this key, and makes it if there is none.
    fn intern(&mut self, kind: Kind, key: String) -> Slot {
        let position = match self.search(&key) {
            Ok(found) => return self.index.get(found).copied().unwrap_or(NO_SLOT),
            Err(position) => position,
        };
        let entry = Entry {
            key,
            kind,
            body: None,
            part_slots: Vec::new(),
            at: 0,
            frame: 0,
            checked: 0,
            cached: None,
            referenced: None,
            last_message: None,
            marked: false,
        };
        let reused = self.free.pop();
        let slot = if let Some(slot) = reused
            && let Some(old) = self.entry_mut(slot)
        {
            *old = entry;
            slot
        } else {
            self.entries.push(entry);
            // A list of 2^32 bodies does not fit into memory.
            Slot::try_from(self.entries.len() - 1).unwrap_or(NO_SLOT)
        };
        self.index.insert(position, slot);
        slot
    }

    /// Begins a frame. Returns its number, by which a page knows which bodies are newer than its request.
    pub(super) const fn begin_frame(&mut self) -> u32 {
        self.frame += 1;
        self.frame
    }

    pub(super) const fn len(&self) -> usize {
        self.index.len()
    }

    /// Returns the number of the last frame.
    pub(super) const fn frame(&self) -> u32 {
        self.frame
    }

    /// Stores the bodies of a frame. Passes the kind and the conversation of each body that changed. `since`
    /// is the frame after which a page was requested: bodies that came later are newer than the page's.
    pub(super) fn ingest(
        &mut self,
        entities: Entities<B>,
        since: Option<u32>,
        mut changed: impl FnMut(Kind, &str),
    ) {
        let Entities { users, conversations, messages } = entities;
        for (kind, bodies) in
            [(Kind::User, users), (Kind::Conversation, conversations), (Kind::Message, messages)]
        {
            for body in bodies {
                let Some(id) = body.text(TextField::Id) else { continue };
                let conversation = match kind {
                    Kind::Message => body.text(TextField::Conversation).unwrap_or_default(),
                    _ => String::new(),
                };
                let slot = self.intern(kind, entity_key(kind, &id, &conversation));
                if since.is_some_and(|since| self.entry(slot).is_some_and(|entry| entry.frame > since)) {
                    continue;
                }
                if self.put(slot, body, &conversation) {
                    changed(kind, if kind == Kind::Message { &conversation } else { &id });
                }
            }
        }
    }

    /// Stores a value that is no entity under a key of its own.
    pub(super) fn put_value(&mut self, kind: Kind, key: String, value: B) -> Slot {
        let slot = self.intern(kind, key);
        self.put(slot, value, "");
        slot
    }

    /// Stores a body in a slot. Returns whether it differs from the stored one.
    fn put(&mut self, slot: Slot, body: B, conversation: &str) -> bool {
        let frame = self.frame;
        let Some(entry) = self.entry_mut(slot) else { return false };
        entry.frame = frame;
        let kind = entry.kind;
        let Some(body) = B::merge(entry.body.as_ref(), body) else { return false };
        let user = |id: String| (Kind::User, entity_key(Kind::User, &id, ""));
        let message = |id: String| (Kind::Message, entity_key(Kind::Message, &id, conversation));
        let named: Vec<Option<(Kind, String)>> = match kind {
            Kind::User => Vec::new(),
            Kind::Message => vec![
                body.text(TextField::Sender).map(user),
                body.text(TextField::ReferencedMessage).map(message),
            ],
            Kind::Conversation => {
                let conversation = body.text(TextField::Id).unwrap_or_default();
                let last = body.text(TextField::LastMessage);
                vec![last.map(|id| (Kind::Message, entity_key(Kind::Message, &id, &conversation)))]
            }
            Kind::Participant | Kind::Online | Kind::Reaction => {
                vec![body.text(TextField::User).map(user)]
            }
            Kind::Typing => {
                let users = body.list(ListField::Users).unwrap_or_default();
                users.iter().map(|id| id.as_text().map(user)).collect()
            }
        };
        let at = latest_time(kind, &body);
        let part_slots = named
            .into_iter()
            .map(|named| named.map_or(NO_SLOT, |(kind, key)| self.intern(kind, key)))
            .collect();
        self.revision += 1;
        let Some(entry) = self.entry_mut(slot) else { return false };
        entry.body = Some(body);
        entry.part_slots = part_slots;
        entry.at = at;
        for cached in [&mut entry.cached, &mut entry.referenced].into_iter().flatten() {
            cached.is_stale = true;
        }
        true
    }

    /// Removes the body of a deleted message.
    pub(super) fn forget(&mut self, message: &str, conversation: &str) {
        if let Some(slot) = self.find(&entity_key(Kind::Message, message, conversation)) {
            self.forget_slot(slot);
        }
    }

    fn forget_slot(&mut self, slot: Slot) {
        self.revision += 1;
        if let Some(entry) = self.entry_mut(slot) {
            entry.body = None;
            entry.cached = None;
            entry.referenced = None;
        }
    }

    /// Removes the message that an entry of a frame references if the frame does not have its body, because
    /// it was deleted. A frame that names a message, or a conversation with a newest message, has the body of
    /// the message that this one references, unless it was deleted.
    pub(super) fn forget_deleted_reference(&mut self, slot: Slot, frame: u32) {
        let Some(mut entry) = self.entry(slot) else { return };
        if entry.kind == Kind::Conversation {
            let last = entry.part_slots.first().and_then(|last| self.entry(*last));
            let Some(last) = last else { return };
            entry = last;
        }
        if entry.kind == Kind::Message
            && let Some(referenced) = entry.part_slots.get(1).copied()
            && self.has_body(referenced)
            && self.entry(referenced).is_some_and(|entry| entry.frame < frame)
        {
            self.forget_slot(referenced);
        }
    }

    /// Whether it is time to remove bodies that are no longer used.
    pub(super) fn needs_sweep(&self) -> bool {
        self.index.len() >= self.sweep_at
    }

    /// Removes the bodies that cannot be reached from these slots. It is called each time the number of
    /// bodies has doubled, so it takes constant time for each body.
    pub(super) fn sweep(&mut self, roots: impl Iterator<Item = Slot>) {
        let mut pending: Vec<Slot> = roots.collect();
        while let Some(slot) = pending.pop() {
            if let Some(entry) = self.entry_mut(slot)
                && !entry.marked
            {
                entry.marked = true;
                pending.extend(&entry.part_slots);
            }
        }
        let mut index = std::mem::take(&mut self.index);
        index.retain(|slot| {
            let Some(entry) = self.entry_mut(*slot) else { return false };
            if std::mem::take(&mut entry.marked) {
                return true;
            }
            entry.key = String::new();
            entry.part_slots = Vec::new();
            entry.body = None;
            entry.cached = None;
            entry.referenced = None;
            entry.last_message = None;
            self.free.push(*slot);
            false
        });
        self.sweep_at = 2 * index.len() + SWEEP_AT;
        self.index = index;
    }
}
