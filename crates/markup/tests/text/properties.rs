//! Whatever is typed: it parses, may be sent, survives JSON, and nothing of it is lost but the marks that
//! counted.

use causerie_markup::Sender;
use causerie_protocol::content::TextNode;
use proptest::prelude::*;

use crate::along;
use crate::support::{nodes, plain};

/// What means something, alone or beside something else.
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
    "javascript:",
    "，",
    "「",
    "\u{202e}",
    "\u{7f}",
    "\0",
    "\u{2028}",
];

fn typed() -> impl Strategy<Value = String> {
    let pieces =
        prop::collection::vec(prop::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat());
    // Few kinds of character meet more often.
    let marks = "[*_~`a \n<>|:.-]{0,30}";
    prop_oneof![4 => pieces, 2 => marks, 1 => "(?s).{0,60}", 1 => any::<String>()]
}

fn nothing_is_lost(text: &str, by: Sender) {
    // That it may be sent and survives JSON is checked in there.
    let nodes = nodes(text, by);
    assert_eq!(plain(nodes.clone()), along::without_marks(text, &nodes), "{text:?}: {nodes:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn of_a_users_text_nothing_is_lost_but_the_marks(text in typed()) {
        nothing_is_lost(&text, Sender::User);
    }

    #[test]
    fn of_a_backends_text_nothing_is_lost_but_the_marks(text in typed()) {
        nothing_is_lost(&text, Sender::Backend);
    }

    #[test]
    fn what_is_in_code_stays_what_it_is(text in typed()) {
        let text = ["x", &text.replace('`', "'")].concat();
        let code = vec![TextNode::CodeSpan { text: text.clone() }];
        assert_eq!(nodes(&format!("```{text}```"), Sender::Backend), code);
    }

    #[test]
    fn words_without_marks_stay_what_they_are(text in "[a-zA-Z0-9é中 ,!?()]{0,40}") {
        // (A number long enough to be dialled is another matter.)
        prop_assume!(text.chars().filter(char::is_ascii_digit).count() < 9);
        let expected = if text.is_empty() { vec![] } else { vec![TextNode::from(text.as_str())] };
        assert_eq!(nodes(&text, Sender::User), expected);
    }
}
