//! A WebSocket, kept unsplit behind a queue. A task owns the socket: it sends the queued texts, passes on the
//! socket's events, and closes the socket with a code.
//!
//! gloo-net reports a closing socket as ready and drops texts that are sent to it. So a request counts as
//! sent only when it is answered; until then the engine sends it again after a reconnect.
//!
//! gloo-net also converts every text to a Rust string, which would have to be converted back before
//! JavaScript can parse it. So `websocket.js` keeps the browser's string, and gloo-net receives an empty one
//! in its place.

use std::cell::RefCell;
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

use crate::interop::callback::spawn;

#[wasm_bindgen(module = "/src/transport/websocket.js")]
extern "C" {
    type MessageTexts;
    #[wasm_bindgen(constructor)]
    fn new(socket: &web_sys::WebSocket) -> MessageTexts;
    #[wasm_bindgen(method)]
    fn next(this: &MessageTexts) -> JsString;
    #[wasm_bindgen(method)]
    fn end(this: &MessageTexts);
}

/// An event of a socket.
pub(crate) enum Event {
    /// The socket is open.
    Opened,
    /// A text arrived.
    Text(JsString),
    /// The socket was closed, or could not be opened, with this close code.
    Closed(u16),
}

/// The close code of a broken connection, which no peer sends.
const BROKEN: u16 = 1006;

#[derive(Default)]
struct Queue {
    frames: Vec<String>,
    close: Option<CloseCode>,
    waker: Option<Waker>,
}

/// The handle of a socket. Dropping it closes the socket.
pub(crate) struct Socket {
    queue: Rc<RefCell<Queue>>,
}

impl Socket {
    /// Opens a socket. Calls `on_event` for its events, in later tasks.
    pub(crate) fn open(url: &str, on_event: impl Fn(Event) + 'static) -> Self {
        let queue = Rc::new(RefCell::new(Queue::default()));
        let socket = Socket { queue: queue.clone() };
        let opened = web_sys::WebSocket::new_with_str(url, SUBPROTOCOL).ok().and_then(|socket| {
            let texts = MessageTexts::new(&socket);
            WebSocket::try_from(socket).ok().map(|socket| (socket, texts))
        });
        spawn(Box::pin(async move {
            match opened {
                Some((socket, texts)) => run(socket, &texts, &queue, on_event).await,
                None => on_event(Event::Closed(BROKEN)),
            }
        }));
        socket
    }

    /// Queues a text.
    pub(crate) fn send(&self, text: String) {
        self.queue.borrow_mut().frames.push(text);
        self.wake();
    }

    /// Closes the socket after sending the queued texts. No event follows.
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

async fn run(mut socket: WebSocket, texts: &MessageTexts, queue: &RefCell<Queue>, on_event: impl Fn(Event)) {
    let mut opened = false;
    let code = poll_fn(|context| step(&mut socket, texts, queue, &on_event, &mut opened, context)).await;
    texts.end();
    if let Some(code) = code {
        // No reason is sent: it would be for logs only, and repeat the code.
        let _ = socket.close(Some(code.number()), None);
    }
}

/// Sends and receives as much as possible without waiting. Ready when the socket is done: with a code if this
/// side has to close it.
fn step(
    socket: &mut WebSocket,
    texts: &MessageTexts,
    queue: &RefCell<Queue>,
    on_event: &impl Fn(Event),
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
        on_event(Event::Opened);
    }
    loop {
        if closing.is_some() {
            break;
        }
        match Pin::new(&mut *socket).poll_next(context) {
            Poll::Ready(Some(Ok(message))) => {
                let text = texts.next();
                // The protocol has no binary messages.
                if let Message::Text(_) = message {
                    on_event(Event::Text(text));
                }
            }
            Poll::Ready(Some(Err(WebSocketError::ConnectionClose(event)))) => {
                on_event(Event::Closed(event.code));
                return Poll::Ready(None);
            }
            // An error has no details; the close event that follows has the code.
            Poll::Ready(Some(Err(_))) => {}
            Poll::Ready(None) => {
                on_event(Event::Closed(BROKEN));
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
    for frame in std::mem::take(&mut queue.borrow_mut().frames) {
        // A frame that cannot be sent is not lost: its request stays pending, so the engine sends it again.
        let _ = Pin::new(&mut *socket).start_send(Message::Text(frame));
    }
}
