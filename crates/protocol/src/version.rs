//! The version of the protocol, and how it is named while a connection is set up.

/// The protocol's version. It changes only when an old client could misread a new server, or the reverse;
/// a new op, frame, field or error code is not such a change, because both sides ignore what they do not know.
pub const VERSION: u32 = 1;

/// The WebSocket subprotocol a client offers and the server confirms.
pub const SUBPROTOCOL: &str = "causerie.v1";

/// What every Causerie subprotocol starts with, whatever its version.
pub const SUBPROTOCOL_PREFIX: &str = "causerie.v";
