//! The modules of the simulation of subscriptions.

#[path = "../../sim/src/subscriptions/actions.rs"]
mod actions;
#[path = "../../sim/src/subscriptions/bugs.rs"]
pub(crate) mod bugs;
#[path = "../../sim/src/subscriptions/checks.rs"]
mod checks;
#[path = "../../sim/src/subscriptions/client.rs"]
mod client;
#[path = "../../sim/src/subscriptions/connections.rs"]
mod connections;
#[path = "../../sim/src/subscriptions/data.rs"]
mod data;
#[path = "../../sim/src/subscriptions/ground_truth.rs"]
mod ground_truth;
#[path = "../../sim/src/subscriptions/handles.rs"]
mod handles;
#[path = "../../sim/src/subscriptions/oracle.rs"]
mod oracle;
#[path = "../../sim/src/subscriptions/pipe.rs"]
mod pipe;
#[path = "../../sim/src/subscriptions/runs.rs"]
pub(crate) mod runs;
#[path = "../../sim/src/subscriptions/server.rs"]
mod server;
