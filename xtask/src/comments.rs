//! Wraps comment lines at [`WIDTH`] columns, in Rust and JavaScript.
//!
//! An overlong line is broken at its last space, and the rest goes in front of the next line of the same
//! paragraph. Lines that are not prose stay as they are: rows of tables, fenced or indented code, and lines
//! without a space.

/// The greatest width of a line, that of rustfmt.toml and .prettierrc.json.
pub(crate) const WIDTH: usize = 110;

/// The text with its overlong comment lines wrapped. In Rust, unlike JavaScript, a `*` at the start of a line
/// is code.
pub(crate) fn wrap(text: &str, rust: bool) -> String {
    let mut lines: std::collections::VecDeque<String> = text.split('\n').map(str::to_owned).collect();
    let mut out = Vec::new();
    let mut fenced = false;
    while let Some(line) = lines.pop_front() {
        let Some((kept, rest, indent)) = split(&line, rust, &mut fenced) else {
            out.push(line);
            continue;
        };
        let continues =
            lines.front().and_then(|next| next.strip_prefix(indent.as_str())).is_some_and(is_prose);
        let next = if continues { lines.pop_front().unwrap_or_default() } else { String::new() };
        let next = next.get(indent.len()..).unwrap_or_default();
        let separator = if next.is_empty() { "" } else { " " };
        lines.push_front(format!("{indent}{rest}{separator}{next}"));
        out.push(kept);
    }
    out.join("\n")
}

/// The numbers, from 1, of the lines that [`wrap`] would break.
pub(crate) fn overlong_lines(text: &str, rust: bool) -> impl Iterator<Item = usize> {
    let mut fenced = false;
    (1..)
        .zip(text.split('\n'))
        .filter_map(move |(number, line)| split(line, rust, &mut fenced).map(|_| number))
}

/// Splits an overlong comment line: the part that fits, the rest, and the beginning of a continuation line.
fn split(line: &str, rust: bool, fenced: &mut bool) -> Option<(String, String, String)> {
    let code_indent = line.len() - line.trim_start().len();
    let comment = line.get(code_indent..)?;
    let markers: &[&str] = if rust { &["///", "//!", "//"] } else { &["///", "//", "*"] };
    let marker = markers.iter().find(|marker| comment.starts_with(**marker))?;
    let after = comment.get(marker.len()..)?;
    let content = after.trim_start();
    if content.starts_with("```") {
        *fenced = !*fenced;
    }
    let space = after.len() - content.len();
    if *fenced || line.chars().count() <= WIDTH || space > 3 || content.starts_with('|') {
        return None;
    }
    let start = line.len() - content.len();
    let end = line.char_indices().nth(WIDTH + 1).map_or(line.len(), |(index, _)| index);
    // The break may be the space right after the last column.
    let list = list_marker(content);
    let at = line.get(..end)?.rfind(' ').filter(|at| *at > start + list)?;
    let (kept, rest) = line.split_at(at);
    let indent = format!("{}{}", line.get(..start)?, " ".repeat(list));
    Some((kept.trim_end().to_owned(), rest.trim_start().to_owned(), indent))
}

/// The length of `- `, `* ` or `1. ` at the start of a list item; otherwise 0.
fn list_marker(content: &str) -> usize {
    if content.starts_with("- ") || content.starts_with("* ") {
        return 2;
    }
    let digits = content.chars().take_while(char::is_ascii_digit).count();
    let numbered = digits > 0 && content.get(digits..).is_some_and(|after| after.starts_with(". "));
    if numbered { digits + 2 } else { 0 }
}

/// Whether a line's content continues a paragraph, rather than beginning something else.
fn is_prose(content: &str) -> bool {
    let other = ["|", "#", "```", "/", "[", "@", " ", "!"];
    !content.is_empty() && list_marker(content) == 0 && !other.iter().any(|start| content.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, overlong_lines, wrap};

    fn words(count: usize) -> String {
        vec!["word"; count].join(" ")
    }

    #[test]
    fn rest_of_an_overlong_line_moves_into_the_paragraph() {
        let text = format!("    /// {}\n    /// end of it.\nfn f() {{}}\n", words(23));
        let expected = format!("    /// {}\n    /// word word word end of it.\nfn f() {{}}\n", words(20));
        assert_eq!(wrap(&text, true), expected);
        assert_eq!(overlong_lines(&text, true).collect::<Vec<_>>(), [1]);
        assert_eq!(overlong_lines(&expected, true).count(), 0);
    }

    #[test]
    fn rest_of_a_list_item_is_indented_and_stays_apart_from_the_next_item() {
        let text = format!("//! - {}\n//! - next", words(23));
        assert_eq!(wrap(&text, true), format!("//! - {}\n//!   word word\n//! - next", words(21)));
    }

    #[test]
    fn tables_code_and_single_long_words_stay() {
        let text = format!("//! | {} |\n// https://{}\n//     {}\n", words(30), "x".repeat(WIDTH), words(30));
        assert_eq!(wrap(&text, true), text);
        let fenced = format!("/// ```\n/// {}\n/// ```\n", words(30));
        assert_eq!(wrap(&fenced, true), fenced);
    }

    #[test]
    fn star_begins_a_comment_line_in_javascript_only() {
        let text = format!(" * {}\n", words(23));
        assert_eq!(wrap(&text, true), text);
        assert_eq!(wrap(&text, false), format!(" * {}\n * word word\n", words(21)));
    }

    #[test]
    fn line_of_exactly_the_width_stays() {
        let text = format!("// {}", "x ".repeat(53) + "x");
        assert_eq!(text.len(), WIDTH);
        assert_eq!(wrap(&text, true), text);
    }
}
