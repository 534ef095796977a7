//! An oracle for the parser: walks a text along its nodes and returns its plain text. The fuzz target uses it
//! too.

use causerie_protocol::content::TextNode;

/// Returns the text without the marks that its nodes account for.
///
/// # Panics
/// If the nodes do not account for every character of the text.
pub(crate) fn without_marks(text: &str, nodes: &[TextNode]) -> String {
    let mut walk = Walk { rest: text, plain: String::new() };
    walk.nodes(nodes, true);
    assert_eq!(walk.rest, "", "{text:?} is not covered by its nodes: {nodes:?}");
    assert_eq!(walk.plain.trim().is_empty(), text.trim().is_empty(), "{text:?}");
    assert!(walk.plain.chars().count() <= text.chars().count(), "{text:?}");
    assert!(depth(nodes) <= 6, "{text:?}: {nodes:?}");
    walk.plain
}

fn depth(nodes: &[TextNode]) -> usize {
    nodes.iter().map(|node| 1 + node.children().map_or(0, depth)).max().unwrap_or_default()
}

fn has_content(node: &TextNode) -> bool {
    match node {
        TextNode::Plain(text) => text.contains(char::is_alphanumeric),
        TextNode::Bold { children }
        | TextNode::Italic { children }
        | TextNode::Strikethrough { children } => children.iter().any(has_content),
        _ => true,
    }
}

/// A walk through a text along its nodes. It knows how each mark is written, but not when a mark counts.
struct Walk<'t> {
    rest: &'t str,
    plain: String,
}

impl Walk<'_> {
    fn skip(&mut self, mark: &str) {
        self.rest =
            self.rest.strip_prefix(mark).unwrap_or_else(|| panic!("no {mark:?} before {:?}", self.rest));
    }

    fn keep(&mut self, text: &str) {
        self.skip(text);
        self.plain.push_str(text);
    }

    fn between(&mut self, open: &str, children: &[TextNode], close: &str) {
        self.skip(open);
        self.nodes(children, false);
        self.skip(close);
    }

    /// Marks without a letter, a digit or a node that is not text between them do not count.
    fn formatted(&mut self, mark: &str, children: &[TextNode]) {
        assert!(children.iter().any(has_content), "nothing to format in {children:?}");
        self.between(mark, children, mark);
    }

    /// The name and the parameters of an action may be written in several ways. They end at the `|`.
    fn action(&mut self, open: &str, children: &[TextNode]) {
        self.skip(open);
        let target = self.rest.split('|').next().unwrap_or_default().to_owned();
        self.skip(&target);
        self.between("|", children, ">");
    }

    fn nodes(&mut self, nodes: &[TextNode], top_level: bool) {
        for (index, node) in nodes.iter().enumerate() {
            match node {
                TextNode::Plain(text) => self.keep(text),
                TextNode::Bold { children } => self.formatted("*", children),
                TextNode::Italic { children } => self.formatted("_", children),
                TextNode::Strikethrough { children } => self.formatted("~", children),
                TextNode::CodeSpan { text } => {
                    self.skip("```");
                    self.keep(text);
                    self.skip("```");
                }
                TextNode::AutoLink { text, .. } | TextNode::CustomEmoji { text } => self.keep(text),
                TextNode::Link { url, children } => {
                    self.skip("<");
                    self.skip(url);
                    self.between("|", children, ">");
                }
                TextNode::BulletList { children } => {
                    assert!(top_level, "a list inside another node");
                    let is_last = index + 1 == nodes.len();
                    self.list(children, is_last);
                }
                TextNode::ActionLink { children, .. } => self.action("<actionlink:", children),
                TextNode::ActionButton { children, .. } => self.action("<actionbutton:", children),
                other => panic!("the parser does not make {other:?}"),
            }
        }
    }

    fn list(&mut self, points: &[TextNode], is_last: bool) {
        assert!(!points.is_empty());
        assert!(self.plain.is_empty() || self.plain.ends_with('\n'), "a list must start a line");
        for (index, point) in points.iter().enumerate() {
            let TextNode::BulletPoint { children } = point else { panic!("{point:?} is in a list") };
            let sign = self.rest.get(..1).unwrap_or_default().to_owned();
            assert!(["-", "*", "+"].contains(&sign.as_str()), "{:?} does not start with a bullet", self.rest);
            self.skip(&sign);
            self.keep(" ");
            self.plain.insert(self.plain.len() - 1, '-');
            self.nodes(children, false);
            let at_newline = self.rest.strip_prefix('\r').filter(|rest| rest.starts_with('\n'));
            self.rest = at_newline.unwrap_or(self.rest);
            if is_last && index + 1 == points.len() {
                self.rest = self.rest.strip_prefix('\n').unwrap_or(self.rest);
            } else {
                self.keep("\n");
            }
        }
    }
}
