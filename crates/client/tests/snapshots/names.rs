//! The names and types of fields in JavaScript, and files that are generated from the declarations.

use std::path::{Path, PathBuf};

use causerie_client::snapshots::Field;

/// Returns a path in the repository.
pub(crate) fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Compares a text with the file that contains it; with `UPDATE_DOCS=1`, writes it if it differs.
pub(crate) fn assert_file(path: &str, expected: &str) {
    let actual = std::fs::read_to_string(at(path)).unwrap();
    if actual == expected {
        return;
    }
    assert!(
        std::env::var_os("UPDATE_DOCS").is_some(),
        "{path} differs from crates/client/src/snapshots: \
         run UPDATE_DOCS=1 cargo test -p causerie-client --test snapshots"
    );
    std::fs::write(at(path), expected).unwrap();
}

/// Returns the name of a field in JavaScript.
pub(crate) fn js_name(field: &Field) -> String {
    let mut words = field.name.trim_start_matches("r#").split('_');
    let mut name = words.next().unwrap().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        name += &first.to_uppercase();
        name += rest;
    }
    name
}

/// Returns the name of a field in the body.
pub(crate) fn body_name(field: &Field) -> String {
    field.body_name.map_or_else(|| js_name(field), str::to_owned)
}

/// Returns the type of a value that may be absent.
pub(crate) fn optional(rust_type: &str) -> Option<&str> {
    rust_type.strip_prefix("Option<")?.strip_suffix('>')
}

/// Returns the name of the snapshot type of a part, if the field is one.
pub(crate) fn part(field: &Field) -> Option<&'static str> {
    let inner = optional(field.rust_type).unwrap_or(field.rust_type);
    (inner.ends_with("Snapshot")).then_some(inner)
}

#[test]
fn names_of_fields_are_in_camel_case_in_javascript() {
    let field = |name| Field { name, body_name: None, rust_type: "String", default: None, docs: &[] };
    assert_eq!(js_name(&field("everyone_read_until")), "everyoneReadUntil");
    assert_eq!(js_name(&field("r#type")), "type");
    assert_eq!(body_name(&Field { body_name: Some("other"), ..field("id") }), "other");
}
