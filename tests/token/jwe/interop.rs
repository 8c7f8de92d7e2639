//! One token for each algorithm, made by another implementation (`tests/vectors/jwe-interop.json`).

use std::sync::LazyLock;

use serde_json::Value;
use tokscope::token::jwe::DecryptionKeys;

use crate::jwe::jwk;

pub(crate) const PLAINTEXT: &str = r#"{"sub":"alice","exp":2000000000}"#;

pub(crate) struct Interop {
    pub(crate) alg: String,
    pub(crate) enc: String,
    pub(crate) jwk: Value,
    pub(crate) keys: DecryptionKeys,
    pub(crate) token: String,
}

pub(crate) fn interop() -> Value {
    let value: Value = serde_json::from_str(include_str!("../../vectors/jwe-interop.json")).unwrap();
    assert_eq!(value["plaintext"], PLAINTEXT);
    value
}

pub(crate) fn tokens() -> &'static [Interop] {
    static TOKENS: LazyLock<Vec<Interop>> = LazyLock::new(read);
    &TOKENS
}

fn read() -> Vec<Interop> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (interop()["tokens"].as_array().unwrap().iter())
        .map(|it| Interop {
            alg: text(&it["alg"]),
            enc: text(&it["enc"]),
            jwk: it["key"].clone(),
            keys: jwk(&it["key"]),
            token: text(&it["token"]),
        })
        .collect()
}

/// The token of this name, whatever its content encryption.
pub(crate) fn token(alg: &str) -> &'static Interop {
    tokens().iter().find(|it| it.alg == alg).unwrap()
}
