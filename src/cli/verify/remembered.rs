//! Keys that `tokscope verify` fetches, and what a profile remembers.

use async_trait::async_trait;

use crate::{
    auth::{
        AuthError, Interaction, Progress, Prompt,
        key_source::{self, KeySource, setting},
    },
    cli::{
        Failure, GlobalOptions, candidates,
        interaction::Terminal,
        named::{self, profile_name},
        opening,
        output::tell,
        signals,
    },
    profile::{Profile, ProfileName},
    secret::SecretString,
    token::{Token, verify::key_set::KeySet},
    trouble::Code,
};

/// Where further keys come from. They are one set with those of the other options.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Remembered {
    /// The URL of a JWK set: goes online. May be given more than once
    #[arg(long, value_name = "URL")]
    jwks: Vec<String>,

    /// OpenID discovery: goes online for the keys that the issuer publishes. Without a value, the issuer is the
    /// token's `iss`; whether to trust that issuer is your decision
    #[arg(long, value_name = "ISSUER", num_args = 0..=1, require_equals = true)]
    discover: Option<Option<String>>,

    /// Use the settings of a profile: verify_key, verify_secret, verify_audience, verify_issuer
    #[arg(long, value_name = "NAME", value_parser = profile_name, add = candidates::names())]
    profile: Option<ProfileName>,
}

/// The keys, and what came with them.
#[derive(Default)]
pub(super) struct RememberedKeys {
    pub(super) keys: KeySet,
    /// What the profile expects.
    pub(super) audience: Option<String>,
    /// Whom the profile expects, or who was asked for the keys.
    pub(super) issuer: Option<String>,
    /// What is unwise about it.
    pub(super) remark: Option<String>,
}

impl Remembered {
    /// Reads and fetches them all.
    pub(super) fn read(&self, token: Option<&Token>, place: &GlobalOptions) -> Result<RememberedKeys, Failure> {
        let mut found = RememberedKeys::default();
        let profile = match &self.profile {
            Some(name) => Some(named::find(&place.dir()?, name)?),
            None => None,
        };
        for source in self.sources(token, profile.as_ref(), &mut found)? {
            found.keys.append(find(&source, profile.as_ref())?);
        }
        Ok(found)
    }

    /// All sources, in the order of the options.
    fn sources(
        &self,
        token: Option<&Token>,
        profile: Option<&Profile>,
        found: &mut RememberedKeys,
    ) -> Result<Vec<KeySource>, Failure> {
        let mut sources = Vec::new();
        for url in &self.jwks {
            match KeySource::parse(url, None) {
                Ok(source @ KeySource::JwkSet(_)) => sources.push(source),
                _ => {
                    return Err(
                        Failure::usage("the value of --jwks is not a URL").hint("write the full URL: https://…")
                    );
                }
            }
        }
        match &self.discover {
            None => {}
            Some(Some(issuer)) => {
                found.issuer = Some(issuer.clone());
                sources.push(KeySource::Issuer(issuer.clone()));
            }
            Some(None) => {
                let iss = token.and_then(Token::claims).and_then(|claims| claims.string(claims.member("iss")?));
                let issuer = iss.ok_or_else(|| {
                    Failure::usage("the token does not name an issuer to ask").hint("give it: --discover=https://…")
                })?;
                found.remark = Some(format!(
                    "the keys are from {issuer}, which the token itself names: whether to trust it is your decision"
                ));
                sources.push(KeySource::Issuer(issuer.into_owned()));
            }
        }
        if let Some(profile) = profile {
            let own = KeySource::of(profile).map_err(|problem| {
                Failure::new(format!("the profile {}: verify_key: {problem}", profile.name))
                    .coded(Code::Setting)
                    .hint("correct the profile")
            })?;
            sources.extend(own);
            found.audience = setting(profile, "verify_audience").map(str::to_owned);
            found.issuer = found.issuer.take().or_else(|| key_source::issuer(profile).map(str::to_owned));
        }
        Ok(sources)
    }
}

/// Reads or fetches the keys of one source.
fn find(source: &KeySource, profile: Option<&Profile>) -> Result<KeySet, Failure> {
    let session = opening::session();
    let user = Announced(Terminal::new(true));
    let found = signals::run(async {
        match session.keys(source, profile, &user).await {
            // Who says "ask the issuer" is told where the issuer leads before that is asked.
            Err(AuthError::KeysElsewhere { issuer, url }) => {
                tell(&format!("the keys of {issuer} are at {url}"));
                let source = KeySource::parse(&url, None).map_err(|forms| Failure::new(url).hint(forms))?;
                session.keys(&source, profile, &user).await.map_err(Failure::of_auth)
            }
            found => found.map_err(Failure::of_auth),
        }
    });
    found.map(|keys| keys.verification)
}

/// The user, who is told about every address that is asked, also where standard error is not a terminal.
struct Announced(Terminal);

#[async_trait]
impl Interaction for Announced {
    fn report(&self, step: Progress) {
        match step {
            Progress::Contacting(url) => tell(&format!("fetching {url}")),
            other => self.0.report(other),
        }
    }

    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        self.0.ask(prompt).await
    }
}
