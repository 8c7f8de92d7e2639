//! The one HTTP client: time-outs, size limits, TLS, no redirects, and a record of each exchange without its secrets.
//!
//! What holds for every request, whoever sends it:
//! - No redirect is followed: a password or refresh token is never posted to a place that the profile does not name.
//! - Plain http goes to the loopback only, unless the profile says `allow_http`; no proxy stands before the loopback.
//! - Connecting, and the whole exchange, end in time; headers and body have a size limit that is kept while they stream.
//! - A time-out is not an answer: what has arrived is read before the clock is looked at ([`within`]).
//! - Whoever asks learns whether something was sent that may consume a token ([`Sent`]): what was sent is finished.
//! - A connection carries one exchange and nothing is sent twice: on a reused one, a server that closes it in that moment
//!   would leave open whether a refresh token was consumed.

mod answer;
mod body;
mod challenge;
mod encoding;
mod error;
mod exchange;
mod mask;
mod names;
mod patience;
mod request;
mod response;
mod sent;
mod stream;
mod vocabulary;

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use reqwest::{Certificate, Client, dns, redirect, retry};
use tokio::net::TcpStream;
use tower::util::MapResultLayer;
use url::{Host, Url};

pub use self::{
    body::{Oddity, Reading},
    challenge::Challenge,
    error::{HttpError, Phase, TlsFault, Unreachable},
    exchange::{Exchange, ExchangeOutcome},
    patience::within,
    request::{Body, Raw, Request, RequestValue, endpoint},
    response::Response,
    sent::Sent,
    stream::Streamed,
};
use self::{exchange::Draft, mask::Mask};
use crate::clock;
pub use reqwest::Method;

/// The longest body that is read: 1 MiB.
pub const BODY_LIMIT: usize = 1 << 20;

/// A host that does not accept a connection in this time will not do so later.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// What a profile says about its connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpPolicy {
    /// For a whole request: resolving, connecting, sending and the last byte of the answer.
    pub timeout: Duration,
    /// Plain http to hosts other than the loopback.
    pub allow_http: bool,
    /// Further certificate authorities, PEM.
    pub ca_pem: Option<Vec<u8>>,
}

impl Default for HttpPolicy {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(20), allow_http: false, ca_pem: None }
    }
}

/// The one HTTP client, made at the first request, with the policy of one profile.
#[derive(Debug)]
pub struct Http {
    shared: Arc<Shared>,
    last: Last,
    /// The record of what clients have sent that were taken from this one …
    apart: Last,
    /// … and that of the client which this one was taken from.
    taken_from: Option<Last>,
    sent: Arc<Sent>,
}

type Last = Arc<Mutex<Option<Exchange>>>;

#[derive(Debug)]
struct Shared {
    policy: HttpPolicy,
    clients: [OnceLock<Client>; 3],
}

tokio::task_local! {
    /// The exchange that the request of this task belongs to, where it may change something at the server.
    static EXCHANGE: Arc<Sent>;
}

/// Which client a request takes. Each loads only what it needs: the trust store costs time and memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// Plain http to the loopback: no proxy, no certificates.
    Loopback,
    /// TLS to the loopback: no proxy.
    LoopbackTls,
    /// Everything else: the system's proxy and certificates.
    Network,
}

impl Http {
    /// A client for one profile. Opens nothing yet.
    pub fn new(policy: HttpPolicy) -> Self {
        let shared = Shared { policy, clients: Default::default() };
        Self {
            shared: Arc::new(shared),
            last: Arc::default(),
            apart: Arc::default(),
            taken_from: None,
            sent: Arc::default(),
        }
    }

    /// The same client for one exchange: `sent` learns when a request goes out that may change something.
    #[must_use]
    pub fn telling(&self, sent: Arc<Sent>) -> Self {
        let (shared, last, apart) = (Arc::clone(&self.shared), Arc::clone(&self.last), Arc::clone(&self.apart));
        Self { shared, last, apart, taken_from: self.taken_from.clone(), sent }
    }

    /// The same client with a record of its own: what it sends is not in this one's, nor the other way round; it is
    /// [`Self::exchange_apart`].
    #[must_use]
    pub fn apart(&self) -> Self {
        let (shared, sent) = (Arc::clone(&self.shared), Arc::clone(&self.sent));
        Self { shared, last: Arc::default(), apart: Arc::default(), taken_from: Some(Arc::clone(&self.apart)), sent }
    }

    /// How far the exchange has come that this client is for.
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// The policy that this client keeps.
    pub fn policy(&self) -> &HttpPolicy {
        &self.shared.policy
    }

    /// Sends a request and reads the whole answer, whatever its status.
    pub async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let draft = Draft::new(&request, clock::now());
        self.record(draft.unfinished());
        let answer = self.exchange_with(&request).await;
        self.record(draft.finished(answer.as_ref(), clock::now()));
        answer
    }

    /// Like [`Self::send`], and the record stays that of the exchange before: keys that verify its answer are no answer.
    pub async fn send_aside(&self, request: &Request) -> Result<Response, HttpError> {
        self.exchange_with(request).await
    }

    /// The last exchange, its secrets masked. One that was dropped half-way is [`ExchangeOutcome::Unfinished`].
    pub fn exchange(&self) -> Option<Exchange> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The last exchange of those that were taken [apart](Self::apart) from this client.
    pub fn exchange_apart(&self) -> Option<Exchange> {
        self.apart.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Forgets the last exchange: whoever reads the record next sees whether anything was sent since.
    pub fn forget_exchange(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn record(&self, exchange: Exchange) {
        if let Some(record) = &self.taken_from {
            *record.lock().unwrap_or_else(PoisonError::into_inner) = Some(exchange.clone());
        }
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(exchange);
    }

    /// Sends a request whose answer is passed on while it comes: the time-out holds up to its headers, and from then on for
    /// each piece.
    pub async fn stream(&self, request: &Request) -> Result<Streamed, HttpError> {
        let draft = Draft::new(request, clock::now());
        self.record(draft.unfinished());
        let begun = async |client: &Client, host: &str| answer::begun(client, request, host).await;
        let incoming = self.ask(request, begun).await;
        let answer = incoming.map(|incoming| Streamed::new(incoming, request, self.policy().timeout));
        self.record(draft.finished(answer.as_ref().map(|streamed| &streamed.head), clock::now()));
        answer
    }

    async fn exchange_with(&self, request: &Request) -> Result<Response, HttpError> {
        self.ask(request, async |client: &Client, host: &str| answer::read(client, request, host).await).await
    }

    /// Sends a request within the limits of the policy; `read` sends it, and says when the answer is there.
    async fn ask<T>(
        &self,
        request: &Request,
        read: impl AsyncFnOnce(&Client, &str) -> Result<T, error::Fault>,
    ) -> Result<T, HttpError> {
        let host = request::authority(&request.url);
        let route = self.route(&request.url)?;
        let client = self.client(route, &host)?;
        let limit = self.policy().timeout;
        let answer = async {
            let answer = read(client, &host);
            match request.method.is_safe() {
                true => answer.await,
                false => EXCHANGE.scope(Arc::clone(&self.sent), answer).await,
            }
        };
        let error = match within(limit, answer).await {
            Some(Ok(answer)) => return Ok(answer),
            Some(Err(fault)) => fault.describe(&host, self.connect_limit()),
            None => return Err(HttpError::TimedOut { host, phase: Phase::Answer, after: limit }),
        };
        match error {
            HttpError::TimedOut { host, phase: Phase::Connect, after } if accepts(&request.url).await => {
                Err(HttpError::TimedOut { host, phase: Phase::Handshake, after })
            }
            error => Err(error),
        }
    }

    fn route(&self, url: &Url) -> Result<Route, HttpError> {
        match (url.scheme(), is_loopback(url)) {
            ("http", true) => Ok(Route::Loopback),
            ("https", true) => Ok(Route::LoopbackTls),
            ("https", false) => Ok(Route::Network),
            ("http", false) if self.policy().allow_http => Ok(Route::Network),
            _ => Err(HttpError::InsecureUrl(request::authority(url))),
        }
    }

    /// Shorter than the whole time-out, so that "no connection" and "no answer" are told apart: only after the first
    /// one it is certain that nothing was sent.
    fn connect_limit(&self) -> Duration {
        CONNECT_LIMIT.min(self.policy().timeout.mul_f32(0.9))
    }

    fn client(&self, route: Route, host: &str) -> Result<&Client, HttpError> {
        let slot = &self.shared.clients[route as usize];
        if let Some(client) = slot.get() {
            return Ok(client);
        }
        let client = self.build(route, host)?;
        Ok(slot.get_or_init(|| client))
    }

    #[allow(clippy::disallowed_methods, reason = "the one place that builds a client")]
    fn build(&self, route: Route, host: &str) -> Result<Client, HttpError> {
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .pool_max_idle_per_host(0)
            .connect_timeout(self.connect_limit())
            .dns_resolver(Arc::new(Resolver))
            .connector_layer(MapResultLayer::new(connected));
        if route != Route::Network {
            builder = builder.no_proxy();
        }
        let extra = match (&self.policy().ca_pem, route) {
            (Some(pem), Route::LoopbackTls | Route::Network) => authorities(pem)?,
            _ => Vec::new(),
        };
        let builder = match route {
            Route::Loopback => builder.tls_certs_only([]),
            _ => builder.tls_certs_merge(extra),
        };
        builder.build().map_err(|error| error::unbuilt(&error, host))
    }
}

/// The connection stands, and the first byte of the request is next; not for an exchange that was stopped. The client has no
/// pool, so a request's connection is made in the task of its own.
fn connected<T>(result: Result<T, BoxError>) -> Result<T, BoxError> {
    let connection = result?;
    match EXCHANGE.try_with(|sent| sent.begin()).unwrap_or(true) {
        true => Ok(connection),
        false => Err("it was cancelled before anything was sent".into()),
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A foreign text without the words in it that look like tokens.
pub fn redacted(text: &str) -> String {
    Mask::default().text(text)
}

/// The certificates of a CA file: at least one, each of them readable.
fn authorities(pem: &[u8]) -> Result<Vec<Certificate>, HttpError> {
    match Certificate::from_pem_bundle(pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(HttpError::BadCa("it contains no PEM certificate".to_owned())),
        Err(error) => Err(HttpError::BadCa(error::innermost(&error))),
    }
}

/// Whether a host that did not come to a TLS connection in time accepts connections at all: the library does not tell how
/// far it got. Behind a proxy that is not for us to find out.
async fn accepts(url: &Url) -> bool {
    const LIMIT: Duration = Duration::from_secs(1);
    let proxied = ["https_proxy", "all_proxy"]
        .iter()
        .any(|name| [name.to_string(), name.to_uppercase()].iter().any(|name| std::env::var_os(name).is_some()));
    if url.scheme() != "https" || (proxied && !is_loopback(url)) {
        return false;
    }
    let port = url.port_or_known_default().unwrap_or(443);
    let connected = async {
        match url.host()? {
            Host::Domain("localhost") => TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.ok(),
            Host::Domain(name) => TcpStream::connect((name, port)).await.ok(),
            Host::Ipv4(address) => TcpStream::connect((address, port)).await.ok(),
            Host::Ipv6(address) => TcpStream::connect((address, port)).await.ok(),
        }
    };
    tokio::time::timeout(LIMIT, connected).await.is_ok_and(|stream| stream.is_some())
}

/// Whether a URL points to this machine by its form alone: an address of 127.0.0.0/8, `::1`, or `localhost`, which
/// [`Resolver`] pins.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The system's resolver, but for `localhost`, which is this machine whatever a name server says (RFC 6761 §6.3). An
/// unknown name is an error type of its own, so that it can be told from an unreachable host.
struct Resolver;

/// The name has no address.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address")]
struct NoAddress(#[source] Option<std::io::Error>);

impl dns::Resolve for Resolver {
    fn resolve(&self, name: dns::Name) -> dns::Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = if name.as_str() == "localhost" {
                vec![(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()]
            } else {
                match tokio::net::lookup_host((name.as_str(), 0)).await {
                    Ok(found) => found.collect(),
                    Err(error) => return Err(NoAddress(Some(error)).into()),
                }
            };
            if found.is_empty() { Err(NoAddress(None).into()) } else { Ok(Box::new(found.into_iter()) as dns::Addrs) }
        })
    }
}
