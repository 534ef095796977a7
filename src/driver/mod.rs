//! Executes the outputs of the client's engine, and passes it what happens. The engine is borrowed for the
//! length of one call, and never while JavaScript of the program runs.

pub(crate) mod link;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use causerie_client::{ConnectionId, Engine, HttpFailure, Input, Output};
use causerie_protocol::{ClientId, ErrorBody, ErrorCode, Outcome, Request, RequestId, ServerFrame, UserId};
use js_sys::{Function, JsString, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use crate::interop::callback::call_and_wait;
use crate::interop::error::{JsResult, to_js};
use crate::interop::frames;
use crate::interop::interned::Interned;
use crate::interop::operation::Operation;
use crate::interop::waiting::{Deferred, ErrorHandlers};
use crate::live::Live;
use crate::transport::clock::{self, PageWatch, Timer};
use crate::transport::http::Call;
use crate::transport::websocket::{Event, Socket};

/// Converts the result of a request to the value that its promise resolves with.
pub(crate) type Convert = Box<dyn FnOnce(&JsValue) -> JsValue>;

/// Converts every result to `undefined`.
pub(crate) const fn to_undefined(_: &JsValue) -> JsValue {
    JsValue::UNDEFINED
}

/// The URLs of the server.
pub(crate) struct Endpoint {
    pub(crate) websocket: String,
    pub(crate) http: String,
}

struct PendingRequest {
    id: RequestId,
    convert: Convert,
    deferred: Deferred,
}

/// A session's engine with its connection, its timer, and the promises of its pending requests.
pub(crate) struct Driver {
    engine: RefCell<Engine<JsValue, Operation>>,
    endpoint: Endpoint,
    user: UserId,
    client: ClientId,
    pending: RefCell<Vec<PendingRequest>>,
    socket: RefCell<Option<(ConnectionId, Socket)>>,
    call: RefCell<Option<(ConnectionId, Call)>>,
    timer: RefCell<Timer>,
    page: RefCell<Option<PageWatch>>,
    polling: Cell<bool>,
    pub(crate) need_token: RefCell<Option<Function>>,
    /// The older form of `need_token`, which is used if there is no handler.
    pub(crate) token_fetcher: Option<Function>,
    pub(crate) error_handlers: ErrorHandlers,
    pub(crate) on_end: RefCell<Option<Box<dyn FnOnce()>>>,
    pub(crate) refs: Interned,
    /// The subscriptions: `None` before the first one and after the end.
    live: RefCell<Option<Live>>,
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
            let weak = weak.clone();
            Driver {
                engine: RefCell::new(engine),
                endpoint,
                user,
                client,
                pending: RefCell::default(),
                socket: RefCell::default(),
                call: RefCell::default(),
                timer: RefCell::new(Timer::new(move || {
                    if let Some(driver) = weak.upgrade() {
                        let slept = driver.timer.borrow_mut().fired();
                        driver.handle_input(if slept { Input::Wake } else { Input::Tick });
                    }
                })),
                page: RefCell::default(),
                polling: Cell::new(false),
                need_token: RefCell::default(),
                token_fetcher,
                error_handlers: ErrorHandlers::new(),
                on_end: RefCell::default(),
                refs: Interned::new(),
                live: RefCell::default(),
            }
        })
    }

    /// Requests an operation. The promise resolves with the converted result.
    pub(crate) fn request(self: &Rc<Self>, operation: JsResult<Operation>, convert: Convert) -> Promise {
        let operation = match operation {
            Ok(operation) => operation,
            Err(problem) => return Promise::reject(&problem),
        };
        let requested = self.engine.borrow_mut().request(clock::now(), operation);
        match requested {
            Ok(id) => {
                self.watch_page();
                let deferred = Deferred::new();
                let promise = deferred.promise();
                self.pending.borrow_mut().push(PendingRequest { id, convert, deferred });
                self.poll();
                promise
            }
            Err(problem) => Promise::reject(&to_js(problem, None)),
        }
    }

    /// Returns the subscriptions of the session, and makes them if there are none.
    pub(crate) fn live(&self, make: impl FnOnce() -> Live) -> Live {
        self.live.borrow_mut().get_or_insert_with(make).clone()
    }

    /// Subscribes to a topic, and returns the subscription's id.
    pub(crate) fn subscribe(self: &Rc<Self>, topic: JsValue) -> Result<u32, ErrorBody> {
        if !clock::has_websocket() {
            let text = "subscriptions need a WebSocket, and there is none here: \
                        call registerPolyfills({ WebSocket }) first";
            return Err(ErrorBody::new(ErrorCode::Unsupported, text));
        }
        let id = self.engine.borrow_mut().subscribe(clock::now(), topic, None)?;
        self.watch_page();
        // In a later task, when the caller knows the id: a subscription that cannot be sent ends at once.
        let driver = self.clone();
        spawn_local(async move { driver.poll() });
        Ok(id)
    }

    /// Ends a subscription.
    pub(crate) fn unsubscribe(self: &Rc<Self>, id: u32) {
        self.engine.borrow_mut().unsubscribe(clock::now(), id);
        self.poll();
    }

    /// Sets how many entries of a list are requested after a reconnect.
    pub(crate) fn set_window(&self, id: u32, count: u32) {
        self.engine.borrow_mut().set_window(id, count);
    }

    /// Passes an input to the engine, and executes its outputs.
    pub(crate) fn handle_input(self: &Rc<Self>, input: Input<JsValue>) {
        self.engine.borrow_mut().handle_input(clock::now(), input);
        self.poll();
    }

    /// Listens to the page's events, from the first request on.
    fn watch_page(self: &Rc<Self>) {
        let mut page = self.page.borrow_mut();
        if page.is_none() {
            let listener = |input: fn() -> Input<JsValue>| {
                let weak = Rc::downgrade(self);
                move || {
                    if let Some(driver) = weak.upgrade() {
                        driver.handle_input(input());
                    }
                }
            };
            *page = Some(PageWatch::new(listener(|| Input::Wake), listener(|| Input::Suspend)));
        }
    }

    fn poll(self: &Rc<Self>) {
        // Executing an output can call this again; the outer call then executes the further outputs, in
        // order.
        if self.polling.replace(true) {
            return;
        }
        loop {
            let output = self.engine.borrow_mut().poll();
            let Some(output) = output else { break };
            self.execute(output);
        }
        self.polling.set(false);
        let at = self.engine.borrow().deadline();
        self.timer.borrow_mut().set(at, !self.pending.borrow().is_empty());
    }

    fn execute(self: &Rc<Self>, output: Output<JsValue, Operation>) {
        match output {
            Output::Open(connection) => {
                let weak = Rc::downgrade(self);
                let socket = Socket::open(&self.endpoint.websocket, move |event| {
                    if let Some(driver) = weak.upgrade() {
                        driver.handle_event(connection, event);
                    }
                });
                self.socket.replace(Some((connection, socket)));
            }
            Output::Close(connection, code) => {
                let open = self.socket.borrow_mut().take_if(|(open, _)| *open == connection);
                if let Some((_, socket)) = open {
                    socket.close(code);
                }
            }
            Output::Hello(connection, hello) => self.send(connection, &frames::hello(&hello)),
            Output::Auth(connection, token) => self.send(connection, &frames::auth(&token)),
            Output::Ping(connection) => self.send(connection, &frames::ping()),
            Output::Request(connection, request) => {
                let text = frames::request(&request);
                self.send_if_it_fits(connection, request.id, &text);
            }
            Output::Subscribe(connection, subscribe) => {
                let text = frames::subscribe(&subscribe);
                self.send_if_it_fits(connection, subscribe.id, &text);
            }
            Output::Unsubscribe(connection, id) => self.send(connection, &frames::unsubscribe(id)),
            Output::Deliver(frame) => self.deliver(frame),
            Output::Post(connection, token, requests) => self.post(connection, token, &requests),
            Output::AbortPost(_) => drop(self.call.take()),
            Output::Settle(outcome) => self.settle(outcome),
            Output::NeedToken => self.fetch_token(),
            Output::Ended(problem) => self.end(problem),
        }
    }

    fn send(&self, connection: ConnectionId, text: &JsString) {
        if let Some((open, socket)) = &*self.socket.borrow()
            && *open == connection
        {
            socket.send(String::from(text));
        }
    }

    fn send_if_it_fits(&self, connection: ConnectionId, id: RequestId, text: &JsString) {
        if frames::fits(text) {
            self.send(connection, text);
        } else {
            let input = Input::Unsendable(id, too_large());
            self.engine.borrow_mut().handle_input(clock::now(), input);
        }
    }

    fn handle_event(self: &Rc<Self>, connection: ConnectionId, event: Event) {
        let input = match event {
            Event::Opened => Input::Opened(connection),
            Event::Text(text) => frames::decode(&text)
                .map_or(Input::UnknownFrame(connection), |frame| Input::Frame(connection, frame)),
            Event::Closed(code) => Input::Closed(connection, code),
        };
        self.handle_input(input);
    }

    fn post(
        self: &Rc<Self>,
        connection: ConnectionId,
        token: Option<String>,
        requests: &[Request<Operation>],
    ) {
        let text = frames::batch(&self.user, &self.client, requests);
        if !frames::fits(&text) {
            // The engine makes the batch smaller, or fails the request if it is the only one.
            let failure = Input::PostFailed(connection, HttpFailure::Rejected(too_large()));
            return self.engine.borrow_mut().handle_input(clock::now(), failure);
        }
        let weak = Rc::downgrade(self);
        let call = Call::post(&self.endpoint.http, token.as_deref(), &text, move |response| {
            if let Some(driver) = weak.upgrade() {
                let decoded = response.map_or(Err(HttpFailure::Network), |(status, text)| {
                    frames::decode_response(status, &text.into())
                });
                driver.handle_input(match decoded {
                    Ok(results) => Input::PostCompleted(connection, results),
                    Err(failure) => Input::PostFailed(connection, failure),
                });
            }
        });
        self.call.replace(Some((connection, call)));
    }

    fn settle(&self, outcome: Outcome<JsValue>) {
        let index = self.pending.borrow().iter().position(|request| request.id == outcome.id);
        let Some(index) = index else { return };
        let request = self.pending.borrow_mut().remove(index);
        request.deferred.complete(match outcome.error {
            Some(problem) => Err(to_js(problem, Some(self.name_in_logs(outcome.id)))),
            None => Ok((request.convert)(&outcome.value.unwrap_or(JsValue::UNDEFINED))),
        });
    }

    /// Passes a frame to the subscriptions. One of its parts is the whole frame as parsed (see
    /// [`frames::decode`]).
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
            ServerFrame::Ended { id, error } => live.ended(id, &to_js(error, None)),
            _ => {}
        }
    }

    fn name_in_logs(&self, id: RequestId) -> String {
        [self.client.as_str(), "/", &id.to_string()].concat()
    }

    /// Asks the program for a token: calls `onNeedToken`, which calls `setToken`, or else `tokenFetcher`,
    /// which returns the token. The engine repeats a call that fails, after a delay.
    fn fetch_token(self: &Rc<Self>) {
        let handler = self.need_token.borrow().clone();
        let returns_token = handler.is_none();
        let Some(function) = handler.or_else(|| self.token_fetcher.clone()) else { return };
        let driver = self.clone();
        spawn_local(async move {
            let returned = call_and_wait(function).await;
            let token = returned.as_ref().and_then(JsValue::as_string).filter(|_| returns_token);
            driver.handle_input(match token {
                Some(token) => Input::Token(token),
                // The value that `onNeedToken` returns is ignored: it calls `setToken`, now or later.
                None if returned.is_some() && !returns_token => return,
                None => {
                    Input::TokenFailed("onNeedToken or tokenFetcher failed, or gave no string".to_owned())
                }
            });
        });
    }

    /// Ends the session: calls its handlers, once, and drops everything that it holds.
    fn end(&self, problem: ErrorBody) {
        self.socket.take();
        self.call.take();
        self.page.take();
        if let Some(live) = self.live.take() {
            live.end(&to_js(problem.clone(), None));
        }
        if let Some(on_end) = self.on_end.take() {
            on_end();
        }
        self.error_handlers.fail(&to_js(problem, None));
    }
}

fn too_large() -> ErrorBody {
    ErrorBody::new(ErrorCode::TooLarge, "the request is over the limit of 64 KiB; send less at a time")
}
