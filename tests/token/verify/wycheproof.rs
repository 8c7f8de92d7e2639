//! The kinds of cases that Project Wycheproof tests libraries for JWS and JWK with, made anew with keys of our own: no
//! package brings its vectors along. One row for each kind: what Wycheproof asks, and, where we differ, the reason.

mod encodings;
mod rsa;

use aws_lc_rs::{
    hmac,
    signature::{EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokscope::token::{
    Token,
    verify::{
        StepOutcome, Verdict, Verification, as_it_came, key_set::KeySet, policy::Policy, serialization::Serialized,
        verify,
    },
};

use crate::verify::issuer::Issuer;

/// A kind of case.
struct Kind {
    name: String,
    /// What is verified, and with what.
    text: String,
    keys: KeySet,
    /// What Wycheproof asks for.
    accept: bool,
    /// Why we do not do so; else empty.
    differs: &'static str,
}

const JSON: &str = "JSON serialization (RFC 7515 §7.2) is read as well, and the checklist says that it is one";
const MIXED: &str = "the user chose the file: the keys count, with a caution (RFC 8725 §3.1)";
const DUPLICATE: &str = "RFC 7517 §4.5 leaves it open: each key with that kid is tried, with a caution";
const PADDED: &str = "AWS's load balancers sign padded text: it is verified as it came, with a caution (RFC 7515 §2)";
const FOREIGN: &str = "no character beside base64url belongs into a segment (RFC 7515 §2): the vectors let one pass";
const KEY_ALG_521: &str = "a key's alg is honoured (RFC 7517 §4.4): the vectors name ES521, which is no algorithm";
const KEY_ALG: &str = "a key's alg is honoured (RFC 7517 §4.4): the vectors sign with PS384 and name PS256";

fn row(name: &str, text: impl Into<String>, keys: &KeySet, accept: bool) -> Kind {
    Kind { name: name.to_owned(), text: text.into(), keys: keys.clone(), accept, differs: "" }
}

impl Kind {
    fn but(self, differs: &'static str) -> Self {
        Self { differs, ..self }
    }

    /// Accepted as a JWS: by its signature, and as it came. Wycheproof's payloads are no claims sets.
    fn is_accepted(&self) -> bool {
        let verification = match Serialized::read(&self.text) {
            Some(serialized) => serialized.unwrap().signatures.remove(0).verify(None, &self.keys, &Policy::default()),
            None => {
                let token = Token::inspect(&self.text);
                verify(&token, &self.keys, &Policy::default()).of_text(as_it_came(&token, &self.text))
            }
        };
        let Verification { verdict, steps, .. } = verification;
        let refused = |name: &str| {
            steps.iter().any(|step| step.name == name && matches!(step.outcome, StepOutcome::Failed { .. }))
        };
        verdict == Verdict::Valid && !refused("text")
    }
}

#[test]
fn every_kind_is_as_wycheproof_has_it_or_differs_for_a_reason() {
    let mut kinds = Vec::new();
    for alg in ["HS256", "ES256", "RS256", "PS256", "EdDSA"] {
        kinds.extend(pieces(alg));
    }
    kinds.extend(attacks());
    kinds.extend(keys());
    kinds.extend(ecdsa());
    kinds.extend(rsa::kinds());
    kinds.extend(encodings::kinds());
    let wrong = |kind: &&Kind| (kind.is_accepted() == kind.accept) != kind.differs.is_empty();
    let wrong: Vec<_> = kinds.iter().filter(wrong).map(|kind| (&kind.name, kind.accept, kind.differs)).collect();
    assert!(wrong.is_empty(), "of {} kinds: {wrong:#?}", kinds.len());
}

fn set(keys: &[Value]) -> KeySet {
    KeySet::read(json!({ "keys": keys }).to_string().as_bytes(), "jwks.json").unwrap()
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().unwrap()
}

/// A token whose parts are changed or missing.
fn pieces(alg: &str) -> Vec<Kind> {
    let issuer = Issuer::new(alg);
    let keys = issuer.keys();
    let header = format!(r#"{{"alg":"{alg}","kid":"k"}}"#);
    let valid = issuer.sign(&header, "foo");
    let [h, p, s] = parts(&valid);
    let row = |name: &str, text: String, accept: bool| row(&format!("{alg} {name}"), text, &keys, accept);
    let other = |segment: &str| format!("{}{}", if segment.starts_with('A') { "B" } else { "A" }, &segment[1..]);
    let unsigned = |alg: &str| format!("{}.{p}.", URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}"}}"#)));
    let mut kinds = vec![
        row("valid", valid.clone(), true),
        row("empty payload", issuer.sign(&header, ""), true),
        row("payload of zeros", issuer.sign(&header, &"\0".repeat(20)), true),
        row("payload of one byte", issuer.sign(&header, "a"), true),
        row("blanks in the JSON of the header", issuer.sign(&format!("{{ \"alg\" :\n\"{alg}\"\t}} "), "foo"), true),
        row("modified signature", format!("{h}.{p}.{}", other(s)), false),
        row("missing signature", format!("{h}.{p}."), false),
        row("missing signature and separator", format!("{h}.{p}"), false),
        row("modified payload", format!("{h}.{}.{s}", other(p)), false),
        row("missing payload", format!("{h}..{s}"), false),
        row("missing payload and separator", format!("{h}.{s}"), false),
        row(
            "modified header",
            format!("{}.{p}.{s}", URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","kid":"x"}}"#))),
            false,
        ),
        row("missing header", format!(".{p}.{s}"), false),
        row("missing header and separator", format!("{p}.{s}"), false),
        row("payload alone", format!(".{p}."), false),
        row("payload without separators", p.to_owned(), false),
        row("empty text", String::new(), false),
        row("extra empty part", format!("{valid}."), false),
        row("extra part", format!("{valid}.{s}"), false),
    ];
    for none in ["none", "None", "NONE", "nOnE"] {
        kinds.push(row(&format!("alg {none} without signature"), unsigned(none), false));
        kinds.push(row(&format!("alg {none} with signature"), format!("{}{s}", unsigned(none)), false));
    }
    let serialized = json!({"payload": p, "signatures": [{"protected": h, "signature": s}]}).to_string();
    kinds.push(row("JSON serialization", serialized, false).but(JSON));
    kinds
}

/// A public key taken for a secret, a key that the token brings along, another algorithm of the same key.
fn attacks() -> Vec<Kind> {
    let mut kinds = Vec::new();
    for alg in ["ES256", "RS256", "EdDSA"] {
        let issuer = Issuer::new(alg);
        let keys = issuer.keys();
        let pem = pem::encode(&pem::Pem::new("PUBLIC KEY", issuer.public()));
        for (form, secret) in [("DER", issuer.public()), ("PEM", pem.into_bytes())] {
            let forged = Issuer::Hmac(hmac::HMAC_SHA256, secret).sign(r#"{"alg":"HS256"}"#, "foo");
            kinds.push(row(&format!("{alg} key in {form} taken for a secret"), forged, &keys, false));
        }
    }
    let (owner, attacker) = (Issuer::new("ES256"), Issuer::new("ES256"));
    let header = json!({"alg": "ES256", "jwk": ec_jwk(&attacker)}).to_string();
    kinds.push(row("a key that the attacker embeds", attacker.sign(&header, "foo"), &owner.keys(), false));
    let rsa = |alg: &str, encoding: &'static dyn aws_lc_rs::signature::RsaEncoding| {
        let key = pem::parse(include_bytes!("../../vectors/private-keys/pkcs8.pem")).unwrap();
        let pair = aws_lc_rs::signature::RsaKeyPair::from_pkcs8(key.contents()).unwrap();
        Issuer::Rsa(Box::new(pair), encoding).sign(&format!(r#"{{"alg":"{alg}","kid":"k"}}"#), "foo")
    };
    let with = |alg: &str| set(&[rsa::jwk(json!({"alg": alg, "kid": "k"}))]);
    use aws_lc_rs::signature as s;
    kinds.extend([
        row("PS384 with its key", rsa("PS384", &s::RSA_PSS_SHA384), &with("PS384"), true),
        row("RS256 where the key is for PS256", rsa("RS256", &s::RSA_PKCS1_SHA256), &with("PS256"), false),
        row("RS512 signature said to be PS512", rsa("PS512", &s::RSA_PKCS1_SHA512), &with("PS512"), false),
        row("PS256 signature said to be PS512", rsa("PS512", &s::RSA_PSS_SHA256), &with("PS512"), false),
        row("PS384 signature said to be RS384", rsa("RS384", &s::RSA_PSS_SHA384), &with("RS384"), false),
        row("PS384 where the key is for PS256", rsa("PS384", &s::RSA_PSS_SHA384), &with("PS256"), true).but(KEY_ALG),
    ]);
    kinds
}

fn ec_jwk(issuer: &Issuer) -> Value {
    let Issuer::Ec(pair) = issuer else { panic!("no key on a curve") };
    let point = EcdsaKeyPair::public_key(pair).as_ref();
    let half = (point.len() - 1) / 2;
    let [x, y] = [&point[1..=half], &point[half + 1..]].map(|half| URL_SAFE_NO_PAD.encode(half));
    let crv = if half == 32 { "P-256" } else { "P-521" };
    json!({"kty": "EC", "crv": crv, "kid": "k", "x": x, "y": y})
}

fn with(mut jwk: Value, more: Value) -> Value {
    let Value::Object(more) = more else { panic!("no object") };
    jwk.as_object_mut().unwrap().extend(more);
    jwk
}

/// What a JWK says of itself, keys that are too short, sets that are ambiguous.
fn keys() -> Vec<Kind> {
    let mut kinds = Vec::new();
    let oct =
        |secret: &[u8], more: Value| with(json!({"kty": "oct", "kid": "k", "k": URL_SAFE_NO_PAD.encode(secret)}), more);
    for (alg, algorithm, length) in
        [("HS256", hmac::HMAC_SHA256, 32), ("HS384", hmac::HMAC_SHA384, 48), ("HS512", hmac::HMAC_SHA512, 64)]
    {
        for (name, length, accept) in [
            ("as long", length, true),
            ("longer", 3 * length, true),
            ("shorter", length - 1, false),
            ("empty", 0, false),
        ] {
            let secret = vec![7; length];
            let token = Issuer::Hmac(algorithm, secret.clone()).sign(&format!(r#"{{"alg":"{alg}","kid":"k"}}"#), "foo");
            let key = oct(&secret, json!({"alg": alg, "use": "sig"}));
            kinds.push(row(&format!("{alg} key {name}"), token, &set(&[key]), accept));
        }
    }
    let (mac, ec) = (Issuer::secret(&[7; 32]), Issuer::new("ES256"));
    let (mac_token, ec_token) =
        (mac.sign(r#"{"alg":"HS256","kid":"k"}"#, "foo"), ec.sign(r#"{"alg":"ES256","kid":"k"}"#, "foo"));
    for (more, accept) in [
        (json!({"use": "sig", "key_ops": ["verify"]}), true),
        (json!({"use": "enc"}), false),
        (json!({"key_ops": ["encrypt"]}), false),
        (json!({"key_ops": ["sign, verify"]}), false),
        (json!({"alg": "ES521"}), false),
        (json!({"alg": "ES224"}), false),
        (json!({"crv": "P-384"}), false),
        (json!({"kty": "RSA"}), false),
        (json!({"x": URL_SAFE_NO_PAD.encode([1; 32])}), false),
    ] {
        let name = format!("EC key that says {more}");
        kinds.push(row(&name, ec_token.clone(), &set(&[with(ec_jwk(&ec), more)]), accept));
    }
    let wide = Issuer::new("ES512");
    let token = wide.sign(r#"{"alg":"ES512","kid":"k"}"#, "foo");
    for (alg, differs) in [("ES512", ""), ("ES521", KEY_ALG_521)] {
        let key = set(&[with(ec_jwk(&wide), json!({"alg": alg}))]);
        kinds.push(row(&format!("key on P-521 for {alg}"), token.clone(), &key, true).but(differs));
    }
    for alg in ["A256GCM", "A256KW"] {
        let key = set(&[oct(&[7; 32], json!({"alg": alg}))]);
        kinds.push(row(&format!("key of {alg}"), mac_token.clone(), &key, false));
    }
    let secret = oct(&[7; 32], json!({}));
    let two = set(&[secret.clone(), with(oct(&[8; 32], json!({})), json!({"kid": "j"}))]);
    let [h, p, _] = parts(&mac_token);
    let forged = format!("{h}.{p}.{}", parts(&Issuer::secret(&[8; 32]).sign(r#"{"alg":"HS256","kid":"k"}"#, "foo"))[2]);
    kinds.extend([
        row("a set of secrets", mac_token.clone(), &two, true),
        row("signed with the key of another kid", forged, &two, false),
        row("a set of secrets and public keys", mac_token.clone(), &set(&[secret.clone(), ec_jwk(&ec)]), false)
            .but(MIXED),
        row("one kid twice", mac_token, &set(&[secret, oct(&[8; 32], json!({}))]), false).but(DUPLICATE),
    ]);
    kinds
}

/// Signatures of ECDSA with numbers out of range, or of another length.
fn ecdsa() -> Vec<Kind> {
    use num_bigint::BigUint;
    const ORDER: &[u8] = b"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order = BigUint::parse_bytes(ORDER, 16).unwrap();
    let issuer = Issuer::new("ES256");
    let valid = issuer.sign(r#"{"alg":"ES256"}"#, "foo");
    let [h, p, s] = parts(&valid);
    let signature = URL_SAFE_NO_PAD.decode(s).unwrap();
    let token = |signature: &[u8]| format!("{h}.{p}.{}", URL_SAFE_NO_PAD.encode(signature));
    let fixed = |number: &BigUint, length: usize| {
        let bytes = number.to_bytes_be();
        [vec![0; length.saturating_sub(bytes.len())], bytes].concat()
    };
    let keys = issuer.keys();
    let mut kinds = vec![
        row("ECDSA valid", valid.clone(), &keys, true),
        row("ECDSA with zeros behind", token(&[&signature[..], &[0; 2]].concat()), &keys, false),
        row("ECDSA with zeros in front", token(&[&[0; 2], &signature[..]].concat()), &keys, false),
        row("ECDSA cut off", token(&signature[..63]), &keys, false),
        row("ECDSA very long", token(&[1; 2000]), &keys, false),
    ];
    let [r, s] = [&signature[..32], &signature[32..]].map(BigUint::from_bytes_be);
    let [wide_r, wide_s] = [&r + &order, &s + &order];
    for (name, r, s) in [("r", &wide_r, &s), ("s", &r, &wide_s)] {
        let text = token(&[fixed(r, 33), fixed(s, 33)].concat());
        kinds.push(row(&format!("ECDSA with {name} beyond the order"), text, &keys, false));
    }
    let edges = [BigUint::ZERO, BigUint::from(1u8), &order - 1u8, order];
    for r in &edges {
        for s in &edges {
            let text = token(&[fixed(r, 32), fixed(s, 32)].concat());
            kinds.push(row(&format!("ECDSA with r {r} and s {s}"), text, &keys, false));
        }
    }
    kinds
}
