//! Three changes to the glue that wasm-bindgen writes, each with its reason. The version of wasm-bindgen is pinned, and a
//! place that is not found fails the build: whoever updates it looks here.

use anyhow::{Result, bail};

/// What is replaced, by what, and why.
const PATCHES: [(&str, &str, &str); 6] = [
    (
        "nothing is touched at import: some test environments have no TextDecoder until they are set up",
        "let cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true });\ncachedTextDecoder.decode();\n",
        "let cachedTextDecoder;\n",
    ),
    (
        "the decoder is made at the first use",
        "    return cachedTextDecoder.decode(bytes);",
        "    return (cachedTextDecoder ??= new TextDecoder('utf-8', { ignoreBOM: true })).decode(bytes);",
    ),
    (
        "the encoder likewise; every browser that has WeakRef has encodeInto",
        "const cachedTextEncoder = new TextEncoder();\n\nif (!('encodeInto' in cachedTextEncoder)) {\n    cachedTextEncoder.encodeInto = function (arg, view) {\n        const buf = cachedTextEncoder.encode(arg);\n        view.set(buf);\n        return {\n            read: arg.length,\n            written: buf.length\n        };\n    };\n}\n",
        "let cachedTextEncoder;\n",
    ),
    (
        "the encoder is made at the first use",
        "= cachedTextEncoder.encodeInto(arg, view);",
        "= (cachedTextEncoder ??= new TextEncoder()).encodeInto(arg, view);",
    ),
    (
        "the same, in the form that is used without a realloc",
        "= cachedTextEncoder.encode(arg);",
        "= (cachedTextEncoder ??= new TextEncoder()).encode(arg);",
    ),
    (
        "a long text is encoded by the engine at once, rather than letter by letter until one is not ASCII: of 184 KB, 0.01 ms rather than 0.29 ms",
        "    for (; offset < len; offset++) {\n        const code = arg.charCodeAt(offset);",
        "    for (; len < 1024 && offset < len; offset++) {\n        const code = arg.charCodeAt(offset);",
    ),
];

/// The glue, changed.
pub(crate) fn patch(glue: &str) -> Result<String> {
    let mut text = glue.to_owned();
    for (why, from, to) in PATCHES {
        if text.matches(from).count() != 1 {
            bail!(
                "wasm-bindgen's glue has changed: the place is not there, or not alone, where {why}; see xtask/src/glue.rs"
            );
        }
        text = text.replace(from, to);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glue_of_another_form_fails_the_build() {
        let message = patch("let wasm;\n").unwrap_err().to_string();
        assert!(message.contains("xtask/src/glue.rs"), "{message}");
    }
}
