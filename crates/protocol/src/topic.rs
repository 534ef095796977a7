//! Topics: the queries that a client can subscribe to.
//!
//! The server sends the result of a topic completely and then keeps it up to date. Changes in a conversation
//! are numbered without gaps within an epoch, in the transaction that makes them. A client that resumes a
//! subscription sends its position and gets either the missing changes or a reset, never a guess.
//!
//! To add a topic: add an entry to the list below, implement it in the server's `rules/topics`, and use it in
//! the binding. The tests then ask for a golden frame, for the type in `tests/types/wire.d.ts`, and for the
//! table in `docs/protocol.md`, which `UPDATE_DOCS=1 cargo test -p causerie-protocol` writes.

use serde::Serialize;

use crate::error::ErrorBody;
use crate::filter::ConversationFilter;
use crate::ids::{ConversationId, MessageId, UserId};
use crate::limits::{self, PageSizes};
pub use crate::subscription::{Change, Cursor, Listing, Position, Window};
use crate::validation;

/// The list of topics. Each entry has a description, the kind on the wire, and the variant with its fields. A
/// list also has its page sizes and its order. `check` is an expression over the fields. `fields` names the
/// fields of all kinds.
macro_rules! for_each_topic {
    ($callback:ident) => {
        $callback! {
            fields: id user message emoji filter;

            /// The public data of a user. The value is the user's id.
            "user" User { id: UserId }
            /// The online status of a user. The value has `user` (an id) and `isConnected`.
            "online" Online { id: UserId }
            /// A conversation as the caller sees it. The value is the conversation's id.
            "conversation" Conversation { id: ConversationId }
            /// The caller's own conversations that match the filter; without a filter, all of them. The
            /// entries are ids.
            "conversations" Conversations { filter: Option<ConversationFilter> = "Option::is_none" }
                list(CONVERSATIONS, "`joinedAt` or the last message's `createdAt`, the later one; newest first")
                check(filter.as_ref().map_or(Ok(()), ConversationFilter::check))
            /// The messages of a conversation. The entries are ids.
            "messages" Messages { id: ConversationId }
                list(MESSAGES, "`createdAt`, newest first")
            /// The participants of a conversation. The entries are participants.
            "participants" Participants { id: ConversationId }
                list(PARTICIPANTS, "`joinedAt`, newest first")
            /// One participant of a conversation. The value is the participant.
            "participant" Participant { id: ConversationId, user: UserId }
            /// The users who are typing in a conversation, except the caller. The value has `users` (ids, the
            /// user who started first at the front) or `many: true`.
            "typing" Typing { id: ConversationId }
            /// The reactions to a message with one emoji. The entries are reactions.
            "reactions" Reactions { id: ConversationId, message: MessageId, emoji: String }
                list(REACTIONS, "`createdAt`, oldest first")
                check(validation::check_emoji("emoji", emoji))
        }
    };
}
#[cfg(feature = "decode")]
pub(crate) use for_each_topic;

macro_rules! define_topics {
    (
        fields: $($names:ident)*;
        $(
            $(#[doc = $doc:literal])+
            $name:literal $variant:ident { $( $field:ident: $type:ty $(= $skip_if:literal)? ),* }
            $( list($sizes:ident, $order:literal) )?
            $( check($check:expr) )?
        )*
    ) => {
        /// The kinds of topic, for a client that holds the fields in another form than [`Topic`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum TopicKind { $( $(#[doc = $doc])+ $variant, )* }

        impl TopicKind {
            /// Returns the kind on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $( TopicKind::$variant => $name, )* }
            }

            /// Returns the page sizes, if the topic is a list.
            #[must_use]
            pub const fn page_sizes(self) -> Option<PageSizes> {
                match self { $( TopicKind::$variant => first!($( limits::$sizes )?), )* }
            }
        }

        /// A query that can be subscribed to. If the topic belongs to a conversation, `id` is the
        /// conversation's id.
        ///
        /// ```
        /// use causerie_protocol::{ConversationId, Topic};
        ///
        /// let topic = Topic::Messages { id: ConversationId::new("order-391")? };
        /// assert_eq!(topic.kind(), "messages");
        /// assert_eq!(topic.page_sizes().map(|sizes| sizes.initial), Some(30));
        /// # Ok::<(), causerie_protocol::ErrorBody>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(tag = "kind", rename_all = "camelCase")]
        pub enum Topic { $(
            $(#[doc = $doc])+
            #[allow(missing_docs, reason = "the description of the topic covers its fields")]
            $variant { $( $(#[serde(skip_serializing_if = $skip_if)])? $field: $type ),* },
        )* }

        impl Topic {
            /// The kinds of topic on the wire, in the order of the documentation.
            pub const KINDS: &'static [&'static str] = &[ $( $name, )* ];

            /// The descriptions of all topics, in the order of the documentation.
            pub const INFO: &'static [TopicInfo] = &[ $( TopicInfo {
                kind: $name,
                fields: &[ $( stringify!($field) ),* ],
                list: first!($( (limits::$sizes, $order) )?),
                description: concat!($($doc),+).trim_ascii(),
            }, )* ];

            /// Returns the kind on the wire.
            #[must_use]
            pub const fn kind(&self) -> &'static str {
                self.topic_kind().as_str()
            }

            /// Returns the kind of the topic.
            #[must_use]
            pub const fn topic_kind(&self) -> TopicKind {
                match self { $( Topic::$variant { .. } => TopicKind::$variant, )* }
            }

            /// Returns the page sizes, if the topic is a list.
            #[must_use]
            pub const fn page_sizes(&self) -> Option<PageSizes> {
                self.topic_kind().page_sizes()
            }

            #[allow(unused_variables, reason = "most topics need no check of their fields")]
            fn check_fields(&self) -> Result<(), ErrorBody> {
                match self { $( Topic::$variant { $($field),* } => { $( $check?; )? } )* }
                Ok(())
            }
        }
    };
}

/// `Some` of the expression, or `None` without one.
macro_rules! first {
    () => {
        None
    };
    ($value:expr) => {
        Some($value)
    };
}

for_each_topic!(define_topics);

/// The description of a kind of topic, for the documentation.
#[derive(Clone, Copy, Debug)]
pub struct TopicInfo {
    /// The kind on the wire.
    pub kind: &'static str,
    /// The names of the fields besides `kind`.
    pub fields: &'static [&'static str],
    /// The page sizes and the order of a list; `None` for a single value.
    pub list: Option<(PageSizes, &'static str)>,
    /// The meaning of the topic and the form of its value.
    pub description: &'static str,
}

impl Topic {
    /// Checks the fields, and the window over a list.
    ///
    /// # Errors
    /// `invalid_argument` with the field's name.
    pub fn check(&self, window: Option<Window>) -> Result<(), ErrorBody> {
        self.check_fields()?;
        match (window, self.page_sizes()) {
            (None, _) => Ok(()),
            (Some(window), Some(_)) => validation::check_count("window.limit", window.limit, limits::WINDOW),
            (Some(_), None) => Err(ErrorBody::invalid("window", "must be absent: the topic is not a list")),
        }
    }
}
