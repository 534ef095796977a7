//! Node and npm: checks the version of Node, installs packages by lock file, and installs our tarball.
//!
//! Each folder that uses npm has its own `package.json`, `package-lock.json` and `.npmrc`. The lock files
//! contain no registry address (`omit-lockfile-registry-resolved`), so that they work with any mirror.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result, anyhow, bail};

use crate::paths;
use crate::sh::{self, Run};

/// The minimum version of Node, major and minor. Vite 8 requires it.
const NODE: (u32, u32) = (20, 19);

/// The folders with a `package-lock.json`, besides those of [`example_folders`].
const FOLDERS: [&str; 8] = [
    "xtask/npm",
    "www",
    "tests/live",
    "tests/types",
    "tests/e2e",
    "tests/packaging",
    "bench",
    "tests/clients",
];

/// Fails if Node or npm is missing, or Node is older than [`NODE`].
pub(crate) fn check_node() -> Result<()> {
    let (least, minor) = NODE;
    let fix = format!("install Node {least}.{minor} or newer (https://nodejs.org) and try again");
    if sh::find("node").is_none() || sh::find("npm").is_none() {
        bail!("`node` or `npm` is not on PATH: {fix}");
    }
    let version = Run::new("node").arg("--version").output()?;
    match version_of(&version) {
        Some(found) if found >= NODE => Ok(()),
        _ => bail!("Node {} is too old, minimum {least}.{minor}: {fix}", version.trim()),
    }
}

/// Parses the major and minor number from the output of `node --version`.
fn version_of(printed: &str) -> Option<(u32, u32)> {
    let mut numbers = printed.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// `npm ci` in every folder that has a lock file.
pub(crate) fn install_all() -> Result<()> {
    for folder in FOLDERS.iter().map(ToString::to_string).chain(example_folders()?) {
        install(&folder)?;
    }
    Ok(())
}

/// The folders of `examples/` with a `package.json`, in alphabetical order, as paths from the root.
pub(crate) fn example_folders() -> Result<Vec<String>> {
    let entries = fs::read_dir(paths::from_root("examples")).context("cannot list examples/")?;
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.context("cannot list examples/")?;
        if entry.path().join("package.json").is_file() {
            folders.push(format!("examples/{}", entry.file_name().to_string_lossy()));
        }
    }
    folders.sort();
    Ok(folders)
}

/// `npm ci` in one folder, unless the installed packages are newer than the lock file.
pub(crate) fn install(folder: &str) -> Result<()> {
    let at = paths::from_root(folder);
    let lock = at.join("package-lock.json");
    if !lock.exists() {
        bail!("{folder}/package-lock.json is missing: run `npm install` in {folder} and commit the file");
    }
    check_no_registry(&paths::read(&lock)?).map_err(|url| {
        anyhow!("{folder}/package-lock.json contains a registry address ({url}): put `omit-lockfile-registry-resolved=true` in {folder}/.npmrc and run `npm install` again")
    })?;
    // npm writes this file last, so it exists only after a successful install.
    if changed(&at.join("node_modules/.package-lock.json")) > changed(&lock) {
        return Ok(());
    }
    Run::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--prefer-offline"])
        .current_dir(&at)
        .quiet(&format!("npm packages of {folder}"))
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

/// Fails with the first line of a lock file that contains the address of a registry.
fn check_no_registry(lock: &str) -> Result<(), String> {
    let found = lock.lines().find(|line| line.contains("\"resolved\": \"http"));
    match found {
        Some(line) => Err(line.trim().to_owned()),
        None => Ok(()),
    }
}

/// Runs `npm install <tarball>` in a folder as a user does, without changing the folder's `package.json` or
/// lock file.
pub(crate) fn install_tarball(folder: &str, tarball: &Path) -> Result<()> {
    install(folder)?;
    let at = paths::from_root(folder);
    // npm does not replace an installed package of the same name and version.
    let old = at.join("node_modules/causerie");
    if old.exists() {
        fs::remove_dir_all(&old).with_context(|| format!("cannot remove {}", paths::display(&old)))?;
    }
    Run::new("npm")
        .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefer-offline"])
        .arg(tarball)
        .current_dir(&at)
        .quiet(&format!("the tarball into {folder}"))?;
    if !old.join("package.json").exists() {
        bail!("npm succeeded, but {} does not exist", paths::display(&old));
    }
    Ok(())
}

/// Prepares `npm run <script>` in a folder.
pub(crate) fn script(folder: &str, script: &str) -> Result<Run> {
    if !has_script(folder, script)? {
        bail!("{folder}/package.json has no script `{script}`");
    }
    Ok(Run::new("npm").args(["run", "--silent", script]).current_dir(&paths::from_root(folder)))
}

/// Whether a folder's `package.json` has a script of that name.
pub(crate) fn has_script(folder: &str, script: &str) -> Result<bool> {
    let package = paths::read_json(&paths::from_root(folder).join("package.json"))?;
    Ok(package.get("scripts").and_then(|all| all.get(script)).is_some())
}

/// Prepares a program of the build tools in `xtask/npm`.
pub(crate) fn tool(name: &str) -> Result<Run> {
    let path = tool_path(name);
    if !path.exists() {
        bail!("`{name}` is not installed: run `cargo xtask setup`");
    }
    Ok(Run::new(path))
}

fn tool_path(name: &str) -> PathBuf {
    paths::from_root("xtask/npm/node_modules/.bin").join(name)
}

#[cfg(test)]
mod tests {
    use super::{NODE, check_no_registry, version_of};

    #[test]
    fn node_versions_are_compared_as_numbers() {
        assert_eq!(version_of("v20.20.2\n"), Some((20, 20)));
        assert!(version_of("v20.9.0").is_some_and(|found| found < NODE));
        assert!(version_of("v22.0.0").is_some_and(|found| found >= NODE));
        assert_eq!(version_of("not a version"), None);
    }

    #[test]
    fn lock_file_with_a_registry_address_fails() {
        let lock = "{\n  \"resolved\": \"https://example.org/a.tgz\",\n}";
        assert!(check_no_registry(lock).is_err());
        assert!(check_no_registry("{\n  \"version\": \"1.0.0\"\n}").is_ok());
    }
}
