//! Follows the frames of a WebSocket in the bytes that arrive, because the library does not show a message
//! before it is complete.

use std::io;

use tokio::time::Instant;

/// The largest number of fragments of a message. Fragments may be empty, so the size of a message does not
/// bound their number.
const FRAGMENTS: u32 = 1_024;

/// The opcode of a control frame has this bit.
const CONTROL: u8 = 0x08;
const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
/// The longest header: two bytes, a length of eight, and a mask.
const HEADER_BYTES: usize = 14;

/// The position in the stream of a client's frames (RFC 6455, 5.2).
#[derive(Debug, Default)]
pub(super) struct FrameScanner {
    header: [u8; HEADER_BYTES],
    header_len: usize,
    /// The bytes of the payload that have not arrived.
    payload: u64,
    /// Whether the payload ends a message.
    ends_message: bool,
    /// The fragments of the message that has begun.
    fragments: u32,
    /// Since when a message is incomplete.
    began: Option<Instant>,
}

impl FrameScanner {
    /// Returns since when a message is incomplete, if one is.
    pub(super) const fn incomplete_since(&self) -> Option<Instant> {
        self.began
    }

    /// Follows bytes that have arrived. Fails if a message has too many fragments.
    pub(super) fn scan(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let count = usize::try_from(self.payload).unwrap_or(usize::MAX).min(bytes.len());
                self.payload -= count as u64;
                bytes = bytes.get(count..).unwrap_or_default();
                self.end_payload();
                continue;
            }
            if let Some(next) = self.header.get_mut(self.header_len) {
                *next = *first;
            }
            self.header_len += 1;
            bytes = rest;
            if let Some(payload) = self.complete_header() {
                self.header_len = 0;
                self.payload = payload;
                self.begin_frame()?;
                self.end_payload();
            }
        }
        if self.fragments > 0 && self.began.is_none() {
            self.began = Some(Instant::now());
        }
        Ok(())
    }

    /// Returns the length of the payload if the header is complete.
    fn complete_header(&self) -> Option<u64> {
        let header = self.header.get(..self.header_len)?;
        let (_, after_first) = header.split_first()?;
        let (second, extended) = after_first.split_first()?;
        let mask = if second & MASKED == 0 { 0 } else { 4 };
        let short = second & !MASKED;
        let length = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if extended.len() < length + mask {
            return None;
        }
        let long = extended.iter().take(length).fold(0, |sum: u64, byte| sum << 8 | u64::from(*byte));
        Some(if length == 0 { u64::from(short) } else { long })
    }

    fn begin_frame(&mut self) -> io::Result<()> {
        let first = self.header.first().copied().unwrap_or_default();
        self.ends_message = first & CONTROL == 0 && first & FINAL != 0;
        if first & CONTROL == 0 {
            self.fragments += 1;
            if self.fragments > FRAGMENTS {
                let problem = format!("a message must have at most {FRAGMENTS} fragments");
                return Err(io::Error::new(io::ErrorKind::InvalidData, problem));
            }
        }
        Ok(())
    }

    fn end_payload(&mut self) {
        if self.payload == 0 && self.ends_message {
            self.ends_message = false;
            self.fragments = 0;
            self.began = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(first: u8, len: usize) -> Vec<u8> {
        let mut bytes = vec![first];
        match len {
            0..126 => bytes.push(MASKED | u8::try_from(len).unwrap()),
            126..65_536 => {
                bytes.push(MASKED | 126);
                bytes.extend(u16::try_from(len).unwrap().to_be_bytes());
            }
            _ => {
                bytes.push(MASKED | 127);
                bytes.extend((len as u64).to_be_bytes());
            }
        }
        bytes.extend([1, 2, 3, 4]);
        bytes.extend(std::iter::repeat_n(0x81, len));
        bytes
    }

    #[test]
    fn a_message_is_incomplete_until_its_last_byte_whatever_control_frames_come_between() {
        for chunk in [1, 3, 4_096] {
            let mut scanner = FrameScanner::default();
            let mut scan = |bytes: &[u8]| {
                bytes.chunks(chunk).for_each(|bytes| scanner.scan(bytes).unwrap());
                scanner.incomplete_since().is_some()
            };
            for len in [0, 1, 125, 126, 70_000] {
                assert!(!scan(&frame(0x81, len)), "{len}");
            }
            assert!(!scan(&frame(0x89, 3)), "a ping alone");
            assert!(scan(&frame(0x01, 10)), "the first fragment");
            assert!(scan(&frame(0x89, 3)), "a ping between");
            assert!(scan(&frame(0x00, 0)), "an empty fragment");
            let last = frame(0x80, 300);
            assert!(scan(&last[..200]), "a part of the last fragment");
            assert!(!scan(&last[200..]));
        }
    }

    #[test]
    fn a_message_has_a_bounded_number_of_fragments() {
        let mut scanner = FrameScanner::default();
        scanner.scan(&frame(0x01, 0)).unwrap();
        for _ in 1..FRAGMENTS {
            scanner.scan(&frame(0x00, 0)).unwrap();
        }
        assert!(scanner.scan(&frame(0x00, 0)).is_err());
    }
}
