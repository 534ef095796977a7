//! The time to parse is linear in the length of any text: one text takes as long as four texts of a quarter
//! of its length. A quadratic search would take four times as long.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use causerie_markup::{Sender, parse};
use causerie_protocol::limits::TEXT_CHARS;

/// Patterns that a careless parser would search repeatedly.
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
        "a.b_",
        "a.b~",
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
        "*_~",
        "中*",
        "http://[::1]/",
        "http://[::1],",
        "http://[",
        "a.例,",
        "jürgen@例え.テスト",
        "a,",
        "a;a.b",
        "/?x=*",
        "<actionlink:a?b|c>",
        "<actionbutton:a?b&",
        "^_^",
        "(*_*)",
        "- a\r\n",
    ]
    .map(str::to_owned)
    .to_vec();
    // The longest words that are searched for addresses.
    for trigger in ["a.", "a@", "a:", "://", "a@b.", "a.b_", "a.b~"] {
        pieces.push(format!("{} ", trigger.repeat(120)));
        pieces.push(format!("{}{} ", "a".repeat(2_000), trigger.repeat(30)));
    }
    pieces
}

fn repeat_to_length(piece: &str, chars: usize) -> String {
    piece.chars().cycle().take(chars).collect()
}

/// Returns the CPU time of this thread, or the wall-clock time on systems without `/proc`. Other work on the
/// machine must not count.
fn cpu_time() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let wall = START.get_or_init(Instant::now).elapsed();
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = stat.and_then(|stat| stat.split(' ').next()?.parse().ok());
    nanoseconds.map_or(wall, Duration::from_nanos)
}

fn time(text: &str, times: usize) -> Duration {
    let start = cpu_time();
    for _ in 0..times {
        std::hint::black_box(parse(std::hint::black_box(text), Sender::Backend));
    }
    cpu_time().saturating_sub(start)
}

#[test]
fn parsing_time_is_linear_for_adversarial_texts() {
    for piece in adversaries() {
        let (short, long) = (repeat_to_length(&piece, TEXT_CHARS), repeat_to_length(&piece, 4 * TEXT_CHARS));
        let measure = || {
            let (short, long) = (time(&short, 4), time(&long, 1));
            // Very short times are not measured precisely.
            if long < Duration::from_millis(20) || long < short * 5 / 2 { Ok(()) } else { Err((short, long)) }
        };
        let shown: String = piece.chars().take(20).collect();
        if let Err((short, long)) = measure().or_else(|_| measure()).or_else(|_| measure()) {
            panic!("{shown:?}: four texts in {short:?}, one of four times the length in {long:?}");
        }
        assert!(time(&short, 1) < Duration::from_secs(2), "{shown:?}");
    }
}
