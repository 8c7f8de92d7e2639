//! Keys to verify with, from where the user says they are. The network is asked only for sources that are
//! [`KeySource::is_online`]: whoever calls has the user's yes.

use std::{path::Path, sync::Arc};

use url::Url;

use super::Session;
use crate::{
    auth::{
        AuthError, Context, Interaction, Progress, Prompt, SecretRef,
        key_source::{KeySource, Keys, setting},
    },
    http::{Http, HttpPolicy},
    oauth::metadata,
    profile::Profile,
    secret::ExposeSecret as _,
    store::files,
    text::typed,
    token::verify::key_set::SecretEncoding,
    trouble::Trouble,
};

impl Session {
    /// Reads or fetches the keys of one source. With a profile, its connection settings count, and its secret is the
    /// one that [`KeySource::Secret`] means. Asks only where that secret is to be asked for.
    ///
    /// # Errors
    /// Where there is no key at all; an odd key beside others is in the set, as unusable.
    pub async fn keys(
        &self,
        source: &KeySource,
        profile: Option<&Profile>,
        interaction: &dyn Interaction,
    ) -> Result<Keys, AuthError> {
        let keys = match source {
            KeySource::File(path) => {
                let path = path.clone();
                // It may be a pipe whose other end takes its time.
                let read = tokio::task::spawn_blocking(move || from_file(&path)).await;
                read.unwrap_or_else(|_| Err(AuthError::setting("could not read the key file", "try again")))
            }
            KeySource::Env(name) => {
                let text = std::env::var(name).map_err(|_| {
                    let name = typed::variable(name).unwrap_or("of that name");
                    AuthError::setting(
                        format!("the environment variable {name} is not set to text"),
                        "set it, or give a file",
                    )
                })?;
                Ok(Keys::read(text.as_bytes(), &source.to_string())?)
            }
            KeySource::Secret => self.secret_of(profile, interaction).await,
            KeySource::JwkSet(url) => {
                let http = self.client_for(profile)?;
                self.fetch(source, url.clone(), &http, profile, interaction).await
            }
            KeySource::Issuer(issuer) => {
                let http = self.client_for(profile)?;
                let cx = Context::new(&http, interaction, self.secrets.as_ref());
                let url = metadata::jwks_uri(&cx, issuer).await?;
                self.fetch(source, url, &http, profile, interaction).await
            }
        }?;
        if keys.verification.entries().is_empty() {
            return Err(AuthError::setting(
                format!("{source} holds an empty key set"),
                "the issuer must publish its keys",
            ));
        }
        Ok(keys)
    }

    async fn fetch(
        &self,
        source: &KeySource,
        url: Url,
        http: &Http,
        profile: Option<&Profile>,
        interaction: &dyn Interaction,
    ) -> Result<Keys, AuthError> {
        interaction.report(Progress::Contacting(url.to_string()));
        let name = url.as_str().trim_start_matches("https://").trim_start_matches("http://").to_owned();
        let response = metadata::get(http, url, false).await?;
        if !response.is_success() {
            return Err(AuthError::of_answer(&response, "a JWK set"));
        }
        let keys = Keys::read(response.content(), &name)?;
        if let Some(profile) = profile {
            self.keep_keys(source, profile, response.content());
        }
        Ok(keys)
    }

    /// With the profile's connection settings, and so that its last exchange is this one.
    fn client_for(&self, profile: Option<&Profile>) -> Result<Arc<Http>, AuthError> {
        match profile {
            Some(profile) => self.caller(profile).map(|caller| caller.http),
            None => Ok(Arc::new(Http::new(HttpPolicy::default()))),
        }
    }

    async fn secret_of(&self, profile: Option<&Profile>, interaction: &dyn Interaction) -> Result<Keys, AuthError> {
        let profile = profile.ok_or_else(|| AuthError::setting("no profile given for the secret", "name one"))?;
        let Some(reference) = setting(profile, "verify_secret") else {
            return Err(AuthError::setting(format!("the profile {} has no verify_secret", profile.name), "write one"));
        };
        let reference = SecretRef::parse(reference)
            .map_err(|forms| AuthError::setting("verify_secret is not a reference", forms))?;
        let secret = match &reference {
            SecretRef::Prompt => {
                let label = format!("Secret of {}", profile.name).into();
                let help = "The secret that signs its tokens; kept until tokscope ends".into();
                interaction.ask(Prompt { key: "verify_secret", label, help, secret: true }).await?
            }
            reference => self.secrets.resolve(reference).await?,
        };
        let encoding = setting(profile, "verify_secret_encoding").and_then(SecretEncoding::named).unwrap_or_default();
        let bytes = encoding.decode(secret.expose_secret())?;
        Ok(Keys::secret(&bytes, &format!("the secret of {}", profile.name)))
    }
}

fn from_file(path: &str) -> Result<Keys, AuthError> {
    let path = files::expanded(Path::new(path));
    let bytes = files::read(&path).map_err(Trouble::from)?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    Ok(Keys::read(&bytes, &name)?)
}
