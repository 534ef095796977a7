//! What stands for itself in a line: addresses of the web and of mail, links of a backend's choice, custom emoji.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};

use super::tokens::{Kind, mark};
use super::{Line, after, before, cut, of_word, web};
use crate::content::{TextNode, links};
use crate::emoji::{CUSTOM_EMOJI_CHARS, is_custom};

/// Something found, and where.
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) node: TextNode,
}

/// The finder looks from each of these characters as far as the word goes.
const TRIGGERS: [char; 3] = [':', '@', '.'];
/// In a word with more of them nothing is looked for, which keeps the time linear; addresses have fewer.
const MOST_TRIGGERS: usize = 128;

/// The addresses in a line outside its code, in order. Each word is looked at by itself, because no address has
/// spaces and no time may be spent beyond it.
pub(super) fn links(text: &str, line: &Line) -> Vec<Found> {
    // What has a scheme or an @ first: looking for bare domains at once, the finder would take the first half of
    // "ada.love+lace@example.com" for one.
    let plain = LinkFinder::new();
    let mut bare = LinkFinder::new();
    bare.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
    let mut found = Vec::new();
    let mut seen = Seen { kinds: Vec::new(), at: line.range.start };
    let last_underscore = cut(text, &line.range).rfind('_').map(|at| line.range.start + at);
    let mut at = line.range.start;
    let ends = line.code.iter().map(|code| (code.start, code.end));
    for (end, next) in ends.chain([(line.range.end, line.range.end)]) {
        for word in words(text, at..end) {
            let candidate = seen.candidate(text, word);
            let said = cut(text, &candidate);
            if said.matches(TRIGGERS).take(MOST_TRIGGERS + 1).count() > MOST_TRIGGERS {
                continue;
            }
            let before = found.len();
            for finder in [&plain, &bare] {
                for link in finder.links(said) {
                    let range = candidate.start + link.start()..candidate.start + link.end();
                    found.extend(match link.kind() {
                        LinkKind::Email => mail(text, range, last_underscore),
                        _ => web::link(text, range),
                    });
                }
                if found.len() > before {
                    break;
                }
            }
        }
        at = next;
    }
    found
}

/// The words of a part of a line that may hold an address.
fn words(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let start = part.start;
    let base = cut(text, &part);
    base.split(between_words).filter(|word| word.contains(TRIGGERS)).map(move |word| {
        // Where the word stands in what it was split from.
        let offset = word.as_ptr().addr() - base.as_ptr().addr();
        start + offset..start + offset + word.len()
    })
}

/// What no address has: spaces, what encloses one in prose, and the punctuation of scripts that write no spaces.
fn between_words(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '<' | '>' | '"' | '`' | '|' | '«' | '»' | '“' | '”' | '„')
        || matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{301f}')
        || matches!(c, '\u{ff01}'..='\u{ff0d}' | '\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

/// Which marks were opened in a line so far. An address may end with `_`, but not if that closes what was opened.
struct Seen {
    kinds: Vec<Kind>,
    /// Up to where the line was looked at.
    at: usize,
}

impl Seen {
    /// The part of a word that may hold an address: without the marks at its end that close.
    fn candidate(&mut self, text: &str, word: Range<usize>) -> Range<usize> {
        let said = cut(text, &word);
        let begins = said.find(char::is_alphanumeric).map_or(word.end, |at| word.start + at);
        let from = self.at.min(begins);
        for (at, c) in cut(text, &(from..begins)).char_indices() {
            if let Some(kind) = mark(text, from + at, c).filter(|mark| mark.opens).map(|mark| mark.kind)
                && !self.kinds.contains(&kind)
            {
                self.kinds.push(kind);
            }
        }
        self.at = begins;
        let mut end = word.end;
        for (at, c) in said.char_indices().rev() {
            match Kind::of(c) {
                Some(kind) if self.kinds.contains(&kind) => end = word.start + at,
                None if c.is_ascii_punctuation() => {}
                _ => break,
            }
        }
        word.start..end
    }
}

/// A mail address: of what the finder takes for one, the end that people's addresses are made of.
fn mail(text: &str, found: Range<usize>, last_underscore: Option<usize>) -> Option<Found> {
    let said = cut(text, &found);
    let (local, _) = said.split_once('@')?;
    let common = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-' | '\'');
    let start = local.rfind(|c| !common(c)).map_or(0, |at| at + after(local, at).map_or(1, char::len_utf8));
    let local = local.get(start..)?;
    // An underscore may begin an address, unless one further on makes it a mark.
    let marks = last_underscore.is_some_and(|last| last >= found.end);
    let begins = |c: char| c.is_ascii_alphanumeric() || (c == '_' && !marks);
    let start = found.start + start + local.find(begins)?;
    // The rest of a word in letters that the finder takes, and we do not, is not an address of its own; unless it is
    // of a script that writes no spaces.
    if before(text, start).is_some_and(|c| c.is_alphanumeric() && c < '\u{2e80}') {
        return None;
    }
    let address = cut(text, &(start..found.end));
    auto(start..found.end, address, ["mailto:", address].concat())
}

/// An automatic link, if where it leads is an address, and is what the words say.
pub(super) fn auto(range: Range<usize>, text: &str, url: String) -> Option<Found> {
    let parsed = links::parse(&url).ok()?;
    let node = TextNode::AutoLink { url, text: text.to_owned() };
    links::agrees(text, &parsed).then_some(Found { range, node })
}

/// `<url|label>`, at a `<`.
pub(super) fn chosen_link(text: &str, part: Range<usize>) -> Option<Found> {
    let inner = cut(text, &part).strip_prefix('<')?;
    // Up to the next sign of either kind, so that a row of them is passed over once.
    let end = inner.find(['<', '>'])?;
    let (said, rest) = inner.split_at_checked(end)?;
    let (url, label) = said.split_once('|').filter(|_| rest.starts_with('>'))?;
    if label.trim().is_empty() || links::parse(url).is_err() {
        return None;
    }
    let node = TextNode::Link { url: url.to_owned(), children: vec![TextNode::from(label)] };
    Some(Found { range: part.start..part.start + end + 2, node })
}

/// `:name:`, at a `:`, where the name is one that a person would type: colons mean much else. `behind_one` says that
/// an emoji ends just here.
pub(super) fn custom_emoji(text: &str, part: Range<usize>, behind_one: bool) -> Option<Found> {
    let previous = before(text, part.start);
    if of_word(previous) || (previous == Some(':') && !behind_one) {
        return None;
    }
    let said = cut(text, &part);
    let (end, _) = said
        .char_indices()
        .skip(1)
        .take(CUSTOM_EMOJI_CHARS)
        .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '+')))
        .filter(|(_, c)| *c == ':')?;
    let name = said.get(..=end).filter(|name| is_custom(name) && name.contains(char::is_alphanumeric))?;
    let range = part.start..part.start + name.len();
    let node = TextNode::CustomEmoji { text: name.to_owned() };
    (!of_word(after(text, range.end))).then_some(Found { range, node })
}
