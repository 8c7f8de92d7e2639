//! Writes values straight into a text. `serde_json` looks at each byte of a string for itself, and it escapes less than a
//! terminal needs; [`push_quoted`] checks a string once and copies it, which is enough for nearly all.

use std::{fmt::Write as _, mem::take};

use serde::{
    Serialize, Serializer,
    ser::{Error as _, Impossible, SerializeMap, SerializeSeq, SerializeStruct},
};
use serde_json::Error;

use crate::text::push_quoted;

type Done = Result<(), Error>;

/// Appends a value to a text, on one line. Bytes are taken for JSON. A type that none of our types needs is an error.
pub(super) struct Writer<'a>(pub(super) &'a mut String);

/// An object or an array that is being written.
pub(super) struct Group<'a> {
    out: &'a mut String,
    is_empty: bool,
    open: char,
    close: char,
}

impl Group<'_> {
    fn next(&mut self) -> Writer<'_> {
        self.out.push(if take(&mut self.is_empty) { self.open } else { ',' });
        Writer(self.out)
    }

    fn end(self) -> Done {
        if self.is_empty {
            self.out.push(self.open);
        }
        self.out.push(self.close);
        Ok(())
    }
}

/// Methods that differ only in their types.
macro_rules! methods {
    (numbers: $($name:ident $type:ty),*) => {
        $(fn $name(self, number: $type) -> Done {
            write!(self.0, "{number}").map_err(Error::custom)
        })*
    };
    (none: $($name:ident($($type:ty),*) -> $ok:ty),* $(,)?) => {
        $(fn $name(self, $(_: $type),*) -> Result<$ok, Error> {
            Err(Error::custom(concat!("no ", stringify!($name))))
        })*
    };
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Group<'a>;
    type SerializeMap = Group<'a>;
    type SerializeStruct = Group<'a>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    methods!(numbers: serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_u8 u8,
        serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_bool bool);

    methods!(none:
        serialize_f32(f32) -> (),
        serialize_f64(f64) -> (),
        serialize_char(char) -> (),
        serialize_unit_struct(&'static str) -> (),
        serialize_tuple(usize) -> Self::SerializeTuple,
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct,
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant,
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant,
    );

    fn serialize_newtype_variant<T: ?Sized + Serialize>(self, _: &str, _: u32, name: &str, _: &T) -> Done {
        Err(Error::custom(format_args!("no variant {name} with a value")))
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, _: &str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_str(self, text: &str) -> Done {
        push_quoted(self.0, text);
        Ok(())
    }

    fn serialize_unit_variant(self, _: &str, _: u32, name: &str) -> Done {
        self.0.push('"');
        self.0.push_str(name);
        self.0.push('"');
        Ok(())
    }

    fn serialize_bytes(self, json: &[u8]) -> Done {
        self.0.push_str(str::from_utf8(json).map_err(Error::custom)?);
        Ok(())
    }

    fn serialize_none(self) -> Done {
        self.0.push_str("null");
        Ok(())
    }

    fn serialize_unit(self) -> Done {
        self.serialize_none()
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Group<'a>, Error> {
        Ok(Group { out: self.0, is_empty: true, open: '[', close: ']' })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Group<'a>, Error> {
        Ok(Group { out: self.0, is_empty: true, open: '{', close: '}' })
    }

    fn serialize_struct(self, _: &str, _: usize) -> Result<Group<'a>, Error> {
        self.serialize_map(None)
    }
}

impl SerializeSeq for Group<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Done {
        value.serialize(self.next())
    }

    fn end(self) -> Done {
        self.end()
    }
}

impl SerializeMap for Group<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Done {
        let Writer(out) = self.next();
        let start = out.len();
        key.serialize(Writer(out))?;
        if out[start..].starts_with('"') { Ok(()) } else { Err(Error::custom("no key but a string")) }
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Done {
        self.out.push(':');
        value.serialize(Writer(self.out))
    }

    fn end(self) -> Done {
        self.end()
    }
}

impl SerializeStruct for Group<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, key: &'static str, value: &T) -> Done {
        self.out.push_str(if take(&mut self.is_empty) { "{\"" } else { ",\"" });
        self.out.push_str(key);
        self.out.push_str("\":");
        value.serialize(Writer(self.out))
    }

    fn end(self) -> Done {
        self.end()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn quoted(text: &str) -> String {
        let mut out = String::new();
        push_quoted(&mut out, text);
        out
    }

    fn written(value: &impl Serialize) -> Result<String, String> {
        let mut out = String::new();
        value.serialize(Writer(&mut out)).map(|()| out).map_err(|error| error.to_string())
    }

    proptest! {
        #[test]
        fn strings_are_quoted_as_everywhere(
            text in any::<String>(),
            odd in "[a\"\\\\\u{1}\u{8}\u{c}\n\u{7f}\u{301}\u{202e}]{0,12}",
        ) {
            prop_assert_eq!(written(&text), Ok(quoted(&text)));
            prop_assert_eq!(written(&odd), Ok(quoted(&odd)));
        }
    }

    #[test]
    fn values_are_written_as_serde_json_does() {
        let value = json!({"a": [], "b": {}, "c": [1, -2, [true, null], {"d\"": "e", "f": u64::MAX}], "g": i64::MIN});
        assert_eq!(written(&value), Ok(value.to_string()));
    }

    #[test]
    fn what_is_not_supported_is_an_error() {
        for value in [json!(1.5), json!([{"a": 1e300}])] {
            assert_eq!(written(&value), Err("no serialize_f64".to_owned()));
        }
        assert!(written(&('a', 1)).is_err());
        assert!(written(&Ok::<_, ()>(1)).is_err());
        assert!(written(&BTreeMap::from([(1, 2)])).is_err());
    }
}
