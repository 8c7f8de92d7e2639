//! Public keys as OpenSSH writes them, a line each: `ssh-rsa AAAA… comment`.

use ssh_key::{PublicKey, public::KeyData};

use super::{KeyEntry, VerificationKey};
use crate::token::verify::algorithm::CURVES;

/// The keys of the lines; `None` unless the first one is such a key.
pub(super) fn read(text: &[u8], name: &str) -> Option<Vec<KeyEntry>> {
    let text = str::from_utf8(text).ok()?;
    let is_key = |line: &&str| line.starts_with("ssh-") || line.starts_with("ecdsa-sha2-");
    text.lines().next().filter(is_key)?;
    let lines: Vec<_> = text.lines().map(str::trim).filter(is_key).collect();
    let name_of = |number: usize| if lines.len() == 1 { name.to_owned() } else { format!("{name}, key {number}") };
    let entry = |(line, number): (&&str, usize)| KeyEntry {
        name: name_of(number),
        kid: None,
        key: key(line).map_err(str::to_owned),
    };
    Some(lines.iter().zip(1..).map(entry).collect())
}

fn key(line: &str) -> Result<VerificationKey, &'static str> {
    const BROKEN: &str = "the OpenSSH line is broken";
    let public = PublicKey::from_openssh(line).map_err(|_| BROKEN)?;
    match public.key_data() {
        KeyData::Rsa(rsa) => {
            let (n, e) = (rsa.n.as_positive_bytes().ok_or(BROKEN)?, rsa.e.as_positive_bytes().ok_or(BROKEN)?);
            VerificationKey::rsa(n, e)
        }
        KeyData::Ecdsa(ecdsa) => {
            let point = ecdsa.as_sec1_bytes();
            let length = |bytes: usize| 1 + 2 * bytes;
            // secp256k1 has no name in OpenSSH.
            let curve =
                CURVES.into_iter().find(|curve| curve.name.starts_with("P-") && length(curve.bytes) == point.len());
            VerificationKey::ec(curve.ok_or(BROKEN)?, point)
        }
        KeyData::Ed25519(ed25519) => VerificationKey::ed25519(&ed25519.0),
        _ => Err("an OpenSSH key of a type that JWS does not use"),
    }
}
