//! A provider with its settings, and a user whose browser is scripted.

#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part")]

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use tokscope::{
    auth::{
        AuthError, Context, Fate, Interaction, IssuedToken, ProbeVerdict, Progress, Prompt, Provider, Revocation,
        SecretRef, SecretSource, Settings, TokenKind, TokenSet,
    },
    http::{Http, HttpPolicy},
    profile::{Profile, ProfileName},
    providers,
    secret::{ExposeSecret as _, SecretString},
};

use super::browser::Browser;

/// The program's own client of one server.
pub struct Client {
    provider: &'static dyn Provider,
    profile: Profile,
    settings: Settings,
    pub http: Http,
    user: Arc<User>,
}

/// A user who opens each page and presses `choice`.
pub struct User {
    pub choice: &'static str,
    pub steps: Mutex<Vec<Progress>>,
    /// The one that all pages open in; `None`: a new one for each.
    browser: Option<Arc<tokio::sync::Mutex<Browser>>>,
    /// Secrets by the name of an `env:` reference.
    secrets: BTreeMap<String, String>,
}

#[async_trait]
impl Interaction for User {
    fn report(&self, step: Progress) {
        let page = match &step {
            Progress::OpenPage { url } => Some(url.clone()),
            Progress::DeviceCode { verification_uri_complete, .. } => verification_uri_complete.clone(),
            _ => None,
        };
        if let Some(page) = page {
            let new = || Arc::new(tokio::sync::Mutex::new(Browser::new(self.choice)));
            let browser = self.browser.clone().unwrap_or_else(new);
            tokio::spawn(async move { browser.lock().await.open(&page).await });
        }
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).push(step);
    }
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        Err(AuthError::NeedsInteraction(prompt.label.into_owned()))
    }
}

#[async_trait]
impl SecretSource for User {
    async fn resolve(&self, reference: &SecretRef) -> Result<SecretString, AuthError> {
        let SecretRef::Env(name) = reference else { panic!("the tests use env: only") };
        Ok(self.secrets[name].as_str().into())
    }
}

impl Client {
    pub fn new(settings: &[(&str, &str)]) -> Self {
        let provider = providers::by_id("oauth2").unwrap();
        let profile = Profile {
            name: ProfileName::new("test").unwrap(),
            provider: provider.descriptor().id.to_owned(),
            settings: settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            environment: None,
            tags: Vec::new(),
        };
        let settings = Settings::parse(provider.descriptor(), &profile).unwrap();
        let user = User { choice: "Approve", steps: Mutex::default(), browser: None, secrets: BTreeMap::new() };
        Self { provider, profile, settings, http: Http::new(HttpPolicy::default()), user: Arc::new(user) }
    }

    /// With a secret behind `env:NAME`.
    pub fn secret(mut self, name: &str, secret: &str) -> Self {
        self.changed().secrets.insert(name.to_owned(), secret.to_owned());
        self
    }

    /// With a user who stays in one browser.
    pub fn in_one_browser(mut self) -> Self {
        let browser = Browser::new(self.user.choice);
        self.changed().browser = Some(Arc::new(tokio::sync::Mutex::new(browser)));
        self
    }

    /// With a user who presses another button.
    pub fn pressing(mut self, choice: &'static str) -> Self {
        self.changed().choice = choice;
        self
    }

    fn changed(&mut self) -> &mut User {
        Arc::get_mut(&mut self.user).expect("a user changes before anybody has met them")
    }

    /// The user, for who else asks them.
    pub fn user(&self) -> Arc<User> {
        Arc::clone(&self.user)
    }

    /// The profile, with its secrets in it.
    pub fn profile(&self) -> Profile {
        let mut profile = self.profile.clone();
        for value in profile.settings.values_mut() {
            if let Some(secret) = value.strip_prefix("env:").and_then(|name| self.user.secrets.get(name)) {
                *value = format!("plain:{secret}");
            }
        }
        profile
    }

    fn cx<'a>(&'a self, interaction: &'a dyn Interaction) -> Context<'a> {
        Context::new(&self.http, interaction, &*self.user)
    }

    pub async fn login(&self) -> Result<TokenSet, AuthError> {
        self.login_with(&*self.user).await
    }

    pub async fn login_with(&self, interaction: &dyn Interaction) -> Result<TokenSet, AuthError> {
        self.provider.login(&self.settings, &self.cx(interaction)).await
    }

    /// As a background refresh does it: nobody is there.
    pub async fn refresh(&self, old: &TokenSet) -> Result<TokenSet, AuthError> {
        self.provider.refresh(&self.settings, old, &self.cx(&tokscope::auth::NoInteraction)).await
    }

    pub async fn revoke(&self, old: &TokenSet) -> Result<Revocation, AuthError> {
        self.provider.revoke(&self.settings, old, &self.cx(&tokscope::auth::NoInteraction)).await
    }

    /// Asks the server to end one token, with its kind as the hint or without.
    pub async fn end(&self, token: &IssuedToken, hinted: bool) -> Result<Fate, AuthError> {
        self.provider.end(&self.settings, token, hinted, &self.cx(&tokscope::auth::NoInteraction)).await
    }

    /// Uses one token.
    pub async fn present(&self, token: &IssuedToken) -> Result<ProbeVerdict, AuthError> {
        self.provider.present(&self.settings, token, &self.cx(&tokscope::auth::NoInteraction)).await
    }

    /// Asks the server about one token.
    pub async fn introspect(&self, token: &IssuedToken) -> Result<ProbeVerdict, AuthError> {
        self.provider.introspect(&self.settings, token, &self.cx(&tokscope::auth::NoInteraction)).await
    }

    pub async fn probe(&self, set: &TokenSet, kind: TokenKind) -> Result<ProbeVerdict, AuthError> {
        let token = set.token(kind).unwrap();
        self.provider.probe(&self.settings, token, &self.cx(&tokscope::auth::NoInteraction)).await
    }

    pub fn steps(&self) -> Vec<Progress> {
        self.user.steps.lock().unwrap().clone()
    }
}

/// A token of a set as text.
pub fn raw(set: &TokenSet, kind: TokenKind) -> &str {
    set.token(kind).unwrap_or_else(|| panic!("there is no {kind} token")).raw.expose_secret()
}

/// The error code of a refusal, and whether it retires the refresh token.
#[track_caller]
pub fn refusal(error: &AuthError) -> (&str, bool) {
    let AuthError::Refused { code: Some(code), credential_dead, .. } = error else { panic!("{error:?}") };
    assert!(error.hint().is_some(), "{error} has no hint");
    (code, *credential_dead)
}
