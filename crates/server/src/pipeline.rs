//! One client's ordered pipe: requests go in as they come, answers come out in the same order.
//!
//! Writes are handed to the writer at once, one behind the other and without waiting, so that many share a commit. A
//! read waits until the writes before it are answered, and a write until the reads before it are: so whoever calls
//! `set(); get(); set()` without awaiting gets what was true at that place.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use causerie_protocol::{ClientId, Outcome, Request, UserId};
use serde_json::value::RawValue;

use crate::apps::App;
use crate::service::Service;

/// An answer with its bodies already as text.
pub(crate) type Answer = Outcome<Box<RawValue>>;

type Running = Pin<Box<dyn Future<Output = Answer> + Send>>;

enum Item {
    Request(Box<Request>),
    /// Answered at the door, in its turn.
    Answered(Box<Answer>),
}

enum InFlight {
    Running(Running),
    Answered(Box<Answer>),
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
        }
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
        let answer = match self.in_flight.front_mut() {
            Some(InFlight::Running(running)) => ready!(running.as_mut().poll(cx)),
            Some(InFlight::Answered(_)) | None => match self.in_flight.pop_front() {
                Some(InFlight::Answered(answer)) => {
                    self.start();
                    return Poll::Ready(*answer);
                }
                _ => return Poll::Pending,
            },
        };
        self.in_flight.pop_front();
        self.start();
        Poll::Ready(answer)
    }

    /// Starts all that may run beside what runs.
    fn start(&mut self) {
        while let Some(item) = self.waiting.pop_front() {
            match item {
                Item::Answered(answer) => self.in_flight.push_back(InFlight::Answered(answer)),
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
        let running = self.service.client(&self.app, &self.user, &self.client, request);
        self.in_flight.push_back(InFlight::Running(Box::pin(running)));
    }
}
