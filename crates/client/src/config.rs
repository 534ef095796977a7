//! What an engine is made with, and the numbers it goes by.

use causerie_protocol::{ClientId, UserId};

use crate::Millis;

/// How requests travel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// By WebSocket, and by HTTP while a WebSocket cannot be opened.
    #[default]
    Auto,
    /// By HTTP only.
    Http,
}

/// What an engine is made with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The user on whose behalf everything happens.
    pub user: UserId,
    /// This client's own id: 128 random bits, the same for as long as the engine lives.
    pub client: ClientId,
    /// The SDK's name and version, for the server's logs.
    pub sdk: &'static str,
    /// How requests travel.
    pub transport: Transport,
    /// A first token, where the program has one already.
    pub token: Option<String>,
    /// Whether the program can be asked for tokens.
    pub token_source: bool,
    /// Where the engine's own chance starts (it only spreads reconnects).
    pub seed: u64,
}

/// How long a socket may take to open, and the server then to greet, before the HTTP twin is used instead.
pub(crate) const OPEN_TIMEOUT: Millis = 6_000;
/// How long an answer of the HTTP twin may take before the call is made again.
pub(crate) const POST_TIMEOUT: Millis = 15_000;
/// How long HTTP is kept to, after a WebSocket could not be opened, before one is tried again.
pub(crate) const HTTP_PERIOD: Millis = 60_000;
/// A connection that lasted this long after `welcome` is stable: the next trouble starts the backoff anew.
pub(crate) const STABLE: Millis = 5_000;
/// How long the answer to a probe may take.
pub(crate) const PROBE_TIMEOUT: Millis = 4_000;
/// A connection without use for this long is closed.
pub(crate) const IDLE: Millis = 30_000;
/// The wait after `RetryLater` when the server named no time.
pub(crate) const LATER: Millis = 5_000;
/// With so many tokens refused in a row the session is given up.
pub(crate) const TOKEN_REFUSALS: u32 = 3;
/// How long before its expiry a token is replaced: this, or a tenth of its life if that is more, but never before
/// half of its life is over.
pub(crate) const TOKEN_LEAD: Millis = 30_000;
/// How long a program may take to give the token it was asked for, before it is asked again.
pub(crate) const TOKEN_PATIENCE: Millis = 30_000;
