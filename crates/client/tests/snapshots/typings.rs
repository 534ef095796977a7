//! The declarations of snapshots in `src/types/`.

use std::fmt::Write as _;

use causerie_client::snapshots::{Definition, Form, OTHERS, VIEWS};

use crate::names::{assert_file, at, js_name, optional};

/// The greatest width of a line.
const WIDTH: usize = 110;

/// Returns a type in TypeScript.
fn typescript(rust_type: &str) -> String {
    if let Some(inner) = optional(rust_type) {
        return format!("{} | null", typescript(inner));
    }
    if let Some(inner) = rust_type.strip_prefix("Vec<").and_then(|rest| rest.strip_suffix('>')) {
        return format!("{}[]", typescript(inner));
    }
    let text = match rust_type {
        "String" | "UserId" | "ConversationId" | "MessageId" => "string",
        "bool" => "boolean",
        "i64" | "u32" => "number",
        "Custom" => "Record<string, string>",
        "Access" => "\"Read\" | \"ReadWrite\"",
        "Notify" => "boolean | \"MentionsOnly\"",
        "MessageKind" => "\"UserMessage\" | \"SystemMessage\"",
        "ReferencedMessageKind" => "\"UserMessage\"",
        "Origin" => "\"rest\" | \"import\" | \"email\" | \"web\"",
        "Always<false>" => "false",
        "Always<true>" => "true",
        "ContentBlock" => "ContentBlock",
        snapshot if snapshot.ends_with("Snapshot") => snapshot,
        _ => panic!("add the TypeScript form of {rust_type} here"),
    };
    text.to_owned()
}

/// Returns a comment of these lines, wrapped.
fn comment(lines: &[&str], indent: &str) -> String {
    let text = lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    let text = text.replace("[`", "{@link ").replace("`]", "}");
    let line = format!("{indent}/** {text} */\n");
    if line.trim_end().chars().count() <= WIDTH {
        return line;
    }
    let mut out = format!("{indent}/**\n");
    let mut line = format!("{indent} *");
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            writeln!(out, "{line}").unwrap();
            line = format!("{indent} *");
        }
        write!(line, " {word}").unwrap();
    }
    out + &line + &format!("\n{indent} */\n")
}

/// Returns the first line of a declaration.
fn head(definition: &Definition) -> String {
    let form = match definition.form {
        Form::Class => "declare class",
        Form::Object => "interface",
    };
    format!("export {form} {} {{\n", definition.name)
}

fn declaration(definition: &Definition) -> String {
    let mut text = comment(definition.docs, "") + &head(definition);
    if definition.form == Form::Class {
        text += "  private constructor();\n";
    }
    for field in definition.fields {
        text += &comment(field.docs, "  ");
        writeln!(text, "  readonly {}: {};", js_name(field), typescript(field.rust_type)).unwrap();
    }
    text + "}\n"
}

/// Returns a file in which the declaration of this type, with its comment, is as it should be; `None` if the
/// file does not declare it.
fn updated(file: &str, definition: &Definition) -> Option<String> {
    let position = file.find(&head(definition))?;
    let (before, rest) = file.split_at(position);
    let (_, after) = rest.split_once("\n}\n").unwrap();
    assert!(before.ends_with(" */\n"), "{} is documented", definition.name);
    let (before, _) = before.rsplit_once("/**").unwrap();
    Some([before, &declaration(definition), after].concat())
}

#[test]
fn typings_have_the_declared_fields_and_their_documentation() {
    let mut declared = VIEWS.iter().map(|(_, definition)| definition).chain(&OTHERS).collect::<Vec<_>>();
    for entry in std::fs::read_dir(at("src/types")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".d.ts") {
            continue;
        }
        let path = format!("src/types/{name}");
        let mut text = std::fs::read_to_string(at(&path)).unwrap();
        declared.retain(|definition| {
            let Some(expected) = updated(&text, definition) else { return true };
            text = expected;
            false
        });
        assert_file(&path, &text);
    }
    let missing: Vec<_> = declared.iter().map(|definition| head(definition)).collect();
    assert!(missing.is_empty(), "src/types declares no {missing:?}");
}

#[test]
fn comments_are_wrapped_and_links_have_the_form_of_typescript() {
    assert_eq!(comment(&[" Opposite of", " [`Few`]."], "  "), "  /** Opposite of {@link Few}. */\n");
    let wrapped = comment(&[" word"; 40], "");
    assert!(wrapped.starts_with("/**\n * word word"), "{wrapped}");
    assert!(wrapped.ends_with(" word\n */\n"), "{wrapped}");
    assert!(wrapped.lines().all(|line| line.len() <= WIDTH), "{wrapped}");
}
