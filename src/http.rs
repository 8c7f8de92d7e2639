//! The one HTTP client: time-outs, size limits, TLS, no redirects, and a record of each exchange without its secrets.

use std::time::Duration;

use reqwest::{Method, header::HeaderMap};
use url::Url;

use crate::{clock::Timestamp, secret::SecretString};

/// What a profile says about its connections.
#[derive(Debug, Clone)]
pub struct HttpPolicy {
    /// For a whole request.
    pub timeout: Duration,
    /// Plain http to hosts other than the loopback.
    pub allow_http: bool,
    /// A further certificate authority, PEM.
    pub ca_pem: Option<Vec<u8>>,
}

impl Default for HttpPolicy {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(20), allow_http: false, ca_pem: None }
    }
}

/// A value in a request: the exchange record shows plain ones and masks secret ones.
#[derive(Debug, Clone)]
pub enum Value {
    /// Shown.
    Plain(String),
    /// Masked.
    Secret(SecretString),
}

/// The body of a request.
#[derive(Debug, Clone)]
pub enum Body {
    /// None at all.
    Empty,
    /// `application/x-www-form-urlencoded`, in this order.
    Form(Vec<(String, Value)>),
    /// A flat JSON object, in this order.
    Json(Vec<(String, Value)>),
}

/// A request of a provider.
#[derive(Debug, Clone)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Headers besides those that the client sets itself.
    pub headers: Vec<(&'static str, Value)>,
    /// The body.
    pub body: Body,
}

/// An answer, whole and within the size limit.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most [`BODY_LIMIT`] bytes.
    pub body: Vec<u8>,
    /// When the last byte had come.
    pub received_at: Timestamp,
    /// The host that answered, with its port where it is not the default one.
    pub host: String,
}

/// The longest body that is read: 1 MiB.
pub const BODY_LIMIT: usize = 1 << 20;

/// The one HTTP client, made at the first request, with the policy of one profile.
#[derive(Debug)]
pub struct Http {
    policy: HttpPolicy,
}

/// Why a request did not get a whole answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// Placeholder until the client exists.
    #[error("not built yet")]
    Unbuilt,
}

impl HttpError {
    /// What the user can do about it.
    pub fn hint(&self) -> String {
        String::new()
    }
}

impl Http {
    /// A client for one profile. Opens nothing yet.
    pub fn new(policy: HttpPolicy) -> Self {
        Self { policy }
    }

    /// Sends a request and reads the whole answer.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let _ = (&self.policy, request);
        Err(HttpError::Unbuilt)
    }
}
