//! ECDSA signatures in DER (RFC 3279 §2.2.3), which most libraries make, where JWS has `r` and `s` side by side (RFC 7518
//! §3.4).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use pkcs8::der::{Decode as _, asn1::UintRef};

use super::{algorithm::Family, key_set::der};

/// The segment that JWS would have, of one that is in DER; `None` for any other.
pub(super) fn from_der(signature: &str, family: Family) -> Option<String> {
    let Family::Ec(curve) = family else { return None };
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    let members = der::members(&signature)?;
    let [r, s] = members.as_slice() else { return None };
    let mut fixed = vec![0; 2 * curve.bytes];
    for (number, half) in [r, s].into_iter().zip(fixed.chunks_mut(curve.bytes)) {
        let number = UintRef::from_der(number).ok()?.as_bytes().to_vec();
        let start = half.len().checked_sub(number.len())?;
        half[start..].copy_from_slice(&number);
    }
    Some(URL_SAFE_NO_PAD.encode(fixed))
}
