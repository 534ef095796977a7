/// A bug that is planted in the client's store. In `with_bug`, `BUG` is the condition that it is switched on.
#[allow(dead_code, reason = "the tests only use the names")]
pub(crate) struct Bug {
    pub(crate) name: &'static str,
    /// The file in `crates/client/src/store`, and the text in it that is replaced.
    pub(crate) file: &'static str,
    pub(crate) original: &'static str,
    pub(crate) with_bug: &'static str,
}

/// Bugs of the store, each of which the simulation must detect.
pub(crate) const BUGS: &[Bug] = &[
    Bug {
        name: "an entry of a page is merged twice",
        file: "pages.rs",
        original: "let (after, limit) = ((*at, last.clone()), count.min(sizes.max));",
        with_bug: "let (after, limit) = ((*at, last.clone()), count.min(sizes.max));
                   let before_last = list.items.iter().rev().nth(1).filter(|_| BUG);
                   let after = before_last.map_or(after, |item| (item.at, item.id.clone()));",
    },
    Bug {
        name: "an entry of a page is merged twice",
        file: "pages.rs",
        original: "if !bodies.mark(item.slot, true) {",
        with_bug: "if !bodies.mark(item.slot, true) || BUG {",
    },
    Bug {
        name: "a changed entry is in the list twice",
        file: "list.rs",
        original: "position(|other| other.slot == item.slot)",
        with_bug: "position(|other| other.slot == item.slot && !BUG)",
    },
    Bug {
        name: "an entry at the lower bound is dropped",
        file: "list.rs",
        original: "if self.order.compare(&item, &self.lower_bound) != Ordering::Greater {",
        with_bug: "if !(BUG && item.bound() == self.lower_bound)
                   && self.order.compare(&item, &self.lower_bound) != Ordering::Greater {",
    },
    Bug {
        name: "a range ends one entry early",
        file: "show.rs",
        original: "let mut count = list.count_down_to(&handle.lower_bound);",
        with_bug: "let mut count = list.count_down_to(&handle.lower_bound);
                   if BUG && handle.requested == 0 { count = count.saturating_sub(1); }",
    },
    Bug {
        name: "the order is reversed",
        file: "list.rs",
        original: "if self == Order::OldestFirst { ascending }",
        with_bug: "if (self == Order::OldestFirst) != BUG { ascending }",
    },
    Bug {
        name: "ids do not decide between equal times",
        file: "list.rs",
        original: "at.cmp(other_at).then_with(|| id.cmp(other)),",
        with_bug: "if BUG { at.cmp(other_at) } else { at.cmp(other_at).then_with(|| id.cmp(other)) },",
    },
    Bug {
        name: "users lose their identity",
        file: "refresh.rs",
        original: "cached.shows(&mut entry.body, parts).then_some(cached.version)",
        with_bug: "(cached.shows(&mut entry.body, parts) && !(BUG && kind == Kind::User)).then_some(cached.version)",
    },
    Bug {
        name: "a referenced message keeps its old text",
        file: "refresh.rs",
        original: "&& cached.shows(&mut entry.body, parts)",
        with_bug: "&& (BUG && cached.parts == parts || cached.shows(&mut entry.body, parts))",
    },
    Bug {
        name: "a conversation does not show the changes of its last message",
        file: "refresh.rs",
        original: "_ if part != NO_SLOT =>",
        with_bug: "(Kind::Conversation, 0) if BUG => parts.0 = self.entry(part)
                       .and_then(|entry| entry.cached.as_ref()).map_or(NO_VERSION, |cached| cached.version),
                   _ if part != NO_SLOT =>",
    },
    Bug {
        name: "edits are not shown",
        file: "bodies.rs",
        original: "if let Some(cached) = &mut entry.cached {
                cached.replace(replaced);",
        with_bug: "if let Some(cached) = &mut entry.cached {
                if !BUG { cached.replace(replaced); }",
    },
    Bug {
        name: "a deleted message is still shown where it is referenced",
        file: "bodies.rs",
        original: "&& self.entry(referenced).is_some_and(|entry| entry.frame < frame)",
        with_bug: "&& self.entry(referenced).is_some_and(|entry| entry.frame < frame && !BUG)",
    },
    Bug {
        name: "a message that was left out of a frame is taken for deleted",
        file: "bodies.rs",
        original: "&& entry.frame >= frame",
        with_bug: "&& (BUG || entry.frame >= frame)",
    },
    Bug {
        name: "bodies that the server does not send again are removed",
        file: "bodies.rs",
        original: "pending.extend_from_slice(&self.recent);",
        with_bug: "if !BUG { pending.extend_from_slice(&self.recent); }",
    },
    Bug {
        name: "the parts of a body are not updated",
        file: "bodies.rs",
        original: "entry.part_slots = part_slots;\n        entry.at",
        with_bug: "if !BUG || replaced.is_none() { entry.part_slots = part_slots; }\n        entry.at",
    },
    Bug {
        name: "a change of a part does not change the snapshots that contain it",
        file: "bodies.rs",
        original: "if affects_others {",
        with_bug: "if affects_others && !BUG {",
    },
    Bug {
        name: "typing does not expire",
        file: "mod.rs",
        original: "subscription.expires_at = Some(now + TYPING_TIMEOUT);",
        with_bug: "subscription.expires_at = Some(now + TYPING_TIMEOUT).filter(|_| !BUG);",
    },
    Bug {
        name: "typing expires late",
        file: "mod.rs",
        original: "if subscription.expires_at.is_some_and(|expires_at| expires_at <= now) {",
        with_bug: "if subscription.expires_at.is_some_and(|at| at + if BUG { 1_000 } else { 0 } <= now) {",
    },
    Bug {
        name: "removed entries stay",
        file: "mod.rs",
        original: "list.remove(dropped);",
        with_bug: "if !BUG { list.remove(dropped); }",
    },
    Bug {
        name: "changes of users are not shown",
        file: "mod.rs",
        original: "kind == Kind::User || subscription.contains(hash)",
        with_bug: "kind == Kind::User && !BUG || subscription.contains(hash)",
    },
    Bug {
        name: "a page from before a reset is appended",
        file: "mod.rs",
        original: "subscription.page = None;",
        with_bug: "if !BUG { subscription.page = None; }",
    },
    Bug {
        name: "a second handle is not shown what is loaded",
        file: "mod.rs",
        original: "known.is_changed = true;",
        with_bug: "known.is_changed |= !BUG;",
    },
    Bug {
        name: "changes during a page are lost",
        file: "pages.rs",
        original: "Some(item) => list.put(item),",
        with_bug: "Some(item) => if !BUG { list.put(item) },",
    },
    Bug {
        name: "a page that is answered without a list completes the list",
        file: "pages.rs",
        original: "let Some(value) = value else { return self.end_page(id, number, &Ok(())) };",
        with_bug: "let nothing = B::nobody_types();
                   let value = if BUG { Some(value.unwrap_or(&nothing)) } else { value };
                   let Some(value) = value else { return self.end_page(id, number, &Ok(())) };",
    },
    Bug {
        name: "a page is always the last one",
        file: "pages.rs",
        original: "if value.flag(FlagField::More)",
        with_bug: "if value.flag(FlagField::More) && !BUG",
    },
    Bug {
        name: "load_more never ends",
        file: "show.rs",
        original: "if handle.requested_early == 0 {",
        with_bug: "if handle.requested_early == 0 && !BUG {",
    },
    Bug {
        name: "entries that nobody shows any more stay",
        file: "show.rs",
        original: "list.truncate(longest, lowest);",
        with_bug: "if BUG { list.items.truncate(longest); } else { list.truncate(longest, lowest); }",
    },
    Bug {
        name: "the common end of two lists is inserted again",
        file: "show.rs",
        original: "list.items.get(start..count - tail)",
        with_bug: "list.items.get(start..count - if BUG { 0 } else { tail })",
    },
    Bug {
        name: "loaded_all is true too early",
        file: "show.rs",
        original: "let loaded_all = Some(count == list.items.len() && list.is_complete());",
        with_bug: "let loaded_all = Some(count == list.items.len() && (BUG || list.is_complete()));",
    },
    Bug {
        name: "a handle shows what another one has loaded",
        file: "show.rs",
        original: "Some(last) if beyond > handle.requested => last.bound(),",
        with_bug: "Some(last) if beyond > handle.requested && !BUG => last.bound(),",
    },
    Bug {
        name: "a handle that was opened without a list shows nothing later",
        file: "show.rs",
        original: "handle.lower_bound = Bound::End;",
        with_bug: "if !BUG { handle.lower_bound = Bound::End; }",
    },
    Bug {
        name: "an empty list stays when the access to it is lost",
        file: "show.rs",
        original: "if handle.shown != Shown::Absent || handle.loaded_all != loaded_all {",
        with_bug: "let stays = BUG && matches!(&handle.shown, Shown::Versions(shown) if shown.is_empty());
                   if !stays && (handle.shown != Shown::Absent || handle.loaded_all != loaded_all) {",
    },
    Bug {
        name: "the callback is not called",
        file: "show.rs",
        original: "updated.push(handle.id);",
        with_bug: "if !BUG { updated.push(handle.id); }",
    },
    Bug {
        name: "an unchanged snapshot is shown again",
        file: "show.rs",
        original: "if same && handle.loaded_all == loaded_all {",
        with_bug: "if same && handle.loaded_all == loaded_all && !BUG {",
    },
];
