//! What is different between two tokens: what they permit first, then the other claims, the header, the signature.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{
    Token,
    claim::{self, Part},
    json::{Json, Kind},
    lifetime::NumericDate,
};
use crate::{clock::Timestamp, secret::ExposeSecret as _};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where: a claim as `/exp`, a header parameter as `header/kid`; `form`, `signature`, `token`. Foreign text.
    pub place: String,
    /// The value in the first token, as JSON on one line that is safe to print; `None` where it was added.
    pub before: Option<String>,
    /// The value in the second token; `None` where it was removed.
    pub after: Option<String>,
    /// Of two dates, by how much the second one is later.
    pub shift: Option<TimeDelta>,
    /// The times that they name, of a member that is a date.
    pub dates: [Option<Timestamp>; 2],
    /// Of scopes and roles, those that only the second token has. Foreign text.
    pub gained: Vec<String>,
    /// Of scopes and roles, those that only the first token has. Foreign text.
    pub lost: Vec<String>,
}

/// The claims that say what a token permits (RFC 8693 §4.2, RFC 9068 §2.2.3, and what is found).
const PERMISSIONS: [&str; 12] = [
    "scope",
    "scopes",
    "scp",
    "role",
    "roles",
    "groups",
    "permissions",
    "entitlements",
    "authorities",
    "filters",
    "administrator",
    "superuser",
];

/// The differences between two tokens, what they permit first. Empty only when the tokens are the same, byte by byte.
/// Of duplicate members the last one counts (RFC 7519 §4); blanks and the order of members do not.
pub fn diff(first: &Token, second: &Token) -> Vec<Change> {
    if first.raw.expose_secret() == second.raw.expose_secret() {
        return Vec::new();
    }
    let mut changes = all_members(first, second, false);
    if first.form.as_str() != second.form.as_str() {
        changes.insert(0, change("form".to_owned(), Some(quoted(first)), Some(quoted(second))));
    }
    if changes.is_empty() {
        // The bytes differ and their meaning does not, or it cannot be read.
        let place = if first.claims().is_some() { "signature" } else { "token" };
        let name = |token: &Token| Some(format!("\"fingerprint {}\"", token.fingerprint()));
        changes.push(change(place.to_owned(), name(first), name(second)));
    }
    changes
}

/// What two tokens have in common, in the same order: members of the same value.
pub fn common(first: &Token, second: &Token) -> Vec<Change> {
    all_members(first, second, true)
}

/// The claims, what they permit first, and the header.
fn all_members(first: &Token, second: &Token, equal: bool) -> Vec<Change> {
    let mut claims = members(first.claims(), second.claims(), Part::Claims, equal);
    let dates = |token: &Token, at: usize| {
        let dates = token.dates()?;
        [&dates.nbf, &dates.iat, &dates.exp][at].as_ref().and_then(|date: &NumericDate| date.time)
    };
    for change in &mut claims {
        if let Some(at) = ["/nbf", "/iat", "/exp"].iter().position(|place| change.place == *place) {
            change.dates = [dates(first, at), dates(second, at)];
        }
    }
    // Stable: the rest stays in the order of the tokens.
    claims.sort_by_key(|change| PERMISSIONS.iter().position(|name| change.place[1..] == **name).unwrap_or(usize::MAX));
    claims.extend(members(first.header(), second.header(), Part::Header, equal));
    for Change { dates: [first, second], shift, .. } in &mut claims {
        *shift = first.zip(*second).map(|(first, second)| second - first);
    }
    claims
}

fn quoted(token: &Token) -> String {
    format!("\"{}\"", token.form.as_str())
}

fn change(place: String, before: Option<String>, after: Option<String>) -> Change {
    Change { place, before, after, shift: None, dates: [None; 2], gained: Vec::new(), lost: Vec::new() }
}

/// The members of two objects that differ: those of the first in its order, then those that were added. Or else those that
/// are the same.
fn members(first: Option<&Json>, second: Option<&Json>, part: Part, equal: bool) -> Vec<Change> {
    let (first, second) = (named(first), named(second));
    let find = |list: &[Member<'_>], name: &str| list.binary_search_by(|member| member.name.as_str().cmp(name)).ok();
    let mut changes = Vec::new();
    for member in &first {
        let other = find(&second, &member.name).map(|at| &second[at]);
        if other.is_some_and(|other| other.value() == member.value()) == equal {
            changes.push((0, member.at, compared(part, Some(member), other)));
        }
    }
    for member in second.iter().filter(|member| !equal && find(&first, &member.name).is_none()) {
        changes.push((1, member.at, compared(part, None, Some(member))));
    }
    changes.sort_by_key(|(side, at, _)| (*side, *at));
    changes.into_iter().map(|(.., change)| change).collect()
}

fn compared(part: Part, first: Option<&Member<'_>>, second: Option<&Member<'_>>) -> Change {
    let name = first.or(second).map_or("", |member| &member.name);
    let place = if part == Part::Header { "header" } else { "" };
    let pointer = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
    let words = |member: Option<&Member<'_>>| member.map(Member::words).unwrap_or_default();
    let mut change = change(pointer, first.map(Member::value), second.map(Member::value));
    change.dates = [first, second].map(|member| member.and_then(|member| claim::date(member.json, member.at, part)));
    if place.is_empty() && PERMISSIONS.contains(&name) {
        let (before, after) = (words(first), words(second));
        change.gained = after.difference(&before).cloned().collect();
        change.lost = before.difference(&after).cloned().collect();
    }
    change
}

struct Member<'a> {
    name: String,
    json: &'a Json,
    at: usize,
}

/// The members of an object by name, of duplicates the last one.
fn named(json: Option<&Json>) -> Vec<Member<'_>> {
    let Some(json) = json.filter(|json| json.root().is_some_and(|root| root.kind == Kind::Object)) else {
        return Vec::new();
    };
    let members =
        json.children(0).filter_map(|(at, node)| Some(Member { name: json.key(node)?.into_owned(), json, at }));
    let mut members: Vec<_> = members.collect();
    members.sort_by(|a, b| a.name.cmp(&b.name).then(b.at.cmp(&a.at)));
    members.dedup_by(|later, kept| later.name == kept.name);
    members
}

impl Member<'_> {
    fn value(&self) -> String {
        self.json.compact(self.at)
    }

    /// The scopes or roles: words of a string, or strings of an array.
    fn words(&self) -> BTreeSet<String> {
        match self.json.string(&self.json.nodes()[self.at]) {
            Some(text) => text.split_whitespace().map(str::to_owned).collect(),
            None => {
                let strings = self.json.children(self.at).filter_map(|(_, node)| self.json.string(node));
                strings.map(Into::into).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

    use super::*;

    fn token(header: &str, claims: &str, signature: &str) -> Token {
        Token::inspect(&format!("{}.{}.{signature}", BASE64.encode(header), BASE64.encode(claims)))
    }

    fn words(change: &Change) -> String {
        let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
        let shift = change.shift.map(|shift| format!(" {}s", shift.num_seconds())).unwrap_or_default();
        let sets = format!(" +{:?} -{:?}", change.gained, change.lost).replace(" +[] -[]", "");
        format!("{} {} > {}{shift}{sets}", change.place, side(&change.before), side(&change.after))
    }

    #[test]
    fn differences_in_order() {
        let header = r#"{"alg":"HS256","kid":"a"}"#;
        let first =
            token(header, r#"{"sub":"ann","iat":100,"exp":200,"gone":[1, 2],"same":1e2,"scope":"read write"}"#, "AAAA");
        let second = token(
            r#"{"alg":"HS256","kid":"b"}"#,
            r#"{"exp":500,"sub":"ann","iat":100.5,"same":1e2,"scope":"read admin","new/~":null,"roles":["x"]}"#,
            "BBBB",
        );
        assert_eq!(
            diff(&first, &second).iter().map(words).collect::<Vec<_>>(),
            [
                r#"/scope "read write" > "read admin" +["admin"] -["write"]"#,
                r#"/roles - > ["x"] +["x"] -[]"#,
                "/iat 100 > 100.5 0s",
                "/exp 200 > 500 300s",
                "/gone [1,2] > -",
                "/new~1~0 - > null",
                r#"header/kid "a" > "b""#,
            ]
        );
        assert!(diff(&first, &first).is_empty());
        let same: Vec<_> = common(&first, &second).into_iter().map(|change| (change.place, change.before)).collect();
        let same: Vec<_> = same.iter().map(|(place, value)| (place.as_str(), value.as_deref().unwrap())).collect();
        assert_eq!(same, [("/sub", "\"ann\""), ("/same", "1e2"), ("header/alg", "\"HS256\"")]);
    }

    #[test]
    fn the_same_meaning_in_other_bytes() {
        let first = token("{\"alg\":\"HS256\"}", r#"{"a":1,"a":2,"b":3}"#, "AAAA");
        let places = |second: Token| diff(&first, &second).into_iter().map(|change| change.place).collect::<Vec<_>>();
        assert_eq!(places(token("{\"alg\":\"HS256\"}", r#"{"b":3, "a":2}"#, "BBBB")), ["signature"]);
        assert_eq!(places(Token::inspect("opaque-opaque-opaque")), ["form", "/a", "/b", "header/alg"]);
        let opaque = [1, 2].map(|n| Token::inspect(&format!("opaque-opaque-opaque-{n}")));
        assert_eq!(diff(&opaque[0], &opaque[1])[0].place, "token");
    }
}
