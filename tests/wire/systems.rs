//! Practicus AI, SeTA, Passwork and commands: what goes over the wire, and what each answer comes to.
//!
//! The servers here are scripts of answers, so that every row of the systems' error tables can be said; that the demo
//! server and the vendors' own clients agree is shown elsewhere.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod command;
mod demo;
mod passwork;
mod practicus;
mod script;
mod seta;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use tokscope::{
    auth::{
        AuthError, Context, Interaction, IssuedToken, Progress, Prompt, Provider, SecretRef, SecretSource, Settings,
        TokenKind, TokenSet,
    },
    clock::{self, Timestamp},
    http::{Http, HttpPolicy},
    profile::{Profile, ProfileName},
    providers,
    secret::{ExposeSecret as _, SecretString},
};

/// A provider with its settings, and a user who answers.
struct Client {
    provider: &'static dyn Provider,
    settings: Settings,
    http: Http,
    user: User,
}

/// A user with answers by the key of the question. Whatever is asked is noted.
#[derive(Default)]
struct User {
    answers: BTreeMap<&'static str, String>,
    asked: Mutex<Vec<&'static str>>,
    told: Mutex<Vec<Progress>>,
}

#[async_trait]
impl Interaction for User {
    fn report(&self, step: Progress) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).push(step);
    }
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(prompt.key);
        match self.answers.get(prompt.key) {
            Some(answer) => Ok(answer.as_str().into()),
            None => Err(AuthError::Cancelled),
        }
    }
}

/// References lead nowhere here but to the private keys of the tests.
#[async_trait]
impl SecretSource for User {
    async fn resolve(&self, reference: &SecretRef) -> Result<SecretString, AuthError> {
        let SecretRef::File(name) = reference else { panic!("the tests use file: only") };
        Ok(std::fs::read_to_string(format!("tests/vectors/private-keys/{name}")).unwrap().into())
    }
}

impl Client {
    fn new(provider: &str, settings: &[(&str, &str)], answers: &[(&'static str, &str)]) -> Self {
        let provider = providers::by_id(provider).unwrap();
        let profile = Profile {
            name: ProfileName::new("test").unwrap(),
            provider: provider.descriptor().id.to_owned(),
            settings: settings.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
            environment: None,
            tags: Vec::new(),
        };
        let settings = Settings::parse(provider.descriptor(), &profile).unwrap();
        let answers = answers.iter().map(|(key, answer)| (*key, answer.to_string())).collect();
        let user = User { answers, ..User::default() };
        Self { provider, settings, http: Http::new(HttpPolicy::default()), user }
    }

    fn cx(&self) -> Context<'_> {
        Context::new(&self.http, &self.user, &self.user)
    }

    async fn login(&self) -> Result<TokenSet, AuthError> {
        self.provider.login(&self.settings, &self.cx()).await
    }

    async fn refresh(&self, token_set: &TokenSet) -> Result<TokenSet, AuthError> {
        let renewed = self.provider.refresh(&self.settings, token_set, &self.cx()).await;
        assert_eq!(self.asked(), [""; 0], "a refresh never asks");
        renewed
    }

    async fn probe(&self, raw: &str) -> tokscope::auth::ProbeVerdict {
        self.provider.probe(&self.settings, &token(TokenKind::Access, raw), &self.cx()).await.unwrap()
    }

    fn asked(&self) -> Vec<&'static str> {
        self.user.asked.lock().unwrap().clone()
    }
}

fn token(kind: TokenKind, raw: &str) -> IssuedToken {
    IssuedToken { kind, raw: raw.into(), expires_at: None, scheme: tokscope::auth::Scheme::BEARER }
}

/// A pair of a former login.
fn pair(access: &str, refresh: &str) -> TokenSet {
    TokenSet {
        tokens: vec![token(TokenKind::Access, access), token(TokenKind::Refresh, refresh)],
        scope: None,
        account: Some("me@example".to_owned()),
        received_at: at("2026-11-21T20:00:00Z"),
        remarks: Vec::new(),
    }
}

fn at(text: &str) -> Timestamp {
    clock::parse(text).unwrap()
}

/// The raw tokens of a set, in order.
fn raw(token_set: &TokenSet) -> Vec<(TokenKind, &str)> {
    token_set.tokens.iter().map(|token| (token.kind, token.raw.expose_secret())).collect()
}

/// One row of an error table: what the server answers, and what the user must read.
#[derive(Clone, Copy)]
struct Row {
    status: u16,
    body: &'static str,
    /// Words of the message.
    says: &'static str,
    /// Words of the hint.
    hint: &'static str,
    /// Whether the refresh token is retired.
    dead: bool,
}

const fn row(status: u16, body: &'static str, says: &'static str, hint: &'static str) -> Row {
    Row { status, body, says, hint, dead: false }
}

const fn dead(row: Row) -> Row {
    Row { dead: true, ..row }
}

impl Row {
    #[track_caller]
    fn check<T: std::fmt::Debug>(&self, result: Result<T, AuthError>) {
        let error = result.expect_err(self.body);
        let (message, hint) = (error.to_string(), error.hint().expect("every error has a hint"));
        assert!(message.contains(self.says), "{:?} is not in: {message}", self.says);
        assert!(hint.contains(self.hint), "{:?} is not in the hint: {hint}", self.hint);
        let is_dead = matches!(error, AuthError::Refused { credential_dead: true, .. });
        assert_eq!(is_dead, self.dead, "{error:?}");
        for secret in ["hunter2", "old-refresh", "old-access", "mellon"] {
            assert!(!format!("{error:?} {message} {hint}").contains(secret), "{error:?}");
        }
    }
}
