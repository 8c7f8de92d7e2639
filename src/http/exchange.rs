//! The record of an exchange: what went over the wire and when, for people who want to know why it failed.

use chrono::TimeDelta;
use reqwest::header::HeaderMap;

use super::{
    error::HttpError,
    mask::{self, Mask},
    names::is_secret_name,
    request::{Body, Request, RequestValue},
    response::Response,
};
use crate::clock::Timestamp;

/// A longer body is cut in the record.
const SHOWN: usize = 16 << 10;

/// One request and what became of it. Secrets are masked as `••••`, tokens with their fingerprint behind; the rest is
/// foreign text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// When the request was made.
    pub started_at: Timestamp,
    /// `POST https://lms.example.org/oauth2/access_token`; the values of a query are masked.
    pub request_line: String,
    /// The headers that we set ourselves, in order.
    pub request_headers: Vec<(String, String)>,
    /// The fields of the body, in order.
    pub request_fields: Vec<(String, String)>,
    /// What became of it.
    pub outcome: ExchangeOutcome,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExchangeOutcome {
    /// It is under way, or was cancelled.
    Unfinished,
    /// There was no whole answer.
    Failed {
        /// Why.
        error: HttpError,
        /// From the request to the failure.
        elapsed: TimeDelta,
    },
    /// The server answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The headers, in order.
        headers: Vec<(String, String)>,
        /// The body, JSON laid out over lines, cut at 16 KiB; of any other form only what it is.
        body: String,
        /// The server's own words in it, see [`Response::words`].
        words: Option<String>,
        /// From the request to the last byte.
        elapsed: TimeDelta,
        /// How far the server's clock is ahead of ours, see [`Response::clock_skew`].
        clock_skew: Option<TimeDelta>,
    },
}

/// A record whose outcome is still to come.
pub(super) struct Draft {
    exchange: Exchange,
}

impl Draft {
    pub(super) fn new(request: &Request, started_at: Timestamp) -> Self {
        let mut request_headers = Vec::new();
        let mask = Mask::of(request);
        for (name, value) in &request.headers {
            let shown = match value {
                RequestValue::Plain(text) => mask.own_header(name, text),
                RequestValue::Secret(_) => {
                    value.header().map_or_else(|_| String::new(), |value| mask.header(name, &value))
                }
            };
            request_headers.push((name.to_string(), shown));
        }
        match request.body {
            Body::Empty | Body::Raw(_) => {}
            Body::Form(_) => request_headers.push(media("application/x-www-form-urlencoded")),
            Body::Json(_) => request_headers.push(media("application/json")),
        }
        let fields = request.body.fields().iter().map(|(name, value)| {
            let shown = match value {
                RequestValue::Plain(text) if !is_secret_name(name, false) => text.clone(),
                value => mask::masked(name, value.expose()),
            };
            (name.clone(), shown)
        });
        let request_fields = fields.collect();
        let request_line = format!("{} {}", request.method, shown_url(request));
        let outcome = ExchangeOutcome::Unfinished;
        Self { exchange: Exchange { started_at, request_line, request_headers, request_fields, outcome } }
    }

    pub(super) fn unfinished(&self) -> Exchange {
        self.exchange.clone()
    }

    pub(super) fn finished(self, answer: Result<&Response, &HttpError>, now: Timestamp) -> Exchange {
        let elapsed = (now - self.exchange.started_at).max(TimeDelta::zero());
        let outcome = match answer {
            Err(error) => ExchangeOutcome::Failed { error: error.clone(), elapsed },
            Ok(response) => ExchangeOutcome::Answered {
                status: response.status,
                headers: shown_headers(&response.headers, &response.mask),
                body: shown_body(response),
                words: response.words(),
                elapsed,
                clock_skew: response.clock_skew(),
            },
        };
        Exchange { outcome, ..self.exchange }
    }
}

fn media(media_type: &str) -> (String, String) {
    ("content-type".to_owned(), media_type.to_owned())
}

fn shown_url(request: &Request) -> String {
    let mut url = request.url.clone();
    if url.query().is_some() {
        let names: Vec<_> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
        url.set_query(None);
        format!("{url}?{}", names.iter().map(|name| format!("{name}=••••")).collect::<Vec<_>>().join("&"))
    } else {
        url.into()
    }
}

fn shown_headers(headers: &HeaderMap, mask: &Mask) -> Vec<(String, String)> {
    headers.iter().map(|(name, value)| (name.to_string(), mask.header(name.as_str(), value))).collect()
}

fn shown_body(response: &Response) -> String {
    let mut shown = match response.json() {
        Some(mut json) => {
            response.mask.json(&mut json, response.status >= 400);
            serde_json::to_string_pretty(&json).unwrap_or_default()
        }
        None if response.body.trim_ascii().is_empty() => String::new(),
        None => format!("({}; not shown, as it may hold secrets)", response.description()),
    };
    if let Some((cut, _)) = shown.char_indices().find(|(at, _)| *at >= SHOWN) {
        let missing = shown.len() - cut;
        shown.truncate(cut);
        shown.push_str(&format!("\n… {missing} more bytes"));
    }
    shown
}
