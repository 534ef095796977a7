//! Deserializes JSON texts, and parts of them, with readable errors: the path of the invalid field, the
//! expected form and the form found. A value from the caller is never repeated in a message, because it may
//! be long or private.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::error::{ErrorBody, ErrorCode};
use crate::validation::truncated;

/// Deserializes a JSON text.
///
/// # Errors
/// `invalid_frame` if the text is not JSON; `invalid_argument` with the field if a value has the wrong form.
pub fn typed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ErrorBody> {
    read(text).map_err(
        |(path, problem)| if problem.is_data() { serde_error(&path, &problem) } else { not_json(&problem) },
    )
}

/// Deserializes a JSON text that must be an object. (serde would also accept an array for a struct, with its
/// entries as the fields in order.)
///
/// # Errors
/// The errors of [`typed`].
pub fn object<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ErrorBody> {
    if is_object(text) {
        return typed(text);
    }
    Err(match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => not_an_object(),
        Err(problem) => not_json(&problem),
    })
}

/// Deserializes a JSON text that must be an array of objects.
///
/// # Errors
/// The errors of [`typed`]; the path of an error starts with the index.
pub fn objects<T: for<'a> Deserialize<'a>>(text: &str) -> Result<Vec<T>, ErrorBody> {
    let list: Vec<&RawValue> = typed(text)?;
    let objects = list.into_iter().enumerate();
    objects.map(|(index, raw)| entry(raw, &format!("[{index}]"))).collect()
}

/// Deserializes a JSON text that must be an object whose values are objects.
///
/// # Errors
/// The errors of [`typed`]; the path of an error starts with the key.
pub fn object_map<K, T>(text: &str) -> Result<BTreeMap<K, T>, ErrorBody>
where
    K: for<'a> Deserialize<'a> + Clone + Into<String> + Ord,
    T: for<'a> Deserialize<'a>,
{
    let map: BTreeMap<K, &RawValue> = typed(text)?;
    map.into_iter()
        .map(|(key, raw)| {
            let path: String = key.clone().into();
            let value = entry(raw, &truncated(&path))?;
            Ok((key, value))
        })
        .collect()
}

fn entry<T: for<'a> Deserialize<'a>>(raw: &RawValue, path: &str) -> Result<T, ErrorBody> {
    object_part(raw).map_err(|error| error.within(path))
}

/// Deserializes a required part; the path of an error starts with `field`.
pub(super) fn part<'a, T: Deserialize<'a>>(field: &str, raw: Option<&'a RawValue>) -> Result<T, ErrorBody> {
    let raw = raw.ok_or_else(|| ErrorBody::invalid(field, "is missing"))?;
    part_text(raw.get()).map_err(|error| error.within(field))
}

/// Deserializes a part that must be an object; the path of an error starts inside the object.
pub(super) fn object_part<'a, T: Deserialize<'a>>(raw: &'a RawValue) -> Result<T, ErrorBody> {
    if is_object(raw.get()) { part_text(raw.get()) } else { Err(not_an_object()) }
}

/// Deserializes a part of a text that is known to be JSON. A syntax error that is still possible (half a
/// surrogate pair, a number out of range) is an invalid value of the field, not an invalid text.
fn part_text<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, ErrorBody> {
    read(text).map_err(|(path, problem)| {
        if problem.is_data() {
            serde_error(&path, &problem)
        } else {
            error_at(&path, "must be a valid string or number")
        }
    })
}

/// Deserializes at full speed; if that fails, once more with a record of the path.
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

/// Makes an error from a path of `serde_path_to_error`, in which "." is the value itself.
fn error_at(path: &str, problem: &str) -> ErrorBody {
    if path == "." {
        ErrorBody::new(ErrorCode::InvalidArgument, problem)
    } else {
        ErrorBody::invalid(truncated(path), problem)
    }
}

/// Converts an error of serde at a path.
fn serde_error(path: &str, problem: &serde_json::Error) -> ErrorBody {
    let text = problem.to_string();
    // The line and column in a frame do not help, because a program wrote the frame.
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    let field_error = |name: &str, problem: &str| {
        let field = name.trim_matches('`');
        error_at(&if path == "." { field.to_owned() } else { format!("{path}.{field}") }, problem)
    };
    if let Some(field) = text.strip_prefix("missing field ") {
        field_error(field, "is missing")
    } else if let Some(field) = text.strip_prefix("duplicate field ") {
        field_error(field, "must not be given twice")
    } else {
        error_at(path, &readable(text))
    }
}

/// Rewords serde's message for a wrong type or value, without the value.
fn readable(text: &str) -> String {
    match text.rsplit_once(", expected ") {
        Some((found, expected)) if found.starts_with("invalid type: ") => {
            let found = found.trim_start_matches("invalid type: ");
            format!("must be {}, not {}", expected_form(expected), found_form(found))
        }
        Some((found, expected)) if found.starts_with("invalid value: ") => {
            format!("must be {}", expected_form(expected))
        }
        Some((found, expected)) if found.starts_with("unknown variant ") => {
            format!("must be {}", expected.replace('`', "\""))
        }
        _ => text.to_owned(),
    }
}

fn expected_form(expected: &str) -> &str {
    match expected {
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
    FORMS.iter().find(|(start, _)| found.starts_with(start)).map_or("another type", |(_, form)| form)
}

/// Makes the error for a name that this version does not know. The name is quoted, escaped and truncated,
/// because it comes from the caller.
pub(super) fn unsupported(kind: &str, name: &str) -> ErrorBody {
    let name: String = name.chars().take(64).collect();
    ErrorBody::new(ErrorCode::Unsupported, format!("this server does not support {kind} {name:?}"))
}
