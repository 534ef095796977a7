//! The state of a connection's subscriptions, and the steps that change it.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::task::Waker;

use causerie_protocol::frames::ServerFrame;
use causerie_protocol::ids::RequestId;
use causerie_protocol::{ErrorBody, ErrorCode};
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::command::Command;
use super::subscription::Subscription;
use crate::apps::App;
use crate::encoding::BodyFrame;
use crate::fanout::{Batch, Follower, Hint, Item};
use crate::rules::topics::QueryResult;
use crate::rules::{ReadRules, RuleResult};
use crate::service::Service;
use crate::store::Size;

/// The number of frames, and their bytes, after which the next ones wait until these have been sent.
const FRAMES: usize = 64;
const FRAME_BYTES: usize = 256 << 10;

/// The error of a mailbox that overflowed.
pub(crate) struct Overflowed;

/// The subscriptions of a connection.
pub(crate) struct SubscriptionSet {
    pub(super) service: Service,
    pub(super) app: Arc<App>,
    pub(super) follower: Follower,
    pub(super) subscriptions: Vec<Subscription>,
    commands: VecDeque<Command>,
    /// The items of the mailbox that were not applied yet.
    backlog: VecDeque<Item>,
    /// A batch for which the store has to be read, and the subscriptions to which it was not applied yet.
    current: Option<(Arc<Batch>, VecDeque<RequestId>)>,
    pub(super) hints: BTreeSet<Hint>,
    /// The earliest time at which views may be read again.
    pub(super) views_not_before: Option<Instant>,
    frames: Vec<BodyFrame>,
    frame_bytes: usize,
}

impl SubscriptionSet {
    pub(super) fn new(service: &Service, app: &Arc<App>, follower: Follower) -> Box<Self> {
        Box::new(SubscriptionSet {
            service: service.clone(),
            app: Arc::clone(app),
            follower,
            subscriptions: Vec::new(),
            commands: VecDeque::new(),
            backlog: VecDeque::new(),
            current: None,
            hints: BTreeSet::new(),
            views_not_before: None,
            frames: Vec::new(),
            frame_bytes: 0,
        })
    }

    /// Returns whether there are neither subscriptions nor commands, so that the set can be dropped.
    pub(super) fn is_empty(&self) -> bool {
        self.subscriptions.is_empty() && self.commands.is_empty()
    }

    pub(super) fn push_command(&mut self, command: Command) {
        self.commands.push_back(command);
    }

    pub(super) fn append_commands(&mut self, commands: &mut VecDeque<Command>) {
        self.commands.append(commands);
    }

    pub(super) const fn commands(&self) -> &VecDeque<Command> {
        &self.commands
    }

    /// Takes the frames that are ready to be sent.
    pub(super) fn take_frames(&mut self) -> Vec<BodyFrame> {
        self.frame_bytes = 0;
        std::mem::take(&mut self.frames)
    }

    /// Whether there are so many frames that the next ones wait until these have been sent.
    pub(super) const fn is_full(&self) -> bool {
        self.frames.len() >= FRAMES || self.frame_bytes >= FRAME_BYTES
    }

    /// Returns the time at which pending hints about views are due.
    pub(super) fn next_refresh(&self) -> Option<Instant> {
        self.views_not_before.filter(|_| self.hints.iter().any(is_view))
    }

    /// Applies the content of the mailbox until there are enough frames, or until the store has to be read.
    /// Returns whether there were any items. The mailbox is not emptied before its earlier content was
    /// applied.
    pub(super) fn receive(&mut self, waker: &Waker) -> Result<bool, Overflowed> {
        if self.backlog.is_empty() {
            let mail = self.follower.drain(waker);
            if mail.overflowed {
                return Err(Overflowed);
            }
            self.hints.extend(mail.hints);
            self.backlog = mail.items.into();
        }
        let mut any = false;
        while self.current.is_none() && !self.is_full() {
            let Some(item) = self.backlog.pop_front() else { break };
            any = true;
            self.apply(item);
        }
        Ok(any)
    }

    /// Returns whether there is work that has to read the store.
    pub(super) fn needs_step(&self, now: Instant) -> bool {
        self.current.is_some()
            || !self.commands.is_empty()
            || self.hints.iter().any(|hint| self.is_due(hint, now))
    }

    fn is_due(&self, hint: &Hint, now: Instant) -> bool {
        !is_view(hint) || self.views_not_before.is_none_or(|time| now >= time)
    }

    /// Sends an item at once if possible; otherwise it is the current one of the next step.
    fn apply(&mut self, item: Item) {
        match item {
            Item::User(update) => self.apply_user(&update),
            Item::Batch(batch) => {
                self.add_hints(&batch);
                if !self.apply_shared(&batch) {
                    let ids = self.subscriptions.iter().map(|subscription| subscription.id).collect();
                    self.current = Some((batch, ids));
                }
            }
        }
    }

    /// Does the work that has to read the store: the whole backlog, then one command, or the hints if there
    /// is none. Ends early if there are enough frames.
    pub(super) async fn step(mut self: Box<Self>) -> Box<Self> {
        loop {
            while let Some((batch, mut ids)) = self.current.take() {
                if let Some(id) = ids.pop_front() {
                    self.apply_batch(id, &batch).await;
                    self.current = Some((batch, ids));
                }
                if self.is_full() {
                    return self;
                }
            }
            let Some(item) = self.backlog.pop_front() else { break };
            self.apply(item);
            if self.is_full() {
                return self;
            }
        }
        match self.commands.pop_front() {
            Some(command) => self.execute(command).await,
            None => self.refresh().await,
        }
        self
    }

    async fn execute(&mut self, command: Command) {
        match command {
            Command::Subscribe { subscribe, .. } => self.subscribe(*subscribe).await,
            Command::Unsubscribe(id) => self.unsubscribe(id),
            Command::More { request, respond } => {
                let outcome = self.more(*request).await;
                // The connection may have dropped the request.
                let _ = respond.send(outcome);
            }
        }
    }

    /// Reads a result that contains users' bodies, and follows their changes from then on.
    pub(super) async fn read<F>(
        &self,
        size: Size,
        name: &'static str,
        job: F,
    ) -> Result<QueryResult, ErrorBody>
    where
        F: Fn(ReadRules<'_>) -> RuleResult<QueryResult> + Clone + Send + 'static,
    {
        let mut attempts = 3;
        loop {
            let version = self.follower.users_version();
            let job = job.clone();
            let result = self.service.read(&self.app, self.follower.user(), size, name, job).await?;
            attempts -= 1;
            // The second read is at least as new as the registration of the first one.
            if self.follower.watch(result.users.iter(), version) || attempts == 0 {
                return Ok(result);
            }
        }
    }

    /// Reads a result whose users are followed already, each as the subject of a topic.
    pub(super) async fn read_followed<F>(&self, name: &'static str, job: F) -> Result<QueryResult, ErrorBody>
    where
        F: FnOnce(ReadRules<'_>) -> RuleResult<QueryResult> + Send + 'static,
    {
        self.service.read(&self.app, self.follower.user(), Size::Point, name, job).await
    }

    /// Sends a frame.
    pub(super) fn send(&mut self, frame: BodyFrame) {
        self.frame_bytes += frame.bytes();
        self.frames.push(frame);
    }

    /// Sends `ended`.
    pub(super) fn send_ended(&mut self, id: RequestId, error: ErrorBody) {
        match serde_json::to_string(&ServerFrame::<()>::Ended { id, error }) {
            Ok(text) => self.send(BodyFrame::Text(text)),
            Err(error) => tracing::error!(%error, "a frame could not be written as JSON"),
        }
    }

    /// Sends the whole value of a topic.
    pub(super) fn send_reset(&mut self, id: RequestId, seq: Option<u64>, result: QueryResult) {
        self.send(BodyFrame::reset(id, seq, result.value.as_deref(), result.entities));
    }

    /// Ends a subscription because of an error.
    pub(super) fn end(&mut self, id: RequestId, error: ErrorBody) {
        self.unsubscribe(id);
        self.send_ended(id, error);
    }

    pub(super) fn subscription_mut(&mut self, id: RequestId) -> Option<&mut Subscription> {
        self.subscriptions.iter_mut().find(|subscription| subscription.id == id)
    }
}

pub(super) fn is_view(hint: &Hint) -> bool {
    matches!(hint, Hint::View(_))
}

/// Splits the value of a result, a JSON array of changes, into the changes.
pub(super) fn split_changes(value: Option<Box<RawValue>>) -> Result<Vec<Box<RawValue>>, ErrorBody> {
    let text = value.as_ref().map_or("[]", |value| value.get());
    serde_json::from_str(text).map_err(|error| {
        tracing::error!(%error, "changes could not be read back");
        ErrorBody::new(ErrorCode::ServerError, "the server failed: subscribe again")
    })
}
