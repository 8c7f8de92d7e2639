//! The embedded auth server: the real systems' token calls on loopback, with short-lived tokens, true to what they
//! answer, error by error. `tokscope demo` starts it inside of the process, `tokscope demo --serve` runs it alone.
//!
//! All state is in memory and dies with the [`Server`]; no file is read or written.
//!
//! To add a system: a file in `src/demo/` with `routes(Arc<…>) -> axum::Router`, and a line in `systems.rs`. To add a way in
//! which a server lies: a row in the table of `mode.rs`, and what it changes in `tokens.rs` or `liar.rs`.

mod fault;
mod liar;
mod mint;
mod mode;
mod oidc;
mod openedx;
mod passwork;
mod practicus;
mod samples;
mod seta;
mod systems;
mod tokens;
mod truth;
mod wire;
mod world;
mod worlds;

use std::{
    fmt, io,
    net::Ipv4Addr,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use self::{systems::Systems, worlds::Worlds};
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
    /// Whether `GET /truth/FINGERPRINT` says what is true of a token, whatever the systems say of it.
    pub truth: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { port: None, access_ttl: 90, refresh_grace: 0, clock: Clock::default(), truth: false }
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

/// A running server. Dropping it stops it.
#[derive(Debug)]
pub struct Server {
    honest: Arc<Systems>,
    worlds: Arc<Worlds>,
    truth: bool,
    stop: watch::Sender<bool>,
    task: Option<JoinHandle<()>>,
}

impl Server {
    /// Binds the port and starts to answer, on the tokio runtime of the caller.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port.unwrap_or(0))).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let (stop, mut stopped) = watch::channel(false);
        let truth = options.truth;
        let worlds = Arc::new(Worlds::new(&url, options, stopped.clone()));
        let (honest, systems) = worlds.world("").expect("no prefix is no mode");
        let systems = systems.merge(worlds::routes(Arc::clone(&worlds)));
        let mut router = systems.clone().merge(fault::routes(Arc::clone(&honest.world), systems));
        if truth {
            router = router.merge(truth::routes(Arc::clone(&worlds)));
        }
        let task = tokio::spawn(async move {
            let until_stopped = async move { _ = stopped.wait_for(|stop| *stop).await };
            let served = axum::serve(listener, router).with_graceful_shutdown(until_stopped).await;
            served.expect("axum::serve handles the errors of the listener itself");
        });
        Ok(Self { honest, worlds, truth, stop, task: Some(task) })
    }

    /// Where the server is: `http://127.0.0.1:PORT`, the base URL of every system.
    pub fn url(&self) -> &str {
        &self.honest.world.url
    }

    /// What `--serve` prints: the URLs and credentials of every system, in one JSON object.
    pub fn description(&self) -> Value {
        let url = self.url();
        json!({
            "url": url,
            "access_ttl": self.honest.world.access_ttl,
            "openedx": self.honest.openedx.description(),
            "practicus": practicus::description(&self.honest.world),
            "seta": self.honest.seta.description(),
            "passwork": self.honest.passwork.description(),
            "oidc": self.honest.oidc.description(),
            "faults": fault::description(url),
            "liars": mode::description(url),
            "truth": self.truth.then(|| format!("{url}/truth")),
        })
    }

    /// What one has to know to answer the questions of the profiles that ask: the passwords and one-time codes of those
    /// whom they name.
    pub fn remark(&self) -> String {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let users = practicus::description(&self.honest.world)["users"].as_array().cloned().unwrap_or_default();
        let words = users.iter().map(|user| {
            let code = user["otp_code"].as_str().map(|code| format!(" (one-time code {code})")).unwrap_or_default();
            format!("{}'s is {}{code}", text(&user["username"]), text(&user["password"]))
        });
        format!("demo passwords: {}", words.collect::<Vec<_>>().join(", "))
    }

    /// Ready-made profiles: those of `assets/demo.toml`, with this server's URL.
    pub fn profiles(&self) -> Vec<Profile> {
        samples::profiles(&self.honest)
    }

    /// The token sets that the profiles start with: a fresh one, one that ends in 25 seconds, expired ones. The server
    /// knows them: their refresh tokens work.
    pub fn seeds(&self) -> Vec<(ProfileName, TokenSet)> {
        samples::seeds(&self.honest, &self.worlds, self.honest.world.clock.now())
    }

    /// The profiles whose first token set is to be revoked: its access token is signed, and services go on accepting it.
    pub fn revoked(&self) -> Vec<Profile> {
        samples::revoked(&self.honest)
    }

    /// Tokens to paste, each with its name: what one comes across, and what one hopes not to.
    pub fn samples(&self) -> Vec<(String, String)> {
        samples::pasted()
    }

    /// What the OpenID provider has seen of refresh tokens.
    pub fn refreshes(&self) -> Refreshes {
        self.honest.oidc.refreshes()
    }

    /// So many requests were answered at once, at most; those below `/liar/` are not counted.
    pub fn busiest(&self) -> u64 {
        self.honest.world.busiest.load(Ordering::SeqCst)
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
