//! `cargo xtask fmt`: rustfmt, prettier, and comments wrapped at 110 columns.
//!
//! rustfmt can wrap comments only on a nightly toolchain (`wrap_comments`), and prettier cannot; so
//! [`comments`](crate::comments) does it. Markdown is wrapped by hand.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::sh::Run;
use crate::{comments, npm, paths};

/// The command: rewrites the files.
pub(crate) fn run() -> Result<()> {
    npm::install("xtask/npm")?;
    wrap_comments()?;
    rustfmt(&[])?;
    prettier("--write")
}

/// The step `fmt`: fails if [`run`] would change a file.
pub(crate) fn check() -> Result<()> {
    rustfmt(&["--check"])?;
    prettier("--check")?;
    let mut long = Vec::new();
    for path in source_files()? {
        let text = paths::read(&path)?;
        let lines = comments::overlong_lines(&text, is_rust(&path));
        long.extend(lines.map(|line| format!("  {}:{line}", paths::display(&path))));
    }
    if long.is_empty() {
        return Ok(());
    }
    bail!(
        "{} comment lines are longer than {} columns (`cargo xtask fmt` wraps them):\n{}",
        long.len(),
        comments::WIDTH,
        long.join("\n")
    )
}

fn rustfmt(options: &[&str]) -> Result<()> {
    Run::cargo().args(["fmt", "--all"]).args(options).quiet("cargo fmt")?;
    // The fuzz targets are a workspace of their own.
    Run::cargo()
        .args(["fmt", "--manifest-path", "fuzz/Cargo.toml"])
        .args(options)
        .quiet("cargo fmt, fuzz targets")
}

fn prettier(mode: &str) -> Result<()> {
    npm::tool("prettier")?.args(["--log-level", "warn", mode, "."]).quiet("prettier")
}

fn wrap_comments() -> Result<()> {
    for path in source_files()? {
        let text = paths::read(&path)?;
        let wrapped = comments::wrap(&text, is_rust(&path));
        if wrapped != text {
            paths::write(&path, wrapped)?;
        }
    }
    Ok(())
}

fn is_rust(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "rs")
}

/// The Rust, JavaScript and TypeScript files that git tracks or would track, without generated ones.
fn source_files() -> Result<Vec<PathBuf>> {
    let patterns = ["*.rs", "*.js", "*.mjs", "*.ts", "*.jsx", ":!tests/types/goldens.ts"];
    let listed = Run::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--"])
        .args(patterns)
        .output()?;
    // A file that was deleted but not committed is still listed.
    Ok(listed.lines().map(paths::from_root).filter(|path| path.is_file()).collect())
}
