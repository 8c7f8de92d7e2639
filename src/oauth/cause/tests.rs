use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::header::{DATE, HeaderValue, WWW_AUTHENTICATE};

use super::*;
use crate::{auth::TokenKind, clock};

/// 1970-01-01T00:16:40Z by our clock.
const NOW: &str = "1000";

fn token(header: &str, claims: &str) -> IssuedToken {
    let raw = format!("{}.{}.c2ln", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims)).into();
    IssuedToken { kind: TokenKind::Access, raw, expires_at: None, scheme: Scheme::BEARER }
}

fn answer(status: u16, challenge: &str, body: &str) -> Response {
    let mut response = Response::scripted(status, body, clock::parse(NOW).unwrap());
    if !challenge.is_empty() {
        response.headers.insert(WWW_AUTHENTICATE, HeaderValue::from_str(challenge).unwrap());
    }
    response
}

/// The cause that is told of a token with these claims.
fn told(claims: &str, status: u16, challenge: &str, body: &str) -> String {
    let token = token(r#"{"alg":"RS256","kid":"k1"}"#, claims);
    of(&answer(status, challenge, body), &token, &token.scheme).unwrap_or_default()
}

#[test]
fn words_are_told_with_what_the_token_says_about_them() {
    let scoped = r#"Bearer error="insufficient_scope", scope="write""#;
    let cases = [
        (r#"{"aud":["a","b"]}"#, "wrong audience", "for the audience a, b,"),
        (r#"{"client_id":"c"}"#, "aud claim is missing", "only the client_id c"),
        (r#"{"iss":"https://i"}"#, "untrusted issuer", "another issuer than https://i;"),
        ("{}", "kid not found", "no key with the kid k1"),
        ("{}", "signature key not found", "no key with the kid k1"),
        ("{}", "bad signature", "key does not match the signature (RS256)"),
        ("{}", "algorithm not allowed", "the algorithm RS256"),
        (r#"{"exp":940}"#, "Signature has expired", "expired 1m 00s ago"),
        (r#"{"exp":1060}"#, "token expired", "but it ends in 1m 00s"),
        (r#"{"exp":1060}"#, "invalid or expired", ""),
        (r#"{"nbf":1010}"#, "token used too early", "starts in 10s (nbf)"),
        (r#"{"nbf":990}"#, "token not yet valid", "its clock may be slow"),
        (r#"{"exp":9000}"#, "exp is too far in the future", "ends later than the server allows, in 2h"),
        ("{}", "the token has been revoked", "was revoked"),
        ("{}", "expired, revoked or malformed", ""),
        ("{}", "jwt malformed", "its kid k1 may be"),
        ("{}", "no authorization header", "the server saw no token"),
        ("{}", "missing permission", ""),
        ("{}", "the password has expired", ""),
        ("{}", "CSRF token has expired", ""),
        ("{}", "cannot get the issuer certificate", ""),
        (r#"{"nonce":"x","aud":"client"}"#, "wrong audience", "an ID token for client, not for this server"),
        ("{}", r#"{"path":"/issuers","type":"https://e.example/signature"}"#, ""),
        ("{}", "<html>expired</html>", ""),
    ];
    for (claims, words, expected) in cases {
        let said = told(claims, 401, "", words);
        assert!(said.contains(expected) && said.is_empty() == expected.is_empty(), "{claims}, {words}: {said:?}");
        assert!(!said.contains(": "), "the server's words come behind a colon: {said}");
    }
    let opaque = IssuedToken { raw: "opaque".into(), ..token("{}", "{}") };
    let of_opaque = |words| of(&answer(401, "", words), &opaque, &opaque.scheme);
    assert_eq!(of_opaque("jwt malformed").as_deref(), Some("the token is opaque, and this server takes only JWTs"));
    assert_eq!(of_opaque("malformed token"), None);
    assert_eq!(told(r#"{"scope":"read"}"#, 403, scoped, ""), "this call needs the scope write; the token has read");
}

#[test]
fn a_token_tells_what_the_server_does_not() {
    for (claims, expected) in [
        (r#"{"exp":999}"#, ["expired 1s ago"; 2]),
        (r#"{"iat":1030}"#, ["starts in 30s (iat)"; 2]),
        (r#"{"token_type":"refresh"}"#, ["a refresh token", ""]),
        (r#"{"typ":"Refresh"}"#, ["a refresh token", ""]),
        (r#"{"nonce":"x","aud":"client"}"#, ["an ID token", ""]),
        (r#"{"exp":1001,"iat":999,"typ":"Bearer"}"#, [""; 2]),
    ] {
        for (status, expected) in [401, 403].into_iter().zip(expected) {
            let said = told(claims, status, "", "");
            assert!(said.contains(expected) && said.is_empty() == expected.is_empty(), "{claims}: {said:?}");
        }
        // Those may be about anything.
        assert!([400, 404, 500, 200].iter().all(|status| told(claims, *status, "", "").is_empty()), "{claims}");
    }
}

#[test]
fn the_servers_clock_counts_where_it_tells_it() {
    let token = token(r#"{"alg":"RS256"}"#, r#"{"iat":995,"exp":1020}"#);
    let by = |date: &'static str| {
        let mut response = answer(401, "", "");
        response.headers.insert(DATE, HeaderValue::from_static(date));
        of(&response, &token, &token.scheme).unwrap_or_default()
    };
    assert!(by("Thu, 01 Jan 1970 00:16:30 GMT").contains("starts in 5s (iat)"));
    assert!(by("Thu, 01 Jan 1970 00:17:10 GMT").contains("expired 10s ago"));
    assert_eq!(by("Thu, 01 Jan 1970 00:16:39 GMT"), "", "a second says nothing");
}

#[test]
fn a_scheme_is_the_cause_where_the_challenge_has_others() {
    assert_eq!(
        told("{}", 401, "JWT realm=\"api\"", ""),
        "the server takes the scheme JWT, and the token was sent as Bearer"
    );
    assert_eq!(told("{}", 401, "Basic, Bearer", ""), "");
    assert!(told(r#"{"exp":1}"#, 401, "Basic", "").contains("expired"), "that comes first");
    let token = token(r#"{"alg":"RS256"}"#, "{}");
    let said = of(&answer(400, "", "Only valid bearer authentication supported"), &token, &Scheme::JWT);
    assert_eq!(said.as_deref(), Some("the server takes the scheme Bearer, and the token was sent as JWT"));
}
