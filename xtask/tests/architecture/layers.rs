//! The order of the layers inside the crates: a module uses only modules of lower layers.

use crate::modules::Crate;
use crate::workspace::at;

/// The top-level modules of the server, the lowest layer first. Modules of one layer do not use each other.
const SERVER: &[&[&str]] = &[
    &["apps", "clock", "events", "response", "session_generations"],
    &["auth", "config", "store"],
    &["connection_limits", "fanout", "logs", "rules"],
    &["rate_limits", "service"],
    &["state", "subscriptions"],
    &["admission"],
    &["api", "realtime"],
    &["router"],
    &["listener"],
    &["server"],
];

/// The top-level modules of the binding, the lowest layer first.
const BINDING: &[&[&str]] = &[
    &["interop", "types"],
    &["snapshots", "transport"],
    &["live"],
    &["driver"],
    &["refs"],
    &["session"],
    &["bench"],
];

#[test]

fn server_layers() {
    check("crates/server/src/lib.rs", SERVER);
}

#[test]

fn binding_layers() {
    check("src/lib.rs", BINDING);
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
