//! The dispatcher while reads of members wait for the store.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::task::Waker;
use std::time::{Duration, Instant};

use causerie_protocol::ids::{ConversationId, UserId};
use tokio::sync::oneshot;

use super::{Follower, Hint, Hub, Item, MemberSource, ReadingMembers};
use crate::clock::SettableClock;
use crate::events::{AppEvent, AppEventKind, Event, EventSink as _};
use crate::store::StoreError;

fn user(id: &str) -> UserId {
    UserId::new(id).unwrap()
}

fn conversation(id: &str) -> ConversationId {
    ConversationId::new(id).unwrap()
}

/// A source that answers when the test does.
#[derive(Default)]
struct Answered {
    waiting: Mutex<HashMap<String, oneshot::Sender<Vec<UserId>>>>,
}

impl Answered {
    /// Answers the read of a conversation, which the dispatcher has requested or is about to request.
    async fn answer(&self, conversation: &str, members: &[&str]) {
        for _ in 0..1_000 {
            if let Some(answer) = self.waiting.lock().unwrap().remove(conversation) {
                return answer.send(members.iter().map(|id| user(id)).collect()).unwrap();
            }
            tokio::task::yield_now().await;
        }
        panic!("the members of {conversation} were not read");
    }
}

impl MemberSource for Answered {
    fn members<'a>(&'a self, _app: &'a str, conversation: &'a ConversationId) -> ReadingMembers<'a> {
        let (sender, answer) = oneshot::channel();
        let earlier = self.waiting.lock().unwrap().insert(conversation.as_str().to_owned(), sender);
        assert!(earlier.is_none(), "there is one read of a conversation at a time");
        Box::pin(async { answer.await.map_err(StoreError::failed) })
    }
}

struct Fixture {
    app: Arc<str>,
    hub: Hub,
    source: Arc<Answered>,
}

impl Fixture {
    fn start() -> Fixture {
        let source = Arc::new(Answered::default());
        let dynamic: Arc<dyn MemberSource> = Arc::clone(&source) as Arc<dyn MemberSource>;
        let hub = Hub::new(Arc::new(SettableClock::at(0)));
        hub.start(Arc::downgrade(&dynamic));
        Fixture { app: Arc::from("app"), hub, source }
    }

    fn follower(&self, id: &str) -> Follower {
        let mut follower = Follower::new(&self.hub, &self.app, &user(id), 100_000);
        follower.follow_list();
        follower
    }

    /// Publishes an event as a commit of its own.
    fn publish(&self, id: &str, seq: u64, event: Event) {
        let kind = AppEventKind::Conversation { id: conversation(id), seq, event };
        self.hub.publish(vec![AppEvent { app: Arc::clone(&self.app), kind }]);
    }
}

/// The numbers of the events and the conversations of the hints that a follower gets, once there are as many.
async fn received(follower: &Follower, events: usize, hints: usize) -> (Vec<u64>, HashSet<String>) {
    let (mut numbers, mut views) = (Vec::new(), HashSet::new());
    for _ in 0..1_000 {
        let mail = follower.drain(Waker::noop());
        for item in mail.items {
            let Item::Batch(batch) = item else { continue };
            numbers.extend(batch.events.iter().map(|(seq, _)| *seq));
        }
        views.extend(mail.hints.iter().filter_map(|hint| match hint {
            Hint::View(id) => Some(id.as_str().to_owned()),
            _ => None,
        }));
        if numbers.len() >= events && views.len() >= hints {
            break;
        }
        tokio::task::yield_now().await;
    }
    (numbers, views)
}

fn names<const N: usize>(names: [&str; N]) -> HashSet<String> {
    names.map(str::to_owned).into()
}

#[tokio::test]
async fn events_are_delivered_in_order_while_the_members_of_a_conversation_wait_for_a_read() {
    let fixture = Fixture::start();
    let mut bob = fixture.follower("bob");
    bob.follow_conversation(&conversation("slow"));
    bob.follow_conversation(&conversation("other"));
    let since = Instant::now();
    for seq in 1..=10 {
        fixture.publish("slow", seq, Event::SettingsChanged);
        fixture.publish("other", 100 + seq, Event::SettingsChanged);
    }
    fixture.source.answer("other", &["bob"]).await;
    let (numbers, views) = received(&bob, 20, 1).await;
    let delayed = since.elapsed();
    let (slow, other): (Vec<u64>, Vec<u64>) = numbers.into_iter().partition(|seq| *seq < 100);
    assert!(slow.into_iter().eq(1..=10) && other.into_iter().eq(101..=110), "each in order, without gaps");
    assert_eq!(views, names(["other"]), "the list learns of the conversation whose members are known");
    assert!(delayed < Duration::from_millis(500), "{delayed:?}");
    fixture.source.answer("slow", &["bob"]).await;
    assert_eq!(received(&bob, 0, 1).await.1, names(["slow"]), "and of the other one when it is read");
}

#[tokio::test]
async fn users_who_join_or_leave_during_a_read_of_members_are_in_its_result() {
    let fixture = Fixture::start();
    let (bob, carol, dave) = (fixture.follower("bob"), fixture.follower("carol"), fixture.follower("dave"));
    fixture.publish("talk", 1, Event::SettingsChanged);
    fixture.publish("talk", 2, Event::Joined(user("carol")));
    fixture.publish("talk", 3, Event::Left(user("dave")));
    // Each of them gets a hint at once; nobody else does before the members are known.
    for follower in [&carol, &dave] {
        assert_eq!(received(follower, 0, 1).await.1, names(["talk"]));
    }
    assert_eq!(bob.drain(Waker::noop()).hints.len(), 0);
    // The read began before both.
    fixture.source.answer("talk", &["bob", "dave"]).await;
    assert_eq!(received(&bob, 0, 1).await.1, names(["talk"]));
    received(&carol, 0, 1).await;
    fixture.publish("talk", 4, Event::SettingsChanged);
    for follower in [&bob, &carol] {
        assert_eq!(received(follower, 0, 1).await.1, names(["talk"]));
    }
    assert_eq!(dave.drain(Waker::noop()).hints.len(), 0, "dave left");
}

#[tokio::test]
async fn members_of_a_conversation_that_is_deleted_during_the_read_are_read_again() {
    let fixture = Fixture::start();
    let bob = fixture.follower("bob");
    fixture.publish("talk", 1, Event::SettingsChanged);
    fixture.publish("talk", 2, Event::ConversationDeleted);
    assert_eq!(received(&bob, 0, 1).await.1, names(["talk"]), "every list reads the view of a deleted one");
    fixture.source.answer("talk", &["bob"]).await;
    fixture.publish("talk", 3, Event::SettingsChanged);
    fixture.source.answer("talk", &["carol"]).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(bob.drain(Waker::noop()).hints.len(), 0, "he is not in the new one");
}

#[tokio::test]
async fn more_reads_than_may_wait_make_all_clients_resume() {
    let fixture = Fixture::start();
    let bob = fixture.follower("bob");
    for index in 0..60_000 {
        fixture.publish(&format!("talk-{index}"), 1, Event::SettingsChanged);
    }
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    assert!(bob.drain(Waker::noop()).overflowed);
}
