//! Any bytes are read as key material: JWK, JWK set, PEM, DER.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tokscope::token::verify::key_set::KeySet;

fuzz_target!(|material: &[u8]| {
    if let Ok(keys) = KeySet::read(material, "fuzzed") {
        let _ = keys.duplicate_kids();
        for entry in keys.entries() {
            let _ = (format!("{:?}", entry.key), entry.kid.as_deref());
        }
    }
});
