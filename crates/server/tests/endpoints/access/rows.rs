//! The rows of the tables: each op, topic and route, with what to try it with and what each caller gets.

use serde_json::{Value, json};

use super::{Caller, Fate, refused};

/// The table for clients: the parameters to try an op with, and what each caller gets.
pub(super) fn client_row(op: &str) -> (Value, fn(Caller) -> Fate) {
    fn own_only(caller: Caller) -> Fate {
        if caller == Caller::Participant { Fate::Done(false) } else { refused("forbidden") }
    }
    match op {
        "user.get" => (json!({ "user": "ada" }), |_| Fate::Done(true)),
        "user.set" => (json!({ "user": "ada", "data": { "name": "Ada" } }), own_only),
        // To create whom there is already is a success for everybody, and changes nothing.
        "user.createIfNotExists" => {
            (json!({ "user": "ada", "data": { "name": "Ada" } }), |_| Fate::Done(false))
        }
        "conversation.get" => (json!({ "conversation": "talk" }), |caller| {
            Fate::Done(matches!(caller, Caller::Participant | Caller::Reader))
        }),
        // Whoever sets a conversation becomes a participant of it.
        "conversation.set" => {
            (json!({ "conversation": "talk", "data": { "subject": "Talk" } }), |_| Fate::Done(false))
        }
        "conversation.createIfNotExists" => (json!({ "conversation": "talk" }), |_| Fate::Done(false)),
        "conversation.markAsRead" | "conversation.markAsUnread" => {
            (json!({ "conversation": "talk" }), |caller| among(caller, Fate::Done(false), Fate::Done(false)))
        }
        "conversation.markAsTyping" => (json!({ "conversation": "talk" }), |caller| {
            among(caller, Fate::Done(false), refused("forbidden"))
        }),
        "participant.get" => (json!({ "conversation": "talk", "user": "dan" }), |caller| {
            among(caller, Fate::Done(true), Fate::Done(true))
        }),
        "participant.set" | "participant.edit" => {
            (json!({ "conversation": "talk", "user": "dan", "data": { "notify": false } }), |caller| {
                among(caller, Fate::Done(false), READERS_MANAGE)
            })
        }
        "participant.createIfNotExists" | "participant.delete" => {
            (json!({ "conversation": "talk", "user": "dan" }), |caller| {
                among(caller, Fate::Done(false), READERS_MANAGE)
            })
        }
        "message.get" => (json!({ "conversation": "talk", "message": "$message" }), |caller| {
            Fate::Done(matches!(caller, Caller::Participant | Caller::Reader))
        }),
        "message.send" => (json!({ "conversation": "talk", "data": { "text": "Hello" } }), |caller| {
            among(caller, Fate::Done(true), refused("forbidden"))
        }),
        "message.edit" => {
            (json!({ "conversation": "talk", "message": "$message", "data": { "text": "Hi" } }), |caller| {
                among(caller, Fate::Done(false), refused("forbidden"))
            })
        }
        "message.delete" => (json!({ "conversation": "talk", "message": "$message" }), |caller| {
            among(caller, Fate::Done(false), refused("forbidden"))
        }),
        "reaction.add" | "reaction.remove" => {
            (json!({ "conversation": "talk", "message": "$message", "emoji": "👍" }), |caller| {
                among(caller, Fate::Done(false), refused("forbidden"))
            })
        }
        "reaction.list" => {
            (json!({ "conversation": "talk", "message": "$message", "emoji": "👍" }), |caller| {
                Fate::Done(matches!(caller, Caller::Participant | Caller::Reader))
            })
        }
        "more" => {
            let topic = json!({ "kind": "messages", "id": "talk" });
            let after = json!({ "at": 4_000_000_000_000_i64, "id": "x" });
            (json!({ "topic": topic, "after": after, "limit": 5 }), |caller| {
                Fate::Done(matches!(caller, Caller::Participant | Caller::Reader))
            })
        }
        other => panic!("the op {other} has no row in the table of who may do what"),
    }
}

/// What a participant gets who may only read and puts others in or out: that is no writing of messages.
const READERS_MANAGE: Fate = Fate::Done(false);

/// What participants get who may write, and who may read; to all others the conversation is not there.
fn among(caller: Caller, writer: Fate, reader: Fate) -> Fate {
    match caller {
        Caller::Participant => writer,
        Caller::Reader => reader,
        _ => refused("not_found"),
    }
}

/// The table for topics: what to subscribe to, and whether each caller is shown something.
pub(super) fn topic_row(kind: &str) -> (Value, fn(Caller) -> bool) {
    const fn participants(caller: Caller) -> bool {
        matches!(caller, Caller::Participant | Caller::Reader)
    }
    let of_talk = json!({ "kind": kind, "id": "talk" });
    match kind {
        // Everybody may know of a user, and has a list of conversations, be it empty.
        "user" | "online" => (json!({ "kind": kind, "id": "ada" }), |_| true),
        "conversations" => (json!({ "kind": kind }), |_| true),
        "conversation" | "messages" | "participants" | "typing" => (of_talk, participants),
        "participant" => (json!({ "kind": kind, "id": "talk", "user": "ada" }), participants),
        "reactions" => {
            (json!({ "kind": kind, "id": "talk", "message": "$message", "emoji": "👍" }), participants)
        }
        other => panic!("the topic {other} has no row in the table of who is shown what"),
    }
}

/// The table for backends: a body to try a route with. Whoever is a backend of the app may do it; nobody else may.
pub(super) fn backend_row(method: &str, path: &str) -> Value {
    match (method, path) {
        ("GET", "/v1/{app}/users" | "/v1/{app}/users/{user}" | "/v1/{app}/users/{user}/conversations")
        | ("GET", "/v1/{app}/conversations")
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
        ("POST", "/v1/{app}/presences") => json!({ "userIds": ["ada"] }),
        other => panic!("the route {other:?} has no row in the table of who may do what"),
    }
}
