//! A token, as it is printed.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    auth::{Scheme, TokenKind, TokenSet},
    cli::{Failure, token_set},
    clock::{self, Timestamp},
    profile::ProfileName,
    secret::{ExposeSecret as _, SecretString},
};

/// How it is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[allow(missing_docs, reason = "the words of the arguments")]
pub enum Format {
    Raw,
    Header,
    HeaderJson,
    Env,
    Json,
    ExecCredential,
    Git,
}

/// A token on its way out.
pub(super) struct Found<'a> {
    profile: &'a ProfileName,
    kind: TokenKind,
    raw: SecretString,
    scheme: Scheme,
    expires_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct HeaderObject<'a> {
    #[serde(rename = "Authorization")]
    authorization: &'a str,
}

#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct TokenObject<'a> {
    profile: &'a str,
    kind: String,
    token: &'a str,
    scheme: &'a str,
    expires_at: Option<String>,
    seconds_left: Option<i64>,
}

/// The answer of a credential plugin, as client-go reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecCredential<'a> {
    api_version: &'static str,
    kind: &'static str,
    status: ExecStatus<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExecStatus<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration_timestamp: Option<String>,
    token: &'a str,
}

impl<'a> Found<'a> {
    pub(super) fn new(token_set: &TokenSet, kind: TokenKind, profile: &'a ProfileName) -> Result<Self, Failure> {
        let issued = token_set::printable(kind, token_set)?;
        let expires_at = token_set.lifetime(issued).expires_at.map(clock::to_the_second);
        Ok(Self { profile, kind, raw: issued.raw.clone(), scheme: issued.scheme.clone(), expires_at })
    }

    pub(super) fn written(&self, format: Format) -> String {
        let raw = self.raw.expose_secret();
        let value = format!("{} {raw}", self.scheme.as_str());
        let json = |text: serde_json::Result<String>| text.expect("strings are JSON") + "\n";
        match format {
            Format::Raw => format!("{raw}\n"),
            Format::Header => format!("Authorization: {value}\n"),
            Format::HeaderJson => json(serde_json::to_string(&HeaderObject { authorization: &value })),
            Format::Env => {
                let kind = self.kind.to_string().to_uppercase();
                format!("export TOKSCOPE_{kind}_TOKEN={}\n", shell_words::quote(raw))
            }
            Format::Json => json(serde_json::to_string_pretty(&TokenObject {
                profile: self.profile.as_str(),
                kind: self.kind.to_string(),
                token: raw,
                scheme: self.scheme.as_str(),
                expires_at: self.expires_at.map(clock::utc),
                seconds_left: self.expires_at.map(|end| (end - clock::now()).num_seconds()),
            })),
            Format::ExecCredential => json(serde_json::to_string(&ExecCredential {
                api_version: "client.authentication.k8s.io/v1",
                kind: "ExecCredential",
                status: ExecStatus { expiration_timestamp: self.expires_at.map(clock::utc), token: raw },
            })),
            Format::Git => {
                let end = self.expires_at.map(|end| format!("password_expiry_utc={}\n", end.timestamp()));
                format!("username=oauth2\npassword={raw}\n{}", end.unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each format against what its reader expects, written by hand.
    #[test]
    fn formats() {
        let profile = ProfileName::new("lms").unwrap();
        let found = |raw: &str, scheme: Scheme, end: Option<&str>| Found {
            profile: &profile,
            kind: TokenKind::Access,
            raw: raw.into(),
            scheme,
            expires_at: end.and_then(clock::parse),
        };
        let token = found("abc.def", Scheme::JWT, Some("2030-01-02T03:04:05Z"));
        assert_eq!(token.written(Format::Raw), "abc.def\n");
        assert_eq!(token.written(Format::Header), "Authorization: JWT abc.def\n");
        assert_eq!(token.written(Format::HeaderJson), "{\"Authorization\":\"JWT abc.def\"}\n");
        assert_eq!(token.written(Format::Env), "export TOKSCOPE_ACCESS_TOKEN=abc.def\n");
        assert_eq!(
            token.written(Format::ExecCredential),
            "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\
             \"status\":{\"expirationTimestamp\":\"2030-01-02T03:04:05Z\",\"token\":\"abc.def\"}}\n"
        );
        let git = "username=oauth2\npassword=abc.def\npassword_expiry_utc=1893553445\n";
        assert_eq!(token.written(Format::Git), git);
        let endless = found("it's", Scheme::BEARER, None);
        assert_eq!(endless.written(Format::Git), "username=oauth2\npassword=it's\n");
        assert_eq!(endless.written(Format::Env), "export TOKSCOPE_ACCESS_TOKEN='it'\\''s'\n");
        assert_eq!(
            endless.written(Format::ExecCredential),
            "{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\
             \"status\":{\"token\":\"it's\"}}\n"
        );
        assert_eq!(
            endless.written(Format::Json),
            "{\n  \"profile\": \"lms\",\n  \"kind\": \"access\",\n  \"token\": \"it's\",\n  \"scheme\": \"Bearer\",\n  \
             \"expires_at\": null,\n  \"seconds_left\": null\n}\n"
        );
    }
}
