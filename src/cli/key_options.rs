//! The key options of `tokscope verify`, `decode` and `encode`.

use std::{convert::Infallible, path::Path};

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::{
    auth::SecretRef,
    cli::{Failure, opening, signals},
    secret::{ExposeSecret as _, SecretString, Zeroizing},
    store::files,
    text::typed,
    token::{
        jwe::DecryptionKeys,
        sign::SigningKeys,
        verify::{
            algorithm::Algorithm,
            key_set::{KeySet, SecretEncoding},
        },
    },
    trouble::Trouble,
};

/// Where keys come from. All of them together are one set.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Options {
    /// A key file: JWK, JWK set, PEM or DER. A signature is verified with a public key, a certificate or the public part
    /// of a private key; signing a token and decrypting a JWE need a private key. Also read, with a warning: base64
    /// without PEM's lines, `\n` in place of line breaks, JSON with PEM keys by kid, OpenSSH's lines. env:NAME takes it from
    /// the environment. May be given more than once
    #[arg(long, value_name = "FILE|env:NAME")]
    key: Vec<String>,

    /// A secret for HS256, HS384 or HS512, or a shared secret or passphrase of a JWE: env:NAME, file:PATH or
    /// cmd:PROGRAM ARGS; plain:SECRET is visible in `ps`. May be given more than once
    #[arg(long, value_name = "REFERENCE", value_parser = secret)]
    secret: Vec<SecretString>,

    /// How the secret is encoded
    #[arg(long, value_name = "ENCODING", value_parser = encoding(), default_value = "text")]
    secret_encoding: SecretEncoding,
}

/// What was given, read once.
pub(super) struct Keys {
    files: Vec<(Zeroizing<Vec<u8>>, String)>,
    secrets: Vec<(Zeroizing<Vec<u8>>, String)>,
}

impl Keys {
    /// To verify signatures with.
    pub(super) fn verification(&self) -> Result<KeySet, Failure> {
        self.all(KeySet::read, |secret, name| KeySet::secret(secret, name), KeySet::append)
    }

    /// To sign with.
    pub(super) fn signing(&self) -> Result<SigningKeys, Failure> {
        self.all(SigningKeys::read, |secret, name| SigningKeys::secret(secret, name), SigningKeys::append)
    }

    /// To decrypt with.
    pub(super) fn decryption(&self) -> Result<DecryptionKeys, Failure> {
        self.all(DecryptionKeys::read, |secret, name| DecryptionKeys::secret(secret, name), DecryptionKeys::append)
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.secrets.is_empty()
    }

    /// One set of all of them.
    fn all<S: Default>(
        &self,
        read: fn(&[u8], &str) -> Result<S, Trouble>,
        secret: fn(&[u8], &str) -> S,
        append: fn(&mut S, S),
    ) -> Result<S, Failure> {
        let mut all = S::default();
        for (material, name) in &self.files {
            append(&mut all, read(material, name)?);
        }
        self.secrets.iter().for_each(|(material, name)| append(&mut all, secret(material, name)));
        Ok(all)
    }
}

impl Options {
    /// Reads them all.
    pub(super) fn read(&self) -> Result<Keys, Failure> {
        let files = self.key.iter().map(|place| read_file(place)).collect::<Result<_, _>>()?;
        let name =
            |number: usize| if self.secret.len() == 1 { "the secret".into() } else { format!("secret {number}") };
        let secrets = (self.references()?.iter().zip(1..))
            .map(|(reference, number)| Ok((self.read_secret(reference)?, name(number))))
            .collect::<Result<_, Failure>>()?;
        Ok(Keys { files, secrets })
    }

    /// What is unwise about how they were given.
    pub(super) fn warning(&self) -> Option<&'static str> {
        let is_plain = self.secret.iter().any(|reference| reference.expose_secret().starts_with("plain:"));
        is_plain.then_some("the secret was an argument, which `ps` shows: use env: or file: instead")
    }

    fn references(&self) -> Result<Vec<SecretRef>, Failure> {
        const FORMS: &str =
            "write env:NAME, file:PATH, cmd:PROGRAM ARGS, or plain:SECRET on a machine that only you use";
        let parse = |text: &SecretString| {
            let reference = SecretRef::parse(text.expose_secret()).ok();
            reference.filter(|reference| !matches!(reference, SecretRef::Prompt))
        };
        let all: Option<Vec<_>> = self.secret.iter().map(parse).collect();
        all.ok_or_else(|| Failure::usage("--secret does not name a source").hint(FORMS))
    }

    fn read_secret(&self, reference: &SecretRef) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let text = signals::run(async { opening::session().secret(reference).await.map_err(Failure::of_auth) })?;
        Ok(self.secret_encoding.decode(text.expose_secret()).map(Zeroizing::new)?)
    }
}

/// Reads the name of an algorithm.
pub(super) fn algorithm(name: &str) -> Result<&'static Algorithm, String> {
    Algorithm::named(name).ok_or_else(|| {
        let known: Vec<_> = Algorithm::all().iter().map(|algorithm| algorithm.name).collect();
        format!("use one of {}", known.join(", "))
    })
}

/// Reads how a secret is encoded.
fn encoding() -> impl TypedValueParser<Value = SecretEncoding> {
    let named = |name: String| SecretEncoding::named(&name).expect("clap knows only these");
    PossibleValuesParser::new(["text", "hex", "base64", "base64url"]).map(named)
}

/// Takes any text: a complaint of clap's would repeat it.
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}

/// The contents of a file, or of a variable, and what to call it.
fn read_file(place: &str) -> Result<(Zeroizing<Vec<u8>>, String), Failure> {
    if let Some(name) = place.strip_prefix("env:") {
        let text = std::env::var(name).map_err(|_| {
            let name = typed::variable(name).unwrap_or("of that name");
            Failure::usage(format!("the environment variable {name} is not set to text")).hint("set it, or give a file")
        })?;
        return Ok((text.into_bytes().into(), place.to_owned()));
    }
    if place.starts_with("https://") || place.starts_with("http://") {
        return Err(Failure::usage("--key was given a URL").hint("to fetch a JWK set, use `tokscope verify --jwks`"));
    }
    let path = files::expanded(Path::new(place.strip_prefix("file:").unwrap_or(place)));
    let bytes = files::read(&path)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    Ok((bytes.into(), name))
}
