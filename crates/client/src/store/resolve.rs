//! The values of topics and the entries of lists: which stored body each of them is.

use super::bodies::Bodies;
use super::body::{Body, Ids, Kind};
use super::key::Key;
use super::list::Item;
use super::subscription::TopicScope;

impl<B: Body> Bodies<B> {
    /// Returns an entry or a value of a topic: an entity that it names, if that has a body, or the body that
    /// it is itself, which is stored under a key of its own.
    #[inline(never)]
    pub(super) fn resolve(&mut self, scope: &TopicScope, value: B) -> Option<Item> {
        let kind = Kind::of(scope.kind);
        let (id, slot) = if let Some(id) = value.as_text() {
            let slot = self.find(Key::entity(kind, &id, &scope.id))?;
            (id, slot)
        } else {
            let ids = value.ids(kind);
            let id = if kind == Kind::Typing { "" } else { ids.as_str() };
            let slot = self.intern(Key::value(kind, &scope.key, id));
            let id = id.to_owned();
            self.put(slot, value, Ids::of(&ids), "");
            (id, slot)
        };
        Some(Item { at: self.entry(slot)?.at, id, slot })
    }
}
