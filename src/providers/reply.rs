//! What the systems that do not speak OAuth 2 have in common: JSON replies that may be anything, and words for a no.

use serde_json::{Map, Value};
use url::Url;

use crate::{
    auth::{
        Acceptance, AuthError, Context, IssuedToken, ProbeVerdict, Progress, Scheme, TokenKind, TokenSet,
        answer::{self, Answer},
    },
    clock::{
        Timestamp,
        read::{self, Ends},
    },
    http::{Oddity, Reading, Request, Response},
    oauth::{refusal, resource},
    secret::SecretString,
};

/// The host of a profile's URL, with the port where it is not the scheme's own.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Says whom we talk to, and talks.
pub(super) async fn send(cx: &Context<'_>, request: Request, what: &str) -> Result<Response, AuthError> {
    cx.interaction.report(Progress::Contacting(format!("{what} of {}", host_of(&request.url))));
    Ok(cx.http.send(request).await?)
}

/// The members of a JSON object.
pub(super) type Members = Map<String, Value>;

/// The tokens of an answer, under the names that this system gives them: access first, then refresh.
pub(super) struct Tokens {
    pub(super) access: Option<IssuedToken>,
    pub(super) refresh: Option<IssuedToken>,
    /// What is odd about the answer.
    pub(super) remarks: Vec<String>,
    /// Whose they are, under this name.
    pub(super) account: Option<String>,
}

/// Reads the tokens of an answer; `None` where it holds none, or says no and gives none that we did not send. Tokens are
/// taken whatever stands around them, and whatever the status of a server in trouble is.
pub(super) fn tokens(response: &Response, reading: &Reading, [access, refresh, account]: [&str; 3]) -> Option<Tokens> {
    let mut answer = Answer::with(reading.members()?, &[access, refresh]);
    let gives = |name| answer::text(answer.members(), name).is_some_and(|token| !response.is_echo(token));
    let says_no = response.words().is_some();
    let counts = match response.status {
        200..300 => true,
        500.. => gives(access) || gives(refresh),
        _ => !says_no && (gives(access) || gives(refresh)),
    };
    if !counts {
        return None;
    }
    let mut token = |kind, name, ends: Ends| {
        let raw = answer.token(kind, name)?;
        Some(bearer(kind, raw, answer.end(ends, response.received_at)))
    };
    let access = token(TokenKind::Access, access, read::ACCESS);
    let refresh = token(TokenKind::Refresh, refresh, read::REFRESH);
    if access.is_none() && refresh.is_none() {
        return None;
    }
    let failed = (!response.is_success()).then_some(Oddity::Failed);
    let oddities = reading.oddities.iter().copied().chain(failed).collect();
    answer.remarks.extend(Reading { value: None, oddities }.remark("the server"));
    let account = answer.short(account).map(str::to_owned);
    Some(Tokens { access, refresh, account, remarks: answer.remarks })
}

impl Tokens {
    /// What to say where a refresh token came alone. It is kept: it may exist nowhere else.
    pub(super) fn without_access(&self) -> Option<String> {
        let words = "the server sent a refresh token and no access token: refresh again";
        self.access.is_none().then(|| words.to_owned())
    }
}

/// The body as a JSON object; anything else is not the answer of this system.
pub(super) fn object(response: &Response, json: Option<Value>, expected: &'static str) -> Result<Members, AuthError> {
    match json {
        Some(Value::Object(members)) => Ok(members),
        _ => Err(unexpected(response, expected, response.description())),
    }
}

/// An answer of another system, or of another version.
pub(super) fn unexpected(response: &Response, expected: &'static str, found: String) -> AuthError {
    AuthError::UnexpectedAnswer { host: response.host.clone(), status: response.status, expected, found }
}

/// A no in the system's own words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The system's code.
    pub(super) code: Option<String>,
    /// Its words.
    pub(super) message: Option<String>,
    /// What the user can do.
    pub(super) hint: Option<String>,
}

impl Refusal {
    /// Whether the server said nothing that this system says.
    fn is_silent(&self) -> bool {
        self.code.is_none() && self.message.is_none()
    }

    /// The error for an answer that is not 200. Where the server says nothing at all, another system's page may stand in its
    /// place, unless the status alone is clear.
    pub(super) fn into_error(self, response: &Response, expected: &'static str) -> AuthError {
        let (code, message) = match AuthError::of_answer(response, expected) {
            limited @ AuthError::RateLimited { .. } => return limited,
            trouble if response.status >= 500 => return trouble,
            AuthError::Refused { code, message, .. } => (code, message),
            other if self.is_silent() && !matches!(response.status, 401 | 403) => return other,
            _ => (None, None),
        };
        let silent = self.is_silent();
        let own = |text: Option<String>| text.map(|text| response.redacted(&text));
        AuthError::Refused {
            status: response.status,
            code: own(self.code).or(code.filter(|_| silent)),
            message: own(self.message).or(message.filter(|_| silent)),
            hint: self.hint,
            credential_dead: false,
        }
    }

    /// The same for the answer to a refresh: the refresh token may have ended.
    pub(super) fn into_refresh_error(self, response: &Response, expected: &'static str) -> AuthError {
        let mut error = self.into_error(response, expected);
        if let AuthError::Refused { code, message, hint, credential_dead, .. } = &mut error
            && refusal::ends_session(response, code.as_deref(), message.as_deref())
        {
            *credential_dead = true;
            *hint = refusal::hint_of_the_end(hint.take());
        }
        error
    }

    /// The answer to "who am I" when it is a no, with the system's own reading of it.
    pub(super) fn into_verdict(self, response: &Response, token: &IssuedToken) -> Result<ProbeVerdict, AuthError> {
        let verdict = resource::verdict(response, token)?;
        let said = match (&self.code, &self.message) {
            (Some(code), Some(message)) => response.redacted(&format!("{code}: {message}")),
            (Some(words), None) | (None, Some(words)) => response.redacted(words),
            (None, None) => return Ok(verdict),
        };
        let acceptance = match response.status {
            // What flask-jwt-extended answers to a token that it cannot take.
            422 => Acceptance::Rejected,
            401 | 403 if resource::condemns(&said) => Acceptance::Rejected,
            _ => verdict.acceptance,
        };
        let detail = self.hint.map_or_else(|| said.clone(), |hint| format!("{said}; {hint}"));
        Ok(ProbeVerdict { acceptance, detail, ..verdict })
    }
}

/// A text of a reply; `None` where it is missing, empty or something else.
pub(super) fn text<'a>(members: &'a Members, key: &str) -> Option<&'a str> {
    answer::text(members, key)
}

/// A token that goes to the API as `Bearer`.
pub(super) fn bearer(kind: TokenKind, raw: SecretString, expires_at: Option<Timestamp>) -> IssuedToken {
    IssuedToken { kind, raw, expires_at, scheme: Scheme::BEARER }
}

/// The refresh token that a refresh needs.
pub(super) fn refresh_token(token_set: &TokenSet) -> Result<&IssuedToken, AuthError> {
    token_set
        .token(TokenKind::Refresh)
        .ok_or_else(|| AuthError::login_required("this session has no refresh token", "log in again"))
}
