//! The TypeScript declarations of the package: the one place where its API is documented.
//!
//! They are `.d.ts` files that import from each other, so that `tsc`, prettier and editors read them. Here
//! they are joined, in reading order and without their imports, into the one file that ships
//! (`causerie.d.ts`). It is one section, because the linker puts several in an order of its own.

use wasm_bindgen::prelude::wasm_bindgen;

const FILES: [&str; 11] = [
    without_imports(include_str!("session.d.ts")),
    without_imports(include_str!("user.d.ts")),
    without_imports(include_str!("conversation.d.ts")),
    without_imports(include_str!("participant.d.ts")),
    without_imports(include_str!("message.d.ts")),
    without_imports(include_str!("reactions.d.ts")),
    without_imports(include_str!("subscriptions.d.ts")),
    without_imports(include_str!("filters.d.ts")),
    without_imports(include_str!("search.d.ts")),
    without_imports(include_str!("content.d.ts")),
    without_imports(include_str!("errors.d.ts")),
];

static JOINED: [u8; length(&FILES)] = joined(&FILES);

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = match str::from_utf8(&JOINED) {
    Ok(text) => text,
    Err(_) => "",
};

/// Returns a file without its imports, which are its first paragraph, if it has any.
const fn without_imports(file: &str) -> &str {
    let bytes = file.as_bytes();
    if !matches!(bytes, [b'i', b'm', b'p', b'o', b'r', b't', b' ', ..]) {
        return file;
    }
    let mut rest = bytes;
    while let [_, after @ ..] = rest {
        if let [b'\n', b'\n', ..] = rest {
            return file.split_at(bytes.len() - after.len()).1;
        }
        rest = after;
    }
    ""
}

/// Returns the sum of the lengths of these files, each with an empty line before it.
const fn length(mut files: &[&str]) -> usize {
    let mut sum = 0;
    while let [file, others @ ..] = files {
        sum += 1 + file.len();
        files = others;
    }
    sum
}

const fn joined<const LENGTH: usize>(mut files: &[&str]) -> [u8; LENGTH] {
    let mut text = [b'\n'; LENGTH];
    let mut rest: &mut [u8] = &mut text;
    while let [file, others @ ..] = files {
        let (target, after) = rest.split_at_mut(1).1.split_at_mut(file.len());
        target.copy_from_slice(file.as_bytes());
        rest = after;
        files = others;
    }
    text
}
