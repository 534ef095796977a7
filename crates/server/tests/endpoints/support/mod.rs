//! A server in this process with a database in memory, and clients that see every byte of the responses.

pub(crate) mod http;
pub(crate) mod process;
pub(crate) mod socket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use causerie_protocol::UserId;
use causerie_server::apps::{App, Apps, Origins, TranslatorSettings, Webhook, WebhookKind};
use causerie_server::auth::{self, TokenType};
use causerie_server::clock::{Clock, SystemClock};
use causerie_server::config::{Limits, Preset};
use causerie_server::{Config, Server};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The secrets of the apps in these tests: two of "shop", and one of "bank".
pub(crate) const NEW_SECRET: &str = "the-newer-secret-of-the-shop-0001";
pub(crate) const OLD_SECRET: &str = "the-older-secret-of-the-shop-0002";
pub(crate) const BANK_SECRET: &str = "the-only-secret-of-the-bank-00003";
pub(crate) const DEMO_SECRET: &str = "demo-secret";

/// The origin of the page that may use "shop".
pub(crate) const SHOP_ORIGIN: &str = "https://shop.example.com";

/// A webhook for notifications, which nobody receives.
fn nobody() -> Webhook {
    let mut webhook = Webhook::new("http://127.0.0.1:9/");
    webhook.kinds = vec![WebhookKind::NotificationTriggered];
    webhook
}

/// An app with authentication.
pub(crate) fn app(id: &str, secrets: &[&str]) -> App {
    App {
        id: id.to_owned(),
        secrets: secrets.iter().map(|&secret| secret.to_owned()).collect(),
        authentication: true,
        user_sync: true,
        conversation_sync: true,
        default_locale: "nl-NL".to_owned(),
        default_role: "guest".to_owned(),
        roles: Default::default(),
        origins: Origins { exact: [SHOP_ORIGIN.to_owned()].into(), loopback: false },
        loopback_only: false,
        webhooks: vec![nobody()],
        // Nobody listens.
        translator: Some(TranslatorSettings { url: "http://127.0.0.1:9/".to_owned(), api_key: None }),
    }
}

/// The built-in app "demo"; "shop" and "bank", which have authentication; "fixed", whose clients cannot
/// create users; and "lan", which has no authentication and is served to every network.
pub(crate) fn config() -> Config {
    let demo = causerie_server::config::demo_app(true);
    let mut fixed = app("fixed", &[NEW_SECRET]);
    fixed.authentication = false;
    fixed.user_sync = false;
    let mut lan = app("lan", &[NEW_SECRET]);
    lan.authentication = false;
    let apps = [demo, app("shop", &[NEW_SECRET, OLD_SECRET]), app("bank", &[BANK_SECRET]), fixed, lan];
    Config { apps: Apps::new(apps).unwrap(), limits: Limits::of(Preset::Internal), ..Config::default() }
}

/// A running server. It stops with [`TestServer::begin_stop`], or with the test.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self::at(config, Arc::new(SystemClock)).await
    }

    /// Starts a server with this clock.
    pub(crate) async fn at(config: Config, clock: Arc<dyn Clock>) -> Self {
        let listener = TcpListener::bind(config.listen).await.unwrap();
        let server = Server::start_at(listener, config, clock).await.unwrap();
        let address = server.address().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(server.run(async move {
            let _ = stopped.await;
        }));
        TestServer { address, stop: Some(stop), task }
    }

    /// Begins to stop the server, without waiting.
    pub(crate) fn begin_stop(&mut self) {
        let _ = self.stop.take().map(|stop| stop.send(()));
    }

    /// Waits until the server has stopped.
    pub(crate) async fn stopped(self) {
        within(15, self.task).await.unwrap();
    }

    /// A backend of an app that sends this secret.
    pub(crate) fn backend(&self, app: &str, secret: &str) -> http::Backend {
        http::Backend { address: self.address, app: app.to_owned(), bearer: secret.to_owned() }
    }

    /// Creates or changes a user over REST.
    pub(crate) async fn put_user(&self, app: &str, secret: &str, user: &str, data: Value) {
        self.backend(app, secret).ok("PUT", &format!("/users/{user}"), Some(data)).await;
    }

    /// Creates the users ada, bob and eve, and a conversation "talk" of ada (who may write) and bob (who may
    /// only read).
    pub(crate) async fn create_talk(&self, app: &str, secret: &str) {
        for user in ["ada", "bob", "eve"] {
            self.put_user(app, secret, user, json!({ "name": user })).await;
        }
        let backend = self.backend(app, secret);
        backend.ok("PUT", "/conversations/talk", Some(json!({ "participants": ["ada"] }))).await;
        let reader = json!({ "access": "Read" });
        backend.ok("PUT", "/conversations/talk/participants/bob", Some(reader)).await;
    }
}

/// Removes the revision of a body, which every body in a frame must have.
pub(crate) fn take_revision(body: &mut Value) -> u64 {
    let rev = body.as_object_mut().and_then(|body| body.remove("rev"));
    rev.as_ref().and_then(Value::as_u64).unwrap_or_else(|| panic!("no revision: {body}"))
}

pub(crate) fn now() -> i64 {
    SystemClock.now_ms()
}

/// A token of a user of "shop" that expires in an hour.
pub(crate) fn token(user: &str) -> String {
    signed("shop", NEW_SECRET, TokenType::User, Some(user), 3_600_000)
}

/// A token that expires in this many milliseconds.
pub(crate) fn signed(
    app: &str,
    secret: &str,
    token_type: TokenType,
    user: Option<&str>,
    expires_in: i64,
) -> String {
    let user = user.map(|user| UserId::new(user).unwrap());
    auth::issue(app, secret, token_type, user.as_ref(), now() + expires_in).unwrap()
}

/// Waits for a future, and panics if it takes too long.
pub(crate) async fn within<T>(seconds: u64, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(seconds), future)
        .await
        .unwrap_or_else(|_| panic!("nothing happened for {seconds} s"))
}

/// Prints the figure of an attack, which `cargo xtask attack` shows.
#[allow(clippy::print_stdout, reason = "the output of a command")]
pub(crate) fn figure(attack: &str, figure: u64, bound: u64, unit: &str) {
    println!("figure: {attack}: {figure} {unit} (less than {bound})");
}
