//! Tokens as they stand in answers: under the names of one system, perhaps in an envelope, with a scheme in front, too large
//! to keep. What is odd costs only itself.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::TokenKind;
use crate::{
    clock::{Timestamp, read::Ends},
    secret::SecretString,
};

/// Members around an answer: `{"code":0,"message":"ok","data":{…}}`.
const ENVELOPES: [&str; 5] = ["data", "result", "response", "payload", "body"];

/// An access or ID token that is larger goes into no header, and several of them fit into no record: 128 KiB.
const LARGEST: usize = 128 << 10;

/// A longer scope or account is not useful: 16 KiB.
const LONGEST: usize = 16 << 10;

/// The members of an answer, and what is odd about them.
#[derive(Debug)]
pub struct Answer<'a> {
    members: &'a Map<String, Value>,
    /// For the user: names and fixed words only.
    pub remarks: Vec<String>,
}

impl<'a> Answer<'a> {
    /// The members where one of these names has a text: at the top, else in an envelope, else at the top again.
    pub fn with(members: &'a Map<String, Value>, names: &[&str]) -> Self {
        let has = |members: &Map<String, Value>| names.iter().any(|name| text(members, name).is_some());
        let inside = |around: &'a Map<String, Value>| {
            let found = ENVELOPES.iter().filter_map(|name| around.get(*name)?.as_object());
            found.collect::<Vec<_>>()
        };
        let first = || inside(members).into_iter().find(|inner| has(inner));
        let second = || inside(members).into_iter().flat_map(inside).find(|inner| has(inner));
        let found = if has(members) { None } else { first().or_else(second) };
        let remark = found.map(|_| "the response wraps the tokens in an envelope".to_owned());
        Self { members: found.unwrap_or(members), remarks: remark.into_iter().collect() }
    }

    /// The members themselves.
    pub fn members(&self) -> &'a Map<String, Value> {
        self.members
    }

    /// A token; `None` where it is missing, empty, not a text, or too large.
    pub fn token(&mut self, kind: TokenKind, name: &str) -> Option<SecretString> {
        let (token, remark) = token(kind, text(self.members, name)?);
        self.remarks.extend(remark);
        token
    }

    /// When a token ends.
    pub fn end(&mut self, ends: Ends, received_at: Timestamp) -> Option<Timestamp> {
        let end = ends.of_answer(|name| written(self.members.get(name)), received_at);
        self.remarks.extend(end.remark.map(|remark| format!("in the response, {remark}")));
        end.at
    }

    /// A text that is not a secret: a scope, an account.
    pub fn short(&mut self, name: &str) -> Option<&'a str> {
        self.bounded(name, text(self.members, name)?.len()).then(|| text(self.members, name))?
    }

    /// Whether a member is of a length that is worth keeping.
    pub fn bounded(&mut self, name: &str, length: usize) -> bool {
        if length > LONGEST {
            self.remarks.push(format!("the server's {name} is too long and was not saved"));
        }
        length <= LONGEST
    }
}

/// A text or number as it was written; `None` where it is missing or something else.
pub fn written(value: Option<&Value>) -> Option<Cow<'_, str>> {
    match value? {
        Value::String(text) => Some(Cow::Borrowed(text.trim())).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Null => None,
        // Something that will not be a time.
        _ => Some(Cow::Borrowed("?")),
    }
}

/// A token without what does not belong to it, if it can be kept, and what was odd about it.
pub fn token(kind: TokenKind, text: &str) -> (Option<SecretString>, Option<String>) {
    let (bare, scheme) = without_scheme(text);
    let remark = match bare {
        _ if kind != TokenKind::Refresh && bare.len() > LARGEST => {
            let what = format!("the {kind} token is larger than {} KiB and was not saved", LARGEST / 1024);
            return (None, Some(what));
        }
        // Its bytes were not UTF-8: the token is another one.
        _ if bare.contains(char::REPLACEMENT_CHARACTER) => {
            return (None, Some(format!("the {kind} token arrived damaged and was not saved")));
        }
        "" => return (None, None),
        // A refresh token goes into a form, which can carry it.
        _ if kind != TokenKind::Refresh && bare.contains(char::is_control) => {
            Some(format!("the {kind} token contains a line break or control character, which no HTTP header can carry"))
        }
        _ => scheme.map(|_| format!("the {kind} token came with its scheme in front, which was removed")),
    };
    (Some(bare.into()), remark)
}

/// A token without the scheme that some servers and programs write in front of it, and that scheme.
pub fn without_scheme(text: &str) -> (&str, Option<&str>) {
    const SCHEMES: [&str; 4] = ["bearer", "jwt", "token", "dpop"];
    let text = text.trim();
    match text.split_once(char::is_whitespace) {
        Some((scheme, token)) if SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
            (token.trim(), Some(scheme))
        }
        _ => (text, None),
    }
}

/// A text of an answer; `None` where it is missing, empty or something else.
pub fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    members.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::ExposeSecret as _;

    fn found(json: Value, kind: TokenKind) -> (Option<String>, usize) {
        let Value::Object(members) = json else { panic!("an object") };
        let mut answer = Answer::with(&members, &["t"]);
        let token = answer.token(kind, "t").map(|token| token.expose_secret().to_owned());
        (token, answer.remarks.len())
    }

    #[test]
    fn tokens_are_found_and_freed_of_what_is_around_them() {
        let abc = Some("abc".to_owned());
        assert_eq!(found(json!({"t": "abc"}), TokenKind::Access), (abc.clone(), 0));
        assert_eq!(found(json!({"t": " Bearer  abc\n"}), TokenKind::Access), (abc.clone(), 1));
        assert_eq!(found(json!({"code": 0, "data": {"t": "abc"}}), TokenKind::Access), (abc.clone(), 1));
        assert_eq!(found(json!({"result": {"data": {"t": "jwt abc"}}}), TokenKind::Access), (abc, 2));
        for nothing in
            [json!({}), json!({"t": ""}), json!({"t": 7}), json!({"t": "Bearer "}), json!({"other": {"t": "x"}})]
        {
            let token = found(nothing.clone(), TokenKind::Access).0;
            assert!(token.is_none_or(|token| token == "Bearer"), "{nothing}");
        }
        assert_eq!(found(json!({"t": "a\u{fffd}c"}), TokenKind::Refresh), (None, 1));
    }

    #[test]
    fn what_is_too_large_costs_only_itself() {
        let large = "x".repeat(LARGEST + 1);
        assert_eq!(found(json!({"t": large}), TokenKind::Access), (None, 1));
        assert_eq!(found(json!({"t": large}), TokenKind::Refresh), (Some(large), 0));
    }

    #[test]
    fn texts_are_texts_that_say_something() {
        let Value::Object(members) = json!({"a": " x ", "b": "", "c": 1, "d": null}) else { panic!() };
        assert_eq!(text(&members, "a"), Some("x"));
        assert_eq!(["b", "c", "d", "e"].map(|name| text(&members, name)), [None; 4]);
    }
}
