//! New tokens that could not be printed, where nothing else keeps them: they go where the vault's rescue goes, encrypted for
//! the vault's key where there is one, and `@FILE` takes them from there.

use serde_json::Value;

use super::{Failure, Place, call::Call, input::Source};
use crate::store::{
    identity::{self, Recipient},
    vault::{self, rescue},
};

/// The first bytes of a file of age.
const SEALED: &[u8] = b"age-encryption.org/";

/// Whether these bytes are encrypted.
pub(super) fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(SEALED)
}

/// Keeps tokens that could not be printed, and says where they are. `why` is what the output said.
pub(super) fn keep(call: &Call, tokens: &Value, why: &Failure) -> Failure {
    let text = tokens.to_string();
    let name = &call.profile.name;
    let recipient = identity::recipient(&vault::path(&call.dir)).ok().flatten();
    let recipient = recipient.and_then(|text| Recipient::parse(&text));
    let (contents, how, ending) = match recipient {
        Some(recipient) => (recipient.seal(text.as_bytes()), "encrypted for the vault", "age"),
        None => (text.into_bytes(), "readable only by you, but not encrypted: the vault has no key yet", "json"),
    };
    let failure = Failure::new(why.message());
    match rescue::keep(&rescue::places(), name, &contents, ending) {
        Some(path) => failure.hint(format!(
            "the new tokens of {name} are in {path} ({how}); `tokscope refresh {name} @{path} --json` renews and \
             prints them; then delete that file",
            path = path.display()
        )),
        None => failure.hint(format!("the new tokens of {name} are NOT SAVED anywhere: `tokscope login {name}`")),
    }
}

impl Call {
    /// What [`keep`] has encrypted.
    pub(super) fn unseal(&self, place: &Place, source: &Source, bytes: &[u8]) -> Result<Vec<u8>, Failure> {
        let (opened, _holder) = self.key(place, &vault::path(&self.dir))?;
        let text = opened.identity.open(bytes).map_err(|_| {
            Failure::new(format!("{source} cannot be decrypted: it is damaged, or encrypted for another vault"))
                .hint("use --config-dir to name the vault that it belongs to")
        })?;
        Ok(text.to_vec())
    }
}
