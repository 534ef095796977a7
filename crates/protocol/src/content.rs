//! What a message says: blocks, and the nodes of text in them, as the document types them.
//!
//! The flow: a client or a backend sends a text, which `markup` parses into a block, or a block of its own, which
//! `check_sent` judges. The server keeps the blocks as JSON beside the [`plaintext`] that they come to.
//!
//! Reading is by hand (in `reading`) rather than by derived tagged enums, which would hold a node back until its
//! type is known and forget on the way where in the frame it stood: an error here still names the very node, as in
//! `content[0].children[2].url`.

mod json;
mod reading;

use serde::Serialize;

use crate::params::Custom;

pub use json::Json;
pub(crate) use json::whole;

/// How deep text nodes may stand in one another.
pub const DEPTH: usize = 16;

/// One block of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ContentBlock {
    /// Text.
    Text {
        /// The text's parts.
        children: Vec<TextNode>,
    },
    /// A place on Earth.
    Location {
        /// Degrees north, from -90 to 90.
        #[serde(serialize_with = "json::number")]
        latitude: f64,
        /// Degrees east, from -180 to 180.
        #[serde(serialize_with = "json::number")]
        longitude: f64,
    },
    /// A file.
    File(FileBlock),
}

/// A file in a message. Who sends one names its token alone; who receives one is told the rest, where it is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileBlock {
    /// What kind of file; absent for a generic one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtype: Option<FileKind>,
    /// What the upload was answered with.
    pub file_token: String,
    /// Where the file is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// How many bytes it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Its name, with its extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Pixels across, of an image or a video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels down, of an image or a video.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Seconds that a video or a sound lasts.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "json::maybe_number")]
    pub duration: Option<f64>,
}

/// The kinds of file that are shown otherwise than as a name to download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FileKind {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// A recording of somebody's voice.
    Voice,
}

/// A part of a text: a string as it stands, or a node with a type.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum TextNode {
    /// Bold.
    Bold {
        /// What is.
        children: Vec<TextNode>,
    },
    /// Italic.
    Italic {
        /// What is.
        children: Vec<TextNode>,
    },
    /// Struck through.
    Strikethrough {
        /// What is.
        children: Vec<TextNode>,
    },
    /// A list, whose children are bullet points.
    BulletList {
        /// The points.
        children: Vec<TextNode>,
    },
    /// A point of a list.
    BulletPoint {
        /// What it says.
        children: Vec<TextNode>,
    },
    /// Code, in which nothing is formatted.
    CodeSpan {
        /// The code.
        text: String,
    },
    /// Words that a backend linked to an address.
    Link {
        /// The address.
        url: String,
        /// The words.
        children: Vec<TextNode>,
    },
    /// An address found in the text.
    AutoLink {
        /// The address in full.
        url: String,
        /// As it stood in the text.
        text: String,
    },
    /// Words that do something in the app when they are clicked.
    ActionLink {
        /// The action's name.
        action: String,
        /// What it is given.
        params: Custom,
        /// The words.
        children: Vec<TextNode>,
    },
    /// A button that does something in the app.
    ActionButton {
        /// The action's name.
        action: String,
        /// What it is given.
        params: Custom,
        /// The words.
        children: Vec<TextNode>,
    },
    /// An emoji of the app's own.
    CustomEmoji {
        /// Its name between colons.
        text: String,
    },
    /// Somebody, by name.
    Mention {
        /// Who.
        id: String,
        /// The name.
        text: String,
    },
    /// A node of a newer version, read from what is stored. Nobody may send one.
    #[serde(untagged)]
    Unknown(UnknownNode),
    /// A string as it stands.
    #[serde(untagged)]
    Plain(String),
}

/// A node of a type that this version does not know. It carries its text all the same, in one of two ways.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnknownNode {
    /// The type's name.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it says, if in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What it says, if in nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<TextNode>>,
    /// Whatever else it has.
    #[serde(flatten)]
    pub rest: std::collections::BTreeMap<String, Json>,
}

impl From<&str> for TextNode {
    fn from(text: &str) -> Self {
        TextNode::Plain(text.to_owned())
    }
}

impl TextNode {
    /// The nodes within it.
    #[must_use]
    pub fn children(&self) -> Option<&[TextNode]> {
        match self {
            TextNode::Bold { children }
            | TextNode::Italic { children }
            | TextNode::Strikethrough { children }
            | TextNode::BulletList { children }
            | TextNode::BulletPoint { children }
            | TextNode::Link { children, .. }
            | TextNode::ActionLink { children, .. }
            | TextNode::ActionButton { children, .. } => Some(children),
            TextNode::Unknown(node) => node.children.as_deref(),
            TextNode::CodeSpan { .. }
            | TextNode::AutoLink { .. }
            | TextNode::CustomEmoji { .. }
            | TextNode::Mention { .. }
            | TextNode::Plain(_) => None,
        }
    }

    /// The words that it says itself.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            TextNode::CodeSpan { text }
            | TextNode::AutoLink { text, .. }
            | TextNode::CustomEmoji { text }
            | TextNode::Mention { text, .. }
            | TextNode::Plain(text) => Some(text),
            TextNode::Unknown(node) => node.text.as_deref(),
            TextNode::Bold { .. }
            | TextNode::Italic { .. }
            | TextNode::Strikethrough { .. }
            | TextNode::BulletList { .. }
            | TextNode::BulletPoint { .. }
            | TextNode::Link { .. }
            | TextNode::ActionLink { .. }
            | TextNode::ActionButton { .. } => None,
        }
    }
}
