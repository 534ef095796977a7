//! `cargo xtask …`: every command of the repository.
//!
//! The two that matter most:
//!
//! - `demo`: [`tools`] installs what is missing → [`pack`] makes the npm tarball → Vite builds `www/` from it
//!   → the server is built and run in the foreground.
//! - `test`: runs the steps listed in [`steps`], in that order, and stops at the first that fails.
//!
//! Each command has a file. [`sh`] runs other programs, [`paths`] has the locations of files.
//! docs/building.md explains the steps of a build.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool prints to the terminal")]

mod advisories;
mod attack;
mod bench;
mod browsers;
mod checks;
mod comments;
mod demo;
mod format;
mod fuzz;
mod glue;
mod glue_imports;
mod inline_wasm;
mod minify;
mod npm;
mod openapi;
mod pack;
mod paths;
mod proxy;
mod python;
mod replace;
mod s3;
mod sbom;
mod server;
mod sh;
mod sim;
mod size;
mod steps;
mod suites;
mod test;
mod tools;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs, tests and measures Causerie")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything and serve the demo and the API from an embedded database
    Demo(demo::Args),
    /// Run all checks and tests in order, stopping at the first that fails
    Test(test::Args),
    /// Format the code: rustfmt, prettier, and comments wrapped at 110 columns
    Fmt,
    /// Install the tools, browsers and npm packages of the other commands, at pinned versions
    Setup,
    /// Make the npm tarball, target/npm/causerie-<version>.tgz
    Pack(pack::Args),
    /// Measure the download size of the SDK, and fail if it exceeds the budget
    Size,
    /// Measure decoding, round trips and first use in Chromium
    Bench(bench::Args),
    /// Attack a server over real sockets, and print the figure of each attack
    Attack(attack::Args),
    /// Fuzz the decoder of client frames and the parser of message texts
    Fuzz(fuzz::Args),
    /// Run the simulations with many seeds
    Sim(sim::Args),
    /// Replace the copy of the RustSec advisory database, with which the dependencies are checked offline
    Advisories(advisories::Args),
    /// Write the lists of the parts of the server and of the npm package (SBOM), target/sbom/*.cdx.json
    Sbom,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Demo(args) => demo::run(&args),
        Command::Test(args) => match test::run(&args) {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => Err(error),
        },
        Command::Fmt => format::run(),
        Command::Setup => tools::install_all(),
        Command::Pack(args) => pack::run(&args).map(drop),
        Command::Size => size::run(),
        Command::Bench(args) => bench::run(&args),
        Command::Attack(args) => attack::run(&args),
        Command::Fuzz(args) => fuzz::run(&args),
        Command::Sim(args) => sim::run(&args),
        Command::Advisories(args) => advisories::run(&args),
        Command::Sbom => sbom::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ncargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
