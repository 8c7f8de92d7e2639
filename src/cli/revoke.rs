//! `tokscope revoke`.

mod report;

pub(super) use self::report::{Report, Revoked, lines, objects};
use super::{
    Exit, Failure, GlobalOptions,
    input::Source,
    invocation::Invocation,
    named::{Target, find},
    output, protected,
    style::Style,
    token_set::INPUT_HELP,
};
use crate::{
    auth::{Revocation, Settings, TokenKind},
    clock::{self, Zone},
    profile::{self, Protected},
    secret::ExposeSecret as _,
    session::{Ended, Wanted},
    text::visible,
    token::{Form, Token, lifetime::Lifetime},
};

/// The arguments of `tokscope revoke`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = format!("\
{INPUT_HELP}

A profile keeps the tokens that a login or refresh replaced until they are
dead: --generation names such a set by its number, all means every one.

A server that says yes was asked; that does not prove that a token is dead.
--json prints one object: {{\"profile\": \"lms\", \"tokens\": [{{\"generation\": 3,
\"kind\": \"refresh\", \"fingerprint\": \"10ad55c3\", \"asked\": true, \"status\":
200, \"verdict\": \"unknown\", \"until\": null, \"reason\": null}}]}}; kind is
\"access\", \"refresh\", \"id\" or \"token\"; verdict is \"dead\" (by time),
\"alive_until\" (with until), \"alive\" or \"unknown\"; reason says why a token
was not asked for.

In a protected environment ([environments] in config.toml) it asks for the
environment's name on the terminal; without one, --yes-env ENV confirms.

Exit code: 0 the server was asked to revoke every token (ID tokens grant
nothing and do not count); 1 it was not, or refused; 2 error: network,
settings."))]
pub struct Revoke {
    #[command(flatten)]
    target: Target,

    /// The tokens: @FILE, or - for standard input; default: piped input, else the saved ones
    #[arg(value_name = "@FILE|-")]
    pub tokens: Option<Source>,

    /// Confirm for a protected environment, by its name: needed where there is no terminal to ask on
    #[arg(long, value_name = "ENV")]
    pub yes_env: Option<String>,

    /// Which token set: its number, or all; default: the current one
    #[arg(long, value_name = "N|all", value_parser = wanted)]
    pub generation: Option<Wanted>,

    /// Print one JSON object, for programs
    #[arg(long)]
    pub json: bool,
}

/// Reads which token set is meant.
fn wanted(text: &str) -> Result<Wanted, String> {
    match text {
        "all" => Ok(Wanted::All),
        number => number.parse().map(Wanted::Generation).map_err(|_| "write a number, or all".to_owned()),
    }
}

/// Revokes, and prints what became of each token.
pub fn run(revoke: &Revoke, place: &GlobalOptions) -> Result<Exit, Failure> {
    let profile = find(&place.dir()?, &revoke.target.profile)?;
    let asked = needs_name(revoke, &profile, &place.folder()?.settings()?.environments.protected())?;
    let call = Invocation::with_tokens(&revoke.target, place, revoke.tokens.as_ref(), None)?;
    let wanted = revoke.generation.unwrap_or_default();
    if let Some(environment) = asked {
        confirm(&call, wanted, environment)?;
    }
    let ended = call.run(call.session.revoke(&call.profile, wanted, &call.terminal))?;
    if revoke.json {
        output::print_json(&Report { profile: call.profile.name.as_str(), tokens: objects(&ended) })?;
    } else {
        output::print(&lines(&ended, Style::stdout()))?;
    }
    match ended.iter().all(Ended::is_asked) {
        true => call.end(Exit::Yes),
        false => call.end(Exit::No),
    }
}

/// The environment whose name is to be typed. Where no user can be asked, the name must be among the arguments: that is said
/// before anything is opened.
fn needs_name<'a>(
    revoke: &Revoke,
    profile: &'a profile::Profile,
    protected: &Protected,
) -> Result<Option<&'a str>, Failure> {
    let environment = profile.environment.as_deref();
    match (&revoke.yes_env, environment) {
        (Some(given), Some(environment)) if protected::is_same(given, environment) => Ok(None),
        (Some(_), _) => {
            let (name, is) = (&profile.name, environment.map(visible));
            let is = is.map_or("has no environment".to_owned(), |is| format!("is in the environment {is}"));
            Err(Failure::new(format!("--yes-env names another environment: {name} {is}; nothing was sent"))
                .hint("check which profile is meant: `tokscope profile list` shows the environments"))
        }
        (None, environment) => {
            let environment = environment.filter(|environment| protected.covers(environment));
            if let Some(environment) = environment {
                protected::askable(profile.name.as_str(), environment, !revoke.target.no_input)?;
            }
            Ok(environment)
        }
    }
}

/// Asks for the name of the environment, after saying where, whose, which tokens, and what no server can take back.
fn confirm(call: &Invocation, wanted: Wanted, environment: &str) -> Result<(), Failure> {
    let profile = &call.profile;
    let mut lines = vec![format!("Revoke tokens of {} at the server?", profile.name)];
    lines.push(format!("environment  {environment}"));
    let settings = Settings::parse(call.descriptor, profile).ok();
    lines.extend(settings.and_then(|settings| settings.server()).map(|server| format!("server       {server}")));
    let record = call.session.record(&profile.name)?.unwrap_or_default();
    for set in record.sets(clock::now()).filter(|set| wanted.covers(set.number, set.is_current)) {
        lines.extend(set.account.as_ref().map(|account| format!("account      {account}")));
        let which = if set.is_current { " (current)" } else { "" };
        lines.push(format!("generation   {}{which}: {}", set.number, set.fingerprints()));
        let access = set.token_set.as_ref().and_then(|set| set.token(TokenKind::Access));
        if let Some(access) = access {
            let token = Token::inspect(access.raw.expose_secret());
            let end = Lifetime::new(token.dates(), access.expires_at, None).expires_at;
            if matches!(token.form(), Form::Jws(_)) && end.is_none_or(|end| end > clock::now()) {
                let until = end.map(|end| clock::local(end, Zone::System));
                lines.push(Revocation::outlasts(until.as_deref()));
            }
        }
    }
    lines.push("Programs that use them stop working. This cannot be undone.".to_owned());
    protected::confirm(profile.name.as_str(), environment, &lines, "revoke")
}
