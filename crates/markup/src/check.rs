//! Checks content that a client or a backend sent. An error names the node, as in
//! `content[0].children[2].url`.

use causerie_protocol::content::{ContentBlock, TextNode};
use causerie_protocol::custom::Custom;
use causerie_protocol::limits::{CONTENT_DEPTH, CUSTOM_KEY_CHARS, FILE_TOKEN_BYTES, TEXT_CHARS};
use causerie_protocol::{ErrorBody, validation};

use crate::plaintext::plaintext;
use crate::sender::Sender;
use crate::{emoji, link_target};

/// Checks content that a sender sends: exactly one block, with only the nodes that this kind of sender may
/// send.
///
/// # Errors
/// `invalid_argument` with the field's path, which starts with `content`.
pub fn check_content(blocks: &[ContentBlock], sender: Sender) -> Result<(), ErrorBody> {
    let [block] = blocks else {
        let problem = format!("must be an array of exactly one block (got {})", blocks.len());
        return Err(ErrorBody::invalid("content", &problem));
    };
    let path = "content[0]";
    match block {
        ContentBlock::Text { children } => {
            check_nodes(children, path, sender, 0)?;
            validation::check_text("content", &plaintext(blocks), TEXT_CHARS)
        }
        ContentBlock::Location { latitude, longitude } => {
            check_degrees(&join(path, "latitude"), *latitude, 90)?;
            check_degrees(&join(path, "longitude"), *longitude, 180)
        }
        ContentBlock::File(file) => {
            // Only the token counts. The server knows the rest, and whether there is such a file.
            check_file_token("content[0].fileToken", &file.file_token)
        }
    }
}

/// Checks the form of the token of a file.
///
/// # Errors
/// `invalid_argument` with the field's name.
pub fn check_file_token(path: &str, token: &str) -> Result<(), ErrorBody> {
    let is_token = !token.is_empty()
        && token.len() <= FILE_TOKEN_BYTES
        && token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if is_token { Ok(()) } else { Err(ErrorBody::invalid(path, "must be a token that an upload returned")) }
}

fn check_degrees(path: &str, degrees: f64, limit: u8) -> Result<(), ErrorBody> {
    if degrees.abs() <= f64::from(limit) {
        return Ok(());
    }
    Err(ErrorBody::invalid(path, &format!("must be a number from -{limit} to {limit}")))
}

fn check_nodes(nodes: &[TextNode], parent: &str, sender: Sender, depth: usize) -> Result<(), ErrorBody> {
    let path = join(parent, "children");
    if depth > CONTENT_DEPTH {
        return Err(ErrorBody::invalid(path, &format!("must be nested at most {CONTENT_DEPTH} deep")));
    }
    for (index, node) in nodes.iter().enumerate() {
        let path = format!("{path}[{index}]");
        check_node(node, &path, sender)?;
        if let Some(children) = node.children() {
            check_nodes(children, &path, sender, depth + 1)?;
        }
    }
    Ok(())
}

/// Checks a node without its children.
fn check_node(node: &TextNode, path: &str, sender: Sender) -> Result<(), ErrorBody> {
    match node {
        TextNode::Plain(_)
        | TextNode::Bold { .. }
        | TextNode::Italic { .. }
        | TextNode::Strikethrough { .. }
        | TextNode::BulletList { .. }
        | TextNode::BulletPoint { .. }
        | TextNode::CodeSpan { .. } => Ok(()),
        TextNode::Link { url, .. } => {
            require_backend(path, sender, "a link (an address in the text becomes a link automatically)")?;
            parse_target(path, url).map(|_| ())
        }
        TextNode::ActionLink { action, params, .. } | TextNode::ActionButton { action, params, .. } => {
            require_backend(path, sender, "an action")?;
            check_action(path, action, params)
        }
        TextNode::AutoLink { url, text } => {
            let target = parse_target(path, url)?;
            if sender == Sender::User && !link_target::matches_text(&target, text) {
                return Err(ErrorBody::invalid(
                    join(path, "url"),
                    "must match the node's text: the same mail address, phone number or web address",
                ));
            }
            Ok(())
        }
        TextNode::CustomEmoji { text } if emoji::is_custom(text) => Ok(()),
        TextNode::CustomEmoji { .. } => {
            Err(ErrorBody::invalid(join(path, "text"), "must be a custom emoji such as \":name:\""))
        }
        TextNode::Mention { id, .. } => validation::check_id(&join(path, "id"), id),
        TextNode::Unknown(_) => Err(ErrorBody::invalid(
            join(path, "type"),
            "must be the type of a text node, such as \"bold\" or \"codeSpan\"",
        )),
    }
}

fn require_backend(path: &str, sender: Sender, node: &str) -> Result<(), ErrorBody> {
    match sender {
        Sender::Backend => Ok(()),
        Sender::User => Err(ErrorBody::invalid(path, &format!("a user must not send {node}"))),
    }
}

fn parse_target(path: &str, url: &str) -> Result<url::Url, ErrorBody> {
    link_target::parse(url).map_err(|problem| ErrorBody::invalid(join(path, "url"), &problem))
}

/// Checks the name and the parameters of an action.
pub(crate) fn check_action(path: &str, action: &str, params: &Custom) -> Result<(), ErrorBody> {
    validation::check_text(&join(path, "action"), action, CUSTOM_KEY_CHARS)?;
    let params = params.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())));
    validation::check_custom(&join(path, "params"), params)
}

fn join(path: &str, field: &str) -> String {
    format!("{path}.{field}")
}
