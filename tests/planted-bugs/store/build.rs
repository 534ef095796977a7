//! Copies the client's sources and plants the bugs of `bugs.rs` in them. Fails if a place is not found.

use std::path::Path;
use std::{env, fs};

include!("../bugs.rs");

fn main() {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../crates/client/src");
    let copy = Path::new(&env::var("OUT_DIR").unwrap()).join("client");
    println!("cargo::rerun-if-changed={}", client.display());
    println!("cargo::rerun-if-changed=../bugs.rs");
    println!("cargo::rerun-if-changed=build.rs");
    copy_folder(&client, &copy);
    for Bug { name, file, original, with_bug } in BUGS {
        let path = copy.join("store").join(file);
        let source = fs::read_to_string(&path).unwrap();
        let count = source.matches(original).count();
        assert_eq!(
            count, 1,
            "the bug \"{name}\" has {count} places in store/{file}; bring tests/planted-bugs/bugs.rs up to date"
        );
        let condition = format!("crate::planted::is_on({name:?})");
        fs::write(&path, source.replace(original, &with_bug.replace("BUG", &condition))).unwrap();
    }
    // The documentation of the crate cannot be included.
    let root = copy.join("lib.rs");
    let source = fs::read_to_string(&root).unwrap();
    let code: Vec<&str> = source.lines().filter(|line| !line.starts_with("//!")).collect();
    fs::write(&root, code.join("\n")).unwrap();
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
