//! Compiles the SDK to a small `.wasm` file and its glue: cargo → wasm-bindgen → wasm-opt.
//!
//! The versions of the three are pinned (rustc by rust-toolchain.toml, wasm-bindgen by Cargo.lock, binaryen
//! by xtask/npm): a wasm-opt that does not know a feature that rustc uses fails, and the build with it.
//! wasm-opt is never skipped, because every visitor would download what it removes. docs/building.md has the
//! reason for each option.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::sh::Run;
use crate::{npm, paths};

/// The variant of the module.
#[derive(Clone, Copy, Default)]
pub(crate) struct Options {
    /// Keep function names, to read a profile or a size report.
    pub(crate) keep_names: bool,
    /// Export the functions that only the benches call.
    pub(crate) bench: bool,
}

/// The files of a build.
pub(crate) struct Built {
    /// wasm-bindgen's glue, `causerie_bg.js`. It does not import the module: `__wbg_set_wasm` sets the
    /// instance.
    pub(crate) glue: PathBuf,
    /// The folder of JavaScript files from `src/`, which the glue and the module import.
    pub(crate) snippets: PathBuf,
    /// wasm-bindgen's typings, `causerie.d.ts`.
    pub(crate) types: PathBuf,
    /// The module after wasm-opt.
    pub(crate) wasm: PathBuf,
    /// The module's size before wasm-opt, in bytes.
    pub(crate) before: u64,
    /// The module's size after wasm-opt, in bytes.
    pub(crate) after: u64,
    /// Whether the module has the names of its functions.
    pub(crate) has_names: bool,
}

/// The WebAssembly features that rustc 1.95 uses for wasm32-unknown-unknown, as options of wasm-opt.
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

/// The size of the stack; the default is 1 MiB.
const STACK_BYTES: u32 = 65_536;

/// Builds the module into a folder, which is emptied first.
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
        has_names: options.keep_names,
    };
    let raw = out.join("causerie_bg.wasm");
    optimise(&raw, &built.wasm, options)?;
    shorten_texts(&built.wasm)?;
    Ok(Built { before: size(&raw)?, after: size(&built.wasm)?, ..built })
}

/// The texts of errors that only a bug in the SDK can throw.
const TEXTS_OF_BUGS: [&str; 7] = [
    "attempted to take ownership of Rust value while it was borrowed",
    "null pointer passed to rust",
    "recursive use of an object detected which would lead to unsafe aliasing in rust",
    "closure invoked recursively or after being dropped",
    "FnOnce called more than once",
    "js_value passed has no string representation",
    "called `Option::unwrap_throw()` on a `None` value",
];

/// Makes these texts the same, which saves 150 bytes of brotli. They keep their lengths.
fn shorten_texts(module: &Path) -> Result<()> {
    let mut bytes = std::fs::read(module).with_context(|| paths::display(module).clone())?;
    for text in TEXTS_OF_BUGS {
        let short = format!("{:1$}", "a bug in the SDK", text.len());
        let mut found = false;
        while let Some(at) = bytes.windows(text.len()).position(|window| window == text.as_bytes()) {
            bytes.splice(at..at.saturating_add(text.len()), short.bytes());
            found = true;
        }
        if !found {
            bail!("the module does not contain \"{text}\": remove it from the list");
        }
    }
    std::fs::write(module, bytes).with_context(|| paths::display(module).clone())
}

fn size(path: &Path) -> Result<u64> {
    std::fs::metadata(path)
        .map(|meta| meta.len())
        .with_context(|| format!("{} does not exist", paths::display(path)))
}

fn compile(options: Options) -> Result<PathBuf> {
    let mut run = Run::cargo().args(["build", "-p", "causerie", "--lib", "--profile", "wasm"]);
    run = run.args(["--target", "wasm32-unknown-unknown"]);
    let mut flags = vec![
        // Panic locations contain paths of source files. Without remapping they would contain the home folder
        // of the builder, and two machines would build different packages.
        remap(&cargo_home(), "cargo"),
        remap(&paths::root(), "causerie"),
    ];
    if options.bench {
        run = run.args(["--features", "bench"]);
    }
    // The standard library is compiled for size too, and a panic (none can be reached) is a bare trap: this
    // saves 6.5 KB of brotli. Both are unstable, so RUSTC_BOOTSTRAP allows them in the pinned stable
    // toolchain.
    rust_src()?;
    run = run
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"]);
    for flag in
        ["-Zunstable-options", "-Cpanic=immediate-abort", "-Zlocation-detail=none", "-Zfmt-debug=none"]
    {
        flags.push(flag.to_owned());
    }
    // The stack is at the beginning of the memory, so the addresses of all data are shorter if it is small. A
    // deeper stack is a trap, not an overwritten value; `tests/live/memory.test.mjs` measures the depth.
    flags.push(format!("-Clink-arg=-zstack-size={STACK_BYTES}"));
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

/// Adds the source of the standard library, from which it is compiled, if it is missing.
fn rust_src() -> Result<()> {
    let sysroot = Run::new("rustc").args(["--print", "sysroot"]).output()?;
    if Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library").exists() {
        return Ok(());
    }
    Run::new("rustup")
        .args(["component", "add", "rust-src"])
        .quiet("the standard library's source")
        .context("the source of the standard library is missing: run `rustup component add rust-src`")
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
    // Less inlining than by -Oz alone: the module is larger raw, but 0.9 KB of brotli smaller.
    let mut args = vec![
        "-Oz",
        "--gufa-optimizing",
        "--converge",
        "--ignore-implicit-traps",
        "-aimfs",
        "6",
        "-ocimfs",
        "20",
        // The stack ends there: an address below 1,024 is one of a stack that is full.
        "--low-memory-unused",
        // The alignment of loads and stores is only a hint, and brotli needs fewer bytes without it.
        "--dealign",
    ];
    args.extend(FEATURES);
    if options.keep_names {
        args.push("-g");
    } else {
        args.extend(["--strip-debug", "--strip-producers", "--strip-target-features"]);
    }
    // wasm-opt takes longer than the rest of an incremental build, so the output for the last input is
    // cached, under the arguments and the versions of the tools.
    let versions = paths::read(&paths::from_root("xtask/npm/package.json"))?;
    let arguments = format!("{}\n{versions}", args.join(" "));
    let cache = paths::from_root("target/npm/wasm-opt-cache");
    let name = options.bench.to_string();
    let (cached_in, cached_out, cached_options) = (
        cache.join(format!("{name}.in.wasm")),
        cache.join(format!("{name}.out.wasm")),
        cache.join(format!("{name}.txt")),
    );
    let same = |one: &Path, other: &Path| match (std::fs::read(one), std::fs::read(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    if cached_out.exists()
        && same(from, &cached_in)
        && std::fs::read_to_string(&cached_options).is_ok_and(|text| text == arguments)
    {
        return paths::copy(&cached_out, to);
    }
    npm::tool("wasm-opt")
        .context("wasm-opt is part of the npm package `binaryen`")?
        .args(&args)
        .arg(from)
        .arg("-o")
        .arg(to)
        .quiet("wasm-opt -Oz")?;
    if size(to)? == 0 {
        bail!("wasm-opt succeeded but wrote an empty file");
    }
    paths::copy(from, &cached_in)?;
    paths::copy(to, &cached_out)?;
    paths::write(&cached_options, arguments)
}
