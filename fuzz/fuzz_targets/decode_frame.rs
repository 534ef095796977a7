//! Whatever text comes in: the decoders neither panic nor hang, an error always has words for a person, and a
//! frame that was accepted says the same when it is written down and read again.
#![no_main]

use causerie_protocol::decode::{self, DecodeError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match decode::client_frame(text) {
        Ok(frame) => {
            let written = serde_json::to_string(&frame).expect("a frame can always be written");
            let again = decode::client_frame(&written);
            assert_eq!(again.as_ref(), Ok(&frame), "read differently from {written}");
        }
        Err(error) => assert!(!words(&error).trim().is_empty(), "an error without words"),
    }
    // The HTTP twin's envelope has a decoder of its own over the same requests.
    if let Err(error) = decode::batch(text) {
        assert!(!error.message.trim().is_empty(), "an error without words");
    }
});

fn words(error: &DecodeError) -> &str {
    match error {
        DecodeError::NotAFrame(body) | DecodeError::UnknownFrame(body) => &body.message,
        DecodeError::BadRequest { error, .. } | DecodeError::BadSubscription { error, .. } => &error.message,
    }
}
