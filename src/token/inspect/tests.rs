use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proptest::prelude::*;

use super::*;
use crate::token::Defect;
use crate::{clock, secret::ExposeSecret as _};

fn encode(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

fn jws(header: &str, payload: &str) -> String {
    format!("{}.{}.c2ln", encode(header), encode(payload))
}

const HS256: &str = r#"{"alg":"HS256"}"#;

/// The form, claims and defects of a text.
fn outline(text: &str) -> (&'static str, String, Vec<String>) {
    let token = Token::inspect(text);
    let claims = token.claims().map(|claims| claims.compact(0)).unwrap_or_default();
    let defects = token.defects().iter().map(|defect| format!("{} {}", defect.code, defect.place)).collect();
    (token.form().as_str(), claims, defects)
}

#[track_caller]
fn check(text: &str, form: &str, claims: &str, defects: &[&str]) {
    let (found_form, found_claims, found_defects) = outline(text);
    assert_eq!((found_form, found_claims.as_str()), (form, claims), "{text}");
    assert_eq!(found_defects, defects, "{text}");
}

#[test]
fn peels_and_joins() {
    let token = jws(HS256, r#"{"sub":"a","n":1}"#);
    let around = [
        token.clone(),
        format!("  {token}\n"),
        format!("Bearer {token}"),
        format!("bearer   {token}"),
        format!("JWT {token}"),
        format!("Authorization: Bearer {token}"),
        format!("'authorization: JWT {token}'"),
        format!("\"{token}\","),
        format!("\u{feff}{token}\u{200b}"),
    ];
    for text in around {
        check(&text, "jws", r#"{"sub":"a","n":1}"#, &[]);
        assert_eq!(Token::inspect(&text).raw().expose_secret(), token);
    }
    let (head, tail) = token.split_at(30);
    for text in [format!("{head}\n{tail}"), format!("{head}\r\n   {tail}"), format!("{head} {tail}")] {
        check(&text, "jws", r#"{"sub":"a","n":1}"#, &["whitespace token"]);
        assert_eq!(Token::inspect(&text).raw().expose_secret(), token);
    }
    let found = [
        format!("{{\"access_token\": \"{token}\", \"expires_in\": 3600}}"),
        format!("curl -H 'Authorization: Bearer {token}' https://example.org"),
        format!("https://example.org/#access_token={token}&state=1"),
        format!("The token is {token}."),
        format!("{token}\n{token}"),
        format!("{token} and {token}"),
    ];
    for text in found {
        check(&text, "jws", r#"{"sub":"a","n":1}"#, &["surrounding-text token"]);
        assert_eq!(Token::inspect(&text).raw().expose_secret(), token, "{text}");
    }
}

#[test]
fn shows_what_peers_refuse() {
    let odd = r#"{"sub":{"id":7},"n":9223372036854775809,"x":1e400,"aud":[1,null]}"#;
    check(&jws(HS256, odd), "jws", odd, &[]);
    check(&jws(r#"{"alg":"none"}"#, "{}"), "jws", "{}", &["unsecured header/alg", "signature-unexpected signature"]);
    check(&jws(r#"{"alg":"ES256K","x":1}"#, "{ }"), "jws", "{}", &[]);
    check(&jws(r#"{"typ":"JWT"}"#, "{}"), "jws", "{}", &["alg-missing header"]);
    check(&jws(r#"{"alg":7}"#, "{}"), "jws", "{}", &["alg-not-a-string header/alg"]);
    check(&jws(HS256, r#"{"a":1,"a":2}"#), "jws", r#"{"a":1,"a":2}"#, &["duplicate-key /a"]);
    let nested = r#"{"a":[{"b":1,"\u0062":2}]}"#;
    check(&jws(HS256, nested), "jws", nested, &["duplicate-key /a/0/b"]);
    check(
        &jws(r#"{"alg":"HS256","alg":"none"}"#, "{}"),
        "jws",
        "{}",
        &["duplicate-key header/alg", "unsecured header/alg", "signature-unexpected signature"],
    );
}

#[test]
fn shows_what_is_broken() {
    let good = jws(HS256, r#"{"sub":"a"}"#);
    let payload = encode(r#"{"sub":"a"}"#);
    let header = encode(HS256);
    check(
        &format!("{header}."),
        "jws",
        "",
        &["missing-segment token", "detached-payload payload", "signature-missing signature"],
    );
    check(&format!("{header}.."), "jws", "", &["detached-payload payload", "signature-missing signature"]);
    check(
        &format!("{header}.{payload}"),
        "jws",
        r#"{"sub":"a"}"#,
        &["missing-segment token", "signature-missing signature"],
    );
    check(&format!("{header}.{payload}."), "jws", r#"{"sub":"a"}"#, &["signature-missing signature"]);
    check(&format!("{header}.{payload}=.c2ln"), "jws", r#"{"sub":"a"}"#, &["padding payload"]);
    check(&format!("{header}.{payload}.c2?n"), "jws", r#"{"sub":"a"}"#, &["base64 signature"]);
    check(&format!("{header}.{}*.c2ln", &payload[..8]), "jws", "{}", &["base64 payload", "json payload"]);
    check(&jws(HS256, r#"{"sub":"a","n":[1,"#), "jws", r#"{"sub":"a","n":[1]}"#, &["json payload"]);
    check(&jws(HS256, "hello"), "jws", "", &["no-claims payload"]);
    check(&jws(HS256, "\"hello\""), "jws", "\"hello\"", &["no-claims payload"]);
    let latin = format!("{header}.{}.c2ln", encode(b"{\"sub\":\"\xe9\",\"n\":1}"));
    check(&latin, "jws", "{\"sub\":\"\u{fffd}\",\"n\":1}", &["not-utf8 payload"]);
    check(&format!("{header}.{}.c2ln", encode([0xff, 0xfe])), "jws", "", &["no-claims payload"]);
    check(&good[1..], "opaque", "", &[]);
    check(&format!("{}.{payload}.c2ln", encode("[1]")), "opaque", "", &[]);
    check("", "opaque", "", &[]);
    check("a.b.c", "opaque", "", &[]);
}

/// What is blamed, cut out of the raw token: for places in JSON the characters that hold it, and of bytes what they decode to.
#[test]
fn blames_bytes_of_the_raw_token() {
    let check = |text: &str, blamed: &[(&str, &str)]| {
        let token = Token::inspect(text);
        let raw = token.raw().expose_secret();
        let cut = |defect: &Defect| defect.bytes.clone().map_or("?", |bytes| &raw[bytes]).to_owned();
        let found: Vec<_> = token.defects().iter().map(|defect| (defect.code.as_str(), cut(defect))).collect();
        let blamed: Vec<_> = blamed.iter().map(|(code, bytes)| (*code, (*bytes).to_owned())).collect();
        assert_eq!(found, blamed, "{text}");
    };
    let (header, payload) = (encode(HS256), encode(r#"{"sub":"a"}"#));
    check(&format!("{header}.{payload}==.c2ln"), &[("padding", "==")]);
    check(&format!("{header}.{payload}.c2?n"), &[("base64", "?")]);
    check(&format!("{header}.{payload}.c2lnx"), &[("base64", "x")]);
    check(&format!("{header}.{payload}.c2+n"), &[("standard-alphabet", "+")]);
    check(&format!("{header}.{payload}.c2l"), &[("trailing-bits", "l")]);
    check(&format!("{header}.{payload}"), &[("missing-segment", ""), ("signature-missing", "")]);
    check(&format!("{header}.{payload}\n.c2ln"), &[("whitespace", "?")]);
    // Three bytes are four characters: the raw control character is the third byte of its group, in two characters.
    let broken = "{\"sub\":\"ab\u{1}\"}";
    let at = broken.find('\u{1}').unwrap();
    let raw = format!("{header}.{}.c2ln", encode(broken));
    let range = Token::inspect(&raw).defects()[0].bytes.clone().unwrap();
    assert_eq!(range, header.len() + 1 + at * 8 / 6..header.len() + 1 + (at * 8 + 8).div_ceil(6));
    let unencoded = encode(r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#);
    check(&format!("{unencoded}.{{\"a\":1,\"a\":x}}.c2ln"), &[("json", "x")]);
    check(&format!("{unencoded}.{{\"a\":1,\"a\":2}}.c2ln"), &[("duplicate-key", "\"a\":2")]);
    check(&format!("{unencoded}.{{\"exp\":\"soon\"}}.c2ln"), &[("date-not-a-number", "\"exp\":\"soon\"")]);
    // Behind what is not UTF-8 nothing can be counted.
    let latin = format!("{header}.{}.c2ln", encode(b"{\"sub\":\"\xe9\",}"));
    assert!(
        matches!(Token::inspect(&latin).defects(), [first, second] if first.bytes.is_some() && second.bytes.is_none())
    );
}

#[test]
fn encrypted_and_opaque() {
    let header = encode(r#"{"alg":"dir","enc":"A128GCM"}"#);
    let token = Token::inspect(&format!("{header}..aXY.Y2lwaGVy.dGFn"));
    let Form::Jwe(jwe) = token.form() else { panic!("a JWE") };
    assert_eq!(jwe.segments[3], header.len() + 6..header.len() + 14);
    assert_eq!(token.alg().as_deref(), Some("dir"));
    assert_eq!((token.claims().is_none(), token.defects()), (true, &[][..]));
    check(&format!("{header}..aXY.Y2lw"), "jwe", "", &["missing-segment token"]);
    let opaque = Token::inspect("Bearer 5g92HR0yJ4m51NIIy4djM9ozd44Juftg/og+KzyoLy8=\n");
    assert_eq!(opaque.raw().expose_secret(), "5g92HR0yJ4m51NIIy4djM9ozd44Juftg/og+KzyoLy8=");
    assert!(opaque.is_plausible());
    for text in ["", "hello", "hello my dear old world", "https://example.org/login", "<html><body></body></html>"] {
        assert!(!Token::inspect(text).is_plausible(), "{text}");
    }
}

#[test]
fn unencoded_payload() {
    let header = encode(r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#);
    check(&format!("{header}.{{\"a\":1}}.c2ln"), "jws", r#"{"a":1}"#, &[]);
}

#[test]
fn dates_and_subject() {
    let token = Token::inspect(&jws(HS256, r#"{"exp":1,"nbf":"x","iat":1.5,"exp":1692211638}"#));
    let dates = token.dates().unwrap();
    let raw = |date: &Option<super::super::lifetime::NumericDate>| date.as_ref().map(|date| date.raw.clone());
    assert_eq!(
        [&dates.nbf, &dates.iat, &dates.exp].map(raw),
        ["\"x\"", "1.5", "1692211638"].map(|s| Some(s.to_owned()))
    );
    assert_eq!(dates.exp.as_ref().unwrap().time.map(clock::utc).as_deref(), Some("2023-08-16T18:47:18Z"));
    let places: Vec<_> = token.defects().iter().map(|defect| (defect.code.as_str(), defect.place.as_str())).collect();
    assert_eq!(places, [("duplicate-key", "/exp"), ("date-not-a-number", "/nbf")]);
    assert!(token.defects()[1].text.starts_with("\"x\" is not a number"));
    let subject = |claims: &str| Token::inspect(&jws(HS256, claims)).subject().map(Cow::into_owned);
    assert_eq!(subject(r#"{"sub":"J\u00fcrgen"}"#).as_deref(), Some("Jürgen"));
    assert_eq!(subject(r#"{"sub":{"id": 7}}"#).as_deref(), Some(r#"{"id":7}"#));
    assert_eq!(subject(r#"{"sub":12345678901234567890123}"#).as_deref(), Some("12345678901234567890123"));
    assert_eq!(subject(r#"{"email":"a"}"#), None);
}

#[test]
fn debug_gives_nothing_away() {
    let token = Token::inspect(&jws(HS256, r#"{"sub":"marker"}"#));
    let shown = format!("{token:?}");
    assert!(!shown.contains("marker") && !shown.contains("eyJ") && !shown.contains("115"), "{shown}");
}

#[test]
fn many_duplicates_and_great_depth() {
    let members: Vec<_> = (0..8_000).map(|n| format!("\"k{}\":0", n % 4_000)).collect();
    let token = Token::inspect(&jws(HS256, &format!("{{{}}}", members.join(","))));
    assert_eq!(token.defects().last().map(|defect| defect.text.as_str()), Some("3950 more defects are not listed"));
    let token = Token::inspect(&jws(HS256, &"{\"a\":".repeat(50_000)));
    assert_eq!(token.claims().unwrap().nodes().len(), 50_000);
}

fn is_shareable<T: Send + Sync>() {}

/// Found by fuzzing: the 64 bytes that are searched for "html" ended within a character.
#[test]
fn a_wide_character_near_the_start_of_xml() {
    for blanks in 50..70 {
        let text = format!("<{}\u{2009} urn:oasis:names:tc:SAML:2.0", "z".repeat(blanks));
        assert_eq!(Token::inspect(&text).format().map(|format| format.as_str()), Some("SAML"), "{blanks}");
    }
}

proptest! {
    #[test]
    fn never_panics(text in any::<String>(), near in "(Bearer )?ey[A-Za-z0-9+/_=. \n-]{0,80}", payload in any::<Vec<u8>>()) {
        is_shareable::<Token>();
        let wrapped = format!("{}.{}.", encode(HS256), encode(payload));
        for text in [text, near, wrapped] {
            let token = Token::inspect(&text);
            let again = Token::inspect(token.raw().expose_secret());
            prop_assert_eq!(again.form().as_str(), token.form().as_str());
            let raw = token.raw().expose_secret().len();
            prop_assert!(token.defects().iter().filter_map(|defect| defect.bytes.as_ref()).all(|bytes| bytes.end <= raw));
            let _ = (format!("{token:?}"), token.subject(), token.is_plausible(), token.lifetime());
        }
    }

    /// Formats other than JOSE: what is cut off, changed or made up is read as far as it goes.
    #[test]
    fn other_formats_never_panic(
        which in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        with in any::<char>(),
        bytes in any::<Vec<u8>>(),
        zip in any::<Vec<u8>>(),
    ) {
        let samples = [
            include_str!("../../../tests/vectors/cases/cwt-base64url.txt"),
            include_str!("../../../tests/vectors/cases/cwt-hex.txt"),
            include_str!("../../../tests/vectors/cases/biscuit.txt"),
            include_str!("../../../tests/vectors/cases/macaroon-v2-json.txt"),
            include_str!("../../../tests/vectors/cases/paseto-v4-public-expired.txt"),
            include_str!("../../../tests/vectors/cases/smart-health-card.txt"),
            include_str!("../../../tests/vectors/cases/smart-health-card-numeric.txt"),
            include_str!("../../../tests/vectors/cases/fly-macaroon-header.txt"),
            "MDAyMWxvY2F0aW9uIGh0dHA6Ly9leGFtcGxlLm9yZy8KMDAxYWlkZW50aWZpZXIgMTIzNDU2NzgK",
            "AgEIcHlwaS5vcmcCJDM4ZmI2YjYxLWM0ZTktNDZjZi1hMTk0LWM0YwAAAA",
        ];
        let sample = samples[which.index(samples.len())].trim();
        let mut changed: Vec<char> = sample.chars().collect();
        let place = at.index(changed.len());
        changed[place] = with;
        let tail = encode(&bytes);
        let card = format!("{}.{}.", encode(r#"{"alg":"ES256","zip":"DEF"}"#), encode(&zip));
        for text in [changed.into_iter().collect(), sample[..place].to_owned(), sample[..place].to_owned() + &tail, card] {
            let token = Token::inspect(&text);
            let _ = (token.format(), token.content().map(|content| content.claims.is_some()), token.subject(), token.lifetime());
        }
    }

    #[test]
    fn survives_mutation(at in any::<prop::sample::Index>(), with in any::<char>(), cut in any::<prop::sample::Index>()) {
        let token = jws(HS256, r#"{"sub":"feanil","exp":1692211638,"scopes":["read","write"]}"#);
        let mut changed: Vec<char> = token.chars().collect();
        changed[at.index(token.len())] = with;
        let changed: String = changed.into_iter().collect();
        Token::inspect(&changed);
        Token::inspect(&token[..cut.index(token.len())]);
    }
}
