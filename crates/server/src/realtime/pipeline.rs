//! One client's ordered pipe: requests go in as they come, answers come out in the same order.
//!
//! Writes are handed to the writer at once, one behind the other and without waiting, so that many share a commit. A
//! read waits until the writes before it are answered, and a write until the reads before it are: so whoever calls
//! `set(); get(); set()` without awaiting gets what was true at that place.
//!
//! What concerns subscriptions keeps its place too: a subscription begins when all that was asked before it is answered.
//! What is behind one does not wait for it. It is not carried out here, but handed back in its turn.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use causerie_protocol::{ClientId, ErrorBody, ErrorCode, Op, Outcome, Request, UserId};
use serde_json::value::RawValue;
use tokio::sync::oneshot;

use crate::apps::App;
use crate::service::Service;
use crate::subscriptions::Command;

/// An answer with its bodies already as text.
pub(crate) type Answer = Outcome<Box<RawValue>>;

type Running = Pin<Box<dyn Future<Output = Answer> + Send>>;

enum Item {
    Request(Box<Request>),
    /// Answered at the door, in its turn.
    Answered(Box<Answer>),
    Command(Command),
}

enum InFlight {
    Running(Running),
    Answered(Box<Answer>),
    Command(Command),
}

/// The pipe of one connection, or of one POST of the HTTP twin.
pub(crate) struct Pipeline {
    service: Service,
    app: Arc<App>,
    user: UserId,
    client: ClientId,
    waiting: VecDeque<Item>,
    in_flight: VecDeque<InFlight>,
    /// Whether what is in flight writes; all of it does, or none.
    writing: bool,
    /// What concerns subscriptions and whose turn has come; none are taken over the HTTP twin.
    commands: Option<VecDeque<Command>>,
}

impl Pipeline {
    pub(crate) fn new(service: Service, app: Arc<App>, user: UserId, client: ClientId) -> Self {
        Pipeline {
            service,
            app,
            user,
            client,
            waiting: VecDeque::new(),
            in_flight: VecDeque::new(),
            writing: false,
            commands: None,
        }
    }

    /// One that hands back what concerns subscriptions, see [`Pipeline::next_command`].
    pub(crate) fn with_subscriptions(self) -> Self {
        Pipeline { commands: Some(VecDeque::new()), ..self }
    }

    /// Takes what concerns subscriptions, to be handed back in its turn.
    pub(crate) fn push_command(&mut self, command: Command) {
        self.waiting.push_back(Item::Command(command));
        self.start();
    }

    /// The next that concerns subscriptions and whose turn has come. To be asked after each call of the others.
    pub(crate) fn next_command(&mut self) -> Option<Command> {
        self.commands.as_mut().and_then(VecDeque::pop_front)
    }

    /// How many are not answered yet.
    pub(crate) fn len(&self) -> usize {
        self.waiting.len() + self.in_flight.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes a request.
    pub(crate) fn push(&mut self, request: Request) {
        if self.waiting.is_empty() && self.may_run(&request) {
            self.run(request);
        } else {
            self.waiting.push_back(Item::Request(Box::new(request)));
        }
    }

    /// Takes an answer that was made at the door, to go out in its turn.
    pub(crate) fn push_answer(&mut self, answer: Answer) {
        self.waiting.push_back(Item::Answered(Box::new(answer)));
        self.start();
    }

    /// The next answer, as soon as there is one. Pending where nothing was asked.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Answer> {
        loop {
            let answer = match self.in_flight.front_mut() {
                None => return Poll::Pending,
                Some(InFlight::Running(running)) => Some(ready!(running.as_mut().poll(cx))),
                Some(InFlight::Answered(_) | InFlight::Command(_)) => None,
            };
            let front = self.in_flight.pop_front();
            self.start();
            match (answer, front) {
                (Some(answer), _) => return Poll::Ready(answer),
                (None, Some(InFlight::Answered(answer))) => return Poll::Ready(*answer),
                (None, Some(InFlight::Command(command))) => {
                    self.commands.get_or_insert_default().push_back(command)
                }
                (None, _) => {}
            }
        }
    }

    /// Starts all that may run beside what runs.
    fn start(&mut self) {
        while let Some(item) = self.waiting.pop_front() {
            match item {
                Item::Answered(answer) => self.in_flight.push_back(InFlight::Answered(answer)),
                Item::Command(command) => self.in_flight.push_back(InFlight::Command(command)),
                Item::Request(request) if self.may_run(&request) => self.run(*request),
                waits => {
                    self.waiting.push_front(waits);
                    return;
                }
            }
        }
    }

    fn may_run(&self, request: &Request) -> bool {
        let idle = !self.in_flight.iter().any(|one| matches!(one, InFlight::Running(_)));
        idle || request.op.writes() == self.writing
    }

    fn run(&mut self, request: Request) {
        self.writing = request.op.writes();
        if let (Op::More { .. }, Some(commands)) = (&request.op, &mut self.commands) {
            let (id, (respond, answered)) = (request.id, oneshot::channel());
            commands.push_back(Command::More { request: Box::new(request), respond });
            let gone = move |_| {
                Outcome::failed(id, ErrorBody::new(ErrorCode::ServerError, "the server failed: try again"))
            };
            self.in_flight
                .push_back(InFlight::Running(Box::pin(async move { answered.await.unwrap_or_else(gone) })));
            return;
        }
        let running = self.service.client(&self.app, &self.user, &self.client, request);
        self.in_flight.push_back(InFlight::Running(Box::pin(running)));
    }
}
