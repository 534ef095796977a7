//! Parses and checks the content of messages. Only the server uses it, so that its tables and parsers are not
//! part of the browser's download.
//!
//! - [`parse`] turns a text with markup into content blocks.
//! - [`check_content`] checks content blocks that a client or a backend sent.
//! - [`plaintext`] renders content blocks as plain text.
//! - [`emoji::normalize`] checks the emoji of a reaction and returns its one canonical form.

mod check;
mod code;
pub mod emoji;
mod found;
mod inline;
mod labelled;
mod link_target;
mod marks;
mod pairs;
mod parse;
mod phone;
mod plaintext;
mod sender;
mod text;
mod tokens;
mod web;
mod words;

pub use check::{check_content, check_file_token};
pub use parse::parse;
pub use plaintext::plaintext;
pub use sender::Sender;
