//! The header `Range`.

use std::ops::Range;

/// The part of a file that a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Requested {
    /// All of it: there is no range, several, or none that this server understands.
    All,
    /// A part, which is not empty.
    Part(Range<u64>),
    /// A part that the file does not have.
    None,
}

/// Reads the header of a request for a file of `size` bytes.
pub(super) fn requested(header: &str, size: u64) -> Requested {
    let Some((start, end)) = header.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-'))
    else {
        return Requested::All;
    };
    let (start, end) = (start.trim(), end.trim());
    let range = match (start.parse::<u64>(), end.parse::<u64>()) {
        (Ok(start), Ok(end)) if start <= end => start..end.saturating_add(1).min(size),
        (Ok(start), Err(_)) if end.is_empty() => start..size,
        (Err(_), Ok(last)) if start.is_empty() => size.saturating_sub(last)..size,
        _ => return Requested::All,
    };
    if range.is_empty() { Requested::None } else { Requested::Part(range) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_read_and_everything_else_means_the_whole_file() {
        for (header, expected) in [
            ("bytes=0-0", Requested::Part(0..1)),
            ("bytes=2-5", Requested::Part(2..6)),
            ("bytes=2-500", Requested::Part(2..10)),
            ("bytes=2-", Requested::Part(2..10)),
            ("bytes=-3", Requested::Part(7..10)),
            ("bytes=-30", Requested::Part(0..10)),
            ("bytes=10-", Requested::None),
            ("bytes=10-12", Requested::None),
            ("bytes=-0", Requested::None),
            ("bytes=5-2", Requested::All),
            ("bytes=0-1,4-5", Requested::All),
            ("bytes=a-b", Requested::All),
            ("lines=0-1", Requested::All),
            ("", Requested::All),
            ("bytes=-", Requested::All),
            ("bytes=18446744073709551615-18446744073709551615", Requested::None),
        ] {
            assert_eq!(requested(header, 10), expected, "{header}");
        }
    }
}
