//! The text as a server would get it: what was repaired to read the token is named, and what a server would refuse is not
//! accepted, whatever the signature is worth. Also what is unwise about keys.

use serde_json::{Value, json};
use tokscope::token::{
    Token,
    verify::{StepOutcome, key_set::KeySet, policy::Policy, verify, verify_detached},
};

use crate::verify::{binary::command, issuer::Issuer, verified};

const CLAIMS: &str = r#"{"sub":"ada"}"#;
const SECRET: &str = "plain:a secret that is long enough for HS256";

fn token() -> String {
    Issuer::secret(&SECRET.as_bytes()["plain:".len()..]).sign(r#"{"alg":"HS256"}"#, CLAIMS)
}

/// Verdict, whether it is accepted, and what the checklist says of the text.
fn read(text: &str) -> (String, bool, String) {
    let (stdout, stderr, code) = command(&["verify", "--json", "-", "--secret", SECRET], text, None);
    let object: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{text:?}: {stdout}{stderr}"));
    let checks = object["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["check"] == "text").unwrap();
    assert_eq!(
        (&object["accepted"], check["outcome"] == "passed"),
        (&json!(code == 0), code == 0),
        "{text:?}: {object}"
    );
    (object["verdict"].as_str().unwrap().to_owned(), code == 0, check["text"].as_str().unwrap().to_owned())
}

#[test]
fn what_was_repaired_is_named_and_what_a_server_refuses_is_not_accepted() {
    let token = token();
    let (first, second) = token.split_at(30);
    let (early, late) = token.split_at(token.len() - 10);
    let dot = "a dot stands behind the token";
    let broken = "the token contains whitespace or line breaks, which were removed to read it";
    let bom = "a byte order mark (U+FEFF) stands in front of the token";
    for (text, accepted, words) in [
        (token.clone(), true, "as received"),
        (format!("  {token}\r\n"), true, "as received"),
        (format!("Bearer {token}\n"), true, "removed to read it: Bearer"),
        (format!("Authorization: Bearer {token}"), true, "removed to read it: Authorization:, Bearer"),
        (format!("\"{token}\",\n"), true, "removed to read it: quotes, a comma or semicolon, quotes"),
        (format!("see https://x.example/#access_token={token}&a=b"), true, "removed to read it: the text around it"),
        (format!("{token}.\n"), false, dot),
        (format!("Bearer {token}. That is all."), false, dot),
        (format!("{first}\n{second}"), false, broken),
        (format!("{first} {second}"), false, broken),
        (format!("Bearer {early}  {late}"), false, broken),
        (format!("{first}\u{200b}{second}"), false, broken),
        (format!("\u{feff}{token}"), false, bom),
        (format!("\u{feff}Bearer {token}"), false, bom),
        (format!("{token}\u{a0}"), false, "an invisible character (U+00A0) stands behind the token"),
    ] {
        assert_eq!(read(&text), ("valid".to_owned(), accepted, words.to_owned()), "{text:?}");
    }
}

#[test]
fn a_payload_that_is_no_claims_set_is_not_accepted() {
    let issuer = Issuer::secret(&SECRET.as_bytes()["plain:".len()..]);
    for (payload, why) in [
        ("[]", "the payload is JSON but not an object, so this is not a JWT (RFC 7519 §7.2)"),
        ("7", "the payload is JSON but not an object, so this is not a JWT (RFC 7519 §7.2)"),
        ("prose", "the payload is not JSON, so this is not a JWT (RFC 7519 §7.2)"),
        ("", "the payload is empty, so this is not a JWT; give a detached payload separately"),
        ("\u{feff}{}", "the payload begins with a byte order mark, which JSON forbids (RFC 8259 §8.1)"),
        (r#"{"sub":"ada","sub":"eve"}"#, "sub is duplicated; programs differ in which value they use (/sub)"),
    ] {
        let token = issuer.sign(r#"{"alg":"HS256"}"#, payload);
        let (stdout, stderr, code) = command(&["verify", "--json", "-", "--secret", SECRET], &token, None);
        let object: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
        assert_eq!((&object["verdict"], &object["accepted"], code), (&json!("valid"), &json!(false), 1), "{object}");
        let checks = object["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["check"] == "payload").unwrap();
        assert_eq!((&check["outcome"], &check["text"]), (&json!("failed"), &json!(why)));
    }
}

/// An empty payload is a payload; only somebody who has another one says that it is detached.
#[test]
fn an_empty_payload_is_detached_only_where_somebody_says_so() {
    let issuer = Issuer::new("HS256");
    let (header, keys) = (r#"{"alg":"HS256"}"#, issuer.keys());
    let empty = issuer.sign(header, "");
    assert_eq!(verified(&empty, &keys).verdict.as_str(), "valid");
    let elsewhere = issuer.sign(header, CLAIMS);
    let parts: Vec<_> = elsewhere.split('.').collect();
    let detached = format!("{}..{}", parts[0], parts[2]);
    let verdict = verified(&detached, &keys).verdict;
    assert_eq!(verdict.reason().and_then(|reason| reason.source), Some("RFC 7515 appendix F"), "{verdict:?}");
    let with = |text: &str, payload: &[u8]| {
        verify_detached(&Token::inspect(text), payload, &keys, &Policy::default()).verdict.as_str()
    };
    assert_eq!((with(&detached, CLAIMS.as_bytes()), with(&detached, b"")), ("valid", "invalid signature"));
    assert_eq!((with(&empty, b""), with(&empty, b"x")), ("valid", "invalid signature"));
}

/// What most libraries make of ECDSA unless they are told that it is for JWS.
#[test]
fn an_ecdsa_signature_in_der_is_called_that() {
    use aws_lc_rs::{rand::SystemRandom, signature};
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    for (alg, signing) in [
        ("ES256", &signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        ("ES384", &signature::ECDSA_P384_SHA384_ASN1_SIGNING),
        ("ES512", &signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        ("ES256K", &signature::ECDSA_P256K1_SHA256_ASN1_SIGNING),
    ] {
        let issuer = Issuer::new(alg);
        let pair = signature::EcdsaKeyPair::from_pkcs8(signing, &issuer.private()).unwrap();
        let whole = issuer.sign(&format!(r#"{{"alg":"{alg}"}}"#), CLAIMS);
        let (message, _) = whole.rsplit_once('.').unwrap();
        let der = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(der));
        let verification = verified(&token, &issuer.keys());
        assert_eq!(verification.verdict.as_str(), "malformed", "{alg}");
        let why = "key.der made this signature, but it is in DER where JWS has r and s side by side";
        assert_eq!(verification.verdict.reason().map(|reason| reason.why.as_str()), Some(why));
        let StepOutcome::Failed { why: step, .. } = &verification.steps[3].outcome else { panic!("{verification:?}") };
        assert_eq!(step, why);
        // Of another key it is wrong, and in DER.
        let verification = verified(&token, &Issuer::new(alg).keys());
        let StepOutcome::Failed { why, .. } = &verification.steps[3].outcome else { panic!("{verification:?}") };
        assert_eq!(verification.verdict.as_str(), "invalid signature");
        assert!(why.contains("it is in DER"), "{why}");
    }
}

/// For these, anybody can make a signature that fits.
#[test]
fn ed25519_keys_of_small_order_are_refused() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let token = Issuer::new("EdDSA").sign(r#"{"alg":"EdDSA"}"#, CLAIMS);
    let verdict = |x: &[u8]| {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(x)});
        let keys = KeySet::read(jwk.to_string().as_bytes(), "jwk").unwrap();
        verify(&Token::inspect(&token), &keys, &Policy::default()).verdict
    };
    let order_8 = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05";
    let order_8: Vec<_> = (0..32).map(|at| u8::from_str_radix(&order_8[2 * at..2 * at + 2], 16).unwrap()).collect();
    let (mut one, mut zero_signed, mut minus_one) = ([0; 32], [0; 32], [0xff; 32]);
    (one[0], zero_signed[31], minus_one[0], minus_one[31]) = (1, 0x80, 0xec, 0x7f);
    for point in [&[0; 32][..], &one, &zero_signed, &minus_one, &order_8] {
        let verdict = verdict(point);
        let words = verdict.reason().map(|reason| reason.why.as_str()).unwrap_or_default();
        assert!(words.contains("small order") && verdict.as_str() == "cannot verify", "{point:?}: {verdict:?}");
    }
    let Issuer::Ed(pair) = Issuer::new("EdDSA") else { unreachable!() };
    assert_eq!(verdict(aws_lc_rs::signature::KeyPair::public_key(&pair).as_ref()).as_str(), "invalid signature");
}

#[test]
fn keys_that_are_unwise_come_with_a_caution() {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let words = |keys: &KeySet| keys.cautions().iter().map(|caution| caution.why.clone()).collect::<Vec<_>>();
    let pem = include_bytes!("../../vectors/private-keys/public.pem");
    assert_eq!(
        words(&KeySet::secret(pem, "the secret")),
        ["the secret is a PEM key: a public key is not secret, so anyone can sign with it"]
    );
    let oct = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode([7; 32])});
    let okp = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode([7; 32])});
    let set = |keys: Value| KeySet::read(json!({ "keys": keys }).to_string().as_bytes(), "jwks.json").unwrap();
    assert_eq!(words(&set(json!([oct, okp]))), ["jwks.json mixes secrets and public keys"]);
    assert!(words(&set(json!([oct, oct]))).is_empty() && words(&set(json!([okp]))).is_empty());
    assert!(words(&KeySet::read(pem, "key.pem").unwrap()).is_empty());
    // Two options are two files, not one set.
    let mut both = KeySet::read(pem, "key.pem").unwrap();
    both.append(KeySet::secret(b"a secret that somebody has", "the secret"));
    assert!(words(&both).is_empty());
}

/// Siblings of the forms in `tests/token/cases`.
#[test]
fn further_forms_of_keys() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let pem = include_str!("../../vectors/private-keys/public.pem");
    let private = include_str!("../../vectors/private-keys/pkcs8.pem");
    let escaped = pem.trim().replace('\n', "\\n");
    let account = json!({"type": "service_account", "private_key_id": "k", "private_key": private}).to_string();
    let realms = json!({"realm": "lab", "public_key": pem}).to_string();
    let der = pem::parse(pem).unwrap().into_contents();
    let wrapped = STANDARD.encode(&der).as_bytes().chunks(64).map(<[u8]>::to_vec).collect::<Vec<_>>().join(&b'\n');
    let key = pem::parse(private).unwrap();
    let pair = aws_lc_rs::signature::RsaKeyPair::from_pkcs8(key.contents()).unwrap();
    let token = Issuer::Rsa(Box::new(pair), &aws_lc_rs::signature::RSA_PKCS1_SHA256)
        .sign(r#"{"alg":"RS256","kid":"x"}"#, CLAIMS);
    for form in [
        format!("\"{escaped}\"").into_bytes(),
        format!("'{escaped}'\n").into_bytes(),
        escaped.replace("\\n", "\\r\\n").into_bytes(),
        pem.replace('\n', " ").into_bytes(),
        [b"\xef\xbb\xbf", pem.as_bytes()].concat(),
        STANDARD.encode(pem).into_bytes(),
        STANDARD.encode(&escaped).into_bytes(),
        wrapped,
        account.clone().into_bytes(),
        json!({"active": {"RS256": "x"}, "keys": [{"kid": "x", "publicKey": STANDARD.encode(&der)}]})
            .to_string()
            .into_bytes(),
        STANDARD.encode(&account).into_bytes(),
        realms.into_bytes(),
    ] {
        let keys =
            KeySet::read(&form, "key").unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&form)));
        assert_eq!(verified(&token, &keys).verdict.as_str(), "valid", "{}", String::from_utf8_lossy(&form));
    }
    for line in [
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNYq4LBrFXY5rJfHtYLk9AOHM5YPQHTvvRjQyXtVqoiU1jzMnqBiOSn42d",
        "ssh-dss AAAA",
        "ssh-rsa",
    ] {
        assert!(KeySet::read(line.as_bytes(), "key").is_ok_and(|keys| keys.entries()[0].key.is_err()), "{line}");
    }
    // A secret is never taken for a key, however it is written.
    for text in ["lms-secret", &STANDARD.encode([7; 64]), r#"{"secret":"a secret that is long enough for HS256"}"#] {
        assert!(KeySet::read(text.as_bytes(), "key").is_err(), "{text}");
    }
}
