//! The process: how it starts, how it refuses to, how it stops, and what it keeps when it is killed.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::support::http::{Backend, call};
use crate::support::socket::{Client, Heard};
use crate::support::{DEMO_SECRET, NEW_SECRET, within};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causerie-server"));
    command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.kill_on_drop(true);
    command
}

/// A process that listens.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    async fn start(data: &Path, more: &[&str]) -> Running {
        let data = data.to_str().unwrap();
        let mut arguments = vec!["--port", "0", "--data", data];
        arguments.extend(more);
        let mut child = command(&arguments).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = within(20, lines.next_line()).await.unwrap();
        let Some(line) = line else {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
            panic!("it did not start: {said}");
        };
        let address = line.strip_prefix("causerie-server listening on http://").unwrap().parse().unwrap();
        // Whoever stops reading its output must not stop the server.
        drop(lines);
        Running { child, address }
    }

    fn backend(&self) -> Backend {
        Backend { address: self.address, app: "demo".to_owned(), bearer: DEMO_SECRET.to_owned() }
    }

    #[cfg(unix)]
    async fn signal(&self, name: &str) {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().await.unwrap().success());
    }
}

/// Runs it to its end, which must be a refusal: nothing on standard output, one line on standard error.
async fn refusal(arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = within(30, command(arguments).output()).await.unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("causerie-server: "), "{said}");
    (status.code().unwrap(), said)
}

#[tokio::test]
async fn a_port_in_use_is_one_line_and_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let data = folder.path().join("data");
    let (code, said) = refusal(&["--demo", "--port", &port, "--data", data.to_str().unwrap()]).await;
    assert_eq!(code, 1);
    assert!(said.contains(&port) && said.contains("in use") && said.contains("--port"), "{said}");
    assert!(!data.exists(), "nothing was made for a server that does not start");
}

#[tokio::test]
async fn a_bad_configuration_is_one_line_with_file_key_and_what_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("causerie.toml");
    let path = file.to_str().unwrap();
    for (text, says) in [
        ("listen = \"nowhere\"", &["listen", "line 1"][..]),
        ("lisen = \"127.0.0.1:0\"", &["lisen", "listen"]),
        ("[[apps]]\nid = \"shop\"\nsecrets = [\"short\"]", &["shop", "secrets", "32 characters"]),
        ("[[apps]]\nid = \"shop\"\nsecrets = \"no list\"", &["apps[0].secrets", "line 3"]),
        ("[[apps]\n", &["line 1"]),
    ] {
        std::fs::write(&file, text).unwrap();
        let (code, said) = refusal(&["--config", path]).await;
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(path), "{said}");
        for part in says {
            assert!(said.contains(part), "{part:?} is not in {said}");
        }
    }
    assert_eq!(refusal(&["--config", "no/such/file.toml"]).await.0, 2);
    let (code, said) = refusal(&["--demo", "--listen", "0.0.0.0:0"]).await;
    assert!(code == 2 && said.contains("--demo-on-network"), "{said}");
    let (code, said) = refusal(&["--port", "0"]).await;
    assert!(code == 2 && said.contains("--demo"), "{said}");
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_one_line_and_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("a-file"), "not a folder").unwrap();
    std::fs::create_dir_all(at("not-a-database")).unwrap();
    std::fs::write(at("not-a-database/causerie.db"), "This is no database. ".repeat(100)).unwrap();
    std::fs::create_dir_all(at("a-folder/causerie.db")).unwrap();
    for name in ["a-file", "not-a-database", "a-folder"] {
        let path = at(name);
        let (code, said) = refusal(&["--demo", "--port", "0", "--data", path.to_str().unwrap()]).await;
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(name), "{said}");
    }
}

#[tokio::test]
async fn two_servers_never_share_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let first = Running::start(folder.path(), &["--demo"]).await;
    let data = folder.path().to_str().unwrap();
    let (code, said) = refusal(&["--demo", "--port", "0", "--data", data]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("causerie.db"), "{said}");
    assert_eq!(call(first.address, "GET", "/ready", &[], "").await.status, 200, "the first goes on");
}

#[tokio::test]
async fn killed_between_an_acknowledged_set_and_the_next_start_it_has_lost_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 1..=3 {
        let mut running = Running::start(folder.path(), &["--demo"]).await;
        if round > 1 {
            let ada = running.backend().ok("GET", "/users/ada", None).await;
            let kept: i64 = ada["custom"]["n"].as_str().unwrap().parse().unwrap();
            // What was under way may have been kept as well; what was acknowledged must have been.
            assert!(kept >= acknowledged, "{acknowledged} was acknowledged, and {kept} was kept");
            acknowledged = kept;
        }
        let mut client = Client::welcomed(running.address, "demo", "ada", None).await;
        let first = acknowledged + 1;
        for n in first..first + 200 {
            let data = json!({ "name": "Ada", "custom": { "n": n.to_string() } });
            client.ask("user.set", json!({ "user": "ada", "data": data })).await;
        }
        for _ in 0..50 {
            let result = client.frame().await;
            assert!(result.get("error").is_none(), "{result}");
            acknowledged = first - 1 + result["id"].as_i64().unwrap();
        }
        // kill -9, with the rest of the writes under way.
        running.child.start_kill().unwrap();
        running.child.wait().await.unwrap();
    }
    let running = Running::start(folder.path(), &["--demo"]).await;
    let ada = running.backend().ok("GET", "/users/ada", None).await;
    assert!(ada["custom"]["n"].as_str().unwrap().parse::<i64>().unwrap() >= acknowledged);
}

#[cfg(unix)]
#[tokio::test]
async fn asked_to_stop_it_answers_what_it_accepted_keeps_it_and_ends_well() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut running = Running::start(folder.path(), &["--demo"]).await;
        let mut client = Client::welcomed(running.address, "demo", "ada", None).await;
        for n in 1..=100 {
            let data = json!({ "name": "Ada", "custom": { "n": n.to_string() } });
            client.ask("user.set", json!({ "user": "ada", "data": data })).await;
        }
        let mut answered = client.frame().await["id"].as_u64().unwrap();
        running.signal(signal).await;
        let code = loop {
            match client.hear().await {
                Heard::Frame(frame) if frame["t"] == "result" => {
                    answered += 1;
                    assert_eq!(frame["id"], answered);
                }
                Heard::Closed(code, _) => break code,
                _ => {}
            }
        };
        assert_eq!(code, 4000, "{signal}");
        assert!(within(12, running.child.wait()).await.unwrap().success(), "{signal}");
        let again = Running::start(folder.path(), &["--demo"]).await;
        let ada = again.backend().ok("GET", "/users/ada", None).await;
        // What it accepted it answered, and what it answered it kept: no more and no less.
        assert_eq!(ada["custom"]["n"], answered.to_string(), "{signal}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_client_that_never_lets_go_cannot_hold_a_stop_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &["--demo"]).await;
    // One that neither reads nor closes, and one that never finishes its request.
    let mut deaf = Client::welcomed(running.address, "demo", "ada", None).await;
    deaf.ask("user.get", json!({ "user": "ada" })).await;
    let half = tokio::net::TcpStream::connect(running.address).await.unwrap();
    half.try_write(b"POST /v1/demo/realtime HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{")
        .unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    running.signal("-TERM").await;
    assert!(within(12, running.child.wait()).await.unwrap().success());
}

#[tokio::test]
async fn apps_come_from_the_file_and_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("causerie.toml");
    let text = format!("[[apps]]\nid = \"shop\"\nsecrets = [\"{NEW_SECRET}\"]\nauthentication = false\n");
    std::fs::write(&file, text).unwrap();
    let data = folder.path().join("data");
    let arguments = ["--port", "0", "--data", data.to_str().unwrap(), "--config", file.to_str().unwrap()];
    let mut child = command(&arguments)
        .env("CAUSERIE_APP_ID", "shop")
        .env("CAUSERIE_APP_DEFAULT_LOCALE", "de")
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = within(20, lines.next_line()).await.unwrap().unwrap();
    let address: SocketAddr = line.rsplit('/').next().unwrap().parse().unwrap();
    let backend = Backend { address, app: "shop".to_owned(), bearer: NEW_SECRET.to_owned() };
    backend.ok("PUT", "/users/ada", Some(json!({ "name": "Ada" }))).await;
    assert_eq!(backend.ok("GET", "/users/ada", None).await["locale"], "de");
    assert_eq!(
        call(address, "GET", "/v1/demo/users/ada", &[], "").await.status,
        404,
        "no demo unless asked for"
    );
}

#[tokio::test]
async fn the_logs_tell_of_each_bad_frame_once_and_of_no_secret_ever() {
    let folder = tempfile::tempdir().unwrap();
    let mut running = Running::start(folder.path(), &["--demo", "--log", "json"]).await;
    let backend = running.backend();
    let canaries =
        json!({ "name": "canary-name", "email": "canary@example.com", "custom": { "k": "canary-custom" } });
    backend.ok("PUT", "/users/ada", Some(canaries.clone())).await;
    let bad = Backend { bearer: "canary-secret".to_owned(), ..backend.clone() };
    assert_eq!(bad.call("GET", "/users/ada", None).await.status, 401);
    for text in
        ["{\"t\":\"canary-frame", "{\"t\":\"request\",\"id\":\"canary-id\"}", "{\"t\":\"canary-type\"}"]
    {
        let mut client = Client::welcomed(running.address, "demo", "ada", None).await;
        client.request("user.set", json!({ "user": "ada", "data": canaries })).await;
        client.send(json!({ "t": "auth", "token": "canary-token" })).await;
        client.send_text(text).await;
        client.send(json!({ "t": "ping" })).await;
        let _ = client.socket.close(None).await;
        client.end().await;
    }
    running.child.start_kill().unwrap();
    let mut log = String::new();
    within(5, running.child.stderr.take().unwrap().read_to_string(&mut log)).await.unwrap();
    assert!(!log.contains("canary"), "{log}");
    assert!(!log.contains(DEMO_SECRET), "{log}");
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let bad = lines.iter().filter(|line| line["code"] == "invalid_frame").count();
    assert_eq!(bad, 2, "one line for each frame that is none: {log}");
}
