//! The refresh as a transaction: a rotated refresh token exists once, so no race, crash or lost reply may cost it.
//!
//! Under the profile's lock: read the store again → use what another has renewed meanwhile → mark "in flight" durably →
//! send → write the reply durably, before anything else uses it → let go. No `await` stands between the reply and its write.
//! Whoever waits for it may leave ([`super::flight`]); where nothing was sent, the mark goes again.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{
    Caller, ExchangeKind, Session, flight::Flight, fresh::lives, no_tokens, origin::Use, remember::Remembering, revoked,
};
use crate::{
    auth::{AuthError, Interaction, IssuedToken, Progress, TokenKind, TokenSet, Unasked},
    clock,
    profile::{Profile, ProfileName},
    secret::Fingerprint,
    store::{
        runs::RunId,
        vault::{EventKind, HeldRecord, InFlight, Vault},
    },
};

/// So often a refresh token is sent without being asked to, when no answer says what became of it: once, and once more.
pub const UNATTENDED_ATTEMPTS: u32 = 2;

impl Session {
    /// Renews the saved token set. Asks only where the profile names another server than the one that issued it. `seen` is the generation ([`TokenSet::generation`]) that the caller wants
    /// replaced; `None` is what is saved now. Where another task or process has replaced it meanwhile, the result is what
    /// that one got, and nothing is sent: a hundred callers cost one request.
    ///
    /// On any failure the saved tokens stay as they were. A clear refusal retires the refresh token: it is not tried again
    /// unless a person asks for it ([`Interaction::is_by_hand`]). Where it is not known what the server did
    /// ([`AuthError::StateUnknown`]), a mark is left, and the next refresh tries the same token once more.
    pub async fn refresh(
        &self,
        profile: &Profile,
        seen: Option<Fingerprint>,
        interaction: &dyn Interaction,
    ) -> Result<TokenSet, AuthError> {
        let (call, name) = (self.call(profile)?, profile.clone());
        let seen = match seen {
            Some(seen) => Some(seen),
            None => self.saved(profile)?.generation(),
        };
        let work = move |session: Self, call, flight: Arc<Flight>| async move {
            session.renew(&name, call, seen, None, &flight).await
        };
        self.fly(profile, ExchangeKind::Refresh, call, interaction, work).await
    }

    /// `run`: the rotation that the tokens are obtained for.
    pub(super) async fn renew(
        &self,
        profile: &Profile,
        call: Caller,
        seen: Option<Fingerprint>,
        run: Option<RunId>,
        flight: &Flight,
    ) -> Result<TokenSet, AuthError> {
        let agreed = self.agree_on_current(profile, &call.settings, Use::Issuer, flight).await?;
        let mut entry = match &run {
            Some(run) => {
                let held = self.vault.hold_rotating(&profile.name, run, call.patience());
                flight.unless_stopped(async { Ok(held.await?) }).await?
            }
            None => self.hold(&profile.name, &call, flight).await?,
        };
        agreed.note(&mut entry.record)?;
        let old = entry.record.token_set.clone().ok_or_else(|| no_tokens(&profile.name, "tokens"))?;
        if old.generation() != seen && lives(&old, TimeDelta::zero(), clock::now()) {
            flight.report(Progress::Remark("another task or tokscope has already renewed the tokens".to_owned()));
            return Ok(old);
        }
        if entry.record.is_revoked() && run.is_none() && !flight.is_by_hand() {
            return Err(revoked(&profile.name));
        }
        let refresh_token = old.token(TokenKind::Refresh).map(IssuedToken::fingerprint);
        let unasked = Unasked(flight);
        // A client's secret that is to be asked for may be remembered.
        let unasked = Remembering::new(self, profile, Some(entry.record.clone()), &unasked)?;
        let before = match refresh_token {
            Some(refresh_token) => begin(&mut entry, refresh_token, flight)?,
            // Nothing can be lost: the next request gets the same.
            None => None,
        };
        let cx = self.context(&call, &unasked);
        let answer = flight.unless_stopped(call.provider.refresh(&call.settings, &old, &cx)).await;
        let answer = answer.and_then(|new| flight.arrived().map(|()| new));
        match (answer, refresh_token) {
            (Ok(mut new), _) => {
                match run {
                    Some(_) => entry.record.obtained(new.clone(), EventKind::Refresh, None),
                    None => entry.record.renew(new.clone(), EventKind::Refresh),
                }
                entry.keep();
                drop(entry);
                tell_unsaved(&self.vault, &profile.name, flight);
                cx.unless_left(self.judge_id_token(profile, &cx, &mut new, false)).await;
                Ok(new)
            }
            (Err(error), None) => Err(error),
            (Err(error), Some(refresh_token)) => {
                // Locks may not work on every file system. Then another may still have written.
                let stored = if is_dead(&error) { self.vault.token_set(&profile.name).ok().flatten() } else { None };
                match stored.filter(|stored| stored.generation() != old.generation()) {
                    Some(stored) => Ok(stored),
                    None => Err(end(&mut entry, refresh_token, before, error)),
                }
            }
        }
    }
}

/// Says that new tokens are not in the vault, where they are not.
pub(super) fn tell_unsaved(vault: &Vault, profile: &ProfileName, interaction: &dyn Interaction) {
    let Some(reason) = vault.unsaved(profile) else { return };
    let place = match vault.rescued(profile) {
        Some(path) => format!("in memory and, encrypted, in {}", path.display()),
        None => "only in memory".to_owned(),
    };
    let words = format!("the new tokens are {place} ({reason}); they are saved as soon as possible");
    interaction.report(Progress::Remark(words));
}

/// Marks the refresh as begun. Returns the mark that an earlier one has left.
fn begin(
    entry: &mut HeldRecord<'_>,
    refresh_token: Fingerprint,
    interaction: &dyn Interaction,
) -> Result<Option<InFlight>, AuthError> {
    let by_hand = interaction.is_by_hand();
    let retired = entry.record.retired.as_ref().filter(|retired| retired.refresh_token == refresh_token);
    if let (Some(retired), false) = (retired, by_hand) {
        return Err(AuthError::Retired(retired.at));
    }
    let before = entry.record.in_flight.take().filter(|mark| mark.refresh_token == refresh_token);
    if let Some(mark) = &before {
        if mark.attempts >= UNATTENDED_ATTEMPTS && !by_hand {
            return Err(AuthError::Unsettled(mark.since));
        }
        interaction.report(Progress::Remark(format!(
            "the refresh of {} ended without a response, so the state of the refresh token is unknown: trying it again",
            clock::utc(clock::to_the_second(mark.since))
        )));
    }
    let attempts = before.as_ref().map_or(1, |mark| mark.attempts.saturating_add(1));
    entry.record.in_flight = Some(InFlight { refresh_token, since: clock::now(), pid: std::process::id(), attempts });
    // Without the mark on disk nothing is sent: a crash would go unnoticed.
    entry.save()?;
    Ok(before)
}

/// What a failed refresh leaves behind: a retired token, the mark, or everything as it was.
fn end(
    entry: &mut HeldRecord<'_>,
    refresh_token: Fingerprint,
    before: Option<InFlight>,
    error: AuthError,
) -> AuthError {
    if let AuthError::Refused { credential_dead: true, status, .. } = &error {
        entry.record.retire(refresh_token, clock::now(), Some(*status), error.to_string());
    } else if error.may_have_been_processed() {
        return AuthError::StateUnknown(Box::new(error));
    } else {
        entry.record.in_flight = before;
    }
    // If this is not written, the mark stays: then the next refresh asks the server once more, and hears the same.
    let _ = entry.save();
    error
}

/// Whether the server has said clearly that the refresh token is dead.
fn is_dead(error: &AuthError) -> bool {
    matches!(error, AuthError::Refused { credential_dead: true, .. })
}
