//! `getTalkSession` and `TalkSession`. `src/types/session.d.ts` documents them.
//!
//! There is one session for each host, app and user, until a fatal error ends it.

use causerie_protocol::text::concat;
use std::cell::RefCell;
use std::rc::Rc;

use causerie_client::{Client, Config, Input, Transport};
use causerie_protocol::limits::TOKEN_BYTES;
use causerie_protocol::{ClientId, ErrorBody, OpName, TopicKind, UserId};
use js_sys::{Function, Promise, encode_uri_component};
use wasm_bindgen::prelude::*;

use crate::driver::{Convert, Driver, Endpoint, to_value};
use crate::interop::error::{JsResult, to_js, to_type_error};
use crate::interop::operation::{Operation, object};
use crate::interop::params::{expect_id, expect_object, expect_string, plain_data, property, type_mismatch};
use crate::live;
use crate::live::add_searches;
use crate::refs::{ConversationRef, Resource, UserRef};
use crate::snapshots::page_of_result;
use crate::transport::clock;
use crate::transport::upload::add_uploads;

const SDK: &str = concat!("causerie-js/", env!("CARGO_PKG_VERSION"));

thread_local! {
    /// The sessions, each with its key: the URL of its app and its user.
    static REGISTRY: RefCell<Vec<(String, JsValue)>> = const { RefCell::new(Vec::new()) };
}

/// The valid options of a session.
struct Options {
    endpoint: Endpoint,
    app: String,
    user: UserId,
    token: Option<String>,
    token_fetcher: Option<Function>,
    transport: Transport,
}

/// The session of a user of an app.
#[wasm_bindgen(skip_typescript)]
pub struct TalkSession {
    driver: Rc<Driver>,
    app: String,
    user: JsValue,
}

/// Returns the session for these options: the same object for the same host, app and user.
///
/// # Errors
/// Throws a `TypeError` that names the option if one is invalid.
#[wasm_bindgen(js_name = getTalkSession, skip_typescript, skip_jsdoc)]
pub fn get_talk_session(options: &JsValue) -> Result<JsValue, JsValue> {
    let options = read_options(options).map_err(to_type_error)?;
    // The URL ends with the same text for every app, so two different pairs have different keys.
    let key = concat(&[&options.endpoint.http, options.user.as_str()]);
    let known = REGISTRY
        .with_borrow(|all| all.iter().find(|(other, _)| *other == key).map(|(_, session)| session.clone()));
    if let Some(session) = known {
        return Ok(session);
    }
    let files = concat(&[&options.endpoint.http, "/../files"]);
    let session = TalkSession::new(options).map_err(to_type_error)?;
    let driver = session.driver.clone();
    let session = JsValue::from(session);
    add_uploads(&session, &files);
    add_searches(&session);
    let ended = key.clone();
    driver.on_end.replace(Some(Box::new(move || {
        REGISTRY.with_borrow_mut(|all| all.retain(|(other, _)| *other != ended));
    })));
    REGISTRY.with_borrow_mut(|all| all.push((key, session.clone())));
    Ok(session)
}

impl TalkSession {
    fn new(options: Options) -> JsResult<Self> {
        let client_id = ClientId::new(clock::random_id()).map_err(|problem| to_js(problem, None))?;
        let client = Client::new(Config {
            user: options.user.clone(),
            client: client_id.clone(),
            sdk: SDK,
            transport: options.transport,
            token: options.token,
            token_source: options.token_fetcher.is_some(),
            seed: clock::seed(),
        });
        let user = options.user.as_str().into();
        Ok(TalkSession {
            driver: Driver::new(client, options.endpoint, options.user, client_id, options.token_fetcher),
            app: options.app,
            user,
        })
    }
}

#[wasm_bindgen]
#[allow(missing_docs, clippy::missing_errors_doc, reason = "documented in src/types/session.d.ts")]
impl TalkSession {
    #[wasm_bindgen(getter, skip_jsdoc, js_name = appId)]
    #[must_use]
    pub fn app_id(&self) -> JsValue {
        self.app.as_str().into()
    }

    #[wasm_bindgen(getter, skip_jsdoc, js_name = currentUser)]
    pub fn current_user(&self) -> Result<JsValue, JsValue> {
        self.user(&self.user)
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn user(&self, id: &JsValue) -> Result<JsValue, JsValue> {
        Ok(UserRef::interned(Resource::new(&self.driver, "user", id)?))
    }

    #[wasm_bindgen(skip_jsdoc)]
    pub fn conversation(&self, id: &JsValue) -> Result<JsValue, JsValue> {
        Ok(ConversationRef::interned(Resource::new(&self.driver, "conversation", id)?))
    }

    // Called as `(onSnapshot?)` or as `({ filter? }, onSnapshot?)`.
    #[wasm_bindgen(skip_jsdoc, js_name = subscribeConversations)]
    pub fn subscribe_conversations(
        &self,
        options: &JsValue,
        on_snapshot: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let kind = TopicKind::Conversations;
        if options.is_undefined() || options.is_function() {
            let on_snapshot = if options.is_undefined() {
                on_snapshot
            } else if on_snapshot.is_object() || on_snapshot.is_function() {
                // Ignoring a filter would show every conversation.
                let problem = "must come before the callback, as in ({ filter }, onSnapshot)";
                return Err(to_type_error(invalid("options", problem)));
            } else {
                options
            };
            return live::open(&self.driver, kind, &JsValue::UNDEFINED, on_snapshot);
        }
        let options = plain_data("options", options).map_err(to_type_error)?;
        live::open(&self.driver, kind, &options, on_snapshot)
    }

    // Announces a file: the promise resolves with its token, see `upload.js`. Or requests a page of a search,
    // see `search.js`.
    #[wasm_bindgen(skip_jsdoc, js_name = __request)]
    pub fn request(&self, kind: u32, data: &JsValue) -> Promise {
        let (name, path, convert): (_, _, Convert) = match kind {
            0 => (OpName::FileCreate, "metadata", Box::new(to_value)),
            1 => (
                OpName::SearchMessages,
                "filters",
                Box::new(|page| page_of_result(TopicKind::Messages, page)),
            ),
            _ => (
                OpName::SearchConversations,
                "filters",
                Box::new(|page| page_of_result(TopicKind::Conversations, page)),
            ),
        };
        let operation =
            plain_data(path, data).map(|data| Operation { name, params: object(&[("data", &data)]) });
        self.driver.request(operation, convert)
    }

    #[wasm_bindgen(skip_jsdoc, js_name = setToken)]
    pub fn set_token(&self, token: &JsValue) -> Result<(), JsValue> {
        let token = read_token("token", token).map_err(to_type_error)?;
        self.driver.handle_input(Input::Token(token));
        Ok(())
    }

    #[wasm_bindgen(getter, skip_jsdoc, js_name = onNeedToken)]
    #[must_use]
    pub fn on_need_token(&self) -> JsValue {
        self.driver.need_token.borrow().clone().map_or(JsValue::UNDEFINED, JsValue::from)
    }

    #[wasm_bindgen(setter, skip_jsdoc, js_name = onNeedToken)]
    pub fn set_on_need_token(&self, handler: &JsValue) -> Result<(), JsValue> {
        let handler = optional_function("onNeedToken", handler).map_err(to_type_error)?;
        let has_source = handler.is_some() || self.driver.token_fetcher.is_some();
        self.driver.need_token.replace(handler);
        self.driver.handle_input(Input::TokenSource(has_source));
        Ok(())
    }

    #[wasm_bindgen(skip_jsdoc, js_name = onError)]
    pub fn on_error(&self, handler: &JsValue) -> Result<JsValue, JsValue> {
        let handler = handler
            .dyn_ref::<Function>()
            .ok_or_else(|| to_type_error(type_mismatch("handler", "a function", handler)))?;
        Ok(self.driver.error_handlers.add(handler))
    }
}

fn read_options(options: &JsValue) -> JsResult<Options> {
    let options = expect_object("options", options)?;
    let app = expect_id("appId", &property(options, "appId"))?;
    let user = expect_id("userId", &property(options, "userId"))?;
    let user = UserId::new(user).map_err(|problem| to_js(problem, None))?;
    let token = property(options, "token");
    let transport = property(options, "transport");
    Ok(Options {
        endpoint: read_endpoint(&property(options, "host"), &app)?,
        app,
        user,
        token: if token.is_undefined() { None } else { Some(read_token("token", &token)?) },
        token_fetcher: optional_function("tokenFetcher", &property(options, "tokenFetcher"))?,
        transport: match transport.as_string().as_deref() {
            Some("http") => Transport::Http,
            Some("auto") => Transport::Auto,
            None if transport.is_undefined() => Transport::Auto,
            _ => return Err(invalid("transport", "must be \"auto\" or \"http\"")),
        },
    })
}

/// Returns the URLs of an app at a host.
fn read_endpoint(host: &JsValue, app: &str) -> JsResult<Endpoint> {
    if !host.is_undefined() {
        expect_string("host", host)?;
    }
    let problem = "must be the server's host or origin, such as \"chat.example.com\"";
    let origin = clock::server_origin(host).ok_or_else(|| invalid("host", problem))?;
    let http = concat(&[&origin, "/v1/", &String::from(encode_uri_component(app)), "/realtime"]);
    Ok(Endpoint { websocket: concat(&["ws", http.strip_prefix("http").unwrap_or_default()]), http })
}

fn read_token(field: &str, token: &JsValue) -> JsResult<String> {
    let token = expect_string(field, token)?;
    if token.is_empty() || token.len() > TOKEN_BYTES {
        return Err(invalid(field, "must be a JSON Web Token of 1 to 8192 bytes"));
    }
    Ok(token)
}

fn optional_function(field: &str, value: &JsValue) -> JsResult<Option<Function>> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    value.dyn_ref::<Function>().cloned().map(Some).ok_or_else(|| type_mismatch(field, "a function", value))
}

/// Returns the error for a value of the right type that breaks a rule.
fn invalid(field: &str, problem: &str) -> JsValue {
    to_js(ErrorBody::invalid(field, problem), None)
}
