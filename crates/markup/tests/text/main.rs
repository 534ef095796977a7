//! The tests of content, markup and reactions. They are one program, because linking is most of their cost.
#![cfg(test)]

mod content;
mod emoji;
mod links;
mod marks;
mod oracle;
mod properties;
mod speed;
mod support;
