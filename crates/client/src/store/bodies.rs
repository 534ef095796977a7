//! The bodies that the server sent, and the snapshots that are made of them.
//!
//! A body is stored in a slot, which a key identifies. A slot exists as soon as another body names it; its
//! body may come later. The snapshot of a slot is made when it is first viewed, and again only if the body or
//! the snapshot of a part changed. Every new snapshot gets a new version, so "unchanged" is a comparison of
//! numbers, and an unchanged snapshot stays the same object.

use causerie_protocol::{Entities, TopicKind};

use super::body::{Body, FlagField, ListField, Parts, TextField, TimeField};

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

/// A snapshot with what it was made of.
struct View<B: Body> {
    snapshot: B::Snapshot,
    version: u32,
    body: B,
    /// The versions of the parts, in the order of the links.
    parts: Vec<u32>,
    /// Whether another body was stored since.
    is_stale: bool,
}

impl<B: Body> View<B> {
    /// Returns whether the snapshot still shows this body and these versions of its parts. A body that
    /// changed and changed back within a turn is no change.
    fn shows(&mut self, body: Option<&B>, parts: &[u32]) -> bool {
        if self.is_stale {
            let is_changed = body.is_none_or(|body| B::merge(Some(&self.body), body.clone()).is_some());
            self.is_stale = is_changed;
        }
        !self.is_stale && self.parts == parts
    }
}

struct Entry<B: Body> {
    key: String,
    kind: Kind,
    body: Option<B>,
    /// The slots of the parts: of a message its sender and the referenced message, of a conversation its
    /// newest message, of the others the users.
    links: Vec<Slot>,
    /// The latest time in the body, which decides its place in a list.
    at: i64,
    /// The number of the frame that last contained the body.
    frame: u32,
    /// The revision of the store at which the view was last found up to date.
    checked: u32,
    view: Option<View<B>>,
    /// Of a message: the snapshot for messages that reference it.
    referenced: Option<View<B>>,
    /// Of a conversation: the snapshot of the newest message.
    last_message: Option<B::Snapshot>,
    marked: bool,
}

/// The bodies of a session, or of one result.
pub(super) struct Bodies<B: Body> {
    entries: Vec<Entry<B>>,
    /// The slots in use, in the order of their keys.
    index: Vec<Slot>,
    free: Vec<Slot>,
    sweep_at: usize,
    /// Grows with every change of a body. Views that were checked at this revision are up to date.
    revision: u32,
    last_version: u32,
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

    fn entry(&self, slot: Slot) -> Option<&Entry<B>> {
        self.entries.get(slot as usize)
    }

    fn entry_mut(&mut self, slot: Slot) -> Option<&mut Entry<B>> {
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
            links: Vec::new(),
            at: 0,
            frame: 0,
            checked: 0,
            view: None,
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
        let links = named
            .into_iter()
            .map(|named| named.map_or(NO_SLOT, |(kind, key)| self.intern(kind, key)))
            .collect();
        self.revision += 1;
        let Some(entry) = self.entry_mut(slot) else { return false };
        entry.body = Some(body);
        entry.links = links;
        entry.at = at;
        for view in [&mut entry.view, &mut entry.referenced].into_iter().flatten() {
            view.is_stale = true;
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
            entry.view = None;
            entry.referenced = None;
        }
    }

    /// Removes the message that an entry of a frame references if the frame does not have its body, because
    /// it was deleted. A frame that names a message, or a conversation with a newest message, has the body of
    /// the message that this one references, unless it was deleted.
    pub(super) fn forget_deleted_reference(&mut self, slot: Slot, frame: u32) {
        let Some(mut entry) = self.entry(slot) else { return };
        if entry.kind == Kind::Conversation {
            let last = entry.links.first().and_then(|last| self.entry(*last));
            let Some(last) = last else { return };
            entry = last;
        }
        if entry.kind == Kind::Message
            && let Some(referenced) = entry.links.get(1).copied()
            && self.has_body(referenced)
            && self.entry(referenced).is_some_and(|entry| entry.frame < frame)
        {
            self.forget_slot(referenced);
        }
    }

    /// Brings the snapshot of a slot up to date. Returns its version.
    pub(super) fn view(&mut self, slot: Slot) -> u32 {
        let revision = self.revision;
        let Some(entry) = self.entry_mut(slot) else { return NO_VERSION };
        if entry.body.is_none() {
            return NO_VERSION;
        }
        if entry.checked == revision
            && let Some(view) = &entry.view
        {
            return view.version;
        }
        entry.checked = revision;
        let kind = entry.kind;
        let links = std::mem::take(&mut entry.links);
        let mut parts = Vec::with_capacity(links.len());
        for (index, link) in links.iter().enumerate() {
            parts.push(match (kind, index) {
                (Kind::Message, 1) => self.view_referenced(*link),
                _ => self.view(*link),
            });
        }
        // After the newest message is deleted, the conversation's next body names another one. Until that
        // body comes, the snapshot keeps the deleted message, rather than show a conversation without
        // messages.
        let mut keeps_last = false;
        if kind == Kind::Conversation && parts.first() == Some(&NO_VERSION) && links.first() != Some(&NO_SLOT)
        {
            keeps_last = self.entry(slot).is_some_and(|entry| entry.last_message.is_some());
            if keeps_last && let Some(view) = self.entry(slot).and_then(|entry| entry.view.as_ref()) {
                parts.clone_from(&view.parts);
            }
        }
        let known = self.entry_mut(slot).and_then(|entry| {
            let body = entry.body.as_ref();
            let view = entry.view.as_mut()?;
            view.shows(body, &parts).then_some(view.version)
        });
        let version = match known {
            Some(version) => version,
            None => {
                let last_message = match links.first() {
                    Some(last) if kind == Kind::Conversation && !keeps_last => self.snapshot(*last).cloned(),
                    _ => self.entry(slot).and_then(|entry| entry.last_message.clone()),
                };
                let snapshot = self.build(slot, &links, last_message.as_ref());
                self.last_version += 1;
                let version = self.last_version;
                if let Some(entry) = self.entry_mut(slot) {
                    let made = snapshot.zip(entry.body.clone());
                    entry.view =
                        made.map(|(snapshot, body)| View { snapshot, version, body, parts, is_stale: false });
                    entry.last_message = last_message;
                }
                version
            }
        };
        if let Some(entry) = self.entry_mut(slot) {
            entry.links = links;
        }
        version
    }

    /// Brings the snapshot of a message up to date that is shown in messages which reference it.
    fn view_referenced(&mut self, slot: Slot) -> u32 {
        let Some(sender) = self.entry(slot).and_then(|entry| entry.links.first().copied()) else {
            return NO_VERSION;
        };
        if !self.has_body(slot) {
            return NO_VERSION;
        }
        let parts = vec![self.view(sender)];
        let Some(entry) = self.entry_mut(slot) else { return NO_VERSION };
        let Some(body) = entry.body.clone() else { return NO_VERSION };
        if let Some(view) = &mut entry.referenced
            && view.shows(Some(&body), &parts)
        {
            return view.version;
        }
        let snapshot = B::snapshot(Parts::ReferencedMessage(&body, self.snapshot(sender)));
        self.last_version += 1;
        let version = self.last_version;
        if let Some(entry) = self.entry_mut(slot) {
            entry.referenced = Some(View { snapshot, version, body, parts, is_stale: false });
        }
        version
    }

    fn build(&self, slot: Slot, links: &[Slot], last: Option<&B::Snapshot>) -> Option<B::Snapshot> {
        let entry = self.entry(slot)?;
        let body = entry.body.as_ref()?;
        let part = |index: usize| links.get(index).and_then(|link| self.snapshot(*link));
        Some(B::snapshot(match entry.kind {
            Kind::User => Parts::User(body),
            Kind::Conversation => Parts::Conversation(body, last),
            Kind::Message => {
                let referenced = links.get(1).and_then(|link| self.entry(*link)?.referenced.as_ref());
                Parts::Message(body, part(0), referenced.map(|view| &view.snapshot))
            }
            Kind::Participant => Parts::Participant(body, part(0)),
            Kind::Online => Parts::Online(body, part(0)),
            Kind::Reaction => Parts::Reaction(body, part(0)),
            Kind::Typing => {
                let users = links.iter().filter_map(|link| self.snapshot(*link).cloned()).collect();
                Parts::Typing(Some(users).filter(|_| !body.flag(FlagField::Many)))
            }
        }))
    }

    /// Returns the snapshot that was last viewed.
    pub(super) fn snapshot(&self, slot: Slot) -> Option<&B::Snapshot> {
        self.entry(slot)?.view.as_ref().map(|view| &view.snapshot)
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
                pending.extend(&entry.links);
            }
        }
        let mut index = std::mem::take(&mut self.index);
        index.retain(|slot| {
            let Some(entry) = self.entry_mut(*slot) else { return false };
            if std::mem::take(&mut entry.marked) {
                return true;
            }
            entry.key = String::new();
            entry.links = Vec::new();
            entry.body = None;
            entry.view = None;
            entry.referenced = None;
            entry.last_message = None;
            self.free.push(*slot);
            false
        });
        self.sweep_at = 2 * index.len() + SWEEP_AT;
        self.index = index;
    }
}
