//! Static checks: lints, spelling, and the licences and sources of dependencies.

use anyhow::Result;

use crate::sh::Run;
use crate::{advisories, npm, sbom, suites};

/// Fails on a misspelt word; `_typos.toml` lists the exceptions.
pub(crate) fn typos() -> Result<()> {
    Run::new("typos").args(["--config", "_typos.toml", "."]).quiet("typos")
}

/// ESLint over all JavaScript, and tsc over the files that `tsconfig.json` includes.
pub(crate) fn lint_js() -> Result<()> {
    npm::tool("eslint")?.args(["--max-warnings", "0", "."]).quiet("eslint")?;
    npm::tool("tsc")?.args(["--project", "tsconfig.json"]).quiet("tsc, types of the JavaScript")
}

pub(crate) fn clippy() -> Result<()> {
    Run::cargo()
        .args(["clippy", "--workspace", "--exclude", "causerie", "--all-targets"])
        .args(["--", "-D", "warnings"])
        .quiet("cargo clippy, native")
}

pub(crate) fn clippy_wasm() -> Result<()> {
    let clippy = || Run::cargo().arg("clippy").args(["--target", "wasm32-unknown-unknown"]);
    // The crates below the binding are tested natively; the dependencies of their tests do not build for the
    // browser.
    clippy()
        .args(["-p", "causerie-client", "-p", "causerie-protocol", "--lib", "--", "-D", "warnings"])
        .quiet("cargo clippy, wasm, client and protocol")?;
    clippy()
        .args(["-p", "causerie", "--all-targets", "--features", "bench"])
        .env("CAUSERIE_TEST_HOST", suites::browser_test_host(suites::BROWSER_TEST_PORT))
        .args(["--", "-D", "warnings"])
        .quiet("cargo clippy, wasm, binding")
}

pub(crate) fn deny() -> Result<()> {
    // cargo-deny reads the manifests of every dependency, also of those for other systems.
    Run::cargo().args(["fetch", "--locked"]).quiet("cargo fetch")?;
    Run::cargo()
        .args(["deny", "--offline", "--workspace", "check", "bans", "licenses", "sources"])
        .quiet("cargo deny: bans, licences, sources")?;
    advisories::check()?;
    sbom::run()
}
