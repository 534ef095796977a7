//! Interned refs: the same IDs give the same object while the program holds it. Refs are held weakly, so that
//! a page which has shown ten thousand users holds only those it uses.

use std::cell::Cell;

use js_sys::Map;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type WeakRef;
    #[wasm_bindgen(constructor)]
    fn new(target: &JsValue) -> WeakRef;
    #[wasm_bindgen(method)]
    fn deref(this: &WeakRef) -> JsValue;
}

/// The number of entries at which dead ones are removed for the first time.
const FIRST_SWEEP: u32 = 256;

/// The live refs of a session, by key.
pub(crate) struct Interned {
    refs: Map,
    sweep_at: Cell<u32>,
}

impl Interned {
    pub(crate) fn new() -> Self {
        Interned { refs: Map::new(), sweep_at: Cell::new(FIRST_SWEEP) }
    }

    /// Returns the ref with this key, and makes it if there is none.
    pub(crate) fn get(&self, key: &JsValue, make: impl FnOnce() -> JsValue) -> JsValue {
        let known = self.refs.get(key);
        if !known.is_undefined() {
            let live = known.unchecked_ref::<WeakRef>().deref();
            if !live.is_undefined() {
                return live;
            }
        }
        if self.refs.size() >= self.sweep_at.get() {
            self.sweep();
        }
        let made = make();
        self.refs.set(key, &WeakRef::new(&made));
        made
    }

    /// Removes dead entries. This happens each time their number has doubled, which costs constant time for
    /// each ref.
    fn sweep(&self) {
        let refs = &self.refs;
        refs.for_each(&mut |weak, key| {
            if weak.unchecked_ref::<WeakRef>().deref().is_undefined() {
                refs.delete(&key);
            }
        });
        self.sweep_at.set((refs.size() * 2).max(FIRST_SWEEP));
    }
}
