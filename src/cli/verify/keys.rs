//! The key options of `tokscope verify`.

use std::{convert::Infallible, sync::Arc};

use async_trait::async_trait;

use crate::{
    auth::{
        AuthError, Interaction, Prompt, SecretRef, SecretSource as _, Step,
        keys::{self, KeySource, setting},
    },
    cli::{
        Failure, Place,
        call::{self, profile_name},
        interaction::Terminal,
        output::tell,
    },
    profile::{Profile, ProfileName},
    providers,
    secret::{ExposeSecret as _, SecretString},
    session::Session,
    store::{secrets::Secrets, vault::Vault},
    token::{
        Token,
        verify::keys::{KeyError, KeySet, SecretEncoding},
    },
};

/// Where keys come from. All of them together are one set.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Options {
    /// A key file: JWK, JWK set, or PEM or DER with a public key, certificate or private key (of which only the public
    /// part is used). env:NAME takes it from the environment. May be given more than once
    #[arg(long, value_name = "FILE|env:NAME")]
    key: Vec<String>,

    /// A secret for HS256 and its like: env:NAME, file:PATH or cmd:PROGRAM ARGS; plain:SECRET is visible in `ps`. May
    /// be given more than once
    #[arg(long, value_name = "REFERENCE", value_parser = secret)]
    secret: Vec<SecretString>,

    /// The URL of a JWK set: goes online. May be given more than once
    #[arg(long, value_name = "URL")]
    jwks: Vec<String>,

    /// OpenID discovery: goes online and takes the keys that the issuer publishes. Without a value the issuer is the
    /// token's `iss`, which then only says who, not whether you should trust it
    #[arg(long, value_name = "ISSUER", num_args = 0..=1, require_equals = true)]
    discover: Option<Option<String>>,

    /// Use what a profile remembers: verify_key, verify_secret, verify_audience, verify_issuer
    #[arg(long, value_name = "NAME", value_parser = profile_name)]
    profile: Option<ProfileName>,

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

/// The keys, and what came with them.
pub(super) struct Found {
    pub(super) keys: KeySet,
    /// What the profile expects.
    pub(super) audience: Option<String>,
    /// Whom the profile expects, or who was asked for the keys.
    pub(super) issuer: Option<String>,
    /// What is unwise about how they were given.
    pub(super) remarks: Vec<String>,
}

impl Options {
    /// Reads and fetches them all.
    pub(super) fn read(&self, token: &Token, place: &Place) -> Result<Found, Failure> {
        let mut found = Found { keys: KeySet::default(), audience: None, issuer: None, remarks: Vec::new() };
        let profile = match &self.profile {
            Some(name) => Some(call::find(&place.dir()?, name)?),
            None => None,
        };
        for source in self.sources(token, profile.as_ref(), &mut found)? {
            found.keys.append(find(&source, profile.as_ref())?);
        }
        for (reference, number) in self.references()?.iter().zip(1..) {
            let name = if self.secret.len() == 1 { "the secret".to_owned() } else { format!("secret {number}") };
            found.keys.append(KeySet::secret(&self.read_secret(reference)?, name));
        }
        if self.secret.iter().any(|reference| reference.expose_secret().starts_with("plain:")) {
            let words = "the secret was an argument, which `ps` shows: prefer env: or file:";
            found.remarks.push(words.to_owned());
        }
        Ok(found)
    }

    /// All sources, in the order of the options.
    fn sources(&self, token: &Token, profile: Option<&Profile>, found: &mut Found) -> Result<Vec<KeySource>, Failure> {
        let mut sources = Vec::new();
        for place in &self.key {
            let wrong = |why: &str| Failure::new(format!("--key {place}: {why}"));
            match KeySource::parse(place, None) {
                Ok(KeySource::JwkSet(_)) => return Err(wrong("is a URL").hint("--jwks fetches a JWK set")),
                Ok(source) => sources.push(source),
                Err(_) => sources.push(KeySource::File(place.clone())),
            }
        }
        for url in &self.jwks {
            match KeySource::parse(url, None) {
                Ok(source @ KeySource::JwkSet(_)) => sources.push(source),
                _ => return Err(Failure::new(format!("--jwks {url}: is no URL")).hint("write it whole: https://…")),
            }
        }
        match &self.discover {
            None => {}
            Some(Some(issuer)) => {
                found.issuer = Some(issuer.clone());
                sources.push(KeySource::Issuer(issuer.clone()));
            }
            Some(None) => {
                let iss = token.claims().and_then(|claims| claims.string(claims.member("iss")?));
                let issuer = iss.ok_or_else(|| {
                    Failure::new("the token names no issuer to ask").hint("name it: --discover=https://…")
                })?;
                found.remarks.push(format!(
                    "the keys are those of {issuer}, which the token itself names: whether to trust it is yours to say"
                ));
                sources.push(KeySource::Issuer(issuer.into_owned()));
            }
        }
        if let Some(profile) = profile {
            let own = KeySource::of(profile).map_err(|problem| {
                Failure::new(format!("the profile {}: verify_key: {problem}", profile.name)).hint("correct the profile")
            })?;
            sources.extend(own);
            found.audience = setting(profile, "verify_audience").map(str::to_owned);
            found.issuer = found.issuer.take().or_else(|| keys::issuer(profile).map(str::to_owned));
        }
        Ok(sources)
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
        let text =
            call::run(async { Secrets::default().resolve(reference).await.map_err(|error| call::failure(&error)) })?;
        encoding.decode(text.expose_secret()).map_err(|error| no_key(&error))
    }
}

/// Takes any text: a complaint of clap's would repeat it.
fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}

/// Reads or fetches the keys of one source.
fn find(source: &KeySource, profile: Option<&Profile>) -> Result<KeySet, Failure> {
    let session = Session::new(providers::ALL, Box::new(Secrets::default()), Arc::new(Vault::memory()));
    let user = Announced(Terminal::new(true));
    call::run(async { session.keys(source, profile, &user).await.map_err(|error| call::failure(&error)) })
}

/// The user, who is told about every address that is asked, also where nobody watches.
struct Announced(Terminal);

#[async_trait]
impl Interaction for Announced {
    fn report(&self, step: Step) {
        match step {
            Step::Contacting(url) => tell(&format!("fetching {url}")),
            other => self.0.report(other),
        }
    }

    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        self.0.ask(prompt).await
    }
}

fn no_key(error: &KeyError) -> Failure {
    Failure::new(error.to_string()).hint(error.hint())
}
