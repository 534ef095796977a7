//! One WebSocket, kept unsplit behind a queue. A task owns the socket: it sends what is queued, passes on what
//! comes, and closes with a code when told to.
//!
//! gloo-net calls a closing socket ready and drops what is sent there; so nothing counts as sent until it is
//! answered, and the engine sends it again.
//!
//! gloo-net also turns every text into a Rust string, which JavaScript would have to turn back before it can parse it. So
//! the browser's own string is kept beside (`websocket.js`), gloo-net is shown an empty one in its place, and its
//! message says that there is one.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use causerie_protocol::CloseCode;
use causerie_protocol::version::SUBPROTOCOL;
use futures_core::Stream;
use futures_sink::Sink;
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State, WebSocketError};
use js_sys::JsString;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[wasm_bindgen(module = "/src/transport/websocket.js")]
extern "C" {
    type Texts;
    #[wasm_bindgen(constructor)]
    fn new(socket: &web_sys::WebSocket) -> Texts;
    #[wasm_bindgen(method)]
    fn next(this: &Texts) -> JsString;
    #[wasm_bindgen(method)]
    fn end(this: &Texts);
}

/// What a socket tells.
pub(crate) enum Event {
    /// It is open.
    Opened,
    /// A text came.
    Text(JsString),
    /// It is closed, or could not be opened.
    Closed(u16),
}

/// The code of a connection that broke, which no peer ever sends.
const BROKEN: u16 = 1006;

#[derive(Default)]
struct Queue {
    frames: VecDeque<String>,
    close: Option<CloseCode>,
    waker: Option<Waker>,
}

/// The handle of a socket. Dropping it closes the socket.
pub(crate) struct Socket {
    queue: Rc<RefCell<Queue>>,
}

impl Socket {
    /// Opens a socket. What happens to it is told later, never from within this call.
    pub(crate) fn open(url: &str, tell: impl Fn(Event) + 'static) -> Self {
        let queue = Rc::new(RefCell::new(Queue::default()));
        let socket = Socket { queue: queue.clone() };
        let opened = web_sys::WebSocket::new_with_str(url, SUBPROTOCOL).ok().and_then(|socket| {
            let texts = Texts::new(&socket);
            WebSocket::try_from(socket).ok().map(|socket| (socket, texts))
        });
        spawn_local(async move {
            match opened {
                Some((socket, texts)) => run(socket, &texts, &queue, tell).await,
                None => tell(Event::Closed(BROKEN)),
            }
        });
        socket
    }

    /// Queues a text.
    pub(crate) fn send(&self, text: String) {
        self.queue.borrow_mut().frames.push_back(text);
        self.wake();
    }

    /// Closes the socket after what is queued. Nothing more is told of it.
    pub(crate) fn close(self, code: CloseCode) {
        self.queue.borrow_mut().close = Some(code);
        self.wake();
    }

    fn wake(&self) {
        let waker = self.queue.borrow_mut().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.queue.borrow_mut().close.get_or_insert(CloseCode::Normal);
        self.wake();
    }
}

async fn run(mut socket: WebSocket, texts: &Texts, queue: &RefCell<Queue>, tell: impl Fn(Event)) {
    let mut opened = false;
    let code = poll_fn(|context| step(&mut socket, texts, queue, &tell, &mut opened, context)).await;
    texts.end();
    if let Some(code) = code {
        // A code of ours may be sent; a reason is for logs only, and says nothing that the code does not.
        let _ = socket.close(Some(code.number()), None);
    }
}

/// Does all that can be done now. Ready when the socket is over: with a code, if it is for us to close it.
fn step(
    socket: &mut WebSocket,
    texts: &Texts,
    queue: &RefCell<Queue>,
    tell: &impl Fn(Event),
    opened: &mut bool,
    context: &mut Context<'_>,
) -> Poll<Option<CloseCode>> {
    let closing = queue.borrow().close;
    if let Some(code) = closing
        && !*opened
    {
        return Poll::Ready(Some(code));
    }
    if !*opened && matches!(socket.state(), State::Open) {
        *opened = true;
        tell(Event::Opened);
    }
    loop {
        if closing.is_some() {
            break;
        }
        match Pin::new(&mut *socket).poll_next(context) {
            Poll::Ready(Some(Ok(message))) => {
                let text = texts.next();
                // Nothing of this protocol is binary.
                if let Message::Text(_) = message {
                    tell(Event::Text(text));
                }
            }
            Poll::Ready(Some(Err(WebSocketError::ConnectionClose(event)))) => {
                tell(Event::Closed(event.code));
                return Poll::Ready(None);
            }
            Poll::Ready(Some(Err(_))) => {} // an error says nothing; the close that follows does
            Poll::Ready(None) => {
                tell(Event::Closed(BROKEN));
                return Poll::Ready(None);
            }
            Poll::Pending => break,
        }
    }
    if *opened {
        send_all(socket, queue);
    } else {
        // Wakes this task when the socket opens.
        let _ = Pin::new(&mut *socket).poll_ready(context);
    }
    let mut queue = queue.borrow_mut();
    if let Some(code) = queue.close {
        return Poll::Ready(Some(code));
    }
    queue.waker = Some(context.waker().clone());
    Poll::Pending
}

fn send_all(socket: &mut WebSocket, queue: &RefCell<Queue>) {
    loop {
        let frame = queue.borrow_mut().frames.pop_front();
        let Some(frame) = frame else { break };
        // A frame that cannot be sent is not lost: it has no answer, so the engine sends it again.
        let _ = Pin::new(&mut *socket).start_send(Message::Text(frame));
    }
}
