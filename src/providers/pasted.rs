//! Pasted: tokens that come by hand. A login asks for one; nothing renews it, and a URL can tell whether it is accepted.

use async_trait::async_trait;

use crate::{
    auth::{
        AuthError, Capabilities, Context, Descriptor, Field, IssuedToken, Prompt, Provider, Scheme, Settings,
        TokenKind, TokenSet, answer,
        rotation::{Kinship, LoginWay, Rotation},
    },
    clock,
    secret::ExposeSecret as _,
};

/// Pasted.
#[derive(Debug)]
pub(super) struct Pasted;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "pasted",
    title: "Pasted token",
    summary: "a token that you paste: a login asks for it, no refresh",
    own_fields: &[Field::text(
        "scheme",
        "Scheme",
        "The scheme before the token in Authorization: Bearer, JWT, Token …",
    )
    .with_default("Bearer")
    .in_sight()],
    capabilities: Capabilities { login: true, refresh: false, revoke: false, probe: true },
    rotation: Rotation {
        logins: &[LoginWay { when: None, secrets: &[], pasted: Some(&[]), person: true, kinship: Kinship::Maybe }],
        unrevocable: Some("tokscope knows of no call for it; revoke it at the system that issued it"),
        by_hand: Some("revoke the old token at the system that issued it"),
        ..Rotation::UNKNOWN
    },
    importers: &[],
    documentation: "https://www.rfc-editor.org/rfc/rfc6750",
};

#[async_trait]
impl Provider for Pasted {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn login(&self, settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let prompt = Prompt {
            key: "new_token",
            label: "New token".into(),
            help: "Paste the token from the system that issued it; empty: none".into(),
            secret: true,
        };
        let pasted = cx.interaction.ask(prompt).await?;
        let (token, remark) = answer::token(TokenKind::Unknown, pasted.expose_secret());
        let raw = match (token, &remark) {
            (Some(raw), _) => raw,
            (None, Some(remark)) => return Err(AuthError::setting(remark.clone(), "check what was copied")),
            (None, None) => return Err(AuthError::Cancelled),
        };
        let scheme = settings.text("scheme").and_then(Scheme::new).unwrap_or(Scheme::BEARER);
        let tokens = vec![IssuedToken { kind: TokenKind::Unknown, raw, expires_at: None, scheme }];
        let remarks = remark.into_iter().collect();
        Ok(TokenSet { tokens, scope: None, account: None, received_at: clock::now(), remarks })
    }
}
