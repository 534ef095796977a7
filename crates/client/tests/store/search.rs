//! The results of searches.

use causerie_client::store::snapshots;
use causerie_protocol::{Entities, TopicKind};
use serde_json::{Value, json};

fn entities() -> Entities<Value> {
    let message = |id: &str, conversation: &str| json!({ "id": id, "conversation": conversation, "sender": "ada", "createdAt": 1, "plaintext": conversation });
    Entities {
        users: vec![json!({ "id": "ada", "name": "Ada" })],
        conversations: vec![
            json!({ "id": "c", "subject": "C", "lastMessage": "m" }),
            json!({ "id": "d", "subject": "D" }),
        ],
        // Ids of messages are unique in their conversation only.
        messages: vec![message("m", "c"), message("m", "d")],
    }
}

#[test]
fn found_messages_are_joined_with_their_own_conversation() {
    let found = ["d", "c"].map(|id| json!({ "conversation": id, "message": "m" }));
    let list = snapshots(TopicKind::Messages, found.to_vec(), entities());
    let fields = |value: &Value| {
        let (message, conversation) = (&value["message"], &value["conversation"]);
        [&message["plaintext"], &message["sender"]["name"], &conversation["subject"]].map(Value::clone)
    };
    let results: Vec<_> = list.parts().iter().map(|result| fields(result.value())).collect();
    assert_eq!(results, [["d", "Ada", "D"], ["c", "Ada", "C"]].map(|result| result.map(Value::from)));
    let conversation = &list.parts()[1].value()["conversation"];
    assert_eq!(conversation["lastMessage"]["plaintext"], "c");
}

#[test]
fn found_conversations_are_snapshots_of_conversations() {
    let found = ["c", "unknown", "d"].map(|id| json!({ "conversation": id }));
    let list = snapshots(TopicKind::Conversations, found.to_vec(), entities());
    let ids: Vec<_> = list.parts().iter().map(|result| result.value()["id"].clone()).collect();
    assert_eq!(ids, ["c", "d"]);
    assert_eq!(list.parts()[0].value()["lastMessage"]["id"], "m");
}

#[test]
fn a_found_message_without_a_body_is_left_out() {
    let found = vec![
        json!({ "conversation": "c", "message": "gone" }),
        json!({ "conversation": "c", "message": "m" }),
    ];
    let list = snapshots(TopicKind::Messages, found, entities());
    assert_eq!(list.parts().len(), 1);
}
