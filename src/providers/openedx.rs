//! Open edX: OAuth 2 with `token_type=JWT`, form-encoded only.
//!
//! Sources: django-oauth-toolkit 1.7.1 and edx-drf-extensions 10.6.0, run and read. What is its own:
//! - Without `token_type=JWT`, on login *and* refresh, an opaque Bearer token comes back silently.
//! - `scope` is never sent on a refresh: the password grant returns a scope that the stored grant lacks.
//! - A refresh rotates, and the old refresh token is dead at once. `client_credentials` yields none at all.
//! - JWTs go to the API under the scheme `JWT`; under `Bearer` they are looked up as opaque tokens.

use async_trait::async_trait;
use url::form_urlencoded::byte_serialize;

use crate::{
    auth::{
        Acceptance, AuthError, Capabilities, Context, Descriptor, Fate, Field, IssuedToken, ProbeVerdict, Progress,
        Provider, Scheme, Settings, TokenKind, TokenSet,
        rotation::{Ending, EndingOf, Kinship, LoginWay, RefreshOf, RefreshWay, Replay, Rotation, Tried},
    },
    clock,
    http::{Request, RequestValue, Response, endpoint},
    oauth::{
        refusal::Presented,
        resource, revocation,
        token_endpoint::{self, TokenResponse},
    },
    secret::{ExposeSecret as _, SecretString},
};

/// Open edX.
#[derive(Debug)]
pub(super) struct OpenEdx;

const PASSWORD: &str = "password";
const CLIENT_CREDENTIALS: &str = "client_credentials";

const TOKEN_PATH: &str = "oauth2/access_token";
const REVOKE_PATH: &str = "oauth2/revoke_token";
const WHO_AM_I_PATH: &str = "api/user/v1/me";

static DESCRIPTOR: Descriptor = Descriptor {
    id: "openedx",
    title: "Open edX",
    summary: "user name and password, or a client's secret; JWTs that rotate",
    #[rustfmt::skip]
    own_fields: &[
        Field::url("url", "LMS URL", "URL of the LMS, such as https://courses.example.org").required(),
        Field::choice("grant", "Grant", &[PASSWORD, CLIENT_CREDENTIALS],
            "password for a user, client_credentials for an application").required().with_default(PASSWORD),
        Field::text("client_id", "Client ID",
            "The OAuth client; the password grant needs a public one, often login-service-client-id").required(),
        Field::text("username", "User name", "User name or e-mail address").required().only_if("grant", &[PASSWORD]),
        Field::secret("password", "Password", "The user's password; asked for at login if unset")
            .required().only_if("grant", &[PASSWORD]),
        Field::secret("client_secret", "Client secret", "The client's secret; asked for if unset")
            .required().only_if("grant", &[CLIENT_CREDENTIALS]),
        Field::choice("client_auth", "Client auth", &["basic", "body"],
            "Send client ID and secret by HTTP Basic or in the form")
            .required().with_default("basic").only_if("grant", &[CLIENT_CREDENTIALS]).folded(),
        Field::flag("asymmetric_jwt", "Asymmetric JWT", "Ask for a JWT signed with RS512, not HS256")
            .with_default("false"),
    ],
    capabilities: Capabilities { login: true, refresh: true, revoke: true, probe: true },
    rotation: Rotation {
        logins: &[
            LoginWay {
                when: Some(("grant", &[PASSWORD])),
                secrets: &["password"],
                pasted: None,
                person: false,
                kinship: Kinship::Separate,
            },
            LoginWay {
                when: None,
                secrets: &["client_secret"],
                pasted: None,
                person: false,
                kinship: Kinship::Separate,
            },
        ],
        refreshes: &[RefreshOf { when: None, way: RefreshWay::Rotates }],
        endings: &[
            EndingOf { kind: TokenKind::Refresh, opaque_only: false, by: Ending::Revocation },
            EndingOf { kind: TokenKind::Access, opaque_only: true, by: Ending::Revocation },
        ],
        replay: Replay::AfterLogin,
        tried: Tried::OwnApi,
        // Its JWTs have no `jti`.
        same_second: true,
        by_hand: Some("ask the operator of the LMS to block the account until the JWT has expired"),
        ..Rotation::UNKNOWN
    },
    importers: &[],
    documentation: "https://docs.openedx.org/projects/edx-platform/en/latest/how-tos/use_the_api.html",
};

#[async_trait]
impl Provider for OpenEdx {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn login(&self, settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let (fields, presented) = match settings.required("grant") {
            PASSWORD => {
                let password = cx.required_secret(settings, "password").await?;
                let username = settings.required("username").into();
                (
                    vec![("grant_type", PASSWORD.into()), ("username", username), ("password", password.into())],
                    Presented::Password,
                )
            }
            _ => (vec![("grant_type", CLIENT_CREDENTIALS.into())], Presented::Client),
        };
        token_call(settings, fields, presented, cx).await
    }

    fn renews_alone(&self, settings: &Settings) -> bool {
        settings.lookup("grant") == Some(CLIENT_CREDENTIALS)
    }

    async fn refresh(&self, settings: &Settings, old: &TokenSet, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let Some(token) = old.token(TokenKind::Refresh) else {
            return match settings.required("grant") {
                // This grant has no refresh token by design: the client's secret is what renews.
                CLIENT_CREDENTIALS => self.login(settings, cx).await,
                _ => Err(AuthError::login_required("no refresh token to renew the access token with", "log in again")),
            };
        };
        let fields = vec![("grant_type", "refresh_token".into()), ("refresh_token", (&token.raw).into())];
        let mut new = token_call(settings, fields, Presented::RefreshToken, cx).await?;
        if new.token(TokenKind::Refresh).is_none() {
            new.remarks.push("the server sent no new refresh token; the old one is kept".to_owned());
        }
        Ok(new.completed_from(old))
    }

    async fn end(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        hinted: bool,
        cx: &Context<'_>,
    ) -> Result<Fate, AuthError> {
        if is_jwt(token) {
            return Ok(jwt_fate(token));
        }
        let hint = revocation::type_hint(token.kind).filter(|_| hinted);
        let mut fields = vec![("token", (&token.raw).into())];
        fields.extend(hint.map(|hint| ("token_type_hint", hint.into())));
        let response = send_form(settings, REVOKE_PATH, fields, "revocation endpoint", cx).await?;
        // The answer is empty. A page that comes with status 200 is not the LMS: a portal on the way, for one.
        if response.is_success() && response.text().trim().is_empty() {
            return Ok(Fate::Asked(response.status));
        }
        // Its error answers are those of the token endpoint (RFC 7009 §2.2.1).
        let error = match response.is_success() {
            true => AuthError::of_answer(&response, "a response to a revocation"),
            false => revocation::error(&response, &endpoint(&settings.url("url"), REVOKE_PATH)),
        };
        Err(explained(error, Presented::Client))
    }

    async fn present(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        cx: &Context<'_>,
    ) -> Result<ProbeVerdict, AuthError> {
        let url = endpoint(&settings.url("url"), WHO_AM_I_PATH);
        report(cx, "user API", &url);
        // A JWT of unknown origin, such as a pasted one: under Bearer it could only be refused.
        let scheme = if has_jwt_form(&token.raw) { &Scheme::JWT } else { &token.scheme };
        let response = cx.http.send(Request::get(url).authorization(scheme.as_str(), &token.raw)).await?;
        let mut verdict = resource::verdict(&response, token)?;
        let json = response.json().unwrap_or_default();
        verdict.account = json["username"].as_str().map(str::to_owned);
        if verdict.acceptance == Acceptance::Accepted && verdict.account.is_none() {
            verdict.acceptance = Acceptance::Unclear;
            verdict.detail = format!("this is not the LMS's user API: {}", response.description());
        } else if let Some(meaning) = rejection(&json).filter(|_| response.status == 401) {
            verdict.acceptance = Acceptance::Rejected;
            verdict.detail = format!("{}; {meaning}", verdict.detail);
        }
        Ok(verdict)
    }
}

/// What is behind the two answers that an API call gives for every bad token.
fn rejection(json: &serde_json::Value) -> Option<&'static str> {
    match (json["error_code"].as_str(), json["detail"].as_str()) {
        (Some("token_nonexistent"), _) => Some("no such opaque token exists"),
        (_, Some("Invalid token.")) => {
            Some("it may have expired, been altered, or be for another audience or issuer: Open edX does not say which")
        }
        _ => None,
    }
}

/// A call of the token endpoint: the grant's own fields, the client, and the kind of token that is wanted.
async fn token_call(
    settings: &Settings,
    mut fields: Vec<(&'static str, RequestValue)>,
    presented: Presented,
    cx: &Context<'_>,
) -> Result<TokenSet, AuthError> {
    fields.push(("token_type", "JWT".into()));
    if settings.flag("asymmetric_jwt") {
        fields.push(("asymmetric_jwt", "true".into()));
    }
    let response = send_form(settings, TOKEN_PATH, fields, "token endpoint", cx).await?;
    let answer = token_endpoint::read(&response, presented).map_err(|error| explained(error, presented))?;
    let scheme = scheme_of(&answer);
    let mut set = answer.into_token_set(scheme.clone());
    if scheme != Scheme::JWT {
        let remark = "the server answered with an opaque Bearer token, although a JWT was requested";
        set.remarks.push(remark.to_owned());
        cx.interaction.report(Progress::Remark(remark.to_owned()));
    }
    Ok(set)
}

/// Posts a form as this profile's client.
async fn send_form(
    settings: &Settings,
    path: &str,
    mut fields: Vec<(&'static str, RequestValue)>,
    what: &str,
    cx: &Context<'_>,
) -> Result<Response, AuthError> {
    let url = endpoint(&settings.url("url"), path);
    let client_id = settings.required("client_id");
    // A public client has no secret, it only says who it is.
    let secret = match settings.required("grant") {
        CLIENT_CREDENTIALS => Some(cx.required_secret(settings, "client_secret").await?),
        _ => None,
    };
    report(cx, what, &url);
    let request = match (secret, settings.text("client_auth")) {
        (Some(secret), Some("basic")) => {
            // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let password = SecretString::from(encoded(secret.expose_secret()));
            Request::post_form(url, fields).basic(&encoded(client_id), &password)
        }
        (secret, _) => {
            fields.push(("client_id", client_id.into()));
            fields.extend(secret.map(|secret| ("client_secret", secret.into())));
            Request::post_form(url, fields)
        }
    };
    Ok(cx.http.send(request).await?)
}

fn jwt_fate(token: &IssuedToken) -> Fate {
    let end = token.expires_at.map_or_else(|| "at its exp".to_owned(), |end| format!("at {}", clock::utc(end)));
    Fate::Alive(format!("a JWT cannot be revoked; it expires {end}"))
}

/// What a refusal means on Open edX, where that is more than the RFC says.
fn explained(mut error: AuthError, presented: Presented) -> AuthError {
    if let AuthError::Refused { code: Some(code), hint, .. } = &mut error {
        let meaning = match (code.as_str(), presented) {
            ("invalid_grant", Presented::Password) => {
                "check user name and password, and that the account is active: Open edX does not say which it is"
            }
            ("invalid_grant", Presented::RefreshToken) => {
                "the refresh token was already used, was revoked, or never existed: log in again"
            }
            ("invalid_client", _) => {
                "this LMS does not know the client ID, or the secret is wrong: check client_id, client_secret and url"
            }
            ("unauthorized_client", _) => {
                "the client may not use this grant: password needs a public client, client_credentials a confidential one"
            }
            ("invalid_scope", _) => "the grant does not include the scope: log in again, or ask the LMS's operator",
            ("unsupported_grant_type", _) => {
                "the LMS reads only forms; if the grant is right, something in between changed the request: check url"
            }
            _ => return error,
        };
        *hint = Some(meaning.to_owned());
    }
    error
}

/// How the access token goes to the API: the server says it in `token_type`; where it does not, the token's form does.
fn scheme_of(answer: &TokenResponse) -> Scheme {
    match answer.token_type.as_deref() {
        Some(name) if name.eq_ignore_ascii_case("jwt") => Scheme::JWT,
        Some(_) => Scheme::BEARER,
        None if answer.access_token.as_ref().is_none_or(has_jwt_form) => Scheme::JWT,
        None => Scheme::BEARER,
    }
}

fn is_jwt(token: &IssuedToken) -> bool {
    token.kind != TokenKind::Refresh && (token.scheme == Scheme::JWT || has_jwt_form(&token.raw))
}

/// Three segments, the first one the base64url of `{"`: enough to tell Open edX's JWTs from its opaque tokens.
fn has_jwt_form(token: &SecretString) -> bool {
    let text = token.expose_secret();
    text.starts_with("ey") && text.split('.').count() == 3
}

fn report(cx: &Context<'_>, what: &str, url: &url::Url) {
    cx.interaction.report(Progress::Contacting(format!("{what} of {}", url.host_str().unwrap_or_default())));
}
