//! What one connection follows, and what its client was sent of it.
//!
//! ```text
//!   commands (subscribe, more, unsubscribe) ─┐
//!   mailbox: batches and bodies in order ────┼──▶ step ──▶ frames
//!   mailbox: hints, once each ───────────────┘
//! ```
//! Most of what comes is the same for all who follow, and goes out at once ([`SubscriptionSet::absorb`]). Whatever has to be
//! read first is a *step*: a future that takes the whole state along and gives it back, so that nothing overtakes it.
//! The connection's task polls it, and an idle connection has none.

mod batches;
mod hints;
mod opening;
mod state;

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use causerie_protocol::frames::{Outcome, Request, ServerFrame, Subscribe};
use causerie_protocol::ids::RequestId;
use causerie_protocol::{ErrorBody, ErrorCode};
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::apps::App;
use crate::fanout::{Follower, Hint, Item};
use crate::rules::topics::QueryResult;
use crate::rules::{Context, RuleResult};
use crate::service::Service;
use crate::store::{Read, Size};
use state::Sub;

/// How long after a view was read views are not read again. It bounds what a busy conversation costs those who only have
/// it in their lists; the first change after a quiet while is sent at once.
const VIEWS_EVERY: Duration = Duration::from_millis(50);

type Frame = ServerFrame<Box<RawValue>>;
type Step = Pin<Box<dyn Future<Output = Box<SubscriptionSet>> + Send>>;

/// A command of the client that concerns its subscriptions.
#[derive(Debug)]
pub(crate) enum Command {
    /// Starts a subscription.
    Subscribe(Box<Subscribe>),
    /// Ends the subscription of this id.
    Unsubscribe(RequestId),
    /// Loads more of a list. The result must keep its order among the other frames about the list.
    More {
        /// The request; its op is `Op::More`.
        request: Box<Request>,
        /// Receives the outcome, which is sent in its turn.
        respond: oneshot::Sender<Outcome<Box<RawValue>>>,
    },
}

/// The subscriptions of a connection, as its task has them.
pub(crate) enum Subscriptions {
    /// There are none.
    None,
    /// Nothing is to be read.
    Idle(Box<SubscriptionSet>),
    /// Something is being read, and this waits.
    Busy(Step, VecDeque<Command>),
}

/// A mailbox ran over.
pub(crate) struct Overflowed;

impl Subscriptions {
    /// Goes on as far as it can. Says whether anything was done; frames are put in `out`.
    pub(crate) fn poll(
        &mut self,
        cx: &mut TaskContext<'_>,
        out: &mut Vec<String>,
    ) -> Result<bool, Overflowed> {
        let mut any = false;
        loop {
            match std::mem::replace(self, Subscriptions::None) {
                Subscriptions::None => return Ok(any),
                Subscriptions::Busy(mut step, mut waiting) => match step.as_mut().poll(cx) {
                    Poll::Pending => {
                        *self = Subscriptions::Busy(step, waiting);
                        return Ok(any);
                    }
                    Poll::Ready(mut subscriptions) => {
                        any = true;
                        subscriptions.commands.append(&mut waiting);
                        out.append(&mut subscriptions.out);
                        // Whoever follows nothing any more keeps nothing.
                        if subscriptions.subs.is_empty() && subscriptions.commands.is_empty() {
                            return Ok(any);
                        }
                        *self = Subscriptions::Idle(subscriptions);
                        // What was read goes out before more is.
                        return Ok(any);
                    }
                },
                Subscriptions::Idle(mut subscriptions) => {
                    let mail = subscriptions.follower.mail(cx.waker());
                    if mail.lost {
                        return Err(Overflowed);
                    }
                    any |= !mail.items.is_empty();
                    subscriptions.hints.extend(mail.hints);
                    mail.items.into_iter().for_each(|item| subscriptions.absorb(item));
                    out.append(&mut subscriptions.out);
                    if !subscriptions.has_work(Instant::now()) {
                        *self = Subscriptions::Idle(subscriptions);
                        return Ok(any);
                    }
                    any = true;
                    *self = Subscriptions::Busy(Box::pin(subscriptions.step()), VecDeque::new());
                }
            }
        }
    }

    /// Takes what the client asks for. What is being read goes on first.
    pub(crate) fn push(
        &mut self,
        command: Command,
        service: &Service,
        app: &Arc<App>,
        follower: impl FnOnce() -> Follower,
    ) {
        match self {
            Subscriptions::None => {
                let mut subscriptions = SubscriptionSet::new(service, app, follower());
                subscriptions.commands.push_back(command);
                *self = Subscriptions::Idle(subscriptions);
            }
            Subscriptions::Idle(subscriptions) => subscriptions.commands.push_back(command),
            Subscriptions::Busy(_, waiting) => waiting.push_back(command),
        }
    }

    /// How many commands wait.
    pub(crate) fn pending_commands(&self) -> usize {
        match self {
            Subscriptions::None => 0,
            Subscriptions::Idle(subscriptions) => subscriptions.commands.len(),
            Subscriptions::Busy(_, waiting) => waiting.len(),
        }
    }

    /// When it is to be polled although nothing came.
    pub(crate) fn next_time(&self) -> Option<Instant> {
        match self {
            Subscriptions::Idle(subscriptions) => {
                subscriptions.views_from.filter(|_| subscriptions.hints.iter().any(is_view))
            }
            Subscriptions::None | Subscriptions::Busy(..) => None,
        }
    }
}

/// See the module.
pub(super) struct SubscriptionSet {
    service: Service,
    app: Arc<App>,
    follower: Follower,
    subs: Vec<Sub>,
    commands: VecDeque<Command>,
    /// What came behind something that has to be read.
    backlog: VecDeque<Item>,
    hints: HashSet<Hint>,
    /// Not before this time views are read again.
    views_from: Option<Instant>,
    out: Vec<String>,
}

impl SubscriptionSet {
    fn new(service: &Service, app: &Arc<App>, follower: Follower) -> Box<Self> {
        Box::new(SubscriptionSet {
            service: service.clone(),
            app: Arc::clone(app),
            follower,
            subs: Vec::new(),
            commands: VecDeque::new(),
            backlog: VecDeque::new(),
            hints: HashSet::new(),
            views_from: None,
            out: Vec::new(),
        })
    }

    fn has_work(&self, now: Instant) -> bool {
        !self.commands.is_empty()
            || !self.backlog.is_empty()
            || self.hints.iter().any(|hint| self.is_due(hint, now))
    }

    fn is_due(&self, hint: &Hint, now: Instant) -> bool {
        !is_view(hint) || self.views_from.is_none_or(|from| now >= from)
    }

    /// Takes what came: sends it at once, or keeps it for the next step.
    fn absorb(&mut self, item: Item) {
        if let Item::Batch(batch) = &item {
            self.hint_from(batch);
        }
        let done = self.backlog.is_empty()
            && match &item {
                Item::Update(update) => {
                    self.updated(update);
                    true
                }
                Item::Batch(batch) => self.batch_now(batch),
            };
        if !done {
            self.backlog.push_back(item);
        }
    }

    /// Does what has to be read for: all that came, then one command, then the hints.
    async fn step(mut self: Box<Self>) -> Box<Self> {
        while let Some(item) = self.backlog.pop_front() {
            match item {
                Item::Update(update) => self.updated(&update),
                Item::Batch(batch) => self.batch(&batch).await,
            }
        }
        match self.commands.pop_front() {
            Some(command) => self.command(command).await,
            None => self.look().await,
        }
        self
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Subscribe(subscribe) => self.subscribe(*subscribe).await,
            Command::Unsubscribe(id) => self.unsubscribe(id),
            Command::More { request, respond } => {
                let outcome = self.more(*request).await;
                // Who asked may be gone.
                let _ = respond.send(outcome);
            }
        }
    }

    /// Reads something that brings users' bodies, whose changes this connection hears of from then on.
    async fn read<F>(&self, size: Size, what: &'static str, job: F) -> Result<QueryResult, ErrorBody>
    where
        F: Fn(&dyn Read, &Context<'_>) -> RuleResult<QueryResult> + Clone + Send + 'static,
    {
        let mut again = 3;
        loop {
            let version = self.follower.users_version();
            let job = job.clone();
            let answer = self.service.read(&self.app, self.follower.user(), size, what, job).await?;
            again -= 1;
            // Read again, the bodies are at least as new as the watch over them.
            if self.follower.watch(answer.users.iter(), version) || again == 0 {
                return Ok(answer);
            }
        }
    }

    /// Sends a frame.
    fn send(&mut self, frame: &Frame) {
        match serde_json::to_string(frame) {
            Ok(text) => self.send_text(text),
            Err(error) => tracing::error!(%error, "a frame could not be written as JSON"),
        }
    }

    fn send_text(&mut self, text: String) {
        self.out.push(text);
    }

    /// Sends all there is of something.
    fn reset(&mut self, id: RequestId, seq: Option<u64>, answer: QueryResult) {
        self.send(&Frame::Reset { id, seq, value: answer.value, entities: answer.entities });
    }

    /// Ends a subscription that cannot go on.
    fn end(&mut self, id: RequestId, error: ErrorBody) {
        self.unsubscribe(id);
        self.send(&Frame::Ended { id, error });
    }
}

fn is_view(hint: &Hint) -> bool {
    matches!(hint, Hint::View(_))
}

/// The changes of a list, as an answer has them for its value.
fn changes(value: Option<Box<RawValue>>) -> Result<Vec<Box<RawValue>>, ErrorBody> {
    let text = value.as_ref().map_or("[]", |value| value.get());
    serde_json::from_str(text).map_err(|error| {
        tracing::error!(%error, "changes could not be read back");
        ErrorBody::new(ErrorCode::ServerError, "the server failed: subscribe again")
    })
}
