//! `tokscope vault home`.

use super::cached;
use crate::{
    cli::{Exit, Failure, GlobalOptions, interaction::Terminal, lock, output, signals},
    session::Moved,
    store::identity::Home,
    text::visible,
    trouble::Code,
};

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

impl Move {
    pub(super) fn run(&self, place: &GlobalOptions) -> Result<Exit, Failure> {
        let folder = place.folder()?;
        let Some(to) = self.to else {
            let shown = visible(&folder.vault().display().to_string()).into_owned();
            return output::print(&match folder.home()? {
                Some(home) => format!("{home}: the key of the vault in {shown} is kept {}\n", home.meaning()),
                None => format!("not chosen yet: the first login uses the keyring, if available ({shown})\n"),
            })
            .and_then(|()| folder.cached_until().map_or(Ok(()), |until| output::print(&format!("{}\n", cached(until)))))
            .map(|()| Exit::Yes);
        };
        let terminal = Terminal::new(!self.no_input);
        let _holder = lock::enter(&folder);
        let moved = signals::run(async { Ok(folder.move_key(to, &terminal).await?) })?;
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
}
