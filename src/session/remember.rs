//! What a profile lets the vault remember: secrets that were typed at a login, where its `remember_secrets` says so, and
//! the key sets that were fetched to verify its tokens with.
//!
//! Only secrets that are settings of the profile are remembered, never a one-time code, and none whose field says
//! otherwise ([`crate::auth::Field::remembered`]). One that the server has refused is forgotten, so that the next login asks.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;

use super::Session;
use crate::{
    auth::{
        AuthError, FieldKind, Interaction, Progress, Prompt,
        key_source::{KeySource, Keys, setting},
    },
    clock::{self, Timestamp},
    profile::Profile,
    secret::{ExposeSecret as _, SecretString},
    store::vault::{Record, VaultError},
};

/// The setting of a profile.
const FLAG: &str = "remember_secrets";

/// Answers from what is remembered, and notes what the user types.
pub(super) struct Remembering<'a> {
    user: &'a dyn Interaction,
    /// The settings whose secrets may be remembered.
    keys: Vec<&'static str>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: BTreeMap<String, SecretString>,
    used: Vec<String>,
    typed: BTreeMap<String, SecretString>,
}

impl<'a> Remembering<'a> {
    /// For this profile, of which the vault keeps this.
    pub(super) fn new(
        session: &Session,
        profile: &Profile,
        record: Option<Record>,
        user: &'a dyn Interaction,
    ) -> Result<Self, AuthError> {
        let keys = match is_on(profile) {
            true => secrets(session, profile)?,
            false => Vec::new(),
        };
        let mut known = record.map(|record| record.secrets).unwrap_or_default();
        known.retain(|key, _| keys.contains(&key.as_str()));
        Ok(Self { user, keys, state: Mutex::new(State { known, ..State::default() }) })
    }

    /// The login has succeeded: writes down what was typed. Whether anything changed.
    pub(super) fn note(&self, record: &mut Record) -> bool {
        let typed = std::mem::take(&mut self.state().typed);
        let before = record.secrets.len();
        record.secrets.retain(|key, _| self.keys.contains(&key.as_str()));
        let changed = before != record.secrets.len() || !typed.is_empty();
        record.secrets.extend(typed);
        changed
    }

    /// The keys of the remembered secrets that were given out.
    pub(super) fn used(&self) -> Vec<String> {
        self.state().used.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Interaction for Remembering<'_> {
    fn report(&self, step: Progress) {
        self.user.report(step);
    }

    fn is_attended(&self) -> bool {
        self.user.is_attended()
    }

    fn is_by_hand(&self) -> bool {
        self.user.is_by_hand()
    }

    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        let key = prompt.key;
        {
            let mut state = self.state();
            // Asked again, it was not right.
            if let Some(secret) = state.known.remove(key) {
                state.used.push(key.to_owned());
                return Ok(secret);
            }
        }
        let secret = self.user.ask(prompt).await?;
        if self.keys.contains(&key) {
            self.state().typed.insert(key.to_owned(), secret.clone());
        }
        Ok(secret)
    }
}

impl Session {
    /// Whether a profile that was changed so does not let secrets be remembered any more.
    pub fn forgets(before: &Profile, after: &Profile) -> bool {
        is_on(before) && !is_on(after)
    }

    /// Forgets the secrets of a profile that it does not let be remembered any more.
    pub(super) fn forget_secrets(&self, profile: &Profile) -> Result<(), VaultError> {
        if is_on(profile) || self.vault.read(&profile.name)?.is_none_or(|record| record.secrets.is_empty()) {
            return Ok(());
        }
        let mut entry = self.vault.hold_noting_now(&profile.name)?;
        entry.record.secrets.clear();
        entry.save()
    }

    /// The keys of an online source as they were fetched last for this profile, and when: nothing goes online.
    pub fn kept_keys(&self, source: &KeySource, profile: &Profile) -> Option<(Keys, Timestamp)> {
        let kept = self.vault.key_set(&profile.name, &source.to_string()).ok()??;
        let (fetched, text) = kept.expose_secret().split_once('\n')?;
        Some((Keys::read(text.as_bytes(), &source.to_string()).ok()?, clock::parse(fetched)?))
    }

    /// Keeps a fetched key set, so that the next start verifies without going online. That it cannot be kept does no harm.
    pub(super) fn keep_keys(&self, source: &KeySource, profile: &Profile, text: &[u8]) {
        if !KeySource::of(profile).is_ok_and(|sources| sources.contains(source)) {
            return;
        }
        if let Ok(text) = std::str::from_utf8(text) {
            let kept = format!("{}\n{text}", clock::utc(clock::to_the_second(clock::now())));
            let _ = self.vault.keep_key_set(&profile.name, &source.to_string(), &kept.into());
        }
    }
}

fn is_on(profile: &Profile) -> bool {
    setting(profile, FLAG) == Some("true")
}

fn secrets(session: &Session, profile: &Profile) -> Result<Vec<&'static str>, AuthError> {
    let fields = session.provider(profile)?.descriptor().fields();
    Ok(fields.filter(|field| field.kind == FieldKind::Secret && field.remembered).map(|field| field.key).collect())
}
