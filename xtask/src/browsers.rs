//! The browsers the tests drive: whatever the machine has, else Debian's packages.
//!
//! The drivers must match: chromedriver comes from the same package source as Chromium, and is checked to be of
//! the same major version; geckodriver is a crate (see [`crate::tools`]).

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::sh::{self, Run};

/// Names under which Chromium, its driver and Firefox are found, best first.
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const CHROMEDRIVER: [&str; 2] = ["chromedriver", "chromium.chromedriver"];
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];

/// Chromium's path, for what drives it.
pub(crate) fn chromium() -> Result<PathBuf> {
    first_of(&CHROMIUM).ok_or_else(|| missing("Chromium"))
}

/// The path of Chromium's driver.
pub(crate) fn chromedriver() -> Result<PathBuf> {
    first_of(&CHROMEDRIVER).ok_or_else(|| missing("chromedriver"))
}

/// The path of geckodriver.
pub(crate) fn geckodriver() -> Result<PathBuf> {
    sh::find("geckodriver").ok_or_else(|| missing("geckodriver"))
}

fn first_of(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| sh::find(name))
}

fn missing(what: &str) -> anyhow::Error {
    anyhow!("{what} is not on PATH: run `cargo xtask setup`")
}

/// Installs by apt what is missing.
pub(crate) fn install() -> Result<()> {
    let packages = packages(&std::fs::read_to_string("/etc/os-release").unwrap_or_default());
    let wanted: Vec<&str> = [
        (&CHROMIUM[..], packages.chromium),
        (&CHROMEDRIVER[..], packages.chromedriver),
        (&FIREFOX[..], packages.firefox),
    ]
    .into_iter()
    .filter(|(names, _)| first_of(names).is_none())
    .map(|(_, package)| package)
    .collect();
    if !wanted.is_empty() {
        apt(&wanted)?;
    }
    same_major()
}

fn apt(wanted: &[&str]) -> Result<()> {
    let by_hand = format!("apt-get update && apt-get install -y {}", wanted.join(" "));
    if sh::find("apt-get").is_none() {
        bail!(
            "browsers for the tests are missing, and there is no apt-get here to install them: install Chromium, chromedriver and Firefox ({}) and try again",
            wanted.join(", ")
        );
    }
    let root = Run::new("id").arg("-u").output()?.trim() == "0";
    let apt = |args: &[&str], doing: &str| -> Result<()> {
        // With -n sudo fails at once instead of waiting for a password that nobody sees it ask for.
        let run = if root { Run::new("apt-get") } else { Run::new("sudo").args(["-n", "apt-get"]) };
        run.args(args).env("DEBIAN_FRONTEND", "noninteractive").quiet(doing)
    };
    if !root && sh::find("sudo").is_none() {
        bail!("browsers for the tests are missing. As root, run: {by_hand}");
    }
    let failed = || format!("browsers for the tests could not be installed. As root, run: {by_hand}");
    apt(&["update"], "apt-get update").with_context(failed)?;
    let mut args = vec!["install", "-y", "--no-install-recommends"];
    args.extend(wanted);
    apt(&args, &format!("apt-get install {}", wanted.join(" "))).with_context(failed)
}

/// What the three are called by the distribution's packages.
struct Packages {
    chromium: &'static str,
    chromedriver: &'static str,
    firefox: &'static str,
}

fn packages(os_release: &str) -> Packages {
    if os_release.lines().any(|line| line == "ID=ubuntu") {
        Packages { chromium: "chromium-browser", chromedriver: "chromium-chromedriver", firefox: "firefox" }
    } else {
        Packages { chromium: "chromium", chromedriver: "chromium-driver", firefox: "firefox-esr" }
    }
}

/// A driver of another major version fails with errors that name everything but the cause.
fn same_major() -> Result<()> {
    let browser = Run::new(chromium()?).arg("--version").output()?;
    let driver = Run::new(chromedriver()?).arg("--version").output()?;
    match (major(&browser), major(&driver)) {
        (Some(one), Some(other)) if one == other => Ok(()),
        _ => bail!(
            "Chromium and chromedriver differ in version (`{}`, `{}`): install both from the same source",
            browser.trim(),
            driver.trim()
        ),
    }
}

/// The major number of the first word that looks like a version.
fn major(output: &str) -> Option<u32> {
    output
        .split_whitespace()
        .filter(|word| word.contains('.'))
        .find_map(|word| word.split('.').next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{major, packages};

    #[test]
    fn the_major_version_is_found_in_what_browsers_and_drivers_print() {
        assert_eq!(major("Chromium 156.0.8078.79 built on Debian"), Some(156));
        assert_eq!(major("ChromeDriver 156.0.8078.79 (abc-refs)"), Some(156));
        assert_eq!(major("no version"), None);
    }

    #[test]
    fn ubuntu_calls_its_packages_by_other_names() {
        assert_eq!(packages("NAME=x\nID=ubuntu\n").firefox, "firefox");
        assert_eq!(packages("ID=debian\n").firefox, "firefox-esr");
    }
}
