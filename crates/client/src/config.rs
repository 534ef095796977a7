//! The options of an engine, and its timeouts.

use causerie_protocol::{ClientId, UserId};

use crate::Millis;

/// The transports that an engine may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// A WebSocket, and HTTP requests while no WebSocket can be opened.
    #[default]
    Auto,
    /// HTTP requests only. Subscriptions are not available.
    Http,
}

/// The options of an engine.
#[derive(Clone, Debug)]
pub struct Config {
    /// The user who makes all requests and subscriptions.
    pub user: UserId,
    /// The client's own id: 128 random bits that stay the same for the engine's lifetime.
    pub client: ClientId,
    /// The SDK's name and version, for the server's logs.
    pub sdk: &'static str,
    /// The transports that the engine may use.
    pub transport: Transport,
    /// The first token, if the program has one already.
    pub token: Option<String>,
    /// Whether the program can provide tokens on [`crate::Output::NeedToken`].
    pub token_source: bool,
    /// The seed of the engine's pseudo-random numbers, which only spread reconnection attempts over time.
    pub seed: u64,
}

/// The time for a socket to open, and then for `welcome` to arrive, before the HTTP fallback is used instead.
pub(crate) const OPEN_TIMEOUT: Millis = 6_000;
/// The time for a response to a call of the HTTP fallback, before the call is repeated.
pub(crate) const POST_TIMEOUT: Millis = 15_000;
/// The time for which HTTP is used after a WebSocket could not be opened, before the next WebSocket is tried.
pub(crate) const HTTP_FALLBACK_PERIOD: Millis = 60_000;
/// The time after `welcome` from which on a connection counts as stable, which resets the backoff.
pub(crate) const STABLE_AFTER: Millis = 5_000;
/// The time for a frame to arrive after a request or subscription was sent, before the connection is probed.
pub(crate) const PROBE_AFTER: Millis = 5_000;
/// The time for a response to a probe.
pub(crate) const PROBE_TIMEOUT: Millis = 4_000;
/// The time after which an unused connection is closed.
pub(crate) const IDLE_TIMEOUT: Millis = 30_000;
/// The delay in milliseconds after [`causerie_protocol::Recovery::RetryLater`] if the server sent no
/// `retryAfter`, and the shortest one after a close.
pub(crate) const DEFAULT_RETRY_AFTER: u32 = 5_000;
/// The number of tokens rejected in a row that ends the session.
pub(crate) const MAX_TOKEN_REJECTIONS: u32 = 3;
/// The time before its expiry at which a token is renewed: the larger of this and a tenth of its lifetime,
/// but at most half of its lifetime.
pub(crate) const TOKEN_RENEWAL_LEAD: Millis = 30_000;
/// The time for the program to provide a token, before it is asked again.
pub(crate) const TOKEN_REQUEST_TIMEOUT: Millis = 30_000;
