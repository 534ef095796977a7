//! Reading blocks and nodes. Every field is read as it comes, in whatever order, so that serde knows the path of
//! what is wrong; once all are there, the type says which it wanted.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{ContentBlock, FileBlock, FileKind, Json, TextNode, UnknownNode};
use crate::params::Custom;
use crate::words;

#[derive(Clone, Copy)]
enum BlockKind {
    Text,
    Location,
    File,
}

impl<'de> Deserialize<'de> for BlockKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kinds = [BlockKind::Text, BlockKind::Location, BlockKind::File];
        words::read(deserializer, &["text", "location", "file"], kinds)
    }
}

impl<'de> Deserialize<'de> for FileKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kinds = [FileKind::Image, FileKind::Video, FileKind::Audio, FileKind::Voice];
        words::read(deserializer, &["image", "video", "audio", "voice"], kinds)
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
                "type" => once(&mut kind, "type", &mut map)?,
                "children" => once(&mut children, "children", &mut map)?,
                "latitude" => once(&mut latitude, "latitude", &mut map)?,
                "longitude" => once(&mut longitude, "longitude", &mut map)?,
                "subtype" => once(&mut subtype, "subtype", &mut map)?,
                "fileToken" => once(&mut file_token, "fileToken", &mut map)?,
                "url" => once(&mut url, "url", &mut map)?,
                "size" => once(&mut size, "size", &mut map)?,
                "filename" => once(&mut filename, "filename", &mut map)?,
                "width" => once(&mut width, "width", &mut map)?,
                "height" => once(&mut height, "height", &mut map)?,
                "duration" => once(&mut duration, "duration", &mut map)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(match there(kind, "type")? {
            BlockKind::Text => ContentBlock::Text { children: there(children, "children")? },
            BlockKind::Location => ContentBlock::Location {
                latitude: there(latitude, "latitude")?,
                longitude: there(longitude, "longitude")?,
            },
            BlockKind::File => ContentBlock::File(FileBlock {
                subtype,
                file_token: there(file_token, "fileToken")?,
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

/// Which node a type's name stands for.
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
    fn named(name: &str) -> Option<NodeKind> {
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
        fields.node()
    }
}

/// All that a node may have.
#[derive(Default)]
struct Fields {
    kind: Option<String>,
    children: Option<Vec<TextNode>>,
    text: Option<String>,
    url: Option<String>,
    action: Option<String>,
    params: Option<Custom>,
    id: Option<String>,
    /// The fields of an unknown node, or of one whose type has not come yet.
    rest: BTreeMap<String, Json>,
}

impl Fields {
    fn read<'de, A: MapAccess<'de>>(&mut self, key: String, map: &mut A) -> Result<(), A::Error> {
        // What an unknown type means by a name is not known either. (Its children and text are promised.)
        let unknown = self.kind.as_deref().is_some_and(|kind| NodeKind::named(kind).is_none());
        match key.as_str() {
            "type" => once(&mut self.kind, "type", map),
            "children" => once(&mut self.children, "children", map),
            "text" => once(&mut self.text, "text", map),
            "url" if !unknown => once(&mut self.url, "url", map),
            "action" if !unknown => once(&mut self.action, "action", map),
            "params" if !unknown => once(&mut self.params, "params", map),
            "id" if !unknown => once(&mut self.id, "id", map),
            _ if self.kind.is_none() || unknown => {
                self.rest.insert(key, map.next_value()?);
                Ok(())
            }
            _ => map.next_value::<IgnoredAny>().map(|_| ()),
        }
    }

    fn node<E: de::Error>(mut self) -> Result<TextNode, E> {
        let name = there(self.kind.take(), "type")?;
        let Some(kind) = NodeKind::named(&name) else { return self.unknown(name) };
        let (children, text) = (self.children, self.text);
        let children = || there(children, "children");
        let text = || there(text, "text");
        Ok(match kind {
            NodeKind::Bold => TextNode::Bold { children: children()? },
            NodeKind::Italic => TextNode::Italic { children: children()? },
            NodeKind::Strikethrough => TextNode::Strikethrough { children: children()? },
            NodeKind::BulletList => TextNode::BulletList { children: children()? },
            NodeKind::BulletPoint => TextNode::BulletPoint { children: children()? },
            NodeKind::CodeSpan => TextNode::CodeSpan { text: text()? },
            NodeKind::Link => TextNode::Link { url: there(self.url, "url")?, children: children()? },
            NodeKind::AutoLink => TextNode::AutoLink { url: there(self.url, "url")?, text: text()? },
            NodeKind::ActionLink => TextNode::ActionLink {
                action: there(self.action, "action")?,
                params: there(self.params, "params")?,
                children: children()?,
            },
            NodeKind::ActionButton => TextNode::ActionButton {
                action: there(self.action, "action")?,
                params: there(self.params, "params")?,
                children: children()?,
            },
            NodeKind::CustomEmoji => TextNode::CustomEmoji { text: text()? },
            NodeKind::Mention => TextNode::Mention { id: there(self.id, "id")?, text: text()? },
        })
    }

    /// The same as a node of a type that is not known here. Nothing of it is lost.
    fn unknown<E: de::Error>(self, kind: String) -> Result<TextNode, E> {
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

/// Reads a field that may come once.
fn once<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
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

/// A field that the type wants.
fn there<T, E: de::Error>(slot: Option<T>, name: &'static str) -> Result<T, E> {
    slot.ok_or_else(|| E::missing_field(name))
}
