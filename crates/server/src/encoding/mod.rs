//! The frames that have bodies, as text. A body is encoded once, with its revision. A connection whose client
//! keeps bodies is not sent one that it has already.

mod body;
mod frame;
mod sent_bodies;

pub use body::{Body, BodyKey, Reference};
pub(crate) use frame::{BodyFrame, FrameEnd, SharedFrameEnd, result_frame};
pub(crate) use sent_bodies::SentBodies;
