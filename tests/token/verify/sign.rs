//! What is signed here verifies here, with every algorithm of the table and every kind of key file.

use aws_lc_rs::encoding::{AsDer as _, EcPrivateKeyRfc5915Der};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use tokscope::token::{
    Token,
    sign::{SigningKeys, sign},
    verify::{algorithm::Algorithm, key_set::KeySet, policy::Policy},
};

use crate::verify::{
    failed,
    issuer::{ALGORITHMS, Issuer},
    word,
};

const CLAIMS: &str = "{ \"sub\" : \"ada\",\n \"n\":1e400, \"sub\":\"\\u0042ob\" }";

fn header(alg: &str) -> String {
    format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#)
}

fn signed(alg: &str, keys: &SigningKeys) -> String {
    sign(&header(alg), CLAIMS, keys, &Policy::default()).unwrap().token
}

fn refusal(alg: &str, material: &[u8]) -> String {
    let keys = SigningKeys::read(material, "key").unwrap();
    sign(&header(alg), CLAIMS, &keys, &Policy::default()).unwrap_err().to_string()
}

fn pem(tag: &str, der: &[u8]) -> String {
    format!("-----BEGIN {tag}-----\n{}\n-----END {tag}-----\n", STANDARD.encode(der))
}

#[test]
fn each_algorithm_of_the_table_goes_round() {
    let names: Vec<_> = Algorithm::all().iter().map(|algorithm| algorithm.name).collect();
    assert_eq!(names, ALGORITHMS);
    for alg in names {
        let issuer = Issuer::new(alg);
        let keys = match &issuer {
            Issuer::Hmac(_, secret) => SigningKeys::secret(secret, "the secret"),
            _ => SigningKeys::read(&issuer.private(), "private.der").unwrap(),
        };
        let token = signed(alg, &keys);
        assert_eq!(word(&token, &issuer.keys()), "valid", "{alg}");
        assert_eq!(word(&token, &Issuer::new(alg).keys()), "invalid signature", "{alg}");
        assert_eq!(Token::inspect(&token).claims().unwrap().text(), CLAIMS, "not a byte is changed");
        for other in ALGORITHMS {
            let fits = sign(&header(other), CLAIMS, &keys, &Policy::default()).is_ok();
            let token = issuer.sign(&header(other), CLAIMS);
            let verifiable = !["cannot verify"].contains(&word(&token, &issuer.keys()));
            assert_eq!(fits, verifiable, "the same rules hold for {other} with a key for {alg}");
        }
    }
}

#[test]
fn private_keys_in_every_form() {
    for alg in ["ES256", "ES384", "ES512", "ES256K", "EdDSA"] {
        let issuer = Issuer::new(alg);
        let mut forms = vec![issuer.private(), pem("PRIVATE KEY", &issuer.private()).into_bytes()];
        if let Issuer::Ec(pair) = &issuer {
            let sec1: EcPrivateKeyRfc5915Der<'_> = pair.private_key().as_der().unwrap();
            forms.extend([sec1.as_ref().to_vec(), pem("EC PRIVATE KEY", sec1.as_ref()).into_bytes()]);
        }
        for form in forms {
            let token = signed(alg, &SigningKeys::read(&form, "key").unwrap());
            assert_eq!(word(&token, &issuer.keys()), "valid", "{alg}");
        }
        assert_eq!(refusal(alg, &issuer.public()), "key: it is a public key; signing needs the private key");
    }
    for rsa in [
        include_bytes!("../../vectors/private-keys/pkcs8.pem").as_slice(),
        include_bytes!("../../vectors/private-keys/pkcs1.pem"),
    ] {
        let public = KeySet::read(include_bytes!("../../vectors/private-keys/public.pem"), "public.pem").unwrap();
        for alg in ["RS256", "PS512"] {
            assert_eq!(word(&signed(alg, &SigningKeys::read(rsa, "key").unwrap()), &public), "valid", "{alg}");
        }
    }
    let weak = refusal("RS256", include_bytes!("../../vectors/private-keys/weak.pem"));
    assert_eq!(weak, "key: RS256 takes an RSA key of at least 2048 bits, but this one has 1024");
    assert!(refusal("RS256", include_bytes!("../../vectors/private-keys/pkcs8-aes256.pem")).contains("encrypted"));
    assert!(refusal("RS256", include_bytes!("../../vectors/private-keys/openssh-plain")).contains("ssh-keygen"));
}

/// The private keys of the cookbook, and RFC 8037's.
#[test]
fn private_jwks() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../../vectors/rfc7520-cookbook.json")).unwrap();
    let jwks: Vec<_> = cases
        .iter()
        .filter(|case| case["path"].as_str().unwrap().starts_with("jws/4_") || case["path"] == "curve25519/jws.json")
        .map(|case| (&case["case"]["input"]["key"], case["case"]["input"]["alg"].as_str()))
        .filter_map(|(jwk, alg)| Some((jwk, alg?)))
        .collect();
    assert!(jwks.len() >= 5, "{}", jwks.len());
    for (jwk, alg) in jwks {
        let material = jwk.to_string();
        let keys = SigningKeys::read(material.as_bytes(), "key.jwk").unwrap();
        assert!(!format!("{keys:?}").contains(jwk["d"].as_str().or(jwk["k"].as_str()).unwrap()));
        let public = KeySet::read(material.as_bytes(), "key.jwk").unwrap();
        assert_eq!(word(&signed(alg, &keys), &public), "valid", "{alg}");
        let with = |name: &str, value: Value| {
            let mut jwk = jwk.clone();
            jwk[name] = value;
            refusal(alg, jwk.to_string().as_bytes())
        };
        assert_eq!(
            with("key_ops", serde_json::json!(["verify"])),
            "key.jwk: ".replace(".jwk", "") + "the key's key_ops do not include sign"
        );
        assert!(with("use", "enc".into()).contains("use is enc"));
        if jwk["kty"] == "RSA" {
            // The primes follow from the exponents.
            let mut bare = jwk.clone();
            bare.as_object_mut().unwrap().retain(|name, _| !["p", "q", "dp", "dq", "qi"].contains(&name.as_str()));
            let keys = SigningKeys::read(bare.to_string().as_bytes(), "bare.jwk").unwrap();
            assert_eq!(word(&signed(alg, &keys), &public), "valid", "{alg}");
        }
        if jwk["kty"] != "oct" {
            let broken = with("d", "AAAA".into());
            assert!(broken.contains("not match") || broken.contains("the length of the private value"), "{broken}");
        }
    }
}

#[test]
fn of_several_keys_the_kid_decides() {
    let secret = |kid: &str| format!(r#"{{"kty":"oct","kid":"{kid}","k":"{}"}}"#, STANDARD.encode([65; 48]));
    let set = format!("[{},{}]", secret("a"), secret("b"));
    let keys = SigningKeys::read(set.as_bytes(), "set.json").unwrap();
    let with = |kid: &str| sign(&format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#), "{}", &keys, &Policy::default());
    assert_eq!(with("b").unwrap().key, "set.json, key 2");
    assert_eq!(with("c").unwrap_err().to_string(), "2 keys could sign: a, b");
}

/// RFC 9068 §3 (figure 2): the worked access token, header and claims to the letter, signed here; and §4, what a resource
/// server asks of it.
#[test]
fn the_access_token_of_rfc_9068() {
    let header = r#"{"typ":"at+JWT","alg":"RS256","kid":"RjEwOwOA"}"#;
    let claims = r#"{
        "iss": "https://authorization-server.example.com/",
        "sub": "5ba552d67",
        "aud": "https://rs.example.com/",
        "exp": 1639528912,
        "iat": 1618354090,
        "jti": "dbe39bf3a3ba4238a513f51d6e1691c4",
        "client_id": "s6BhdRkqt3",
        "scope": "openid profile reademail"
      }"#;
    let keys = SigningKeys::read(include_bytes!("../../vectors/private-keys/pkcs8.pem"), "key.pem").unwrap();
    let token = sign(header, claims, &keys, &Policy::default()).unwrap().token;
    let public = KeySet::read(include_bytes!("../../vectors/private-keys/public.pem"), "public.pem").unwrap();
    assert_eq!(word(&token, &public), "valid");
    let refused = |now, aud: &str, typ: &str| {
        failed(&token, &public, &Policy::default(), now, |expected| {
            expected.issuers = vec!["https://authorization-server.example.com/".to_owned()];
            expected.audiences = vec![aud.to_owned()];
            expected.typ = Some(typ.to_owned());
            expected.scopes = vec!["openid".to_owned(), "reademail".to_owned()];
        })
    };
    assert_eq!(refused(1_639_528_911, "https://rs.example.com/", "at+jwt"), [""; 0]);
    assert_eq!(refused(1_639_528_911, "https://rs.example.com/", "application/at+jwt"), [""; 0]);
    assert_eq!(refused(1_639_528_912, "https://rs.example.com", "JWT"), ["exp", "aud", "typ"]);
}

/// Ed448 (RFC 8037 §3.2) is named for what it is, and neither verified nor signed with.
#[test]
fn ed448_is_beyond_us_and_said_so() {
    let x = "X9dEm1m0Yf0s54fsYWrUah2hNCSFpw4fig6nXYDpZ3jt8SR2m0bHBhvWeD3x5Q9s0foavq_oJWGA";
    let jwk = format!(r#"{{"kty":"OKP","crv":"Ed448","x":"{x}","d":"{x}"}}"#);
    let keys = KeySet::read(jwk.as_bytes(), "ed448.jwk").unwrap();
    for (alg, why) in [("EdDSA", "ed448.jwk: the curve Ed448 is not supported"), ("Ed448", "Ed448 is not supported")] {
        let token = Issuer::new("EdDSA").sign(&header(alg), CLAIMS);
        let verdict = crate::verify::verified(&token, &keys).verdict;
        assert_eq!((verdict.as_str(), verdict.reason().unwrap().why.as_str()), ("cannot verify", why));
    }
    let why = refusal("EdDSA", jwk.as_bytes());
    assert_eq!(why, "key: the curve Ed448 is not supported");
}
