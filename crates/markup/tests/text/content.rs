//! Deserialization of content with the path of an invalid node, and the nodes that each kind of sender may
//! send.

use causerie_markup::{Sender, check_content, plaintext};
use causerie_protocol::content::{ContentBlock, TextNode};
use causerie_protocol::{ClientFrame, ErrorBody, Op, decode, limits};
use serde_json::{Value, json};

/// Decodes content as the server does: as part of a frame.
fn decode_content(content: &Value) -> Result<Vec<ContentBlock>, ErrorBody> {
    let params = json!({ "conversation": "c", "data": { "content": content } });
    let frame = json!({ "t": "request", "id": 7, "key": "k", "op": "message.send", "params": params });
    match decode::client_frame(&frame.to_string()) {
        Ok(ClientFrame::Request(request)) => match request.op {
            Op::MessageSend { data, .. } => Ok(data.content.unwrap()),
            other => panic!("{other:?}"),
        },
        Err(decode::DecodeError::BadRequest { error, .. }) => Err(error),
        other => panic!("{other:?}"),
    }
}

fn text(children: &Value) -> Value {
    json!([{ "type": "text", "children": children }])
}

fn check_text(children: &Value, sender: Sender) -> Result<(), ErrorBody> {
    check_content(&decode_content(&text(children)).unwrap(), sender)
}

/// Asserts that a user may not send the content, with this field and problem.
fn assert_rejected(content: &Value, field: &str, problem: &str) {
    let error = check_content(&decode_content(content).unwrap(), Sender::User).unwrap_err();
    assert_eq!(error, ErrorBody::invalid(field, problem), "{content}");
}

#[test]
fn decoding_and_encoding_every_documented_node_and_block_gives_the_same_json() {
    let content = json!([
        { "type": "text", "children": [
            "a",
            { "type": "bold", "children": ["b", { "type": "italic", "children": ["c"] }] },
            { "type": "strikethrough", "children": [] },
            { "type": "bulletList", "children": [{ "type": "bulletPoint", "children": ["d"] }] },
            { "type": "codeSpan", "text": "e\nf" },
            { "type": "link", "url": "https://example.com", "children": ["g"] },
            { "type": "autoLink", "url": "https://example.com", "text": "example.com" },
            { "type": "actionLink", "action": "buy", "params": { "item": "1" }, "children": ["h"] },
            { "type": "actionButton", "action": "buy", "params": {}, "children": ["i"] },
            { "type": "customEmoji", "text": ":cat:" },
            { "type": "mention", "id": "ada", "text": "Ada" },
        ] },
        { "type": "location", "latitude": 52.37, "longitude": -5 },
        { "type": "file", "fileToken": "t", "url": "https://example.com/a.pdf", "size": 5, "filename": "a.pdf" },
        { "type": "file", "subtype": "image", "fileToken": "t", "url": "u", "size": 5, "filename": "a.png", "width": 1, "height": 2 },
        { "type": "file", "subtype": "video", "fileToken": "t", "url": "u", "size": 5, "filename": "a.mp4", "width": 1, "height": 2, "duration": 3.5 },
        { "type": "file", "subtype": "audio", "fileToken": "t", "url": "u", "size": 5, "filename": "a.mp3", "duration": 3 },
        { "type": "file", "subtype": "voice", "fileToken": "t", "url": "u", "size": 5, "filename": "a.webm" },
        { "type": "file", "fileToken": "t" },
    ]);
    let blocks: Vec<ContentBlock> = serde_json::from_value(content.clone()).unwrap();
    assert_eq!(serde_json::to_value(&blocks).unwrap(), content);
    // In a JSON text, the fields may have any order.
    let reordered = r#"{"children":[{"text":"a","url":"https://a.nl","type":"autoLink"}],"type":"text"}"#;
    let node = TextNode::AutoLink { url: "https://a.nl".to_owned(), text: "a".to_owned() };
    assert_eq!(
        serde_json::from_str::<ContentBlock>(reordered).unwrap(),
        ContentBlock::Text { children: vec![node] }
    );
}

#[test]
fn a_node_of_an_unknown_type_keeps_all_fields_and_has_a_plain_text() {
    // In stored JSON, the type is the first field.
    let stored = r#"[{"type":"text","children":["a ",
        {"type":"spoiler","children":["b",{"type":"bold","children":["c"]}],"level":3,"url":["x"],
            "deep":{"a":[null,true,1.5,-1,18446744073709551615]}},
        {"type":"maths","text":" d","id":5}]}]"#;
    let blocks: Vec<ContentBlock> = serde_json::from_str(stored).unwrap();
    let written = serde_json::to_string(&blocks).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&written).unwrap(),
        serde_json::from_str::<Value>(stored).unwrap()
    );
    assert_eq!(serde_json::from_str::<Vec<ContentBlock>>(&written).unwrap(), blocks);
    assert_eq!(plaintext(&blocks), "a bc d");
    // If the type is the last field, known fields are read by the types of known nodes; nothing is lost.
    let late =
        r#"{"children":[{"id":"x","more":[1],"params":{"a":"b"},"text":"e","type":"later"}],"type":"text"}"#;
    let block: ContentBlock = serde_json::from_str(late).unwrap();
    let again: Value = serde_json::to_value(&block).unwrap();
    assert_eq!(again, serde_json::from_str::<Value>(late).unwrap());
}

#[test]
fn an_error_names_the_path_of_the_invalid_value() {
    let node = |node: Value| text(&json!(["a", { "type": "bold", "children": ["b", "c", node] }]));
    let at = "content[0].children[1].children[2]";
    let types = "must be one of \"text\", \"location\", \"file\"";
    let cases = [
        (json!("a"), "content".to_owned(), "must be an array, not a string"),
        (
            json!(["a"]),
            "content[0]".to_owned(),
            "must be a content block: an object with a type, not a string",
        ),
        (json!([{}]), "content[0].type".to_owned(), "is missing"),
        (json!([{ "type": 5 }]), "content[0].type".to_owned(), "must be a string, not a number"),
        (json!([{ "type": "poll" }]), "content[0].type".to_owned(), types),
        (json!([{ "type": "text" }]), "content[0].children".to_owned(), "is missing"),
        (
            json!([{ "type": "text", "children": "a" }]),
            "content[0].children".to_owned(),
            "must be an array, not a string",
        ),
        (json!([{ "type": "location", "latitude": 1 }]), "content[0].longitude".to_owned(), "is missing"),
        (
            json!([{ "type": "location", "latitude": "1" }]),
            "content[0].latitude".to_owned(),
            "must be a number, not a string",
        ),
        (json!([{ "type": "file" }]), "content[0].fileToken".to_owned(), "is missing"),
        (node(json!(5)), at.to_owned(), "must be a string or a node with a type, not a number"),
        (node(json!(null)), at.to_owned(), "must be a string or a node with a type, not null"),
        (node(json!({})), format!("{at}.type"), "is missing"),
        (node(json!({ "type": "bold" })), format!("{at}.children"), "is missing"),
        (
            node(json!({ "type": "codeSpan", "text": ["a"] })),
            format!("{at}.text"),
            "must be a string, not an array",
        ),
        (
            node(json!({ "type": "autoLink", "url": 5, "text": "a" })),
            format!("{at}.url"),
            "must be a string, not a number",
        ),
        (node(json!({ "type": "autoLink", "text": "a" })), format!("{at}.url"), "is missing"),
        (node(json!({ "type": "mention", "text": "a" })), format!("{at}.id"), "is missing"),
        (
            node(json!({ "type": "actionLink", "action": "a", "params": { "b": 5 }, "children": [] })),
            format!("{at}.params.b"),
            "must be a string, not a number",
        ),
        (node(json!({ "type": "new" })), format!("{at}.children"), "is missing"),
    ];
    for (content, field, problem) in cases {
        let error = decode_content(&content).unwrap_err();
        assert_eq!(error, ErrorBody::invalid(field, problem), "{content}");
    }
    let twice = r#"{"type":"codeSpan","text":"a","text":"b"}"#;
    let error = serde_json::from_str::<TextNode>(twice).unwrap_err();
    assert!(error.to_string().contains("duplicate field `text`"), "{error}");
}

#[test]
fn content_must_be_exactly_one_block() {
    for count in [0, 2] {
        let blocks = vec![ContentBlock::Text { children: vec!["a".into()] }; count];
        for sender in [Sender::User, Sender::Backend] {
            let error = check_content(&blocks, sender).unwrap_err();
            let problem = format!("must be an array of exactly one block (got {count})");
            assert_eq!(error, ErrorBody::invalid("content", &problem));
        }
    }
}

#[test]
fn only_a_backend_may_send_labelled_links_and_actions() {
    let link = "a user must not send a link (an address in the text becomes a link automatically)";
    let action = "a user must not send an action";
    for (node, problem) in [
        (json!({ "type": "link", "url": "https://example.com", "children": ["a"] }), link),
        (json!({ "type": "actionLink", "action": "a", "params": {}, "children": ["a"] }), action),
        (json!({ "type": "actionButton", "action": "a", "params": { "b": "c" }, "children": ["a"] }), action),
    ] {
        let nested = json!(["a", { "type": "bold", "children": [node] }]);
        assert_rejected(&text(&nested), "content[0].children[1].children[0]", problem);
        check_text(&nested, Sender::Backend).unwrap();
    }
}

#[test]
fn nodes_of_an_unknown_type_cannot_be_sent() {
    let problem = "must be the type of a text node, such as \"bold\" or \"codeSpan\"";
    let content = text(&json!([{ "type": "blink", "children": ["a"] }]));
    assert_rejected(&content, "content[0].children[0].type", problem);
    assert!(check_content(&decode_content(&content).unwrap(), Sender::Backend).is_err());
}

#[test]
fn links_with_an_incomplete_or_dangerous_url_cannot_be_sent() {
    for url in [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java\nscript:alert(1)",
        " javascript:alert(1)",
        "\u{1}javascript:alert(1)",
        "data:text/html,a",
        "vbscript:a",
        "file:///etc/passwd",
        "blob:https://example.com/a",
        "ftp://example.com",
        "//example.com",
        "/a",
        "a",
        "",
        "https:",
        "https://",
        "https:example.com",
        "https:\\\\example.com",
        "https://exa mple.com",
        "https://example.com:99999",
        "mailto:",
        "mailto:ada",
        "tel:",
        "tel:a",
    ] {
        let node = json!([{ "type": "link", "url": url, "children": ["a"] }]);
        let error = check_text(&node, Sender::Backend).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("content[0].children[0].url"), "{url:?}");
        let node = json!([{ "type": "autoLink", "url": url, "text": url }]);
        assert!(check_text(&node, Sender::Backend).is_err(), "{url:?}");
        assert!(check_text(&node, Sender::User).is_err(), "{url:?}");
    }
    let long = format!("https://example.com/{}", "a".repeat(limits::URL_BYTES));
    let error = check_text(&json!([{ "type": "link", "url": long, "children": ["a"] }]), Sender::Backend)
        .unwrap_err();
    assert_eq!(error.field.as_deref(), Some("content[0].children[0].url"));
}

#[test]
fn the_text_of_a_users_automatic_link_must_state_its_url() {
    let link = |text: &str, url: &str| json!([{ "type": "autoLink", "text": text, "url": url }]);
    for (text, url) in [
        ("example.com", "https://example.com"),
        ("example.com", "http://example.com/"),
        ("Example.COM", "https://example.com"),
        ("example.com", "https://www.example.com/a/b?c#d"),
        ("www.example.com", "https://www.example.com"),
        ("https://example.com", "https://example.com/a"),
        ("example.com/a", "https://example.com/a"),
        ("example.com/a", "https://example.com/a?b#c"),
        ("example.com/a?b#c", "https://example.com/a?b#c"),
        ("example.com?b", "https://example.com/?b"),
        ("example.com:8080", "https://example.com:8080/a"),
        ("münchen.de", "https://xn--mnchen-3ya.de"),
        ("https://10.0.0.1/a", "https://10.0.0.1/a"),
        ("localhost:80", "http://localhost"),
        ("ada@example.com", "mailto:ada@example.com"),
        ("Ada@Example.com", "mailto:ada@example.com"),
        ("+31 20 123 4567", "tel:+31201234567"),
        ("+31 (0)20-123.45.67", "tel:+31-20-1234567"),
        ("020/1234567", "tel:0201234567"),
    ] {
        check_text(&link(text, url), Sender::User).unwrap_or_else(|error| panic!("{text} {url}: {error}"));
    }
    for (text, url) in [
        ("our page", "https://example.com"),
        ("example.com", "https://evil.com"),
        ("example.com", "https://example.com.evil.com"),
        ("example.com", "https://notexample.com"),
        ("example.com", "https://example.com@evil.com"),
        ("example.com", "https://a:b@example.com"),
        ("www.example.com", "https://example.com"),
        ("com", "https://example.com"),
        ("http://example.com", "https://example.com"),
        ("ftp://example.com", "https://example.com"),
        ("example.com/a", "https://example.com/b"),
        ("example.com/a", "https://example.com"),
        ("example.com/", "https://example.com/a"),
        ("example.com?a", "https://example.com/?b"),
        ("example.com#a", "https://example.com#b"),
        ("example.com#a", "https://example.com"),
        ("example.com:8080", "https://example.com:9090"),
        ("example.com\\.evil.com", "https://example.com"),
        ("evil.com\\@example.com", "https://evil.com"),
        ("exam\tple.com", "https://example.com"),
        ("example.com a", "https://example.com/a"),
        ("0.0.1", "https://10.0.0.1"),
        ("example.com", "mailto:ada@example.com"),
        ("ada@example.com", "https://example.com"),
        ("ada@example.com", "mailto:eve@example.com"),
        ("ada@example.com", "mailto:ada@example.com,eve@example.com"),
        ("ada@example.com", "mailto:ada@example.com?cc=eve@example.com"),
        ("ada@example.com", "mailto:ada@example.com?bcc=eve@example.com#ada@example.com"),
        ("mailto:ada@example.com", "mailto:ada@example.com"),
        ("+31 20 123 4567", "tel:+31201234568"),
        ("31 20 123 4567", "tel:+31201234567"),
        ("+31 20 123 4567", "tel:+31201234567;ext=1"),
        ("+31 20 123 4567", "tel:+31201234567?a"),
        ("+31 20 123 4567", "tel:+31201234567#1"),
        ("call us", "tel:+31201234567"),
        ("", "https://example.com"),
    ] {
        let node = link(text, url);
        let error = check_text(&node, Sender::User).unwrap_err();
        assert_eq!(error.field.as_deref(), Some("content[0].children[0].url"), "{text} {url}: {error}");
        // A backend may send any text.
        assert!(check_text(&json!([node[0], "a"]), Sender::Backend).is_ok(), "{text} {url}");
    }
}

#[test]
fn mentions_and_custom_emoji_must_be_well_formed() {
    check_text(&json!([{ "type": "mention", "id": "ada", "text": "Ada" }]), Sender::User).unwrap();
    let content = text(&json!([{ "type": "mention", "id": "", "text": "Ada" }]));
    assert_rejected(&content, "content[0].children[0].id", "must not be empty");
    let problem = "must be a custom emoji such as \":name:\"";
    for emoji in ["cat", ":cat", "::", ":a b:", "🎉"] {
        let content = text(&json!([{ "type": "customEmoji", "text": emoji }]));
        assert_rejected(&content, "content[0].children[0].text", problem);
    }
}

#[test]
fn text_must_not_be_blank_or_too_long() {
    for children in [json!([]), json!([""]), json!([" ", { "type": "bold", "children": ["\n"] }])] {
        assert_rejected(&text(&children), "content", "must not be empty");
    }
    let half = "é".repeat(limits::TEXT_CHARS / 2);
    check_text(&json!([half, { "type": "bold", "children": [half] }]), Sender::User).unwrap();
    let over = decode_content(&text(&json!([half, { "type": "bold", "children": [half, "a"] }]))).unwrap();
    let error = check_content(&over, Sender::User).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("content"));
    assert!(error.message.contains("(got 10001)"), "{error}");
}

#[test]
fn deeply_nested_nodes_are_rejected() {
    let nested = |depth: usize| {
        (0..depth).fold(TextNode::from("a"), |node, _| TextNode::Bold { children: vec![node] })
    };
    let block = |depth| [ContentBlock::Text { children: vec![nested(depth)] }];
    check_content(&block(limits::CONTENT_DEPTH), Sender::User).unwrap();
    let error = check_content(&block(limits::CONTENT_DEPTH + 1), Sender::User).unwrap_err();
    assert!(error.field.as_deref().is_some_and(|field| field.ends_with(".children")), "{error}");
    assert!(error.message.ends_with("must be nested at most 16 deep"), "{error}");
    // Much deeper nesting is rejected by the decoder, so that the stack does not overflow.
    let deep = format!("{}{}", r#"{"type":"bold","children":["#.repeat(20_000), "]}".repeat(20_000));
    assert!(serde_json::from_str::<TextNode>(&deep).is_err());
}

#[test]
fn the_coordinates_of_a_location_must_be_in_range() {
    for (latitude, longitude) in [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0), (52.37, 4.89)] {
        check_content(&[ContentBlock::Location { latitude, longitude }], Sender::User).unwrap();
    }
    let location = |latitude: Value, longitude: Value| json!([{ "type": "location", "latitude": latitude, "longitude": longitude }]);
    assert_rejected(
        &location(json!(90.001), json!(0)),
        "content[0].latitude",
        "must be a number from -90 to 90",
    );
    assert_rejected(
        &location(json!(0), json!(-181)),
        "content[0].longitude",
        "must be a number from -180 to 180",
    );
    let nan = [ContentBlock::Location { latitude: f64::NAN, longitude: 0.0 }];
    assert!(check_content(&nan, Sender::User).is_err());
}

#[test]
fn the_token_of_a_file_has_a_form() {
    let check = |token: &str| {
        let content = decode_content(&json!([{ "type": "file", "fileToken": token }])).unwrap();
        check_content(&content, Sender::User).map_err(|error| error.field)
    };
    assert_eq!(check("0a-b_c.1"), Ok(()));
    for wrong in ["", "a b", "a/b", "é", &"a".repeat(257)] {
        assert_eq!(check(wrong), Err(Some("content[0].fileToken".to_owned())), "{wrong}");
    }
}

#[test]
fn plain_text_of_each_node_and_block() {
    let plain = |content: Value| plaintext(&serde_json::from_value::<Vec<ContentBlock>>(content).unwrap());
    let point = |text: &str| json!({ "type": "bulletPoint", "children": [text] });
    let list = |points: Value| json!({ "type": "bulletList", "children": points });
    assert_eq!(
        plain(text(&json!([
            "see",
            list(json!([point("a"), point("b")])),
            list(json!([point("c")])),
            "",
            "end"
        ]))),
        "see\n- a\n- b\n- c\nend"
    );
    assert_eq!(
        plain(text(&json!([
            { "type": "mention", "id": "ada", "text": "@Ada" },
            { "type": "link", "url": "https://example.com", "children": [" our ", { "type": "bold", "children": ["page"] }] },
            { "type": "actionButton", "action": "a", "params": {}, "children": [" Buy"] },
        ]))),
        "@Ada our page Buy"
    );
    assert_eq!(plain(json!([{ "type": "location", "latitude": 52.5, "longitude": -4 }])), "52.5, -4");
    assert_eq!(plain(json!([{ "type": "file", "fileToken": "t", "filename": "a.pdf" }])), "a.pdf");
    assert_eq!(plain(json!([])), "");
}
