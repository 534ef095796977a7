//! The dispatcher: takes the changes of each commit to those whom they concern, and ends what lasts only so long.
//!
//! One after the other: who takes part is found out first (which may have to read), and all the rest of a commit is done
//! under one lock, so that nobody hears of half of it. Whoever is concerned is woken once, however much there is.

use std::collections::{HashMap, HashSet};
use std::future::pending;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

use causerie_protocol::ids::ConversationId;

use super::batch::{Batch, Update};
use super::hub::{MembersOf, Shared, Taken};
use super::mailbox::{Hint, Item, Mailbox};
use super::members::{Key, Members};
use super::registry::{AppRegistry, Kind};
use crate::events::{AppEvent, AppEventKind, Event};

pub(super) struct Dispatcher {
    shared: Arc<Shared>,
    source: Weak<dyn MembersOf>,
    members: Members,
}

/// What one commit brings, for one app and in order.
enum Parcel {
    User(Arc<Update>),
    Batch(Arc<Batch>),
}

/// Whose lists a batch concerns.
enum Concerned {
    Nobody,
    /// These, and those who take part.
    Users(HashSet<Box<str>>, Arc<HashSet<Box<str>>>),
    /// Who took part is not known any more.
    Everybody,
}

impl Dispatcher {
    pub(super) fn new(shared: Arc<Shared>, source: Weak<dyn MembersOf>) -> Self {
        Dispatcher { shared, source, members: Members::default() }
    }

    pub(super) async fn run(mut self) {
        loop {
            match self.shared.take() {
                Taken::Closed => return,
                Taken::Lost => self.lose(),
                Taken::Changes(commits) => {
                    for changes in commits {
                        self.commit(changes).await;
                    }
                }
            }
            self.expire();
            let next = self.next_time();
            self.shared.armed.store(next.unwrap_or(i64::MAX), Ordering::Release);
            // A time that was set just before that was stored has not woken anybody.
            if self.next_time() < next {
                continue;
            }
            let clock = Arc::clone(&self.shared.clock);
            tokio::select! {
                () = self.shared.wake.notified() => {}
                () = async { match next { Some(at) => clock.wait_until(at).await, None => pending().await } } => {}
            }
        }
    }

    fn next_time(&self) -> Option<i64> {
        let presence = self.shared.presence().next_time();
        let typing = self.shared.typing().next_time();
        [presence, typing].into_iter().flatten().min()
    }

    /// Ends what is over by now.
    fn expire(&self) {
        let now = self.shared.now();
        let gone = self.shared.presence().expire(now);
        for (app, user) in gone {
            self.shared.tell_online(&app, &user);
        }
        let stopped = self.shared.typing().expire(now);
        for (app, conversation) in stopped {
            self.shared.tell_typing(&app, &conversation, false);
        }
    }

    /// Changes were lost: nobody who follows has what they should have.
    fn lose(&mut self) {
        tracing::error!("the fan-out could not keep up; everybody starts anew from where they were");
        self.members = Members::default();
        for of in self.shared.registry().values() {
            for mailbox in of.mailboxes() {
                mailbox.lose();
            }
        }
    }

    /// Takes the changes of one commit to those whom they concern.
    async fn commit(&mut self, changes: Vec<AppEvent>) {
        let mut parcels: Vec<(Arc<str>, Parcel)> = Vec::new();
        for (app, parcel) in pack(changes) {
            match parcel {
                Packed::User(update) => parcels.push((app, Parcel::User(Arc::new(update)))),
                Packed::Batch(batch) => parcels.push((app, Parcel::Batch(Arc::new(batch)))),
            }
        }
        let mut concerned = Vec::with_capacity(parcels.len());
        for (app, parcel) in &parcels {
            concerned.push(match parcel {
                Parcel::Batch(batch) => self.concerned(app, batch).await,
                Parcel::User(_) => Concerned::Nobody,
            });
        }
        let mut woken: Vec<Arc<Mailbox>> = Vec::new();
        let mut stopped: Vec<(Arc<str>, ConversationId)> = Vec::new();
        {
            let mut registry = self.shared.registry();
            for ((app, parcel), concerned) in parcels.into_iter().zip(concerned) {
                if let Parcel::Batch(batch) = &parcel
                    && self.stop_typing(&app, batch)
                {
                    stopped.push((Arc::clone(&app), batch.id.clone()));
                }
                let Some(of) = registry.get_mut(&app) else { continue };
                match parcel {
                    Parcel::User(update) => {
                        let followers = of.user_changed(&update.user.id);
                        followers
                            .for_each(|mailbox| put(mailbox, Item::Update(Arc::clone(&update)), &mut woken));
                    }
                    Parcel::Batch(batch) => deliver(of, &batch, &concerned, &mut woken),
                }
            }
        }
        for mailbox in woken {
            mailbox.wake();
        }
        for (app, conversation) in stopped {
            self.shared.tell_typing(&app, &conversation, false);
        }
    }

    /// A message, leaving and the conversation's end stop typing.
    fn stop_typing(&self, app: &Arc<str>, batch: &Batch) -> bool {
        let mut typing = self.shared.typing();
        if typing.next_time().is_none() {
            return false;
        }
        let key = (Arc::clone(app), batch.id.clone());
        let mut stopped = false;
        for (_, event) in &batch.events {
            match event {
                Event::Sent(said) => {
                    stopped |= said.message.sender.as_ref().is_some_and(|sender| typing.ended(&key, sender));
                }
                Event::Left(user) => stopped |= typing.ended(&key, user),
                Event::ConversationDeleted => typing.forget(&key),
                _ => {}
            }
        }
        stopped
    }

    /// Whose lists of conversations a batch concerns, and what it makes of the members that are known.
    async fn concerned(&mut self, app: &Arc<str>, batch: &Batch) -> Concerned {
        let key: Key = (Arc::clone(app), batch.id.clone());
        let followed = self
            .shared
            .registry()
            .get(app)
            .is_some_and(|of| of.names(Kind::List).is_some_and(|names| !names.is_empty()));
        let mut users = HashSet::new();
        let mut all = false;
        let mut everybody = false;
        for (_, event) in &batch.events {
            match event {
                Event::Joined(user) | Event::Left(user) => {
                    if let Some(members) = self.members.get(&key) {
                        let members = Arc::make_mut(members);
                        match event {
                            Event::Joined(_) => members.insert(user.as_str().into()),
                            _ => members.remove(user.as_str()),
                        };
                    }
                    users.insert(user.as_str().into());
                    all = true;
                }
                Event::ConversationDeleted => match self.members.forget(&key) {
                    Some(members) => users.extend(members.iter().cloned()),
                    None => everybody = true,
                },
                Event::ParticipantChanged(user) => {
                    users.insert(user.as_str().into());
                }
                _ => all = true,
            }
        }
        if !followed {
            return Concerned::Nobody;
        }
        if everybody {
            return Concerned::Everybody;
        }
        let members = if all { self.members_of(key).await } else { Arc::default() };
        Concerned::Users(users, members)
    }

    async fn members_of(&mut self, key: Key) -> Arc<HashSet<Box<str>>> {
        if let Some(members) = self.members.get(&key) {
            return Arc::clone(members);
        }
        let Some(source) = self.source.upgrade() else { return Arc::default() };
        let members: Arc<HashSet<Box<str>>> =
            Arc::new(source.members(&key.0, &key.1).await.iter().map(|user| user.as_str().into()).collect());
        self.members.put(key, Arc::clone(&members));
        members
    }
}

enum Packed {
    User(Update),
    Batch(Batch),
}

/// Puts the changes of a commit into batches, each at the place of its first. What happens in one conversation stays in
/// its order; that is all the order there is between conversations and users, but that a user's body that a batch brings
/// must not come before an older one: so a change of a user closes all batches.
fn pack(changes: Vec<AppEvent>) -> Vec<(Arc<str>, Packed)> {
    let mut packed: Vec<(Arc<str>, Packed)> = Vec::new();
    let mut open: HashMap<(Arc<str>, ConversationId), usize> = HashMap::new();
    for AppEvent { app, kind } in changes {
        match kind {
            AppEventKind::User(user) => {
                open.clear();
                packed.push((app, Packed::User(Update::new(user))));
            }
            AppEventKind::Conversation { id, seq, event } => {
                let key = (Arc::clone(&app), id);
                let taken = match open.get(&key).and_then(|index| packed.get_mut(*index)) {
                    Some((_, Packed::Batch(batch))) => batch.take(seq, event),
                    _ => Err(event),
                };
                if let Err(event) = taken {
                    let batch = Batch::new(key.1.clone(), seq, event);
                    open.insert(key, packed.len());
                    packed.push((app, Packed::Batch(batch)));
                }
            }
        }
    }
    packed
}

fn put(mailbox: &Arc<Mailbox>, item: Item, woken: &mut Vec<Arc<Mailbox>>) {
    if mailbox.put(item) {
        woken.push(Arc::clone(mailbox));
    }
}

fn deliver(of: &mut AppRegistry, batch: &Arc<Batch>, concerned: &Concerned, woken: &mut Vec<Arc<Mailbox>>) {
    of.watch_all(batch.id.as_str(), batch.users());
    for mailbox in of.followers(Kind::Conversation, batch.id.as_str()) {
        put(mailbox, Item::Batch(Arc::clone(batch)), woken);
    }
    let Some(lists) = of.names(Kind::List) else { return };
    let mut hint = |mailbox: &Arc<Mailbox>| {
        if mailbox.hint(Hint::View(batch.id.clone())) {
            woken.push(Arc::clone(mailbox));
        }
    };
    match concerned {
        Concerned::Nobody => {}
        Concerned::Everybody => lists.values().flat_map(HashMap::values).for_each(&mut hint),
        // Whichever are fewer are gone through.
        Concerned::Users(users, members) if users.len() + members.len() <= lists.len() => {
            let mut hint_user = |user: &str| {
                lists.get(user).into_iter().flat_map(HashMap::values).for_each(&mut hint);
            };
            users.difference(members).for_each(|user| hint_user(user));
            members.iter().for_each(|user| hint_user(user));
        }
        Concerned::Users(users, members) => {
            for (user, followers) in lists {
                if users.contains(&**user) || members.contains(&**user) {
                    followers.values().for_each(&mut hint);
                }
            }
        }
    }
}
