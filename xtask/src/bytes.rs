//! A wasm module carried inside a JavaScript file, as a string literal of code units 0–255.
//!
//! Read back by `charCodeAt`. After brotli this costs 9 % more than the bare file, where base64 costs 29 %
//! (24.8 KB: 27.0 against 32.1). Only what a string literal cannot hold is escaped; everything from 0x80 up is
//! one Latin-1 character, two bytes of UTF-8, and compresses to little more than the byte.

/// The text of a module whose default export is the string.
pub(crate) fn module(bytes: &[u8]) -> String {
    let count = |wanted: u8| bytes.iter().filter(|byte| **byte == wanted).count();
    let quote = if count(b'"') <= count(b'\'') { '"' } else { '\'' };
    let mut text = String::with_capacity(bytes.len() * 2);
    text.push_str("export default ");
    text.push(quote);
    for (index, byte) in bytes.iter().enumerate() {
        match char::from(*byte) {
            // `\0` before a digit would be an octal escape, which modules forbid.
            '\0' => text.push_str(match bytes.get(index + 1) {
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
    text.push_str(";\n");
    text
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::module;

    /// Node's own answer to what the module's string holds.
    fn read_back(bytes: &[u8], name: &str) -> Vec<u8> {
        let folder = std::env::temp_dir().join(format!("xtask-bytes-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("bytes.mjs"), module(bytes)).unwrap();
        let script = "import('./bytes.mjs').then(m => console.log([...m.default].map(c => c.charCodeAt(0)).join(',')))";
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
            bytes.extend([0, byte, b'\\', byte, b'"', byte]);
        }
        assert_eq!(read_back(&bytes, "all"), bytes);
        bytes.extend([b'"'; 600]);
        assert_eq!(read_back(&bytes, "quotes"), bytes);
    }
}
