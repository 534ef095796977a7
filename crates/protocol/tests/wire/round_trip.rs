//! Properties of the decoder: encoding and decoding any frame gives the same frame, and no text makes it
//! panic.

use std::collections::BTreeMap;

use causerie_protocol::content::{ContentBlock, TextNode};
use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::entities::{Access, Notify};
use causerie_protocol::frames::Subscribe;
use causerie_protocol::frames::{Hello, Welcome};
use causerie_protocol::http::{Batch, BatchResults, Failure};
use causerie_protocol::params::Strings;
use causerie_protocol::search::{Search, SearchCursor, SearchFilters};
use causerie_protocol::topic::{Cursor, Position, Topic, Window};
use causerie_protocol::{
    ClientFrame, ClientId, ConversationId, CreateConversation, CreateParticipant, CreateUser, EditMessage,
    Entities, ErrorBody, ErrorCode, IdempotencyKey, MessageId, Op, Outcome, Patch, Request, SendMessage,
    ServerFrame, SetConversation, SetParticipant, SetUser, UserId,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

fn id() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{1,40}".prop_filter("an id", |id| UserId::new(id.as_str()).is_ok())
}

fn user() -> impl Strategy<Value = UserId> {
    id().prop_map(|id| UserId::new(id).unwrap())
}

fn conversation() -> impl Strategy<Value = ConversationId> {
    id().prop_map(|id| ConversationId::new(id).unwrap())
}

fn client() -> impl Strategy<Value = ClientId> {
    id().prop_map(|id| ClientId::new(id).unwrap())
}

fn text() -> impl Strategy<Value = String> {
    any::<String>()
}

fn strings() -> impl Strategy<Value = Strings> {
    vec(text(), 0..4).prop_map(Strings)
}

fn patch<T: std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Patch<T>> {
    option::of(option::of(value)).prop_map(|patch| match patch {
        None => Patch::Keep,
        Some(None) => Patch::Clear,
        Some(Some(value)) => Patch::Set(value),
    })
}

fn set_user() -> BoxedStrategy<SetUser> {
    let texts = (patch(text()), patch(text()), patch(text()), patch(text()), patch(text()));
    let custom = patch(btree_map(text(), option::of(text()), 0..4));
    let tokens = patch(btree_map(text(), option::of(any::<bool>()), 0..4));
    (texts, custom, tokens, patch(strings()), patch(strings()))
        .prop_map(|((name, locale, photo_url, role, welcome_message), custom, push_tokens, email, phone)| {
            SetUser { name, custom, email, phone, locale, photo_url, push_tokens, role, welcome_message }
        })
        .boxed()
}

fn create_user() -> BoxedStrategy<CreateUser> {
    let texts =
        (option::of(text()), option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    let custom = option::of(btree_map(text(), text(), 0..4));
    let tokens = option::of(btree_map(text(), any::<bool>(), 0..4));
    (texts, custom, tokens, option::of(strings()), option::of(strings()))
        .prop_map(|((name, locale, photo_url, role, welcome_message), custom, push_tokens, email, phone)| {
            CreateUser { name, custom, email, phone, locale, photo_url, push_tokens, role, welcome_message }
        })
        .boxed()
}

fn message() -> impl Strategy<Value = MessageId> {
    id().prop_map(|id| MessageId::new(id).unwrap())
}

fn access() -> impl Strategy<Value = Access> {
    prop_oneof![Just(Access::Read), Just(Access::ReadWrite)]
}

fn notify() -> impl Strategy<Value = Notify> {
    prop_oneof![Just(Notify::Never), Just(Notify::Always), Just(Notify::MentionsOnly)]
}

fn set_conversation() -> BoxedStrategy<SetConversation> {
    let custom = patch(btree_map(text(), option::of(text()), 0..4));
    (patch(text()), patch(text()), patch(vec(text(), 0..3)), custom, patch(access()), patch(notify()))
        .prop_map(|(subject, photo_url, welcome_messages, custom, access, notify)| SetConversation {
            subject,
            photo_url,
            welcome_messages,
            custom,
            access,
            notify,
        })
        .boxed()
}

fn create_conversation() -> BoxedStrategy<CreateConversation> {
    let custom = option::of(btree_map(text(), text(), 0..4));
    let welcome = option::of(vec(text(), 0..3));
    (option::of(text()), option::of(text()), welcome, custom, option::of(access()), option::of(notify()))
        .prop_map(|(subject, photo_url, welcome_messages, custom, access, notify)| CreateConversation {
            subject,
            photo_url,
            welcome_messages,
            custom,
            access,
            notify,
        })
        .boxed()
}

fn content() -> impl Strategy<Value = Option<Vec<ContentBlock>>> {
    let text =
        vec(text().prop_map(TextNode::Plain), 0..3).prop_map(|children| ContentBlock::Text { children });
    let location = (-90.0..90.0, -180.0..180.0)
        .prop_map(|(latitude, longitude)| ContentBlock::Location { latitude, longitude });
    option::of(vec(prop_oneof![text, location], 0..3))
}

fn send_message() -> BoxedStrategy<SendMessage> {
    (option::of(text()), content(), option::of(btree_map(text(), text(), 0..4)), option::of(message()))
        .prop_map(|(text, content, custom, referenced_message)| SendMessage {
            text,
            content,
            custom,
            referenced_message,
        })
        .boxed()
}

fn edit_message() -> BoxedStrategy<EditMessage> {
    (option::of(text()), content(), patch(btree_map(text(), option::of(text()), 0..4)))
        .prop_map(|(text, content, custom)| EditMessage { text, content, custom })
        .boxed()
}

fn cursor() -> impl Strategy<Value = Cursor> {
    (any::<i64>(), text()).prop_map(|(at, id)| Cursor { at, id })
}

fn search() -> BoxedStrategy<Search> {
    let after = option::of((option::of(cursor()), option::of(cursor())));
    // Filters have tests of their own.
    (text(), any::<u32>(), after)
        .prop_map(|(query, limit, after)| {
            let filters = SearchFilters::default();
            let after = after.map(|(message, conversation)| SearchCursor { message, conversation });
            Search { query, filters, limit, after }
        })
        .boxed()
}

fn op() -> BoxedStrategy<Op> {
    let of_conversations = prop_oneof![
        (conversation(), set_conversation())
            .prop_map(|(conversation, data)| Op::ConversationSet { conversation, data }),
        (conversation(), create_conversation())
            .prop_map(|(conversation, data)| Op::ConversationCreateIfNotExists { conversation, data }),
        conversation().prop_map(|conversation| Op::ConversationMarkAsRead { conversation }),
        conversation().prop_map(|conversation| Op::ConversationMarkAsUnread { conversation }),
        conversation().prop_map(|conversation| Op::ConversationMarkAsTyping { conversation }),
    ]
    .boxed();
    let set =
        (patch(access()), patch(notify())).prop_map(|(access, notify)| SetParticipant { access, notify });
    let create = (option::of(access()), option::of(notify()))
        .prop_map(|(access, notify)| CreateParticipant { access, notify });
    let of_participants = (conversation(), user(), set, create, 0..5)
        .prop_map(|(conversation, user, set, create, which)| match which {
            0 => Op::ParticipantGet { conversation, user },
            1 => Op::ParticipantSet { conversation, user, data: set },
            2 => Op::ParticipantEdit { conversation, user, data: set },
            3 => Op::ParticipantCreateIfNotExists { conversation, user, data: create },
            _ => Op::ParticipantDelete { conversation, user },
        })
        .boxed();
    let of_messages = (conversation(), message(), send_message(), edit_message(), text(), 0..8)
        .prop_map(|(conversation, message, send, edit, emoji, which)| match which {
            0 => Op::MessageGet { conversation, message },
            1 => Op::MessageSend { conversation, data: send },
            2 => Op::MessageEdit { conversation, message, data: edit },
            3 => Op::MessageDelete { conversation, message },
            4 => Op::ReactionAdd { conversation, message, emoji },
            5 => Op::MessageTranslate { conversation, message, language: emoji },
            6 => Op::ReactionRemove { conversation, message, emoji },
            _ => Op::ReactionList { conversation, message, emoji },
        })
        .boxed();
    let more = (topic(), any::<i64>(), text(), any::<u32>())
        .prop_map(|(topic, at, id, limit)| Op::More { topic, after: Cursor { at, id }, limit })
        .boxed();
    let searches = (search(), any::<bool>()).prop_map(|(data, messages)| {
        if messages { Op::SearchMessages { data } } else { Op::SearchConversations { data } }
    });
    prop_oneof![
        of_conversations,
        of_participants,
        of_messages,
        more,
        searches,
        user().prop_map(|user| Op::UserGet { user }),
        (user(), set_user()).prop_map(|(user, data)| Op::UserSet { user, data }),
        (user(), create_user()).prop_map(|(user, data)| Op::UserCreateIfNotExists { user, data }),
        conversation().prop_map(|conversation| Op::ConversationGet { conversation }),
    ]
    .boxed()
}

fn request() -> impl Strategy<Value = Request> {
    (any::<u32>(), option::of(id()), op()).prop_map(|(id, key, op)| Request {
        id,
        key: key.map(|key| IdempotencyKey::new(key).unwrap()),
        op,
    })
}

fn position() -> impl Strategy<Value = Position> {
    (text(), any::<u64>()).prop_map(|(epoch, seq)| Position { epoch, seq })
}

/// Topics without filters, which have tests of their own.
fn topic() -> impl Strategy<Value = Topic> {
    prop_oneof![
        user().prop_map(|id| Topic::User { id }),
        user().prop_map(|id| Topic::Online { id }),
        conversation().prop_map(|id| Topic::Conversation { id }),
        Just(Topic::Conversations { filter: None }),
        conversation().prop_map(|id| Topic::Messages { id }),
        conversation().prop_map(|id| Topic::Participants { id }),
        (conversation(), user()).prop_map(|(id, user)| Topic::Participant { id, user }),
        conversation().prop_map(|id| Topic::Typing { id }),
        (conversation(), message(), "\\PC{1,20}[a-z]").prop_map(|(id, message, emoji)| Topic::Reactions {
            id,
            message,
            emoji
        }),
    ]
}

fn subscribe() -> impl Strategy<Value = Subscribe> {
    (any::<u32>(), topic(), option::of(1_u32..=1_000), option::of(position())).prop_map(
        |(id, topic, limit, from)| {
            let window = limit.filter(|_| topic.page_sizes().is_some()).map(|limit| Window { limit });
            Subscribe { id, topic, window, from }
        },
    )
}

fn client_frame() -> impl Strategy<Value = ClientFrame> {
    prop_oneof![
        (
            (user(), client(), option::of(text())),
            (option::of("[^\\p{Cc}]{0,20}"), option::of(any::<u32>()), option::of(any::<u32>()))
        )
            .prop_map(|((user, client, token), (sdk, keeps_bodies, generation))| {
                ClientFrame::Hello(Hello { user, client, token, sdk, keeps_bodies, generation })
            }),
        request().prop_map(ClientFrame::Request),
        text().prop_map(|token| ClientFrame::Auth { token }),
        subscribe().prop_map(ClientFrame::Subscribe),
        any::<u32>().prop_map(|id| ClientFrame::Unsubscribe { id }),
        Just(ClientFrame::Ping),
    ]
}

/// Any JSON value except null, which is the same as no value.
fn body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from)
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            vec(prop_oneof![inner.clone(), Just(Value::Null)], 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn entities() -> impl Strategy<Value = Entities<Value>> {
    (vec(body(), 0..3), vec(body(), 0..3), vec(body(), 0..3))
        .prop_map(|(users, conversations, messages)| Entities { users, conversations, messages })
}

fn error() -> impl Strategy<Value = ErrorBody> {
    (proptest::sample::select(ErrorCode::ALL), text(), option::of(text()), option::of(any::<u32>()))
        .prop_map(|(code, message, field, retry_after)| ErrorBody { code, message, field, retry_after })
}

fn outcome() -> impl Strategy<Value = Outcome<Value>> {
    prop_oneof![
        (any::<u32>(), option::of(body()), entities())
            .prop_map(|(id, value, entities)| Outcome::ok(id, value, entities)),
        (any::<u32>(), error()).prop_map(|(id, error)| Outcome::failed(id, error)),
    ]
}

fn server_frame() -> impl Strategy<Value = ServerFrame<Value>> {
    let welcome = (any::<u32>(), text(), any::<i64>(), any::<u32>(), option::of(any::<u64>())).prop_map(
        |(protocol, epoch, time, ping_interval, token_expires_in)| {
            ServerFrame::Welcome(Welcome { protocol, epoch, time, ping_interval, token_expires_in })
        },
    );
    prop_oneof![
        welcome,
        option::of(any::<u64>()).prop_map(|token_expires_in| ServerFrame::Authenticated { token_expires_in }),
        outcome().prop_map(ServerFrame::Result),
        (any::<u32>(), option::of(any::<u64>()), option::of(body()), entities())
            .prop_map(|(id, seq, value, entities)| ServerFrame::Reset { id, seq, value, entities }),
        (any::<u32>(), option::of(any::<(u64, u64)>()), vec(body(), 0..4), entities()).prop_map(
            |(id, range, changes, entities)| {
                let (since, seq) = range.unzip();
                ServerFrame::Events { id, since, seq, changes, entities }
            }
        ),
        entities().prop_map(|entities| ServerFrame::Update { entities }),
        (any::<u32>(), error()).prop_map(|(id, error)| ServerFrame::Ended { id, error }),
        error().prop_map(|error| ServerFrame::Error { error }),
        Just(ServerFrame::Ping),
        Just(ServerFrame::Pong),
    ]
}

/// The text of a frame with one part replaced, so that many of the texts are almost valid.
fn damaged_frame() -> impl Strategy<Value = String> {
    (
        client_frame(),
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
        "[\\PC]{0,6}|[\\[\\]{}\":,0-9\\\\]{0,6}",
    )
        .prop_map(|(frame, from, to, piece)| {
            let chars: Vec<char> = serde_json::to_string(&frame).unwrap().chars().collect();
            let (a, b) = (from.index(chars.len()), to.index(chars.len()));
            let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 8));
            chars[..from].iter().copied().chain(piece.chars()).chain(chars[to..].iter().copied()).collect()
        })
}

/// Returns the patch that sets every key.
fn patch_of<V>(map: BTreeMap<String, V>) -> BTreeMap<String, Option<V>> {
    map.into_iter().map(|(key, value)| (key, Some(value))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn client_frames_round_trip(frame in client_frame()) {
        let wire = serde_json::to_string(&frame).unwrap();
        prop_assert_eq!(decode::client_frame(&wire), Ok(frame));
    }

    #[test]
    fn server_frames_round_trip(frame in server_frame()) {
        let wire = serde_json::to_string(&frame).unwrap();
        prop_assert_eq!(decode::server_frame(&wire), Ok(Some(frame)));
    }

    #[test]
    fn batches_round_trip(
        (user, client, generation) in (user(), client(), option::of(any::<u32>())),
        requests in vec(request(), 0..8),
    ) {
        let batch = Batch { v: 1, user, client, generation, requests };
        let read = decode::batch(&serde_json::to_string(&batch).unwrap()).unwrap();
        prop_assert_eq!(read.user, batch.user);
        prop_assert_eq!(read.client, batch.client);
        prop_assert_eq!(read.generation, batch.generation);
        prop_assert_eq!(read.requests, batch.requests.into_iter().map(Ok).collect::<Vec<_>>());
    }

    #[test]
    fn http_responses_round_trip(
        results in vec(outcome(), 0..8), token_expires_in in option::of(any::<u64>()), error in error(),
    ) {
        let response = BatchResults { results, token_expires_in };
        prop_assert_eq!(decode::typed(&serde_json::to_string(&response).unwrap()), Ok(response));
        let failure = Failure { error };
        prop_assert_eq!(decode::typed(&serde_json::to_string(&failure).unwrap()), Ok(failure));
    }

    #[test]
    fn no_text_makes_the_decoder_panic(text in any::<String>()) {
        let _ = decode::client_frame(&text);
        let _ = decode::batch(&text);
        let _ = decode::server_frame::<Value>(&text);
    }

    #[test]
    fn no_damaged_frame_makes_the_decoder_panic_or_misread_it(text in damaged_frame()) {
        let _ = decode::batch(&text);
        let _ = decode::server_frame::<Value>(&text);
        match decode::client_frame(&text) {
            Ok(frame) => {
                let wire = serde_json::to_string(&frame).unwrap();
                prop_assert_eq!(decode::client_frame(&wire), Ok(frame));
            }
            Err(DecodeError::NotAFrame(error)) => {
                prop_assert_eq!(error.code, ErrorCode::InvalidFrame);
            }
            Err(DecodeError::UnknownFrame(error)) => {
                prop_assert_eq!(error.code, ErrorCode::Unsupported);
            }
            Err(DecodeError::BadRequest { error, .. } | DecodeError::BadSubscription { error, .. }) => {
                let is_invalid = error.code == ErrorCode::InvalidArgument && error.field.is_some();
                prop_assert!(is_invalid || error.code == ErrorCode::Unsupported, "{:?}", error);
            }
        }
    }

    #[test]
    fn a_create_converts_to_a_set_with_the_same_effect_on_a_new_user(create in create_user()) {
        let set = SetUser::from(create.clone());
        prop_assert_eq!(set.name.apply(None), create.name);
        prop_assert_eq!(set.email.apply(None), create.email);
        prop_assert_eq!(set.phone.apply(None), create.phone);
        prop_assert_eq!(set.locale.apply(None), create.locale);
        prop_assert_eq!(set.photo_url.apply(None), create.photo_url);
        prop_assert_eq!(set.role.apply(None), create.role);
        prop_assert_eq!(set.welcome_message.apply(None), create.welcome_message);
        let custom = create.custom.map(patch_of);
        prop_assert_eq!(set.custom.apply(None), custom);
        let tokens = create.push_tokens.map(patch_of);
        prop_assert_eq!(set.push_tokens.apply(None), tokens);
    }
}
