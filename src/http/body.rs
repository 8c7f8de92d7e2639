//! The one reader of answers, of servers and of programs: JSON as it comes, not as it should.
//!
//! What an answer holds may exist nowhere else: a refresh token that was rotated is lost with the reply. So what stands
//! beside the members that are needed costs none of them, and what was put up with is told. Where an answer decides what is
//! trusted (metadata, keys, introspection), only [`Reading::whole`] counts.

use std::{borrow::Cow, fmt};

use serde_json::{Map, Value};
use url::form_urlencoded;

/// What was put up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Oddity {
    /// A byte order mark stands before it.
    ByteOrderMark,
    /// The connection ended too early, behind the end of the object.
    CutBehind,
    /// Text stands before the object.
    Before,
    /// Something stands behind the object.
    Behind,
    /// Bytes that are not UTF-8.
    NotUtf8,
    /// A member that cannot be read.
    BadMember,
    /// It ends in the middle.
    Unfinished,
    /// Form-encoded, not JSON.
    Form,
    /// The status says that something failed.
    Failed,
}

impl fmt::Display for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByteOrderMark => "it begins with a byte order mark",
            Self::CutBehind => "the connection ended too early",
            Self::Before => "there is other text before the JSON",
            Self::Behind => "there is other text after the JSON",
            Self::NotUtf8 => "it is not valid UTF-8",
            Self::BadMember => "a member in it cannot be read",
            Self::Unfinished => "it ends in the middle",
            Self::Form => "it is form-encoded, not JSON",
            Self::Failed => "its status says that the request failed",
        })
    }
}

/// What was read.
#[derive(Clone, Default)]
pub struct Reading {
    /// The value; of an object with its readable members.
    pub value: Option<Value>,
    /// What was odd about it.
    pub oddities: Vec<Oddity>,
}

/// Values may be secrets.
impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading").field("oddities", &self.oddities).finish_non_exhaustive()
    }
}

/// An object in an object in an object is searched no further for what broke it.
const DEEPEST: u8 = 4;

impl Reading {
    /// Reads a text as far as it can be read.
    pub fn of(bytes: &[u8]) -> Self {
        let mut oddities = Vec::new();
        let mut bytes = bytes.trim_ascii();
        if let Some(rest) = bytes.strip_prefix("\u{feff}".as_bytes()) {
            oddities.push(Oddity::ByteOrderMark);
            bytes = rest.trim_ascii();
        }
        if let Ok(value) = serde_json::from_slice(bytes) {
            return Self { value: Some(value), oddities };
        }
        let text = String::from_utf8_lossy(bytes);
        if matches!(text, Cow::Owned(_)) {
            oddities.push(Oddity::NotUtf8);
        }
        let value = match text.starts_with('{') {
            true => Scanner { text: &text, at: 0, oddities: &mut oddities }.document().map(Value::Object),
            false => form(&text).inspect(|_| oddities.push(Oddity::Form)).map(Value::Object),
        };
        oddities.sort_unstable();
        oddities.dedup();
        Self { value, oddities }
    }

    /// Like [`Self::of`] for what a program prints: lines of another kind may stand before the object.
    pub fn of_output(bytes: &[u8]) -> Self {
        let reading = Self::of(bytes);
        let start = bytes.windows(2).position(|pair| pair == b"\n{");
        match (&reading.value, start) {
            (None, Some(at)) => {
                let mut reading = Self::of(&bytes[at + 1..]);
                reading.oddities.push(Oddity::Before);
                reading
            }
            _ => reading,
        }
    }

    /// The members, where it is an object.
    pub fn members(&self) -> Option<&Map<String, Value>> {
        self.value.as_ref()?.as_object()
    }

    /// The value, where nothing in it was skipped and nothing stands around it that could mean something else.
    pub fn whole(self) -> Option<Value> {
        let harmless = |oddity: &Oddity| matches!(oddity, Oddity::ByteOrderMark | Oddity::CutBehind);
        self.value.filter(|_| self.oddities.iter().all(harmless))
    }

    /// Whether it is an object that has come to its end.
    pub(super) fn is_complete(&self) -> bool {
        self.members().is_some() && !self.oddities.contains(&Oddity::Unfinished)
    }

    /// What was put up with, for the user.
    pub fn remark(&self, whose: &str) -> Option<String> {
        let oddities: Vec<_> = self.oddities.iter().map(ToString::to_string).collect();
        (!oddities.is_empty()).then(|| format!("the response of {whose} was read although {}", oddities.join(", and ")))
    }
}

/// Form-encoded pairs, as GitHub answers who does not ask for JSON; nothing else has these names before a `=`.
fn form(text: &str) -> Option<Map<String, Value>> {
    const NAMES: [&str; 5] = ["access_token", "refresh_token", "id_token", "device_code", "error"];
    if text.contains(|c: char| c.is_whitespace() || c == '<') {
        return None;
    }
    let pairs: Map<_, _> =
        form_urlencoded::parse(text.as_bytes()).map(|(name, value)| (name.into_owned(), value.into())).collect();
    let says = |name: &&str| pairs.get(*name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    NAMES.iter().any(says).then_some(pairs)
}

/// Reads an object member by member: one that is broken, or deeper than can be read, is skipped.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
    oddities: &'a mut Vec<Oddity>,
}

impl<'a> Scanner<'a> {
    fn document(mut self) -> Option<Map<String, Value>> {
        let members = self.object(0);
        if !self.rest().trim_start().is_empty() {
            self.oddities.push(Oddity::Behind);
        }
        members
    }

    /// An object from its opening brace to the closing one, or to the end of the text.
    fn object(&mut self, depth: u8) -> Option<Map<String, Value>> {
        let (mut members, mut is_first, mut behind_comma) = (Map::new(), true, true);
        self.at += 1;
        loop {
            self.blanks();
            let next = self.peek();
            if matches!(next, Some(b',' | b'}')) && behind_comma && !(is_first && next == Some(b'}')) {
                // A comma with nothing before or behind it.
                self.oddities.push(Oddity::BadMember);
            }
            behind_comma = next == Some(b',');
            is_first = false;
            match next {
                Some(b'}') => {
                    self.at += 1;
                    return Some(members);
                }
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let name = self.skipped();
                    let name = serde_json::from_str::<String>(name);
                    self.blanks();
                    if self.peek() == Some(b':') {
                        self.at += 1;
                        self.blanks();
                    }
                    let value = self.value(depth);
                    match (name, value) {
                        (Ok(name), Some(value)) => _ = members.insert(name, value),
                        _ => self.oddities.push(Oddity::BadMember),
                    }
                }
                Some(_) => {
                    self.oddities.push(Oddity::BadMember);
                    if self.skipped().is_empty() {
                        self.at += 1;
                    }
                }
                None => {
                    self.oddities.push(Oddity::Unfinished);
                    return Some(members);
                }
            }
        }
    }

    /// A value; `None` where it cannot be read, or where the text ends before it is certain that it has ended.
    fn value(&mut self, depth: u8) -> Option<Value> {
        let start = self.at;
        let slice = self.skipped();
        let closed = slice.ends_with(['"', '}', ']']) || self.at < self.text.len();
        if let Ok(value) = serde_json::from_str(slice) {
            return Some(value).filter(|_| closed);
        }
        if !slice.starts_with('{') || depth >= DEEPEST {
            return None;
        }
        self.at = start;
        self.object(depth + 1).map(Value::Object)
    }

    /// Goes behind a value of any kind, which ends where a comma or bracket of what is around it stands.
    fn skipped(&mut self) -> &'a str {
        let start = self.at;
        let mut open = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                    if open == 0 {
                        break;
                    }
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' | b',' if open == 0 => break,
                b'}' | b']' => {
                    open -= 1;
                    if open == 0 {
                        self.at += 1;
                        break;
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        let text = self.text;
        text[start..self.at].trim_end()
    }

    /// Goes behind a string.
    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                break;
            }
        }
        // An escape at the very end.
        self.at = self.text.ceil_char_boundary(self.at.min(self.text.len()));
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read(text: impl AsRef<[u8]>) -> (Option<Value>, Vec<Oddity>) {
        let reading = Reading::of(text.as_ref());
        (reading.value, reading.oddities)
    }

    #[test]
    fn what_is_beside_the_members_costs_none_of_them() {
        let tokens = || Some(json!({"a": "x", "r": "y"}));
        let deep = format!(r#"{{"a":"x","deep":{}{},"r":"y"}}"#, "[".repeat(500), "]".repeat(500));
        for (text, oddities) in [
            (r#"{"a":"x","r":"y"}"#, &[][..]),
            (" \r\n{\"a\":\"x\",\"r\":\"y\"}\n", &[]),
            ("\u{feff} {\"a\":\"x\",\"r\":\"y\"}", &[Oddity::ByteOrderMark]),
            (r#"{"a":"x","r":"y"}<!-- 3 ms -->"#, &[Oddity::Behind]),
            (r#"{"a":"x","r":"y"}{"a":"z"}"#, &[Oddity::Behind]),
            (r#"{"a":"x","n":NaN,"r":"y"}"#, &[Oddity::BadMember]),
            (r#"{"a":"x","n":[NaN,{"a":"no"}],"r":"y"}"#, &[Oddity::BadMember]),
            (r#"{"a":"x","n":'b',"r":"y",}"#, &[Oddity::BadMember]),
            (r#"{"a":"x",n:1,"r":"y"}"#, &[Oddity::BadMember]),
            (r#"{"a":"x","n":"bad \x escape","r":"y"}"#, &[Oddity::BadMember]),
            (r#"{"a":"x","r":"y","n":36"#, &[Oddity::BadMember, Oddity::Unfinished]),
            (r#"{"a":"x","r":"y","#, &[Oddity::Unfinished]),
            (r#"{"a":"x","r":"y","n":"ab"#, &[Oddity::BadMember, Oddity::Unfinished]),
            (&deep, &[Oddity::BadMember]),
        ] {
            assert_eq!(read(text), (tokens(), oddities.to_vec()), "{text}");
        }
        let (value, oddities) = read(b"{\"a\":\"x\",\"n\":\"\xff\",\"r\":\"y\"}");
        assert_eq!((value, oddities), (Some(json!({"a": "x", "n": "\u{fffd}", "r": "y"})), vec![Oddity::NotUtf8]));
        let nested = r#"{"data":{"a":"x","n":NaN,"r":"y"}}"#;
        assert_eq!(read(nested), (Some(json!({"data": {"a": "x", "r": "y"}})), vec![Oddity::BadMember]));
        let form = Some(json!({"access_token": "x y", "token_type": "bearer"}));
        assert_eq!(read("access_token=x+y&token_type=bearer"), (form, vec![Oddity::Form]));
    }

    #[test]
    fn what_holds_nothing_is_nothing() {
        for text in ["", "<html>", "hello", "a=b", "access_token", "<a href=?access_token=x>", "[1,", "\u{feff}"] {
            assert_eq!(read(text).0, None, "{text}");
        }
    }

    #[test]
    fn a_value_that_may_go_on_is_not_taken() {
        assert_eq!(read(r#"{"a":"x","r":"y"#).0, Some(json!({"a": "x"})));
        assert_eq!(read(r#"{"a":1"#).0, Some(json!({})));
        assert_eq!(read(r#"{"a":1 "#).0, Some(json!({})));
        assert_eq!(read(r#"{"a":"x\"#).0, Some(json!({})));
    }

    #[test]
    fn what_decides_on_trust_is_whole() {
        for text in [r#"{"a":1}x"#, r#"{"a":1,"b":NaN}"#, r#"{"a":1,"#, "error=x", "{\"a\":\"\u{fffd}"] {
            assert_eq!(Reading::of(text.as_bytes()).whole(), None, "{text}");
        }
        assert_eq!(Reading::of("\u{feff}{\"a\":1}".as_bytes()).whole(), Some(json!({"a": 1})));
    }

    #[test]
    fn a_program_may_say_something_before() {
        let output = "WARNING: token cache is old\n{\"access_token\":\n\"x\"}\n";
        let reading = Reading::of_output(output.as_bytes());
        assert_eq!((reading.value, reading.oddities), (Some(json!({"access_token": "x"})), vec![Oddity::Before]));
        assert_eq!(Reading::of_output(b"eyJ").value, None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_in_time(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Reading::of(&bytes);
        }

        #[test]
        fn any_text_like_json_is_read(text in "[{}\\[\\]\",:\\\\a1 é]{0,60}") {
            let _ = (Reading::of(text.as_bytes()), Reading::of_output(text.as_bytes()));
            let _ = Reading::of(format!("{{{text}").as_bytes());
        }

        /// No token is made out of what the server did not send as one.
        #[test]
        fn a_cut_answer_gives_no_part_of_a_token(cut in 0_usize..60) {
            let text = r#"{"access_token":"aaaaaaaaaa","refresh_token":"bbbbbbbbbb"}"#;
            let reading = Reading::of(&text.as_bytes()[..cut.min(text.len())]);
            for value in reading.members().into_iter().flat_map(Map::values) {
                prop_assert!(matches!(value.as_str(), Some("aaaaaaaaaa" | "bbbbbbbbbb")), "{value}");
            }
        }
    }
}
