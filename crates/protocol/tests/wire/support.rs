//! Shared by the tests: the golden files, and generated files that are compared with the code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The cases of one golden file by name.
pub(crate) type Cases = BTreeMap<String, Value>;

/// Returns the root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the text of a file of the repository.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Whether generated files are to be written rather than compared.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// Compares a file with its expected text; with `UPDATE_DOCS=1`, writes the text if it differs.
pub(crate) fn assert_file(path: &str, expected: &str) {
    let file = root().join(path);
    let actual = std::fs::read_to_string(&file).unwrap_or_default();
    if actual == expected {
        return;
    }
    assert!(updating(), "{path} differs from the code: run UPDATE_DOCS=1 cargo test -p causerie-protocol");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, expected).unwrap();
}

/// Returns every golden file by its name without `.json`.
pub(crate) fn goldens() -> BTreeMap<String, Cases> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let cases: Cases =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let cases = cases.into_iter().map(|(case, json)| (case, sorted(json))).collect();
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), cases)
        })
        .collect()
}

/// Returns the cases of one golden file.
pub(crate) fn golden(name: &str) -> Cases {
    goldens().remove(name).unwrap_or_else(|| panic!("tests/golden/{name}.json does not exist"))
}

/// Sorts the fields of all objects by name, so that generated files are the same whether or not another crate
/// of the build enables serde_json's `preserve_order`.
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
