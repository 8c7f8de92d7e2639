//! What is copied, and of which tokens.

use std::io::{self, IsTerminal as _};

use chrono::TimeDelta;

use super::Copy;
use crate::{
    auth::{TokenKind, TokenSet},
    cli::{
        Failure, GlobalOptions,
        input::Source,
        invocation::Invocation,
        named::Target,
        output::tell,
        token_set::{self, Show},
    },
    clock,
    secret::{ExposeSecret as _, SecretString},
    session::{Demand, Standing, standing},
    token::Token,
    trouble::Code,
};

/// What to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[allow(missing_docs, reason = "the words of the arguments")]
pub enum What {
    Access,
    Refresh,
    Id,
    Header,
    Claims,
}

/// In words, and the text.
pub(super) fn wanted(copy: &Copy, place: &GlobalOptions) -> Result<(&'static str, SecretString), Failure> {
    let piped = |source: &Source| token_set::read(&source.read()?, None, Some(TokenKind::Access), clock::now());
    let set = match &copy.tokens {
        Some(Source::Argument(name)) => saved(name, place)?,
        None if io::stdin().is_terminal() => {
            return Err(Failure::usage("no tokens given")
                .hint("give a profile, or pipe them in, as in `tokscope login PROFILE --json | tokscope copy`"));
        }
        None => piped(&Source::Stdin)?,
        Some(source) => piped(source)?,
    };
    let shown = |show| token_set::shown(show, &set).map(|text| SecretString::from(text.trim_end()));
    Ok(match copy.what {
        What::Access => ("the access token", shown(Show::Access)?),
        What::Refresh => ("the refresh token", shown(Show::Refresh)?),
        What::Id => ("the ID token", shown(Show::Id)?),
        What::Header => ("the Authorization header", shown(Show::Header)?),
        What::Claims => {
            let token = Token::inspect(shown(Show::Access)?.expose_secret());
            let claims = token.claims().ok_or_else(|| {
                Failure::new("cannot read the claims of the access token").hint("it is opaque, or encrypted")
            })?;
            ("the claims of the access token", claims.text().into())
        }
    })
}

/// The saved tokens of a profile. What was given may be a token, and is not repeated.
fn saved(name: &SecretString, place: &GlobalOptions) -> Result<TokenSet, Failure> {
    let all = place.folder()?.profiles().all()?;
    let profile = all.into_iter().find(|profile| profile.name.as_str() == name.expose_secret()).ok_or_else(|| {
        Failure::usage("no profile has that name").hint(
            "a token is not accepted as an argument, which every user can see in `ps`: pipe it in, or give its @FILE",
        )
    })?;
    let target = Target { profile: profile.name, no_input: false };
    let call = Invocation::with_saved(&target, place)?;
    let set = call.session.token_set(&target.profile)?.ok_or_else(|| {
        Failure::new(format!("no saved tokens for {}", target.profile))
            .coded(Code::LoginRequired)
            .hint(format!("log in first: `tokscope login {}`", target.profile))
    })?;
    if standing(&set, &Demand::access(TimeDelta::zero()), clock::now()) == Standing::Stale {
        tell(&format!("the access token has expired: `tokscope refresh {}` renews it", target.profile));
    }
    Ok(set)
}
