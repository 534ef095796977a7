//! What a backend writes between `<` and `>`: `<url|label>`, `<actionlink:action|label>` and
//! `<actionbutton:action|label>`. Parameters of an action follow it like the query of a URL:
//! `<actionbutton:color?choice=red|Red>`.

use std::ops::Range;

use causerie_protocol::content::TextNode;
use causerie_protocol::custom::Custom;
use url::form_urlencoded;

use crate::check::check_action;
use crate::found::Found;
use crate::link_target;
use crate::text::slice;

/// Finds a labelled link or action at a `<`.
pub(crate) fn labelled_node(text: &str, part: Range<usize>) -> Option<Found> {
    let inner = slice(text, &part).strip_prefix('<')?;
    // Searching to the next bracket of either kind keeps the time for a row of `<` linear.
    let end = inner.find(['<', '>'])?;
    let (inner, rest) = inner.split_at_checked(end)?;
    let (target, label) = inner.split_once('|').filter(|_| rest.starts_with('>'))?;
    if label.trim().is_empty() {
        return None;
    }
    let children = vec![TextNode::from(label)];
    let node = if let Some(action) = target.strip_prefix("actionbutton:") {
        let (action, params) = action_with_params(action)?;
        TextNode::ActionButton { action, params, children }
    } else if let Some(action) = target.strip_prefix("actionlink:") {
        let (action, params) = action_with_params(action)?;
        TextNode::ActionLink { action, params, children }
    } else {
        link_target::parse(target).ok()?;
        TextNode::Link { url: target.to_owned(), children }
    };
    Some(Found { range: part.start..part.start + end + 2, node })
}

/// Splits `action?key=value&…`. If a key occurs more than once, its last value counts.
fn action_with_params(text: &str) -> Option<(String, Custom)> {
    let (action, query) = text.split_once('?').unwrap_or((text, ""));
    let params: Custom = form_urlencoded::parse(query.as_bytes())
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    check_action("", action, &params).ok()?;
    Some((action.to_owned(), params))
}
