//! Files that are generated from the golden files: their TypeScript form, and the first inputs of the fuzzer.
//! With `UPDATE_DOCS=1`, they are written.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::support::{assert_file, goldens, root, updating};

#[test]
fn golden_files_have_a_typescript_form_that_states_their_types() {
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
        ("http", "results") => "Record<string, BatchResults>".to_owned(),
        ("http", "failure") => "Record<string, Failure>".to_owned(),
        // The code is the key, so that an additional or missing code does not compile.
        ("codes", "error") => "Record<ErrorCode, { retryable: boolean; http: number }>".to_owned(),
        ("codes", "close") => {
            "Record<CloseCode, { name: string; error: ErrorCode; recovery: Recovery }>".to_owned()
        }
        _ => panic!("{file}: add its type of wire.d.ts here"),
    };
    let mut text = String::from(
        "// Written from crates/protocol/tests/golden by `UPDATE_DOCS=1 cargo test -p causerie-protocol`; not by hand.\n\
         import type {\n  Batch, BatchResults, ClientFrame, CloseCode, Conversation, ErrorCode, Failure, Message, Online, Participant, Reaction,\n  \
         Recovery, ServerFrame, Typing, User,\n\
         } from \"./wire\";\n",
    );
    for (file, cases) in goldens() {
        let name = file.replace('.', "_");
        let json = serde_json::to_string_pretty(&cases).unwrap();
        writeln!(text, "\nexport const {name} = {json} satisfies {};", type_of(&file)).unwrap();
    }
    assert_file("tests/types/goldens.ts", &text);
}

#[test]
fn fuzzer_seeds_equal_the_golden_client_frames() {
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
        assert_file(&format!("{folder}/{name}"), seed);
    }
    for entry in std::fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if !seeds.contains_key(&name) && updating() {
            std::fs::remove_file(entry.path()).unwrap();
        } else {
            assert!(seeds.contains_key(&name), "{folder}/{name} is not generated from a golden file");
        }
    }
}
