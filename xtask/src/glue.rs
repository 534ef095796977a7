//! Changes to the glue that wasm-bindgen writes. A change that does not apply fails the build.

use anyhow::Result;

use crate::replace::Replacement;

const REPLACEMENTS: [Replacement<'_>; 7] = [
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
        name: "TextEncoder at first use, encode",
        from: "= cachedTextEncoder.encode(arg);",
        to: "= (cachedTextEncoder ??= new TextEncoder()).encode(arg);",
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

/// Returns the glue with all replacements.
pub(crate) fn patch(glue: &str) -> Result<String> {
    REPLACEMENTS.iter().try_fold(glue.to_owned(), |text, replacement| replacement.apply(&text))
}

#[cfg(test)]
mod tests {
    use super::{REPLACEMENTS, patch};

    /// Glue with the texts of all replacements but one.
    fn glue_without(name: &str) -> String {
        REPLACEMENTS.iter().filter(|one| one.name != name).map(|one| format!("{}\n", one.from)).collect()
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
