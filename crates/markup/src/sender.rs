//! The kinds of sender, which differ in the content that they may send.

/// The kind of sender of a message. A backend may link any text to any URL and send actions; a user may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A user, through a client.
    User,
    /// The app's backend, through the REST API.
    Backend,
}
