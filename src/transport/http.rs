//! One call of the HTTP twin. Dropping the handle aborts it.
//!
//! The request is put together in JavaScript (`http.js`): gloo-net's builder can do much more, and would cost every
//! visitor its query strings and URL parsing. gloo-net sends it and reads the answer.

use gloo_net::http::Request;
use js_sys::JsString;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[wasm_bindgen(module = "/src/transport/http.js")]
extern "C" {
    #[derive(Clone)]
    type Post;
    #[wasm_bindgen(constructor, catch)]
    fn new(url: &str, token: Option<&str>, body: &JsString) -> Result<Post, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn request(this: &Post) -> web_sys::Request;
    #[wasm_bindgen(method)]
    fn abort(this: &Post);
}

/// The handle of a call.
pub(crate) struct Call {
    post: Option<Post>,
}

impl Call {
    /// POSTs a text and tells the status and the body of the answer, or `None` when there is no answer. Told
    /// later, never from within this call.
    pub(crate) fn post(
        url: &str,
        token: Option<&str>,
        body: &JsString,
        tell: impl FnOnce(Option<(u16, String)>) + 'static,
    ) -> Self {
        let post = Post::new(url, token, body).ok();
        let request = post.as_ref().map(Post::request);
        spawn_local(async move { tell(exchange(request).await) });
        Call { post }
    }
}

async fn exchange(request: Option<web_sys::Request>) -> Option<(u16, String)> {
    let response = Request::from(request?).send().await.ok()?;
    let status = response.status();
    Some((status, response.text().await.ok()?))
}

impl Drop for Call {
    fn drop(&mut self) {
        if let Some(post) = &self.post {
            post.abort();
        }
    }
}
