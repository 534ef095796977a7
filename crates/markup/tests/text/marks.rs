//! Marks that format a text, and characters that look like marks but do not count.

use causerie_markup::Sender;
use serde_json::{Value, json};

use crate::support::{nodes, plain, user};

fn bold(children: &Value) -> Value {
    json!({ "type": "bold", "children": children })
}

fn italic(children: &Value) -> Value {
    json!({ "type": "italic", "children": children })
}

fn strike(children: &Value) -> Value {
    json!({ "type": "strikethrough", "children": children })
}

fn code(text: &str) -> Value {
    json!({ "type": "codeSpan", "text": text })
}

fn list(points: &[Value]) -> Value {
    let points: Vec<_> =
        points.iter().map(|children| json!({ "type": "bulletPoint", "children": children })).collect();
    json!({ "type": "bulletList", "children": points })
}

/// Asserts that a text has no formatting.
fn assert_plain(text: &str) {
    assert_eq!(user(text), json!([text]), "{text:?}");
}

#[test]
fn each_mark_makes_its_node() {
    assert_eq!(user("*a*"), json!([bold(&json!(["a"]))]));
    assert_eq!(user("_a_"), json!([italic(&json!(["a"]))]));
    assert_eq!(user("~a~"), json!([strike(&json!(["a"]))]));
    assert_eq!(user("```a```"), json!([code("a")]));
    assert_eq!(
        user("so *much* of _it_."),
        json!(["so ", bold(&json!(["much"])), " of ", italic(&json!(["it"])), "."])
    );
}

#[test]
fn marks_nest() {
    assert_eq!(user("*_a_*"), json!([bold(&json!([italic(&json!(["a"]))]))]));
    assert_eq!(
        user("*a _b ~c~ d_ e*"),
        json!([bold(&json!(["a ", italic(&json!(["b ", strike(&json!(["c"])), " d"])), " e"]))])
    );
    assert_eq!(user("_*~a~*_"), json!([italic(&json!([bold(&json!([strike(&json!(["a"]))]))]))]));
}

#[test]
fn marks_that_cross_do_not_break_each_other() {
    assert_eq!(user("*a _b* c_"), json!([bold(&json!(["a _b"])), " c_"]));
    assert_eq!(user("*a *b*"), json!(["*a ", bold(&json!(["b"]))]));
}

#[test]
fn marks_inside_words_are_text() {
    for text in ["this_ doesn't _change", "snake_case_name", "2*3*4", "a~b~c", "foo_bar", "x*y", "a```b```c"]
    {
        assert_plain(text);
    }
    assert_eq!(user("_snake_case_"), json!([italic(&json!(["snake_case"]))]));
}

#[test]
fn marks_beside_spaces_and_single_marks_are_text() {
    for text in [
        "a * b * c",
        "*",
        "_",
        "~",
        "* ",
        " *a",
        "*a",
        "a*",
        "_ a_",
        "*a *",
        "5 * 3",
        "a _ b",
        "```",
        "``````",
    ] {
        if !text.starts_with("* ") {
            assert_plain(text);
        }
    }
}

#[test]
fn two_of_the_same_mark_side_by_side_are_text() {
    for text in ["**", "**a**", "__init__", "~~a~~", "***", "a ** b", "-----", "___"] {
        assert_plain(text);
    }
}

#[test]
fn a_mark_after_a_backslash_is_text() {
    assert_plain(r"¯\_(ツ)_/¯");
}

#[test]
fn marks_count_beside_punctuation_but_not_beside_letters_of_any_script() {
    assert_eq!(user("(*a*)"), json!(["(", bold(&json!(["a"])), ")"]));
    assert_eq!(user("\"_a_\", *b*!"), json!(["\"", italic(&json!(["a"])), "\", ", bold(&json!(["b"])), "!"]));
    assert_eq!(user("*été*"), json!([bold(&json!(["été"]))]));
    assert_plain("é*a*");
    assert_plain("*a*é");
    assert_eq!(user("🎉*a*🎉"), json!(["🎉", bold(&json!(["a"])), "🎉"]));
}

#[test]
fn only_code_may_contain_newlines() {
    assert_plain("*a\nb*");
    assert_plain("_a\n_");
    assert_eq!(user("```a\nb```"), json!([code("a\nb")]));
    assert_eq!(user("see ```\nlet a = 1;\n``` there"), json!(["see ", code("\nlet a = 1;\n"), " there"]));
    // Formatting does not span code with a newline, but does span code without one.
    assert_eq!(user("*a ```b\nc``` d*"), json!(["*a ", code("b\nc"), " d*"]));
    assert_eq!(user("*a ```b``` d*"), json!([bold(&json!(["a ", code("b"), " d"]))]));
}

#[test]
fn nothing_in_code_is_parsed() {
    let text = "*a* :b: https://example.com me@example.com\n- c";
    assert_eq!(user(&format!("```{text}```")), json!([code(text)]));
}

#[test]
fn unclosed_code_is_text_in_which_marks_count() {
    assert_eq!(user("```a *b*"), json!(["```a ", bold(&json!(["b"]))]));
    assert_plain("``` ```");
    assert_eq!(user("```a``` ```b"), json!([code("a"), " ```b"]));
    assert_eq!(user("```a```b```"), json!([code("a```b")]));
}

#[test]
fn consecutive_lines_with_bullets_are_a_list() {
    assert_eq!(user("- a\n- b"), json!([list(&[json!(["a"]), json!(["b"])])]));
    assert_eq!(
        user("* a\n+ b\n- *c*"),
        json!([list(&[json!(["a"]), json!(["b"]), json!([bold(&json!(["c"]))])])])
    );
    assert_eq!(user("to do:\n- a\nlater"), json!(["to do:\n", list(&[json!(["a"])]), "later"]));
    assert_eq!(user("- a\n\n- b"), json!([list(&[json!(["a"])]), "\n", list(&[json!(["b"])])]));
    assert_eq!(user("- ```a\nb``` c\n- d"), json!([list(&[json!([code("a\nb"), " c"]), json!(["d"])])]));
}

#[test]
fn lines_that_only_resemble_bullets_are_text() {
    for text in ["-a", "-", "+1", " - a", "a - b", "1. a", "— a", "-\u{a0}a"] {
        assert_plain(text);
    }
    assert_eq!(user("*a* b"), json!([bold(&json!(["a"])), " b"]));
    assert_eq!(user("- - a"), json!([list(&[json!(["- a"])])]));
}

#[test]
fn custom_emoji_are_names_between_colons() {
    let emoji = |name: &str| json!({ "type": "customEmoji", "text": name });
    assert_eq!(user(":cat-roomba:"), json!([emoji(":cat-roomba:")]));
    assert_eq!(user("hi :a_b: and :+1:!"), json!(["hi ", emoji(":a_b:"), " and ", emoji(":+1:"), "!"]));
    assert_eq!(user(":a::b:"), json!([emoji(":a:"), emoji(":b:")]));
    assert_eq!(user("*:a:*"), json!([bold(&json!([emoji(":a:")]))]));
    assert_eq!(user("_:a_b:_"), json!([italic(&json!([emoji(":a_b:")]))]));
    let longest = format!(":{}:", "a".repeat(48));
    assert_eq!(user(&longest), json!([emoji(&longest)]));
}

#[test]
fn other_uses_of_colons_are_text() {
    for text in
        ["10:30:45", "std::io::Result", "a:b:c", ":a b:", "::", ":-:", "note: this: that", ":", ": a:"]
    {
        assert_plain(text);
    }
    assert_plain(&format!(":{}:", "a".repeat(49)));
}

#[test]
fn plain_text_is_the_text_without_the_marks_that_counted() {
    let cases = [
        ("*a* _b_ ~c~ ```d```", "a b c d"),
        ("this_ doesn't _change", "this_ doesn't _change"),
        ("*a _b* c_", "a _b c_"),
        ("a:\n* b\n+ c\n\nd", "a:\n- b\n- c\n\nd"),
        ("- a\nb", "- a\nb"),
        ("- a\n", "- a"),
        ("- a\n\n", "- a\n\n"),
        ("\n- a", "\n- a"),
        ("- ```a\n```\n- b", "- a\n\n- b"),
        ("a\r\nb\tc  d ", "a\r\nb\tc  d "),
        ("", ""),
        (" \n ", " \n "),
        (":wave: me@example.com", ":wave: me@example.com"),
    ];
    for (text, expected) in cases {
        assert_eq!(plain(nodes(text, Sender::User)), expected, "{text:?}");
    }
}
