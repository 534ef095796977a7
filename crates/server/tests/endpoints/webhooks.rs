//! Webhooks, with a receiver that listens on a socket of its own.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use causerie_server::apps::{App, Apps, RetryPolicy, Webhook, WebhookKind};
use causerie_server::config::Data;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::support::http::Backend;
use crate::support::process::ServerProcess;
use crate::support::socket::Client;
use crate::support::{DEMO_SECRET, TestServer, within};

/// What a receiver answers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Answer {
    Status(u16),
    /// Nothing, for ever.
    Hang,
}

/// A request of the server.
#[derive(Clone, Debug)]
struct Received {
    headers: HashMap<String, String>,
    text: String,
    body: Value,
}

impl Received {
    fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap()
    }
}

/// An HTTP server that records what it receives.
struct Receiver {
    address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    received: UnboundedReceiver<Received>,
}

impl Receiver {
    async fn start(answer: Answer) -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(Mutex::new(answer));
        let (sender, received) = unbounded_channel();
        let shared = Arc::clone(&answer);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared), sender.clone()));
            }
        });
        Receiver { address, answer, received }
    }

    fn url(&self) -> String {
        format!("http://{}/hook?a=b", self.address)
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    async fn next(&mut self) -> Received {
        within(20, self.received.recv()).await.unwrap()
    }

    /// Returns the next event of a kind, and skips others.
    async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let received = self.next().await;
            if received.kind() == kind {
                return received.body;
            }
        }
    }
}

/// Reads requests of one connection, and answers them.
async fn serve<S>(stream: S, answer: Arc<Mutex<Answer>>, sender: UnboundedSender<Received>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut stream = BufReader::new(stream);
    loop {
        let mut headers = HashMap::new();
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        headers.insert("line".to_owned(), line.trim().to_owned());
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            let Some((name, value)) = line.split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let length: usize = headers["content-length"].parse().unwrap();
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        let text = String::from_utf8(body).unwrap();
        let body = serde_json::from_str(&text).unwrap();
        let _ = sender.send(Received { headers, text, body });
        let answer = *answer.lock().unwrap();
        match answer {
            Answer::Hang => std::future::pending().await,
            Answer::Status(status) => {
                let response = format!(
                    "HTTP/1.1 {status} Any\r\ncontent-length: 2\r\nlocation: http://127.0.0.1:1/\r\n\r\n{{}}"
                );
                stream.write_all(response.as_bytes()).await.unwrap();
            }
        }
    }
}

/// A policy for tests: fast, and giving up after `give_up`.
fn fast(give_up: Duration) -> RetryPolicy {
    let (first, longest) = (Duration::from_millis(20), Duration::from_millis(200));
    let notify_after = Duration::from_secs(3_600);
    RetryPolicy { timeout: Duration::from_secs(2), first, longest, give_up, notify_after }
}

fn webhook(receiver: &Receiver, kinds: &[WebhookKind]) -> Webhook {
    let mut webhook = Webhook::new(&receiver.url());
    webhook.allow_private = true;
    webhook.retry = fast(Duration::from_secs(3_600));
    if !kinds.is_empty() {
        webhook.kinds = kinds.to_vec();
    }
    webhook
}

/// The configuration whose demo app has these webhooks.
fn config(webhooks: Vec<Webhook>) -> causerie_server::Config {
    let mut config = crate::support::config();
    let apps: Vec<App> = config
        .apps
        .iter()
        .map(|app| {
            let mut app = App::clone(app);
            if app.id == "demo" {
                app.webhooks = webhooks.clone();
            }
            app
        })
        .collect();
    config.apps = Apps::new(apps).unwrap();
    config
}

async fn server(webhooks: Vec<Webhook>) -> (TestServer, Backend) {
    let server = TestServer::with(config(webhooks)).await;
    let backend = server.backend("demo", DEMO_SECRET);
    (server, backend)
}

async fn say(backend: &Backend, conversation: &str, text: &str) {
    let message = json!([{ "type": "SystemMessage", "text": text }]);
    backend.ok("POST", &format!("/conversations/{conversation}/messages"), Some(message)).await;
}

#[tokio::test]
async fn every_documented_event_is_sent_in_order_with_its_data() {
    let mut receiver = Receiver::start(Answer::Status(200)).await;
    let (server, backend) = server(vec![webhook(&receiver, &[])]).await;
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Ada", "email": "ada@example.com" }))).await;
    let created = receiver.next().await;
    assert_eq!(created.headers["line"], "POST /hook?a=b HTTP/1.1");
    assert_eq!(created.headers["content-type"], "application/json");
    assert_eq!(created.kind(), "user.created");
    assert_eq!(created.body["data"]["user"]["email"], json!(["ada@example.com"]));
    assert_eq!(created.body.as_object().unwrap().len(), 4, "id, createdAt, type and data: {}", created.text);
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Countess" }))).await;
    assert_eq!(receiver.next_of("user.updated").await["data"]["user"]["name"], "Countess");
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Countess" }))).await;
    backend.ok("PUT", "/users/bob", Some(json!({ "name": "Bob" }))).await;
    assert_eq!(receiver.next().await.kind(), "user.created", "an update without a change is no event");

    let talk = json!({ "participants": ["ada", "bob"], "subject": "Talk", "custom": { "order": "391" } });
    backend.ok("PUT", "/conversations/talk", Some(talk)).await;
    let posted = json!([{ "type": "UserMessage", "sender": "ada", "text": "Hello *Bob*" }]);
    let sent = backend.ok("POST", "/conversations/talk/messages", Some(posted)).await;
    let event = receiver.next_of("message.sent").await;
    let data = &event["data"];
    assert_eq!((&data["sender"]["id"], &data["sender"]["name"]), (&json!("ada"), &json!("Countess")));
    assert_eq!(data["message"]["id"], sent[0]["id"]);
    assert_eq!(
        (&data["message"]["text"], &data["message"]["senderId"]),
        (&json!("Hello Bob"), &json!("ada"))
    );
    assert_eq!((&data["message"]["readBy"], &data["message"]["attachment"]), (&json!([]), &Value::Null));
    assert_eq!(
        (&data["conversation"]["subject"], &data["conversation"]["custom"]["order"]),
        (&json!("Talk"), &json!("391"))
    );
    assert_eq!(data["conversation"]["participants"]["bob"]["access"], "ReadWrite");

    let mut bob = Client::welcomed(server.address, "demo", "bob", None).await;
    bob.request("conversation.markAsRead", json!({ "conversation": "talk" })).await;
    let read = receiver.next_of("message.read").await;
    assert_eq!(read["data"]["message"]["readBy"], json!(["bob"]));
    assert_eq!(read["data"]["recipient"]["id"], "bob");

    let path = format!("/conversations/talk/messages/{}", sent[0]["id"].as_str().unwrap());
    backend.ok("PUT", &path, Some(json!({ "text": "Hi" }))).await;
    assert_eq!(receiver.next_of("message.updated").await["data"]["message"]["text"], "Hi");
    let answered =
        bob.request("message.send", json!({ "conversation": "talk", "data": { "text": "Yes" } })).await;
    assert!(answered["error"].is_null(), "{answered}");
    assert_eq!(receiver.next_of("message.sent").await["data"]["message"]["origin"], "web");

    let notify = json!({ "channels": ["email"] });
    backend.ok("POST", "/conversations/talk/notifications", Some(notify)).await;
    let notification = receiver.next_of("notification.triggered").await;
    let data = &notification["data"];
    assert_eq!((&data["recipient"]["id"], &data["sender"]["id"]), (&json!("ada"), &json!("bob")));
    assert_eq!(data["recipient"]["email"], json!(["ada@example.com"]));
    assert_eq!(data["messages"][0]["text"], "Yes");

    backend.ok("DELETE", &path, None).await;
    assert_eq!(receiver.next_of("message.deleted").await["data"]["message"]["id"], sent[0]["id"]);
    backend.ok("DELETE", "/conversations/talk", None).await;
    assert_eq!(receiver.next_of("conversation.deleted").await["data"]["conversation"]["id"], "talk");
}

#[tokio::test]
async fn an_event_is_signed_under_both_names() {
    let mut receiver = Receiver::start(Answer::Status(204)).await;
    let (_server, backend) = server(vec![webhook(&receiver, &[])]).await;
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Ada" }))).await;
    let Received { headers, text, body } = receiver.next().await;
    let timestamp = &headers["x-talkjs-timestamp"];
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(DEMO_SECRET.as_bytes()).unwrap();
    mac.update(format!("{timestamp}.{text}").as_bytes());
    let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(headers["x-talkjs-signature"], expected);
    assert_eq!(headers["x-causerie-signature"], expected);
    assert_eq!(&headers["x-causerie-timestamp"], timestamp);
    assert_eq!(headers["x-causerie-delivery"], body["id"].as_str().unwrap());
    assert_eq!(headers["x-causerie-attempt"], "1");
}

#[tokio::test]
async fn a_refused_event_is_sent_again_and_holds_back_only_its_conversation() {
    let mut receiver = Receiver::start(Answer::Status(503)).await;
    let (_server, backend) = server(vec![webhook(&receiver, &[WebhookKind::MessageSent])]).await;
    for conversation in ["a", "b"] {
        backend.ok("PUT", &format!("/conversations/{conversation}"), None).await;
    }
    say(&backend, "a", "1").await;
    let first = receiver.next().await;
    say(&backend, "a", "2").await;
    say(&backend, "b", "3").await;
    let mut other = receiver.next().await;
    while other.body["data"]["conversation"]["id"] == "a" {
        assert_eq!(other.body, first.body, "the next event of a conversation waits");
        other = receiver.next().await;
    }
    assert_eq!(other.body["data"]["message"]["text"], "3");
    // A redirect is no success, and is not followed.
    receiver.answers(Answer::Status(302));
    receiver.next().await;
    receiver.answers(Answer::Status(200));
    let mut texts = Vec::new();
    while texts.last().map(String::as_str) != Some("2") {
        let received = receiver.next().await;
        if received.body["data"]["conversation"]["id"] == "a" {
            texts.push(received.body["data"]["message"]["text"].as_str().unwrap().to_owned());
        }
    }
    texts.dedup();
    assert_eq!(texts, ["1", "2"]);
    let waiting = async || backend.ok("GET", "/webhooks", None).await["data"].as_array().unwrap().len();
    for _ in 0..100 {
        if waiting().await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} events still wait", waiting().await);
}

#[tokio::test]
async fn an_event_that_is_refused_for_too_long_fails_and_can_be_replayed() {
    let mut receiver = Receiver::start(Answer::Status(500)).await;
    let mut webhook = webhook(&receiver, &[WebhookKind::UserCreated]);
    webhook.retry = fast(Duration::from_millis(100));
    let (_server, backend) = server(vec![webhook]).await;
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Ada" }))).await;
    let id = receiver.next().await.body["id"].clone();
    let failed = loop {
        let page = backend.ok("GET", "/webhooks?failed=true", None).await;
        match page["data"].as_array().unwrap().first() {
            Some(failed) => break failed.clone(),
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    assert_eq!((&failed["id"], &failed["type"]), (&id, &json!("user.created")));
    assert_eq!(failed["error"], "the receiver answered with the status 500");
    assert!(failed["attempts"].as_u64().unwrap() > 1);
    let after = format!("/webhooks?failed=true&startingAfter={}", failed["key"].as_str().unwrap());
    assert_eq!(backend.ok("GET", &after, None).await, json!({ "data": [] }));
    while receiver.received.try_recv().is_ok() {}
    receiver.answers(Answer::Status(200));
    assert_eq!(
        backend.ok("POST", "/webhooks/replay", Some(json!({ "id": "other" }))).await,
        json!({ "replayed": 0 })
    );
    assert_eq!(
        backend.ok("POST", "/webhooks/replay", Some(json!({ "id": id }))).await,
        json!({ "replayed": 1 })
    );
    assert_eq!(receiver.next().await.body["id"], id);
}

#[tokio::test]
async fn a_receiver_that_hangs_delays_neither_messages_nor_other_webhooks() {
    let mut hanging = Receiver::start(Answer::Hang).await;
    let mut healthy = Receiver::start(Answer::Status(200)).await;
    let kinds = [WebhookKind::MessageSent];
    let (_server, backend) = server(vec![webhook(&hanging, &kinds), webhook(&healthy, &kinds)]).await;
    for index in 0..40 {
        backend.ok("PUT", &format!("/conversations/c{index}"), None).await;
        say(&backend, &format!("c{index}"), "Hello").await;
    }
    let started = std::time::Instant::now();
    for _ in 0..40 {
        healthy.next().await;
    }
    assert!(started.elapsed() < Duration::from_secs(2), "took {:?}", started.elapsed());
    hanging.next().await;
}

#[tokio::test]
async fn a_webhook_is_not_sent_to_a_private_network_unless_allowed_under_any_name() {
    let mut receiver = Receiver::start(Answer::Status(200)).await;
    let port = receiver.address.port();
    let names = ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433"];
    let webhooks = names.map(|name| {
        let mut webhook = Webhook::new(&format!("http://{name}:{port}/"));
        webhook.retry = fast(Duration::ZERO);
        webhook.kinds = vec![WebhookKind::UserCreated];
        webhook
    });
    let (_server, backend) = server(webhooks.to_vec()).await;
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Ada" }))).await;
    let failed = loop {
        let page = backend.ok("GET", "/webhooks?failed=true", None).await;
        if page["data"].as_array().unwrap().len() == names.len() {
            break page;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    for event in failed["data"].as_array().unwrap() {
        assert!(event["error"].as_str().unwrap().contains("private networks"), "{event}");
    }
    assert!(receiver.received.try_recv().is_err(), "nothing was sent");
}

#[tokio::test]
async fn events_survive_a_restart_and_a_refused_write_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut receiver = Receiver::start(Answer::Status(503)).await;
    let webhook = webhook(&receiver, &[WebhookKind::UserCreated]);
    let config = || {
        let mut config = config(vec![webhook.clone()]);
        config.data = Data::Folder(folder.path().to_owned());
        config
    };
    let mut server = TestServer::with(config()).await;
    let backend = server.backend("demo", DEMO_SECRET);
    let refused = json!({ "eve": { "name": "Eve" }, "bad": { "name": 5 } });
    assert_eq!(backend.call("PUT", "/users", Some(refused)).await.status, 400);
    let half = json!({ "eve": { "name": "Eve" }, "new": {} });
    assert_eq!(backend.call("PUT", "/users", Some(half)).await.status, 400);
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Ada" }))).await;
    let id = receiver.next().await.body["id"].clone();
    server.begin_stop();
    server.stopped().await;
    receiver.answers(Answer::Status(200));
    while receiver.received.try_recv().is_ok() {}
    let server = TestServer::with(config()).await;
    let again = receiver.next().await;
    assert_eq!((&again.body["id"], &again.body["data"]["user"]["id"]), (&id, &json!("ada")));
    let backend = server.backend("demo", DEMO_SECRET);
    backend.ok("PUT", "/users/bob", Some(json!({ "name": "Bob" }))).await;
    let next = receiver.next().await;
    assert_eq!(next.body["data"]["user"]["id"], "bob", "there was no event of a write that was rolled back");
}

#[tokio::test]
async fn notifications_without_a_receiver_are_refused() {
    let (_server, backend) = server(Vec::new()).await;
    backend.ok("PUT", "/conversations/talk", None).await;
    let call = async |body: Value| {
        let response = backend.call("POST", "/conversations/talk/notifications", Some(body)).await;
        (response.status.as_u16(), response.code())
    };
    assert_eq!(call(json!({ "channels": ["email"] })).await, (400, "unsupported".to_owned()));
    assert_eq!(call(json!({ "channels": [] })).await, (400, "invalid_argument".to_owned()));
    assert_eq!(call(json!({ "channels": ["pigeon"] })).await, (400, "invalid_argument".to_owned()));
}

#[tokio::test]
async fn a_bot_answers_each_message_once() {
    let mut receiver = Receiver::start(Answer::Status(200)).await;
    let (server, backend) = server(vec![webhook(&receiver, &[WebhookKind::MessageSent])]).await;
    for user in ["ada", "bot"] {
        backend.ok("PUT", &format!("/users/{user}"), Some(json!({ "name": user }))).await;
    }
    backend.ok("PUT", "/conversations/talk", Some(json!({ "participants": ["ada", "bot"] }))).await;
    let mut ada = Client::welcomed(server.address, "demo", "ada", None).await;
    ada.request("message.send", json!({ "conversation": "talk", "data": { "text": "ping" } })).await;
    for _ in 0..2 {
        let event = receiver.next().await.body;
        if event["data"]["message"]["senderId"] == "ada" {
            // The id of the event makes an answer to an event that is sent twice the same message.
            let answer = json!([{
                "type": "UserMessage", "sender": "bot", "text": "pong", "idempotencyKey": event["id"],
            }]);
            for _ in 0..2 {
                backend.ok("POST", "/conversations/talk/messages", Some(answer.clone())).await;
            }
        }
    }
    let messages = backend.ok("GET", "/conversations/talk/messages", None).await;
    let texts: Vec<&str> =
        messages["data"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["pong", "ping"]);
}

#[tokio::test]
async fn failed_events_are_listed_and_replayed_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    // Nothing listens on the port of this address any more.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let secret = crate::support::NEW_SECRET;
    let settings = format!(
        "[[apps]]\nid = \"shop\"\nsecrets = [\"{secret}\"]\n[[apps.webhooks]]\nurl = \"http://{closed}/\"\nevents = [\"user.*\"]\n"
    );
    let file = folder.path().join("causerie.toml");
    std::fs::write(&file, settings).unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let server = ServerProcess::start(folder.path(), &config).await;
    let backend = Backend { address: server.address, app: "shop".to_owned(), bearer: secret.to_owned() };
    for user in ["ada", "bob"] {
        backend.ok("PUT", &format!("/users/{user}"), Some(json!({ "name": user }))).await;
    }
    let listen = server.address.to_string();
    let run = async |task: &[&str]| {
        let mut arguments = vec!["--listen", listen.as_str(), config[0], config[1], "webhooks"];
        arguments.extend(task);
        let output = crate::support::process::command(&arguments).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let waiting = run(&["list", "--app", "shop"]).await;
    let events: Vec<Value> = waiting.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), 2, "{waiting}");
    assert!(events.iter().all(|event| event["type"] == "user.created"));
    assert_eq!(run(&["list", "--app", "shop", "--failed"]).await, "\n");
    assert_eq!(run(&["replay", "--app", "shop"]).await, "{\"replayed\":0}\n");
    server.kill_quietly().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_events_reach_a_receiver_beside_one_that_hangs() {
    const EVENTS: usize = 1_000;
    const BOUND_MS: u64 = 20_000;
    let hanging = Receiver::start(Answer::Hang).await;
    let mut healthy = Receiver::start(Answer::Status(200)).await;
    let kinds = [WebhookKind::MessageSent];
    // On disk, so that every commit is synced.
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(vec![webhook(&hanging, &kinds), webhook(&healthy, &kinds)]);
    config.data = Data::Folder(folder.path().to_owned());
    let server = TestServer::with(config).await;
    let backend = server.backend("demo", DEMO_SECRET);
    for index in 0..10 {
        backend.ok("PUT", &format!("/conversations/c{index}"), None).await;
    }
    let started = std::time::Instant::now();
    for index in 0..EVENTS / 10 {
        let messages = vec![json!({ "type": "SystemMessage", "text": "Hello" }); 10];
        let path = format!("/conversations/c{}/messages", index % 10);
        backend.ok("POST", &path, Some(json!(messages))).await;
    }
    let sent = started.elapsed();
    let mut places: HashMap<String, Vec<String>> = HashMap::new();
    for _ in 0..EVENTS {
        let event = healthy.next().await.body;
        let message = &event["data"]["message"];
        let place = places.entry(message["conversationId"].to_string()).or_default();
        place.push(message["id"].as_str().unwrap().to_owned());
    }
    let received = started.elapsed();
    assert!(places.values().all(|ids| ids.is_sorted()), "the events of each conversation are in order");
    let sent = u64::try_from(sent.as_millis()).unwrap();
    crate::support::figure("webhooks: 1,000 messages of 10 conversations sent", sent, BOUND_MS, "ms");
    let received = u64::try_from(received.as_millis()).unwrap();
    crate::support::figure(
        "webhooks: their events received beside a receiver that hangs",
        received,
        BOUND_MS,
        "ms",
    );
    assert!(received < BOUND_MS, "{received} ms");
}

#[tokio::test]
async fn a_receiver_over_tls_needs_a_certificate_for_its_name() {
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;

    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, made.cert.pem()).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let tls = tokio_rustls::rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, mut received) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, sender) = (acceptor.clone(), sender.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, Arc::new(Mutex::new(Answer::Status(200))), sender).await;
                }
            });
        }
    });
    let secret = crate::support::NEW_SECRET;
    let webhook = |host: &str| {
        format!(
            "[[apps.webhooks]]\nurl = \"https://{host}:{port}/\"\nevents = [\"user.*\"]\nallow_private = true\n"
        )
    };
    // The certificate names `localhost`, not the address.
    let webhooks = webhook("localhost") + &webhook("127.0.0.1");
    let file = folder.path().join("causerie.toml");
    std::fs::write(&file, format!("[[apps]]\nid = \"shop\"\nsecrets = [\"{secret}\"]\n{webhooks}")).unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let server = ServerProcess::start_trusting(folder.path(), &trusted, &config).await;
    let backend = Backend { address: server.address, app: "shop".to_owned(), bearer: secret.to_owned() };
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Ada" }))).await;
    let event = within(20, received.recv()).await.unwrap();
    assert_eq!(event.headers["host"], format!("localhost:{port}"));
    let refused = loop {
        let page = backend.ok("GET", "/webhooks", None).await;
        match page["data"].as_array().unwrap().iter().find(|event| event["error"].is_string()) {
            Some(event) => break event.clone(),
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    };
    assert!(refused["url"].as_str().unwrap().contains("127.0.0.1"), "{refused}");
    assert!(refused["error"].as_str().unwrap().starts_with("no secure connection"), "{refused}");
    server.kill_quietly().await;
}

#[tokio::test]
async fn participants_who_are_not_online_are_notified_of_messages_that_they_do_not_read() {
    let mut receiver = Receiver::start(Answer::Status(200)).await;
    let mut webhook = webhook(&receiver, &[WebhookKind::NotificationTriggered]);
    webhook.retry.notify_after = Duration::from_millis(400);
    let (server, backend) = server(vec![webhook]).await;
    for user in ["ada", "bob", "cat", "dan", "eve"] {
        backend.ok("PUT", &format!("/users/{user}"), Some(json!({ "name": user }))).await;
    }
    let all = json!({ "participants": ["ada", "bob", "cat", "dan", "eve"] });
    backend.ok("PUT", "/conversations/talk", Some(all)).await;
    for (user, notify) in [("cat", json!(false)), ("dan", json!("MentionsOnly"))] {
        let path = format!("/conversations/talk/participants/{user}");
        backend.ok("PATCH", &path, Some(json!({ "notify": notify }))).await;
    }
    let posted = json!([
        { "type": "UserMessage", "sender": "ada", "text": "One" },
        { "type": "UserMessage", "sender": "ada", "text": "Two" },
    ]);
    backend.ok("POST", "/conversations/talk/messages", Some(posted)).await;
    // Eve reads; bob does not.
    let mut eve = Client::welcomed(server.address, "demo", "eve", None).await;
    eve.request("conversation.markAsRead", json!({ "conversation": "talk" })).await;
    let data = receiver.next().await.body["data"].clone();
    assert_eq!((&data["recipient"]["id"], &data["sender"]["id"]), (&json!("bob"), &json!("ada")));
    let texts: Vec<&str> =
        data["messages"].as_array().unwrap().iter().map(|one| one["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["One", "Two"], "one notification for both messages");
    let mention = json!([{ "type": "UserMessage", "sender": "ada", "content": [{
        "type": "text", "children": [{ "type": "bold", "children": [{ "type": "mention", "id": "dan", "text": "@Dan" }] }],
    }] }]);
    backend.ok("PUT", "/conversations/talk/participants/bob", Some(json!({ "notify": false }))).await;
    backend.ok("PUT", "/conversations/talk/participants/eve", Some(json!({ "notify": false }))).await;
    backend.ok("POST", "/conversations/talk/messages", Some(mention)).await;
    assert_eq!(receiver.next().await.body["data"]["recipient"]["id"], "dan");
    // A user who is online may read, and is notified only after going offline.
    let mut dan = Client::welcomed(server.address, "demo", "dan", None).await;
    dan.send(json!({ "t": "subscribe", "id": 1, "topic": { "kind": "conversations" } })).await;
    assert_eq!(dan.frame().await["t"], "reset");
    backend.ok("PUT", "/conversations/talk/participants/dan", Some(json!({ "notify": true }))).await;
    backend
        .ok(
            "POST",
            "/conversations/talk/messages",
            Some(json!([{ "type": "SystemMessage", "text": "Still there?" }])),
        )
        .await;
    assert_eq!(receiver.next().await.body["data"]["recipient"]["id"], "ada");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(receiver.received.try_recv().is_err(), "dan is online, and nobody else wants to know");
    drop(dan);
    assert_eq!(receiver.next().await.body["data"]["recipient"]["id"], "dan");
}
