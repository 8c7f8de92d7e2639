//! `tokscope vault unlock`.

use chrono::TimeDelta;

use super::cached;
use crate::{
    cli::{Exit, Failure, GlobalOptions, interaction::Terminal, lock, output, signals, times::some_span},
    session::unlock_keyring,
    store::identity::Home,
};

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

impl Unlock {
    pub(super) fn run(&self, place: &GlobalOptions) -> Result<Exit, Failure> {
        match self.span {
            Some(span) => cache(span, !self.no_input, place),
            None => unlock(),
        }
    }
}

fn unlock() -> Result<Exit, Failure> {
    let asking = || output::tell("the keyring asks in its own window; Ctrl-C cancels");
    signals::run(async { Ok(unlock_keyring(asking).await?) })?;
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
    let key = signals::run(async { Ok(folder.key(None, false, &terminal).await?) })?;
    let until = folder.cache_key(&key, span)?;
    output::tell(&format!("{}; `tokscope lock` removes it", cached(until)));
    Ok(Exit::Yes)
}
