//! As much of JSON Schema as ours need, strictly: what a schema does not mention must not be there.

use serde_json::{Map, Value};

/// Why a value is not what the schema says.
pub fn fault(schema: &Value, value: &Value) -> Option<String> {
    of(schema, schema, value, "").err()
}

fn of(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let Value::Object(schema) = schema else {
        return if *schema == Value::Bool(true) { Ok(()) } else { Err(format!("{at}: nothing is allowed")) };
    };
    let mut known = Map::new();
    members(root, schema, value, at, &mut known)?;
    if let (Value::Object(object), false) = (value, known.is_empty() || schema.contains_key("additionalProperties")) {
        let unknown = object.keys().find(|key| !known.contains_key(*key));
        unknown.map_or(Ok(()), |key| Err(format!("{at}: the schema has no {key}")))?;
    }
    Ok(())
}

/// Checks every keyword, and collects the members that are known.
fn members(
    root: &Value,
    schema: &Map<String, Value>,
    value: &Value,
    at: &str,
    known: &mut Map<String, Value>,
) -> Result<(), String> {
    for (keyword, what) in schema {
        match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "format" => {}
            "$ref" => {
                let target = root.pointer(what.as_str().unwrap().trim_start_matches('#')).unwrap();
                match target {
                    Value::Object(target) => members(root, target, value, at, known)?,
                    target => of(root, target, value, at)?,
                }
            }
            "type" => {
                let is = match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(number) if number.is_f64() => "number",
                    Value::Number(_) => "integer",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                };
                let fits = |name: &Value| name == is;
                if !what.as_array().map_or_else(|| fits(what), |all| all.iter().any(fits)) {
                    return Err(format!("{at}: {is} where {what} is expected"));
                }
            }
            "enum" if what.as_array().unwrap().contains(value) => {}
            "const" if what == value => {}
            "enum" | "const" => return Err(format!("{at}: {value} is not {what}")),
            "minimum" if value.as_f64().is_none_or(|number| number >= what.as_f64().unwrap()) => {}
            "maximum" if value.as_f64().is_none_or(|number| number <= what.as_f64().unwrap()) => {}
            "minimum" | "maximum" => return Err(format!("{at}: {value} is beyond {keyword} {what}")),
            "anyOf" | "oneOf" => {
                let tried: Vec<_> = what.as_array().unwrap().iter().map(|one| of(root, one, value, at)).collect();
                if tried.iter().all(Result::is_err) {
                    return Err(format!("{at}: {tried:?}"));
                }
            }
            "properties" => {
                for (key, schema) in what.as_object().unwrap() {
                    known.insert(key.clone(), Value::Null);
                    value.get(key).map_or(Ok(()), |inner| of(root, schema, inner, &format!("{at}/{key}")))?;
                }
            }
            "required" => {
                let missing = what.as_array().unwrap().iter().find(|key| value.get(key.as_str().unwrap()).is_none());
                if let (Some(key), Value::Object(_)) = (missing, value) {
                    return Err(format!("{at}: {key} is missing"));
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    of(root, what, item, &format!("{at}/{index}"))?;
                }
            }
            "additionalProperties" => {
                value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter(|(key, _)| schema.get("properties").is_none_or(|known| known.get(*key).is_none()))
                    .try_for_each(|(key, inner)| of(root, what, inner, &format!("{at}/{key}")))?;
            }
            other => panic!("{at}: the keyword {other} is not checked"),
        }
    }
    Ok(())
}
