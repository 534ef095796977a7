//! The version of the protocol, and the WebSocket subprotocols that name it.

/// The protocol's version. It changes only when an old client could misread a new server, or the reverse; a
/// new op, frame, field or error code is not such a change, because both sides ignore what they do not know.
pub const VERSION: u32 = 1;

/// The WebSocket subprotocol that a client offers and the server confirms.
pub const SUBPROTOCOL: &str = "causerie.v1";

/// The prefix of every Causerie subprotocol, of any version.
pub const SUBPROTOCOL_PREFIX: &str = "causerie.v";
