//! The tests of what people write: content, markup, reactions. One program, because linking is most of their
//! cost.
#![cfg(test)]

mod along;
mod content;
mod emoji;
mod links;
mod marks;
mod properties;
mod speed;
mod support;
