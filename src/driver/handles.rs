//! The handles of a session's subscriptions in JavaScript, and the events that they get.

use std::cell::RefCell;

use causerie_client::store::{HandleEvent, HandleId};
use wasm_bindgen::prelude::*;

use crate::interop::error::to_js;

#[wasm_bindgen(module = "/src/driver/handle.js")]
extern "C" {
    #[derive(Clone)]
    pub(crate) type Handle;

    /// Calls a function in a microtask, and then the callbacks that are due.
    #[wasm_bindgen(js_name = flushLater)]
    pub(super) fn flush_later(flush: &JsValue);

    #[wasm_bindgen(constructor)]
    pub(crate) fn new(on_snapshot: &JsValue) -> Handle;
    /// Returns the object that the program gets. `max` is the highest count of `loadMore`, or 0 if the handle
    /// shows no list.
    #[wasm_bindgen(method)]
    pub(crate) fn expose(this: &Handle, link: &JsValue, id: u32, max: u32) -> JsValue;
    #[wasm_bindgen(method)]
    fn activate(this: &Handle, snapshot: &JsValue, loaded_all: Option<bool>);
    /// Makes the callback due, which `flush_later` calls.
    #[wasm_bindgen(method)]
    fn notify(this: &Handle);
    #[wasm_bindgen(method)]
    fn loaded(this: &Handle, error: &JsValue);
    #[wasm_bindgen(method)]
    pub(super) fn fail(this: &Handle, error: &JsValue);
}

/// The open handles, in the order of their numbers.
#[derive(Default)]
pub(super) struct Handles(RefCell<Vec<(HandleId, Handle)>>);

impl Handles {
    pub(super) fn insert(&self, id: HandleId, handle: Handle) {
        self.0.borrow_mut().push((id, handle));
    }

    /// Removes a handle, if it is open.
    #[inline(never)]
    pub(super) fn remove(&self, id: HandleId) -> Option<Handle> {
        let index = self.index_of(id)?;
        Some(self.0.borrow_mut().remove(index).1)
    }

    fn get(&self, id: HandleId) -> Option<Handle> {
        let index = self.index_of(id)?;
        self.0.borrow().get(index).map(|(_, handle)| handle.clone())
    }

    #[inline(never)]
    fn index_of(&self, id: HandleId) -> Option<usize> {
        self.0.borrow().binary_search_by_key(&id, |(other, _)| *other).ok()
    }

    /// Passes an event to a handle, if it is open.
    pub(super) fn handle_event(&self, id: HandleId, event: HandleEvent<JsValue>) {
        if let HandleEvent::Ended(problem) = event {
            if let Some(handle) = self.remove(id) {
                handle.fail(&to_js(problem, None));
            }
            return;
        }
        let Some(handle) = self.get(id) else { return };
        match event {
            HandleEvent::Active { snapshot, loaded_all } => {
                handle.activate(&snapshot.unwrap_or(JsValue::NULL), loaded_all);
            }
            HandleEvent::Notify => handle.notify(),
            HandleEvent::Loaded(Ok(())) => handle.loaded(&JsValue::UNDEFINED),
            HandleEvent::Loaded(Err(problem)) => handle.loaded(&to_js(problem, None)),
            HandleEvent::Ended(_) => {}
        }
    }
}
