//! Reading filters. By hand, so that an error keeps its path (`subject[1]`, `custom.color`) and says what would be
//! right, and so that nothing is ignored: a filter that was misread would show the wrong conversations.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{ConversationFilter, CustomFilter, NumberFilter, SimpleConversationFilter, StringFilter};
use crate::words;

/// The second entry of an operator's array, and the end of it.
fn value<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(
    seq: &mut A,
    form: &'static str,
) -> Result<T, A::Error> {
    let value = seq.next_element()?.ok_or_else(|| de::Error::custom(form))?;
    if seq.next_element::<IgnoredAny>()?.is_some() {
        return Err(de::Error::custom(form));
    }
    Ok(value)
}

/// A field that no filter has: whatever its value is, it is refused, at its own path.
struct NoSuchField;

impl<'de> Deserialize<'de> for NoSuchField {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom(
            "is no filter: there are access, custom, isUnread, subject, lastActivityAt, createdAt, joinedAt and hasMessages",
        ))
    }
}

impl<'de> Deserialize<'de> for ConversationFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        struct AnyOf;
        impl<'de> Deserialize<'de> for AnyOf {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                words::read(deserializer, &["any"], [()]).map(|()| AnyOf)
            }
        }
        impl<'de> Visitor<'de> for Whole {
            type Value = ConversationFilter;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, or [\"any\", [filter, …]]")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ConversationFilter, A::Error> {
                Simple.visit_map(map).map(ConversationFilter::Simple)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ConversationFilter, A::Error> {
                const FORM: &str = "must be an object, or [\"any\", [filter, …]]";
                let AnyOf = seq.next_element()?.ok_or_else(|| de::Error::custom(FORM))?;
                value(&mut seq, FORM).map(ConversationFilter::Any)
            }
        }
        deserializer.deserialize_any(Whole)
    }
}

impl<'de> Deserialize<'de> for SimpleConversationFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Simple)
    }
}

struct Simple;

impl<'de> Visitor<'de> for Simple {
    type Value = SimpleConversationFilter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SimpleConversationFilter, A::Error> {
        fn once<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
            slot: &mut Option<T>,
            name: &'static str,
            map: &mut A,
        ) -> Result<(), A::Error> {
            if slot.replace(map.next_value()?).is_some() {
                return Err(de::Error::duplicate_field(name));
            }
            Ok(())
        }
        let mut filter = SimpleConversationFilter::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "access" => once(&mut filter.access, "access", &mut map)?,
                "custom" => once(&mut filter.custom, "custom", &mut map)?,
                "isUnread" => once(&mut filter.is_unread, "isUnread", &mut map)?,
                "subject" => once(&mut filter.subject, "subject", &mut map)?,
                "lastActivityAt" => once(&mut filter.last_activity_at, "lastActivityAt", &mut map)?,
                "createdAt" => once(&mut filter.created_at, "createdAt", &mut map)?,
                "joinedAt" => once(&mut filter.joined_at, "joinedAt", &mut map)?,
                "hasMessages" => once(&mut filter.has_messages, "hasMessages", &mut map)?,
                _ => {
                    map.next_value::<NoSuchField>()?;
                }
            }
        }
        Ok(filter)
    }
}

#[derive(Clone, Copy)]
enum StringOperator {
    Is,
    IsNot,
    OneOf,
    NotOneOf,
}

impl<'de> Deserialize<'de> for StringOperator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use StringOperator::{Is, IsNot, NotOneOf, OneOf};
        words::read(deserializer, &["==", "!=", "oneOf", "!oneOf"], [Is, IsNot, OneOf, NotOneOf])
    }
}

/// Reads `[operator, value]`.
struct Strings<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Strings<T> {
    type Value = StringFilter<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[operator, value], such as [\"==\", \"…\"]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<StringFilter<T>, A::Error> {
        const FORM: &str = "must be [operator, value], such as [\"==\", \"…\"]";
        let operator = seq.next_element()?.ok_or_else(|| de::Error::custom(FORM))?;
        Ok(match operator {
            StringOperator::Is => StringFilter::Is(value(&mut seq, FORM)?),
            StringOperator::IsNot => StringFilter::IsNot(value(&mut seq, FORM)?),
            StringOperator::OneOf => StringFilter::OneOf(value(&mut seq, FORM)?),
            StringOperator::NotOneOf => StringFilter::NotOneOf(value(&mut seq, FORM)?),
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for StringFilter<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Strings(PhantomData))
    }
}

impl<'de> Deserialize<'de> for CustomFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Key;
        impl<'de> Visitor<'de> for Key {
            type Value = CustomFilter;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"exists\", \"!exists\" or [operator, value]")
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<CustomFilter, E> {
                match word {
                    "exists" => Ok(CustomFilter::Exists),
                    "!exists" => Ok(CustomFilter::NotExists),
                    _ => Err(E::custom("must be \"exists\", \"!exists\" or [operator, value]")),
                }
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<CustomFilter, A::Error> {
                Strings(PhantomData).visit_seq(seq).map(CustomFilter::Value)
            }
        }
        deserializer.deserialize_any(Key)
    }
}

#[derive(Clone, Copy)]
enum NumberOperator {
    Above,
    Below,
    AtLeast,
    AtMost,
    Between,
    NotBetween,
}

impl<'de> Deserialize<'de> for NumberOperator {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use NumberOperator::{Above, AtLeast, AtMost, Below, Between, NotBetween};
        let names = &[">", "<", ">=", "<=", "between", "!between"];
        words::read(deserializer, names, [Above, Below, AtLeast, AtMost, Between, NotBetween])
    }
}

impl<'de> Deserialize<'de> for NumberFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Numbers;
        impl<'de> Visitor<'de> for Numbers {
            type Value = NumberFilter;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[operator, number], such as [\">\", 0]")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<NumberFilter, A::Error> {
                const FORM: &str = "must be [operator, number], such as [\">\", 0]";
                let operator = seq.next_element()?.ok_or_else(|| de::Error::custom(FORM))?;
                Ok(match operator {
                    NumberOperator::Above => NumberFilter::Above(value(&mut seq, FORM)?),
                    NumberOperator::Below => NumberFilter::Below(value(&mut seq, FORM)?),
                    NumberOperator::AtLeast => NumberFilter::AtLeast(value(&mut seq, FORM)?),
                    NumberOperator::AtMost => NumberFilter::AtMost(value(&mut seq, FORM)?),
                    NumberOperator::Between => {
                        let Range(low, high) = value(&mut seq, FORM)?;
                        NumberFilter::Between(low, high)
                    }
                    NumberOperator::NotBetween => {
                        let Range(low, high) = value(&mut seq, FORM)?;
                        NumberFilter::NotBetween(low, high)
                    }
                })
            }
        }
        deserializer.deserialize_seq(Numbers)
    }
}

/// `[low, high]`
struct Range(f64, f64);

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ends;
        impl<'de> Visitor<'de> for Ends {
            type Value = Range;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[low, high]")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Range, A::Error> {
                const FORM: &str = "must be [low, high], two numbers";
                let low = seq.next_element()?.ok_or_else(|| de::Error::custom(FORM))?;
                Ok(Range(low, value(&mut seq, FORM)?))
            }
        }
        deserializer.deserialize_seq(Ends)
    }
}
