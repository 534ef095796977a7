//! Runs other programs, and prints their output only if they fail.
//!
//! The output of a [`Run`] goes to a log under `target/xtask/logs`. A progress line describes the program,
//! and ends with the seconds it took.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::paths;

/// How many lines of a failed program's output are printed; the log has all.
const PRINTED_LINES: usize = 200;

/// A program to run, in the workspace's root unless [`current_dir`](Self::current_dir) is called.
pub(crate) struct Run {
    command: Command,
    line: String,
}

impl Run {
    /// Prepares a program by name or path.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.current_dir(paths::root()).stdin(Stdio::null());
        command.env("PATH", path_with_tools());
        let line = Path::new(program).file_name().unwrap_or(program).to_string_lossy().into_owned();
        Self { command, line }
    }

    /// Prepares the `cargo` that runs this process.
    pub(crate) fn cargo() -> Self {
        let mut run = Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        "cargo".clone_into(&mut run.line);
        run
    }

    /// Adds one argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        let text = arg.as_ref().to_string_lossy();
        self.line.push(' ');
        self.line.push_str(&text);
        self.command.arg(arg);
        self
    }

    /// Adds several arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// Sets an environment variable of the program.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the folder to run in.
    pub(crate) fn current_dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs the program under a progress line; prints its output if it fails.
    pub(crate) fn quiet(self, description: &str) -> Result<()> {
        self.captured(description).map(drop)
    }

    /// Like [`quiet`](Self::quiet), and returns the output.
    pub(crate) fn captured(self, description: &str) -> Result<String> {
        let line = self.line.clone();
        let (status, log) = self.logged(description)?;
        let output = String::from_utf8_lossy(&std::fs::read(&log).unwrap_or_default()).into_owned();
        if status.success() {
            return Ok(output);
        }
        eprintln!("{}", tail(&output, PRINTED_LINES));
        bail!("`{line}` failed ({status}); its full output is in {}", paths::display(&log));
    }

    /// Runs the program under a progress line. Returns whether it succeeded; its failure is not an error.
    pub(crate) fn succeeds(self, description: &str) -> Result<bool> {
        Ok(self.logged(description)?.0.success())
    }

    /// Runs the program under a progress line. Returns its status and the log of its output.
    fn logged(mut self, description: &str) -> Result<(ExitStatus, PathBuf)> {
        let log = log_file(description)?;
        let out = File::create(&log).with_context(|| format!("cannot write {}", paths::display(&log)))?;
        let errors = out.try_clone().context("cannot share the log file")?;
        let progress = Progress::start(description);
        let status = self
            .command
            .stdout(out)
            .stderr(errors)
            .status()
            .with_context(|| format!("cannot start `{}`", self.line))?;
        if status.success() {
            progress.done();
        } else {
            progress.failed();
        }
        Ok((status, log))
    }

    /// Runs the program without a progress line and returns its stdout; the error of a failure contains its
    /// output.
    pub(crate) fn output(mut self) -> Result<String> {
        let output = self.command.output().with_context(|| format!("cannot start `{}`", self.line))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!(
                "`{}` failed ({}):\n{}\n{}",
                self.line,
                output.status,
                tail(&text, PRINTED_LINES),
                tail(&errors, PRINTED_LINES)
            );
        }
        Ok(text)
    }

    /// Runs the program with the terminal as its output, for programs that print tables.
    pub(crate) fn interactive(mut self) -> Result<()> {
        let status = self.command.status().with_context(|| format!("cannot start `{}`", self.line))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.line);
        }
        Ok(())
    }

    /// Returns the command, for callers that spawn it.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }
}

/// `PATH` with the pinned tools first, so that they take precedence over those of the machine.
fn path_with_tools() -> std::ffi::OsString {
    let before = std::env::var_os("PATH").unwrap_or_default();
    let all = paths::tool_folders().into_iter().chain(std::env::split_paths(&before));
    std::env::join_paths(all).unwrap_or(before)
}

/// Finds a program on `PATH`, the pinned tools first.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&path_with_tools()).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A line that describes a running program and ends with its duration.
pub(crate) struct Progress {
    since: Instant,
}

impl Progress {
    /// Prints the description.
    pub(crate) fn start(description: &str) -> Self {
        print!("  · {description} … ");
        flush();
        Self { since: Instant::now() }
    }

    /// Prints the duration.
    pub(crate) fn done(self) {
        println!("{}", seconds(self.since.elapsed()));
    }

    fn failed(self) {
        println!("failed after {}", seconds(self.since.elapsed()));
    }
}

/// Formats a duration in seconds, as in `1.5 s`.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Flushes stdout, for lines without an end.
pub(crate) fn flush() {
    // A closed terminal is not a reason to stop.
    let _ = std::io::stdout().flush();
}

/// Returns the path of a log, named after the description of its program.
pub(crate) fn log_file(description: &str) -> Result<PathBuf> {
    let name: String = description.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let folder = paths::from_root("target/xtask/logs");
    paths::make_folder(&folder)?;
    Ok(folder.join(format!("{name}.log")))
}

/// Returns the last lines of a text.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    let skipped = all.len().saturating_sub(lines);
    all.into_iter().skip(skipped).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Run, tail};

    #[test]
    fn tail_keeps_the_last_lines_in_order() {
        assert_eq!(tail("a\nb\nc", 2), "b\nc");
        assert_eq!(tail("a", 5), "a");
    }

    #[test]
    fn error_of_a_failed_program_contains_its_name_and_output() {
        let error = Run::new("sh").args(["-c", "echo words >&2; exit 3"]).output().unwrap_err().to_string();
        assert!(error.contains("`sh -c"), "{error}");
        assert!(error.contains("words"), "{error}");
    }

    #[test]
    fn error_of_a_missing_program_contains_its_name() {
        let error = Run::new("no-such-program-here").output().unwrap_err();
        assert!(error.to_string().contains("no-such-program-here"));
    }
}
