//! Records of the store as the entities that clients receive.

use causerie_protocol::entities::{Conversation, Message, MessageKind, Participant, ReactionSummary, User};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use serde_json::value::RawValue;

use super::context::ReadRules;
use super::error::RuleResult;
use super::files;
use super::json::Json;
use crate::apps::App;
use crate::store::records::{MessageRecord, ParticipantRecord, UserRecord, ViewRecord};

impl ReadRules<'_> {
    /// Returns the public data of a user, or `None` if it does not exist.
    pub(super) fn public_user(self, user: &UserId) -> RuleResult<Option<User>> {
        let record = self.store.user(self.app_id(), user)?;
        Ok(record.map(|record| user_entity(self.context.app, user, record)))
    }
}

/// The public data of a user. The app's defaults stand in for a locale or a role that is not set.
pub(super) fn user_entity(app: &App, id: &UserId, record: UserRecord) -> User {
    User {
        id: id.clone(),
        name: record.name,
        custom: record.custom,
        locale: record.locale.unwrap_or_else(|| app.default_locale.clone()),
        photo_url: record.photo_url,
        role: record.role.unwrap_or_else(|| app.default_role.clone()),
        welcome_message: record.welcome_message,
    }
}

/// A conversation as one of its participants sees it.
pub(super) fn conversation_entity(view: ViewRecord, last_message: Option<MessageId>) -> Conversation {
    let is_unread = view.is_unread();
    let ViewRecord { id, conversation, participant, everyone_read_until, unread } = view;
    Conversation {
        id,
        subject: conversation.subject,
        photo_url: conversation.photo_url,
        welcome_messages: conversation.welcome_messages,
        custom: conversation.custom,
        created_at: conversation.created_at,
        joined_at: participant.joined_at,
        last_message,
        last_message_at: conversation.last_message_at.unwrap_or(conversation.created_at),
        unread_message_count: unread,
        read_until: participant.read_until,
        everyone_read_until,
        is_unread,
        access: participant.access,
        notify: participant.notify,
    }
}

/// A participant of a conversation.
pub(super) fn participant_entity(user: UserId, record: &ParticipantRecord) -> Participant {
    Participant { user, access: record.access, notify: record.notify, joined_at: record.joined_at }
}

/// A message as all viewers see it: its reactions are counted, and none is marked as the viewer's own.
pub(super) fn message_entity(
    rules: ReadRules<'_>,
    conversation: &ConversationId,
    record: MessageRecord,
) -> RuleResult<Message<Json>> {
    let reactions = record.reactions.into_iter().map(|reaction| ReactionSummary {
        emoji: reaction.emoji,
        count: reaction.count,
        current_user_reacted: false,
    });
    Ok(Message {
        id: record.id,
        conversation: conversation.clone(),
        kind: if record.sender.is_some() { MessageKind::UserMessage } else { MessageKind::SystemMessage },
        sender: record.sender,
        custom: record.custom,
        created_at: record.created_at,
        edited_at: record.edited_at,
        referenced_message: record.referenced,
        origin: record.origin,
        plaintext: record.text,
        content: RawValue::from_string(files::with_url(rules, record.content)?)?,
        reactions: reactions.collect(),
    })
}
