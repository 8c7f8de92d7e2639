//! How values are written that have no form of their own in JSON: as texts, or as objects of their fields.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{EventKind, Fingerprint, Kinship, Record, RunId, Scheme, SecretString, Step, Timestamp, TokenKind, Way};
use crate::{clock, secret::ExposeSecret as _};

/// For `#[serde(with = "written")]`.
pub(super) fn serialize<T: Written, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

/// For `#[serde(with = "written")]`.
pub(super) fn deserialize<'de, T: Written, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(deserializer)
}

/// A value with a form in the file.
pub(super) trait Written: Sized {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// Lets serde's own lists and maps hold such values.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct As<T>(pub(super) T);

impl<T: Written> Serialize for As<&T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

impl<'de, T: Written> Deserialize<'de> for As<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

impl<T: Written> Written for Option<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(As).serialize(serializer)
    }
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::<As<T>>::deserialize(deserializer).map(|found| found.map(|As(value)| value))
    }
}

impl<T: Written> Written for Vec<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(As))
    }
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<As<T>>::deserialize(deserializer).map(|all| all.into_iter().map(|As(value)| value).collect())
    }
}

impl<K: Written + Ord, V: Written> Written for BTreeMap<K, V> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter().map(|(key, value)| (As(key), As(value))))
    }
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = BTreeMap::<As<K>, As<V>>::deserialize(deserializer)?;
        Ok(all.into_iter().map(|(As(key), As(value))| (key, value)).collect())
    }
}

impl Written for Cow<'_, Record> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Record::write(self, serializer)
    }
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Record::read(deserializer).map(Cow::Owned)
    }
}

/// Types as objects of their fields.
macro_rules! fields {
    ($($type:ident { $($(#[$attribute:meta])* $field:ident: $of:ty),* $(,)? })*) => {
        $(impl written::Written for $type {
            fn write<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut object = serializer.serialize_map(None)?;
                $(serde::ser::SerializeMap::serialize_entry(&mut object, stringify!($field), &written::As(&self.$field))?;)*
                serde::ser::SerializeMap::end(object)
            }
            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(Deserialize)]
                struct Fields { $($(#[$attribute])* $field: written::As<$of>),* }
                let Fields { $($field: written::As($field)),* } = Fields::deserialize(deserializer)?;
                Ok(Self { $($field),* })
            }
        })*
    };
}
pub(super) use fields;

/// Types that have a form of their own.
macro_rules! plain {
    ($($type:ty),*) => {
        $(impl Written for $type {
            fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.serialize(serializer)
            }
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::deserialize(deserializer)
            }
        })*
    };
}
plain!(u16, u32, u64, BTreeSet<String>);

/// A value that is a text in the file.
trait AsText: Sized {
    fn text(&self) -> Cow<'_, str>;
    fn of_text(text: &str) -> Option<Self>;
}

/// Text that is borrowed from the plaintext, which is wiped, where it has no escapes.
#[derive(Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<T: AsText> Written for T {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Text(text) = Text::deserialize(deserializer)?;
        T::of_text(&text).ok_or_else(|| D::Error::custom("not what was written"))
    }
}

impl AsText for String {
    fn text(&self) -> Cow<'_, str> {
        self.into()
    }
    fn of_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl AsText for SecretString {
    fn text(&self) -> Cow<'_, str> {
        self.expose_secret().into()
    }
    fn of_text(text: &str) -> Option<Self> {
        Some(text.into())
    }
}

impl AsText for Timestamp {
    /// Whatever a server said: what is written must be readable.
    fn text(&self) -> Cow<'_, str> {
        clock::utc(clock::bounded(*self)).into()
    }
    fn of_text(text: &str) -> Option<Self> {
        clock::parse(text)
    }
}

impl AsText for Fingerprint {
    fn text(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
    fn of_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl AsText for Scheme {
    fn text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
    fn of_text(text: &str) -> Option<Self> {
        Self::new(text)
    }
}

impl AsText for RunId {
    fn text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
    fn of_text(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// Words of a list.
macro_rules! words {
    ($($type:ty),*) => {
        $(impl AsText for $type {
            fn text(&self) -> Cow<'_, str> {
                self.as_str().into()
            }
            fn of_text(text: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|word| word.as_str() == text)
            }
        })*
    };
}
words!(EventKind, Step, Way, Kinship);

impl AsText for TokenKind {
    fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Unknown => "unknown".into(),
            kind => kind.to_string().into(),
        }
    }
    fn of_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text() == text)
    }
}
