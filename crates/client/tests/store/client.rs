//! The client: the engine together with the store.

use causerie_client::store::{HandleEvent, HandleId, JsonSnapshot};
use causerie_client::{Client, ClientOutput, Config, ConnectionId, Input, Output, Transport};
use causerie_protocol::frames::{Hello, Subscribe, Welcome};
use causerie_protocol::limits::KEPT_BODIES;
use causerie_protocol::{
    ClientId, CloseCode, ConversationId, Entities, ErrorBody, ErrorCode, Op, Outcome, Request, RequestId,
    ServerFrame, Topic, UserId,
};
use serde_json::{Value, json};

struct Test {
    client: Client<Value>,
    conn: ConnectionId,
    hello: Option<Hello>,
    subscribed: Vec<Subscribe>,
    unsubscribed: Vec<RequestId>,
    requests: Vec<Request>,
    events: Vec<(HandleId, HandleEvent<JsonSnapshot>)>,
}

impl Test {
    fn new() -> Self {
        let client = Client::new(Config {
            user: UserId::new("ada").unwrap(),
            client: ClientId::new("7f3a0c9be15d4c2a8e6610f2b4d79a35").unwrap(),
            sdk: "test/1",
            transport: Transport::Auto,
            token: None,
            token_source: false,
            seed: 1,
        });
        let (subscribed, unsubscribed, requests, events) = (vec![], vec![], vec![], vec![]);
        Test { client, conn: 0, hello: None, subscribed, unsubscribed, requests, events }
    }

    fn execute(&mut self) {
        while let Some(output) = self.client.poll() {
            match output {
                ClientOutput::Flush => self.client.flush(0),
                ClientOutput::Handle(id, event) => self.events.push((id, event)),
                ClientOutput::Engine(Output::Open(conn)) => {
                    self.conn = conn;
                    self.client.handle_input(0, Input::Opened(conn));
                    let welcome = Welcome {
                        protocol: 1,
                        epoch: "e".to_owned(),
                        time: 0,
                        ping_interval: 25_000,
                        token_expires_in: None,
                    };
                    self.frame(ServerFrame::Welcome(welcome));
                }
                ClientOutput::Engine(Output::Hello(_, hello)) => self.hello = Some(hello),
                ClientOutput::Engine(Output::Subscribe(_, subscribe)) => self.subscribed.push(subscribe),
                ClientOutput::Engine(Output::Unsubscribe(_, id)) => self.unsubscribed.push(id),
                ClientOutput::Engine(Output::Request(_, request)) => self.requests.push(request),
                ClientOutput::Engine(Output::Deliver(frame)) => panic!("the driver got {frame:?}"),
                ClientOutput::Engine(_) => {}
            }
        }
    }

    fn frame(&mut self, frame: ServerFrame<Value>) {
        self.client.handle_input(0, Input::Frame(self.conn, frame));
    }

    fn open(&mut self, topic: &Topic) -> (HandleId, RequestId) {
        let handle = self.client.open(0, topic).unwrap();
        self.execute();
        (handle, self.subscribed.last().unwrap().id)
    }

    fn reset(&mut self, id: RequestId, value: Value, entities: Entities<Value>) {
        self.frame(ServerFrame::Reset { id, seq: Some(1), value: Some(value), entities });
        self.execute();
    }

    fn shown(&self, handle: HandleId) -> Option<Value> {
        self.events.iter().rev().find_map(|(id, event)| match event {
            HandleEvent::Active { snapshot, .. } if *id == handle => {
                Some(snapshot.as_ref().map_or(Value::Null, |snapshot| snapshot.value().clone()))
            }
            _ => None,
        })
    }
}

fn user(id: &str) -> Topic {
    Topic::User { id: UserId::new(id).unwrap() }
}

fn messages() -> Topic {
    Topic::Messages { id: ConversationId::new("c").unwrap() }
}

fn users(bodies: &[(&str, &str)]) -> Entities<Value> {
    let users = bodies.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
    Entities { users, ..Entities::none() }
}

#[test]
fn hello_promises_to_keep_the_bodies_that_the_store_keeps() {
    let mut test = Test::new();
    test.open(&user("bob"));
    assert_eq!(test.hello.unwrap().keeps_bodies, u32::try_from(KEPT_BODIES).ok());
}

#[test]
fn body_of_an_ended_subscription_is_used_by_a_later_frame_without_it() {
    let mut test = Test::new();
    let (handle, id) = test.open(&user("bob"));
    test.reset(id, json!("bob"), users(&[("bob", "Bob")]));
    test.client.unsubscribe(0, handle);
    test.execute();
    let (handle, id) = test.open(&user("bob"));
    test.reset(id, json!("bob"), Entities::none());
    assert_eq!(test.shown(handle).unwrap()["name"], "Bob");
}

#[test]
fn bodies_of_a_frame_for_an_ended_subscription_are_kept() {
    let mut test = Test::new();
    let (first, id) = test.open(&user("bob"));
    test.client.unsubscribe(0, first);
    test.execute();
    test.reset(id, json!("bob"), users(&[("bob", "Bob")]));
    let (handle, id) = test.open(&user("bob"));
    test.reset(id, json!("bob"), Entities::none());
    assert_eq!(test.shown(handle).unwrap()["name"], "Bob");
}

#[test]
fn bodies_of_a_frame_after_a_gap_are_kept() {
    let mut test = Test::new();
    let (_, id) = test.open(&messages());
    let (handle, other) = test.open(&user("bob"));
    test.reset(id, json!({ "items": [], "more": false }), Entities::none());
    let (since, seq, changes, entities) = (Some(7), Some(8), vec![], users(&[("bob", "Bob")]));
    test.frame(ServerFrame::Events { id, since, seq, changes, entities });
    test.reset(other, json!("bob"), Entities::none());
    assert_eq!(test.shown(handle).unwrap()["name"], "Bob");
}

#[test]
fn load_more_requests_a_page_and_shows_it() {
    let mut test = Test::new();
    let (handle, id) = test.open(&messages());
    let page = |numbers: std::ops::RangeInclusive<i64>, more: bool| {
        let body =
            |number: i64| json!({ "id": format!("m{number}"), "conversation": "c", "createdAt": number });
        let messages: Vec<Value> = numbers.rev().map(body).collect();
        let items: Vec<&Value> = messages.iter().map(|body| &body["id"]).collect();
        (json!({ "items": items, "more": more }), Entities { messages, ..Entities::none() })
    };
    let (value, entities) = page(2..=31, true);
    test.reset(id, value, entities);
    assert_eq!(test.client.load_more(handle, Some(1)), Ok(true));
    test.execute();
    let request = test.requests.pop().unwrap();
    let Op::More { topic, after, limit } = request.op else { panic!("{:?}", request.op) };
    assert_eq!((topic, after.at, after.id.as_str(), limit), (messages(), 2, "m2", 1));
    let (value, entities) = page(1..=1, false);
    test.frame(ServerFrame::Result(Outcome::ok(request.id, Some(value), entities)));
    test.execute();
    assert_eq!(test.shown(handle).unwrap().as_array().unwrap().len(), 31);
    assert!(test.events.contains(&(handle, HandleEvent::Loaded(Ok(())))));
}

#[test]
fn failed_page_rejects_load_more_and_is_no_result_for_the_driver() {
    let mut test = Test::new();
    let (handle, id) = test.open(&messages());
    let body = json!({ "id": "m2", "conversation": "c", "createdAt": 2 });
    let entities = Entities { messages: vec![body], ..Entities::none() };
    test.reset(id, json!({ "items": ["m2"], "more": true }), entities);
    assert_eq!(test.client.load_more(handle, None), Ok(true));
    test.execute();
    let error = ErrorBody::new(ErrorCode::Forbidden, "no access");
    let request = test.requests.pop().unwrap().id;
    test.frame(ServerFrame::Result(Outcome::failed(request, error.clone())));
    test.execute();
    assert!(test.events.contains(&(handle, HandleEvent::Loaded(Err(error)))));
}

#[test]
fn end_of_the_session_resolves_a_pending_load_more() {
    let mut test = Test::new();
    let (handle, id) = test.open(&messages());
    let body = json!({ "id": "m2", "conversation": "c", "createdAt": 2 });
    let entities = Entities { messages: vec![body], ..Entities::none() };
    test.reset(id, json!({ "items": ["m2"], "more": true }), entities);
    assert_eq!(test.client.load_more(handle, None), Ok(true));
    test.execute();
    assert_eq!(test.requests.len(), 1, "the page is requested");
    test.events.clear();
    test.client.handle_input(0, Input::Closed(test.conn, CloseCode::Forbidden.number()));
    test.execute();
    let events: Vec<_> = test.events.iter().map(|(_, event)| event).collect();
    assert!(matches!(events[..], [HandleEvent::Ended(_), HandleEvent::Loaded(Ok(()))]), "{events:?}");
}

#[test]
fn typing_users_expire_without_an_input() {
    let mut test = Test::new();
    let (handle, id) = test.open(&Topic::Typing { id: ConversationId::new("c").unwrap() });
    test.reset(id, json!({ "users": ["bob"] }), users(&[("bob", "Bob")]));
    let deadline = test.client.deadline().unwrap();
    assert_eq!(deadline, 13_000);
    test.client.handle_input(deadline, Input::Tick);
    test.execute();
    assert_eq!(test.shown(handle).unwrap(), json!({ "many": false, "users": [] }));
}

#[test]
fn last_unsubscribe_of_a_topic_ends_the_subscription() {
    let mut test = Test::new();
    let (first, id) = test.open(&user("bob"));
    let (second, _) = test.open(&user("bob"));
    assert_eq!(test.subscribed.len(), 1);
    test.client.unsubscribe(0, first);
    test.execute();
    assert_eq!(test.unsubscribed, [0; 0]);
    test.client.unsubscribe(0, second);
    test.execute();
    assert_eq!(test.unsubscribed, [id]);
}
