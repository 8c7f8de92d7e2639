//! Nothing panics, whatever comes in; and only what was signed is valid.

use proptest::prelude::*;
use tokscope::token::{
    Token,
    verify::{Expectations, as_it_came, checklist, key_set::KeySet, policy::Policy, verify},
};

use crate::verify::{STEPS, issuer::Issuer};

const CERTIFICATE: &[u8] = include_bytes!("../../vectors/tls/good.crt");
const PRIVATE: &[u8] = include_bytes!("../../vectors/private-keys/pkcs8.pem");

/// All of it: reading the keys, verifying, and the checklist.
fn everything(token: &str, keys: &KeySet) -> &'static str {
    let token = Token::inspect(token);
    let policy = Policy { allow_weak_key: true, ignore_kid: true, ..Policy::default() };
    let verification = verify(&token, keys, &policy);
    let expected = Expectations::at(tokscope::clock::parse("1500").unwrap());
    let mut steps = checklist(&token, &verification, &expected);
    // An SD-JWT has two more.
    steps.retain(|step| !["disclosed", "binding"].contains(&step.name));
    assert_eq!(steps.len(), STEPS.len());
    verification.verdict.as_str()
}

fn jwk() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        Just("\"kty\"".to_owned()),
        Just("\"keys\"".to_owned()),
        Just("\"crv\"".to_owned()),
        Just("\"RSA\"".to_owned()),
        Just("\"EC\"".to_owned()),
        Just("\"OKP\"".to_owned()),
        Just("\"P-256\"".to_owned()),
        "\"[nexyk]\"",
        "\"[A-Za-z0-9_-]{0,90}\"",
        "[\\[\\]{}:,]",
    ];
    prop::collection::vec(member, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn key_sets_never_panic(bytes in any::<Vec<u8>>(), jwk in jwk(), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let der = pem::parse(CERTIFICATE).unwrap().into_contents();
        let private = pem::parse(PRIVATE).unwrap().into_contents();
        for mut material in [bytes, jwk.into_bytes(), der, private, CERTIFICATE.to_vec()] {
            let _ = KeySet::read(&material, "key");
            for (index, byte) in flips.iter().filter(|_| !material.is_empty()).collect::<Vec<_>>() {
                let at = index.index(material.len());
                material[at] = *byte;
            }
            if let Ok(keys) = KeySet::read(&material, "key") {
                for alg in ["HS256", "RS256", "PS512", "ES256", "ES512", "EdDSA"] {
                    let token = Issuer::Hmac(aws_lc_rs::hmac::HMAC_SHA256, vec![1]).sign(&format!(r#"{{"alg":"{alg}"}}"#), "{}");
                    prop_assert_ne!(everything(&token, &keys), "valid");
                }
            }
        }
    }

    #[test]
    fn only_what_was_signed_is_valid(at in any::<prop::sample::Index>(), byte in "[ -~]", any in any::<String>(), header in any::<String>()) {
        let issuer = Issuer::Hmac(aws_lc_rs::hmac::HMAC_SHA256, vec![7; 32]);
        let token = issuer.sign(r#"{"alg":"HS256"}"#, r#"{"sub":"me","exp":2000}"#);
        prop_assert_eq!(everything(&token, &issuer.keys()), "valid");
        let at = at.index(token.len());
        let changed = format!("{}{byte}{}", &token[..at], &token[at + 1..]);
        if Token::inspect(&changed).header().is_some() && changed != token {
            prop_assert_ne!(everything(&changed, &issuer.keys()), "valid", "{}", changed);
        }
        everything(&any, &issuer.keys());
        as_it_came(&Token::inspect(&any), &any);
        // Disclosures that nobody signed are never accepted.
        let presented = format!("{token}~{}~{}", any.replace(char::is_whitespace, ""), header);
        let found = Token::inspect(&presented);
        let verification = verify(&found, &issuer.keys(), &Policy::default());
        let verification = verification.of_text(as_it_came(&found, &presented));
        prop_assert!(verification.verdict.as_str() != "valid" || verification.refused().is_some(), "{}", presented);
        everything(&presented, &issuer.keys());
        everything(&issuer.sign(&header, &any), &issuer.keys());
        everything(&issuer.sign(&format!(r#"{{"alg":"HS256","crit":[{header:?}],"kid":{any:?}}}"#), &any), &issuer.keys());
    }
}
