//! The tables and numbers of `docs/protocol.md` and `docs/limits.md` are those of the code. With
//! `UPDATE_DOCS=1`, the tables are written.

use std::fmt::Write as _;

use causerie_protocol::limits::*;
use causerie_protocol::version::{SUBPROTOCOL, VERSION};
use causerie_protocol::{CloseCode, ErrorCode, Op, Recovery, Topic};

use crate::support::{assert_file, read};

/// Compares the tables of a file. Each stands between `<!-- NAME: from the code -->` and `<!-- end -->`.
fn assert_tables(path: &str, tables: &[(&str, String)]) {
    let mut text = read(path);
    for (name, table) in tables {
        let mark = format!("<!-- {name}: from the code -->\n");
        let (before, rest) = text.split_once(&mark).unwrap_or_else(|| panic!("{path} lacks {mark:?}"));
        let (_, after) =
            rest.split_once("<!-- end -->").unwrap_or_else(|| panic!("{path}: {name} has no end"));
        text = format!("{before}{mark}{table}<!-- end -->{after}");
    }
    assert_file(path, &text);
}

#[test]
fn tables_of_the_protocol_equal_the_code() {
    let tables = [
        ("ops", ops()),
        ("topics", topics()),
        ("lists", lists()),
        ("error codes", error_codes()),
        ("close codes", close_codes()),
    ];
    assert_tables("docs/protocol.md", &tables);
}

fn ops() -> String {
    let mut table = String::from("| op | key | `params` | meaning |\n|---|---|---|---|\n");
    for op in Op::INFO {
        let params = op.params.iter().map(|param| {
            let optional = if param.optional { "?" } else { "" };
            let type_name =
                if param.name == "data" { format!(": {}", param.type_name) } else { String::new() };
            format!("`{}{optional}{type_name}`", param.name)
        });
        let params = params.collect::<Vec<_>>().join(", ");
        let key = if op.name.writes() { "yes" } else { "no" };
        writeln!(table, "| `{}` | {key} | {params} | {} |", op.name.as_str(), op.description).unwrap();
    }
    table
}

fn topics() -> String {
    let mut table = String::from("| kind | further fields | meaning |\n|---|---|---|\n");
    for topic in Topic::INFO {
        let fields = topic.fields.iter().map(|field| {
            let optional = if *field == "filter" { "?" } else { "" };
            format!("`{field}{optional}`")
        });
        let fields = fields.collect::<Vec<_>>().join(", ");
        writeln!(table, "| `{}` | {fields} | {} |", topic.kind, topic.description).unwrap();
    }
    table
}

fn lists() -> String {
    let mut table = String::from("| list | order | initial page | pages of `more` |\n|---|---|---:|---:|\n");
    for topic in Topic::INFO {
        if let Some((sizes, order)) = topic.list {
            writeln!(table, "| `{}` | {order} | {} | 1–{} |", topic.kind, sizes.initial, sizes.max).unwrap();
        }
    }
    table
}

fn error_codes() -> String {
    let mut table = String::from("| code | HTTP | retryable | meaning |\n|---|---|---|---|\n");
    for code in ErrorCode::ALL {
        let retryable = if code.retryable() { "yes" } else { "no" };
        let (name, status, meaning) = (code.name(), code.http_status(), code.meaning());
        writeln!(table, "| `{name}` | {status} | {retryable} | {meaning} |").unwrap();
    }
    for code in ErrorCode::CLIENT_ONLY {
        assert!(!code.retryable(), "the table states that {code:?} is not retryable");
        writeln!(table, "| `{}` | made by the SDK only | no | {} |", code.name(), code.meaning()).unwrap();
    }
    table
}

fn close_codes() -> String {
    let mut table =
        String::from("| code | name | error | reaction of the client | meaning |\n|---|---|---|---|---|\n");
    for code in CloseCode::ALL {
        let reaction = match (code, Recovery::of(code.number())) {
            (CloseCode::Normal, _) => "none: it closed the connection itself",
            (CloseCode::Silent, _) => "reconnects at once: it closed the connection itself",
            (_, Recovery::Retry) => "reconnects with backoff",
            (_, Recovery::RetryLater) => "reconnects later",
            (_, Recovery::Reauthenticate) => "reconnects with another token",
            (_, Recovery::Never) => "ends the session",
        };
        let (number, error, meaning) = (code.number(), code.error_code().name(), code.meaning());
        writeln!(table, "| {number} | {code:?} | `{error}` | {reaction} | {meaning} |").unwrap();
    }
    table
}

#[test]
fn table_of_limits_equals_the_code() {
    let rows: &[(&str, usize, &str)] = &[
        ("an id (of a user, conversation, message or client), an idempotency key", ID_BYTES, "bytes"),
        ("`name`", NAME_CHARS, "characters"),
        ("`subject`", SUBJECT_CHARS, "characters"),
        ("`welcomeMessage`, and each of `welcomeMessages`", WELCOME_CHARS, "characters"),
        ("`welcomeMessages`", WELCOME_MESSAGES, "entries"),
        ("participants of a conversation", MAX_PARTICIPANTS, "users"),
        ("`photoUrl`, and the URL of a link", URL_BYTES, "bytes"),
        ("`role`", ROLE_CHARS, "characters"),
        ("`locale`", LOCALE_BYTES, "bytes"),
        ("`custom`", CUSTOM_KEYS, "keys"),
        ("each key of `custom`", CUSTOM_KEY_CHARS, "characters"),
        ("`custom`, keys and values together", CUSTOM_BYTES, "bytes"),
        ("`email` and `phone`, each", CONTACTS, "entries"),
        ("each e-mail address", EMAIL_BYTES, "bytes"),
        ("the part of an e-mail address before the `@`", EMAIL_LOCAL_BYTES, "bytes"),
        ("each phone number", PHONE_CHARS, "characters"),
        ("`pushTokens`", PUSH_TOKENS, "keys"),
        ("each key of `pushTokens`", PUSH_TOKEN_BYTES, "bytes"),
        ("the text of a message", TEXT_CHARS, "characters"),
        ("the nesting of text nodes", CONTENT_DEPTH, "nodes"),
        ("the name of a file", FILENAME_CHARS, "characters"),
        ("the content type of a file", CONTENT_TYPE_BYTES, "bytes"),
        ("the width and the height of an image or a video", FILE_PIXELS as usize, "pixels"),
        ("the duration of a video or a sound", FILE_SECONDS as usize, "seconds"),
        ("the token of a file", FILE_TOKEN_BYTES, "bytes"),
        ("a frame, or a request body", FRAME_BYTES, "bytes"),
        ("requests in one POST of the HTTP fallback", BATCH_REQUESTS, "requests"),
        ("pending requests of a client", PENDING_REQUESTS, "requests"),
        ("a token", TOKEN_BYTES, "bytes"),
        ("`sdk` in `hello`", SDK_CHARS, "characters"),
        ("the time until a request has a result", REQUEST_TIMEOUT_MS as usize, "milliseconds"),
        ("the time until a connection has sent `hello`", HELLO_TIMEOUT_MS as usize, "milliseconds"),
        ("the interval of the server's pings", PING_INTERVAL_MS as usize, "milliseconds"),
        ("silence before a client closes its connection", SILENCE_MS as usize, "milliseconds"),
        ("subscriptions of a client", SUBSCRIPTIONS, "subscriptions"),
        ("all different filters of a connection's subscriptions", FILTERS_BYTES, "bytes"),
        ("open handles of a client, of which those of one topic share a subscription", HANDLES, "handles"),
        ("`keepsBodies` in `hello`, as the server uses it", KEPT_BODIES, "bodies"),
        ("the window of a resumed subscription", WINDOW.1 as usize, "entries"),
        ("filters in one `any`", FILTER_ANY, "filters"),
        ("values of one `oneOf` or `!oneOf` in a filter", FILTER_VALUES, "values"),
        ("keys of a filter's `custom`", FILTER_CUSTOM_KEYS, "keys"),
        ("conversations: initial page, and `loadMore()`", CONVERSATIONS.initial as usize, "entries"),
        ("conversations: `loadMore(count)`", CONVERSATIONS.max as usize, "entries"),
        ("messages: initial page, and `loadMore()`", MESSAGES.initial as usize, "entries"),
        ("messages: `loadMore(count)`", MESSAGES.max as usize, "entries"),
        ("participants: initial page, and `loadMore()`", PARTICIPANTS.initial as usize, "entries"),
        ("participants: `loadMore(count)`", PARTICIPANTS.max as usize, "entries"),
        ("reactions with one emoji: initial page", REACTIONS.initial as usize, "entries"),
        ("reactions with one emoji: `loadMore()`", REACTIONS.more as usize, "entries"),
        ("reactions with one emoji: `loadMore(count)`", REACTIONS.max as usize, "entries"),
        ("results of a search: first page", SEARCH.initial as usize, "entries"),
        ("results of a search: `loadMore()`", SEARCH.more as usize, "entries"),
        ("results of a search: `loadMore(limit)`", SEARCH.max as usize, "entries"),
        ("the query of a search", QUERY_CHARS, "characters"),
        ("the query of a search, in words", QUERY_WORDS, "words"),
        ("a custom emoji, its colons included", EMOJI_CHARS, "characters"),
        ("different emoji on one message", MESSAGE_REACTIONS, "emoji"),
        ("the time for which one `markAsTyping` counts", TYPING_MS as usize, "milliseconds"),
        ("typing users that are listed one by one", TYPING_USERS, "users"),
        ("the time online after the last request", ONLINE_MS as usize, "milliseconds"),
    ];
    let mut table = String::from("| value | at most | unit |\n|---|---:|---|\n");
    for (value, limit, unit) in rows {
        writeln!(table, "| {value} | {} | {unit} |", grouped(*limit)).unwrap();
    }
    assert_tables("docs/limits.md", &[("limits", table)]);
    for (list, sizes) in
        [("conversations", CONVERSATIONS), ("messages", MESSAGES), ("participants", PARTICIPANTS)]
    {
        assert_eq!(sizes.initial, sizes.more, "the table has one row for both page sizes of {list}");
    }
}

#[test]
fn numbers_in_sentences_equal_the_code() {
    let seconds = |milliseconds: u32| format!("{} s", milliseconds / 1000);
    let sentences = [
        ("docs/protocol.md", format!("The protocol, version {VERSION}")),
        ("docs/protocol.md", format!("Sec-WebSocket-Protocol: {SUBPROTOCOL}")),
        ("docs/protocol.md", format!("one text message of at most {} bytes", grouped(FRAME_BYTES))),
        ("docs/protocol.md", format!("requests and {} bytes", grouped(FRAME_BYTES))),
        ("docs/protocol.md", format!("A batch has at most {BATCH_REQUESTS} requests")),
        ("docs/protocol.md", format!("`hello`, within {}", seconds(HELLO_TIMEOUT_MS))),
        ("docs/protocol.md", format!("Every {} (`pingInterval`)", seconds(PING_INTERVAL_MS))),
        ("docs/protocol.md", format!("after {} without a frame", seconds(SILENCE_MS))),
        ("docs/protocol.md", format!("gives up a request after {}", seconds(REQUEST_TIMEOUT_MS))),
        ("docs/protocol.md", format!("for {} after any request", seconds(ONLINE_MS))),
        ("docs/protocol.md", format!("`conversation.markAsTyping` counts for {}", seconds(TYPING_MS))),
        ("docs/protocol.md", format!("a `key` (1 to {ID_BYTES} bytes)")),
        ("docs/protocol.md", format!("N is `keepsBodies`, but at most {KEPT_BODIES}")),
        ("docs/limits.md", format!("digits (at least {PHONE_DIGITS})")),
    ];
    for (path, sentence) in sentences {
        // Sentences may be wrapped.
        let text = read(path).replace('\n', " ");
        assert!(text.contains(&sentence), "{path} does not contain: {sentence}");
    }
}

/// Formats a number with commas between groups of three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<_> =
        digits.as_bytes().rchunks(3).rev().map(|three| str::from_utf8(three).unwrap()).collect();
    groups.join(",")
}
