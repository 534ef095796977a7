//! The actions of a client's program.

use causerie_protocol::filter::{ConversationFilter, SimpleConversationFilter};
use causerie_protocol::{MessageId, Topic};

use super::data::{CONVERSATIONS, Data, EMOJI, USERS, conversation, user};
use crate::rng::Rng;

/// The index of the last message of a list.
pub(crate) const LAST: usize = 6;

/// An action. A first number is that of a conversation. A second number is that of a user, or the index of a
/// message in the client's list of that conversation's messages, where [`LAST`] is the last one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Action {
    Send(usize),
    /// Sends two messages in the same millisecond.
    SendTwo(usize),
    Reply(usize, usize),
    Edit(usize, usize),
    Delete(usize, usize),
    React(usize, usize),
    Unreact(usize, usize),
    MarkAsRead(usize),
    MarkAsUnread(usize),
    MarkAsTyping(usize),
    SetSubject(usize),
    Invite(usize, usize),
    Remove(usize, usize),
    Rename,
    /// Opens a handle.
    Open(TopicChoice),
    /// Opens another handle on the topic of the handle at this index.
    OpenAgain(usize),
    /// Ends the handle at this index.
    Unsubscribe(usize),
    /// Loads more of the list at this index, among those that have more if there are any.
    LoadMore(usize, Option<u32>),
    /// Ends all handles and opens one.
    Restart(TopicChoice),
}

impl Action {
    pub(crate) fn draw(rng: &mut Rng, data: &Data) -> Action {
        let mut below = |end: usize| usize::try_from(rng.between(0, end as u64)).unwrap();
        let mut conversation = below(CONVERSATIONS);
        let (message, user, kind) = (below(LAST + 1), below(USERS), below(100));
        if below(8) == 0 {
            conversation = below(data.conversations);
        }
        match kind {
            0..16 => Action::Send(conversation),
            16..22 => Action::SendTwo(conversation),
            22..29 => Action::Reply(conversation, message),
            29..36 => Action::Edit(conversation, message),
            36..40 => Action::Delete(conversation, message),
            40..43 => Action::Delete(conversation, LAST),
            43..47 => Action::React(conversation, message.max(below(LAST + 1))),
            47..48 => Action::Unreact(conversation, message),
            48..50 => Action::MarkAsRead(conversation),
            50 => Action::MarkAsUnread(conversation),
            51..55 => Action::MarkAsTyping(conversation),
            55..57 => Action::SetSubject(conversation),
            57..60 => Action::Rename,
            60..65 => Action::Invite(conversation, user),
            65..68 => Action::Remove(conversation, user),
            68..71 => Action::OpenAgain(below(10)),
            71..82 => Action::Open(TopicChoice::draw(rng, conversation, user, message)),
            82 => Action::Restart(TopicChoice::draw(rng, conversation, user, message)),
            83..88 => Action::Unsubscribe(below(10)),
            _ => Action::LoadMore(below(10), [None, Some(1), Some(2), Some(5)][below(4)]),
        }
    }
}

/// A topic by the numbers of conversations, users and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TopicChoice {
    Messages(usize),
    Conversation(usize),
    Conversations(Option<FilterChoice>),
    Participants(usize),
    Participant(usize, usize),
    /// The reactions to the message at an index, or to the one with the most reactions.
    Reactions(usize, Option<usize>),
    Typing(usize),
    User(usize),
    Online(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilterChoice {
    Unread,
    HasMessages,
    HasNoMessages,
}

impl TopicChoice {
    fn draw(rng: &mut Rng, conversation: usize, user: usize, message: usize) -> Self {
        match rng.between(0, 16) {
            0..4 => TopicChoice::Messages(conversation),
            4 => TopicChoice::Conversation(conversation),
            5..7 => TopicChoice::Conversations(None),
            7 => TopicChoice::Conversations(Some(FilterChoice::Unread)),
            8 if user == 0 => TopicChoice::Conversations(Some(FilterChoice::HasNoMessages)),
            8 => TopicChoice::Conversations(Some(FilterChoice::HasMessages)),
            9 => TopicChoice::Participants(0),
            10 => TopicChoice::Participant(conversation, user),
            11 => TopicChoice::Reactions(0, None),
            12 => TopicChoice::Reactions(conversation, Some(message)),
            13 => TopicChoice::Typing(conversation),
            14 => TopicChoice::User(user),
            _ => TopicChoice::Online(user),
        }
    }

    /// Returns the topic. `message` is the one that a choice of reactions names.
    pub(crate) fn topic(self, message: MessageId) -> Topic {
        match self {
            TopicChoice::Messages(number) => Topic::Messages { id: conversation(number) },
            TopicChoice::Conversation(number) => Topic::Conversation { id: conversation(number) },
            TopicChoice::Conversations(filter) => {
                Topic::Conversations { filter: filter.map(FilterChoice::filter) }
            }
            TopicChoice::Participants(number) => Topic::Participants { id: conversation(number) },
            TopicChoice::Participant(number, other) => {
                Topic::Participant { id: conversation(number), user: user(other) }
            }
            TopicChoice::Reactions(number, _) => {
                Topic::Reactions { id: conversation(number), message, emoji: EMOJI.to_owned() }
            }
            TopicChoice::Typing(number) => Topic::Typing { id: conversation(number) },
            TopicChoice::User(number) => Topic::User { id: user(number) },
            TopicChoice::Online(number) => Topic::Online { id: user(number) },
        }
    }
}

impl FilterChoice {
    fn filter(self) -> ConversationFilter {
        let none = SimpleConversationFilter::default();
        ConversationFilter::Simple(match self {
            FilterChoice::Unread => SimpleConversationFilter { is_unread: Some(true), ..none },
            FilterChoice::HasMessages => SimpleConversationFilter { has_messages: Some(true), ..none },
            FilterChoice::HasNoMessages => SimpleConversationFilter { has_messages: Some(false), ..none },
        })
    }
}
