//! The commands that concern subscriptions.

use causerie_protocol::frames::{Request, Subscribe};
use causerie_protocol::ids::RequestId;
use tokio::sync::oneshot;

use crate::rules::EncodedOutcome;

/// A command of the client that concerns its subscriptions.
#[derive(Debug)]
pub(crate) enum Command {
    /// Starts a subscription.
    Subscribe {
        /// The frame.
        subscribe: Box<Subscribe>,
        /// The size of the frame.
        bytes: usize,
    },
    /// Ends the subscription of this id.
    Unsubscribe(RequestId),
    /// Loads more of a list. The result must keep its order among the other frames about the list.
    More {
        /// The request; its op is `Op::More`.
        request: Box<Request>,
        /// Receives the outcome, which is sent in its turn.
        respond: oneshot::Sender<EncodedOutcome>,
    },
}

impl Command {
    /// The approximate bytes of a command without its frame.
    const BYTES: usize = 128;

    /// Returns the approximate size. The pipeline counts a request for more until it has its outcome.
    pub(crate) const fn bytes(&self) -> usize {
        match self {
            Command::Subscribe { bytes, .. } => *bytes + Self::BYTES,
            Command::Unsubscribe(_) | Command::More { .. } => Self::BYTES,
        }
    }
}
