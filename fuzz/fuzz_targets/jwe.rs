//! Any text is decrypted or refused with the keys of the RFC 7520 cookbook, whose JWEs it starts from.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tokscope::token::{
    Token,
    jwe::{DecryptionKeys, open},
};

static KEYS: LazyLock<DecryptionKeys> = LazyLock::new(|| {
    let cookbook = include_str!("../../tests/vectors/rfc7520-cookbook.json");
    let mut keys = DecryptionKeys::default();
    collect(&serde_json::from_str(cookbook).expect("JSON"), &mut keys);
    keys.append(DecryptionKeys::secret(b"entrap_o\xe2\x80\x93peter_long\xe2\x80\x93credit_tun", "a password"));
    assert!(keys.entries().len() > 3);
    keys
});

fn collect(value: &Value, keys: &mut DecryptionKeys) {
    match value {
        Value::Object(members) if members.contains_key("kty") => {
            if let Ok(key) = DecryptionKeys::read(value.to_string().as_bytes(), "cookbook") {
                keys.append(key);
            }
        }
        Value::Object(members) => members.values().for_each(|value| collect(value, keys)),
        Value::Array(items) => items.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}

fuzz_target!(|text: &str| {
    for layer in open(&Token::inspect(text), &KEYS) {
        let _ = layer.token().map(Token::is_plausible);
    }
});
