//! Time, randomness and the page's events, from JavaScript (`clock.js`).

use causerie_client::Millis;
use js_sys::{Date, Function, Math};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/transport/clock.js")]
extern "C" {
    #[wasm_bindgen(js_name = setTimer)]
    fn set_timer(call: &JsValue, milliseconds: f64, keep_alive: bool) -> JsValue;

    /// Returns 128 random bits as hexadecimal digits.
    #[wasm_bindgen(js_name = randomId)]
    pub(crate) fn random_id() -> String;

    /// Returns whether the environment has a WebSocket class.
    #[wasm_bindgen(js_name = hasWebSocket)]
    pub(crate) fn has_websocket() -> bool;

    /// Returns the origin that a URL consists of, or that of the page if it is `undefined`; `None` if there
    /// is none, or the URL has more parts.
    #[wasm_bindgen(js_name = serverOrigin)]
    pub(crate) fn server_origin(url: &JsValue) -> Option<String>;

    #[wasm_bindgen(js_name = watchPage)]
    fn watch_page(wake: &JsValue, suspend: &JsValue) -> Function;
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timer(timer: &JsValue);
}

/// Returns the milliseconds since the page began, on a monotonic clock.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since the page began"
)]
pub(crate) fn now() -> Millis {
    performance_now() as Millis
}

/// Returns a seed for an engine's random numbers.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2^52")]
pub(crate) fn seed() -> u64 {
    (Math::random() * 4_503_599_627_370_496.0) as u64
}

/// The delay in milliseconds from which a timer is late because the machine slept.
const SLEPT_MS: f64 = 5_000.0;

/// The one timer of a session.
pub(crate) struct Timer {
    call: Closure<dyn Fn()>,
    set: Option<(Millis, bool, JsValue)>,
    /// When the timer should fire, by the wall clock, which continues while the machine sleeps.
    due: f64,
}

impl Timer {
    /// Returns a timer that is not set. It makes this call when it fires.
    pub(crate) fn new(call: impl Fn() + 'static) -> Self {
        Timer { call: Closure::new(call), set: None, due: f64::INFINITY }
    }

    /// Sets the timer to a time, or clears it. If it is set to an earlier time, it stays: every frame
    /// postpones the deadline, and firing once too early costs less than setting the timer for each frame.
    pub(crate) fn set(&mut self, at: Option<Millis>, keep_alive: bool) {
        if let Some((old, kept, handle)) = &self.set {
            if at.is_some_and(|at| at >= *old) && *kept == keep_alive {
                return;
            }
            clear_timer(handle);
        }
        self.set = at.map(|at| {
            // One millisecond more, so that the time is reached when the timer fires.
            let wait = at.saturating_sub(now()).min(0x7fff_0000) as f64 + 1.0;
            self.due = Date::now() + wait;
            (at, keep_alive, set_timer(self.call.as_ref(), wait, keep_alive))
        });
    }

    /// Records that the timer fired. Returns whether it fired much later than it should have.
    pub(crate) fn fired(&mut self) -> bool {
        self.set = None;
        Date::now() > self.due + SLEPT_MS
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.set(None, false);
    }
}

/// Listens to the page's events until dropped.
pub(crate) struct PageWatch {
    _wake: Closure<dyn Fn()>,
    _suspend: Closure<dyn Fn()>,
    end: Function,
}

impl PageWatch {
    /// Calls `wake` when an open connection may be dead, and `suspend` when the page is hidden for the
    /// back/forward cache.
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
