//! What goes wrong with real servers, on demand: any path under `/fault/MODE/`, with any method.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Path, Request, State},
    http::{HeaderValue, header},
    middleware::{Next, from_fn},
    routing::any,
};
use http_body::Frame;
use serde_json::Value;

use super::{
    wire::{Answer, html, with_body},
    world::World,
};

/// Each mode with what it does.
const MODES: &[(&str, &str)] = &[
    ("429", "429 as an HTML page, without Retry-After: the rate limit of Open edX"),
    ("503", "503 as an HTML page, with Retry-After: 30"),
    ("500", "500 as an HTML page"),
    ("login-page", "200 with an HTML login page: a proxy that wants a password first"),
    ("garbage", "200 application/json whose body is not JSON"),
    ("empty", "200 application/json with an empty body"),
    ("cut", "200 whose body ends before its Content-Length"),
    ("lost", "the system performs the request, but the response ends as with cut"),
    ("endless", "200 whose body never ends"),
    ("slow", "no response"),
    ("redirect", "307 to the same path without the fault: following it would give the token to another party"),
];

const JSON: &str = "application/json";

/// The routes of all modes, over those of the systems.
pub(super) fn routes(world: Arc<World>, systems: Router) -> Router {
    let made_up = Router::new().route("/fault/{mode}/{*path}", any(answer)).with_state(world);
    made_up.nest("/fault/lost", systems.layer(from_fn(lose)))
}

/// Lets the system do what is asked for, and cuts its answer off.
async fn lose(request: Request, next: Next) -> Answer {
    next.run(request).await;
    cut()
}

/// The modes: their base URLs, and what they do.
pub(super) fn description(url: &str) -> Value {
    MODES.iter().map(|(mode, does)| (format!("{url}/fault/{mode}"), Value::from(*does))).collect()
}

async fn answer(State(world): State<Arc<World>>, Path((mode, path)): Path<(String, String)>) -> Answer {
    match mode.as_str() {
        "429" => html(429, "Too Many Requests", "You have sent too many requests. Please try again later."),
        "503" => {
            let page = html(503, "Service Unavailable", "We are down for maintenance.");
            with_header(page, header::RETRY_AFTER, "30")
        }
        "500" => html(500, "Server Error (500)", "Our servers have had a problem. We have been told."),
        "login-page" => html(200, "Sign in to the network", "<form><input type=\"password\" name=\"p\"></form>"),
        "garbage" => with_body(200, JSON, "<<<<<<< not JSON at all \u{202e}\u{7}"),
        "empty" => with_body(200, JSON, ""),
        "cut" => cut(),
        "endless" => {
            let part = Bytes::from_static(&[b' '; 16 * 1024]);
            with_body(200, JSON, Body::new(Parts { part, left: None, flushed: false }))
        }
        "slow" => {
            // An error means that the server is gone, which ends the wait as well.
            _ = world.stop.clone().wait_for(|stop| *stop).await;
            with_body(503, "text/plain", "the server was stopped")
        }
        "redirect" => with_header(with_body(307, "text/plain", ""), header::LOCATION, &format!("/{path}")),
        _ => with_body(404, "text/plain", "no such fault"),
    }
}

fn cut() -> Answer {
    let body = Body::new(Parts { part: Bytes::from_static(br#"{"access_token": "#), left: Some(1), flushed: false });
    with_header(with_body(200, JSON, body), header::CONTENT_LENGTH, "4096")
}

fn with_header(mut answer: Answer, name: header::HeaderName, value: &str) -> Answer {
    let value = HeaderValue::from_str(value).unwrap_or_else(|_| HeaderValue::from_static("/"));
    answer.headers_mut().insert(name, value);
    answer
}

/// A body of the same part again and again: `left` times, or for ever.
struct Parts {
    part: Bytes,
    left: Option<u32>,
    /// What there was is on its way.
    flushed: bool,
}

impl http_body::Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.left {
            // hyper writes out what it holds when a body makes it wait, and drops it when a body ends too early.
            Some(0) if !self.flushed => {
                self.flushed = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(0) => return Poll::Ready(None),
            Some(left) => self.left = Some(left - 1),
            None => {}
        }
        Poll::Ready(Some(Ok(Frame::data(self.part.clone()))))
    }
}
