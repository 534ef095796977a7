//! The content of a message: blocks, and the text nodes in them.
//!
//! A client or a backend sends a text, which `causerie_markup::parse` turns into a block, or a block of its
//! own, which `causerie_markup::check_content` checks. The server stores the blocks as JSON beside their
//! plain text.
//!
//! Deserialization is written by hand (in `reading`). Derived tagged enums would buffer a node until its type
//! is known and lose its position in the frame; here an error names the node, as in
//! `content[0].children[2].url`.

mod reading;

use serde::Serialize;

use crate::custom::Custom;
use crate::json::{Json, serialize_f64, serialize_optional_f64};

/// A block of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum ContentBlock {
    /// A formatted text.
    Text {
        /// The nodes of the text.
        children: Vec<TextNode>,
    },
    /// A geographic location.
    Location {
        /// Degrees north, from -90 to 90.
        #[serde(serialize_with = "serialize_f64")]
        latitude: f64,
        /// Degrees east, from -180 to 180.
        #[serde(serialize_with = "serialize_f64")]
        longitude: f64,
    },
    /// An uploaded file.
    File(FileBlock),
}

/// A file in a message. A sender gives only the token; a receiver gets the other fields too, if they are
/// known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileBlock {
    /// The kind of file; absent for a generic one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtype: Option<FileKind>,
    /// The token that the upload returned.
    pub file_token: String,
    /// The URL of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The name with its extension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The width of an image or a video, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// The height of an image or a video, in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The duration of a video or a sound, in seconds.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "serialize_optional_f64")]
    pub duration: Option<f64>,
}

/// The kinds of file that clients display rather than offer as a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FileKind {
    /// A still or animated image.
    Image,
    /// A video with or without sound.
    Video,
    /// A sound file.
    Audio,
    /// A voice message that was recorded in the chat.
    Voice,
}

/// A part of a text: a plain string, or a node with a type.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum TextNode {
    /// Text in a bold font.
    Bold {
        /// The bold nodes.
        children: Vec<TextNode>,
    },
    /// Text in an italic font.
    Italic {
        /// The italic nodes.
        children: Vec<TextNode>,
    },
    /// Text with a line through it.
    Strikethrough {
        /// The struck nodes.
        children: Vec<TextNode>,
    },
    /// A bullet list.
    BulletList {
        /// The bullet points.
        children: Vec<TextNode>,
    },
    /// A point of a bullet list.
    BulletPoint {
        /// The nodes of the point.
        children: Vec<TextNode>,
    },
    /// Code, which contains no formatting.
    CodeSpan {
        /// The code without its delimiters.
        text: String,
    },
    /// A link with a label, which only a backend may send.
    Link {
        /// The absolute URL.
        url: String,
        /// The nodes of the label.
        children: Vec<TextNode>,
    },
    /// A link that was detected in a text.
    AutoLink {
        /// The absolute URL.
        url: String,
        /// The address as it was written.
        text: String,
    },
    /// A link that triggers an action of the app, which only a backend may send.
    ActionLink {
        /// The name of the action.
        action: String,
        /// The parameters of the action.
        params: Custom,
        /// The nodes of the label.
        children: Vec<TextNode>,
    },
    /// A button that triggers an action of the app, which only a backend may send.
    ActionButton {
        /// The name of the action.
        action: String,
        /// The parameters of the action.
        params: Custom,
        /// The nodes of the label.
        children: Vec<TextNode>,
    },
    /// A custom emoji of the app.
    CustomEmoji {
        /// The name between colons, such as `:party-parrot:`.
        text: String,
    },
    /// A mention of a user.
    Mention {
        /// The id of the user.
        id: String,
        /// The name of the user.
        text: String,
    },
    /// A node of a newer version, read from the store. It cannot be sent.
    #[serde(untagged)]
    Unknown(UnknownNode),
    /// A string without formatting.
    #[serde(untagged)]
    Plain(String),
}

/// A node of a type that this version does not know. Every node has `text` or `children`, so its text is
/// known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnknownNode {
    /// The name of the type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The text of a node without children.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The children of the node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<Vec<TextNode>>,
    /// All other fields.
    #[serde(flatten)]
    pub rest: std::collections::BTreeMap<String, Json>,
}

impl From<&str> for TextNode {
    fn from(text: &str) -> Self {
        TextNode::Plain(text.to_owned())
    }
}

impl TextNode {
    /// Returns the children of a node that may have some.
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

    /// Returns the node's own text, without that of its children.
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
