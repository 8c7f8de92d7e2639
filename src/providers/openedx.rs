//! Open edX: OAuth 2 with `token_type=JWT`.
use async_trait::async_trait;

use crate::auth::{
    AuthError, Capabilities, Context, Descriptor, IssuedToken, ProbeVerdict, Provider, Revocation, Settings, TokenSet,
};

/// Open edX.
#[derive(Debug)]
pub struct OpenEdx;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "openedx",
    title: "Open edX",
    summary: "",
    fields: &[],
    capabilities: Capabilities { login: true, refresh: true, revoke: true, probe: true },
    documentation: "",
};

#[async_trait]
impl Provider for OpenEdx {
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
