//! How words and times of a receipt are written and read.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::{
    auth::{
        TokenKind,
        rotation::{Kinship, Way},
    },
    clock::{self, Timestamp},
    http,
    session::rotate::{
        evidence::{Answer, By, ControlKind},
        plan::Wanted,
        step::Outcome,
    },
    text::visible,
};

/// So many characters of a server's words are kept.
const LONGEST: usize = 200;

/// Foreign words as they stand in a receipt: nothing that a terminal acts on, nothing that looks like a token, 200 characters.
pub fn server_words(words: &str) -> String {
    shown(&http::redacted(words))
}

/// The same of what is no secret, such as the name of a token.
pub fn shown(words: &str) -> String {
    let shown = visible(words).into_owned();
    match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", shown[..end].trim_end()),
        None => shown,
    }
}

/// A time, as RFC 3339 has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub Timestamp);

impl At {
    /// To the second.
    pub fn of(time: Timestamp) -> Self {
        Self(clock::to_the_second(time))
    }
}

impl Serialize for At {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&clock::utc(self.0))
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        clock::parse(&text).map(Self).ok_or_else(|| D::Error::custom("not a time"))
    }
}

impl JsonSchema for At {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "At".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// Values that are written as one word each.
macro_rules! words {
    ($($kind:ident by $word:path: $($value:ident)+;)+) => {$(
        impl Serialize for $kind {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($word(*self))
            }
        }

        impl<'de> Deserialize<'de> for $kind {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'_, str>::deserialize(deserializer)?;
                let mut all = [$(Self::$value),+].into_iter();
                all.find(|one| $word(*one) == text).ok_or_else(|| D::Error::custom("not a known word"))
            }
        }

        impl JsonSchema for $kind {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($kind).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let words = [$(Self::$value),+].map($word);
                json_schema!({ "type": "string", "enum": words })
            }
        }
    )+};
}

words! {
    Outcome by Self::as_str: Rotated Revoked Failed NotStarted;
    Wanted by Self::as_str: Auto Login Refresh;
    Way by Self::as_str: Login Asked Refresh;
    Kinship by Self::as_str: Separate Shared Maybe Same Identical;
    By by Self::as_str: Use Replay Introspect Time Format;
    Answer by Self::as_str: Accepted Refused Unclear;
    ControlKind by Self::as_str: Positive Negative;
    TokenKind by of_kind: Access Refresh Id Unknown;
}

fn of_kind(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Access => "access",
        TokenKind::Refresh => "refresh",
        TokenKind::Id => "id",
        TokenKind::Unknown => "token",
    }
}
