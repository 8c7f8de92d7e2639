//! Tokens go where they came from: a profile that names another server or client than the one that issued its tokens is
//! asked about first, and nothing is sent where no user can be asked.
//!
//! Addresses count by their origin (RFC 6454). Where the issuer of the tokens was not noted, the first use notes what the
//! profile says then. What the issuer's own metadata name is the issuer's word.

use std::collections::BTreeSet;

use super::Session;
use crate::{
    auth::{AuthError, Interaction, Prompt, Settings},
    profile::{Profile, ProfileName},
    secret::ExposeSecret as _,
    store::vault::{IssuedBy, Record},
};

/// Addresses to which nothing of a token set is sent.
const NAMES: [&str; 2] = ["resource", "redirect_uri"];
/// Where a token is tried: counts only for that.
const PROBE: &str = "probe_url";

/// What is about to be done with a token set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// It goes to the issuer: a refresh, a revocation.
    Issuer,
    /// The access token is tried.
    Probe,
}

/// The user knows to whom the tokens go.
pub(super) struct Agreed {
    profile: ProfileName,
    now: IssuedBy,
    wanted: BTreeSet<String>,
    /// Who issued the tokens that the user has agreed to send elsewhere.
    over: Option<IssuedBy>,
}

/// Who issues the tokens of a profile with these settings.
pub(super) fn issuer(settings: &Settings) -> IssuedBy {
    IssuedBy { origins: origins(settings, Use::Probe), client: settings.lookup("client_id").map(str::to_owned) }
}

/// Whether what was remembered may be sent without a question.
pub(super) fn fits(record: &Record, settings: &Settings) -> bool {
    let wanted = origins(settings, Use::Issuer);
    record.issued_by.as_ref().is_none_or(|then| is_same(then, &issuer(settings), &wanted))
}

/// The same of showing the access token to the API.
pub(super) fn fits_api(record: &Record, settings: &Settings) -> bool {
    let wanted = origins(settings, Use::Probe);
    record.issued_by.as_ref().is_none_or(|then| is_same(then, &issuer(settings), &wanted))
}

impl Session {
    /// Like [`Self::agree`], about the current tokens.
    pub(super) async fn agree_on_current(
        &self,
        profile: &Profile,
        settings: &Settings,
        what: Use,
        interaction: &dyn Interaction,
    ) -> Result<Agreed, AuthError> {
        let record = self.vault.read(&profile.name)?.unwrap_or_default();
        let issued_by = record.issued_by.filter(|_| record.token_set.is_some());
        self.agree(profile, settings, what, issued_by.as_ref(), interaction).await
    }

    /// Asks where the profile names another issuer than tokens have. Without the profile's lock: it waits for the user.
    pub(super) async fn agree(
        &self,
        profile: &Profile,
        settings: &Settings,
        what: Use,
        issued_by: Option<&IssuedBy>,
        interaction: &dyn Interaction,
    ) -> Result<Agreed, AuthError> {
        let (now, wanted) = (issuer(settings), origins(settings, what));
        let mut agreed = Agreed { profile: profile.name.clone(), now, wanted, over: None };
        let Some(then) = issued_by.filter(|then| !agreed.covers(then)).cloned() else { return Ok(agreed) };
        if !interaction.is_attended() {
            return Err(agreed.refusal(&then));
        }
        let prompt = Prompt {
            key: "other_issuer",
            label: format!("Send the tokens to {}? yes or no", different(&agreed.now, &then)).into(),
            help: format!("they were issued by {}", different(&then, &agreed.now)).into(),
            secret: false,
        };
        match interaction.ask(prompt).await {
            Ok(answer) if matches!(answer.expose_secret().trim(), "y" | "Y" | "yes") => {
                agreed.over = Some(then);
                Ok(agreed)
            }
            Ok(_) => Err(AuthError::Cancelled),
            Err(AuthError::NeedsInteraction(_)) => Err(agreed.refusal(&then)),
            Err(error) => Err(error),
        }
    }
}

impl Agreed {
    /// Notes it in the record, which is held now. Another may have logged in elsewhere meanwhile.
    pub(super) fn note(&self, record: &mut Record) -> Result<(), AuthError> {
        self.allows(record.issued_by.as_ref())?;
        if !record.issued_by.as_ref().is_some_and(|then| self.covers(then)) {
            record.issued_by = Some(self.now.clone());
        }
        Ok(())
    }

    /// Whether tokens of this issuer may be sent.
    pub(super) fn allows(&self, issued_by: Option<&IssuedBy>) -> Result<(), AuthError> {
        match issued_by {
            Some(then) if !self.covers(then) && Some(then) != self.over.as_ref() => Err(self.refusal(then)),
            _ => Ok(()),
        }
    }

    fn covers(&self, then: &IssuedBy) -> bool {
        is_same(then, &self.now, &self.wanted)
    }

    fn difference(&self, then: &IssuedBy) -> String {
        let (then, now) = (words(then), words(&self.now));
        format!("the tokens of {} were issued by {then}; the profile now names {now}", self.profile)
    }

    fn refusal(&self, then: &IssuedBy) -> AuthError {
        AuthError::setting(
            format!("{}; nothing was sent", self.difference(then)),
            format!(
                "`tokscope login {}` gets tokens there; to send the old ones, run it where tokscope can ask",
                self.profile
            ),
        )
    }
}

fn is_same(then: &IssuedBy, now: &IssuedBy, wanted: &BTreeSet<String>) -> bool {
    then.client == now.client && wanted.is_subset(&then.origins)
}

fn origins(settings: &Settings, what: Use) -> BTreeSet<String> {
    let counts = |key: &str| !NAMES.contains(&key) && (what == Use::Probe || key != PROBE);
    settings.urls().filter(|(key, _)| counts(key)).map(|(_, url)| url.origin().ascii_serialization()).collect()
}

fn words(issuer: &IssuedBy) -> String {
    let origins = joined(&issuer.origins);
    match &issuer.client {
        Some(client) => format!("{origins} (client {client})"),
        None => origins,
    }
}

/// What is different of one, in few words: there may be one line for them.
fn different(one: &IssuedBy, other: &IssuedBy) -> String {
    let own: BTreeSet<_> = one.origins.difference(&other.origins).cloned().collect();
    match &one.client {
        Some(client) if own.is_empty() => format!("the client {client}"),
        _ => joined(&own),
    }
}

fn joined(origins: &BTreeSet<String>) -> String {
    let origins: Vec<_> = origins.iter().map(String::as_str).collect();
    if origins.is_empty() { "no server".to_owned() } else { origins.join(" and ") }
}
