//! Checks the invariants that ARCHITECTURE.md names: one test for each, of the same name.
#![cfg(test)]

mod circles;
mod invariants;
mod javascript;
mod layers;
mod modules;
mod pages;
mod reliability;
mod workspace;
