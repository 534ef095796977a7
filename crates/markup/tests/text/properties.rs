//! Properties of any text: it parses, may be sent, survives JSON, and loses nothing but the marks that
//! counted.

use causerie_markup::Sender;
use causerie_protocol::content::TextNode;
use proptest::prelude::*;

use crate::marks::FACES;
use crate::oracle::without_marks;
use crate::support::{nodes, plain};

/// Strings that have a meaning in markup, alone or next to others.
const PIECES: &[&str] = &[
    "*",
    "_",
    "~",
    "```",
    "`",
    "- ",
    "* ",
    "+ ",
    "\n",
    "\n- ",
    "\n* ",
    "\r\n",
    " ",
    "  ",
    "\t",
    "a",
    "b1",
    "é",
    "中",
    "🎉",
    "\u{301}",
    "\u{200d}",
    "\u{a0}",
    "\\",
    "/",
    ".",
    ",",
    ":",
    ";",
    "?",
    "!",
    "#",
    "@",
    "=",
    "%",
    "(",
    ")",
    "[",
    "]",
    "'",
    "\"",
    "-",
    "+",
    "<",
    ">",
    "|",
    "cat",
    ":cat:",
    ":a_b:",
    "www.",
    "example.com",
    "https://example.com",
    "https://",
    "https://example.com/a_b_",
    "http://a.b/(c)_",
    "me@example.com",
    "_me@example.com",
    "mailto:",
    "tel:",
    "+31 20 123 4567",
    "0201234567",
    "(555) 123-4567",
    "2010-2018",
    "1",
    "0",
    "<https://example.com|a *b*>",
    "<mailto:a@b.nl|c>",
    "<actionbutton:buy?a=b&c=%20d|e *f*>",
    "<actionlink:go|on>",
    "http://[::1]/",
    "例え.テスト",
    "jürgen@",
    "?x=*",
    "…",
    "^_^",
    "¯\\_(ツ)_/¯",
    "\n- a\r\n",
    "\u{ff9f}",
    "❤\u{fe0f}",
    "javascript:",
    "，",
    "「",
    "\u{202e}",
    "\u{7f}",
    "\0",
    "\u{2028}",
];

fn any_text() -> impl Strategy<Value = String> {
    let pieces =
        prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat());
    // With few kinds of character, marks are next to each other more often.
    let marks = "[*_~`a \n<>|:.-]{0,30}";
    prop_oneof![4 => pieces, 2 => marks, 1 => "(?s).{0,60}", 1 => any::<String>()]
}

/// A face that neither starts nor ends with a mark, which may be paired with a mark of another face.
fn face() -> impl Strategy<Value = &'static str> {
    let is_mark = |c: char| "*_~".contains(c);
    let inner =
        FACES.iter().copied().filter(move |face| !face.starts_with(is_mark) && !face.ends_with(is_mark));
    prop::sample::select(inner.collect::<Vec<_>>())
}

fn assert_nothing_lost(text: &str, sender: Sender) {
    // `nodes` also checks that the result may be sent and survives JSON.
    let nodes = nodes(text, sender);
    assert_eq!(plain(nodes.clone()), without_marks(text, &nodes), "{text:?}: {nodes:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_users_text_loses_only_the_marks_that_counted(text in any_text()) {
        assert_nothing_lost(&text, Sender::User);
    }

    #[test]
    fn a_backends_text_loses_only_the_marks_that_counted(text in any_text()) {
        assert_nothing_lost(&text, Sender::Backend);
    }

    #[test]
    fn faces_keep_their_marks_in_any_sentence(
        faces in prop::collection::vec((face(), "[ .,!]|( [a-z]{1,5}){1,3}[ .,!?]?"), 1..8)
    ) {
        let text: String = faces.iter().map(|(face, words)| format!("{face}{words} ")).collect();
        assert_eq!(nodes(&text, Sender::User), [TextNode::from(text.as_str())]);
    }

    #[test]
    fn text_in_code_is_unchanged(text in any_text()) {
        let text = ["x", &text.replace('`', "'")].concat();
        let code = vec![TextNode::CodeSpan { text: text.clone() }];
        assert_eq!(nodes(&format!("```{text}```"), Sender::Backend), code);
    }

    #[test]
    fn text_without_marks_is_unchanged(text in "[a-zA-Z0-9é中 ,!?()]{0,40}") {
        // Numbers with more digits may become phone links.
        prop_assume!(text.chars().filter(char::is_ascii_digit).count() < 9);
        let expected = if text.is_empty() { vec![] } else { vec![TextNode::from(text.as_str())] };
        assert_eq!(nodes(&text, Sender::User), expected);
    }
}
