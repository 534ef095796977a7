//! The ordered pipeline of one client: requests enter in the order of arrival, and their results leave in the
//! same order.
//!
//! Writes enter the store's queue at once, one behind the other and without waiting, so that many share a
//! commit. A read waits until the writes before it have results, and a write until the reads before it do. A
//! client that calls `set(); get(); set()` without awaiting therefore reads the state between the two writes.
//!
//! Commands for subscriptions keep their place in this order: a subscription begins when everything before it
//! has a result. Nothing behind a command waits for it. The pipeline does not execute commands; it returns
//! each one when its turn comes.
//!
//! A request for which the server calls another one begins in its turn, and its result leaves when it is
//! ready, so that nothing waits for the other server.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use causerie_protocol::{ClientId, ErrorBody, ErrorCode, Op, Outcome, Request, RequestId, UserId};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::oneshot;

use crate::apps::App;
use crate::rules::EncodedOutcome;
use crate::service::Service;
use crate::subscriptions::Command;

/// The approximate bytes of an entry without its frame.
const ENTRY_BYTES: usize = 512;

type OutcomeFuture = Pin<Box<dyn Future<Output = EncodedOutcome> + Send>>;

/// An entry that waits for its turn.
enum Queued {
    Request(Box<Request>),
    /// The outcome of a request that was refused before it reached the service.
    Ready(Box<EncodedOutcome>),
    Command(Command),
}

/// An entry whose turn has come.
enum Started {
    Running(OutcomeFuture),
    Ready(Box<EncodedOutcome>),
    Command(Command),
}

/// A request that waits for another server: its bytes and its outcome.
type Calling = Pin<Box<dyn Future<Output = (usize, EncodedOutcome)> + Send>>;

/// The pipeline of one connection, or of one POST of the HTTP fallback.
pub(crate) struct Pipeline {
    service: Service,
    app: Arc<App>,
    user: UserId,
    client: ClientId,
    /// The entries that wait for their turn and those whose turn has come, each with its bytes.
    queued: VecDeque<(usize, Queued)>,
    started: VecDeque<(usize, Started)>,
    /// The requests that wait for another server.
    calling: FuturesUnordered<Calling>,
    /// The approximate bytes of all entries.
    bytes: usize,
    /// Whether the running requests are writes. They are either all writes or all reads.
    writing: bool,
    /// The commands whose turn has come. `None` over the HTTP fallback, which has no subscriptions.
    commands: Option<VecDeque<Command>>,
}

impl Pipeline {
    pub(crate) fn new(service: Service, app: Arc<App>, user: UserId, client: ClientId) -> Self {
        Pipeline {
            service,
            app,
            user,
            client,
            queued: VecDeque::new(),
            started: VecDeque::new(),
            calling: FuturesUnordered::new(),
            bytes: 0,
            writing: false,
            commands: None,
        }
    }

    /// Makes the pipeline return the requests for more of a subscribed list as commands, see
    /// [`Pipeline::next_command`].
    pub(crate) fn with_subscriptions(self) -> Self {
        Pipeline { commands: Some(VecDeque::new()), ..self }
    }

    /// Adds a command, which [`Pipeline::next_command`] returns when its turn comes.
    pub(crate) fn push_command(&mut self, command: Command) {
        self.enqueue(command.bytes(), Queued::Command(command));
        self.start();
    }

    /// Returns the next command whose turn has come. Call this after each call of another method.
    pub(crate) fn next_command(&mut self) -> Option<Command> {
        self.commands.as_mut().and_then(VecDeque::pop_front)
    }

    /// The number of entries without a result, and their approximate bytes.
    pub(crate) fn pending(&self) -> (usize, usize) {
        (self.queued.len() + self.started.len() + self.calling.len(), self.bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.queued.is_empty() && self.started.is_empty() && self.calling.is_empty()
    }

    /// Adds a request, whose frame has this many bytes.
    pub(crate) fn push(&mut self, request: Request, bytes: usize) {
        let bytes = bytes + ENTRY_BYTES;
        if self.queued.is_empty() && self.may_run(&request) {
            self.bytes += bytes;
            self.run(request, bytes);
        } else {
            self.enqueue(bytes, Queued::Request(Box::new(request)));
        }
    }

    /// Adds an outcome that is known already, to be returned in its turn.
    pub(crate) fn push_outcome(&mut self, outcome: EncodedOutcome) {
        self.enqueue(ENTRY_BYTES, Queued::Ready(Box::new(outcome)));
        self.start();
    }

    fn enqueue(&mut self, bytes: usize, entry: Queued) {
        self.bytes += bytes;
        self.queued.push_back((bytes, entry));
    }

    /// Returns the next outcome when it is ready. Pending as long as there is none, also if the pipeline is
    /// empty.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<EncodedOutcome> {
        loop {
            if let Poll::Ready(Some((bytes, outcome))) = self.calling.poll_next_unpin(cx) {
                self.bytes = self.bytes.saturating_sub(bytes);
                return Poll::Ready(outcome);
            }
            let outcome = match self.started.front_mut() {
                None => return Poll::Pending,
                Some((_, Started::Running(running))) => Some(ready!(running.as_mut().poll(cx))),
                Some((_, Started::Ready(_) | Started::Command(_))) => None,
            };
            let (bytes, front) = self.started.pop_front().unzip();
            self.bytes = self.bytes.saturating_sub(bytes.unwrap_or_default());
            self.start();
            match (outcome, front) {
                (Some(outcome), _) => return Poll::Ready(outcome),
                (None, Some(Started::Ready(outcome))) => return Poll::Ready(*outcome),
                (None, Some(Started::Command(command))) => {
                    self.commands.get_or_insert_default().push_back(command);
                }
                (None, _) => {}
            }
        }
    }

    /// Starts every queued entry that may run beside the running ones.
    fn start(&mut self) {
        while let Some((bytes, entry)) = self.queued.pop_front() {
            match entry {
                Queued::Ready(outcome) => self.started.push_back((bytes, Started::Ready(outcome))),
                Queued::Command(command) => self.started.push_back((bytes, Started::Command(command))),
                Queued::Request(request) if self.may_run(&request) => self.run(*request, bytes),
                blocked => {
                    self.queued.push_front((bytes, blocked));
                    return;
                }
            }
        }
    }

    fn may_run(&self, request: &Request) -> bool {
        let is_idle = !self.started.iter().any(|entry| matches!(entry, (_, Started::Running(_))));
        is_idle || request.op.writes() == self.writing
    }

    fn run(&mut self, request: Request, bytes: usize) {
        if matches!(request.op, Op::MessageTranslate { .. }) {
            let outcome = self.service.execute_request(&self.app, &self.user, &self.client, request);
            self.calling.push(Box::pin(async move { (bytes, outcome.await) }));
            return;
        }
        self.writing = request.op.writes();
        let outcome: OutcomeFuture = match (&request.op, &mut self.commands) {
            (Op::More { .. }, Some(commands)) => {
                let (id, (respond, response)) = (request.id, oneshot::channel());
                commands.push_back(Command::More { request: Box::new(request), respond });
                Box::pin(async move { response.await.unwrap_or_else(|_| dropped(id)) })
            }
            _ => Box::pin(self.service.execute_request(&self.app, &self.user, &self.client, request)),
        };
        self.started.push_back((bytes, Started::Running(outcome)));
    }
}

/// The outcome of a command that was dropped before it had one.
fn dropped(id: RequestId) -> EncodedOutcome {
    Outcome::failed(id, ErrorBody::new(ErrorCode::ServerError, "the server failed: try again"))
}
