//! A wasm module carried inside a JavaScript file: a string literal of code units 0–255, and a function that turns
//! it back into bytes.
//!
//! Each byte is XORed with [`MASK`] first. A module is full of zeros and other small numbers, which a literal must
//! escape (`\0`, `\n`, `\x07`, …); masked they are letters, and what falls on the control characters is rare. Only
//! what a string literal cannot hold is then escaped; everything from 0x80 up is one Latin-1 character, two bytes of
//! UTF-8, and compresses to little more than the byte.
//!
//! Measured on a module of 99 KB as Vite 8 prints it, brotli 11: the bare file 37,772; base64 some 30 % more; the
//! bytes as they are 40,261; each plus 33 (the best sum) 38,613; XOR 75 (the best mask) 38,189.

/// The best of the 256 for what rustc and wasm-opt make; its neighbours in the ranking are within 50 bytes.
const MASK: u8 = 75;

/// The text of a module whose default export returns the bytes.
pub(crate) fn module_source(bytes: &[u8]) -> String {
    let masked: Vec<u8> = bytes.iter().map(|byte| byte ^ MASK).collect();
    format!(
        "const text = {};\n\
         export default () => {{\n  \
           const bytes = new Uint8Array(text.length);\n  \
           for (let at = bytes.length; at--; ) bytes[at] = text.charCodeAt(at) ^ {MASK};\n  \
           return bytes;\n\
         }};\n",
        literal(&masked)
    )
}

/// A string literal of these code units.
fn literal(units: &[u8]) -> String {
    let count = |wanted: u8| units.iter().filter(|unit| **unit == wanted).count();
    let quote = if count(b'"') <= count(b'\'') { '"' } else { '\'' };
    let mut text = String::with_capacity(units.len() * 2);
    text.push(quote);
    for (index, unit) in units.iter().enumerate() {
        match char::from(*unit) {
            // `\0` before a digit would be an octal escape, which modules forbid.
            '\0' => text.push_str(match units.get(index + 1) {
                Some(b'0'..=b'9') => "\\x00",
                _ => "\\0",
            }),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\\' => text.push_str("\\\\"),
            other => {
                if other == quote {
                    text.push('\\');
                }
                text.push(other);
            }
        }
    }
    text.push(quote);
    text
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{MASK, module_source};

    /// Node's own answer to what the module's function returns.
    fn read_back(bytes: &[u8], name: &str) -> Vec<u8> {
        let folder = std::env::temp_dir().join(format!("xtask-bytes-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("bytes.mjs"), module_source(bytes)).unwrap();
        let script = "import('./bytes.mjs').then(m => console.log(m.default().join(',')))";
        let output = Command::new("node").args(["-e", script]).current_dir(&folder).output().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.trim().split(',').map(|number| number.parse().unwrap()).collect()
    }

    #[test]
    fn every_byte_comes_back_from_node_in_every_neighbourhood() {
        let mut bytes: Vec<u8> = (0..=255).collect();
        // A zero before digits, before and after every other byte, and both quotes in unequal number.
        for byte in 0..=255 {
            bytes.extend([MASK, byte, MASK ^ b'\\', byte, MASK ^ b'"', byte]);
        }
        assert_eq!(read_back(&bytes, "all"), bytes);
        bytes.extend([MASK ^ b'"'; 600]);
        assert_eq!(read_back(&bytes, "quotes"), bytes);
    }
}
