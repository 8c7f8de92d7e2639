//! `tokscope token`: one token, for a script.

use chrono::TimeDelta;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use schemars::JsonSchema;
use serde::Serialize;

use super::{Exit, Failure, GlobalOptions, fresh, named::Target, output::print, times, token_set};
use crate::{
    auth::{Scheme, TokenKind, TokenSet},
    clock::{self, Timestamp},
    profile::ProfileName,
    secret::{ExposeSecret as _, SecretString},
    session::Demand,
};

/// The arguments of `tokscope token`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Nothing is sent if the saved token has at least --min-ttl left. Otherwise it
is refreshed once, however many processes ask at the same time. A token whose
whole lifetime is shorter than --min-ttl counts as fresh for half of its
lifetime; one without an expiry always does; both are reported on standard
error. --kind refresh sends nothing.

Formats:
  raw              the token
  header           Authorization: Bearer …
  header-json      {\"Authorization\": \"Bearer …\"}
  env              export TOKSCOPE_ACCESS_TOKEN=… (REFRESH_TOKEN, ID_TOKEN)
  json             profile, kind, token, scheme, expires_at, seconds_left
  exec-credential  for kubectl (client.authentication.k8s.io/v1)
  git              for a credential helper; username is oauth2

  tokscope token lms --format header | curl -H @- https://lms.example.org/api

Exit code: 0 printed; 1 no such token, or it cannot be renewed: log in again;
2 error: no such profile, network, vault, settings.")]
pub struct Token {
    #[command(flatten)]
    target: Target,

    /// Which token
    #[arg(long, value_name = "KIND", value_parser = kind(), default_value = "access")]
    pub kind: TokenKind,

    /// How long it must be valid from now on, such as 90s, 10m or 1h
    #[arg(long, value_name = "TIME", value_parser = times::span, default_value = "60s")]
    pub min_ttl: TimeDelta,

    /// Refresh even if the saved token has enough life left
    #[arg(long)]
    pub force: bool,

    /// How it is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Raw)]
    pub format: Format,
}

/// Reads which token.
fn kind() -> impl TypedValueParser<Value = TokenKind> {
    const KINDS: [(&str, TokenKind); 3] =
        [("access", TokenKind::Access), ("refresh", TokenKind::Refresh), ("id", TokenKind::Id)];
    let named = |word: String| KINDS.into_iter().find(|(name, _)| *name == word).expect("clap knows only these").1;
    PossibleValuesParser::new(KINDS.map(|(name, _)| name)).map(named)
}

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

/// Prints a token that has as much life left as is asked for.
pub fn run(token: &Token, place: &GlobalOptions) -> Result<Exit, Failure> {
    let kind = token.kind;
    let call = fresh::open(&token.target, place)?;
    let demand = Demand { kind, min_ttl: token.min_ttl, force: token.force && kind != TokenKind::Refresh };
    let token_set = fresh::tokens(&call, &demand)?;
    let found = Found::new(&token_set, kind, &call.profile.name).map_err(Failure::negative)?;
    let printed = print(&found.written(token.format));
    // What a refresh brought is kept, whatever became of the output.
    call.settle(false)?;
    printed?;
    call.end(Exit::Yes)
}

/// A token on its way out.
struct Found<'a> {
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
pub(super) struct TokenObject<'a> {
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
    fn new(token_set: &TokenSet, kind: TokenKind, profile: &'a ProfileName) -> Result<Self, Failure> {
        let issued = token_set::printable(kind, token_set)?;
        let expires_at = token_set.lifetime(issued).expires_at.map(clock::to_the_second);
        Ok(Self { profile, kind, raw: issued.raw.clone(), scheme: issued.scheme.clone(), expires_at })
    }

    fn written(&self, format: Format) -> String {
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
