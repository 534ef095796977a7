//! Paths from the workspace's root, and reading and writing files with errors that name them.
//!
//! The output of Cargo follows `CARGO_TARGET_DIR`. The output of xtask (tools, tarball, logs) is always under
//! `target/`, as the README describes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable for `cargo run`; the compiled-in path is for a binary that is started directly.
    let manifest_folder = std::env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .filter(|path| path.ends_with("xtask"))
        .unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    manifest_folder.parent().map_or(manifest_folder.clone(), Path::to_path_buf)
}

/// Returns the absolute path of a path from the root, as in `from_root("target/npm")`.
pub(crate) fn from_root(relative: &str) -> PathBuf {
    root().join(relative)
}

/// The folder into which Cargo compiles.
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

/// Formats a path relative to the root.
pub(crate) fn display(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// Reads a text file.
pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", display(path)))
}

/// Writes a file, and creates its parent folders.
pub(crate) fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    fs::write(path, contents).with_context(|| format!("cannot write {}", display(path)))
}

/// Creates a folder and its parents.
pub(crate) fn make_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).with_context(|| format!("cannot create the folder {}", display(path)))
}

/// Creates an empty folder, deleting what is there.
pub(crate) fn empty_folder(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot empty {}", display(path)))?;
    }
    make_folder(path)
}

/// Copies one file, and creates the parent folders of the copy.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        make_folder(folder)?;
    }
    fs::copy(from, to).map(drop).with_context(|| format!("cannot copy {} to {}", display(from), display(to)))
}

/// Copies a folder recursively, except entries with a name in `skipped`.
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

/// Reads and parses a JSON file.
pub(crate) fn read_json(path: &Path) -> Result<serde_json::Value> {
    serde_json::from_str(&read(path)?).with_context(|| format!("{} is not valid JSON", display(path)))
}

/// Returns the version of a crate in the workspace's `Cargo.lock`.
pub(crate) fn locked_version(name: &str) -> Result<String> {
    version_in_lock(&read(&from_root("Cargo.lock"))?, name)
        .ok_or_else(|| anyhow!("Cargo.lock: no crate `{name}`: run `cargo metadata`, and check that a crate of the workspace depends on it"))
}

fn version_in_lock(lock: &str, name: &str) -> Option<String> {
    let name_line = format!("name = \"{name}\"");
    let mut lines = lock.lines().skip_while(|line| line.trim() != name_line);
    lines.next()?;
    let version = lines.next()?.trim().strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_in_lock;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.9\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";

    #[test]
    fn locked_version_is_found_by_the_exact_name() {
        assert_eq!(version_in_lock(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in_lock(LOCK, "wasm-bindgen-futures").as_deref(), Some("0.4.9"));
    }

    #[test]
    fn crate_that_is_not_locked_has_no_version() {
        assert_eq!(version_in_lock(LOCK, "wasm"), None);
    }
}
