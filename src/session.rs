//! The use cases: profiles, the vault, login, refresh, revoke, probe, and keys to verify with. Obtain → save → return; both
//! shells call these.
//!
//! Login, refresh and revocation run in tasks of their own (`session/flight.rs`): dropping their future lets go of them, and stops
//! them only where nothing was sent; what was sent is finished and saved. Whatever changes a profile's tokens holds its lock
//! in the vault, which changes in one step after the server's answer, and stays as it was on any failure.

mod call;
mod flight;
mod folder;
mod fresh;
mod id_token;
mod inventory;
mod key_search;
mod known;
mod open;
mod origin;
mod probe;
mod profiles;
mod refresh;
mod remember;
mod report;
mod revoke;
pub mod rotate;
pub mod select;
mod status;

use std::{
    collections::HashMap,
    future::pending,
    path::Path,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use url::Url;

pub use self::{
    call::{ApiCall, header, is_reading, method},
    flight::{ExchangeKind, UnderWay},
    folder::{Location, Moved, Rescued, check_keyring, unlock_keyring},
    fresh::{Demand, Standing, standing},
    inventory::{HeldToken, HeldTokens, Holding, Holdings, of_other_programs},
    known::{Known, Why},
    profiles::{Forgotten, ImportOutcome, ImportReport, Profiles, Rebound, Saved},
    refresh::UNATTENDED_ATTEMPTS,
    revoke::{Ended, EndedToken, Wanted},
    rotate::evidence::Verdict,
    status::Status,
};
use self::{
    flight::{Flight, Flights},
    open::Successor,
    refresh::tell_unsaved,
    remember::Remembering,
};
use crate::{
    auth::{
        AuthError, Context, Interaction, Progress, Provider, ReadOnly, SecretRef, SecretSource, Settings, TokenSet,
    },
    http::{Exchange, Http, HttpPolicy},
    profile::{Profile, ProfileName},
    secret::SecretString,
    store::{
        files,
        secrets::Secrets,
        vault::{EventKind, HeldRecord, Journal, Ready, Reserved, Vault, VaultError},
    },
    text::typed,
    token::verify::key_set::KeySet,
    trouble::Trouble,
};

/// What the use cases work with. Cheap to clone: all clones are one.
#[derive(Clone)]
pub struct Session {
    providers: &'static [&'static dyn Provider],
    secrets: Arc<dyn SecretSource>,
    /// The token sets.
    vault: Arc<Vault>,
    /// What has taken its place since.
    successor: Arc<Successor>,
    /// The client of each profile, kept for its last exchange and while its policy stays the same.
    clients: Arc<Mutex<HashMap<ProfileName, Arc<Http>>>>,
    /// What issuers published, by its address, for the ID tokens of the next refreshes.
    key_sets: Arc<Mutex<HashMap<Url, KeySet>>>,
    /// The exchanges under way, also those over another vault.
    flights: Arc<Flights>,
    /// For whom none begins.
    readonly: Arc<Mutex<ReadOnly>>,
}

/// A profile, ready for a call.
struct Caller {
    provider: &'static dyn Provider,
    settings: Settings,
    http: Arc<Http>,
}

impl Caller {
    /// How long one waits for another's exchange of this profile: it asks for metadata, it sends, and it saves.
    fn patience(&self) -> Duration {
        self.http.policy().timeout * 2 + SAVING
    }
}

/// More than it takes to write a record.
const SAVING: Duration = Duration::from_secs(5);

impl Session {
    /// A session over these providers.
    pub fn new(providers: &'static [&'static dyn Provider], secrets: Box<dyn SecretSource>, vault: Arc<Vault>) -> Self {
        Self {
            providers,
            secrets: secrets.into(),
            vault,
            successor: Arc::default(),
            clients: Arc::default(),
            key_sets: Arc::default(),
            flights: Arc::default(),
            readonly: Arc::default(),
        }
    }

    /// A session over these providers, with a vault in memory and the secrets where the profiles say.
    pub fn in_memory(providers: &'static [&'static dyn Provider]) -> Self {
        Self::new(providers, Box::new(Secrets::default()), Arc::new(Vault::memory()))
    }

    /// A secret from where the user says it is.
    pub async fn secret(&self, reference: &SecretRef) -> Result<SecretString, AuthError> {
        self.secrets.resolve(reference).await
    }

    /// For these profiles nothing is sent from now on; see [`ReadOnly::renew`]. It counts for all clones.
    pub fn restrict(&self, readonly: ReadOnly) {
        self.readonly.lock().unwrap_or_else(PoisonError::into_inner).renew(readonly);
    }

    /// For which profiles nothing is sent.
    pub fn readonly(&self) -> ReadOnly {
        self.readonly.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn clients(&self) -> MutexGuard<'_, HashMap<ProfileName, Arc<Http>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gets a first token set and saves it.
    pub async fn login(&self, profile: &Profile, interaction: &dyn Interaction) -> Result<TokenSet, AuthError> {
        let (call, login) = (self.call(profile)?, profile.clone());
        let work =
            |session: Self, call, flight: Arc<Flight>| async move { session.enter(&login, call, None, &flight).await };
        self.fly(profile, ExchangeKind::Login, call, interaction, work).await
    }

    /// `rotation`: the one that the tokens are obtained for.
    async fn enter(
        &self,
        profile: &Profile,
        call: Caller,
        rotation: Option<Journal>,
        flight: &Flight,
    ) -> Result<TokenSet, AuthError> {
        let run = rotation.as_ref().map(|rotation| rotation.run.clone());
        // What comes is kept, even if the vault is locked before it does.
        let ready = self.vault.ready()?.issued_by(origin::issuer(&call.settings));
        let ready = rotation.into_iter().fold(ready, Ready::rotating);
        // A record that cannot be read remembers nothing, and what another server was given is not for this one.
        let record = self.vault.read(&profile.name).ok().flatten();
        record.as_ref().map_or(Ok(()), |record| record.admits(&profile.name, run.as_ref()))?;
        let record = record.filter(|record| origin::fits(record, &call.settings));
        let remembering = Remembering::new(self, profile, record, flight)?;
        let cx = self.context(&call, &remembering);
        let login = flight.unless_stopped(call.provider.login(&call.settings, &cx));
        let (answer, held) = self.locked_while_sent(&profile.name, &call, flight, login).await;
        let mut token_set = match answer {
            Ok(token_set) => token_set,
            Err(error) => {
                drop(held);
                self.doubt(profile, &remembering, &error, flight);
                return Err(error);
            }
        };
        flight.arrived()?;
        self.vault.put_aside(&ready, &profile.name, token_set.clone(), EventKind::Login);
        let entry = match (held, &run) {
            (Some(held), run) => held.entry(run.as_ref()),
            (None, Some(run)) => self.vault.hold_rotating(&profile.name, run, call.patience()).await,
            (None, None) => self.vault.hold_for(&profile.name, call.patience()).await,
        };
        match entry {
            Ok(mut entry) => {
                if remembering.note(&mut entry.record) {
                    entry.keep();
                }
            }
            // What came is kept beside the session that is rotated.
            Err(why @ VaultError::Rotating { .. }) => return Err(why.into()),
            Err(why) => self.vault.explain_aside(&profile.name, &why),
        }
        tell_unsaved(&self.vault, &profile.name, flight);
        cx.unless_left(self.judge_id_token(profile, &cx, &mut token_set, true)).await;
        Ok(token_set)
    }

    /// Works, and has the profile's lock while an answer is awaited, if it can be had: a login waits for people without it.
    async fn locked_while_sent<T>(
        &self,
        profile: &ProfileName,
        call: &Caller,
        flight: &Flight,
        work: impl Future<Output = T>,
    ) -> (T, Option<Reserved<'_>>) {
        let mut work = pin!(work);
        let mut held = None;
        loop {
            let lock = async {
                flight.sent.sent().await;
                match self.vault.reserve_for(profile, call.patience()).await {
                    Ok(held) => held,
                    // What comes is put aside until the lock is there.
                    Err(_) => pending().await,
                }
            };
            tokio::select! { biased;
                done = &mut work => return (done, held),
                lock = lock, if held.is_none() => held = Some(lock),
                () = flight.sent.answered(), if held.is_some() => held = None,
            }
        }
    }

    /// The server does not like what is remembered: the next login asks.
    fn doubt(
        &self,
        profile: &Profile,
        remembering: &Remembering<'_>,
        error: &AuthError,
        interaction: &dyn Interaction,
    ) {
        let used = remembering.used();
        // A bare 403 may be a firewall's.
        let is_bare = matches!(error, AuthError::Refused { status: 403, code: None, message: None, .. });
        if used.is_empty() || is_bare || !matches!(error, AuthError::Refused { status: 400..=403, .. }) {
            return;
        }
        let forgotten = used.iter().try_for_each(|key| self.vault.remember(&profile.name, key, None));
        if forgotten.is_ok() {
            let words = "the server refused what was remembered, so it was forgotten: the next login asks".to_owned();
            interaction.report(Progress::Remark(words));
        }
    }

    /// The record of a profile, once its lock is free. Nothing was sent: until then this may be stopped.
    async fn hold(&self, profile: &ProfileName, call: &Caller, flight: &Flight) -> Result<HeldRecord<'_>, AuthError> {
        let held = self.vault.hold_for(profile, call.patience());
        flight.unless_stopped(async { Ok(held.await?) }).await
    }

    /// Takes tokens into the vault that came by another way: pasted ones, the demo's.
    pub fn adopt(&self, profile: &ProfileName, token_set: TokenSet) -> Result<(), VaultError> {
        self.change(|session| {
            let mut entry = session.vault.hold_now(profile)?;
            entry.record.renew(token_set, EventKind::Adopted);
            entry.save()
        })
    }

    /// The last exchange of a profile with its server, secrets masked.
    pub fn exchange(&self, profile: &ProfileName) -> Option<Exchange> {
        self.clients().get(profile)?.exchange()
    }

    /// The last exchange of a profile, that of a rotation's proofs included: those are not what [`Self::exchange`] tells.
    pub fn exchange_of_rotation(&self, profile: &ProfileName) -> Option<Exchange> {
        let clients = self.clients();
        let client = clients.get(profile)?;
        client.exchange().into_iter().chain(client.exchange_apart()).max_by_key(|exchange| exchange.started_at)
    }

    /// The provider of a profile.
    pub fn provider(&self, profile: &Profile) -> Result<&'static dyn Provider, AuthError> {
        let found = self.providers.iter().find(|provider| provider.descriptor().id == profile.provider);
        found.copied().ok_or_else(|| {
            let known: Vec<_> = self.providers.iter().map(|provider| provider.descriptor().id).collect();
            let named = typed::word(&profile.provider)
                .map_or_else(|| "a provider".to_owned(), |id| format!("the provider {id}"));
            AuthError::setting(
                format!("the profile {} names {named}, which does not exist", profile.name),
                format!("set provider to one of {}", known.join(", ")),
            )
        })
    }

    /// Makes an exchange ready: all of them begin here, and none of a profile that is read-only.
    fn call(&self, profile: &Profile) -> Result<Caller, AuthError> {
        self.readonly().refusal(profile).map_or_else(|| self.caller(profile), |why| Err(why.into()))
    }

    /// The connection of a profile.
    fn caller(&self, profile: &Profile) -> Result<Caller, AuthError> {
        // The next opportunity for what could not be saved.
        self.vault.retry();
        let provider = self.provider(profile)?;
        let settings = Settings::parse(provider.descriptor(), profile).map_err(|mistakes| {
            let all: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            AuthError::setting(
                format!("cannot use the profile {}: {}", profile.name, all.join("; ")),
                format!("correct the profile {}", profile.name),
            )
        })?;
        let http = self.http(&profile.name, policy(&settings)?);
        Ok(Caller { provider, settings, http })
    }

    fn context<'a>(&'a self, call: &'a Caller, interaction: &'a dyn Interaction) -> Context<'a> {
        Context::new(&call.http, interaction, self.secrets.as_ref())
    }

    fn http(&self, profile: &ProfileName, policy: HttpPolicy) -> Arc<Http> {
        let mut clients = self.clients();
        match clients.get(profile) {
            Some(http) if *http.policy() == policy => http.clone(),
            _ => {
                let http = Arc::new(Http::new(policy));
                clients.insert(profile.clone(), http.clone());
                http
            }
        }
    }

    fn saved(&self, profile: &Profile) -> Result<TokenSet, AuthError> {
        let token_set = self.vault.token_set(&profile.name)?;
        token_set.ok_or_else(|| no_tokens(&profile.name, "tokens"))
    }
}

/// The connection settings that every provider with a network has ([`crate::auth::NETWORK_FIELDS`]).
fn policy(settings: &Settings) -> Result<HttpPolicy, AuthError> {
    let default = HttpPolicy::default();
    let seconds = settings.lookup("timeout").and_then(|text| text.parse().ok());
    let ca_pem = settings.lookup("ca_file").map(|path| files::read(Path::new(path))).transpose();
    Ok(HttpPolicy {
        timeout: seconds.map_or(default.timeout, Duration::from_secs),
        allow_http: settings.lookup("allow_http") == Some("true"),
        ca_pem: ca_pem.map_err(|error| Trouble::from(error).under("cannot use ca_file"))?,
    })
}

/// Its tokens are used again only on explicit request.
fn revoked(profile: &ProfileName) -> AuthError {
    AuthError::setting(format!("the tokens of {profile} were revoked"), "log in again")
}

fn no_tokens(profile: &ProfileName, what: &str) -> AuthError {
    AuthError::setting(format!("profile {profile} has no {what}"), "log in first")
}

#[cfg(test)]
mod tests;
