//! `cargo xtask attack`: attacks a server over real sockets, and prints the figure of each attack beside its
//! bound.
//!
//! The attacks are tests of `crates/server/tests/endpoints`, in these modules. Those about memory start the
//! real binary. docs/reliability.md has the figures before the bounds existed.

use anyhow::Result;

use crate::sh::Run;

#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Leave out the attacks that last half a minute
    #[arg(long)]
    pub(crate) quick: bool,
}

/// The modules whose tests are attacks.
const MODULES: [&str; 5] = ["backpressure::", "fairness::", "fallback::", "memory::", "rates::"];
/// Words in the names of the tests that wait for a time limit.
const SLOW: [&str; 3] = ["thirty_seconds", "disconnected", "unfinished_head"];

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let mut run = Run::cargo()
        .args(["test", "-p", "causerie-server", "--test", "endpoints", "--"])
        .args(MODULES)
        .arg("--nocapture");
    if args.quick {
        run = SLOW.iter().fold(run, |run, name| run.args(["--skip", name]));
    }
    let output = run.captured("attacks on a server")?;
    for line in output.lines().filter_map(|line| line.split_once("figure: ")) {
        println!("    {}", line.1);
    }
    Ok(())
}
