//! `cargo xtask attack`: attacks a server over real sockets, and prints the figure of each attack beside its
//! bound.
//!
//! The attacks are tests of `crates/server/tests/endpoints`, in these modules. Those about memory start the
//! real binary. docs/reliability.md has the figures before the bounds existed.
//!
//! Those of the module `attacks` run one after the other, against a release build with the default limits,
//! beside honest clients.

use anyhow::Result;

use crate::server::{self, Build, SERVER};
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
/// Words in the names of the attacks beside honest clients that `--quick` leaves out.
const LESS_IMPORTANT: [&str; 2] = ["beside_a_large_conversation", "beside_answers"];

/// Runs the command.
pub(crate) fn run(args: &Args) -> Result<()> {
    let attacks = || Run::cargo().args(["test", "-p", "causerie-server", "--test", "endpoints", "--"]);
    let skip = |run: Run, names: &[&str]| {
        let skipped = if args.quick { names } else { &[] };
        skipped.iter().fold(run, |run, name| run.args(["--skip", name]))
    };
    let run = attacks().args(MODULES).arg("--nocapture");
    print_figures(&skip(run, &SLOW).captured("attacks on a server")?);
    let binary = server::build(SERVER, Build::Release)?;
    let run = attacks().args(["attacks::", "--ignored", "--test-threads", "1", "--nocapture"]);
    let run = skip(run, &LESS_IMPORTANT).env("CAUSERIE_SERVER_BIN", binary);
    print_figures(&run.captured("attacks beside honest clients")?);
    Ok(())
}

fn print_figures(output: &str) {
    for line in output.lines().filter_map(|line| line.split_once("figure: ")) {
        println!("    {}", line.1);
    }
}
