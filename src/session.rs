//! The use cases: login, refresh, revoke, probe. Obtain → save → return; both shells call these and nothing below.

use std::sync::Arc;

use crate::{
    auth::{AuthError, Interaction, ProbeVerdict, Provider, Revocation, SecretSource, TokenSet},
    profile::Profile,
    store::vault::Vault,
};

/// What the use cases work with.
pub struct Session {
    providers: &'static [&'static dyn Provider],
    secrets: Box<dyn SecretSource>,
    /// The token sets.
    pub vault: Arc<Vault>,
}

impl Session {
    /// A session over these providers.
    pub fn new(providers: &'static [&'static dyn Provider], secrets: Box<dyn SecretSource>, vault: Arc<Vault>) -> Self {
        Self { providers, secrets, vault }
    }

    /// Gets a first token set and saves it.
    pub async fn login(&self, profile: &Profile, interaction: &dyn Interaction) -> Result<TokenSet, AuthError> {
        let _ = (profile, interaction, &self.secrets, self.providers);
        unimplemented!()
    }

    /// Renews the saved token set. On any failure the saved one stays as it was.
    pub async fn refresh(&self, profile: &Profile, interaction: &dyn Interaction) -> Result<TokenSet, AuthError> {
        let _ = (profile, interaction);
        unimplemented!()
    }

    /// Revokes the saved token set at the server.
    pub async fn revoke(&self, profile: &Profile, interaction: &dyn Interaction) -> Result<Revocation, AuthError> {
        let _ = (profile, interaction);
        unimplemented!()
    }

    /// Asks the server whether the saved access token is accepted right now.
    pub async fn probe(&self, profile: &Profile, interaction: &dyn Interaction) -> Result<ProbeVerdict, AuthError> {
        let _ = (profile, interaction);
        unimplemented!()
    }
}
