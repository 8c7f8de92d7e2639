//! Practicus AI: JWTs of one region, from a password, a refresh token or an access token.
//!
//! Grades of what is known about the wire: the calls and their fields were seen; the bodies of errors were not, so any
//! status but a success is a no, whatever comes with it.

mod import;

use async_trait::async_trait;
use serde_json::Value;
use url::Url;

use super::reply::{self, Refusal};
use crate::{
    auth::{
        AuthError, Capabilities, Context, Descriptor, Field, IssuedToken, ProbeVerdict, Prompt, Provider, Settings,
        TokenKind, TokenSet,
        rotation::{Kinship, LoginWay, Rotation, Tried},
    },
    clock,
    http::{self, Request, Response},
    oauth::resource,
    secret::{ExposeSecret as _, SecretString},
    token::Token,
};

/// Practicus AI.
#[derive(Debug)]
pub(super) struct Practicus;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "practicus",
    title: "Practicus AI",
    summary: "e-mail and password (with a one-time code), or a refresh or access token",
    #[rustfmt::skip]
    own_fields: &[
        Field::url("url", "Region URL", "The region's URL (PRT_URL): https://practicus.example.org").required(),
        Field::choice("login", "Log in with", &["password", "token"], "A token instead of a password")
            .required().with_default("password"),
        Field::text("email", "E-mail", "The e-mail address of the account").required().only_if("login", &["password"]),
        Field::secret("password", "Password", "Asked at every login unless it is a reference")
            .required().only_if("login", &["password"]),
        Field::flag("otp", "One-time code",
            "Ask for a one-time code at every login, not only when the server requires one")
            .with_default("false").only_if("login", &["password"]),
        Field::secret("token", "Token", "A refresh or an access token; env:PRT_TOKEN as for the vendor's client")
            .required().never_remembered().only_if("login", &["token"]),
        Field::flag("federated", "Federated", "The regions are federated: a token of another region is valid here")
            .with_default("false"),
    ],
    capabilities: Capabilities { login: true, refresh: true, revoke: false, probe: true },
    rotation: Rotation {
        // What a token by hand brings is what that token's login brought.
        logins: &[
            LoginWay {
                when: Some(("otp", &["true"])),
                secrets: &[],
                pasted: None,
                person: true,
                kinship: Kinship::Maybe,
            },
            LoginWay {
                when: Some(("login", &["token"])),
                secrets: &[],
                pasted: None,
                person: true,
                kinship: Kinship::Maybe,
            },
            LoginWay { when: None, secrets: &["password"], pasted: None, person: false, kinship: Kinship::Separate },
        ],
        tried: Tried::OwnApi,
        unrevocable: Some("Practicus AI has no endpoint to revoke a token; it works until it expires"),
        by_hand: Some("ask the administrator of Practicus AI to block the account until the tokens have expired"),
        ..Rotation::UNKNOWN
    },
    importers: &import::IMPORTERS,
    documentation: "https://docs.practicus.ai/",
};

const TOKEN_RESPONSE: &str = "a Practicus AI token response";
const REGION_RESPONSE: &str = "Practicus AI's region info";

#[async_trait]
impl Provider for Practicus {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn login(&self, settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let mut token_set = match settings.required("login") {
            "token" => with_token(settings, cx).await?,
            _ => with_password(settings, cx).await?,
        };
        if let Some(access) = token_set.token(TokenKind::Access).map(|token| token.raw.clone()) {
            token_set.remarks.extend(cx.unless_left(region(settings, &access, cx)).await.map(|region| match region {
                Ok(region) => region,
                Err(error) => format!("logged in, but the region info could not be read: {error}"),
            }));
        }
        if token_set.token(TokenKind::Refresh).is_none() {
            token_set.remarks.push("no refresh token: log in again when the access token expires".to_owned());
        }
        Ok(token_set)
    }

    async fn refresh(&self, settings: &Settings, old: &TokenSet, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let token = reply::refresh_token(old)?;
        let mut renewed = access_from(settings, token.raw.clone(), cx).await?;
        renewed.account = renewed.account.or_else(|| old.account.clone());
        renewed.scope.clone_from(&old.scope);
        Ok(renewed)
    }

    async fn present(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        cx: &Context<'_>,
    ) -> Result<ProbeVerdict, AuthError> {
        let response = reply::send(cx, region_request(settings, &token.raw), "region info").await?;
        if !response.is_success() {
            return refusal(&response, "refresh the session or log in again").into_verdict(&response, token);
        }
        Ok(ProbeVerdict { detail: region_words(&response), ..resource::verdict(&response, token)? })
    }
}

async fn with_password(settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
    let password = cx.required_secret(settings, "password").await?;
    let mut otp_code = if settings.flag("otp") { Some(ask_for_code(cx).await?) } else { None };
    loop {
        let mut fields = vec![("email", settings.required("email").into()), ("password", (&password).into())];
        fields.extend(otp_code.iter().map(|code| ("otp_code", code.into())));
        let request = Request::post_form(api(settings, "auth/"), fields);
        let response = reply::send(cx, request, "login").await?;
        if let Some(tokens) = tokens(&response) {
            return Ok(token_set(settings, &response, tokens, None));
        }
        if response.is_success() {
            return Err(missing(&response));
        }
        if otp_code.is_none() && wants_code(&response.text()) {
            otp_code = Some(ask_for_code(cx).await?);
            continue;
        }
        let hint = match otp_code {
            Some(_) => "check e-mail, password and one-time code; a code works once and expires soon",
            None => "check e-mail and password; if the account has a one-time code, set otp = true",
        };
        return Err(refusal(&response, hint).into_error(&response, TOKEN_RESPONSE));
    }
}

async fn ask_for_code(cx: &Context<'_>) -> Result<SecretString, AuthError> {
    let prompt = Prompt {
        key: "otp_code",
        label: "One-time code".into(),
        help: "From the authenticator app or the message sent to you".into(),
        secret: true,
    };
    cx.interaction.ask(prompt).await
}

/// Whether a refusal asks for a one-time code. How the server says so is not documented: any of the usual words.
fn wants_code(body: &str) -> bool {
    let body = body.to_ascii_lowercase();
    ["otp", "one-time", "one time", "two-factor", "2fa", "mfa", "verification code"]
        .iter()
        .any(|word| body.contains(word))
}

async fn with_token(settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
    let given = cx.required_secret(settings, "token").await?;
    let token = Token::inspect(given.expose_secret());
    let (raw, claim) = (token.raw().clone(), |name| claim(&token, name));
    let mut token_set = match claim("token_type").as_deref() {
        Some("refresh") => access_from(settings, raw, cx).await?,
        Some("access") => TokenSet {
            tokens: vec![reply::bearer(TokenKind::Access, raw, None)],
            scope: None,
            account: None,
            received_at: clock::now(),
            remarks: Vec::new(),
        },
        other => {
            return Err(AuthError::setting(
                match other {
                    Some(kind) => {
                        format!("the token is neither a refresh nor an access token: its token_type is {kind}")
                    }
                    None => "the token does not say whether it is a refresh or an access token".to_owned(),
                },
                "use a token of Practicus AI: a JWT with the claim token_type",
            ));
        }
    };
    if token_set.account.is_none() {
        token_set.account = claim("username").map(|username| region_key(settings, &username));
    }
    let own_host = settings.url("url");
    let issuer = claim("iss").and_then(|issuer| Url::parse(&issuer).ok()).filter(Url::has_host);
    if let Some(issuer) =
        issuer.filter(|issuer| issuer.host_str() != own_host.host_str() && !settings.flag("federated"))
    {
        token_set.remarks.push(format!(
            "the token was issued by {} and this region is {}: it works here only if the regions are federated \
             (if they are, set federated = true)",
            reply::host_of(&issuer),
            reply::host_of(&own_host),
        ));
    }
    Ok(token_set)
}

/// A string claim of a token.
fn claim(token: &Token, name: &str) -> Option<String> {
    let claims = token.claims()?;
    let node = claims.members(name).next()?;
    claims.string(node).map(|text| text.into_owned())
}

/// A new access token from a refresh token: no Authorization header, and the refresh token usually stays as it is.
async fn access_from(settings: &Settings, refresh: SecretString, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
    let request = Request::post_form(api(settings, "auth/refresh/"), [("refresh", (&refresh).into())]);
    let response = reply::send(cx, request, "token refresh").await?;
    match tokens(&response) {
        Some(tokens) => Ok(token_set(settings, &response, tokens, Some(refresh))),
        None if response.is_success() => Err(missing(&response)),
        None => Err(refusal(&response, "log in again").into_refresh_error(&response, TOKEN_RESPONSE)),
    }
}

fn tokens(response: &Response) -> Option<reply::Tokens> {
    reply::tokens(response, &response.read(), ["access", "refresh", "username"])
}

fn missing(response: &Response) -> AuthError {
    let found = match response.json() {
        Some(Value::Object(_)) => "no access".to_owned(),
        _ => response.description(),
    };
    reply::unexpected(response, TOKEN_RESPONSE, found)
}

/// The tokens of a reply; `kept` is the refresh token that stays when the reply has none.
fn token_set(settings: &Settings, response: &Response, found: reply::Tokens, kept: Option<SecretString>) -> TokenSet {
    let mut remarks: Vec<_> = found.without_access().into_iter().collect();
    remarks.extend(found.remarks);
    let kept = || kept.map(|raw| reply::bearer(TokenKind::Refresh, raw, None));
    TokenSet {
        tokens: found.access.into_iter().chain(found.refresh.or_else(kept)).collect(),
        scope: None,
        account: found.account.map(|username| region_key(settings, &username)),
        received_at: response.received_at,
        remarks,
    }
}

/// What the vendor's client calls an account: a user of one region.
fn region_key(settings: &Settings, username: &str) -> String {
    format!("{username}@{}", reply::host_of(&settings.url("url")))
}

fn api(settings: &Settings, path: &str) -> Url {
    http::endpoint(&settings.url("url"), &format!("console/api/{path}"))
}

fn region_request(settings: &Settings, access: &SecretString) -> Request {
    Request::get(api(settings, "central/clusterdefinition/")).bearer(access)
}

async fn region(settings: &Settings, access: &SecretString, cx: &Context<'_>) -> Result<String, AuthError> {
    let response = reply::send(cx, region_request(settings, access), "region info").await?;
    if response.status != 200 {
        return Err(refusal(&response, "probe the token").into_error(&response, REGION_RESPONSE));
    }
    reply::object(&response, response.json(), REGION_RESPONSE)?;
    Ok(region_words(&response))
}

/// `region eu-1 of cluster main`: both names are optional.
fn region_words(response: &Response) -> String {
    let members = reply::object(response, response.json(), REGION_RESPONSE).unwrap_or_default();
    match (reply::text(&members, "REGION_NAME"), reply::text(&members, "NAME")) {
        (Some(region), Some(cluster)) => format!("region {region} of cluster {cluster}"),
        (Some(region), None) => format!("region {region}"),
        (None, Some(cluster)) => format!("cluster {cluster}"),
        (None, None) => "the region has no name".to_owned(),
    }
}

fn refusal(response: &Response, hint: &str) -> Refusal {
    said(response.json().as_ref(), hint)
}

/// What an error body says: `detail` and `code` as Django REST framework writes them, or the fields of a form that it
/// found wrong.
fn said(json: Option<&Value>, hint: &str) -> Refusal {
    let Some(Value::Object(members)) = json else {
        return Refusal { hint: Some(hint.to_owned()), ..Refusal::default() };
    };
    let code = reply::text(members, "code").map(str::to_owned);
    let fields = || {
        let lines = members.iter().filter_map(|(field, reasons)| {
            let reasons: Vec<_> = reasons.as_array()?.iter().filter_map(Value::as_str).collect();
            (!reasons.is_empty()).then(|| format!("{field}: {}", reasons.join(" ")))
        });
        Some(lines.collect::<Vec<_>>().join("; ")).filter(|lines| !lines.is_empty())
    };
    let message = reply::text(members, "detail").or_else(|| reply::text(members, "message")).map(str::to_owned);
    Refusal { message: message.or_else(fields), hint: Some(hint.to_owned()), code }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn error_bodies_of_every_likely_shape_are_read() {
        let dead = said(Some(&json!({"detail": "Token is invalid or expired", "code": "token_not_valid"})), "h");
        assert_eq!(dead.code.as_deref(), Some("token_not_valid"));
        let form = said(Some(&json!({"email": ["Enter a valid email address."], "password": ["Required."]})), "h");
        assert_eq!(form.message.as_deref(), Some("email: Enter a valid email address.; password: Required."));
        for silent in [None, Some(json!([])), Some(json!({}))] {
            let refusal = said(silent.as_ref(), "h");
            assert!(refusal.code.is_none() && refusal.message.is_none() && refusal.hint.is_some());
        }
    }

    #[test]
    fn only_a_refusal_that_speaks_of_a_code_wants_one() {
        for body in [r#"{"otp_code":["This field is required."]}"#, r#"{"detail":"Two-Factor code needed"}"#] {
            assert!(wants_code(body), "{body}");
        }
        for body in ["", r#"{"detail":"No active account found with the given credentials"}"#] {
            assert!(!wants_code(body), "{body}");
        }
    }
}
