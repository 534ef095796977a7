//! `cargo xtask …`: every command the README names.
//!
//! The flow of the two that matter most:
//!
//! - `demo`: [`tools`] set up → [`pack`] makes the npm tarball → Vite builds `www/` from it → the server is
//!   built and run in the foreground.
//! - `test`: the steps listed in [`steps`], in that order, each timed, stopping at the first that fails.
//!
//! One file per command; [`sh`] runs other programs, [`paths`] knows where things are.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks to the person who called it"
)]

mod bench;
mod browsers;
mod checks;
mod comments;
mod demo;
mod format;
mod fuzz;
mod glue;
mod inline_wasm;
mod minify;
mod npm;
mod pack;
mod paths;
mod proxy;
mod server;
mod sh;
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
    /// Run every check there is, in order, stopping at the first that fails
    Test(test::Args),
    /// Format the code: rustfmt, prettier, and comments wrapped at 110 columns
    Fmt,
    /// Install what the other commands need, at pinned versions
    Setup,
    /// Make the npm tarball, target/npm/causerie-<version>.tgz
    Pack(pack::Args),
    /// Measure what a visitor downloads, and fail beyond the budget
    Size,
    /// Measure decoding, round trips and first use in Chromium
    Bench(bench::Args),
    /// Fuzz the decoder of client frames
    Fuzz(fuzz::Args),
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
        Command::Fuzz(args) => fuzz::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ncargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
