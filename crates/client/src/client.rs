//! The whole client: the engine with the store of its subscriptions.
//!
//! The flow: the engine's frames of subscriptions go to the store, and the store's requests (pages, windows,
//! ends of subscriptions) go to the engine. Everything else is for the driver, which executes the outputs
//! until there are none ([`Client::poll`]), and calls [`Client::flush`] once at the end of a turn in which
//! [`ClientOutput::Flush`] was among them.

use causerie_protocol::limits::KEPT_BODIES;
use causerie_protocol::{ErrorBody, Op, Outcome, RequestId};

use crate::config::Config;
use crate::engine::Engine;
use crate::io::{Input, Output};
use crate::operation::Operation;
use crate::store::{Body, HandleEvent, HandleId, Store, StoreOutput};
use crate::{Millis, earliest};

/// An action for the driver.
pub enum ClientOutput<B: Body, O: Operation = Op> {
    /// An action of the engine. It is never [`Output::Deliver`].
    Engine(Output<B, O>),
    /// Pass this event to the handle.
    Handle(HandleId, HandleEvent<B::Snapshot>),
    /// Call [`Client::flush`] at the end of the turn: after the inputs that are already there.
    Flush,
}

/// A page that was requested for a subscription.
struct PendingPage {
    request: RequestId,
    subscription: RequestId,
    number: u32,
}

/// The client's engine and the store of its subscriptions.
///
/// # Example
///
/// ```
/// use causerie_client::store::HandleEvent;
/// use causerie_client::{Client, ClientOutput, Config, Input, Output, Transport};
/// use causerie_protocol::{ClientId, Entities, ServerFrame, Topic, UserId};
/// use serde_json::{Value, json};
///
/// let ada = UserId::new("ada")?;
/// let mut client: Client<Value> = Client::new(Config {
///     user: ada.clone(),
///     client: ClientId::new("7f3a0c9be15d4c2a8e6610f2b4d79a35")?,
///     sdk: "example/1.0",
///     transport: Transport::Auto,
///     token: None,
///     token_source: false,
///     seed: 1,
/// });
/// let handle = client.open(0, &Topic::User { id: ada })?;
///
/// let Some(ClientOutput::Engine(Output::Open(conn))) = client.poll() else { panic!() };
/// client.handle_input(20, Input::Opened(conn));
/// let Some(ClientOutput::Engine(Output::Hello(..))) = client.poll() else { panic!() };
/// let Some(ClientOutput::Engine(Output::Subscribe(_, subscribe))) = client.poll() else { panic!() };
///
/// let entities = Entities { users: vec![json!({ "id": "ada", "name": "Ada" })], ..Entities::none() };
/// let reset = ServerFrame::Reset { id: subscribe.id, seq: None, value: Some(json!("ada")), entities };
/// client.handle_input(40, Input::Frame(conn, reset));
/// assert!(matches!(client.poll(), Some(ClientOutput::Flush)));
///
/// client.flush(40);
/// let Some(ClientOutput::Handle(active, HandleEvent::Active { snapshot, .. })) = client.poll() else { panic!() };
/// assert_eq!(active, handle);
/// assert_eq!(snapshot.unwrap().value()["name"], "Ada");
/// # Ok::<(), causerie_protocol::ErrorBody>(())
/// ```
pub struct Client<B: Body, O: Operation = Op> {
    engine: Engine<B, O>,
    store: Store<B>,
    pages: Vec<PendingPage>,
    /// The time of the last call.
    now: Millis,
    is_flush_requested: bool,
}

impl<B: Body, O: Operation> Client<B, O> {
    /// Creates a client. It opens no connection before the first request or subscription.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let mut engine = Engine::new(config);
        engine.keep_bodies(KEPT_BODIES);
        Client { engine, store: Store::new(), pages: Vec::new(), now: 0, is_flush_requested: false }
    }

    /// Makes a request (see [`Engine::request`]).
    ///
    /// # Errors
    /// Those of [`Engine::request`].
    pub fn request(&mut self, now: Millis, operation: O) -> Result<RequestId, ErrorBody> {
        self.now = now;
        self.engine.request(now, operation)
    }

    /// Opens a handle on a topic. The handles of one topic share a subscription to the server.
    ///
    /// # Errors
    /// Returns an error at once if the session is over, uses HTTP only, or has too many subscriptions or
    /// handles.
    pub fn open(&mut self, now: Millis, topic: &O::Topic) -> Result<HandleId, ErrorBody> {
        self.now = now;
        let Client { engine, store, .. } = self;
        store.open(O::scope(topic), || engine.subscribe(now, topic.clone(), None))
    }

    /// Ends a handle. It has no further events, except the end of a pending `load_more`.
    pub fn unsubscribe(&mut self, now: Millis, handle: HandleId) {
        self.now = now;
        self.store.unsubscribe(handle);
    }

    /// Loads more of a handle's list (see [`Store::load_more`]).
    ///
    /// # Errors
    /// Returns `invalid_argument` for a count that is out of range.
    pub fn load_more(&mut self, handle: HandleId, count: Option<u32>) -> Result<bool, ErrorBody> {
        self.store.load_more(handle, count)
    }

    /// Handles an event.
    pub fn handle_input(&mut self, now: Millis, input: Input<B>) {
        self.now = now;
        self.store.expire_typing(now);
        self.engine.handle_input(now, input);
    }

    /// Brings the handles up to date, at the end of a turn.
    pub fn flush(&mut self, now: Millis) {
        self.now = now;
        self.is_flush_requested = false;
        self.store.flush();
    }

    /// Returns the next action for the driver, or `None` if there is nothing to do.
    pub fn poll(&mut self) -> Option<ClientOutput<B, O>> {
        loop {
            while let Some(output) = self.store.poll() {
                match output {
                    StoreOutput::Handle(id, event) => return Some(ClientOutput::Handle(id, event)),
                    StoreOutput::LoadPage { subscription, page, after, limit } => {
                        self.load_page(subscription, page, after, limit);
                    }
                    StoreOutput::SetWindow(id, window) => self.engine.set_window(id, window),
                    StoreOutput::Unsubscribe(id) => self.engine.unsubscribe(self.now, id),
                }
            }
            match self.engine.poll() {
                Some(Output::Deliver(frame)) => self.store.handle_frame(self.now, frame),
                Some(Output::Settle(outcome)) => {
                    if let Some(outcome) = self.take_page(outcome) {
                        return Some(ClientOutput::Engine(Output::Settle(outcome)));
                    }
                }
                Some(output) => return Some(ClientOutput::Engine(output)),
                None if !self.is_flush_requested && self.store.needs_flush() => {
                    self.is_flush_requested = true;
                    return Some(ClientOutput::Flush);
                }
                None => return None,
            }
        }
    }

    /// Returns the time at which the client needs [`Input::Tick`], unless another call comes first.
    #[must_use]
    pub fn deadline(&self) -> Option<Millis> {
        earliest(self.engine.deadline(), self.store.deadline())
    }

    fn load_page(&mut self, subscription: RequestId, number: u32, after: (i64, String), limit: u32) {
        let Some(topic) = self.engine.topic(subscription) else { return };
        let operation = O::more(topic, after, limit);
        match self.engine.request(self.now, operation) {
            Ok(request) => self.pages.push(PendingPage { request, subscription, number }),
            Err(error) => self.store.page_failed(subscription, number, &error),
        }
    }

    /// Passes the outcome of a page to the store. Returns that of any other request.
    fn take_page(&mut self, outcome: Outcome<B>) -> Option<Outcome<B>> {
        let Some(index) = self.pages.iter().position(|page| page.request == outcome.id) else {
            return Some(outcome);
        };
        let PendingPage { subscription, number, .. } = self.pages.swap_remove(index);
        match outcome.error {
            Some(error) => self.store.page_failed(subscription, number, &error),
            None => self.store.page(subscription, number, outcome.value.as_ref(), outcome.entities),
        }
        None
    }
}
