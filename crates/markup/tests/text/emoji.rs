//! The emoji that reactions may have, and their canonical form.

use causerie_markup::emoji::normalize;

#[test]
fn emoji_with_and_without_variation_selectors_normalize_to_one_form() {
    for (typed, full) in [
        ("👍", "👍"),
        ("👍🏽", "👍🏽"),
        ("❤", "❤\u{fe0f}"),
        ("❤\u{fe0f}", "❤\u{fe0f}"),
        ("☺", "☺\u{fe0f}"),
        // Keycaps, flags, and sequences, with their variation selectors or without.
        ("1\u{20e3}", "1\u{fe0f}\u{20e3}"),
        ("🇳🇱", "🇳🇱"),
        (
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
        ),
        ("👨\u{200d}👩\u{200d}👧\u{200d}👦", "👨\u{200d}👩\u{200d}👧\u{200d}👦"),
        ("🏳\u{200d}🌈", "🏳\u{fe0f}\u{200d}🌈"),
        ("🏳\u{fe0f}\u{200d}🌈", "🏳\u{fe0f}\u{200d}🌈"),
        ("👁\u{200d}🗨", "👁\u{fe0f}\u{200d}🗨\u{fe0f}"),
        // An emoji of Unicode 16.
        ("🫩", "🫩"),
    ] {
        assert_eq!(normalize(typed).as_deref(), Ok(full), "{typed}");
    }
}

#[test]
fn every_emoji_of_the_table_normalizes_to_itself() {
    let mut count = 0;
    for emoji in emojis::iter() {
        assert_eq!(normalize(emoji.as_str()).as_deref(), Ok(emoji.as_str()));
        count += 1;
    }
    assert!(count > 1_800, "{count}");
}

#[test]
fn selectors_and_skin_tones_in_any_order_are_the_same_emoji() {
    for typed in ["☝🏽", "☝\u{fe0f}🏽", "☝🏽\u{fe0f}", "☝\u{fe0f}🏽\u{fe0f}"] {
        assert_eq!(normalize(typed).as_deref(), Ok("☝🏽"), "{typed:?}");
    }
    for typed in ["👍🏽\u{fe0f}", "👍\u{fe0f}🏽"] {
        assert_eq!(normalize(typed).as_deref(), Ok("👍🏽"), "{typed:?}");
    }
    assert_eq!(normalize("👍\u{fe0f}").as_deref(), Ok("👍"));
    let detective = "🕵🏽\u{200d}♂\u{fe0f}";
    for typed in [detective, "🕵\u{fe0f}🏽\u{200d}♂", "🕵🏽\u{fe0f}\u{200d}♂", "🕵🏽\u{200d}♂"]
    {
        assert_eq!(normalize(typed).as_deref(), Ok(detective), "{typed:?}");
    }
    assert_ne!(normalize("👍🏽"), normalize("👍🏿"));
    assert_ne!(normalize("👍🏽"), normalize("👍"));
}

#[test]
fn every_emoji_and_skin_tone_normalizes_with_any_selectors() {
    let mut count = 0;
    let toned = emojis::iter().flat_map(|emoji| emoji.skin_tones().into_iter().flatten());
    for emoji in emojis::iter().chain(toned) {
        let full = emoji.as_str();
        let bare = full.replace('\u{fe0f}', "");
        let crowded: String = bare.chars().flat_map(|c| [c, '\u{fe0f}']).collect();
        for typed in [full, &bare, &crowded] {
            assert_eq!(normalize(typed).as_deref(), Ok(full), "{typed:?}");
        }
        count += 1;
    }
    assert!(count > 3_000, "{count}");
}

#[test]
fn custom_emoji_are_unchanged() {
    let longest = format!(":{}:", "a".repeat(48));
    for emoji in [":cat-roomba:", ":a_b:", ":+1:", ":été:", ":a.b:", ":<b>:", ":1:", &longest] {
        assert_eq!(normalize(emoji).as_deref(), Ok(emoji));
    }
}

#[test]
fn anything_else_is_rejected_with_the_field() {
    let longer = format!(":{}:", "a".repeat(49));
    for emoji in [
        "",
        " ",
        "a",
        "ab",
        "👍👍",
        "👍 ",
        " 👍",
        "👍a",
        "1",
        "#",
        "\u{fe0f}",
        "\u{200d}",
        "1\u{fe0f}",
        "👍\u{fe0f}\u{fe0f}",
        "\u{fe0f}👍",
        "👍👍🏽",
        "❤\u{fe0e}",
        ":",
        "::",
        ":a",
        "a:",
        ":a b:",
        ":a:b:",
        ":\n:",
        "cat",
        &longer,
    ] {
        let error = normalize(emoji).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("emoji"), "{emoji:?}");
        assert!(error.message.starts_with("emoji: "), "{error}");
    }
    assert!(normalize(&longer).unwrap_err().message.contains("at most 50 characters"));
}
