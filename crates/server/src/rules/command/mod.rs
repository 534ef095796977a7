//! The calls of the REST API: one command for each route, with the body that it takes. Deserialising a body
//! checks its types; `check` checks its values against the limits of the protocol.

mod bodies;
mod pages;

use std::collections::BTreeMap;

use causerie_markup::Sender;
use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::ids::{ConversationId, MessageId, UserId};
use causerie_protocol::params::{EditMessage, PutConversation, SetUser};
use causerie_protocol::validation;

pub use bodies::{
    BackendAccess, ConnectionStatus, ImportMessage, PostMessage, PostNotifications, PostPresences,
    PostReaders, PutApp, PutParticipant, ReplayEvents, RevokeTokens,
};
pub use pages::{ConversationsPage, EventsPage, OrderBy, PAGE_DEFAULT, PAGE_MAX, Page, UsersPage};

use super::content;

/// The largest number of users in one PUT.
pub const USERS_PER_PUT: usize = 100;
/// The largest number of messages in one POST.
pub const MESSAGES_PER_POST: usize = 10;
/// The largest number of ids in one request for presences.
pub const PRESENCES_PER_POST: usize = 100;
/// The largest number of readers of an imported message, and of users in one call that marks one as read.
pub const READERS_PER_POST: usize = 300;
/// The largest number of users that one notification names.
pub const RECIPIENTS_PER_POST: usize = 100;
/// The largest number of users in one response with presences, and the number if no limit is given.
pub const PRESENCES_MAX: u32 = 1_000;

/// One call of the REST API.
#[derive(Clone, Debug)]
#[allow(
    missing_docs,
    reason = "a field is a part of the route, or its query or body; the variant names the route"
)]
pub enum RestCommand {
    /// `PUT /users/{user}`: creates a user or changes the given properties. Returns `{}`.
    UserPut { user: UserId, data: SetUser },
    /// `GET /users/{user}`: returns a user with its private data.
    UserGet { user: UserId },
    /// `PUT /users`: creates or changes users, all of them or none. Returns `{}`.
    UsersPut { users: BTreeMap<UserId, SetUser> },
    /// `GET /users`: a page of all users, ordered by id. Returns `{ "data": […] }`.
    UsersGet { page: UsersPage },
    /// `POST /presences`: which users are online. Returns `{ "data": { id: { "status", … } } }`. The fan-out
    /// knows it, not the store.
    PresencesPost { data: PostPresences },
    /// `GET /users/{user}/sessions`: what the clients of a user do; an empty list if the user is not online.
    /// The fan-out knows it, not the store.
    UserSessionsGet { user: UserId },
    /// `POST /users/{user}/revocations`: revokes the user's tokens that were issued before a time, by default
    /// before the next second. Returns `{ "before": … }`.
    UserRevoke { user: UserId, data: RevokeTokens },
    /// `GET /users/{user}/conversations`: a page of a user's conversations, those with the newest messages
    /// first. Returns `{ "data": […] }`.
    UserConversationsGet { user: UserId, page: ConversationsPage },
    /// `PUT /conversations/{conversation}`: creates a conversation or changes the given settings, and adds
    /// participants. Returns `{}`.
    ConversationPut { conversation: ConversationId, data: PutConversation },
    /// `GET /conversations/{conversation}`: returns a conversation with its participants and its last
    /// message.
    ConversationGet { conversation: ConversationId },
    /// `DELETE /conversations/{conversation}`: deletes a conversation with its messages. Returns `{}`.
    ConversationDelete { conversation: ConversationId },
    /// `GET /conversations`: a page of all conversations, those with the last activity first. Returns
    /// `{ "data": […] }`.
    ConversationsGet { page: ConversationsPage },
    /// `PUT /conversations/{conversation}/participants/{user}`: adds or changes a participant. A setting that
    /// is not given becomes the default. Returns `{}`.
    ParticipantPut { conversation: ConversationId, user: UserId, data: PutParticipant },
    /// `PATCH /conversations/{conversation}/participants/{user}`: changes the given settings. Returns `{}`.
    ParticipantPatch { conversation: ConversationId, user: UserId, data: PutParticipant },
    /// `DELETE /conversations/{conversation}/participants/{user}`. Returns `{}`, also if the user is not a
    /// participant.
    ParticipantDelete { conversation: ConversationId, user: UserId },
    /// `POST /conversations/{conversation}/messages`: sends messages, all of them or none.
    /// Returns `[{ "id": … }]`.
    MessagesPost { conversation: ConversationId, messages: Vec<PostMessage> },
    /// `GET /conversations/{conversation}/messages`: a page of messages, newest first.
    /// Returns `{ "data": […] }`.
    MessagesGet { conversation: ConversationId, page: Page },
    /// `GET /conversations/{conversation}/messages/{message}`: returns one message.
    MessageGet { conversation: ConversationId, message: MessageId },
    /// `PUT /conversations/{conversation}/messages/{message}`: changes the given parts of a message. Returns
    /// `{}`.
    MessagePut { conversation: ConversationId, message: MessageId, data: EditMessage },
    /// `DELETE /conversations/{conversation}/messages/{message}`. Returns `{}`, also if the message does not
    /// exist.
    MessageDelete { conversation: ConversationId, message: MessageId },
    /// `PUT /conversations/{conversation}/messages/{message}/reactions/{emoji}/{user}`. Returns `{}`.
    ReactionPut { conversation: ConversationId, message: MessageId, emoji: String, user: UserId },
    /// `DELETE /conversations/{conversation}/messages/{message}/reactions/{emoji}/{user}`. Returns `{}`, also
    /// if there is no such reaction.
    ReactionDelete { conversation: ConversationId, message: MessageId, emoji: String, user: UserId },
    /// `GET /v1/{app}`: returns the app's id, its custom data and its default locale.
    AppGet,
    /// `PUT /v1/{app}`: changes the app's custom data. Returns `{}`.
    AppPut { data: PutApp },
    /// `POST /import/conversations/{conversation}/messages`: stores messages with their times. Returns
    /// `[{ "id": … }]`.
    ImportPost { conversation: ConversationId, messages: Vec<ImportMessage> },
    /// `POST /conversations/{conversation}/messages/{message}/readBy`: marks the messages up to this one as
    /// read. Returns `{}`.
    ReadersPost { conversation: ConversationId, message: MessageId, data: PostReaders },
    /// `POST /conversations/{conversation}/notifications`: an event for each participant with unread
    /// messages. Returns `{}`.
    NotificationsPost { conversation: ConversationId, data: PostNotifications },
    /// `GET /webhooks`: a page of the webhook events that wait, or of those that failed. Returns
    /// `{ "data": […] }`.
    WebhookEventsGet { page: EventsPage },
    /// `POST /webhooks/replay`: makes failed events wait again. Returns `{ "replayed": … }`.
    WebhookEventsReplay { data: ReplayEvents },
}

/// Whether a command changes the stored data.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    Reads,
    Writes,
}

impl RestCommand {
    const fn name_and_effect(&self) -> (&'static str, Effect) {
        match self {
            RestCommand::UserPut { .. } => ("PUT user", Effect::Writes),
            RestCommand::UserGet { .. } => ("GET user", Effect::Reads),
            RestCommand::UsersPut { .. } => ("PUT users", Effect::Writes),
            RestCommand::UsersGet { .. } => ("GET users", Effect::Reads),
            RestCommand::PresencesPost { .. } => ("POST presences", Effect::Reads),
            RestCommand::UserSessionsGet { .. } => ("GET user's sessions", Effect::Reads),
            RestCommand::UserRevoke { .. } => ("POST revocation", Effect::Writes),
            RestCommand::UserConversationsGet { .. } => ("GET user's conversations", Effect::Reads),
            RestCommand::ConversationPut { .. } => ("PUT conversation", Effect::Writes),
            RestCommand::ConversationGet { .. } => ("GET conversation", Effect::Reads),
            RestCommand::ConversationDelete { .. } => ("DELETE conversation", Effect::Writes),
            RestCommand::ConversationsGet { .. } => ("GET conversations", Effect::Reads),
            RestCommand::ParticipantPut { .. } => ("PUT participant", Effect::Writes),
            RestCommand::ParticipantPatch { .. } => ("PATCH participant", Effect::Writes),
            RestCommand::ParticipantDelete { .. } => ("DELETE participant", Effect::Writes),
            RestCommand::MessagesPost { .. } => ("POST messages", Effect::Writes),
            RestCommand::MessagesGet { .. } => ("GET messages", Effect::Reads),
            RestCommand::MessageGet { .. } => ("GET message", Effect::Reads),
            RestCommand::MessagePut { .. } => ("PUT message", Effect::Writes),
            RestCommand::MessageDelete { .. } => ("DELETE message", Effect::Writes),
            RestCommand::ReactionPut { .. } => ("PUT reaction", Effect::Writes),
            RestCommand::ReactionDelete { .. } => ("DELETE reaction", Effect::Writes),
            RestCommand::AppGet => ("GET app", Effect::Reads),
            RestCommand::AppPut { .. } => ("PUT app", Effect::Writes),
            RestCommand::ImportPost { .. } => ("POST import", Effect::Writes),
            RestCommand::ReadersPost { .. } => ("POST readers", Effect::Writes),
            RestCommand::NotificationsPost { .. } => ("POST notifications", Effect::Writes),
            RestCommand::WebhookEventsGet { .. } => ("GET webhook events", Effect::Reads),
            RestCommand::WebhookEventsReplay { .. } => ("POST replay of webhook events", Effect::Writes),
        }
    }

    /// The command's name in logs, such as `PUT user`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name_and_effect().0
    }

    /// Whether the command changes the stored data.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.name_and_effect().1 == Effect::Writes
    }

    /// Checks every value of the command.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self) -> Result<(), ErrorBody> {
        match self {
            RestCommand::UserPut { data, .. } => data.check(),
            RestCommand::UsersPut { users } => check_users(users),
            RestCommand::UsersGet { page } => page.page.check(),
            RestCommand::MessagesGet { page, .. } => page.check(),
            RestCommand::PresencesPost { data } => data.check(),
            RestCommand::NotificationsPost { data, .. } => data.check(),
            RestCommand::AppPut { data } => data.check(),
            RestCommand::ImportPost { messages, .. } => check_each(messages, ImportMessage::check),
            RestCommand::ReadersPost { data, .. } => data.check(),
            RestCommand::WebhookEventsGet { page } => page.page.check(),
            RestCommand::UserRevoke { data, .. } => data.check(),
            RestCommand::UserConversationsGet { page, .. } | RestCommand::ConversationsGet { page } => {
                page.check()
            }
            RestCommand::ConversationPut { data, .. } => data.check(),
            RestCommand::MessagesPost { messages, .. } => check_each(messages, PostMessage::check),
            RestCommand::MessagePut { data, .. } => {
                data.check()?;
                content::check(data.text.as_deref(), data.content.as_deref(), Sender::Backend)
            }
            RestCommand::ReactionPut { emoji, .. } | RestCommand::ReactionDelete { emoji, .. } => {
                validation::check_emoji("emoji", emoji)
            }
            // The types of ids, access and notify allow only valid values.
            RestCommand::AppGet
            | RestCommand::UserGet { .. }
            | RestCommand::UserSessionsGet { .. }
            | RestCommand::WebhookEventsReplay { .. }
            | RestCommand::ConversationGet { .. }
            | RestCommand::ConversationDelete { .. }
            | RestCommand::MessageGet { .. }
            | RestCommand::MessageDelete { .. }
            | RestCommand::ParticipantPut { .. }
            | RestCommand::ParticipantPatch { .. }
            | RestCommand::ParticipantDelete { .. } => Ok(()),
        }
    }
}

fn check_users(users: &BTreeMap<UserId, SetUser>) -> Result<(), ErrorBody> {
    if !(1..=USERS_PER_PUT).contains(&users.len()) {
        let count = users.len();
        let text =
            format!("the body must be an object of 1 to {USERS_PER_PUT} users by their ids (got {count})");
        return Err(ErrorBody::new(ErrorCode::InvalidArgument, text));
    }
    users.iter().try_for_each(|(user, data)| data.check().map_err(|error| error.within(user.as_str())))
}

fn check_each<T>(messages: &[T], check: impl Fn(&T) -> Result<(), ErrorBody>) -> Result<(), ErrorBody> {
    let count = messages.len();
    if !(1..=MESSAGES_PER_POST).contains(&count) {
        let text = format!("the body must be an array of 1 to {MESSAGES_PER_POST} messages (got {count})");
        return Err(ErrorBody::new(ErrorCode::InvalidArgument, text));
    }
    let mut messages = messages.iter().enumerate();
    messages
        .try_for_each(|(index, message)| check(message).map_err(|error| error.within(&format!("[{index}]"))))
}
