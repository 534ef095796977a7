//! Time, chance and the page's own events, from JavaScript (`clock.js`).

use causerie_client::Millis;
use js_sys::{Date, Function};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/transport/clock.js")]
extern "C" {
    #[wasm_bindgen(js_name = setTimer)]
    fn set_timer(call: &JsValue, milliseconds: f64, keep_alive: bool) -> JsValue;
    #[wasm_bindgen(js_name = clearTimer)]
    fn clear_timer(timer: &JsValue);
    fn random() -> f64;

    /// 128 random bits, as text.
    #[wasm_bindgen(js_name = randomId)]
    pub(crate) fn random_id() -> String;

    /// Whether the environment has a WebSocket class.
    #[wasm_bindgen(js_name = hasWebSocket)]
    pub(crate) fn has_websocket() -> bool;

    /// The origin of the page, where there is a page.
    #[wasm_bindgen(js_name = pageOrigin)]
    pub(crate) fn page_origin() -> Option<String>;

    #[wasm_bindgen(js_name = watchPage)]
    fn watch_page(wake: &JsValue, suspend: &JsValue) -> Function;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// Milliseconds on a clock that never goes back.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since the page began"
)]
pub(crate) fn now() -> Millis {
    performance_now() as Millis
}

/// Where an engine's chance starts.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2^52")]
pub(crate) fn seed() -> u64 {
    (random() * 4_503_599_627_370_496.0) as u64
}

/// A timer that is late by more than this has slept.
const JUMP_MS: f64 = 5_000.0;

/// The one timer of a session.
pub(crate) struct Timer {
    call: Closure<dyn Fn()>,
    set: Option<(Millis, bool, JsValue)>,
    /// When it should go off, by the wall clock, which goes on while the machine sleeps.
    due: f64,
}

impl Timer {
    /// A timer that is not set, and calls this when it goes off.
    pub(crate) fn new(call: impl Fn() + 'static) -> Self {
        Timer { call: Closure::new(call), set: None, due: f64::INFINITY }
    }

    /// Sets it to a time, or to none. Where it is set to an earlier time it stays: every frame puts the time off, and
    /// going off once too early costs less than setting it anew each time.
    pub(crate) fn set(&mut self, at: Option<Millis>, keep_alive: bool) {
        if let Some((old, kept, handle)) = &self.set {
            if at.is_some_and(|at| at >= *old) && *kept == keep_alive {
                return;
            }
            clear_timer(handle);
        }
        self.set = at.map(|at| {
            // A fraction of a millisecond more, so that the time has come when it goes off.
            let wait = at.saturating_sub(now()).min(0x7fff_0000) as f64 + 1.0;
            self.due = Date::now() + wait;
            (at, keep_alive, set_timer(self.call.as_ref(), wait, keep_alive))
        });
    }

    /// Says that it went off. True when it did so much later than it should have.
    pub(crate) fn went_off(&mut self) -> bool {
        self.set = None;
        Date::now() > self.due + JUMP_MS
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.set(None, false);
    }
}

/// Listens to the page until dropped.
pub(crate) struct PageWatch {
    _wake: Closure<dyn Fn()>,
    _suspend: Closure<dyn Fn()>,
    end: Function,
}

impl PageWatch {
    /// Calls `wake` when anything open may be dead, and `suspend` when the page is put away.
    pub(crate) fn new(wake: impl Fn() + 'static, suspend: impl Fn() + 'static) -> Self {
        let (wake, suspend) = (Closure::<dyn Fn()>::new(wake), Closure::<dyn Fn()>::new(suspend));
        let end = watch_page(wake.as_ref(), suspend.as_ref());
        PageWatch { _wake: wake, _suspend: suspend, end }
    }
}

impl Drop for PageWatch {
    fn drop(&mut self) {
        let _ = self.end.call0(&JsValue::UNDEFINED);
    }
}
