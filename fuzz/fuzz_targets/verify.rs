//! No token is valid under keys whose private parts nobody has.
#![no_main]

use std::{collections::hash_map::RandomState, hash::BuildHasher as _, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use tokscope::token::{
    Token,
    verify::{Verdict, key_set::KeySet, policy::Policy, serialization::Serialized, verify},
};

/// An RSA, an EC and an Ed25519 key, their private parts thrown away, and a secret that is another one in each run.
static KEYS: LazyLock<KeySet> = LazyLock::new(|| {
    let mut keys = KeySet::read(include_bytes!("../public-keys.pem"), "public keys").expect("PEM");
    assert_eq!(keys.entries().len(), 3);
    let secret: Vec<u8> = (0..4).flat_map(|_| RandomState::new().hash_one(0).to_le_bytes()).collect();
    keys.append(KeySet::secret(&secret, "a secret"));
    keys
});

fuzz_target!(|text: &str| {
    let policy = Policy { ignore_kid: true, ..Policy::default() };
    if let Some(Ok(serialized)) = Serialized::read(text) {
        for signature in serialized.signatures {
            assert_ne!(signature.verify(None, &KEYS, &policy).verdict, Verdict::Valid);
        }
    }
    let verification = verify(&Token::inspect(text), &KEYS, &policy);
    assert_ne!(verification.verdict, Verdict::Valid);
    // Two more of an SD-JWT.
    assert!(matches!(verification.steps.len(), 6 | 8));
});
