//! Any OAuth 2 authorization server or OpenID provider: endpoints by discovery or by hand, five grants, refresh with
//! rotation, revocation, introspection, userinfo.

mod fields;
mod import;
mod rotation;
mod server;

use std::sync::PoisonError;

use async_trait::async_trait;
use chrono::TimeDelta;

use self::server::{Grant, Server};
use crate::{
    auth::{
        Acceptance, AuthError, Capabilities, Context, Descriptor, Fate, IssuedToken, ProbeVerdict, Progress, Provider,
        Scheme, Settings, TokenKind, TokenSet, rotation::Ending,
    },
    http::{ExchangeOutcome, Request, RequestValue},
    oauth::{
        authorization_code::{self, AuthorizationRequest, RedirectUri},
        device,
        id_token::{self, Expected},
        introspection,
        refusal::Presented,
        resource, revocation,
        token_endpoint::{self, TokenResponse},
    },
    text::typed,
};

/// OAuth 2 and OpenID Connect.
#[derive(Debug)]
pub(super) struct OAuth2;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "oauth2",
    title: "OAuth 2 / OpenID Connect",
    summary: "any authorization server: browser, device code, client credentials, password, token exchange",
    own_fields: &fields::FIELDS,
    capabilities: Capabilities { login: true, refresh: true, revoke: true, probe: true },
    rotation: rotation::ROTATION,
    importers: &import::IMPORTERS,
    documentation: "https://www.rfc-editor.org/rfc/rfc6749",
};

#[async_trait]
impl Provider for OAuth2 {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn login(&self, settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let server = Server::of(settings, cx).await?;
        let (reply, nonce) = match Grant::of(settings) {
            Grant::AuthorizationCode => {
                let (reply, nonce) = authorization_code(&server, settings, cx).await?;
                (reply, Some(nonce))
            }
            Grant::DeviceCode => {
                let endpoint = server.endpoint("device_authorization_endpoint")?;
                let fields = server.asked_for(settings);
                let (client, token_endpoint) = (&server.client, server.endpoint("token_endpoint")?);
                (device::authorize(cx, client, endpoint, token_endpoint, &fields).await?, None)
            }
            direct => {
                let (mut fields, presented) = direct_fields(direct, settings, cx).await?;
                let asked_for = server.asked_for(settings);
                fields.extend(asked_for.iter().map(|(name, value)| (name.as_str(), value.as_str().into())));
                (token(&server, cx, fields, presented).await?, None)
            }
        };
        let has_user = !matches!(Grant::of(settings), Grant::ClientCredentials | Grant::TokenExchange);
        let mut set = token_set(reply);
        if has_user && set.token(TokenKind::Refresh).is_none() {
            let hint = "the server sent no refresh token; many servers send one for the scope offline_access";
            set.remarks.push(hint.to_owned());
        }
        // OpenID Connect knows a nonce in the authorization request only; it was sent there only with `openid`.
        let openid = settings.text("scope").is_some_and(|scope| scope.split(' ').any(|word| word == "openid"));
        hand_over(&mut set, None, &server, nonce.as_deref().filter(|_| openid), cx);
        bound(&mut set);
        Ok(set)
    }

    fn renews_alone(&self, settings: &Settings) -> bool {
        matches!(Grant::of(settings), Grant::ClientCredentials | Grant::TokenExchange)
    }

    async fn refresh(&self, settings: &Settings, old: &TokenSet, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let Some(refresh_token) = old.token(TokenKind::Refresh) else {
            return match Grant::of(settings) {
                // These have no refresh token by design: what they log in with is what renews.
                Grant::ClientCredentials | Grant::TokenExchange => self.login(settings, cx).await,
                _ => Err(AuthError::login_required(
                    "no refresh token to renew the access token with",
                    "log in again; many servers send a refresh token for the scope offline_access",
                )),
            };
        };
        let server = Server::of(settings, cx).await?;
        let mut fields: Vec<(&str, RequestValue)> =
            vec![("grant_type", "refresh_token".into()), ("refresh_token", (&refresh_token.raw).into())];
        // No `scope`: without one the server grants what it granted before (RFC 6749 §6).
        let again = server.repeated(settings);
        fields.extend(again.iter().map(|(name, value)| (name.as_str(), value.as_str().into())));
        let mut new = token_set(token(&server, cx, fields, Presented::RefreshToken).await?);
        // From here on nothing may fail: the refresh token in the reply may exist nowhere else.
        hand_over(&mut new, Some(old), &server, None, cx);
        Ok(new.completed_from(old))
    }

    async fn ending(&self, settings: &Settings, token: &IssuedToken, cx: &Context<'_>) -> Result<Ending, AuthError> {
        match DESCRIPTOR.rotation.ending(token) {
            Ending::Revocation if !Server::offers("revocation_endpoint", settings, cx).await? => {
                Ok(if token.kind == TokenKind::Refresh { Ending::UseUp } else { Ending::None })
            }
            known => Ok(known),
        }
    }

    async fn end(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        hinted: bool,
        cx: &Context<'_>,
    ) -> Result<Fate, AuthError> {
        if token.kind == TokenKind::Id {
            let why = "an ID token cannot be revoked; it says who logged in and grants no access";
            return Ok(Fate::Alive(why.to_owned()));
        }
        let server = Server::of(settings, cx).await?;
        revocation::revoke(cx, &server.client, server.endpoint("revocation_endpoint")?, token, hinted).await
    }

    async fn present(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        cx: &Context<'_>,
    ) -> Result<ProbeVerdict, AuthError> {
        let server = Server::of(settings, cx).await?;
        // Userinfo knows users only: to a client's own token it says no, however good that is.
        let has_user = token.kind == TokenKind::Access && Grant::of(settings) != Grant::ClientCredentials;
        let Some(userinfo) = server.endpoint("userinfo_endpoint").ok().filter(|_| has_user) else {
            return Err(not_said(token));
        };
        cx.interaction.report(Progress::Contacting("userinfo endpoint".to_owned()));
        let request = Request::get(userinfo.clone()).authorization(token.scheme.as_str(), &token.raw);
        let response = cx.http.send(request).await?;
        let mut verdict = resource::verdict(&response, token)?;
        let json = response.json().filter(|_| response.is_success()).unwrap_or_default();
        let text = |name: &str| json.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        verdict.account = ["preferred_username", "email", "sub"].into_iter().find_map(text);
        if verdict.acceptance == Acceptance::Rejected
            && let Some(why) = resource::unfit_for_userinfo(token, settings.text("scope"), userinfo)
        {
            verdict.acceptance = Acceptance::Unclear;
            verdict.detail = why;
        }
        Ok(verdict)
    }

    async fn introspect(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        cx: &Context<'_>,
    ) -> Result<ProbeVerdict, AuthError> {
        let server = Server::of(settings, cx).await?;
        match server.endpoint("introspection_endpoint") {
            Ok(endpoint) => introspection::introspect(cx, &server.client, endpoint, token).await,
            Err(_) => Err(not_said(token)),
        }
    }
}

/// No endpoint knows of the token.
fn not_said(token: &IssuedToken) -> AuthError {
    AuthError::unsupported(
        format!("this server has no endpoint that says whether this {} token is valid", token.kind),
        "write userinfo_endpoint, introspection_endpoint, or probe_url in the profile",
    )
}

/// Reads the new ID token of a reply, and leaves it for whoever verifies its signature.
fn hand_over(set: &mut TokenSet, old: Option<&TokenSet>, server: &Server, nonce: Option<&str>, cx: &Context<'_>) {
    let skew = match cx.http.exchange().map(|exchange| exchange.outcome) {
        Some(ExchangeOutcome::Answered { clock_skew: Some(skew), .. }) => skew,
        _ => TimeDelta::zero(),
    };
    let expected = Expected { client_id: &server.client.id, issuer: server.issuer(), nonce, skew };
    let Some(mut id_token) = id_token::received(set, &expected) else { return };
    if let Some(old) = old {
        id_token::same_user(set, old, &mut id_token);
    }
    if let Some((jwks_uri, may_fetch)) = server.keys() {
        (id_token.jwks_uri, id_token.may_fetch) = (Some(jwks_uri.clone()), may_fetch);
    }
    id_token.secret = server.client.secret();
    *cx.id_token.lock().unwrap_or_else(PoisonError::into_inner) = Some(id_token);
}

/// Says of an access token that it works only with what it is bound to.
fn bound(set: &mut TokenSet) {
    set.remarks.extend(set.token(TokenKind::Access).and_then(resource::binding).map(str::to_owned));
}

/// The browser's way: the token response, and the nonce that its ID token has to repeat.
async fn authorization_code(
    server: &Server,
    settings: &Settings,
    cx: &Context<'_>,
) -> Result<(TokenResponse, String), AuthError> {
    let redirect_uri = RedirectUri::parse(settings.required("redirect_uri"))?;
    let request = AuthorizationRequest {
        endpoint: server.endpoint("authorization_endpoint")?,
        client_id: &server.client.id,
        redirect_uri: &redirect_uri,
        parameters: server.asked_for(settings),
        issuer: server.issuer(),
        names_issuer: server.names_issuer(),
    };
    let approved = authorization_code::authorize(cx, request).await?;
    let mut fields: Vec<(&str, RequestValue)> = vec![
        ("grant_type", "authorization_code".into()),
        ("code", approved.code.into()),
        ("redirect_uri", approved.redirect_uri.into()),
        ("code_verifier", approved.code_verifier.into()),
    ];
    let again = server.repeated(settings);
    fields.extend(again.iter().map(|(name, value)| (name.as_str(), value.as_str().into())));
    Ok((token(server, cx, fields, Presented::Code).await?, approved.nonce))
}

/// The fields of the grants that one request is enough for.
async fn direct_fields(
    grant: Grant,
    settings: &Settings,
    cx: &Context<'_>,
) -> Result<(Vec<(&'static str, RequestValue)>, Presented), AuthError> {
    Ok(match grant {
        Grant::Password => {
            let password = cx.required_secret(settings, "password").await?;
            let fields = vec![
                ("grant_type", "password".into()),
                ("username", settings.required("username").into()),
                ("password", password.into()),
            ];
            (fields, Presented::Password)
        }
        Grant::TokenExchange => {
            let subject_token = cx.required_secret(settings, "subject_token").await?;
            let fields = vec![
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange".into()),
                ("subject_token", subject_token.into()),
                ("subject_token_type", settings.required("subject_token_type").into()),
            ];
            (fields, Presented::Client)
        }
        _ => (vec![("grant_type", "client_credentials".into())], Presented::Client),
    })
}

async fn token(
    server: &Server,
    cx: &Context<'_>,
    fields: Vec<(&str, RequestValue)>,
    presented: Presented,
) -> Result<TokenResponse, AuthError> {
    let response = server.client.post(cx, server.endpoint("token_endpoint")?, "token endpoint", fields).await?;
    token_endpoint::read(&response, presented)
}

/// The reply as a set. Its `token_type` is the scheme: `Bearer` where it is missing, or says nothing (`N_A`, RFC 8693
/// §2.2.1).
fn token_set(mut reply: TokenResponse) -> TokenSet {
    let scheme = match reply.token_type.as_deref() {
        None => {
            reply.remarks.push("the server sent no token_type; Bearer is assumed".to_owned());
            Scheme::BEARER
        }
        Some("N_A") => Scheme::BEARER,
        Some(word) if word.eq_ignore_ascii_case("bearer") => Scheme::BEARER,
        // What that means is said with the token.
        Some(word) if word.eq_ignore_ascii_case("dpop") => Scheme::new(word).unwrap_or(Scheme::BEARER),
        Some(word) => match typed::name(word).and_then(Scheme::new) {
            Some(scheme) => {
                reply.remarks.push(format!("the token is sent to the API with the scheme {word}"));
                scheme
            }
            None => {
                reply.remarks.push("the server's token_type is not a scheme; Bearer is assumed".to_owned());
                Scheme::BEARER
            }
        },
    };
    reply.into_token_set(scheme)
}
