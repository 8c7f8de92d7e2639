//! The passphrase of the vault: asked for, and chosen.

use secrecy::zeroize::Zeroizing;

use super::{Identity, IdentityError, Site, file};
use crate::{
    auth::{AuthError, Interaction, Prompt},
    secret::{ExposeSecret as _, SecretString, wiping_stack},
};

/// A wrong passphrase may be corrected so often before the call fails.
const ATTEMPTS: usize = 3;

pub(super) async fn unseal(sealed: Zeroizing<Vec<u8>>, site: &Site<'_>) -> Result<Identity, IdentityError> {
    let sealed = std::sync::Arc::new(sealed);
    let mut help = "it encrypts the vault's key".to_owned();
    for _ in 0..ATTEMPTS {
        let passphrase = ask(site.user, "Passphrase of the vault", &help).await?;
        let sealed = std::sync::Arc::clone(&sealed);
        match working(move || file::unseal(&sealed, &passphrase)).await {
            Err(error @ IdentityError::WrongPassphrase) => help = error.to_string(),
            done => return done,
        }
    }
    Err(IdentityError::WrongPassphrase)
}

/// Asked for again where it is too weak, with a word about why.
pub(super) async fn chosen(user: &dyn Interaction) -> Result<SecretString, IdentityError> {
    let mut help = "it unlocks the vault, once per session; it cannot be recovered".to_owned();
    for _ in 0..ATTEMPTS {
        let first = ask(user, "New passphrase of the vault", &help).await?;
        if let Some(why) = weakness(&first) {
            help = why;
            continue;
        }
        let second = ask(user, "Repeat the new passphrase", "a typo would lock you out").await?;
        return match first.expose_secret() == second.expose_secret() {
            true => Ok(first),
            false => Err(IdentityError::BadPassphrase("the two passphrases differ".to_owned())),
        };
    }
    Err(IdentityError::BadPassphrase(help))
}

/// So many guesses a passphrase must take, as a power of ten. Each costs about a second of one processor: a thousand of
/// them take four months.
const FLOOR: f64 = 10.0;

/// Why a passphrase is too weak, if it is. The words are those of the estimate, and never hold a part of it.
fn weakness(passphrase: &SecretString) -> Option<String> {
    let estimate = wiping_stack(|| zxcvbn::zxcvbn(passphrase.expose_secret(), &["tokscope", "vault"]));
    if estimate.guesses_log10() >= FLOOR {
        return None;
    }
    let warning = estimate.feedback().and_then(|feedback| feedback.warning()).map(|warning| warning.to_string());
    let why = warning.map(|why| format!(" ({})", why.trim_end_matches('.'))).unwrap_or_default();
    Some(format!(
        "too easy to guess: use four unrelated words{why}; anyone with a copy of the vault can guess without limit"
    ))
}

async fn ask(user: &dyn Interaction, label: &'static str, help: &str) -> Result<SecretString, IdentityError> {
    let prompt = Prompt { key: "vault_passphrase", label: label.into(), help: help.to_owned().into(), secret: true };
    user.ask(prompt).await.map_err(|error| match error {
        AuthError::Cancelled => IdentityError::Cancelled,
        _ => IdentityError::NeedsPassphrase,
    })
}

/// Does a second of work off the worker threads.
pub(super) async fn working<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IdentityError> + Send + 'static,
) -> Result<T, IdentityError> {
    // It only fails when the runtime ends, and then there is no caller left.
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(IdentityError::Cancelled))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_passphrase_has_a_floor_and_a_word_about_why() {
        for weak in
            ["", "horse", "correct horse", "qwertyuiop", "tokscope vault", "P4ssw0rd!2024", "aaaaaaaaaaaaaaaaaaaa"]
        {
            let why = weakness(&weak.into()).unwrap_or_else(|| panic!("{weak}"));
            assert!(why.starts_with("too easy to guess") && (weak.is_empty() || !why.contains(weak)), "{why}");
        }
        assert!(weakness(&"qwertyuiop".into()).unwrap().contains("common password"), "the estimate says why");
        for good in ["marble kettle onward fjord", "x7kq2mzp9wv4", "Grüße an die alte Mühle am Bach"] {
            assert_eq!(weakness(&good.into()), None, "{good}");
        }
    }
}
