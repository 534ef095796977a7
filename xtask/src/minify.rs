//! Short names between the module and its glue.
//!
//! wasm-bindgen names every import and export by a path and a hash: about 10 KB of text in the module and as
//! much in the glue, which compresses badly. wasm-opt renames them and prints how; here the glue is renamed
//! accordingly. The entries of the package instantiate the module with `imports` of the glue, an object with
//! the short names.
//!
//! The functions are sorted here too (`xtask/node/name-functions.mjs`), because wasm-opt sorts them by
//! itself when it optimises.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::replace::Replacement;
use crate::sh::Run;
use crate::{glue, glue_imports, npm, paths, wasm};

/// The export that starts the module. wasm-bindgen calls it in a file that the package does not use.
const START: &str = "__wbindgen_start";

/// Exports for hosts that handle an abort, which the glue for bundlers does not use.
const UNUSED: [&str; 2] = ["__abort_handler", "__instance_terminated"];

/// Renames imports and exports of the module, and writes the module, the glue (`causerie_bg.js`) and the
/// snippets that it imports into one folder.
pub(crate) fn minify_names(built: &wasm::Built, folder: &Path) -> Result<()> {
    paths::make_folder(folder)?;
    let module = folder.join("causerie.wasm");
    let mut run = npm::tool("wasm-opt")?.args(wasm::FEATURES).arg("--minify-imports-and-exports-and-modules");
    if built.has_names {
        run = run.arg("-g");
    }
    let printed = run.arg(&built.wasm).arg("-o").arg(&module).output()?;
    // Functions are sorted by other names than their own.
    if !built.has_names {
        order_functions(&module)?;
    }
    let renamed: Value =
        serde_json::from_str(&printed).context("wasm-opt printed no JSON list of the names it changed")?;
    let glue = glue::patch(&paths::read(&built.glue)?)?;
    let (glue, mut snippets) = rename(&glue, &renamed)?;
    // A snippet may import further snippets, which are appended to the list.
    let mut next = 0;
    while let Some(path) = snippets.get(next).cloned() {
        next += 1;
        let (text, imported) = flatten_imports(&paths::read(&built.snippets.join(&path))?, &path)?;
        paths::write(&folder.join(file_name(&path)), text)?;
        for path in imported {
            match snippets.iter().find(|known| file_name(known) == file_name(&path)) {
                Some(known) if *known == path => {}
                Some(known) => bail!("{known} and {path} would be one file in the package: rename one"),
                None => snippets.push(path),
            }
        }
    }
    paths::write(&folder.join("causerie_bg.js"), glue)
}

/// Puts similar functions of the module beside each other, which makes it smaller for a compressor only.
fn order_functions(module: &Path) -> Result<()> {
    let named = module.with_extension("named.wasm");
    Run::new("node")
        .arg(paths::from_root("xtask/node/name-functions.mjs"))
        .arg(module)
        .arg(&named)
        .quiet("the order of functions")?;
    npm::tool("wasm-opt")?
        .args(wasm::FEATURES)
        .arg("--reorder-functions-by-name")
        .arg(&named)
        .arg("-o")
        .arg(module)
        .output()?;
    std::fs::remove_file(&named).context("the named module is removed")
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Rewrites the imports of a snippet for a folder that holds all of them. Returns the text and the paths of
/// the imported snippets.
fn flatten_imports(text: &str, path: &str) -> Result<(String, Vec<String>)> {
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
                ".." => {
                    folders.pop().with_context(|| format!("{path} imports {target}, which is outside"))?;
                }
                name => folders.push(name),
            }
        }
        write!(flat, "{before} from \"./{}\"{after}", file_name(target))?;
        imported.push(folders.join("/"));
    }
    if let Some(line) = flat.lines().find(|line| line.contains("\"../")) {
        bail!("{path}: an import in a form that is not rewritten: {line}");
    }
    Ok((flat, imported))
}

/// Renames imports and exports in the glue. Returns the glue and the paths of the snippets it imports.
fn rename(glue: &str, renamed: &Value) -> Result<(String, Vec<String>)> {
    let mut glue = glue.to_owned();
    let mut exports = rows(renamed, "exports")?;
    // The longest first, because some names begin with another.
    exports.sort_by_key(|row| std::cmp::Reverse(row.first().map_or(0, String::len)));
    let mut start = None;
    for row in exports {
        let [old, new] = row.as_slice() else {
            bail!("wasm-opt: exports: must be pairs of names (got {row:?})");
        };
        if old == START {
            start = Some(new.clone());
            continue;
        }
        if UNUSED.contains(&old.as_str()) {
            continue;
        }
        let (text, times) = replace_property(&glue, "wasm.", old, new);
        if times == 0 {
            bail!("replacement \"wasm.{old}\": must apply at least once (applied 0 times)");
        }
        glue = text;
    }

    let mut snippet_imports = String::new();
    let mut imports = Vec::new();
    for row in rows(renamed, "imports")? {
        let [module, old, new] = row.as_slice() else {
            bail!("wasm-opt: imports: must be triples of names (got {row:?})");
        };
        if module == "./causerie_bg.js" {
            let import = match glue_imports::take(&glue, old)? {
                Some((left, arrow)) => {
                    glue = left;
                    arrow
                }
                None => {
                    glue = unexport(&glue, old)?;
                    old.clone()
                }
            };
            imports.push((import, new.clone()));
        } else {
            // A function of a snippet that needs no glue is imported by the module itself.
            let local = format!("snippet_{old}");
            writeln!(snippet_imports, "import {{ {old} as {local} }} from '{module}';")?;
            imports.push((local, new.clone()));
        }
    }
    glue = glue_imports::drop_unused(glue)?;
    // Similar functions beside each other are smaller for a compressor.
    imports.sort();
    let mut object = String::from("\nexport const imports = { a: {\n");
    for (import, name) in imports {
        writeln!(object, "  {name}: {import},")?;
    }
    let start = start.with_context(|| format!("the module has no export {START}"))?;
    write!(object, "}} }};\nexport const begin = () => wasm.{start}();\n")?;
    let (glue, snippets) =
        flatten_snippets([snippet_imports.as_str(), glue.as_str(), object.as_str()].concat())?;
    Ok((into_function(&glue)?, snippets))
}

/// Puts the glue into a function, which returns the exports of the glue. Each instance of the module gets
/// glue of its own, so that an object of a failed instance never calls another one with its pointer.
fn into_function(glue: &str) -> Result<String> {
    let (imports, body): (Vec<&str>, Vec<&str>) =
        glue.split_inclusive('\n').partition(|line| line.starts_with("import "));
    let mut text = imports.concat();
    text.push_str("\nexport const createGlue = () => {\n");
    let mut names = Vec::new();
    for line in body {
        let Some(declaration) = line.strip_prefix("export ") else {
            text.push_str(line);
            continue;
        };
        let name = ["class ", "function ", "const "].iter().find_map(|kind| declaration.strip_prefix(kind));
        let name = name.and_then(|rest| rest.split(|next: char| !is_name(next)).next());
        names.push(name.with_context(|| format!("the glue has an export of an unknown form: {line}"))?);
        text.push_str(declaration);
    }
    write!(text, "\nreturn {{ {} }};\n}};\n", names.join(", "))?;
    Ok(text)
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// Makes a function or constant of the glue private: `imports` passes it to the module.
fn unexport(glue: &str, name: &str) -> Result<String> {
    let function = (format!("export function {name}("), format!("function {name}("));
    let constant = (format!("export const {name} ="), format!("const {name} ="));
    let (from, to) = if glue.contains(&function.0) { function } else { constant };
    Replacement { name: &from, from: &from, to: &to, times: 1 }.apply(glue)
}

/// Imports snippets from the folder of the glue. Returns the glue and the snippets' paths in wasm-bindgen's
/// output.
fn flatten_snippets(glue: String) -> Result<(String, Vec<String>)> {
    let mut snippets: Vec<String> = Vec::new();
    let mut flat = String::with_capacity(glue.len());
    for line in glue.split_inclusive('\n') {
        let snippet = line.split_once("from './snippets/").and_then(|(before, rest)| {
            let (path, after) = rest.split_once('\'')?;
            Some((before, path, after))
        });
        let Some((before, path, after)) = snippet else {
            flat.push_str(line);
            continue;
        };
        write!(flat, "{before}from './{}'{after}", file_name(path))?;
        if !snippets.iter().any(|known| known == path) {
            snippets.push(path.to_owned());
        }
    }
    if flat.contains("./snippets/") {
        bail!("the glue imports a snippet in a form that is not rewritten");
    }
    Ok((flat, snippets))
}

fn rows(renamed: &Value, kind: &str) -> Result<Vec<Vec<String>>> {
    let rows = renamed.get(kind).cloned().unwrap_or_default();
    serde_json::from_value(rows)
        .with_context(|| format!("wasm-opt: {kind}: must be a list of lists of names"))
}

/// Replaces `object` + `old` unless it is the beginning of a longer name. Returns the text and the count.
fn replace_property(text: &str, object: &str, old: &str, new: &str) -> (String, usize) {
    let pattern = [object, old].concat();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut times = 0;
    while let Some(index) = rest.find(&pattern) {
        let (before, found) = rest.split_at(index);
        let after = found.get(pattern.len()..).unwrap_or_default();
        let longer = after.starts_with(is_name);
        out.push_str(before);
        out.push_str(object);
        out.push_str(if longer { old } else { new });
        times += usize::from(!longer);
        rest = after;
    }
    out.push_str(rest);
    (out, times)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{flatten_imports, rename};

    const GLUE: &str = "import { setTimer } from './snippets/causerie-12/src/clock.js';\n\
                        export class User { id() { return wasm.user_id(this.p) + wasm.user_id_2(1); } }\n\
                        export function __wbg_now_34() {\n    return setTimer();\n}\n";

    fn renamed() -> Value {
        json!({
            "imports": [
                ["./causerie_bg.js", "__wbg_now_34", "a"],
                ["./snippets/causerie-12/src/clock.js", "clearTimer", "b"],
                ["./snippets/causerie-12/src/errors.js", "report", "c"]
            ],
            "exports": [["user_id", "x"], ["user_id_2", "y"], ["__wbindgen_start", "z"]]
        })
    }

    #[test]
    fn imports_and_exports_are_renamed_and_snippets_are_imported_from_one_folder() {
        let (text, snippets) = rename(GLUE, &renamed()).unwrap();
        assert!(text.contains("wasm.x(this.p) + wasm.y(1)"), "{text}");
        assert!(text.contains("import { setTimer } from './clock.js';"), "{text}");
        assert!(text.contains("import { clearTimer as snippet_clearTimer } from './clock.js';"), "{text}");
        assert!(text.contains("  a: () => {") && text.contains("  b: snippet_clearTimer,"), "{text}");
        assert!(!text.contains("__wbg_now_34"), "{text}");
        assert!(text.contains("createGlue = () => {\nclass User {"), "{text}");
        assert!(text.ends_with("return { User, imports, begin };\n};\n"), "{text}");
        assert!(text.contains("begin = () => wasm.z()"), "{text}");
        assert_eq!(snippets, ["causerie-12/src/clock.js", "causerie-12/src/errors.js"]);
    }

    #[test]
    fn name_that_the_glue_does_not_contain_fails_and_is_named() {
        let without_export = rename(&GLUE.replace("user_id_2", "other"), &renamed()).unwrap_err().to_string();
        assert!(without_export.contains("\"wasm.user_id_2\": must apply at least once"), "{without_export}");
        let without_import = rename(&GLUE.replace("now_34", "now_35"), &renamed()).unwrap_err().to_string();
        assert!(without_import.contains("__wbg_now_34 =\": must apply 1 times"), "{without_import}");
        let without_start = json!({ "imports": [], "exports": [["user_id", "x"], ["user_id_2", "y"]] });
        assert!(rename(GLUE, &without_start).unwrap_err().to_string().contains("__wbindgen_start"));
    }

    #[test]
    fn imports_of_a_snippet_are_found_and_rewritten() {
        let text = "import { a,\n  b } from \"../interop/error.js\";\nimport { c } from \"./lists.js\";\nexport const d = 1;\n";
        let (text, imported) = flatten_imports(text, "causerie-12/src/driver/handle.js").unwrap();
        assert_eq!(
            text,
            "import { a,\n  b } from \"./error.js\";\nimport { c } from \"./lists.js\";\nexport const d = 1;\n"
        );
        assert_eq!(imported, ["causerie-12/src/interop/error.js", "causerie-12/src/driver/lists.js"]);
    }

    #[test]
    fn import_that_cannot_be_rewritten_fails() {
        assert!(flatten_imports("import { a } from \"../../no.js\";", "handle.js").is_err());
        assert!(flatten_imports("import \"../side-effect.js\";", "causerie-12/src/handle.js").is_err());
    }
}
