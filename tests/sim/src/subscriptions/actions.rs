//! The actions of a client's program.

use causerie_protocol::{ConversationId, Topic, UserId};

use crate::rng::Rng;

pub(crate) const USERS: usize = 3;
pub(crate) const CONVERSATIONS: usize = 2;

pub(crate) fn user(number: usize) -> UserId {
    UserId::new(["p", &number.to_string()].concat()).unwrap()
}

pub(crate) fn conversation(number: usize) -> ConversationId {
    ConversationId::new(["c", &number.to_string()].concat()).unwrap()
}

/// An action. A first number is that of a conversation. A second number is that of a user, or the index of a
/// message in the client's list of that conversation's messages.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Send(usize),
    Reply(usize, usize),
    Edit(usize, usize),
    Delete(usize, usize),
    React(usize, usize),
    MarkAsRead(usize),
    Invite(usize, usize),
    Remove(usize, usize),
    Rename,
    Subscribe(TopicChoice, Option<u32>),
    /// Ends the subscription at this index.
    Unsubscribe(usize),
    /// Loads more of the list of the subscription at this index.
    LoadMore(usize),
}

impl Action {
    pub(crate) fn draw(rng: &mut Rng) -> Action {
        let mut below = |end: usize| usize::try_from(rng.between(0, end as u64)).unwrap();
        let (conversation, message) = (below(CONVERSATIONS), below(6));
        let (user, kind) = (below(USERS), below(100));
        let limit = [None, Some(3), Some(8)][below(3)];
        match kind {
            0..30 => Action::Send(conversation),
            30..36 => Action::Reply(conversation, message),
            36..46 => Action::Edit(conversation, message),
            46..53 => Action::Delete(conversation, message),
            53..57 => Action::React(conversation, message),
            57..59 => Action::MarkAsRead(conversation),
            59..61 => Action::Rename,
            61..68 => Action::Invite(conversation, user),
            68..72 => Action::Remove(conversation, user),
            72..82 => Action::Subscribe(TopicChoice::Messages(conversation), limit),
            82..85 => Action::Subscribe(TopicChoice::Conversation(conversation), None),
            85..87 => Action::Subscribe(TopicChoice::Participants(conversation), None),
            87 => Action::Subscribe(TopicChoice::Participant(conversation, user), None),
            88 => Action::Subscribe(TopicChoice::User(user), None),
            89..91 => Action::Subscribe(TopicChoice::Conversations, None),
            91..94 => Action::Unsubscribe(below(6)),
            _ => Action::LoadMore(below(4)),
        }
    }
}

/// A topic by the numbers of conversations and users.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TopicChoice {
    Messages(usize),
    Conversation(usize),
    Participants(usize),
    Participant(usize, usize),
    User(usize),
    Conversations,
}

impl TopicChoice {
    pub(crate) fn topic(self) -> Topic {
        match self {
            TopicChoice::Messages(number) => Topic::Messages { id: conversation(number) },
            TopicChoice::Conversation(number) => Topic::Conversation { id: conversation(number) },
            TopicChoice::Participants(number) => Topic::Participants { id: conversation(number) },
            TopicChoice::Participant(number, other) => {
                Topic::Participant { id: conversation(number), user: user(other) }
            }
            TopicChoice::User(number) => Topic::User { id: user(number) },
            TopicChoice::Conversations => Topic::Conversations { filter: None },
        }
    }
}
