//! What is known of a kept token that should be dead: the evidence of its record as one verdict, and why.
//!
//! A refusal counts where a revocation had asked for it and nothing was accepted since; a signed token that is not a refresh
//! token is accepted by services without asking anyone until its end; the rest is not known.

use super::Verdict;
use crate::{
    auth::TokenKind,
    clock::Timestamp,
    store::vault::{Evidence, Observation, OldToken},
    text,
};

/// A verdict on a kept token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<'a> {
    /// The verdict.
    pub verdict: Verdict,
    /// What it follows from.
    pub why: Why<'a>,
}

/// What a verdict follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why<'a> {
    /// Its time is over.
    Expired(Timestamp),
    /// A server refused it.
    Refused(&'a Observation),
    /// A server accepted it.
    Accepted(&'a Observation),
    /// What stands in it, and nothing else.
    Format,
    /// A revocation was tried, and nothing tells what came of that.
    Revocation(&'a Observation),
    /// Nothing was tried.
    Untried,
}

impl<'a> Known<'a> {
    /// What is known of a token now.
    pub fn of(token: &OldToken, known: Option<&'a Evidence>, now: Timestamp) -> Self {
        let known = |of: fn(&'a Evidence) -> Option<&'a Observation>| known.and_then(of);
        let (refused, accepted) = (known(|known| known.refused.as_ref()), known(|known| known.accepted.as_ref()));
        let alive = |why| Self { verdict: token.expires_at.map_or(Verdict::Alive, Verdict::AliveUntil), why };
        let (dead, unknown) =
            (|why| Self { verdict: Verdict::Dead, why }, |why| Self { verdict: Verdict::Unknown, why });
        if let (Some(end), true) = (token.expires_at, token.is_over(now)) {
            return dead(Why::Expired(end));
        }
        if let Some(proof) = known(Evidence::proof) {
            return dead(Why::Refused(proof));
        }
        if let Some(accepted) = accepted.filter(|accepted| refused.is_none_or(|refused| refused.at <= accepted.at)) {
            return alive(Why::Accepted(accepted));
        }
        let is_format = token.kind == TokenKind::Id || (token.kind != TokenKind::Refresh && token.is_signed());
        match (refused, known(|known| known.revocation.as_ref())) {
            _ if is_format && token.expires_at.is_some() => alive(Why::Format),
            (Some(refused), _) => unknown(Why::Refused(refused)),
            (None, Some(tried)) => unknown(Why::Revocation(tried)),
            (None, None) => unknown(Why::Untried),
        }
    }

    /// Until when it is accepted, where that is known.
    pub fn until(&self) -> Option<Timestamp> {
        if let Verdict::AliveUntil(end) = self.verdict { Some(end) } else { None }
    }

    /// `dead`, `alive until 14:46:20`.
    pub fn verdict(&self, time: impl Fn(Timestamp) -> String) -> String {
        match self.verdict {
            Verdict::Dead => "dead".to_owned(),
            Verdict::AliveUntil(end) => format!("alive until {}", time(end)),
            Verdict::Alive => "alive, no expiry given".to_owned(),
            Verdict::Unknown => "unknown".to_owned(),
        }
    }

    /// `refused with 401 at 14:05:31`. Safe to print.
    pub fn why(&self, time: impl Fn(Timestamp) -> String) -> String {
        let seen = |what: &str, seen: &Observation| {
            let status = seen.status.map(|status| format!(" with {status}")).unwrap_or_default();
            let words = text::visible(&seen.words);
            let words = if words.is_empty() { String::new() } else { format!(" ({words})") };
            format!("{what}{status} at {}{words}", time(seen.at))
        };
        match &self.why {
            Why::Expired(end) => format!("expired at {}", time(*end)),
            Why::Refused(refused) if self.verdict == Verdict::Dead => seen("refused", refused),
            Why::Refused(refused) => format!("{}, but no revocation had asked for that", seen("refused", refused)),
            Why::Accepted(accepted) => seen("accepted", accepted),
            Why::Format => "valid until it expires; no refusal seen".to_owned(),
            Why::Revocation(tried) if tried.status.is_some() => {
                format!("revocation asked at {}, not tried since", time(tried.at))
            }
            Why::Revocation(tried) if tried.words.is_empty() => format!("not revoked at {}", time(tried.at)),
            Why::Revocation(tried) => format!("not revoked at {}: {}", time(tried.at), text::visible(&tried.words)),
            Why::Untried => "not tried".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::Scheme,
        clock,
        secret::{Fingerprint, SecretString},
    };

    fn at(minute: i64) -> Timestamp {
        clock::parse("2026-11-26T07:00:00Z").unwrap() + chrono::TimeDelta::minutes(minute)
    }

    /// `{"alg":"none"}.{}.`
    const JWT: &str = "eyJhbGciOiJub25lIn0.e30.";

    fn token(kind: TokenKind, raw: &str, end: Option<i64>) -> OldToken {
        let (fingerprint, raw) = (Fingerprint::of(raw), Some(SecretString::from(raw)));
        OldToken { kind, fingerprint, raw, scheme: Scheme::BEARER, expires_at: end.map(at) }
    }

    fn seen(minute: i64, status: Option<u16>) -> Option<Observation> {
        Some(Observation { at: at(minute), status, words: String::new() })
    }

    #[test]
    fn a_verdict_follows_from_what_was_seen_and_claims_no_more() {
        let none = Evidence::default;
        let asked = || Evidence { revocation: seen(1, Some(200)), ..none() };
        let (access, refresh, id) = (TokenKind::Access, TokenKind::Refresh, TokenKind::Id);
        let cases = [
            ("by time", token(refresh, "x", Some(-2)), none(), "dead: expired at 06:58"),
            ("clocks differ", token(refresh, "x", Some(0)), none(), "unknown: not tried"),
            (
                "proof",
                token(refresh, "x", Some(60)),
                Evidence { refused: seen(2, Some(401)), ..asked() },
                "dead: refused with 401 at 07:02",
            ),
            (
                "refused, unasked",
                token(access, "x", None),
                Evidence { refused: seen(2, Some(401)), ..none() },
                "unknown: refused with 401 at 07:02, but no revocation had asked for that",
            ),
            (
                "refused before that",
                token(access, "x", None),
                Evidence { refused: seen(0, Some(401)), ..asked() },
                "unknown: refused with 401 at 07:00, but no revocation had asked for that",
            ),
            (
                "accepted again",
                token(access, "x", Some(60)),
                Evidence { refused: seen(2, Some(401)), accepted: seen(3, Some(200)), ..asked() },
                "alive until 08:00: accepted with 200 at 07:03",
            ),
            (
                "without an end",
                token(access, "x", None),
                Evidence { accepted: seen(3, Some(200)), ..asked() },
                "alive, no expiry given: accepted with 200 at 07:03",
            ),
            (
                "a JWT",
                token(access, JWT, Some(60)),
                asked(),
                "alive until 08:00: valid until it expires; no refusal seen",
            ),
            (
                "an ID token",
                token(id, "x", Some(60)),
                none(),
                "alive until 08:00: valid until it expires; no refusal seen",
            ),
            (
                "a JWT for its issuer alone",
                token(refresh, JWT, Some(60)),
                asked(),
                "unknown: revocation asked at 07:01, not tried since",
            ),
            ("opaque", token(access, "x", Some(60)), asked(), "unknown: revocation asked at 07:01, not tried since"),
            (
                "no call",
                token(access, "x", Some(60)),
                Evidence { revocation: seen(1, None), ..none() },
                "unknown: not revoked at 07:01",
            ),
            ("nothing", token(access, "x", Some(60)), none(), "unknown: not tried"),
        ];
        for (what, token, evidence, expected) in cases {
            let known = Known::of(&token, Some(&evidence), at(0));
            let time = |time: Timestamp| time.format("%H:%M").to_string();
            assert_eq!(format!("{}: {}", known.verdict(time), known.why(time)), expected, "{what}");
        }
    }
}
