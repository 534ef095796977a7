//! A program with handles on topics of the model, and the checks after each turn.

use std::collections::BTreeMap;

use causerie_client::store::{HandleEvent, HandleId, JsonSnapshot, Store, StoreOutput, TopicScope};
use causerie_protocol::{Entities, RequestId, ServerFrame, TopicKind};
use serde_json::Value;

use crate::model::{CONVERSATIONS, Published, Rng, Server, Topic};

/// The time after which typing that is not confirmed has ended.
const TYPING_MS: u64 = 13_000;

/// The snapshot, and whether it reaches the end of the list; `None` before the first one.
type Shown = Option<(Option<JsonSnapshot>, Option<bool>)>;

struct Handle {
    topic: Topic,
    shown: Shown,
    is_new: bool,
    loads: u32,
}

struct PendingPage {
    subscription: RequestId,
    number: u32,
    result: (Value, Entities<Value>),
}

/// A subscription as the server knows it.
struct Subscription {
    topic: Topic,
    /// Whether its first reset was sent.
    sent: bool,
    window: usize,
}

pub(crate) struct Program {
    rng: Rng,
    server: Server,
    store: Store<Value>,
    subscriptions: BTreeMap<RequestId, Subscription>,
    handles: BTreeMap<HandleId, Handle>,
    pages: Vec<PendingPage>,
    last_id: RequestId,
    now: u64,
    /// The number of snapshots that were compared.
    pub(crate) snapshots: u64,
}

impl Program {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng(seed);
        let server = Server::new(&mut rng);
        Program {
            rng,
            server,
            store: Store::new(),
            subscriptions: BTreeMap::new(),
            handles: BTreeMap::new(),
            pages: Vec::new(),
            last_id: 0,
            now: 0,
            snapshots: 0,
        }
    }

    /// Performs some actions of the program and the server, and then ends the turn and checks everything.
    pub(crate) fn turn(&mut self) {
        match self.rng.below(10) {
            0 | 1 if self.handles.len() < 14 => self.open(),
            2 if self.handles.len() > 6 => self.unsubscribe(),
            3 => self.load_more(),
            4 => self.reconnect(),
            5 => self.expire(),
            _ => {}
        }
        for _ in 0..self.rng.below(4) {
            let published = self.server.change(&mut self.rng);
            published.iter().for_each(|change| self.publish(change));
        }
        let unsent: Vec<RequestId> =
            self.subscriptions.iter().filter(|(_, it)| !it.sent).map(|(id, _)| *id).collect();
        for id in unsent {
            if self.rng.below(2) == 0 {
                self.reset(id);
            }
        }
        if self.rng.below(2) == 0 && !self.pages.is_empty() {
            let page = self.pages.remove(0);
            if self.rng.below(8) == 0 {
                let error = causerie_protocol::ErrorBody::new(causerie_protocol::ErrorCode::Offline, "x");
                self.store.page_failed(page.subscription, page.number, &error);
            } else {
                let (value, entities) = page.result;
                self.store.page(page.subscription, page.number, Some(&value), entities);
            }
        }
        self.end_turn();
    }

    fn open(&mut self) {
        use TopicKind::{Conversation, Conversations, Messages, Participants, Reactions, Typing, User};
        let kinds = [Conversations, Messages, Messages, Conversation, Participants, Reactions, Typing, User];
        let kind = kinds[self.rng.below(kinds.len())];
        let number = match kind {
            Messages | Conversation if self.rng.below(2) == 0 => self.rng.below(CONVERSATIONS),
            User => self.rng.below(3),
            _ => 0,
        };
        let topic = Topic(kind, number);
        let scope = TopicScope { kind, id: topic.id(), key: format!("{topic:?}") };
        let id = self.last_id + 1;
        let mut subscribed = false;
        let handle = self.store.open(scope, || {
            subscribed = true;
            Ok(id)
        });
        if subscribed {
            self.last_id = id;
            self.subscriptions.insert(id, Subscription { topic, sent: false, window: 0 });
        }
        let handle = handle.unwrap();
        self.handles.insert(handle, Handle { topic, shown: None, is_new: false, loads: 0 });
    }

    fn any_handle(&mut self) -> Option<HandleId> {
        let count = self.handles.len();
        (count > 0).then(|| *self.handles.keys().nth(self.rng.below(count)).unwrap())
    }

    fn unsubscribe(&mut self) {
        if let Some(id) = self.any_handle() {
            self.handles.remove(&id);
            self.store.unsubscribe(id);
        }
    }

    fn load_more(&mut self) {
        let Some(id) = self.any_handle() else { return };
        let count = 1 + u32::try_from(self.rng.below(9)).unwrap();
        if self.store.load_more(id, Some(count)).unwrap() {
            self.handles.get_mut(&id).unwrap().loads = 1;
        }
    }

    /// The connection was lost: the server sends every value again.
    fn reconnect(&mut self) {
        let sent: Vec<RequestId> =
            self.subscriptions.iter().filter(|(_, it)| it.sent).map(|(id, _)| *id).collect();
        sent.into_iter().for_each(|id| self.reset(id));
    }

    /// No frame confirms any typing for 13 s.
    fn expire(&mut self) {
        self.now += TYPING_MS;
        self.server.stop_typing();
        assert!(self.store.deadline().is_none_or(|deadline| deadline <= self.now));
        self.store.expire_typing(self.now);
        assert_eq!(self.store.deadline(), None);
    }

    fn reset(&mut self, id: RequestId) {
        let subscription = self.subscriptions.get_mut(&id).unwrap();
        subscription.sent = true;
        let initial = match subscription.topic.0 {
            TopicKind::Conversations => 20,
            TopicKind::Messages => 30,
            _ => 10,
        };
        let topic = subscription.topic;
        let (value, entities) = if topic.is_list() {
            // The server may send fewer entries than the window has.
            let window = subscription.window.max(initial) - self.rng.below(2) * self.rng.below(5);
            self.server.page(topic, None, window)
        } else {
            self.server.value(topic)
        };
        self.store.handle_frame(self.now, ServerFrame::Reset { id, seq: None, value: Some(value), entities });
    }

    fn publish(&mut self, change: &Published) {
        let Published::User(user) = change else {
            let (Published::Events(topic, _) | Published::Reset(topic)) = change else { return };
            let concerned = self.subscriptions.iter().filter(|(_, it)| it.sent && it.topic == *topic);
            let concerned: Vec<RequestId> = concerned.map(|(id, _)| *id).collect();
            for id in concerned {
                if let Published::Events(topic, change) = change {
                    let put: Vec<Value> = change.get("put").cloned().into_iter().collect();
                    let entities = self.server.bodies(*topic, &put);
                    let changes = vec![change.clone()];
                    let frame = ServerFrame::Events { id, since: None, seq: None, changes, entities };
                    self.store.handle_frame(self.now, frame);
                } else {
                    self.reset(id);
                }
            }
            return;
        };
        let entities = Entities { users: vec![self.server.user(*user)], ..Entities::none() };
        self.store.handle_frame(self.now, ServerFrame::Update { entities });
    }

    fn end_turn(&mut self) {
        let before: BTreeMap<HandleId, Shown> =
            self.handles.iter().map(|(id, handle)| (*id, handle.shown.clone())).collect();
        let mut rounds = 0;
        loop {
            self.execute();
            if !self.store.needs_flush() {
                break;
            }
            self.store.flush();
            rounds += 1;
            assert!(rounds < 10, "the store does not come to rest");
        }
        for (id, handle) in &mut self.handles {
            let was = &before[id];
            if std::mem::take(&mut handle.is_new) {
                self.snapshots += 1;
                assert_ne!(*was, handle.shown, "{:?}: a callback without a change", handle.topic);
            } else {
                assert_eq!(*was, handle.shown, "{:?}: a change without a callback", handle.topic);
            }
            if let (Some((Some(was), _)), Some((Some(is), _))) = (was, &handle.shown) {
                check_identity(was, is);
            }
        }
        for handle in self.handles.values() {
            check(&self.server, handle);
        }
    }

    fn execute(&mut self) {
        while let Some(output) = self.store.poll() {
            match output {
                StoreOutput::Handle(id, event) => {
                    let Some(handle) = self.handles.get_mut(&id) else { continue };
                    match event {
                        HandleEvent::Active { snapshot, loaded_all } => {
                            handle.shown = Some((snapshot, loaded_all));
                        }
                        HandleEvent::Notify => handle.is_new = true,
                        HandleEvent::Loaded(_) => {
                            assert_eq!(handle.loads, 1, "a result without a call of load_more");
                            handle.loads = 0;
                        }
                        HandleEvent::Ended(error) => panic!("{error}"),
                    }
                }
                StoreOutput::LoadPage { subscription, page, after, limit } => {
                    let topic = self.subscriptions[&subscription].topic;
                    let result = self.server.page(topic, Some(&after), limit as usize);
                    self.pages.push(PendingPage { subscription, number: page, result });
                }
                StoreOutput::SetWindow(id, count) => {
                    if let Some(subscription) = self.subscriptions.get_mut(&id) {
                        subscription.window = count as usize;
                    }
                }
                StoreOutput::Unsubscribe(id) => {
                    self.subscriptions.remove(&id);
                }
            }
        }
    }
}

/// Compares what a handle shows with the server's data.
fn check(server: &Server, handle: &Handle) {
    let topic = handle.topic;
    let Some((snapshot, loaded_all)) = &handle.shown else { return };
    let snapshot = snapshot.as_ref().unwrap_or_else(|| panic!("{topic:?}: is absent"));
    if !topic.is_list() {
        let (value, _) = server.value(topic);
        assert_eq!(*snapshot.value(), server.shown(topic, &value), "{topic:?}");
        return;
    }
    let entries = server.entries(topic);
    let shown = snapshot.parts();
    assert!(shown.len() <= entries.len(), "{topic:?}: shows {} of {}", shown.len(), entries.len());
    for (snapshot, (_, entry)) in shown.iter().zip(&entries) {
        assert_eq!(*snapshot.value(), server.shown(topic, entry), "{topic:?}");
    }
    if *loaded_all == Some(true) {
        assert_eq!(shown.len(), entries.len(), "{topic:?}: `loaded_all` before the end");
    }
}

/// Checks that every part that equals a part of the previous snapshot is the same object.
fn check_identity(before: &JsonSnapshot, after: &JsonSnapshot) {
    if before.is_same(after) {
        return;
    }
    assert_ne!(before.value(), after.value(), "an equal snapshot is another object");
    for part in after.parts() {
        let id = |snapshot: &JsonSnapshot| snapshot.value()["id"].clone();
        let known = before
            .parts()
            .iter()
            .find(|other| id(other) == id(part) && other.value()["user"]["id"] == part.value()["user"]["id"]);
        if let Some(known) = known {
            check_identity(known, part);
        }
    }
}
