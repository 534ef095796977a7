//! The one way a method returns a promise: a slot that the answer fills, awaited by a future that owns it.
//!
//! Exported methods take `&self`, clone what they need, and give it to the future: nothing of the exported object
//! is borrowed while JavaScript runs.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

/// Where an answer arrives.
#[derive(Default)]
pub(crate) struct Slot {
    answer: Cell<Option<Result<JsValue, JsValue>>>,
    waker: RefCell<Option<Waker>>,
}

impl Slot {
    /// Settles the promise. The first answer counts.
    pub(crate) fn settle(&self, answer: Result<JsValue, JsValue>) {
        self.answer.set(Some(answer));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// The promise of what will arrive here.
    pub(crate) fn promise(self: Rc<Self>) -> Promise {
        future_to_promise(poll_fn(move |context| {
            if let Some(answer) = self.answer.take() {
                return Poll::Ready(answer);
            }
            *self.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        }))
    }
}

/// A promise that is rejected already.
pub(crate) fn rejected(error: &JsValue) -> Promise {
    Promise::reject(error)
}
