//! Words of a fixed list, read as what they stand for. (A derived enum would also take `{"word": null}` for one, and
//! has no words for people about a number in its place.)

use std::fmt;

use serde::Deserializer;
use serde::de::{self, Visitor};

/// What the word at the same place of `names` stands for.
pub(crate) fn read<'de, D: Deserializer<'de>, T: Copy, const N: usize>(
    deserializer: D,
    names: &'static [&'static str; N],
    values: [T; N],
) -> Result<T, D::Error> {
    deserializer.deserialize_str(Word { names, values })
}

struct Word<T, const N: usize> {
    names: &'static [&'static str; N],
    values: [T; N],
}

impl<T: Copy, const N: usize> Visitor<'_> for Word<T, N> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<T, E> {
        let found = self.names.iter().zip(self.values).find(|(name, _)| **name == word);
        found.map(|(_, value)| value).ok_or_else(|| E::unknown_variant(word, self.names))
    }
}
