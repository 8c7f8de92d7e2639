//! What an error means, where what happened does not say it itself: one table.

use super::AuthError;

/// What a hint begins with that says at once what to do.
const IMPERATIVES: [&str; 11] =
    ["check", "log", "use", "try", "wait", "ask", "choose", "paste", "register", "if", "fetch"];

impl AuthError {
    /// What it means. The tables of what servers say ([`crate::oauth::refusal`], the providers) put that before what to do:
    /// `the refresh token is used up: log in again`.
    pub fn means(&self) -> Option<String> {
        let words = match self {
            Self::Http(error) if error.may_have_arrived() => {
                "the request may have arrived; whether the server acted on it is not known"
            }
            Self::Http(_) => "nothing was sent; the saved tokens are unchanged",
            Self::Refused { hint: Some(hint), .. } if let Some(means) = before_what_to_do(hint) => means,
            Self::Refused { credential_dead: true, .. } | Self::Retired(_) => "the session has ended at the server",
            Self::UnexpectedAnswer { status: 407, .. } => "a proxy on the way requires a login",
            Self::UnexpectedAnswer { status: 408 | 425, .. } => "the server did not take the request in time",
            Self::UnexpectedAnswer { status: 511, .. } => {
                "the network responds in the server's place, with a page to sign in"
            }
            Self::Refused { status: 500.., .. } | Self::UnexpectedAnswer { status: 500.., .. } => {
                "the server, or a proxy in front of it, has a problem"
            }
            Self::Refused { status: 401, .. } => "the server does not accept these credentials",
            Self::Refused { status: 403, .. } => "the server knows who asks, and does not allow this",
            Self::Refused { .. } => "the server rejects the request as it is",
            Self::RateLimited { .. } => "the server limits requests; nothing was changed",
            Self::UnexpectedAnswer { .. } => "the address may belong to something other than an auth server",
            Self::Discovery { source, .. } => return source.means(),
            Self::KeysElsewhere { .. } => "keys from another host prove nothing about this issuer",
            Self::Unfinished(_) => "no tokens came; what is saved is unchanged",
            Self::Setting(_) => "the profile cannot be used as it is; nothing was sent",
            Self::StateUnknown(_) | Self::Unsettled(_) => "the old or the new token may be the good one",
            Self::Unsupported(trouble) | Self::Vault(trouble) => {
                return trouble.means.as_deref().map(str::to_owned);
            }
            Self::NeedsInteraction(_) | Self::Cancelled => return None,
        };
        Some(words.to_owned())
    }
}

/// What stands before the first colon, unless that is what to do already.
fn before_what_to_do(hint: &str) -> Option<&str> {
    let (means, _) = hint.split_once(": ")?;
    let first = means.split(' ').next().unwrap_or_default();
    (!IMPERATIVES.contains(&first)).then_some(means)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trouble::Trouble;

    #[test]
    fn an_error_says_what_it_means_and_then_what_to_do() {
        let refused = |status, hint: Option<&str>, credential_dead| AuthError::Refused {
            status,
            code: Some("x".to_owned()),
            message: None,
            hint: hint.map(str::to_owned),
            credential_dead,
        };
        let cases = [
            (
                refused(400, Some("the refresh token is used up: log in again"), true),
                "the refresh token is used up",
                "log in again",
            ),
            (refused(401, Some("check the URL: it has a typo"), false), "the server does not", "check the URL: it has"),
            (refused(400, None, true), "the session has ended", "log in again"),
            (refused(503, None, false), "has a problem", "message says why"),
            (AuthError::setting("no url", "set url"), "nothing was sent", "set url"),
        ];
        for (error, means, to_do) in cases {
            let trouble = Trouble::from(error);
            assert!(
                trouble.means.as_ref().is_some_and(|words| words.contains(means)),
                "{trouble:?} {:?}",
                trouble.means
            );
            let told = trouble.to_do().unwrap_or_default();
            assert!(told.starts_with(to_do) || told.contains(to_do), "{told}");
            assert!(!told.contains(trouble.means.as_deref().unwrap()), "{told}");
        }
    }
}
