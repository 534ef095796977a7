//! The classes in `src/snapshots/snapshots.js`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use causerie_client::snapshots::{Definition, Field, Form, VIEWS};

use crate::names::{assert_file, at, body_name, js_name, optional, part};

const FILE: &str = "src/snapshots/snapshots.js";
const START: &str =
    "// Generated from crates/client/src/snapshots by `UPDATE_DOCS=1 cargo test -p causerie-client`:\n\n";
const END: &str = "// The end of the generated part.\n";

/// Returns the parameters of a constructor: the proof, the body, and one for each part.
fn parameters(definition: &Definition) -> String {
    let parts = definition.fields.iter().filter(|field| part(field).is_some()).map(js_name);
    ["key", "body"].map(str::to_owned).into_iter().chain(parts).collect::<Vec<_>>().join(", ")
}

/// Returns the expression for the value of a property.
fn value(field: &Field) -> String {
    let body = format!("body.{}", body_name(field));
    match field.default {
        _ if part(field).is_some() => js_name(field),
        Some("{}") => format!("{body} ?? EMPTY_OBJECT"),
        Some("[]") => format!("{body} ?? EMPTY_ARRAY"),
        Some(other) => panic!("{}: no constant for {other}", field.name),
        None if optional(field.rust_type).is_some() => format!("{body} ?? null"),
        None => body,
    }
}

/// Returns the declaration of a class.
fn class(definition: &Definition) -> String {
    let parameters = parameters(definition);
    let mut text = format!("export class {} {{\n  constructor({parameters}) {{\n", definition.name);
    text += "    assertInternal(key);\n";
    for field in definition.fields {
        writeln!(text, "    this.{} = {};", js_name(field), value(field)).unwrap();
    }
    text + "  }\n}\n\n"
}

/// Returns the constructor of a snapshot: its class, or a function that returns a plain object.
fn constructor(definition: &Definition) -> String {
    if definition.form == Form::Class {
        return definition.name.to_owned();
    }
    let properties = definition.fields.iter().map(|field| {
        let (name, value) = (js_name(field), value(field));
        if name == value { name } else { format!("{name}: {value}") }
    });
    let properties = properties.collect::<Vec<_>>().join(", ");
    format!("function ({}) {{\n    return {{ {properties} }};\n  }}", parameters(definition))
}

fn generated() -> String {
    let mut text = String::new();
    for (_, definition) in VIEWS.iter().filter(|(_, definition)| definition.form == Form::Class) {
        text += &class(definition);
    }
    text += "// In the order of `View` in causerie-client. `new` of a function that returns an object is that object.\n\
             /** @type {any[]} */\nconst CONSTRUCTORS = [\n";
    for (index, (view, definition)) in VIEWS.iter().enumerate() {
        assert_eq!(*view as usize, index, "{view:?} is the index of its constructor");
        writeln!(text, "  {},", constructor(definition)).unwrap();
    }
    text + "];\n\n"
}

#[test]
fn javascript_classes_have_the_declared_fields() {
    let file = std::fs::read_to_string(at(FILE)).unwrap();
    let (before, rest) = file.split_once(START).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    assert_file(FILE, &[before, START, &generated(), END, after].concat());
}

#[test]
fn package_exports_the_classes_of_snapshots_and_no_other_snapshot() {
    let entry = std::fs::read_to_string(at("pkg/entry/public.js")).unwrap();
    let (before, _) = entry.split_once("} from \"../built/snapshots.js\";").unwrap();
    let (_, names) = before.rsplit_once("export {").unwrap();
    let names: BTreeSet<_> = names.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    let classes = VIEWS.iter().filter(|(_, definition)| definition.form == Form::Class);
    assert_eq!(names, classes.map(|(_, definition)| definition.name).collect());
}
