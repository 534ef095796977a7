//! The tests of conversation filters.
#![cfg(test)]

mod matching;
mod reading;
