//! `tokscope copy`: what it puts on the clipboard, it also takes off again.

mod keeper;
mod wanted;

use std::{
    env,
    fs::OpenOptions,
    io::{self, IsTerminal as _, Write as _},
};

use chrono::TimeDelta;

pub use self::wanted::What;
use self::{
    keeper::{Keeper, hand_over, hold},
    wanted::wanted,
};
use super::{Exit, Failure, GlobalOptions, candidates, input::Source, lock, output::tell, times::some_span};
use crate::{
    clock,
    host::clipboard::{Osc52, Way},
    secret::SecretString,
};

/// The arguments of `tokscope copy`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
The tokens are a profile's saved ones, or come from standard input or a file:
the output of `login --json` or `refresh --json`, any token response, or a
bare token, which is read as the access token.
  tokscope copy lms --what header

WHAT is one of:
  access, refresh, id   the token
  header                the Authorization header
  claims                the claims of the access token
  /POINTER              a value in them (RFC 6901), such as /email or /aud/0
  curl                  a command that prints a fresh token and hands it to
                        curl, so that no token is in it; needs a profile

On X11 and Wayland the clipboard does not store text: it asks the program
that copied it, and the text is lost when that program ends. So on a terminal
this command waits until something else is copied, the time is over, or you
press Ctrl-C; --background leaves this to a background process and returns at
once. A script must choose: --for or --background. `tokscope lock` clears the
text from the clipboard and ends either of them.

Over SSH, or without a display, the text is sent to the terminal's clipboard
(OSC 52). The terminal does not confirm, and the clipboard cannot be read
back: the command returns at once, and the text stays until you copy something
else.

Exit code: 0 copied, or sent to the terminal; 2 error.")]
pub struct Copy {
    /// The profile whose saved tokens to use; or @FILE, or - for standard input; default: piped input
    #[arg(value_name = "PROFILE|@FILE|-", add = candidates::names())]
    pub tokens: Option<Source>,

    /// What to copy: access, refresh, id, header, claims, /POINTER or curl
    #[arg(long, value_name = "WHAT", default_value = "access", add = wanted::candidates())]
    pub what: What,

    /// How long it stays on the clipboard, such as 45s or 5m; default: clear_after_seconds of config.toml
    #[arg(long = "for", value_name = "TIME", value_parser = some_span)]
    pub span: Option<TimeDelta>,

    /// Return at once; a background process keeps it on the clipboard
    #[arg(long)]
    pub background: bool,

    /// That process: the text comes from standard input as it is.
    #[arg(long, hide = true, conflicts_with_all = ["background", "what"])]
    pub held: bool,
}

/// Copies.
pub fn run(copy: &Copy, place: &GlobalOptions) -> Result<Exit, Failure> {
    let folder = place.folder()?;
    if copy.held {
        return hold(copy.span, &folder);
    }
    let way = Way::choose(|name| env::var_os(name));
    let blind = !io::stderr().is_terminal() && copy.span.is_none() && !copy.background;
    if way == Way::Desktop && blind {
        return Err(Failure::usage("this would block; standard error is not a terminal")
            .hint("--for 45s waits that long; --background returns at once"));
    }
    let settings = folder.settings()?.clipboard;
    let usual = Some(TimeDelta::seconds(settings.clear_after_seconds.into())).filter(|span| !span.is_zero());
    let span = copy.span.or(usual);
    // Before the vault is opened; a pipe may take its time, and there is nothing to lock yet.
    let of_profile = matches!(copy.tokens, Some(Source::Argument(_)));
    let early = of_profile.then(|| lock::enter(&folder));
    let (what, text) = wanted(copy, place)?;
    let _holder = early.unwrap_or_else(|| lock::enter(&folder));
    if way == Way::Terminal {
        return through_terminal(what, &text);
    }
    if copy.background {
        hand_over(&text, span, &folder.config)?;
        tell(&format!("copied {what}; a background process keeps it there {}", until(span)));
        return Ok(Exit::Yes);
    }
    let keeper = match Keeper::new(text.clone())? {
        Ok(keeper) => keeper,
        // A display that is set and gone: the terminal may do it.
        Err(why) => {
            tell(&format!("cannot use the desktop's clipboard: {why}"));
            return through_terminal(what, &text);
        }
    };
    tell(&format!(
        "copied {what}, marked to stay out of clipboard histories; it stays {}, while this runs",
        until(span)
    ));
    tell("Ctrl-C clears it at once");
    let cleared = keeper.wait(span)?;
    tell(match (cleared, lock::was_asked()) {
        (true, false) => "clipboard cleared",
        (true, true) => "clipboard cleared: `tokscope lock` asked for it",
        (false, _) => "clipboard not cleared: something else was copied",
    });
    Ok(Exit::Yes)
}

fn through_terminal(what: &str, text: &SecretString) -> Result<Exit, Failure> {
    let Osc52 { sequence, doubt } = Osc52::new(text, |name| env::var_os(name));
    let sent = OpenOptions::new().write(true).open("/dev/tty").and_then(|mut tty| tty.write_all(sequence.as_bytes()));
    sent.map_err(|error| {
        Failure::of_io("no clipboard: no display, and no terminal to ask", error)
            .hint("run it on a terminal, or where DISPLAY or WAYLAND_DISPLAY is set")
    })?;
    tell(&format!("sent {what} to the terminal's clipboard (OSC 52); tokscope cannot tell whether it arrived"));
    doubt.iter().for_each(|doubt| tell(doubt));
    tell("it stays there until you copy something else, because tokscope cannot read the clipboard back");
    Ok(Exit::Yes)
}

fn until(span: Option<TimeDelta>) -> String {
    span.map_or_else(
        || "until you copy something else".to_owned(),
        |span| format!("for {} or until you copy something else", clock::span(span)),
    )
}
