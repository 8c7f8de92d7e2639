//! A refused token beside the answer: what is said, and what the token says about it.

use chrono::TimeDelta;
use serde_json::Value;

use crate::{
    auth::{IssuedToken, Scheme, TokenKind},
    clock::{self, Timestamp},
    http::{Challenge, Response},
    secret::ExposeSecret as _,
    token::{DefectCode, Form, Token, findings::findings, json::Json},
};

/// A longer text is a page and explains nothing.
const LONGEST: usize = 4096;

/// A refused token beside the answer.
pub(super) struct Refused<'a> {
    issued: &'a IssuedToken,
    scheme: &'a Scheme,
    token: Token,
    /// The time by the server's clock, where it tells that.
    now: Timestamp,
    /// All that the server says, in small letters. Never shown.
    said: String,
    challenges: Vec<Challenge>,
    json: Value,
    response: &'a Response,
}

impl<'a> Refused<'a> {
    pub(super) fn of(response: &'a Response, issued: &'a IssuedToken, scheme: &'a Scheme) -> Self {
        // Less means nothing: an answer's Date counts whole seconds.
        let skew = response.clock_skew().filter(|skew| skew.abs() >= TimeDelta::seconds(2)).unwrap_or_default();
        let challenges = Challenge::all(response);
        let json = response.json().unwrap_or_default();
        let mut said: Vec<String> = Vec::new();
        for challenge in &challenges {
            let explains = ["error", "error_description"].into_iter().filter_map(|name| challenge.parameter(name));
            said.extend(explains.map(str::to_owned));
        }
        match &json {
            Value::Null => said.extend(Some(response.text().into_owned()).filter(|text| is_plain(text))),
            json => strings(json, &mut said),
        }
        Self {
            issued,
            scheme,
            token: Token::inspect(issued.raw.expose_secret()),
            now: response.received_at + skew,
            said: said.join("\n").to_lowercase(),
            challenges,
            json,
            response,
        }
    }

    /// Whether the server says this. The name of a claim has to stand alone: `iss` is not in `missing`.
    pub(super) fn says(&self, words: &str) -> bool {
        let whole = |at: usize| {
            let alone = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
            alone(self.said[..at].chars().next_back()) && alone(self.said[at + words.len()..].chars().next())
        };
        self.said.match_indices(words).any(|(at, _)| words.len() > 3 || whole(at))
    }

    /// Whether it lists several causes, and so names none: `expired, revoked or invalid`.
    pub(super) fn is_vague(&self) -> bool {
        let causes = ["expired", "revoked", "invalid ", "malformed"];
        let listed = causes.iter().filter(|cause| self.said.contains(*cause)).count();
        listed > 1 && self.says(" or ")
    }

    /// Whether what has ended may be a token.
    pub(super) fn is_about_a_token(&self) -> bool {
        ["token", "jwt", "session", "authorization"].iter().any(|name| self.says(name))
    }

    pub(super) fn status(&self) -> u16 {
        self.response.status
    }

    pub(super) fn scheme(&self) -> &str {
        self.scheme.as_str()
    }

    pub(super) fn is_sent_as(&self, scheme: &str) -> bool {
        self.scheme().eq_ignore_ascii_case(scheme)
    }

    /// The schemes that the server takes, if the one that was sent is not among them.
    pub(super) fn other_schemes(&self) -> Option<String> {
        let mut taken: Vec<_> = self.challenges.iter().map(|challenge| challenge.scheme.as_str()).collect();
        taken.dedup();
        let other = !taken.is_empty() && !taken.iter().any(|scheme| self.is_sent_as(scheme));
        other.then(|| self.response.redacted(&taken.join(" or ")))
    }

    /// The scope that the server asks for (RFC 6750 §3), in its challenge or its words.
    pub(super) fn needed_scope(&self) -> Option<String> {
        let challenged = self.challenges.iter().find_map(|challenge| challenge.parameter("scope"));
        challenged.or_else(|| self.json.get("scope")?.as_str()).map(|scope| self.response.redacted(scope))
    }

    pub(super) fn form(&self) -> &Form {
        self.token.form()
    }

    pub(super) fn alg(&self) -> Option<String> {
        self.token.alg().map(Into::into)
    }

    pub(super) fn kid(&self) -> Option<String> {
        self.token.kid().map(Into::into)
    }

    pub(super) fn has_claims(&self) -> bool {
        self.token.claims().is_some()
    }

    /// The texts of a claim that is a text or a list of them.
    pub(super) fn claim_words(&self, name: &str) -> Option<String> {
        let claims: &Json = self.token.claims()?;
        let (at, node) =
            claims.children(0).filter(|(_, node)| claims.key(node).is_some_and(|key| key == name)).last()?;
        let words = match claims.string(node) {
            Some(text) => text.into_owned(),
            None => claims.children(at).filter_map(|(_, item)| claims.string(item)).collect::<Vec<_>>().join(", "),
        };
        (!words.is_empty()).then_some(words)
    }

    pub(super) fn exp(&self) -> Option<Timestamp> {
        self.token.lifetime().expires_at.or(self.issued.expires_at)
    }

    /// How long ago it ended.
    pub(super) fn ended(&self) -> Option<String> {
        self.exp().filter(|exp| *exp <= self.now).map(|exp| self.relative(exp))
    }

    /// The later one of `nbf` and `iat`: many servers hold both against the clock.
    pub(super) fn starts(&self) -> Option<(&'static str, Timestamp)> {
        let dates = self.token.dates()?;
        let of = |name, date: &Option<_>| {
            let date: &crate::token::lifetime::NumericDate = date.as_ref()?;
            Some((name, date.time?))
        };
        [of("nbf", &dates.nbf), of("iat", &dates.iat)].into_iter().flatten().max_by_key(|(_, time)| *time)
    }

    pub(super) fn starts_later(&self) -> bool {
        self.starts().is_some_and(|(_, start)| start > self.now)
    }

    pub(super) fn relative(&self, time: Timestamp) -> String {
        clock::relative(time, self.now)
    }

    /// By what it was issued as, or by the claims of those who name the kind: simplejwt, flask-jwt-extended, Keycloak, Cognito.
    fn is_of(&self, kind: TokenKind, word: &str) -> bool {
        let said = ["token_use", "token_type", "typ", "type"].into_iter().find_map(|name| self.claim_words(name));
        self.issued.kind == kind || said.is_some_and(|said| said.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_refresh_token(&self) -> bool {
        self.is_of(TokenKind::Refresh, "refresh")
    }

    pub(super) fn is_id_token(&self) -> bool {
        let looks_like = || findings(&self.token, self.now).iter().any(|finding| finding.code == "id-token");
        self.is_of(TokenKind::Id, "id") || looks_like()
    }

    pub(super) fn is_padded(&self) -> bool {
        let padded = self.token.defects().iter().any(|defect| defect.code == DefectCode::Padding);
        matches!(self.form(), Form::Jws(_)) && (padded || self.token.raw().expose_secret().ends_with('='))
    }

    /// Where it is damaged.
    pub(super) fn defect(&self) -> Option<&str> {
        self.token.defects().first().map(|defect| defect.place.as_str())
    }
}

/// The texts of a JSON answer, wherever they are.
fn strings(json: &Value, found: &mut Vec<String>) {
    match json {
        Value::String(text) if is_plain(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(members) => members.values().for_each(|member| strings(member, found)),
        _ => {}
    }
}

/// Neither a page nor an address: `"path": "/issuers"` is not about the issuer.
fn is_plain(text: &str) -> bool {
    let text = text.trim_start();
    let is_address = (text.starts_with('/') || text.contains("://")) && !text.contains(' ');
    text.len() <= LONGEST && !text.starts_with('<') && !is_address
}
