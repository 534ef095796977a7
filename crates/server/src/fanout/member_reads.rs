//! The reads of members that are not cached. They run in tasks of their own, so that the dispatcher delivers
//! the events of other conversations while a read waits for the store.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, Weak};

use causerie_protocol::ids::UserId;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::members::{MemberKey, MemberSource, Members};
use crate::store::{StoreError, StoreResult};

/// How many reads run at a time.
const READS: usize = 16;
/// How many conversations and changes may wait for reads: about 10 MB.
const WAITING: usize = 50_000;

type Reading = Pin<Box<dyn Future<Output = (MemberKey, u64, StoreResult<Vec<UserId>>)> + Send>>;

/// The reads that are running or wait for their turn, at most one of each conversation.
pub(super) struct MemberReads {
    source: Weak<dyn MemberSource>,
    requested: HashMap<MemberKey, Requested>,
    /// The requests that were not started, in order. A forgotten one stays until its turn comes.
    queue: VecDeque<(MemberKey, u64)>,
    running: FuturesUnordered<Reading>,
    /// The number of the last request.
    last: u64,
    /// The number of changes in `requested`.
    changes: usize,
}

struct Requested {
    number: u64,
    /// The users who joined (`true`) or left since. The read may have begun before that.
    changes: HashMap<Box<str>, bool>,
}

impl MemberReads {
    pub(super) fn new(source: Weak<dyn MemberSource>) -> Self {
        MemberReads {
            source,
            requested: HashMap::new(),
            queue: VecDeque::new(),
            running: FuturesUnordered::new(),
            last: 0,
            changes: 0,
        }
    }

    /// Requests the members of a conversation, unless they were requested already.
    pub(super) fn request(&mut self, key: &MemberKey) {
        if self.requested.contains_key(key) {
            return;
        }
        self.last += 1;
        self.requested.insert(key.clone(), Requested { number: self.last, changes: HashMap::new() });
        self.queue.push_back((key.clone(), self.last));
        self.start();
    }

    /// Records that a user joined a conversation or left it, if its members were requested.
    pub(super) fn record(&mut self, key: &MemberKey, user: &UserId, joined: bool) {
        if let Some(requested) = self.requested.get_mut(key)
            && requested.changes.insert(user.as_str().into(), joined).is_none()
        {
            self.changes += 1;
        }
    }

    /// Forgets the request for a conversation that was deleted.
    pub(super) fn forget(&mut self, key: &MemberKey) {
        let forgotten = self.requested.remove(key);
        self.changes -= forgotten.map_or(0, |requested| requested.changes.len());
    }

    /// Forgets all requests.
    pub(super) fn forget_all(&mut self) {
        self.requested.clear();
        self.queue.clear();
        self.changes = 0;
    }

    /// Whether too many requests wait for the store.
    pub(super) fn is_full(&self) -> bool {
        self.queue.len() + self.requested.len() + self.changes > WAITING
    }

    /// Returns the next members that were read. They include what was recorded since the request. Pending as
    /// long as nothing is requested. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> (MemberKey, StoreResult<Members>) {
        loop {
            let Some((key, number, read)) = self.running.next().await else { return pending().await };
            self.start();
            if self.requested.get(&key).is_none_or(|requested| requested.number != number) {
                continue;
            }
            let Some(requested) = self.requested.remove(&key) else { continue };
            self.changes -= requested.changes.len();
            let members = read.map(|users| {
                let mut members: HashSet<Box<str>> = users.iter().map(|user| user.as_str().into()).collect();
                for (user, joined) in requested.changes {
                    if joined {
                        members.insert(user);
                    } else {
                        members.remove(&user);
                    }
                }
                Arc::new(members)
            });
            return (key, members);
        }
    }

    /// Starts requests in their order, as many as may run.
    fn start(&mut self) {
        while self.running.len() < READS
            && let Some((key, number)) = self.queue.pop_front()
        {
            if self.requested.get(&key).is_none_or(|requested| requested.number != number) {
                continue;
            }
            let (source, of) = (self.source.clone(), key.clone());
            // A read runs on the thread that polls it, which must not be the dispatcher's.
            let task = tokio::spawn(async move {
                let source = source.upgrade().ok_or(StoreError::Closed)?;
                source.members(&of.0, &of.1).await
            });
            self.running.push(Box::pin(async move {
                let read = task.await.unwrap_or_else(|error| Err(StoreError::failed(error)));
                (key, number, read)
            }));
        }
    }
}
