//! Every limit at its boundary: a value of exactly the size passes, one more fails, and the error names the
//! field.

use causerie_protocol::decode::{self, DecodeError};
use causerie_protocol::limits::*;
use causerie_protocol::validation::{check_id, check_text, check_welcome_messages};
use causerie_protocol::{ClientFrame, ConversationId, CreateUser, ErrorBody, ErrorCode, Op, SetUser, UserId};
use serde_json::{Map, Value, json};

/// Checks the data of a user. `user.set` and `user.createIfNotExists` must agree.
fn check(data: &Value) -> Result<(), ErrorBody> {
    let set: SetUser = decode::typed(&data.to_string()).unwrap();
    let mut with_name = data.clone();
    if with_name.get("name").is_none() {
        with_name["name"] = json!("Ada");
    }
    let create: CreateUser = decode::typed(&with_name.to_string()).unwrap();
    assert_eq!(create.check(), set.check(), "creating and setting must agree on {data}");
    let user = UserId::new("ada").unwrap();
    assert_eq!(Op::UserSet { user: user.clone(), data: set.clone() }.check(), set.check());
    assert_eq!(Op::UserCreateIfNotExists { user, data: create }.check(), set.check());
    set.check()
}

#[track_caller]
fn assert_valid(data: &Value) {
    assert_eq!(check(data), Ok(()));
}

#[track_caller]
fn assert_invalid(data: &Value, field: &str, problem: &str) {
    assert_eq!(check(data), Err(ErrorBody::invalid(field, problem)));
}

/// Checks that a field may have `limit` characters but not one more, nor only white space. The characters
/// have several bytes each, because the limit counts characters.
#[track_caller]
fn assert_text_limit(field: &str, limit: usize) {
    assert_valid(&json!({ field: "é".repeat(limit) }));
    let problem = format!("must have at most {limit} characters (got {})", limit + 1);
    assert_invalid(&json!({ field: "é".repeat(limit + 1) }), field, &problem);
    assert_invalid(&json!({ field: " \u{a0}\n" }), field, "must not be empty");
}

#[test]
fn texts_are_limited_in_characters() {
    assert_text_limit("name", NAME_CHARS);
    assert_invalid(&json!({ "name": "" }), "name", "must not be empty");
    assert_text_limit("role", ROLE_CHARS);
    assert_text_limit("welcomeMessage", WELCOME_CHARS);
}

#[test]
fn a_subject_is_limited_in_characters() {
    assert_eq!(check_text("subject", &"é".repeat(SUBJECT_CHARS), SUBJECT_CHARS), Ok(()));
    let error = check_text("subject", &"é".repeat(SUBJECT_CHARS + 1), SUBJECT_CHARS).unwrap_err();
    assert_eq!(error.message, "subject: must have at most 512 characters (got 513)");
}

#[test]
fn a_message_text_is_limited_in_characters() {
    assert_eq!(check_text("[0].text", &"é".repeat(TEXT_CHARS), TEXT_CHARS), Ok(()));
    let error = check_text("[0].text", &"é".repeat(TEXT_CHARS + 1), TEXT_CHARS).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("[0].text"));
}

#[test]
fn welcome_messages_are_limited_in_number_and_characters() {
    let many = |count: usize, chars: usize| vec!["é".repeat(chars); count];
    assert_eq!(check_welcome_messages("welcomeMessages", &many(WELCOME_MESSAGES, 1)), Ok(()));
    let error = check_welcome_messages("welcomeMessages", &many(WELCOME_MESSAGES + 1, 1)).unwrap_err();
    assert_eq!(error, ErrorBody::invalid("welcomeMessages", "must have at most 10 entries (got 11)"));
    assert_eq!(check_welcome_messages("welcomeMessages", &many(2, WELCOME_CHARS)), Ok(()));
    let long = ["hi".to_owned(), "é".repeat(WELCOME_CHARS + 1)];
    let error = check_welcome_messages("welcomeMessages", &long).unwrap_err();
    assert_eq!(error.field.as_deref(), Some("welcomeMessages[1]"));
}

#[test]
fn ids_are_limited_in_bytes_and_characters() {
    let longest = "é".repeat(ID_BYTES / 2) + "x";
    assert_eq!(longest.len(), ID_BYTES);
    assert_eq!(check_id("user", &longest), Ok(()));
    assert_eq!(UserId::new(longest.clone()).unwrap().as_str(), longest);
    let over = check_id("user", &(longest + "x")).unwrap_err();
    assert_eq!(over, ErrorBody::invalid("user", &format!("must have at most {ID_BYTES} bytes")));
    assert_eq!(check_id("user", "").unwrap_err().message, "user: must not be empty");
    for control in ["a\0", "\n", "a\u{7f}", "\u{85}"] {
        assert_eq!(
            check_id("user", control).unwrap_err().message,
            "user: must not contain control characters"
        );
    }
    for path in [".", ".."] {
        assert_eq!(check_id("user", path).unwrap_err().message, "user: must not be \".\" or \"..\"");
    }
    for fine in ["...", " ", "a/b?c#d", "%2F", "🙂", "ada@example.com"] {
        assert_eq!(check_id("user", fine), Ok(()), "{fine}");
    }
    assert!(ConversationId::new("").is_err());
}

#[test]
fn photo_urls_are_any_text_limited_in_bytes() {
    let url = |bytes: usize| format!("https://{}", "x".repeat(bytes - 8));
    assert_valid(&json!({ "photoUrl": url(URL_BYTES) }));
    assert_invalid(
        &json!({ "photoUrl": url(URL_BYTES + 1) }),
        "photoUrl",
        "must have at most 4096 bytes (got 4097)",
    );
    for fine in
        ["https://example.com/a.png", "/ada.png", "ada.png", "no photo", "javascript:alert(1)", "a\nb"]
    {
        assert_valid(&json!({ "photoUrl": fine }));
    }
}

#[test]
fn an_empty_text_means_that_the_field_is_not_set() {
    for field in ["locale", "photoUrl", "role", "welcomeMessage", "email", "phone"] {
        assert_valid(&json!({ field: "" }));
    }
    assert_valid(&json!({ "email": [""], "phone": ["", "+31 20 123 4567"] }));
    assert_invalid(
        &json!({ "email": ["", "ada"] }),
        "email[1]",
        "must be an e-mail address such as \"ada@example.com\"",
    );
}

#[test]
fn an_empty_array_is_an_object_without_keys() {
    assert_valid(&json!({ "custom": [], "pushTokens": [] }));
    let refused = decode::typed::<SetUser>(r#"{"custom":["blue"]}"#).unwrap_err();
    assert_eq!(refused.message, "custom: must be an object, not an array");
}

#[test]
fn locales_are_limited_in_bytes_and_must_be_language_tags() {
    let tag = |bytes: usize| {
        "en-".to_owned() + &"a-".repeat((bytes - 4) / 2) + &"b".repeat(bytes - 3 - (bytes - 4) / 2 * 2)
    };
    assert_eq!((tag(LOCALE_BYTES).len(), tag(LOCALE_BYTES + 1).len()), (LOCALE_BYTES, LOCALE_BYTES + 1));
    assert_valid(&json!({ "locale": tag(LOCALE_BYTES) }));
    assert_invalid(
        &json!({ "locale": tag(LOCALE_BYTES + 1) }),
        "locale",
        "must have at most 64 bytes (got 65)",
    );
    for fine in
        ["en", "pt-BR", "zh-Hant-TW", "de-CH-1996", "x-klingon", "i-navajo", "en-u-ca-buddhist", "EN-gb"]
    {
        assert_valid(&json!({ "locale": fine }));
    }
    for wrong in [
        " ",
        "e",
        "en_US",
        "en-",
        "-en",
        "en--US",
        "12",
        "englishlanguage",
        "en-toolongsubtag",
        "x",
        "é",
        "en US",
    ] {
        assert_invalid(
            &json!({ "locale": wrong }),
            "locale",
            "must be a BCP 47 language tag such as \"en\" or \"pt-BR\"",
        );
    }
}

fn custom(keys: usize) -> Value {
    (0..keys).map(|key| (key.to_string(), json!(""))).collect::<Map<_, _>>().into()
}

#[test]
fn custom_data_is_limited_in_keys_and_bytes() {
    assert_valid(&json!({ "custom": custom(CUSTOM_KEYS) }));
    assert_invalid(
        &json!({ "custom": custom(CUSTOM_KEYS + 1) }),
        "custom",
        "must have at most 64 keys (got 65)",
    );

    assert_valid(&json!({ "custom": { "é".repeat(CUSTOM_KEY_CHARS): "" } }));
    let long = "é".repeat(CUSTOM_KEY_CHARS + 1);
    let problem = "must have at most 128 characters in the key (got 129)";
    assert_invalid(&json!({ "custom": { long.clone(): "" } }), &format!("custom.{long}"), problem);
    assert_invalid(&json!({ "custom": { "": "" } }), "custom.", "must not have an empty key");

    let bytes =
        |bytes: usize| json!({ "custom": { "ab": "é".repeat(4_000), "cd": "x".repeat(bytes - 8_004) } });
    assert_valid(&bytes(CUSTOM_BYTES));
    assert_invalid(&bytes(CUSTOM_BYTES + 1), "custom", "must have at most 16384 bytes (got 16385)");
}

#[test]
fn a_patch_of_custom_data_counts_the_keys_it_deletes() {
    let deleting = |keys: usize| {
        let custom: Map<_, _> = (0..keys).map(|key| (key.to_string(), Value::Null)).collect();
        decode::typed::<SetUser>(&json!({ "custom": custom }).to_string()).unwrap().check()
    };
    assert_eq!(deleting(CUSTOM_KEYS), Ok(()));
    assert_eq!(deleting(CUSTOM_KEYS + 1).unwrap_err().field.as_deref(), Some("custom"));
}

#[test]
fn a_patch_of_custom_data_checks_the_form_of_the_keys_it_deletes() {
    // The form of a key is checked even if the key is deleted, so the error is the same as for setting it.
    let patch: SetUser = decode::typed(r#"{"custom":{"":null}}"#).unwrap();
    assert_eq!(patch.check().unwrap_err().field.as_deref(), Some("custom."));
}

#[test]
fn email_addresses_are_limited_and_must_be_well_formed() {
    let all = |count: usize| vec!["a@b"; count];
    assert_valid(&json!({ "email": all(CONTACTS) }));
    assert_valid(&json!({ "email": [] }));
    assert_invalid(&json!({ "email": all(CONTACTS + 1) }), "email", "must have at most 20 entries (got 21)");

    let long = |bytes: usize| json!({ "email": ["a@b", format!("a@{}", "x".repeat(bytes - 2))] });
    assert_valid(&long(EMAIL_BYTES));
    assert_invalid(&long(EMAIL_BYTES + 1), "email[1]", "must have at most 254 bytes (got 255)");

    let local = |bytes: usize| json!({ "email": [format!("{}@b", "x".repeat(bytes))] });
    assert_valid(&local(EMAIL_LOCAL_BYTES));
    assert_invalid(
        &local(EMAIL_LOCAL_BYTES + 1),
        "email[0]",
        "must have at most 64 bytes before the @ (got 65)",
    );

    for fine in ["ada+chat@example.com", "ада@пример.рф", "o'neill@mail.example.co.uk"] {
        assert_valid(&json!({ "email": fine }));
    }
    for wrong in [" ", "@", "a", "a@", "@b", "a@@b", "a@b@c", "a b@c", "a@b..c", "a@.b", "a@b.", "a@b\n"] {
        assert_invalid(
            &json!({ "email": wrong }),
            "email[0]",
            "must be an e-mail address such as \"ada@example.com\"",
        );
    }
}

#[test]
fn phone_numbers_are_limited_and_must_be_well_formed() {
    assert_valid(&json!({ "phone": vec!["112"; CONTACTS] }));
    assert_invalid(
        &json!({ "phone": vec!["112"; CONTACTS + 1] }),
        "phone",
        "must have at most 20 entries (got 21)",
    );

    assert_valid(&json!({ "phone": "1".repeat(PHONE_CHARS) }));
    let problem = "must have at most 32 characters (got 33)";
    assert_invalid(&json!({ "phone": ["112", "1".repeat(PHONE_CHARS + 1)] }), "phone[1]", problem);

    assert_valid(&json!({ "phone": "1".repeat(PHONE_DIGITS) }));
    let problem = "must be a phone number such as \"+31 20 123 4567\"";
    assert_invalid(&json!({ "phone": "1".repeat(PHONE_DIGITS - 1) }), "phone[0]", problem);

    for fine in ["+31 20 123 4567", "(020) 123-45.67", "0900/8844"] {
        assert_valid(&json!({ "phone": fine }));
    }
    for wrong in [" ", "+", "++31 20 123", "31+20123", "0800-FLOWERS", "123#4", "١١٢"] {
        assert_invalid(&json!({ "phone": wrong }), "phone[0]", problem);
    }
}

#[test]
fn push_tokens_are_limited_and_must_be_well_formed() {
    let tokens = |count: usize| -> Value {
        (0..count).map(|n| (format!("fcm:{n}"), json!(true))).collect::<Map<_, _>>().into()
    };
    assert_valid(&json!({ "pushTokens": tokens(PUSH_TOKENS) }));
    assert_invalid(
        &json!({ "pushTokens": tokens(PUSH_TOKENS + 1) }),
        "pushTokens",
        "must have at most 50 keys (got 51)",
    );

    let token = |bytes: usize| "apns:".to_owned() + &"x".repeat(bytes - 5);
    assert_valid(&json!({ "pushTokens": { token(PUSH_TOKEN_BYTES): true } }));
    let over = check(&json!({ "pushTokens": { token(PUSH_TOKEN_BYTES + 1): true } })).unwrap_err();
    assert!(over.field.as_deref().unwrap().starts_with("pushTokens.apns:xxx"));
    assert!(over.message.ends_with("…: must have at most 1024 bytes (got 1025)"), "{}", over.message);

    for key in ["web:1", "FCM:1", "fcm", "", ":1", "fcmx:1"] {
        let field = format!("pushTokens.{key}");
        let problem = "must be \"provider:token_id\" with the provider \"fcm\" or \"apns\"";
        let problem = if key == "fcm" { "must have a token id after the provider" } else { problem };
        assert_invalid(&json!({ "pushTokens": { key: true } }), &field, problem);
    }
    for key in ["fcm:", "apns: "] {
        assert_invalid(
            &json!({ "pushTokens": { key: true } }),
            &format!("pushTokens.{key}"),
            "must have a token id after the provider",
        );
    }
}

#[test]
fn a_push_token_is_true_or_null_never_false() {
    let set: SetUser = decode::typed(r#"{"pushTokens":{"fcm:1":false}}"#).unwrap();
    assert_eq!(set.check(), Err(ErrorBody::invalid("pushTokens.fcm:1", "must be true or null")));
    let create: CreateUser = decode::typed(r#"{"name":"Ada","pushTokens":{"fcm:1":false}}"#).unwrap();
    assert_eq!(create.check(), Err(ErrorBody::invalid("pushTokens.fcm:1", "must be true")));
}

#[test]
fn a_name_is_required_to_create_and_cannot_be_cleared() {
    for data in ["{}", r#"{"name":null}"#] {
        let create: CreateUser = decode::typed(data).unwrap();
        let error = create.check().unwrap_err();
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::NameRequired, Some("name")));
    }
    let set: SetUser = decode::typed(r#"{"name":null}"#).unwrap();
    let error = set.check().unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::InvalidArgument, Some("name")));
    assert_eq!(decode::typed::<SetUser>("{}").unwrap().check(), Ok(()));
}

#[test]
fn tokens_and_the_sdk_name_are_limited() {
    let frame = |token: usize, sdk: usize| {
        let (token, sdk) = ("x".repeat(token), "é".repeat(sdk));
        json!({ "t": "hello", "user": "ada", "client": "c", "token": token, "sdk": sdk }).to_string()
    };
    assert!(matches!(decode::client_frame(&frame(TOKEN_BYTES, SDK_CHARS)), Ok(ClientFrame::Hello(_))));
    let rejected = |text: &str| match decode::client_frame(text) {
        Err(DecodeError::NotAFrame(error)) => (error.code, error.message),
        other => panic!("{other:?}"),
    };
    let token = "token: must have at most 8192 bytes (got 8193)".to_owned();
    assert_eq!(rejected(&frame(TOKEN_BYTES + 1, 0)), (ErrorCode::InvalidFrame, token.clone()));
    let sdk = "sdk: must have at most 128 characters (got 129)".to_owned();
    assert_eq!(rejected(&frame(0, SDK_CHARS + 1)), (ErrorCode::InvalidFrame, sdk));

    let auth = |bytes: usize| json!({ "t": "auth", "token": "x".repeat(bytes) }).to_string();
    assert!(decode::client_frame(&auth(TOKEN_BYTES)).is_ok());
    assert_eq!(rejected(&auth(TOKEN_BYTES + 1)), (ErrorCode::InvalidFrame, token));
}

#[test]
fn a_batch_is_limited_in_requests() {
    let batch = |count: u32| {
        let requests: Vec<_> =
            (1..=count).map(|id| json!({ "id": id, "op": "user.get", "params": { "user": "a" } })).collect();
        decode::batch(&json!({ "v": 1, "user": "ada", "client": "c", "requests": requests }).to_string())
    };
    let limit = u32::try_from(BATCH_REQUESTS).unwrap();
    assert_eq!(batch(limit).unwrap().requests.len(), BATCH_REQUESTS);
    let error = batch(limit + 1).unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::TooLarge, Some("requests")));
    assert_eq!(error.message, "requests: must have at most 100 entries (got 101)");
}

#[test]
fn a_user_with_everything_at_its_limit_fits_into_a_frame() {
    // The limit of a frame must not reject data that the other limits allow. Push tokens are the exception:
    // 20 of the longest fit together with the rest, 50 do not.
    let text = |chars: usize| "€".repeat(chars);
    let base = json!({
        "name": text(NAME_CHARS), "role": text(ROLE_CHARS), "welcomeMessage": text(WELCOME_CHARS),
        "photoUrl": format!("https://{}", "x".repeat(URL_BYTES - 8)),
        "custom": { "k": "x".repeat(CUSTOM_BYTES - 1) },
    });
    let data = |extra: (&str, Value)| {
        let mut data = base.clone();
        data[extra.0] = extra.1;
        data
    };
    let emails = vec![format!("a@{}", "x".repeat(EMAIL_BYTES - 2)); CONTACTS];
    let tokens: Map<_, _> = (0..20).map(|n| (format!("fcm:{n:01020}"), json!(true))).collect();
    for extra in [("email", json!(emails)), ("pushTokens", tokens.into())] {
        let data = data(extra);
        assert_valid(&data);
        let frame = json!({ "t": "request", "id": 1, "key": "k", "op": "user.set", "params": { "user": "a", "data": data } });
        assert!(frame.to_string().len() <= FRAME_BYTES, "{} bytes", frame.to_string().len());
    }
}

#[test]
fn timeouts_are_consistent() {
    // One late ping must not make a client close the connection.
    const { assert!(SILENCE_MS > PING_INTERVAL_MS && SILENCE_MS < 2 * PING_INTERVAL_MS) };
    const { assert!(HELLO_TIMEOUT_MS < REQUEST_TIMEOUT_MS) };
    assert!(
        causerie_protocol::CloseCode::HelloTimeout
            .meaning()
            .contains(&format!("{} s", HELLO_TIMEOUT_MS / 1000))
    );
    assert!(causerie_protocol::CloseCode::Silent.meaning().contains(&format!("{} s", SILENCE_MS / 1000)));
}
