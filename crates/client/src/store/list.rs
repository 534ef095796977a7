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
        let Bound::At(at, id) = bound else {
            return if *bound == Bound::Start { Ordering::Greater } else { Ordering::Less };
        };
        let ascending = (item.at, item.id.as_str()).cmp(&(*at, id.as_str()));
        if self == Order::OldestFirst { ascending } else { ascending.reverse() }
    }

    /// Returns whether a bound comes before another one.
    pub(super) fn precedes(self, one: &Bound, other: &Bound) -> bool {
        match one {
            Bound::Start => *other != Bound::Start,
            Bound::End => false,
            Bound::At(at, id) => {
                let item = Item { at: *at, id: id.clone(), slot: 0 };
                self.compare(&item, other) == Ordering::Less
            }
        }
    }
}

/// The entries that are loaded. There are further ones after the lower bound, unless it is the end.
#[derive(Clone, Debug)]
pub(super) struct List {
    order: Order,
    pub(super) items: Vec<Item>,
    pub(super) lower_bound: Bound,
}

impl List {
    /// Returns a list of these entries. `more`: whether there are further ones.
    pub(super) fn new(order: Order, items: Vec<Item>, more: bool) -> Self {
        let mut list = List { order, items, lower_bound: Bound::End };
        if more && let Some(last) = list.items.last() {
            list.lower_bound = last.bound();
        }
        list
    }

    pub(super) fn is_complete(&self) -> bool {
        self.lower_bound == Bound::End
    }

    pub(super) fn contains(&self, id: &str) -> bool {
        self.items.iter().any(|item| item.id == id)
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.items.retain(|item| item.id != id);
    }

    /// Inserts an entry at its place, or removes it if that is after the lower bound.
    pub(super) fn put(&mut self, item: Item) {
        self.remove(&item.id);
        if self.order.compare(&item, &self.lower_bound) == Ordering::Greater {
            return;
        }
        let bound = item.bound();
        let index = self.items.partition_point(|other| self.order.compare(other, &bound) == Ordering::Less);
        self.items.insert(index, item);
    }

    /// Appends a page that was requested from the lower bound and reaches down to a new one.
    pub(super) fn append(&mut self, page: Vec<Item>, lower_bound: Bound) {
        for item in page {
            // An entry that moved in the meantime can be in the page and in the list.
            if !self.contains(&item.id) {
                self.items.push(item);
            }
        }
        self.lower_bound = lower_bound;
    }

    /// Returns the number of entries down to a bound, with the entry at the bound.
    pub(super) fn count_down_to(&self, bound: &Bound) -> usize {
        self.items.partition_point(|item| self.order.compare(item, bound) != Ordering::Greater)
    }

    /// Returns the lower of two bounds.
    pub(super) fn lower<'a>(&self, one: &'a Bound, other: &'a Bound) -> &'a Bound {
        if self.order.precedes(one, other) { other } else { one }
    }

    /// Forgets the entries after the first `count`, and the lower bound with them.
    pub(super) fn truncate(&mut self, count: usize, lower_bound: Bound) {
        self.items.truncate(count);
        self.lower_bound = lower_bound;
    }
}
