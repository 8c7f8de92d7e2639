//! The key options of `tokscope verify` and `tokscope encode`.

use std::{convert::Infallible, path::Path};

use secrecy::zeroize::Zeroizing;

use crate::{
    auth::{SecretRef, SecretSource as _},
    cli::Failure,
    secret::{ExposeSecret as _, SecretString},
    store::{files, secrets::Secrets},
    token::{
        sign::SigningKeys,
        verify::keys::{KeyError, KeySet, SecretEncoding},
    },
};

/// Where keys come from. All of them together are one set.
#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct Options {
    /// A key file: JWK, JWK set, PEM or DER, of a public key, certificate or private key. env:NAME takes it from the
    /// environment. May be given more than once
    #[arg(long, value_name = "FILE|env:NAME")]
    key: Vec<String>,

    /// A secret for HS256 and its like: env:NAME, file:PATH or cmd:PROGRAM ARGS; plain:SECRET is visible in `ps`. May
    /// be given more than once
    #[arg(long, value_name = "REFERENCE", value_parser = secret)]
    secret: Vec<SecretString>,

    /// How the secret is written down
    #[arg(long, value_name = "ENCODING", value_enum, default_value_t = Encoding::Text)]
    secret_encoding: Encoding,
}

/// How a secret is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Encoding {
    /// The text itself.
    Text,
    /// Hexadecimal digits.
    Hex,
    /// base64.
    Base64,
    /// base64url.
    Base64url,
}

impl Options {
    /// Reads them all, to verify with.
    pub(in crate::cli) fn read(&self) -> Result<KeySet, Failure> {
        let mut keys = KeySet::default();
        self.each(|material, name| KeySet::read(material, name).map(|set| keys.append(set)))?;
        self.each_secret(|secret, name| keys.append(KeySet::secret(secret, name)))?;
        Ok(keys)
    }

    /// Reads them all, to sign with.
    pub(in crate::cli) fn read_to_sign(&self) -> Result<SigningKeys, Failure> {
        let mut keys = SigningKeys::default();
        self.each(|material, name| SigningKeys::read(material, name).map(|set| keys.append(set)))?;
        self.each_secret(|secret, name| keys.append(SigningKeys::secret(secret, name)))?;
        Ok(keys)
    }

    /// Whether none was given.
    pub(in crate::cli) fn is_empty(&self) -> bool {
        self.key.is_empty() && self.secret.is_empty()
    }

    fn each(&self, mut take: impl FnMut(&[u8], &str) -> Result<(), KeyError>) -> Result<(), Failure> {
        self.key.iter().try_for_each(|place| {
            let (material, name) = read_key(place)?;
            take(&material, &name).map_err(|error| no_key(&error))
        })
    }

    fn each_secret(&self, mut take: impl FnMut(&[u8], String)) -> Result<(), Failure> {
        for (reference, number) in self.references()?.iter().zip(1..) {
            let name = if self.secret.len() == 1 { "the secret".to_owned() } else { format!("secret {number}") };
            take(&self.read_secret(reference)?, name);
        }
        Ok(())
    }

    /// What is unwise about how they were given.
    pub(in crate::cli) fn warning(&self) -> Option<&'static str> {
        let plain = |reference: &SecretString| reference.expose_secret().starts_with("plain:");
        self.secret.iter().any(plain).then_some("the secret was an argument, which `ps` shows: prefer env: or file:")
    }

    fn references(&self) -> Result<Vec<SecretRef>, Failure> {
        const FORMS: &str = "write env:NAME, file:PATH, cmd:PROGRAM ARGS, or plain:SECRET where nobody else looks on";
        let parse = |text: &SecretString| {
            let reference = SecretRef::parse(text.expose_secret()).ok();
            reference.filter(|reference| !matches!(reference, SecretRef::Prompt))
        };
        let all: Option<Vec<_>> = self.secret.iter().map(parse).collect();
        all.ok_or_else(|| Failure::new("--secret does not say where the secret is").hint(FORMS))
    }

    fn read_secret(&self, reference: &SecretRef) -> Result<Vec<u8>, Failure> {
        let encoding = match self.secret_encoding {
            Encoding::Text => SecretEncoding::Text,
            Encoding::Hex => SecretEncoding::Hex,
            Encoding::Base64 => SecretEncoding::Base64,
            Encoding::Base64url => SecretEncoding::Base64url,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(format!("the secret cannot be read: {error}")))?;
        let text = runtime
            .block_on(Secrets::default().resolve(reference))
            .map_err(|error| Failure::new(error.to_string()).hint(error.hint().unwrap_or_default()))?;
        encoding.decode(text.expose_secret()).map_err(|error| no_key(&error))
    }
}

/// Takes any text: a complaint of clap's would repeat it.
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}

/// What a key file or variable holds, and its name.
fn read_key(place: &str) -> Result<(Zeroizing<Vec<u8>>, String), Failure> {
    if let Some(name) = place.strip_prefix("env:") {
        let text = std::env::var(name).map_err(|_| {
            Failure::new(format!("the environment variable {name} is not set to text")).hint("set it, or name a file")
        })?;
        return Ok((Zeroizing::new(text.into_bytes()), place.to_owned()));
    }
    let path = files::expanded(Path::new(place.strip_prefix("file:").unwrap_or(place)));
    let bytes = files::read(&path).map_err(|error| Failure::new(error.to_string()).hint(error.hint()))?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok((Zeroizing::new(bytes), name))
}

fn no_key(error: &KeyError) -> Failure {
    Failure::new(error.to_string()).hint(error.hint())
}
