//! Reads the size of an image from its first bytes, without decoding it.

use causerie_protocol::ErrorBody;
use causerie_protocol::limits::FILE_PIXELS;

use crate::file_types::Format;

/// The first bytes of an image that are looked at.
pub(super) const HEAD_BYTES: usize = 256 << 10;
/// The most pixels of an image. Whoever displays it needs four bytes of memory for each.
const PIXELS: u64 = 250_000_000;

/// Returns the width and the height of an image, if they can be read. In a JPEG or an AVIF they can stand
/// after more than [`HEAD_BYTES`] of other data.
///
/// # Errors
/// `invalid_argument` if it is no complete image of its format, or has too many pixels.
pub(super) fn size(format: Format, head: &[u8]) -> Result<Option<(u32, u32)>, ErrorBody> {
    let (width, height) = match (imagesize::blob_size(head), format) {
        (Ok(size), _) => (size.width, size.height),
        (Err(_), Format::Jpeg | Format::Avif) if head.len() >= HEAD_BYTES => return Ok(None),
        (Err(_), Format::Avif) => return Ok(None),
        (Err(_), _) => return Err(ErrorBody::invalid("data", "is no image: its size cannot be read")),
    };
    let too_large = |side: usize| side == 0 || side > FILE_PIXELS as usize;
    let pixels = (width as u64).saturating_mul(height as u64);
    if too_large(width) || too_large(height) || pixels > PIXELS {
        let problem = format!(
            "must be an image of at most {PIXELS} pixels, with sides of 1 to {FILE_PIXELS} (got {width} x \
             {height})"
        );
        return Err(ErrorBody::invalid("data", &problem));
    }
    Ok(u32::try_from(width).ok().zip(u32::try_from(height).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The start of a PNG with this size.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn the_size_is_read_and_bounded() {
        assert_eq!(size(Format::Png, &png(640, 480)), Ok(Some((640, 480))));
        assert_eq!(size(Format::Png, &png(15_000, 15_000)), Ok(Some((15_000, 15_000))));
        for (width, height) in [(0, 1), (65_536, 1), (20_000, 20_000), (u32::MAX, u32::MAX)] {
            let error = size(Format::Png, &png(width, height)).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("data"), "{width} x {height}");
        }
        assert!(size(Format::Png, b"\x89PNG\r\n\x1a\n").is_err(), "it has no size");
        assert_eq!(size(Format::Jpeg, &[0xff; HEAD_BYTES]), Ok(None));
    }
}
