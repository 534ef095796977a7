//! The invariants. A test is named after its paragraph in ARCHITECTURE.md: `one-way-crates` is
//! `one_way_crates`.

use std::collections::BTreeSet;

use crate::circles::circles;
use crate::javascript::{lines_of_code, without_generated};
use crate::modules::Crate;
use crate::workspace::{at, manifest_table, modules_naming, read};

/// The root file of each crate whose modules must not use each other in a circle.
const ROOTS: &[&str] = &[
    "crates/protocol/src/lib.rs",
    "crates/markup/src/lib.rs",
    "crates/client/src/lib.rs",
    "crates/server/src/lib.rs",
    "src/lib.rs",
    "tests/sim/src/lib.rs",
    "xtask/src/main.rs",
];

/// Each crate of the product with those that it may depend on.
const CRATES: &[(&str, &[&str])] = &[
    ("crates/protocol/Cargo.toml", &[]),
    ("crates/markup/Cargo.toml", &["causerie-protocol"]),
    ("crates/client/Cargo.toml", &["causerie-protocol"]),
    ("crates/server/Cargo.toml", &["causerie-protocol", "causerie-markup"]),
    ("Cargo.toml", &["causerie-protocol", "causerie-client"]),
];

#[test]
fn one_way_crates() {
    for (manifest, allowed) in CRATES {
        let dependencies = manifest_table(manifest, "dependencies");
        let ours = dependencies.iter().filter(|name| name.starts_with("causerie"));
        let wrong: Vec<_> = ours.filter(|name| !allowed.contains(&name.as_str())).collect();
        assert!(wrong.is_empty(), "{manifest} must not depend on {wrong:?}");
    }
}

#[test]
fn no_circles() {
    let mut found = Vec::new();
    for root in ROOTS {
        for circle in circles(&Crate::read(&at(root)).uses()) {
            let names: Vec<_> = circle.iter().map(|path| format!("crate::{}", path.join("::"))).collect();
            found.push(format!("{root}: {}", names.join(" ↔ ")));
        }
    }
    assert!(found.is_empty(), "{} circles:\n{}", found.len(), found.join("\n"));
}

#[test]
fn engine_without_io() {
    let words = [
        "Instant",
        "SystemTime",
        "getrandom",
        "rand",
        "tokio",
        "net",
        "fs",
        "wasm_bindgen",
        "js_sys",
        "web_sys",
    ];
    for root in ["crates/client/src/lib.rs", "crates/protocol/src/lib.rs"] {
        let naming = modules_naming(root, &[], &words);
        assert!(naming.is_empty(), "{root}: {naming:?}");
    }
}

/// The files of the client that are JavaScript because Rust cannot express them as well.
const JAVASCRIPT: &[&str] =
    &["src/driver/handle.js", "src/snapshots/values.js", "src/snapshots/snapshots.js"];

#[test]
fn little_javascript() {
    let written = JAVASCRIPT.iter().map(|path| lines_of_code(&without_generated(&read(path))));
    let count: usize = written.sum();
    assert!(count < 150, "{count} lines of code are written by hand in {JAVASCRIPT:?}");
}

#[test]
fn gloo_net_in_transport_only() {
    let naming = modules_naming("src/lib.rs", &[], &["gloo_net"]);
    let elsewhere: Vec<_> = naming.iter().filter(|module| !module.starts_with("transport::")).collect();
    assert!(!naming.is_empty() && elsewhere.is_empty(), "{elsewhere:?} of {naming:?}");
}

#[test]
fn rules_without_sql_and_sockets() {
    let words = ["rusqlite", "SqliteStore", "axum", "hyper", "tokio", "tokio_tungstenite", "tungstenite"];
    let naming = modules_naming("crates/server/src/lib.rs", &["rules"], &words);
    assert!(naming.is_empty(), "{naming:?}");
}

#[test]
fn subscriptions_without_sockets() {
    let words = ["axum", "hyper", "tokio_tungstenite", "tungstenite", "WebSocket", "rusqlite"];
    let naming = modules_naming("crates/server/src/lib.rs", &["subscriptions"], &words);
    assert!(naming.is_empty(), "{naming:?}");
}

#[test]
fn sqlite_behind_the_store() {
    let naming = modules_naming("crates/server/src/lib.rs", &[], &["rusqlite"]);
    let elsewhere: Vec<_> = naming.iter().filter(|module| !module.starts_with("store::sqlite")).collect();
    assert!(!naming.is_empty() && elsewhere.is_empty(), "{elsewhere:?} of {naming:?}");
}

#[test]
fn no_reachable_panic() {
    let manifest = read("Cargo.toml");
    for lint in ["unwrap_used", "expect_used", "indexing_slicing", "panic"] {
        assert!(manifest.contains(&format!("\n{lint} = \"deny\"\n")), "{lint} must be denied in Cargo.toml");
    }
    for (manifest, _) in CRATES {
        assert!(
            manifest_table(manifest, "lints").contains("workspace"),
            "{manifest} must use the workspace's lints"
        );
    }
}

/// Every invariant on the page has a test, and every test here a paragraph on the page.
#[test]
fn every_invariant_has_a_test() {
    let page = read("ARCHITECTURE.md");
    let named: BTreeSet<_> = page
        .split("**Invariant (")
        .skip(1)
        .filter_map(|rest| Some(rest.split_once(')')?.0.replace('-', "_")))
        .collect();
    let own =
        [read("xtask/tests/architecture/invariants.rs"), read("xtask/tests/architecture/layers.rs")].concat();
    let tests: BTreeSet<_> = own
        .split("#[test]\n")
        .skip(1)
        .map(|rest| rest.split_once("fn ").map_or(rest, |(_, name)| name))
        .filter_map(|rest| Some(rest.split_once('(')?.0.to_owned()))
        .filter(|name| name != "every_invariant_has_a_test")
        .collect();
    assert_eq!(named, tests);
}
