//! A handle as a program holds it: the snapshot of its last callback, and the checks of each event.

use causerie_client::store::{HandleEvent, JsonSnapshot};
use causerie_protocol::{ErrorCode, Topic};
use serde_json::Value;

use super::ground_truth::{Observations, ShownMessages, text_of};
use super::oracle::Cursor;

/// The snapshot that a handle shows.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) snapshot: Option<JsonSnapshot>,
    pub(crate) loaded_all: Option<bool>,
}

/// The range of a list that a handle showed when everything was up to date.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    /// The ids of the entries.
    pub(crate) ids: Vec<String>,
    /// The last entry, or `None` if the range reached the end of the list.
    pub(crate) end: Option<Cursor>,
    /// The ids of the entries that follow.
    pub(crate) next: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Handle {
    pub(crate) topic: Topic,
    /// `None` until the first callback.
    pub(crate) shown: Option<Shown>,
    /// Whether the snapshot changed and the callback is due.
    is_due: bool,
    /// Whether a `load_more` is pending.
    pub(crate) is_loading: bool,
    pub(crate) observations: Option<Observations>,
    pub(crate) range: Option<Range>,
    /// Whether the list was sent whole again since the range was recorded.
    pub(crate) was_reset: bool,
    /// Whether more was requested since the range was recorded.
    pub(crate) was_extended: bool,
}

impl Handle {
    pub(crate) fn new(topic: Topic) -> Self {
        let observations = match &topic {
            Topic::Messages { id } => {
                Some(Observations { conversation: id.as_str().to_owned(), shown: Vec::new() })
            }
            _ => None,
        };
        Handle {
            topic,
            shown: None,
            is_due: false,
            is_loading: false,
            observations,
            range: None,
            was_reset: false,
            was_extended: false,
        }
    }

    /// Returns the entries of the list that the handle shows; none if it shows no list.
    pub(crate) fn entries(&self) -> &[JsonSnapshot] {
        let snapshot = self.shown.as_ref().and_then(|shown| shown.snapshot.as_ref());
        snapshot.filter(|_| self.topic.page_sizes().is_some()).map_or(&[], |snapshot| snapshot.parts())
    }

    /// Handles an event of the store, and checks it.
    pub(crate) fn on_event(&mut self, event: HandleEvent<JsonSnapshot>) -> Result<(), String> {
        match event {
            HandleEvent::Active { snapshot, loaded_all } => {
                let shown = Shown { snapshot, loaded_all };
                self.check_change(&shown)?;
                self.observe(&shown);
                if shown.snapshot.is_none() {
                    // A list that follows is shown as far as it is sent.
                    self.range = None;
                }
                self.shown = Some(shown);
                self.is_due = true;
            }
            HandleEvent::Notify if !std::mem::take(&mut self.is_due) => {
                return Err("the callback is called without a change".to_owned());
            }
            HandleEvent::Notify => {}
            HandleEvent::Loaded(result) => {
                if !std::mem::take(&mut self.is_loading) {
                    return Err("a load_more ends that is not pending".to_owned());
                }
                let allowed =
                    [ErrorCode::Offline, ErrorCode::TimedOut, ErrorCode::NotFound, ErrorCode::Forbidden];
                if let Err(error) = result
                    && !allowed.contains(&error.code)
                {
                    return Err(format!("load_more failed: {error:?}"));
                }
            }
            HandleEvent::Ended(error) => return Err(format!("ended: {error:?}")),
        }
        Ok(())
    }

    /// Returns whether the handle has everything that was requested.
    pub(crate) fn is_settled(&self) -> bool {
        self.shown.is_some() && !self.is_due && !self.is_loading
    }

    /// Checks that something changed, and that what did not change is the same object.
    fn check_change(&self, shown: &Shown) -> Result<(), String> {
        if shown.loaded_all.is_some() != self.topic.page_sizes().is_some() {
            return Err(format!("loaded_all is {:?}", shown.loaded_all));
        }
        let Some(before) = &self.shown else { return Ok(()) };
        let (old, new) = match (&before.snapshot, &shown.snapshot) {
            (None, None) if before.loaded_all == shown.loaded_all => return Err(SAME.to_owned()),
            (Some(old), Some(new)) => (old, new),
            _ => return Ok(()),
        };
        let is_list = self.topic.page_sizes().is_some();
        let is_equal =
            old.is_same(new) || if is_list { equal_entries(old, new) } else { old.value() == new.value() };
        if is_equal {
            return match (before.loaded_all == shown.loaded_all, old.is_same(new)) {
                (true, _) => Err(SAME.to_owned()),
                (false, false) => Err("an unchanged list is another object".to_owned()),
                (false, true) => Ok(()),
            };
        }
        if !is_list {
            return check_parts(old, new);
        }
        for entry in new.parts() {
            let id = entry_id(entry.value());
            if let Some(old) = old.parts().iter().find(|old| entry_id(old.value()) == id) {
                check_identity(old, entry)?;
            }
        }
        Ok(())
    }

    fn observe(&mut self, shown: &Shown) {
        let Some(observations) = &mut self.observations else { return };
        let Some(snapshot) = &shown.snapshot else { return };
        let message = |entry: &JsonSnapshot| (entry_id(entry.value()).to_owned(), text_of(entry.value()));
        let messages = snapshot.parts().iter().map(message).collect();
        observations.shown.push(ShownMessages { messages, loaded_all: shown.loaded_all.unwrap_or_default() });
    }
}

const SAME: &str = "the same snapshot is shown again";

/// Returns the id of an entry: its own or that of its user.
pub(crate) fn entry_id(entry: &Value) -> &str {
    let id = entry.get("id").unwrap_or(&entry["user"]["id"]);
    id.as_str().expect("an entry has an id or a user")
}

fn equal_entries(old: &JsonSnapshot, new: &JsonSnapshot) -> bool {
    let is_equal =
        |(old, new): (&JsonSnapshot, &JsonSnapshot)| old.is_same(new) || old.value() == new.value();
    old.parts().len() == new.parts().len() && old.parts().iter().zip(new.parts()).all(is_equal)
}

/// Checks that a snapshot that did not change is the same object, and otherwise its parts.
fn check_identity(old: &JsonSnapshot, new: &JsonSnapshot) -> Result<(), String> {
    if old.is_same(new) {
        Ok(())
    } else if old.value() == new.value() {
        Err(format!("an unchanged snapshot is another object: {}", new.value()))
    } else {
        check_parts(old, new)
    }
}

fn check_parts(old: &JsonSnapshot, new: &JsonSnapshot) -> Result<(), String> {
    for part in new.parts() {
        let mut equal = old.parts().iter().filter(|old| old.value() == part.value()).peekable();
        if equal.peek().is_some() && !equal.any(|old| old.is_same(part)) {
            return Err(format!("an unchanged part is another object: {}", part.value()));
        }
    }
    Ok(())
}
