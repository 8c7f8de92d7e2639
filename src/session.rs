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
mod key_search;
mod open;
mod origin;
mod profiles;
mod refresh;
mod remember;
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
    call::{ApiCall, header},
    flight::{ExchangeKind, UnderWay},
    folder::{Location, Moved, Rescued, check_keyring, unlock_keyring},
    fresh::{Demand, Standing, standing},
    profiles::{ImportOutcome, ImportReport, Profiles, Saved},
    refresh::UNATTENDED_ATTEMPTS,
    status::Status,
};
use self::{
    flight::{Flight, Flights},
    open::Successor,
    origin::Use,
    refresh::tell_unsaved,
    remember::Remembering,
};
use crate::{
    auth::{
        Acceptance, AuthError, Context, Fate, Interaction, IssuedToken, ProbeVerdict, Progress, Provider, Revocation,
        Scheme, SecretRef, SecretSource, Settings, TokenKind, TokenSet, Unasked,
    },
    clock,
    http::{Exchange, Http, HttpPolicy, Request},
    oauth::resource,
    profile::{Profile, ProfileName},
    secret::SecretString,
    store::{
        files,
        secrets::Secrets,
        vault::{EventKind, HeldRecord, Reserved, Vault, VaultError},
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

    fn clients(&self) -> MutexGuard<'_, HashMap<ProfileName, Arc<Http>>> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gets a first token set and saves it.
    pub async fn login(&self, profile: &Profile, interaction: &dyn Interaction) -> Result<TokenSet, AuthError> {
        let (call, login) = (self.call(profile)?, profile.clone());
        let work = |session: Self, call, flight: Arc<Flight>| async move { session.enter(&login, call, &flight).await };
        self.fly(profile, ExchangeKind::Login, call, interaction, work).await
    }

    async fn enter(&self, profile: &Profile, call: Caller, flight: &Flight) -> Result<TokenSet, AuthError> {
        // What comes is kept, even if the vault is locked before it does.
        let ready = self.vault.ready()?.issued_by(origin::issuer(&call.settings));
        // A record that cannot be read remembers nothing, and what another server was given is not for this one.
        let record = self.vault.read(&profile.name).ok().flatten();
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
        let entry = match held {
            Some(held) => held.entry(),
            None => self.vault.hold_for(&profile.name, call.patience()).await,
        };
        match entry {
            Ok(mut entry) => {
                if remembering.note(&mut entry.record) {
                    entry.keep();
                }
            }
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

    /// Revokes the saved token set at the server. Asks only where the profile names another server now. What is revoked leaves the vault; what lives on stays.
    pub async fn revoke(&self, profile: &Profile, interaction: &dyn Interaction) -> Result<Revocation, AuthError> {
        let (call, of) = (self.call(profile)?, profile.clone());
        let work = |session: Self, call, flight: Arc<Flight>| async move { session.end(&of, call, &flight).await };
        self.fly(profile, ExchangeKind::Revocation, call, interaction, work).await
    }

    async fn end(&self, profile: &Profile, call: Caller, flight: &Flight) -> Result<Revocation, AuthError> {
        let agreed = self.agree(profile, &call.settings, Use::Issuer, flight).await?;
        let mut entry = self.hold(&profile.name, &call, flight).await?;
        agreed.note(&mut entry.record)?;
        let mut token_set = entry.record.token_set.take().ok_or_else(|| no_tokens(&profile.name, "tokens"))?;
        let interaction = Unasked(flight);
        let cx = self.context(&call, &interaction);
        let revocation = flight.unless_stopped(call.provider.revoke(&call.settings, &token_set, &cx)).await?;
        flight.arrived()?;
        let dead = |kind| revocation.tokens.iter().any(|(of, fate)| *of == kind && *fate == Fate::Revoked);
        if revocation.tokens.iter().any(|(_, fate)| *fate == Fate::Revoked) {
            entry.record.remember(EventKind::Revoked, clock::now(), &token_set);
            entry.record.previous = None;
        }
        token_set.tokens.retain(|token| !dead(token.kind));
        if token_set.tokens.is_empty() {
            entry.record.clear();
        } else {
            entry.record.token_set = Some(token_set);
        }
        if let Some(reason) = entry.keep() {
            let words =
                format!("the revoked tokens are still in the vault ({reason}); they are removed as soon as possible");
            interaction.report(Progress::Remark(words));
        }
        Ok(revocation)
    }

    /// The record of a profile, once nobody else has it. Nothing was sent: until then this may be stopped.
    async fn hold(&self, profile: &ProfileName, call: &Caller, flight: &Flight) -> Result<HeldRecord<'_>, AuthError> {
        let held = self.vault.hold_for(profile, call.patience());
        flight.unless_stopped(async { Ok(held.await?) }).await
    }

    /// Asks whether the saved access token is accepted right now: the profile's `probe_url`, or else the system's own
    /// "who am I". Asks only where the profile names another server now.
    pub async fn probe(&self, profile: &Profile, interaction: &dyn Interaction) -> Result<ProbeVerdict, AuthError> {
        let call = self.call(profile)?;
        self.agree(profile, &call.settings, Use::Probe, interaction).await?;
        let token_set = self.saved(profile)?;
        let token = token_set.token(TokenKind::Access).or_else(|| token_set.token(TokenKind::Unknown));
        let token = token.ok_or_else(|| no_tokens(&profile.name, "access token"))?;
        let verdict = self.verdict(&call, token, interaction).await?;
        if let (Acceptance::Accepted, Some(generation)) = (verdict.acceptance, token_set.generation()) {
            // Keeping the previous tokens a little longer does no harm.
            let _ = self.vault.confirm(&profile.name, generation);
        }
        Ok(verdict)
    }

    async fn verdict(
        &self,
        call: &Caller,
        token: &IssuedToken,
        interaction: &dyn Interaction,
    ) -> Result<ProbeVerdict, AuthError> {
        let Some(page) = call.settings.lookup("probe_url") else {
            let interaction = Unasked(interaction);
            return call.provider.probe(&call.settings, token, &self.context(call, &interaction)).await;
        };
        let page = Url::parse(page).expect("Settings::parse checks URLs");
        interaction.report(Progress::Contacting(page.authority().to_owned()));
        let scheme = presented(&call.settings, token)?;
        let request = Request::get(page).authorization(scheme.as_str(), &token.raw);
        resource::verdict(&call.http.send(request).await?, token)
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

    fn call(&self, profile: &Profile) -> Result<Caller, AuthError> {
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

/// The scheme under which a token goes to an API: the profile's, or else its own.
fn presented(settings: &Settings, token: &IssuedToken) -> Result<Scheme, AuthError> {
    match settings.lookup("scheme") {
        Some(scheme) => Scheme::new(scheme).ok_or_else(|| {
            AuthError::setting("scheme is not an authentication scheme", "write one word, such as Bearer or JWT")
        }),
        None => Ok(token.scheme.clone()),
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

fn no_tokens(profile: &ProfileName, what: &str) -> AuthError {
    AuthError::setting(format!("profile {profile} has no {what}"), "log in first")
}

#[cfg(test)]
mod tests;
