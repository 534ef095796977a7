//! Options in, refs out. `getTalkSession` is a registry: one session for each (host, app, user), until a fatal error
//! ends it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use causerie_client::{Config, Engine, Input, Transport};
use causerie_protocol::limits::TOKEN_BYTES;
use causerie_protocol::{ClientId, ErrorBody, UserId, limits};
use js_sys::{Function, Reflect, encode_uri_component};
use wasm_bindgen::prelude::*;

use crate::driver::{Driver, Endpoint};
use crate::interop::error::{Read, checked, thrown, to_js};
use crate::interop::params::{data, object, property, string, wrong};
use crate::refs::{ConversationRef, Resource, UserRef};
use crate::transport::clock;

const SDK: &str = concat!("causerie-js/", env!("CARGO_PKG_VERSION"));

struct Registered {
    host: String,
    app: String,
    user: String,
    session: JsValue,
}

thread_local! {
    static REGISTRY: RefCell<Vec<Registered>> = const { RefCell::new(Vec::new()) };
}

/// What the program passed.
struct Options {
    host: String,
    app: String,
    user: UserId,
    token: Option<String>,
    token_fetcher: Option<Function>,
    transport: Transport,
}

/// The session of a user of an app. See the TypeScript below for what it is to a program.
#[wasm_bindgen(skip_typescript)]
pub struct TalkSession {
    driver: Rc<Driver>,
    app: String,
    user: JsValue,
    handlers: Cell<u32>,
}

/// The session for these options: the same object for the same host, app and user.
///
/// # Errors
/// Throws a `TypeError` that names the option, when one is wrong.
#[wasm_bindgen(js_name = getTalkSession, skip_typescript)]
pub fn get_talk_session(options: &JsValue) -> Result<JsValue, JsValue> {
    let options = read_options(options).map_err(thrown)?;
    let is_same = |other: &Registered| {
        other.host == options.host && other.app == options.app && other.user == options.user.as_str()
    };
    let known =
        REGISTRY.with_borrow(|all| all.iter().find(|other| is_same(other)).map(|it| it.session.clone()));
    if let Some(session) = known {
        return Ok(session);
    }
    let (host, app, user) = (options.host.clone(), options.app.clone(), options.user.as_str().to_owned());
    let session = TalkSession::new(options).map_err(thrown)?;
    let driver = session.driver.clone();
    let session = JsValue::from(session);
    let forget = session.clone();
    driver.on_end.replace(Some(Box::new(move || {
        REGISTRY.with_borrow_mut(|all| all.retain(|other| other.session != forget));
    })));
    REGISTRY.with_borrow_mut(|all| all.push(Registered { host, app, user, session: session.clone() }));
    Ok(session)
}

impl TalkSession {
    fn new(options: Options) -> Read<Self> {
        let client = ClientId::new(clock::random_id()).map_err(|problem| to_js(problem, None))?;
        let engine = Engine::new(Config {
            user: options.user.clone(),
            client: client.clone(),
            sdk: SDK,
            transport: options.transport,
            token: options.token,
            token_source: options.token_fetcher.is_some(),
            seed: clock::seed(),
        });
        let path = ["/v1/", &String::from(encode_uri_component(&options.app)), "/realtime"].concat();
        let endpoint = Endpoint {
            websocket: ["ws", options.host.strip_prefix("http").unwrap_or_default(), &path].concat(),
            http: [options.host.as_str(), &path].concat(),
        };
        let user = options.user.as_str().into();
        Ok(TalkSession {
            driver: Driver::new(engine, endpoint, options.user, client, options.token_fetcher),
            app: options.app,
            user,
            handlers: Cell::new(0),
        })
    }
}

#[wasm_bindgen]
impl TalkSession {
    /// The id of the app.
    #[wasm_bindgen(getter, js_name = appId)]
    #[must_use]
    pub fn app_id(&self) -> String {
        self.app.clone()
    }

    /// The ref of the session's own user.
    ///
    /// # Errors
    /// None: the id was checked when the session was made.
    #[wasm_bindgen(getter, js_name = currentUser)]
    pub fn current_user(&self) -> Result<JsValue, JsValue> {
        self.user(&self.user)
    }

    /// The ref of a user.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no id.
    pub fn user(&self, id: &JsValue) -> Result<JsValue, JsValue> {
        Ok(UserRef::interned(Resource::new(&self.driver, "user", id)?))
    }

    /// The ref of a conversation.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no id.
    pub fn conversation(&self, id: &JsValue) -> Result<JsValue, JsValue> {
        Ok(ConversationRef::interned(Resource::new(&self.driver, "conversation", id)?))
    }

    /// Subscribes to the conversations of the session's user: `(onSnapshot?)`, or `({ filter? }, onSnapshot?)`.
    ///
    /// # Errors
    /// Throws a `TypeError` for arguments of the wrong type.
    #[wasm_bindgen(js_name = subscribeConversations)]
    pub fn subscribe_conversations(
        &self,
        options: &JsValue,
        on_snapshot: &JsValue,
    ) -> Result<JsValue, JsValue> {
        if options.is_undefined() || options.is_function() {
            let on_snapshot = if options.is_undefined() { on_snapshot } else { options };
            return self.driver.subscribe("conversations", &JsValue::UNDEFINED, on_snapshot);
        }
        let options = data("options", options).map_err(thrown)?;
        self.driver.subscribe("conversations", &options, on_snapshot)
    }

    /// Gives the session a token.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no token.
    #[wasm_bindgen(js_name = setToken)]
    pub fn set_token(&self, token: &JsValue) -> Result<(), JsValue> {
        let token = read_token("token", token).map_err(thrown)?;
        self.driver.input(Input::Token(token));
        Ok(())
    }

    /// The function that is called when a token is needed.
    #[wasm_bindgen(getter, js_name = onNeedToken)]
    #[must_use]
    pub fn on_need_token(&self) -> JsValue {
        self.driver.need_token.borrow().clone().map_or(JsValue::UNDEFINED, JsValue::from)
    }

    /// Sets the function that is called when a token is needed.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is neither a function nor `undefined`.
    #[wasm_bindgen(setter, js_name = onNeedToken)]
    pub fn set_on_need_token(&self, handler: &JsValue) -> Result<(), JsValue> {
        let handler = optional_function("onNeedToken", handler).map_err(thrown)?;
        let source = handler.is_some() || self.driver.token_fetcher.is_some();
        self.driver.need_token.replace(handler);
        self.driver.input(Input::TokenSource(source));
        Ok(())
    }

    /// Calls the handler when the session ends by a fatal error.
    ///
    /// # Errors
    /// Throws a `TypeError` for what is no function.
    #[wasm_bindgen(js_name = onError)]
    pub fn on_error(&self, handler: &JsValue) -> Result<JsValue, JsValue> {
        let handler =
            handler.dyn_ref::<Function>().ok_or_else(|| thrown(wrong("handler", "a function", handler)))?;
        let number = self.handlers.get();
        self.handlers.set(number + 1);
        if let Some(error) = self.driver.ended() {
            crate::interop::callback::call_later(handler.clone(), crate::interop::error::to_js(error, None));
        } else {
            self.driver.on_error.borrow_mut().push((number, handler.clone()));
        }
        let driver = self.driver.clone();
        let unsubscribe = Closure::<dyn Fn()>::new(move || {
            driver.on_error.borrow_mut().retain(|(other, _)| *other != number)
        });
        let handle = js_sys::Object::new();
        // Freed by the JS garbage collector together with the handle.
        Reflect::set(&handle, &"unsubscribe".into(), &unsubscribe.into_js_value())?;
        Ok(handle.into())
    }
}

fn read_options(options: &JsValue) -> Read<Options> {
    let options = object("options", options)?;
    let app = string("appId", &property(options, "appId"))?;
    checked(limits::check_id("appId", &app))?;
    let user = string("userId", &property(options, "userId"))?;
    checked(limits::check_id("userId", &user))?;
    let user = UserId::new(user).map_err(|problem| to_js(problem, None))?;
    let token = property(options, "token");
    let transport = property(options, "transport");
    Ok(Options {
        host: read_host(&property(options, "host"))?,
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

/// The server's origin, without a slash at the end.
fn read_host(host: &JsValue) -> Read<String> {
    let given = if host.is_undefined() { clock::page_origin() } else { Some(string("host", host)?) };
    let origin = given.as_deref().map(|host| host.trim_end_matches('/'));
    let is_origin = |origin: &&str| {
        let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        rest.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', ' ']))
    };
    let problem = "must be the server's origin, such as \"https://chat.example.com\"";
    origin.filter(is_origin).map(str::to_owned).ok_or_else(|| invalid("host", problem))
}

fn read_token(field: &str, token: &JsValue) -> Read<String> {
    let token = string(field, token)?;
    if token.is_empty() || token.len() > TOKEN_BYTES {
        return Err(invalid(field, "must be a JSON Web Token of 1 to 8192 bytes"));
    }
    Ok(token)
}

fn optional_function(field: &str, value: &JsValue) -> Read<Option<Function>> {
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    value.dyn_ref::<Function>().cloned().map(Some).ok_or_else(|| wrong(field, "a function", value))
}

/// The error for a value of the right type that will not do.
fn invalid(field: &str, problem: &str) -> JsValue {
    to_js(ErrorBody::invalid(field, problem), None)
}
