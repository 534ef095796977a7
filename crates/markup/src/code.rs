//! Code spans between three backticks, the only markup that may span lines.

use std::ops::Range;

use crate::text::{char_at, char_before, is_word_char, slice};

/// The backticks on either side of code.
pub(crate) const FENCE: &str = "```";

/// Returns the ranges of the code spans, backticks included. Code that consists of spaces only does not
/// count.
pub(crate) fn find_spans(text: &str) -> Vec<Range<usize>> {
    let mut spans = Vec::new();
    let mut from = 0;
    while let Some(start) = next_fence(text, from) {
        let inner = start + FENCE.len();
        if is_word_char(char_before(text, start)) {
            from = inner;
            continue;
        }
        // If there is no closing fence from here, there is none further on: stopping keeps the search linear.
        let Some(end) = closing_fence(text, inner) else { break };
        if slice(text, &(inner..end)).trim().is_empty() {
            from = end;
            continue;
        }
        spans.push(start..end + FENCE.len());
        from = end + FENCE.len();
    }
    spans
}

/// Returns the position of the next fence that no letter or digit follows.
fn closing_fence(text: &str, mut from: usize) -> Option<usize> {
    loop {
        let at = next_fence(text, from)?;
        if !is_word_char(char_at(text, at + FENCE.len())) {
            return Some(at);
        }
        from = at + FENCE.len();
    }
}

fn next_fence(text: &str, from: usize) -> Option<usize> {
    text.get(from..)?.find(FENCE).map(|at| from + at)
}
