//! Worked examples: RFC 7516, 7517, 7520, 8037.

use std::collections::BTreeSet;

use serde_json::Value;
use tokscope::token::jwe::{DecryptionKeys, Layer, content::ContentEncryption, management::KeyManagement, open};

use crate::jwe::{
    decrypted,
    interop::{PLAINTEXT, interop, tokens},
    jwk, plaintext, word,
};

fn cookbook() -> Vec<(String, Value)> {
    let list: Vec<Value> = serde_json::from_str(include_str!("../../vectors/rfc7520-cookbook.json")).unwrap();
    list.into_iter().map(|case| (case["path"].as_str().unwrap().to_owned(), case["case"].clone())).collect()
}

/// The keys of a case, one set for each recipient.
fn keys(input: &Value) -> Vec<DecryptionKeys> {
    match (&input["pwd"], &input["key"]) {
        (Value::String(passphrase), _) => vec![DecryptionKeys::secret(passphrase.as_bytes(), "the passphrase")],
        (_, Value::Array(keys)) => keys.iter().map(jwk).collect(),
        (_, key) => vec![jwk(key)],
    }
}

/// All of RFC 7520 §5, and RFC 8037 appendix A.6, in every serialization that is printed.
#[test]
fn every_jwe_of_the_cookbook_is_decrypted() {
    let mut seen = Vec::new();
    for (path, case) in cookbook() {
        if !path.starts_with("jwe/") && path != "curve25519/ecdh-es.json" {
            continue;
        }
        let expected = case["input"]["plaintext"].as_str().unwrap();
        for (form, output) in case["output"].as_object().unwrap() {
            let token = output.as_str().map_or_else(|| output.to_string(), str::to_owned);
            let all = keys(&case["input"]);
            for keys in &all {
                let found =
                    plaintext(&token, keys).unwrap_or_else(|| panic!("{path} {form}: {:#?}", decrypted(&token, keys)));
                assert_eq!(String::from_utf8(found).unwrap(), expected, "{path} {form}");
            }
            seen.push(format!("{path} {form} {}", all.len()));
        }
    }
    assert_eq!(seen.len(), 37, "{seen:#?}");
    assert!(seen.contains(&"jwe/5_13.encrypting_to_multiple_recipients.json json 3".to_owned()));
}

/// RFC 7520 §6.
#[test]
fn a_signed_token_inside_of_an_encrypted_one() {
    let (_, case) = cookbook().into_iter().find(|(path, _)| path.starts_with("6.")).unwrap();
    let token = case["encrypt"]["output"]["compact"].as_str().unwrap();
    let keys = jwk(&case["encrypt"]["input"]["key"]);
    let decryption = decrypted(token, &keys);
    let signed = case["sign"]["output"]["compact"].as_str().unwrap();
    assert_eq!(decryption.plaintext.as_ref().unwrap().bytes(), signed.as_bytes());
    assert!(decryption.nested().unwrap().claims().is_some());
    let layers = open(&tokscope::token::Token::inspect(token), &keys);
    assert!(matches!(&layers[..], [Layer::Decryption(_)]));
    assert_eq!(word(signed, &keys), "cannot decrypt");
}

/// RFC 7516 appendix A, RFC 7517 appendix C.
#[test]
fn examples_of_the_rfcs() {
    let examples: Vec<Value> = serde_json::from_str(include_str!("../../vectors/jwe-rfc-examples.json")).unwrap();
    assert_eq!(examples.len(), 6);
    for example in examples {
        let (from, token) = (&example["from"], example["token"].as_str().unwrap());
        for key in example["keys"].as_array().unwrap() {
            let found =
                plaintext(token, &jwk(key)).unwrap_or_else(|| panic!("{from}: {:#?}", decrypted(token, &jwk(key))));
            assert_eq!(String::from_utf8(found).unwrap(), example["plaintext"].as_str().unwrap(), "{from}");
        }
    }
}

/// All algorithms, as another implementation encrypts.
#[test]
fn tokens_of_another_implementation() {
    let mut seen = BTreeSet::new();
    for it in tokens() {
        assert_eq!(plaintext(&it.token, &it.keys).unwrap(), PLAINTEXT.as_bytes(), "{} {}", it.alg, it.enc);
        seen.extend([&*it.alg, &*it.enc]);
    }
    let all = KeyManagement::all().iter().map(|it| it.name).chain(ContentEncryption::all().iter().map(|it| it.name));
    assert_eq!(seen, all.collect());
}

/// Private keys in every form that they are kept in.
#[test]
fn keys_of_every_form() {
    for form in interop()["forms"].as_array().unwrap() {
        let (name, text) = (form["form"].as_str().unwrap(), form["text"].as_str().unwrap());
        let of_key = || tokens().iter().filter(|it| it.jwk == form["key"]);
        assert!(of_key().count() >= 4, "{name}");
        let block = pem::parse(text).unwrap();
        for keys in [text.as_bytes(), block.contents()].map(|material| DecryptionKeys::read(material, "key")) {
            // An encrypted key in DER looks like nothing that is known.
            let keys = keys.unwrap();
            assert!(!format!("{keys:?}").contains(form["key"]["d"].as_str().unwrap()), "{name}");
            for it in of_key() {
                let decryption = decrypted(&it.token, &keys);
                let expected = if matches!(name, "public" | "encrypted") { "cannot decrypt" } else { "decrypted" };
                assert_eq!(decryption.verdict.as_str(), expected, "{name}: {:?}", decryption.verdict.reason());
                if name == "public" {
                    assert!(decryption.verdict.reason().unwrap().why.contains("it is a public key"));
                }
            }
        }
    }
}
