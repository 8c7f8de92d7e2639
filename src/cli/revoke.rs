//! `tokscope revoke`.

use std::fmt::Write as _;

use serde::Serialize;

use super::{
    Exit, Failure, GlobalOptions,
    input::Source,
    interaction::Terminal,
    invocation::Invocation,
    named::{Target, find},
    output,
    style::{Role, Style},
    token_set::INPUT_HELP,
};
use crate::{
    auth::{Fate, Revocation, Settings, TokenKind},
    clock::{self, Zone},
    profile::{self, Protected},
    secret::ExposeSecret as _,
    text::visible,
    token::{Form, Token, lifetime::Lifetime},
};

/// The arguments of `tokscope revoke`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = format!("\
{INPUT_HELP}

--json prints one object: {{\"profile\": \"lms\", \"tokens\": [{{\"kind\":
\"refresh\", \"revoked\": true, \"reason\": null}}]}}; kind is \"access\",
\"refresh\" or \"id\", and reason says why a token is still active.

In a protected environment ([environments] in config.toml) it asks for the
environment's name on the terminal; without one, --yes-env ENV confirms.

Exit code: 0 at least one token was revoked; 1 none was, or the server
refused; 2 error: network, settings."))]
pub struct Revoke {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would take it for help")]
    pub target: Target,

    /// The tokens: @FILE, or - for standard input; default: piped input, else the saved ones
    #[arg(value_name = "@FILE|-")]
    pub tokens: Option<Source>,

    /// Confirm for a protected environment, by its name: needed where there is no terminal to ask on
    #[arg(long, value_name = "ENV")]
    pub yes_env: Option<String>,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report<'a> {
    profile: &'a str,
    tokens: Vec<Revoked<'a>>,
}

#[derive(Serialize)]
struct Revoked<'a> {
    kind: String,
    revoked: bool,
    reason: Option<&'a str>,
}

/// Revokes, and prints what became of each token.
pub fn run(revoke: &Revoke, place: &GlobalOptions) -> Result<Exit, Failure> {
    let profile = find(&place.dir()?, &revoke.target.profile)?;
    let asked = needs_name(revoke, &profile, &place.folder()?.settings()?.environments.protected())?;
    let call = Invocation::with_tokens(&revoke.target, place, revoke.tokens.as_ref(), None)?;
    if let Some(environment) = asked {
        confirm(&call, environment)?;
    }
    let revocation = call.run(call.session.revoke(&call.profile, &call.terminal))?;
    if revoke.json {
        let tokens = revocation.tokens.iter().map(|(kind, fate)| {
            let reason = match fate {
                Fate::Revoked => None,
                Fate::Alive(why) => Some(why.as_str()),
            };
            Revoked { kind: kind.to_string(), revoked: reason.is_none(), reason }
        });
        output::print_json(&Report { profile: call.profile.name.as_str(), tokens: tokens.collect() })?;
    } else {
        let style = Style::stdout();
        let mut out = String::new();
        for (kind, fate) in &revocation.tokens {
            let (role, words) = match fate {
                Fate::Revoked => (Role::Good, "revoked".to_owned()),
                Fate::Alive(why) => (Role::Warning, format!("still active: {}", visible(why))),
            };
            let _ = writeln!(out, "{:<8}  {}", kind.to_string(), style.paint(role, words));
        }
        output::print(&out)?;
    }
    match revocation.tokens.iter().any(|(_, fate)| *fate == Fate::Revoked) {
        true => call.end(Exit::Yes),
        false => call.end(Exit::No),
    }
}

/// The environment whose name is to be typed. Where nobody can be asked, the name must be among the arguments: that is said
/// before anything is opened.
fn needs_name<'a>(
    revoke: &Revoke,
    profile: &'a profile::Profile,
    protected: &Protected,
) -> Result<Option<&'a str>, Failure> {
    let environment = profile.environment.as_deref();
    match (&revoke.yes_env, environment) {
        (Some(given), Some(environment)) if is_same(given, environment) => Ok(None),
        (Some(_), _) => {
            let (name, is) = (&profile.name, environment.map(visible));
            let is = is.map_or("has no environment".to_owned(), |is| format!("is in the environment {is}"));
            Err(Failure::new(format!("--yes-env names another environment: {name} {is}; nothing was revoked"))
                .hint("check which profile is meant: `tokscope profile list` shows the environments"))
        }
        (None, environment) => {
            let environment = environment.filter(|environment| protected.covers(environment));
            match environment {
                Some(environment) if revoke.target.no_input || !Terminal::is_there() => {
                    Err(nobody(profile, environment))
                }
                environment => Ok(environment),
            }
        }
    }
}

fn nobody(profile: &profile::Profile, environment: &str) -> Failure {
    let (name, environment) = (&profile.name, visible(environment));
    Failure::new(format!(
        "{name} is in the protected environment {environment}, and this run cannot ask; nothing was revoked"
    ))
    .hint(format!("--yes-env {environment} confirms"))
}

fn is_same(given: &str, environment: &str) -> bool {
    given.trim().to_lowercase() == environment.trim().to_lowercase()
}

/// Asks for the name of the environment, after saying where, whose, and what no server can take back.
fn confirm(call: &Invocation, environment: &str) -> Result<(), Failure> {
    let profile = &call.profile;
    let mut lines = vec![format!("Revoke the tokens of {} at the server?", profile.name)];
    lines.push(format!("environment  {environment}"));
    let settings = Settings::parse(call.descriptor, profile).ok();
    lines.extend(settings.and_then(|settings| settings.server()).map(|server| format!("server       {server}")));
    let set = call.session.token_set(&profile.name)?;
    lines.extend(set.iter().filter_map(|set| set.account.as_ref()).map(|account| format!("account      {account}")));
    let access = set.as_ref().and_then(|set| set.token(TokenKind::Access));
    if let Some(access) = access {
        let token = Token::inspect(access.raw.expose_secret());
        let end = Lifetime::new(token.dates(), access.expires_at, None).expires_at;
        if matches!(token.form(), Form::Jws(_)) && end.is_none_or(|end| end > clock::now()) {
            let until = end.map(|end| clock::local(end, Zone::System));
            lines.push(Revocation::outlasts(until.as_deref()));
        }
    }
    lines.push("Programs that use them stop working. This cannot be undone.".to_owned());
    let question = format!("Type {environment} to revoke");
    let typed = call.terminal.line(&lines, &question).map_err(|_| nobody(profile, environment))?;
    match typed.is_some_and(|typed| is_same(&typed, environment)) {
        true => Ok(()),
        false => Err(Failure::new("that is not the name of the environment; nothing was revoked").negative()),
    }
}
