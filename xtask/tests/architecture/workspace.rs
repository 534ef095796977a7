//! Reads what the invariants are about: manifests, sources and pages of the workspace.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::modules::Crate;

/// A path from the workspace's root.
pub(crate) fn at(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(relative)
}

pub(crate) fn read(relative: &str) -> String {
    std::fs::read_to_string(at(relative)).unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// The names in one table of a manifest, such as `[dependencies]`.
pub(crate) fn manifest_table(manifest: &str, table: &str) -> BTreeSet<String> {
    let text = read(manifest);
    let lines = text.lines().skip_while(|line| line.trim() != format!("[{table}]")).skip(1);
    let entries = lines.take_while(|line| !line.starts_with('['));
    let names =
        entries.filter_map(|line| line.split_once(['=', '.']).map(|(name, _)| name.trim().to_owned()));
    names.filter(|name| !name.starts_with('#')).collect()
}

/// The modules of a crate, in and below the module `within`, whose code names one of `words`. Comments do not
/// count.
pub(crate) fn modules_naming(root: &str, within: &[&str], words: &[&str]) -> Vec<String> {
    let krate = Crate::read(&at(root));
    let below = krate.files().filter(|(path, _)| {
        path.len() >= within.len() && path.iter().zip(within).all(|(segment, wanted)| segment == wanted)
    });
    let below: Vec<_> = below.collect();
    assert!(!below.is_empty(), "{root} has no module {within:?}");
    let naming = below.into_iter().filter(|(_, file)| {
        let text = std::fs::read_to_string(file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        code.flat_map(|line| line.split(|c| !is_word(c))).any(|word| words.contains(&word))
    });
    naming.map(|(path, _)| path.join("::")).collect()
}

#[test]
fn a_manifest_table_ends_at_the_next_table() {
    let dependencies = manifest_table("xtask/Cargo.toml", "dependencies");
    assert!(dependencies.contains("anyhow") && !dependencies.contains("syn"), "{dependencies:?}");
}
