//! The JavaScript of the client.

/// Returns a script without its generated part.
pub(crate) fn without_generated(script: &str) -> String {
    match (script.find("// Generated from"), script.find("// The end of the generated part")) {
        (Some(start), Some(end)) => [&script[..start], &script[end..]].concat(),
        _ => script.to_owned(),
    }
}

/// Returns the number of lines that are neither blank nor comments.
pub(crate) fn lines_of_code(script: &str) -> usize {
    let mut in_comment = false;
    let is_code = |line: &&str| {
        let starts = line.starts_with("/*");
        let is_comment = in_comment || starts || line.starts_with("//");
        in_comment = (in_comment || starts) && !line.ends_with("*/");
        !is_comment && !line.is_empty()
    };
    script.lines().map(str::trim).filter(is_code).count()
}

#[test]
fn lines_of_code_are_counted_without_comments_and_blank_lines() {
    let script = "// one\n\n/** two\n * three\n */\nconst a = 1; // four\n/* five */\nconst b = 2;\n";
    assert_eq!(lines_of_code(script), 2);
    assert_eq!(
        without_generated("a\n// Generated from x\nb\n// The end of the generated part.\n"),
        "a\n// The end of the generated part.\n"
    );
}
