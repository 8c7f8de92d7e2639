//! What a receipt says of a call: which it was, and what the server said.

use chrono::TimeDelta;

use crate::{
    auth::{AuthError, Context},
    clock::{self, Timestamp},
    http::ExchangeOutcome,
};

/// A call, and what came of it.
#[derive(Debug, Clone)]
pub struct Observed<T> {
    /// When the request was made.
    pub at: Timestamp,
    /// `POST https://lms.example.org/oauth2/revoke_token`, the values of a query masked; `None` where nothing was sent.
    pub call: Option<String>,
    /// The HTTP status; `None` where no answer came.
    pub status: Option<u16>,
    /// The server's own words, without secrets, or why there was no answer: foreign text.
    pub words: String,
    /// How far the server's clock is ahead of ours.
    pub clock_skew: Option<TimeDelta>,
    /// What the provider makes of it.
    pub outcome: Result<T, AuthError>,
}

/// Makes a call of a provider, and reads from the record of exchanges what went over the wire: the last request is the one that
/// counts, since a server's metadata are asked for before.
pub async fn observed<T>(cx: &Context<'_>, call: impl Future<Output = Result<T, AuthError>>) -> Observed<T> {
    cx.http.forget_exchange();
    let now = clock::now();
    let outcome = call.await;
    let unsent = outcome.as_ref().err().map(ToString::to_string).unwrap_or_default();
    let Some(exchange) = cx.http.exchange() else {
        return Observed { at: now, call: None, status: None, words: unsent, clock_skew: None, outcome };
    };
    let (status, words, clock_skew) = match exchange.outcome {
        ExchangeOutcome::Answered { status, words, clock_skew, .. } => {
            (Some(status), words.unwrap_or_default(), clock_skew)
        }
        ExchangeOutcome::Failed { error, .. } => (None, error.to_string(), None),
        ExchangeOutcome::Unfinished => (None, unsent, None),
    };
    Observed { at: exchange.started_at, call: Some(exchange.request_line), status, words, clock_skew, outcome }
}
