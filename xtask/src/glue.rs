//! Changes to the glue that wasm-bindgen writes. A change that does not apply fails the build.

use anyhow::{Context as _, Result, bail};

use crate::glue_imports::CATCHING;
use crate::replace::Replacement;

const REPLACEMENTS: [Replacement<'_>; 8] = [
    // Nothing is touched at import: some test environments have no TextDecoder until they are set up.
    Replacement {
        name: "no TextDecoder at import",
        from: "let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });\ncachedTextDecoder.decode();\n",
        to: "let cachedTextDecoder;\n",
        times: 1,
    },
    Replacement {
        name: "TextDecoder at first use",
        from: "    return cachedTextDecoder.decode(bytes);",
        to: "    return (cachedTextDecoder ??= new TextDecoder('utf-8', { ignoreBOM: true })).decode(bytes);",
        times: 1,
    },
    // Every browser that has WeakRef, which the SDK needs, has encodeInto.
    Replacement {
        name: "no TextEncoder at import, no fallback for encodeInto",
        from: "\
const cachedTextEncoder = new TextEncoder();

if (!('encodeInto' in cachedTextEncoder)) {
    cachedTextEncoder.encodeInto = function (arg, view) {
        const buf = cachedTextEncoder.encode(arg);
        view.set(buf);
        return {
            read: arg.length,
            written: buf.length
        };
    };
}
",
        to: "let cachedTextEncoder;\n",
        times: 1,
    },
    Replacement {
        name: "TextEncoder at first use, encodeInto",
        from: "= cachedTextEncoder.encodeInto(arg, view);",
        to: "= (cachedTextEncoder ??= new TextEncoder()).encodeInto(arg, view);",
        times: 1,
    },
    Replacement {
        name: "texts with an allocation that can grow only",
        from: "\
    if (realloc === undefined) {
        const buf = cachedTextEncoder.encode(arg);
        const ptr = malloc(buf.length, 1) >>> 0;
        getUint8ArrayMemory0().subarray(ptr, ptr + buf.length).set(buf);
        WASM_VECTOR_LEN = buf.length;
        return ptr;
    }
",
        to: "",
        times: 1,
    },
    Replacement {
        name: "errors of imports",
        from: "\
function handleError(f, args) {
    try {
        return f.apply(this, args);
    } catch (e) {
        const idx = addToExternrefTable0(e);
        wasm.__wbindgen_exn_store(idx);
    }
}
",
        to: CATCHING,
        times: 1,
    },
    // Test runners replace `queueMicrotask` together with the timers, and then every call would wait forever.
    Replacement {
        name: "microtasks by a promise",
        from: "    queueMicrotask(arg0);",
        to: "    Promise.resolve().then(arg0);",
        times: 1,
    },
    // The engine encodes a long text at once, rather than character by character up to the first that is not
    // ASCII: 0.01 ms instead of 0.29 ms for 184 KB.
    Replacement {
        name: "long texts encoded by the engine",
        from: "    for (; offset < len; offset++) {\n        const code = arg.charCodeAt(offset);",
        to: "    for (; len < 1024 && offset < len; offset++) {\n        const code = arg.charCodeAt(offset);",
        times: 1,
    },
];

/// How an import passes a text to the module, after the part that depends on whether it can be absent.
const TEXT: &str = "passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
    KIND len1 = WASM_VECTOR_LEN;
    getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
    getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
";

/// The keyword of its constants, and its start: of a text, and of one that can be absent.
const TEXT_FORMS: [(&str, &str); 2] =
    [("const", "    const ptr1 = "), ("var", "    var ptr1 = isLikeNone(ret) ? 0 : ")];

/// The same, once for all imports.
const PASS_TEXT: &str = "
function passText(target, text) {
    const ptr = isLikeNone(text) ? 0 : passStringToWasm0(text, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
    const view = getDataViewMemory0();
    view.setInt32(target + 4, WASM_VECTOR_LEN, true);
    view.setInt32(target, ptr, true);
}
";

/// Applies all changes.
pub(crate) fn patch(glue: &str) -> Result<String> {
    let glue = REPLACEMENTS.iter().try_fold(glue.to_owned(), |text, replacement| replacement.apply(&text))?;
    let mut glue = patch_classes(glue)?;
    for (kind, start) in TEXT_FORMS {
        let text = [start, &TEXT.replace("KIND", kind)].concat();
        if !glue.contains(&text) {
            bail!("the glue has no import that returns a text, in the expected form: {text}");
        }
        glue = glue.replace(&text, "    passText(arg0 >>> 0, ret);\n");
    }
    Ok(glue + PASS_TEXT)
}

/// What the classes have in common, once.
const SHARED: &str = "
const finalization = (free) => typeof FinalizationRegistry === 'undefined'
    ? { register: () => {} }
    : new FinalizationRegistry(free);
const wrapped = (prototype, registry, ptr) => {
    const obj = Object.create(prototype);
    obj.__wbg_ptr = ptr;
    registry.register(obj, ptr);
    return obj;
};
const unwrapped = (ret) => {
    if (ret[2]) throw takeFromExternrefTable0(ret[1]);
    return takeFromExternrefTable0(ret[0]);
};
";

/// The end of a function that returns a value or throws an error.
const UNWRAP: &str = "
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
";

/// Makes the classes smaller, and removes `free` from them: after it, every other holder of the same ref
/// would have a dead object. Memory is freed when the garbage collector finds a ref unused.
fn patch_classes(mut glue: String) -> Result<String> {
    let mut names = Vec::new();
    for line in glue.lines() {
        if let Some(name) = line.strip_prefix("export class ").and_then(|rest| rest.strip_suffix(" {")) {
            names.push(name.to_owned());
        }
    }
    for name in &names {
        let export = name.to_lowercase();
        let replacements = [
            (
                format!(
                    "        const obj = Object.create({name}.prototype);
        obj.__wbg_ptr = ptr;
        {name}Finalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
"
                ),
                format!("        return wrapped({name}.prototype, {name}Finalization, ptr);\n"),
            ),
            (
                format!(
                    "    __destroy_into_raw() {{
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        {name}Finalization.unregister(this);
        return ptr;
    }}
    free() {{
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_{export}_free(ptr, 0);
    }}
"
                ),
                String::new(),
            ),
            (
                format!("if (Symbol.dispose) {name}.prototype[Symbol.dispose] = {name}.prototype.free;\n"),
                String::new(),
            ),
            (
                format!(
                    "const {name}Finalization = (typeof FinalizationRegistry === 'undefined')
    ? {{ register: () => {{}}, unregister: () => {{}} }}
    : new FinalizationRegistry(ptr => wasm.__wbg_{export}_free(ptr, 1));
"
                ),
                format!(
                    "const {name}Finalization = finalization(ptr => wasm.__wbg_{export}_free(ptr, 1));\n"
                ),
            ),
        ];
        for (from, to) in &replacements {
            glue = Replacement { name: &format!("class {name}"), from, to, times: 1 }.apply(&glue)?;
        }
    }
    if !glue.contains(UNWRAP) {
        bail!("the glue has no method that throws, in the expected form");
    }
    let glue = inline_results(&glue.replace(UNWRAP, "\n        return unwrapped(ret);\n"));
    // The constants are evaluated in order, so these come before the first one that uses them.
    let first = names.first().context("the glue has no class")?;
    let (before, after) = glue
        .split_once(&format!("const {first}Finalization"))
        .with_context(|| format!("the class {first} has no finalization"))?;
    Ok([before, SHARED, &format!("const {first}Finalization"), after].concat())
}

/// Returns results of the module without a constant for each, which minifiers keep.
fn inline_results(glue: &str) -> String {
    let mut text = String::with_capacity(glue.len());
    let mut rest = glue;
    while let Some((before, found)) = rest.split_once("        const ret = wasm.") {
        text.push_str(before);
        rest = found;
        let Some((call, after)) = found.split_once(";\n") else { continue };
        let ends =
            [("        return ret;\n", ["", ""]), ("        return unwrapped(ret);\n", ["unwrapped(", ")"])];
        let end = ends.iter().find_map(|(end, around)| Some((after.strip_prefix(end)?, around)));
        match end {
            Some((after, [open, close])) if !call.contains('\n') => {
                text.extend(["        return ", open, "wasm.", call, close, ";\n"]);
                rest = after;
            }
            _ => text.push_str("        const ret = wasm."),
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::{REPLACEMENTS, TEXT, TEXT_FORMS, patch};

    const CLASS: &str = "
export class UserRef {
    static __wrap(ptr) {
        const obj = Object.create(UserRef.prototype);
        obj.__wbg_ptr = ptr;
        UserRefFinalization.register(obj, obj.__wbg_ptr, obj);
        return obj;
    }
    __destroy_into_raw() {
        const ptr = this.__wbg_ptr;
        this.__wbg_ptr = 0;
        UserRefFinalization.unregister(this);
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_userref_free(ptr, 0);
    }
    subscribe(on_snapshot) {
        const ret = wasm.userref_subscribe(this.__wbg_ptr, on_snapshot);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return takeFromExternrefTable0(ret[0]);
    }
}
if (Symbol.dispose) UserRef.prototype[Symbol.dispose] = UserRef.prototype.free;

const UserRefFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {}, unregister: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_userref_free(ptr, 1));
";

    /// Glue with a class and the texts of all replacements but one.
    fn glue_without(name: &str) -> String {
        let texts = REPLACEMENTS.iter().filter(|one| one.name != name).map(|one| format!("{}\n", one.from));
        let passing = TEXT_FORMS.map(|(kind, start)| [start, &TEXT.replace("KIND", kind)].concat());
        texts.chain(passing).chain([CLASS.to_owned()]).collect()
    }

    #[test]
    fn class_has_no_method_that_frees_it() {
        let patched = patch(&glue_without("")).unwrap();
        for absent in ["free()", "__destroy_into_raw", "Symbol.dispose"] {
            assert!(!patched.contains(absent), "{absent} in {patched}");
        }
        assert!(patched.contains("finalization(ptr => wasm.__wbg_userref_free(ptr, 1))"), "{patched}");
    }

    #[test]
    fn class_of_another_form_fails_with_its_name() {
        let glue = glue_without("").replace("this.__wbg_ptr = 0;", "this.__wbg_ptr = null;");
        let message = patch(&glue).unwrap_err().to_string();
        assert!(message.contains("class UserRef"), "{message}");
    }

    #[test]
    fn every_replacement_applies_to_glue_of_the_expected_form() {
        let patched = patch(&glue_without("")).unwrap();
        for replacement in &REPLACEMENTS {
            assert!(patched.contains(replacement.to), "{}", replacement.name);
        }
    }

    #[test]
    fn glue_without_one_of_the_texts_fails_with_the_name_of_the_replacement() {
        for replacement in &REPLACEMENTS {
            let message = patch(&glue_without(replacement.name)).unwrap_err().to_string();
            assert!(message.contains(replacement.name), "{message}");
        }
    }
}
