//! The parameters that all rules have: a transaction of the store, and the call that a rule is executed for.

use std::sync::Arc;

use causerie_protocol::entities::Access;
use causerie_protocol::ids::{ConversationId, MessageId, UserId};

use super::error::{RuleError, RuleResult};
use super::refusal::Refusal;
use crate::apps::App;
use crate::apps::roles::RoleSettings;
use crate::events::{AppEvent, AppEventKind, Event};
use crate::file_links::FilePolicy;
use crate::store::records::{ConversationRecord, MessageRecord, ParticipantRecord, UserRecord};
use crate::store::{Read, Write};

/// The user or the backend that a call comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A client of this user, authenticated if the app requires it.
    User(UserId),
    /// The app's backend, which holds its secret and may do everything within the app.
    Backend,
}

/// Returns 128 random bits, other ones at each call.
pub type RandomBits = fn() -> Result<u128, getrandom::Error>;

/// The call that a rule is executed for.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The app of the caller. A rule reads and changes only the data of this app.
    pub app: &'a App,
    /// The user or the backend that the call comes from.
    pub caller: &'a Caller,
    /// The time, in milliseconds since 1970.
    pub now: i64,
    /// The time with which an outcome is dated, which [`Store::time`](crate::store::Store::time) returned.
    pub stored_at: i64,
    /// The source of the random parts of ids.
    pub random: RandomBits,
    /// The most rows that one read of a filtered list examines.
    pub scan_rows: u32,
    /// How files are stored; `None` if they are not.
    pub files: Option<&'a FilePolicy>,
}

/// How many rows a read of a filtered list examines: about 10 ms of work, after which other reads have their
/// turn.
pub const SCAN_ROWS: u32 = 1_000;

impl<'a> Context<'a> {
    /// Returns the calling user; refuses a backend.
    fn user(&self) -> RuleResult<&'a UserId> {
        match self.caller {
            Caller::User(user) => Ok(user),
            Caller::Backend => Err(Refusal::BackendIsNoParticipant.into()),
        }
    }
}

/// A role of the calling user.
pub(super) struct Role<'a> {
    pub(super) name: String,
    pub(super) settings: &'a RoleSettings,
}

impl Role<'_> {
    /// Refuses an action unless the role allows it. `action` completes the message "your role does not let
    /// you …".
    pub(super) fn require(self, is_allowed: bool, action: &'static str) -> RuleResult<()> {
        if is_allowed { Ok(()) } else { Err(Refusal::RoleForbids { role: self.name, action }.into()) }
    }
}

/// A call with a transaction that reads.
#[derive(Clone, Copy)]
pub struct ReadRules<'a> {
    pub(super) store: &'a dyn Read,
    pub(super) context: &'a Context<'a>,
}

impl<'a> ReadRules<'a> {
    /// Joins a transaction and the call that it is for.
    pub fn new(store: &'a dyn Read, context: &'a Context<'a>) -> Self {
        ReadRules { store, context }
    }

    /// The id of the app, which every access to the store names.
    pub(super) fn app_id(self) -> &'a str {
        &self.context.app.id
    }

    /// Returns the calling user; refuses a backend.
    pub(super) fn user(self) -> RuleResult<&'a UserId> {
        self.context.user()
    }

    /// Returns the calling user's role. A user who does not exist has the app's default role.
    pub(super) fn role(self) -> RuleResult<Role<'a>> {
        let app = self.context.app;
        // Without configured roles, all users have the same settings, and the record need not be read.
        let record = if app.roles.is_empty() { None } else { self.store.user(&app.id, self.user()?)? };
        let name = record.and_then(|record| record.role).unwrap_or_else(|| app.default_role.clone());
        Ok(Role { settings: app.roles.settings(&name), name })
    }

    /// Whether other users see that the calling user is typing.
    pub(crate) fn shows_typing(self) -> RuleResult<bool> {
        Ok(self.role()?.settings.show_typing)
    }

    /// Returns a user, which must exist.
    pub(super) fn require_user(self, user: &UserId) -> RuleResult<UserRecord> {
        let record = self.store.user(self.app_id(), user)?;
        record.ok_or_else(|| Refusal::UserNotFound(user.clone()).into())
    }

    /// Returns a conversation, which must exist. For backends: a participant is refused by
    /// [`ReadRules::require_participant`], which does not disclose whether the conversation exists.
    pub(super) fn require_conversation(self, id: &ConversationId) -> RuleResult<ConversationRecord> {
        let record = self.store.conversation(self.app_id(), id)?;
        record.ok_or_else(|| Refusal::ConversationNotFound(id.clone()).into())
    }

    /// Returns a message, which must exist.
    pub(super) fn require_message(
        self,
        conversation: &ConversationId,
        id: &MessageId,
    ) -> RuleResult<MessageRecord> {
        let record = self.store.message(self.app_id(), conversation, id)?;
        record.ok_or_else(|| Refusal::MessageNotFound(id.clone()).into())
    }

    /// Whether the calling user is a participant of a conversation.
    pub(super) fn is_participant(self, conversation: &ConversationId) -> RuleResult<bool> {
        Ok(self.store.participant(self.app_id(), conversation, self.user()?)?.is_some())
    }

    /// Returns the calling user as a participant of a conversation, which it must be.
    pub(super) fn require_participant(self, conversation: &ConversationId) -> RuleResult<ParticipantRecord> {
        let participant = self.store.participant(self.app_id(), conversation, self.user()?)?;
        participant.ok_or_else(|| Refusal::ConversationHidden(conversation.clone()).into())
    }

    /// Refuses the calling user if it is not a participant of a conversation, or has only the access `Read`.
    /// `action` completes the message "you cannot …".
    pub(super) fn require_write_access(
        self,
        conversation: &ConversationId,
        action: &'static str,
    ) -> RuleResult<()> {
        match self.require_participant(conversation)?.access {
            Access::ReadWrite => Ok(()),
            Access::Read => Err(Refusal::ReadAccess { action }.into()),
        }
    }
}

/// A call with a transaction that writes.
pub struct WriteRules<'a> {
    pub(super) store: &'a mut dyn Write,
    pub(super) context: &'a Context<'a>,
}

impl<'a> WriteRules<'a> {
    /// Joins a transaction and the call that it is for.
    pub fn new(store: &'a mut dyn Write, context: &'a Context<'a>) -> Self {
        WriteRules { store, context }
    }

    /// The same transaction for rules that only read. They see all earlier writes of the transaction.
    pub(super) fn read(&self) -> ReadRules<'_> {
        ReadRules { store: &*self.store, context: self.context }
    }

    /// The id of the app, which every access to the store names.
    pub(super) fn app_id(&self) -> &'a str {
        &self.context.app.id
    }

    /// Returns the calling user; refuses a backend.
    pub(super) fn user(&self) -> RuleResult<&'a UserId> {
        self.context.user()
    }

    /// Returns the calling user if it may write in a conversation; see [`ReadRules::require_write_access`].
    pub(super) fn require_write_access(
        &self,
        conversation: &ConversationId,
        action: &'static str,
    ) -> RuleResult<&'a UserId> {
        self.read().require_write_access(conversation, action)?;
        self.user()
    }

    /// Gives an event of a conversation the next number of its stream, and publishes it.
    pub(super) fn record_event(&mut self, conversation: &ConversationId, event: Event) -> RuleResult<()> {
        let seq = self.store.advance_stream(self.app_id(), conversation)?;
        self.publish_event(conversation, seq, event);
        Ok(())
    }

    /// Publishes an event that has its number already. Every number is published once, so that a follower
    /// notices a gap.
    pub(super) fn publish_event(&mut self, conversation: &ConversationId, seq: u64, event: Event) {
        self.publish(AppEventKind::Conversation { id: conversation.clone(), seq, event });
    }

    /// Publishes an event to its followers, once the transaction is committed.
    pub(super) fn publish(&mut self, kind: AppEventKind) {
        self.store.publish(AppEvent { app: Arc::from(self.app_id()), kind });
    }
}

/// The transaction of a call whose kind is known only at run time.
pub(super) enum Transaction<'t, 'a> {
    Read(ReadRules<'a>),
    Write(&'t mut WriteRules<'a>),
}

impl<'a> Transaction<'_, 'a> {
    /// For a rule that reads, which either kind of transaction allows.
    pub(super) fn read(&self) -> ReadRules<'_> {
        match self {
            Transaction::Read(rules) => *rules,
            Transaction::Write(rules) => rules.read(),
        }
    }

    /// For a rule that writes.
    pub(super) fn write(&mut self) -> RuleResult<&mut WriteRules<'a>> {
        match self {
            Transaction::Read(_) => {
                Err(RuleError::Internal("a call that writes was given a transaction that reads"))
            }
            Transaction::Write(rules) => Ok(rules),
        }
    }
}
