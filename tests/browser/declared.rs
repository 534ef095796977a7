//! Reads snapshots of the SDK as the types that `causerie_client::snapshots` declares. The classes and the
//! typings are generated from these types; this shows that real snapshots have them, too.

use causerie_client::snapshots::{
    ConversationSnapshot, MessageSnapshot, ParticipantSnapshot, SingleReactionSnapshot, TypingSnapshot,
    UserOnlineSnapshot, UserSnapshot,
};
use js_sys::JSON;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

/// Throws if a snapshot is not of the declared type with this name: if a field has another type, is missing,
/// is not declared, or comes in another order.
pub(crate) fn check(name: &str, snapshot: &JsValue) -> Result<(), JsValue> {
    match name {
        "UserSnapshot" => check_as::<UserSnapshot>(snapshot),
        "ConversationSnapshot" => check_as::<ConversationSnapshot>(snapshot),
        "MessageSnapshot" => check_as::<MessageSnapshot>(snapshot),
        "ParticipantSnapshot" => check_as::<ParticipantSnapshot>(snapshot),
        "SingleReactionSnapshot" => check_as::<SingleReactionSnapshot>(snapshot),
        "UserOnlineSnapshot" => check_as::<UserOnlineSnapshot>(snapshot),
        "TypingSnapshot" => check_as::<TypingSnapshot>(snapshot),
        _ => Err(format!("{name} is not declared").into()),
    }
}

fn check_as<T: Serialize + DeserializeOwned>(snapshot: &JsValue) -> Result<(), JsValue> {
    let given = JSON::stringify(snapshot)?;
    let value: T = serde_wasm_bindgen::from_value(snapshot.clone())
        .map_err(|error| JsValue::from(format!("{error}, in {given}")))?;
    let declared = JSON::stringify(&value.serialize(&Serializer::json_compatible())?)?;
    if declared == given { Ok(()) } else { Err(format!("expected {declared}, got {given}").into()) }
}
