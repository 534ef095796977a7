//! The OpenAPI document of the REST API, served at `/v1/openapi.json`. Its paths and parameters come from the
//! table of routes, so that none can be missing. Only what a route's type does not say is written here: the
//! name, the effect, and the schemas of the bodies.

mod operations;
mod schemas;

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use self::operations::{Operation, operation};
use self::schemas::reference;
use super::query::{Form, Parameter};
use super::route::{Handler, Route};
use super::routes::ROUTES;

/// Returns the document as JSON.
pub(crate) fn document() -> &'static str {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(|| build().to_string())
}

fn build() -> Value {
    let mut paths = Map::new();
    for route in ROUTES {
        let path = paths.entry(route.path).or_insert_with(|| json!({ "parameters": path_parameters(route) }));
        if let (Some(path), Some(operation)) = (path.as_object_mut(), operation(route.method, route.path)) {
            path.insert(route.method.name().to_ascii_lowercase(), describe(route, &operation));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Causerie REST API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The API for backends. Responses have status 200 if the call succeeds. An error has \
                the body `{\"error\":{\"code\",\"message\",\"field\"}}`.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "secret": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "secret": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The app's secret, or an app token.",
                },
            },
            "schemas": schemas::all(),
        },
    })
}

/// The parameters in the braces of a path.
fn path_parameters(route: &Route) -> Vec<Value> {
    let names = route.path.split('{').skip(1).filter_map(|part| part.split('}').next());
    let describe = |name: &str| match name {
        "app" => "The id of the app.",
        "emoji" => "A Unicode emoji, or the name of a custom one between colons.",
        "message" => "The id of the message.",
        "user" => "The id of the user.",
        _ => "The id of the conversation.",
    };
    names
        .map(|name| {
            let length = if name == "emoji" { 50 } else { 255 };
            json!({
                "name": name, "in": "path", "required": true, "description": describe(name),
                "schema": { "type": "string", "minLength": 1, "maxLength": length },
            })
        })
        .collect()
}

fn query_parameter(parameter: &Parameter) -> Value {
    let schema = match parameter.form {
        Form::Limit => json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 30 }),
        Form::Time => json!({ "type": "integer", "format": "int64" }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Text => json!({ "type": "string" }),
        Form::OneOf(words) => json!({ "type": "string", "enum": words, "default": words.first() }),
    };
    json!({ "name": parameter.name, "in": "query", "description": parameter.description, "schema": schema })
}

fn describe(route: &Route, operation: &Operation) -> Value {
    let content = |name: &str| json!({ "application/json": { "schema": reference(name) } });
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "responses": {
            "200": { "description": "The call succeeded.", "content": content(operation.response) },
            "default": { "description": "The call failed.", "content": content("Failure") },
        },
    });
    if let Some(described) = described.as_object_mut() {
        if !route.query.is_empty() {
            let parameters: Vec<Value> = route.query.iter().map(query_parameter).collect();
            described.insert("parameters".to_owned(), parameters.into());
        }
        if let Some(body) = operation.body {
            let content = |name: &str| match route.handler {
                Handler::Upload => json!({ "multipart/form-data": { "schema": reference(name) } }),
                _ => content(name),
            };
            let body = json!({ "required": operation.needs_body, "content": content(body) });
            described.insert("requestBody".to_owned(), body);
        }
    }
    described
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_and_every_parameter_is_in_the_document() {
        let document: Value = serde_json::from_str(document()).unwrap();
        let mut ids = BTreeSet::new();
        for route in ROUTES {
            let path = &document["paths"][route.path];
            let found = &path[route.method.name().to_ascii_lowercase()];
            let id = found["operationId"].as_str();
            let id = id.unwrap_or_else(|| panic!("{} {} is missing", route.method.name(), route.path));
            assert!(ids.insert(id.to_owned()), "{id} is the name of two operations");
            let names = |list: &Value| -> Vec<String> {
                let list = list.as_array().into_iter().flatten();
                list.map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
            };
            let query: Vec<&str> = route.query.iter().map(|parameter| parameter.name).collect();
            assert_eq!(names(&found["parameters"]), query, "{id}");
            for name in names(&path["parameters"]) {
                assert!(route.path.contains(&format!("{{{name}}}")), "{id}: {name}");
            }
            assert_eq!(names(&path["parameters"]).len(), route.path.matches('{').count(), "{id}");
            let has_body = found.get("requestBody").is_some();
            assert!(!has_body || route.method.has_body(), "{id}: the method has no body");
        }
        let operations: usize = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .map(|path| path.as_object().unwrap().keys().filter(|key| *key != "parameters").count())
            .sum();
        assert_eq!(operations, ROUTES.len());
    }

    #[test]
    fn every_reference_has_a_schema_and_every_schema_a_reference() {
        let text = document();
        let document: Value = serde_json::from_str(text).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let references: BTreeSet<&str> = (text.split("#/components/schemas/").skip(1))
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert_eq!(references, schemas.keys().map(String::as_str).collect());
    }
}
