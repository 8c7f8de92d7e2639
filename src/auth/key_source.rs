//! Where keys to verify with are: a reference, as a profile keeps it. Never the key itself.

use std::fmt;

use url::Url;

use super::Field;
use crate::{
    profile::Profile,
    text::typed,
    token::{jwe::DecryptionKeys, verify::key_set::KeySet},
    trouble::Trouble,
};

/// The settings by which a profile remembers how its tokens are verified. Every provider has them, behind its own.
#[rustfmt::skip]
pub static VERIFY_FIELDS: [Field; 5] = [
    Field::text("verify_key", "Verify with",
        "A key file, env:NAME, a JWK set's URL, or discovery; a URL needs confirmation"),
    Field::secret("verify_secret", "Verify secret",
        "The secret that signs HS256 tokens: a reference, as for a password"),
    Field::choice("verify_secret_encoding", "Secret encoding", &["text", "hex", "base64", "base64url"],
        "How the verify secret is encoded").with_default("text"),
    Field::text("verify_audience", "Expect audience", "Required in aud of an access token"),
    Field::text("verify_issuer", "Expect issuer",
        "Required as iss of a token; unset: the profile's issuer, if it has one"),
];

/// Where keys to verify with are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file with a key or a key set; `~` allowed.
    File(String),
    /// An environment variable that holds the text of a key or a key set.
    Env(String),
    /// The secret that the profile's `verify_secret` refers to.
    Secret,
    /// The URL of a JWK set (RFC 7517 §5).
    JwkSet(Url),
    /// An issuer that publishes its metadata, which names its JWK set (RFC 8414 §2).
    Issuer(String),
}

impl KeySource {
    /// Reads the value of `verify_key`. `issuer` is whom `discovery` asks.
    ///
    /// # Errors
    /// What would be right.
    pub fn parse(text: &str, issuer: Option<&str>) -> Result<Self, &'static str> {
        match text.split_once(':') {
            _ if text == "discovery" => issuer
                .map(|issuer| Self::Issuer(issuer.to_owned()))
                .ok_or("discovery needs an issuer: write verify_issuer, or the URL of a JWK set"),
            Some(("http" | "https", _)) => match Url::parse(text) {
                Ok(url) if url.has_host() && url.username().is_empty() && url.password().is_none() => {
                    Ok(Self::JwkSet(url))
                }
                _ => Err("must be a full URL without a user name or password"),
            },
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.to_owned())),
            _ if text.is_empty() => Err("write a key file, env:NAME, the URL of a JWK set, or discovery"),
            _ => Ok(Self::File(text.to_owned())),
        }
    }

    /// The sources that a profile remembers.
    ///
    /// # Errors
    /// What is wrong with `verify_key`.
    pub fn of(profile: &Profile) -> Result<Vec<Self>, &'static str> {
        let key = setting(profile, "verify_key").map(|text| Self::parse(text, issuer(profile))).transpose()?;
        let secret = setting(profile, "verify_secret").map(|_| Self::Secret);
        Ok(key.into_iter().chain(secret).collect())
    }

    /// Whether the network is needed: nothing is fetched that the user has not asked for.
    pub fn is_online(&self) -> bool {
        matches!(self, Self::JwkSet(_) | Self::Issuer(_))
    }
}

/// The keys of one source: what verifies with them, and what decrypts.
#[derive(Debug, Default)]
pub struct Keys {
    /// For signatures.
    pub verification: KeySet,
    /// For JWEs: the private and secret ones.
    pub decryption: DecryptionKeys,
}

impl Keys {
    /// Reads a key or key set, as [`KeySet::read`] does.
    ///
    /// # Errors
    /// Where there is no key at all.
    pub fn read(material: &[u8], name: &str) -> Result<Self, Trouble> {
        let verification = KeySet::read(material, name)?;
        // Most keys are public: they decrypt nothing, as expected.
        let decryption = DecryptionKeys::read(material, name).unwrap_or_default();
        Ok(Self { verification, decryption })
    }

    /// A secret.
    pub fn secret(secret: &[u8], name: &str) -> Self {
        Self { verification: KeySet::secret(secret, name), decryption: DecryptionKeys::secret(secret, name) }
    }
}

/// For sentences: `jwks.json`, `the secret of the profile`, a URL, `the issuer https://…`. Foreign text.
impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.write_str(typed::path(path).unwrap_or("the key file")),
            Self::Env(name) => write!(f, "env:{}", typed::variable(name).unwrap_or("…")),
            Self::Secret => f.write_str("the secret of the profile"),
            Self::JwkSet(url) => f.write_str(url.as_str()),
            Self::Issuer(issuer) => write!(f, "the issuer {issuer}"),
        }
    }
}

/// Whose tokens a profile holds: what it expects as `iss`, or else the issuer that it logs in at.
pub fn issuer(profile: &Profile) -> Option<&str> {
    setting(profile, "verify_issuer").or_else(|| setting(profile, "issuer"))
}

/// A setting that has a value.
pub fn setting<'a>(profile: &'a Profile, key: &str) -> Option<&'a str> {
    profile.settings.get(key).map(|value| value.trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read() {
        let of = |text| KeySource::parse(text, Some("https://a.example"));
        assert_eq!(of("discovery"), Ok(KeySource::Issuer("https://a.example".to_owned())));
        assert_eq!(of("env:KEY"), Ok(KeySource::Env("KEY".to_owned())));
        assert_eq!(of("~/keys/jwks.json"), Ok(KeySource::File("~/keys/jwks.json".to_owned())));
        assert_eq!(of("file:discovery"), Ok(KeySource::File("discovery".to_owned())));
        assert!(matches!(of("https://a.example/jwks"), Ok(KeySource::JwkSet(_))));
        for bad in ["", "https://", "https://me:secret@a.example/jwks"] {
            assert!(of(bad).is_err(), "{bad}");
        }
        assert!(KeySource::parse("discovery", None).is_err());
    }

    #[test]
    fn only_urls_are_online() {
        let online = |text| KeySource::parse(text, Some("https://a.example")).unwrap().is_online();
        assert!(online("discovery") && online("https://a.example/jwks"));
        assert!(!online("env:KEY") && !online("keys.pem") && !KeySource::Secret.is_online());
    }
}
