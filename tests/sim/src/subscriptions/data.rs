//! The users and conversations that exist when a run begins.

use causerie_protocol::{ConversationId, MessageId, UserId};
use serde_json::{Value, json};

use super::connections::{Connections, Login};

/// The users with clients.
pub(crate) const USERS: usize = 3;
/// The conversations in which most happens.
pub(crate) const CONVERSATIONS: usize = 2;
/// The number of entries of the list that is longer than a page.
const MANY_MESSAGES: usize = 42;
const MANY_OTHERS: usize = 14;
const MANY_CONVERSATIONS: usize = 26;

pub(crate) fn user(number: usize) -> UserId {
    UserId::new(["p", &number.to_string()].concat()).unwrap()
}

pub(crate) fn conversation(number: usize) -> ConversationId {
    ConversationId::new(["c", &number.to_string()].concat()).unwrap()
}

/// The list that is longer than a page in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LongList {
    Messages,
    Participants,
    Reactions,
    Conversations,
}

impl LongList {
    pub(crate) const ALL: [LongList; 4] =
        [LongList::Messages, LongList::Participants, LongList::Reactions, LongList::Conversations];
}

/// What exists.
#[derive(Clone, Debug)]
pub(crate) struct Data {
    /// The number of conversations.
    pub(crate) conversations: usize,
    /// A message with reactions in the first conversation.
    pub(crate) reacted: MessageId,
}

/// Creates the users and the conversations. All users are in all conversations, and so is the observer, who
/// is returned.
pub(crate) fn create(server: &mut Connections, long: LongList) -> (Login, Data) {
    let mut observer = server.log_in("observer", "observer", 0);
    let others = match long {
        LongList::Participants | LongList::Reactions => MANY_OTHERS,
        LongList::Messages | LongList::Conversations => 0,
    };
    let conversations = if long == LongList::Conversations { MANY_CONVERSATIONS } else { CONVERSATIONS + 1 };
    let users: Vec<String> = (0..USERS).map(|number| user(number).as_str().to_owned()).collect();
    let others: Vec<String> = (0..others).map(|number| format!("q{number}")).collect();
    for id in users.iter().chain(&others).map(String::as_str).chain(["observer"]) {
        observer.write("user.set", json!({ "user": id, "data": { "name": id } }));
    }
    for number in 0..conversations {
        let id = conversation(number).as_str().to_owned();
        observer.write("conversation.createIfNotExists", json!({ "conversation": id, "data": {} }));
        for user in users.iter().chain(others.iter().filter(|_| number == 0)) {
            let params = json!({ "conversation": id, "user": user, "data": {} });
            observer.write("participant.createIfNotExists", params);
        }
        observer.finish(server);
        server.advance_clock(1);
    }
    let mut reacted = None;
    for number in 0..if long == LongList::Messages { MANY_MESSAGES } else { 2 } {
        let data = json!({ "text": format!("old text {number}") });
        observer.write("message.send", json!({ "conversation": "c0", "data": data }));
        reacted = observer.finish(server).pop();
        server.advance_clock(u64::from(number % 2 == 0));
    }
    let reacted = reacted.as_ref().and_then(Value::as_str).expect("the message's id").to_owned();
    for other in &others {
        let mut login = server.log_in(other, other, 0);
        let params = json!({ "conversation": "c0", "message": reacted, "emoji": EMOJI });
        login.write("reaction.add", params);
        login.finish(server);
        server.advance_clock(1);
    }
    (observer, Data { conversations, reacted: MessageId::new(reacted).unwrap() })
}

/// The emoji of all reactions.
pub(crate) const EMOJI: &str = "👍";
