//! Puts a wasm module into a JavaScript file: a string of printable ASCII and a function that decodes it.
//!
//! The string must survive everything between our build and a page: minifiers, bundlers that inline
//! scripts, and pages that are not UTF-8 (a script without a charset of its own is decoded with that of its
//! page, in which a character beyond ASCII becomes others). So it has only characters that no encoding
//! changes and that no string literal has to escape: none of `"`, `'`, `` ` ``, `$` and `\`, and no `<`, with
//! which a `</script>` begins.
//!
//! The 87 most frequent byte values are one character each, the others a prefix and a character. Thus equal
//! byte sequences stay equal character sequences, in which a compressor finds repetitions; base64 breaks them
//! up. Which character a byte becomes is in [`ALPHABET`].
//!
//! Measured on a module of 93,583 bytes, this file alone, brotli 11:
//!
//! | encoding | characters | brotli |
//! |---|---|---|
//! | the bare module | | 34,311 |
//! | code units 0-255, XOR 75: not ASCII, used before | 106,327 | 34,853 |
//! | base64 | 124,780 | 43,926 |
//! | two letters a byte, of disjoint halves | 187,166 | 35,987 |
//! | one character or an escape by arithmetic (XOR or add, best of 512): no table | 108,785 | 35,118 |
//! | one character or an escape, the frequent bytes in numeric order, by a table | 98,442 | 34,862 |
//! | **the same with [`ALPHABET`], table and decoder included** | 100,946 | **34,635** |

use anyhow::{Context as _, Result};

/// The character of each byte value, `%` for those that are escaped.
///
/// Found by `xtask/node/search-alphabet.mjs` for a module of this SDK. Brotli predicts a character from the
/// classes (digits, vowels, …) of the two before it, and bytes that are followed by similar ones are in one
/// class here. It does not have to fit exactly: another module is decoded as well, only some bytes larger
/// than it could be.
const ALPHABET: &str = concat!(
    "{}]>-&~)#^%(!o%%=%%%|%%%+%%%@%%%aei%[u%%BF%%*GP%C%%%/%R%_%W%,%%%",
    "3 %%9AUI0%%%Q%%%%%%%2%%%?%%%%%%%58%HZD%%%Y;:KMS146TNVJX%L%%%%%%7",
    "bv%w%%%%%%%%%%%%%%%%%%%%%%%%t%%%l%%%cjs%k%%%%%%%p%%%%%%%E%%%%%%%",
    "h%%%g%%%y%%%d%%%x%%%n%%%r%%%%%%%q%%%%%%%%%%%f%%%%%%%%%%%z%%%m%%O",
);

/// How many bytes have a character of their own. The two prefixes reach twice as many.
const DIRECT: usize = 87;

/// Marks an escaped byte in [`ALPHABET`], and is the prefix of the first [`DIRECT`] of these in the text.
const ESCAPED: char = '%';

/// The prefix of the other escaped bytes.
const ESCAPED_HIGH: char = '.';

/// The text of a JavaScript module whose default export returns the bytes.
pub(crate) fn module_source(bytes: &[u8]) -> Result<String> {
    Ok(format!(
        "\
// The module, as text: see xtask/src/inline_wasm.rs.
const alphabet = \"{ALPHABET}\";
const text = \"{text}\";
export default () => {{
  // The byte of each character, and from 128 and 256 on that of each character after a prefix.
  const table = new Uint8Array(384);
  const direct = alphabet.replaceAll(\"%\", \"\");
  let count = 0;
  for (let byte = 0; byte < 256; byte++) {{
    let code = alphabet.charCodeAt(byte);
    if (code === 37) code = direct.charCodeAt(count % {DIRECT}) + (count++ < {DIRECT} ? 128 : 256);
    table[code] = byte;
  }}
  // The bytes replace the characters, of which there are more. Indexing an array is twice as fast as
  // `charCodeAt` in code that runs only once.
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  count = 0;
  for (let index = 0; index < bytes.length; index++) {{
    const code = bytes[index];
    if (code === 37) offset = 128;
    else if (code === 46) offset = 256;
    else {{
      bytes[count++] = table[code + offset];
      offset = 0;
    }}
  }}
  return bytes.subarray(0, count);
}};
",
        text = encode(bytes)?,
    ))
}

fn encode(bytes: &[u8]) -> Result<String> {
    let codes = codes()?;
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for byte in bytes {
        text.push_str(codes.get(usize::from(*byte)).context("the alphabet has fewer than 256 characters")?);
    }
    Ok(text)
}

/// The text of each byte value: a character, or a prefix and a character.
fn codes() -> Result<Vec<String>> {
    let direct: Vec<char> = ALPHABET.chars().filter(|character| *character != ESCAPED).collect();
    let mut escaped = 0;
    let code = |character: char| {
        if character != ESCAPED {
            return Ok(character.to_string());
        }
        let prefix = if escaped < DIRECT { ESCAPED } else { ESCAPED_HIGH };
        let character = direct.get(escaped % DIRECT).context("the alphabet has too few characters")?;
        escaped += 1;
        Ok(format!("{prefix}{character}"))
    };
    ALPHABET.chars().map(code).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::process::Command;

    use super::{ALPHABET, DIRECT, ESCAPED, ESCAPED_HIGH, codes, encode, module_source};

    /// The bytes that Node gets from the module's function.
    fn decode_in_node(bytes: &[u8], name: &str) -> Vec<u8> {
        let folder = std::env::temp_dir().join(format!("xtask-inline-wasm-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("bytes.mjs"), module_source(bytes).unwrap()).unwrap();
        let script = "import('./bytes.mjs').then(m => console.log(m.default().join(',')))";
        let output = Command::new("node").args(["-e", script]).current_dir(&folder).output().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.trim().split(',').map(|number| number.parse().unwrap()).collect()
    }

    #[test]
    fn alphabet_has_a_character_or_an_escape_for_every_byte() {
        assert_eq!(ALPHABET.chars().count(), 256);
        let direct: Vec<char> = ALPHABET.chars().filter(|character| *character != ESCAPED).collect();
        assert_eq!(direct.len(), DIRECT);
        assert!(!direct.contains(&ESCAPED_HIGH));
        let codes: HashSet<String> = codes().unwrap().into_iter().collect();
        assert_eq!(codes.len(), 256, "each byte has a code of its own");
    }

    #[test]
    fn encoded_bytes_are_ascii_that_no_string_literal_or_page_has_to_escape() {
        let all: Vec<u8> = (0..=255).collect();
        let text = encode(&all).unwrap();
        assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text}");
        assert!(!text.contains(['"', '\'', '`', '$', '\\', '<']), "{text}");
        assert!(module_source(&all).unwrap().is_ascii());
    }

    #[test]
    fn every_byte_is_decoded_after_every_other() {
        let pairs: Vec<u8> =
            (0..=255).flat_map(|one| (0..=255).flat_map(move |other| [one, other])).collect();
        assert_eq!(decode_in_node(&pairs, "pairs"), pairs);
    }

    #[test]
    fn real_beginning_of_a_module_is_decoded() {
        let bytes = b"\0asm\x01\0\0\0";
        assert_eq!(decode_in_node(bytes, "header"), bytes);
    }
}
