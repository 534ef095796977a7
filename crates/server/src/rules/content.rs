//! What a message says: content blocks, checked on their way in, and the plain text that they come to.
//!
//! A `text` is taken as it stands, as one text block. `content` is exactly one block, text or location, whose nodes
//! are walked with the path in hand, so that a refusal names the very node.

use causerie_protocol::error::{ErrorBody, ErrorCode};
use causerie_protocol::limits;
use serde_json::{Map, Value, json};

use super::command::PostMessage;
use super::{Ruling, server_error};

/// How deep formatting may be nested.
const DEPTH: usize = 16;

/// What a message says, both ways.
#[derive(Debug)]
pub(super) struct Content {
    /// The JSON array of its blocks.
    pub(super) blocks: String,
    /// Its text without formatting.
    pub(super) plaintext: String,
}

/// What this message says. It was checked before; a mistake here is no caller's.
pub(super) fn of(message: &PostMessage) -> Ruling<Content> {
    let blocks = match (&message.text, &message.content) {
        (Some(text), _) => json!([{ "type": "text", "children": [text] }]),
        (None, Some(content)) => {
            serde_json::from_str(content.get()).map_err(|error| server_error(&error.to_string()))?
        }
        (None, None) => return Err(nothing().into()),
    };
    Ok(Content { plaintext: check(&blocks)?, blocks: blocks.to_string() })
}

/// Checks what a message says.
///
/// # Errors
/// `invalid_argument` with the path of what is wrong.
pub(super) fn check_message(message: &PostMessage) -> Result<(), ErrorBody> {
    match (&message.text, &message.content) {
        (Some(text), None) => limits::check_text("text", text, limits::TEXT_CHARS),
        (None, Some(content)) => {
            let blocks = serde_json::from_str(content.get())
                .map_err(|error| ErrorBody::invalid("content", &error.to_string()))?;
            let plaintext = check(&blocks)?;
            limits::check_text("content", &plaintext, limits::TEXT_CHARS)
        }
        (Some(_), Some(_)) => {
            Err(ErrorBody::invalid("content", "must not be given beside text: give one of them"))
        }
        (None, None) => Err(nothing()),
    }
}

fn nothing() -> ErrorBody {
    ErrorBody::invalid("text", "is required, unless there is content")
}

/// Checks blocks; returns their plain text.
fn check(blocks: &Value) -> Result<String, ErrorBody> {
    let Some([Value::Object(block)]) = blocks.as_array().map(Vec::as_slice) else {
        return Err(ErrorBody::invalid("content", "must be an array of exactly one block"));
    };
    let path = "content[0]";
    match text_of(block, path, "type")? {
        "text" => {
            let mut plaintext = String::new();
            children(block, path, 0, &mut plaintext)?;
            Ok(plaintext)
        }
        "location" => {
            let latitude = degrees(block, path, "latitude", 90.0)?;
            let longitude = degrees(block, path, "longitude", 180.0)?;
            Ok(format!("{latitude}, {longitude}"))
        }
        "file" => Err(ErrorBody::new(ErrorCode::Unsupported, "this server does not keep files yet")),
        _ => Err(ErrorBody::invalid("content[0].type", "must be \"text\" or \"location\"")),
    }
}

/// Checks the children of a block or a node, and adds their text.
fn children(
    parent: &Map<String, Value>,
    path: &str,
    depth: usize,
    plaintext: &mut String,
) -> Result<(), ErrorBody> {
    let path = format!("{path}.children");
    if depth > DEPTH {
        return Err(ErrorBody::invalid(path, "is nested too deep"));
    }
    let Some(Value::Array(nodes)) = parent.get("children") else {
        return Err(ErrorBody::invalid(path, "must be an array of text nodes"));
    };
    for (index, child) in nodes.iter().enumerate() {
        node(child, &format!("{path}[{index}]"), depth, plaintext)?;
    }
    Ok(())
}

/// Checks one node, and adds its text.
fn node(node: &Value, path: &str, depth: usize, plaintext: &mut String) -> Result<(), ErrorBody> {
    let node = match node {
        Value::String(text) => {
            plaintext.push_str(text);
            return Ok(());
        }
        Value::Object(node) => node,
        _ => return Err(ErrorBody::invalid(path, "must be a string or a node with a type")),
    };
    match text_of(node, path, "type")? {
        "bold" | "italic" | "strikethrough" | "bulletList" => children(node, path, depth + 1, plaintext),
        "bulletPoint" => {
            if !plaintext.is_empty() && !plaintext.ends_with('\n') {
                plaintext.push('\n');
            }
            plaintext.push_str("- ");
            children(node, path, depth + 1, plaintext)
        }
        "codeSpan" | "customEmoji" => add_text(node, path, plaintext),
        "mention" => {
            limits::check_id(&format!("{path}.id"), text_of(node, path, "id")?)?;
            add_text(node, path, plaintext)
        }
        "link" => {
            url(node, path)?;
            children(node, path, depth + 1, plaintext)
        }
        "autoLink" => {
            url(node, path)?;
            add_text(node, path, plaintext)
        }
        "actionLink" | "actionButton" => {
            text_of(node, path, "action")?;
            let params = node.get("params").and_then(Value::as_object);
            if params.is_none_or(|params| !params.values().all(Value::is_string)) {
                return Err(ErrorBody::invalid(format!("{path}.params"), "must be an object of strings"));
            }
            children(node, path, depth + 1, plaintext)
        }
        other => {
            let problem = format!("{:?} is no type of text node", other.chars().take(64).collect::<String>());
            Err(ErrorBody::invalid(format!("{path}.type"), &problem))
        }
    }
}

fn add_text(node: &Map<String, Value>, path: &str, plaintext: &mut String) -> Result<(), ErrorBody> {
    plaintext.push_str(text_of(node, path, "text")?);
    Ok(())
}

/// A field that must be a string.
fn text_of<'a>(node: &'a Map<String, Value>, path: &str, field: &str) -> Result<&'a str, ErrorBody> {
    let text = node.get(field).and_then(Value::as_str);
    text.ok_or_else(|| ErrorBody::invalid(format!("{path}.{field}"), "must be a string"))
}

/// A link leads to the web, to a mailbox or to a telephone, and runs nothing.
fn url(node: &Map<String, Value>, path: &str) -> Result<(), ErrorBody> {
    let url = text_of(node, path, "url")?;
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let allowed = matches!(scheme.as_deref(), Some("http" | "https" | "mailto" | "tel"));
    if allowed && url.len() <= limits::URL_BYTES && !url.chars().any(|c| c.is_control() || c.is_whitespace())
    {
        return Ok(());
    }
    Err(ErrorBody::invalid(
        format!("{path}.url"),
        "must be an absolute URL that starts with https:, http:, mailto: or tel:",
    ))
}

fn degrees(block: &Map<String, Value>, path: &str, field: &str, limit: f64) -> Result<f64, ErrorBody> {
    let degrees = block.get(field).and_then(Value::as_f64).filter(|degrees| degrees.abs() <= limit);
    let problem = format!("must be a number from -{limit} to {limit}");
    degrees.ok_or_else(|| ErrorBody::invalid(format!("{path}.{field}"), &problem))
}
