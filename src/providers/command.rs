//! Any program that prints a token: `gcloud auth print-access-token`, `az account get-access-token`, an exec-credential.

use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use crate::{
    auth::{
        AuthError, Capabilities, Context, Descriptor, Field, IssuedToken, Progress, Provider, Scheme, Settings,
        TokenKind, TokenSet,
        answer::{self, written},
        rotation::{Kinship, LoginWay, Rotation},
    },
    clock::{self, Timestamp, read::end_of},
    http::Reading,
    program::Program,
    secret::SecretString,
};

/// A program that prints a token.
#[derive(Debug)]
pub(super) struct Command;

static DESCRIPTOR: Descriptor = Descriptor {
    id: "command",
    title: "Command",
    summary: "a program that prints a token, bare or in JSON",
    #[rustfmt::skip]
    own_fields: &[
        Field::text("command", "Command", "gcloud auth print-access-token; no shell unless it is sh -c '…'").required(),
        Field::text("access_pointer", "Access token at",
            "JSON pointer, such as /status/token; unset: the usual places"),
        Field::text("refresh_pointer", "Refresh token at", "JSON pointer; unset: the usual places"),
        Field::text("id_pointer", "ID token at", "JSON pointer; unset: the usual places"),
        Field::text("expiry_pointer", "Expiry at",
            "JSON pointer to a time or to seconds remaining; unset: the usual places"),
        Field::text("scheme", "Scheme", "The scheme before the token in Authorization")
            .required().with_default("Bearer").folded(),
    ],
    capabilities: Capabilities { login: true, refresh: true, revoke: false, probe: true },
    rotation: Rotation {
        logins: &[LoginWay { when: None, secrets: &[], pasted: None, person: false, kinship: Kinship::Maybe }],
        unrevocable: Some("only the program that issued it can revoke it"),
        by_hand: Some("end the session with the program that prints the token: its own logout or revoke command"),
        ..Rotation::UNKNOWN
    },
    importers: &[],
    documentation: "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins",
};

/// Where the tokens and their end stand in what programs print: OAuth 2, az, exec-credential, gcloud's config-helper,
/// Vault. Of two ends the one with a zone comes first: az prints a local time beside it.
const ACCESS: &[&str] =
    &["/access_token", "/accessToken", "/status/token", "/credential/access_token", "/auth/client_token", "/token"];
const REFRESH: &[&str] = &["/refresh_token", "/refreshToken"];
const ID: &[&str] = &["/id_token", "/idToken", "/credential/id_token"];
const EXPIRY: &[&str] = &[
    "/expires_on",
    "/expiresOn",
    "/expires_at",
    "/expiresAt",
    "/status/expirationTimestamp",
    "/credential/token_expiry",
    "/expires_in",
    "/expiresIn",
    "/auth/lease_duration",
    "/expiry",
    "/expiry_date",
];

#[async_trait]
impl Provider for Command {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    async fn login(&self, settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        run(settings, cx).await
    }

    async fn refresh(&self, settings: &Settings, old: &TokenSet, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
        let mut renewed = run(settings, cx).await?;
        let access = |set: &TokenSet| set.token(TokenKind::Access).map(IssuedToken::fingerprint);
        if access(&renewed) == access(old) {
            renewed
                .remarks
                .push("the command printed the same token again: it caches the token until expiry".to_owned());
        }
        Ok(renewed)
    }

    fn renews_alone(&self, _: &Settings) -> bool {
        true
    }
}

/// The program's tokens; JSON is searched at the profile's pointers, or at the usual places.
async fn run(settings: &Settings, cx: &Context<'_>) -> Result<TokenSet, AuthError> {
    let scheme = Scheme::new(settings.required("scheme")).ok_or_else(|| {
        AuthError::setting(
            "the scheme is not valid in an Authorization header",
            "write Bearer, JWT, or the scheme that the system documents",
        )
    })?;
    let program = Program::parse(settings.required("command"))?;
    let limit = settings
        .text("timeout")
        .and_then(|text| text.parse().ok())
        .map_or(Duration::from_secs(20), Duration::from_secs);
    cx.interaction.report(Progress::Contacting(program.name().to_owned()));
    cx.begin()?;
    let output = program.printed(limit).await?;
    let received_at = clock::now();
    let text = String::from_utf8_lossy(&output);
    let text = text.trim();
    let wrong = |found: String| {
        AuthError::setting(
            format!("{} printed no token: {found}", program.name()),
            "run the command in a terminal; if it prints JSON, set access_pointer to where the token is",
        )
    };
    let reading = Reading::of_output(&output);
    let mut remarks: Vec<_> = reading.remark(program.name()).into_iter().collect();
    let json = match reading.value {
        Some(json @ (Value::Object(_) | Value::Array(_))) => json,
        // `"eyJ…"`: JSON as well.
        Some(Value::String(text)) => return alone(&text, received_at, &scheme).map_err(wrong),
        _ if text.starts_with(['{', '[']) => return Err(wrong("its output is not complete JSON".to_owned())),
        _ => return alone(text, received_at, &scheme).map_err(wrong),
    };
    let find = |key, places: &'static [&'static str]| found(&json, settings.text(key), places);
    let mut tokens = Vec::new();
    for (kind, key, places) in [
        (TokenKind::Access, "access_pointer", ACCESS),
        (TokenKind::Refresh, "refresh_pointer", REFRESH),
        (TokenKind::Id, "id_pointer", ID),
    ] {
        let Some(text) = find(key, places).and_then(Value::as_str) else { continue };
        let (raw, remark) = answer::token(kind, text);
        remarks.extend(remark);
        let scheme = if kind == TokenKind::Access { &scheme } else { &Scheme::BEARER };
        tokens.extend(raw.map(|raw| issued(kind, raw, None, scheme)));
    }
    if !tokens.iter().any(|token| matches!(token.kind, TokenKind::Access | TokenKind::Id)) {
        return Err(wrong(format!("the JSON has no text at {}", places(settings, "access_pointer", ACCESS))));
    }
    let expiry = find("expiry_pointer", EXPIRY).filter(|value| !value.is_null());
    let expires_at = expiry.and_then(|value| end_of(&written(Some(value))?, received_at));
    if expiry.is_some() && expires_at.is_none() {
        remarks.push(format!("the expiry at {} is not a valid time", places(settings, "expiry_pointer", EXPIRY)));
    }
    if let Some(access) = tokens.first_mut().filter(|token| token.kind == TokenKind::Access) {
        access.expires_at = expires_at;
    }
    if tokens[0].kind != TokenKind::Access {
        // The end of the ID token is that of the session.
        tokens.sort_by_key(|token| token.kind != TokenKind::Id);
    }
    Ok(TokenSet { tokens, scope: None, account: None, received_at, remarks })
}

fn issued(kind: TokenKind, raw: SecretString, expires_at: Option<Timestamp>, scheme: &Scheme) -> IssuedToken {
    IssuedToken { kind, raw, expires_at, scheme: scheme.clone() }
}

/// The token of a program that printed nothing else.
fn alone(text: &str, received_at: Timestamp, scheme: &Scheme) -> Result<TokenSet, String> {
    let (raw, remark) = answer::token(TokenKind::Access, bare(text)?);
    let raw = raw.ok_or_else(|| remark.clone().unwrap_or_else(|| "nothing".to_owned()))?;
    let tokens = vec![issued(TokenKind::Access, raw, None, scheme)];
    let remarks = remark.into_iter().collect();
    Ok(TokenSet { tokens, scope: None, account: None, received_at, remarks })
}

/// A token that stands alone, with nothing around it but line breaks, its scheme and the name of the header.
fn bare(text: &str) -> Result<&str, String> {
    let text = text.trim();
    let (name, value) = text.split_once(':').unwrap_or(("", text));
    let text = if name.eq_ignore_ascii_case("authorization") { value.trim() } else { text };
    match answer::without_scheme(text).0.split_whitespace().count() {
        0 => Err("nothing".to_owned()),
        1 => Ok(text),
        words => Err(format!("{words} words instead of one")),
    }
}

/// The value at the profile's pointer, else at the first of the usual places that has one.
fn found<'a>(json: &'a Value, pointer: Option<&str>, places: &[&str]) -> Option<&'a Value> {
    match pointer {
        Some(pointer) => json.pointer(pointer),
        None => places.iter().find_map(|place| json.pointer(place)),
    }
}

fn places(settings: &Settings, key: &'static str, usual: &[&str]) -> String {
    settings.text(key).map_or_else(|| usual.join(", "), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::secret::ExposeSecret as _;

    fn at(text: &str) -> Timestamp {
        clock::parse(text).unwrap()
    }

    #[test]
    fn the_usual_programs_are_understood() {
        let now = at("2026-11-21T20:00:00Z");
        let cases = [
            (
                json!({"accessToken": "T", "expiresOn": "2000-01-01 00:00:00.0", "expires_on": 1_795_296_938}),
                "2026-11-21T21:35:38Z",
            ),
            (
                json!({"kind": "ExecCredential", "status": {"token": "T", "expirationTimestamp": "2026-11-21T21:35:38Z"}}),
                "2026-11-21T21:35:38Z",
            ),
            (json!({"access_token": "T", "expires_in": "3600", "token_type": "Bearer"}), "2026-11-21T21:00:00Z"),
            (
                json!({"credential": {"access_token": "T", "token_expiry": "2026-11-21T21:35:38Z"}}),
                "2026-11-21T21:35:38Z",
            ),
        ];
        for (json, ends) in cases {
            assert_eq!(found(&json, None, ACCESS), Some(&json!("T")), "{json}");
            assert_eq!(
                found(&json, None, EXPIRY).and_then(|value| end_of(&written(Some(value))?, now)),
                Some(at(ends)),
                "{json}"
            );
        }
        let json = json!({"access_token": "wrong", "deep": [{"a/b": "T"}]});
        assert_eq!(found(&json, Some("/deep/0/a~1b"), ACCESS), Some(&json!("T")));
        assert_eq!(found(&json, Some("/none"), ACCESS), None, "a pointer of the profile has no fallback");
    }

    #[test]
    fn a_bare_token_is_one_word() {
        assert_eq!(bare("ya29.x"), Ok("ya29.x"));
        for text in ["Bearer ya29.x\n", "bearer ya29.x", "Authorization: Bearer ya29.x"] {
            let set = alone(text, at("0"), &Scheme::BEARER).unwrap();
            assert_eq!((set.tokens[0].raw.expose_secret(), set.remarks.len()), ("ya29.x", 1), "{text}");
        }
        assert_eq!(bare("bearer "), Ok("bearer"), "a word like any other");
        assert_eq!(bare(""), Err("nothing".to_owned()));
        assert_eq!(bare("please log in"), Err("3 words instead of one".to_owned()));
    }
}
