//! What is copied, and of which tokens.

use std::{
    io::{self, IsTerminal as _},
    str::FromStr,
};

use chrono::TimeDelta;
use clap::ValueEnum as _;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};

use super::Copy;
use crate::{
    auth::{self, TokenKind, TokenSet},
    cli::{
        Failure, GlobalOptions,
        input::Source,
        invocation::Invocation,
        named::Target,
        output::tell,
        token_set::{self, Show},
    },
    clock,
    profile::Profile,
    providers,
    secret::{ExposeSecret as _, SecretString},
    session::{Demand, Standing, standing},
    token::{Token, json::Json},
    trouble::Code,
};

/// What to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A token, or the header.
    Shown(Show),
    /// The claims of the access token.
    Claims,
    /// A value in them (RFC 6901).
    Pointer(String),
    /// A command without any token.
    Curl,
}

/// What shells offer.
pub(super) fn candidates() -> ArgValueCandidates {
    const WORDS: [&str; 6] = ["access", "refresh", "id", "header", "claims", "curl"];
    ArgValueCandidates::new(|| WORDS.map(CompletionCandidate::new).into())
}

impl FromStr for What {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORMS: &str = "use access, refresh, id, header, claims, curl, or a JSON pointer such as /email";
        match text {
            "claims" => Ok(Self::Claims),
            "curl" => Ok(Self::Curl),
            pointer if pointer.starts_with('/') => Ok(Self::Pointer(pointer.to_owned())),
            word => Show::from_str(word, false).map(Self::Shown).map_err(|_| FORMS),
        }
    }
}

/// In words, and the text.
pub(super) fn wanted(copy: &Copy, place: &GlobalOptions) -> Result<(&'static str, SecretString), Failure> {
    if copy.what == What::Curl {
        return Ok(("the curl command", curl(copy.tokens.as_ref(), place)?.into()));
    }
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
    let claims = || {
        let token = Token::inspect(shown(Show::Access)?.expose_secret());
        let claims = token.claims().map(|claims| Json::parse(claims.text()));
        claims.ok_or_else(|| {
            Failure::new("cannot read the claims of the access token").hint("it is opaque, or encrypted")
        })
    };
    Ok(match &copy.what {
        What::Shown(show @ Show::Access) => ("the access token", shown(*show)?),
        What::Shown(show @ Show::Refresh) => ("the refresh token", shown(*show)?),
        What::Shown(show @ Show::Id) => ("the ID token", shown(*show)?),
        What::Shown(show @ Show::Header) => ("the Authorization header", shown(*show)?),
        What::Claims => ("the claims of the access token", claims()?.text().into()),
        What::Pointer(pointer) => ("the value", value(&claims()?, pointer)?.into()),
        What::Curl => unreachable!("it needs no tokens"),
    })
}

/// What a pointer names: the text of a string, the JSON of anything else.
fn value(claims: &Json, pointer: &str) -> Result<String, Failure> {
    let index = claims.find(pointer).ok_or_else(|| {
        Failure::new("the access token has no such claim").hint("`tokscope copy PROFILE --what claims` copies all")
    })?;
    let text = claims.string(&claims.nodes()[index]);
    Ok(text.map_or_else(|| claims.compact(index), |text| text.into_owned()))
}

/// The command for a profile, which nothing is fetched for.
fn curl(source: Option<&Source>, place: &GlobalOptions) -> Result<String, Failure> {
    let Some(Source::Argument(name)) = source else {
        let hint = "give a profile, as in `tokscope copy lms --what curl`";
        return Err(Failure::usage("the curl command asks for the token of a profile").hint(hint));
    };
    let profile = profile(name, place)?;
    let descriptor = providers::by_id(&profile.provider).map(|provider| provider.descriptor());
    Ok(auth::curl(&profile, descriptor, TokenKind::Access))
}

/// The profile of a name. What was given may be a token, and is not repeated.
fn profile(name: &SecretString, place: &GlobalOptions) -> Result<Profile, Failure> {
    let all = place.folder()?.profiles().all()?;
    all.into_iter().find(|profile| profile.name.as_str() == name.expose_secret()).ok_or_else(|| {
        Failure::usage("no profile has that name").hint(
            "a token is not accepted as an argument, which every user can see in `ps`: pipe it in, or give its @FILE",
        )
    })
}

/// The saved tokens of a profile.
fn saved(name: &SecretString, place: &GlobalOptions) -> Result<TokenSet, Failure> {
    let target = Target { profile: profile(name, place)?.name, no_input: false };
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
