//! `cargo xtask sim`: runs the simulations with many seeds, and those with bugs in the client's store.

use anyhow::Result;

use crate::sh::Run;

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Run 5,000 seeds
    #[arg(long)]
    pub(crate) quick: bool,
    /// Run this many seeds
    #[arg(long, default_value_t = 50_000)]
    pub(crate) seeds: u32,
    /// Start with this seed
    #[arg(long, default_value_t = 1)]
    pub(crate) first: u32,
}

const QUICK_SEEDS: u32 = 5_000;

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let seeds = if args.quick { QUICK_SEEDS } else { args.seeds };
    Run::cargo()
        .args(["test", "--release", "-p", "causerie-sim", "-p", "causerie-planted-bugs"])
        .env("SIM_FIRST_SEED", args.first.to_string())
        .env("SIM_SEEDS", seeds.to_string())
        .quiet(&format!("the simulations, {seeds} seeds"))
}
