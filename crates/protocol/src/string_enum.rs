//! Deserializes a string of a fixed list into a value. (A derived enum would also accept `{"word": null}`,
//! and its error for a number in place of the string would not be readable.)

use std::fmt;

use serde::Deserializer;
use serde::de::{self, Visitor};

/// Returns the value at the same index as the string in `names`.
pub(crate) fn read<'de, D: Deserializer<'de>, T: Copy, const N: usize>(
    deserializer: D,
    names: &'static [&'static str; N],
    values: [T; N],
) -> Result<T, D::Error> {
    deserializer.deserialize_str(StringEnum { names, values })
}

struct StringEnum<T, const N: usize> {
    names: &'static [&'static str; N],
    values: [T; N],
}

impl<T: Copy, const N: usize> Visitor<'_> for StringEnum<T, N> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, string: &str) -> Result<T, E> {
        let found = self.names.iter().zip(self.values).find(|(name, _)| **name == string);
        found.map(|(_, value)| value).ok_or_else(|| E::unknown_variant(string, self.names))
    }
}
