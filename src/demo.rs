//! The embedded auth server: the real systems' token calls on loopback, with short-lived tokens, true to what they
//! answer, error by error. `tokscope demo` starts it inside of the process, `tokscope demo --serve` runs it alone.
//!
//! All state is in memory and dies with the [`Server`]; no file is read or written.
//!
//! To add a system: a file in `src/demo/` with `routes(&Arc<World>) -> axum::Router`, and a line in `Server::start`.

mod fault;
mod mint;
mod oidc;
mod openedx;
mod passwork;
mod practicus;
mod samples;
mod seta;
mod wire;

use std::{
    fmt, io,
    net::Ipv4Addr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use self::mint::RsaKey;
use crate::{
    auth::TokenSet,
    clock::{self, Timestamp},
    profile::{Profile, ProfileName},
};

/// Where the server gets the time from: the system, or a test.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock that asks `now`.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new(clock::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", clock::utc(self.now()))
    }
}

/// How the server is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; a free one where `None`.
    pub port: Option<u16>,
    /// The life of an access token in seconds. 90 by default, so that something happens while one looks.
    pub access_ttl: u32,
    /// For so many seconds the OpenID provider takes a used refresh token again, for clients whose reply got lost. 0 by
    /// default: a second use revokes all tokens of the login (RFC 9700 §4.14.2).
    pub refresh_grace: u32,
    /// The server's time.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: None, access_ttl: 90, refresh_grace: 0, clock: Clock::default() }
    }
}

/// What an authorization server has seen of refresh tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refreshes {
    /// So often one gave new tokens.
    pub granted: u64,
    /// So often a used one came again, and took its login's tokens with it.
    pub replayed: u64,
}

/// What all systems share.
#[derive(Debug)]
struct World {
    /// `http://127.0.0.1:PORT`.
    url: String,
    clock: Clock,
    /// Seconds.
    access_ttl: u32,
    /// Seconds.
    refresh_grace: u32,
    /// Turns true when the server stops: answers that would never come are given up.
    stop: watch::Receiver<bool>,
}

impl World {
    /// The time in Unix seconds.
    fn seconds(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// Signs RS256 and RS512 tokens: new in every process, made when it is first wanted.
    fn rsa(&self) -> &'static RsaKey {
        static KEY: OnceLock<RsaKey> = OnceLock::new();
        KEY.get_or_init(RsaKey::generate)
    }
}

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    world: Arc<World>,
    openedx: Arc<openedx::OpenEdx>,
    seta: Arc<seta::Seta>,
    passwork: Arc<passwork::Passwork>,
    oidc: Arc<oidc::Oidc>,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Binds the port and starts to answer, on the tokio runtime of the caller.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port.unwrap_or(0))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, mut stopped) = watch::channel(false);
        let Options { access_ttl, refresh_grace, clock, .. } = options;
        let world = Arc::new(World { url, clock, access_ttl, refresh_grace, stop: stopped.clone() });
        let openedx = Arc::new(openedx::OpenEdx::new(Arc::clone(&world)));
        let seta = Arc::new(seta::Seta::new(Arc::clone(&world)));
        let passwork = Arc::new(passwork::Passwork::new(Arc::clone(&world)));
        let oidc = Arc::new(oidc::Oidc::new(Arc::clone(&world)));
        let systems = axum::Router::new()
            .merge(openedx::routes(Arc::clone(&openedx)))
            .merge(practicus::routes(Arc::clone(&world)))
            .merge(seta::routes(Arc::clone(&seta)))
            .merge(passwork::routes(Arc::clone(&passwork)))
            .merge(oidc::routes(Arc::clone(&oidc)));
        let router = systems.clone().merge(fault::routes(Arc::clone(&world), systems));
        let task = tokio::spawn(async move {
            let until_stopped = async move { _ = stopped.wait_for(|stop| *stop).await };
            let served = axum::serve(listener, router).with_graceful_shutdown(until_stopped).await;
            served.expect("axum::serve handles the errors of the listener itself");
        });
        Ok(Self { world, openedx, seta, passwork, oidc, stop, task: Some(task) })
    }

    /// Where the server is: `http://127.0.0.1:PORT`, the base URL of every system.
    pub fn url(&self) -> &str {
        &self.world.url
    }

    /// What `--serve` prints: the URLs and credentials of every system, in one JSON object.
    pub fn description(&self) -> Value {
        json!({
            "url": self.world.url,
            "access_ttl": self.world.access_ttl,
            "openedx": self.openedx.description(),
            "practicus": practicus::description(&self.world),
            "seta": self.seta.description(),
            "passwork": self.passwork.description(),
            "oidc": self.oidc.description(),
            "faults": fault::description(&self.world.url),
        })
    }

    /// What one has to know to answer the questions of the profiles that ask: the passwords and one-time codes of those
    /// whom they name.
    pub fn remark(&self) -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let users = practicus::description(&self.world)["users"].as_array().cloned().unwrap_or_default();
        let words = users.iter().map(|user| {
            let code = user["otp_code"].as_str().map(|code| format!(" (one-time code {code})")).unwrap_or_default();
            format!("{}'s is {}{code}", text(&user["username"]), text(&user["password"]))
        });
        format!("demo passwords: {}", words.collect::<Vec<_>>().join(", "))
    }

    /// Ready-made profiles: those of `assets/demo.toml`, with this server's URL.
    pub fn profiles(&self) -> Vec<Profile> {
        samples::profiles(&self.systems())
    }

    /// The token sets that the profiles start with: a fresh one, one that ends in 25 seconds, expired ones. The server
    /// knows them: their refresh tokens work.
    pub fn seeds(&self) -> Vec<(ProfileName, TokenSet)> {
        samples::seeds(&self.systems(), self.world.clock.now())
    }

    /// The profiles whose first token set is to be revoked: its access token is signed, and services go on accepting it.
    pub fn revoked(&self) -> Vec<Profile> {
        samples::revoked(&self.systems())
    }

    /// Tokens to paste, each with its name: what one comes across, and what one hopes not to.
    pub fn samples(&self) -> Vec<(String, String)> {
        samples::pasted()
    }

    /// What the OpenID provider has seen of refresh tokens.
    pub fn refreshes(&self) -> Refreshes {
        self.oidc.refreshes()
    }

    fn systems(&self) -> samples::Systems<'_> {
        samples::Systems { url: self.url(), openedx: &self.openedx, seta: &self.seta, passwork: &self.passwork }
    }

    /// Stops the server and waits until its port is free and its last answers are out, a second at most.
    pub async fn shutdown(mut self) {
        _ = self.stop.send(true);
        if let Some(task) = self.task.take() {
            let abort = task.abort_handle();
            if tokio::time::timeout(Duration::from_secs(1), task).await.is_err() {
                abort.abort();
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.stop.send(true);
    }
}

/// Runs the server alone: prints its [`Server::description`] as one line, then serves until SIGINT or SIGTERM.
pub async fn serve(options: Options, out: &mut impl io::Write) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    // Before the line is out: whoever has read it may send a signal at once.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let server = Server::start(options).await?;
    writeln!(out, "{}", server.description())?;
    out.flush()?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    server.shutdown().await;
    Ok(())
}
