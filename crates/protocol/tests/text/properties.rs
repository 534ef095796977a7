//! Whatever is typed: it parses, may be sent, survives JSON, and nothing of it is lost but the marks that counted.

use causerie_protocol::content::{Sender, TextNode};
use proptest::prelude::*;

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

/// Goes through a text along the nodes that came of it, and says what it must be without its marks. It knows nothing
/// of when a mark counts, only what each looks like.
struct Along<'t> {
    rest: &'t str,
    plain: String,
}

impl Along<'_> {
    fn mark(&mut self, mark: &str) {
        self.rest =
            self.rest.strip_prefix(mark).unwrap_or_else(|| panic!("no {mark:?} before {:?}", self.rest));
    }

    fn said(&mut self, text: &str) {
        self.mark(text);
        self.plain.push_str(text);
    }

    fn between(&mut self, open: &str, children: &[TextNode], close: &str) {
        self.mark(open);
        self.nodes(children, false);
        self.mark(close);
    }

    fn nodes(&mut self, nodes: &[TextNode], whole: bool) {
        for (index, node) in nodes.iter().enumerate() {
            match node {
                TextNode::Plain(text) => self.said(text),
                TextNode::Bold { children } => self.between("*", children, "*"),
                TextNode::Italic { children } => self.between("_", children, "_"),
                TextNode::Strikethrough { children } => self.between("~", children, "~"),
                TextNode::CodeSpan { text } => {
                    self.mark("```");
                    self.said(text);
                    self.mark("```");
                }
                TextNode::AutoLink { text, .. } | TextNode::CustomEmoji { text } => self.said(text),
                TextNode::Link { url, children } => {
                    self.mark("<");
                    self.mark(url);
                    self.between("|", children, ">");
                }
                TextNode::BulletList { children } => {
                    assert!(whole, "a list within something");
                    let last = index + 1 == nodes.len();
                    self.list(children, last);
                }
                other => panic!("no text becomes {other:?}"),
            }
        }
    }

    fn list(&mut self, points: &[TextNode], last: bool) {
        assert!(!points.is_empty());
        assert!(self.plain.is_empty() || self.plain.ends_with('\n'), "a list begins a line");
        for (index, point) in points.iter().enumerate() {
            let TextNode::BulletPoint { children } = point else { panic!("{point:?} in a list") };
            let sign = self.rest.get(..1).unwrap_or_default().to_owned();
            assert!(["-", "*", "+"].contains(&sign.as_str()), "{:?} begins no bullet", self.rest);
            self.mark(&sign);
            self.said(" ");
            self.plain.insert(self.plain.len() - 1, '-');
            self.nodes(children, false);
            if last && index + 1 == points.len() {
                self.rest = self.rest.strip_prefix('\n').unwrap_or(self.rest);
            } else {
                self.said("\n");
            }
        }
    }
}

fn depth(nodes: &[TextNode]) -> usize {
    nodes.iter().map(|node| 1 + node.children().map_or(0, depth)).max().unwrap_or_default()
}

fn nothing_is_lost(text: &str, by: Sender) {
    // That it may be sent and survives JSON is checked in there.
    let nodes = nodes(text, by);
    let mut along = Along { rest: text, plain: String::new() };
    along.nodes(&nodes, true);
    assert_eq!(along.rest, "", "{text:?} was not read to its end: {nodes:?}");
    assert_eq!(plain(nodes.clone()), along.plain, "{text:?}: {nodes:?}");
    assert!(along.plain.trim().is_empty() == text.trim().is_empty(), "{text:?}");
    assert!(along.plain.chars().count() <= text.chars().count(), "{text:?}");
    assert!(depth(&nodes) <= 6, "{text:?}: {nodes:?}");
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
