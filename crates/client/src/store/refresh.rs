//! The snapshots of bodies, and whether they are up to date.

use super::bodies::{Bodies, CachedSnapshot, NO_SLOT, NO_VERSION, Slot};
use super::body::{Body, FlagField, Kind, View};

impl<B: Body> Bodies<B> {
    /// Brings the snapshot of a slot up to date. Returns its version.
    pub(super) fn refresh(&mut self, slot: Slot) -> u32 {
        let revision = self.revision;
        let Some(entry) = self.entry_mut(slot) else { return NO_VERSION };
        if entry.body.is_none() {
            return NO_VERSION;
        }
        if entry.checked == revision
            && let Some(cached) = &entry.cached
        {
            return cached.version;
        }
        entry.checked = revision;
        let kind = entry.kind;
        let part_slots = entry.part_slots;
        let mut parts = (NO_VERSION, NO_VERSION);
        for (index, part) in part_slots.into_iter().enumerate() {
            match (kind, index) {
                (Kind::Message, 1) => parts.1 = self.refresh_referenced(part),
                _ if part != NO_SLOT => parts.0 = parts.0.max(self.refresh(part)),
                _ => {}
            }
        }
        // After the newest message is deleted, the conversation's next body names another one. Until that
        // body comes, the snapshot keeps the deleted message, rather than show a conversation without
        // messages.
        let mut keeps_last = false;
        if kind == Kind::Conversation
            && parts.0 == NO_VERSION
            && part_slots.first() != Some(&NO_SLOT)
            && let Some(entry) = self.entry(slot)
        {
            keeps_last = entry.last_message.is_some();
            if keeps_last && let Some(cached) = &entry.cached {
                parts = cached.parts;
            }
        }
        let known = self.entry_mut(slot).and_then(|entry| {
            let cached = entry.cached.as_mut()?;
            cached.shows(&mut entry.body, parts).then_some(cached.version)
        });
        if let Some(version) = known {
            return version;
        }
        let last_message = match part_slots.first() {
            Some(last) if kind == Kind::Conversation && !keeps_last => self.snapshot(*last).cloned(),
            _ => self.entry(slot).and_then(|entry| entry.last_message.clone()),
        };
        let snapshot = self.build(slot, last_message.as_ref());
        self.last_version += 1;
        let version = self.last_version;
        if let Some(entry) = self.entry_mut(slot) {
            entry.cached =
                snapshot.map(|snapshot| CachedSnapshot { snapshot, version, parts, replaced: None });
            entry.last_message = last_message;
        }
        version
    }

    /// Brings the snapshot of a message up to date that is shown in messages which reference it.
    fn refresh_referenced(&mut self, slot: Slot) -> u32 {
        let Some(sender) = self.entry(slot).and_then(|entry| entry.part_slots.first().copied()) else {
            return NO_VERSION;
        };
        if !self.has_body(slot) {
            return NO_VERSION;
        }
        let parts = (self.refresh(sender), NO_VERSION);
        let Some(entry) = self.entry_mut(slot) else { return NO_VERSION };
        if let Some(cached) = &mut entry.referenced
            && cached.shows(&mut entry.body, parts)
        {
            return cached.version;
        }
        let Some(entry) = self.entry(slot) else { return NO_VERSION };
        let Some(body) = &entry.body else { return NO_VERSION };
        let snapshot = body.snapshot(View::ReferencedMessage, self.snapshot(sender), None);
        self.last_version += 1;
        let version = self.last_version;
        if let Some(entry) = self.entry_mut(slot) {
            entry.referenced = Some(CachedSnapshot { snapshot, version, parts, replaced: None });
        }
        version
    }

    fn build(&self, slot: Slot, last: Option<&B::Snapshot>) -> Option<B::Snapshot> {
        let entry = self.entry(slot)?;
        let body = entry.body.as_ref()?;
        let view = match entry.kind {
            Kind::User => View::User,
            Kind::Conversation => return Some(body.snapshot(View::Conversation, last, None)),
            Kind::Message => View::Message,
            Kind::Participant => View::Participant,
            Kind::Online => View::Online,
            Kind::Reaction => View::Reaction,
            Kind::Typing => {
                let mut users = Vec::new();
                for part in entry.part_slots {
                    if let Some(user) = self.snapshot(part) {
                        users.push(user.clone());
                    }
                }
                return Some(B::typing(Some(users).filter(|_| !body.flag(FlagField::Many))));
            }
            Kind::Change | Kind::Entry => return None,
        };
        let [part, second, ..] = entry.part_slots;
        let part = self.snapshot(part);
        let second = self.entry(second).and_then(|entry| entry.referenced.as_ref());
        Some(body.snapshot(view, part, second.map(|cached| &cached.snapshot)))
    }

    /// Returns the snapshot, as of the last refresh.
    pub(super) fn snapshot(&self, slot: Slot) -> Option<&B::Snapshot> {
        self.entry(slot)?.cached.as_ref().map(|cached| &cached.snapshot)
    }
}
