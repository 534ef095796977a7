//! Running other programs: quiet while they do well, everything they said when they fail.
//!
//! A [`Run`] writes what the program prints to a log under `target/xtask/logs`; the log is shown only when the
//! program fails. One progress line says what is going on, and is completed by the seconds it took.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::paths;

/// How many lines of a failed program's output are shown; the log has them all.
const SHOWN_LINES: usize = 200;

/// A program about to be run, from the workspace's root unless told otherwise.
pub(crate) struct Run {
    command: Command,
    line: String,
}

impl Run {
    /// A program by name or path.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let mut command = Command::new(program);
        command.current_dir(paths::root()).stdin(Stdio::null());
        command.env("PATH", path_with_tools());
        let line = Path::new(program).file_name().unwrap_or(program).to_string_lossy().into_owned();
        Self { command, line }
    }

    /// `cargo`, the one that runs us.
    pub(crate) fn cargo() -> Self {
        let mut run = Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        "cargo".clone_into(&mut run.line);
        run
    }

    /// One argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        let text = arg.as_ref().to_string_lossy();
        self.line.push(' ');
        self.line.push_str(&text);
        self.command.arg(arg);
        self
    }

    /// Several arguments.
    pub(crate) fn args<A: AsRef<OsStr>>(self, args: impl IntoIterator<Item = A>) -> Self {
        args.into_iter().fold(self, Self::arg)
    }

    /// An environment variable for the program.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// The folder to run in.
    pub(crate) fn current_dir(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs it quietly under a progress line; on failure shows what it output.
    pub(crate) fn quiet(self, doing: &str) -> Result<()> {
        self.captured(doing).map(drop)
    }

    /// As [`quiet`](Self::quiet), and returns all it said, for callers that look into it.
    pub(crate) fn captured(self, doing: &str) -> Result<String> {
        let line = self.line.clone();
        let (status, log) = self.logged(doing)?;
        let output = String::from_utf8_lossy(&std::fs::read(&log).unwrap_or_default()).into_owned();
        if status.success() {
            return Ok(output);
        }
        eprintln!("{}", tail(&output, SHOWN_LINES));
        bail!("`{line}` failed ({status}); its whole output is in {}", paths::display(&log));
    }

    /// Runs it quietly where failing is an answer: true if it succeeded.
    pub(crate) fn succeeds(self, doing: &str) -> Result<bool> {
        Ok(self.logged(doing)?.0.success())
    }

    /// Runs it under a progress line, with all it says in a log.
    fn logged(mut self, doing: &str) -> Result<(ExitStatus, PathBuf)> {
        let log = log_file(doing)?;
        let out = File::create(&log).with_context(|| format!("cannot write {}", paths::display(&log)))?;
        let errors = out.try_clone().context("cannot share the log file")?;
        let progress = Progress::start(doing);
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

    /// Runs it and returns what it printed on stdout; on failure the error holds what it said on stderr.
    pub(crate) fn output(mut self) -> Result<String> {
        let output = self.command.output().with_context(|| format!("cannot start `{}`", self.line))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let errors = String::from_utf8_lossy(&output.stderr);
            bail!(
                "`{}` failed ({}):\n{}\n{}",
                self.line,
                output.status,
                tail(&text, SHOWN_LINES),
                tail(&errors, SHOWN_LINES)
            );
        }
        Ok(text)
    }

    /// Runs it with the terminal as its own: for what prints tables.
    pub(crate) fn interactive(mut self) -> Result<()> {
        let status = self.command.status().with_context(|| format!("cannot start `{}`", self.line))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.line);
        }
        Ok(())
    }

    /// The prepared command, for callers that keep the child.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }
}

/// `PATH` with `target/tools/bin` first, so that the pinned tools win over whatever the machine has.
fn path_with_tools() -> std::ffi::OsString {
    let before = std::env::var_os("PATH").unwrap_or_default();
    let all = paths::tool_folders().into_iter().chain(std::env::split_paths(&before));
    std::env::join_paths(all).unwrap_or(before)
}

/// Where a program is on `PATH` (the pinned tools first), if anywhere.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    std::env::split_paths(&path_with_tools()).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A line that says what is going on, completed by how long it took.
pub(crate) struct Progress {
    since: Instant,
}

impl Progress {
    /// Prints the line's beginning.
    pub(crate) fn start(doing: &str) -> Self {
        print!("  · {doing} … ");
        flush();
        Self { since: Instant::now() }
    }

    /// Completes the line with the time.
    pub(crate) fn done(self) {
        println!("{}", seconds(self.since.elapsed()));
    }

    fn failed(self) {
        println!("failed after {}", seconds(self.since.elapsed()));
    }
}

/// Seconds as a person reads them.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Shows what was printed without a line's end.
pub(crate) fn flush() {
    // A closed terminal is no reason to stop the work.
    let _ = std::io::stdout().flush();
}

/// The log of a command, named after what it does.
pub(crate) fn log_file(doing: &str) -> Result<PathBuf> {
    let name: String = doing.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let folder = paths::from_root("target/xtask/logs");
    paths::make_folder(&folder)?;
    Ok(folder.join(format!("{name}.log")))
}

/// The last lines of a text.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    let skipped = all.len().saturating_sub(lines);
    all.into_iter().skip(skipped).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{Run, tail};

    #[test]
    fn the_tail_keeps_the_last_lines_in_order() {
        assert_eq!(tail("a\nb\nc", 2), "b\nc");
        assert_eq!(tail("a", 5), "a");
    }

    #[test]
    fn a_failing_program_is_an_error_that_names_it_and_holds_its_words() {
        let error = Run::new("sh").args(["-c", "echo words >&2; exit 3"]).output().unwrap_err().to_string();
        assert!(error.contains("`sh -c"), "{error}");
        assert!(error.contains("words"), "{error}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = Run::new("no-such-program-here").output().unwrap_err();
        assert!(error.to_string().contains("no-such-program-here"));
    }
}
