//! Installs the tools of the build and the tests: the wasm target, programs, npm packages, browsers.
//!
//! wasm-bindgen's programs are a member of the workspace. Every other program is compiled by `cargo install`
//! at a pinned version into `target/tools`, unless Cargo's record there (`.crates.toml`) contains that
//! version. Without `--locked`, because some of these crates were published with a lock file that names
//! yanked versions.

use anyhow::{Context as _, Result, bail};

use crate::paths;
use crate::sh::Run;
use crate::{browsers, npm};

/// A program that `cargo install` compiles.
pub(crate) struct Tool {
    package: &'static str,
    version: &'static str,
    program: &'static str,
}

const WASM_PACK: Tool = Tool { package: "wasm-pack", version: "0.15.1", program: "wasm-pack" };
const GECKODRIVER: Tool = Tool { package: "geckodriver", version: "0.37.1", program: "geckodriver" };
const CARGO_DENY: Tool = Tool { package: "cargo-deny", version: "0.20.2", program: "cargo-deny" };
const TYPOS: Tool = Tool { package: "typos-cli", version: "1.52.0", program: "typos" };
const CARGO_FUZZ: Tool = Tool { package: "cargo-fuzz", version: "0.13.2", program: "cargo-fuzz" };

/// Installs everything that `test`, `demo` and `bench` need.
pub(crate) fn install_all() -> Result<()> {
    install_for_packing()?;
    for tool in [&WASM_PACK, &GECKODRIVER, &CARGO_DENY, &TYPOS, &CARGO_FUZZ] {
        install(tool)?;
    }
    npm::install_all()?;
    browsers::install()
}

/// Installs what packing needs: the wasm target, wasm-bindgen and the npm build tools.
pub(crate) fn install_for_packing() -> Result<()> {
    npm::check_node()?;
    wasm_target()?;
    build_wasm_bindgen()?;
    npm::install("xtask/npm")
}

/// Compiles wasm-bindgen's programs, a member of the workspace: `Cargo.lock` gives them the version of the
/// library.
fn build_wasm_bindgen() -> Result<()> {
    Run::cargo()
        .args(["build", "--package", "wasm-bindgen-tools", "--features", "programs"])
        .args(["--profile", paths::BUILD_TOOLS_PROFILE])
        .quiet("wasm-bindgen's programs")
}

/// Installs cargo-fuzz, and checks that there is a C++ compiler.
pub(crate) fn install_for_fuzzing() -> Result<()> {
    if crate::sh::find("c++").is_none() {
        bail!(
            "`c++` is not on PATH, and the runtime of the fuzzer is C++: on Debian or Ubuntu run `apt-get install g++`"
        );
    }
    install(&CARGO_FUZZ)
}

/// Adds the wasm target if it is missing, as it is if rustup is too old to read it from rust-toolchain.toml.
fn wasm_target() -> Result<()> {
    let sysroot = Run::new("rustc").args(["--print", "sysroot"]).output()?;
    let target = std::path::Path::new(sysroot.trim()).join("lib/rustlib/wasm32-unknown-unknown");
    if target.exists() {
        return Ok(());
    }
    Run::new("rustup")
        .args(["target", "add", "wasm32-unknown-unknown"])
        .quiet("the wasm32-unknown-unknown target")
        .context("the Rust target wasm32-unknown-unknown is missing, and rustup could not add it")
}

fn install(tool: &Tool) -> Result<()> {
    let root = paths::from_root("target/tools");
    let record = std::fs::read_to_string(root.join(".crates.toml")).unwrap_or_default();
    if recorded(&record, tool) && root.join("bin").join(tool.program).exists() {
        return Ok(());
    }
    Run::cargo()
        .args(["install", tool.package])
        .arg(format!("--version=={}", tool.version))
        .arg("--root")
        .arg(&root)
        // These builds share nothing with the workspace, and the folder can be deleted at any time.
        .env("CARGO_TARGET_DIR", paths::from_root("target/tools-build"))
        // The programs run for seconds and are compiled on every new machine: little optimisation is faster
        // in total.
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .quiet(&format!("{} {}, compiled from source", tool.package, tool.version))
}

/// Whether exactly this version is in Cargo's record of installed programs.
fn recorded(record: &str, tool: &Tool) -> bool {
    let line = format!("\"{} {} (", tool.package, tool.version);
    record.lines().any(|entry| entry.starts_with(&line))
}

#[cfg(test)]
mod tests {
    use super::{Tool, recorded};

    const RECORD: &str = "[v1]\n\"wasm-pack 0.15.1 (registry+https://example.org)\" = [\"wasm-pack\"]\n";

    fn tool(version: &'static str) -> Tool {
        Tool { package: "wasm-pack", version, program: "wasm-pack" }
    }

    #[test]
    fn only_the_exact_version_counts_as_installed() {
        assert!(recorded(RECORD, &tool("0.15.1")));
        assert!(!recorded(RECORD, &tool("0.15.10")));
        assert!(!recorded(RECORD, &tool("0.15")));
        assert!(!recorded("", &tool("0.15.1")));
    }
}
