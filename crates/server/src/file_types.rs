//! The content types of files: which belong to a kind, how their first bytes look, and how they are served.

use causerie_protocol::content::FileKind;

/// The number of first bytes that tell the format of a file.
pub const MAGIC_BYTES: usize = 16;
/// The content type of a file without one.
pub const UNKNOWN: &str = "application/octet-stream";

/// The formats that are recognised by their first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// AVIF.
    Avif,
    /// Windows bitmaps.
    Bmp,
    /// The container of MP4, M4A and QuickTime.
    IsoMedia,
    /// The container of WebM and Matroska.
    Matroska,
    /// The container of Ogg Vorbis, Opus and Theora.
    Ogg,
    /// MP3.
    Mp3,
    /// AAC without a container.
    Aac,
    /// WAV.
    Wav,
    /// FLAC.
    Flac,
}

/// The content types of images, sounds and videos that browsers display, with their formats.
const MEDIA: &[(&str, Format)] = &[
    ("image/png", Format::Png),
    ("image/jpeg", Format::Jpeg),
    ("image/gif", Format::Gif),
    ("image/webp", Format::Webp),
    ("image/avif", Format::Avif),
    ("image/bmp", Format::Bmp),
    ("audio/mpeg", Format::Mp3),
    ("audio/mp3", Format::Mp3),
    ("audio/aac", Format::Aac),
    ("audio/mp4", Format::IsoMedia),
    ("audio/m4a", Format::IsoMedia),
    ("audio/x-m4a", Format::IsoMedia),
    ("audio/webm", Format::Matroska),
    ("audio/ogg", Format::Ogg),
    ("audio/opus", Format::Ogg),
    ("audio/wav", Format::Wav),
    ("audio/wave", Format::Wav),
    ("audio/x-wav", Format::Wav),
    ("audio/flac", Format::Flac),
    ("audio/x-flac", Format::Flac),
    ("video/mp4", Format::IsoMedia),
    ("video/quicktime", Format::IsoMedia),
    ("video/webm", Format::Matroska),
    ("video/x-matroska", Format::Matroska),
    ("video/ogg", Format::Ogg),
];

/// Further content types that are served as they are, always as a download. No browser executes them. Every
/// other type is served as [`UNKNOWN`]: a script, for one, could be loaded by a page of this origin.
const DOWNLOADS: &[&str] = &[
    "application/pdf",
    "application/zip",
    "application/gzip",
    "application/json",
    "application/msword",
    "application/rtf",
    "text/plain",
    "text/csv",
    "text/calendar",
    "image/tiff",
    "image/heic",
    "image/heif",
];
/// The start of the types of office documents, which are as harmless as [`DOWNLOADS`].
const OFFICE: &[&str] = &[
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
];

/// Returns a content type in lower case and without parameters; [`UNKNOWN`] for an empty one.
#[must_use]
pub fn normalized(content_type: &str) -> String {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence.is_empty() { UNKNOWN.to_owned() } else { essence }
}

/// Returns the format that files of a content type must have; `None` if it is not checked.
#[must_use]
pub fn format(content_type: &str) -> Option<Format> {
    MEDIA.iter().find(|(name, _)| *name == content_type).map(|(_, format)| *format)
}

/// Returns the content types of a kind of file, for the message that refuses another one; `None` if this one
/// belongs to the kind. Recorders name a sound in a container of videos `video/…`.
#[must_use]
pub fn refused_for(kind: FileKind, content_type: &str) -> Option<String> {
    let starts: &[&str] = match kind {
        FileKind::Image => &["image/"],
        FileKind::Video => &["video/"],
        FileKind::Audio | FileKind::Voice => &["audio/", "video/webm", "video/mp4", "video/ogg"],
    };
    let types = MEDIA.iter().map(|(name, _)| *name);
    let names: Vec<&str> = types.filter(|name| starts.iter().any(|start| name.starts_with(start))).collect();
    (!names.contains(&content_type)).then(|| names.join(", "))
}

/// Returns the format of a file by its first bytes.
#[must_use]
pub fn recognized(first: &[u8]) -> Option<Format> {
    let at = |from: usize, bytes: &[u8]| first.get(from..).is_some_and(|rest| rest.starts_with(bytes));
    let is_frame = |mask: u8, value: u8| {
        first.first() == Some(&0xff) && first.get(1).is_some_and(|byte| byte & mask == value)
    };
    Some(if at(0, b"\x89PNG\r\n\x1a\n") {
        Format::Png
    } else if at(0, b"\xff\xd8\xff") {
        Format::Jpeg
    } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
        Format::Gif
    } else if at(0, b"RIFF") && at(8, b"WEBP") {
        Format::Webp
    } else if at(0, b"RIFF") && at(8, b"WAVE") {
        Format::Wav
    } else if at(4, b"ftypavif") || at(4, b"ftypavis") {
        Format::Avif
    } else if [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"].iter().any(|name| at(4, *name)) {
        Format::IsoMedia
    } else if at(0, b"\x1a\x45\xdf\xa3") {
        Format::Matroska
    } else if at(0, b"OggS") {
        Format::Ogg
    } else if at(0, b"fLaC") {
        Format::Flac
    } else if at(0, b"BM") {
        Format::Bmp
    } else if is_frame(0xf6, 0xf0) {
        Format::Aac
    } else if at(0, b"ID3") || is_frame(0xe0, 0xe0) {
        Format::Mp3
    } else {
        return None;
    })
}

/// Whether a browser may display a file of this content type, instead of saving it.
#[must_use]
pub fn is_displayed(content_type: &str) -> bool {
    format(content_type).is_some()
}

/// Returns the content type with which a file is served.
#[must_use]
pub fn served(content_type: &str) -> &str {
    let is_known = is_displayed(content_type)
        || DOWNLOADS.contains(&content_type)
        || OFFICE.iter().any(|start| content_type.starts_with(start));
    if is_known { content_type } else { UNKNOWN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_media_is_displayed_and_nothing_executable_keeps_its_type() {
        for (content_type, displayed, sent_as) in [
            ("image/png", true, "image/png"),
            ("video/mp4", true, "video/mp4"),
            ("application/pdf", false, "application/pdf"),
            ("text/plain", false, "text/plain"),
            ("text/html", false, UNKNOWN),
            ("image/svg+xml", false, UNKNOWN),
            ("text/javascript", false, UNKNOWN),
            ("application/xhtml+xml", false, UNKNOWN),
            ("text/xml", false, UNKNOWN),
            ("application/wasm", false, UNKNOWN),
            ("text/css", false, UNKNOWN),
            ("audio/x-unknown", false, UNKNOWN),
        ] {
            assert_eq!(is_displayed(content_type), displayed, "{content_type}");
            assert_eq!(served(content_type), sent_as, "{content_type}");
        }
    }

    #[test]
    fn formats_are_recognised_by_their_first_bytes() {
        for (first, format) in [
            (&b"\x89PNG\r\n\x1a\n\0\0"[..], Some(Format::Png)),
            (b"\xff\xd8\xff\xe0", Some(Format::Jpeg)),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some(Format::Webp)),
            (b"RIFF\0\0\0\0WAVEfmt ", Some(Format::Wav)),
            (b"\0\0\0\x20ftypavif", Some(Format::Avif)),
            (b"\0\0\0\x20ftypisom", Some(Format::IsoMedia)),
            (b"\0\0\0\x08wide\0\0\0\0mdat", Some(Format::IsoMedia)),
            (b"\xff\xf1\x50", Some(Format::Aac)),
            (b"\xff\xfb\x90", Some(Format::Mp3)),
            (b"ID3\x04", Some(Format::Mp3)),
            (b"<svg xmlns", None),
            (b"<html>", None),
            (b"\x89PN", None),
            (b"", None),
        ] {
            assert_eq!(recognized(first), format, "{first:?}");
        }
    }

    #[test]
    fn a_kind_has_its_own_content_types() {
        assert_eq!(normalized(" Audio/WebM; codecs=opus"), "audio/webm");
        assert_eq!(normalized(""), UNKNOWN);
        assert_eq!(refused_for(FileKind::Voice, "audio/webm"), None);
        assert_eq!(refused_for(FileKind::Voice, "video/webm"), None);
        assert!(refused_for(FileKind::Video, "audio/webm").is_some());
        let names = refused_for(FileKind::Image, "image/svg+xml").unwrap();
        assert!(names.starts_with("image/png, image/jpeg"), "{names}");
        assert!(refused_for(FileKind::Image, UNKNOWN).is_some());
    }
}
