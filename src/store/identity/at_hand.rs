//! The identity where it can be had at once, for a command that only reads.

use std::path::Path;

use super::{Home, Identity, IdentityError, file, kernel};

/// The identity of a vault that is at rest, where reading a file or the kernel's keyring is enough. `None`: a question, the
/// system's keyring or a change of the vault would be needed.
pub fn at_hand(home: Home, folder: &Path) -> Result<Option<Identity>, IdentityError> {
    let Some((recipient, None)) = file::recipients(folder)? else { return Ok(None) };
    let found = match home {
        Home::Plain => file::load_plain(folder)?,
        Home::Passphrase => {
            kernel::load(&recipient).filter(|_| folder.join(file::SEALED_FILE).exists()).map(|cached| cached.identity)
        }
        Home::Keyring | Home::Memory => None,
    };
    // What an earlier version has left is rewritten when the vault is opened.
    Ok(found.filter(|identity| identity.is_strict() && identity.recipient() == recipient))
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Keyring, Site, open},
        *,
    };
    use crate::auth::NoInteraction;

    #[tokio::test]
    async fn a_key_is_at_hand_where_the_vault_is_at_rest() {
        let dir = tempfile::tempdir().unwrap();
        let keyring = Keyring::at("unix:path=/nonexistent/bus");
        let site = Site { folder: dir.path(), keyring, user: &NoInteraction, prompt: false };
        let found = |home| at_hand(home, dir.path()).unwrap().map(|identity| identity.recipient());
        assert_eq!(found(Home::Plain), None, "none was made");
        let key = open(Home::Plain, &site).await.unwrap();
        assert_eq!(found(Home::Plain), Some(key.recipient()));
        assert_eq!([Home::Keyring, Home::Passphrase, Home::Memory].map(found), [None, None, None]);
        file::write_recipients(dir.path(), &key, Some(&Identity::generate())).unwrap();
        assert_eq!(found(Home::Plain), None, "it is on its way to another home");
        file::write_recipients(dir.path(), &Identity::generate(), None).unwrap();
        assert_eq!(found(Home::Plain), None, "another one");
        let old = Identity::of_version_1();
        file::save_plain(dir.path(), &old).unwrap();
        file::write_recipients(dir.path(), &old, None).unwrap();
        assert_eq!(found(Home::Plain), None, "what version 1 has left is to be rewritten");
    }
}
