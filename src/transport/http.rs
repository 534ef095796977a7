//! One call of the HTTP twin. Dropping the handle aborts it.

use gloo_net::http::Request;
use js_sys::JsString;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

/// The handle of a call.
pub(crate) struct Call {
    controller: Option<AbortController>,
}

impl Call {
    /// POSTs a text and tells the status and the body of the answer, or `None` when there is no answer. Told
    /// later, never from within this call.
    pub(crate) fn post(
        url: String,
        token: Option<String>,
        body: JsString,
        tell: impl FnOnce(Option<(u16, String)>) + 'static,
    ) -> Self {
        let controller = AbortController::new().ok();
        let signal = controller.as_ref().map(AbortController::signal);
        spawn_local(async move {
            let mut request = Request::post(&url).abort_signal(signal.as_ref()).header("content-type", "application/json");
            if let Some(token) = token {
                request = request.header("authorization", &["Bearer ", &token].concat());
            }
            tell(exchange(request.body(body)).await);
        });
        Call { controller }
    }
}

async fn exchange(request: Result<Request, gloo_net::Error>) -> Option<(u16, String)> {
    let response = request.ok()?.send().await.ok()?;
    let status = response.status();
    Some((status, response.text().await.ok()?))
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(controller) = &self.controller {
            controller.abort();
        }
    }
}
