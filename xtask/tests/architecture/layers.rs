//! The order of the layers inside the crates: a module uses only modules of lower layers.

use crate::modules::Crate;
use crate::workspace::{at, read};

/// The top-level modules of the server, the lowest layer first. Modules of one layer do not use each other.
const SERVER: &[&[&str]] = &[
    &[
        "apps",
        "clock",
        "encoding",
        "events",
        "file_links",
        "file_types",
        "http_client",
        "response",
        "revocations",
        "session_generations",
        "tcp_stream",
        "words",
    ],
    &["auth", "config", "store"],
    &["connection_limits", "fanout", "logs", "rules"],
    &["files", "rate_limits", "translation", "webhooks"],
    &["service"],
    &["state", "subscriptions"],
    &["admission"],
    &["api", "realtime"],
    &["router"],
    &["listener"],
    &["server"],
    &["in_process"],
];

/// The top-level modules of the binding, the lowest layer first.
const BINDING: &[&[&str]] = &[
    &["interop", "types"],
    &["snapshots", "transport"],
    &["driver"],
    &["live"],
    &["refs"],
    &["session"],
    &["bench"],
];

#[test]
fn server_layers() {
    check("crates/server/src/lib.rs", SERVER);
    check_page("### The server", SERVER);
}

#[test]
fn binding_layers() {
    check("src/lib.rs", BINDING);
    check_page("### The binding", BINDING);
}

fn check(root: &str, layers: &[&[&str]]) {
    let krate = Crate::read(&at(root));
    let layer = |module: &str| layers.iter().position(|layer| layer.contains(&module));
    let mut wrong = Vec::new();
    for (path, uses) in krate.uses() {
        let Some(own) = path.first() else { continue };
        let Some(lowest) = layer(own) else {
            wrong.push(format!("{own} has no layer"));
            continue;
        };
        for used in uses.iter().filter_map(|used| used.first()).filter(|used| *used != own) {
            if layer(used).is_none_or(|other| other >= lowest) {
                wrong.push(format!("{} uses {used}", path.join("::")));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{root}:\n{}", wrong.join("\n"));
}

/// Checks that the section of ARCHITECTURE.md lists each module once, and each layer before all lower ones.
fn check_page(heading: &str, layers: &[&[&str]]) {
    let page = read("ARCHITECTURE.md");
    let (_, section) = page.split_once(heading).unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with("|---"));
    let rows = rows.skip(1).take_while(|line| line.starts_with('|'));
    let cells: Vec<_> = rows.filter_map(|row| row.split('|').nth(1)).collect();
    let listed = cells.iter().flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let listed: Vec<_> = listed.map(|name| name.trim_end_matches('/')).collect();
    let layer = |module: &&str| layers.iter().position(|layer| layer.contains(module));
    let found: Vec<_> = listed.iter().map(|module| layer(module).ok_or(*module)).collect();
    assert!(found.iter().all(Result::is_ok), "{heading}: modules without a layer in {found:?}");
    assert!(
        found.is_sorted_by(|one, other| one.as_ref().ok() >= other.as_ref().ok()),
        "{heading}: {listed:?}"
    );
    assert_eq!(listed.len(), layers.concat().len(), "{heading}: {listed:?}");
}
