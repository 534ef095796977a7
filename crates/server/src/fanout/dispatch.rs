//! The dispatcher: delivers the events of each commit to their followers, and ends presence and typing that
//! expire.
//!
//! It handles one commit after the other, and delivers it under one lock, so that no follower sees a part of
//! it. Each mailbox is woken once per commit.
//!
//! The lists that show a conversation are those of its members. If these are not cached, they are read beside
//! the dispatcher, and the lists get their hint when they are known. A hint only makes a connection read the
//! newest view, so it may come later than the events before and after it.

use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::sync::{Arc, Weak};

use causerie_protocol::ids::ConversationId;

use super::batch::{Batch, UserUpdate};
use super::mailbox::{Hint, Item, Mailbox};
use super::member_reads::MemberReads;
use super::members::{MemberCache, MemberKey, MemberSource, Members};
use super::registry::{AppRegistry, FollowKind};
use super::shared::{Drained, Shared};
use crate::events::{AppEvent, AppEventKind, Event};
use crate::store::{StoreError, StoreResult};

pub(super) struct Dispatcher {
    shared: Arc<Shared>,
    members: MemberCache,
    reads: MemberReads,
}

/// A part of a commit that is delivered as one item.
enum Delivery<U, B> {
    User(U),
    Batch(B),
}

/// The users whose lists of conversations a batch affects.
enum Recipients {
    None,
    /// The given users, and the members of the conversation.
    Users(HashSet<Box<str>>, Members),
    /// All users, because the former members are unknown.
    All,
}

impl Dispatcher {
    pub(super) fn new(shared: Arc<Shared>, source: Weak<dyn MemberSource>) -> Self {
        Dispatcher { shared, members: MemberCache::default(), reads: MemberReads::new(source) }
    }

    pub(super) async fn run(mut self) {
        loop {
            match self.shared.drain() {
                Drained::Closed => return,
                Drained::Overflowed => self.overflow(),
                Drained::Commits(commits) => {
                    for events in commits {
                        self.commit(events);
                    }
                }
            }
            self.expire();
            let next = self.shared.next_expiry();
            self.shared.set_deadline(next);
            // A time that was set just before the deadline was stored has woken nothing.
            if self.shared.next_expiry() < next {
                continue;
            }
            let clock = Arc::clone(&self.shared.clock);
            let sleep = async {
                match next {
                    Some(at) => clock.wait_until(at).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                (key, members) = self.reads.next() => self.members_were_read(key, members),
                () = self.shared.wake.notified() => {}
                () = sleep => {}
            }
        }
    }

    /// Ends the presence and the typing that have expired.
    fn expire(&self) {
        let now = self.shared.now();
        let offline = self.shared.presence().expire(now);
        for (app, user) in offline {
            self.shared.notify_online(&app, &user);
        }
        let stopped = self.shared.typing().expire(now);
        for (app, conversation) in stopped {
            self.shared.notify_typing(&app, &conversation, false);
        }
    }

    /// Overflows all mailboxes, because events were lost.
    fn overflow(&mut self) {
        tracing::error!("the fan-out could not keep up; all clients resume from their positions");
        self.members = MemberCache::default();
        self.reads.forget_all();
        for registry in self.shared.registry().values() {
            for mailbox in registry.mailboxes() {
                mailbox.overflow();
            }
        }
    }

    /// Delivers the events of one commit.
    fn commit(&mut self, events: Vec<AppEvent>) {
        let deliveries: Vec<_> = (pack(events).into_iter())
            .map(|(app, delivery)| match delivery {
                Delivery::User(update) => (app, Delivery::User(Arc::new(update)), Recipients::None),
                Delivery::Batch(batch) => {
                    let recipients = self.recipients(&app, &batch);
                    (app, Delivery::Batch(Arc::new(batch)), recipients)
                }
            })
            .collect();
        if self.reads.is_full() {
            return self.overflow();
        }
        let mut woken: Vec<Arc<Mailbox>> = Vec::new();
        let mut stopped: Vec<(Arc<str>, ConversationId)> = Vec::new();
        {
            let mut registry = self.shared.registry();
            for (app, delivery, recipients) in deliveries {
                if let Delivery::Batch(batch) = &delivery
                    && self.stop_typing(&app, batch)
                {
                    stopped.push((Arc::clone(&app), batch.id.clone()));
                }
                let Some(registry) = registry.get_mut(&app) else { continue };
                match delivery {
                    Delivery::User(update) => {
                        let followers = registry.record_user_change(&update.user.id);
                        followers
                            .for_each(|mailbox| push(mailbox, Item::User(Arc::clone(&update)), &mut woken));
                    }
                    Delivery::Batch(batch) => deliver(registry, &batch, &recipients, &mut woken),
                }
            }
        }
        for mailbox in woken {
            mailbox.wake();
        }
        for (app, conversation) in stopped {
            self.shared.notify_typing(&app, &conversation, false);
        }
    }

    /// Stops the typing of users who sent a message or left, and all typing in a deleted conversation.
    /// Returns whether followers have to be notified.
    fn stop_typing(&self, app: &Arc<str>, batch: &Batch) -> bool {
        let mut typing = self.shared.typing();
        if typing.next_expiry().is_none() {
            return false;
        }
        let key = (Arc::clone(app), batch.id.clone());
        let mut stopped = false;
        for (_, event) in &batch.events {
            match event {
                Event::Sent(payload) => {
                    let sender = payload.message.sender.as_ref();
                    stopped |= sender.is_some_and(|sender| typing.stop(&key, sender));
                }
                Event::Left(user) => stopped |= typing.stop(&key, user),
                Event::ConversationDeleted => typing.remove_conversation(&key),
                _ => {}
            }
        }
        stopped
    }

    /// Returns the users whose lists of conversations a batch affects, as far as they are known, and applies
    /// the batch to the known members. Requests unknown ones.
    fn recipients(&mut self, app: &Arc<str>, batch: &Batch) -> Recipients {
        let key: MemberKey = (Arc::clone(app), batch.id.clone());
        let followed = (self.shared.registry().get(app)).is_some_and(|registry| {
            registry.all_followers(FollowKind::List).is_some_and(|lists| !lists.is_empty())
        });
        let mut users = HashSet::new();
        let mut affects_members = false;
        let mut affects_all = false;
        for (_, event) in &batch.events {
            match event {
                Event::Joined(user) | Event::Left(user) => {
                    let joined = matches!(event, Event::Joined(_));
                    if let Some(members) = self.members.get(&key) {
                        let members = Arc::make_mut(members);
                        if joined {
                            members.insert(user.as_str().into());
                        } else {
                            members.remove(user.as_str());
                        }
                    }
                    self.reads.record(&key, user, joined);
                    users.insert(user.as_str().into());
                    affects_members = true;
                }
                Event::ConversationDeleted => {
                    self.reads.forget(&key);
                    match self.members.remove(&key) {
                        Some(members) => users.extend(members.iter().cloned()),
                        None => affects_all = true,
                    }
                }
                Event::ParticipantChanged(user) => {
                    users.insert(user.as_str().into());
                }
                _ => affects_members = true,
            }
        }
        if !followed {
            return Recipients::None;
        }
        if affects_all {
            return Recipients::All;
        }
        if !affects_members {
            return Recipients::Users(users, Arc::default());
        }
        match self.members.get(&key) {
            Some(members) => Recipients::Users(users, Arc::clone(members)),
            None => {
                self.reads.request(&key);
                Recipients::Users(users, Arc::default())
            }
        }
    }

    /// Sends the hint to the lists that waited for these members.
    fn members_were_read(&mut self, key: MemberKey, members: StoreResult<Members>) {
        let recipients = match members {
            Ok(members) => {
                self.members.insert(key.clone(), Arc::clone(&members));
                Recipients::Users(HashSet::new(), members)
            }
            Err(StoreError::Closed) => return,
            // Every list reads the view itself, and an error is not cached, so that the next event reads the
            // members again.
            Err(error) => {
                tracing::error!(%error, "the fan-out could not read the participants of a conversation");
                Recipients::All
            }
        };
        let mut woken = Vec::new();
        if let Some(registry) = self.shared.registry().get(&key.0) {
            hint_lists(registry, &key.1, &recipients, &mut woken);
        }
        for mailbox in woken {
            mailbox.wake();
        }
    }
}

/// Puts the events of a commit into batches, each at the index of its first event. The events of one
/// conversation keep their order. Between conversations and users only one order matters: the body of a user
/// that a batch contains must not come before an older one. So a change of a user closes all open batches.
fn pack(events: Vec<AppEvent>) -> Vec<(Arc<str>, Delivery<UserUpdate, Batch>)> {
    let mut packed: Vec<(Arc<str>, Delivery<UserUpdate, Batch>)> = Vec::new();
    let mut open: HashMap<(Arc<str>, ConversationId), usize> = HashMap::new();
    for AppEvent { app, kind } in events {
        match kind {
            AppEventKind::User(user) => {
                open.clear();
                packed.push((app, Delivery::User(UserUpdate::new(user))));
            }
            AppEventKind::Conversation { id, seq, event } => {
                let key = (Arc::clone(&app), id);
                let pushed = match open.get(&key).and_then(|index| packed.get_mut(*index)) {
                    Some((_, Delivery::Batch(batch))) => batch.push(seq, event),
                    _ => Err(event),
                };
                if let Err(event) = pushed {
                    let batch = Batch::new(key.1.clone(), seq, event);
                    open.insert(key, packed.len());
                    packed.push((app, Delivery::Batch(batch)));
                }
            }
        }
    }
    packed
}

fn push(mailbox: &Arc<Mailbox>, item: Item, woken: &mut Vec<Arc<Mailbox>>) {
    if mailbox.push(item) {
        woken.push(Arc::clone(mailbox));
    }
}

/// Puts a batch into the mailboxes of the conversation's followers, and a hint into those of the recipients'
/// lists.
fn deliver(
    registry: &mut AppRegistry,
    batch: &Arc<Batch>,
    recipients: &Recipients,
    woken: &mut Vec<Arc<Mailbox>>,
) {
    registry.watch_for_followers(batch.id.as_str(), batch.users());
    for mailbox in registry.followers(FollowKind::Conversation, batch.id.as_str()) {
        push(mailbox, Item::Batch(Arc::clone(batch)), woken);
    }
    hint_lists(registry, &batch.id, recipients, woken);
}

/// Puts a hint about a conversation into the mailboxes of the recipients' lists.
fn hint_lists(
    registry: &AppRegistry,
    id: &ConversationId,
    recipients: &Recipients,
    woken: &mut Vec<Arc<Mailbox>>,
) {
    let Some(lists) = registry.all_followers(FollowKind::List) else { return };
    let mut hint = |mailbox: &Arc<Mailbox>| {
        if mailbox.hint(Hint::View(id.clone())) {
            woken.push(Arc::clone(mailbox));
        }
    };
    match recipients {
        Recipients::None => {}
        Recipients::All => lists.values().flat_map(HashMap::values).for_each(&mut hint),
        // Iterates over the smaller of the two sets.
        Recipients::Users(users, members) if users.len() + members.len() <= lists.len() => {
            let mut hint_user = |user: &str| {
                lists.get(user).into_iter().flat_map(HashMap::values).for_each(&mut hint);
            };
            users.difference(members).for_each(|user| hint_user(user));
            members.iter().for_each(|user| hint_user(user));
        }
        Recipients::Users(users, members) => {
            for (user, followers) in lists {
                if users.contains(&**user) || members.contains(&**user) {
                    followers.values().for_each(&mut hint);
                }
            }
        }
    }
}
