//! `cargo xtask fuzz`: runs libFuzzer on the decoder of client frames and on the parser of message texts.
//!
//! The pinned stable toolchain builds the targets, with `RUSTC_BOOTSTRAP=1` for the unstable flags of the
//! sanitizer. `fuzz/` is a workspace of its own, so that its dependencies and flags do not affect other
//! crates.

use anyhow::Result;

use crate::sh::Run;
use crate::{paths, tools};

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Stop after 20 seconds
    #[arg(long)]
    pub(crate) quick: bool,
    /// Stop after this many seconds
    #[arg(long, default_value_t = 300)]
    pub(crate) seconds: u32,
}

/// The names of the files in `fuzz/fuzz_targets`.
const TARGETS: [&str; 2] = ["decode_frame", "markup"];

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    tools::install_for_fuzzing()?;
    let seconds = if args.quick { 20 } else { args.seconds };
    for target in TARGETS {
        cargo_fuzz("build", target).quiet(&format!("fuzz target {target}, build"))?;
        cargo_fuzz("run", target)
            // The corpus that libFuzzer collects is not committed; the seeds are.
            .arg(paths::from_root("target/xtask").join(format!("corpus-{target}")))
            .arg(paths::from_root("fuzz/seeds").join(target))
            .args(["--", "-max_len=70000"])
            .arg(format!("-artifact_prefix={}/", paths::from_root("target/xtask/fuzz-artifacts").display()))
            .arg(format!("-max_total_time={seconds}"))
            .quiet(&format!("fuzz target {target}, {seconds} s"))?;
    }
    Ok(())
}

fn cargo_fuzz(verb: &str, target: &str) -> Run {
    // libFuzzer needs these folders, and prints an error if they could not be created.
    let _ = paths::make_folder(&paths::from_root("target/xtask/fuzz-artifacts"));
    let _ = paths::make_folder(&paths::from_root("target/xtask").join(format!("corpus-{target}")));
    Run::cargo()
        .args(["fuzz", verb, "--fuzz-dir", "fuzz", "--target-dir"])
        .arg(paths::cargo_output().join("fuzz"))
        .arg(target)
        .env("RUSTC_BOOTSTRAP", "1")
}
