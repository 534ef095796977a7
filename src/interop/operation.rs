//! Operations as the binding holds them: the name from the protocol's list, and the parameters as the
//! JavaScript object that is sent.

use causerie_client::store::TopicScope;
use causerie_protocol::{ErrorBody, OpName, TopicKind};
use js_sys::{JSON, Object, Reflect};
use wasm_bindgen::JsValue;

/// A topic to subscribe to, with the JavaScript object that is sent.
#[derive(Clone)]
pub(crate) struct Topic {
    pub(crate) kind: TopicKind,
    pub(crate) value: JsValue,
}

/// An operation to request from the server.
#[derive(Clone)]
pub(crate) struct Operation {
    pub(crate) name: OpName,
    pub(crate) params: JsValue,
}

impl causerie_client::Operation for Operation {
    type Topic = Topic;

    fn writes(&self) -> bool {
        self.name.writes()
    }

    /// Accepts every operation: ids were checked when their refs were made, and the server checks the data.
    fn check(&self) -> Result<(), ErrorBody> {
        Ok(())
    }

    fn more(topic: &Topic, (at, id): (i64, String), limit: u32) -> Self {
        // A double represents every time exactly.
        #[allow(clippy::cast_precision_loss, reason = "see above")]
        let after = object(&[("at", &(at as f64).into()), ("id", &id.into())]);
        let params = object(&[("topic", &topic.value), ("after", &after), ("limit", &limit.into())]);
        Operation { name: OpName::More, params }
    }

    fn scope(topic: &Topic) -> TopicScope {
        let id = Reflect::get(&topic.value, &"id".into()).ok().and_then(|id| id.as_string());
        // The fields of one kind of topic always have the same order. Equal filters in another order are
        // different topics, which is correct too.
        let key = JSON::stringify(&topic.value).map(String::from).unwrap_or_default();
        TopicScope { kind: topic.kind, id: id.unwrap_or_default(), key }
    }
}

/// Returns a new object with these properties.
pub(crate) fn object(properties: &[(&str, &JsValue)]) -> JsValue {
    extended(&JsValue::NULL, properties)
}

/// Returns a copy of an object with further properties.
pub(crate) fn extended(object: &JsValue, properties: &[(&str, &JsValue)]) -> JsValue {
    let copy = Object::new();
    if let Some(object) = Object::try_from(object) {
        Object::assign(&copy, object);
    }
    for (name, value) in properties {
        // Setting a property of a new object cannot fail.
        let _ = Reflect::set(&copy, &(*name).into(), value);
    }
    copy.into()
}
