//! What is known of each profile's session: from the vault, or that it is locked. Nothing is sent.

use chrono::TimeDelta;

use super::Session;
use crate::{
    auth::{IssuedToken, Settings, TokenKind},
    clock::Timestamp,
    profile::Profile,
    secret::ExposeSecret as _,
    store::vault::{Record, VaultError},
    token::{
        Form, Token,
        lifetime::Lifetime,
        state::{Facts, State},
    },
};

/// No exchange takes longer: a mark that is older was left by one that has ended.
const UNDER_WAY: TimeDelta = TimeDelta::minutes(1);

/// A profile's session.
#[derive(Debug, Clone)]
pub struct Status {
    /// What its state follows from.
    pub facts: Facts,
    /// The last failure, when, and in words. Foreign text.
    pub failure: Option<(Timestamp, String)>,
    /// So many old generations that a revocation tried to end are not known to be dead.
    pub survivors: usize,
}

impl Status {
    /// The state at a time.
    pub fn state(&self, now: Timestamp) -> State {
        self.facts.state(now)
    }

    fn locked() -> Self {
        Self { facts: Facts { locked: true, ..Facts::default() }, failure: None, survivors: 0 }
    }
}

impl Session {
    /// How the session of a profile stands. A vault that cannot be read for this profile counts as a failure of it.
    pub fn status(&self, profile: &Profile, now: Timestamp) -> Status {
        match self.vault.read(&profile.name) {
            Err(VaultError::Locked) if !self.vault.keeps(&profile.name) => {
                self.of_record(profile, &Record::default(), now)
            }
            Err(VaultError::Locked) => Status::locked(),
            Err(error) => {
                let facts = Facts { failed: true, ..Facts::default() };
                Status { facts, failure: Some((now, error.to_string())), survivors: 0 }
            }
            Ok(record) => self.of_record(profile, &record.unwrap_or_default(), now),
        }
    }

    fn of_record(&self, profile: &Profile, record: &Record, now: Timestamp) -> Status {
        let mark = record.in_flight.as_ref();
        let busy = mark.is_some_and(|mark| now < mark.since + UNDER_WAY);
        let lost = mark.filter(|_| !busy).map(|mark| {
            (mark.since, "a refresh ended without a response: the state of the refresh token is unknown".to_owned())
        });
        let retired = record.retired.as_ref().map(|retired| (retired.at, retired.words.clone()));
        let doubt = record.doubt.as_ref().map(|doubt| (doubt.at, doubt.words.clone()));
        let failure = retired.or(doubt).or(lost);
        let mut facts = Facts { busy, failed: failure.is_some(), ..Facts::default() };
        if let Some(set) = &record.token_set {
            let life = |token: &IssuedToken| {
                let inspected = Token::inspect(token.raw.expose_secret());
                let life = Lifetime::new(inspected.dates(), token.expires_at, Some(set.received_at));
                (life, matches!(inspected.form(), Form::Opaque))
            };
            let access = set.token(TokenKind::Access).or_else(|| set.token(TokenKind::Unknown)).map(life);
            facts.access = access.map(|(life, _)| life);
            facts.opaque = access.is_some_and(|(_, opaque)| opaque);
            facts.refresh = set.token(TokenKind::Refresh).map(|token| life(token).0);
            facts.revoked = record.is_revoked();
            facts.refused = record.is_refused(now);
            facts.renews_alone = self.renews_alone(profile);
        }
        let survivors = record.generations.iter().filter(|old| old.survives(&record.evidence, now)).count();
        facts.revoked |= record.token_set.is_none() && survivors > 0;
        Status { facts, failure, survivors }
    }

    fn renews_alone(&self, profile: &Profile) -> bool {
        self.provider(profile).is_ok_and(|provider| {
            let settings = Settings::parse(provider.descriptor(), profile);
            settings.is_ok_and(|settings| provider.renews_alone(&settings))
        })
    }
}
