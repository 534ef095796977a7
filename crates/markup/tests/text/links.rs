//! Addresses in a text: the ones that become links, their extent, and the labelled links of a backend.

use causerie_markup::Sender;
use serde_json::json;

use crate::support::{auto_links, backend, nodes, plain, user};

/// Asserts the text and the URL of each automatic link.
fn links(text: &str, expected: &[(&str, &str)]) {
    let found = auto_links(text);
    let found: Vec<_> = found.iter().map(|(text, url)| (text.as_str(), url.as_str())).collect();
    assert_eq!(found, expected, "{text:?}");
    assert_eq!(
        plain(nodes(text, Sender::User)).replace(['*', '_', '~'], ""),
        text.replace(['*', '_', '~'], "")
    );
}

#[test]
fn web_addresses_with_a_scheme_become_links() {
    for url in [
        "https://example.com",
        "http://example.com/",
        "HTTPS://Example.com/A?b=c&d=e#f",
        "https://sub.example.co.uk:8443/a/b_c.html",
        "https://192.168.1.1/admin",
        "http://localhost:3000/a",
        "https://en.wikipedia.org/wiki/Rust_(fungus)",
        "https://münchen.de/straße",
        "https://example.com/a*b",
        "http://[::1]/",
        "http://[::1]",
        "https://[2001:db8::1]:8443/a?b#c",
        "http://例え.テスト",
        "http://例え.テスト/パス",
        "https://пример.рф/путь",
        "https://उदाहरण.भारत/क",
    ] {
        links(url, &[(url, url)]);
        links(&format!("see {url}."), &[(url, url)]);
        links(&format!("({url})"), &[(url, url)]);
    }
}

#[test]
fn addresses_with_other_schemes_do_not_become_links() {
    for text in [
        "ftp://example.com/a",
        "javascript://example.com/%0aalert(1)",
        "data://text",
        "file:///etc/passwd",
        "callto://ada",
        "https://",
        "https:///a",
        "http:example.com",
    ] {
        let found = auto_links(text);
        assert!(found.iter().all(|(_, url)| !url.starts_with(text)), "{text}: {found:?}");
        assert!(!found.iter().any(|(text, _)| text.contains("://")), "{text}: {found:?}");
    }
}

#[test]
fn bare_domains_become_links_but_file_names_and_sentences_do_not() {
    for text in [
        "example.com",
        "www.example.xyz",
        "www.some-museum.museum/a",
        "docs.example.org/a?b#c",
        "example.nl",
        "bbc.co.uk",
        "例え.テスト",
        "пример.рф/путь",
        "президент.рф",
        "उदाहरण.भारत",
        "例子.中国",
        "EXAMPLE.COM",
        "example.com:8080/a",
    ] {
        links(&format!("see {text}, or not"), &[(text, &format!("https://{text}"))]);
    }
    for text in [
        "e.g. this",
        "main.rs",
        "README.md",
        "node.js",
        "run.sh",
        "index.html",
        "1.2.3",
        "gone.It was",
        "a.b",
        "3.14",
        "v1.0",
        "etc...",
        "wait...what",
        "foo.bar()",
        "Mr.Smith",
        "192.168.1.1",
        "hello.World",
        "终于.好了",
        "да.Нет",
        "http://[::1",
        "http://[zz]/",
    ] {
        links(text, &[]);
    }
}

#[test]
fn mail_addresses_become_links() {
    for address in ["ada@example.com", "ada.love+lace@sub.example.co.uk", "_ada@example.com", "a@b.nl"] {
        links(&format!("to {address}."), &[(address, &format!("mailto:{address}"))]);
    }
    links("email=ada@example.com", &[("ada@example.com", "mailto:ada@example.com")]);
    for address in [
        "éric@example.com",
        "jürgen@example.com",
        "jürgen@bücher.example",
        "иван@пример.рф",
        "e\u{301}a@b.nl",
    ] {
        links(&format!("to {address}!"), &[(address, &format!("mailto:{address}"))]);
    }
    links("ada@例え.テスト", &[("ada@例え.テスト", "mailto:ada@例え.テスト")]);
    links("<ada@example.com>", &[("ada@example.com", "mailto:ada@example.com")]);
    links("请写ada@example.com", &[("ada@example.com", "mailto:ada@example.com")]);
    for text in ["ada@localhost", "@ada", "ada@", "a@b@c", "zoé@example.com/"] {
        let found = auto_links(text);
        assert!(found.iter().all(|(text, _)| !text.contains("ada")), "{text}: {found:?}");
    }
}

#[test]
fn phone_numbers_become_links() {
    for (text, number) in [
        ("+31 20 123 4567", "+31201234567"),
        ("+31 (0)20 123 4567", "+31201234567"),
        ("+1 (555) 123-4567", "+15551234567"),
        ("+4915112345678", "+4915112345678"),
        ("020 123 4567", "0201234567"),
        ("020-1234567", "0201234567"),
        ("030/1234567", "0301234567"),
        ("0612345678", "0612345678"),
        ("06 12 34 56 78", "0612345678"),
        ("06.12.34.56.78", "0612345678"),
        ("0031 20 123 4567", "0031201234567"),
        ("(020) 123 4567", "0201234567"),
        ("(555) 123-4567", "5551234567"),
        ("555-123-4567", "5551234567"),
        ("555.123.4567", "5551234567"),
        ("1-800-555-2345", "18005552345"),
    ] {
        let url = format!("tel:{number}");
        links(text, &[(text, &url)]);
        links(&format!("call {text}."), &[(text, &url)]);
        links(&format!("({text}), or"), &[(text, &url)]);
        links(&format!("Tel:{text}"), &[(text, &url)]);
        links(&format!("*{text}*"), &[(text, &url)]);
        links(&format!("_{text}_"), &[(text, &url)]);
    }
    links(
        "+31201234567 or +31207654321",
        &[("+31201234567", "tel:+31201234567"), ("+31207654321", "tel:+31207654321")],
    );
}

#[test]
fn dates_amounts_and_identifiers_do_not_become_phone_links() {
    for text in [
        "2010-2018",
        "2010 - 2018",
        "(2010-2018)",
        "1999/2000",
        "01-02-2010",
        "2010-01-02",
        "01/02/2010 10:30",
        "09:00-10:00",
        "0900-1000",
        "12345678",
        "1700000000",
        "4111 1111 1111 1111",
        "978-3-16-148410-0",
        "0-306-40615-2",
        "0.123456789",
        "1,234,567,890",
        "€0123456789",
        "192.168.100.200",
        "#0201234567",
        "A-0201234567",
        "id=0201234567",
        "02012345678901234567",
        "+0123456789",
        "+1234",
        "2+31201234567",
        "0201234567abc",
        "0201234567-b",
        "0000000000",
        "3 + 4 - 12 / 100",
    ] {
        links(text, &[]);
    }
}

#[test]
fn marks_around_an_address_are_not_part_of_it() {
    for (text, address) in [
        ("*https://example.com*", "https://example.com"),
        ("_https://example.com_", "https://example.com"),
        ("_https://example.com/a_b_", "https://example.com/a_b"),
        ("~https://example.com/a~", "https://example.com/a"),
        ("*_https://example.com/a_*", "https://example.com/a"),
        ("_see https://example.com/a_", "https://example.com/a"),
        ("_see https://example.com/a_.", "https://example.com/a"),
        ("_(https://example.com/a_(b))_", "https://example.com/a_(b)"),
    ] {
        links(text, &[(address, address)]);
        assert_ne!(user(text)[0]["type"], "autoLink", "{text}");
        assert!(!user(text)[0].is_string(), "{text}: {}", user(text));
    }
    links("*ada@example.com*", &[("ada@example.com", "mailto:ada@example.com")]);
    links("_ada@example.com_", &[("ada@example.com", "mailto:ada@example.com")]);
    // Without an open mark, an underscore at the end belongs to the address.
    links("https://example.com/a_", &[("https://example.com/a_", "https://example.com/a_")]);
}

#[test]
fn marks_inside_an_address_are_part_of_it() {
    let url = "https://example.com/_a_/*b*/~c~d";
    assert_eq!(user(url), json!([{ "type": "autoLink", "url": url, "text": url }]));
    assert_eq!(user(&format!("{url} _x_"))[2]["type"], "italic");
}

#[test]
fn addresses_in_a_list_without_spaces_are_separate_links() {
    for separator in [",", ";"] {
        for addresses in [
            ["https://example.com", "https://example.org/a"],
            ["https://example.com/a?b=c", "HTTP://example.org"],
            ["https://example.com/a", "https://[::1]/"],
        ] {
            links(&addresses.join(separator), &addresses.map(|address| (address, address)));
        }
        links(
            &["example.com", "www.example.org"].join(separator),
            &[("example.com", "https://example.com"), ("www.example.org", "https://www.example.org")],
        );
        links(
            &["a@example.com", "b@example.org"].join(separator),
            &[("a@example.com", "mailto:a@example.com"), ("b@example.org", "mailto:b@example.org")],
        );
    }
    let url = "https://example.com/@52.1,4.3,15z?a=1;b=2";
    links(url, &[(url, url)]);
}

#[test]
fn a_star_at_the_end_of_a_query_belongs_to_the_address() {
    for url in ["https://example.com/?x=*", "https://example.com/a?q=b*", "https://example.com/*"] {
        assert_eq!(
            user(&format!("see {url} or")),
            json!([
                "see ", { "type": "autoLink", "url": url, "text": url }, " or"
            ])
        );
    }
    links("https://example.com*", &[("https://example.com", "https://example.com")]);
    // A star that closes formatting does not.
    assert_eq!(user("*https://example.com/?x=*")[0]["type"], "bold");
}

#[test]
fn punctuation_after_an_address_is_not_part_of_it() {
    for after in ["…", "...", "’", "–", "—", "؟", "।", "،", "…!", ")…"] {
        for url in ["https://example.com", "https://example.com/a", "https://bücher.example"] {
            links(&format!("see {url}{after}"), &[(url, url)]);
        }
        links(&format!("example.com{after}"), &[("example.com", "https://example.com")]);
        links(&format!("a@example.com{after}"), &[("a@example.com", "mailto:a@example.com")]);
    }
    links("example.com…more", &[("example.com", "https://example.com")]);
}

#[test]
fn the_punctuation_of_scripts_without_spaces_ends_an_address() {
    links("看https://example.com/a，好", &[("https://example.com/a", "https://example.com/a")]);
    links("（https://example.com/a）", &[("https://example.com/a", "https://example.com/a")]);
    links("「example.com」", &[("example.com", "https://example.com")]);
}

#[test]
fn a_backend_may_label_a_link() {
    let link = |url: &str, label: &str| json!({ "type": "link", "url": url, "children": [label] });
    assert_eq!(
        backend("see <https://example.com/a?b|our page>!"),
        json!(["see ", link("https://example.com/a?b", "our page"), "!"])
    );
    assert_eq!(backend("<mailto:ada@example.com|Ada>"), json!([link("mailto:ada@example.com", "Ada")]));
    assert_eq!(
        backend("*<https://example.com|a>*"),
        json!([{ "type": "bold", "children": [link("https://example.com", "a")] }])
    );
    assert_eq!(plain(nodes("see <https://example.com|our page>!", Sender::Backend)), "see our page!");
}

#[test]
fn a_backend_may_write_action_buttons_and_links() {
    let action = |kind: &str, action: &str, params: serde_json::Value, label: &str| json!({ "type": kind, "action": action, "params": params, "children": [label] });
    assert_eq!(
        backend("Which color? <actionbutton:color?choice=red|Red> <actionlink:color?choice=blue|Blue!>"),
        json!([
            "Which color? ",
            action("actionButton", "color", json!({ "choice": "red" }), "Red"),
            " ",
            action("actionLink", "color", json!({ "choice": "blue" }), "Blue!"),
        ])
    );
    for (text, name, params) in [
        ("go", "go", json!({})),
        ("go?", "go", json!({})),
        ("my action", "my action", json!({})),
        ("go?a=1&b=2", "go", json!({ "a": "1", "b": "2" })),
        ("go?a=%F0%9F%91%8D+b%7C%3E&c", "go", json!({ "a": "👍 b|>", "c": "" })),
        ("go?a=1&a=2", "go", json!({ "a": "2" })),
        ("go?u=https://example.com/?x=1", "go", json!({ "u": "https://example.com/?x=1" })),
    ] {
        assert_eq!(
            backend(&format!("<actionbutton:{text}|Go>")),
            json!([action("actionButton", name, params, "Go")]),
            "{text}"
        );
    }
    assert_eq!(
        backend("*<actionlink:a|b>*, c"),
        json!([{ "type": "bold", "children": [action("actionLink", "a", json!({}), "b")] }, ", c"])
    );
    assert_eq!(plain(nodes("see <actionbutton:a?b=c|our page>!", Sender::Backend)), "see our page!");
}

#[test]
fn actions_need_a_name_a_label_and_parameters_within_the_limits() {
    let keys: Vec<String> = (0..65).map(|key| format!("k{key}=")).collect();
    for text in [
        "<actionbutton:|a>",
        "<actionbutton: |a>",
        "<actionbutton:?a=b|a>",
        "<actionbutton:a>",
        "<actionbutton:a|>",
        "<actionbutton:a| >",
        "<actionbutton:a?=b|c>",
        "<actionbutton|a>",
        "<action:a|b>",
        "< actionbutton:a|b>",
        "<actionbutton:a|b",
        &format!("<actionbutton:{}|b>", "a".repeat(129)),
        &format!("<actionbutton:a?{}|b>", keys.join("&")),
    ] {
        assert_eq!(backend(text), json!([text]), "{text}");
    }
}

#[test]
fn actions_in_a_users_text_stay_text() {
    for text in ["<actionbutton:a?b=c|our *page*>", "<actionlink:a|b>"] {
        assert_eq!(user(text), json!([text]));
    }
}

#[test]
fn labelled_links_need_a_label_and_an_absolute_url_of_an_allowed_scheme() {
    for text in [
        "<example.com|a>",
        "</a/b|a>",
        "<javascript:alert(1)|a>",
        "<data:text/html,a|a>",
        "<JavaScript:alert(1)|a>",
        "<https:example.com|a>",
        "<java\tscript:alert(1)|a>",
        "<https://example.com|>",
        "<https://example.com| >",
        "<https://exa mple.com|a>",
        "<|a>",
        "<mailto:|a>",
        "<mailto:ada|a>",
        "<https://example.com|a",
        "https://example.com|a>",
    ] {
        let nodes = backend(text);
        assert!(!nodes.to_string().contains("\"link\""), "{text}: {nodes}");
        assert_eq!(plain(super::support::nodes(text, Sender::Backend)), text);
    }
}

#[test]
fn labelled_links_in_a_users_text_stay_text() {
    for text in
        ["<https://example.com|our *page*>", "<mailto:ada@example.com|Ada>", "<tel:+31201234567|call>"]
    {
        assert_eq!(user(text), json!([text]));
    }
}
