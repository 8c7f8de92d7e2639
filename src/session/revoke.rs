//! The end of tokens: a revocation of the current set or of old generations, a logout, and forgetting.
//!
//! A server that says yes was *asked*. What was asked stays in the vault, and counts as alive although revoked until it is dead
//! by time or a server has refused it ([`Session::probe_token`]).

use std::sync::Arc;

use super::{ExchangeKind, Session, flight::Flight, no_tokens, origin::Use, rotate::evidence::Verdict};
use crate::{
    auth::{AuthError, Fate, Interaction, IssuedToken, Progress, Revocation, TokenKind, TokenSet, Unasked},
    clock::{self, Timestamp},
    profile::{Profile, ProfileName},
    secret::{ExposeSecret as _, Fingerprint},
    store::vault::{EventKind, KeptSet, Observation, Record, VaultError},
    token::{Form, Token, lifetime::Lifetime},
};

/// Which token sets of a profile are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wanted {
    /// The current one.
    #[default]
    Current,
    /// The one with this number.
    Generation(u64),
    /// The current one and all that are kept of those before it.
    All,
}

/// What a revocation came to for one token set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The number of the set.
    pub generation: u64,
    /// It is the current one.
    pub is_current: bool,
    /// Each of its tokens.
    pub tokens: Vec<EndedToken>,
}

/// What a revocation came to for one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedToken {
    /// Which one.
    pub kind: TokenKind,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What the server said.
    pub fate: Fate,
    /// What is known of it now.
    pub verdict: Verdict,
}

impl Ended {
    /// Whether the server was asked to revoke each of its tokens. ID tokens grant nothing.
    pub fn is_asked(&self) -> bool {
        let mut tokens = self.tokens.iter().filter(|token| token.kind != TokenKind::Id);
        tokens.all(|token| matches!(token.fate, Fate::Asked(_)))
    }
}

/// What is known of a token that was just asked for, or could not be.
fn verdict(token: &IssuedToken, fate: &Fate, now: Timestamp) -> Verdict {
    let inspected = Token::inspect(token.raw.expose_secret());
    let end = Lifetime::new(inspected.dates(), token.expires_at, None).expires_at;
    let signed = matches!(inspected.form(), Form::Jws(_));
    match (fate, end) {
        (_, Some(end)) if end <= now => Verdict::Dead,
        // A refresh token goes only to its issuer.
        (Fate::Asked(_), Some(end)) if signed && token.kind != TokenKind::Refresh => Verdict::AliveUntil(end),
        (Fate::Asked(_), _) => Verdict::Unknown,
        (Fate::Alive(_), Some(end)) => Verdict::AliveUntil(end),
        (Fate::Alive(_), None) => Verdict::Alive,
    }
}

impl Session {
    /// Asks the server to revoke token sets of a profile, one after the other, the current one first. Asks the user only where
    /// the profile names another server now. What was asked stays in the vault, marked, until it is known to be dead.
    pub async fn revoke(
        &self,
        profile: &Profile,
        wanted: Wanted,
        interaction: &dyn Interaction,
    ) -> Result<Vec<Ended>, AuthError> {
        self.fly_to_end(profile, wanted, false, interaction).await
    }

    /// Asks the server to revoke the current tokens, and gives them up, whatever it says about them: what is not known to be dead
    /// stays as an old generation. Where the server could not be asked at all, they stay the current ones.
    pub async fn logout(&self, profile: &Profile, interaction: &dyn Interaction) -> Result<Ended, AuthError> {
        let ended = self.fly_to_end(profile, Wanted::Current, true, interaction).await?;
        Ok(ended.into_iter().next().expect("there is one current set"))
    }

    async fn fly_to_end(
        &self,
        profile: &Profile,
        wanted: Wanted,
        leaves: bool,
        interaction: &dyn Interaction,
    ) -> Result<Vec<Ended>, AuthError> {
        let (call, of) = (self.call(profile)?, profile.clone());
        let work = move |session: Self, call, flight: Arc<Flight>| async move {
            session.end(&of, call, wanted, leaves, &flight).await
        };
        self.fly(profile, ExchangeKind::Revocation, call, interaction, work).await
    }

    async fn end(
        &self,
        profile: &Profile,
        call: super::Caller,
        wanted: Wanted,
        leaves: bool,
        flight: &Flight,
    ) -> Result<Vec<Ended>, AuthError> {
        let seen = self.vault.read(&profile.name)?.unwrap_or_default();
        let mut agreed = Vec::new();
        let mut issuers: Vec<_> =
            targets(&profile.name, &seen, wanted)?.into_iter().map(|(kept, _)| kept.issued_by).collect();
        issuers.dedup();
        for issuer in issuers {
            agreed.push(self.agree(profile, &call.settings, Use::Issuer, issuer.as_ref(), flight).await?);
        }
        let mut entry = self.hold(&profile.name, &call, flight).await?;
        let targets = targets(&profile.name, &entry.record, wanted)?;
        for (kept, _) in &targets {
            let all = agreed.iter().map(|agreed| agreed.allows(kept.issued_by.as_ref()));
            all.reduce(Result::or).unwrap_or(Ok(()))?;
        }
        if let (Some(agreed), true) = (agreed.first(), targets.first().is_some_and(|(first, _)| first.is_current)) {
            agreed.note(&mut entry.record)?;
        }
        let interaction = Unasked(flight);
        let cx = self.context(&call, &interaction);
        let mut ended: Vec<Ended> = Vec::new();
        for (kept, set) in targets {
            let answer = flight.unless_stopped(call.provider.revoke(&call.settings, &set, &cx)).await;
            let revocation = match answer {
                Ok(revocation) => revocation,
                // Of one set it is known; of the others it is told, too.
                Err(error) if !ended.is_empty() || (leaves && is_an_answer(&error)) => unasked(&set, &error),
                Err(error) => return Err(error),
            };
            flight.arrived()?;
            let tokens = settle(&mut entry.record, &set, revocation, leaves);
            ended.push(Ended { generation: kept.number, is_current: kept.is_current, tokens });
            if let Some(reason) = entry.keep() {
                let words = format!(
                    "that these tokens were revoked is not in the vault ({reason}); it is noted as soon as possible"
                );
                interaction.report(Progress::Remark(words));
            }
        }
        Ok(ended)
    }

    /// Drops all that is kept of a profile here: tokens, old generations, history, remembered secrets. The vault need not be open,
    /// and the server is not told. Whether there was anything.
    pub fn forget_all(&self, profile: &ProfileName) -> Result<bool, VaultError> {
        self.change(|session| {
            let kept = session.vault.keeps(profile);
            session.vault.remove(profile).map(|()| kept)
        })
    }

    /// Drops the old generations of a profile that are dead by now.
    pub fn tidy(&self, profile: &ProfileName) -> Result<(), VaultError> {
        self.change(|session| session.vault.tidy(profile, clock::now()))
    }
}

/// The sets that are meant and whose tokens are kept, the current one first.
fn targets(profile: &ProfileName, record: &Record, wanted: Wanted) -> Result<Vec<(KeptSet, TokenSet)>, AuthError> {
    let now = clock::now();
    let with_text = |kept: KeptSet| Some((kept.clone(), kept.token_set?));
    let meant = record.sets(now).filter(|kept| wanted.covers(kept.number, kept.is_current));
    let found: Vec<_> = meant.filter_map(with_text).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    Err(match wanted {
        Wanted::Current | Wanted::All => no_tokens(profile, "tokens"),
        Wanted::Generation(number) if record.alive(now).any(|old| old.number == number) => AuthError::unsupported(
            format!("of generation {number} of {profile}, only fingerprints and expiry are kept"),
            "a server can be asked only with the token itself; ask its operator to end the session",
        ),
        Wanted::Generation(number) => AuthError::setting(
            format!("profile {profile} has no generation {number}"),
            match numbers(record, now) {
                kept if kept.is_empty() => "log in first".to_owned(),
                kept => format!("generations: {kept}"),
            },
        ),
    })
}

fn numbers(record: &Record, now: Timestamp) -> String {
    let words = |kept: KeptSet| format!("{}{}", kept.number, if kept.is_current { " (current)" } else { "" });
    record.sets(now).map(words).collect::<Vec<_>>().join(", ")
}

impl Wanted {
    /// Whether the set with this number is meant.
    pub fn covers(self, generation: u64, is_current: bool) -> bool {
        match self {
            Self::Current => is_current,
            Self::Generation(number) => number == generation,
            Self::All => true,
        }
    }
}

/// Whether it says something about the revocation, and another try would hear the same.
fn is_an_answer(error: &AuthError) -> bool {
    matches!(error, AuthError::Refused { status: ..500, .. } | AuthError::Unsupported(_))
}

fn unasked(set: &TokenSet, error: &AuthError) -> Revocation {
    Revocation::none(set, &error.to_string())
}

/// Notes what came of it: each token of a set of which something was asked, or which is given up, was to be ended.
fn settle(record: &mut Record, set: &TokenSet, revocation: Revocation, leaves: bool) -> Vec<EndedToken> {
    let now = clock::now();
    let asked = revocation.tokens.iter().any(|(_, fate)| matches!(fate, Fate::Asked(_)));
    if asked {
        record.remember(EventKind::Revoked, now, set);
    }
    let mut left: Vec<_> = set.tokens.iter().collect();
    let mut tokens = Vec::new();
    for (kind, fate) in revocation.tokens {
        let Some(place) = left.iter().position(|token| token.kind == kind) else { continue };
        let token = left.remove(place);
        let (fingerprint, verdict) = (token.fingerprint(), verdict(token, &fate, now));
        if (asked || leaves) && kind != TokenKind::Id {
            let (status, words) = match &fate {
                Fate::Asked(status) => (Some(*status), String::new()),
                Fate::Alive(why) => (None, why.clone()),
            };
            let known = record.evidence.entry(fingerprint).or_default();
            // What was asked once was asked.
            if status.is_some() || known.revocation.is_none() {
                known.revocation = Some(Observation { at: now, status, words });
            }
        }
        tokens.push(EndedToken { kind, fingerprint, fate, verdict });
    }
    if leaves {
        record.log_out(now);
    }
    tokens
}
