//! The functions of the glue that the module imports, as arrow functions in the object that is passed to the
//! module. wasm-bindgen writes each as a function with a long name, which is used once: minifiers shorten the
//! names, but keep the declarations.

use anyhow::{Context as _, Result, bail};

/// The function that catches what an import throws, for the module. It replaces wasm-bindgen's `handleError`,
/// which needs the `arguments` of a function.
pub(crate) const CATCHING: &str = "\
function catching(call) {
    return (...args) => {
        try {
            return call(...args);
        } catch (e) {
            wasm.__wbindgen_exn_store(addToExternrefTable0(e));
        }
    };
}
";

/// The names of the global object in old environments.
const OTHER_GLOBALS: [&str; 3] = ["global", "self", "window"];

/// How wasm-bindgen writes a function whose errors the module catches, around its parameters and its body.
const CATCHES: [&str; 2] = ["() { return handleError(function (", "}, arguments); }\n"];

/// Removes the declaration of an import from the glue, and returns the glue and the arrow function. Returns
/// `None` if the glue declares it in another way.
pub(crate) fn take(glue: &str, name: &str) -> Result<Option<(String, String)>> {
    let head = format!("export function {name}");
    let Some((before, declaration)) = glue.split_once(&head) else { return Ok(None) };
    // Every line of the body is indented.
    let unfinished = || format!("the function {name} of the glue has no end");
    let end = declaration.find("\n}").with_context(unfinished)? + 1;
    let (text, last) = declaration.split_at_checked(end).with_context(unfinished)?;
    let (last, after) =
        last.split_at_checked(last.find('\n').with_context(unfinished)? + 1).with_context(unfinished)?;
    let (signature, body) =
        text.split_once(") {\n").with_context(|| format!("the function {name} has no parameters"))?;
    let arrow = match signature.strip_prefix(CATCHES[0]) {
        Some(parameters) if last == CATCHES[1] => format!("catching({})", arrow(parameters, body)),
        None if last == "}\n" => arrow(signature.trim_start_matches('('), body),
        _ => bail!("the function {name} of the glue has an unknown form"),
    };
    Ok(Some(([before, after].concat(), arrow)))
}

/// Returns an arrow function with these parameters and the lines of a body.
fn arrow(parameters: &str, body: &str) -> String {
    let value = |text: &str| {
        let parentheses = if text.starts_with('{') { ["(", ")"] } else { ["", ""] };
        format!("({parameters}) => {}{text}{}", parentheses[0], parentheses[1])
    };
    let returned =
        body.strip_prefix("    const ret = ").and_then(|rest| rest.strip_suffix(";\n    return ret;\n"));
    if let Some(returned) = returned.filter(|text| !text.contains('\n')) {
        return value(returned);
    }
    // The class exists in all environments that the package supports.
    let checked = body.strip_prefix("    let result;\n    try {\n        result = ");
    if let Some((check, _)) =
        checked.and_then(|rest| rest.split_once(";\n    } catch (_) {\n        result = false;\n"))
    {
        return value(check);
    }
    // js-sys asks for `globalThis` first, which all these environments have.
    if OTHER_GLOBALS.iter().any(|global| body.starts_with(&format!("    const ret = typeof {global} === "))) {
        return value("0");
    }
    format!("({parameters}) => {{\n{body}}}")
}

/// Removes the declarations of functions for imports that the module no longer has.
pub(crate) fn drop_unused(mut glue: String) -> Result<String> {
    while let Some((_, rest)) = glue.split_once("\nexport function __wb") {
        let name: String = rest.chars().take_while(|next| next.is_alphanumeric() || *next == '_').collect();
        let name = format!("__wb{name}");
        if name == "__wbg_set_wasm" {
            break;
        }
        let Some((left, _)) = take(&glue, &name)? else { break };
        glue = left;
    }
    Ok(glue)
}

#[cfg(test)]
mod tests {
    use super::take;

    fn arrow_of(declaration: &str) -> String {
        let glue = format!("let before;\n{declaration}let after;\n");
        let (left, arrow) = take(&glue, "__wbg_f_1").unwrap().unwrap();
        assert_eq!(left, "let before;\nlet after;\n");
        arrow
    }

    #[test]
    fn functions_of_each_form_become_arrow_functions() {
        let value =
            "export function __wbg_f_1(arg0, arg1) {\n    const ret = arg0.add(arg1);\n    return ret;\n}\n";
        assert_eq!(arrow_of(value), "(arg0, arg1) => arg0.add(arg1)");
        let object = "export function __wbg_f_1() {\n    const ret = {};\n    return ret;\n}\n";
        assert_eq!(arrow_of(object), "() => ({})");
        let statements =
            "export function __wbg_f_1(arg0) {\n    const ret = arg0 + 1;\n    return ret + 1;\n}\n";
        assert_eq!(arrow_of(statements), "(arg0) => {\n    const ret = arg0 + 1;\n    return ret + 1;\n}");
        let check = "export function __wbg_f_1(arg0) {\n    let result;\n    try {\n        result = arg0 \
                     instanceof Error;\n    } catch (_) {\n        result = false;\n    }\n    const ret = \
                     result;\n    return ret;\n}\n";
        assert_eq!(arrow_of(check), "(arg0) => arg0 instanceof Error");
        let catches = "export function __wbg_f_1() { return handleError(function (arg0) {\n    const ret = \
                       arg0.get();\n    return ret;\n}, arguments); }\n";
        assert_eq!(arrow_of(catches), "catching((arg0) => arg0.get())");
    }

    #[test]
    fn functions_of_an_unknown_form_fail_with_their_name() {
        let unknown = "export function __wbg_f_1() { return other(function (arg0) {\n}, arguments); }\n";
        assert!(take(unknown, "__wbg_f_1").unwrap_err().to_string().contains("__wbg_f_1"));
        assert_eq!(take("export const __wbg_f_1 = 1;\n", "__wbg_f_1").unwrap(), None);
    }
}
