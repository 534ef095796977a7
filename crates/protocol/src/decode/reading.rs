//! JSON texts and parts of them as typed values, with errors for people: the path of the wrong field, what it
//! must be, and what it is. What a caller wrote is never repeated in a message: it may be long, or private.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::error::{ErrorBody, ErrorCode};
use crate::limits::shortened;

/// Reads a whole JSON text as a value of a type.
///
/// # Errors
/// `invalid_frame` for what is no JSON, `invalid_argument` with the field for what has the wrong form.
pub fn typed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ErrorBody> {
    read(text)
        .map_err(|(path, problem)| if problem.is_data() { at(&path, &problem) } else { not_json(&problem) })
}

/// Reads a whole JSON text that must be an object. (Left alone, serde would also take an array for a struct, its
/// entries for the fields in their order.)
///
/// # Errors
/// As those of [`typed`].
pub fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ErrorBody> {
    if is_object(text) {
        return typed(text);
    }
    Err(match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => not_an_object(),
        Err(problem) => not_json(&problem),
    })
}

/// Reads a part that must be there, and lays what is wrong with it at `field`.
pub(super) fn part<'a, T: Deserialize<'a>>(field: &str, raw: Option<&'a RawValue>) -> Result<T, ErrorBody> {
    let raw = raw.ok_or_else(|| ErrorBody::invalid(field, "is missing"))?;
    inner(raw.get()).map_err(|error| error.within(field))
}

/// Reads a part that must be an object; the error names the field within it.
pub(super) fn object_part<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, ErrorBody> {
    if is_object(raw.get()) { inner(raw.get()) } else { Err(not_an_object()) }
}

/// Reads a part of a text that was JSON as a whole. What the reader still finds amiss with its syntax (half a
/// surrogate pair, a number beyond all bounds) is then a wrong value of that field, not a broken text.
fn inner<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ErrorBody> {
    read(text).map_err(|(path, problem)| {
        if problem.is_data() { at(&path, &problem) } else { laid(&path, "is not a valid string or number") }
    })
}

/// Reads at full speed, and once more with an eye on the path where that fails.
fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, (String, serde_json::Error)> {
    serde_json::from_str(text).or_else(|_| {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| (error.path().to_string(), error.into_inner()))?;
        reader.end().map_err(|problem| (".".to_owned(), problem))?;
        Ok(value)
    })
}

fn is_object(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{')
}

fn not_an_object() -> ErrorBody {
    ErrorBody::new(ErrorCode::InvalidArgument, "must be a JSON object")
}

fn not_json(problem: &serde_json::Error) -> ErrorBody {
    ErrorBody::new(ErrorCode::InvalidFrame, format!("not valid JSON: {problem}"))
}

/// An error at a path as serde_path_to_error writes it, "." being the value itself.
fn laid(path: &str, problem: &str) -> ErrorBody {
    if path == "." {
        ErrorBody::new(ErrorCode::InvalidArgument, problem)
    } else {
        ErrorBody::invalid(shortened(path), problem)
    }
}

/// serde's error with the path where it stands.
fn at(path: &str, problem: &serde_json::Error) -> ErrorBody {
    let text = problem.to_string();
    // The line and column within a frame that a program wrote mean nothing to its author.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let named = |rest: &str, problem: &str| {
        let field = rest.trim_matches('`');
        laid(&if path == "." { field.to_owned() } else { format!("{path}.{field}") }, problem)
    };
    if let Some(field) = text.strip_prefix("missing field ") {
        named(field, "is missing")
    } else if let Some(field) = text.strip_prefix("duplicate field ") {
        named(field, "is given twice")
    } else {
        laid(path, &for_people(text))
    }
}

/// serde's words for a wrong type, said anew without the value it found.
fn for_people(text: &str) -> String {
    match text.rsplit_once(", expected ") {
        Some((found, wanted)) if found.starts_with("invalid type: ") => {
            let found = found.trim_start_matches("invalid type: ");
            format!("must be {}, not {}", wanted_form(wanted), found_form(found))
        }
        Some((found, wanted)) if found.starts_with("invalid value: ") => {
            format!("must be {}", wanted_form(wanted))
        }
        Some((found, wanted)) if found.starts_with("unknown variant ") => {
            format!("must be {}", wanted.replace('`', "\""))
        }
        _ => text.to_owned(),
    }
}

fn wanted_form(wanted: &str) -> &str {
    match wanted {
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, not negative",
        "i32" | "i64" => "a whole number",
        "f64" => "a number",
        "a map" => "an object",
        "a sequence" => "an array",
        other if other.starts_with("struct ") => "an object",
        other => other,
    }
}

fn found_form(found: &str) -> &'static str {
    const FORMS: &[(&str, &str)] = &[
        ("null", "null"),
        ("boolean", "a boolean"),
        ("integer", "a number"),
        ("floating point", "a number"),
        ("number", "a number"),
        ("string", "a string"),
        ("map", "an object"),
        ("sequence", "an array"),
    ];
    FORMS.iter().find(|(start, _)| found.starts_with(start)).map_or("what it is", |(_, form)| form)
}
