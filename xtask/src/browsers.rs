//! The browsers that the tests drive: those on `PATH`, otherwise packages of Debian or Ubuntu.
//!
//! Drivers must match their browsers. chromedriver comes from the same package source as Chromium, and must
//! have the same major version; geckodriver is a crate (see [`crate::tools`]).

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::sh::{self, Run};

/// Names of the programs, the preferred one first.
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const CHROMEDRIVER: [&str; 2] = ["chromedriver", "chromium.chromedriver"];
const FIREFOX: [&str; 2] = ["firefox-esr", "firefox"];

/// The path of Chromium.
pub(crate) fn chromium() -> Result<PathBuf> {
    first_of(&CHROMIUM).ok_or_else(|| missing("Chromium"))
}

/// The path of chromedriver.
pub(crate) fn chromedriver() -> Result<PathBuf> {
    first_of(&CHROMEDRIVER).ok_or_else(|| missing("chromedriver"))
}

/// The path of Firefox.
pub(crate) fn firefox() -> Result<PathBuf> {
    first_of(&FIREFOX).ok_or_else(|| missing("Firefox"))
}

/// The path of geckodriver.
pub(crate) fn geckodriver() -> Result<PathBuf> {
    sh::find("geckodriver").ok_or_else(|| missing("geckodriver"))
}

fn first_of(names: &[&str]) -> Option<PathBuf> {
    names.iter().find_map(|name| sh::find(name))
}

fn missing(program: &str) -> anyhow::Error {
    anyhow!("{program} is not on PATH: run `cargo xtask setup`")
}

/// Installs missing browsers and drivers with apt.
pub(crate) fn install() -> Result<()> {
    let packages = packages(&std::fs::read_to_string("/etc/os-release").unwrap_or_default());
    let missing: Vec<&str> = [
        (&CHROMIUM[..], packages.chromium),
        (&CHROMEDRIVER[..], packages.chromedriver),
        (&FIREFOX[..], packages.firefox),
    ]
    .into_iter()
    .filter(|(names, _)| first_of(names).is_none())
    .map(|(_, package)| package)
    .collect();
    if !missing.is_empty() {
        apt(&missing)?;
    }
    same_major()
}

fn apt(packages: &[&str]) -> Result<()> {
    let by_hand = format!("apt-get update && apt-get install -y {}", packages.join(" "));
    if sh::find("apt-get").is_none() {
        bail!(
            "browsers for the tests are missing, and apt-get is not on PATH: install Chromium, chromedriver and Firefox ({}) and try again",
            packages.join(", ")
        );
    }
    let root = Run::new("id").arg("-u").output()?.trim() == "0";
    let apt = |args: &[&str], description: &str| -> Result<()> {
        // With -n, sudo fails instead of waiting for a password at a prompt that the log hides.
        let run = if root { Run::new("apt-get") } else { Run::new("sudo").args(["-n", "apt-get"]) };
        run.args(args).env("DEBIAN_FRONTEND", "noninteractive").quiet(description)
    };
    if !root && sh::find("sudo").is_none() {
        bail!("browsers for the tests are missing. As root, run: {by_hand}");
    }
    let failed = || format!("browsers for the tests could not be installed. As root, run: {by_hand}");
    apt(&["update"], "apt-get update").with_context(failed)?;
    let mut args = vec!["install", "-y", "--no-install-recommends"];
    args.extend(packages);
    apt(&args, &format!("apt-get install {}", packages.join(" "))).with_context(failed)
}

/// The names of the distribution's packages.
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

/// Fails if the major versions of Chromium and chromedriver differ: the errors of the driver do not name that
/// cause.
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

/// Parses the major number of the first word with a dot.
fn major(version_line: &str) -> Option<u32> {
    version_line
        .split_whitespace()
        .filter(|word| word.contains('.'))
        .find_map(|word| word.split('.').next()?.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::{major, packages};

    #[test]
    fn major_version_is_parsed_from_the_output_of_browsers_and_drivers() {
        assert_eq!(major("Chromium 156.0.8078.79 built on Debian"), Some(156));
        assert_eq!(major("ChromeDriver 156.0.8078.79 (abc-refs)"), Some(156));
        assert_eq!(major("no version"), None);
    }

    #[test]
    fn ubuntu_has_other_package_names_than_debian() {
        assert_eq!(packages("NAME=x\nID=ubuntu\n").firefox, "firefox");
        assert_eq!(packages("ID=debian\n").firefox, "firefox-esr");
    }
}
