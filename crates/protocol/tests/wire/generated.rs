//! Files that say again what the code says: tables in the documentation, the golden frames as TypeScript, and the
//! fuzzer's first inputs. They are compared with the code here, and written anew by `UPDATE_DOCS=1 cargo test`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use causerie_protocol::version::{SUBPROTOCOL, VERSION};
use causerie_protocol::{CloseCode, ErrorCode, Recovery, limits};
use serde_json::Value;

use crate::support::{goldens, root};

fn updating() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// The file must hold just this; or is written so, when asked.
fn holds(path: &str, expected: &str) {
    let file = root().join(path);
    if updating() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, expected).unwrap();
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        there == expected,
        "{path} differs from the code: run UPDATE_DOCS=1 cargo test -p causerie-protocol"
    );
}

/// The file must hold each table between its two marks: `<!-- NAME: from the code -->` and `<!-- end -->`.
fn holds_tables(path: &str, tables: &[(&str, String)]) {
    let mut text = std::fs::read_to_string(root().join(path)).unwrap();
    for (name, table) in tables {
        let mark = format!("<!-- {name}: from the code -->\n");
        let (before, rest) =
            text.split_once(&mark).unwrap_or_else(|| panic!("{path} lacks the mark {mark:?}"));
        let (_, after) =
            rest.split_once("<!-- end -->").unwrap_or_else(|| panic!("{path}: {name} has no end"));
        text = format!("{before}{mark}{table}<!-- end -->{after}");
    }
    holds(path, &text);
}

#[test]
fn the_tables_of_codes_are_those_of_the_code() {
    let mut errors = String::from("| code | HTTP | retryable | what it means |\n|---|---|---|---|\n");
    for code in ErrorCode::ALL {
        let retryable = if code.retryable() { "yes" } else { "no" };
        let (name, status, meaning) = (code.name(), code.http_status(), code.meaning());
        writeln!(errors, "| `{name}` | {status} | {retryable} | {meaning} |").unwrap();
    }
    let mut closes = String::from(
        "| code | name | error | what the client does | what happened |\n|---|---|---|---|---|\n",
    );
    for code in CloseCode::ALL {
        let recovery = match (code, Recovery::of(code.number())) {
            (CloseCode::Normal, _) => "nothing: it was the client's wish",
            (CloseCode::Silent, _) => "connects again at once: it was the client's doing",
            (_, Recovery::Retry) => "connects again, with backoff",
            (_, Recovery::RetryLater) => "connects again, later",
            (_, Recovery::Reauthenticate) => "connects again with another token",
            (_, Recovery::Never) => "ends the session",
        };
        let (number, error, meaning) = (code.number(), code.error_code().name(), code.meaning());
        writeln!(closes, "| {number} | {code:?} | `{error}` | {recovery} | {meaning} |").unwrap();
    }
    holds_tables("docs/protocol.md", &[("error codes", errors), ("close codes", closes)]);
}

/// Numbers within sentences are kept by hand; here they are compared.
#[test]
fn the_sentences_say_the_numbers_of_the_code() {
    let seconds = |milliseconds: u32| format!("{} s", milliseconds / 1000);
    let sentences = [
        ("docs/protocol.md", format!("The protocol, version {VERSION}")),
        ("docs/protocol.md", format!("Sec-WebSocket-Protocol: {SUBPROTOCOL}")),
        ("docs/protocol.md", format!("one text message of at most {} bytes", grouped(limits::FRAME_BYTES))),
        ("docs/protocol.md", format!("is at most {} bytes. The results", grouped(limits::FRAME_BYTES))),
        ("docs/protocol.md", format!("A batch has at most {} requests", limits::BATCH_REQUESTS)),
        ("docs/protocol.md", format!("`hello`, within {}", seconds(limits::HELLO_TIMEOUT_MS))),
        ("docs/protocol.md", format!("Every {} (`pingInterval`)", seconds(limits::PING_INTERVAL_MS))),
        ("docs/protocol.md", format!("after {} without one", seconds(limits::SILENCE_MS))),
        ("docs/protocol.md", format!("up after {} without an answer", seconds(limits::REQUEST_TIMEOUT_MS))),
        ("docs/protocol.md", format!("a `key` (1 to {} bytes)", limits::ID_BYTES)),
        ("docs/limits.md", format!("digits (at least {})", limits::PHONE_DIGITS)),
    ];
    for (path, sentence) in sentences {
        // However the lines are broken.
        let text = std::fs::read_to_string(root().join(path)).unwrap().replace('\n', " ");
        assert!(text.contains(&sentence), "{path} does not say: {sentence}");
    }
    let pages = std::fs::read_to_string(root().join("docs/protocol.md")).unwrap();
    for op in causerie_protocol::Op::NAMES {
        assert!(pages.contains(&format!("| `{op}` |")), "docs/protocol.md has no row for {op}");
    }
    for kind in causerie_protocol::Topic::KINDS {
        assert!(
            pages.contains(&format!("| `{kind}` |")),
            "docs/protocol.md has no row for topics of kind {kind}"
        );
    }
}

fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> =
        digits.as_bytes().rchunks(3).rev().map(|three| str::from_utf8(three).unwrap()).collect();
    groups.join(",")
}

#[test]
fn the_table_of_limits_is_that_of_the_code() {
    let mut table = String::from("| what | at most | unit |\n|---|---:|---|\n");
    for (what, limit, unit) in limits::TABLE {
        writeln!(table, "| {what} | {} | {unit} |", grouped(*limit)).unwrap();
    }
    holds_tables("docs/limits.md", &[("limits", table)]);
}

#[test]
fn every_golden_frame_is_typed_in_typescript() {
    let type_of = |file: &str| match file.split_once('.').unwrap() {
        ("client", kind) => format!("Record<string, Extract<ClientFrame, {{ t: \"{kind}\" }}>>"),
        ("server", kind) => format!("Record<string, Extract<ServerFrame, {{ t: \"{kind}\" }}>>"),
        ("entity", "user") => "Record<string, User>".to_owned(),
        ("entity", "conversation") => "Record<string, Conversation>".to_owned(),
        ("entity", "message") => "Record<string, Message>".to_owned(),
        ("entity", "participant") => "Record<string, Participant>".to_owned(),
        ("entity", "reaction") => "Record<string, Reaction>".to_owned(),
        ("entity", "online") => "Record<string, Online>".to_owned(),
        ("entity", "typing") => "Record<string, Typing>".to_owned(),
        ("http", "batch") => "Record<string, Batch>".to_owned(),
        ("http", "answers") => "Record<string, Answers>".to_owned(),
        ("http", "failure") => "Record<string, Failure>".to_owned(),
        // Keyed by the code itself, so that a code too many or too few does not compile.
        ("codes", "error") => "Record<ErrorCode, { retryable: boolean; http: number }>".to_owned(),
        ("codes", "close") => {
            "Record<CloseCode, { name: string; error: ErrorCode; recovery: Recovery }>".to_owned()
        }
        _ => panic!("{file}: which type has it in wire.d.ts?"),
    };
    let mut text = String::from(
        "// Written from crates/protocol/tests/golden by `UPDATE_DOCS=1 cargo test -p causerie-protocol`; not by hand.\n\
         import type {\n  Answers, Batch, ClientFrame, CloseCode, Conversation, ErrorCode, Failure, Message, Online, Participant, Reaction,\n  \
         Recovery, ServerFrame, Typing, User,\n\
         } from \"./wire\";\n",
    );
    for (file, cases) in goldens() {
        let name = file.replace('.', "_");
        let json = serde_json::to_string_pretty(&cases).unwrap();
        writeln!(text, "\nexport const {name} = {json} satisfies {};", type_of(&file)).unwrap();
    }
    holds("tests/types/goldens.ts", &text);
}

#[test]
fn the_fuzzer_starts_from_the_golden_frames() {
    let mut seeds = BTreeMap::new();
    for (file, cases) in goldens() {
        if file.starts_with("client.") || file == "http.batch" {
            for (number, (_, json)) in cases.into_iter().enumerate() {
                seeds.insert(format!("{file}-{number}.json"), Value::to_string(&json));
            }
        }
    }
    let folder = "fuzz/seeds/decode_frame";
    for (name, seed) in &seeds {
        holds(&format!("{folder}/{name}"), seed);
    }
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !seeds.contains_key(&name) && updating() {
            std::fs::remove_file(entry.path()).unwrap();
        } else {
            assert!(seeds.contains_key(&name), "{folder}/{name} is made from no golden file");
        }
    }
}
