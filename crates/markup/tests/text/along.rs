//! A text and the nodes that came of it, side by side. The fuzz target asks the same.

use causerie_protocol::content::TextNode;

/// What a text must be without its marks, given its nodes.
///
/// # Panics
/// Where the nodes do not account for each character of the text.
pub(crate) fn without_marks(text: &str, nodes: &[TextNode]) -> String {
    let mut along = Along { rest: text, plain: String::new() };
    along.nodes(nodes, true);
    assert_eq!(along.rest, "", "{text:?} was not read to its end: {nodes:?}");
    assert_eq!(along.plain.trim().is_empty(), text.trim().is_empty(), "{text:?}");
    assert!(along.plain.chars().count() <= text.chars().count(), "{text:?}");
    assert!(depth(nodes) <= 6, "{text:?}: {nodes:?}");
    along.plain
}

fn depth(nodes: &[TextNode]) -> usize {
    nodes.iter().map(|node| 1 + node.children().map_or(0, depth)).max().unwrap_or_default()
}

/// Goes through a text along the nodes that came of it, and says what it must be without its marks. It knows
/// nothing of when a mark counts, only what each looks like.
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
