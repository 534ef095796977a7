//! Deserializes filters. Written by hand, so that an error has a path (`subject[1]`, `custom.color`) and
//! states the valid form, and so that no field is ignored: a misread filter would select the wrong
//! conversations.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{ConversationFilter, CustomFilter, NumberFilter, SimpleConversationFilter, StringFilter};
use crate::string_enum;

/// Reads the second and last entry of an operator's array.
fn operand<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(
    seq: &mut A,
    form: &'static str,
) -> Result<T, A::Error> {
    let value = seq.next_element()?.ok_or_else(|| de::Error::custom(form))?;
    if seq.next_element::<IgnoredAny>()?.is_some() {
        return Err(de::Error::custom(form));
    }
    Ok(value)
}

/// An unknown field. Reading its value fails, so that the error has the path of the field.
struct UnknownField;

impl<'de> Deserialize<'de> for UnknownField {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom(
            "must be one of the fields access, custom, isUnread, subject, lastActivityAt, createdAt, joinedAt \
             and hasMessages",
        ))
    }
}

impl<'de> Deserialize<'de> for ConversationFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FilterVisitor;
        struct AnyKeyword;
        impl<'de> Deserialize<'de> for AnyKeyword {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                string_enum::read(deserializer, &["any"], [()]).map(|()| AnyKeyword)
            }
        }
        impl<'de> Visitor<'de> for FilterVisitor {
            type Value = ConversationFilter;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, or [\"any\", [filter, …]]")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ConversationFilter, A::Error> {
                SimpleVisitor.visit_map(map).map(ConversationFilter::Simple)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<ConversationFilter, A::Error> {
                const FORM: &str = "must be an object, or [\"any\", [filter, …]]";
                let AnyKeyword = seq.next_element()?.ok_or_else(|| de::Error::custom(FORM))?;
                operand(&mut seq, FORM).map(ConversationFilter::Any)
            }
        }
        deserializer.deserialize_any(FilterVisitor)
    }
}

impl<'de> Deserialize<'de> for SimpleConversationFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SimpleVisitor)
    }
}

struct SimpleVisitor;

impl<'de> Visitor<'de> for SimpleVisitor {
    type Value = SimpleConversationFilter;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SimpleConversationFilter, A::Error> {
        fn read_once<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
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
                "access" => read_once(&mut filter.access, "access", &mut map)?,
                "custom" => read_once(&mut filter.custom, "custom", &mut map)?,
                "isUnread" => read_once(&mut filter.is_unread, "isUnread", &mut map)?,
                "subject" => read_once(&mut filter.subject, "subject", &mut map)?,
                "lastActivityAt" => read_once(&mut filter.last_activity_at, "lastActivityAt", &mut map)?,
                "createdAt" => read_once(&mut filter.created_at, "createdAt", &mut map)?,
                "joinedAt" => read_once(&mut filter.joined_at, "joinedAt", &mut map)?,
                "hasMessages" => read_once(&mut filter.has_messages, "hasMessages", &mut map)?,
                _ => {
                    map.next_value::<UnknownField>()?;
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
        string_enum::read(deserializer, &["==", "!=", "oneOf", "!oneOf"], [Is, IsNot, OneOf, NotOneOf])
    }
}

/// Reads `[operator, value]` of a string filter.
struct StringVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for StringVisitor<T> {
    type Value = StringFilter<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[operator, value], such as [\"==\", \"…\"]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<StringFilter<T>, A::Error> {
        const FORM: &str = "must be [operator, value], such as [\"==\", \"…\"]";
        let operator = seq.next_element()?.ok_or_else(|| de::Error::custom(FORM))?;
        Ok(match operator {
            StringOperator::Is => StringFilter::Is(operand(&mut seq, FORM)?),
            StringOperator::IsNot => StringFilter::IsNot(operand(&mut seq, FORM)?),
            StringOperator::OneOf => StringFilter::OneOf(operand(&mut seq, FORM)?),
            StringOperator::NotOneOf => StringFilter::NotOneOf(operand(&mut seq, FORM)?),
        })
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for StringFilter<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(StringVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for CustomFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CustomVisitor;
        impl<'de> Visitor<'de> for CustomVisitor {
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
                StringVisitor(PhantomData).visit_seq(seq).map(CustomFilter::Value)
            }
        }
        deserializer.deserialize_any(CustomVisitor)
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
        string_enum::read(deserializer, names, [Above, Below, AtLeast, AtMost, Between, NotBetween])
    }
}

impl<'de> Deserialize<'de> for NumberFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberVisitor;
        impl<'de> Visitor<'de> for NumberVisitor {
            type Value = NumberFilter;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[operator, number], such as [\">\", 0]")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<NumberFilter, A::Error> {
                const FORM: &str = "must be [operator, number], such as [\">\", 0]";
                let operator = seq.next_element()?.ok_or_else(|| de::Error::custom(FORM))?;
                Ok(match operator {
                    NumberOperator::Above => NumberFilter::Above(operand(&mut seq, FORM)?),
                    NumberOperator::Below => NumberFilter::Below(operand(&mut seq, FORM)?),
                    NumberOperator::AtLeast => NumberFilter::AtLeast(operand(&mut seq, FORM)?),
                    NumberOperator::AtMost => NumberFilter::AtMost(operand(&mut seq, FORM)?),
                    NumberOperator::Between => {
                        let Range(low, high) = operand(&mut seq, FORM)?;
                        NumberFilter::Between(low, high)
                    }
                    NumberOperator::NotBetween => {
                        let Range(low, high) = operand(&mut seq, FORM)?;
                        NumberFilter::NotBetween(low, high)
                    }
                })
            }
        }
        deserializer.deserialize_seq(NumberVisitor)
    }
}

/// The operand `[low, high]` of `between` and `!between`.
struct Range(f64, f64);

impl<'de> Deserialize<'de> for Range {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RangeVisitor;
        impl<'de> Visitor<'de> for RangeVisitor {
            type Value = Range;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[low, high]")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Range, A::Error> {
                const FORM: &str = "must be [low, high], two numbers";
                let low = seq.next_element()?.ok_or_else(|| de::Error::custom(FORM))?;
                Ok(Range(low, operand(&mut seq, FORM)?))
            }
        }
        deserializer.deserialize_seq(RangeVisitor)
    }
}
