//! The time to parse grows with the length and no faster, whatever is typed: eight times the text may take some eight
//! times as long, where a quadratic search would take sixty-four.

use std::time::{Duration, Instant};

use causerie_protocol::content::Sender;
use causerie_protocol::limits::TEXT_CHARS;
use causerie_protocol::markup;

/// What would be searched again and again by a careless parser.
fn adversaries() -> Vec<String> {
    let mut pieces: Vec<String> = [
        "*_",
        "_*~",
        "*a ",
        "a* ",
        "*a* ",
        "~_*a*_~",
        "*a _b ~c",
        "*a *b",
        "\\_",
        "**",
        "```a",
        "``",
        "``` ```",
        "``` ",
        "```a```b",
        "`",
        "<",
        "<a|",
        "<https://a.b|",
        "<https://a.b|c>",
        ">",
        "|",
        ":a",
        ":",
        ": ",
        ":a:",
        "a.",
        "a@",
        "a:",
        "a@b.",
        "://",
        "a://",
        "https://a.b/",
        "https://a.b_",
        "1-",
        "1 ",
        "1.",
        "(",
        "(1",
        "(1)",
        ")",
        "+1",
        "+",
        "0201234567 ",
        "0201234567",
        "01 ",
        "- ",
        "- a\n",
        "\n",
        "\n-",
        "-\n- ",
        "_ada@example.com_ ",
        "_https://example.com/a_ ",
        "é",
        "🎉*",
        "'a.b",
        "[a.b](",
        "a/b.c",
        "example.com ",
        "example.com,",
        "me@x.nl,",
        "Aa.",
        "\u{a0}",
        "，a.b",
    ]
    .map(str::to_owned)
    .to_vec();
    // The most that is looked at as one word.
    for trigger in ["a.", "a@", "a:", "://", "a@b."] {
        pieces.push(format!("{} ", trigger.repeat(120)));
        pieces.push(format!("{}{} ", "a".repeat(2_000), trigger.repeat(30)));
    }
    pieces
}

fn of_length(piece: &str, chars: usize) -> String {
    piece.chars().cycle().take(chars).collect()
}

fn time(text: &str) -> Duration {
    let once = || {
        let start = Instant::now();
        std::hint::black_box(markup::parse(std::hint::black_box(text), Sender::Backend));
        start.elapsed()
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

#[test]
fn the_time_is_linear_whatever_is_typed() {
    let mut slowest = (Duration::ZERO, String::new());
    for piece in adversaries() {
        let [one, eight] = [TEXT_CHARS, 8 * TEXT_CHARS].map(|chars| time(&of_length(&piece, chars)));
        // What takes next to no time is not measured well; another test on the machine may take some of it.
        let fair = |one: Duration, eight: Duration| eight < Duration::from_millis(20) || eight < one * 24;
        let again = || {
            let [one, eight] = [TEXT_CHARS, 8 * TEXT_CHARS].map(|chars| time(&of_length(&piece, chars)));
            fair(one, eight)
        };
        let shown: String = piece.chars().take(20).collect();
        assert!(
            fair(one, eight) || again() || again(),
            "{shown:?}: {one:?}, then {eight:?} for eight times as much"
        );
        if one > slowest.0 {
            slowest = (one, shown);
        }
    }
    assert!(slowest.0 < Duration::from_secs(2), "{slowest:?}");
}
