//! Translations, with a translator that listens on a socket of its own and has the API of LibreTranslate.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use causerie_server::apps::{App, Apps, TranslatorSettings};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::sleep;

use crate::support::TestServer;
use crate::support::socket::Client;

/// How a translator answers.
#[derive(Clone)]
enum Answer {
    /// With the texts in upper case, in Klingon only, after a time.
    UpperCase(Duration),
    /// With a status and a body.
    Raw(u16, &'static str),
}

#[derive(Clone)]
struct Translator {
    answer: Arc<Mutex<Answer>>,
    /// The bodies of all calls.
    calls: Arc<Mutex<Vec<Value>>>,
    address: SocketAddr,
}

impl Translator {
    async fn start() -> Translator {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let translator = Translator {
            answer: Arc::new(Mutex::new(Answer::UpperCase(Duration::ZERO))),
            calls: Arc::default(),
            address: listener.local_addr().unwrap(),
        };
        let router = Router::new().route("/translate", post(answer)).with_state(translator.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        translator
    }

    fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    fn count(&self) -> usize {
        self.calls.lock().unwrap().len()
    }

    /// Starts a server whose demo app has this translator.
    async fn server(&self) -> TestServer {
        let url = format!("http://{}/translate", self.address);
        let translator = Some(TranslatorSettings { url, api_key: Some("the key".to_owned()) });
        let demo = App { translator, ..causerie_server::config::demo_app(true) };
        let config = crate::support::config();
        TestServer::with(causerie_server::Config { apps: Apps::new([demo]).unwrap(), ..config }).await
    }
}

async fn answer(State(translator): State<Translator>, body: String) -> (StatusCode, String) {
    let call: Value = serde_json::from_str(&body).unwrap();
    let (texts, language) = (call["q"].clone(), call["target"].clone());
    translator.calls.lock().unwrap().push(call);
    let answer = translator.answer.lock().unwrap().clone();
    match answer {
        Answer::Raw(status, body) => (StatusCode::from_u16(status).unwrap(), body.to_owned()),
        Answer::UpperCase(time) => {
            sleep(time).await;
            if language != "tlh" {
                return (StatusCode::BAD_REQUEST, json!({ "error": "not supported" }).to_string());
            }
            let upper = |text: &Value| text.as_str().unwrap().to_uppercase();
            let texts: Vec<String> = texts.as_array().unwrap().iter().map(upper).collect();
            (StatusCode::OK, json!({ "translatedText": texts }).to_string())
        }
    }
}

/// Makes a client whose user is in the conversation "talk".
async fn participant(server: &TestServer, user: &str) -> Client {
    let mut client = Client::welcomed(server.address, "demo", user, None).await;
    let name = json!({ "user": user, "data": { "name": user } });
    for (op, params) in
        [("user.set", name), ("conversation.createIfNotExists", json!({ "conversation": "talk" }))]
    {
        let result = client.request(op, params).await;
        assert!(result.get("error").is_none(), "{result}");
    }
    client
}

async fn send(client: &mut Client, text: &str) -> String {
    let params = json!({ "conversation": "talk", "data": { "text": text } });
    let result = client.request("message.send", params).await;
    result["value"].as_str().unwrap_or_else(|| panic!("{result}")).to_owned()
}

fn translation(message: &str, language: &str) -> Value {
    json!({ "conversation": "talk", "message": message, "language": language })
}

#[tokio::test]
async fn texts_of_a_message_are_translated_and_marks_and_addresses_stay() {
    let translator = Translator::start().await;
    let server = translator.server().await;
    let mut ada = participant(&server, "ada").await;
    let message = send(&mut ada, "hello *dear* bob, see https://a.test/x").await;
    let result = ada.request("message.translate", translation(&message, "tlh")).await;
    let link = json!({ "type": "autoLink", "url": "https://a.test/x", "text": "https://a.test/x" });
    let bold = json!({ "type": "bold", "children": ["DEAR"] });
    let content = json!([{ "type": "text", "children": ["HELLO ", bold, " BOB, SEE ", link] }]);
    let expected = json!({ "content": content, "plaintext": "HELLO DEAR BOB, SEE https://a.test/x" });
    assert_eq!(result["value"], expected);
    let call = translator.calls.lock().unwrap()[0].clone();
    let expected = json!({
        "q": ["hello", "dear", "bob, see"], "source": "auto", "target": "tlh", "format": "text",
        "api_key": "the key",
    });
    assert_eq!(call, expected);
    // The stored message is as it was.
    let stored = ada.request("message.get", json!({ "conversation": "talk", "message": message })).await;
    assert_eq!(stored["entities"]["messages"][0]["plaintext"], "hello dear bob, see https://a.test/x");
}

#[tokio::test]
async fn messages_that_the_caller_cannot_see_or_that_have_no_letters_are_not_passed_to_the_translator() {
    let translator = Translator::start().await;
    let server = translator.server().await;
    let mut ada = participant(&server, "ada").await;
    let hello = send(&mut ada, "hello").await;
    let number = send(&mut ada, "12:30").await;
    let mut eve = Client::welcomed(server.address, "demo", "eve", None).await;
    let hidden = eve.request("message.translate", translation(&hello, "tlh")).await;
    assert_eq!((hidden.get("value"), hidden.get("error")), (None, None));
    let missing = ada.request("message.translate", translation("none", "tlh")).await;
    assert_eq!((missing.get("value"), missing.get("error")), (None, None));
    let number = ada.request("message.translate", translation(&number, "tlh")).await;
    assert_eq!(number["value"]["plaintext"], "12:30");
    let malformed = ada.request("message.translate", translation(&hello, "?")).await;
    assert_eq!(malformed["error"]["field"], "language", "{malformed}");
    assert_eq!(translator.count(), 0);
}

#[tokio::test]
async fn each_failure_of_the_translator_is_a_typed_error() {
    let translator = Translator::start().await;
    let server = translator.server().await;
    let mut ada = participant(&server, "ada").await;
    let message = send(&mut ada, "hello").await;
    let unsupported = ada.request("message.translate", translation(&message, "de")).await;
    assert_eq!(unsupported["error"]["code"], "invalid_argument");
    let text = "language: must be a language that the app's translator supports (got \"de\")";
    assert_eq!(unsupported["error"]["message"], text);
    for (status, body, code) in [
        (429, "{}", "rate_limited"),
        (403, "{\"error\":\"the key\"}", "server_error"),
        (500, "", "server_error"),
        (302, "", "server_error"),
        (200, "<html>", "server_error"),
        (200, "{\"translatedText\":[]}", "server_error"),
        (200, "{\"translatedText\":[\"a\",\"b\"]}", "server_error"),
    ] {
        translator.answers(Answer::Raw(status, body));
        let failed = ada.request("message.translate", translation(&message, "tlh")).await;
        assert_eq!(failed["error"]["code"], code, "{status} {body}: {failed}");
        assert!(!failed.to_string().contains("the key"), "{failed}");
    }
    translator.answers(Answer::UpperCase(Duration::ZERO));
    let translated = ada.request("message.translate", translation(&message, "tlh")).await;
    assert_eq!(translated["value"]["plaintext"], "HELLO");
}

#[tokio::test]
async fn a_translator_that_cannot_be_reached_is_a_server_error_and_none_is_unsupported() {
    let server = TestServer::start().await;
    let mut ada = participant(&server, "ada").await;
    let message = send(&mut ada, "hello").await;
    let none = ada.request("message.translate", translation(&message, "de")).await;
    assert_eq!(none["error"]["code"], "unsupported", "{none}");
    let gone = Translator { address: "127.0.0.1:9".parse().unwrap(), ..Translator::start().await };
    let server = gone.server().await;
    let mut ada = participant(&server, "ada").await;
    let message = send(&mut ada, "hello").await;
    let failed = ada.request("message.translate", translation(&message, "de")).await;
    assert_eq!(failed["error"]["code"], "server_error", "{failed}");
}

#[tokio::test]
async fn nothing_waits_for_a_slow_translator() {
    const CALL: Duration = Duration::from_millis(400);
    let translator = Translator::start().await;
    let server = translator.server().await;
    let mut ada = participant(&server, "ada").await;
    let mut bob = participant(&server, "bob").await;
    let message = send(&mut ada, "hello").await;
    translator.answers(Answer::UpperCase(CALL));
    let started = Instant::now();
    let mut waiting = Vec::new();
    for _ in 0..40 {
        waiting.push(ada.send_request("message.translate", translation(&message, "tlh")).await);
    }
    // Requests of the same connection.
    for _ in 0..3 {
        let id = ada
            .send_request("message.send", json!({ "conversation": "talk", "data": { "text": "more" } }))
            .await;
        let result = ada.frame().await;
        assert_eq!(result["id"], id, "{result}");
    }
    assert!(started.elapsed() < CALL, "{:?}", started.elapsed());
    // Another user, who does not wait for the 40 of the first.
    let result = bob.request("message.translate", translation(&message, "tlh")).await;
    assert_eq!(result["value"]["plaintext"], "HELLO");
    assert!(started.elapsed() < 2 * CALL + CALL / 2, "{:?}", started.elapsed());
    // The first user has two calls at a time, and all of them have a result.
    assert!(translator.count() <= 7, "{}", translator.count());
    while !waiting.is_empty() {
        let result = ada.frame().await;
        assert_eq!(result["value"]["plaintext"], "HELLO", "{result}");
        waiting.retain(|id| result["id"] != *id);
    }
}

#[tokio::test]
async fn a_translation_after_a_send_of_the_same_connection_finds_the_message() {
    let translator = Translator::start().await;
    let server = translator.server().await;
    let mut ada = participant(&server, "ada").await;
    let message = send(&mut ada, "hello").await;
    let edit = json!({ "conversation": "talk", "message": message, "data": { "text": "goodbye" } });
    let edited = ada.send_request("message.edit", edit).await;
    let translated = ada.send_request("message.translate", translation(&message, "tlh")).await;
    assert_eq!(ada.frame().await["id"], edited);
    let result = ada.frame().await;
    assert_eq!((&result["id"], &result["value"]["plaintext"]), (&json!(translated), &json!("GOODBYE")));
}
