//! What a resource server says about a token it was shown (RFC 6750 §3).

use serde_json::Value;
use url::Url;

use super::{cause, id_token};
use crate::{
    auth::{Acceptance, AuthError, IssuedToken, ProbeVerdict, Scheme},
    http::{Challenge, Response},
};

/// The verdict in an answer to a call with a token. A token is rejected only by a word about it: a bare 401 may as well
/// mean another scheme, another audience, or a call that takes no tokens at all.
///
/// # Errors
/// [`AuthError::RateLimited`]: then the answer is about the caller and not about the token.
pub fn verdict(response: &Response, token: &IssuedToken) -> Result<ProbeVerdict, AuthError> {
    verdict_under(response, token, &token.scheme)
}

/// The same for a token that was sent under another scheme than its own.
///
/// # Errors
/// [`AuthError::RateLimited`].
pub fn verdict_under(response: &Response, token: &IssuedToken, scheme: &Scheme) -> Result<ProbeVerdict, AuthError> {
    if let limited @ AuthError::RateLimited { .. } = AuthError::of_answer(response, "an API response") {
        return Err(limited);
    }
    let error = Challenge::error(response);
    let code = error.as_ref().map(|(code, _)| code.as_str());
    let words = response.words();
    let json = response.json().unwrap_or_default();
    let codes = ["error", "code"].map(|name| json.get(name).and_then(Value::as_str));
    let condemned = || [words.as_deref(), code].into_iter().chain(codes).flatten().any(condemns);
    let binding = (response.status >= 400).then(|| binding(token)).flatten();
    let (acceptance, meaning) = match response.status {
        200..=299 => (Acceptance::Accepted, "the token is accepted"),
        _ if let Some(binding) = binding => (Acceptance::Unclear, binding),
        400 | 401 | 403 if words.as_deref().is_some_and(names_audience) => (
            Acceptance::Unclear,
            "this endpoint takes tokens for another audience; other endpoints may accept the token",
        ),
        400 | 401 | 403 if condemned() => (Acceptance::Rejected, "the token is not accepted"),
        403 if code == Some("insufficient_scope") => {
            (Acceptance::Unclear, "the token is known, but its scope does not allow this call")
        }
        401 => (Acceptance::Unclear, "the call was refused, but not necessarily because of this token"),
        403 => (Acceptance::Unclear, "this call is not allowed; that says nothing about the token"),
        404 => (Acceptance::Unclear, "nothing exists at this URL; that says nothing about the token"),
        _ => (Acceptance::Unclear, "the response says nothing about the token"),
    };
    // What it is worth as evidence is one thing, why the server refused another: that may be plain from the token alone.
    let cause = cause::of(response, token, scheme).filter(|_| binding.is_none());
    let mut detail = cause.unwrap_or_else(|| meaning.to_owned());
    if !response.is_success() {
        detail = format!("{detail}: {}", words.unwrap_or_else(|| response.description()));
        if let Some((code, description)) = error {
            let description = description.map(|words| format!(", {words}")).unwrap_or_default();
            detail = format!("{detail} (WWW-Authenticate: {code}{description})");
        }
    }
    Ok(ProbeVerdict { acceptance, status: response.status, account: None, detail })
}

/// Whether words say of the token that was shown that it is no good: `invalid_token`, `Token has expired`, `Invalid
/// token.`, `accessTokenExpired`.
pub fn condemns(words: &str) -> bool {
    const ENDS: [&str; 9] = [
        "expired",
        "revoked",
        "invalid",
        "not valid",
        "not_valid",
        "inactive",
        "malformed",
        "not exist",
        "nonexistent",
    ];
    let words = words.to_lowercase();
    let other = ["csrf", "xsrf", "refresh token"].iter().any(|other| words.contains(other));
    !other && (words.contains("token") || words.contains("jwt")) && ENDS.iter().any(|end| words.contains(end))
}

fn names_audience(words: &str) -> bool {
    words.to_lowercase().contains("audience")
}

/// What a token is bound to (RFC 7800), so that no call with only the token can be accepted.
pub fn binding(token: &IssuedToken) -> Option<&'static str> {
    const DPOP: &str = "the token is bound to a key (DPoP, RFC 9449): calls need a proof, which tokscope cannot make";
    let claims = id_token::claims(&token.raw).unwrap_or_default();
    let confirmation = ["jkt", "x5t#S256"].into_iter().find(|name| claims["cnf"].get(name).is_some());
    match confirmation {
        Some("jkt") => Some(DPOP),
        Some(_) => Some("the token is bound to a client certificate (RFC 8705), which tokscope does not have"),
        None => token.scheme.as_str().eq_ignore_ascii_case("dpop").then_some(DPOP),
    }
}

/// Why the userinfo endpoint refuses a token however good it is: it takes only tokens with the scope `openid`, and none
/// that are for another party. `scope` is what the profile asks for, where the token itself does not say.
pub fn unfit_for_userinfo(token: &IssuedToken, scope: Option<&str>, userinfo: &Url) -> Option<String> {
    let claims = id_token::claims(&token.raw).unwrap_or_default();
    let list = |name: &str| match claims.get(name)? {
        Value::String(words) => Some(words.split_whitespace().map(str::to_owned).collect::<Vec<_>>()),
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => None,
    };
    let asked = || scope.map(|scope| scope.split(' ').map(str::to_owned).collect());
    let scopes = list("scope").or_else(|| list("scp")).or_else(asked);
    if let Some(scopes) = scopes.filter(|scopes: &Vec<String>| !scopes.iter().any(|scope| scope == "openid")) {
        let scopes = if scopes.is_empty() { "none".to_owned() } else { scopes.join(" ") };
        return Some(format!("userinfo takes only tokens with the scope openid; this one has {scopes}"));
    }
    let elsewhere = |audience: &String| Url::parse(audience).is_ok_and(|url| url.origin() != userinfo.origin());
    let audiences = list("aud").filter(|audiences| !audiences.is_empty() && audiences.iter().all(elsewhere))?;
    Some(format!("userinfo takes no tokens for another audience; this one is for {}", audiences.join(", ")))
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use reqwest::header::{HeaderValue, WWW_AUTHENTICATE};

    use super::*;
    use crate::{
        auth::{Scheme, TokenKind},
        clock,
    };

    fn token(claims: &str, scheme: Scheme) -> IssuedToken {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#);
        let raw = format!("{header}.{}.c2ln", URL_SAFE_NO_PAD.encode(claims)).into();
        IssuedToken { kind: TokenKind::Access, raw, expires_at: None, scheme }
    }

    fn judged(status: u16, body: &str) -> ProbeVerdict {
        let opaque = IssuedToken { raw: "opaque".into(), ..token("{}", Scheme::BEARER) };
        verdict(&Response::scripted(status, body, clock::parse("0").unwrap()), &opaque).unwrap()
    }

    #[test]
    fn only_a_word_about_the_token_rejects_it() {
        assert_eq!(judged(204, "").acceptance, Acceptance::Accepted);
        let rejected = judged(401, r#"{"detail":"Invalid token."}"#);
        assert_eq!(rejected.acceptance, Acceptance::Rejected);
        assert_eq!(rejected.detail, "the token is not accepted: Invalid token.");
        for words in [
            r#"{"error":"invalid_token","error_description":"no"}"#,
            r#"{"msg":"Token has expired"}"#,
            r#"{"message":"The incoming token has expired"}"#,
            r#"{"message":"jwt malformed"}"#,
        ] {
            assert_eq!(judged(401, words).acceptance, Acceptance::Rejected, "{words}");
        }
        for status in [401, 403, 404, 500, 302] {
            assert_eq!(judged(status, "").acceptance, Acceptance::Unclear, "{status}");
        }
        for words in [
            r#"{"message":"Unauthorized"}"#,
            r#"{"detail":"CSRF token invalid"}"#,
            r#"{"message":"Missing JWT in headers"}"#,
            r#"{"message":"invalid token: wrong audience"}"#,
        ] {
            assert_eq!(judged(401, words).acceptance, Acceptance::Unclear, "{words}");
        }
    }

    #[test]
    fn a_bound_token_is_never_rejected_for_a_missing_proof() {
        let mut response = Response::scripted(401, "", clock::parse("0").unwrap());
        response.headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
        let of = |token| verdict(&response, &token).unwrap();
        assert_eq!(of(token("{}", Scheme::BEARER)).acceptance, Acceptance::Rejected);
        let dpop = token("{}", Scheme::new("DPoP").unwrap());
        for token in [dpop, token(r#"{"cnf":{"jkt":"x"}}"#, Scheme::BEARER)] {
            let verdict = of(token);
            assert_eq!(verdict.acceptance, Acceptance::Unclear);
            assert!(verdict.detail.contains("need a proof"), "{}", verdict.detail);
        }
        let verdict = of(token(r##"{"cnf":{"x5t#S256":"x"}}"##, Scheme::BEARER));
        assert!(verdict.detail.contains("client certificate"), "{}", verdict.detail);
    }

    #[test]
    fn userinfo_is_for_some_tokens_only() {
        let url = Url::parse("https://a.example/userinfo").unwrap();
        let why = |claims: &str, scope| unfit_for_userinfo(&token(claims, Scheme::BEARER), scope, &url);
        assert_eq!(why("{}", None), None);
        assert_eq!(why(r#"{"scope":"openid x","aud":"https://a.example/api"}"#, None), None);
        assert_eq!(why(r#"{"aud":["account","https://b.example"]}"#, Some("openid")), None, "a name says nothing");
        assert!(why("{}", Some("read write")).unwrap().contains("scope openid"));
        assert!(why(r#"{"scp":["read"]}"#, Some("openid")).unwrap().contains("has read"));
        assert!(why(r#"{"scope":"openid","aud":"urn:api"}"#, None).unwrap().contains("for urn:api"));
    }
}
