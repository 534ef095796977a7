//! Any text a person may type, and any content a program may send. Of a text nothing is lost but the marks
//! that counted, and what comes of it may be sent and read again; content is refused with a short error, or
//! has its plain text.
#![no_main]

use causerie_markup::{Sender, check_content, emoji, parse, plaintext};
use causerie_protocol::content::ContentBlock;
use causerie_protocol::limits::TEXT_CHARS;
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/markup/tests/text/along.rs"]
mod along;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for by in [Sender::User, Sender::Backend] {
        typed(text, by);
    }
    sent(text);
    if let Ok(normal) = emoji::normalize(text) {
        assert_eq!(emoji::normalize(&normal), Ok(normal), "{text:?}");
    }
});

fn typed(text: &str, by: Sender) {
    let blocks = parse(text, by);
    let [ContentBlock::Text { children }] = blocks.as_slice() else { panic!("{text:?}: {blocks:?}") };
    assert_eq!(plaintext(&blocks), along::without_marks(text, children), "{text:?}: {blocks:?}");
    if !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS {
        check_content(&blocks, by).unwrap_or_else(|error| panic!("{text:?}: {error}: {blocks:?}"));
    }
    same_again(&blocks);
}

fn sent(text: &str) {
    let Ok(blocks) = serde_json::from_str::<Vec<ContentBlock>>(text) else { return };
    same_again(&blocks);
    let _ = plaintext(&blocks);
    for by in [Sender::User, Sender::Backend] {
        if let Err(error) = check_content(&blocks, by) {
            assert!((8..1_500).contains(&error.message.len()), "{} bytes: {error:?}", error.message.len());
        }
    }
}

fn same_again(blocks: &[ContentBlock]) {
    let json = serde_json::to_string(blocks).expect("content is always JSON");
    let read: Vec<ContentBlock> =
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
    assert_eq!(read, blocks, "{json}");
}
