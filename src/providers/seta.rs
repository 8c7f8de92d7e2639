//! SeTA: a login is a random message signed with the user's own RSA key; the refresh token rotates.

mod private_key;

use async_trait::async_trait;
use aws_lc_rs::{
    rand::{self, SystemRandom},
    rsa::KeyPair,
    signature::RSA_PKCS1_SHA256,
};
use serde_json::Value;
use url::Url;

use self::private_key::PrivateKeyError;
use super::reply::{self, Refusal};
use crate::{
    auth::{
        AuthError, Capabilities, Context, Descriptor, Fate, Field, IssuedToken, ProbeVerdict, Prompt, Provider,
        Settings, TokenKind, TokenSet,
        rotation::{Ending, EndingOf, Kinship, LoginWay, RefreshOf, RefreshWay, Replay, Rotation, Tried},
    },
    http::{self, Request, Response},
    oauth::resource,
    secret::SecretString,
    trouble::Trouble,
};

/// SeTA.
#[derive(Debug)]
pub(super) struct Seta;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "seta",
    title: "SeTA",
    summary: "a message signed with an RSA private key whose public key is registered at SeTA",
    #[rustfmt::skip]
    own_fields: &[
        Field::url("url", "URL", "The URL of the server: https://seta.example.org").required(),
        Field::text("username", "User name", "The name at the identity provider, or of the application").required(),
        Field::text("identity_provider", "Provider",
            "The user's identity provider: ecas, github, or seta for applications").required().with_default("ecas"),
        Field::secret("private_key", "Private key",
            "RSA private key: file:PATH of a PEM or OpenSSH file, encrypted or not").required(),
        Field::secret("passphrase", "Passphrase",
            "The private key's passphrase; unset: asked for if the key is encrypted"),
    ],
    capabilities: Capabilities { login: true, refresh: true, revoke: false, probe: true },
    rotation: Rotation {
        logins: &[LoginWay {
            when: None,
            secrets: &["private_key", "passphrase"],
            pasted: None,
            person: false,
            kinship: Kinship::Separate,
        }],
        refreshes: &[RefreshOf { when: None, way: RefreshWay::Rotates }],
        // Its `POST /logout` says success to a bearer token and does nothing.
        endings: &[EndingOf { kind: TokenKind::Refresh, opaque_only: false, by: Ending::UseUp }],
        replay: Replay::Always,
        replay_refused: &[(401, REVOKED)],
        tried: Tried::OwnApi,
        unrevocable: Some("SeTA has no endpoint to revoke it; it works until it expires"),
        by_hand: Some("ask the operator of SeTA to block the user until the access token has expired"),
        ..Rotation::UNKNOWN
    },
    importers: &[],
    documentation: "https://code.europa.eu/jrc-seta",
};

/// What it says to a refresh token that was used before.
const REVOKED: &str = "Token has been revoked";

const TOKEN_RESPONSE: &str = "a SeTA token response";
const USER_INFO: &str = "SeTA's user info";

#[async_trait]
impl Provider for Seta {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn login(&self, settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let key = key(settings, cx).await?;
        let (message, signature) = signed_message(&key)?;
        let username = settings.required("username");
        let request = Request::post_json(
            api(settings, "token"),
            [
                ("username", username.into()),
                ("provider", settings.required("identity_provider").to_lowercase().into()),
                ("rsa_original_message", message.into()),
                ("rsa_message_signature", signature.into()),
            ],
        );
        let response = reply::send(cx, request, "login").await?;
        token_set(&response, None, Some(username.to_owned()), Operation::Login)
    }

    async fn refresh(&self, settings: &Settings, old: &TokenSet, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let token = &reply::refresh_token(old)?.raw;
        let request = Request::post(api(settings, "token/refresh")).bearer(token);
        let response = reply::send(cx, request, "token refresh").await?;
        token_set(&response, Some(token), old.account.clone(), Operation::Refresh)
    }

    async fn end(&self, _: &Settings, token: &IssuedToken, _: bool, _: &Context<'_>) -> Result<Fate, AuthError> {
        let why = match token.kind {
            TokenKind::Refresh => {
                "SeTA has no endpoint to revoke it; a refresh replaces it and invalidates the old one"
            }
            _ => DESCRIPTOR.rotation.unrevocable.unwrap_or_default(),
        };
        Ok(Fate::Alive(why.to_owned()))
    }

    async fn present(
        &self,
        settings: &Settings,
        token: &IssuedToken,
        cx: &Context<'_>,
    ) -> Result<ProbeVerdict, AuthError> {
        let request = Request::get(api(settings, "user-info")).bearer(&token.raw);
        let response = reply::send(cx, request, "user info").await?;
        if !response.is_success() {
            return said(response.status, response.json().as_ref(), Operation::Probe).into_verdict(&response, token);
        }
        let members = reply::object(&response, response.json(), USER_INFO)?;
        let mut verdict = resource::verdict(&response, token)?;
        // The user name here is an id of SeTA's own; an application has no e-mail address.
        verdict.account = ["email", "username"].iter().find_map(|key| reply::text(&members, key)).map(str::to_owned);
        if let Some(role) = reply::text(&members, "role") {
            verdict.detail = format!("{}, role {}", verdict.detail, response.redacted(role));
        }
        Ok(verdict)
    }
}

fn api(settings: &Settings, path: &str) -> Url {
    http::endpoint(&settings.url("url"), &format!("authentication/v1/{path}"))
}

/// The user's key; its passphrase is asked for only where the file turns out to be encrypted.
async fn key(settings: &Settings, cx: &Context<'_>) -> Result<KeyPair, AuthError> {
    let file = cx.required_secret(settings, "private_key").await?;
    match read(file.clone(), None).await {
        Err(PrivateKeyError::Encrypted) => {}
        done => return done.map_err(unusable),
    }
    let passphrase = match cx.secret(settings, "passphrase").await? {
        Some(passphrase) => passphrase,
        None => {
            let prompt = Prompt {
                key: "passphrase",
                label: "Passphrase of the private key".into(),
                help: "The key file is encrypted".into(),
                secret: true,
            };
            cx.interaction.ask(prompt).await?
        }
    };
    read(file, Some(passphrase)).await.map_err(unusable)
}

/// Passphrases are slow on purpose: off the worker threads with it.
async fn read(file: SecretString, passphrase: Option<SecretString>) -> Result<KeyPair, PrivateKeyError> {
    tokio::task::spawn_blocking(move || private_key::read(&file, passphrase.as_ref()))
        .await
        .unwrap_or(Err(PrivateKeyError::Unreadable("its reader gave up")))
}

fn unusable(error: PrivateKeyError) -> AuthError {
    Trouble::from(error).under("cannot use the private key").into()
}

/// A fresh random message with its RSASSA-PKCS1-v1_5 signature in hex. The server keeps no nonce, so this pair logs in
/// for ever: both halves are secrets.
fn signed_message(key: &KeyPair) -> Result<(SecretString, SecretString), AuthError> {
    let failed = |_| {
        AuthError::setting(
            "the private key cannot sign",
            "create an RSA key of at least 2048 bits and register its public key at SeTA",
        )
    };
    let mut random = [0; 32];
    rand::fill(&mut random).map_err(failed)?;
    let message = hex(&random);
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).map_err(failed)?;
    Ok((message.into(), hex(&signature).into()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

/// The tokens of a reply; `kept` is the refresh token that older deployments expect us to go on with.
fn token_set(
    response: &Response,
    kept: Option<&SecretString>,
    account: Option<String>,
    call: Operation,
) -> Result<TokenSet, AuthError> {
    let reading = response.read();
    let Some(found) = reply::tokens(response, &reading, ["access_token", "refresh_token", ""]) else {
        if !response.is_success() {
            let refusal = said(response.status, reading.value.as_ref(), call);
            return Err(match call {
                Operation::Refresh => refusal.into_refresh_error(response, TOKEN_RESPONSE),
                _ => refusal.into_error(response, TOKEN_RESPONSE),
            });
        }
        reply::object(response, reading.value, TOKEN_RESPONSE)?;
        return Err(reply::unexpected(response, TOKEN_RESPONSE, "no access_token".to_owned()));
    };
    let mut remarks: Vec<_> = found.without_access().into_iter().collect();
    remarks.extend(found.remarks.iter().cloned());
    match (&found.refresh, kept) {
        (Some(_), _) => {}
        (None, Some(_)) => remarks.push("the server sent no new refresh token: the old one is kept".to_owned()),
        (None, None) => {
            remarks.push("the server sent no refresh token: log in again when the access token expires".to_owned());
        }
    }
    let kept = || kept.map(|raw| reply::bearer(TokenKind::Refresh, raw.clone(), None));
    let tokens = found.access.into_iter().chain(found.refresh.or_else(kept)).collect();
    Ok(TokenSet { tokens, scope: None, account, received_at: response.received_at, remarks })
}

/// Which call was refused: the same words mean different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Login,
    Refresh,
    Probe,
}

/// What an error body says, in either dialect: `message` (with `errors` by field) from the service, `msg` from its JWT
/// library.
fn said(status: u16, json: Option<&Value>, call: Operation) -> Refusal {
    let empty = reply::Members::new();
    let members = json.and_then(Value::as_object).unwrap_or(&empty);
    let words = reply::text(members, "message").or_else(|| reply::text(members, "msg"));
    let fields = members.get("errors").and_then(Value::as_object).map(|errors| {
        let lines: Vec<_> =
            errors.iter().filter_map(|(field, why)| Some(format!("{field}: {}", why.as_str()?))).collect();
        lines.join("; ")
    });
    let message = match (words, fields.filter(|lines| !lines.is_empty())) {
        (Some(words), Some(fields)) => Some(format!("{words}: {fields}")),
        (words, fields) => words.map(str::to_owned).or(fields),
    };
    Refusal { code: None, message, hint: Some(hint(status, words.unwrap_or_default(), call).to_owned()) }
}

/// What the user can do: a line for each refusal that the server knows.
fn hint(status: u16, words: &str, call: Operation) -> &'static str {
    match (call, words) {
        (_, "Invalid Signature") => {
            "the private key does not match the public key registered at SeTA for this user: register its public key"
        }
        (_, "Invalid User") => "SeTA does not know this user at this provider, or the user is blocked: check both",
        (_, "Invalid user") => "no public key is registered for this user: register one in the profile at SeTA",
        (Operation::Login, _) if status == 400 => {
            "check user name and identity_provider: ecas, github, or seta for applications"
        }
        (Operation::Login, _) if status == 415 => {
            "the server did not receive JSON: something in between may have changed the request"
        }
        (Operation::Refresh, REVOKED) => "this refresh token was used before, here or in another program: log in again",
        (Operation::Probe, REVOKED | "Token has expired") => "refresh the session, or log in again",
        (Operation::Refresh, "Only refresh tokens are allowed") => {
            "the saved refresh token is an access token: log in again"
        }
        (_, "Only access tokens are allowed" | "Only non-refresh tokens are allowed") => {
            "this is a refresh token: probe the access token"
        }
        (_, words) if words.starts_with("Missing JWT") => {
            "the Authorization header did not arrive: check the URL and any proxy"
        }
        (Operation::Login, _) => "check the URL, the user name and the identity_provider",
        _ => "log in again",
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{self, KeyPair as _, UnparsedPublicKey};
    use serde_json::json;

    use super::*;
    use crate::secret::ExposeSecret as _;

    #[test]
    fn a_message_is_random_and_signed_as_the_server_checks_it() {
        let key = KeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let (message, signature) = signed_message(&key).unwrap();
        let (other, _) = signed_message(&key).unwrap();
        assert_ne!(message.expose_secret(), other.expose_secret());

        let hex = signature.expose_secret();
        assert_eq!(hex.len(), 512);
        let bytes: Vec<u8> = (0..256).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
        UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref())
            .verify(message.expose_secret().as_bytes(), &bytes)
            .unwrap();
    }

    #[test]
    fn both_dialects_are_read_and_each_refusal_has_its_hint() {
        use Operation::{Login, Probe, Refresh};
        let cases = [
            (Login, 403, json!({"message": "Invalid Signature"}), "Invalid Signature", "private key"),
            (Login, 401, json!({"message": "Invalid User"}), "Invalid User", "blocked"),
            (Login, 401, json!({"message": "Invalid user"}), "Invalid user", "public key"),
            (
                Login,
                400,
                json!({"errors": {"provider": "'X' is not one of"}, "message": "Input payload validation failed"}),
                "Input payload validation failed: provider: 'X' is not one of",
                "ecas",
            ),
            (
                Login,
                415,
                json!({"message": "Did not attempt to load JSON data"}),
                "Did not attempt to load JSON data",
                "JSON",
            ),
            (Refresh, 401, json!({"msg": "Token has been revoked"}), "Token has been revoked", "used before"),
            (Refresh, 401, json!({"msg": "Token has expired"}), "Token has expired", "log in again"),
            (Probe, 401, json!({"msg": "Token has expired"}), "Token has expired", "refresh"),
            (
                Refresh,
                422,
                json!({"msg": "Only refresh tokens are allowed"}),
                "Only refresh tokens are allowed",
                "access token",
            ),
            (Refresh, 422, json!({"msg": "Not enough segments"}), "Not enough segments", "log in again"),
            (Refresh, 422, json!({"msg": "Signature verification failed"}), "Signature verification failed", "log in"),
            (
                Probe,
                401,
                json!({"msg": "Missing JWT in headers or cookies (…)"}),
                "Missing JWT in headers or cookies (…)",
                "proxy",
            ),
        ];
        for (call, status, body, message, hint) in cases {
            let refusal = said(status, Some(&body), call);
            assert_eq!(refusal.message.as_deref(), Some(message));
            assert!(refusal.hint.as_deref().unwrap().contains(hint), "{refusal:?}");
        }
        assert_eq!(said(502, None, Login).message, None);
    }
}
