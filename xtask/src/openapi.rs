//! Checks the REST API against its OpenAPI document, with schemathesis: it makes calls from the document, and
//! fails if one is answered with a server error, or with a response that the document does not allow.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::server::{DEMO_APP, DEMO_SECRET, ServerOptions, ServerProcess};
use crate::sh::Run;
use crate::{paths, python};

/// The versions and hashes of schemathesis and what it needs.
const REQUIREMENTS: &str = "tests/openapi/requirements.txt";
/// The Python environment that has them.
const ENVIRONMENT: &str = "target/openapi";
/// The calls that are made of each operation in the phase that chooses them at random.
const EXAMPLES: &str = "15";
/// The same calls in every run.
const SEED: &str = "1";
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// Runs the check.
pub(crate) fn run() -> Result<()> {
    python::install(ENVIRONMENT, REQUIREMENTS, "schemathesis")?;
    let server = ServerProcess::start("the OpenAPI document", ServerOptions::default())?;
    // The entities that `schemathesis.toml` names, so that the calls get beyond "not found".
    put(&server, "users/ada", r#"{"name":"Ada"}"#)?;
    put(&server, "conversations/talk", r#"{"participants":["ada"],"subject":"Talk"}"#)?;
    let output = Run::new(paths::from_root(ENVIRONMENT).join("bin/st"))
        // It writes a cache into the working folder.
        .current_dir(&paths::from_root(ENVIRONMENT))
        .arg("--config-file")
        .arg(paths::from_root("tests/openapi/schemathesis.toml"))
        .arg("run")
        .arg(format!("{}/v1/openapi.json", server.origin))
        .args(["--header", &format!("Authorization: Bearer {DEMO_SECRET}"), "--no-color"])
        .args(["--phases", "coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", SEED])
        .arg("--checks")
        .arg(
            "not_a_server_error,content_type_conformance,response_schema_conformance,status_code_conformance",
        )
        .captured("schemathesis")?;
    let summary = output.lines().find(|line| line.contains(" generated, "));
    let summary = summary.ok_or_else(|| anyhow!("schemathesis made no calls"))?;
    println!("    {}", summary.trim());
    Ok(())
}

/// Creates an entity of the demo app.
fn put(server: &ServerProcess, path: &str, body: &str) -> Result<()> {
    let host = server.host()?;
    let mut stream = TcpStream::connect(host).context("cannot connect to the server")?;
    stream.set_read_timeout(Some(CALL_TIMEOUT))?;
    let length = body.len();
    write!(
        stream,
        "PUT /v1/{DEMO_APP}/{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {DEMO_SECRET}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    let mut response = String::new();
    stream.read_to_string(&mut response).context("the server does not answer")?;
    if response.starts_with("HTTP/1.1 200 ") { Ok(()) } else { bail!("PUT {path} failed:\n{response}") }
}
