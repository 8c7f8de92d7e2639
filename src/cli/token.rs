//! `tokscope token`: one token, for a script.

mod found;

use chrono::TimeDelta;
use clap::builder::{PossibleValuesParser, TypedValueParser};

pub use self::found::Format;
use self::found::Found;
pub(super) use self::found::TokenObject;
use super::{Exit, Failure, GlobalOptions, fresh, named::Target, output::print, times};
use crate::{
    auth::{TokenKind, TokenSet},
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

/// Prints a token that has as much life left as is asked for.
pub fn run(token: &Token, place: &GlobalOptions) -> Result<Exit, Failure> {
    let kind = token.kind;
    let demand = Demand { kind, min_ttl: token.min_ttl, force: token.force && kind != TokenKind::Refresh };
    let show = |token_set: &TokenSet| {
        let found = Found::new(token_set, kind, &token.target.profile).map_err(Failure::negative)?;
        Ok::<_, Failure>(print(&found.written(token.format)))
    };
    if let Some(saved) = fresh::at_hand(&token.target, place, &demand) {
        return show(&saved)?.map(|()| Exit::Yes);
    }
    let call = fresh::open(&token.target, place)?;
    let printed = show(&fresh::tokens(&call, &demand)?)?;
    // What a refresh brought is kept, whatever became of the output.
    call.settle(false)?;
    printed?;
    call.end(Exit::Yes)
}
