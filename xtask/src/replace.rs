//! Text replacements that cannot fail silently: each one states how often it must apply.

use anyhow::{Result, bail};

/// A replacement of one text by another.
pub(crate) struct Replacement<'a> {
    /// Appears in the error.
    pub(crate) name: &'a str,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    /// How often `from` must occur.
    pub(crate) times: usize,
}

impl Replacement<'_> {
    /// Replaces every occurrence, or fails if their number is not the one expected.
    pub(crate) fn apply(&self, text: &str) -> Result<String> {
        let found = text.matches(self.from).count();
        if found != self.times {
            bail!(
                "replacement \"{}\": must apply {} times (applied {found} times); the generated code has changed, \
                 see \"Replacements\" in docs/building.md",
                self.name,
                self.times
            );
        }
        Ok(text.replace(self.from, self.to))
    }
}

#[cfg(test)]
mod tests {
    use super::Replacement;

    const TWICE: Replacement<'_> = Replacement { name: "a to b", from: "a", to: "b", times: 2 };

    #[test]
    fn replacement_applies_as_often_as_it_states() {
        assert_eq!(TWICE.apply("a-a").unwrap(), "b-b");
    }

    #[test]
    fn replacement_with_another_count_fails_with_its_name() {
        for text in ["", "a", "aaa"] {
            let message = TWICE.apply(text).unwrap_err().to_string();
            assert!(message.contains("\"a to b\": must apply 2 times"), "{message}");
        }
    }
}
