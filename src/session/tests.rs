//! The use cases over a provider that does what it is told.

mod flight;
mod fresh;

use std::{fs, path::PathBuf};

use async_trait::async_trait;
use tempfile::TempDir;
use tokio::sync::Notify;

use super::*;
use crate::{
    auth::{Capabilities, Descriptor, Field, FieldKind, NoInteraction, Prompt, SecretRef},
    http::HttpError,
    secret::{ExposeSecret as _, SecretString},
    store::{identity::Identity, vault::Condition},
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
}

static DESCRIPTOR: Descriptor = Descriptor {
    id: "puppet",
    title: "Puppet",
    summary: "does what it is told",
    own_fields: &[
        Field::new("password", "Password", FieldKind::Secret, "The password"),
        Field::new("master_key", "Master key", FieldKind::Secret, "Opens everything").never_remembered(),
        Field::new("url", "URL", FieldKind::Url, "Where its strings are"),
        Field::new("client_id", "Client ID", FieldKind::Text, "Who pulls them"),
    ],
    capabilities: Capabilities { login: true, refresh: true, revoke: true, probe: true },
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
        Ok(set(0, !self.without_refresh_token))
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
        Ok(Revocation { tokens: set.tokens.iter().map(|token| (token.kind, Fate::Revoked)).collect() })
    }
    async fn probe(&self, _: &Settings, _: &IssuedToken, _: &Context<'_>) -> Result<ProbeVerdict, AuthError> {
        self.calls.lock().unwrap().push("probe".to_owned());
        Ok(ProbeVerdict { acceptance: Acceptance::Accepted, status: 200, account: None, detail: String::new() })
    }
}

struct NoSecrets;

#[async_trait]
impl SecretSource for NoSecrets {
    async fn resolve(&self, _: &SecretRef) -> Result<SecretString, AuthError> {
        Err(AuthError::Cancelled)
    }
}

/// Somebody who reads what is said.
#[derive(Default)]
struct Reader(Mutex<String>);

#[async_trait]
impl Interaction for Reader {
    fn report(&self, step: Step) {
        if let Step::Remark(words) = step {
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

#[tokio::test]
async fn the_mark_is_on_disk_while_the_request_is_under_way_and_goes_with_the_reply() {
    let stage = Stage::new(Puppet::default()).await;
    let seen = Arc::new(Mutex::new(None));
    let (other, name, found) = (stage.another(), stage.profile.name.clone(), Arc::clone(&seen));
    stage.meanwhile(move || {
        assert!(matches!(other.vault.hold_now(&name), Err(VaultError::Busy { .. })), "the lock is held");
        *found.lock().unwrap() = other.vault.condition(&name).unwrap().in_flight;
    });
    let first = stage.saved();
    let new = stage.refresh().await.unwrap();
    let mark = seen.lock().unwrap().clone().expect("a mark");
    assert_eq!((mark.pid, mark.attempts), (std::process::id(), 1));
    assert_eq!(mark.refresh_token.to_string(), crate::secret::Fingerprint::of("refresh-0").to_string());
    assert_eq!(stage.condition(), Condition::default());
    let saved = stage.another().vault.read(&stage.profile.name).unwrap().unwrap();
    assert_eq!(access(&saved.token_set.unwrap()), access(&new));
    assert_eq!(access(&saved.previous.unwrap()), access(&first));
}

#[tokio::test]
async fn what_another_has_renewed_is_used() {
    let stage = Stage::new(Puppet::default()).await;
    let before = stage.saved().generation();
    let theirs = stage.another().refresh(&stage.profile, before, &NoInteraction).await.unwrap();
    let reader = Reader::default();
    let ours = stage.session.refresh(&stage.profile, before, &reader).await.unwrap();
    assert_eq!((access(&ours), stage.calls()), (access(&theirs), 1));
    assert!(reader.0.lock().unwrap().contains("already renewed the tokens"));
    stage.refresh().await.unwrap();
    assert_eq!(stage.calls(), 2, "these are the ones that were seen");
    let mut expired = set(7, true);
    expired.tokens[0].expires_at = Some(clock::now());
    stage.session.adopt(&stage.profile.name, expired).unwrap();
    stage.session.refresh(&stage.profile, before, &NoInteraction).await.unwrap();
    assert_eq!(stage.calls(), 3, "what the other one got has expired again");
}

#[tokio::test]
async fn only_a_clear_refusal_retires_a_refresh_token() {
    let unexpected =
        AuthError::UnexpectedAnswer { host: "h".to_owned(), status: 502, expected: "x", found: "HTML".to_owned() };
    let cases = [
        (refused(true, 400), true, false),
        (refused(false, 400), false, false),
        (refused(false, 500), false, true),
        (unexpected, false, true),
        (AuthError::RateLimited { status: 429, retry_after: None, words: None }, false, false),
        (AuthError::Http(HttpError::BadHeader), false, false),
    ];
    for (error, retired, unknown) in cases {
        let stage = Stage::new(Puppet::default()).await;
        let first = stage.saved();
        stage.fail(error.clone());
        let said = stage.refresh().await.unwrap_err();
        assert_eq!(matches!(said, AuthError::StateUnknown { .. }), unknown, "{error:?}: {said:?}");
        let Condition { in_flight, retired: dead, doubt: None, unsaved } = stage.condition() else { panic!("doubted") };
        assert_eq!((dead.is_some(), in_flight.is_some(), unsaved), (retired, unknown, None), "{error:?}");
        let saved = stage.session.vault.token_set(&stage.profile.name).unwrap().unwrap();
        assert_eq!(access(&saved), access(&first), "{error:?}");
    }
}

#[tokio::test]
async fn a_retired_token_is_tried_again_only_if_somebody_is_there() {
    let stage = Stage::new(Puppet::default()).await;
    stage.fail(refused(true, 400));
    stage.refresh().await.unwrap_err();
    for _ in 0..3 {
        let error = stage.another().refresh(&stage.profile, None, &NoInteraction).await.unwrap_err();
        assert!(matches!(error, AuthError::Retired { .. }), "{error:?}");
    }
    assert_eq!(stage.calls(), 1);
    stage.session.refresh(&stage.profile, None, &Reader::default()).await.unwrap();
    assert_eq!((stage.calls(), stage.condition()), (2, Condition::default()));
}

/// A person's command that may ask nothing.
struct Command;

#[async_trait]
impl Interaction for Command {
    fn report(&self, _: Step) {}
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        NoInteraction.ask(prompt).await
    }
    fn is_attended(&self) -> bool {
        false
    }
    fn is_by_hand(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn what_a_person_asks_for_is_sent_whatever_came_before() {
    let stage = Stage::new(Puppet::default()).await;
    for calls in 1..=4 {
        stage.fail(refused(false, 500));
        stage.session.refresh(&stage.profile, None, &Command).await.unwrap_err();
        assert_eq!(stage.calls(), calls);
    }
    let error = stage.refresh().await.unwrap_err();
    assert!(matches!(error, AuthError::Unsettled { .. }), "the program's own attempts have a limit: {error:?}");
    stage.session.refresh(&stage.profile, None, &Command).await.unwrap();
    assert_eq!(stage.condition(), Condition::default());
}

#[tokio::test]
async fn a_failure_before_anything_was_sent_keeps_the_mark_of_an_earlier_one() {
    let stage = Stage::new(Puppet::default()).await;
    stage.fail(refused(false, 500));
    stage.refresh().await.unwrap_err();
    stage.fail(AuthError::Http(HttpError::BadHeader));
    stage.refresh().await.unwrap_err();
    assert_eq!(stage.condition().in_flight.unwrap().attempts, 1);
    stage.fail(refused(false, 500));
    stage.refresh().await.unwrap_err();
    assert_eq!(stage.condition().in_flight.unwrap().attempts, 2);
    let error = stage.refresh().await.unwrap_err();
    assert!(matches!(error, AuthError::Unsettled { .. }) && error.hint().is_some(), "{error:?}");
    assert_eq!(stage.calls(), 3);
    stage.session.refresh(&stage.profile, None, &Reader::default()).await.unwrap();
    assert_eq!(stage.condition(), Condition::default());
}

#[tokio::test]
async fn nothing_is_sent_when_the_vault_cannot_be_written_or_is_locked() {
    let stage = Stage::new(Puppet::default()).await;
    block(&stage.file());
    let error = stage.refresh().await.unwrap_err();
    assert!(matches!(error, AuthError::Vault(_)) && error.hint().is_some(), "{error:?}");
    unblock(&stage.file());
    stage.session.vault.lock();
    let errors = [
        stage.refresh().await.map(drop),
        stage.session.login(&stage.profile, &NoInteraction).await.map(drop),
        stage.session.revoke(&stage.profile, &NoInteraction).await.map(drop),
        stage.session.probe(&stage.profile, &NoInteraction).await.map(drop),
    ];
    for error in errors {
        assert!(matches!(&error, Err(AuthError::Vault(why)) if why.what.contains("locked")), "{error:?}");
    }
    assert_eq!(stage.calls(), 0);
    stage.session.vault.unlock(stage.identity.clone());
    stage.refresh().await.unwrap();
}

#[tokio::test]
async fn a_reply_that_cannot_be_written_is_used_and_told_and_written_later() {
    let stage = Stage::new(Puppet::default()).await;
    let file = stage.file();
    let blocked = file.clone();
    stage.meanwhile(move || block(&blocked));
    let reader = Reader::default();
    let new = stage.session.refresh(&stage.profile, None, &reader).await.unwrap();
    assert!(reader.0.lock().unwrap().contains("only in memory"), "{}", reader.0.lock().unwrap());
    let name = &stage.profile.name;
    assert!(stage.session.vault.unsaved(name).is_some());
    assert_eq!(access(&stage.session.vault.token_set(name).unwrap().unwrap()), access(&new));
    unblock(&file);
    assert!(stage.condition().in_flight.is_some(), "what is on disk says that the state is unknown");
    stage.session.probe(&stage.profile, &NoInteraction).await.unwrap();
    assert_eq!((stage.session.vault.unsaved(name), stage.condition()), (None, Condition::default()));
    let saved = stage.another().vault.read(name).unwrap().unwrap();
    assert_eq!(access(&saved.token_set.unwrap()), access(&new));
    assert!(saved.previous.is_none(), "the probe has shown that the new ones are good");
}

#[tokio::test]
async fn a_login_is_not_lost_whatever_its_file_looks_like() {
    let stage = Stage::new(Puppet::default()).await;
    let file = stage.file();
    fs::write(&file, "damaged").unwrap();
    let reader = Reader::default();
    let new = stage.session.login(&stage.profile, &reader).await.unwrap();
    assert!(reader.0.lock().unwrap().contains("is damaged"), "{}", reader.0.lock().unwrap());
    let name = &stage.profile.name;
    assert_eq!(access(&stage.session.vault.token_set(name).unwrap().unwrap()), access(&new));
    assert_eq!(fs::read(&file).unwrap(), b"damaged");
    fs::remove_file(&file).unwrap();
    assert!(stage.session.vault.retry());
    assert_eq!(access(&stage.another().vault.token_set(name).unwrap().unwrap()), access(&new));
}

#[tokio::test]
async fn without_a_refresh_token_there_is_nothing_to_mark() {
    let stage = Stage::new(Puppet { without_refresh_token: true, ..Puppet::default() }).await;
    stage.fail(refused(false, 500));
    let error = stage.refresh().await.unwrap_err();
    assert_eq!((error, stage.condition()), (refused(false, 500), Condition::default()));
    assert_eq!(stage.refresh().await.unwrap().tokens[0].raw.expose_secret(), "access-2");
}

#[tokio::test]
async fn revoked_tokens_leave_nothing_but_their_history() {
    let stage = Stage::new(Puppet::default()).await;
    stage.refresh().await.unwrap();
    stage.session.revoke(&stage.profile, &NoInteraction).await.unwrap();
    let record = stage.another().vault.read(&stage.profile.name).unwrap().unwrap();
    assert!(record.token_set.is_none() && record.previous.is_none());
    assert_eq!(record.history.len(), 3);
}

/// Types these answers, the last one first.
struct Typist(Mutex<Vec<&'static str>>);

#[async_trait]
impl Interaction for Typist {
    fn report(&self, _: Step) {}
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        let answer = self.0.lock().unwrap().pop();
        answer.map(SecretString::from).ok_or(AuthError::NeedsInteraction { what: prompt.label.into_owned() })
    }
}

#[tokio::test]
async fn a_password_is_remembered_where_the_profile_says_so_and_until_it_is_refused() {
    let Stage { folder, puppet, session, mut profile, .. } = Stage::new(Puppet::default()).await;
    let typist = |answers: &[&'static str]| Typist(Mutex::new(answers.to_vec()));
    let kept = || session.vault.secret(&ProfileName::new("strings").unwrap(), "password").unwrap();
    profile.settings.insert("password".to_owned(), "prompt".to_owned());
    session.login(&profile, &typist(&["marker"])).await.unwrap();
    assert!(kept().is_none(), "nobody has said so");
    profile.settings.insert("remember_secrets".to_owned(), "true".to_owned());
    session.login(&profile, &typist(&["marker"])).await.unwrap();
    assert_eq!(kept().unwrap().expose_secret(), "marker");
    session.login(&profile, &NoInteraction).await.unwrap();
    assert_eq!(*puppet.passwords.lock().unwrap(), ["marker"; 3]);
    for file in fs::read_dir(folder.path().join("vault")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("marker"), "it is in clear nowhere");
    }
    puppet.refuses.store(true, std::sync::atomic::Ordering::Relaxed);
    let reader = Reader::default();
    session.login(&profile, &reader).await.unwrap_err();
    assert!(kept().is_none() && reader.0.lock().unwrap().contains("so it was forgotten"));
    puppet.refuses.store(false, std::sync::atomic::Ordering::Relaxed);
    session.login(&profile, &typist(&["another"])).await.unwrap();
    session.forget_secrets(&profile).unwrap();
    assert!(kept().is_some(), "it still says so");
    profile.settings.remove("remember_secrets");
    session.forget_secrets(&profile).unwrap();
    assert!(kept().is_none());
}

#[tokio::test]
async fn what_a_field_forbids_is_never_remembered() {
    let Stage { folder: _folder, session, mut profile, .. } = Stage::new(Puppet::default()).await;
    for (key, value) in [("password", "prompt"), ("master_key", "prompt"), ("remember_secrets", "true")] {
        profile.settings.insert(key.to_owned(), value.to_owned());
    }
    // What is asked for last stands first.
    session.login(&profile, &Typist(Mutex::new(vec!["everything", "marker"]))).await.unwrap();
    let kept = |key| session.vault.secret(&profile.name, key).unwrap();
    assert!(kept("password").is_some() && kept("master_key").is_none());
    session.login(&profile, &Typist(Mutex::new(vec!["everything"]))).await.unwrap();
}

#[tokio::test]
async fn fetched_keys_are_kept_for_the_next_start() {
    let Stage { folder: _folder, session, mut profile, .. } = Stage::new(Puppet::default()).await;
    let source = crate::auth::keys::KeySource::parse("https://id.example/jwks", None).unwrap();
    let set = br#"{"keys":[{"kty":"oct","k":"c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"}]}"#;
    session.keep_keys(&source, &profile, set);
    assert!(session.kept_keys(&source, &profile).is_none(), "its profile does not name it");
    profile.settings.insert("verify_key".to_owned(), "https://id.example/jwks".to_owned());
    session.keep_keys(&source, &profile, set);
    let (keys, fetched) = session.kept_keys(&source, &profile).unwrap();
    assert_eq!(keys.verification.entries().len(), 1);
    assert!((clock::now() - fetched).num_minutes() == 0);
}

#[tokio::test]
async fn a_login_that_ends_when_the_vault_was_locked_is_not_lost() {
    let stage = Stage::new(Puppet::default()).await;
    let vault = Arc::clone(&stage.session.vault);
    *stage.puppet.meanwhile.lock().unwrap() = Some(Box::new(move || vault.lock()));
    let reader = Reader::default();
    let set = stage.session.login(&stage.profile, &reader).await.unwrap();
    assert!(reader.0.lock().unwrap().contains("only in memory (the vault is locked)"));
    stage.session.vault.unlock(stage.identity.clone());
    assert!(stage.session.vault.retry());
    let again = Stage::session(&stage.folder, &stage.identity, stage.puppet);
    let saved = again.vault.read(&stage.profile.name).unwrap().unwrap();
    assert_eq!(access(&saved.token_set.unwrap()), access(&set));
    assert_eq!(saved.history.len(), 2, "the login of before, and this one");
}

mod origin;
