//! The process: starting, refusing to start, stopping, and the data that survives a kill.

use std::net::{SocketAddr, TcpListener};
use std::process::Output;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::support::http::{Backend, call};
use crate::support::process::{ServerProcess, command};
use crate::support::socket::{Client, Received};
use crate::support::{NEW_SECRET, within};

/// Runs the server, which must refuse to start: it prints nothing to standard output and one line to standard
/// error. Returns the exit code and the line.
async fn start_error(arguments: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = within(30, command(arguments).output()).await.unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with("causerie-server: "), "{stderr}");
    (status.code().unwrap(), stderr)
}

#[tokio::test]
async fn a_port_in_use_is_reported_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let data = folder.path().join("data");
    let (code, stderr) = start_error(&["--demo", "--port", &port, "--data", data.to_str().unwrap()]).await;
    assert_eq!(code, 1);
    assert!(stderr.contains(&port) && stderr.contains("in use") && stderr.contains("--port"), "{stderr}");
    assert!(!data.exists(), "a server that does not start creates no folder");
}

#[tokio::test]
async fn a_wrong_configuration_is_reported_with_file_key_and_rule() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("causerie.toml");
    let path = file.to_str().unwrap();
    for (text, parts) in [
        ("listen = \"nowhere\"", &["listen", "line 1"][..]),
        ("lisen = \"127.0.0.1:0\"", &["lisen", "listen"]),
        ("[[apps]]\nid = \"shop\"\nsecrets = [\"short\"]", &["shop", "secrets", "32 characters"]),
        ("[[apps]]\nid = \"shop\"\nsecrets = \"no list\"", &["apps[0].secrets", "line 3"]),
        ("[[apps]\n", &["line 1"]),
    ] {
        std::fs::write(&file, text).unwrap();
        let (code, stderr) = start_error(&["--config", path]).await;
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(path), "{stderr}");
        for part in parts {
            assert!(stderr.contains(part), "{part:?} is not in {stderr}");
        }
    }
    assert_eq!(start_error(&["--config", "no/such/file.toml"]).await.0, 2);
    let (code, stderr) = start_error(&["--demo", "--listen", "0.0.0.0:0"]).await;
    assert!(code == 2 && stderr.contains("--demo-on-network"), "{stderr}");
    let (code, stderr) = start_error(&["--port", "0"]).await;
    assert!(code == 2 && stderr.contains("--demo"), "{stderr}");
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_is_reported_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("a-file"), "not a folder").unwrap();
    std::fs::create_dir_all(at("not-a-database")).unwrap();
    std::fs::write(at("not-a-database/causerie.db"), "This is no database. ".repeat(100)).unwrap();
    std::fs::create_dir_all(at("a-folder/causerie.db")).unwrap();
    for name in ["a-file", "not-a-database", "a-folder"] {
        let path = at(name);
        let (code, stderr) = start_error(&["--demo", "--port", "0", "--data", path.to_str().unwrap()]).await;
        assert_eq!(code, 1, "{stderr}");
        assert!(stderr.contains(name), "{stderr}");
    }
}

#[tokio::test]
async fn a_second_server_on_the_same_database_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let first = ServerProcess::start(folder.path(), &["--demo"]).await;
    let data = folder.path().to_str().unwrap();
    let (code, stderr) = start_error(&["--demo", "--port", "0", "--data", data]).await;
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("causerie.db"), "{stderr}");
    assert_eq!(call(first.address, "GET", "/ready", &[], "").await.status, 200, "the first still serves");
}

#[tokio::test]
async fn acknowledged_writes_survive_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 1..=3 {
        let mut server = ServerProcess::start(folder.path(), &["--demo"]).await;
        if round > 1 {
            let ada = server.backend().ok("GET", "/users/ada", None).await;
            let stored: i64 = ada["custom"]["n"].as_str().unwrap().parse().unwrap();
            // Pending writes may have been stored as well; acknowledged ones must have been.
            assert!(stored >= acknowledged, "{acknowledged} was acknowledged, and {stored} was stored");
            acknowledged = stored;
        }
        let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
        let first = acknowledged + 1;
        for n in first..first + 200 {
            let data = json!({ "name": "Ada", "custom": { "n": n.to_string() } });
            client.send_request("user.set", json!({ "user": "ada", "data": data })).await;
        }
        for _ in 0..50 {
            let result = client.frame().await;
            assert!(result.get("error").is_none(), "{result}");
            acknowledged = first - 1 + result["id"].as_i64().unwrap();
        }
        // kill -9, while the other writes are pending.
        server.child.start_kill().unwrap();
        server.child.wait().await.unwrap();
    }
    let server = ServerProcess::start(folder.path(), &["--demo"]).await;
    let ada = server.backend().ok("GET", "/users/ada", None).await;
    assert!(ada["custom"]["n"].as_str().unwrap().parse::<i64>().unwrap() >= acknowledged);
}

#[cfg(unix)]
#[tokio::test]
async fn a_stop_signal_completes_and_stores_the_accepted_requests() {
    for signal in ["-TERM", "-INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = ServerProcess::start(folder.path(), &["--demo"]).await;
        let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
        for n in 1..=100 {
            let data = json!({ "name": "Ada", "custom": { "n": n.to_string() } });
            client.send_request("user.set", json!({ "user": "ada", "data": data })).await;
        }
        let mut completed = client.frame().await["id"].as_u64().unwrap();
        server.signal(signal).await;
        let code = loop {
            match client.receive().await {
                Received::Frame(frame) if frame["t"] == "result" => {
                    completed += 1;
                    assert_eq!(frame["id"], completed);
                }
                Received::Closed(code, _) => break code,
                _ => {}
            }
        };
        assert_eq!(code, 4000, "{signal}");
        assert!(within(12, server.child.wait()).await.unwrap().success(), "{signal}");
        let again = ServerProcess::start(folder.path(), &["--demo"]).await;
        let ada = again.backend().ok("GET", "/users/ada", None).await;
        // Exactly the acknowledged writes are stored.
        assert_eq!(ada["custom"]["n"], completed.to_string(), "{signal}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_client_that_never_closes_does_not_delay_the_stop_beyond_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = ServerProcess::start(folder.path(), &["--demo"]).await;
    // One client neither reads nor closes, and one never completes its request.
    let mut unresponsive = Client::welcomed(server.address, "demo", "ada", None).await;
    unresponsive.send_request("user.get", json!({ "user": "ada" })).await;
    let incomplete = tokio::net::TcpStream::connect(server.address).await.unwrap();
    incomplete
        .try_write(b"POST /v1/demo/realtime HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{")
        .unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.signal("-TERM").await;
    assert!(within(12, server.child.wait()).await.unwrap().success());
}

/// A server whose files cannot grow beyond a limit: every write fails from then on, as on a full disk.
#[cfg(unix)]
#[tokio::test]
async fn a_server_that_cannot_write_is_not_ready_and_logs_each_change_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start_limited(folder.path(), 500, &["--demo", "--log", "json"]).await;
    let ready = async || call(server.address, "GET", "/ready", &[], "").await.status;
    assert_eq!(ready().await, 200);
    let mut client = Client::welcomed(server.address, "demo", "ada", None).await;
    let mut refused = 0;
    for n in 0..400 {
        let data = json!({ "name": "Ada", "custom": { "n": format!("{n:01000}") } });
        let result = client.request("user.set", json!({ "user": "ada", "data": data })).await;
        match result["error"]["code"].as_str() {
            None => assert_eq!(refused, 0, "the disk stays full"),
            Some(code) => {
                assert_eq!(code, "server_error");
                refused += 1;
            }
        }
    }
    assert!(refused > 100, "{refused}");
    // The check of each second is smaller than a write of a user, so a few may still have room.
    within(30, async {
        while ready().await == 200 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    })
    .await;
    for _ in 0..50 {
        assert_eq!(ready().await, 503);
    }
    let log = server.kill().await;
    let problems: Vec<_> =
        log.iter().filter(|line| ["ERROR", "WARN"].contains(&line["level"].as_str().unwrap())).collect();
    assert!((1..=5).contains(&problems.len()), "{problems:#?}");
    assert!(problems.iter().any(|line| line.to_string().contains("not ready")), "{problems:#?}");
}

#[tokio::test]
async fn apps_are_merged_from_the_file_and_the_environment() {
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
        "the demo app is off by default"
    );
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_limit_of_open_files_is_raised_and_a_low_one_is_logged() {
    for (soft, hard, warns) in [(256, 20_000, false), (256, 300, true)] {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "ulimit -Sn {soft} && ulimit -Hn {hard} && exec {} --demo --log json --port 0 --data {}",
            env!("CARGO_BIN_EXE_causerie-server"),
            folder.path().display()
        );
        let mut command = tokio::process::Command::new("sh");
        command.args(["-c", &script]).env_clear().kill_on_drop(true);
        let mut child = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines =
            tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(child.stdout.take().unwrap()));
        within(20, lines.next_line()).await.unwrap().unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id().unwrap())).unwrap();
        let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
        let current: u64 = files.split_whitespace().nth(3).unwrap().parse().unwrap();
        assert_eq!(current, 15_064.min(hard), "{files}");
        child.start_kill().unwrap();
        let mut log = String::new();
        let mut stderr = child.stderr.take().unwrap();
        tokio::io::AsyncReadExt::read_to_string(&mut stderr, &mut log).await.unwrap();
        assert_eq!(log.contains("LimitNOFILE"), warns, "{log}");
    }
}

#[tokio::test]
async fn the_start_warns_of_each_unsafe_setting_and_of_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("causerie.toml");
    let app =
        |id: &str, rest: &str| format!("[[apps]]\nid = \"{id}\"\nsecrets = [\"{NEW_SECRET}\"]\n{rest}\n");
    let text = [
        app("safe", ""),
        app("synced", "conversation_sync = true"),
        app("open", "authentication = false\nloopback_only = false"),
    ];
    std::fs::write(&file, text.concat()).unwrap();
    let arguments = ["--demo", "--log", "json", "--config", file.to_str().unwrap()];
    let server = ServerProcess::start(folder.path(), &arguments).await;
    let log = server.kill().await;
    let mut warnings: Vec<_> = log
        .iter()
        .filter(|line| line["level"] == "WARN" && line["message"] == "unsafe setting")
        .map(|line| {
            let setting = line["setting"].as_str().unwrap().split(':').next().unwrap();
            (line["app"].as_str().unwrap().to_owned(), setting.to_owned())
        })
        .collect();
    warnings.sort();
    let expected =
        [("open", "authentication = false, loopback_only = false"), ("synced", "conversation_sync = true")];
    let expected: Vec<_> =
        expected.iter().map(|(app, setting)| ((*app).to_owned(), (*setting).to_owned())).collect();
    assert_eq!(warnings, expected);
}
