//! Checks the dependencies for known vulnerabilities with the RustSec advisory database.
//!
//! The repository has a copy of the database, so that the check works offline and in every checkout: the
//! machine-readable part and the title of each advisory. All advisories are in it, not only those about
//! today's dependencies. If the network has the current database, the dependencies are checked with that,
//! too. `cargo xtask advisories <clone>` replaces the copy.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use crate::paths;
use crate::sh::Run;

const COPY: &str = "xtask/advisory-db.md";
const START: &str = "```toml\n";
const END: &str = "```\n";
/// The folder that cargo-deny expects for <https://github.com/rustsec/advisory-db>.
const CLONE: &str = "advisory-db-3157b0e258782691";
const FOLDER: &str = "target/xtask/advisories";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// A clone of https://github.com/rustsec/advisory-db
    clone: PathBuf,
}

/// Replaces the copy.
pub(crate) fn run(args: &Args) -> Result<()> {
    let git = |format: &str| {
        Run::new("git").arg("-C").arg(&args.clone).args(["log", "-1", "--date=short", format]).output()
    };
    let (commit, date) = (git("--format=%H")?, git("--format=%cd")?);
    let mut entries = Vec::new();
    let crates = args.clone.join("crates");
    for folder in paths_in(&crates)? {
        for file in paths_in(&folder)? {
            let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            entries.push(compact(&text).with_context(|| file.display().to_string())?);
        }
    }
    entries.sort();
    let mut copy = format!(
        "A copy of the RustSec advisory database (https://github.com/rustsec/advisory-db), without the \
         descriptions.\nWritten by `cargo xtask advisories`. Dedicated to the public domain (CC0 1.0), except \
         for entries with a\n`license`, whose source is their `url`.\n\nCommit {} of {}\n",
        commit.trim(),
        date.trim()
    );
    for (_, text) in &entries {
        write!(copy, "\n{text}").context("cannot add an entry")?;
    }
    paths::write(&paths::from_root(COPY), copy)?;
    println!("{COPY}: {} advisories of {}", entries.len(), date.trim());
    Ok(())
}

/// Fails if a dependency has an advisory that `deny.toml` does not ignore.
pub(crate) fn check() -> Result<()> {
    let fetched = Run::cargo().args(["deny", "fetch", "db"]).succeeds("the current advisory database")?;
    if fetched {
        deny(None).quiet("cargo deny: advisories, current")?;
    }
    let copy = paths::read(&paths::from_root(COPY))?;
    let (folder, config) = (paths::from_root(FOLDER), paths::from_root(FOLDER).join("deny.toml"));
    let deny_toml = paths::read(&paths::from_root("deny.toml"))?;
    // The section of the advisories is the last one.
    let urls = "db-urls = [\"https://github.com/rustsec/advisory-db\"]\n";
    paths::write(&config, format!("{deny_toml}db-path = {:?}\n{urls}", folder.display().to_string()))?;
    let count = unpack(&copy, &folder.join(CLONE))?;
    let date = copy_date(&copy)?;
    deny(Some(&config)).quiet(&format!("cargo deny: {count} advisories of {date}"))?;
    check_detection(&folder.join(CLONE), &config)
}

/// Fails if cargo-deny does not detect an advisory about one of the dependencies.
fn check_detection(clone: &Path, config: &Path) -> Result<()> {
    let planted = clone.join("crates/serde/RUSTSEC-2000-0001.md");
    let advisory = "```toml\n[advisory]\nid = \"RUSTSEC-2000-0001\"\npackage = \"serde\"\ndate = \
                    \"2000-01-01\"\n[versions]\npatched = []\n```\n\n# Planted by xtask\n";
    paths::write(&planted, advisory)?;
    let outcome = deny(Some(config)).output();
    std::fs::remove_file(&planted).context("cannot remove the planted advisory")?;
    match outcome {
        Err(error) if error.to_string().contains("Planted by xtask") => Ok(()),
        _ => bail!("cargo deny does not detect a planted advisory: is {CLONE} the folder that it reads?"),
    }
}

fn deny(config: Option<&Path>) -> Run {
    let run = Run::cargo().args(["deny", "--offline", "--workspace"]);
    let run = match config {
        Some(config) => run.arg("--config").arg(config),
        None => run,
    };
    run.args(["check", "advisories"])
}

/// Writes the advisories of the copy as the files of a clone. Returns their number.
fn unpack(copy: &str, clone: &Path) -> Result<usize> {
    paths::empty_folder(clone)?;
    // cargo-deny takes the time of this file for that of the last fetch.
    paths::write(&clone.join(".git/FETCH_HEAD"), "")?;
    let mut count = 0;
    for entry in copy.split(START).skip(1) {
        let field = |name: &str| field(entry, name).ok_or_else(|| anyhow!("{COPY}: no `{name}` in: {entry}"));
        let file = clone.join("crates").join(field("package")?).join(format!("{}.md", field("id")?));
        paths::write(&file, format!("{START}{entry}"))?;
        count += 1;
    }
    Ok(count)
}

fn copy_date(copy: &str) -> Result<&str> {
    let line = copy.lines().find(|line| line.starts_with("Commit "));
    line.and_then(|line| line.rsplit(' ').next())
        .ok_or_else(|| anyhow!("{COPY}: has no line with its commit"))
}

/// Returns the value of a string in the machine-readable part of an advisory.
fn field<'a>(advisory: &'a str, name: &str) -> Option<&'a str> {
    let line = advisory.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='))?;
    line.trim().strip_prefix('"')?.strip_suffix('"')
}

/// Returns an advisory's id and its text without the description.
fn compact(text: &str) -> Result<(String, String)> {
    let rest = text.split_once(START).ok_or_else(|| anyhow!("does not begin with TOML"))?.1;
    let (toml, description) = rest.split_once(END).ok_or_else(|| anyhow!("the TOML does not end"))?;
    let title = description.lines().find(|line| line.starts_with("# "));
    let title = title.ok_or_else(|| anyhow!("has no title"))?;
    let id = field(toml, "id").ok_or_else(|| anyhow!("has no id"))?;
    Ok((id.to_owned(), format!("{START}{toml}{END}\n{title}\n")))
}

/// Returns the paths in a folder, except hidden ones.
fn paths_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADVISORY: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2020-0001\"\npackage = \"one\"\n[versions]\n\
                            patched = [\">= 2\"]\n```\n\n# A title\n\nA description\n";

    #[test]
    fn an_advisory_keeps_its_machine_readable_part_and_its_title() {
        let (id, text) = compact(ADVISORY).unwrap();
        assert_eq!(id, "RUSTSEC-2020-0001");
        assert_eq!(text, ADVISORY.replace("\nA description\n", ""));
        assert!(compact("# A title\n").is_err());
    }

    #[test]
    fn the_copy_is_whole_and_has_a_date() {
        let copy = paths::read(&paths::from_root(COPY)).unwrap();
        assert_eq!(copy_date(&copy).unwrap().len(), "2026-01-01".len());
        let folder = paths::from_root("target/xtask/advisories-test");
        let count = unpack(&copy, &folder).unwrap();
        // There are about 1,200; fewer would be a part.
        assert!(count > 1_000 && copy.matches("\nid = ").count() == count, "{count}");
        let known = paths::read(&folder.join("crates/time/RUSTSEC-2020-0071.md")).unwrap();
        assert!(known.contains("patched = [\">= 0.2.23\"]"), "{known}");
    }
}
