//! What can go wrong between a provider and its server. `Display` says what happened, `hint` what to do.
//! No variant can hold a token, a code or a password.

use std::time::Duration;

use crate::{
    clock::{self, Timestamp},
    http::{HttpError, Response},
};

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

    /// The server's metadata could not be had. Nothing else was sent.
    #[error("{issuer} could not be asked for its endpoints: {source}")]
    Discovery {
        /// The issuer of the profile.
        issuer: String,
        /// Why.
        source: HttpError,
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

    /// A refresh ended in a way that leaves open whether the server acted on it. The old tokens are kept.
    #[error("{source}; the server may have used up the refresh token, so its state is unknown")]
    StateUnknown {
        /// How it ended.
        source: Box<AuthError>,
    },

    /// The server has refused this refresh token before. Nothing was sent.
    #[error("the server refused the refresh token at {}; it is not tried again", clock::utc(clock::to_the_second(*.at)))]
    Retired {
        /// When it did.
        at: Timestamp,
    },

    /// The refresh token was sent twice without an answer that says what became of it. Nothing was sent now.
    #[error(
        "no refresh since {} had an answer, so the state of the refresh token is unknown",
        clock::utc(clock::to_the_second(*.since))
    )]
    Unsettled {
        /// When it was last sent.
        since: Timestamp,
    },

    /// The vault is locked, busy, or cannot be read or written. Nothing was sent, unless a remark says so.
    #[error("{what}")]
    Vault {
        /// What is wrong.
        what: String,
        /// What to do.
        hint: String,
    },

    /// The user cancelled.
    #[error("cancelled")]
    Cancelled,
}

impl AuthError {
    /// What an answer that is not the expected one means, as far as every system has it in common: a limit on
    /// requests, a refusal in the server's words, or something that should not be there at all.
    pub fn of_answer(response: &Response, expected: &'static str) -> Self {
        let status = response.status;
        let retry_after = response.retry_after();
        match response.words() {
            _ if status == 429 || (status == 503 && retry_after.is_some()) => Self::RateLimited { status, retry_after },
            Some(words) => Self::Refused {
                status,
                code: None,
                message: Some(words),
                hint: (status >= 500).then(|| IN_TROUBLE.to_owned()),
                credential_dead: false,
            },
            None => {
                Self::UnexpectedAnswer { host: response.host.clone(), status, expected, found: response.description() }
            }
        }
    }

    /// Whether the server may have acted on the request although it did not say so: after a refresh nobody knows then
    /// which refresh token is the good one.
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Http(error) => error.may_have_arrived(),
            // Words without an error code behind a success may be anything.
            Self::Refused { status, code, .. } => *status >= 500 || (*status < 300 && code.is_none()),
            // A page of a proxy on the way says nothing, and neither does a success that cannot be read.
            Self::UnexpectedAnswer { status, .. } => !(400..500).contains(status),
            Self::StateUnknown { .. } => true,
            Self::RateLimited { .. }
            | Self::Discovery { .. }
            | Self::Setting { .. }
            | Self::Unsupported { .. }
            | Self::NeedsInteraction { .. }
            | Self::Retired { .. }
            | Self::Unsettled { .. }
            | Self::Vault { .. }
            | Self::Cancelled => false,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Http(error) | Self::Discovery { source: error, .. } => Some(error.hint()),
            Self::Refused { hint: Some(hint), .. } => Some(hint.clone()),
            Self::Refused { credential_dead: true, .. } => Some("log in again".to_owned()),
            Self::Refused { status: 401 | 403, .. } => {
                Some("log in again, or check the profile's credentials".to_owned())
            }
            Self::Refused { .. } => Some("the server's words say why; check the profile's settings".to_owned()),
            Self::RateLimited { retry_after: Some(wait), .. } => Some(format!("try again in {} s", wait.as_secs())),
            Self::RateLimited { retry_after: None, .. } => Some("wait a minute, then try again".to_owned()),
            Self::UnexpectedAnswer { status: 500.., .. } => Some(IN_TROUBLE.to_owned()),
            Self::UnexpectedAnswer { .. } => {
                Some("check the URL in the profile: something else may live there".to_owned())
            }
            Self::Setting { hint, .. } | Self::Unsupported { hint, .. } => Some(hint.clone()),
            Self::NeedsInteraction { .. } | Self::Retired { .. } => Some("log in again".to_owned()),
            Self::Unsettled { .. } => Some("refresh by hand once more, or log in again".to_owned()),
            Self::Vault { hint, .. } => Some(hint.clone()),
            Self::StateUnknown { source } => {
                let first = source.hint().map(|hint| format!("{hint}; ")).unwrap_or_default();
                Some(format!("{first}the old tokens are kept: refresh again, and log in if that is refused"))
            }
            Self::Cancelled => None,
        }
    }
}

const IN_TROUBLE: &str = "the server is in trouble; try again later";

fn refusal(status: &u16, code: Option<&str>, message: Option<&str>) -> String {
    let words = match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(words), None) | (None, Some(words)) => words.to_owned(),
        (None, None) => "no reason given".to_owned(),
    };
    format!("the server refused: {words} (HTTP {status})")
}
