//! The keys of bodies.

use causerie_protocol::text::concat;

use super::body::Kind;

/// What identifies a slot.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) kind: Kind,
    /// Of a message its conversation, of a value its topic, of the others empty.
    pub(super) scope: &'a str,
    id: &'a str,
}

impl<'a> Key<'a> {
    /// Returns the key of an entity.
    pub(super) fn entity(kind: Kind, id: &'a str, conversation: &'a str) -> Self {
        Key { kind, scope: if kind == Kind::Message { conversation } else { "" }, id }
    }

    /// Returns the key of the value of a topic, or of an entry of its list.
    pub(super) const fn value(kind: Kind, topic: &'a str, id: &'a str) -> Self {
        Key { kind, scope: topic, id }
    }

    /// Returns a hash.
    pub(super) fn hash(self) -> u32 {
        hash(hash(self.kind as u32, self.scope), self.id)
    }

    /// Returns the scope, and then the id.
    pub(super) fn to_text(self) -> String {
        concat(&[self.scope, self.id])
    }

    /// Returns whether this is the key of this kind and text, whose scope has this length.
    pub(super) fn equals(self, kind: Kind, text: &str, scope_length: usize) -> bool {
        kind == self.kind
            && scope_length == self.scope.len()
            && text.strip_prefix(self.scope) == Some(self.id)
    }
}

/// Returns a hash (FNV-1a) of a text, after the hash of another one or a number.
#[inline(never)]
pub(super) fn hash(before: u32, text: &str) -> u32 {
    let mut hash = before ^ 0x811c_9dc5;
    for byte in text.as_bytes() {
        hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
    }
    hash
}
