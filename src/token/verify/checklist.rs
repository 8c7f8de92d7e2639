//! "Why is it rejected?": every step that a resource server takes, in order.

use chrono::TimeDelta;

use super::{Step, StepOutcome, Verification, selective};
use crate::{
    clock::{self, Timestamp},
    token::{
        Token,
        json::{Json, Kind},
        lifetime::NumericDate,
        sd_jwt,
    },
};

/// What the one who validates expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectations {
    /// The time.
    pub now: Timestamp,
    /// By how many seconds clocks may differ.
    pub leeway: u32,
    /// Names of the one who validates: one of them must be in `aud`.
    pub audiences: Vec<String>,
    /// Who may have issued the token: one of them must be `iss`.
    pub issuers: Vec<String>,
    /// What `typ` must be (RFC 8725 §3.11): `at+jwt`.
    pub typ: Option<String>,
    /// Scopes that must all be granted.
    pub scopes: Vec<String>,
}

impl Expectations {
    /// Nothing but the time, without leeway.
    pub fn at(now: Timestamp) -> Self {
        Self { now, leeway: 0, audiences: Vec::new(), issuers: Vec::new(), typ: None, scopes: Vec::new() }
    }
}

/// All steps: those of the signature, then the claims'. Claims are looked at whatever the signature is worth; whether
/// they can be believed is what the signature says.
pub fn checklist(token: &Token, verification: &Verification, expected: &Expectations) -> Vec<Step> {
    let disclosed = sd_jwt::process(token);
    let (claims, dates) = match &disclosed {
        Some(disclosed) => (Some(&disclosed.claims), Some(&disclosed.dates)),
        None => (token.claims(), token.dates()),
    };
    let claims = claims.filter(|claims| claims.root().is_some_and(|root| root.kind == Kind::Object));
    let Some(claims) = claims else { return without_claims(token, verification, expected) };
    let mut steps = verification.steps.clone();
    let bound = steps.iter().any(|step| step.name == "binding" && matches!(step.outcome, StepOutcome::Passed(_)));
    let presented = disclosed.as_ref().filter(|_| bound).and_then(selective::presented_to);
    let date =
        |pick: fn(&crate::token::lifetime::NumericDates) -> &Option<NumericDate>| dates.and_then(|d| pick(d).as_ref());
    steps.extend([
        Step { name: "exp", outcome: expected.exp(date(|dates| &dates.exp)) },
        Step { name: "nbf", outcome: expected.start("nbf", date(|dates| &dates.nbf)) },
        Step { name: "iat", outcome: expected.start("iat", date(|dates| &dates.iat)) },
        Step { name: "iss", outcome: expected.iss(claims) },
        Step { name: "aud", outcome: expected.aud(claims, presented.as_deref()) },
        Step { name: "typ", outcome: expected.typ(token) },
        Step { name: "scope", outcome: expected.scope(claims) },
    ]);
    steps
}

/// Of a payload that is not a claims set: what was asked of its claims fails.
fn without_claims(token: &Token, verification: &Verification, expected: &Expectations) -> Vec<Step> {
    let mut steps = verification.steps.clone();
    for name in ["exp", "nbf", "iat", "iss", "aud", "typ", "scope"] {
        let asked = match name {
            "iss" => !expected.issuers.is_empty(),
            "aud" => !expected.audiences.is_empty(),
            "scope" => !expected.scopes.is_empty(),
            _ => false,
        };
        let outcome = match (name, asked) {
            ("typ", _) => expected.typ(token),
            (_, true) => failed("there are no readable claims".to_owned(), "the payload of a JWT is a JSON object"),
            (_, false) => StepOutcome::NotChecked("there are no readable claims".to_owned()),
        };
        steps.push(Step { name, outcome });
    }
    steps
}

const OTHER_AUDIENCE: &str = "ask the issuer for a token for this audience";

fn failed(why: String, fix: impl Into<String>) -> StepOutcome {
    StepOutcome::Failed { why, fix: fix.into() }
}

impl Expectations {
    /// RFC 7519 §4.1.4: not "on or after".
    fn exp(&self, date: Option<&NumericDate>) -> StepOutcome {
        let Some(date) = date else { return StepOutcome::NotChecked("the token has no expiry".to_owned()) };
        let Some(time) = date.time else { return self.unreadable("exp", date) };
        let words = format!("{}, {}", clock::relative(time, self.now), clock::utc(time));
        if self.now.signed_duration_since(time) >= self.leeway() {
            return failed(format!("expired {words}"), "refresh it or log in again");
        }
        StepOutcome::Passed(format!("expires {words}"))
    }

    /// RFC 7519 §4.1.5 for `nbf`. An `iat` in the future is refused by many, though §4.1.6 does not ask for it.
    fn start(&self, name: &'static str, date: Option<&NumericDate>) -> StepOutcome {
        let Some(date) = date else { return StepOutcome::NotChecked(format!("the token has no {name}")) };
        let Some(time) = date.time else { return self.unreadable(name, date) };
        let words = format!("{}, {}", clock::relative(time, self.now), clock::utc(time));
        if time.signed_duration_since(self.now) > self.leeway() {
            let why = match name {
                "nbf" => format!("not valid yet: starts {words}"),
                _ => format!("issued in the future: {words}"),
            };
            return failed(why, "wait, correct the clocks on both sides, or allow a leeway");
        }
        StepOutcome::Passed(if name == "nbf" { format!("started {words}") } else { format!("issued {words}") })
    }

    fn unreadable(&self, name: &str, date: &NumericDate) -> StepOutcome {
        let fix = "the issuer must write seconds since 1970 as a number (RFC 7519 §2)";
        failed(format!("{name} is not a date: {}", super::super::defect::excerpt(&date.raw)), fix)
    }

    /// RFC 7519 §4.1.1.
    fn iss(&self, claims: &Json) -> StepOutcome {
        let iss = claims.member("iss");
        let is = iss.and_then(|node| claims.string(node));
        match (&is, self.issuers.as_slice()) {
            (None, []) => StepOutcome::NotChecked("the token names no issuer; none is expected".to_owned()),
            (Some(is), []) => StepOutcome::NotChecked(format!("it is {is}; no issuer is expected")),
            (Some(is), expected) if expected.iter().any(|issuer| issuer == is) => StepOutcome::Passed(is.to_string()),
            (is, expected) => {
                let is = is.as_deref().unwrap_or(if iss.is_some() { "not a string" } else { "missing" });
                let fix = "use a token of that issuer; the names must match exactly, including a trailing slash";
                failed(format!("iss is {is}; expected {}", expected.join(" or ")), fix)
            }
        }
    }

    /// RFC 7519 §4.1.3: a string or a list of them. Amazon Cognito's access tokens have none, and say for whom they are by
    /// `client_id` (RFC 8693 §4.3); an SD-JWT says to whom it is presented by its key binding (RFC 9901 §4.3).
    fn aud(&self, claims: &Json, presented: Option<&str>) -> StepOutcome {
        let is = strings(claims, "aud", false);
        let words = is.as_ref().map(|list| list.join(", "));
        match (is, self.audiences.as_slice()) {
            (None, []) => StepOutcome::NotChecked("the token names no audience; none is expected".to_owned()),
            (Some(_), []) => {
                StepOutcome::NotChecked(format!("it is for {}; no audience is expected", words.unwrap_or_default()))
            }
            (Some(is), expected) if is.iter().any(|audience| expected.contains(audience)) => {
                StepOutcome::Passed(format!("it is for {}", words.unwrap_or_default()))
            }
            (Some(_), expected) => {
                let is = words.unwrap_or_default();
                failed(format!("it is for {is}; expected {}", expected.join(" or ")), OTHER_AUDIENCE)
            }
            (None, expected) if presented.is_some_and(|presented| expected.iter().any(|aud| aud == presented)) => {
                StepOutcome::Passed(format!("presented to {}", presented.unwrap_or_default()))
            }
            (None, expected) => match claims.member("client_id").and_then(|node| claims.string(node)) {
                Some(client) if expected.iter().any(|audience| *audience == client) => {
                    StepOutcome::Passed(format!("no aud; accepted because client_id is {client}"))
                }
                _ => failed(format!("no aud; expected {}", expected.join(" or ")), OTHER_AUDIENCE),
            },
        }
    }

    /// RFC 7515 §4.1.9: without regard to case, `application/` may be left out.
    fn typ(&self, token: &Token) -> StepOutcome {
        let plain = |typ: &str| {
            let typ = typ.to_ascii_lowercase();
            typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ)
        };
        match (token.typ(), &self.typ) {
            (None, None) => StepOutcome::NotChecked("the header has no typ; none is expected".to_owned()),
            (Some(is), None) => StepOutcome::NotChecked(format!("it is {is}; no typ is expected")),
            (Some(is), Some(expected)) if plain(&is) == plain(expected) => StepOutcome::Passed(is.into_owned()),
            (is, Some(expected)) => {
                let is = is.as_deref().unwrap_or("missing");
                let fix = "it may be another kind of token, such as an ID token instead of an access token";
                failed(format!("typ is {is}; expected {expected}"), fix)
            }
        }
    }

    /// `scope` (RFC 8693 §4.2), or `scp` or `scopes`, as others call it.
    fn scope(&self, claims: &Json) -> StepOutcome {
        let granted = ["scope", "scp", "scopes"].into_iter().find_map(|name| strings(claims, name, true));
        let words = granted.as_ref().map(|list| list.join(" "));
        let granted = granted.unwrap_or_default();
        let missing: Vec<_> = self.scopes.iter().filter(|scope| !granted.contains(scope)).map(String::as_str).collect();
        match (self.scopes.as_slice(), words) {
            ([], None) => StepOutcome::NotChecked("the token names no scope; none is expected".to_owned()),
            ([], Some(words)) => StepOutcome::NotChecked(format!("it has {words}; none is expected")),
            (_, Some(words)) if missing.is_empty() => StepOutcome::Passed(words),
            (_, words) => {
                let has = words.unwrap_or_else(|| "none at all".to_owned());
                let fix = "log in again and request it, or have it granted";
                failed(format!("{} is missing; it has {has}", missing.join(" ")), fix)
            }
        }
    }

    fn leeway(&self) -> TimeDelta {
        TimeDelta::seconds(self.leeway.into())
    }
}

/// The strings of a claim that is a string or a list of strings; `None` where the claim is missing.
fn strings(claims: &Json, name: &str, split: bool) -> Option<Vec<String>> {
    let (index, node) =
        claims.children(0).filter(|(_, node)| claims.key(node).is_some_and(|key| key == name)).last()?;
    Some(match claims.string(node) {
        Some(text) if split => text.split_ascii_whitespace().map(str::to_owned).collect(),
        Some(text) => vec![text.into_owned()],
        None => claims.children(index).filter_map(|(_, node)| Some(claims.string(node)?.into_owned())).collect(),
    })
}
