//! The words of texts, as searches compare them.
//!
//! A text is divided into *words*, of letters and digits, and *runs*, of characters of the scripts that are
//! written without spaces between words: Chinese, Japanese, Thai and others. Case and accents are folded, and
//! compatible characters are equal, such as full-width letters. A word of a query matches each word that
//! begins with it, and a run each run that contains it.
//!
//! An index holds words, cut to [`TOKEN_CHARS`], and the pairs of neighbours in each run with its last
//! character. So a single character of a query finds the pairs that begin with it, and a longer run finds
//! texts that have its pairs. The index only proposes texts; [`Query::matches`] decides.

use std::collections::BTreeSet;

use causerie_protocol::error::ErrorBody;
use causerie_protocol::limits::QUERY_WORDS;
use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

/// The longest token of an index, in characters. The index does not distinguish words with the same first
/// characters.
const TOKEN_CHARS: usize = 32;
/// The most pairs of one run in a query that are looked up in the index.
const RUN_PAIRS: usize = 8;

/// A part of a text. The order of the parts of a text has no meaning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Word(String),
    Run(String),
}

/// The words of a query, which a text must have all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    parts: Vec<Part>,
}

/// A token to look up in an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lookup {
    /// The token.
    pub token: String,
    /// Whether all tokens that begin with it are meant.
    pub is_prefix: bool,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// `invalid_argument` if the query has no word, or too many.
    pub fn new(text: &str) -> Result<Query, ErrorBody> {
        let parts: BTreeSet<Part> = parts(text).into_iter().collect();
        if parts.is_empty() {
            return Err(ErrorBody::invalid("query", "must have at least one word of letters or digits"));
        }
        if parts.len() > QUERY_WORDS {
            let problem = format!("must have at most {QUERY_WORDS} words (got {})", parts.len());
            return Err(ErrorBody::invalid("query", &problem));
        }
        Ok(Query { parts: parts.into_iter().collect() })
    }

    /// Whether each word of the query is in one of the texts.
    #[must_use]
    pub fn matches(&self, texts: &[&str]) -> bool {
        let texts: Vec<Part> = texts.iter().flat_map(|text| parts(text)).collect();
        self.parts.iter().all(|wanted| {
            texts.iter().any(|part| match (wanted, part) {
                (Part::Word(wanted), Part::Word(word)) => word.starts_with(wanted.as_str()),
                (Part::Run(wanted), Part::Run(run)) => run.contains(wanted.as_str()),
                _ => false,
            })
        })
    }

    /// Returns the tokens of which an index must have all for a text that matches.
    #[must_use]
    pub fn lookups(&self) -> BTreeSet<Lookup> {
        let mut lookups = BTreeSet::new();
        for part in &self.parts {
            match part {
                Part::Word(word) => {
                    lookups.insert(Lookup { token: start(word).to_owned(), is_prefix: true });
                }
                Part::Run(run) if run.chars().nth(1).is_none() => {
                    lookups.insert(Lookup { token: run.clone(), is_prefix: true });
                }
                Part::Run(run) => {
                    let pairs = pairs(run).take(RUN_PAIRS);
                    lookups.extend(pairs.map(|token| Lookup { token: token.to_owned(), is_prefix: false }));
                }
            }
        }
        lookups
    }
}

/// Returns the tokens of a text for an index, each once.
#[must_use]
pub fn tokens(text: &str) -> BTreeSet<String> {
    let mut tokens = BTreeSet::new();
    for part in parts(text) {
        match part {
            Part::Word(word) => {
                tokens.insert(start(&word).to_owned());
            }
            Part::Run(run) => {
                tokens.extend(pairs(&run).map(str::to_owned));
                tokens.extend(
                    run.char_indices().next_back().and_then(|(at, _)| run.get(at..)).map(str::to_owned),
                );
            }
        }
    }
    tokens
}

/// Returns the first characters of a word, as an index has them.
fn start(word: &str) -> &str {
    let end = word.char_indices().nth(TOKEN_CHARS).map_or(word.len(), |(at, _)| at);
    word.get(..end).unwrap_or_default()
}

/// Returns each two neighbours of a run.
fn pairs(run: &str) -> impl Iterator<Item = &str> {
    let ends = run.char_indices().skip(2).map(|(at, _)| at).chain([run.len()]);
    let starts = run.char_indices().map(|(at, _)| at);
    let count = run.chars().count().saturating_sub(1);
    starts.zip(ends).take(count).filter_map(|(start, end)| run.get(start..end))
}

/// Divides a text into its words and runs.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut current = String::new();
    let mut is_run = false;
    let end = |current: &mut String, is_run, parts: &mut Vec<Part>| {
        if !current.is_empty() {
            let text = std::mem::take(current);
            parts.push(if is_run { Part::Run(text) } else { Part::Word(text) });
        }
    };
    let mut add = |c: char| {
        if !is_of_word(c) {
            end(&mut current, is_run, &mut parts);
            return;
        }
        let is_next_run = is_written_without_spaces(c);
        // A mark belongs to the character before it.
        if is_next_run != is_run && combining_class(c) == 0 {
            end(&mut current, is_run, &mut parts);
            is_run = is_next_run;
        }
        current.push(c);
    };
    if text.is_ascii() {
        text.chars().for_each(|c| add(c.to_ascii_lowercase()));
    } else {
        for c in DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars()) {
            if c.is_ascii() {
                add(c.to_ascii_lowercase());
            } else if !is_accent(c) {
                // Upper case in between makes equal what has one upper case: ς and σ, ß and ss.
                let folded = c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
                folded.filter(|c| !is_accent(*c)).for_each(&mut add);
            }
        }
    }
    end(&mut current, is_run, &mut parts);
    parts
}

fn combining_class(c: char) -> u8 {
    if c.is_ascii() { 0 } else { CanonicalCombiningClassMapBorrowed::new().get_u8(c) }
}

/// Whether a character is a letter, a digit, or a mark on one.
fn is_of_word(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() || combining_class(c) != 0 }
}

/// Whether a mark is left out: accents, and the vowel points of Hebrew and Arabic. Marks of other scripts
/// distinguish words.
fn is_accent(c: char) -> bool {
    matches!(combining_class(c), 10..=36 | 200..)
}

/// Whether a character belongs to a script without spaces between words.
const fn is_written_without_spaces(c: char) -> bool {
    matches!(c as u32,
        0x0E00..=0x0EFF // Thai, Lao
        | 0x1000..=0x109F // Myanmar
        | 0x1780..=0x17FF // Khmer
        | 0x2E80..=0x2FDF // radicals
        | 0x3005..=0x3007
        | 0x3041..=0x30FF // Hiragana, Katakana
        | 0x3105..=0x312F // Bopomofo
        | 0x31A0..=0x31BF
        | 0x31F0..=0x31FF
        | 0x3400..=0x4DBF // ideographs
        | 0x4E00..=0x9FFF
        | 0xA9E0..=0xA9FF // Myanmar
        | 0xF900..=0xFAFF
        | 0x1B000..=0x1B16F // Kana
        | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(query: &str, text: &str) -> bool {
        let query = Query::new(query).unwrap();
        // A text that matches must be proposed by the index.
        let tokens = tokens(text);
        let is_proposed = query.lookups().iter().all(|lookup| {
            tokens.iter().any(|token| {
                if lookup.is_prefix { token.starts_with(&lookup.token) } else { *token == lookup.token }
            })
        });
        let matches = query.matches(&[text]);
        assert!(is_proposed || !matches, "{query:?} is not found in {text:?}");
        matches
    }

    #[test]
    fn every_word_of_a_query_is_the_beginning_of_a_word() {
        assert!(matches("he wor", "Hello, world!"));
        assert!(matches("WORLD hello", "Hello, world!"));
        assert!(!matches("ello", "Hello, world!"));
        assert!(!matches("hello worlds", "Hello, world!"));
        assert!(matches("ada@exa", "write to ada@example.com"));
        assert!(matches("2024", "in 2024."));
    }

    #[test]
    fn case_and_accents_are_folded() {
        for (query, text) in [
            ("cafe", "CAFÉ"),
            ("Café", "cafe\u{301}"),
            ("strasse", "Straße"),
            ("STRASSE", "straße"),
            ("ßa", "ssa"),
            ("istanbul", "İstanbul"),
            ("σισυφος", "Σίσυφος"),
            ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
            ("елка", "Ёлка"),
            ("angstrom", "Ångström"),
            ("abc", "ＡＢＣ"),
            ("fi", "ﬁnal"),
            ("שלום", "שָׁלוֹם"),
            ("한", "한국어"),
            ("하", "한국어"),
            ("viet", "Việt"),
        ] {
            assert!(matches(query, text), "{query} in {text}");
        }
    }

    #[test]
    fn scripts_without_spaces_match_anywhere_in_a_run() {
        for (query, text) in [
            ("東京", "私は東京都に住んでいます"),
            ("京", "東京"),
            ("東京都", "東京都"),
            ("手机壳", "iPhone手机壳2024"),
            ("iphone 手机 2024", "iPhone手机壳2024"),
            ("カタ", "ｶﾀｶﾅ"),
            ("สวัสดี", "ครับสวัสดีครับ"),
            ("𠮷野", "𠮷野家"),
        ] {
            assert!(matches(query, text), "{query} in {text}");
        }
        // The pairs alone are all there.
        assert!(!matches("東京都", "京都と東京"));
        assert!(!matches("都東", "東京都"));
    }

    #[test]
    fn a_query_needs_a_word_and_has_at_most_sixteen() {
        for empty in ["!?", "👍", " - "] {
            let error = Query::new(empty).unwrap_err();
            assert_eq!(error.message, "query: must have at least one word of letters or digits");
        }
        let words = |count: usize| (0..count).map(|n| format!("w{n} ")).collect::<String>();
        assert!(Query::new(&words(QUERY_WORDS)).is_ok());
        let error = Query::new(&words(QUERY_WORDS + 1)).unwrap_err();
        assert_eq!(error, ErrorBody::invalid("query", "must have at most 16 words (got 17)"));
    }

    #[test]
    fn long_words_are_cut_in_the_index_but_compared_completely() {
        let long = "a".repeat(100);
        assert!(matches(&long, &format!("{long}b")));
        assert!(!matches(&format!("{long}c"), &format!("{long}b")));
        assert_eq!(tokens(&long).into_iter().next().unwrap().len(), TOKEN_CHARS);
    }

    proptest! {
        #[test]
        fn a_text_is_found_by_its_own_beginning(text in "\\PC{1,40}", end in 1_usize..40) {
            let query: String = text.chars().take(end).collect();
            if let Ok(query) = Query::new(&query) {
                let found = query.matches(&[&text]);
                // A mark after the end changes the last character.
                prop_assert!(found || text.chars().nth(end).is_some());
                let tokens = tokens(&text);
                let is_proposed = query.lookups().iter().all(|lookup| tokens.iter().any(|token| {
                    if lookup.is_prefix { token.starts_with(&lookup.token) } else { *token == lookup.token }
                }));
                prop_assert!(is_proposed || !found);
            }
        }

        #[test]
        fn tokens_have_no_ascii_but_lower_case_letters_and_digits(text in any::<String>()) {
            for token in tokens(&text) {
                prop_assert!(!token.is_empty() && token.chars().count() <= TOKEN_CHARS);
                prop_assert!(token.chars().all(|c| !c.is_ascii() || c.is_ascii_digit() || c.is_ascii_lowercase()));
            }
        }
    }
}
