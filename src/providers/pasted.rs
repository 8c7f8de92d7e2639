//! Pasted: tokens that came by hand. Nothing can get or renew them; a URL can tell whether they are accepted.

use async_trait::async_trait;

use crate::auth::{
    AuthError, Capabilities, Context, Descriptor, Field, FieldKind, IssuedToken, ProbeVerdict, Provider, Revocation,
    Settings, TokenSet,
};

/// Pasted.
#[derive(Debug)]
pub(super) struct Pasted;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "pasted",
    title: "Pasted token",
    summary: "a token that you paste: no login, no refresh",
    own_fields: &[Field::new(
        "scheme",
        "Scheme",
        FieldKind::Text,
        "The scheme before the token in Authorization: Bearer, JWT, Token …",
    )
    .with_default("Bearer")],
    capabilities: Capabilities { login: false, refresh: false, revoke: false, probe: true },
    importers: &[],
    documentation: "https://www.rfc-editor.org/rfc/rfc6750",
};

#[async_trait]
impl Provider for Pasted {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn login(&self, _: &Settings, _: &Context<'_>) -> Result<TokenSet, AuthError> {
        Err(AuthError::unsupported("a pasted token has no login", "paste a token instead"))
    }

    async fn refresh(&self, _: &Settings, _: &TokenSet, _: &Context<'_>) -> Result<TokenSet, AuthError> {
        Err(AuthError::unsupported(
            "a pasted token cannot be refreshed",
            "get a new one from the same source and paste it",
        ))
    }

    async fn revoke(&self, _: &Settings, _: &TokenSet, _: &Context<'_>) -> Result<Revocation, AuthError> {
        Err(AuthError::unsupported("tokscope cannot revoke a pasted token", "revoke it at its source"))
    }

    async fn probe(&self, _: &Settings, _: &IssuedToken, _: &Context<'_>) -> Result<ProbeVerdict, AuthError> {
        Err(AuthError::unsupported(
            "tokscope does not know where this token is accepted",
            "set probe_url in the profile",
        ))
    }
}
