//! Changes one member of an object and leaves every other byte as it was written.

use super::{Json, Kind};

impl Json {
    /// The text with this member: its value (JSON) is put in the place of the last one of that name, else behind the
    /// last member. `None` unless the document is an object without an error.
    pub fn with_member(&self, name: &str, value: &str) -> Option<String> {
        let root = self.root().filter(|root| root.kind == Kind::Object && self.error.is_none())?;
        let (place, text) = match (self.member(name), self.children(0).last()) {
            (Some(member), _) => (member.span.clone(), value.to_owned()),
            (None, last) => {
                let end = last.map_or(root.span.start + 1, |(_, last)| last.span.end);
                let comma = if last.is_some() { "," } else { "" };
                (end..end, format!("{comma}{}:{value}", serde_json::Value::from(name)))
            }
        };
        let (start, end) = (place.start as usize, place.end as usize);
        Some([&self.text[..start], &text, &self.text[end..]].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_other_bytes_stay() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(Json::parse(text).with_member("exp", "7").as_deref(), expected, "{text}");
        };
        check("{}", Some(r#"{"exp":7}"#));
        check(r#" { "a" : 1e400 , "a":[2 ] } "#, Some(r#" { "a" : 1e400 , "a":[2 ],"exp":7 } "#));
        check(r#"{"exp": 1, "exp" :{"exp":2} }"#, Some(r#"{"exp": 1, "exp" :7 }"#));
        check(r#"{"e\u0078p":"ü"}"#, Some(r#"{"e\u0078p":7}"#));
        check("[]", None);
        check(r#"{"a":1,}"#, None);
    }
}
