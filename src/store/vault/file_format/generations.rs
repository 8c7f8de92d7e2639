//! How old generations are written, and what is known of the end of tokens.

use serde::{Deserialize, Serialize};

use super::{Damaged, Server, Text, event_kind, kind, shown, text, time, word};
use crate::{
    auth::Scheme,
    secret::ExposeSecret as _,
    store::vault::generation::{Evidence, Generation, Observation, OldToken},
};

#[derive(Serialize, Deserialize)]
pub(super) struct WrittenGeneration<'a> {
    number: u64,
    grant: u64,
    #[serde(borrow)]
    tokens: Vec<WrittenToken<'a>>,
    scope: Option<Text<'a>>,
    account: Option<Text<'a>>,
    received_at: Text<'a>,
    issued_by: Option<Server<'a>>,
    replaced_at: Text<'a>,
    replaced_by: Text<'a>,
}

#[derive(Serialize, Deserialize)]
struct WrittenToken<'a> {
    #[serde(borrow)]
    kind: Text<'a>,
    fingerprint: Text<'a>,
    raw: Option<Text<'a>>,
    scheme: Text<'a>,
    expires_at: Option<Text<'a>>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct WrittenEvidence<'a> {
    #[serde(borrow)]
    revocation: Option<Observed<'a>>,
    refused: Option<Observed<'a>>,
    accepted: Option<Observed<'a>>,
}

#[derive(Serialize, Deserialize)]
struct Observed<'a> {
    #[serde(borrow)]
    at: Text<'a>,
    status: Option<u16>,
    words: Text<'a>,
}

impl<'a> WrittenGeneration<'a> {
    pub(super) fn of(generation: &'a Generation) -> Self {
        Self {
            number: generation.number,
            grant: generation.grant,
            tokens: generation.tokens.iter().map(WrittenToken::of).collect(),
            scope: generation.scope.as_deref().map(text),
            account: generation.account.as_deref().map(text),
            received_at: time(generation.received_at),
            issued_by: generation.issued_by.as_ref().map(Server::of),
            replaced_at: time(generation.replaced_at),
            replaced_by: text(generation.replaced_by.as_str()),
        }
    }

    pub(super) fn generation(self) -> Result<Generation, Damaged> {
        Ok(Generation {
            number: self.number,
            grant: self.grant,
            tokens: self.tokens.into_iter().map(WrittenToken::token).collect::<Result<_, _>>()?,
            scope: self.scope.map(Text::owned),
            account: self.account.map(Text::owned),
            received_at: self.received_at.time()?,
            issued_by: self.issued_by.map(Server::issued_by),
            replaced_at: self.replaced_at.time()?,
            replaced_by: event_kind(&self.replaced_by.0)?,
        })
    }
}

impl<'a> WrittenToken<'a> {
    fn of(token: &'a OldToken) -> Self {
        Self {
            kind: text(word(token.kind)),
            fingerprint: shown(token.fingerprint),
            raw: token.raw.as_ref().map(|raw| text(raw.expose_secret())),
            scheme: text(token.scheme.as_str()),
            expires_at: token.expires_at.map(time),
        }
    }

    fn token(self) -> Result<OldToken, Damaged> {
        Ok(OldToken {
            kind: kind(&self.kind.0)?,
            fingerprint: self.fingerprint.fingerprint()?,
            raw: self.raw.map(|raw| raw.0.as_ref().into()),
            scheme: Scheme::new(&self.scheme.0).ok_or(Damaged)?,
            expires_at: self.expires_at.as_ref().map(Text::time).transpose()?,
        })
    }
}

impl<'a> WrittenEvidence<'a> {
    pub(super) fn of(known: &'a Evidence) -> Self {
        let of = |observed: &'a Option<Observation>| observed.as_ref().map(Observed::of);
        Self { revocation: of(&known.revocation), refused: of(&known.refused), accepted: of(&known.accepted) }
    }

    pub(super) fn evidence(self) -> Result<Evidence, Damaged> {
        let of = |observed: Option<Observed<'_>>| observed.map(Observed::observation).transpose();
        Ok(Evidence { revocation: of(self.revocation)?, refused: of(self.refused)?, accepted: of(self.accepted)? })
    }
}

impl<'a> Observed<'a> {
    fn of(observation: &'a Observation) -> Self {
        Self { at: time(observation.at), status: observation.status, words: text(&observation.words) }
    }

    fn observation(self) -> Result<Observation, Damaged> {
        Ok(Observation { at: self.at.time()?, status: self.status, words: self.words.owned() })
    }
}
