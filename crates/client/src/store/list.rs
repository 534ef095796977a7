//! The list of a topic: its entries in the server's total order, down to its lower bound.

use std::cmp::Ordering;

use super::bodies::Slot;

/// A cursor in a list: before all entries, at an entry, or after all entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Start,
    At(i64, String),
    End,
}

/// An entry of a list.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) at: i64,
    /// The id, by which entries with the same time are ordered; of a participant or reaction, the user's.
    pub(super) id: String,
    pub(super) slot: Slot,
}

/// The order of a list. Ids have the server's order, that of the bytes of UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    NewestFirst,
    OldestFirst,
}

impl Item {
    pub(super) fn bound(&self) -> Bound {
        Bound::At(self.at, self.id.clone())
    }
}

impl Order {
    /// Compares an entry with a bound: `Less` if the entry comes before it.
    pub(super) fn compare(self, item: &Item, bound: &Bound) -> Ordering {
        self.compare_at(item.at, &item.id, bound)
    }

    #[inline(never)]
    fn compare_at(self, at: i64, id: &str, bound: &Bound) -> Ordering {
        let ascending = match bound {
            Bound::Start => return Ordering::Greater,
            Bound::End => return Ordering::Less,
            Bound::At(other_at, other) => at.cmp(other_at).then_with(|| id.cmp(other)),
        };
        if self == Order::OldestFirst { ascending } else { ascending.reverse() }
    }

    /// Returns whether a bound comes before another one.
    pub(super) fn precedes(self, one: &Bound, other: &Bound) -> bool {
        match one {
            Bound::Start => *other != Bound::Start,
            Bound::End => false,
            Bound::At(at, id) => self.compare_at(*at, id, other) == Ordering::Less,
        }
    }
}

/// The entries that are loaded. There are further ones after the lower bound, unless it is the end.
#[derive(Clone, Debug)]
pub(super) struct List {
    order: Order,
    pub(super) items: Vec<Item>,
    pub(super) lower_bound: Bound,
    /// Whether it is unknown if there are entries after the lower bound, because the server has not read that
    /// far.
    pub(super) is_end_unknown: bool,
}

impl List {
    /// Returns a list of these entries. `more`: whether there are further ones, which come after the cursor
    /// `next`, or else after the last entry.
    pub(super) fn new(order: Order, items: Vec<Item>, more: bool, next: Option<Bound>) -> Self {
        let is_end_unknown = more && next.is_some();
        let mut list = List { order, items, lower_bound: Bound::End, is_end_unknown };
        if more && let Some(bound) = next.or_else(|| list.items.last().map(Item::bound)) {
            list.lower_bound = bound;
        }
        list
    }

    pub(super) fn is_complete(&self) -> bool {
        self.lower_bound == Bound::End
    }

    /// Removes the entry with this id.
    pub(super) fn remove(&mut self, id: &str) {
        if let Some(index) = self.items.iter().position(|item| item.id == id) {
            self.items.remove(index);
        }
    }

    /// Inserts an entry at its place, or removes it if that is after the lower bound. In a list, entries with
    /// the same id have the same slot.
    pub(super) fn put(&mut self, item: Item) {
        if let Some(index) = self.items.iter().position(|other| other.slot == item.slot) {
            self.items.remove(index);
        }
        if self.order.compare(&item, &self.lower_bound) != Ordering::Greater {
            self.items.insert(self.count_down_to(&item.bound()), item);
        }
    }

    /// Returns the number of entries down to a bound, with the entry at the bound.
    #[inline(never)]
    pub(super) fn count_down_to(&self, bound: &Bound) -> usize {
        self.items.partition_point(|item| self.order.compare(item, bound) != Ordering::Greater)
    }

    /// Returns whether a bound is after the list's own lower bound.
    pub(super) fn is_below(&self, bound: &Bound) -> bool {
        self.order.precedes(&self.lower_bound, bound)
    }

    /// Lowers a bound to another one that comes after it.
    pub(super) fn lower(&self, bound: &mut Bound, other: &Bound) {
        if self.order.precedes(bound, other) {
            *bound = other.clone();
        }
    }

    /// Forgets the entries after the first `count`, and the lower bound with them.
    pub(super) fn truncate(&mut self, count: usize, lower_bound: Bound) {
        self.items.truncate(count);
        self.lower_bound = lower_bound;
        self.is_end_unknown = false;
    }
}
