//! The use cases over a provider that does what it is told.

mod flight;
mod fresh;
mod generations;
mod origin;
mod refresh;
mod remember;
mod rotate;
mod rotating;
mod saved;

use std::{fs, path::PathBuf};

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::sync::Notify;

use super::*;
use crate::{
    auth::{
        Acceptance, Capabilities, Descriptor, Fate, Field, IssuedToken, NoInteraction, ProbeVerdict, Prompt,
        Revocation, Scheme, SecretRef, TokenKind,
    },
    clock,
    http::HttpError,
    secret::{ExposeSecret as _, SecretString},
    store::{
        identity::{Home, Identity, UnlockedIdentity},
        vault::{Condition, Record},
    },
};

/// A provider that rotates, and answers what it is told to.
#[derive(Default)]
struct Puppet {
    calls: Mutex<Vec<String>>,
    /// What logins came with.
    passwords: Mutex<Vec<String>>,
    /// What the next refreshes fail with, the last one first.
    failures: Mutex<Vec<AuthError>>,
    /// Done while a request is under way.
    meanwhile: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    /// Never answers when this is set; says when it was asked.
    hangs: Mutex<Option<Arc<Notify>>>,
    /// Says, with that, that something was sent; then the answer comes when it is notified.
    sends: std::sync::atomic::AtomicBool,
    answer: Notify,
    without_refresh_token: bool,
    /// All access tokens are made in the same second, and are the same.
    one_second: bool,
    /// Refuses every login.
    refuses: std::sync::atomic::AtomicBool,
    /// So many logins there were; each brings other tokens.
    logins: std::sync::atomic::AtomicUsize,
    /// What it was asked to revoke.
    revoked: Mutex<Vec<String>>,
    /// What it says to the next probes, the last one first; else that the token is accepted.
    verdicts: Mutex<Vec<(Acceptance, u16)>>,
    /// What the next revocations fail with, the last one first.
    unrevoked: Mutex<Vec<AuthError>>,
}

static DESCRIPTOR: Descriptor = Descriptor {
    id: "puppet",
    title: "Puppet",
    summary: "does what it is told",
    own_fields: &[
        Field::secret("password", "Password", "The password"),
        Field::secret("master_key", "Master key", "Opens everything").never_remembered(),
        Field::url("url", "URL", "Where its strings are"),
        Field::text("client_id", "Client ID", "Who pulls them"),
    ],
    capabilities: Capabilities { login: true, refresh: true, revoke: true, probe: true },
    rotation: crate::auth::rotation::Rotation::UNKNOWN,
    importers: &[],
    documentation: "",
};

fn set(number: usize, refresh: bool) -> TokenSet {
    let token = |kind, prefix: &str| IssuedToken {
        kind,
        raw: format!("{prefix}-{number}").into(),
        expires_at: None,
        scheme: Scheme::BEARER,
    };
    let mut tokens = vec![token(TokenKind::Access, "access")];
    tokens.extend(refresh.then(|| token(TokenKind::Refresh, "refresh")));
    TokenSet { tokens, scope: None, account: None, received_at: clock::now(), remarks: Vec::new() }
}

#[async_trait]
impl Provider for Puppet {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }
    async fn login(&self, settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let password = cx.secret(settings, "password").await?;
        cx.secret(settings, "master_key").await?;
        self.passwords.lock().unwrap().extend(password.map(|secret| secret.expose_secret().to_owned()));
        if self.refuses.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(refused(true, 401));
        }
        if self.sends.load(std::sync::atomic::Ordering::Relaxed) {
            cx.begin()?;
            self.answer.notified().await;
        }
        if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
            meanwhile();
        }
        let before = self.logins.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(set(100 * before, !self.without_refresh_token))
    }
    async fn refresh(&self, _: &Settings, old: &TokenSet, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(old.generation().unwrap().to_string());
            calls.len()
        };
        let hangs = self.hangs.lock().unwrap().clone();
        if let Some(asked) = hangs {
            if self.sends.load(std::sync::atomic::Ordering::Relaxed) {
                cx.begin()?;
            }
            asked.notify_one();
            self.answer.notified().await;
        }
        if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
            meanwhile();
        }
        let failure = self.failures.lock().unwrap().pop();
        let mut new = set(number, !self.without_refresh_token);
        if self.one_second {
            new.tokens[0].clone_from(&set(0, false).tokens[0]);
        }
        failure.map_or(Ok(new), Err)
    }
    async fn revoke(&self, _: &Settings, set: &TokenSet, _: &Context<'_>) -> Result<Revocation, AuthError> {
        self.calls.lock().unwrap().push("revoke".to_owned());
        if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
            meanwhile();
        }
        if let Some(error) = self.unrevoked.lock().unwrap().pop() {
            return Err(error);
        }
        let texts = set.tokens.iter().map(|token| token.raw.expose_secret().to_owned());
        self.revoked.lock().unwrap().extend(texts);
        Ok(Revocation { tokens: set.tokens.iter().map(|token| (token.kind, Fate::Asked(200))).collect() })
    }
    async fn probe(&self, _: &Settings, _: &IssuedToken, _: &Context<'_>) -> Result<ProbeVerdict, AuthError> {
        self.calls.lock().unwrap().push("probe".to_owned());
        let (acceptance, status) = self.verdicts.lock().unwrap().pop().unwrap_or((Acceptance::Accepted, 200));
        Ok(ProbeVerdict { acceptance, status, account: None, detail: String::new() })
    }
}

struct NoSecrets;

#[async_trait]
impl SecretSource for NoSecrets {
    async fn resolve(&self, _: &SecretRef) -> Result<SecretString, AuthError> {
        Err(AuthError::Cancelled)
    }
}

/// A user who reads what is said.
#[derive(Default)]
struct Reader(Mutex<String>);

#[async_trait]
impl Interaction for Reader {
    fn report(&self, step: Progress) {
        if let Progress::Remark(words) = step {
            self.0.lock().unwrap().push_str(&words);
        }
    }
    async fn ask(&self, _: Prompt) -> Result<SecretString, AuthError> {
        Err(AuthError::Cancelled)
    }
}

/// A puppet's session with a vault on disk, logged in.
struct Stage {
    folder: TempDir,
    identity: Identity,
    puppet: &'static Puppet,
    session: Session,
    profile: Profile,
}

impl Stage {
    async fn new(puppet: Puppet) -> Self {
        let (folder, identity) = (tempfile::tempdir().unwrap(), Identity::generate());
        let puppet: &'static Puppet = Box::leak(Box::new(puppet));
        let session = Self::session(&folder, &identity, puppet);
        let (name, provider) = (ProfileName::new("strings").unwrap(), "puppet".to_owned());
        let profile = Profile { name, provider, settings: [].into(), environment: None, tags: Vec::new() };
        session.login(&profile, &NoInteraction).await.unwrap();
        Self { folder, identity, puppet, session, profile }
    }

    fn session(folder: &TempDir, identity: &Identity, puppet: &'static Puppet) -> Session {
        let vault = Vault::open(folder.path(), identity.clone()).unwrap();
        let puppet: &'static dyn Provider = puppet;
        Session::new(vec![puppet].leak(), Box::new(NoSecrets), Arc::new(vault))
    }

    /// Another process with the same vault, or this one when it is started again.
    fn another(&self) -> Session {
        Self::session(&self.folder, &self.identity, self.puppet)
    }

    async fn refresh(&self) -> Result<TokenSet, AuthError> {
        self.session.refresh(&self.profile, None, &NoInteraction).await
    }

    fn condition(&self) -> Condition {
        self.another().vault.condition(&self.profile.name).unwrap()
    }

    fn saved(&self) -> TokenSet {
        self.another().vault.token_set(&self.profile.name).unwrap().unwrap()
    }

    fn record(&self) -> Record {
        self.another().vault.read(&self.profile.name).unwrap().unwrap()
    }

    /// The numbers of the old generations, the oldest first.
    fn old(&self) -> Vec<u64> {
        self.record().generations.iter().map(|old| old.number).collect()
    }

    fn calls(&self) -> usize {
        self.puppet.calls.lock().unwrap().len()
    }

    fn fail(&self, error: AuthError) {
        self.puppet.failures.lock().unwrap().push(error);
    }

    fn meanwhile(&self, work: impl FnOnce() + Send + 'static) {
        *self.puppet.meanwhile.lock().unwrap() = Some(Box::new(work));
    }

    /// The file of the record.
    fn file(&self) -> PathBuf {
        let files = fs::read_dir(self.folder.path().join("vault")).unwrap().map(|entry| entry.unwrap().path());
        files.into_iter().find(|path| path.extension().is_some_and(|end| end == "age")).unwrap()
    }
}

/// Puts a folder in the place of a record, and the record beside it: it can be neither read nor replaced.
fn block(file: &Path) {
    fs::rename(file, file.with_extension("away")).unwrap();
    fs::create_dir(file).unwrap();
}

fn unblock(file: &Path) {
    fs::remove_dir(file).unwrap();
    fs::rename(file.with_extension("away"), file).unwrap();
}

fn refused(credential_dead: bool, status: u16) -> AuthError {
    AuthError::Refused { status, code: None, message: None, hint: None, credential_dead }
}

fn access(set: &TokenSet) -> String {
    set.generation().unwrap().to_string()
}
