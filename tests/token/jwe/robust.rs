//! Nothing panics, whatever comes; and nothing shows a key.

use std::sync::LazyLock;

use proptest::prelude::*;
use tokscope::token::{
    Token,
    jwe::{DecryptionKeys, decrypt, open},
};

use crate::jwe::{
    interop::{token, tokens},
    jwk, plaintext,
    seal::{key, seal},
    word,
};

fn all_keys() -> &'static DecryptionKeys {
    static ALL: LazyLock<DecryptionKeys> = LazyLock::new(read_all);
    &ALL
}

fn read_all() -> DecryptionKeys {
    let mut keys = DecryptionKeys::default();
    for alg in ["dir", "A192GCMKW", "RSA-OAEP", "ECDH-ES", "ECDH-ES+A256KW"] {
        keys.append(jwk(&token(alg).jwk));
    }
    keys
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A token of another implementation, with a piece of it replaced.
    #[test]
    fn changed_tokens_are_answered(pick in 0_usize..37, at in 0_usize..1_000, with in "[ -~]{0,12}") {
        let raw = &tokens()[pick].token;
        let at = at % raw.len();
        let end = (at + with.len()).min(raw.len());
        let changed = format!("{}{with}{}", &raw[..at], &raw[end..]);
        if changed != *raw {
            // A longer text around it is peeled off; then the token is whole again.
            let token = Token::inspect(&changed);
            let decryption = decrypt(&token, &tokens()[pick].keys);
            prop_assert!(decryption.verdict.as_str() != "decrypted" || changed.contains(raw.as_str()) || raw.starts_with(changed.trim()));
        }
    }

    #[test]
    fn any_header_is_answered(header in "\\{(\"(alg|enc|zip|crit|epk|p2s|p2c|apu|iv|tag)\":(\"[A-Za-z0-9_+-]{0,12}\"|[0-9]{1,20}|\\[\\]|\\{\\}|null),){0,5}\"alg\":\"(dir|ECDH-ES|A192GCMKW|RSA-OAEP)\",\"enc\":\"A128GCM\"\\}", plaintext in any::<Vec<u8>>()) {
        let token = Token::inspect(&seal(&header, &plaintext));
        for keys in [&key(), all_keys(), &DecryptionKeys::default()] {
            prop_assert_eq!(decrypt(&token, keys).steps.len(), 5);
        }
    }

    #[test]
    fn any_plaintext_comes_out_as_it_went_in(plaintext in any::<Vec<u8>>()) {
        let sealed = seal(r#"{"alg":"dir","enc":"A128GCM"}"#, &plaintext);
        prop_assert_eq!(crate::jwe::plaintext(&sealed, &key()).unwrap(), plaintext);
        open(&Token::inspect(&sealed), &key());
    }

    #[test]
    fn any_json_is_answered(text in "\\{\"ciphertext\":\"[A-Z]{0,8}\"(,\"(protected|unprotected|header|recipients|iv|tag|aad)\":(\"[A-Za-z0-9]{0,8}\"|\\{\\}|\\[\\]|\\[\\{\\}\\]|[0-9]|\\{\"alg\":\"dir\",\"enc\":\"A128GCM\"\\})){0,6}\\}") {
        let token = Token::inspect(&text);
        prop_assert_ne!(decrypt(&token, &key()).verdict.as_str(), "decrypted");
    }

    #[test]
    fn any_material_is_read(material in any::<Vec<u8>>(), kty in "oct|RSA|EC|OKP", crv in "P-256|X25519|Ed25519|x", value in "[A-Za-z0-9_-]{0,50}") {
        let _ = DecryptionKeys::read(&material, "key");
        let jwk = format!(r#"{{"kty":"{kty}","crv":"{crv}","k":"{value}","d":"{value}","n":"{value}","e":"{value}","p":"{value}","q":"{value}","dp":"{value}","dq":"{value}","qi":"{value}","x":"{value}","y":"{value}"}}"#);
        let _ = DecryptionKeys::read(jwk.as_bytes(), "key");
    }
}

/// Tokens in tokens end somewhere.
#[test]
fn no_nesting_goes_on_for_ever() {
    let header = r#"{"alg":"dir","enc":"A128GCM","cty":"JWT"}"#;
    let mut raw = "eyJhbGciOiJub25lIn0.e30.".to_owned();
    for _ in 0..20 {
        raw = seal(header, raw.as_bytes());
    }
    assert_eq!(open(&Token::inspect(&raw), &key()).len(), tokscope::token::jwe::DEEPEST);
    // A JWE in a JWS.
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let inner = seal(header, b"{\"sub\":\"alice\"}");
    let outer =
        format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","cty":"JWT"}"#), URL_SAFE_NO_PAD.encode(&inner));
    let layers = open(&Token::inspect(&outer), &key());
    assert_eq!(layers.len(), 2);
    assert_eq!(layers[0].token().unwrap().form().as_str(), "jwe");
    assert!(layers[1].token().is_none());
    assert_eq!((word(&inner, &key()), plaintext(&inner, &key()).unwrap().len()), ("decrypted", 15));
}

#[test]
fn debug_shows_no_key_and_no_plaintext() {
    for it in tokens() {
        let shown = format!("{:?} {:?}", it.keys, decrypt(&Token::inspect(&it.token), &it.keys));
        for name in ["k", "d", "p", "q", "dp"] {
            assert!(it.jwk[name].as_str().is_none_or(|secret| !shown.contains(secret)), "{name}");
        }
        assert!(!shown.contains("alice"), "{shown}");
    }
}
