//! `cargo xtask size`: measures the download size of the SDK, and fails if it exceeds the budget.
//!
//! Vite builds the smallest app (one import of `getTalkSession`) with its defaults from the packed tarball.
//! The sizes of all its scripts and modules are added up: raw, gzip (level 9) and brotli (level 11), by the
//! zlib of Node. The budget is in `bench/budget.json`.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;

use crate::pack::Packed;
use crate::sh::Run;
use crate::{npm, pack, paths};

/// The source of the measured app.
const APP: &str = "import { getTalkSession } from \"causerie\";\nglobalThis.x = getTalkSession;\n";

/// Runs the command.
pub(crate) fn run() -> Result<()> {
    let packed = pack::tarball()?;
    let app = paths::from_root("target/size");
    build(&app, packed)?;
    let printed = Run::new("node")
        .arg(paths::from_root("xtask/node/size.mjs"))
        .arg(app.join("dist"))
        .arg(app.join("node_modules/causerie/built/inline-wasm.js"))
        .output()?;
    let measured: Value = serde_json::from_str(&printed).context("size.mjs: must print JSON")?;
    let total = figures(&measured, "total")?;
    let module = figures(&measured, "module")?;
    println!("\n  Download size of `import {{ getTalkSession }}` (Vite with its defaults, bytes)");
    println!("  {:<34}{:>9}{:>9}{:>9}", "", "raw", "gzip", "brotli");
    row("everything", total);
    row("  of it the module, as text", module);
    let rest = [
        total[0].saturating_sub(module[0]),
        total[1].saturating_sub(module[1]),
        total[2].saturating_sub(module[2]),
    ];
    row("  of it JavaScript, by difference", rest);
    println!("  the module itself: {} bytes before wasm-opt, {} after", packed.before, packed.after);
    check_budget(total[2], budget()?)
}

fn row(name: &str, [raw, gzip, brotli]: [u64; 3]) {
    println!("  {name:<34}{raw:>9}{gzip:>9}{brotli:>9}");
}

fn figures(measured: &Value, part: &str) -> Result<[u64; 3]> {
    let one = |field: &str| {
        measured
            .get(part)
            .and_then(|sizes| sizes.get(field))
            .and_then(Value::as_u64)
            .ok_or_else(|| anyhow!("size.mjs: {part}.{field}: must be a number"))
    };
    Ok([one("raw")?, one("gzip")?, one("brotli")?])
}

fn budget() -> Result<u64> {
    paths::read_json(&paths::from_root("bench/budget.json"))?
        .get("brotliBytes")
        .and_then(Value::as_u64)
        .ok_or_else(|| anyhow!("bench/budget.json: brotliBytes: must be a number"))
}

fn check_budget(brotli: u64, budget: u64) -> Result<()> {
    if brotli > budget {
        bail!(
            "download size: must be at most {budget} bytes of brotli, as in bench/budget.json (got {brotli}, {} more)",
            brotli - budget
        );
    }
    println!("  within the budget of {budget} bytes: {} to spare\n", budget - brotli);
    Ok(())
}

/// Builds the app, with the tarball unpacked into its `node_modules`.
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
    use super::check_budget;

    #[test]
    fn one_byte_beyond_the_budget_fails_with_the_difference() {
        assert!(check_budget(40_000, 40_000).is_ok());
        let error = check_budget(40_001, 40_000).unwrap_err().to_string();
        assert!(error.contains("(got 40001, 1 more)"), "{error}");
    }
}
