//! An answer that is passed on while it comes. It may be of any length, and is never in memory as a whole: what a server has
//! compressed without being asked to is passed on as it came, so that it cannot grow here.

use std::time::Duration;

use reqwest::header::CONTENT_ENCODING;

use super::{HttpError, Request, Response, error::Fault, mask::Mask, patience::within, redacted, request::authority};
use crate::clock;

/// An answer whose body is still to come.
#[derive(Debug)]
pub struct Streamed {
    /// Status and headers; it has no body.
    pub head: Response,
    incoming: reqwest::Response,
    limit: Duration,
}

impl Streamed {
    pub(super) fn new(incoming: reqwest::Response, request: &Request, limit: Duration) -> Self {
        let head = Response {
            status: incoming.status().as_u16(),
            headers: incoming.headers().clone(),
            body: Vec::new(),
            is_cut: false,
            received_at: clock::now(),
            host: authority(&request.url),
            mask: Mask::of(request),
        };
        Self { head, incoming, limit }
    }

    /// The next piece of the body; `None` behind the last one. A body that breaks off, or from which nothing comes for the
    /// time of a whole request, is an error.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, HttpError> {
        let host = &self.head.host;
        match within(self.limit, self.incoming.chunk()).await {
            Some(Ok(chunk)) => Ok(chunk.map(Into::into)),
            Some(Err(error)) => Err(Fault::from(error).describe(host, self.limit)),
            None => {
                let reason = format!("nothing more came for {} s", self.limit.as_secs());
                Err(HttpError::Broken { host: host.clone(), reason })
            }
        }
    }

    /// How the body is encoded, where it is (RFC 9110 §8.4): foreign text.
    pub fn encoding(&self) -> Option<String> {
        let named = self.head.headers.get(CONTENT_ENCODING)?;
        let named = String::from_utf8_lossy(named.as_bytes()).trim().to_lowercase();
        (!matches!(named.as_str(), "" | "identity")).then(|| redacted(&named))
    }
}
