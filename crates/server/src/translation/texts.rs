//! The texts of content that are translated, and their replacement.

use causerie_protocol::content::{ContentBlock, TextNode};

/// Returns the texts of the blocks that have a letter, without the white space around each.
pub(super) fn of(blocks: &mut [ContentBlock]) -> Vec<String> {
    let mut texts = Vec::new();
    visit_blocks(blocks, &mut |text| texts.push(text.trim().to_owned()));
    texts
}

/// Replaces the texts that [`of`] returned, in the same order.
pub(super) fn replace(blocks: &mut [ContentBlock], translated: Vec<String>) {
    let mut translated = translated.into_iter();
    visit_blocks(blocks, &mut |text| {
        let Some(new) = translated.next() else { return };
        let start = text.len() - text.trim_start().len();
        let end = text.trim_end().len();
        *text = [text.get(..start), Some(new.trim()), text.get(end..)].into_iter().flatten().collect();
    });
}

fn visit_blocks(blocks: &mut [ContentBlock], visit: &mut impl FnMut(&mut String)) {
    for block in blocks {
        if let ContentBlock::Text { children } = block {
            visit_nodes(children, visit);
        }
    }
}

/// Visits the plain texts. Code, addresses, mentions and emoji mean the same in all languages.
fn visit_nodes(nodes: &mut [TextNode], visit: &mut impl FnMut(&mut String)) {
    for node in nodes {
        match node {
            TextNode::Plain(text) if text.chars().any(char::is_alphabetic) => visit(text),
            TextNode::Bold { children }
            | TextNode::Italic { children }
            | TextNode::Strikethrough { children }
            | TextNode::BulletList { children }
            | TextNode::BulletPoint { children }
            | TextNode::Link { children, .. }
            | TextNode::ActionLink { children, .. }
            | TextNode::ActionButton { children, .. } => visit_nodes(children, visit),
            TextNode::Unknown(node) => visit_nodes(node.children.as_deref_mut().unwrap_or_default(), visit),
            TextNode::Plain(_)
            | TextNode::CodeSpan { .. }
            | TextNode::AutoLink { .. }
            | TextNode::CustomEmoji { .. }
            | TextNode::Mention { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use causerie_markup::{Sender, parse, plaintext};

    use super::*;

    #[test]
    fn each_text_is_replaced_and_the_marks_white_space_and_addresses_stay() {
        let mut blocks = parse("Hi *dear Bob* , see https://a.test 123\n- :tea: or `coffee`", Sender::User);
        let before = plaintext(&blocks);
        let texts = of(&mut blocks);
        assert_eq!(texts.first().map(String::as_str), Some("Hi"));
        assert!(texts.iter().all(|text| text.trim() == text && !text.contains("a.test")), "{texts:?}");
        let marked = texts.iter().map(|text| format!(" [{text}]\n")).collect();
        replace(&mut blocks, marked);
        let after = plaintext(&blocks);
        assert_eq!(after.replace(['[', ']'], ""), before, "{after}");
        assert!(after.starts_with("[Hi] [dear Bob] [, see] https://a.test 123"), "{after}");
    }

    #[test]
    fn content_without_letters_has_no_texts() {
        assert_eq!(of(&mut parse("123 :tea: …", Sender::User)), [] as [&str; 0]);
        assert_eq!(of(&mut [ContentBlock::Location { latitude: 1.0, longitude: 2.0 }]), [] as [&str; 0]);
    }
}
