//! Executes the outputs of the client, and passes it what happens. The client is borrowed for the
//! length of one call, and never while JavaScript of the program runs.

pub(crate) mod frames;
mod handles;

use causerie_protocol::text::{concat, decimal};
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};

use causerie_client::store::HandleId;
use causerie_client::{Client, ClientOutput, ConnectionId, HttpFailure, Input, Output};
use causerie_protocol::{ClientId, ErrorBody, ErrorCode, Outcome, Request, RequestId, UserId};
use js_sys::{Function, JsString, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use crate::interop::callback::{call_and_wait, spawn};
use crate::interop::error::{JsResult, to_js};
use crate::interop::interned::Interned;
use crate::interop::operation::{Operation, Topic};
use crate::interop::waiting::{Deferred, ErrorHandlers};
use crate::snapshots::JsBody;
use crate::transport::clock::{self, PageWatch, Timer};
use crate::transport::http::Call;
use crate::transport::websocket::{Event, Socket};
pub(crate) use handles::Handle;
use handles::{Handles, flush_later};

/// Converts the result of a request to the value that its promise resolves with.
pub(crate) type Convert = Box<dyn FnOnce(Outcome<JsBody>) -> JsValue>;

/// Converts every result to `undefined`.
pub(crate) fn to_undefined(_: Outcome<JsBody>) -> JsValue {
    JsValue::UNDEFINED
}

/// Converts every result to its value.
pub(crate) fn to_value(outcome: Outcome<JsBody>) -> JsValue {
    outcome.value.map_or(JsValue::UNDEFINED, |value| value.as_js().clone())
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
    client: RefCell<Client<JsBody, Operation>>,
    endpoint: Endpoint,
    user: UserId,
    client_id: ClientId,
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
    /// The object through which all handles call this driver.
    pub(crate) link: OnceCell<JsValue>,
    handles: Handles,
    /// Calls `flush`.
    flush_call: Closure<dyn Fn()>,
}

impl Driver {
    pub(crate) fn new(
        client: Client<JsBody, Operation>,
        endpoint: Endpoint,
        user: UserId,
        client_id: ClientId,
        token_fetcher: Option<Function>,
    ) -> Rc<Self> {
        Rc::new_cyclic(|weak: &Weak<Driver>| {
            let (weak, flushed) = (weak.clone(), weak.clone());
            Driver {
                client: RefCell::new(client),
                endpoint,
                user,
                client_id,
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
                link: OnceCell::new(),
                handles: Handles::default(),
                flush_call: Closure::new(move || {
                    if let Some(driver) = flushed.upgrade() {
                        driver.flush();
                    }
                }),
            }
        })
    }

    /// Requests an operation. The promise resolves with the converted result.
    pub(crate) fn request(self: &Rc<Self>, operation: JsResult<Operation>, convert: Convert) -> Promise {
        let operation = match operation {
            Ok(operation) => operation,
            Err(problem) => return Promise::reject(&problem),
        };
        let requested = self.client.borrow_mut().request(clock::now(), operation);
        match requested {
            Ok(id) => {
                self.watch_page();
                let deferred = Deferred::new(true);
                let promise = deferred.promise();
                self.pending.borrow_mut().push(PendingRequest { id, convert, deferred });
                self.poll();
                promise
            }
            Err(problem) => Promise::reject(&to_js(problem, None)),
        }
    }

    /// Opens a handle on a topic, and returns it with its number. If that fails, the handle has ended.
    pub(crate) fn open(self: &Rc<Self>, topic: &Topic, on_snapshot: &JsValue) -> (HandleId, Handle) {
        let handle = Handle::new(on_snapshot);
        let opened = if clock::has_websocket() {
            self.client.borrow_mut().open(clock::now(), topic)
        } else {
            let text = "subscriptions need a WebSocket, and there is none here: \
                        call registerPolyfills({ WebSocket }) first";
            Err(ErrorBody::new(ErrorCode::Unsupported, text))
        };
        match opened {
            Ok(id) => {
                self.handles.insert(id, handle.clone());
                self.watch_page();
                self.poll();
                (id, handle)
            }
            Err(problem) => {
                handle.fail(&to_js(problem, None));
                (0, handle)
            }
        }
    }

    /// Ends a handle.
    pub(crate) fn unsubscribe(self: &Rc<Self>, handle: HandleId) {
        self.handles.remove(handle);
        self.client.borrow_mut().unsubscribe(clock::now(), handle);
        self.poll();
    }

    /// Loads more of a handle's list. Returns whether there is something to wait for.
    pub(crate) fn load_more(
        self: &Rc<Self>,
        handle: HandleId,
        count: Option<u32>,
    ) -> Result<bool, ErrorBody> {
        let loads = self.client.borrow_mut().load_more(handle, count)?;
        self.poll();
        Ok(loads)
    }

    /// Brings the handles up to date at the end of the turn.
    fn flush(self: &Rc<Self>) {
        self.client.borrow_mut().flush(clock::now());
        self.poll();
    }

    /// Passes an input to the engine, and executes its outputs.
    pub(crate) fn handle_input(self: &Rc<Self>, input: Input<JsBody>) {
        self.client.borrow_mut().handle_input(clock::now(), input);
        self.poll();
    }

    /// Listens to the page's events, from the first request on.
    fn watch_page(self: &Rc<Self>) {
        let mut page = self.page.borrow_mut();
        if page.is_none() {
            let listener = |input: fn() -> Input<JsBody>| {
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
            let output = self.client.borrow_mut().poll();
            let Some(output) = output else { break };
            self.execute(output);
        }
        self.polling.set(false);
        let at = self.client.borrow().deadline();
        self.timer.borrow_mut().set(at, !self.pending.borrow().is_empty());
    }

    fn execute(self: &Rc<Self>, output: ClientOutput<JsBody, Operation>) {
        match output {
            ClientOutput::Engine(output) => self.execute_engine(output),
            ClientOutput::Handle(id, event) => self.handles.handle_event(id, event),
            ClientOutput::Flush => flush_later(self.flush_call.as_ref()),
        }
    }

    fn execute_engine(self: &Rc<Self>, output: Output<JsBody, Operation>) {
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
            Output::Deliver(_) => {} // the client passes these frames to its store
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
            self.client.borrow_mut().handle_input(clock::now(), input);
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
        let text = frames::batch(&self.user, &self.client_id, connection, requests);
        if !frames::fits(&text) {
            // The engine makes the batch smaller, or fails the request if it is the only one.
            let failure = Input::PostFailed(connection, HttpFailure::Rejected(too_large()));
            return self.client.borrow_mut().handle_input(clock::now(), failure);
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

    fn settle(&self, outcome: Outcome<JsBody>) {
        let index = self.pending.borrow().iter().position(|request| request.id == outcome.id);
        let Some(index) = index else { return };
        let request = self.pending.borrow_mut().remove(index);
        request.deferred.complete(match outcome {
            Outcome { id, error: Some(problem), .. } => Err(to_js(problem, Some(self.name_in_logs(id)))),
            outcome => Ok((request.convert)(outcome)),
        });
    }

    fn name_in_logs(&self, id: RequestId) -> String {
        concat(&[self.client_id.as_str(), "/", &decimal(id)])
    }

    /// Asks the program for a token: calls `onNeedToken`, which calls `setToken`, or else `tokenFetcher`,
    /// which returns the token. The engine repeats a call that fails, after a delay.
    fn fetch_token(self: &Rc<Self>) {
        let handler = self.need_token.borrow().clone();
        let returns_token = handler.is_none();
        let Some(function) = handler.or_else(|| self.token_fetcher.clone()) else { return };
        let driver = self.clone();
        spawn(Box::pin(async move {
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
        }));
    }

    /// Ends the session: calls its handlers, once, and drops everything that it holds.
    fn end(&self, problem: ErrorBody) {
        self.socket.take();
        self.call.take();
        self.page.take();
        if let Some(on_end) = self.on_end.take() {
            on_end();
        }
        self.error_handlers.fail(&to_js(problem, None));
    }
}

fn too_large() -> ErrorBody {
    ErrorBody::new(ErrorCode::TooLarge, "the request is over the limit of 64 KiB; send less at a time")
}
