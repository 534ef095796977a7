//! Deserializes blocks and nodes. Each field is read when it comes, in any order, so that serde knows the
//! path of an invalid one. Once all fields are read, the type decides which of them are required.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{ContentBlock, FileBlock, FileKind, TextNode, UnknownNode};
use crate::custom::Custom;
use crate::json::Json;
use crate::string_enum;

#[derive(Clone, Copy)]
enum BlockKind {
    Text,
    Location,
    File,
}

impl<'de> Deserialize<'de> for BlockKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kinds = [BlockKind::Text, BlockKind::Location, BlockKind::File];
        string_enum::read(deserializer, &["text", "location", "file"], kinds)
    }
}

impl<'de> Deserialize<'de> for FileKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kinds = [FileKind::Image, FileKind::Video, FileKind::Audio, FileKind::Voice];
        string_enum::read(deserializer, &["image", "video", "audio", "voice"], kinds)
    }
}

impl<'de> Deserialize<'de> for ContentBlock {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(BlockVisitor)
    }
}

struct BlockVisitor;

impl<'de> Visitor<'de> for BlockVisitor {
    type Value = ContentBlock;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a content block: an object with a type")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ContentBlock, A::Error> {
        let mut kind = None;
        let (mut children, mut latitude, mut longitude) = (None, None, None);
        let (mut subtype, mut file_token, mut url, mut size, mut filename) = (None, None, None, None, None);
        let (mut width, mut height, mut duration) = (None, None, None);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => read_once(&mut kind, "type", &mut map)?,
                "children" => read_once(&mut children, "children", &mut map)?,
                "latitude" => read_once(&mut latitude, "latitude", &mut map)?,
                "longitude" => read_once(&mut longitude, "longitude", &mut map)?,
                "subtype" => read_once(&mut subtype, "subtype", &mut map)?,
                "fileToken" => read_once(&mut file_token, "fileToken", &mut map)?,
                "url" => read_once(&mut url, "url", &mut map)?,
                "size" => read_once(&mut size, "size", &mut map)?,
                "filename" => read_once(&mut filename, "filename", &mut map)?,
                "width" => read_once(&mut width, "width", &mut map)?,
                "height" => read_once(&mut height, "height", &mut map)?,
                "duration" => read_once(&mut duration, "duration", &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(match required(kind, "type")? {
            BlockKind::Text => ContentBlock::Text { children: required(children, "children")? },
            BlockKind::Location => ContentBlock::Location {
                latitude: required(latitude, "latitude")?,
                longitude: required(longitude, "longitude")?,
            },
            BlockKind::File => ContentBlock::File(FileBlock {
                subtype,
                file_token: required(file_token, "fileToken")?,
                url,
                size,
                filename,
                width,
                height,
                duration,
            }),
        })
    }
}

/// The known types of node.
#[derive(Clone, Copy, PartialEq)]
enum NodeKind {
    Bold,
    Italic,
    Strikethrough,
    BulletList,
    BulletPoint,
    CodeSpan,
    Link,
    AutoLink,
    ActionLink,
    ActionButton,
    CustomEmoji,
    Mention,
}

impl NodeKind {
    fn from_name(name: &str) -> Option<NodeKind> {
        Some(match name {
            "bold" => NodeKind::Bold,
            "italic" => NodeKind::Italic,
            "strikethrough" => NodeKind::Strikethrough,
            "bulletList" => NodeKind::BulletList,
            "bulletPoint" => NodeKind::BulletPoint,
            "codeSpan" => NodeKind::CodeSpan,
            "link" => NodeKind::Link,
            "autoLink" => NodeKind::AutoLink,
            "actionLink" => NodeKind::ActionLink,
            "actionButton" => NodeKind::ActionButton,
            "customEmoji" => NodeKind::CustomEmoji,
            "mention" => NodeKind::Mention,
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for TextNode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = TextNode;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a node with a type")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<TextNode, E> {
        Ok(TextNode::Plain(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<TextNode, E> {
        Ok(TextNode::Plain(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<TextNode, A::Error> {
        let mut fields = Fields::default();
        while let Some(key) = map.next_key::<String>()? {
            fields.read(key, &mut map)?;
        }
        fields.into_node()
    }
}

/// The fields of all types of node.
#[derive(Default)]
struct Fields {
    kind: Option<String>,
    children: Option<Vec<TextNode>>,
    text: Option<String>,
    url: Option<String>,
    action: Option<String>,
    params: Option<Custom>,
    id: Option<String>,
    /// The other fields of an unknown node, or of one whose type has not been read yet.
    rest: BTreeMap<String, Json>,
}

impl Fields {
    fn read<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error> {
        // The fields of an unknown type may have any value, except for `children` and `text`.
        let unknown = self.kind.as_deref().is_some_and(|kind| NodeKind::from_name(kind).is_none());
        match key.as_str() {
            "type" => read_once(&mut self.kind, "type", map),
            "children" => read_once(&mut self.children, "children", map),
            "text" => read_once(&mut self.text, "text", map),
            "url" if !unknown => read_once(&mut self.url, "url", map),
            "action" if !unknown => read_once(&mut self.action, "action", map),
            "params" if !unknown => read_once(&mut self.params, "params", map),
            "id" if !unknown => read_once(&mut self.id, "id", map),
            _ if self.kind.is_none() || unknown => {
                self.rest.insert(key, map.next_value()?);
                Ok(())
            }
            _ => map.next_value::<IgnoredAny>().map(|_| ()),
        }
    }

    fn into_node<E: de::Error>(mut self) -> Result<TextNode, E> {
        let name = required(self.kind.take(), "type")?;
        let Some(kind) = NodeKind::from_name(&name) else { return self.into_unknown(name) };
        let (children, text) = (self.children, self.text);
        let children = || required(children, "children");
        let text = || required(text, "text");
        Ok(match kind {
            NodeKind::Bold => TextNode::Bold { children: children()? },
            NodeKind::Italic => TextNode::Italic { children: children()? },
            NodeKind::Strikethrough => TextNode::Strikethrough { children: children()? },
            NodeKind::BulletList => TextNode::BulletList { children: children()? },
            NodeKind::BulletPoint => TextNode::BulletPoint { children: children()? },
            NodeKind::CodeSpan => TextNode::CodeSpan { text: text()? },
            NodeKind::Link => TextNode::Link { url: required(self.url, "url")?, children: children()? },
            NodeKind::AutoLink => TextNode::AutoLink { url: required(self.url, "url")?, text: text()? },
            NodeKind::ActionLink => TextNode::ActionLink {
                action: required(self.action, "action")?,
                params: required(self.params, "params")?,
                children: children()?,
            },
            NodeKind::ActionButton => TextNode::ActionButton {
                action: required(self.action, "action")?,
                params: required(self.params, "params")?,
                children: children()?,
            },
            NodeKind::CustomEmoji => TextNode::CustomEmoji { text: text()? },
            NodeKind::Mention => TextNode::Mention { id: required(self.id, "id")?, text: text()? },
        })
    }

    /// Makes a node of an unknown type that keeps all fields.
    fn into_unknown<E: de::Error>(self, kind: String) -> Result<TextNode, E> {
        let Fields { children, text, url, action, params, id, mut rest, .. } = self;
        if children.is_none() && text.is_none() {
            return Err(E::missing_field("children"));
        }
        let params = params.map(|params| {
            Json::Object(params.into_iter().map(|(key, value)| (key, Json::String(value))).collect())
        });
        let named = [
            ("url", url.map(Json::String)),
            ("action", action.map(Json::String)),
            ("id", id.map(Json::String)),
            ("params", params),
        ];
        for (name, value) in named {
            rest.extend(value.map(|value| (name.to_owned(), value)));
        }
        Ok(TextNode::Unknown(UnknownNode { kind, text, children, rest }))
    }
}

/// Reads a field, which must not be given twice.
fn read_once<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    slot: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return Err(de::Error::duplicate_field(name));
    }
    *slot = Some(map.next_value()?);
    Ok(())
}

/// Returns the value of a field that the type requires.
fn required<T, E: de::Error>(slot: Option<T>, name: &'static str) -> Result<T, E> {
    slot.ok_or_else(|| E::missing_field(name))
}
