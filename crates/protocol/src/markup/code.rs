//! Code between three backticks, wherever it stands: the one thing that may run over lines.

use std::ops::Range;

use super::{after, before, cut, of_word};

/// The backticks on either side of code.
pub(super) const FENCE: &str = "```";

/// Where code is, backticks included. Code of nothing but spaces is none.
pub(super) fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = next_fence(text, from) {
        let inner = start + FENCE.len();
        if of_word(before(text, start)) {
            from = inner;
            continue;
        }
        // What finds no end here would find none further on: the search is over, and each part is searched once.
        let Some(end) = closing(text, inner) else { break };
        if cut(text, &(inner..end)).trim().is_empty() {
            from = end;
            continue;
        }
        found.push(start..end + FENCE.len());
        from = end + FENCE.len();
    }
    found
}

/// The next three backticks that no word follows.
fn closing(text: &str, mut from: usize) -> Option<usize> {
    loop {
        let at = next_fence(text, from)?;
        if !of_word(after(text, at + FENCE.len())) {
            return Some(at);
        }
        from = at + FENCE.len();
    }
}

fn next_fence(text: &str, from: usize) -> Option<usize> {
    text.get(from..)?.find(FENCE).map(|at| from + at)
}
