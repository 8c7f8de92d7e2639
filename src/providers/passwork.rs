//! Passwork 7: a pair of opaque tokens, pasted from the web page, that a refresh replaces as a whole.
//!
//! Every body may come in an envelope: `{"format":"base64","content":"…"}`. We ask for plain JSON and open it anyway.

mod import;

use async_trait::async_trait;
use aws_lc_rs::digest;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::reply::{self, Members, Refusal};
use crate::{
    auth::{
        AuthError, Capabilities, Context, Descriptor, Field, IssuedToken, ProbeVerdict, Progress, Provider, SecretRef,
        Settings, TokenKind, TokenSet,
        rotation::{Ending, EndingOf, Kinship, LoginWay, RefreshOf, RefreshWay, Rotation, Tried},
    },
    clock,
    http::{self, Reading, Request, Response},
    oauth::resource,
    secret::{ExposeSecret as _, SecretString},
};

/// Passwork.
#[derive(Debug)]
pub(super) struct Passwork;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "passwork",
    title: "Passwork",
    summary: "an access and a refresh token, pasted from Passwork's web page",
    #[rustfmt::skip]
    own_fields: &[
        Field::url("url", "URL", "The URL of Passwork 7 (PASSWORK_HOST)").required(),
        Field::choice("login", "Log in with", &["pasted", "password"],
            "pasted: tokens from the web page; password: unconfirmed, not documented")
            .required().with_default("pasted"),
        Field::secret("access_token", "Access token",
            "From the web page; env:PASSWORK_TOKEN as for the vendor's client")
            .required().never_remembered().only_if("login", &["pasted"]),
        Field::secret("refresh_token", "Refresh token",
            "From the same page, or empty; env:PASSWORK_REFRESH_TOKEN as for the client")
            .required().never_remembered().only_if("login", &["pasted"]),
        Field::text("username", "User name", "The user name for login").required().only_if("login", &["password"]),
        Field::secret("password", "Password", "Asked at every login unless it is a reference")
            .required().only_if("login", &["password"]),
        Field::choice("refresh_mode", "Refresh", &["pair", "access", "refresh"],
            "pair: both tokens are replaced; access or refresh: only that one (7.6)").required().with_default("pair").folded(),
        Field::secret("master_key", "Master key",
            "A reference such as env:PASSWORK_MASTER_KEY; only its SHA-256 is sent").never_remembered(),
    ],
    capabilities: Capabilities { login: true, refresh: true, revoke: false, probe: true },
    rotation: Rotation {
        logins: &[
            LoginWay {
                when: Some(("login", &["pasted"])),
                secrets: &[],
                pasted: Some(&["access_token", "refresh_token"]),
                person: true,
                kinship: Kinship::Maybe,
            },
            LoginWay { when: None, secrets: &["password"], pasted: None, person: false, kinship: Kinship::Maybe },
        ],
        refreshes: &[RefreshOf { when: Some(("refresh_mode", &["pair"])), way: RefreshWay::EndsOld }],
        endings: &[
            EndingOf { kind: TokenKind::Refresh, opaque_only: false, by: Ending::Replaced },
            EndingOf { kind: TokenKind::Access, opaque_only: false, by: Ending::Replaced },
        ],
        tried: Tried::OwnApi,
        unrevocable: Some("tokscope knows of no Passwork call for it; end the session on Passwork's web page"),
        by_hand: Some("end the other sessions on Passwork's web page, under Authorization history"),
        ..Rotation::UNKNOWN
    },
    importers: &import::IMPORTERS,
    documentation: "https://passwork.pro/tech-guides/api-and-integrations",
};

const TOKEN_RESPONSE: &str = "a Passwork token response";
const USER_INFO: &str = "Passwork's user info";

#[async_trait]
impl Provider for Passwork {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn login(&self, settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        no_prompt_for_master_key(settings)?;
        match settings.required("login") {
            "password" => with_password(settings, cx).await,
            _ => pasted(settings, cx).await,
        }
    }

    async fn refresh(&self, settings: &Settings, old: &TokenSet, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let access = old.token(TokenKind::Access);
        let request = match settings.required("refresh_mode") {
            "access" => {
                let access = access.ok_or_else(|| missing("access token"))?;
                call(settings, "sessions/refresh-access-token", [("accessToken", (&access.raw).into())])
            }
            "refresh" => {
                let refresh = reply::refresh_token(old)?;
                call(settings, "sessions/refresh-refresh-token", [("refreshToken", (&refresh.raw).into())])
            }
            _ => {
                let refresh = reply::refresh_token(old)?;
                let request = call(settings, "sessions/refresh", [("refreshToken", (&refresh.raw).into())]);
                let request = match access {
                    Some(access) => request.bearer(&access.raw),
                    None => request,
                };
                with_master_key(request, settings, cx).await?
            }
        };
        let response = reply::send(cx, request, "session refresh").await?;
        renewed(&response, Some(old))
    }

    async fn present(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        cx: &Context<'_>,
    ) -> Result<ProbeVerdict, AuthError> {
        let request = Request::get(http::endpoint(&settings.url("url"), "api/v1/users/info"))
            .header("x-response-format", "raw")
            .bearer(&token.raw);
        let request = with_master_key(request, settings, cx).await?;
        let response = reply::send(cx, request, "user info").await?;
        let json = unwrapped(&response);
        if !response.is_success() {
            return said(json.as_ref(), "refresh the session").into_verdict(&response, token);
        }
        let members = reply::object(&response, json, USER_INFO)?;
        Ok(ProbeVerdict { account: account(&members), ..resource::verdict(&response, token)? })
    }
}

/// The pair as the web page shows it: no expiry given.
async fn pasted(settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
    let mut tokens = Vec::new();
    for (kind, key) in [(TokenKind::Access, "access_token"), (TokenKind::Refresh, "refresh_token")] {
        let raw = cx.required_secret(settings, key).await?;
        let text = raw.expose_secret().trim();
        if !text.is_empty() {
            tokens.push(reply::bearer(kind, text.into(), None));
        }
    }
    let mut remarks = vec!["the expiry of these tokens is known only after a refresh".to_owned()];
    match tokens.as_slice() {
        [first, ..] if first.kind == TokenKind::Access => {}
        _ => return Err(missing("access token")),
    }
    if tokens.len() == 1 {
        remarks.push("no refresh token: paste a new pair when the access token expires".to_owned());
    }
    Ok(TokenSet { tokens, scope: None, account: None, received_at: clock::now(), remarks })
}

/// Known from other people's clients only.
async fn with_password(settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
    cx.interaction.report(Progress::Remark(
        "this login is unconfirmed: Passwork does not document a login by password".to_owned(),
    ));
    let password = cx.required_secret(settings, "password").await?;
    let username = settings.required("username");
    let request = call(settings, "users/login", [("username", username.into()), ("password", (&password).into())]);
    let response = reply::send(cx, request, "login").await?;
    let mut token_set = renewed(&response, None).map_err(|error| {
        if response.is_success() {
            return error;
        }
        let hint = "check user name and password; this login is unconfirmed: with login = \"pasted\" it takes tokens \
                    from Passwork's web page";
        said(unwrapped(&response).as_ref(), hint).into_error(&response, TOKEN_RESPONSE)
    })?;
    token_set.account = Some(username.to_owned());
    Ok(token_set)
}

fn missing(what: &str) -> AuthError {
    AuthError::login_required(format!("no {what}"), "log in again and paste both tokens")
}

fn call<'a>(
    settings: &Settings,
    path: &str,
    fields: impl IntoIterator<Item = (&'a str, http::RequestValue)>,
) -> Request {
    Request::post_json(http::endpoint(&settings.url("url"), &format!("api/v1/{path}")), fields)
        .header("x-response-format", "raw")
}

/// The master key goes with every call, and a refresh asks nothing.
fn no_prompt_for_master_key(settings: &Settings) -> Result<(), AuthError> {
    match settings.secret_ref("master_key") {
        Some(SecretRef::Prompt) => Err(AuthError::setting(
            "every call needs the master key, so it cannot be asked for",
            "write master_key as env:PASSWORK_MASTER_KEY, file:PATH or cmd:PROGRAM",
        )),
        _ => Ok(()),
    }
}

/// Adds the hash of the master key where the profile has one.
async fn with_master_key(request: Request, settings: &Settings, cx: &Context<'_>) -> Result<Request, AuthError> {
    no_prompt_for_master_key(settings)?;
    Ok(match cx.secret(settings, "master_key").await? {
        Some(key) => request.header("x-master-key-hash", hash(&key)),
        None => request,
    })
}

/// Lower-case hex SHA-256 of the key's base64 text.
fn hash(master_key: &SecretString) -> SecretString {
    let digest = digest::digest(&digest::SHA256, master_key.expose_secret().trim().as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

/// What a body says, out of its envelope where it has one.
fn opened(response: &Response) -> Reading {
    let mut reading = response.read();
    let text = |name: &str| reading.members()?.get(name)?.as_str();
    let (Some("base64"), Some(content)) = (text("format"), text("content")) else { return reading };
    let content: String = content.split_whitespace().collect();
    let inner = BASE64_STANDARD.decode(content).map(|bytes| Reading::of(&bytes)).unwrap_or_default();
    reading.value = inner.value;
    reading.oddities.extend(inner.oddities);
    reading
}

fn unwrapped(response: &Response) -> Option<Value> {
    opened(response).value
}

/// The token set after a reply; what the reply leaves out stays as in `old`.
fn renewed(response: &Response, old: Option<&TokenSet>) -> Result<TokenSet, AuthError> {
    let reading = opened(response);
    let Some(found) = reply::tokens(response, &reading, ["accessToken", "refreshToken", ""]) else {
        if !response.is_success() {
            let refusal = said(reading.value.as_ref(), rejected(response.status));
            return Err(refusal.into_refresh_error(response, TOKEN_RESPONSE));
        }
        reply::object(response, reading.value, TOKEN_RESPONSE)?;
        return Err(reply::unexpected(
            response,
            TOKEN_RESPONSE,
            "neither an accessToken nor a refreshToken".to_owned(),
        ));
    };
    let kept = |kind| old.and_then(|old| old.token(kind)).cloned();
    let alone = found.without_access();
    let access = found.access.or_else(|| kept(TokenKind::Access));
    let alone = alone.filter(|_| access.is_none());
    let refresh = found.refresh.or_else(|| kept(TokenKind::Refresh));
    Ok(TokenSet {
        tokens: access.into_iter().chain(refresh).collect(),
        scope: None,
        account: old.and_then(|old| old.account.clone()),
        received_at: response.received_at,
        remarks: found.remarks.into_iter().chain(alone).collect(),
    })
}

fn rejected(status: u16) -> &'static str {
    match status {
        401 | 403 => {
            "the server rejected the refresh; the saved pair is kept: try again if the master key was missing, else log in \
             again with a new pair from Passwork's web page"
        }
        404 | 405 => "this call needs Passwork 7 (the refresh of a single token 7.6): check URL and refresh_mode",
        _ => "the saved pair is kept: try again later",
    }
}

/// What an error body says: a list of codes with their fields and words.
fn said(json: Option<&Value>, hint: &str) -> Refusal {
    let errors = json.and_then(|json| json.get("errors")).and_then(Value::as_array).into_iter().flatten();
    let errors: Vec<_> = errors.filter_map(Value::as_object).collect();
    let lines: Vec<_> = errors
        .iter()
        .filter_map(|error| {
            let message = reply::text(error, "message")?;
            Some(match reply::text(error, "field") {
                Some(field) => format!("{field}: {message}"),
                None => message.to_owned(),
            })
        })
        .collect();
    let code = errors.iter().find_map(|error| reply::text(error, "code")).map(str::to_owned);
    Refusal { code, message: Some(lines.join("; ")).filter(|lines| !lines.is_empty()), hint: Some(hint.to_owned()) }
}

/// Whose token it is. The shape of the reply is not documented: any of the usual names, at the top or under `user`.
fn account(members: &Members) -> Option<String> {
    let user = members.get("user").and_then(Value::as_object);
    let names = ["login", "username", "email", "fullName", "name"];
    let found =
        [Some(members), user].into_iter().flatten().find_map(|at| names.iter().find_map(|key| reply::text(at, key)));
    found.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn envelopes_are_opened_and_plain_json_is_taken() {
        let unwrapped = |body: &[u8]| {
            let text = std::str::from_utf8(body).unwrap();
            unwrapped(&Response::scripted(200, text, clock::parse("0").unwrap()))
        };
        let plain = json!({"accessToken": "a"});
        let wrapped = json!({"format": "base64", "content": BASE64_STANDARD.encode(plain.to_string())});
        assert_eq!(unwrapped(plain.to_string().as_bytes()), Some(plain.clone()));
        assert_eq!(unwrapped(wrapped.to_string().as_bytes()), Some(plain));
        for broken in ["", "<html>", r#"{"format":"base64","content":"%%"}"#, r#"{"format":"base64","content":"YQ=="}"#]
        {
            assert_eq!(unwrapped(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn errors_are_a_list() {
        let body = json!({"errors": [
            {"code": "accessTokenExpired", "field": null, "message": "Access token expired"},
            {"code": "x", "field": "refreshToken", "message": "This value is wrong"},
        ]});
        let refusal = said(Some(&body), "h");
        assert_eq!(refusal.code.as_deref(), Some("accessTokenExpired"));
        assert_eq!(refusal.message.as_deref(), Some("Access token expired; refreshToken: This value is wrong"));
        assert!(said(Some(&json!({"errors": "no"})), "h").message.is_none());
    }

    #[test]
    fn the_master_key_leaves_as_a_hash() {
        let hash = hash(&"YWJj".into());
        assert_eq!(hash.expose_secret(), "35d95694d3f160215db293c7899daa5907837838fb4b8119ed713e32446c1266");
    }
}
