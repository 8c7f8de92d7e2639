//! JSON for programs. The type that a command prints with `--json` stands beside it, and a token is in [`token`]: names,
//! order and presence of the keys follow only from the types.

pub(super) mod token;
mod writer;

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use self::writer::Writer;
use super::Failure;
use crate::token::json::Json;

/// Appends a value on one line; in its strings, what a terminal would act on is `\uXXXX`.
pub(super) fn write(value: &impl Serialize, out: &mut String) -> Result<(), Failure> {
    value.serialize(Writer(out)).map_err(|error| Failure::new(format!("cannot write the result as JSON: {error}")))
}

/// The same as a text.
pub(super) fn line(value: &impl Serialize) -> Result<String, Failure> {
    let mut out = String::new();
    write(value, &mut out).map(|()| out)
}

/// JSON that others wrote, on one line and safe to print: with its own order, digits and duplicate keys.
pub(super) struct Written<'a>(pub(super) Cow<'a, str>);

impl<'a> Written<'a> {
    /// What was understood of a document, closed properly; `None` if nothing was.
    pub(super) fn of(json: &'a Json) -> Option<Self> {
        json.root().map(|_| Self(json.as_compact(0).map_or_else(|| json.compact(0).into(), Cow::Borrowed)))
    }
}

impl JsonSchema for Written<'_> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Written".into()
    }

    /// Anything.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        true.into()
    }
}

impl Serialize for Written<'_> {
    /// As bytes, which [`Writer`] passes on: JSON has none of its own.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0.as_bytes())
    }
}
