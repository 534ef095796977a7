//! The names, effects and bodies of the routes.

use super::super::route::Method;

/// What the document says about a route, beside its parameters.
pub(super) struct Operation {
    /// The name by which programs that are generated from the document call the route.
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    /// The schema of the request's body.
    pub(super) body: Option<&'static str>,
    /// Whether a call without a body is refused.
    pub(super) needs_body: bool,
    /// The schema of the response's body.
    pub(super) response: &'static str,
}

const fn reads(id: &'static str, summary: &'static str, response: &'static str) -> Option<Operation> {
    Some(Operation { id, summary, body: None, needs_body: false, response })
}

const fn writes(id: &'static str, summary: &'static str, body: &'static str) -> Option<Operation> {
    Some(Operation { id, summary, body: Some(body), needs_body: false, response: "Empty" })
}

const fn needs(
    id: &'static str,
    summary: &'static str,
    body: &'static str,
    response: &'static str,
) -> Option<Operation> {
    Some(Operation { id, summary, body: Some(body), needs_body: true, response })
}

const fn deletes(id: &'static str, summary: &'static str) -> Option<Operation> {
    Some(Operation { id, summary, body: None, needs_body: false, response: "Empty" })
}

/// Returns the operation of a route. A test fails if one is missing.
pub(super) fn operation(method: Method, path: &str) -> Option<Operation> {
    use Method::{Delete, Get, Patch, Post, Put};
    let path = path.strip_prefix("/v1/{app}")?;
    match (method, path) {
        (Get, "") => reads("getApp", "Returns the app", "App"),
        (Put, "") => writes("putApp", "Changes the custom data of the app", "PutApp"),
        (Get, "/users") => reads("getUsers", "Returns a page of all users, ordered by id", "Users"),
        (Put, "/users") => {
            needs("putUsers", "Creates or changes up to 100 users, all or none", "PutUsers", "Empty")
        }
        (Get, "/users/{user}") => reads("getUser", "Returns a user", "User"),
        (Put, "/users/{user}") => writes("putUser", "Creates a user, or changes the given fields", "PutUser"),
        (Get, "/users/{user}/conversations") => {
            reads("getUserConversations", "Returns a page of a user's conversations", "Conversations")
        }
        (Get, "/users/{user}/sessions") => reads("getUserSessions", "Returns what a user does", "Sessions"),
        (Post, "/users/{user}/revocations") => Some(Operation {
            id: "revokeTokens",
            summary: "Revokes the tokens of a user",
            body: Some("Revocation"),
            needs_body: false,
            response: "Revocation",
        }),
        (Post, "/presences") => Some(Operation {
            id: "postPresences",
            summary: "Returns the users who are online",
            body: Some("PostPresences"),
            needs_body: false,
            response: "Presences",
        }),
        (Get, "/conversations") => {
            reads("getConversations", "Returns a page of all conversations", "Conversations")
        }
        (Get, "/conversations/{conversation}") => {
            reads("getConversation", "Returns a conversation", "Conversation")
        }
        (Put, "/conversations/{conversation}") => writes(
            "putConversation",
            "Creates a conversation, or changes the given fields and adds participants",
            "PutConversation",
        ),
        (Delete, "/conversations/{conversation}") => deletes("deleteConversation", "Deletes a conversation"),
        (Post, "/conversations/{conversation}/notifications") => needs(
            "postNotifications",
            "Makes an event for each participant with unread messages",
            "PostNotifications",
            "Empty",
        ),
        (Put, "/conversations/{conversation}/participants/{user}") => {
            writes("putParticipant", "Adds a participant, or overwrites its settings", "PutParticipant")
        }
        (Patch, "/conversations/{conversation}/participants/{user}") => {
            writes("patchParticipant", "Changes the given settings of a participant", "PutParticipant")
        }
        (Delete, "/conversations/{conversation}/participants/{user}") => {
            deletes("deleteParticipant", "Removes a participant")
        }
        (Post, "/conversations/{conversation}/messages") => {
            needs("postMessages", "Sends up to 10 messages, all or none", "PostMessages", "SentMessages")
        }
        (Get, "/conversations/{conversation}/messages") => {
            reads("getMessages", "Returns a page of messages, newest first", "Messages")
        }
        (Get, "/conversations/{conversation}/messages/{message}") => {
            reads("getMessage", "Returns a message", "Message")
        }
        (Put, "/conversations/{conversation}/messages/{message}") => {
            writes("putMessage", "Changes the given fields of a message", "PutMessage")
        }
        (Delete, "/conversations/{conversation}/messages/{message}") => {
            deletes("deleteMessage", "Deletes a message")
        }
        (Post, "/conversations/{conversation}/messages/{message}/readBy") => {
            needs("postReaders", "Marks the messages up to this one as read", "PostReaders", "Empty")
        }
        (Put, "/conversations/{conversation}/messages/{message}/reactions/{emoji}/{user}") => {
            deletes("putReaction", "Adds a reaction of a user")
        }
        (Delete, "/conversations/{conversation}/messages/{message}/reactions/{emoji}/{user}") => {
            deletes("deleteReaction", "Removes a reaction of a user")
        }
        (Post, "/import/conversations/{conversation}/messages") => needs(
            "importMessages",
            "Stores up to 10 messages of another system with their times",
            "ImportMessages",
            "SentMessages",
        ),
        (Get, "/webhooks") => reads("getWebhookEvents", "Returns a page of stored webhook events", "Events"),
        (Post, "/webhooks/replay") => Some(Operation {
            id: "replayWebhookEvents",
            summary: "Sends failed webhook events again",
            body: Some("ReplayEvents"),
            needs_body: false,
            response: "Replayed",
        }),
        (Post, "/files") => {
            needs("postFile", "Stores a file, which a message can then have", "PostFile", "StoredFile")
        }
        (Post, "/batch") => needs("postBatch", "Executes up to 10 calls", "Batch", "BatchResult"),
        _ => None,
    }
}
