//! Short names between the module and its glue.
//!
//! wasm-bindgen names every import and export by a path and a hash: some 10 KB of text in the module and as much in
//! the glue, of which no compressor makes much. wasm-opt renames them and says how; here the glue is renamed
//! alike. What the entries give the module is `imports` of the glue, an object of those short names.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{glue, npm, paths, wasm};

/// Renames in the module, and writes the glue (`causerie_bg.js`, with the files it imports beside it) into a folder.
pub(crate) fn minify_names(built: &wasm::Built, made: &Path) -> Result<()> {
    paths::make_folder(made)?;
    let module = made.join("causerie.wasm");
    let printed = npm::tool("wasm-opt")?
        .args(wasm::FEATURES)
        .arg("--minify-imports-and-exports-and-modules")
        .arg(&built.wasm)
        .arg("-o")
        .arg(&module)
        .output()?;
    let renamed: Value = serde_json::from_str(&printed).context("wasm-opt did not say how it renamed")?;
    let glue = glue::patch(&paths::read(&built.glue)?)?;
    let (glue, mut brought) = rename(&glue, &renamed)?;
    // A snippet may import others, which are then brought as well: the list grows while it is walked.
    let mut next = 0;
    while let Some(path) = brought.get(next).cloned() {
        next += 1;
        let (text, imported) = flat(&paths::read(&built.snippets.join(&path))?, &path)?;
        paths::write(&made.join(name_of(&path)), text)?;
        for path in imported {
            let of_that_name = brought.iter().find(|known| name_of(known) == name_of(&path));
            match of_that_name {
                Some(known) if *known == path => {}
                Some(known) => bail!("{known} and {path} would be one file in the package: rename one"),
                None => brought.push(path),
            }
        }
    }
    paths::write(&made.join("causerie_bg.js"), glue)
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A snippet as it is where all of them lie in one folder, and the paths of those it imports.
fn flat(text: &str, path: &str) -> Result<(String, Vec<String>)> {
    let mut flat = String::with_capacity(text.len());
    let mut imported = Vec::new();
    for line in text.split_inclusive('\n') {
        let relative = line.split_once(" from \"").and_then(|(before, rest)| {
            let (target, after) = rest.split_once('"')?;
            target.starts_with('.').then_some((before, target, after))
        });
        let Some((before, target, after)) = relative else {
            flat.push_str(line);
            continue;
        };
        let mut folders: Vec<&str> = path.split('/').collect();
        folders.pop();
        for step in target.split('/') {
            match step {
                "." => {}
                ".." => drop(folders.pop().with_context(|| format!("{path} imports {target} from outside"))?),
                name => folders.push(name),
            }
        }
        write!(flat, "{before} from \"./{}\"{after}", name_of(target))?;
        imported.push(folders.join("/"));
    }
    Ok((flat, imported))
}

/// The glue under the new names, and the paths of the snippets it imports.
fn rename(glue: &str, renamed: &Value) -> Result<(String, Vec<String>)> {
    let mut glue = glue.to_owned();
    let mut exports: Vec<_> = rows(renamed, "exports")?;
    // The longest first, for some names begin with another.
    exports.sort_by_key(|row| std::cmp::Reverse(row.first().map_or(0, String::len)));
    for row in exports {
        let [old, new] = row.as_slice() else { bail!("wasm-opt named an export oddly: {row:?}") };
        glue = replace_property(&glue, "wasm.", old, new);
    }

    let mut imports = String::new();
    let mut brought = Vec::new();
    let mut object = String::from("\nexport const imports = { a: {\n");
    for row in rows(renamed, "imports")? {
        let [module, old, new] = row.as_slice() else { bail!("wasm-opt named an import oddly: {row:?}") };
        if module == "./causerie_bg.js" {
            glue = glue.replace(&format!("export function {old}("), &format!("function {old}("));
            glue = glue.replace(&format!("export const {old} ="), &format!("const {old} ="));
            writeln!(object, "  {new}: {old},")?;
        } else {
            // A snippet's function that needs no glue is imported by the module itself.
            let local = format!("snippet_{old}");
            writeln!(imports, "import {{ {old} as {local} }} from '{module}';")?;
            writeln!(object, "  {new}: {local},")?;
        }
    }
    // The module's own start, which the glue for bundlers leaves to the file that it is imported by.
    let start = rows(renamed, "exports")?
        .into_iter()
        .find(|row| row.first().is_some_and(|old| old == "__wbindgen_start"));
    let start = start.as_deref().and_then(|row| row.get(1)).context("the module has no start")?.clone();
    write!(object, "}} }};\nexport const begin = () => wasm.{start}();\n")?;
    let mut text = [imports.as_str(), glue.as_str(), object.as_str()].concat();
    for line in text.clone().lines() {
        if let Some((_, rest)) = line.split_once("from './snippets/")
            && let Some((path, _)) = rest.split_once('\'')
            && let Some(name) = path.rsplit('/').next()
        {
            text = text.replace(&format!("'./snippets/{path}'"), &format!("'./{name}'"));
            if !brought.iter().any(|known| known == path) {
                brought.push(path.to_owned());
            }
        }
    }
    Ok((text, brought))
}

fn rows(renamed: &Value, kind: &str) -> Result<Vec<Vec<String>>> {
    let rows = renamed.get(kind).cloned().unwrap_or_default();
    serde_json::from_value(rows)
        .with_context(|| format!("wasm-opt's list of {kind} has another form than expected"))
}

/// Replaces `object` + `old` where nothing of a longer name follows.
fn replace_property(text: &str, object: &str, old: &str, new: &str) -> String {
    let wanted = [object, old].concat();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find(&wanted) {
        let (before, found) = rest.split_at(place);
        let after = found.get(wanted.len()..).unwrap_or_default();
        let longer = after.starts_with(|next: char| next.is_alphanumeric() || next == '_' || next == '$');
        out.push_str(before);
        out.push_str(object);
        out.push_str(if longer { old } else { new });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_and_imports_are_renamed_alike_and_snippets_lie_flat() {
        let glue = "import { later } from './snippets/causerie-12/src/clock.js';\n\
                    export class User { id() { return wasm.user_id(this.p) + wasm.user_id_2(1); } }\n\
                    export function __wbg_now_34() { return later(); }\n";
        let renamed = serde_json::json!({
            "imports": [
                ["./causerie_bg.js", "__wbg_now_34", "a"],
                ["./snippets/causerie-12/src/clock.js", "never", "b"],
                ["./snippets/causerie-12/src/errors.js", "report", "c"]
            ],
            "exports": [["user_id", "x"], ["user_id_2", "y"], ["__wbindgen_start", "z"]]
        });
        let (text, brought) = rename(glue, &renamed).unwrap();
        assert!(text.contains("wasm.x(this.p) + wasm.y(1)"), "{text}");
        assert!(text.contains("import { later } from './clock.js';"), "{text}");
        assert!(text.contains("import { never as snippet_never } from './clock.js';"), "{text}");
        assert!(text.contains("  a: __wbg_now_34,") && text.contains("  b: snippet_never,"), "{text}");
        assert!(text.contains("\nfunction __wbg_now_34()"), "imports of the module are no exports: {text}");
        assert_eq!(brought, ["causerie-12/src/clock.js", "causerie-12/src/errors.js"]);
    }

    #[test]
    fn what_a_snippet_imports_is_found_and_lies_beside_it() {
        let text = "import { a,\n  b } from \"../interop/error.js\";\nimport { c } from \"./lists.js\";\nexport const d = 1;\n";
        let (text, imported) = flat(text, "causerie-12/src/live/live.js").unwrap();
        assert_eq!(
            text,
            "import { a,\n  b } from \"./error.js\";\nimport { c } from \"./lists.js\";\nexport const d = 1;\n"
        );
        assert_eq!(imported, ["causerie-12/src/interop/error.js", "causerie-12/src/live/lists.js"]);
        assert!(flat("import \"x\" from \"../../no.js\";", "live.js").is_err());
    }
}
