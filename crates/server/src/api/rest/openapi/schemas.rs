//! The schemas of the bodies.

use causerie_protocol::limits::{
    CONTACTS, CUSTOM_KEYS, NAME_CHARS, ROLE_CHARS, SUBJECT_CHARS, TEXT_CHARS, URL_BYTES, WELCOME_CHARS,
    WELCOME_MESSAGES,
};
use serde_json::{Value, json};

use super::super::batch::CALLS;
use crate::rules::command::{
    MESSAGES_PER_POST, PRESENCES_MAX, PRESENCES_PER_POST, READERS_PER_POST, RECIPIENTS_PER_POST,
    USERS_PER_PUT,
};

/// Refers to a schema by its name.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A text or null, of at most this length.
fn text(length: usize) -> Value {
    json!({ "type": ["string", "null"], "maxLength": length })
}

fn list(name: &str) -> Value {
    json!({ "type": "array", "items": reference(name) })
}

/// A page of a list.
fn page(name: &str) -> Value {
    json!({ "type": "object", "required": ["data"], "properties": { "data": list(name) } })
}

/// An object whose fields are all present.
fn object(properties: &Value) -> Value {
    let required: Vec<&String> = properties.as_object().into_iter().flat_map(serde_json::Map::keys).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

/// All schemas by name.
#[allow(clippy::too_many_lines, reason = "a table")]
pub(super) fn all() -> Value {
    let id = json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$" });
    let time = json!({ "type": "integer", "format": "int64" });
    let strings = json!({ "type": "array", "items": { "type": "string" } });
    let nullable = |kind: &str| json!({ "type": [kind, "null"] });
    let ids = |least: usize, most: usize| json!({ "type": "array", "items": reference("Id"), "minItems": least, "maxItems": most });
    let parts = [
        json!({
            "Id": id,
            "Empty": { "type": "object", "maxProperties": 0 },
            "Failure": object(&json!({ "error": reference("Error") })),
            "Error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": { "type": "string" },
                    "message": { "type": "string" },
                    "field": { "type": "string" },
                    "retryAfter": { "type": "integer", "description": "Milliseconds." },
                },
            },
            "Custom": {
                "type": "object",
                "maxProperties": CUSTOM_KEYS,
                "additionalProperties": { "type": "string" },
            },
            "CustomPatch": {
                "description": "A patch: null deletes a key. An empty array is an empty object.",
                "type": ["object", "array", "null"],
                "maxProperties": CUSTOM_KEYS,
                "maxItems": 0,
                "additionalProperties": { "type": ["string", "null"], "maxLength": 100 },
                "propertyNames": { "minLength": 1, "maxLength": 128 },
            },
            "PostFile": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": { "type": "string", "format": "binary", "description": "The file, with its name and content type." },
                },
                "additionalProperties": false,
            },
            "StoredFile": object(&json!({ "attachmentToken": { "type": "string" } })),
            "App": object(&json!({ "id": { "type": "string" }, "custom": reference("Custom"), "defaultLocale": { "type": "string" } })),
            "PutApp": {
                "type": "object",
                "properties": {
                    "id": { "type": "string", "description": "The id in the path." },
                    "custom": reference("CustomPatch"),
                    "defaultLocale": { "type": "string", "description": "The configured one." },
                },
                "additionalProperties": false,
            },
        }),
        json!({
            "User": object(&json!({
                "id": reference("Id"), "name": { "type": "string" }, "custom": reference("Custom"),
                "locale": { "type": "string" }, "photoUrl": nullable("string"), "role": { "type": "string" },
                "welcomeMessage": nullable("string"), "email": strings, "phone": strings,
                "pushTokens": { "type": "object", "additionalProperties": { "const": true } },
                "createdAt": time, "availabilityText": { "type": "null" },
            })),
            "Users": page("User"),
        }),
        json!({
            "PutUser": {
                "type": "object",
                "description": "A field that is left out is not changed; null or an empty text removes it.",
                "properties": {
                    "name": { "type": "string", "minLength": 1, "maxLength": NAME_CHARS, "pattern": "^[A-Za-z]" },
                    "custom": reference("CustomPatch"),
                    "email": {
                        "anyOf": [
                            { "type": ["string", "null"], "format": "email", "maxLength": 64 },
                            { "type": "array", "maxItems": CONTACTS, "items": { "type": "string", "format": "email" } },
                        ],
                    },
                    "phone": {
                        "anyOf": [
                            { "type": ["string", "null"], "pattern": "^\\+?[0-9]{3,20}$" },
                            { "type": "array", "maxItems": CONTACTS, "items": { "type": "string", "pattern": "^\\+?[0-9]{3,20}$" } },
                        ],
                    },
                    "locale": { "type": ["string", "null"], "pattern": "^[a-z]{2}(-[A-Z]{2})?$" },
                    "photoUrl": text(URL_BYTES / 4),
                    "role": { "type": ["string", "null"], "maxLength": ROLE_CHARS, "pattern": "^[A-Za-z]" },
                    "welcomeMessage": { "type": ["string", "null"], "maxLength": WELCOME_CHARS, "pattern": "^[A-Za-z]" },
                    "pushTokens": {
                        "type": ["object", "null"],
                        "maxProperties": 50,
                        "propertyNames": { "pattern": "^(fcm|apns):[A-Za-z0-9]{1,100}$" },
                        "additionalProperties": { "enum": [true, null] },
                    },
                },
            },
            "PutUsers": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": USERS_PER_PUT,
                "propertyNames": reference("Id"),
                "additionalProperties": reference("PutUser"),
            },
            "Revocation": {
                "type": "object",
                "properties": { "before": { "type": ["integer", "null"], "format": "int64", "minimum": 0 } },
            },
            "Sessions": list("Session"),
            "Session": object(&json!({ "currentConversationId": nullable("string"), "isTyping": { "type": "boolean" } })),
        }),
        json!({
            "PostPresences": {
                "type": "object",
                "properties": {
                    "userIds": { "anyOf": [ids(1, PRESENCES_PER_POST), { "type": "null" }] },
                    "connectionStatus": { "enum": ["online", "offline", null] },
                    "isTyping": nullable("boolean"),
                    "includeBackgroundSessions": nullable("boolean"),
                    "limit": { "type": ["integer", "null"], "minimum": 1, "maximum": PRESENCES_MAX },
                    "startingAfter": nullable("string"),
                },
                "additionalProperties": false,
            },
            "Presences": object(&json!({ "data": { "type": "object", "additionalProperties": reference("Presence") } })),
            "Presence": object(&json!({
                "status": { "enum": ["online", "offline"] }, "backgroundSessions": { "type": "array", "maxItems": 0 },
                "widgets": list("Widget"),
            })),
            "Widget": object(&json!({
                "selectedConversationId": nullable("string"), "custom": reference("Custom"), "isTyping": { "type": "boolean" },
            })),
            "Access": { "enum": ["Read", "ReadWrite"] },
            "Notify": { "enum": [true, false, "MentionsOnly"] },
            "Participant": object(&json!({
                "access": reference("Access"), "notify": reference("Notify"), "isUnread": { "type": "boolean" },
            })),
        }),
        json!({
            "Conversation": {
                "type": "object",
                "required": [
                    "id", "subject", "photoUrl", "welcomeMessages", "custom", "createdAt", "participants", "lastMessage",
                    "topicId",
                ],
                "properties": {
                    "id": reference("Id"), "subject": nullable("string"), "photoUrl": nullable("string"),
                    "welcomeMessages": strings, "custom": reference("Custom"), "createdAt": time,
                    "participants": { "type": "object", "additionalProperties": reference("Participant") },
                    "lastMessage": { "anyOf": [reference("Message"), { "type": "null" }] },
                    "topicId": { "type": "null" },
                    "unreadMessageCount": { "type": "integer", "description": "Only in the list of a user." },
                    "isUnread": { "type": "boolean", "description": "Only in the list of a user." },
                },
            },
            "Conversations": page("Conversation"),
            "PutConversation": {
                "type": "object",
                "properties": {
                    "participants": { "anyOf": [ids(0, 100), { "type": "null" }] },
                    "subject": { "type": ["string", "null"], "maxLength": SUBJECT_CHARS, "pattern": "^[A-Za-z]" },
                    "photoUrl": text(URL_BYTES / 4),
                    "welcomeMessages": {
                        "type": ["array", "null"],
                        "maxItems": WELCOME_MESSAGES,
                        "items": { "type": "string", "maxLength": 200, "pattern": "^[A-Za-z]" },
                    },
                    "custom": reference("CustomPatch"),
                },
            },
            "PutParticipant": {
                "type": "object",
                "properties": {
                    "access": { "enum": ["None", "Read", "ReadWrite", null] },
                    "notify": { "enum": [true, false, "MentionsOnly", null] },
                },
            },
        }),
        json!({
            "PostNotifications": {
                "type": "object",
                "required": ["channels"],
                "properties": {
                    "channels": { "type": "array", "minItems": 1, "maxItems": 3, "items": { "enum": ["email", "sms", "push"] } },
                    "recipients": { "anyOf": [ids(1, RECIPIENTS_PER_POST), { "type": "null" }] },
                },
                "additionalProperties": false,
            },
            "Content": {
                "type": "array",
                "minItems": 1,
                "maxItems": 1,
                "items": {
                    "type": "object",
                    "required": ["type"],
                    "properties": { "type": { "enum": ["text", "location", "file"] } },
                },
            },
        }),
        json!({
            "Message": object(&json!({
                "id": reference("Id"), "conversationId": reference("Id"),
                "type": { "enum": ["UserMessage", "SystemMessage"] }, "senderId": nullable("string"),
                "text": { "type": "string" }, "content": reference("Content"), "custom": reference("Custom"),
                "createdAt": time, "editedAt": nullable("integer"), "referencedMessageId": nullable("string"),
                "origin": { "enum": ["web", "rest", "import", "email"] }, "reactions": list("Reaction"),
                "readBy": strings,
                "location": { "type": ["array", "null"], "minItems": 2, "maxItems": 2, "items": { "type": "number" } },
                "attachment": { "anyOf": [reference("Attachment"), { "type": "null" }] },
            })),
            "Messages": page("Message"),
            "Reaction": object(&json!({ "emoji": { "type": "string" }, "count": { "type": "integer", "minimum": 1 } })),
            "Attachment": {
                "type": "object",
                "required": ["url", "size"],
                "properties": { "url": { "type": "string" }, "size": { "type": "integer" } },
            },
            "PostMessages": { "type": "array", "minItems": 1, "maxItems": MESSAGES_PER_POST, "items": reference("PostMessage") },
        }),
        json!({
            "PostMessage": {
                "type": "object",
                "description": "A UserMessage has a sender, a SystemMessage has none. Either text, content or attachmentToken.",
                "required": ["type"],
                "properties": {
                    "type": { "enum": ["UserMessage", "SystemMessage"] },
                    "sender": reference("Id"),
                    "text": { "type": "string", "minLength": 1, "maxLength": TEXT_CHARS },
                    "content": reference("Content"),
                    "attachmentToken": { "type": "string", "description": "Of a file that postFile stored." },
                    "referencedMessageId": reference("Id"),
                    "custom": reference("Custom"),
                    "idempotencyKey": reference("Id"),
                },
            },
            "SentMessages": list("SentMessage"),
            "SentMessage": object(&json!({ "id": reference("Id") })),
            "PutMessage": {
                "type": "object",
                "properties": {
                    "text": { "type": "string", "minLength": 1, "maxLength": TEXT_CHARS },
                    "content": reference("Content"),
                    "custom": reference("CustomPatch"),
                },
            },
            "PostReaders": {
                "anyOf": [ids(1, READERS_PER_POST), object(&json!({ "userIds": ids(1, READERS_PER_POST) }))],
            },
            "ImportMessages": { "type": "array", "minItems": 1, "maxItems": MESSAGES_PER_POST, "items": reference("ImportMessage") },
        }),
        json!({
            "ImportMessage": {
                "type": "object",
                "required": ["sender", "timestamp"],
                "properties": {
                    "type": { "const": "UserMessage" },
                    "sender": reference("Id"),
                    "text": { "type": "string", "minLength": 1, "maxLength": TEXT_CHARS },
                    "content": reference("Content"),
                    "timestamp": { "type": "integer", "format": "int64", "minimum": 0 },
                    "readBy": ids(0, READERS_PER_POST),
                    "custom": reference("Custom"),
                },
            },
            "Events": page("Event"),
            "Event": object(&json!({
                "key": { "type": "string" }, "id": { "type": "string" }, "type": { "type": "string" },
                "url": { "type": "string" }, "since": time, "attempts": { "type": "integer" },
                "due": nullable("integer"), "error": nullable("string"),
            })),
            "ReplayEvents": {
                "type": "object",
                "properties": { "id": nullable("string") },
                "additionalProperties": false,
            },
            "Replayed": object(&json!({ "replayed": { "type": "integer" } })),
        }),
        json!({
            "Batch": { "type": "array", "minItems": 1, "maxItems": CALLS, "items": reference("BatchCall") },
            "BatchCall": {
                "description": "The number, the method, the path below the app, the payload and options.",
                "type": "array",
                "minItems": 3,
                "maxItems": 5,
                "prefixItems": [{ "type": ["integer", "string"] }, { "type": "string" }, { "type": "string" }, {}, { "type": "object" }],
            },
            "BatchResult": {
                "type": "array",
                "items": {
                    "type": "array",
                    "minItems": 3,
                    "maxItems": 3,
                },
            },
        }),
    ];
    let all = parts.into_iter().filter_map(|part| match part {
        Value::Object(schemas) => Some(schemas),
        _ => None,
    });
    all.flatten().collect::<serde_json::Map<_, _>>().into()
}
