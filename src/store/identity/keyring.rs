//! The home `keyring`: an item of the Secret Service (freedesktop.org), found by the vault's recipient.
//!
//! Whatever the other side does, an answer comes in time: absent, locked and silent are told apart within
//! [`Keyring::PATIENCE`]. Only where the user asked for it may the keyring show its own dialog, and then it gets
//! [`Keyring::PROMPT_PATIENCE`].

use std::time::Duration;

use super::KeyringError;
use crate::secret::SecretString;

/// The keyring of the system.
#[derive(Debug, Clone, Default)]
#[cfg_attr(target_os = "macos", allow(dead_code, reason = "there is no bus to ask"))]
pub struct Keyring {
    /// The D-Bus address; `None`: the session bus.
    address: Option<String>,
}

impl Keyring {
    /// The longest that anything takes that does not ask the user.
    pub const PATIENCE: Duration = Duration::from_secs(2);
    /// How long the user may take to unlock it.
    pub const PROMPT_PATIENCE: Duration = Duration::from_secs(120);

    /// The keyring on another bus than the session's.
    pub fn at(address: &str) -> Self {
        Self { address: Some(address.to_owned()) }
    }

    /// Whether a key could be kept there right now: it answers, is unlocked, and has a place that outlasts the session.
    pub async fn check(&self) -> Result<(), KeyringError> {
        self.ask(false, Request::Check).await.map(drop)
    }

    /// Unlocks it; its own dialog may ask the user.
    pub async fn unlock(&self) -> Result<(), KeyringError> {
        self.ask(true, Request::Check).await.map(drop)
    }

    /// The secret of this recipient; `None`: the keyring is unlocked and has none.
    pub(super) async fn load(&self, recipient: &str, prompt: bool) -> Result<Option<SecretString>, KeyringError> {
        self.ask(prompt, Request::Load { recipient }).await
    }

    /// Keeps the secret of a recipient, in place of one that was there.
    pub(super) async fn save(
        &self,
        recipient: &str,
        label: &str,
        secret: &SecretString,
        prompt: bool,
    ) -> Result<(), KeyringError> {
        self.ask(prompt, Request::Save { recipient, label, secret }).await.map(drop)
    }

    /// Removes the secret of a recipient, if it is there.
    pub(super) async fn remove(&self, recipient: &str, prompt: bool) -> Result<(), KeyringError> {
        self.ask(prompt, Request::Remove { recipient }).await.map(drop)
    }

    #[cfg(not(target_os = "macos"))]
    async fn ask(&self, prompt: bool, request: Request<'_>) -> Result<Option<SecretString>, KeyringError> {
        let patience = if prompt { Self::PROMPT_PATIENCE } else { Self::PATIENCE };
        secret_service::within(patience, secret_service::ask(self.address.as_deref(), prompt, request)).await
    }

    #[cfg(target_os = "macos")]
    async fn ask(&self, _: bool, _: Request<'_>) -> Result<Option<SecretString>, KeyringError> {
        Err(KeyringError::Unsupported)
    }
}

#[derive(Clone, Copy)]
#[cfg_attr(target_os = "macos", allow(dead_code, reason = "there is no keyring to take it"))]
enum Request<'a> {
    Check,
    Load { recipient: &'a str },
    Save { recipient: &'a str, label: &'a str, secret: &'a SecretString },
    Remove { recipient: &'a str },
}

#[cfg(not(target_os = "macos"))]
mod secret_service {
    use std::{collections::HashMap, io, time::Duration};

    use secrecy::zeroize::Zeroizing;
    use secret_service::{Collection, EncryptionType, Error, Item, SecretService};
    use zbus::connection::Builder;

    use super::{Keyring, KeyringError, Request};
    use crate::{
        secret::{ExposeSecret as _, SecretString},
        trouble::Trouble,
    };

    pub(super) async fn within<T>(
        patience: Duration,
        work: impl Future<Output = Result<T, KeyringError>>,
    ) -> Result<T, KeyringError> {
        tokio::time::timeout(patience, work).await.unwrap_or(Err(KeyringError::Silent))
    }

    pub(super) async fn ask(
        address: Option<&str>,
        prompt: bool,
        request: Request<'_>,
    ) -> Result<Option<SecretString>, KeyringError> {
        // A program that is there and silent is one also when the user could be asked.
        let service = within(Keyring::PATIENCE, connect(address)).await?;
        match request {
            Request::Check => open_collection(&service, prompt).await.map(|_| None),
            Request::Load { recipient } => match find(&service, recipient, prompt).await? {
                Some(item) => secret(&item).await.map(Some),
                None => Ok(None),
            },
            Request::Save { recipient, label, secret } => {
                let collection = open_collection(&service, prompt).await?;
                let secret = secret.expose_secret().as_bytes();
                let created = collection.create_item(label, attributes(recipient), secret, true, "text/plain").await;
                created.map(|_| None).map_err(named)
            }
            Request::Remove { recipient } => match find(&service, recipient, prompt).await? {
                Some(item) => item.delete().await.map(|()| None).map_err(named),
                None => Ok(None),
            },
        }
    }

    async fn connect(address: Option<&str>) -> Result<SecretService<'static>, KeyringError> {
        let builder = match address {
            Some(address) => Builder::address(address),
            None => Builder::session(),
        };
        let absent = |error: zbus::Error| match &error {
            zbus::Error::InputOutput(cause) | zbus::Error::Connection(cause, _) if !is_absent(cause) => {
                named(error.into())
            }
            zbus::Error::InputOutput(_) | zbus::Error::Connection(..) | zbus::Error::Address(_) => {
                self::absent("no session bus is running", error)
            }
            _ => named(error.into()),
        };
        let connection = builder.map_err(absent)?.build().await.map_err(absent)?;
        // The secret crosses the bus encrypted, for whoever else may listen there.
        SecretService::connect_with_existing(EncryptionType::Dh, connection).await.map_err(named)
    }

    fn is_absent(error: &io::Error) -> bool {
        use io::ErrorKind::{ConnectionRefused, NotFound};
        matches!(error.kind(), NotFound | ConnectionRefused)
    }

    /// Where new items go: the default collection and no other, since that of the session is gone with it.
    async fn open_collection<'a>(
        service: &'a SecretService<'static>,
        prompt: bool,
    ) -> Result<Collection<'a>, KeyringError> {
        let collection = within(Keyring::PATIENCE, async {
            let collection = service.get_default_collection().await.map_err(|error| match error {
                Error::NoResult => KeyringError::NoCollection,
                error => named(error),
            })?;
            let locked = collection.is_locked().await.map_err(named)?;
            if locked && !prompt { Err(KeyringError::Locked) } else { Ok((collection, locked)) }
        });
        let (collection, locked) = collection.await?;
        if locked {
            collection.unlock().await.map_err(named)?;
        }
        Ok(collection)
    }

    async fn find<'a>(
        service: &'a SecretService<'static>,
        recipient: &str,
        prompt: bool,
    ) -> Result<Option<Item<'a>>, KeyringError> {
        let search = || async { service.search_items(attributes(recipient)).await.map_err(named) };
        let mut found = within(Keyring::PATIENCE, search()).await?;
        if found.unlocked.is_empty() && found.locked.is_empty() {
            // Some keyrings show nothing of what is in a locked collection.
            match open_collection(service, prompt).await {
                Ok(_) => found = search().await?,
                Err(KeyringError::NoCollection) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        if let Some(item) = found.unlocked.pop() {
            return Ok(Some(item));
        }
        match found.locked.pop() {
            Some(_) if !prompt => Err(KeyringError::Locked),
            Some(item) => {
                item.unlock().await.map_err(named)?;
                Ok(Some(item))
            }
            None => Ok(None),
        }
    }

    async fn secret(item: &Item<'_>) -> Result<SecretString, KeyringError> {
        let secret = Zeroizing::new(item.get_secret().await.map_err(named)?);
        let text = std::str::from_utf8(&secret)
            .map_err(|error| KeyringError::Failed(Trouble::bare("its item is not text").because(error)))?;
        Ok(text.into())
    }

    fn attributes(recipient: &str) -> HashMap<&str, &str> {
        HashMap::from([("application", "tokscope"), ("recipient", recipient)])
    }

    fn absent(what: &str, error: impl std::error::Error + Send + Sync + 'static) -> KeyringError {
        KeyringError::Absent(Trouble::bare(what).because(error))
    }

    /// By the error's type and D-Bus name. Its text comes from the bus and never holds a secret of ours.
    fn named(error: Error) -> KeyringError {
        let error = match error {
            Error::Locked => return KeyringError::Locked,
            Error::Prompt => return KeyringError::Dismissed,
            Error::Unavailable => return absent("no secret service on the session bus", error),
            Error::Zbus(zbus::Error::FDO(error)) | Error::ZbusFdo(zbus::fdo::Error::ZBus(zbus::Error::FDO(error))) => {
                Error::ZbusFdo(*error)
            }
            error => error,
        };
        let name = match &error {
            Error::Zbus(zbus::Error::MethodError(name, ..)) => name.as_str().to_owned(),
            Error::ZbusFdo(error) => zbus::DBusError::name(error).as_str().to_owned(),
            _ => String::new(),
        };
        match name.strip_prefix("org.freedesktop.DBus.Error.") {
            Some("ServiceUnknown" | "NameHasNoOwner") => absent("no secret service on the session bus", error),
            Some(start) if start.starts_with("Spawn.") => absent("the secret service does not start", error),
            Some("NoReply" | "Timeout" | "TimedOut") => KeyringError::Silent,
            _ if name == "org.freedesktop.Secret.Error.IsLocked" => KeyringError::Locked,
            _ => KeyringError::Failed(Trouble::of(error)),
        }
    }
}

#[cfg(all(test, not(target_os = "macos")))]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[tokio::test]
    async fn a_bus_that_is_not_there_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let address = format!("unix:path={}", dir.path().join("bus").display());
        let error = Keyring::at(&address).check().await.unwrap_err();
        let KeyringError::Absent(why) = &error else { panic!("{error}") };
        let cause = std::error::Error::source(why).and_then(|cause| cause.downcast_ref::<zbus::Error>());
        assert!(cause.is_some(), "what the bus said is kept: {why:?}");
        let error = Keyring::at("nonsense").check().await.unwrap_err();
        assert!(matches!(error, KeyringError::Absent(_)), "{error}");
    }

    #[tokio::test]
    async fn a_bus_that_takes_calls_and_says_nothing_is_named_in_time() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("bus");
        // Its backlog takes the connections, which are never read.
        let listener = UnixListener::bind(&path).unwrap();
        let keyring = Keyring::at(&format!("unix:path={}", path.display()));
        let start = std::time::Instant::now();
        let answers = tokio::join!(keyring.check(), keyring.unlock(), keyring.load("age1", true));
        assert_eq!(answers.0, Err(KeyringError::Silent));
        assert_eq!(answers.1, Err(KeyringError::Silent), "although the user may be asked");
        assert!(matches!(answers.2, Err(KeyringError::Silent)));
        assert!(start.elapsed() < Keyring::PATIENCE + Duration::from_millis(500), "{:?}", start.elapsed());
        drop(listener);
    }
}
