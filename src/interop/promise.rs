//! The promises that methods return: a slot that the result fills, awaited by a future that owns it.
//!
//! Exported methods take `&self`, clone the values that they need, and move them into the future: nothing of
//! the exported object is borrowed while JavaScript runs.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::future_to_promise;

/// The result of a pending promise, once there is one.
#[derive(Default)]
pub(crate) struct Slot {
    result: Cell<Option<Result<JsValue, JsValue>>>,
    waker: RefCell<Option<Waker>>,
}

impl Slot {
    /// Settles the promise.
    pub(crate) fn settle(&self, result: Result<JsValue, JsValue>) {
        self.result.set(Some(result));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Returns the promise that [`Slot::settle`] settles.
    pub(crate) fn promise(self: Rc<Self>) -> Promise {
        future_to_promise(poll_fn(move |context| {
            if let Some(result) = self.result.take() {
                return Poll::Ready(result);
            }
            *self.waker.borrow_mut() = Some(context.waker().clone());
            Poll::Pending
        }))
    }
}

/// Returns a promise that is already rejected.
pub(crate) fn rejected(error: &JsValue) -> Promise {
    Promise::reject(error)
}
