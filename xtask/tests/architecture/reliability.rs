//! The table of docs/reliability.md: one, complete, and with tests that exist.

use std::collections::BTreeSet;
use std::path::Path;

use crate::workspace::{at, read};

const PAGE: &str = "docs/reliability.md";
const HEAD: &str = "| attack or fault | before | now | test |";
/// The folders with tests.
const FOLDERS: &[&str] = &["crates", "src", "tests", "xtask"];

/// Returns the problems of a page, given the names of all tests.
fn problems(page: &str, tests: &BTreeSet<String>) -> Vec<String> {
    let mut problems = Vec::new();
    let lines: Vec<&str> = page.lines().collect();
    let is_row = |line: &&str| line.starts_with('|');
    let table: Vec<&str> =
        lines.iter().skip_while(|line| !is_row(line)).take_while(|line| is_row(line)).copied().collect();
    if table.first() != Some(&HEAD) {
        problems.push(format!("the table does not begin with `{HEAD}`"));
    }
    if lines.iter().filter(|line| is_row(line)).count() != table.len() {
        problems.push("rows stand outside the one table".to_owned());
    }
    for row in table.iter().skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [attack, _, _, named] = *cells else {
            problems.push(format!("a row must have 4 cells (got {}): {row}", cells.len()));
            continue;
        };
        if cells.iter().any(|cell| cell.is_empty()) {
            problems.push(format!("a cell is empty: {row}"));
        }
        for name in named.split(", ") {
            match name.strip_prefix('`').and_then(|name| name.strip_suffix('`')) {
                None => problems.push(format!("{attack}: must name tests, separated by commas: {named}")),
                Some(name) if !tests.contains(name) => {
                    problems.push(format!("{attack}: there is no test `{name}`"));
                }
                Some(_) => {}
            }
        }
    }
    problems
}

/// Adds the names of the tests in a folder: functions in Rust, titles in JavaScript.
fn collect_tests(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.is_dir() {
            if !path.ends_with("node_modules") && !path.ends_with("target") {
                collect_tests(&path, tests);
            }
        } else if matches!(extension, Some("rs" | "js" | "mjs" | "ts")) {
            collect_names(&std::fs::read_to_string(&path).unwrap(), extension == Some("rs"), tests);
        }
    }
}

fn collect_names(text: &str, is_rust: bool, tests: &mut BTreeSet<String>) {
    if is_rust {
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
            match name.and_then(|rest| rest.split_once('(')) {
                Some((name, _)) if is_test => {
                    tests.insert(name.to_owned());
                    is_test = false;
                }
                Some(_) => is_test = false,
                // `#[test]`, `#[tokio::test(…)]`, `#[wasm_bindgen_test]`.
                None => is_test |= line.starts_with("#[") && line.contains("test") && !line.contains("cfg"),
            }
        }
    } else {
        for rest in ["test(", "it("].iter().flat_map(|call| text.split(call).skip(1)) {
            let quote = rest.chars().next().filter(|quote| "\"'`".contains(*quote));
            tests.extend(quote.and_then(|quote| rest.split(quote).nth(1)).map(str::to_owned));
        }
    }
}

#[test]
fn the_table_of_reliability_is_one_and_names_tests_that_exist() {
    let mut tests = BTreeSet::new();
    FOLDERS.iter().for_each(|folder| collect_tests(&at(folder), &mut tests));
    let problems = problems(&read(PAGE), &tests);
    assert!(problems.is_empty(), "{PAGE}:\n{}", problems.join("\n"));
}

#[test]
fn rows_outside_the_table_and_unknown_tests_are_detected() {
    let mut tests = BTreeSet::new();
    let source = "#[tokio::test]\nasync fn one() {}\n#[test]\n#[ignore]\nfn two() {}\nfn helper() {}\n";
    collect_names(source, true, &mut tests);
    collect_names("test('a title', () => {});\nit(\"another\", f);\n", false, &mut tests);
    assert_eq!(Vec::from_iter(&tests), ["a title", "another", "one", "two"]);
    let page = |rows: &str| format!("# Title\n\n{HEAD}\n|---|---|---|---|\n{rows}");
    let found = |rows: &str| problems(&page(rows), &tests);
    assert_eq!(found("| a | b | c | `one`, `two` |\n\nText\n"), Vec::<String>::new());
    for (wrong, problem) in [
        ("| a | b | c | `helper` |\n", "no test `helper`"),
        ("| a | b | c | `one` and more |\n", "must name tests"),
        ("| a | b | `one` |\n", "4 cells (got 3)"),
        ("| a |  | c | `one` |\n", "empty"),
        ("| a | b | c | `one` |\n\nText\n| d | e | f | `two` |\n", "outside"),
    ] {
        let found = found(wrong);
        assert!(matches!(&*found, [one] if one.contains(problem)), "{wrong}: {found:?}");
    }
}
