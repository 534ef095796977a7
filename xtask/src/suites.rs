//! The test suites that `cargo xtask test` runs, each against what it needs: a server, browsers, the tarball.

use std::net::TcpListener;
use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::server::{self, Build, DEMO_APP, DEMO_SECRET, SERVER, ServerOptions, ServerProcess};
use crate::sh::Run;
use crate::{browsers, demo, npm, pack, paths, proxy};

/// The port of the server for the browser tests. Its address is compiled into the tests, so both browsers'
/// runs share one build only if the port stays the same; another port is taken only if this one is in use.
pub(crate) const BROWSER_TEST_PORT: u16 = 18787;

/// How many ports are tried, from [`BROWSER_TEST_PORT`] on.
const BROWSER_TEST_PORTS: u16 = 20;

pub(crate) fn native() -> Result<()> {
    let excluded = ["--exclude", "causerie", "--exclude", "causerie-planted-bugs"];
    let output = Run::cargo().args(["test", "--workspace"]).args(excluded).captured("cargo test, native")?;
    println!("    {} tests", rust_tests_passed(&output));
    Ok(())
}

/// Tests the packed SDK in Node, with a WebSocket class in place of a server.
pub(crate) fn live() -> Result<()> {
    npm::install_tarball("tests/live", &pack::tarball()?.path)?;
    require_node_tests(&npm::script("tests/live", "test")?.captured("node --test, tests/live")?)
}

/// The address that is compiled into the browser tests.
pub(crate) fn browser_test_host(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// A free port; another checkout may be running the same tests.
fn browser_test_port() -> Result<u16> {
    (BROWSER_TEST_PORT..BROWSER_TEST_PORT + BROWSER_TEST_PORTS)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .ok_or_else(|| {
            anyhow!(
                "ports {BROWSER_TEST_PORT} to {} are all in use: stop a server that is left over",
                BROWSER_TEST_PORT + BROWSER_TEST_PORTS - 1
            )
        })
}

/// Writes the settings of the browser drivers, which send the browser to the runner's pages through our
/// [`proxy`].
fn webdriver_settings(server_port: u16) -> Result<PathBuf> {
    let mut settings = paths::read_json(&paths::from_root("xtask/webdriver.json"))?;
    let proxy = proxy::start()?;
    let args = settings
        .pointer_mut("/goog:chromeOptions/args")
        .and_then(serde_json::Value::as_array_mut)
        .ok_or_else(|| anyhow!("xtask/webdriver.json: goog:chromeOptions.args: must be a list"))?;
    args.push(format!("--proxy-server=http://{proxy}").into());
    // Chromium bypasses every proxy for loopback addresses unless this list begins with `<-loopback>`.
    args.push(format!("--proxy-bypass-list=<-loopback>;127.0.0.1:{server_port}").into());
    let path = paths::from_root("target/xtask/webdriver.json");
    paths::write(&path, settings.to_string())?;
    Ok(path)
}

pub(crate) fn browser() -> Result<()> {
    let browsers = [
        ("chrome", "--chromedriver", browsers::chromedriver()?),
        ("firefox", "--geckodriver", browsers::geckodriver()?),
    ];
    let port = browser_test_port()?;
    let webdriver = webdriver_settings(port)?;
    for (name, driver_option, driver) in browsers {
        let apps = paths::from_root("tests/browser/causerie.toml");
        let options = ServerOptions { port, config: Some(&apps), ..ServerOptions::default() };
        let _server = ServerProcess::start(&format!("browser tests in {name}"), options)?;
        let output = Run::new("wasm-pack")
            .args(["test", "--headless", "--mode", "no-install"])
            .arg(format!("--{name}"))
            .arg(driver_option)
            .arg(driver)
            // The workspace has default members, so the package has to be named.
            .args([".", "-p", "causerie"])
            .env("CAUSERIE_TEST_HOST", browser_test_host(port))
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver)
            .env("WASM_BINDGEN_TEST_TIMEOUT", "400")
            .captured(&format!("wasm-pack test in {name}"))?;
        // wasm-pack succeeds if it finds no tests.
        let passed = rust_tests_passed(&output);
        if passed == 0 {
            bail!("wasm-pack succeeded in {name} without running a single test");
        }
        println!("    {passed} tests in {name}");
    }
    Ok(())
}

/// The number of passed tests over all binaries in the output of a Rust test run.
fn rust_tests_passed(output: &str) -> u32 {
    output
        .lines()
        .filter_map(|line| line.trim().strip_prefix("test result: ok. "))
        .filter_map(|rest| rest.split(' ').next()?.parse::<u32>().ok())
        .sum()
}

pub(crate) fn types() -> Result<()> {
    npm::install_tarball("tests/types", &pack::tarball()?.path)?;
    npm::script("tests/types", "test")?.quiet("type tests")
}

pub(crate) fn e2e() -> Result<()> {
    let www = demo::build_www()?;
    npm::install("tests/e2e")?;
    let options = ServerOptions { www: Some(&www), ..ServerOptions::default() };
    let server = ServerProcess::start("the end-to-end test", options)?;
    let output =
        with_server(npm::script("tests/e2e", "test")?, &server)?.captured("end to end, in Chromium")?;
    require_node_tests(&output)?;
    let output = with_server(npm::script("tests/e2e", "test:firefox")?, &server)?
        .env("FIREFOX", browsers::firefox()?)
        .captured("end to end, in Firefox")?;
    require_node_tests(&output)
}

pub(crate) fn packaging() -> Result<()> {
    let tarball = &pack::tarball()?.path;
    npm::install("tests/packaging")?;
    let server = ServerProcess::start("the packaging tests", ServerOptions::default())?;
    let output = with_server(npm::script("tests/packaging", "test")?, &server)?
        .env("CAUSERIE_TARBALL", tarball)
        .env("GECKODRIVER", browsers::geckodriver()?)
        .captured("the tarball in bundlers, pages and Node")?;
    require_node_tests(&output)
}

/// Runs the programs of `tests/clients`, with the tarball installed.
pub(crate) fn clients() -> Result<()> {
    let folder = "tests/clients";
    npm::install_tarball(folder, &pack::tarball()?.path)?;
    let server = ServerProcess::start("the client programs", ServerOptions::default())?;
    require_node_tests(&with_server(npm::script(folder, "test")?, &server)?.captured(folder)?)
}

/// Runs the script `test` of every example that has one, with the tarball installed.
pub(crate) fn examples() -> Result<()> {
    let folders = npm::example_folders()?;
    if folders.is_empty() {
        bail!("examples/: no folder has a package.json");
    }
    let server = ServerProcess::start("the examples", ServerOptions::default())?;
    for folder in folders {
        if !npm::has_script(&folder, "test")? {
            continue;
        }
        npm::install_tarball(&folder, &pack::tarball()?.path)?;
        let output = with_server(npm::script(&folder, "test")?, &server)?.captured(&folder)?;
        require_node_tests(&output).with_context(|| folder.clone())?;
    }
    Ok(())
}

/// Passes the addresses and programs to a test script that is written in JavaScript.
fn with_server(script: Run, server: &ServerProcess) -> Result<Run> {
    Ok(script
        .env("CAUSERIE_ORIGIN", &server.origin)
        .env("CAUSERIE_APP_ID", DEMO_APP)
        .env("CAUSERIE_SECRET", DEMO_SECRET)
        // Some tests start a server of their own, with other settings or in order to stop it.
        .env("CAUSERIE_SERVER_BIN", server::build(SERVER, Build::Debug)?)
        .env("CHROMIUM", browsers::chromium()?))
}

/// Prints how many tests Node ran; none is a failure.
fn require_node_tests(output: &str) -> Result<()> {
    let passed = node_tests_passed(output);
    if passed == 0 {
        bail!("Node succeeded without running a single test");
    }
    println!("    {passed} tests");
    Ok(())
}

/// The number of passed tests in the summary of Node's test runner: `# pass 3` or `ℹ pass 3`.
fn node_tests_passed(output: &str) -> u32 {
    output
        .lines()
        .filter_map(|line| line.trim_start_matches(['#', 'ℹ', ' ']).strip_prefix("pass "))
        .filter_map(|count| count.trim().parse::<u32>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::{node_tests_passed, rust_tests_passed};

    #[test]
    fn passed_rust_tests_are_added_up_over_all_binaries() {
        let output = "no tests to run!\ntest result: ok. 3 passed; 0 failed;\n  test result: ok. 39 passed; 0 failed;\n";
        assert_eq!(rust_tests_passed(output), 42);
        assert_eq!(rust_tests_passed("no tests to run!\n"), 0);
    }

    #[test]
    fn passed_node_tests_are_read_from_the_summary() {
        assert_eq!(node_tests_passed("# tests 5\n# pass 4\n# fail 1\n"), 4);
        assert_eq!(node_tests_passed("ℹ tests 37\nℹ pass 37\nℹ fail 0\n"), 37);
        assert_eq!(node_tests_passed("✔ a pass 3 is not counted\n"), 0);
    }
}
