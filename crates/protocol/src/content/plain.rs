//! The plain text that blocks come to: what is searched, what a notification shows, and what is left of a message
//! where nothing can be formatted. It loses no character but the marks.

use super::{ContentBlock, TextNode};

/// What the blocks say, without formatting. A point of a list stands on a line of its own behind `- `; a location is
/// its two numbers; a file its name.
#[must_use]
pub fn plaintext(blocks: &[ContentBlock]) -> String {
    let mut text = String::new();
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        match block {
            ContentBlock::Text { children } => {
                let mut writer = Writer { text: &mut text, ended: false };
                writer.nodes(children);
            }
            ContentBlock::Location { latitude, longitude } => {
                text.push_str(&[latitude.to_string(), longitude.to_string()].join(", "));
            }
            ContentBlock::File(file) => text.push_str(file.filename.as_deref().unwrap_or_default()),
        }
    }
    text
}

struct Writer<'a> {
    text: &'a mut String,
    /// A point of a list has ended, so that whatever follows begins on a new line.
    ended: bool,
}

impl Writer<'_> {
    fn nodes(&mut self, nodes: &[TextNode]) {
        for node in nodes {
            match node {
                TextNode::BulletPoint { children } => {
                    let begun = self.text.is_empty() || self.text.ends_with('\n');
                    if std::mem::take(&mut self.ended) || !begun {
                        self.text.push('\n');
                    }
                    self.text.push_str("- ");
                    self.nodes(children);
                    self.ended = true;
                }
                node => {
                    if let Some(text) = node.text() {
                        self.add(text);
                    }
                    if let Some(children) = node.children() {
                        self.nodes(children);
                    }
                }
            }
        }
    }

    fn add(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if std::mem::take(&mut self.ended) {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }
}
