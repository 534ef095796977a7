//! The values of topics and the entries of lists: which stored body each of them is.

use super::bodies::Bodies;
use super::body::{Body, Ids, Kind};
use super::key::Key;
use super::list::Item;
use super::subscription::TopicScope;

impl<B: Body> Bodies<B> {
    /// Returns an entry or a value of a topic: the entity with this id, if that has a body; or, if the id is
    /// empty, the value, which is stored under a key of its own.
    #[inline(never)]
    pub(super) fn resolve(&mut self, scope: &TopicScope, id: &str, value: B) -> Option<Item> {
        let kind = Kind::of(scope.kind);
        let (id, slot) = if id.is_empty() {
            let ids = B::ids(kind, std::slice::from_ref(&value));
            let id = if kind == Kind::Typing { "" } else { ids.as_str() };
            let slot = self.intern(Key::value(kind, &scope.key, id));
            let id = id.to_owned();
            self.put(slot, value, Ids::of(&ids), "");
            (id, slot)
        } else {
            (id.to_owned(), self.find(Key::entity(kind, id, &scope.id))?)
        };
        Some(Item { at: self.entry(slot)?.at, id, slot })
    }
}
