//! What the vault keeps of a profile, as the screen is told of it.

use crate::{
    auth::TokenSet,
    store::vault::{Condition, Event, Evidences, Generation},
};

/// What the vault keeps of a profile.
#[derive(Debug, Default)]
pub struct Kept {
    /// The current tokens; `None` also where the ones on screen are to stay.
    pub token_set: Option<TokenSet>,
    /// The sets before them of which something may still be accepted, the oldest first.
    pub old: Vec<Generation>,
    /// All the rest.
    pub facts: Facts,
}

/// What the vault knows of a profile's tokens. No tokens.
#[derive(Debug, Default)]
pub struct Facts {
    /// What has to be told.
    pub condition: Condition,
    /// The number of the current token set; 0 before the first.
    pub number: u64,
    /// The number of the set that began its grant: sets with the same may end together.
    pub grant: u64,
    /// What is known of the end of tokens.
    pub evidence: Evidences,
    /// What became of the tokens, the oldest first.
    pub history: Vec<Event>,
}

impl Facts {
    /// What may be known of them while the vault is locked: what is to be done, in no words of a server's.
    #[must_use]
    pub fn veiled(self) -> Self {
        let mut condition = self.condition;
        condition.retired.iter_mut().for_each(|retired| retired.words.clear());
        Self { condition, ..Self::default() }
    }
}
