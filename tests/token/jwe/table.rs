//! The truth table: what can be wrong with a token, times all algorithms.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokscope::token::jwe::{DecryptionKeys, LARGEST_PLAINTEXT, StepOutcome, management::MOST_ITERATIONS};

use crate::jwe::{
    decrypted,
    interop::{Interop, PLAINTEXT, interop, token, tokens},
    jwk, plaintext,
    seal::{key, seal, seal_with},
    word,
};

/// Verdict and failed step.
fn cell(token: &str, keys: &DecryptionKeys) -> (&'static str, &'static str) {
    let decryption = decrypted(token, keys);
    let failed = decryption.steps.iter().find(|step| matches!(step.outcome, StepOutcome::Failed { .. }));
    (decryption.verdict.as_str(), failed.map_or("", |step| step.name))
}

/// The token with one bit of a segment changed, if there is anything in it.
fn tampered(token: &str, segment: usize) -> Option<String> {
    let mut segments: Vec<_> = token.split('.').map(str::to_owned).collect();
    let mut bytes = URL_SAFE_NO_PAD.decode(&segments[segment]).unwrap();
    *bytes.last_mut()? ^= 1;
    segments[segment] = URL_SAFE_NO_PAD.encode(bytes);
    Some(segments.join("."))
}

/// The token with another parameter in its header: whoever changes it has changed what was authenticated.
fn with(token: &str, name: &str, value: &Value) -> String {
    let (header, rest) = token.split_once('.').unwrap();
    let mut header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    header[name] = value.clone();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

/// Another key of the same kind and length.
fn another(it: &Interop) -> DecryptionKeys {
    if let Some(secret) = it.jwk["k"].as_str() {
        let mut secret = URL_SAFE_NO_PAD.decode(secret).unwrap();
        secret[0] ^= 1;
        return DecryptionKeys::secret(&secret, "another");
    }
    let examples: Vec<Value> = serde_json::from_str(include_str!("../../vectors/jwe-rfc-examples.json")).unwrap();
    match it.jwk["kty"].as_str().unwrap() {
        "RSA" => jwk(&examples[1]["keys"][0]),
        _ => {
            let mut jwk = it.jwk.clone();
            let mut d = URL_SAFE_NO_PAD.decode(jwk["d"].as_str().unwrap()).unwrap();
            *d.last_mut().unwrap() ^= 1;
            // Not the first byte, of which X25519 ignores the lowest bits; the public part would not fit any more.
            jwk["d"] = URL_SAFE_NO_PAD.encode(d).into();
            let members = jwk.as_object_mut().unwrap();
            members.retain(|name, _| !matches!(&**name, "x" | "y"));
            crate::jwe::jwk(&jwk)
        }
    }
}

/// A key of a kind that the algorithm does not take.
fn of_another_type(it: &Interop) -> DecryptionKeys {
    if it.jwk["kty"] == "oct" {
        jwk(&token("RSA-OAEP").jwk)
    } else {
        DecryptionKeys::secret(b"a passphrase", "a secret")
    }
}

#[test]
fn no_cell_is_wrong() {
    for it in tokens() {
        let check = |case: &str, cell: (&str, &str), expected: (&str, &str)| {
            assert_eq!(cell, expected, "{} {}, {case}", it.alg, it.enc);
        };
        check("right key", cell(&it.token, &it.keys), ("decrypted", ""));
        check("no key", cell(&it.token, &DecryptionKeys::default()), ("no key", "key"));
        check("wrong key", cell(&it.token, &another(it)), ("wrong key", "decryption"));
        let mut both = another(it);
        both.append(jwk(&it.jwk));
        check("the second key", cell(&it.token, &both), ("decrypted", ""));
        check("wrong key type", cell(&it.token, &of_another_type(it)), ("cannot decrypt", "key"));
        let empty = DecryptionKeys::secret(b"", "empty");
        check("empty key", cell(&it.token, &empty), ("cannot decrypt", "key"));

        // The protected header is authenticated, and a member more makes no other difference.
        check("tampered aad", cell(&with(&it.token, "x", &json!(1)), &it.keys), ("wrong key", "decryption"));
        for (segment, name) in [(1, "encrypted key"), (2, "iv"), (3, "ciphertext"), (4, "tag")] {
            match tampered(&it.token, segment) {
                Some(token) => check(name, cell(&token, &it.keys), ("wrong key", "decryption")),
                None => assert!(segment == 1 && matches!(&*it.alg, "dir" | "ECDH-ES")),
            }
        }
        let segments: Vec<_> = it.token.split('.').collect();
        let replaced = |segment: usize, text: &str| {
            let mut segments = segments.clone();
            segments[segment] = text;
            segments.join(".")
        };
        let sends = !segments[1].is_empty();
        check(
            "encrypted key",
            cell(&replaced(1, if sends { "" } else { "AAAA" }), &it.keys),
            ("malformed", "algorithm"),
        );
        check("short iv", cell(&replaced(2, "AAAA"), &it.keys), ("malformed", "algorithm"));
        check("short tag", cell(&replaced(4, &segments[4][..20]), &it.keys), ("malformed", "algorithm"));
        check("no base64url", cell(&replaced(3, "AAAA="), &it.keys), ("malformed", "shape"));
        check("cut off", cell(&segments[..4].join("."), &it.keys), ("malformed", "shape"));

        check("unknown alg", cell(&with(&it.token, "alg", &json!("X")), &it.keys), ("cannot decrypt", "algorithm"));
        check("unknown enc", cell(&with(&it.token, "enc", &json!("X")), &it.keys), ("cannot decrypt", "algorithm"));
        check("alg is no text", cell(&with(&it.token, "alg", &json!(1)), &it.keys), ("malformed", "algorithm"));
        check("crit", cell(&with(&it.token, "crit", &json!(["exp"])), &it.keys), ("cannot decrypt", "shape"));
        check("empty crit", cell(&with(&it.token, "crit", &json!([])), &it.keys), ("malformed", "shape"));
        check("unknown zip", cell(&with(&it.token, "zip", &json!("GZ")), &it.keys), ("cannot decrypt", "shape"));

        // What the JWK says of itself counts.
        let limited = |name: &str, value: Value| {
            let mut key = it.jwk.clone();
            key[name] = value;
            cell(&it.token, &jwk(&key))
        };
        check("use", limited("use", json!("sig")), ("cannot decrypt", "key"));
        check("use", limited("use", json!("enc")), ("decrypted", ""));
        check("key_ops", limited("key_ops", json!(["sign", "encrypt"])), ("cannot decrypt", "key"));
        check("key_ops", limited("key_ops", json!(["decrypt", "unwrapKey", "deriveBits"])), ("decrypted", ""));
        check("alg", limited("alg", json!("HS256")), ("cannot decrypt", "key"));
        check("alg", limited("alg", it.alg.clone().into()), ("decrypted", ""));
    }
}

#[test]
fn a_passphrase_is_not_hashed_for_ever() {
    for alg in ["PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"] {
        let it = token(alg);
        for count in [json!(MOST_ITERATIONS + 1), json!(u32::MAX), json!(u64::MAX)] {
            let decryption = decrypted(&with(&it.token, "p2c", &count), &it.keys);
            assert_eq!(decryption.verdict.as_str(), "cannot decrypt");
            assert!(decryption.verdict.reason().unwrap().why.starts_with("too many iterations"));
        }
        for count in [json!(0), json!(-1), json!(1.5), json!("1000"), json!(null), json!(1e300)] {
            assert_eq!(cell(&with(&it.token, "p2c", &count), &it.keys), ("malformed", "decryption"), "{count}");
        }
        assert_eq!(cell(&with(&it.token, "p2s", &json!("no base64")), &it.keys), ("malformed", "decryption"));
        // Many passphrases share one bound, and none is hashed when it is crossed.
        let mut many = DecryptionKeys::default();
        (0..5).for_each(|number| many.append(DecryptionKeys::secret(&[number + 1], format!("secret {number}"))));
        assert_eq!(word(&with(&it.token, "p2c", &json!(1)), &many), "wrong key");
        let crossed = cell(&with(&it.token, "p2c", &json!(MOST_ITERATIONS)), &many);
        assert_eq!(crossed, ("cannot decrypt", "decryption"));
    }
}

#[test]
fn what_unpacks_to_too_much_is_refused() {
    let header = r#"{"alg":"dir","enc":"A128GCM","zip":"DEF"}"#;
    let packed = |length: usize| {
        let bytes = miniz_oxide::deflate::compress_to_vec(&vec![b'a'; length], 1);
        assert!(bytes.len() < length / 100 + 100);
        seal(header, &bytes)
    };
    assert_eq!(plaintext(&packed(LARGEST_PLAINTEXT), &key()).unwrap().len(), LARGEST_PLAINTEXT);
    assert_eq!(plaintext(&packed(0), &key()).unwrap(), b"");
    assert_eq!(cell(&packed(LARGEST_PLAINTEXT + 1), &key()), ("cannot decrypt", "plaintext"));
    assert_eq!(cell(&seal(header, b"\xff not packed"), &key()), ("malformed", "plaintext"));
}

#[test]
fn headers_are_kept_apart() {
    let check = |header: Value, more: Value, expected: (&str, &str)| {
        let protected = if header.is_null() { String::new() } else { URL_SAFE_NO_PAD.encode(header.to_string()) };
        let [ciphertext, tag] = seal_with(&protected, b"plain");
        let iv = URL_SAFE_NO_PAD.encode([7; 12]);
        let mut token = json!({"protected": protected, "iv": iv, "ciphertext": ciphertext, "tag": tag});
        if protected.is_empty() {
            token.as_object_mut().unwrap().remove("protected");
        }
        token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(cell(&token.to_string(), &key()), expected, "{token:#}");
    };
    let (alg, enc) = (json!({"alg": "dir"}), json!({"enc": "A128GCM"}));
    let all = json!({"alg": "dir", "enc": "A128GCM"});
    let fine = ("decrypted", "");
    check(all.clone(), json!({}), fine);
    check(enc.clone(), json!({"unprotected": alg}), fine);
    check(enc.clone(), json!({"header": alg}), fine);
    check(Value::Null, json!({"header": alg, "unprotected": enc}), fine);
    check(enc.clone(), json!({"recipients": [{"header": {"alg": "unknown"}}, {"header": alg}]}), fine);
    let broken = ("malformed", "shape");
    check(all.clone(), json!({"header": alg}), broken);
    check(all.clone(), json!({"header": 1}), broken);
    check(all.clone(), json!({"recipients": []}), broken);
    check(all.clone(), json!({"recipients": [1]}), broken);
    check(all.clone(), json!({"recipients": vec![json!({}); 101]}), broken);
    check(all.clone(), json!({"unprotected": {"zip": "DEF"}}), broken);
    check(all.clone(), json!({"unprotected": {"crit": ["x"]}}), broken);
    check(all.clone(), json!({"tag": 1}), broken);
    check(all.clone(), json!({"aad": "no base64"}), broken);
    check(all, json!({"aad": "YWFk"}), ("wrong key", "decryption"));
    check(enc, json!({}), ("malformed", "algorithm"));
    let twice = seal(r#"{"alg":"dir","alg":"dir","enc":"A128GCM"}"#, b"plain");
    assert_eq!(cell(&twice, &key()), broken);
}

#[test]
fn a_key_is_found_by_its_kid() {
    let it = token("A128KW");
    let set = |kids: [&str; 2]| {
        let (mut wrong, mut right) = (it.jwk.clone(), it.jwk.clone());
        wrong["k"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
        (wrong["kid"], right["kid"]) = (kids[0].into(), kids[1].into());
        jwk(&json!({"keys": [wrong, right]}))
    };
    // kid is in the header that all share: a protected one would have to be encrypted anew.
    let segments: Vec<_> = it.token.split('.').collect();
    let named = json!({"protected": segments[0], "unprotected": {"kid": "b"}, "encrypted_key": segments[1],
        "iv": segments[2], "ciphertext": segments[3], "tag": segments[4]})
    .to_string();
    assert_eq!(decrypted(&named, &set(["a", "b"])).key.unwrap(), "example.json, key 2");
    assert_eq!(word(&named, &set(["b", "a"])), "wrong key");
    // Nobody has that name: each is tried.
    assert_eq!(word(&named, &set(["a", "c"])), "decrypted");
    assert_eq!(word(&it.token, &set(["a", "b"])), "decrypted");
}

/// RFC 7518 §6.3.2: the primes are recommended, and no more.
#[test]
fn an_rsa_key_needs_no_primes() {
    let it = token("RSA-OAEP-256");
    let mut bare = it.jwk.clone();
    bare.as_object_mut().unwrap().retain(|name, _| !["p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
    assert_eq!(word(&it.token, &jwk(&bare)), "decrypted");
    bare["oth"] = json!([]);
    let refused = jwk(&bare);
    assert!(refused.entries()[0].key.as_ref().unwrap_err().contains("more than two primes"), "{refused:?}");
}

#[test]
fn odd_keys_are_listed_and_spoil_no_other() {
    let it = token("ECDH-ES");
    let mut other = it.jwk.clone();
    other["x"] = other["y"].clone();
    let mut mismatched = interop()["tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["key"].clone())
        .find(|key| key["crv"] == "P-384")
        .unwrap();
    mismatched["crv"] = "P-256".into();
    let mut public = it.jwk.clone();
    public.as_object_mut().unwrap().remove("d");
    let rsa = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB", "d": "AQAB"});
    let keys =
        jwk(&json!({"keys": [other, mismatched, public, rsa, {"kty": "EC", "crv": "P-999", "d": "AA"}, 7, it.jwk]}));
    let errors: Vec<_> = keys.entries().iter().map(|entry| entry.key.as_ref().err().map_or("", |why| why)).collect();
    assert_eq!(
        errors,
        [
            "the public key in it does not belong to the private one",
            "d is not a private key of P-256",
            "it is a public key, which encrypts; decrypting needs the private key",
            "the RSA key is broken, its private and public parts do not match, or it does not have 2048 to 8192 bits",
            "the curve P-999 is not supported for key agreement",
            "it is not a JSON object",
            "",
        ]
    );
    assert_eq!(decrypted(&it.token, &keys).plaintext.unwrap().bytes(), PLAINTEXT.as_bytes());
    for nothing in [&b""[..], b"  ", b"{}", b"7", b"\x00\xff", b"-----BEGIN PRIVATE KEY-----"] {
        assert!(DecryptionKeys::read(nothing, "nothing").is_err());
    }
}
