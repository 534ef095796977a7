//! Uploads and downloads: what is accepted, what is refused, and what remains afterwards.

use std::path::Path;

use causerie_server::Config;
use causerie_server::apps::Apps;
use causerie_server::apps::roles::{RoleSettings, Roles};
use causerie_server::config::{Data, FilesConfig};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::http::{HttpResponse, call};
use crate::support::socket::Client;
use crate::support::{DEMO_SECRET, NEW_SECRET, TestServer, app, config, within};

/// A server with its data in a folder.
pub(crate) struct Fixture {
    pub(crate) server: TestServer,
    pub(crate) folder: TempDir,
}

impl Fixture {
    pub(crate) async fn start(change: impl FnOnce(&mut Config)) -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data: Data::Folder(folder.path().to_owned()), ..config() };
        change(&mut config);
        let server = TestServer::with(config).await;
        server.create_talk("demo", DEMO_SECRET).await;
        Fixture { server, folder }
    }

    /// The bytes of all stored files, and of all parts of files.
    fn stored(&self) -> Vec<Vec<u8>> {
        fn read(folder: &Path, found: &mut Vec<Vec<u8>>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { read(&path, found) } else { found.push(std::fs::read(path).unwrap()) }
            }
        }
        let mut found = Vec::new();
        read(&self.folder.path().join("files"), &mut found);
        found
    }

    pub(crate) async fn put(&self, token: &str, bytes: impl Into<hyper::body::Bytes>) -> HttpResponse {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        call(self.server.address, "PUT", "/v1/demo/files", &headers, bytes).await
    }

    pub(crate) async fn get(&self, url: &str, headers: &[(&str, &str)]) -> HttpResponse {
        let path = url.strip_prefix(&format!("http://{}", self.server.address)).unwrap();
        call(self.server.address, "GET", path, headers, "").await
    }
}

/// Executes an op, and returns its result with the value or the error.
pub(crate) async fn request(client: &mut Client, op: &str, params: Value) -> Value {
    let key = format!("key-{params}").chars().take(200).collect::<String>();
    client.send(json!({ "t": "request", "id": 1, "key": key, "op": op, "params": params })).await;
    client.frame().await
}

/// Asks for an upload, and returns the token.
pub(crate) async fn create(client: &mut Client, data: Value) -> String {
    let result = request(client, "file.create", json!({ "data": data })).await;
    result["value"].as_str().unwrap_or_else(|| panic!("{result}")).to_owned()
}

/// Sends a file to the conversation, and returns its block as clients get it.
pub(crate) async fn send(client: &mut Client, token: &str) -> Value {
    let content = json!([{ "type": "file", "fileToken": token }]);
    let params = json!({ "conversation": "talk", "data": { "content": content } });
    let sent = request(client, "message.send", params).await;
    let message = sent["value"].as_str().unwrap_or_else(|| panic!("{sent}"));
    let params = json!({ "conversation": "talk", "message": message });
    client.send(json!({ "t": "request", "id": 2, "op": "message.get", "params": params })).await;
    let read = client.frame().await;
    read["entities"]["messages"][0]["content"][0].clone()
}

pub(crate) async fn ada(fixture: &Fixture) -> Client {
    Client::welcomed(fixture.server.address, "demo", "ada", None).await
}

/// A complete PNG of one pixel, with the size that its header states.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    bytes
}

fn image(bytes: &[u8]) -> Value {
    json!({ "filename": "cat.png", "contentType": "image/png", "size": bytes.len(), "subtype": "image" })
}

#[tokio::test]
async fn an_image_is_uploaded_sent_and_downloaded() {
    let fixture = Fixture::start(|_| {}).await;
    let mut client = ada(&fixture).await;
    let bytes = png(640, 480);
    let token = create(&mut client, image(&bytes)).await;
    let response = fixture.put(&token, bytes.clone()).await;
    assert_eq!((response.status.as_u16(), response.text().as_str()), (200, "{}"));
    let block = send(&mut client, &token).await;
    let url = block["url"].as_str().unwrap().to_owned();
    let mut described = block.clone();
    described.as_object_mut().unwrap().remove("url");
    let expected = json!({
        "type": "file", "subtype": "image", "fileToken": token, "size": bytes.len(), "filename": "cat.png",
        "width": 640, "height": 480
    });
    assert_eq!(described, expected, "the server has read the size of the image");
    let response = fixture.get(&url, &[]).await;
    assert_eq!((response.status.as_u16(), &response.body), (200, &bytes));
    for (name, value) in [
        ("content-type", "image/png"),
        ("content-disposition", "inline; filename*=UTF-8''cat%2Epng"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "private, max-age=31536000, immutable"),
        ("accept-ranges", "bytes"),
        ("cross-origin-resource-policy", "cross-origin"),
        ("content-length", &bytes.len().to_string()),
    ] {
        assert_eq!(response.header(name), Some(value), "{name}");
    }
    assert!(response.header("content-security-policy").unwrap().contains("sandbox"));
    // The same block again: a forwarded file needs no further upload, and its URL is the same.
    assert_eq!(send(&mut client, &token).await["url"], url.as_str());
    let again = fixture.put(&token, bytes).await;
    assert_eq!((again.status.as_u16(), again.code().as_str()), (400, "invalid_argument"));
}

#[tokio::test]
async fn ranges_and_conditions_are_answered() {
    let fixture = Fixture::start(|_| {}).await;
    let mut client = ada(&fixture).await;
    // More than one part, and not a multiple of one.
    let bytes: Vec<u8> = (0..700_001_u32).map(|n| (n % 251) as u8).collect();
    let data = json!({ "filename": "data.bin", "size": bytes.len() });
    let token = create(&mut client, data).await;
    assert_eq!(fixture.put(&token, bytes.clone()).await.status, 200);
    let url = send(&mut client, &token).await["url"].as_str().unwrap().to_owned();
    let whole = fixture.get(&url, &[]).await;
    assert!(whole.body == bytes, "the whole file");
    assert_eq!(whole.header("content-disposition"), Some("attachment; filename*=UTF-8''data%2Ebin"));
    assert_eq!(whole.header("content-type"), Some("application/octet-stream"));
    for (range, from, to) in
        [("bytes=0-0", 0, 1), ("bytes=262143-262145", 262_143, 262_146), ("bytes=-5", 699_996, 700_001)]
    {
        let part = fixture.get(&url, &[("range", range)]).await;
        assert_eq!(part.status, 206, "{range}");
        assert!(part.body == bytes[from..to], "{range}");
        let expected = format!("bytes {from}-{}/700001", to - 1);
        assert_eq!(part.header("content-range"), Some(expected.as_str()));
    }
    let beyond = fixture.get(&url, &[("range", "bytes=700001-")]).await;
    assert_eq!((beyond.status.as_u16(), beyond.header("content-range")), (416, Some("bytes */700001")));
    let etag = whole.header("etag").unwrap();
    assert_eq!(fixture.get(&url, &[("if-none-match", etag)]).await.status, 304);
    let other = [("range", "bytes=0-0"), ("if-range", "\"other\"")];
    assert_eq!(fixture.get(&url, &other).await.status, 200);
    let same = [("range", "bytes=0-0"), ("if-range", etag)];
    assert_eq!(fixture.get(&url, &same).await.status, 206);
}

#[tokio::test]
async fn what_a_browser_could_execute_is_never_displayed() {
    let fixture = Fixture::start(|_| {}).await;
    let mut client = ada(&fixture).await;
    for (name, content_type) in [
        ("a.html", "text/html"),
        ("a.svg", "image/svg+xml"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.xml", "application/xml"),
        ("naïve \"1\".pdf", "application/pdf"),
    ] {
        let data = json!({ "filename": name, "contentType": content_type, "size": 8 });
        let token = create(&mut client, data).await;
        assert_eq!(fixture.put(&token, "<script>").await.status, 200, "{name}");
        let url = send(&mut client, &token).await["url"].as_str().unwrap().to_owned();
        let response = fixture.get(&url, &[]).await;
        let disposition = response.header("content-disposition").unwrap();
        assert!(disposition.starts_with("attachment; ") && disposition.is_ascii(), "{disposition}");
        let expected =
            if content_type == "application/pdf" { content_type } else { "application/octet-stream" };
        assert_eq!(response.header("content-type"), Some(expected), "{name}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
    }
}

#[tokio::test]
async fn a_file_over_a_limit_or_of_a_refused_type_is_refused_before_its_bytes() {
    let guests = RoleSettings {
        upload_bytes: Some(1_000),
        upload_types: Some(vec!["image/*".to_owned(), "application/pdf".to_owned()]),
        ..RoleSettings::default()
    };
    let none = RoleSettings { upload_bytes: Some(0), ..RoleSettings::default() };
    let fixture = Fixture::start(|config| {
        let mut demo = causerie_server::config::demo_app(true);
        let roles = [("guest".to_owned(), guests), ("none".to_owned(), none)];
        demo.roles = Roles::new(roles.into(), "default");
        config.apps = Apps::new([demo]).unwrap();
        config.files.max_bytes = 2_000;
    })
    .await;
    let backend = fixture.server.backend("demo", DEMO_SECRET);
    for (user, role) in [("ada", "member"), ("bob", "guest"), ("eve", "none")] {
        backend.ok("PUT", &format!("/users/{user}"), Some(json!({ "role": role }))).await;
    }
    let data = |kind: &str, size: u64| json!({ "filename": "f", "contentType": kind, "size": size });
    let image_of =
        |kind: &str| json!({ "filename": "f", "contentType": kind, "size": 5, "subtype": "image" });
    for (user, data, code, field) in [
        ("ada", data("text/plain", 2_001), "too_large", Some("size")),
        ("ada", data("text/plain", 0), "invalid_argument", Some("size")),
        ("ada", data("text", 5), "invalid_argument", Some("contentType")),
        ("ada", image_of("text/html"), "invalid_argument", Some("contentType")),
        ("ada", image_of("image/svg+xml"), "invalid_argument", Some("contentType")),
        ("ada", image_of(""), "invalid_argument", Some("contentType")),
        ("ada", json!({ "filename": "a/b", "size": 5 }), "invalid_argument", Some("filename")),
        ("ada", json!({ "filename": " ", "size": 5 }), "invalid_argument", Some("filename")),
        ("ada", json!({ "filename": "f", "size": -1 }), "invalid_argument", Some("size")),
        ("ada", json!({ "filename": "f", "size": 5, "width": 0 }), "invalid_argument", Some("width")),
        ("ada", json!({ "filename": "f", "size": 5, "duration": -1 }), "invalid_argument", Some("duration")),
        ("bob", data("image/png", 1_001), "too_large", Some("size")),
        ("bob", data("text/plain", 5), "forbidden", None),
        ("eve", data("image/png", 5), "forbidden", None),
    ] {
        let mut client = Client::welcomed(fixture.server.address, "demo", user, None).await;
        let result = request(&mut client, "file.create", json!({ "data": data })).await;
        assert_eq!(result["error"]["code"], code, "{user} {data}: {result}");
        assert_eq!(result["error"]["field"].as_str(), field, "{user} {data}: {result}");
    }
    let mut bob = Client::welcomed(fixture.server.address, "demo", "bob", None).await;
    create(&mut bob, data("image/png", 1_000)).await;
    create(&mut bob, data("Application/PDF", 1_000)).await;
}

#[tokio::test]
async fn bytes_that_are_not_as_announced_are_refused_and_nothing_remains() {
    let fixture = Fixture::start(|_| {}).await;
    let mut client = ada(&fixture).await;
    let jpeg = || [&b"\xff\xd8\xff\xe0"[..], &[0; 400_000]].concat();
    let kind = |kind: &str, size: usize| json!({ "filename": format!("{}-{size}", kind.replace('/', "-")), "contentType": kind, "size": size });
    let large_png = |size: usize| {
        let mut bytes = png(1, 1);
        bytes.resize(size, 0);
        bytes
    };
    // Another length is refused by the head of the request; the right bytes can still follow.
    let token = create(&mut client, image(&png(1, 1))).await;
    let refused = fixture.put(&token, "<html>").await;
    assert!(refused.text().contains("as announced"), "{}", refused.text());
    for (data, bytes, code, problem) in [
        (kind("image/png", 6), b"<html>".to_vec(), "invalid_argument", "not of its content type"),
        (kind("image/png", 400_004), jpeg(), "invalid_argument", "not of its content type"),
        (kind("image/gif", 3), b"GIF".to_vec(), "invalid_argument", "not of its content type"),
        (kind("video/mp4", 400_004), jpeg(), "invalid_argument", "not of its content type"),
        (kind("audio/mpeg", 33), png(1, 1), "invalid_argument", "not of its content type"),
        (kind("image/png", 8), b"\x89PNG\r\n\x1a\n".to_vec(), "invalid_argument", "is no image"),
        (kind("image/png", 20), png(1, 1)[..20].to_vec(), "invalid_argument", "is no image"),
        // Images that need gigabytes of memory to be displayed.
        (image(&png(60_000, 60_000)), png(60_000, 60_000), "invalid_argument", "60000 x 60000"),
        (kind("image/png", 33), png(u32::MAX, u32::MAX), "invalid_argument", "pixels"),
    ] {
        let token = create(&mut client, data.clone()).await;
        let response = fixture.put(&token, bytes).await;
        assert_eq!(response.code(), code, "{data}");
        let text = response.text();
        assert!(text.contains(problem), "{data}: {text}");
        assert!(fixture.stored().is_empty(), "{data}");
        // The file is given up: neither a second attempt nor a message can have it.
        assert_eq!(fixture.put(&token, large_png(33)).await.code(), "invalid_argument");
        let content = json!([{ "type": "file", "fileToken": token }]);
        let params = json!({ "conversation": "talk", "data": { "content": content } });
        let result = request(&mut client, "message.send", params).await;
        assert_eq!(result["error"]["field"], "content[0].fileToken", "{data}: {result}");
    }
}

/// Sends the head of an upload, and the first bytes of its body.
pub(crate) async fn begin(fixture: &Fixture, token: &str, head: &str, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(fixture.server.address).await.unwrap();
    let head = format!(
        "PUT /v1/demo/files HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n{head}\r\n\r\n",
        fixture.server.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Waits until a condition holds.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    within(10, async {
        while !condition() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_broken_upload_leaves_nothing_and_can_be_repeated() {
    let fixture = Fixture::start(|config| config.files.unused_files = 1).await;
    let mut client = ada(&fixture).await;
    let data = |name: &str| json!({ "filename": name, "size": 1_000_000 });
    let token = create(&mut client, data("one")).await;
    let stream = begin(&fixture, &token, "content-length: 1000000", &[7; 600_000]).await;
    until(|| !fixture.stored().is_empty()).await;
    // The same file cannot be uploaded twice at once.
    let second = fixture.put(&token, vec![7; 1_000_000]).await;
    assert!(second.text().contains("being uploaded"), "{}", second.text());
    drop(stream);
    until(|| fixture.stored().is_empty()).await;
    // It does not count any more.
    let mut token = String::new();
    for attempt in 0..100 {
        let result =
            request(&mut client, "file.create", json!({ "data": data(&format!("n{attempt}")) })).await;
        if let Some(value) = result["value"].as_str() {
            token = value.to_owned();
            break;
        }
        assert_eq!(result["error"]["code"], "rate_limited");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(fixture.put(&token, vec![7; 1_000_000]).await.status, 200);
    let more = request(&mut client, "file.create", json!({ "data": data("more") })).await;
    assert_eq!(more["error"]["code"], "rate_limited", "one file waits to be sent");
    send(&mut client, &token).await;
    create(&mut client, data("after")).await;
}

#[tokio::test]
async fn more_bytes_than_announced_are_refused_while_they_come() {
    let fixture = Fixture::start(|_| {}).await;
    let mut client = ada(&fixture).await;
    let token = create(&mut client, json!({ "filename": "f", "size": 300_000 })).await;
    let chunk = [&b"61a80\r\n"[..], &[1; 400_000], b"\r\n"].concat();
    let mut stream = begin(&fixture, &token, "transfer-encoding: chunked", &chunk).await;
    let mut response = vec![0; 2_000];
    let read = within(10, stream.read(&mut response)).await.unwrap();
    let text = String::from_utf8_lossy(&response[..read]).into_owned();
    assert!(text.starts_with("HTTP/1.1 413 ") && text.contains("300000 bytes"), "{text}");
    assert!(fixture.stored().is_empty());
}

#[tokio::test]
async fn uploads_at_once_are_bounded() {
    let fixture = Fixture::start(|config| config.files.uploads_per_user = 2).await;
    let mut client = ada(&fixture).await;
    let mut streams = Vec::new();
    for name in ["one", "two"] {
        let token = create(&mut client, json!({ "filename": name, "size": 1_000_000 })).await;
        streams.push(begin(&fixture, &token, "content-length: 1000000", &[7; 600_000]).await);
    }
    until(|| fixture.stored().len() == 2).await;
    let token = create(&mut client, json!({ "filename": "three", "size": 5 })).await;
    let refused = fixture.put(&token, "12345").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (429, "rate_limited"));
    assert_eq!(refused.header("retry-after"), Some("2"));
    drop(streams);
    until(|| fixture.stored().is_empty()).await;
    // A refused attempt does not end the file. The slots are free a moment after the parts are deleted.
    let mut status = 429;
    while status == 429 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        status = fixture.put(&token, "12345").await.status.as_u16();
    }
    assert_eq!(status, 200);
}

#[tokio::test]
async fn forged_tokens_and_urls_and_those_of_another_app_open_nothing() {
    let fixture = Fixture::start(|config| {
        let mut open = app("open", &[NEW_SECRET]);
        open.authentication = false;
        config.apps = Apps::new([causerie_server::config::demo_app(true), open]).unwrap();
    })
    .await;
    fixture.server.create_talk("open", NEW_SECRET).await;
    let mut client = ada(&fixture).await;
    let token = create(&mut client, json!({ "filename": "f", "size": 5 })).await;
    let forged = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { "1" } else { "0" });
    for wrong in [forged.as_str(), "", "x", "a.b", &token[..32], &"0".repeat(65)] {
        let response = fixture.put(wrong, "12345").await;
        let expected = if wrong.is_empty() { "not_authenticated" } else { "invalid_argument" };
        assert_eq!(response.code(), expected, "{wrong}");
    }
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let elsewhere = call(fixture.server.address, "PUT", "/v1/open/files", &headers, "12345").await;
    assert_eq!(elsewhere.code(), "invalid_argument");
    assert!(fixture.stored().is_empty());

    assert_eq!(fixture.put(&token, "12345").await.status, 200);
    let mut other = Client::welcomed(fixture.server.address, "open", "ada", None).await;
    let content = json!([{ "type": "file", "fileToken": token }]);
    let params = json!({ "conversation": "talk", "data": { "content": content } });
    let result = request(&mut other, "message.send", params).await;
    assert_eq!(result["error"]["field"], "content[0].fileToken", "{result}");

    let url = send(&mut client, &token).await["url"].as_str().unwrap().to_owned();
    assert_eq!(fixture.get(&url, &[]).await.body, b"12345");
    let path = url.split('?').next().unwrap();
    for wrong in [
        path.to_owned(),
        format!("{path}?expires=99999999999999&signature={}", "0".repeat(32)),
        url.replace("expires=", "expires=9"),
        url.replace("/demo/", "/open/"),
        url.replace(&token[..32], &"0".repeat(32)),
    ] {
        let response = fixture.get(&wrong, &[]).await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (403, "forbidden"), "{wrong}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_server_without_files_says_so() {
    let fixture =
        Fixture::start(|config| config.files = FilesConfig { enabled: false, ..Default::default() }).await;
    let mut client = ada(&fixture).await;
    let result = request(&mut client, "file.create", json!({ "data": { "filename": "f", "size": 5 } })).await;
    assert_eq!(result["error"]["code"], "uploads_disabled");
    let response = fixture.put("token", "12345").await;
    assert_eq!((response.status.as_u16(), response.code().as_str()), (403, "uploads_disabled"));
    let token = format!("{}.{}", "0".repeat(32), "0".repeat(32));
    let content = json!([{ "type": "file", "fileToken": token }]);
    let params = json!({ "conversation": "talk", "data": { "content": content } });
    let result = request(&mut client, "message.send", params).await;
    assert_eq!(result["error"]["code"], "uploads_disabled");
}

/// A form with these parts: the head and the data of each.
fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut form = Vec::new();
    for (head, data) in parts {
        form.extend(format!("--x\r\ncontent-disposition: form-data; {head}\r\n\r\n").as_bytes());
        form.extend(*data);
        form.extend(b"\r\n");
    }
    form.extend(b"--x--\r\n");
    form
}

async fn post_form(fixture: &Fixture, body: Vec<u8>) -> HttpResponse {
    let bearer = format!("Bearer {DEMO_SECRET}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "multipart/form-data; boundary=x")];
    call(fixture.server.address, "POST", "/v1/demo/files", &headers, body).await
}

#[tokio::test]
async fn a_backend_uploads_a_form_and_sends_it_as_an_attachment() {
    let fixture = Fixture::start(|_| {}).await;
    let bytes = png(20, 10);
    let head = "name=\"file\"; filename=\"cat.png\"\r\ncontent-type: image/png";
    let response = post_form(&fixture, form(&[(head, &bytes)])).await;
    assert_eq!(response.status, 200, "{}", response.text());
    let token = response.json()["attachmentToken"].as_str().unwrap().to_owned();
    let backend = fixture.server.backend("demo", DEMO_SECRET);
    let message = json!([{ "type": "UserMessage", "sender": "ada", "attachmentToken": token }]);
    let sent = backend.ok("POST", "/conversations/talk/messages", Some(message)).await;
    let path = format!("/conversations/talk/messages/{}", sent[0]["id"].as_str().unwrap());
    let read = backend.ok("GET", &path, None).await;
    let url = read["content"][0]["url"].as_str().unwrap();
    assert_eq!(read["text"], "cat.png");
    let expected = json!({ "url": url, "size": bytes.len(), "dimensions": [20, 10] });
    assert_eq!(read["attachment"], expected);
    assert_eq!(read["content"][0]["subtype"], "image");
    assert_eq!(fixture.get(url, &[]).await.body, bytes);
    let plain = backend.ok("GET", "/conversations/talk", None).await;
    assert_eq!(plain["lastMessage"]["attachment"], expected);

    let both = json!([{ "type": "UserMessage", "sender": "ada", "attachmentToken": token, "text": "x" }]);
    let refused = backend.call("POST", "/conversations/talk/messages", Some(both)).await;
    assert_eq!(refused.json()["error"]["field"], "[0].attachmentToken");
    let forged = json!([{ "type": "UserMessage", "sender": "ada", "attachmentToken": "0".repeat(65) }]);
    let refused = backend.call("POST", "/conversations/talk/messages", Some(forged)).await;
    assert_eq!(refused.json()["error"]["field"], "[0].attachmentToken");
}

#[tokio::test]
async fn forms_that_are_wrong_or_too_large_leave_nothing() {
    let fixture = Fixture::start(|config| config.files.max_bytes = 1_000_000).await;
    let file = "name=\"file\"; filename=\"a\"";
    let png_file = "name=\"file\"; filename=\"a\"\r\ncontent-type: image/png";
    let mut broken = form(&[(file, &[7; 600_000])]);
    broken.truncate(500_000);
    for (body, code, problem) in [
        (Vec::new(), "invalid_argument", "no complete form"),
        (form(&[]), "invalid_argument", "file: must be the only part"),
        (form(&[("name=\"other\"", b"x")]), "invalid_argument", "file: must be the only part"),
        (form(&[(file, b"x"), ("name=\"other\"", b"x")]), "invalid_argument", "file: must be the only part"),
        (form(&[(file, &[7; 600_000]), (file, b"x")]), "invalid_argument", "file: must be the only part"),
        (form(&[(file, b"")]), "invalid_argument", "broke off"),
        (form(&[(png_file, b"<html>")]), "invalid_argument", "not of its content type"),
        (broken, "invalid_argument", "broke off"),
        (form(&[(file, &[7; 1_000_001])]), "too_large", "1000000 bytes"),
        (form(&[(file, &[7; 2_000_000])]), "too_large", "1000000 bytes"),
    ] {
        let response = post_form(&fixture, body).await;
        assert_eq!(response.code(), code, "{problem}: {}", response.text());
        assert!(response.text().contains(problem), "{problem}: {}", response.text());
        assert!(fixture.stored().is_empty(), "{problem}");
    }
    let backend = fixture.server.backend("demo", DEMO_SECRET);
    let no_form = backend.call("POST", "/files", Some(json!({}))).await;
    assert!(no_form.text().contains("multipart/form-data"), "{}", no_form.text());
    let response = post_form(&fixture, form(&[(file, &[7; 1_000_000])])).await;
    assert_eq!(response.status, 200, "{}", response.text());
}
