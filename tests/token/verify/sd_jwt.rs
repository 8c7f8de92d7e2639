//! Selective disclosure (RFC 9901): what the issuer vouches for, and what a verifier must refuse.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokscope::token::{
    Token,
    verify::{Expectations, Step, StepOutcome, checklist, policy::Policy, serialization::Serialized, verify},
};

use crate::verify::issuer::Issuer;

/// A disclosure, and its digest.
fn disclosure(content: &Value) -> (String, String) {
    let text = URL_SAFE_NO_PAD.encode(content.to_string());
    let digest = URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()));
    (text, digest)
}

/// The steps of a token that is signed and presents these disclosures and this key binding.
fn steps(issuer: &Issuer, claims: &Value, presented: &str, expect: impl FnOnce(&mut Expectations)) -> Vec<Step> {
    let token = format!("{}~{presented}", issuer.sign(r#"{"alg":"HS256","typ":"dc+sd-jwt"}"#, &claims.to_string()));
    let token = Token::inspect(&token);
    let verification = verify(&token, &issuer.keys(), &Policy::default());
    assert_eq!(verification.verdict.as_str(), "valid");
    let mut expected = Expectations::at(tokscope::clock::parse("1500").unwrap());
    expect(&mut expected);
    checklist(&token, &verification, &expected)
}

fn outcome<'a>(steps: &'a [Step], name: &str) -> &'a StepOutcome {
    &steps.iter().find(|step| step.name == name).unwrap().outcome
}

/// The words of a step, and whether it passed.
fn step(steps: &[Step], name: &str) -> (bool, String) {
    match outcome(steps, name) {
        StepOutcome::Passed(words) => (true, words.clone()),
        StepOutcome::Failed { why, .. } => (false, why.clone()),
        StepOutcome::NotChecked(why) => (false, format!("not checked: {why}")),
    }
}

#[test]
fn disclosures_are_held_against_the_digests() {
    let issuer = Issuer::new("HS256");
    let (name, name_digest) = disclosure(&json!(["s1", "given_name", "Ada"]));
    let (country, country_digest) = disclosure(&json!(["s2", "DE"]));
    // Of an address, one line is disclosed on its own.
    let (street, street_digest) = disclosure(&json!(["s3", "street", "Main Street"]));
    let (address, address_digest) = disclosure(&json!(["s4", "address", {"_sd": [street_digest], "city": "Ulm"}]));
    let (reserved, reserved_digest) = disclosure(&json!(["s5", "_sd", []]));
    let (taken, taken_digest) = disclosure(&json!(["s6", "iss", "https://evil.example"]));
    let (forged, _) = disclosure(&json!(["s7", "role", "admin"]));
    let (short, short_digest) = disclosure(&json!(["s8"]));
    let nothing = URL_SAFE_NO_PAD.encode("no JSON");
    let claims = |digests: &Value, more: Value| {
        let mut claims = json!({"iss": "https://i.example", "_sd_alg": "sha-256", "_sd": digests});
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        claims
    };
    let all = json!([name_digest, address_digest, "ZGVjb3k"]);
    let countries = json!({"nationalities": [{"...": country_digest}, "FR", {"...": "ZGVjb3kgMg"}]});
    let nowhere = "its digest is not in any _sd, so the issuer did not sign it";
    for (claims, presented, expected) in [
        (claims(&all, json!({})), String::new(), Ok("nothing is disclosed")),
        (claims(&all, json!({})), format!("{name}~"), Ok("1 disclosure, its digest in the claims")),
        (claims(&all, countries), format!("{country}~{name}~"), Ok("2 disclosures, their digests in the claims")),
        (claims(&all, json!({})), format!("{address}~{street}~"), Ok("2 disclosures, their digests in the claims")),
        (claims(&all, json!({})), format!("{street}~{address}~"), Ok("2 disclosures, their digests in the claims")),
        (claims(&all, json!({})), format!("{street}~"), Err(format!("disclosure 1 (street): {nowhere}"))),
        (claims(&all, json!({})), format!("{name}~{forged}~"), Err(format!("disclosure 2 (role): {nowhere}"))),
        (claims(&all, json!({})), format!("{name}~{name}~"), Err("disclosure 2 (given_name): it occurs twice".into())),
        (claims(&all, json!({})), format!("{nothing}~"), Err("disclosure 1: it is not a JSON array".into())),
        (claims(&all, json!({})), "a!~".into(), Err("disclosure 1: it is not base64url".into())),
        (claims(&all, json!({})), "~".into(), Err("disclosure 1: it is not a JSON array".into())),
        (
            claims(&json!([short_digest]), json!({})),
            format!("{short}~"),
            Err("disclosure 1: it is not a salt, a name and a value".into()),
        ),
        (
            claims(&json!([reserved_digest]), json!({})),
            format!("{reserved}~"),
            Err("disclosure 1 (_sd): its name is reserved".into()),
        ),
        (
            claims(&json!([taken_digest]), json!({})),
            format!("{taken}~"),
            Err("disclosure 1 (iss): a claim of that name already exists".into()),
        ),
        (
            claims(&json!([country_digest]), json!({})),
            format!("{country}~"),
            Err("disclosure 1: it is an array element, but its digest is in _sd".into()),
        ),
        (
            claims(&json!([]), json!({"list": [{"...": name_digest}]})),
            format!("{name}~"),
            Err("disclosure 1 (given_name): it has a name, but its digest is in an array".into()),
        ),
        (
            claims(&json!([name_digest, name_digest]), json!({})),
            format!("{name}~"),
            Err("a digest occurs twice".into()),
        ),
        (
            claims(&all, json!({"deep": {"_sd": [name_digest]}})),
            format!("{name}~"),
            Err("a digest occurs twice".into()),
        ),
        (claims(&json!("text"), json!({})), String::new(), Err("_sd is not a list".into())),
        (claims(&json!([7]), json!({})), String::new(), Err("a digest is not a string".into())),
        (
            claims(&all, json!({"_sd_alg": "md5"})),
            format!("{name}~"),
            Err("_sd_alg names a hash that is not supported".into()),
        ),
    ] {
        let steps = steps(&issuer, &claims, &presented, |_| {});
        let expected = match expected {
            Ok(words) => (true, words.to_owned()),
            Err(why) => (false, why),
        };
        assert_eq!(step(&steps, "disclosed"), expected, "{claims} {presented}");
    }
    // Another hash than the usual one.
    let (text, _) = disclosure(&json!(["s1", "given_name", "Ada"]));
    let digest = URL_SAFE_NO_PAD.encode(digest(&SHA512, text.as_bytes()));
    let steps = steps(&issuer, &json!({"_sd_alg": "sha-512", "_sd": [digest]}), &format!("{text}~"), |_| {});
    assert!(step(&steps, "disclosed").0);
}

/// What is disclosed is a claim like any other; what is not signed is none.
#[test]
fn the_checks_go_by_the_disclosed_claims() {
    let issuer = Issuer::new("HS256");
    let (aud, digest) = disclosure(&json!(["s", "aud", "api"]));
    let api = |expected: &mut Expectations| expected.audiences = vec!["api".to_owned()];
    let claims = json!({"_sd": [digest]});
    assert!(step(&steps(&issuer, &claims, &format!("{aud}~"), api), "aud").0);
    assert!(!step(&steps(&issuer, &claims, "", api), "aud").0);
    assert!(!step(&steps(&issuer, &json!({"_sd": []}), &format!("{aud}~"), api), "aud").0);
    let (exp, digest) = disclosure(&json!(["s", "exp", 1000]));
    let (passed, words) = step(&steps(&issuer, &json!({"_sd": [digest]}), &format!("{exp}~"), |_| {}), "exp");
    assert!(!passed && words.starts_with("expired"), "{words}");
}

#[test]
fn the_key_binding_is_part_of_the_verdict() {
    let (issuer, holder, other) = (Issuer::new("HS256"), Issuer::new("ES256"), Issuer::new("ES256"));
    let Issuer::Ec(pair) = &holder else { unreachable!() };
    let point = aws_lc_rs::signature::KeyPair::public_key(pair).as_ref().to_vec();
    let [x, y] = [&point[1..33], &point[33..]].map(|half| URL_SAFE_NO_PAD.encode(half));
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    let (name, name_digest) = disclosure(&json!(["s1", "given_name", "Ada"]));
    let bound = json!({"_sd": [name_digest], "cnf": {"jwk": jwk}});
    let unbound = json!({"_sd": [name_digest]});
    let header = r#"{"alg":"HS256","typ":"dc+sd-jwt"}"#;
    // The hash is over the token as it is presented: the signature must be the same.
    let sd_hash = |claims: &Value, presented: &str| {
        let token = format!("{}~{presented}", issuer.sign(header, &claims.to_string()));
        URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()))
    };
    let presented = format!("{name}~");
    let hash = sd_hash(&bound, &presented);
    let claims = json!({"iat": 1400, "aud": "https://v.example", "nonce": "n-1", "sd_hash": hash});
    let without = |member: &str| {
        let mut claims = claims.clone();
        claims.as_object_mut().unwrap().remove(member);
        claims.to_string()
    };
    let kb = r#"{"alg":"ES256","typ":"kb+jwt"}"#;
    let whole = claims.to_string();
    let signed = "the key in cnf signed for https://v.example at 1970-01-01T00:23:20Z; whether that and the nonce are yours \
                  is not checked: n-1";
    for (claims, binding, expected) in [
        (&bound, holder.sign(kb, &whole), (true, signed)),
        (
            &bound,
            String::new(),
            (false, "not checked: no key-binding JWT: the holder did not prove possession of the key in cnf"),
        ),
        (
            &unbound,
            String::new(),
            (false, "not checked: no key-binding JWT, and the issuer names no key of the holder"),
        ),
        (
            &unbound,
            holder.sign(kb, &whole),
            (false, "there is a key-binding JWT, but cnf has no jwk to verify it with"),
        ),
        (&bound, other.sign(kb, &whole), (false, "the key in cnf did not sign the key-binding JWT")),
        (
            &bound,
            holder.sign(r#"{"alg":"ES256","typ":"JWT"}"#, &whole),
            (false, "the text after the last ~ is not a key-binding JWT (typ kb+jwt)"),
        ),
        (
            &bound,
            holder.sign(kb, &whole.replace(&hash, &sd_hash(&bound, ""))),
            (false, "the key-binding JWT is for other disclosures: its sd_hash does not match"),
        ),
        (
            &bound,
            holder.sign(kb, &without("sd_hash")),
            (false, "the key-binding JWT is for other disclosures: its sd_hash does not match"),
        ),
        (&bound, holder.sign(kb, &without("iat")), (false, "the key-binding JWT has no issue time (iat)")),
        (&bound, holder.sign(kb, &without("nonce")), (false, "the key-binding JWT has no aud or no nonce")),
        (&bound, holder.sign(kb, &without("aud")), (false, "the key-binding JWT has no aud or no nonce")),
    ] {
        let steps = steps(&issuer, claims, &format!("{presented}{binding}"), |_| {});
        assert_eq!(step(&steps, "binding"), (expected.0, expected.1.to_owned()), "{binding}");
    }
    // For whom it is presented stands in the key binding, and counts if that is right.
    let audience = |binding: &str, aud: &str| {
        let presented = format!("{presented}{binding}");
        step(&steps(&issuer, &bound, &presented, |expected| expected.audiences = vec![aud.to_owned()]), "aud")
    };
    let right = holder.sign(kb, &whole);
    assert_eq!(audience(&right, "https://v.example"), (true, "presented to https://v.example".to_owned()));
    assert!(!audience(&right, "https://other.example").0 && !audience("", "https://v.example").0);
    assert!(!audience(&other.sign(kb, &whole), "https://v.example").0);
    // A disclosure that was cut off takes the place of the key binding.
    let steps = steps(&issuer, &bound, &name, |_| {});
    assert!(matches!(outcome(&steps, "binding"), StepOutcome::Failed { .. }));
}

/// RFC 9901 §8: disclosures and key binding are members of the unprotected header.
#[test]
fn json_serialization_is_held_against_the_digests_too() {
    let issuer = Issuer::new("HS256");
    let (name, name_digest) = disclosure(&json!(["s1", "given_name", "Ada"]));
    let (role, _) = disclosure(&json!(["s2", "role", "admin"]));
    let compact = issuer.sign(r#"{"alg":"HS256","typ":"dc+sd-jwt"}"#, &json!({"_sd": [name_digest]}).to_string());
    let [protected, payload, signature]: [&str; 3] = compact.split('.').collect::<Vec<_>>().try_into().unwrap();
    let disclosed = |header: Value| {
        let text = json!({"payload": payload, "protected": protected, "signature": signature, "header": header});
        let serialized = Serialized::read(&text.to_string()).unwrap().map_err(|reason| reason.why)?;
        let verification = serialized.signatures[0].verify(None, &issuer.keys(), &Policy::default());
        assert_eq!(verification.verdict.as_str(), "valid");
        Ok((step(&verification.steps, "disclosed"), serialized.signatures[0].unprotected.clone()))
    };
    let good = Ok(((true, "1 disclosure, its digest in the claims".to_owned()), vec!["x".to_owned()]));
    assert_eq!(disclosed(json!({"disclosures": [name], "x": 1})), good);
    let forged = "disclosure 2 (role): its digest is not in any _sd, so the issuer did not sign it";
    assert_eq!(disclosed(json!({"disclosures": [name, role]})), Ok(((false, forged.to_owned()), Vec::new())));
    let odd = Err("disclosures is not a list of disclosures".to_owned());
    assert_eq!(disclosed(json!({"disclosures": name})), odd);
    assert_eq!(disclosed(json!({"disclosures": [7]})), odd);
}

/// A chain of disclosures, each inside of the one before, ends.
#[test]
fn a_chain_of_disclosures_is_not_followed_for_ever() {
    let issuer = Issuer::new("HS256");
    let (mut presented, mut digest) = (String::new(), String::from("ZGVjb3k"));
    for at in 0..2_000 {
        let (text, next) = disclosure(&json!([at.to_string(), "a", {"_sd": [digest]}]));
        presented.push_str(&text);
        presented.push('~');
        digest = next;
    }
    let steps = steps(&issuer, &json!({"_sd": [digest]}), &presented, |_| {});
    assert!(step(&steps, "disclosed").1.starts_with("the disclosures are nested too deep"));
}
