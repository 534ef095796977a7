//! Single rules of the store, each in a short scenario.

use causerie_client::store::{HandleEvent, HandleId, JsonSnapshot, Store, StoreOutput, TopicScope};
use causerie_protocol::limits::KEPT_BODIES;
use causerie_protocol::{Entities, ErrorBody, ErrorCode, RequestId, ServerFrame, TopicKind};
use serde_json::{Value, json};

type Outputs = Vec<StoreOutput<JsonSnapshot>>;

fn open(store: &mut Store<Value>, kind: TopicKind, id: RequestId) -> HandleId {
    let scope = TopicScope { kind, id: "c".to_owned(), key: kind.as_str().to_owned() };
    store.open(scope, || Ok(id)).unwrap()
}

fn messages(newest: i64, oldest: i64) -> (Vec<Value>, Entities<Value>) {
    let body =
        |number: i64| json!({ "id": format!("m{number:05}"), "conversation": "c", "createdAt": number });
    let bodies: Vec<Value> = (oldest..=newest).rev().map(body).collect();
    let ids = bodies.iter().map(|body| body["id"].clone()).collect();
    (ids, Entities { messages: bodies, ..Entities::none() })
}

fn reset(store: &mut Store<Value>, id: RequestId, newest: i64, oldest: i64, more: bool) {
    let (items, entities) = messages(newest, oldest);
    let value = Some(json!({ "items": items, "more": more }));
    store.handle_frame(0, ServerFrame::Reset { id, seq: None, value, entities });
}

/// Answers the request for a page of the subscription 1, which is not the last one.
fn load(store: &mut Store<Value>, page: u32, newest: i64, oldest: i64) {
    let (items, entities) = messages(newest, oldest);
    store.page(1, page, Some(&json!({ "items": items, "more": true })), entities);
}

fn flush(store: &mut Store<Value>) -> Outputs {
    store.flush();
    std::iter::from_fn(|| store.poll()).collect()
}

/// Handles `events` of the subscription 1, with these changes and messages.
fn change(store: &mut Store<Value>, changes: Vec<Value>, messages: Vec<Value>) {
    let entities = Entities { messages, ..Entities::none() };
    store.handle_frame(0, ServerFrame::Events { id: 1, since: None, seq: None, changes, entities });
}

/// Handles a reset of the subscription 2, to the conversation, with this newest message and further ones.
fn reset_conversation(store: &mut Store<Value>, last: &Value, messages: Vec<Value>) {
    let conversations = vec![json!({ "id": "c", "joinedAt": 1, "lastMessage": last["id"] })];
    let entities = Entities { conversations, messages, ..Entities::none() };
    store.handle_frame(0, ServerFrame::Reset { id: 2, seq: None, value: Some(json!("c")), entities });
}

/// Returns the last snapshot of a handle.
fn snapshot(outputs: &Outputs, handle: HandleId) -> Option<&JsonSnapshot> {
    outputs.iter().rev().find_map(|output| match output {
        StoreOutput::Handle(id, HandleEvent::Active { snapshot, .. }) if *id == handle => snapshot.as_ref(),
        _ => None,
    })
}

/// Returns the last length of the list that a handle shows, and whether it is all of it.
fn shown(outputs: &Outputs, handle: HandleId) -> Option<(usize, bool)> {
    outputs.iter().rev().find_map(|output| match output {
        StoreOutput::Handle(id, HandleEvent::Active { snapshot: Some(snapshot), loaded_all })
            if *id == handle =>
        {
            Some((snapshot.parts().len(), *loaded_all == Some(true)))
        }
        _ => None,
    })
}

fn requested_page(outputs: &Outputs) -> (u32, String, u32) {
    outputs
        .iter()
        .find_map(|output| match output {
            StoreOutput::LoadPage { page, after, limit, .. } => Some((*page, after.1.clone(), *limit)),
            _ => None,
        })
        .expect("a page is requested")
}

#[test]
fn open_list_of_more_than_a_thousand_entries_is_loaded_again_in_pages_after_a_reset() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 1_200, 1_171, true);
    flush(&mut store);
    for oldest in (71..=1_071).rev().step_by(100) {
        store.load_more(handle, Some(100)).unwrap();
        let (page, _, _) = requested_page(&flush(&mut store));
        load(&mut store, page, oldest + 99, oldest);
        flush(&mut store);
    }
    reset(&mut store, 1, 1_200, 201, true);
    let outputs = flush(&mut store);
    assert_eq!(shown(&outputs, handle), Some((1_000, false)));
    let (page, after, limit) = requested_page(&outputs);
    assert_eq!((after.as_str(), limit), ("m00201", 100));
    load(&mut store, page, 200, 101);
    let (page, after, limit) = requested_page(&flush(&mut store));
    assert_eq!((after.as_str(), limit), ("m00101", 30));
    load(&mut store, page, 100, 71);
    assert_eq!(shown(&flush(&mut store), handle), Some((1_130, false)));
}

#[test]
fn load_more_rejects_a_count_out_of_range_and_ignores_handles_without_a_list() {
    let mut store = Store::<Value>::new();
    let list = open(&mut store, TopicKind::Participants, 1);
    let single = open(&mut store, TopicKind::Conversation, 2);
    for count in [0, 51] {
        let error = store.load_more(list, Some(count)).unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidArgument, Some("count")));
        assert_eq!(error.message, format!("count: must be an integer from 1 to 50 (got {count})"));
    }
    assert_eq!(store.load_more(single, None), Ok(false));
    assert_eq!(store.load_more(99, None), Ok(false));
}

#[test]
fn load_more_before_the_first_snapshot_is_done_after_it() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    assert_eq!(store.load_more(handle, Some(10)), Ok(true));
    reset(&mut store, 1, 100, 71, true);
    let mut outputs = flush(&mut store);
    outputs.extend(flush(&mut store));
    assert_eq!(shown(&outputs, handle), Some((30, false)));
    let (page, after, limit) = requested_page(&outputs);
    assert_eq!((after.as_str(), limit), ("m00071", 10));
    load(&mut store, page, 70, 61);
    let outputs = flush(&mut store);
    assert_eq!(shown(&outputs, handle), Some((40, false)));
    assert!(outputs.contains(&StoreOutput::Handle(handle, HandleEvent::Loaded(Ok(())))));
}

#[test]
fn failed_page_rejects_load_more_and_the_next_call_requests_it_again() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 100, 71, true);
    flush(&mut store);
    store.load_more(handle, None).unwrap();
    let (page, ..) = requested_page(&flush(&mut store));
    let error = ErrorBody::new(ErrorCode::Offline, "no network");
    store.page_failed(1, page, &error);
    let outputs = flush(&mut store);
    assert!(outputs.contains(&StoreOutput::Handle(handle, HandleEvent::Loaded(Err(error)))));
    store.load_more(handle, None).unwrap();
    assert!(requested_page(&flush(&mut store)).0 > page);
}

#[test]
fn end_of_a_subscription_ends_all_its_handles_and_their_pending_loads() {
    let mut store = Store::new();
    let (first, second) =
        (open(&mut store, TopicKind::Messages, 1), open(&mut store, TopicKind::Messages, 9));
    reset(&mut store, 1, 100, 71, true);
    flush(&mut store);
    store.load_more(first, None).unwrap();
    flush(&mut store);
    let error = ErrorBody::new(ErrorCode::NotFound, "no such conversation");
    store.handle_frame(0, ServerFrame::Ended { id: 1, error: error.clone() });
    let outputs = flush(&mut store);
    for handle in [first, second] {
        assert!(outputs.contains(&StoreOutput::Handle(handle, HandleEvent::Ended(error.clone()))));
    }
    assert!(outputs.contains(&StoreOutput::Handle(first, HandleEvent::Loaded(Ok(())))));
    assert_eq!(open(&mut store, TopicKind::Messages, 3), 3, "a new handle makes a new subscription");
}

#[test]
fn loss_of_access_shows_the_absence_of_a_list_that_was_empty() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 0, 1, false);
    assert_eq!(shown(&flush(&mut store), handle), Some((0, true)));
    let gone = ServerFrame::Reset { id: 1, seq: None, value: None, entities: Entities::none() };
    store.handle_frame(0, gone);
    let absent = HandleEvent::Active { snapshot: None, loaded_all: Some(true) };
    assert!(flush(&mut store).contains(&StoreOutput::Handle(handle, absent)));
}

#[test]
fn bodies_that_are_no_longer_used_are_removed_and_those_in_use_stay() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 30, 1, true);
    flush(&mut store);
    for number in 100..3_000 {
        let (ids, entities) = messages(number, number);
        for changes in [vec![json!({ "put": ids[0] })], vec![json!({ "drop": ids[0] })]] {
            let frame =
                ServerFrame::Events { id: 1, since: None, seq: None, changes, entities: entities.clone() };
            store.handle_frame(0, frame);
            flush(&mut store);
        }
    }
    assert!(store.body_count() < 600, "{} bodies", store.body_count());
    let mut edited = messages(30, 30);
    edited.1.messages[0]["plaintext"] = json!("edited");
    store.handle_frame(0, ServerFrame::Update { entities: edited.1 });
    let outputs = flush(&mut store);
    assert_eq!(shown(&outputs, handle), Some((30, false)));
}

#[test]
fn list_after_joining_is_shown_as_it_is_sent_and_requests_no_page() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    let absent = || ServerFrame::Reset { id: 1, seq: None, value: None, entities: Entities::none() };
    store.handle_frame(0, absent());
    flush(&mut store);
    assert_eq!(store.load_more(handle, None), Ok(true));
    let outputs = flush(&mut store);
    assert!(outputs.contains(&StoreOutput::Handle(handle, HandleEvent::Loaded(Ok(())))), "{outputs:?}");
    reset(&mut store, 1, 100, 71, true);
    let outputs = flush(&mut store);
    assert_eq!(shown(&outputs, handle), Some((30, false)));
    assert!(!outputs.iter().any(|output| matches!(output, StoreOutput::LoadPage { .. })), "{outputs:?}");
}

#[test]
fn page_that_too_many_changes_overtake_is_requested_again() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 100, 71, true);
    flush(&mut store);
    store.load_more(handle, Some(10)).unwrap();
    let (first, ..) = requested_page(&flush(&mut store));
    let (ids, entities) = messages(1_101, 101);
    let changes = ids.into_iter().map(|id| json!({ "put": id })).collect();
    store.handle_frame(0, ServerFrame::Events { id: 1, since: None, seq: None, changes, entities });
    let (second, after, _) = requested_page(&flush(&mut store));
    assert_eq!((second, after.as_str()), (first + 1, "m00071"));
    load(&mut store, first, 70, 61);
    assert_eq!(shown(&flush(&mut store), handle), None);
    load(&mut store, second, 70, 61);
    assert_eq!(shown(&flush(&mut store), handle), Some((1_041, false)));
}

#[test]
fn handles_have_a_limit() {
    let mut store = Store::<Value>::new();
    for _ in 0..10_000 {
        open(&mut store, TopicKind::Conversations, 1);
    }
    let scope = TopicScope { kind: TopicKind::User, id: "u".to_owned(), key: "u".to_owned() };
    let error = store.open(scope, || panic!("no subscription is made")).unwrap_err();
    assert_eq!(error.code, ErrorCode::RateLimited);
}

#[test]
fn entry_that_moves_into_a_page_before_its_event_arrives_is_shown_once() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 100, 71, true);
    flush(&mut store);
    store.load_more(handle, Some(10)).unwrap();
    let (page, ..) = requested_page(&flush(&mut store));
    // The message 71 moved down, and the page has it again.
    load(&mut store, page, 71, 62);
    let (page, after, limit) = requested_page(&flush(&mut store));
    assert_eq!((after.as_str(), limit), ("m00062", 1), "nine of ten entries are new");
    load(&mut store, page, 61, 61);
    assert_eq!(shown(&flush(&mut store), handle), Some((40, false)));
}

#[test]
fn deleted_newest_message_stays_in_its_conversation_until_a_frame_replaces_it() {
    let mut store = Store::new();
    let list = open(&mut store, TopicKind::Messages, 1);
    let single = open(&mut store, TopicKind::Conversation, 2);
    let (_, entities) = messages(2, 1);
    let [last, first] = &entities.messages[..] else { panic!() };
    reset(&mut store, 1, 2, 1, false);
    reset_conversation(&mut store, last, vec![last.clone()]);
    flush(&mut store);
    change(&mut store, vec![json!({ "drop": last["id"] })], Vec::new());
    let outputs = flush(&mut store);
    assert_eq!(shown(&outputs, list), Some((1, true)));
    assert_eq!(snapshot(&outputs, single), None);
    reset_conversation(&mut store, first, vec![first.clone()]);
    let outputs = flush(&mut store);
    assert_eq!(snapshot(&outputs, single).unwrap().value()["lastMessage"]["id"], first["id"]);
}

#[test]
fn deletion_is_shown_at_once_in_other_topics_with_a_reply() {
    let mut store = Store::new();
    open(&mut store, TopicKind::Messages, 1);
    let single = open(&mut store, TopicKind::Conversation, 2);
    let (_, entities) = messages(2, 1);
    let [mut last, first] = <[Value; 2]>::try_from(entities.messages).unwrap();
    last["referencedMessage"] = first["id"].clone();
    reset(&mut store, 1, 1, 1, false);
    reset_conversation(&mut store, &last, vec![last.clone(), first.clone()]);
    let outputs = flush(&mut store);
    let referenced = |outputs: &Outputs| {
        snapshot(outputs, single).unwrap().value()["lastMessage"]["referencedMessage"]["id"].clone()
    };
    assert_eq!(referenced(&outputs), first["id"]);
    change(&mut store, vec![json!({ "drop": first["id"] })], Vec::new());
    assert_eq!(referenced(&flush(&mut store)), Value::Null);
}

#[test]
fn message_that_is_deleted_while_its_page_loads_is_not_shown_in_a_reply() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 100, 71, true);
    flush(&mut store);
    store.load_more(handle, Some(2)).unwrap();
    let (page, ..) = requested_page(&flush(&mut store));
    let (ids, mut entities) = messages(70, 69);
    entities.messages[0]["referencedMessage"] = ids[1].clone();
    change(&mut store, vec![json!({ "drop": ids[1] })], Vec::new());
    store.page(1, page, Some(&json!({ "items": ids, "more": false })), entities);
    let outputs = flush(&mut store);
    let list = snapshot(&outputs, handle).unwrap().value();
    assert_eq!(list.as_array().unwrap().len(), 31);
    assert_eq!(list[30]["id"], ids[0]);
    assert_eq!(list[30]["referencedMessage"], Value::Null);
}

#[test]
fn entries_that_only_an_ended_handle_showed_are_released() {
    let mut store = Store::new();
    let (first, other) = (open(&mut store, TopicKind::Messages, 1), open(&mut store, TopicKind::Messages, 9));
    reset(&mut store, 1, 100, 71, true);
    flush(&mut store);
    store.load_more(first, None).unwrap();
    let (page, ..) = requested_page(&flush(&mut store));
    load(&mut store, page, 70, 41);
    assert!(flush(&mut store).contains(&StoreOutput::SetWindow(1, 60)));
    store.unsubscribe(first);
    assert!(flush(&mut store).contains(&StoreOutput::SetWindow(1, 30)));
    store.load_more(other, None).unwrap();
    assert_eq!(requested_page(&flush(&mut store)).1, "m00071");
}

#[test]
fn reply_that_arrives_without_its_body_keeps_the_message_that_it_references() {
    let mut store: Store<Value> = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    let original = json!({ "id": "m1", "conversation": "c", "createdAt": 1 });
    let reply = json!({ "id": "m2", "conversation": "c", "createdAt": 2, "referencedMessage": "m1" });
    let value = json!({ "items": ["m2"], "more": false });
    let entities = Entities { messages: vec![reply, original], ..Entities::none() };
    store.handle_frame(0, ServerFrame::Reset { id: 1, seq: None, value: Some(value.clone()), entities });
    let outputs = flush(&mut store);
    assert_eq!(snapshot(&outputs, handle).unwrap().value()[0]["referencedMessage"]["id"], "m1");
    let entities = Entities::none();
    store.handle_frame(0, ServerFrame::Reset { id: 1, seq: None, value: Some(value), entities });
    let handle = open(&mut store, TopicKind::Messages, 1);
    let outputs = flush(&mut store);
    assert_eq!(snapshot(&outputs, handle).unwrap().value()[0]["referencedMessage"]["id"], "m1");
}

#[test]
fn the_bodies_that_arrived_last_are_kept_without_a_use_and_no_others() {
    let mut store: Store<Value> = Store::new();
    let body = |number: usize| json!({ "id": format!("u{number}") });
    for number in 0..1_000 {
        let entities = Entities { users: vec![body(number)], ..Entities::none() };
        store.handle_frame(0, ServerFrame::Update { entities });
        flush(&mut store);
    }
    assert!(store.body_count() <= 2 * KEPT_BODIES + 256, "{} bodies", store.body_count());
    let scope = |number: usize| TopicScope {
        kind: TopicKind::User,
        id: format!("u{number}"),
        key: format!("u{number}"),
    };
    for number in 1_000 - KEPT_BODIES..1_000 {
        let id = RequestId::try_from(number).unwrap();
        let handle = store.open(scope(number), || Ok(id)).unwrap();
        let value = Some(json!(format!("u{number}")));
        store.handle_frame(0, ServerFrame::Reset { id, seq: None, value, entities: Entities::none() });
        let outputs = flush(&mut store);
        assert!(snapshot(&outputs, handle).is_some(), "u{number} is kept");
    }
}

#[test]
fn handle_opened_while_there_is_no_list_shows_the_list_that_follows() {
    let mut store = Store::new();
    open(&mut store, TopicKind::Messages, 1);
    let absent = || ServerFrame::Reset { id: 1, seq: None, value: None, entities: Entities::none() };
    store.handle_frame(0, absent());
    flush(&mut store);
    let handle = open(&mut store, TopicKind::Messages, 1);
    assert_eq!(snapshot(&flush(&mut store), handle), None);
    reset(&mut store, 1, 100, 71, true);
    assert_eq!(shown(&flush(&mut store), handle), Some((30, false)));
    store.load_more(handle, Some(10)).unwrap();
    assert_eq!(requested_page(&flush(&mut store)).1, "m00071");
}

#[test]
fn page_of_a_list_that_no_longer_exists_ends_load_more_and_changes_nothing() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 100, 71, true);
    flush(&mut store);
    store.load_more(handle, None).unwrap();
    let (page, _, _) = requested_page(&flush(&mut store));
    store.page(1, page, None, Entities::none());
    assert_eq!(flush(&mut store), vec![StoreOutput::Handle(handle, HandleEvent::Loaded(Ok(())))]);
}

#[test]
fn message_whose_deletion_another_frame_shows_first_leaves_the_rest_of_the_list_as_it_is() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    open(&mut store, TopicKind::Conversation, 2);
    reset(&mut store, 1, 5, 1, false);
    flush(&mut store);
    let reply = json!({
        "id": "m00006", "conversation": "c", "createdAt": 6, "referencedMessage": "m00002",
    });
    reset_conversation(&mut store, &reply, vec![reply.clone()]);
    assert_eq!(shown(&flush(&mut store), handle), Some((4, true)), "the referenced message was deleted");
    change(&mut store, vec![json!({ "put": "m00006" }), json!({ "drop": "m00002" })], Vec::new());
    let outputs = flush(&mut store);
    let ids: Vec<&Value> =
        snapshot(&outputs, handle).unwrap().parts().iter().map(|part| &part.value()["id"]).collect();
    assert_eq!(ids, ["m00006", "m00005", "m00004", "m00003", "m00001"]);
}

#[test]
fn page_from_before_a_deletion_does_not_bring_the_message_back() {
    let mut store: Store<Value> = Store::new();
    let list = open(&mut store, TopicKind::Messages, 1);
    let conversation = open(&mut store, TopicKind::Conversation, 2);
    reset(&mut store, 1, 40, 11, true);
    flush(&mut store);
    store.load_more(list, Some(1)).unwrap();
    let (page, ..) = requested_page(&flush(&mut store));
    let reply =
        json!({ "id": "m00050", "conversation": "c", "createdAt": 50, "referencedMessage": "m00005" });
    reset_conversation(&mut store, &reply, vec![reply.clone()]);
    flush(&mut store);
    // The page is older: it has the message, which another one references.
    let other =
        json!({ "id": "m00010", "conversation": "c", "createdAt": 10, "referencedMessage": "m00005" });
    let deleted = json!({ "id": "m00005", "conversation": "c", "createdAt": 5 });
    let entities = Entities { messages: vec![other, deleted], ..Entities::none() };
    store.page(1, page, Some(&json!({ "items": ["m00010"], "more": true })), entities);
    let again = open(&mut store, TopicKind::Conversation, 2);
    let outputs = flush(&mut store);
    let shown = snapshot(&outputs, again).unwrap();
    assert_eq!(shown.value()["lastMessage"]["referencedMessage"], Value::Null);
    assert!(snapshot(&outputs, conversation).is_none(), "nothing changed for the first handle");
}

#[test]
fn typing_has_a_deadline_only_while_users_are_typing_in_an_open_topic() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Typing, 1);
    let typing = |store: &mut Store<Value>, now, value: Value| {
        let reset = ServerFrame::Reset { id: 1, seq: None, value: Some(value), entities: Entities::none() };
        store.handle_frame(now, reset);
    };
    assert_eq!(store.deadline(), None);
    typing(&mut store, 0, json!({ "users": ["u"] }));
    assert_eq!(store.deadline(), Some(13_000));
    typing(&mut store, 5, json!({ "users": [] }));
    assert_eq!(store.deadline(), None);
    typing(&mut store, 10, json!({ "many": true }));
    store.expire_typing(13_009);
    assert_eq!(store.deadline(), Some(13_010));
    store.expire_typing(13_010);
    assert_eq!(store.deadline(), None);
    typing(&mut store, 20, json!({ "users": ["u"] }));
    store.unsubscribe(handle);
    assert_eq!(store.deadline(), None);
}

#[test]
fn reply_from_a_frame_of_an_ended_subscription_does_not_show_the_deleted_message() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 3, 1, false);
    flush(&mut store);
    let message = |number: i64, referenced: Value| {
        json!({ "id": format!("m{number:05}"), "conversation": "c", "createdAt": number,
                "referencedMessage": referenced })
    };
    // The first reply is to a deleted message. The second one is only referenced, so that its own reference
    // is not part of the frame.
    let messages =
        vec![message(4, json!("m00002")), message(6, json!("m00005")), message(5, json!("m00003"))];
    store.handle_frame(0, ServerFrame::Update { entities: Entities { messages, ..Entities::none() } });
    let puts = ["m00004", "m00005", "m00006"].map(|id| json!({ "put": id }));
    change(&mut store, puts.to_vec(), Vec::new());
    let outputs = flush(&mut store);
    let referenced: Vec<&Value> = snapshot(&outputs, handle)
        .unwrap()
        .parts()
        .iter()
        .map(|part| &part.value()["referencedMessage"]["id"])
        .collect();
    assert_eq!(referenced, [&json!("m00005"), &json!("m00003"), &Value::Null, &Value::Null, &Value::Null]);
}

#[test]
fn unused_bodies_that_arrive_while_a_page_loads_are_bounded() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 1_000_000, 999_971, true);
    flush(&mut store);
    store.load_more(handle, Some(30)).unwrap();
    flush(&mut store);
    for number in 1..=5_000 {
        store.handle_frame(0, ServerFrame::Update { entities: messages(number, number).1 });
        flush(&mut store);
    }
    assert!(store.body_count() < 3_000, "{} bodies", store.body_count());
}

#[test]
fn page_that_too_many_frames_overtake_is_requested_again() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 1_000_000, 999_971, true);
    flush(&mut store);
    store.load_more(handle, Some(30)).unwrap();
    let mut requested = vec![requested_page(&flush(&mut store)).0];
    for number in 1..=4_000 {
        store.handle_frame(0, ServerFrame::Update { entities: messages(number, number).1 });
        let mut outputs = flush(&mut store);
        if store.needs_flush() {
            outputs.extend(flush(&mut store));
        }
        requested.extend(outputs.iter().filter_map(|output| match output {
            StoreOutput::LoadPage { page, .. } => Some(*page),
            _ => None,
        }));
    }
    let [first, .., last] = *requested else { panic!("{requested:?}") };
    load(&mut store, first, 999_970, 999_941);
    assert_eq!(shown(&flush(&mut store), handle), None);
    load(&mut store, last, 999_970, 999_941);
    assert_eq!(shown(&flush(&mut store), handle), Some((60, false)));
}

#[test]
fn removing_bodies_while_a_page_loads_keeps_those_that_are_newer_than_it() {
    let mut store = Store::new();
    let handle = open(&mut store, TopicKind::Messages, 1);
    reset(&mut store, 1, 1_000_000, 999_971, true);
    flush(&mut store);
    store.load_more(handle, Some(30)).unwrap();
    let (page, ..) = requested_page(&flush(&mut store));
    let mut edited = messages(999_970, 999_970).1;
    edited.messages[0]["plaintext"] = json!("edited");
    store.handle_frame(0, ServerFrame::Update { entities: edited });
    for number in 1..=900 {
        store.handle_frame(0, ServerFrame::Update { entities: messages(number, number).1 });
        flush(&mut store);
    }
    load(&mut store, page, 999_970, 999_941);
    let outputs = flush(&mut store);
    assert_eq!(snapshot(&outputs, handle).unwrap().value()[30]["plaintext"], "edited");
}

#[test]
fn a_list_without_enough_matches_is_loaded_from_the_cursor_that_the_server_names() {
    let mut store: Store<Value> = Store::new();
    let handle = open(&mut store, TopicKind::Conversations, 1);
    let value = json!({ "items": [], "more": true, "next": { "at": 50, "id": "c50" } });
    let value = Some(value);
    store.handle_frame(0, ServerFrame::Reset { id: 1, seq: None, value, entities: Entities::none() });
    let outputs = flush(&mut store);
    assert_eq!(snapshot(&outputs, handle), None, "nothing is shown before it is known what is first");
    let requested = |outputs: &Outputs| {
        outputs.iter().find_map(|output| match output {
            StoreOutput::LoadPage { page, after, limit, .. } => Some((*page, after.clone(), *limit)),
            _ => None,
        })
    };
    let (page, after, limit) = requested(&outputs).unwrap();
    assert_eq!((after, limit), ((50, "c50".to_owned()), 21));
    let conversations = vec![json!({ "id": "c42", "joinedAt": 42 })];
    let value = json!({ "items": ["c42"], "more": true, "next": { "at": 30, "id": "c30" } });
    store.page(1, page, Some(&value), Entities { conversations, ..Entities::none() });
    let (page, after, limit) = requested(&flush(&mut store)).unwrap();
    assert_eq!((after, limit), ((30, "c30".to_owned()), 20));
    store.page(1, page, Some(&json!({ "items": [], "more": false })), Entities::none());
    let outputs = flush(&mut store);
    assert_eq!(snapshot(&outputs, handle).unwrap().parts().len(), 1);
    assert!(outputs.iter().any(|output| matches!(
        output,
        StoreOutput::Handle(_, HandleEvent::Active { loaded_all: Some(true), .. })
    )));
}

#[test]
fn a_handle_whose_first_page_failed_shows_entries_after_the_next_reset() {
    let mut store: Store<Value> = Store::new();
    let handle = open(&mut store, TopicKind::Conversations, 1);
    let empty = |at: i64| {
        let value = json!({ "items": [], "more": true, "next": { "at": at, "id": "c" } });
        ServerFrame::Reset { id: 1, seq: None, value: Some(value), entities: Entities::none() }
    };
    let requested = |outputs: &Outputs| {
        outputs.iter().find_map(|output| match output {
            StoreOutput::LoadPage { page, limit, .. } => Some((*page, *limit)),
            _ => None,
        })
    };
    store.handle_frame(0, empty(50));
    let (page, _) = requested(&flush(&mut store)).unwrap();
    store.page_failed(1, page, &ErrorBody::new(ErrorCode::Offline, "no network"));
    let outputs = flush(&mut store);
    assert_eq!(snapshot(&outputs, handle).unwrap().parts().len(), 0, "nothing is loaded yet");
    store.handle_frame(0, empty(60));
    let (page, limit) = requested(&flush(&mut store)).unwrap();
    assert_eq!(limit, 21);
    let conversations = vec![json!({ "id": "c42", "joinedAt": 42 })];
    let value = json!({ "items": ["c42"], "more": false });
    store.page(1, page, Some(&value), Entities { conversations, ..Entities::none() });
    let outputs = flush(&mut store);
    assert_eq!(snapshot(&outputs, handle).unwrap().parts().len(), 1);
}
