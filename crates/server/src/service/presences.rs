//! The responses that the fan-out knows, not the store: who is online, and who is typing.

use std::collections::BTreeMap;

use causerie_protocol::ids::{ConversationId, UserId};
use serde::Serialize;

use crate::fanout::Hub;
use crate::rules::command::{ConnectionStatus, PRESENCES_MAX, PostPresences};

/// The response to `POST /presences`.
#[derive(Debug, Serialize)]
pub(super) struct Presences {
    data: BTreeMap<UserId, Presence>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Presence {
    status: ConnectionStatus,
    background_sessions: [(); 0],
    widgets: Vec<Widget>,
}

/// What a user does, as far as the server knows.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Widget {
    /// The conversation in which the user is typing.
    selected_conversation_id: Option<ConversationId>,
    custom: BTreeMap<String, String>,
    is_typing: bool,
}

/// One entry of the response to `GET /users/{user}/sessions`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    current_conversation_id: Option<ConversationId>,
    is_typing: bool,
}

/// Returns the users that a backend asks for, with what they do.
pub(super) fn presences(hub: &Hub, app: &str, data: &PostPresences) -> Presences {
    let online = hub.online_users(app);
    let typing = hub.typing_users(app);
    let wanted = data.connection_status.unwrap_or_default();
    let users: Vec<&UserId> = match &data.user_ids {
        None => online.iter().collect(),
        Some(users) => {
            let has_status = |user: &&UserId| online.contains(*user) == (wanted == ConnectionStatus::Online);
            let mut users: Vec<_> = users.iter().filter(has_status).collect();
            users.sort();
            users.dedup();
            users
        }
    };
    let start = data.starting_after.as_deref().unwrap_or_default();
    let shown = users
        .into_iter()
        .filter(|user| user.as_str() > start || start.is_empty())
        .filter(|user| data.is_typing.is_none_or(|expected| typing.contains_key(*user) == expected))
        .take(data.limit.unwrap_or(PRESENCES_MAX) as usize);
    let presence = |user: &UserId| {
        let selected = typing.get(user).cloned();
        let widget = Widget {
            is_typing: selected.is_some(),
            selected_conversation_id: selected,
            custom: BTreeMap::new(),
        };
        let widgets = if wanted == ConnectionStatus::Online { vec![widget] } else { Vec::new() };
        Presence { status: wanted, background_sessions: [], widgets }
    };
    Presences { data: shown.map(|user| (user.clone(), presence(user))).collect() }
}

/// Returns what a user's clients do; nothing if the user is not online.
pub(super) fn sessions(hub: &Hub, app: &str, user: &UserId) -> Vec<Session> {
    if !hub.is_online(&app.into(), user) {
        return Vec::new();
    }
    let current = hub.typing_users(app).remove(user);
    vec![Session { is_typing: current.is_some(), current_conversation_id: current }]
}
