//! The engine on its own, natively and under virtual time: what it does on every arrow of its picture, and what it
//! promises to whoever made a request.
#![cfg(test)]

mod cut_subscriptions;
mod cuts;
mod ending;
mod losing;
mod machine;
mod opening;
mod resuming;
mod subscribing;
mod support;
mod timing_out;
mod tokens;
mod twin;
mod without_socket;
