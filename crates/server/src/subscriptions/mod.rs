//! The subscriptions of one connection, and the state that its client has been sent. This module yields
//! frames and knows no socket.
//!
//! ```text
//!   commands (subscribe, more, unsubscribe) ─┐
//!   mailbox: batches and users, in order ────┼──▶ step ──▶ frames
//!   mailbox: hints, each once ───────────────┘
//! ```
//! Most items are the same for all followers and are sent at once. If the store has to be read first, this is
//! a *step*: a future that owns the whole [`SubscriptionSet`] and returns it, so that nothing can overtake
//! it. The connection's task polls it; an idle connection has no such future.
//!
//! A connection may have hundreds of subscriptions that one item concerns. So a poll and a step yield a
//! bounded amount of frames, and the rest when these have been sent.

mod batches;
mod command;
mod effect;
mod open;
mod refresh;
mod set;
mod subscription;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::time::Instant;

pub(crate) use self::command::Command;
pub(crate) use self::set::Overflowed;
use self::set::SubscriptionSet;
use crate::apps::App;
use crate::encoding::BodyFrame;
use crate::fanout::Follower;
use crate::service::Service;

type Step = Pin<Box<dyn Future<Output = Box<SubscriptionSet>> + Send>>;

/// The subscriptions of a connection, as its task holds them.
pub(crate) enum Subscriptions {
    /// There are no subscriptions.
    None,
    /// No step is running.
    Idle(Box<SubscriptionSet>),
    /// A step is running, and these commands wait for its end.
    Busy(Step, VecDeque<Command>),
}

impl Subscriptions {
    /// Makes as much progress as possible, and appends frames to `out`. Returns whether there was any
    /// progress.
    pub(crate) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        out: &mut Vec<BodyFrame>,
    ) -> Result<bool, Overflowed> {
        let mut progress = false;
        loop {
            match std::mem::replace(self, Subscriptions::None) {
                Subscriptions::None => return Ok(progress),
                Subscriptions::Busy(mut step, mut waiting) => match step.as_mut().poll(cx) {
                    Poll::Pending => {
                        *self = Subscriptions::Busy(step, waiting);
                        return Ok(progress);
                    }
                    Poll::Ready(mut set) => {
                        set.append_commands(&mut waiting);
                        out.append(&mut set.take_frames());
                        if !set.is_empty() {
                            *self = Subscriptions::Idle(set);
                        }
                        // The frames of this step are sent before the next one reads.
                        return Ok(true);
                    }
                },
                Subscriptions::Idle(mut set) => {
                    progress |= set.receive(cx.waker())?;
                    out.append(&mut set.take_frames());
                    if !set.needs_step(Instant::now()) {
                        *self = Subscriptions::Idle(set);
                        return Ok(progress);
                    }
                    progress = true;
                    *self = Subscriptions::Busy(Box::pin(set.step()), VecDeque::new());
                }
            }
        }
    }

    /// Adds a command, which is executed after those before it. The first one needs a follower.
    pub(crate) fn push(
        &mut self,
        command: Command,
        service: &Service,
        app: &Arc<App>,
        follower: impl FnOnce() -> Follower,
    ) {
        match self {
            Subscriptions::None => {
                let mut set = SubscriptionSet::new(service, app, follower());
                set.push_command(command);
                *self = Subscriptions::Idle(set);
            }
            Subscriptions::Idle(set) => set.push_command(command),
            Subscriptions::Busy(_, waiting) => waiting.push_back(command),
        }
    }

    /// Returns how many commands wait, and their approximate bytes.
    pub(crate) fn pending_commands(&self) -> (usize, usize) {
        let commands = match self {
            Subscriptions::None => return (0, 0),
            Subscriptions::Idle(set) => set.commands(),
            Subscriptions::Busy(_, waiting) => waiting,
        };
        (commands.len(), commands.iter().map(Command::bytes).sum())
    }

    /// Returns the time at which to poll even if nothing arrives.
    pub(crate) fn next_time(&self) -> Option<Instant> {
        match self {
            Subscriptions::Idle(set) => set.next_refresh(),
            Subscriptions::None | Subscriptions::Busy(..) => None,
        }
    }
}
