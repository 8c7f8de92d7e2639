//! Keys in every form they are kept in, and what their JWKs allow.

use aws_lc_rs::{
    encoding::{AsDer as _, EcPrivateKeyRfc5915Der, Pkcs8V1Der},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokscope::token::{
    Token,
    verify::{
        StepOutcome, Verdict,
        key_set::{KeySet, SecretEncoding},
        policy::Policy,
        verify,
    },
};

use crate::verify::{
    issuer::{ALGORITHMS, Issuer},
    verified, word,
};

fn rsa() -> Issuer {
    let pem = pem::parse(include_bytes!("../../vectors/private-keys/pkcs8.pem")).unwrap();
    Issuer::Rsa(Box::new(RsaKeyPair::from_pkcs8(pem.contents()).unwrap()), &RSA_PKCS1_SHA256)
}

/// The most usual mistake of all: a secret that is base64 is given as text, or the other way round.
#[test]
fn a_secret_that_was_read_the_wrong_way_is_told_from_a_wrong_one() {
    const BYTES: [u8; 32] = [0xfb; 32];
    let base64 = "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=";
    let url = "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s";
    let hex = "fb".repeat(32);
    let text = "dGhpcyBpcyB0ZXh0IHRoYXQgbG9va3MgbGlrZSBiYXNlNjQh";
    let decoded = |encoding: SecretEncoding, text: &str| encoding.decode(text).unwrap();
    let cases: [(&[u8], Vec<u8>, &str); 7] = [
        (&BYTES, base64.into(), "give it as base64"),
        (&BYTES, url.into(), "give it as base64url"),
        (&BYTES, hex.clone().into(), "give it as hex"),
        (b"32 bytes of text, and not one more", b"32 bytes of text, and not one more\n".to_vec(), "give it without"),
        (text.as_bytes(), decoded(SecretEncoding::Base64, text), "give it as plain text"),
        (hex.as_bytes(), decoded(SecretEncoding::Hex, &hex), "give it as plain text"),
        // Decoded it is too short, which is not what is wrong with it.
        (b"abcdefghijklmnopqrstuvwxyz0123456789", b"0".to_vec(), "compare it with the issued one"),
    ];
    let policy = Policy { allow_weak_key: true, ..Policy::default() };
    for (secret, given, hint) in cases {
        let token = Token::inspect(&Issuer::secret(secret).sign(r#"{"alg":"HS256"}"#, "{}"));
        let verification = verify(&token, &KeySet::secret(&given, "the secret"), &policy);
        let StepOutcome::Failed { fix, .. } = &verification.steps[3].outcome else { panic!("{verification:?}") };
        assert_eq!(verification.verdict, Verdict::InvalidSignature);
        assert!(fix.contains(hint), "{fix}");
    }
    let short = "short but right in text";
    let token = Token::inspect(&Issuer::secret(short.as_bytes()).sign(r#"{"alg":"HS256"}"#, "{}"));
    let verdict = verify(&token, &KeySet::secret(&BYTES[..8], "the secret"), &Policy::default()).verdict;
    assert!(verdict.reason().unwrap().fix.contains("longer"), "{verdict:?}");
    let keys = KeySet::secret(&decoded(SecretEncoding::Base64, &text[..32]), "the secret");
    let token = Token::inspect(&Issuer::secret(&text.as_bytes()[..32]).sign(r#"{"alg":"HS256"}"#, "{}"));
    let verdict = verify(&token, &keys, &Policy::default()).verdict;
    assert!(verdict.reason().unwrap().fix.contains("give it as plain text"), "{verdict:?}");
}

/// The reason why the only key of a set cannot be used.
fn refusal(material: &[u8]) -> String {
    let keys = KeySet::read(material, "key").unwrap();
    keys.entries()[0].key.as_ref().unwrap_err().clone()
}

#[test]
fn rsa_keys_in_pem_and_der() {
    let token = rsa().sign(r#"{"alg":"RS256"}"#, "{}");
    for pem in [
        include_str!("../../vectors/private-keys/pkcs8.pem"),
        include_str!("../../vectors/private-keys/pkcs1.pem"),
        include_str!("../../vectors/private-keys/public.pem"),
    ] {
        assert_eq!(word(&token, &KeySet::read(pem.as_bytes(), "key.pem").unwrap()), "valid", "{pem}");
        let der = pem::parse(pem).unwrap();
        assert_eq!(word(&token, &KeySet::read(der.contents(), "key.der").unwrap()), "valid", "{pem}");
        let windows = format!("key of the test server\r\n{}\r\n\r\n", pem.replace('\n', "\r\n"));
        assert_eq!(word(&token, &KeySet::read(windows.as_bytes(), "key.pem").unwrap()), "valid");
    }
    let Issuer::Rsa(pair, _) = rsa() else { unreachable!() };
    let pkcs1 = pair.public_key().as_ref();
    assert_eq!(word(&token, &KeySet::read(pkcs1, "public.der").unwrap()), "valid");
    for (pem, why) in [
        (include_str!("../../vectors/private-keys/pkcs8-aes256.pem"), "encrypted"),
        (include_str!("../../vectors/private-keys/traditional-aes256.pem"), "encrypted"),
        (include_str!("../../vectors/private-keys/openssh-plain"), "ssh-keygen"),
    ] {
        assert!(refusal(pem.as_bytes()).contains(why), "{pem}");
    }
}

#[test]
fn private_keys_and_certificates_of_elliptic_curves() {
    let key = pem::parse(include_bytes!("../../vectors/tls/server.key")).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.contents()).unwrap();
    let token = Issuer::Ec(pair).sign(r#"{"alg":"ES256"}"#, "{}");
    let certificate = include_bytes!("../../vectors/tls/good.crt");
    let other = include_bytes!("../../vectors/tls/other-ca.crt");
    assert_eq!(word(&token, &KeySet::read(certificate, "good.crt").unwrap()), "valid");
    assert_eq!(word(&token, &KeySet::read(pem::parse(certificate).unwrap().contents(), "good.der").unwrap()), "valid");
    assert_eq!(word(&token, &KeySet::read(other, "other.crt").unwrap()), "invalid signature");
    let chain = [&other[..], certificate].concat();
    assert_eq!(verified(&token, &KeySet::read(&chain, "chain").unwrap()).key.as_deref(), Some("chain, key 2"));
    for alg in ["ES256", "ES384", "ES512", "ES256K"] {
        let issuer = Issuer::new(alg);
        let token = issuer.sign(&format!(r#"{{"alg":"{alg}"}}"#), "{}");
        let Issuer::Ec(pair) = &issuer else { unreachable!() };
        let pkcs8 = pair.to_pkcs8v1().unwrap();
        assert_eq!(word(&token, &KeySet::read(pkcs8.as_ref(), "pkcs8").unwrap()), "valid", "{alg}");
        let sec1: EcPrivateKeyRfc5915Der<'_> = pair.private_key().as_der().unwrap();
        assert_eq!(word(&token, &KeySet::read(sec1.as_ref(), "sec1").unwrap()), "valid", "{alg}");
    }
    for alg in ["EdDSA", "Ed25519"] {
        let issuer = Issuer::new(alg);
        let Issuer::Ed(pair) = &issuer else { unreachable!() };
        let (first, second) = (pair.to_pkcs8v1().unwrap(), pair.to_pkcs8().unwrap());
        let token = issuer.sign(&format!(r#"{{"alg":"{alg}"}}"#), "{}");
        for der in [first.as_ref(), second.as_ref()] {
            assert_eq!(word(&token, &KeySet::read(der, "pkcs8").unwrap()), "valid", "{alg}");
        }
    }
    let Issuer::Rsa(pair, _) = rsa() else { unreachable!() };
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    assert!(KeySet::read(der.as_ref(), "rsa").unwrap().entries()[0].key.is_ok());
}

#[test]
fn one_odd_key_spoils_no_set() {
    let x = URL_SAFE_NO_PAD.encode([1; 32]);
    let good = Issuer::new("HS256");
    let odd = [
        (json!("no object"), "not a JSON object"),
        (json!({}), "kty is missing"),
        (json!({"kty": 7}), "kty is not a string"),
        (json!({"kty": "AKP"}), "kty is AKP"),
        (json!({"kty": "RSA", "e": "AQAB"}), "n is missing"),
        (json!({"kty": "RSA", "n": "+/==", "e": "AQAB"}), "n is not base64url"),
        (json!({"kty": "RSA", "n": "AA", "e": "AQAB"}), "not an RSA key"),
        (json!({"kty": "RSA", "n": x, "e": "AQ"}), "not an RSA key"),
        (json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode([1; 1025]), "e": "AQAB"}), "more than 8192 bits"),
        (json!({"kty": "EC", "crv": "P-256", "x": x, "y": x}), "not on the curve"),
        (json!({"kty": "EC", "crv": "P-256", "x": "AQ", "y": x}), "x has 1 bytes; P-256 has 32"),
        (json!({"kty": "EC", "crv": "P-257", "x": x, "y": x}), "P-257"),
        (json!({"kty": "OKP", "crv": "Ed448", "x": x}), "Ed448"),
        (json!({"kty": "OKP", "crv": "Ed25519", "x": "AQ"}), "Ed25519"),
        (json!({"kty": "oct", "k": "AQ", "use": []}), "use is not a string"),
        (json!({"kty": "oct", "k": "AQ", "key_ops": "verify"}), "key_ops is not a list"),
    ];
    let mut set: Vec<Value> = odd.iter().map(|(jwk, _)| jwk.clone()).collect();
    set.insert(3, json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(good.public())}));
    let keys = KeySet::read(json!({"keys": set}).to_string().as_bytes(), "jwks.json").unwrap();
    assert_eq!(verified(&good.sign(r#"{"alg":"HS256"}"#, "{}"), &keys).key.as_deref(), Some("jwks.json, key 4"));
    let found: Vec<_> = keys.entries().iter().filter_map(|entry| entry.key.as_ref().err()).collect();
    assert_eq!(found.len(), odd.len());
    for (found, (_, why)) in found.iter().zip(&odd) {
        assert!(found.contains(why), "{found} should say {why}");
    }
    for (material, why) in [
        ("", "empty"),
        ("{", "not JSON"),
        ("{}", "not a key"),
        (r#"{"keys":{}}"#, "not a list"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA", "PEM"),
        ("lms-secret", "no key"),
    ] {
        let error = KeySet::read(material.as_bytes(), "key").unwrap_err();
        assert!(error.to_string().contains(why) && error.hint.is_some(), "{material}: {error}");
        assert!(!format!("{error} {error:?}").contains("lms-secret"));
    }
}

#[test]
fn what_a_jwk_says_of_its_key_is_honoured() {
    for alg in ALGORITHMS.iter().filter(|alg| alg.starts_with("HS")) {
        let issuer = Issuer::new(alg);
        let token = issuer.sign(&format!(r#"{{"alg":"{alg}","kid":"a"}}"#), "{}");
        let with = |more: Value| {
            let mut jwk = json!({"kty": "oct", "k": URL_SAFE_NO_PAD.encode(issuer.public())});
            jwk.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let verdict = verified(&token, &KeySet::read(jwk.to_string().as_bytes(), "jwk").unwrap()).verdict;
            (verdict.as_str(), verdict.reason().and_then(|reason| reason.source))
        };
        assert_eq!(with(json!({})), ("valid", None));
        assert_eq!(with(json!({"use": "sig", "key_ops": ["sign", "verify"], "alg": alg})), ("valid", None));
        assert_eq!(with(json!({"use": "enc"})), ("cannot verify", Some("RFC 7517 §4.2")));
        assert_eq!(with(json!({"key_ops": ["sign"]})), ("cannot verify", Some("RFC 7517 §4.3")));
        assert_eq!(with(json!({"alg": "RS256"})), ("cannot verify", Some("RFC 7517 §4.4")));
        assert_eq!(with(json!({"kid": "a"})), ("valid", None));
        assert_eq!(with(json!({"kid": "b"})), ("not verified", None));
    }
}

#[test]
fn the_kid_decides_unless_it_is_ignored() {
    let (right, wrong) = (Issuer::new("HS256"), Issuer::new("HS256"));
    let jwk =
        |issuer: &Issuer, kid: &str| json!({"kty": "oct", "kid": kid, "k": URL_SAFE_NO_PAD.encode(issuer.public())});
    let set = |keys: &[Value]| KeySet::read(json!({ "keys": keys }).to_string().as_bytes(), "set").unwrap();
    let token = right.sign(r#"{"alg":"HS256","kid":"a"}"#, "{}");
    let swapped = set(&[jwk(&wrong, "a"), jwk(&right, "b")]);
    assert_eq!(word(&token, &swapped), "invalid signature");
    let any = Policy { ignore_kid: true, ..Policy::default() };
    assert_eq!(verify(&Token::inspect(&token), &swapped, &any).verdict.as_str(), "valid");
    let twice = set(&[jwk(&wrong, "a"), jwk(&right, "a")]);
    assert_eq!((word(&token, &twice), twice.duplicate_kids()), ("valid", vec!["a"]));
    assert_eq!(word(&right.sign(r#"{"alg":"HS256"}"#, "{}"), &swapped), "valid");
}

#[test]
fn secrets_in_their_encodings() {
    let decode = |encoding: SecretEncoding, text: &str| encoding.decode(text).ok();
    assert_eq!(decode(SecretEncoding::Text, "é "), Some("é ".as_bytes().to_vec()));
    assert_eq!(decode(SecretEncoding::Hex, "00fF\n"), Some(vec![0, 255]));
    assert_eq!(decode(SecretEncoding::Hex, "0"), None);
    assert_eq!(decode(SecretEncoding::Hex, "0x"), None);
    assert_eq!(decode(SecretEncoding::Base64, "+/8="), Some(vec![0xfb, 0xff]));
    assert_eq!(decode(SecretEncoding::Base64, "+/8"), Some(vec![0xfb, 0xff]));
    assert_eq!(decode(SecretEncoding::Base64, "-_8"), None);
    assert_eq!(decode(SecretEncoding::Base64url, "-_8="), Some(vec![0xfb, 0xff]));
    assert_eq!(decode(SecretEncoding::Base64url, "+/8"), None);
    let error = SecretEncoding::Hex.decode("marker").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("marker"));
    assert!(!format!("{:?}", KeySet::secret(b"marker", "the secret")).contains("marker"));
}

#[test]
fn keys_that_can_be_broken_are_refused() {
    use num_bigint::BigUint;

    let token = rsa().sign(r#"{"alg":"RS256"}"#, "{}");
    let refused = |keys: &KeySet| {
        let verdict = verified(&token, keys).verdict;
        verdict.reason().and_then(|reason| reason.source).unwrap_or(verdict.as_str())
    };
    let weak = KeySet::read(include_bytes!("../../vectors/private-keys/weak.pem"), "weak.pem").unwrap();
    assert_eq!(refused(&weak), "RFC 7518 §3.3");
    // A modulus as the library of CVE-2017-15361 makes them: a power of 65537 modulo the product of the first primes.
    let is_prime = |n: &u32| !(2..*n).any(|factor| n.is_multiple_of(factor));
    let product: BigUint = (2..=167).filter(is_prime).map(BigUint::from).product();
    let power = BigUint::from(65_537u32).modpow(&BigUint::from(20_171_016u32), &product);
    for (step, expected) in [(0u32, "CVE-2017-15361"), (2, "invalid signature")] {
        let n = (BigUint::from(1u32) << 2047u32) / &product * &product + &product + &power + step;
        let jwk = json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(n.to_bytes_be()), "e": "AQAB"});
        assert_eq!(refused(&KeySet::read(jwk.to_string().as_bytes(), "jwk").unwrap()), expected);
    }
}

/// An RSA key with the object identifier of RSASSA-PSS: the last byte of the algorithm's is 10 instead of 1.
#[test]
fn a_key_for_pss_alone_verifies_nothing_else() {
    let Issuer::Rsa(pair, _) = rsa() else { unreachable!() };
    let mut der = rsa().public();
    let rsa_encryption = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    let at = der.windows(9).position(|window| window == rsa_encryption).unwrap();
    der[at + 8] = 10;
    let keys = KeySet::read(&der, "pss.der").unwrap();
    let verdict = verified(&rsa().sign(r#"{"alg":"RS256"}"#, "{}"), &keys).verdict;
    assert_eq!(verdict.reason().and_then(|reason| reason.source), Some("RFC 4055 §1.2"));
    let pss = Issuer::Rsa(pair, &aws_lc_rs::signature::RSA_PSS_SHA256);
    assert_eq!(word(&pss.sign(r#"{"alg":"PS256"}"#, "{}"), &keys), "valid");
}
