//! The pages for readers name files that exist.

use crate::workspace::{at, read};

/// Every page whose links and paths are checked.
const PAGES: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "RELEASING.md",
    "SECURITY.md",
    "bench/README.md",
    "docs/building.md",
    "docs/compatibility.md",
    "docs/glossary.md",
    "docs/limits.md",
    "docs/protocol.md",
    "docs/rest.md",
    "docs/reliability.md",
    "docs/self-hosting.md",
    "examples/README.md",
    "pkg/README.md",
    "tests/browser/README.md",
];

/// The folders with which a path in a page begins.
const FOLDERS: &[&str] =
    &["bench/", "crates/", "docs/", "examples/", "fuzz/", "pkg/", "src/", "tests/", "www/", "xtask/"];

#[test]
fn links_lead_to_files() {
    let mut missing = Vec::new();
    for page in PAGES {
        let folder = at(page).parent().unwrap().to_owned();
        for link in read(page).split("](").skip(1).filter_map(|rest| rest.split_once(')')) {
            let target = link.0.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains(':') && !folder.join(target).exists() {
                missing.push(format!("{page}: {target}"));
            }
        }
    }
    assert!(missing.is_empty(), "links to files that do not exist:\n{}", missing.join("\n"));
}

#[test]
fn paths_lead_to_files() {
    let in_path = |c: char| c.is_ascii_alphanumeric() || "_-./*{".contains(c);
    let mut missing = Vec::new();
    for page in PAGES {
        for word in read(page).split(|c| !in_path(c)) {
            let path = word.trim_end_matches(['.', '/']);
            let named = FOLDERS.iter().any(|folder| word.starts_with(folder));
            if named && !path.contains(['*', '{']) && !at(path).exists() {
                missing.push(format!("{page}: {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "paths of files that do not exist:\n{}", missing.join("\n"));
}
