//! Does what the engine wants done, and tells it what happened. The engine is borrowed for the length of one call
//! and never while JavaScript of the program runs.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use causerie_client::{ConnectionId, Engine, HttpFailure, Input, Output};
use causerie_protocol::{ClientId, ErrorBody, ErrorCode, Outcome, Request, RequestId, ServerFrame, UserId};
use js_sys::{Function, JsString, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::interop::callback::{call_and_wait, call_later};
use crate::interop::error::{Read, thrown};
use crate::interop::operation::{Operation, object, with};
use crate::interop::params::{property, wrong};
use crate::interop::{error, frames, promise};
use crate::live::{Link, Live};
use crate::refs::Interned;
use crate::transport::clock::{self, PageWatch, Timer};
use crate::transport::http::Call;
use crate::transport::websocket::{Event, Socket};

/// How the answer to a request becomes what its promise resolves with.
pub(crate) type Finish = Box<dyn FnOnce(&JsValue) -> JsValue>;

/// Resolves with nothing.
pub(crate) const fn nothing(_: &JsValue) -> JsValue {
    JsValue::UNDEFINED
}

/// Where the server is.
pub(crate) struct Endpoint {
    pub(crate) websocket: String,
    pub(crate) http: String,
}

struct Waiting {
    id: RequestId,
    finish: Finish,
    slot: Rc<promise::Slot>,
}

/// A session's engine with its connection, its timer, and the promises that wait.
pub(crate) struct Driver {
    engine: RefCell<Engine<JsValue, Operation>>,
    endpoint: Endpoint,
    user: UserId,
    client: ClientId,
    waiting: RefCell<Vec<Waiting>>,
    socket: RefCell<Option<(ConnectionId, Socket)>>,
    call: RefCell<Option<(ConnectionId, Call)>>,
    timer: RefCell<Timer>,
    page: RefCell<Option<PageWatch>>,
    pumping: Cell<bool>,
    /// `onNeedToken`, and the older `tokenFetcher`.
    pub(crate) need_token: RefCell<Option<Function>>,
    pub(crate) token_fetcher: Option<Function>,
    pub(crate) on_error: RefCell<Vec<(u32, Function)>>,
    pub(crate) on_end: RefCell<Option<Box<dyn FnOnce()>>>,
    /// The refs that the program holds.
    pub(crate) refs: Interned,
    /// The subscriptions, once there was one.
    live: RefCell<Option<Live>>,
    ended: RefCell<Option<ErrorBody>>,
}

impl Driver {
    pub(crate) fn new(
        engine: Engine<JsValue, Operation>,
        endpoint: Endpoint,
        user: UserId,
        client: ClientId,
        token_fetcher: Option<Function>,
    ) -> Rc<Self> {
        Rc::new_cyclic(|weak: &Weak<Driver>| {
            let timed = weak.clone();
            Driver {
                engine: RefCell::new(engine),
                endpoint,
                user,
                client,
                waiting: RefCell::default(),
                socket: RefCell::default(),
                call: RefCell::default(),
                timer: RefCell::new(Timer::new(move || {
                    if let Some(driver) = timed.upgrade() {
                        let slept = driver.timer.borrow_mut().went_off();
                        driver.input(if slept { Input::Wake } else { Input::Tick });
                    }
                })),
                page: RefCell::default(),
                pumping: Cell::new(false),
                need_token: RefCell::default(),
                token_fetcher,
                on_error: RefCell::default(),
                on_end: RefCell::default(),
                refs: Interned::new(),
                live: RefCell::default(),
                ended: RefCell::default(),
            }
        })
    }

    /// Asks the server, and promises what `finish` makes of the answer.
    pub(crate) fn request(self: &Rc<Self>, operation: Read<Operation>, finish: Finish) -> Promise {
        let operation = match operation {
            Ok(operation) => operation,
            Err(problem) => return promise::rejected(&problem),
        };
        let asked = self.engine.borrow_mut().request(clock::now(), operation);
        match asked {
            Ok(id) => {
                self.watch_page();
                let slot = Rc::<promise::Slot>::default();
                self.waiting.borrow_mut().push(Waiting { id, finish, slot: slot.clone() });
                self.pump();
                slot.promise()
            }
            Err(problem) => promise::rejected(&error::to_js(problem, None)),
        }
    }

    /// Subscribes to a topic of a thing: of its user, its conversation, or what is named beside.
    pub(crate) fn subscribe(
        self: &Rc<Self>,
        kind: &str,
        names: &JsValue,
        on_snapshot: &JsValue,
    ) -> Result<JsValue, JsValue> {
        if !on_snapshot.is_undefined() && !on_snapshot.is_function() {
            return Err(thrown(wrong("onSnapshot", "a function", on_snapshot)));
        }
        let live = self.live.borrow_mut().get_or_insert_with(|| self.new_live()).clone();
        Ok(live.open(&topic(kind, names), on_snapshot))
    }

    fn new_live(self: &Rc<Self>) -> Live {
        Live::new(self.user.as_str(), Link::new(Rc::downgrade(self)))
    }

    /// Begins a subscription of the server's.
    pub(crate) fn begin(self: &Rc<Self>, topic: JsValue, limit: Option<u32>) -> Result<u32, ErrorBody> {
        if !clock::has_websocket() {
            let text = "subscriptions need a WebSocket, and there is none here: call registerPolyfills({ WebSocket }) first";
            return Err(ErrorBody::new(ErrorCode::Unsupported, text));
        }
        let id = self.engine.borrow_mut().subscribe(clock::now(), topic, limit)?;
        self.watch_page();
        // Not before the caller knows the id: what cannot be sent at all is ended at once.
        let driver = self.clone();
        spawn_local(async move { driver.pump() });
        Ok(id)
    }

    /// Ends a subscription of the server's.
    pub(crate) fn unsubscribe(self: &Rc<Self>, id: u32) {
        self.engine.borrow_mut().unsubscribe(clock::now(), id);
        self.pump();
    }

    /// Says how much of a list is held, to be asked for again after a reconnect.
    pub(crate) fn window(&self, id: u32, count: u32) {
        self.engine.borrow_mut().set_window(id, count);
    }

    /// Tells the engine what happened, and does what it wants done.
    pub(crate) fn input(self: &Rc<Self>, input: Input<JsValue>) {
        self.engine.borrow_mut().handle_input(clock::now(), input);
        self.pump();
    }

    /// The error that ended the session, if one did.
    pub(crate) fn ended(&self) -> Option<ErrorBody> {
        self.ended.borrow().clone()
    }

    /// Nothing is listened to before the first request.
    fn watch_page(self: &Rc<Self>) {
        let mut page = self.page.borrow_mut();
        if page.is_none() {
            let teller = |input: fn() -> Input<JsValue>| {
                let weak = Rc::downgrade(self);
                move || {
                    if let Some(driver) = weak.upgrade() {
                        driver.input(input());
                    }
                }
            };
            *page = Some(PageWatch::new(teller(|| Input::Wake), teller(|| Input::Suspend)));
        }
    }

    fn pump(self: &Rc<Self>) {
        // Doing one thing can lead to the next; the outer loop sees to all of them, in order.
        if self.pumping.replace(true) {
            return;
        }
        loop {
            let output = self.engine.borrow_mut().poll();
            let Some(output) = output else { break };
            self.execute(output);
        }
        self.pumping.set(false);
        let at = self.engine.borrow().deadline();
        self.timer.borrow_mut().set(at, !self.waiting.borrow().is_empty());
    }

    fn execute(self: &Rc<Self>, output: Output<JsValue, Operation>) {
        match output {
            Output::Open(conn) => {
                let weak = Rc::downgrade(self);
                let socket = Socket::open(&self.endpoint.websocket, move |event| {
                    if let Some(driver) = weak.upgrade() {
                        driver.event(conn, event);
                    }
                });
                self.socket.replace(Some((conn, socket)));
            }
            Output::Close(conn, code) => {
                let open = self.socket.borrow_mut().take_if(|(open, _)| *open == conn);
                if let Some((_, socket)) = open {
                    socket.close(code);
                }
            }
            Output::Hello(conn, hello) => self.send(conn, &frames::hello(&hello)),
            Output::Auth(conn, token) => self.send(conn, &frames::auth(&token)),
            Output::Ping(conn) => self.send(conn, &frames::ping()),
            Output::Request(conn, request) => {
                let text = frames::request(&request);
                self.send_or_refuse(conn, request.id, &text);
            }
            Output::Subscribe(conn, subscribe) => {
                let text = frames::subscribe(&subscribe);
                self.send_or_refuse(conn, subscribe.id, &text);
            }
            Output::Unsubscribe(conn, id) => self.send(conn, &frames::unsubscribe(id)),
            Output::Deliver(frame) => self.deliver(frame),
            Output::Post(conn, token, requests) => self.post(conn, token, &requests),
            Output::AbortPost(_) => drop(self.call.take()),
            Output::Settle(outcome) => self.settle(outcome),
            Output::NeedToken => self.fetch_token(),
            Output::Ended(problem) => self.end(problem),
        }
    }

    fn send(&self, conn: ConnectionId, text: &JsString) {
        if let Some((open, socket)) = &*self.socket.borrow()
            && *open == conn
        {
            socket.send(String::from(text));
        }
    }

    fn send_or_refuse(&self, conn: ConnectionId, id: RequestId, text: &JsString) {
        if frames::fits(text) {
            self.send(conn, text);
        } else {
            let input = Input::Unsendable(id, too_large());
            self.engine.borrow_mut().handle_input(clock::now(), input);
        }
    }

    fn event(self: &Rc<Self>, conn: ConnectionId, event: Event) {
        let input = match event {
            Event::Opened => Input::Opened(conn),
            Event::Text(text) => {
                frames::read(&text).map_or(Input::UnknownFrame(conn), |frame| Input::Frame(conn, frame))
            }
            Event::Closed(code) => Input::Closed(conn, code),
        };
        self.input(input);
    }

    fn post(self: &Rc<Self>, conn: ConnectionId, token: Option<String>, requests: &[Request<Operation>]) {
        let text = frames::batch(&self.user, &self.client, requests);
        if !frames::fits(&text) {
            // The engine makes the batch smaller, or gives up the one request that is in it.
            let failure = Input::PostFailed(conn, HttpFailure::Rejected(too_large()));
            return self.engine.borrow_mut().handle_input(clock::now(), failure);
        }
        let weak = Rc::downgrade(self);
        let call = Call::post(&self.endpoint.http, token.as_deref(), &text, move |answer| {
            if let Some(driver) = weak.upgrade() {
                let read = answer.map_or(Err(HttpFailure::Network), |(status, text)| {
                    frames::read_answers(status, &text.into())
                });
                driver.input(match read {
                    Ok(answers) => Input::PostCompleted(conn, answers),
                    Err(failure) => Input::PostFailed(conn, failure),
                });
            }
        });
        self.call.replace(Some((conn, call)));
    }

    fn settle(&self, outcome: Outcome<JsValue>) {
        let place = self.waiting.borrow().iter().position(|waiting| waiting.id == outcome.id);
        let Some(place) = place else { return };
        let waiting = self.waiting.borrow_mut().remove(place);
        waiting.slot.settle(match outcome.error {
            Some(problem) => Err(error::to_js(problem, Some(self.name_of(outcome.id)))),
            None => Ok((waiting.finish)(&outcome.value.unwrap_or(JsValue::UNDEFINED))),
        });
    }

    /// Hands a frame over to the subscriptions. In each the whole frame stands in one place, as it was parsed.
    fn deliver(&self, frame: ServerFrame<JsValue>) {
        let Some(live) = self.live.borrow().clone() else { return };
        match frame {
            ServerFrame::Reset { id, value: Some(frame), .. } => {
                frames::set_id(&frame, id);
                live.reset(&frame);
            }
            ServerFrame::Events { id, changes, .. } => {
                for frame in changes {
                    frames::set_id(&frame, id);
                    live.events(&frame);
                }
            }
            ServerFrame::Update { entities } => entities.users.iter().for_each(|frame| live.update(frame)),
            ServerFrame::Ended { id, error } => live.ended(id, &error::to_js(error, None)),
            _ => {}
        }
    }

    /// The name of a request in the server's logs.
    fn name_of(&self, id: RequestId) -> String {
        [self.client.as_str(), "/", &id.to_string()].concat()
    }

    /// Asks the program for a token: `onNeedToken`, which calls `setToken`, or `tokenFetcher`, which returns one.
    /// One that fails is asked again, a little later.
    fn fetch_token(self: &Rc<Self>) {
        let handler = self.need_token.borrow().clone();
        let returns = handler.is_none();
        let Some(function) = handler.or_else(|| self.token_fetcher.clone()) else { return };
        let driver = self.clone();
        spawn_local(async move {
            let returned = call_and_wait(function).await;
            let token = returned.as_ref().and_then(JsValue::as_string).filter(|_| returns);
            driver.input(match token {
                Some(token) => Input::Token(token),
                // What a handler returns means nothing: it calls `setToken`, now or later.
                None if returned.is_some() && !returns => return,
                None => {
                    Input::TokenFailed("onNeedToken or tokenFetcher failed, or gave no string".to_owned())
                }
            });
        });
    }

    /// The session is over: handlers are told once, and everything it held is let go.
    fn end(&self, problem: ErrorBody) {
        self.ended.replace(Some(problem.clone()));
        self.socket.take();
        self.call.take();
        self.page.take();
        if let Some(live) = self.live.take() {
            live.end(&error::to_js(problem.clone(), None));
        }
        if let Some(forget) = self.on_end.take() {
            forget();
        }
        for (_, handler) in self.on_error.take() {
            call_later(handler, error::to_js(problem.clone(), None));
        }
    }
}

/// A topic as it is sent: `id` is the conversation where there is one, else the user.
fn topic(kind: &str, names: &JsValue) -> JsValue {
    let conversation = property(names, "conversation");
    let kind = JsValue::from(kind);
    if conversation.is_undefined() {
        let topic =
            [("kind", &kind), ("id", &property(names, "user")), ("filter", &property(names, "filter"))];
        return object(&topic);
    }
    with(names, &[("kind", &kind), ("id", &conversation), ("conversation", &JsValue::UNDEFINED)])
}

fn too_large() -> ErrorBody {
    ErrorBody::new(ErrorCode::TooLarge, "the request is over the limit of 64 KiB; send less at a time")
}
