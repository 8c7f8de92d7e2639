//! What each header parameter of a JWE means, in one line.

/// A header parameter that is registered for JWE.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// Where that is written.
    pub source: &'static str,
}

const fn row(name: &'static str, meaning: &'static str, source: &'static str) -> Parameter {
    Parameter { name, meaning, source }
}

/// The parameters that are registered for JWE (RFC 7516 §4.1, RFC 7518 §4).
pub static PARAMETERS: [Parameter; 20] = [
    row("alg", "how the recipient gets the content encryption key", "RFC 7516 §4.1.1"),
    row("enc", "how the content is encrypted and authenticated", "RFC 7516 §4.1.2"),
    row("zip", "the plaintext was compressed before it was encrypted", "RFC 7516 §4.1.3"),
    row("jku", "URL of the recipient's key set; never fetched", "RFC 7516 §4.1.4"),
    row("jwk", "the public key that encrypted it", "RFC 7516 §4.1.5"),
    row("kid", "the name of the key that it was encrypted for", "RFC 7516 §4.1.6"),
    row("x5u", "URL of the recipient's certificate; never fetched", "RFC 7516 §4.1.7"),
    row("x5c", "the certificate whose key encrypted it", "RFC 7516 §4.1.8"),
    row("x5t", "the SHA-1 of that certificate", "RFC 7516 §4.1.9"),
    row("x5t#S256", "the SHA-256 of that certificate", "RFC 7516 §4.1.10"),
    row("typ", "media type of the whole token", "RFC 7516 §4.1.11"),
    row("cty", "type of the content; JWT: a nested token", "RFC 7516 §4.1.12"),
    row("crit", "extensions that must be understood, or the token rejected", "RFC 7516 §4.1.13"),
    row("epk", "the sender's ephemeral public key, for key agreement", "RFC 7518 §4.6.1.1"),
    row("apu", "who the sender is, mixed into the agreed key", "RFC 7518 §4.6.1.2"),
    row("apv", "who the recipient is, mixed into the agreed key", "RFC 7518 §4.6.1.3"),
    row("iv", "the initialization vector of the encrypted key", "RFC 7518 §4.7.1.1"),
    row("tag", "the authentication tag of the encrypted key", "RFC 7518 §4.7.1.2"),
    row("p2s", "the salt for hashing the passphrase", "RFC 7518 §4.8.1.1"),
    row("p2c", "the number of hash iterations of the passphrase", "RFC 7518 §4.8.1.2"),
];

impl Parameter {
    /// The parameter of this name, exactly.
    pub fn named(name: &str) -> Option<&'static Self> {
        PARAMETERS.iter().find(|parameter| parameter.name == name)
    }
}
