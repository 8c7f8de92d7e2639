//! Pasted: tokens that came by hand. Nothing can get or renew them; a URL can tell whether they are accepted.

use async_trait::async_trait;

use crate::{
    auth::{
        AuthError, Capabilities, Context, Descriptor, Field, FieldKind, IssuedToken, NETWORK_FIELDS, ProbeVerdict,
        Provider, Revocation, Scheme, Settings, Step, TokenSet,
    },
    http::Request,
    oauth::resource,
};

/// Pasted.
#[derive(Debug)]
pub(super) struct Pasted;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "pasted",
    title: "Pasted token",
    summary: "a token by hand: no login, no refresh",
    fields: &[
        Field::new("url", "Probe URL", FieldKind::Url, "A URL that answers 2xx to a good token and 401 to a bad one"),
        Field::new(
            "scheme",
            "Scheme",
            FieldKind::Text,
            "What goes in front of the token in Authorization: Bearer, JWT, Token …",
        )
        .with_default("Bearer"),
        NETWORK_FIELDS[0],
        NETWORK_FIELDS[1],
        NETWORK_FIELDS[2],
    ],
    capabilities: Capabilities { login: false, refresh: false, revoke: false, probe: true },
    documentation: "https://www.rfc-editor.org/rfc/rfc6750",
};

#[async_trait]
impl Provider for Pasted {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn login(&self, _: &Settings, _: &Context<'_>) -> Result<TokenSet, AuthError> {
        Err(unsupported("a pasted token has no login", "paste a token instead"))
    }

    async fn refresh(&self, _: &Settings, _: &TokenSet, _: &Context<'_>) -> Result<TokenSet, AuthError> {
        Err(unsupported("a pasted token cannot be refreshed", "get a new one where this one came from and paste it"))
    }

    async fn revoke(&self, _: &Settings, _: &TokenSet, _: &Context<'_>) -> Result<Revocation, AuthError> {
        Err(unsupported("a pasted token cannot be revoked from here", "revoke it where it came from"))
    }

    async fn probe(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        cx: &Context<'_>,
    ) -> Result<ProbeVerdict, AuthError> {
        if settings.text("url").is_none() {
            return Err(unsupported("the profile names no URL to try the token at", "set url in the profile"));
        }
        let scheme = Scheme::new(settings.required("scheme")).ok_or_else(|| AuthError::Setting {
            what: "scheme is no authentication scheme".to_owned(),
            hint: "write one word, such as Bearer or JWT".to_owned(),
        })?;
        let url = settings.url("url");
        cx.interaction.report(Step::Contacting(url.host_str().unwrap_or_default().to_owned()));
        let response = cx.http.send(Request::get(url).authorization(scheme.as_str(), &token.raw)).await?;
        resource::verdict(&response)
    }
}

fn unsupported(what: &str, hint: &str) -> AuthError {
    AuthError::Unsupported { what: what.to_owned(), hint: hint.to_owned() }
}
