//! `tokscope lock`, and the commands that it reaches.

use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicBool, Ordering},
};

use signal_hook::{consts::SIGUSR1, flag};

use super::{Exit, Failure, GlobalOptions, output};
use crate::{
    session::Location,
    store::holders::{Holder, Told},
};

/// The arguments of `tokscope lock`.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Every tokscope that uses the same configuration folder drops the vault's key
and everything it has decrypted, and clears what it has copied to the
clipboard. A command that is waiting, for a browser for example, ends. A
request that was sent is finished first, so that its tokens are saved. A
terminal program then shows only when tokens expire; automatic refresh
continues where the key can be fetched without you (keyring, plain), for one
request at a time. This waits at most 2 seconds.

Exit code: 0 no tokscope holds the key any more; 1 one still does.")]
pub struct Lock {}

/// Tells all to lock, and says what came of it.
pub fn run(_: &Lock, place: &GlobalOptions) -> Result<Exit, Failure> {
    let folder = place.unchecked_folder()?;
    let was_cached = folder.cached_until().is_some();
    let told = folder.lock_all()?;
    output::print(&format!("{}\n", words(told)))?;
    if was_cached {
        output::tell("the key was removed from the kernel's keyring");
    }
    if told.finishing > 0 {
        output::tell("a request was sent: when the server responds, its tokens are saved and the key is dropped");
    }
    if told.holding > 0 {
        output::tell("they hang, or run as another user, in a container or on another machine: stop them there");
    }
    Ok(if told.finishing + told.holding == 0 { Exit::Yes } else { Exit::No })
}

fn words(Told { locked, finishing, holding }: Told) -> String {
    let counted = [(locked, "locked"), (finishing, "finishing a request"), (holding, "still holding the key")];
    let parts: Vec<_> =
        counted.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if parts.is_empty() { "no running tokscope holds the vault's key".to_owned() } else { parts.join(", ") }
}

/// Whether `tokscope lock` has told this process to lock.
static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// From now on `tokscope lock` reaches this process: to be called before it has what it is going to hold.
pub(super) fn enter(folder: &Location) -> Option<Holder> {
    let heeded = flag::register(SIGUSR1, Arc::clone(&ASKED)).map_err(|error| error.to_string());
    let entered = heeded.and_then(|_| folder.enter().map_err(|error| error.to_string()));
    entered.inspect_err(|why| output::tell(&format!("`tokscope lock` cannot reach this process: {why}"))).ok()
}

/// Whether `tokscope lock` has come since [`enter`].
pub(super) fn was_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_adds_up() {
        let told = |locked, finishing, holding| words(Told { locked, finishing, holding });
        assert_eq!(told(0, 0, 0), "no running tokscope holds the vault's key");
        assert_eq!(told(2, 0, 0), "2 locked");
        assert_eq!(told(0, 1, 0), "1 finishing a request");
        assert_eq!(told(3, 1, 2), "3 locked, 1 finishing a request, 2 still holding the key");
    }
}
