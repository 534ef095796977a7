//! The ids of messages: `msg_`, the time, `g`, the sequence number and 44 random bits. An id is unique, and
//! lies beside the ids of the same time in the store's index. Ids of the same time have the order of the
//! sequence numbers. The `g` puts them after the ids of earlier servers, which have a random digit there.

use causerie_protocol::ids::MessageId;

use super::context::Context;
use super::error::RuleResult;
use crate::store::records::NextMessage;

/// Returns a new message id.
pub(super) fn new_message_id(context: &Context<'_>, next: NextMessage) -> RuleResult<MessageId> {
    let random = (context.random)()? >> 84;
    let NextMessage { at, seq } = next;
    Ok(MessageId::new(format!("msg_{:012x}g{seq:08x}{random:011x}", at.max(0)))?)
}

/// Returns the time and the sequence number of a message from its id, as [`new_message_id`] makes it; `None`
/// for an id of another form.
pub(super) fn place_of(id: &MessageId) -> Option<(i64, i64)> {
    let hex = |digits: &str| {
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| i64::from_str_radix(digits, 16).ok()).flatten()
    };
    let rest = id.as_str().strip_prefix("msg_")?;
    let seq = rest.get(12..)?.strip_prefix('g')?.get(..8)?;
    Some((hex(rest.get(..12)?)?, hex(seq)?))
}
