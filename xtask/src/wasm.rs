//! From Rust to the smallest `.wasm` and its glue: cargo → wasm-bindgen → wasm-opt.
//!
//! The three are pinned together (rustc by rust-toolchain.toml, wasm-bindgen by Cargo.lock, binaryen by
//! xtask/npm): a wasm-opt that does not know a feature rustc uses fails, and then the build fails. It is never
//! skipped, for what it leaves in is paid by every visitor.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::sh::Run;
use crate::{npm, paths};

/// What kind of module is wanted.
#[derive(Clone, Copy, Default)]
pub(crate) struct Options {
    /// Keep function names, to read a profile or a size report.
    pub(crate) keep_names: bool,
    /// With the hooks that only the benches use.
    pub(crate) bench: bool,
}

/// The files that were made.
pub(crate) struct Built {
    /// wasm-bindgen's glue, `causerie_bg.js`: imports no wasm, is given the instance by `__wbg_set_wasm`.
    pub(crate) glue: PathBuf,
    /// JavaScript from the Rust sources, which the glue and the module import.
    pub(crate) snippets: PathBuf,
    /// wasm-bindgen's typings, `causerie.d.ts`.
    pub(crate) types: PathBuf,
    /// The module after wasm-opt.
    pub(crate) wasm: PathBuf,
    /// Bytes before wasm-opt.
    pub(crate) before: u64,
    /// Bytes after wasm-opt.
    pub(crate) after: u64,
}

/// The WebAssembly features that rustc 1.95 uses for wasm32-unknown-unknown.
pub(crate) const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Builds into a folder of its own.
pub(crate) fn build(out: &Path, options: Options) -> Result<Built> {
    let compiled = compile(options)?;
    bind(&compiled, out, options)?;
    let built = Built {
        glue: out.join("causerie_bg.js"),
        snippets: out.join("snippets"),
        types: out.join("causerie.d.ts"),
        wasm: out.join("causerie.wasm"),
        before: 0,
        after: 0,
    };
    let raw = out.join("causerie_bg.wasm");
    optimise(&raw, &built.wasm, options)?;
    Ok(Built { before: size(&raw)?, after: size(&built.wasm)?, ..built })
}

fn size(path: &Path) -> Result<u64> {
    std::fs::metadata(path)
        .map(|meta| meta.len())
        .with_context(|| format!("{} was not made", paths::display(path)))
}

fn compile(options: Options) -> Result<PathBuf> {
    let mut run = Run::cargo().args(["build", "-p", "causerie", "--lib", "--profile", "wasm"]);
    run = run.args(["--target", "wasm32-unknown-unknown"]);
    let mut flags = vec![
        // Panic locations name source files: without this they would hold the builder's home folder, and two
        // machines would build two different packages.
        remap(&cargo_home(), "cargo"),
        remap(&paths::root(), "causerie"),
    ];
    if options.bench {
        run = run.args(["--features", "bench"]);
    }
    // The standard library is compiled for size too, and a panic (none can be reached) is a bare trap: measured to
    // save 6.5 KB of brotli. Cargo and rustc hold this back as unstable, so the pinned toolchain is told to allow it.
    rust_src()?;
    run = run
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    for flag in
        ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"]
    {
        flags.push(flag.to_owned());
    }
    run.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}")).quiet("the SDK, Rust to WebAssembly")?;
    Ok(paths::cargo_output().join("wasm32-unknown-unknown/wasm/causerie.wasm"))
}

fn remap(from: &Path, to: &str) -> String {
    format!("--remap-path-prefix={}={to}", from.display())
}

fn cargo_home() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

/// The standard library's source, which is compiled anew.
fn rust_src() -> Result<()> {
    let sysroot = Run::new("rustc").args(["--print", "sysroot"]).output()?;
    if Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library").exists() {
        return Ok(());
    }
    Run::new("rustup")
        .args(["component", "add", "rust-src"])
        .quiet("the standard library's source")
        .context("the standard library is compiled for size, and its source could not be had: run `rustup component add rust-src`")
}

fn bind(compiled: &Path, out: &Path, options: Options) -> Result<()> {
    paths::empty_folder(out)?;
    let mut run = Run::new("wasm-bindgen")
        .args(["--target", "bundler", "--out-name", "causerie"])
        .arg("--out-dir")
        .arg(out)
        .args(["--remove-producers-section", "--remove-name-section"]);
    if options.keep_names {
        run = Run::new("wasm-bindgen")
            .args(["--target", "bundler", "--out-name", "causerie", "--keep-debug"])
            .arg("--out-dir")
            .arg(out);
    }
    run.arg(compiled).quiet("wasm-bindgen")
}

fn optimise(from: &Path, to: &Path, options: Options) -> Result<()> {
    // Less inlining than -Oz alone does: larger raw, but smaller compressed (0.8 KB of brotli).
    let mut args = vec!["-Oz", "--converge", "-aimfs", "2", "-ocimfs", "20"];
    args.extend(FEATURES);
    if options.keep_names {
        args.push("-g");
    } else {
        args.extend(["--strip-debug", "--strip-producers", "--strip-target-features"]);
    }
    let settings = args.join(" ");
    // wasm-opt takes longer than all the rest of an incremental build; the same input gives the same output.
    let kept = paths::from_root("target/npm/kept");
    let name = options.bench.to_string();
    let (kept_in, kept_out, kept_as) = (
        kept.join(format!("{name}.in.wasm")),
        kept.join(format!("{name}.out.wasm")),
        kept.join(format!("{name}.txt")),
    );
    let same = |one: &Path, other: &Path| match (std::fs::read(one), std::fs::read(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    if kept_out.exists()
        && same(from, &kept_in)
        && std::fs::read_to_string(&kept_as).is_ok_and(|text| text == settings)
    {
        return paths::copy(&kept_out, to);
    }
    npm::tool("wasm-opt")
        .context("wasm-opt comes with the npm package `binaryen`, and the package cannot be made without it")?
        .args(&args)
        .arg(from)
        .arg("-o")
        .arg(to)
        .quiet("wasm-opt -Oz")?;
    if size(to)? == 0 {
        bail!("wasm-opt wrote an empty file");
    }
    paths::copy(from, &kept_in)?;
    paths::copy(to, &kept_out)?;
    paths::write(&kept_as, settings)
}
