//! The server and the client of a profile: endpoints by hand before discovered ones, and what the client proves itself
//! with.

use url::{Url, form_urlencoded};

use crate::{
    auth::{AuthError, Context, Settings},
    oauth::{
        client::{AssertionKey, Authentication, Client},
        metadata::{self, Metadata},
    },
};

/// How a profile logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grant {
    AuthorizationCode,
    DeviceCode,
    ClientCredentials,
    Password,
    TokenExchange,
}

impl Grant {
    pub(super) fn of(settings: &Settings) -> Self {
        match settings.required("grant") {
            "device_code" => Self::DeviceCode,
            "client_credentials" => Self::ClientCredentials,
            "password" => Self::Password,
            "token_exchange" => Self::TokenExchange,
            _ => Self::AuthorizationCode,
        }
    }
}

/// A server as one profile sees it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) client: Client,
    by_hand: Vec<(&'static str, Url)>,
    metadata: Option<Metadata>,
}

const ENDPOINTS: [&str; 6] = [
    "token_endpoint",
    "authorization_endpoint",
    "device_authorization_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "userinfo_endpoint",
];

impl Server {
    /// Reads the profile, and asks the issuer where it names one.
    pub(super) async fn of(settings: &Settings, cx: &Context<'_>) -> Result<Self, AuthError> {
        let by_hand: Vec<_> = ENDPOINTS
            .into_iter()
            .filter(|key| settings.text(key).is_some())
            .map(|key| (key, settings.url(key)))
            .collect();
        let metadata = match settings.text("issuer") {
            Some(issuer) => Some(metadata::discover(cx, issuer).await?),
            None => None,
        };
        let client = Client {
            id: settings.required("client_id").to_owned(),
            authentication: authentication(settings, cx).await?,
            audience: metadata.as_ref().map(|metadata| metadata.issuer.clone()),
            headers: pairs(settings.text("headers")),
        };
        Ok(Self { client, by_hand, metadata })
    }

    /// Whether the server has an endpoint: only its metadata are asked for.
    pub(super) async fn offers(name: &'static str, settings: &Settings, cx: &Context<'_>) -> Result<bool, AuthError> {
        match (settings.text(name), settings.text("issuer")) {
            (Some(_), _) => Ok(true),
            (None, Some(issuer)) => Ok(metadata::discover(cx, issuer).await?.endpoint(name).is_some()),
            (None, None) => Ok(false),
        }
    }

    /// An endpoint by its name in RFC 8414 §2.
    pub(super) fn endpoint(&self, name: &'static str) -> Result<&Url, AuthError> {
        let by_hand = self.by_hand.iter().find(|(key, _)| *key == name).map(|(_, url)| url);
        let discovered = self.metadata.as_ref().and_then(|metadata| metadata.endpoint(name));
        by_hand.or(discovered).ok_or_else(|| match &self.metadata {
            Some(metadata) => AuthError::unsupported(
                format!("{} names no {name}", metadata.issuer),
                format!("the server does not seem to offer this; if it does, write {name} in the profile"),
            ),
            None => AuthError::setting(
                format!("the profile has neither an issuer nor a {name}"),
                format!("write issuer or {name} in the profile"),
            ),
        })
    }

    /// The issuer, where the profile names one.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.metadata.as_ref().map(|metadata| metadata.issuer.as_str())
    }

    /// Where the issuer publishes its keys, and whether that is of its own origin or the token endpoint's: then no party is
    /// asked that does not know of this login already.
    pub(super) fn keys(&self) -> Option<(&Url, bool)> {
        let jwks_uri = self.metadata.as_ref()?.jwks_uri.as_ref()?;
        let issuer = self.issuer().and_then(|issuer| Url::parse(issuer).ok());
        let known = issuer.iter().chain(self.endpoint("token_endpoint").ok());
        let may_fetch = known.into_iter().any(|url| url.origin() == jwks_uri.origin());
        Some((jwks_uri, may_fetch))
    }

    /// Whether every authorization response names its issuer (RFC 9207 §3).
    pub(super) fn names_issuer(&self) -> bool {
        self.metadata.as_ref().is_some_and(|metadata| metadata.names_issuer)
    }

    /// What a login asks for: `scope`, `audience`, `resource` and the extra parameters.
    pub(super) fn asked_for(&self, settings: &Settings) -> Vec<(String, String)> {
        let set = |key: &'static str| settings.text(key).map(|value| (key.to_owned(), value.to_owned()));
        let mut fields: Vec<_> = ["scope", "audience"].into_iter().filter_map(set).collect();
        fields.extend(self.repeated(settings));
        fields
    }

    /// What later requests of the same login repeat: `resource` (RFC 8707 §2.2) and the extra parameters.
    pub(super) fn repeated(&self, settings: &Settings) -> Vec<(String, String)> {
        let resource = settings.text("resource").map(|value| ("resource".to_owned(), value.to_owned()));
        resource.into_iter().chain(pairs(settings.text("parameters"))).collect()
    }
}

/// `a=1&b=2` as pairs.
fn pairs(text: Option<&str>) -> Vec<(String, String)> {
    form_urlencoded::parse(text.unwrap_or_default().as_bytes()).into_owned().collect()
}

async fn authentication(settings: &Settings, cx: &Context<'_>) -> Result<Authentication, AuthError> {
    Ok(match settings.required("client_auth") {
        "none" => Authentication::None,
        "basic" => Authentication::Basic(cx.required_secret(settings, "client_secret").await?),
        "body" => Authentication::Body(cx.required_secret(settings, "client_secret").await?),
        "private_key_jwt" => {
            let pem = cx.required_secret(settings, "private_key").await?;
            let algorithm = settings
                .text("private_key_alg")
                .map(|name| name.parse().expect("each choice of the field is an algorithm of jsonwebtoken"));
            let key_id = settings.text("private_key_id").map(str::to_owned);
            let key = AssertionKey::from_pem(&pem, algorithm, key_id).map_err(|error| error.under("private_key"))?;
            Authentication::PrivateKeyJwt(key)
        }
        _ => match cx.secret(settings, "client_secret").await? {
            Some(secret) => Authentication::Basic(secret),
            None => Authentication::None,
        },
    })
}
