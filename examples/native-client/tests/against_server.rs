//! Runs the program against a server in this process.
#![cfg(test)]

use causerie_server::apps::Apps;
use causerie_server::config::demo_app;
use causerie_server::{Config, Server};
use tokio::process::Command;

#[tokio::test(flavor = "multi_thread")]
async fn prints_its_own_message_and_those_of_an_earlier_run() {
    let mut config = Config { apps: Apps::new([demo_app(true)]).unwrap(), ..Config::default() };
    config.listen.set_port(0);
    let listener = Server::bind(&config).await.unwrap();
    let server = Server::start(listener, config).await.unwrap();
    let url = format!("ws://{}", server.address().unwrap());
    tokio::spawn(server.run(std::future::pending()));

    assert_eq!(output_of(&url, "first").await, "Native client: first\n");
    assert_eq!(output_of(&url, "second").await, "Native client: first\nNative client: second\n");
}

async fn output_of(url: &str, text: &str) -> String {
    let program = env!("CARGO_BIN_EXE_causerie-native-client");
    let output = Command::new(program).args(["--server", url, "--text", text]).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
