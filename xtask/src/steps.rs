//! The steps of `cargo xtask test`, in the order they run: quick checks first, slow tests last.
//!
//! Everything is built once. Native steps share one debug build; the tarball is packed once and used by every
//! step after it; the browser tests of both browsers share one wasm build.

use anyhow::Result;

use crate::{attack, bench, checks, format, fuzz, openapi, pack, s3, sim, size, suites, tools};

/// A step of `cargo xtask test`.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn() -> Result<()>,
}

impl Step {
    const fn new(name: &'static str, about: &'static str, run: fn() -> Result<()>) -> Self {
        Self { name, about, run }
    }
}

/// The steps, in the order in which they run.
pub(crate) const STEPS: [Step; 23] = [
    Step::new("setup", "tools, browsers and npm packages at their pinned versions", tools::install_all),
    Step::new("fmt", "rustfmt, prettier and the width of comments", format::check),
    Step::new("typos", "spelling in code and documents", checks::typos),
    Step::new("lint-js", "ESLint and tsc over the JavaScript", checks::lint_js),
    Step::new("clippy", "lints in native code", checks::clippy),
    Step::new("clippy-wasm", "lints in browser code", checks::clippy_wasm),
    Step::new("deny", "licences, bans, sources and advisories of the dependencies", checks::deny),
    Step::new("native", "Rust tests of the protocol, the client, the server and xtask", suites::native),
    Step::new(
        "sim",
        "5,000 seeds of the simulations, and bugs planted in the client's store",
        simulate_briefly,
    ),
    Step::new("attack", "attacks on a real server, each with its bound", attack_briefly),
    Step::new("openapi", "the REST API is as its OpenAPI document says, by schemathesis", openapi::run),
    Step::new("s3", "files in a bucket of a real S3 server, SeaweedFS", s3::run),
    Step::new("browser", "the SDK in Chromium and Firefox, against a real server", suites::browser),
    Step::new("pack", "the npm tarball, checked by publint and attw", pack_tarball),
    Step::new("size", "the download size is within the budget", size::run),
    Step::new("live", "live data in the packed SDK, in Node, compared with a model", suites::live),
    Step::new("types", "the typings of the package, by tsc", suites::types),
    Step::new("e2e", "the demo in Chromium and Firefox, against a real server", suites::e2e),
    Step::new("packaging", "the tarball in bundlers, pages and Node", suites::packaging),
    Step::new("examples", "each example that has a test script", suites::examples),
    Step::new("clients", "small programs of users against a real server", suites::clients),
    Step::new("fuzz", "20 seconds of fuzzing each target", fuzz_briefly),
    Step::new("bench", "the benches run and print figures, which are not judged here", bench_briefly),
];

fn pack_tarball() -> Result<()> {
    pack::tarball().map(drop)
}

fn attack_briefly() -> Result<()> {
    attack::run(&attack::Args { quick: true })
}

fn fuzz_briefly() -> Result<()> {
    fuzz::run(&fuzz::Args { quick: true, ..fuzz::Args::default() })
}

fn simulate_briefly() -> Result<()> {
    sim::run(&sim::Args { quick: true, first: 1, ..sim::Args::default() })
}

fn bench_briefly() -> Result<()> {
    bench::run(&bench::Args::quick())
}
