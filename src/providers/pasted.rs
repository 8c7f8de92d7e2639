//! Pasted: a token by hand, no login.
use async_trait::async_trait;

use crate::auth::{
    AuthError, Capabilities, Context, Descriptor, IssuedToken, ProbeVerdict, Provider, Revocation, Settings, TokenSet,
};

/// Pasted.
#[derive(Debug)]
pub struct Pasted;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "pasted",
    title: "Pasted",
    summary: "",
    fields: &[],
    capabilities: Capabilities { login: true, refresh: true, revoke: true, probe: true },
    documentation: "",
};

#[async_trait]
impl Provider for Pasted {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }
    async fn login(&self, _: &Settings, _: &Context<'_>) -> Result<TokenSet, AuthError> {
        unimplemented!()
    }
    async fn refresh(&self, _: &Settings, _: &TokenSet, _: &Context<'_>) -> Result<TokenSet, AuthError> {
        unimplemented!()
    }
    async fn revoke(&self, _: &Settings, _: &TokenSet, _: &Context<'_>) -> Result<Revocation, AuthError> {
        unimplemented!()
    }
    async fn probe(&self, _: &Settings, _: &IssuedToken, _: &Context<'_>) -> Result<ProbeVerdict, AuthError> {
        unimplemented!()
    }
}
