//! `cargo xtask size`: what a visitor downloads, against the committed budget.
//!
//! The smallest app there can be (one import of `getTalkSession`) is built by Vite with its defaults from the
//! packed tarball; every script and module it would serve is counted raw, gzipped (9) and brotlied (11), as
//! Node's zlib does it. Beyond `bench/budget.json` the command fails, and with it the build.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;

use crate::pack::Packed;
use crate::sh::Run;
use crate::{npm, pack, paths};

/// The whole program of the app that is measured.
const APP: &str = "import { getTalkSession } from \"causerie\";\nglobalThis.x = getTalkSession;\n";

/// The command.
pub(crate) fn run() -> Result<()> {
    let packed = pack::tarball()?;
    let app = paths::from_root("target/size");
    build(&app, packed)?;
    let printed = Run::new("node")
        .arg(paths::from_root("xtask/node/size.mjs"))
        .arg(app.join("dist"))
        .arg(app.join("node_modules/causerie/built/inline-wasm.js"))
        .output()?;
    let measured: Value =
        serde_json::from_str(&printed).context("size.mjs printed something else than JSON")?;
    let total = figures(&measured, "total")?;
    let carried = figures(&measured, "bytes")?;
    println!("\n  What `import {{ getTalkSession }}` costs a visitor (Vite's defaults, bytes)");
    println!("  {:<34}{:>9}{:>9}{:>9}", "", "raw", "gzip", "brotli");
    row("everything", total);
    row("  of it the module, as a string", carried);
    let rest = [
        total[0].saturating_sub(carried[0]),
        total[1].saturating_sub(carried[1]),
        total[2].saturating_sub(carried[2]),
    ];
    row("  of it JavaScript, by difference", rest);
    println!("  the module itself: {} bytes before wasm-opt, {} after", packed.before, packed.after);
    within_budget(total[2], budget()?)
}

fn row(name: &str, [raw, gzip, brotli]: [u64; 3]) {
    println!("  {name:<34}{raw:>9}{gzip:>9}{brotli:>9}");
}

fn figures(measured: &Value, what: &str) -> Result<[u64; 3]> {
    let one = |field: &str| {
        measured
            .get(what)
            .and_then(|of| of.get(field))
            .and_then(Value::as_u64)
            .ok_or_else(|| anyhow!("size.mjs gave no {field} size for {what}"))
    };
    Ok([one("raw")?, one("gzip")?, one("brotli")?])
}

fn budget() -> Result<u64> {
    paths::read_json(&paths::from_root("bench/budget.json"))?
        .get("brotliBytes")
        .and_then(Value::as_u64)
        .ok_or_else(|| anyhow!("bench/budget.json has no number `brotliBytes`"))
}

fn within_budget(brotli: u64, budget: u64) -> Result<()> {
    if brotli > budget {
        bail!(
            "a visitor would download {brotli} bytes (brotli), {} more than the budget of {budget} in bench/budget.json",
            brotli - budget
        );
    }
    println!("  within the budget of {budget} bytes: {} to spare\n", budget - brotli);
    Ok(())
}

/// The app, with the tarball unpacked where a bundler looks for it.
fn build(app: &Path, packed: &Packed) -> Result<()> {
    paths::empty_folder(app)?;
    paths::write(&app.join("package.json"), "{ \"private\": true, \"type\": \"module\" }\n")?;
    paths::write(
        &app.join("index.html"),
        "<!doctype html><meta charset=\"utf-8\"><script type=\"module\" src=\"./main.js\"></script>\n",
    )?;
    paths::write(&app.join("main.js"), APP)?;
    let unpacked = app.join("node_modules/causerie");
    paths::make_folder(&unpacked)?;
    Run::new("tar")
        .arg("-xzf")
        .arg(&packed.path)
        .args(["--strip-components=1", "-C"])
        .arg(&unpacked)
        .output()?;
    npm::tool("vite")?
        .args(["build", "--logLevel", "warn"])
        .current_dir(app)
        .quiet("the smallest app, by Vite")
}

#[cfg(test)]
mod tests {
    use super::within_budget;

    #[test]
    fn one_byte_beyond_the_budget_fails_and_says_by_how_much() {
        assert!(within_budget(40_000, 40_000).is_ok());
        let error = within_budget(40_001, 40_000).unwrap_err().to_string();
        assert!(error.contains(", 1 more than the budget"), "{error}");
    }
}
