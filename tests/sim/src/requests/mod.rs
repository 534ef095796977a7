//! Requests end to end: [`client`] is an engine with a program that makes requests at random, [`server`]
//! calls the real service, and [`checks`] compares the outcomes with the values that the store had, one after
//! the other.

mod checks;
mod client;
mod server;
mod tests;
