//! What can go wrong between a provider and its server. `Display` says what happened, `hint` what to do.
//! No variant can hold a token, a code or a password.

mod means;

use std::time::Duration;

use super::Descriptor;
use crate::{
    clock::{self, Timestamp},
    http::{Challenge, HttpError, Response},
    trouble::{Code, Told, Trouble},
};

/// No server means a longer wait than this: a day.
const LONGEST_WAIT: Duration = Duration::from_secs(86_400);

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

    /// The server wants fewer requests (429), or asks to come back later (503 with `Retry-After`).
    #[error("{}", limit(*.status, .words.as_deref()))]
    RateLimited {
        /// The HTTP status.
        status: u16,
        /// How long it asked to wait.
        retry_after: Option<Duration>,
        /// The server's own words: foreign text.
        words: Option<String>,
    },

    /// The answer is not what the protocol says.
    #[error("the response of {host} (HTTP {status}) is not {expected}: {found}")]
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
    #[error("could not ask {issuer} for its endpoints: {source}")]
    Discovery {
        /// The issuer of the profile.
        issuer: String,
        /// Why.
        source: Box<AuthError>,
    },

    /// An issuer publishes its keys at an address that is neither its own nor the token endpoint's. It was not asked.
    #[error("the keys of {issuer} are at {url}, which was not contacted")]
    KeysElsewhere {
        /// The issuer.
        issuer: String,
        /// The `jwks_uri` of its metadata: foreign text.
        url: String,
    },

    /// A login came to no end, or to an end that cannot be accepted, by what we see ourselves: no words of the server.
    #[error(transparent)]
    Unfinished(Trouble),

    /// The profile lacks something, or could not read a secret.
    #[error(transparent)]
    Setting(Trouble),

    /// The system has no such call.
    #[error(transparent)]
    Unsupported(Trouble),

    /// A question came up and no user was there to answer: its label.
    #[error("{0} is needed, and this run cannot ask for it")]
    NeedsInteraction(String),

    /// A refresh ended in a way that leaves open whether the server acted on it. The old tokens are kept.
    #[error("{0}; the server may have used up the refresh token, so its state is unknown")]
    StateUnknown(#[source] Box<AuthError>),

    /// The server has refused this refresh token before. Nothing was sent.
    #[error("the server refused the refresh token at {}; it will not be tried again", clock::utc(clock::to_the_second(*.0)))]
    Retired(Timestamp),

    /// The refresh token was sent twice without an answer that says what became of it. Nothing was sent now.
    #[error(
        "no refresh since {} got a response, so the state of the refresh token is unknown",
        clock::utc(clock::to_the_second(*.0))
    )]
    Unsettled(Timestamp),

    /// The vault is locked, busy, or cannot be read or written. Nothing was sent, unless a remark says so.
    #[error(transparent)]
    Vault(Trouble),

    /// The user cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// A file, a program or a key that a setting names.
impl From<Trouble> for AuthError {
    fn from(trouble: Trouble) -> Self {
        Self::Setting(trouble.coded(Code::Setting))
    }
}

impl Told for AuthError {
    fn means(&self) -> Option<String> {
        Self::means(self)
    }

    fn code(&self) -> Code {
        match self {
            Self::Http(error) => error.code(),
            Self::Discovery { source, .. } => source.code(),
            Self::Refused { credential_dead: true, .. } | Self::NeedsInteraction(_) | Self::Retired(_) => {
                Code::LoginRequired
            }
            Self::Refused { .. } => Code::Refused,
            Self::RateLimited { .. } => Code::RateLimited,
            Self::UnexpectedAnswer { .. } => Code::NoAnswer,
            Self::KeysElsewhere { .. } => Code::Setting,
            Self::StateUnknown(_) | Self::Unsettled(_) => Code::Unsettled,
            Self::Unfinished(trouble) | Self::Setting(trouble) | Self::Unsupported(trouble) | Self::Vault(trouble) => {
                trouble.code
            }
            Self::Cancelled => Code::Cancelled,
        }
    }

    fn hint(&self) -> Option<String> {
        Self::hint(self)
    }
}

impl AuthError {
    /// [`Self::Setting`]: what is wrong, and what would be right.
    pub fn setting(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Trouble::new(what, hint).into()
    }

    /// [`Self::Unsupported`]: what the system cannot do, and what the user can do instead.
    pub fn unsupported(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Unsupported(Trouble::new(what, hint).coded(Code::Unsupported))
    }

    /// [`Self::Unsupported`]: a call that the system does not have.
    pub(super) fn no_call(system: &Descriptor, what: &str, hint: &str) -> Self {
        Self::unsupported(format!("{} has no {what}", system.title), hint)
    }

    /// [`Self::Unsupported`] with these tokens: only a login brings others.
    pub fn login_required(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Unsupported(Trouble::new(what, hint).coded(Code::LoginRequired))
    }

    /// [`Self::Unfinished`]: what is missing or wrong, and what the user can do.
    pub fn unfinished(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Unfinished(Trouble::new(what, hint))
    }

    /// What an answer that is not the expected one means, as far as every system has it in common: a limit on
    /// requests, a refusal in the server's words or by its bare status, or something that should not be there at all.
    pub fn of_answer(response: &Response, expected: &'static str) -> Self {
        let status = response.status;
        let retry_after = response.retry_after();
        let (code, description) = Challenge::error(response).unzip();
        let words = response.words();
        if status == 429 || (status == 503 && retry_after.is_some()) {
            return Self::RateLimited { status, retry_after, words: words.or(description.flatten()).or(code) };
        }
        let says_no = matches!(status, 400 | 401 | 403) && response.text().trim().is_empty();
        if words.is_none() && code.is_none() && !says_no {
            let found = response.description();
            return Self::UnexpectedAnswer { host: response.host.clone(), status, expected, found };
        }
        Self::Refused {
            status,
            message: words.filter(|words| code.as_ref() != Some(words)).or(description.flatten()),
            code,
            hint: (status >= 500).then(|| IN_TROUBLE.to_owned()),
            credential_dead: false,
        }
    }

    /// How long to wait before the next request, where the server asked for it: a day at most, whatever it said.
    pub fn pause(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => retry_after.map(|wait| wait.min(LONGEST_WAIT)),
            Self::Discovery { source, .. } | Self::StateUnknown(source) => source.pause(),
            _ => None,
        }
    }

    /// Whether the server may have acted on the request although it did not say so: after a refresh it is not known then
    /// which refresh token is the good one.
    pub fn may_have_been_processed(&self) -> bool {
        match self {
            Self::Http(error) => error.may_have_arrived(),
            // Words without an error code behind a success may be anything.
            Self::Refused { status, code, .. } => *status >= 500 || (*status < 300 && code.is_none()),
            // A page of a proxy on the way says nothing, and neither does a success that cannot be read.
            Self::UnexpectedAnswer { status, .. } => !(400..500).contains(status),
            Self::StateUnknown(_) => true,
            Self::RateLimited { .. }
            | Self::Discovery { .. }
            | Self::KeysElsewhere { .. }
            | Self::Unfinished(_)
            | Self::Setting(_)
            | Self::Unsupported(_)
            | Self::NeedsInteraction(_)
            | Self::Retired(_)
            | Self::Unsettled(_)
            | Self::Vault(_)
            | Self::Cancelled => false,
        }
    }

    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let words = match self {
            Self::Http(error) => return Some(error.hint()),
            Self::Discovery { source, .. } => return source.hint(),
            Self::KeysElsewhere { url, .. } => {
                return Some(format!(
                    "if you trust that address, fetch the keys from there: `tokscope verify --jwks {url}`, or set \
                     verify_key in the profile"
                ));
            }
            Self::Refused { hint: Some(hint), .. } => hint,
            Self::Refused { credential_dead: true, .. } => "log in again",
            Self::Refused { status: 401 | 403, .. } => "log in again, or check the profile's credentials",
            Self::Refused { code: None, message: None, .. } => {
                "the server gives no reason; check the profile's credentials and settings"
            }
            Self::Refused { .. } => "the server's message says why; check the profile's settings",
            Self::RateLimited { retry_after: Some(wait), .. } if *wait > LONGEST_WAIT => {
                let days = wait.as_secs() / LONGEST_WAIT.as_secs();
                return Some(format!("the server asks to wait {days} days, which is implausible; try again later"));
            }
            Self::RateLimited { retry_after: Some(wait), .. } if wait.as_secs() > 0 => {
                return Some(format!("try again in {} s", wait.as_secs()));
            }
            // A date in the past says no more than nothing.
            Self::RateLimited { .. } => "wait a minute, then try again",
            Self::UnexpectedAnswer { status: 407, .. } => "check HTTPS_PROXY and NO_PROXY",
            Self::UnexpectedAnswer { status: 408 | 425, .. } => "try again later",
            Self::UnexpectedAnswer { status: 511, .. } => "sign in to the network in a browser, then try again",
            Self::UnexpectedAnswer { status: 500.., .. } => IN_TROUBLE,
            Self::UnexpectedAnswer { .. } => "check the URL in the profile",
            Self::Unfinished(trouble) | Self::Setting(trouble) | Self::Unsupported(trouble) | Self::Vault(trouble) => {
                return trouble.hint.clone();
            }
            Self::NeedsInteraction(_) | Self::Retired(_) => "log in again",
            Self::Unsettled(_) => "refresh manually, or log in again",
            Self::StateUnknown(source) => {
                const KEPT: &str = "the old tokens are kept: refresh again; if that is refused, log in";
                // Of a refusal that is not to be believed, neither is what would follow from it.
                let first = source.hint().filter(|_| !matches!(**source, Self::Refused { .. }));
                return Some(first.map_or_else(|| KEPT.to_owned(), |first| format!("{first}; {KEPT}")));
            }
            Self::Cancelled => return None,
        };
        Some(words.to_owned())
    }
}

const IN_TROUBLE: &str = "the server has a problem; try again later";

fn limit(status: u16, words: Option<&str>) -> String {
    let what = if status == 429 { "asks for fewer requests" } else { "is temporarily unavailable" };
    let words = words.map(|words| format!(": {words}")).unwrap_or_default();
    format!("the server {what} (HTTP {status}){words}")
}

fn refusal(status: &u16, code: Option<&str>, message: Option<&str>) -> String {
    let words = match (code, message) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(words), None) | (None, Some(words)) => words.to_owned(),
        (None, None) => "no reason given".to_owned(),
    };
    format!("the server refused: {words} (HTTP {status})")
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};

    use super::*;

    fn answer(status: u16, body: &str, headers: &[(reqwest::header::HeaderName, &'static str)]) -> AuthError {
        let headers: HeaderMap =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        let mut response = Response::scripted(status, body, clock::parse("0").unwrap());
        response.headers = headers;
        AuthError::of_answer(&response, "an answer")
    }

    #[test]
    fn a_server_is_quoted_wherever_it_says_why() {
        const BEARER: &str = r#"Bearer error="invalid_token", error_description="gone since noon""#;
        let cases = [
            (
                answer(400, r#"{"errorSummary":"bad","errorCode":"E0000011"}"#, &[]),
                "the server refused: bad (HTTP 400)",
            ),
            (
                answer(401, r#"{"fault":{"faultstring":"Invalid access token","detail":{"errorcode":"x"}}}"#, &[]),
                "the server refused: Invalid access token (HTTP 401)",
            ),
            (
                answer(401, "", &[(WWW_AUTHENTICATE, BEARER)]),
                "the server refused: invalid_token: gone since noon (HTTP 401)",
            ),
            (answer(401, "", &[(WWW_AUTHENTICATE, "Basic")]), "the server refused: no reason given (HTTP 401)"),
            (answer(400, " ", &[]), "the server refused: no reason given (HTTP 400)"),
            (answer(429, r#"{"error":"quota"}"#, &[]), "the server asks for fewer requests (HTTP 429): quota"),
            (
                answer(503, r#"{"detail":"upgrade until 5"}"#, &[(RETRY_AFTER, "30")]),
                "the server is temporarily unavailable (HTTP 503): upgrade until 5",
            ),
        ];
        for (error, words) in cases {
            assert_eq!(error.to_string(), words);
            assert!(error.hint().is_some_and(|hint| !hint.contains("URL")), "{words}: {:?}", error.hint());
        }
        assert!(matches!(answer(404, "", &[]), AuthError::UnexpectedAnswer { .. }));
    }

    #[test]
    fn no_wait_is_longer_than_a_day() {
        let limited = answer(429, "", &[(RETRY_AFTER, "99999999999")]);
        assert_eq!(limited.pause(), Some(LONGEST_WAIT));
        assert!(limited.hint().unwrap().contains("1157407 days, which is implausible"), "{:?}", limited.hint());
        let nested = AuthError::Discovery { issuer: "x".to_owned(), source: Box::new(limited) };
        assert_eq!((nested.pause(), nested.may_have_been_processed()), (Some(LONGEST_WAIT), false));
        assert_eq!(answer(429, "", &[(RETRY_AFTER, "120")]).pause(), Some(Duration::from_secs(120)));
    }

    #[test]
    fn a_refusal_that_is_not_believed_has_one_hint() {
        let source = AuthError::Refused {
            status: 500,
            code: Some("invalid_grant".to_owned()),
            message: None,
            hint: Some("log in again".to_owned()),
            credential_dead: false,
        };
        let hint = AuthError::StateUnknown(Box::new(source)).hint().unwrap();
        assert_eq!(hint, "the old tokens are kept: refresh again; if that is refused, log in");
    }
}
