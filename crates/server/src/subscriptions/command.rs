//! The commands that concern subscriptions.

use causerie_protocol::frames::{Request, Subscribe};
use causerie_protocol::ids::RequestId;
use tokio::sync::oneshot;

use crate::rules::EncodedOutcome;

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
        respond: oneshot::Sender<EncodedOutcome>,
    },
}
