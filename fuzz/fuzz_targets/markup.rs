//! Any text that a user may type, and any content that a client may send. Parsing loses nothing but the marks
//! that counted, and its result may be sent and decoded again. Content either has a plain text or is rejected
//! with a short error.
#![no_main]

use causerie_markup::{Sender, check_content, emoji, parse, plaintext};
use causerie_protocol::content::ContentBlock;
use causerie_protocol::limits::TEXT_CHARS;
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/markup/tests/text/oracle.rs"]
mod oracle;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for sender in [Sender::User, Sender::Backend] {
        parse_text(text, sender);
    }
    check_json(text);
    if let Ok(normal) = emoji::normalize(text) {
        assert_eq!(emoji::normalize(&normal), Ok(normal), "{text:?}");
    }
});

fn parse_text(text: &str, sender: Sender) {
    let blocks = parse(text, sender);
    let [ContentBlock::Text { children }] = blocks.as_slice() else { panic!("{text:?}: {blocks:?}") };
    assert_eq!(plaintext(&blocks), oracle::without_marks(text, children), "{text:?}: {blocks:?}");
    if !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS {
        check_content(&blocks, sender).unwrap_or_else(|error| panic!("{text:?}: {error}: {blocks:?}"));
    }
    assert_survives_json(&blocks);
}

fn check_json(text: &str) {
    let Ok(blocks) = serde_json::from_str::<Vec<ContentBlock>>(text) else { return };
    assert_survives_json(&blocks);
    let _ = plaintext(&blocks);
    for sender in [Sender::User, Sender::Backend] {
        if let Err(error) = check_content(&blocks, sender) {
            assert!((8..1_500).contains(&error.message.len()), "{} bytes: {error:?}", error.message.len());
        }
    }
}

fn assert_survives_json(blocks: &[ContentBlock]) {
    let json = serde_json::to_string(blocks).expect("content is always JSON");
    let decoded: Vec<ContentBlock> =
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
    assert_eq!(decoded, blocks, "{json}");
}
