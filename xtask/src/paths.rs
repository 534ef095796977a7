//! Where things are, all from the workspace's root.
//!
//! Cargo's own output moves with `CARGO_TARGET_DIR`; what xtask makes (tools, tarball, logs) is always under
//! `target/`, so that the README's paths hold.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable for what it runs; the compiled-in path serves a binary started by hand.
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .filter(|path| path.ends_with("xtask"))
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    own.parent().map_or(own.clone(), Path::to_path_buf)
}

/// A path given from the root, as in `at("target/npm")`.
pub(crate) fn from_root(relative: &str) -> PathBuf {
    root().join(relative)
}

/// Where Cargo writes what it compiles.
pub(crate) fn cargo_output() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => from_root("target"),
    }
}

/// The Cargo profile of the programs that only the build runs.
pub(crate) const BUILD_TOOLS_PROFILE: &str = "build-tools";

/// The folders of the pinned programs: those of the workspace, and those that `cargo install` built.
pub(crate) fn tool_folders() -> [PathBuf; 2] {
    [cargo_output().join(BUILD_TOOLS_PROFILE), from_root("target/tools/bin")]
}

/// A path as a person at the root would type it.
pub(crate) fn display(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The text of a file, or an error that names it.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", display(path)))
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    fs::write(path, contents).with_context(|| format!("cannot write {}", display(path)))
}

/// Makes a folder and those above it.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot make the folder {}", display(path)))
}

/// Makes a folder that is certainly empty.
pub(crate) fn empty_folder(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot empty {}", display(path)))?;
    }
    make_folder(path)
}

/// Copies one file, making the folders above its new place.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        make_folder(folder)?;
    }
    fs::copy(from, to).map(drop).with_context(|| format!("cannot copy {} to {}", display(from), display(to)))
}

/// Copies a folder with all that is below it, except the entries called one of `skipped`.
pub(crate) fn copy_folder(from: &Path, to: &Path, skipped: &[&str]) -> Result<()> {
    make_folder(to)?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot list {}", display(from)))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", display(from)))?;
        let name = entry.file_name();
        if skipped.iter().any(|skip| name == *skip) {
            continue;
        }
        let target = to.join(&name);
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target, skipped)?;
        } else {
            copy(&entry.path(), &target)?;
        }
    }
    Ok(())
}

/// A JSON file, parsed.
pub(crate) fn read_json(path: &Path) -> Result<serde_json::Value> {
    serde_json::from_str(&read(path)?).with_context(|| format!("{} is not valid JSON", display(path)))
}

/// The version that the workspace's `Cargo.lock` holds for a crate.
pub(crate) fn locked_version(name: &str) -> Result<String> {
    version_in_lock(&read(&from_root("Cargo.lock"))?, name)
        .ok_or_else(|| anyhow!("Cargo.lock does not name the crate `{name}`: run `cargo metadata` once, and see whether a crate depends on it"))
}

fn version_in_lock(lock: &str, name: &str) -> Option<String> {
    let wanted = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| line.trim() != wanted);
    lines.next()?;
    let version = lines.next()?.trim().strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_in_lock;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.9\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";

    #[test]
    fn a_locked_version_is_found_by_the_whole_name() {
        assert_eq!(version_in_lock(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in_lock(LOCK, "wasm-bindgen-futures").as_deref(), Some("0.4.9"));
    }

    #[test]
    fn a_crate_that_is_not_locked_has_no_version() {
        assert_eq!(version_in_lock(LOCK, "wasm"), None);
    }
}
