//! The TypeScript declarations have exactly the names and numbers of the code.

use std::collections::BTreeSet;

use causerie_protocol::{CloseCode, ErrorCode, Op, Topic};

use crate::support::read;

/// Returns the part of a declaration file from `start` to the next `end`.
fn section(path: &str, start: &str, end: &str) -> String {
    let text = read(path);
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("{path} lacks {start:?}"));
    rest.split_once(end).unwrap_or_else(|| panic!("{path}: no {end:?} after {start:?}")).0.to_owned()
}

/// Returns the string literals of a text.
fn literals(text: &str) -> BTreeSet<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the string literals of the unions that are the types of a property.
fn property_literals(text: &str, property: &str) -> BTreeSet<String> {
    let property = format!(" {property}: ");
    text.split(&property).skip(1).flat_map(|rest| literals(rest.split(';').next().unwrap())).collect()
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn wire_types_have_the_ops_and_topics_of_the_code() {
    let ops = section("tests/types/wire.d.ts", "export type Op =", "\n\n");
    assert_eq!(property_literals(&ops, "op"), names(Op::NAMES.iter().copied()));
    let topics = section("tests/types/wire.d.ts", "export type Topic =", "\n\n");
    assert_eq!(property_literals(&topics, "kind"), names(Topic::KINDS.iter().copied()));
}

#[test]
fn wire_types_have_the_codes_of_the_code() {
    let errors = section("tests/types/wire.d.ts", "export type ErrorCode =", ";");
    assert_eq!(literals(&errors), names(ErrorCode::ALL.iter().map(|code| code.name())));
    let closes = section("tests/types/wire.d.ts", "export type CloseCode =", ";");
    let numbers = closes.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
    let expected = CloseCode::ALL.iter().map(|code| code.number().to_string());
    assert_eq!(names(numbers), expected.collect::<BTreeSet<_>>());
}

#[test]
fn sdk_types_have_the_error_codes_of_the_code() {
    let union = section("src/types/errors.d.ts", "export type ErrorCode =", ";");
    let all = ErrorCode::ALL.iter().chain(ErrorCode::CLIENT_ONLY).map(|code| code.name());
    assert_eq!(literals(&union), names(all.clone()));
    // Each is documented in the comment before the union.
    let comment = section("src/types/errors.d.ts", "/**", "*/");
    for code in all {
        assert!(comment.contains(&format!("`{code}`")), "src/types/errors.d.ts does not document {code}");
    }
}
