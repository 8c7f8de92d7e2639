//! What an object says about the token in it, in members beside the token: what it is for, and when it ends. Caches of
//! credentials do: those of MSAL, AWS, Google, Kubernetes.

use std::{borrow::Cow, ops::Not as _};

use super::{
    super::json::{Json, Kind, Node},
    Purpose,
    name::Name,
};
use crate::clock::{
    Timestamp, Zone,
    read::{self, Ends},
};

/// What is said beside a token.
#[derive(Debug, Clone, Default)]
pub(super) struct Beside {
    /// What the token is for.
    kind: Option<Purpose>,
    /// When the access token ends, or the only one.
    ends: Option<Timestamp>,
    /// When the refresh token ends.
    refresh_ends: Option<Timestamp>,
    /// When the client's registration ends.
    client_ends: Option<Timestamp>,
}

/// Names of the end of a client's registration, in small letters without `_`: AWS, RFC 7591 §3.2.1.
const CLIENT_ENDS: [&str; 2] = ["registrationexpiresat", "clientsecretexpiresat"];
/// Names of what says what the token is for: MSAL, Cognito, and RFC 7009 §2.1.
const KINDS: [&str; 3] = ["credentialtype", "tokenuse", "tokentypehint"];
/// Names of a token that say nothing of it.
const UNTOLD: [&str; 4] = ["secret", "token", "credential", "value"];

/// Whether a value as it was written can be a token, so that it is worth a look at what is beside it.
pub(super) fn is_worth_it(raw: &str) -> bool {
    raw.len() >= 10 && !raw.contains(' ')
}

impl Beside {
    /// Reads the members of an object.
    pub(super) fn of(json: &Json, object: usize) -> Self {
        let members: Vec<_> = json.children(object).filter_map(|(_, node)| said(json, node)).collect();
        let text = |names: &[&str]| {
            let found = members.iter().find(|(name, _)| names.contains(&name.as_str()));
            found.map(|(_, text)| text.clone())
        };
        // It is not known when a span began: only a point in time counts.
        let point = |name: &str| text(&[&letters(name)]).filter(|text| text.parse().is_ok_and(|n: f64| n < 1e9).not());
        let end = |ends: Ends| ends.of_document(point, Timestamp::UNIX_EPOCH).at;
        Self {
            kind: text(&KINDS).and_then(|kind| purpose(&kind)),
            ends: end(read::ACCESS),
            refresh_ends: end(read::REFRESH),
            client_ends: CLIENT_ENDS.iter().find_map(|name| read::point(&point(name)?, Zone::System)),
        }
    }

    /// Adds it to the name of a member.
    pub(super) fn say(&self, name: &mut Name<'_>) {
        let letters = letters(&name.text);
        if UNTOLD.contains(&letters.as_str()) {
            name.kind = self.kind;
        }
        name.ends = match name.purpose() {
            Some(Purpose::Refresh) => self.refresh_ends,
            Some(Purpose::Id) => None,
            _ if letters.contains("client") => self.client_ends,
            Some(Purpose::Access) => self.ends,
            // Of an object about something else, the end is not that of a token in one of its texts.
            None => self.ends.filter(|_| name.means_token()),
        };
    }
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// `AccessToken`, `access`, `AccessToken_With_AuthScheme`.
fn purpose(kind: &str) -> Option<Purpose> {
    let kind = letters(kind);
    let starts = |word: &str| kind.starts_with(word);
    match () {
        () if starts("access") => Some(Purpose::Access),
        () if starts("refresh") => Some(Purpose::Refresh),
        () if starts("id") => Some(Purpose::Id),
        () => None,
    }
}

/// A member that is a short text or a number: its name in small letters, and what it says.
fn said<'a>(json: &'a Json, node: &'a Node) -> Option<(String, Cow<'a, str>)> {
    let value = match node.kind {
        Kind::String => json.string(node)?,
        Kind::Number => json.raw(node).into(),
        _ => return None,
    };
    (value.len() <= 64).then_some((letters(&json.key(node)?), value))
}
