//! Sending one request, and reading its answer: within the limit, and no longer than it says something.

use std::time::Duration;

use reqwest::{
    Client,
    header::{HeaderValue, LOCATION, USER_AGENT},
};
use url::Url;

use super::{
    BODY_LIMIT, Body, HttpError, Request, Response,
    body::Reading,
    encoding, error,
    mask::{self, Mask},
    redacted,
};
use crate::{clock, text::excerpt};

/// Behind a whole object no more is waited for than this.
const PATIENCE: Duration = Duration::from_secs(1);

const AGENT: &str = concat!("tokscope/", env!("CARGO_PKG_VERSION"));

/// Sends a request. A redirect is no answer.
pub(super) async fn begun(client: &Client, request: &Request, host: &str) -> Result<reqwest::Response, error::Fault> {
    let mut outgoing = client.request(request.method.clone(), request.url.clone());
    if !request.headers.iter().any(|(name, _)| name == USER_AGENT.as_str()) {
        outgoing = outgoing.header(USER_AGENT, HeaderValue::from_static(AGENT));
    }
    for (name, value) in &request.headers {
        outgoing = outgoing.header(name.as_ref(), value.header()?);
    }
    match &request.body {
        Body::Raw(bytes) => outgoing = outgoing.body(bytes.0.clone()),
        body => {
            if let Some((media_type, text)) = body.encode() {
                outgoing = outgoing.header("content-type", media_type).body(text);
            }
        }
    }
    let incoming = outgoing.send().await?;
    if incoming.status().is_redirection()
        && let Some(to) = incoming.headers().get(LOCATION)
    {
        return Err(HttpError::Redirected {
            host: host.to_owned(),
            status: incoming.status().as_u16(),
            to: match redirect_target(&request.url, to) {
                to if request.method.is_safe() => to,
                // The way to a page can be a secret.
                to => excerpt(&Mask::of(request).text(&to), 400),
            },
        }
        .into());
    }
    Ok(incoming)
}

/// Sends a request and reads its answer to the end.
pub(super) async fn read(client: &Client, request: &Request, host: &str) -> Result<Response, error::Fault> {
    let mut incoming = begun(client, request, host).await?;
    let too_large = || HttpError::TooLarge { host: host.to_owned(), what: "body" };
    // What is only fetched can be fetched again; of an answer to a call, what fits is looked at.
    if request.method.is_safe() && incoming.content_length().is_some_and(|length| length > BODY_LIMIT as u64) {
        return Err(too_large().into());
    }
    let (mut body, mut is_cut) = (Vec::new(), false);
    loop {
        match chunk(&mut incoming, &body, host).await {
            Ok(Some(mut chunk)) => {
                is_cut = body.len() + chunk.len() > BODY_LIMIT;
                chunk.truncate(BODY_LIMIT - body.len());
                body.append(&mut chunk);
                match is_cut {
                    true if holds_members(&body) => break,
                    true => return Err(too_large().into()),
                    false => {}
                }
            }
            Ok(None) => break,
            // What has come may hold tokens that exist nowhere else.
            Err(_) if holds_members(&body) => {
                is_cut = true;
                break;
            }
            Err(fault) => return Err(fault),
        }
    }
    let body = encoding::decoded(incoming.headers(), body).map_err(|encoding| HttpError::Encoded {
        host: host.to_owned(),
        encoding: excerpt(&redacted(&encoding), 80),
    })?;
    Ok(Response {
        status: incoming.status().as_u16(),
        headers: incoming.headers().clone(),
        body,
        is_cut,
        received_at: clock::now(),
        host: host.to_owned(),
        mask: Mask::of(request),
    })
}

/// Whether something can be read in a body that has no end.
fn holds_members(body: &[u8]) -> bool {
    Reading::of(body).members().is_some_and(|members| !members.is_empty())
}

/// The next piece of a body. Behind a whole object, a server that does not say that it has ended is not waited for.
async fn chunk(incoming: &mut reqwest::Response, body: &[u8], host: &str) -> Result<Option<Vec<u8>>, error::Fault> {
    // A look at the last byte spares most pieces the reading.
    let is_whole = body.trim_ascii_end().last() == Some(&b'}') && Reading::of(body).is_complete();
    let next = incoming.chunk();
    let chunk = match is_whole {
        true => tokio::time::timeout(PATIENCE, next)
            .await
            .map_err(|_| HttpError::Broken { host: host.to_owned(), reason: "the response does not end".to_owned() })?,
        false => next.await,
    };
    Ok(chunk?.map(Into::into))
}

/// Where a redirect leads, without the query, which may hold codes and tokens.
fn redirect_target(from: &Url, location: &HeaderValue) -> String {
    match location.to_str().ok().and_then(|text| from.join(text).ok()) {
        Some(to) => mask::bare_url(to),
        None => "an unreadable address".to_owned(),
    }
}
