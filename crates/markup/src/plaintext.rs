//! Renders content as plain text, for search, notifications, and clients without formatting.

use causerie_protocol::content::{ContentBlock, TextNode};

/// Returns the plain text of the blocks. A point of a list is a line of its own that starts with `- `; a
/// location is its two numbers; a file is its name. All other characters of the text are kept.
///
/// ```
/// use causerie_markup::{Sender, parse, plaintext};
///
/// assert_eq!(plaintext(&parse("To do:\n* *tea*\n* cake", Sender::User)), "To do:\n- tea\n- cake");
/// ```
#[must_use]
pub fn plaintext(blocks: &[ContentBlock]) -> String {
    let mut text = String::new();
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        match block {
            ContentBlock::Text { children } => {
                let mut writer = Writer { text: &mut text, point_ended: false };
                writer.push_nodes(children);
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
    /// Whether a point of a list has just ended, so that the next text starts on a new line.
    point_ended: bool,
}

impl Writer<'_> {
    fn push_nodes(&mut self, nodes: &[TextNode]) {
        for node in nodes {
            match node {
                TextNode::BulletPoint { children } => {
                    let at_line_start = self.text.is_empty() || self.text.ends_with('\n');
                    if std::mem::take(&mut self.point_ended) || !at_line_start {
                        self.text.push('\n');
                    }
                    self.text.push_str("- ");
                    self.push_nodes(children);
                    self.point_ended = true;
                }
                node => {
                    if let Some(text) = node.text() {
                        self.push_text(text);
                    }
                    if let Some(children) = node.children() {
                        self.push_nodes(children);
                    }
                }
            }
        }
    }

    fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if std::mem::take(&mut self.point_ended) {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }
}
