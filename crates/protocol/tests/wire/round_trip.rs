//! Whatever can be said is understood: any frame, written and read, is the same frame; and any text at all is read
//! without a panic.

use std::collections::BTreeMap;

use causerie_protocol::frames::{Hello, Welcome};
use causerie_protocol::http::{Answers, Batch, Failure};
use causerie_protocol::params::Strings;
use causerie_protocol::topic::{Position, Topic, Window};
use causerie_protocol::{
    ClientFrame, ClientId, ConversationId, CreateUser, Entities, ErrorBody, ErrorCode, IdempotencyKey, Op,
    Outcome, Patch, Request, ServerFrame, SetUser, UserId, decode,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::{Value, json};

fn id() -> impl Strategy<Value = String> {
    "[^\\p{Cc}]{1,40}".prop_filter("an id", |id| causerie_protocol::limits::id_problem(id).is_none())
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

fn set_user() -> impl Strategy<Value = SetUser> {
    let texts = (patch(text()), patch(text()), patch(text()), patch(text()), patch(text()));
    let custom = patch(btree_map(text(), option::of(text()), 0..4));
    let tokens = patch(btree_map(text(), option::of(any::<bool>()), 0..4));
    (texts, custom, tokens, patch(strings()), patch(strings())).prop_map(
        |((name, locale, photo_url, role, welcome_message), custom, push_tokens, email, phone)| SetUser {
            name,
            custom,
            email,
            phone,
            locale,
            photo_url,
            push_tokens,
            role,
            welcome_message,
        },
    )
}

fn create_user() -> impl Strategy<Value = CreateUser> {
    let texts =
        (option::of(text()), option::of(text()), option::of(text()), option::of(text()), option::of(text()));
    let custom = option::of(btree_map(text(), text(), 0..4));
    let tokens = option::of(btree_map(text(), any::<bool>(), 0..4));
    (texts, custom, tokens, option::of(strings()), option::of(strings())).prop_map(
        |((name, locale, photo_url, role, welcome_message), custom, push_tokens, email, phone)| CreateUser {
            name,
            custom,
            email,
            phone,
            locale,
            photo_url,
            push_tokens,
            role,
            welcome_message,
        },
    )
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        user().prop_map(|user| Op::UserGet { user }),
        (user(), set_user()).prop_map(|(user, data)| Op::UserSet { user, data }),
        (user(), create_user()).prop_map(|(user, data)| Op::UserCreateIfNotExists { user, data }),
        conversation().prop_map(|conversation| Op::ConversationGet { conversation }),
    ]
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

fn topic() -> impl Strategy<Value = Topic> {
    prop_oneof![
        user().prop_map(Topic::User),
        conversation().prop_map(Topic::Conversation),
        user().prop_map(Topic::ConversationList),
    ]
}

fn client_frame() -> impl Strategy<Value = ClientFrame> {
    let window = option::of(any::<u32>().prop_map(|limit| Window { limit }));
    prop_oneof![
        (user(), client(), option::of(text()), option::of("[^\\p{Cc}]{0,20}"))
            .prop_map(|(user, client, token, sdk)| ClientFrame::Hello(Hello { user, client, token, sdk })),
        request().prop_map(ClientFrame::Request),
        text().prop_map(|token| ClientFrame::Auth { token }),
        (any::<u32>(), topic(), window, option::of(position()))
            .prop_map(|(id, topic, window, from)| { ClientFrame::Subscribe { id, topic, window, from } }),
        any::<u32>().prop_map(|id| ClientFrame::Unsubscribe { id }),
        Just(ClientFrame::Ping),
    ]
}

/// Any JSON value. Null only within others: alone it is the same as no value.
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
    (vec(body(), 0..3), vec(body(), 0..3))
        .prop_map(|(users, conversations)| Entities { users, conversations })
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
        (any::<u32>(), position(), body(), entities()).prop_map(|(id, position, value, entities)| {
            ServerFrame::Reset { id, position, value, entities }
        }),
        (any::<u32>(), position(), vec(body(), 0..4), entities()).prop_map(
            |(id, position, changes, entities)| ServerFrame::Events { id, position, changes, entities }
        ),
        (any::<u32>(), error()).prop_map(|(id, error)| ServerFrame::Ended { id, error }),
        error().prop_map(|error| ServerFrame::Error { error }),
        Just(ServerFrame::Ping),
        Just(ServerFrame::Pong),
    ]
}

/// Texts near enough to frames to get past the first door: a frame with one piece of its text exchanged.
fn nearly_a_frame() -> impl Strategy<Value = String> {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_client_frame_survives_the_wire(frame in client_frame()) {
        let wire = serde_json::to_string(&frame).unwrap();
        prop_assert_eq!(decode::client_frame(&wire), Ok(frame));
    }

    #[test]
    fn a_server_frame_survives_the_wire(frame in server_frame()) {
        let wire = serde_json::to_string(&frame).unwrap();
        prop_assert_eq!(decode::server_frame(&wire), Ok(Some(frame)));
    }

    #[test]
    fn a_batch_survives_the_wire(user in user(), client in client(), requests in vec(request(), 0..8)) {
        let batch = Batch { v: 1, user, client, requests };
        let read = decode::batch(&serde_json::to_string(&batch).unwrap()).unwrap();
        prop_assert_eq!(read.user, batch.user);
        prop_assert_eq!(read.client, batch.client);
        prop_assert_eq!(read.requests, batch.requests.into_iter().map(Ok).collect::<Vec<_>>());
    }

    #[test]
    fn answers_and_failures_survive_the_wire(
        results in vec(outcome(), 0..8), token_expires_in in option::of(any::<u64>()), error in error(),
    ) {
        let answers = Answers { results, token_expires_in };
        prop_assert_eq!(decode::typed(&serde_json::to_string(&answers).unwrap()), Ok(answers));
        let failure = Failure { error };
        prop_assert_eq!(decode::typed(&serde_json::to_string(&failure).unwrap()), Ok(failure));
    }

    #[test]
    fn no_text_whatever_makes_the_reader_panic(text in any::<String>()) {
        let _ = decode::client_frame(&text);
        let _ = decode::batch(&text);
        let _ = decode::server_frame::<Value>(&text);
    }

    #[test]
    fn no_damaged_frame_makes_the_reader_panic_or_lose_its_way(text in nearly_a_frame()) {
        let _ = decode::batch(&text);
        let _ = decode::server_frame::<Value>(&text);
        match decode::client_frame(&text) {
            Ok(frame) => {
                let wire = serde_json::to_string(&frame).unwrap();
                prop_assert_eq!(decode::client_frame(&wire), Ok(frame));
            }
            Err(decode::DecodeError::NotAFrame(error)) => {
                prop_assert_eq!(error.code, ErrorCode::InvalidFrame);
            }
            Err(decode::DecodeError::UnknownFrame(error)) => {
                prop_assert_eq!(error.code, ErrorCode::Unsupported);
            }
            Err(
                decode::DecodeError::BadRequest { error, .. } | decode::DecodeError::BadSubscription { error, .. },
            ) => prop_assert!(
                error.code == ErrorCode::Unsupported || (error.code == ErrorCode::InvalidArgument && error.field.is_some()),
                "{:?}", error
            ),
        }
    }

    #[test]
    fn creating_is_setting_on_an_empty_place(create in create_user()) {
        let set = SetUser::from(create.clone());
        prop_assert_eq!(set.name.apply(None), create.name);
        prop_assert_eq!(set.email.apply(None), create.email);
        prop_assert_eq!(set.phone.apply(None), create.phone);
        prop_assert_eq!(set.locale.apply(None), create.locale);
        prop_assert_eq!(set.photo_url.apply(None), create.photo_url);
        prop_assert_eq!(set.role.apply(None), create.role);
        prop_assert_eq!(set.welcome_message.apply(None), create.welcome_message);
        let custom = create.custom.map(|all| all.into_iter().map(|(k, v)| (k, Some(v))).collect::<BTreeMap<_, _>>());
        prop_assert_eq!(set.custom.apply(None), custom);
        let tokens = create.push_tokens.map(|all| all.into_iter().map(|(k, v)| (k, Some(v))).collect::<BTreeMap<_, _>>());
        prop_assert_eq!(set.push_tokens.apply(None), tokens);
    }
}
