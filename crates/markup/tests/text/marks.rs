//! Marks that format a text, and characters that look like marks but do not count.

use causerie_markup::Sender;
use serde_json::{Value, json};

use crate::support::{nodes, plain, user};

/// Faces and symbols with marks that do not format anything, alone or repeated in a sentence.
pub(crate) const FACES: &[&str] = &[
    "<_<",
    ">_>",
    ">_<",
    "¯\\_(ツ)_/¯",
    "^_^",
    "T_T",
    "o_O",
    "O_o",
    "(*_*)",
    "*_*",
    "-_-",
    "(-_-)",
    "-_-;",
    "(^_^)",
    "(^_^)v",
    "^_^;",
    "(>_<)",
    "._.",
    "(._.)",
    ";_;",
    "(;_;)",
    ":_(",
    ":-*",
    ":*",
    "=_=",
    "@_@",
    "$_$",
    "+_+",
    "0_0",
    "u_u",
    "Q_Q",
    "(T_T)",
    "(¬_¬)",
    "(^_-)",
    "(-_^)",
    "(^_-)-☆",
    "(~_^)",
    "~_~",
    "~(^_^)~",
    "(~_~)",
    "(*^_^*)",
    "*^_^*",
    "(*^▽^*)",
    "(*≧ω≦*)",
    "(*´ω｀*)",
    "(*ﾟ∀ﾟ*)",
    "\\(*_*)/",
    "d(*^▽^*)b",
    "m(_ _)m",
    "(⊙_⊙)",
    "☉_⊙",
    "⊙_☉",
    "(◕_◕)",
    "ಠ_ಠ",
    "(ಥ_ಥ)",
    "ʘ_ʘ",
    "`_´",
    "\"_\"",
    "\"*\"",
    "(*)",
    "[*]",
    "[_]",
    "_-_",
    "*-*",
    "~-~",
    "*.rs",
    "a/*.rs",
    "**",
    "***",
    "__",
    "_",
    "2 * 3",
    "snake_case",
];

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
fn faces_keep_their_marks() {
    for face in FACES {
        for text in [
            (*face).to_owned(),
            format!("{face} {face}"),
            format!("{face} hello {face}"),
            format!("hello {face}, hello {face}!"),
            format!("{face}\n{face}"),
        ] {
            assert_plain(&text);
        }
    }
    for text in ["<_< >_>", "o_O O_o", "^_^ hi >_< there T_T", "m(_ _)m (*_*) ¯\\_(ツ)_/¯ -_-"] {
        assert_plain(text);
    }
    assert_eq!(user("*hi* ^_^ _you_")[1], " ^_^ ");
    assert_eq!(user("*^_^ hello ^_^*"), json!([bold(&json!(["^_^ hello ^_^"]))]));
}

#[test]
fn marks_without_a_letter_digit_or_node_between_them_are_text() {
    for text in ["*?!*", "_._", "~...~", "*🎉*", "(*)(*)", "*_!_*", "_*_ ~-~"] {
        assert_plain(text);
    }
    assert_eq!(user("*1*"), json!([bold(&json!(["1"]))]));
    assert_eq!(user("*```!```*"), json!([bold(&json!([code("!")]))]));
}

#[test]
fn marks_beside_punctuation_count() {
    for (text, before, inner, after) in [
        ("(*a*)", "(", "a", ")"),
        ("\"*a*\"", "\"", "a", "\""),
        ("so *wow!*, a", "so ", "wow!", ", a"),
        ("*really?*)", "", "really?", ")"),
        ("(*\"a\" b*)", "(", "\"a\" b", ")"),
        ("*(a)*,", "", "(a)", ","),
        ("*🎉 party 🎉*!", "", "🎉 party 🎉", "!"),
        ("(*🎉 party ❤\u{fe0f}*)", "(", "🎉 party ❤\u{fe0f}", ")"),
        ("*20 %*.", "", "20 %", "."),
        ("*...and*", "", "...and", ""),
        ("「*a*」", "「", "a", "」"),
    ] {
        let expected: Vec<_> = [json!(before), bold(&json!([inner])), json!(after)]
            .into_iter()
            .filter(|node| *node != json!(""))
            .collect();
        assert_eq!(user(text), json!(expected), "{text}");
    }
    assert_eq!(user("\"*_a_*\""), json!(["\"", bold(&json!([italic(&json!(["a"]))])), "\""]));
}

#[test]
fn bold_counts_directly_beside_scripts_without_spaces() {
    assert_eq!(user("你好*世界*吧"), json!(["你好", bold(&json!(["世界"])), "吧"]));
    assert_eq!(user("これは*大事*です。"), json!(["これは", bold(&json!(["大事"])), "です。"]));
    assert_eq!(user("*안녕*은"), json!([bold(&json!(["안녕"])), "은"]));
    assert_eq!(user("นี่*สำคัญ*มาก"), json!(["นี่", bold(&json!(["สำคัญ"])), "มาก"]));
    assert_eq!(user("他说*「好！」*然后"), json!(["他说", bold(&json!(["「好！」"])), "然后"]));
    assert_eq!(user("*注意！*请看"), json!([bold(&json!(["注意！"])), "请看"]));
    // File names have underscores, and a tilde lengthens a word or means a range.
    for text in ["报告_最终_版.pdf", "你好~在吗~", "東京~大阪~京都", "a*世界*b", "é*a*"] {
        assert_plain(text);
    }
}

#[test]
fn bullets_may_end_with_carriage_return_and_newline() {
    assert_eq!(user("- a\r\n- b"), json!([list(&[json!(["a"]), json!(["b"])])]));
    assert_eq!(
        user("to do:\r\n* *a*\r\n* b\r\nlater"),
        json!(["to do:\r\n", list(&[json!([bold(&json!(["a"]))]), json!(["b"])]), "later"])
    );
    assert_eq!(plain(nodes("- a\r\n- b\r\n", Sender::User)), "- a\n- b");
    assert_eq!(user("- a\r"), json!([list(&[json!(["a\r"])])]));
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
