use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

use super::*;
use crate::clock;

const CALM: &str = r#""iss":"https://i.org","aud":"a","iat":1700000000,"exp":1700000600"#;

fn token(header: &str, claims: &str) -> Token {
    Token::inspect(&format!("{}.{}.c2lnbmF0dXJl", BASE64.encode(header), BASE64.encode(claims)))
}

fn found(token: &Token) -> Vec<&'static str> {
    findings(token, clock::parse("1700000000").unwrap()).iter().map(|finding| finding.code).collect()
}

fn signed(secret: &str) -> Token {
    let input = format!("{}.{}", BASE64.encode(r#"{"alg":"HS256"}"#), BASE64.encode(format!("{{{CALM}}}")));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), input.as_bytes());
    Token::inspect(&format!("{input}.{}", BASE64.encode(tag)))
}

#[test]
fn each_finding() {
    let rs = r#"{"alg":"RS256"}"#;
    let header = |header: &str, expected: &[&str]| {
        assert_eq!(found(&token(header, &format!("{{{CALM}}}"))), expected, "{header}");
    };
    let claims = |more: &str, expected: &[&str]| {
        assert_eq!(found(&token(rs, &format!("{{{CALM},{more}}}"))), expected, "{more}");
    };
    header(rs, &[]);
    header(r#"{"alg":"nOnE"}"#, &["alg-none"]);
    header(r#"{"alg":"HS256"}"#, &["shared-secret"]);
    for kid in ["../../dev/null", "/etc/passwd", "x' UNION SELECT 'k", "a; rm x", "k -- "] {
        header(&format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#), &["kid-injection"]);
    }
    for kid in ["lms-2026", "a/b+c==", "https://i.org/keys/1", "user@host", "a--b"] {
        header(&format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#), &[]);
    }
    header(r#"{"alg":"RS256","jwk":{}}"#, &["embedded-key"]);
    header(r#"{"alg":"ES256","typ":"dpop+jwt","jwk":{}}"#, &[]);
    header(r#"{"alg":"RS256","x5c":[]}"#, &["certificate-chain"]);
    header(r#"{"alg":"RS256","jku":"https://evil.org/jwks"}"#, &["key-url"]);
    header(r#"{"alg":"RS256","x5u":"https://i.org@evil.org/"}"#, &["key-url"]);
    header(r#"{"alg":"RS256","jku":"https://i.org/jwks"}"#, &[]);
    claims(r#""sub":"аdmin""#, &["deceptive-text"]);
    claims(r#""sub":"ad\u200bmin""#, &["deceptive-text"]);
    claims(r#""sub":"Андрей Petrov""#, &[]);
    claims(r#""n":1,"n":2"#, &["duplicate-member"]);
    claims(r#""exp":1700000600000"#, &["duplicate-member", "date-in-milliseconds"]);
    claims(r#""email":"a@b.org","name":"A""#, &["personal-data"]);
    claims(r#""nonce":"x""#, &["id-token"]);
    claims(r#""sub":"s","client_id":"c","jti":"j""#, &["typ-at-jwt"]);
    assert_eq!(found(&token(rs, "{}")), ["no-exp", "no-aud"]);
    let typed = |typ: &str| found(&token(&format!(r#"{{"alg":"RS256","typ":"{typ}"}}"#), "{}"));
    assert!(typed("dpop+jwt").is_empty() && typed("application/statuslist+jwt").is_empty());
    assert_eq!(typed("secevent+jwt"), ["no-aud"]);
    assert_eq!(typed("at+jwt"), ["no-exp", "no-aud"]);
    assert_eq!(found(&token(rs, r#"{"aud":"a","iat":0,"exp":2678400}"#)), ["long-life"]);
    assert_eq!(found(&token(rs, r#"{"aud":"a","exp":1702678400}"#)), ["long-life"]);
    // What cannot be read to its end may hold what seems to be missing; what is not a JWT has no claims.
    assert!(found(&token(rs, r#"{"sub":"a","#)).is_empty());
    assert!(found(&Token::inspect("opaque-opaque-opaque")).is_empty());
}

#[test]
fn weak_secrets_are_found_offline() {
    assert_eq!(found(&signed("your-256-bit-secret")), ["weak-secret", "shared-secret"]);
    assert_eq!(found(&signed("")), ["weak-secret", "shared-secret"]);
    assert_eq!(found(&signed("kT9v-2Qx_of-no-list")), ["shared-secret"]);
    let words = findings(&signed("secret"), clock::parse("0").unwrap()).remove(0);
    assert_eq!(
        (words.severity, words.text.as_str()),
        (Severity::Danger, "the secret is the well-known secret: anyone can sign such tokens")
    );
}

#[test]
fn the_table_is_ranked_and_its_codes_are_distinct() {
    assert!(RULES.windows(2).all(|pair| pair[0].1 >= pair[1].1));
    let codes: std::collections::HashSet<_> = RULES.iter().map(|rule| rule.0).collect();
    assert_eq!(codes.len(), RULES.len());
}

/// The ordinary tokens of Open edX, SeTA, Practicus and Passwork.
#[test]
fn no_wolf_is_cried_on_the_four_systems() {
    let samples: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/vectors/openedx-documentation-samples.json")).unwrap();
    let samples = samples.as_array().unwrap().iter();
    let mut tokens: Vec<_> =
        samples.map(|sample| Token::inspect(sample["response"]["access_token"].as_str().unwrap())).collect();
    assert_eq!(tokens.len(), 3);
    // Their secret is in the documentation, too.
    for sample in tokens.drain(..) {
        let found = findings(&sample, clock::parse("1700000000").unwrap());
        let grave: Vec<_> = found.iter().filter(|finding| finding.severity > Severity::Info).collect();
        assert_eq!(grave.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["weak-secret"]);
        assert!(grave[0].text.contains("lms-secret"), "{grave:?}");
    }
    tokens.push(token(
        r#"{"alg":"HS256","typ":"JWT"}"#,
        r#"{"fresh":true,"iat":1700000000,"jti":"0d9c","type":"access","sub":{"user_id":"ada","provider":"ECAS"},"nbf":1700000000,"exp":1700003600,"iss":"SETA Auth Server","role":"user"}"#,
    ));
    tokens.push(token(
        r#"{"alg":"RS256","typ":"JWT"}"#,
        r#"{"token_type":"access","exp":1700003600,"iat":1700000000,"jti":"0d9c","user_id":7,"iss":"iss.practicus.io","username":"ada","email":"ada@example.org"}"#,
    ));
    tokens.push(Token::inspect("5g92HR0yJ4m51NIIy4djM9ozd44Juftg/og+KzyoLy8="));
    for token in tokens {
        let grave = findings(&token, clock::parse("1700000000").unwrap());
        let grave: Vec<_> = grave.iter().filter(|finding| finding.severity > Severity::Info).collect();
        assert!(grave.is_empty(), "{grave:?}");
    }
}
