//! What the tests share: the golden files, and files that are written from the code and compared with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The cases of one golden file by their names.
pub(crate) type Cases = BTreeMap<String, Value>;

/// The root of the project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every golden file by its name, without `.json`.
pub(crate) fn goldens() -> BTreeMap<String, Cases> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let cases: Cases =
                serde_json::from_str(&text).unwrap_or_else(|problem| panic!("{}: {problem}", path.display()));
            let cases = cases.into_iter().map(|(case, json)| (case, sorted(json))).collect();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), cases)
        })
        .collect()
}

/// The cases of one golden file.
pub(crate) fn golden(name: &str) -> Cases {
    goldens().remove(name).unwrap_or_else(|| panic!("there is no tests/golden/{name}.json"))
}

/// The value with the fields of its objects in the order of their names, so that what is written from it is the same
/// whether or not another crate of the build asks serde_json to keep the order of the text.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> =
                fields.into_iter().map(|(name, field)| (name, sorted(field))).collect();
            Value::Object(fields.into_iter().collect())
        }
        Value::Array(entries) => entries.into_iter().map(sorted).collect(),
        other => other,
    }
}
