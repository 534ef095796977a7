//! `cargo xtask pack`: makes the npm tarball from a clean checkout.
//!
//! [`wasm`] builds the module and its glue → the files of `pkg/` and the built files (in `built/`) are copied
//! to `target/npm/package` → esbuild bundles each ESM entry into the CommonJS file of the same name, and the
//! default entry into one ES module for pages that import the package from a CDN → every file in `exports`
//! must exist, and scripts must be ASCII → `npm pack` → publint and "are the types wrong" check the tarball
//! as the tools of a user will.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;

use crate::replace::Replacement;
use crate::sh::Run;
use crate::wasm::{self, Built, Options};
use crate::{inline_wasm, minify, npm, paths, tools};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Keep function names in the module, to read profiles and size reports
    #[arg(long)]
    keep_names: bool,
}

/// A packed tarball.
pub(crate) struct Packed {
    pub(crate) path: PathBuf,
    pub(crate) before: u64,
    pub(crate) after: u64,
}

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<Packed> {
    tools::install_for_packing()?;
    let options = Options { keep_names: args.keep_names, bench: false };
    let built = wasm::build(&paths::from_root("target/npm/bindgen"), options)?;
    let package = assemble(&built)?;
    let tarball = pack(&package)?;
    check(&tarball)?;
    println!(
        "  {} · wasm {} bytes before wasm-opt, {} after",
        paths::display(&tarball),
        built.before,
        built.after
    );
    Ok(Packed { path: tarball, before: built.before, after: built.after })
}

/// The tarball, which the first call in this process makes.
pub(crate) fn tarball() -> Result<&'static Packed> {
    static PACKED: OnceLock<Packed> = OnceLock::new();
    if let Some(packed) = PACKED.get() {
        return Ok(packed);
    }
    let packed = run(&Args { keep_names: false })?;
    Ok(PACKED.get_or_init(|| packed))
}

fn assemble(built: &Built) -> Result<PathBuf> {
    let package = paths::from_root("target/npm/package");
    paths::empty_folder(&package)?;
    paths::copy_folder(&paths::from_root("pkg"), &package, &["node_modules", "built"])?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        paths::copy(&paths::from_root(licence), &package.join(licence))?;
    }
    let made = package.join("built");
    minify::minify_names(built, &made)?;
    write_types(built, &package)?;
    let module = std::fs::read(made.join("causerie.wasm")).context("cannot read the built module")?;
    paths::write(&made.join("inline-wasm.js"), inline_wasm::module_source(&module)?)?;

    let described = paths::read_json(&package.join("package.json"))?;
    check_version(&described)?;
    let named = named_files(&described);
    common_js(&package, &named)?;
    single_module(&package)?;
    for file in &named {
        if !package.join(file).is_file() {
            bail!("pkg/package.json: `{file}` does not exist in the package");
        }
    }
    for folder in ["entry", "built"] {
        check_ascii(&package.join(folder))?;
    }
    Ok(package)
}

/// Fails if a script of the package has a character beyond ASCII outside a comment: in a page that is not
/// UTF-8 it would become another one.
fn check_ascii(folder: &Path) -> Result<()> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", paths::display(folder)))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "js" || extension == "cjs")
            && let Some((number, line)) = first_line_beyond_ascii(&paths::read(&path)?)
        {
            bail!("{}:{number}: not ASCII, but read by pages of any charset: {line}", paths::display(&path));
        }
    }
    Ok(())
}

/// The first line of code with a character beyond ASCII, and its number. Lines that are comments do not
/// count.
fn first_line_beyond_ascii(script: &str) -> Option<(usize, &str)> {
    let is_comment = |line: &str| ["//", "/*", "*"].iter().any(|start| line.starts_with(start));
    let lines = (1..).zip(script.lines().map(str::trim));
    lines.into_iter().find(|(_, line)| !line.is_ascii() && !is_comment(line))
}

/// The typings of `causerie/slim` import those of `causerie`, which for CommonJS lie beside them.
const CAUSERIE_IN_BUILT: Replacement<'_> = Replacement {
    name: "typings of causerie/slim for CommonJS",
    from: "../built/causerie.js",
    to: "./causerie.cjs",
    times: 1,
};

/// Writes the typings for ES modules and for CommonJS.
fn write_types(built: &Built, package: &Path) -> Result<()> {
    let text = paths::read(&built.types)?;
    paths::write(&package.join("built/causerie.d.ts"), &text)?;
    paths::write(&package.join("built/causerie.d.cts"), &text)?;
    let slim = package.join("types/slim.d.ts");
    let text = CAUSERIE_IN_BUILT.apply(&paths::read(&slim)?)?;
    paths::write(&package.join("built/slim.d.cts"), text)
}

/// Fails if the versions of the npm package and of the crate differ.
fn check_version(described: &Value) -> Result<()> {
    let ours = paths::locked_version("causerie")?;
    let theirs = described.get("version").and_then(Value::as_str);
    if theirs != Some(ours.as_str()) {
        bail!("pkg/package.json: version: must be that of Cargo.toml, {ours:?} (got {theirs:?})");
    }
    Ok(())
}

/// Every file that `package.json` refers to: `main`, `module`, the fields of CDNs, `types`, and every leaf of
/// `exports`.
fn named_files(described: &Value) -> Vec<String> {
    let mut named = Vec::new();
    for field in ["main", "module", "browser", "unpkg", "jsdelivr", "types", "exports"] {
        if let Some(value) = described.get(field) {
            leaves(value, &mut named);
        }
    }
    named.sort();
    named.dedup();
    named
}

fn leaves(value: &Value, into: &mut Vec<String>) {
    match value {
        // The files of a pattern (`./*`) cannot be listed.
        Value::String(path) if !path.contains('*') => {
            into.push(path.trim_start_matches("./").to_owned());
        }
        Value::Array(all) => all.iter().for_each(|one| leaves(one, into)),
        Value::Object(all) => all.values().for_each(|one| leaves(one, into)),
        _ => {}
    }
}

/// Bundles `entry/<name>.js` into `built/<name>.cjs`.
fn common_js(package: &Path, named: &[String]) -> Result<()> {
    for file in named {
        let Some(stem) = file.strip_prefix("built/").and_then(|name| name.strip_suffix(".cjs")) else {
            continue;
        };
        let entry = package.join("entry").join(format!("{stem}.js"));
        if !entry.is_file() {
            bail!("pkg/package.json: `{file}` is built from pkg/entry/{stem}.js, which does not exist");
        }
        npm::tool("esbuild")?
            .args([
                "--bundle",
                "--format=cjs",
                "--platform=neutral",
                "--charset=ascii",
                "--log-level=warning",
            ])
            .arg(&entry)
            .arg(format!("--outfile={}", package.join(file).display()))
            .quiet(&format!("CommonJS, {stem}.cjs"))?;
    }
    Ok(())
}

/// Bundles the default entry into one ES module without imports, `built/causerie.js`. CDNs serve it under the
/// bare name of the package.
fn single_module(package: &Path) -> Result<()> {
    npm::tool("esbuild")?
        .args(["--bundle", "--format=esm", "--platform=neutral", "--minify"])
        .args(["--charset=ascii", "--log-level=warning"])
        .arg(package.join("entry/index.js"))
        .arg(format!("--outfile={}", package.join("built/causerie.js").display()))
        .quiet("ES module in one file, causerie.js")
}

fn pack(package: &Path) -> Result<PathBuf> {
    let out = paths::from_root("target/npm");
    let printed = Run::new("npm")
        .args(["pack", "--json", "--pack-destination"])
        .arg(&out)
        .current_dir(package)
        .output()?;
    let name = tarball_name(&printed)?;
    Ok(out.join(name))
}

/// Parses the output of `npm pack --json`: a list of packages or, in some versions of npm, an object of them.
fn tarball_name(printed: &str) -> Result<String> {
    let start = printed.find(['[', '{']).unwrap_or(0);
    let value: Value = serde_json::from_str(printed.get(start..).unwrap_or_default())
        .context("`npm pack --json`: must print JSON")?;
    let first = match &value {
        Value::Array(all) => all.first(),
        Value::Object(all) => all.values().next(),
        _ => None,
    };
    first
        .and_then(|one| one.get("filename"))
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| anyhow!("`npm pack --json`: filename: must be there"))
}

/// Checks the tarball with publint and "are the types wrong".
fn check(tarball: &Path) -> Result<()> {
    npm::tool("publint")?.args(["run", "--strict"]).arg(tarball).quiet("publint")?;
    npm::tool("attw")?
        .arg(tarball)
        // Like every package with `exports`, it needs the module resolution of Node 16 or of a bundler.
        .args(["--profile", "node16", "--no-emoji"])
        // The bare module is a file without types.
        .args(["--exclude-entrypoints", "./causerie.wasm"])
        .quiet("are the types wrong")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{first_line_beyond_ascii, named_files, tarball_name};

    #[test]
    fn code_beyond_ascii_is_found_and_comments_are_not() {
        assert_eq!(first_line_beyond_ascii("// café\n * café\nconst a = 1;\n"), None);
        let script = "/** café */\nconst a = \"café\";\n";
        assert_eq!(first_line_beyond_ascii(script), Some((2, "const a = \"café\";")));
    }

    #[test]
    fn every_file_in_exports_is_found_once() {
        let described = json!({
            "main": "./built/index.cjs",
            "types": "./types/index.d.ts",
            "exports": {
                ".": { "types": "./types/index.d.ts", "import": "./entry/index.js", "require": { "default": "./built/index.cjs" } },
                "./*": "./built/*",
                "./package.json": "./package.json",
                "./none": null
            }
        });
        assert_eq!(
            named_files(&described),
            ["built/index.cjs", "entry/index.js", "package.json", "types/index.d.ts"]
        );
    }

    #[test]
    fn name_of_the_tarball_is_read_from_both_forms_of_output() {
        let list = r#"[{"filename":"causerie-0.1.0.tgz"}]"#;
        let object = r#"{"causerie":{"filename":"causerie-0.1.0.tgz"}}"#;
        assert_eq!(tarball_name(list).unwrap(), "causerie-0.1.0.tgz");
        assert_eq!(tarball_name(object).unwrap(), "causerie-0.1.0.tgz");
        assert!(tarball_name("{}").is_err());
        assert!(tarball_name("no json").is_err());
    }
}
