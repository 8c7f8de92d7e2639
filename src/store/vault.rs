//! The token sets of the profiles, in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{auth::TokenSet, profile::ProfileName};

/// Holds the current token set of each profile.
#[derive(Debug, Default)]
pub struct Vault {
    sets: Mutex<HashMap<ProfileName, TokenSet>>,
}

impl Vault {
    /// The current token set of a profile.
    pub fn token_set(&self, profile: &ProfileName) -> Option<TokenSet> {
        self.sets.lock().unwrap_or_else(PoisonError::into_inner).get(profile).cloned()
    }

    /// Replaces the token set of a profile.
    pub fn save(&self, profile: &ProfileName, token_set: TokenSet) {
        self.sets.lock().unwrap_or_else(PoisonError::into_inner).insert(profile.clone(), token_set);
    }

    /// Drops the token set of a profile.
    pub fn forget(&self, profile: &ProfileName) {
        self.sets.lock().unwrap_or_else(PoisonError::into_inner).remove(profile);
    }
}
