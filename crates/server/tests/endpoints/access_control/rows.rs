//! The rows of the tables: for each op, topic and route, its parameters and the expected outcome for each
//! caller.

use serde_json::{Value, json};

use super::{Caller, Outcome, refused};

/// The table for clients: the parameters of an op, and the outcome for each caller.
pub(super) fn client_row(op: &str) -> (Value, fn(Caller) -> Outcome) {
    fn own_only(caller: Caller) -> Outcome {
        if caller == Caller::Participant { Outcome::Done(false) } else { refused("forbidden") }
    }
    match op {
        "user.get" => (json!({ "user": "ada" }), |_| Outcome::Done(true)),
        "user.set" => (json!({ "user": "ada", "data": { "name": "Ada" } }), own_only),
        // Creating a user who exists is a success for every caller, and changes nothing.
        "user.createIfNotExists" => {
            (json!({ "user": "ada", "data": { "name": "Ada" } }), |_| Outcome::Done(false))
        }
        "conversation.get" => (json!({ "conversation": "talk" }), |caller| {
            Outcome::Done(matches!(caller, Caller::Participant | Caller::Reader))
        }),
        // A caller who sets a conversation becomes a participant of it.
        "conversation.set" => {
            (json!({ "conversation": "talk", "data": { "subject": "Talk" } }), |_| Outcome::Done(false))
        }
        "conversation.createIfNotExists" => (json!({ "conversation": "talk" }), |_| Outcome::Done(false)),
        "conversation.markAsRead" | "conversation.markAsUnread" => {
            (json!({ "conversation": "talk" }), |caller| {
                for_participants(caller, Outcome::Done(false), Outcome::Done(false))
            })
        }
        "conversation.markAsTyping" => (json!({ "conversation": "talk" }), |caller| {
            for_participants(caller, Outcome::Done(false), refused("forbidden"))
        }),
        "participant.get" => (json!({ "conversation": "talk", "user": "dan" }), |caller| {
            for_participants(caller, Outcome::Done(true), Outcome::Done(true))
        }),
        "participant.set" | "participant.edit" => {
            (json!({ "conversation": "talk", "user": "dan", "data": { "notify": false } }), |caller| {
                for_participants(caller, Outcome::Done(false), READERS_MANAGE)
            })
        }
        "participant.createIfNotExists" | "participant.delete" => {
            (json!({ "conversation": "talk", "user": "dan" }), |caller| {
                for_participants(caller, Outcome::Done(false), READERS_MANAGE)
            })
        }
        "message.get" => (json!({ "conversation": "talk", "message": "$message" }), |caller| {
            Outcome::Done(matches!(caller, Caller::Participant | Caller::Reader))
        }),
        "message.send" => (json!({ "conversation": "talk", "data": { "text": "Hello" } }), |caller| {
            for_participants(caller, Outcome::Done(true), refused("forbidden"))
        }),
        "message.edit" => {
            (json!({ "conversation": "talk", "message": "$message", "data": { "text": "Hi" } }), |caller| {
                for_participants(caller, Outcome::Done(false), refused("forbidden"))
            })
        }
        "message.delete" => (json!({ "conversation": "talk", "message": "$message" }), |caller| {
            for_participants(caller, Outcome::Done(false), refused("forbidden"))
        }),
        // The participants reach the translator, where nobody listens.
        "message.translate" => (
            json!({ "conversation": "talk", "message": "$message", "language": "de" }),
            |caller| match caller {
                Caller::Participant | Caller::Reader => refused("server_error"),
                _ => Outcome::Done(false),
            },
        ),
        "reaction.add" | "reaction.remove" => {
            (json!({ "conversation": "talk", "message": "$message", "emoji": "👍" }), |caller| {
                for_participants(caller, Outcome::Done(false), refused("forbidden"))
            })
        }
        "reaction.list" => {
            (json!({ "conversation": "talk", "message": "$message", "emoji": "👍" }), |caller| {
                Outcome::Done(matches!(caller, Caller::Participant | Caller::Reader))
            })
        }
        // Everybody may search; see rules/tests/search.rs for what is found.
        "search.messages" | "search.conversations" => {
            (json!({ "data": { "query": "hello", "limit": 3 } }), |_| Outcome::Done(true))
        }
        // Every user may upload. The result does not depend on a conversation.
        "file.create" => (json!({ "data": { "filename": "a.txt", "size": 5 } }), |_| Outcome::Done(true)),
        "more" => {
            let topic = json!({ "kind": "messages", "id": "talk" });
            let after = json!({ "at": 4_000_000_000_000_i64, "id": "x" });
            (json!({ "topic": topic, "after": after, "limit": 5 }), |caller| {
                Outcome::Done(matches!(caller, Caller::Participant | Caller::Reader))
            })
        }
        other => panic!("the op {other} has no row in the table of callers"),
    }
}

/// Participants who may only read can add and remove participants, because that writes no message.
const READERS_MANAGE: Outcome = Outcome::Done(false);

/// The outcomes for participants who may write and who may only read. For all others the conversation does
/// not exist.
fn for_participants(caller: Caller, writer: Outcome, reader: Outcome) -> Outcome {
    match caller {
        Caller::Participant => writer,
        Caller::Reader => reader,
        _ => refused("not_found"),
    }
}

/// The table for topics: the topic, and whether each caller receives a value.
pub(super) fn topic_row(kind: &str) -> (Value, fn(Caller) -> bool) {
    const fn participants(caller: Caller) -> bool {
        matches!(caller, Caller::Participant | Caller::Reader)
    }
    let topic = json!({ "kind": kind, "id": "talk" });
    match kind {
        // Every caller may see users, and has a list of conversations, which may be empty.
        "user" | "online" => (json!({ "kind": kind, "id": "ada" }), |_| true),
        "conversations" => (json!({ "kind": kind }), |_| true),
        "conversation" | "messages" | "participants" | "typing" => (topic, participants),
        "participant" => (json!({ "kind": kind, "id": "talk", "user": "ada" }), participants),
        "reactions" => {
            (json!({ "kind": kind, "id": "talk", "message": "$message", "emoji": "👍" }), participants)
        }
        other => panic!("the topic {other} has no row in the table of callers"),
    }
}

/// The table for backends: the body of a call. Backends of the app may call every route; no other caller may.
pub(super) fn backend_row(method: &str, path: &str) -> Value {
    match (method, path) {
        (
            "GET",
            "/v1/{app}"
            | "/v1/{app}/users"
            | "/v1/{app}/users/{user}"
            | "/v1/{app}/users/{user}/conversations"
            | "/v1/{app}/users/{user}/sessions",
        )
        | ("GET", "/v1/{app}/conversations" | "/v1/{app}/webhooks")
        | ("GET" | "DELETE", "/v1/{app}/conversations/{conversation}")
        | ("GET", "/v1/{app}/conversations/{conversation}/messages")
        | ("GET" | "DELETE", "/v1/{app}/conversations/{conversation}/messages/{message}")
        | (
            "DELETE",
            "/v1/{app}/conversations/{conversation}/messages/{message}/reactions/{emoji}/{user}"
            | "/v1/{app}/conversations/{conversation}/participants/{user}",
        ) => Value::Null,
        ("PUT", "/v1/{app}/conversations/{conversation}/messages/{message}/reactions/{emoji}/{user}") => {
            json!({})
        }
        ("PUT", "/v1/{app}/conversations/{conversation}/messages/{message}") => json!({ "text": "Bye" }),
        ("PUT", "/v1/{app}/users") => json!({ "ada": { "name": "Ada" } }),
        ("PUT", "/v1/{app}/users/{user}") => json!({ "name": "Ada" }),
        ("PUT", "/v1/{app}/conversations/{conversation}") => json!({ "subject": "Talk" }),
        ("PUT" | "PATCH", "/v1/{app}/conversations/{conversation}/participants/{user}") => {
            json!({ "access": "ReadWrite" })
        }
        ("POST", "/v1/{app}/conversations/{conversation}/messages") => {
            json!([{ "type": "SystemMessage", "text": "Hello" }])
        }
        ("POST", "/v1/{app}/users/{user}/revocations") => json!({ "before": 1 }),
        ("PUT", "/v1/{app}") => json!({ "custom": { "a": "b" } }),
        ("POST", "/v1/{app}/conversations/{conversation}/messages/{message}/readBy") => json!(["ada"]),
        ("POST", "/v1/{app}/import/conversations/{conversation}/messages") => {
            json!([{ "sender": "ada", "text": "Hello", "timestamp": "$now", "readBy": [] }])
        }
        // A form, see `post_file`.
        ("POST", "/v1/{app}/files") => Value::Null,
        ("POST", "/v1/{app}/webhooks/replay") => json!({}),
        ("POST", "/v1/{app}/conversations/{conversation}/notifications") => json!({ "channels": ["email"] }),
        ("POST", "/v1/{app}/batch") => json!([[1, "GET", "/users/ada"]]),
        ("POST", "/v1/{app}/presences") => json!({ "userIds": ["ada"] }),
        other => panic!("the route {other:?} has no row in the table of callers"),
    }
}
