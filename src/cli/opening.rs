//! The vault of a configuration folder, opened for a command.

use super::{Failure, GlobalOptions, input::Source, interaction::Terminal, lock, output::tell, signals};
use crate::{
    providers,
    session::{Location, Session},
    store::{
        holders::{Holder, Passage},
        identity::{Home, UnlockedIdentity},
    },
};

/// The use cases, over a vault in memory.
pub(super) fn session() -> Session {
    Session::in_memory(providers::ALL)
}

/// Finds the key of the vault in this folder. From before it is here `tokscope lock` reaches this process, so that there is
/// no moment in which a lock would miss it.
pub(super) fn key(folder: &Location, terminal: &Terminal) -> Result<(UnlockedIdentity, Option<Holder>), Failure> {
    let holder = if folder.home()? == Some(Home::Memory) { None } else { lock::enter(folder) };
    Ok((signals::run(async { Ok(folder.key(None, false, terminal).await?) })?, holder))
}

/// The use cases over the vault in this folder, and the home of its key.
pub(super) fn open(
    session: &Session,
    folder: &Location,
    terminal: &Terminal,
) -> Result<(Session, Home, Option<Holder>), Failure> {
    let (opened, holder) = key(folder, terminal)?;
    let home = opened.home;
    if opened.chosen {
        tell(&format!("the vault's key is kept {} ({home}); `tokscope vault home` moves it", home.meaning()));
    }
    Ok((session.open(folder, opened)?.0, home, holder))
}

/// The use cases over the vault in this folder where its key is at hand, for a command that reads and ends: without threads,
/// signals or a holder's file. `tokscope lock` waits for the passage, which is to be dropped last.
pub(super) fn in_passing(session: &Session, folder: &Location) -> Option<(Passage, Session)> {
    let passage = folder.pass()?;
    let key = folder.key_at_hand().ok()??;
    Some((passage, session.open(folder, key).ok()?.0))
}

/// The use cases over the vault in this folder, as far as it can be read without a question and without a keyring: else it is
/// locked.
pub(super) fn unasked(session: &Session, folder: &Location) -> Result<(Session, Option<Holder>), Failure> {
    let is_readable = match folder.home()? {
        Some(Home::Plain) => true,
        Some(Home::Passphrase) => folder.cached_until().is_some(),
        _ => false,
    };
    match is_readable || folder.is_new()? {
        true => saved(session, folder, &Terminal::new(false)),
        false => Ok((session.closed(folder)?, None)),
    }
}

/// The same where something may be saved; over a vault in memory where nothing ever was, which is not begun by a question for it.
pub(super) fn saved(
    session: &Session,
    folder: &Location,
    terminal: &Terminal,
) -> Result<(Session, Option<Holder>), Failure> {
    if folder.is_new()? {
        return Ok((session.clone(), None));
    }
    open(session, folder, terminal).map(|(session, _, holder)| (session, holder))
}

/// What was encrypted for the vault when it could not be printed (see [`super::deliver`]); anything else as it is.
pub(super) fn unsealed(
    place: &GlobalOptions,
    source: &Source,
    bytes: Vec<u8>,
    terminal: &Terminal,
) -> Result<Vec<u8>, Failure> {
    /// The first bytes of a file of age.
    const SEALED: &[u8] = b"age-encryption.org/";
    if !bytes.starts_with(SEALED) {
        return Ok(bytes);
    }
    let (opened, _holder) = key(&place.folder()?, terminal)?;
    let text = opened.identity.open(&bytes).map_err(|_| {
        Failure::new(format!("{source} cannot be decrypted: it is damaged, or encrypted for another vault"))
            .hint("use --config-dir to name the vault that it belongs to")
    })?;
    Ok(text.to_vec())
}
