//! What the registered claims and header parameters mean: one table, each row with its source. Which claims are dates or
//! lists is read from it too.

mod table;

use std::borrow::Cow;

use self::table::{CLAIMS, PARAMETERS};
use super::{
    date,
    json::{Json, Kind},
};
use crate::clock::{self, Timestamp};

/// A claim or header parameter that a specification defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The name of the object that it is a member of; empty for the claims set or the header itself.
    pub within: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it means, in a few words.
    pub meaning: &'static str,
    /// Where that is written: `RFC 7519 §4.1.4`.
    pub source: &'static str,
    /// How its value is read.
    pub value: ValueKind,
}

/// How the value of a claim is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// As it stands.
    Plain,
    /// A NumericDate (RFC 7519 §2).
    Date,
    /// Several: a string with blanks between them (RFC 6749 §3.3), or an array.
    List,
}

/// Which of the two objects of a token a member belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The JOSE header.
    Header,
    /// The claims set.
    Claims,
}

/// What a value is known as, by its index in [`Json::nodes`]. An element of an array is known as the array is. In a header,
/// a claim means what it means in the claims set (RFC 7519 §5.3).
pub fn of(json: &Json, index: usize, part: Part) -> Option<&'static Claim> {
    let named = if json.key(json.nodes().get(index)?).is_some() { index } else { json.parent(index)? };
    let node = &json.nodes()[named];
    let around = match node.depth {
        1 => "".into(),
        2 => json.key(&json.nodes()[json.parent(named)?])?,
        _ => return None,
    };
    look_up(&around, &json.key(node)?, part)
}

/// A row of the table.
pub fn look_up(within: &str, name: &str, part: Part) -> Option<&'static Claim> {
    let find = |table: &'static [Claim]| table.iter().find(|claim| claim.name == name && claim.within == within);
    match part {
        Part::Header => find(PARAMETERS).or_else(|| find(CLAIMS)),
        Part::Claims => find(CLAIMS),
    }
}

/// The time in a date claim, to the second; `None` where a defect says why.
pub fn date(json: &Json, index: usize, part: Part) -> Option<Timestamp> {
    let node = json.nodes().get(index)?;
    // A look at the kind spares most values a look at the table.
    if node.kind != Kind::Number || node.depth > 2 || of(json, index, part)?.value != ValueKind::Date {
        return None;
    }
    date::read(json, node).0.time.map(clock::to_the_second)
}

/// The items of a list claim, one of its values each: of a string its words, of an array of strings its elements. `None`
/// for anything else. Foreign text.
pub fn list(json: &Json, index: usize, part: Part) -> Option<Vec<Cow<'_, str>>> {
    let node = json.nodes().get(index)?;
    if !matches!(node.kind, Kind::String | Kind::Array) || of(json, index, part)?.value != ValueKind::List {
        return None;
    }
    match json.string(node) {
        Some(Cow::Borrowed(text)) => Some(text.split_ascii_whitespace().map(Cow::Borrowed).collect()),
        Some(Cow::Owned(text)) => Some(text.split_ascii_whitespace().map(|word| word.to_owned().into()).collect()),
        None => json.children(index).map(|(_, item)| json.string(item)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_table_is_sound() {
        for table in [CLAIMS, PARAMETERS] {
            let mut seen = HashSet::new();
            for claim in table {
                let Claim { within, name, meaning, source, .. } = claim;
                assert!(seen.insert((within, name)), "{within}/{name} is there twice");
                // `name: meaning · source` fits below the inspector of a small screen.
                let columns = [*name, *meaning, *source].map(|text| text.chars().count()).iter().sum::<usize>() + 5;
                assert!(columns <= 72, "{name} takes {columns} columns");
                assert!(!source.is_empty() && !meaning.ends_with('.'), "{name}");
                let around = within.is_empty() || table.iter().any(|row| row.name == *within && row.within.is_empty());
                assert!(around, "{within} of {name} is not in the table");
            }
        }
    }

    #[test]
    fn looks_up() {
        let json = Json::parse(
            r#"{"cnf":{"jkt":"x","exp":1},"exp":1.5,"scope":"a  b","aud":["x"],"deep":[[1]],"realm_access":{"roles":["a"]},"iat":"1"}"#,
        );
        let at = |pointer: &str| (0..json.nodes().len()).find(|&index| json.pointer(index) == pointer).unwrap();
        let source = |pointer: &str| of(&json, at(pointer), Part::Claims).map(|claim| claim.source);
        assert_eq!(source("/exp"), Some("RFC 7519 §4.1.4"));
        assert_eq!(source("/cnf/jkt"), Some("RFC 9449 §6.1"));
        assert_eq!(source("/cnf/exp"), None);
        assert_eq!(source("/aud/0"), Some("RFC 7519 §4.1.3"));
        assert_eq!(source("/realm_access/roles/0"), Some("Keycloak"));
        assert_eq!(source("/deep/0/0"), None);
        assert_eq!(date(&json, at("/exp"), Part::Claims), clock::parse("1"));
        assert_eq!(date(&json, at("/cnf/exp"), Part::Claims), None);
        assert_eq!(date(&json, at("/iat"), Part::Claims), None);
        assert_eq!(list(&json, at("/scope"), Part::Claims).unwrap(), ["a", "b"]);
        assert_eq!(list(&json, at("/aud"), Part::Claims).unwrap(), ["x"]);
        assert_eq!(list(&json, at("/deep"), Part::Claims), None);
    }

    /// In a header a name means what the header's table says, and else what it means as a claim.
    #[test]
    fn header_and_claims_are_apart() {
        assert_ne!(look_up("", "nonce", Part::Header), look_up("", "nonce", Part::Claims));
        assert_eq!(look_up("", "iss", Part::Header), look_up("", "iss", Part::Claims));
        assert_eq!(look_up("", "kid", Part::Claims), None);
    }
}
