//! Checks the invariants that ARCHITECTURE.md names.
#![cfg(test)]

mod circles;
mod modules;

use std::path::{Path, PathBuf};

use modules::Crate;

/// The root file of each crate whose modules must not use each other in a circle.
const ROOTS: &[&str] = &[
    "crates/protocol/src/lib.rs",
    "crates/client/src/lib.rs",
    "crates/server/src/lib.rs",
    "src/lib.rs",
    "tests/sim/src/lib.rs",
    "xtask/src/main.rs",
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The modules of a crate, below `within`, whose code names one of `words`; comments do not count.
fn modules_naming(root: &str, within: &[&str], words: &[&str]) -> Vec<String> {
    let krate = Crate::read(&workspace().join(root));
    let below = krate.files().filter(|(path, _)| path.iter().zip(within).all(|(one, other)| one == other));
    let below = below.filter(|(path, _)| path.len() >= within.len());
    let naming = below.filter(|(_, file)| {
        let text = std::fs::read_to_string(file).unwrap();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        code.flat_map(|line| line.split(|c| !is_word(c))).any(|word| words.contains(&word))
    });
    naming.map(|(path, _)| path.join("::")).collect()
}

#[test]
#[ignore = "fails until the last of the seven circles is gone"]
fn no_modules_use_each_other_in_a_circle() {
    let mut found = Vec::new();
    for root in ROOTS {
        let krate = Crate::read(&workspace().join(root));
        for circle in circles::circles(&krate.uses()) {
            let names: Vec<_> = circle.iter().map(|path| format!("crate::{}", path.join("::"))).collect();
            found.push(format!("{root}: {}", names.join(" ↔ ")));
        }
    }
    assert!(found.is_empty(), "{} circles:\n{}", found.len(), found.join("\n"));
}

#[test]
fn only_the_transport_names_gloo_net() {
    let naming = modules_naming("src/lib.rs", &[], &["gloo_net"]);
    let elsewhere: Vec<_> = naming.iter().filter(|module| !module.starts_with("transport::")).collect();
    assert!(!naming.is_empty() && elsewhere.is_empty(), "{elsewhere:?} of {naming:?}");
}

#[test]
fn the_rules_name_neither_sql_nor_sockets() {
    let words = ["rusqlite", "SqliteStore", "axum", "hyper", "tokio", "tokio_tungstenite", "tungstenite"];
    let naming = modules_naming("crates/server/src/lib.rs", &["rules"], &words);
    assert!(naming.is_empty(), "{naming:?}");
}
