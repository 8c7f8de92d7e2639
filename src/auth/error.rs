//! What can go wrong between a provider and its server. `Display` says what happened, `hint` what to do.
//! No variant can hold a token, a code or a password.

use std::time::Duration;

use crate::http::HttpError;

/// Why a login, refresh, revocation or probe failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The request did not get a whole answer.
    #[error(transparent)]
    Http(#[from] HttpError),

    /// The server answered, and the answer is no.
    #[error("{}", refusal(.status, .code.as_deref(), .message.as_deref()))]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The server's error code (RFC 6749 §5.2 or the system's own), as it was sent.
        code: Option<String>,
        /// The server's own words, as they were sent: foreign text.
        message: Option<String>,
        /// What it means for the user, where the provider knows.
        hint: Option<String>,
        /// The server said clearly that this credential is dead (`invalid_grant`): only this retires a refresh token.
        credential_dead: bool,
    },

    /// The server wants fewer requests (429, or 503 with `Retry-After`).
    #[error("the server wants fewer requests (HTTP {status})")]
    RateLimited {
        /// The HTTP status.
        status: u16,
        /// How long it asked to wait.
        retry_after: Option<Duration>,
    },

    /// The answer is not what the protocol says.
    #[error("the answer of {host} (HTTP {status}) is not what {expected} looks like: {found}")]
    UnexpectedAnswer {
        /// Who answered.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What was expected: `a token response`.
        expected: &'static str,
        /// What came: `an HTML page titled "Bad Gateway"`, `no access_token`: foreign text.
        found: String,
    },

    /// The profile lacks something, or a secret could not be read.
    #[error("{what}")]
    Setting {
        /// What is wrong.
        what: String,
        /// What would be right.
        hint: String,
    },

    /// The system has no such call.
    #[error("{what}")]
    Unsupported {
        /// What it cannot do.
        what: String,
        /// What the user can do instead.
        hint: String,
    },

    /// A question came up and nobody was there to answer.
    #[error("{what} is needed, and nobody is there to ask")]
    NeedsInteraction {
        /// The label of the question.
        what: String,
    },

    /// The user cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl AuthError {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Http(error) => Some(error.hint()),
            Self::Refused { hint, credential_dead, .. } => {
                hint.clone().or_else(|| credential_dead.then(|| "log in again".to_owned()))
            }
            Self::RateLimited { retry_after: Some(wait), .. } => Some(format!("try again in {} s", wait.as_secs())),
            Self::RateLimited { retry_after: None, .. } => Some("wait a minute, then try again".to_owned()),
            Self::UnexpectedAnswer { status: 500.., .. } => {
                Some("the server is in trouble; try again later".to_owned())
            }
            Self::UnexpectedAnswer { .. } => {
                Some("check the URL in the profile: something else may live there".to_owned())
            }
            Self::Setting { hint, .. } | Self::Unsupported { hint, .. } => Some(hint.clone()),
            Self::NeedsInteraction { .. } => Some("log in again".to_owned()),
            Self::Cancelled => None,
        }
    }
}

fn refusal(status: &u16, code: Option<&str>, message: Option<&str>) -> String {
    let words = match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(words), None) | (None, Some(words)) => words.to_owned(),
        (None, None) => "no reason given".to_owned(),
    };
    format!("the server refused: {words} (HTTP {status})")
}
