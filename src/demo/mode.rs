//! What a server may do otherwise than one expects of a revocation, a refresh or a use: each mode a small change of what the
//! systems do, for all below `/liar/MODE/`.

use serde_json::Value;

/// A mode. Numbers are seconds, but for [`Mode::Limited`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    #[default]
    Honest,
    Noop,
    Delay(i64),
    Twice,
    HintBroken,
    AccessOnly,
    RefreshOnly,
    TooMuch,
    Cached(i64),
    BlindProbe,
    OpenProbe,
    InactiveRefresh,
    SameToken,
    Grace(i64),
    NoRotation,
    SharedGrant,
    Flap,
    Revoke503,
    Limited(i64),
    Skew(i64),
}

/// A mode's name, in which a capital stands for a number; itself; what it does.
type Row = (&'static str, fn(i64) -> Mode, &'static str);

const MODES: &[Row] = &[
    ("honest", |_| Mode::Honest, "as without the prefix, with tokens of its own"),
    ("noop", |_| Mode::Noop, "a revocation answers 200 and ends nothing"),
    ("delay-N", Mode::Delay, "a revocation takes effect that many seconds later"),
    ("twice", |_| Mode::Twice, "only the second revocation of a token ends it"),
    ("hint-broken", |_| Mode::HintBroken, "a revocation with a token_type_hint answers 200 and ends nothing"),
    ("access-only", |_| Mode::AccessOnly, "a revocation ends access tokens only"),
    ("refresh-only", |_| Mode::RefreshOnly, "a revocation ends refresh tokens only"),
    ("too-much", |_| Mode::TooMuch, "a revocation ends all tokens of the same user and client"),
    (
        "cached-N",
        Mode::Cached,
        "introspection shows the state of that many seconds ago; /api/checked/me accepts what was valid then",
    ),
    ("blind-probe", |_| Mode::BlindProbe, "every use of an access token is refused with 401"),
    ("open-probe", |_| Mode::OpenProbe, "every use of an access token is accepted, whatever the token is"),
    ("inactive-refresh", |_| Mode::InactiveRefresh, "introspection calls every refresh token inactive"),
    ("same-token", |_| Mode::SameToken, "a login or refresh returns the tokens that are still valid"),
    ("grace-N", Mode::Grace, "for that many seconds, a used refresh token returns the same tokens as the first time"),
    ("no-rotation", |_| Mode::NoRotation, "a refresh returns the refresh token that it was given"),
    ("shared-grant", |_| Mode::SharedGrant, "all logins of a user with a client are one grant, and end together"),
    (
        "flap",
        |_| Mode::Flap,
        "two nodes, of which one never learns of a revocation; each use of a token meets the other",
    ),
    ("revoke-503", |_| Mode::Revoke503, "a revocation answers 503 and ends nothing"),
    ("429-every-N", Mode::Limited, "every Nth request answers 429, with Retry-After: 1"),
    ("skew-S", Mode::Skew, "the clock of the server is that many seconds ahead; skew--60 is a minute behind"),
];

impl Mode {
    /// The mode that a path names, for what happens before the systems and in them: `delay-5`, or two modes as
    /// `open-probe+inactive-refresh`. What stands behind a dot tells servers of the same mode apart: `noop.7`.
    pub(super) fn parse(name: &str) -> Option<(Self, Self)> {
        let words = name.split_once('.').map_or(name, |(words, _)| words);
        let (outside, inside) = words.split_once('+').unwrap_or((words, words));
        Some((Self::one(outside)?, Self::one(inside)?))
    }

    fn one(word: &str) -> Option<Self> {
        MODES.iter().find_map(|(name, mode, _)| match name.strip_suffix(['N', 'S']) {
            Some(start) => word.strip_prefix(start)?.parse().ok().map(mode),
            None => (*name == word).then(|| mode(0)),
        })
    }
}

/// The modes: their base URLs, and what they do.
pub(super) fn description(url: &str) -> Value {
    MODES.iter().map(|(mode, _, does)| (format!("{url}/liar/{mode}"), Value::from(*does))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_a_mode_and_its_number() {
        for (name, mode) in [
            ("noop", Some(Mode::Noop)),
            ("noop.17", Some(Mode::Noop)),
            ("delay-5", Some(Mode::Delay(5))),
            ("429-every-3.b", Some(Mode::Limited(3))),
            ("skew--300", Some(Mode::Skew(-300))),
            ("delay", None),
            ("delay-", None),
            ("delay-x", None),
            ("noop-5", None),
            ("", None),
        ] {
            assert_eq!(Mode::parse(name), mode.map(|mode| (mode, mode)), "{name}");
        }
        assert_eq!(Mode::parse("open-probe+grace-5.2"), Some((Mode::OpenProbe, Mode::Grace(5))));
        assert_eq!(Mode::parse("open-probe+"), None);
    }
}
