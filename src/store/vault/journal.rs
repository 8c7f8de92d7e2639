//! The journal of a rotation: how far it has come with one profile. It is a part of the profile's record, so that new tokens
//! and the step change in one write.

use std::collections::BTreeMap;

use super::event::IssuedBy;
use crate::{
    auth::{
        IssuedToken, TokenSet,
        rotation::{Kinship, Way},
    },
    secret::Fingerprint,
    store::runs::RunId,
};

/// How far a rotation has come with a profile.
#[derive(Debug, Clone)]
pub struct Journal {
    /// The run that it belongs to.
    pub run: RunId,
    /// How the new session is obtained; `None`: it cannot be, and the old one is ended nevertheless.
    pub way: Option<Way>,
    /// How the new session is related to the old one, as far as that is known.
    pub kinship: Option<Kinship>,
    /// What was begun last.
    pub step: Step,
    /// How often something was begun that must not be repeated at will.
    pub attempts: Attempts,
    /// The old session: nothing tidies it away before the end. `None`: there was none, or it is settled.
    pub old: Option<OldSet>,
    /// What the receipt has to tell besides. Foreign text.
    pub remarks: Vec<String>,
    /// What was seen and said up to the last write, for whoever goes on with it. Foreign text; gone when it is settled.
    pub so_far: Option<String>,
    /// What came of it, as its run has it: set when it is settled.
    pub settled: Option<String>,
}

/// The steps that are written down before they are begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A login or a refresh for the new session.
    Obtaining,
    /// It is here; no other is obtained.
    Obtained,
    /// Requests that end the old one.
    Ending,
    /// They have ended the new one too: another login.
    Recovering,
    /// The end. Nothing is sent any more.
    Settled,
}

/// How often something was begun.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attempts {
    /// The login or refresh.
    pub obtain: u32,
    /// A revocation, by token.
    pub endings: BTreeMap<Fingerprint, u32>,
    /// A refresh that uses up the old refresh token.
    pub use_up: u32,
    /// A replay of the old refresh token.
    pub replay: u32,
    /// A login after the endings.
    pub recover: u32,
}

/// The token set that was the current one when the rotation began.
#[derive(Debug, Clone)]
pub struct OldSet {
    /// Its number.
    pub number: u64,
    /// The number of the set that began its grant; 0 where that is not known.
    pub grant: u64,
    /// Its tokens.
    pub token_set: TokenSet,
    /// Who issued them.
    pub issued_by: Option<IssuedBy>,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Obtaining, Self::Obtained, Self::Ending, Self::Recovering, Self::Settled];

    /// The word for files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Obtaining => "obtaining",
            Self::Obtained => "obtained",
            Self::Ending => "ending",
            Self::Recovering => "recovering",
            Self::Settled => "settled",
        }
    }
}

impl Attempts {
    fn all(&self) -> u32 {
        let endings = self.endings.values().fold(0_u32, |all, more| all.saturating_add(*more));
        [self.obtain, self.use_up, self.replay, self.recover].into_iter().fold(endings, u32::saturating_add)
    }
}

impl Journal {
    /// Whether it is not settled.
    pub fn is_open(&self) -> bool {
        self.step != Step::Settled
    }

    /// The tokens of the old session.
    pub fn old_tokens(&self) -> impl Iterator<Item = &IssuedToken> {
        self.old.iter().flat_map(|old| &old.token_set.tokens)
    }

    /// The one of two journals of a run that has come further: attempts only grow.
    pub(super) fn or_later(self, other: Self) -> Self {
        let place = |journal: &Self| (!journal.is_open(), journal.attempts.all(), journal.step);
        if place(&other) > place(&self) { other } else { self }
    }
}
