//! The bodies that the server sent, and the snapshots that are made of them.
//!
//! A body is stored in a slot, which a key identifies. A slot exists as soon as another body names it; its
//! body may come later. The snapshot of a slot is made when it is first needed (`refresh`), and again only if
//! the body or the snapshot of a part changed. Every new snapshot gets a new version, so "unchanged" is a
//! comparison of numbers, and an unchanged snapshot stays the same object.

use causerie_protocol::Entities;
use causerie_protocol::limits::{KEPT_BODIES, TYPING_USERS};

use super::body::{Body, Ids, Kind};
use super::key::Key;

/// The index of a slot.
pub(super) type Slot = u32;
/// No slot: the body names no such part.
pub(super) const NO_SLOT: Slot = Slot::MAX;
/// The maximum number of parts of a body.
pub(super) const MAX_PARTS: usize = TYPING_USERS;
/// The version of a snapshot that does not exist.
pub(super) const NO_VERSION: u32 = 0;
/// The number of slots at which unused ones are first removed.
const SWEEP_AT: usize = 256;

/// A snapshot, with the versions of the parts from which it was made.
pub(super) struct CachedSnapshot<B: Body> {
    pub(super) snapshot: B::Snapshot,
    pub(super) version: u32,
    pub(super) parts: PartVersions,
    /// The body from which it was made, if another one was stored since.
    pub(super) replaced: Option<B>,
}

/// The versions of the parts: of a message those of the sender and of the referenced message, of the others
/// the highest one. A higher one is a change, because no other part than a message can become absent.
pub(super) type PartVersions = (u32, u32);

impl<B: Body> CachedSnapshot<B> {
    /// Records that another body is stored instead of this one.
    fn replace(&mut self, body: &B) {
        if self.replaced.is_none() {
            self.replaced = Some(body.clone());
        }
    }

    /// Returns whether the snapshot still shows this body and these versions of its parts. A body that
    /// changed and changed back within a turn is no change. The parts of another body that equal those of the
    /// shown one are replaced by them.
    pub(super) fn shows(&mut self, body: &mut Option<B>, parts: PartVersions) -> bool {
        if let (Some(shown), Some(stored)) = (&self.replaced, &body) {
            match B::merge(Some(shown), stored.clone()) {
                Some(merged) => {
                    *body = Some(merged);
                    return false;
                }
                None => *body = self.replaced.take(),
            }
        }
        self.parts == parts
    }
}

pub(super) struct Entry<B: Body> {
    /// The scope of the key, and then its id.
    key: String,
    scope_length: usize,
    pub(super) kind: Kind,
    pub(super) body: Option<B>,
    /// The slots of the parts: of a message its sender and the referenced message, of a conversation its
    /// newest message, of the others the users.
    pub(super) part_slots: [Slot; MAX_PARTS],
    /// The latest time in the body, which decides its place in a list.
    pub(super) at: i64,
    /// The number of the frame that last contained the body.
    frame: u32,
    /// Whether another body names the entity.
    is_named: bool,
    /// The revision of the bodies at which the snapshot was last found up to date; 0 if its body changed
    /// since.
    pub(super) checked: u32,
    pub(super) cached: Option<CachedSnapshot<B>>,
    /// Of a message: the snapshot for messages that reference it.
    pub(super) referenced: Option<CachedSnapshot<B>>,
    /// Of a conversation: the snapshot of the newest message.
    pub(super) last_message: Option<B::Snapshot>,
    /// A mark for the length of one operation: a sweep, or the end of a page.
    marked: bool,
}

impl<B: Body> Entry<B> {
    const fn new(key: String, scope_length: usize, kind: Kind) -> Self {
        Entry {
            key,
            scope_length,
            kind,
            body: None,
            part_slots: [NO_SLOT; MAX_PARTS],
            at: 0,
            frame: 0,
            is_named: false,
            checked: 0,
            cached: None,
            referenced: None,
            last_message: None,
            marked: false,
        }
    }
}

/// The bodies of a session, or of one result.
pub(super) struct Bodies<B: Body> {
    entries: Vec<Entry<B>>,
    /// The slots in use, in the order of the hashes of their keys.
    index: Vec<(u32, Slot)>,
    free: Vec<Slot>,
    /// The slots of the entities that arrived last in frames of subscriptions, which the server does not send
    /// again: the oldest first, at most [`KEPT_BODIES`].
    recent: Vec<Slot>,
    sweep_at: usize,
    /// Grows with every change of a body that another one names. Snapshots that were checked at this revision
    /// are up to date.
    pub(super) revision: u32,
    pub(super) last_version: u32,
    /// The number of the current frame.
    frame: u32,
}

/// Receives the kind and the conversation of each body that changed.
pub(super) type OnChange<'a> = &'a mut dyn FnMut(Kind, &str);

impl<B: Body> Bodies<B> {
    pub(super) const fn new() -> Self {
        Bodies {
            entries: Vec::new(),
            index: Vec::new(),
            free: Vec::new(),
            recent: Vec::new(),
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

    /// Returns the slot with this key; or else the place of its hash in the index.
    fn search(&self, hash: u32, key: Key<'_>) -> Result<Slot, usize> {
        let start = self.index.partition_point(|(other, _)| *other < hash);
        for (other, slot) in self.index.get(start..).unwrap_or_default() {
            if *other != hash {
                break;
            }
            if self.entry(*slot).is_some_and(|entry| key.equals(entry.kind, &entry.key, entry.scope_length)) {
                return Ok(*slot);
            }
        }
        Err(start)
    }

    /// Returns the slot with this key, if it has a body.
    pub(super) fn find(&self, key: Key<'_>) -> Option<Slot> {
        self.search(key.hash(), key).ok().filter(|slot| self.has_body(*slot))
    }

    pub(super) fn has_body(&self, slot: Slot) -> bool {
        self.entry(slot).is_some_and(|entry| entry.body.is_some())
    }

    /// Returns the slot with this key, and makes it if there is none.
    #[inline(never)]
    pub(super) fn intern(&mut self, key: Key<'_>) -> Slot {
        let hash = key.hash();
        let position = match self.search(hash, key) {
            Ok(slot) => return slot,
            Err(position) => position,
        };
        let entry = Entry::new(key.to_text(), key.scope.len(), key.kind);
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
        self.index.insert(position, (hash, slot));
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

    /// Stores the bodies of a frame. Passes the kind and the conversation of each that snapshots show
    /// differently from before. `since` is the frame after which a page was requested: bodies that came later
    /// are newer than the page's.
    pub(super) fn ingest(&mut self, entities: Entities<B>, since: Option<u32>, changed: OnChange<'_>) {
        let Entities { users, conversations, messages } = entities;
        self.ingest_kind(Kind::User, users, since, changed);
        self.ingest_kind(Kind::Conversation, conversations, since, changed);
        self.ingest_kind(Kind::Message, messages, since, changed);
    }

    #[inline(never)]
    fn ingest_kind(&mut self, kind: Kind, bodies: Vec<B>, since: Option<u32>, changed: OnChange<'_>) {
        let ids = B::ids(kind, &bodies);
        let mut lines = Ids::lines(&ids);
        for body in bodies {
            let mut ids = Ids::of(lines.take_next());
            let id = ids.take_next();
            let conversation = if kind == Kind::Message { ids.take_next() } else { id };
            if id.is_empty() {
                continue;
            }
            let slot = self.intern(Key::entity(kind, id, conversation));
            match since {
                None => self.keep(slot),
                Some(since) if self.entry(slot).is_some_and(|entry| entry.frame > since) => continue,
                Some(_) => {}
            }
            if self.put(slot, body, ids, conversation) {
                changed(kind, conversation);
            }
        }
    }

    /// Keeps an entity that arrived, even if no subscription uses it.
    fn keep(&mut self, slot: Slot) {
        if self.has_body(slot) {
            self.unkeep(slot);
        }
        self.recent.push(slot);
        if self.recent.len() > KEPT_BODIES {
            self.recent.remove(0);
        }
    }

    fn unkeep(&mut self, slot: Slot) {
        if let Some(index) = self.recent.iter().rposition(|other| *other == slot) {
            self.recent.remove(index);
        }
    }

    /// Stores a body in a slot. `parts` are the ids of the entities that it names: of a message the sender's
    /// and the referenced message's, of a conversation the newest message's, of the others those of users.
    /// Returns whether a snapshot can show another body than before.
    #[inline(never)]
    pub(super) fn put(&mut self, slot: Slot, body: B, parts: Ids<'_>, conversation: &str) -> bool {
        let frame = self.frame;
        let Some(entry) = self.entry_mut(slot) else { return false };
        entry.frame = frame;
        let kind = entry.kind;
        let Some(body) = B::merge(entry.body.as_ref(), body) else { return false };
        let mut part_slots = [NO_SLOT; MAX_PARTS];
        for (index, part) in parts.enumerate() {
            if part.is_empty() {
                continue;
            }
            let is_message = kind == Kind::Conversation || (kind == Kind::Message && index > 0);
            let part_kind = if is_message { Kind::Message } else { Kind::User };
            let slot = self.intern(Key::entity(part_kind, part, conversation));
            if let Some(part) = self.entry_mut(slot) {
                part.is_named = true;
            }
            if let Some(part_slot) = part_slots.get_mut(index) {
                *part_slot = slot;
            }
        }
        let at = body.time(kind);
        let Some(entry) = self.entry_mut(slot) else { return false };
        // A body that no other one names is no part of another snapshot.
        let affects_others = entry.is_named;
        let replaced = entry.body.replace(body);
        let is_known = affects_others || replaced.is_some();
        entry.checked = 0;
        entry.part_slots = part_slots;
        entry.at = at;
        if let Some(replaced) = &replaced {
            if let Some(cached) = &mut entry.cached {
                cached.replace(replaced);
            }
            if let Some(cached) = &mut entry.referenced {
                cached.replace(replaced);
            }
        }
        if affects_others {
            self.revision += 1;
        }
        is_known
    }

    /// Removes the body of a deleted message.
    pub(super) fn forget(&mut self, message: &str, conversation: &str) {
        if let Some(slot) = self.find(Key::entity(Kind::Message, message, conversation)) {
            self.forget_slot(slot);
        }
    }

    /// Removes a body. A page that was requested before does not bring it back.
    fn forget_slot(&mut self, slot: Slot) {
        self.unkeep(slot);
        let frame = self.frame;
        let Some(entry) = self.entry_mut(slot) else { return };
        entry.frame = frame;
        if entry.body.take().is_some() {
            entry.cached = None;
            entry.referenced = None;
            self.revision += 1;
        }
    }

    /// Removes the message that an entry of a frame references if the frame does not have its body, because
    /// it was deleted. A frame that has the body of a message also has that of the message which this one
    /// references, unless it was deleted. A frame without it says nothing: the server left out both.
    pub(super) fn forget_deleted_reference(&mut self, slot: Slot, frame: u32) {
        let Some(mut entry) = self.entry(slot) else { return };
        if entry.kind == Kind::Conversation {
            let last = entry.part_slots.first().and_then(|last| self.entry(*last));
            let Some(last) = last else { return };
            entry = last;
        }
        if entry.kind == Kind::Message
            && entry.frame >= frame
            && let Some(referenced) = entry.part_slots.get(1).copied()
            && self.entry(referenced).is_some_and(|entry| entry.frame < frame)
        {
            self.forget_slot(referenced);
        }
    }

    /// Marks a slot, or removes the mark. Returns whether it was marked.
    pub(super) fn mark(&mut self, slot: Slot, marked: bool) -> bool {
        self.entry_mut(slot).is_some_and(|entry| std::mem::replace(&mut entry.marked, marked))
    }

    /// Does the same for the messages of a frame whose subscription has ended, so that its entries are
    /// unknown. A message that no other one in the frame references is an entry.
    pub(super) fn forget_deleted_references(&mut self, frame: u32) {
        let recent = self.recent.clone();
        for slot in &recent {
            if self.reference_in(frame, *slot).is_some()
                && !recent.iter().any(|other| self.reference_in(frame, *other) == Some(*slot))
            {
                self.forget_deleted_reference(*slot, frame);
            }
        }
    }

    /// Returns the slot that a message references, or [`NO_SLOT`], if the frame has the message's body.
    fn reference_in(&self, frame: u32, slot: Slot) -> Option<Slot> {
        let entry = self.entry(slot).filter(|entry| entry.kind == Kind::Message && entry.frame == frame)?;
        entry.part_slots.get(1).copied()
    }

    /// Whether it is time to remove bodies that are no longer used.
    pub(super) fn needs_sweep(&self) -> bool {
        self.index.len() >= self.sweep_at
    }

    /// Removes the bodies that cannot be reached from these slots, from those that are kept, and from those
    /// that came, or were deleted, after the frame `since`. It is called each time the number of bodies has
    /// doubled, so it takes constant time for each body.
    pub(super) fn sweep(&mut self, roots: Vec<Slot>, since: u32) {
        let mut pending = roots;
        pending.extend_from_slice(&self.recent);
        for (_, slot) in &self.index {
            if self.entry(*slot).is_some_and(|entry| entry.frame > since) {
                pending.push(*slot);
            }
        }
        while let Some(slot) = pending.pop() {
            if let Some(entry) = self.entry_mut(slot)
                && !entry.marked
            {
                entry.marked = true;
                pending.extend_from_slice(&entry.part_slots);
            }
        }
        let mut index = Vec::new();
        for (hash, slot) in std::mem::take(&mut self.index) {
            let Some(entry) = self.entry_mut(slot) else { continue };
            if std::mem::take(&mut entry.marked) {
                index.push((hash, slot));
            } else {
                *entry = Entry::new(String::new(), 0, entry.kind);
                self.free.push(slot);
            }
        }
        self.sweep_at = 2 * index.len() + SWEEP_AT;
        self.index = index;
    }
}
