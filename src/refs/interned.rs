//! The same id gives the same ref, for as long as the program holds on to it. Refs are held weakly, so a page that
//! has seen ten thousand users holds what it uses.

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

/// How many entries there may be before the first look for dead ones.
const FIRST_SWEEP: u32 = 256;

/// The living refs of one kind, by id.
pub(crate) struct Interned {
    refs: Map,
    sweep_at: Cell<u32>,
}

impl Interned {
    pub(crate) fn new() -> Self {
        Interned { refs: Map::new(), sweep_at: Cell::new(FIRST_SWEEP) }
    }

    /// The ref of that id, made if there is none.
    pub(crate) fn get(&self, id: &JsValue, make: impl FnOnce() -> JsValue) -> JsValue {
        let known = self.refs.get(id);
        if !known.is_undefined() {
            let living = known.unchecked_ref::<WeakRef>().deref();
            if !living.is_undefined() {
                return living;
            }
        }
        if self.refs.size() >= self.sweep_at.get() {
            self.sweep();
        }
        let made = make();
        self.refs.set(id, &WeakRef::new(&made));
        made
    }

    /// Forgets the dead. Done each time the number doubles, which costs a constant time a ref.
    fn sweep(&self) {
        let refs = &self.refs;
        refs.for_each(&mut |weak, id| {
            if weak.unchecked_ref::<WeakRef>().deref().is_undefined() {
                refs.delete(&id);
            }
        });
        self.sweep_at.set((refs.size() * 2).max(FIRST_SWEEP));
    }
}
