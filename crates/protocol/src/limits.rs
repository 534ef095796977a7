//! The bounds of every input, and the timeouts and page sizes that both sides use. `validation` checks the
//! bounds; `docs/limits.md` lists them, and a test compares it with this file.
//!
//! The server checks all of them. The SDK checks only what it reports at the call: ids, options, and the
//! count of `loadMore`.
//!
//! Lengths in characters count Unicode code points; lengths in bytes count UTF-8 bytes.

/// The value of [`ID_BYTES`] as a literal, for constant messages.
macro_rules! id_bytes {
    () => {
        255
    };
}
pub(crate) use id_bytes;

/// The longest id, in bytes.
pub const ID_BYTES: usize = id_bytes!();
/// The longest user name, in characters.
pub const NAME_CHARS: usize = 256;
/// The longest conversation subject, in characters.
pub const SUBJECT_CHARS: usize = 512;
/// The longest welcome message, in characters.
pub const WELCOME_CHARS: usize = 4_096;
/// The maximum number of participants of a conversation.
pub const MAX_PARTICIPANTS: usize = 10_000;
/// The maximum number of welcome messages of a conversation.
pub const WELCOME_MESSAGES: usize = 10;
/// The longest URL of a photo or a link, in bytes.
pub const URL_BYTES: usize = 4_096;
/// The longest role name, in characters.
pub const ROLE_CHARS: usize = 128;
/// The longest locale, in bytes.
pub const LOCALE_BYTES: usize = 64;
/// The maximum number of keys in custom data.
pub const CUSTOM_KEYS: usize = 64;
/// The longest key of custom data, in characters.
pub const CUSTOM_KEY_CHARS: usize = 128;
/// The maximum size of all keys and values of one `custom`, in bytes.
pub const CUSTOM_BYTES: usize = 16_384;
/// The maximum number of e-mail addresses of a user, and of phone numbers.
pub const CONTACTS: usize = 20;
/// The longest e-mail address, in bytes.
pub const EMAIL_BYTES: usize = 254;
/// The longest part of an e-mail address before its `@`, in bytes.
pub const EMAIL_LOCAL_BYTES: usize = 64;
/// The longest phone number, in characters.
pub const PHONE_CHARS: usize = 32;
/// The minimum number of digits of a phone number.
pub const PHONE_DIGITS: usize = 3;
/// The maximum number of push tokens in one call, and of a user.
pub const PUSH_TOKENS: usize = 50;
/// The longest push token with its provider, in bytes.
pub const PUSH_TOKEN_BYTES: usize = 1_024;
/// The longest text of a message, in characters.
pub const TEXT_CHARS: usize = 10_000;
/// The maximum nesting depth of text nodes.
pub const CONTENT_DEPTH: usize = 16;
/// The longest name of a file, in characters.
pub const FILENAME_CHARS: usize = 255;
/// The longest content type of a file, in bytes.
pub const CONTENT_TYPE_BYTES: usize = 128;
/// The largest file that a server can be configured to store, in bytes. The limit of a server is lower.
pub const FILE_BYTES: u64 = 4_294_967_296;
/// The largest width and height of an image or a video, in pixels.
pub const FILE_PIXELS: u32 = 65_535;
/// The longest duration of a video or a sound, in seconds.
pub const FILE_SECONDS: u32 = 604_800;
/// The longest token of a file, in bytes.
pub const FILE_TOKEN_BYTES: usize = 256;
/// The largest frame, and the largest body of the HTTP fallback and of REST, in bytes.
pub const FRAME_BYTES: usize = 65_536;
/// The maximum number of requests in one POST of the HTTP fallback.
pub const BATCH_REQUESTS: usize = 100;
/// The maximum number of pending requests of a client; the client rejects further ones.
pub const PENDING_REQUESTS: usize = 1_000;
/// The longest token, in bytes.
pub const TOKEN_BYTES: usize = 8_192;
/// The longest SDK name in `hello`, in characters.
pub const SDK_CHARS: usize = 128;
/// The time after which a client gives up a request without a result, in milliseconds.
pub const REQUEST_TIMEOUT_MS: u32 = 30_000;
/// The time that a connection may stay open without `hello`, in milliseconds.
pub const HELLO_TIMEOUT_MS: u32 = 10_000;
/// The interval of the server's pings, in milliseconds.
pub const PING_INTERVAL_MS: u32 = 25_000;
/// The time without a frame after which a client closes its connection, in milliseconds.
pub const SILENCE_MS: u32 = 35_000;

/// The maximum number of subscriptions of a client.
pub const SUBSCRIPTIONS: usize = 500;
/// The maximum number of open handles of a client. Those of one topic share a subscription.
pub const HANDLES: usize = 10_000;
/// The maximum size of all different filters of a connection's subscriptions, in bytes of JSON.
pub const FILTERS_BYTES: usize = 131_072;
/// The maximum number of bodies that the server remembers to have sent on a connection, so that it does not
/// send them again to a client that keeps them.
pub const KEPT_BODIES: usize = 128;
/// The longest emoji of a reaction, in characters, the colons of a custom one included.
pub const EMOJI_CHARS: usize = 50;
/// The maximum number of different emoji on one message.
pub const MESSAGE_REACTIONS: usize = 50;
/// The time for which one `markAsTyping` counts, in milliseconds.
pub const TYPING_MS: u32 = 10_000;
/// The maximum number of typing users that are listed one by one.
pub const TYPING_USERS: usize = 5;
/// The time for which a user counts as online after the last request, in milliseconds.
pub const ONLINE_MS: u32 = 5_000;
/// The minimum and the maximum window of a subscription, in entries.
pub const WINDOW: (u32, u32) = (1, 1_000);

/// The maximum number of filters in one `any`.
pub const FILTER_ANY: usize = 10;
/// The maximum number of values of one `oneOf` or `!oneOf`.
pub const FILTER_VALUES: usize = 100;
/// The maximum number of keys of a filter's `custom`.
pub const FILTER_CUSTOM_KEYS: usize = 32;

/// The longest query of a search, in characters.
pub const QUERY_CHARS: usize = 256;
/// The maximum number of words of a query.
pub const QUERY_WORDS: usize = 16;

/// The page sizes of a list, in entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSizes {
    /// The size of a subscription's first page.
    pub initial: u32,
    /// The page size of `loadMore()` without a count.
    pub more: u32,
    /// The maximum page size of `loadMore(count)`.
    pub max: u32,
}

/// The page sizes of the list of conversations.
pub const CONVERSATIONS: PageSizes = PageSizes { initial: 20, more: 20, max: 30 };
/// The page sizes of the messages of a conversation.
pub const MESSAGES: PageSizes = PageSizes { initial: 30, more: 30, max: 100 };
/// The page sizes of the participants of a conversation.
pub const PARTICIPANTS: PageSizes = PageSizes { initial: 10, more: 10, max: 50 };
/// The page sizes of the reactions with one emoji.
pub const REACTIONS: PageSizes = PageSizes { initial: 10, more: 30, max: 100 };
/// The page sizes of the results of a search.
pub const SEARCH: PageSizes = PageSizes { initial: 3, more: 10, max: 50 };
