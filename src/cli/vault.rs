//! `tokscope vault`: the home of the vault's key.

use chrono::TimeDelta;

use super::{
    Exit, Failure, GlobalOptions, interaction::Terminal, lock, output, signals::run as wait, times::some_span,
};
use crate::{
    clock::{self, Timestamp, Zone},
    session::{Moved, unlock_keyring},
    store::identity::Home,
    text::visible,
    trouble::Code,
};

/// The arguments of `tokscope vault`.
#[derive(Debug, Clone, clap::Args)]
pub struct Vault {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do with the vault.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Command {
    /// Show where the vault's key is kept, or move it to another home
    Home(Move),
    /// Unlock the keyring that holds the key; its own dialog may ask. With --for, keep the key of a passphrase for a time
    Unlock(Unlock),
}

/// `tokscope vault home`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
HOME is one of:
  keyring     in the system keyring (Secret Service)
  passphrase  in a file encrypted with a passphrase, asked for once a session;
              choose it again to change the passphrase
  plain       in a file that only you, and every program you run, can read

The key is stored in its new home and read back, the home is written to
config.toml, and only then is the key removed from the old home. A move from
plain creates a new key, because the old one could be read: everything saved
is re-encrypted with it. An interrupted move continues with the next command
that opens the vault, or when you run it again. `memory` is chosen with
--identity or in config.toml: then nothing is saved.

Exit code: 0; 2 error, and the key stays where it was.")]
pub struct Move {
    /// Where to move it: keyring, passphrase or plain; default: show where it is
    #[arg(value_name = "HOME")]
    pub to: Option<Home>,

    /// Never ask: fail if a question would be needed
    #[arg(long)]
    pub no_input: bool,
}

/// `tokscope vault unlock`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
--for asks for the vault's passphrase once and keeps the key in your keyring
of the Linux kernel for that time: no file, no daemon. Meanwhile no command
asks, and every program that you run can read the key. `tokscope lock`, L and
the idle lock in the terminal program remove it.
  tokscope vault unlock --for 1h

Exit code: 0; 2 error: wrong passphrase, or the kernel refuses.")]
pub struct Unlock {
    /// Keep the key of a passphrase for so long, such as 30m or 1h
    #[arg(long = "for", value_name = "TIME", value_parser = some_span)]
    pub span: Option<TimeDelta>,

    /// Never ask: fail if a question would be needed
    #[arg(long)]
    pub no_input: bool,
}

/// Runs it.
pub fn run(vault: &Vault, place: &GlobalOptions) -> Result<Exit, Failure> {
    match &vault.command {
        None => home(&Move { to: None, no_input: true }, place),
        Some(Command::Home(arguments)) => home(arguments, place),
        Some(Command::Unlock(arguments)) => match arguments.span {
            Some(span) => cache(span, !arguments.no_input, place),
            None => unlock(),
        },
    }
}

fn home(arguments: &Move, place: &GlobalOptions) -> Result<Exit, Failure> {
    let folder = place.folder()?;
    let Some(to) = arguments.to else {
        let shown = visible(&folder.vault().display().to_string()).into_owned();
        return output::print(&match folder.home()? {
            Some(home) => format!("{home}: the key of the vault in {shown} is kept {}\n", home.meaning()),
            None => format!("not chosen yet: the first login uses the keyring, if available ({shown})\n"),
        })
        .and_then(|()| folder.cached_until().map_or(Ok(()), |until| output::print(&format!("{}\n", cached(until)))))
        .map(|()| Exit::Yes);
    };
    let terminal = Terminal::new(!arguments.no_input);
    let _holder = lock::enter(&folder);
    let moved = wait(async { Ok(folder.move_key(to, &terminal).await?) })?;
    if moved == Moved::Held {
        let failure = Failure::new("another tokscope still holds the vault's key").coded(Code::Busy);
        return Err(failure.hint("close it, then move the key again; nothing was changed"));
    }
    output::tell(&format!("the vault's key is kept {} ({to})", to.meaning()));
    if moved == Moved::InUse {
        output::tell(
            "another tokscope is using some of the saved tokens: they are encrypted with the new key as soon as it is \
             done; until then the old key is kept, encrypted, beside them",
        );
    }
    Ok(Exit::Yes)
}

fn unlock() -> Result<Exit, Failure> {
    let asking = || output::tell("the keyring asks in its own window; Ctrl-C cancels");
    wait(async { Ok(unlock_keyring(asking).await?) })?;
    output::tell("the keyring is unlocked");
    Ok(Exit::Yes)
}

/// Keeps the key of a passphrase in the kernel's keyring.
fn cache(span: TimeDelta, input: bool, place: &GlobalOptions) -> Result<Exit, Failure> {
    let folder = place.folder()?;
    match folder.home()? {
        Some(Home::Passphrase) if !folder.is_new()? => {}
        Some(Home::Passphrase) => {
            return Err(Failure::usage("the vault has no key yet").hint("the first login creates it"));
        }
        home => {
            let kept = home.map_or("not chosen yet", |home| home.meaning());
            let failure = Failure::usage(format!("the vault's key is not behind a passphrase: {kept}"));
            return Err(failure.hint("--for is for a passphrase: `tokscope vault home passphrase` moves the key there"));
        }
    }
    let _holder = lock::enter(&folder);
    let terminal = Terminal::new(input);
    let key = wait(async { Ok(folder.key(None, false, &terminal).await?) })?;
    let until = folder.cache_key(&key, span)?;
    output::tell(&format!("{}; `tokscope lock` removes it", cached(until)));
    Ok(Exit::Yes)
}

/// Where the key is beside its home.
pub(super) fn cached(until: Timestamp) -> String {
    let (left, at) = (clock::relative(until, clock::now()), clock::local(until, Zone::System));
    format!("the key is in the kernel's keyring, where every program of yours can read it; it goes {left} · {at}")
}
