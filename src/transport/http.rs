//! A call of the HTTP fallback. Dropping the handle aborts it.
//!
//! The request is made in JavaScript (`http.js`), because gloo-net's builder would add its query strings and
//! URL parsing to every visitor's download. gloo-net sends the request and reads the response.

use gloo_net::http::Request;
use js_sys::JsString;
use wasm_bindgen::prelude::*;

use crate::interop::callback::spawn;

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
    /// POSTs a text. In a later task, calls `on_response` with the status and the body of the response, or
    /// `None` if there is no response.
    pub(crate) fn post(
        url: &str,
        token: Option<&str>,
        body: &JsString,
        on_response: impl FnOnce(Option<(u16, String)>) + 'static,
    ) -> Self {
        let post = Post::new(url, token, body).ok();
        let request = post.as_ref().map(Post::request);
        spawn(Box::pin(async move { on_response(exchange(request).await) }));
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
