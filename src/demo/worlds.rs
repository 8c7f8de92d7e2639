//! All worlds of a server: the honest one, and one for each prefix `/liar/MODE` that was asked for.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::{Path, Request, State},
    http::Uri,
    response::IntoResponse as _,
    routing::any,
};
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::{
    Options,
    mode::Mode,
    oidc::Oidc,
    systems::Systems,
    wire::{self, Answer},
};

/// The metadata of an issuer with a path stand before that path (RFC 8414 §3.1).
const METADATA: &str = "/.well-known/oauth-authorization-server";

/// The worlds, by the name of their prefix; the honest one has none.
#[derive(Debug)]
pub(super) struct Worlds {
    origin: String,
    options: Options,
    stop: watch::Receiver<bool>,
    made: Mutex<BTreeMap<String, (Arc<Systems>, Router)>>,
}

impl Worlds {
    pub(super) fn new(origin: &str, options: Options, stop: watch::Receiver<bool>) -> Self {
        Self { origin: origin.to_owned(), options, stop, made: Mutex::default() }
    }

    /// The world of a name, made when it is first asked for; none where the name is not a mode.
    pub(super) fn world(&self, name: &str) -> Option<(Arc<Systems>, Router)> {
        let (modes, prefix) = match name {
            "" => ((Mode::Honest, Mode::Honest), String::new()),
            name => (Mode::parse(name)?, format!("/liar/{name}")),
        };
        let make = || {
            let systems = Systems::new(&self.origin, prefix, modes, &self.options, self.stop.clone());
            let routes = systems.routes();
            (Arc::new(systems), routes)
        };
        Some(self.made().entry(name.to_owned()).or_insert_with(make).clone())
    }

    /// The OpenID provider of an issuer here.
    pub(super) fn issuer(&self, issuer: &str) -> Arc<Oidc> {
        let prefix = issuer.strip_prefix(&self.origin).and_then(|path| path.strip_suffix("/oidc"));
        let name = prefix.map(|prefix| prefix.trim_start_matches("/liar/"));
        let (systems, _) = name.and_then(|name| self.world(name)).expect("demo.toml names issuers that exist");
        Arc::clone(&systems.oidc)
    }

    /// The worlds that were made.
    pub(super) fn all(&self) -> Vec<(String, Arc<Systems>)> {
        self.made().iter().map(|(name, (systems, _))| (name.clone(), Arc::clone(systems))).collect()
    }

    fn made(&self) -> MutexGuard<'_, BTreeMap<String, (Arc<Systems>, Router)>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The routes of all prefixes.
pub(super) fn routes(worlds: Arc<Worlds>) -> Router {
    Router::new()
        .route("/liar/{mode}/{*path}", any(below))
        .route(&format!("{METADATA}/liar/{{mode}}/{{system}}"), any(metadata))
        .with_state(worlds)
}

/// The same request without the prefix, to the systems of its world.
async fn below(State(worlds): State<Arc<Worlds>>, Path((mode, _)): Path<(String, String)>, request: Request) -> Answer {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let rest = target.splitn(4, '/').nth(3).map(|rest| format!("/{rest}"));
    forward(&worlds, &mode, rest, request).await
}

async fn metadata(
    State(worlds): State<Arc<Worlds>>,
    Path((mode, system)): Path<(String, String)>,
    request: Request,
) -> Answer {
    forward(&worlds, &mode, Some(format!("{METADATA}/{system}")), request).await
}

async fn forward(worlds: &Worlds, mode: &str, target: Option<String>, mut request: Request) -> Answer {
    let target = target.and_then(|target| target.parse::<Uri>().ok());
    let (Some(target), Some((_, routes))) = (target, worlds.world(mode)) else {
        return wire::with_body(404, "text/plain", "no such mode");
    };
    *request.uri_mut() = target;
    // What the outer router has found of the path does not hold inside.
    request.extensions_mut().clear();
    routes.oneshot(request).await.into_response()
}
