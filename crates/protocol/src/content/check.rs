//! What may be sent. A refusal names the very node, as in `content[0].children[2].url`.

use super::{ContentBlock, DEPTH, Sender, TextNode, links, plaintext};
use crate::emoji;
use crate::error::{ErrorBody, ErrorCode};
use crate::limits;
use crate::params::Custom;

/// Checks content that somebody sends: exactly one block, of the nodes that the sender may send.
///
/// # Errors
/// `invalid_argument` with the field's path, which begins with `content`; `unsupported` for a file.
pub fn check_sent(blocks: &[ContentBlock], by: Sender) -> Result<(), ErrorBody> {
    let [block] = blocks else {
        return Err(ErrorBody::invalid("content", "must be an array of exactly one block"));
    };
    let path = "content[0]";
    match block {
        ContentBlock::Text { children } => {
            check_nodes(children, path, by, 0)?;
            limits::check_text("content", &plaintext(blocks), limits::TEXT_CHARS)
        }
        ContentBlock::Location { latitude, longitude } => {
            check_degrees(&in_node(path, "latitude"), *latitude, 90.0, "must be a number from -90 to 90")?;
            check_degrees(&in_node(path, "longitude"), *longitude, 180.0, "must be a number from -180 to 180")
        }
        ContentBlock::File(_) => {
            Err(ErrorBody::new(ErrorCode::Unsupported, "content[0]: this server does not keep files yet"))
        }
    }
}

fn check_degrees(path: &str, degrees: f64, limit: f64, problem: &str) -> Result<(), ErrorBody> {
    if degrees.abs() <= limit { Ok(()) } else { Err(ErrorBody::invalid(path, problem)) }
}

fn check_nodes(nodes: &[TextNode], parent: &str, by: Sender, depth: usize) -> Result<(), ErrorBody> {
    let path = in_node(parent, "children");
    if depth > DEPTH {
        return Err(ErrorBody::invalid(path, "is nested too deep"));
    }
    for (index, node) in nodes.iter().enumerate() {
        let path = [path.as_str(), "[", &index.to_string(), "]"].concat();
        check_node(node, &path, by)?;
        if let Some(children) = node.children() {
            check_nodes(children, &path, by, depth + 1)?;
        }
    }
    Ok(())
}

/// Checks a node without its children.
fn check_node(node: &TextNode, path: &str, by: Sender) -> Result<(), ErrorBody> {
    match node {
        TextNode::Plain(_)
        | TextNode::Bold { .. }
        | TextNode::Italic { .. }
        | TextNode::Strikethrough { .. }
        | TextNode::BulletList { .. }
        | TextNode::BulletPoint { .. }
        | TextNode::CodeSpan { .. } => Ok(()),
        TextNode::Link { url, .. } => {
            only_backends(path, by, "a link; an address in the text becomes one by itself")?;
            leads_somewhere(path, url).map(|_| ())
        }
        TextNode::ActionLink { action, params, .. } | TextNode::ActionButton { action, params, .. } => {
            only_backends(path, by, "an action")?;
            check_action(path, action, params)
        }
        TextNode::AutoLink { url, text } => {
            let url = leads_somewhere(path, url)?;
            if by == Sender::User && !links::agrees(text, &url) {
                return Err(ErrorBody::invalid(
                    in_node(path, "url"),
                    "must be where the node's text says: the same mail address, phone number or web address",
                ));
            }
            Ok(())
        }
        TextNode::CustomEmoji { text } if emoji::is_custom(text) => Ok(()),
        TextNode::CustomEmoji { .. } => {
            Err(ErrorBody::invalid(in_node(path, "text"), "must be a custom emoji such as \":name:\""))
        }
        TextNode::Mention { id, .. } => limits::check_id(&in_node(path, "id"), id),
        TextNode::Unknown(_) => Err(ErrorBody::invalid(
            in_node(path, "type"),
            "must be the type of a text node, such as \"bold\" or \"codeSpan\"",
        )),
    }
}

fn only_backends(path: &str, by: Sender, what: &str) -> Result<(), ErrorBody> {
    match by {
        Sender::Backend => Ok(()),
        Sender::User => {
            let problem = ["a user may not send ", what].concat();
            Err(ErrorBody::invalid(path, &problem))
        }
    }
}

fn leads_somewhere(path: &str, url: &str) -> Result<url::Url, ErrorBody> {
    links::parse(url).map_err(|problem| ErrorBody::invalid(in_node(path, "url"), problem))
}

fn check_action(path: &str, action: &str, params: &Custom) -> Result<(), ErrorBody> {
    limits::check_text(&in_node(path, "action"), action, limits::CUSTOM_KEY_CHARS)?;
    let params = params.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())));
    limits::check_custom(&in_node(path, "params"), params)
}

fn in_node(path: &str, field: &str) -> String {
    [path, ".", field].concat()
}
