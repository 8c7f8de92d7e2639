//! A configuration folder with a session in its vault, and the program that works on it.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

use rustix::process::Signal;
use tempfile::TempDir;
use tokscope::{
    auth::{IssuedToken, NoInteraction, Scheme, TokenKind, TokenSet},
    clock,
    profile::ProfileName,
    providers,
    session::Session,
    store::{
        identity::{self, Home, Keyring, Site},
        secrets::Secrets,
        vault::{self, Condition, Vault},
    },
};

use crate::leave::{
    screen::{Screen, TOKSCOPE},
    server::{Moment, Server, refresh_token, visit},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// The title of a login's dialog.
pub(crate) const DIALOG: &str = "┌─ Log in  ";

/// The time-out of a request, in seconds, where it does not matter.
pub(crate) const LIMIT: u32 = 60;

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exchange {
    Refresh,
    Automatic,
    Code,
    Device,
}

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) screen: Screen,
    /// What the program says on standard error, where it has no screen, and the pages that it opens.
    lines: Receiver<String>,
    exchange: Exchange,
    moment: Moment,
}

impl World {
    /// The command line at work on an exchange.
    pub(crate) fn command(exchange: Exchange, moment: Moment, timeout: u32) -> Self {
        let line = match exchange {
            Exchange::Refresh | Exchange::Automatic => "refresh lms",
            Exchange::Code | Exchange::Device => "login lms",
        };
        let line = format!("exec '{TOKSCOPE}' {line} 2>lines");
        Self::run("sh", &["-c", &line], exchange, moment, timeout)
    }

    /// The screen at work on an exchange.
    pub(crate) fn screen(exchange: Exchange, moment: Moment) -> Self {
        let mut world = Self::run(TOKSCOPE, &[], exchange, moment, LIMIT);
        match exchange {
            Exchange::Automatic => {}
            Exchange::Refresh => {
                world.screen.wait_for("opaque, nothing to decode");
                world.screen.press("r");
            }
            Exchange::Code | Exchange::Device => {
                world.screen.wait_for("opaque, nothing to decode");
                world.screen.press("l");
                world.screen.wait_for(DIALOG);
            }
        }
        world
    }

    /// The screen, with nothing under way.
    pub(crate) fn idle() -> Self {
        let mut world = Self::run(TOKSCOPE, &[], Exchange::Refresh, Moment::After, LIMIT);
        world.screen.wait_for("opaque, nothing to decode");
        world
    }

    fn run(program: &str, arguments: &[&str], exchange: Exchange, moment: Moment, timeout: u32) -> Self {
        let server = Server::start(moment);
        let mut lines = None;
        let life = if exchange == Exchange::Automatic { 5 } else { 3_600 };
        let prepare = |dir: &TempDir| {
            let path = dir.path();
            let profile = profile(&server.url, exchange, moment) + &format!("timeout = {timeout}\n");
            fs::write(path.join("profiles.toml"), profile).unwrap();
            adopt(path, life);
            lines = Some(listen(&path.join("lines")));
            let opener = path.join("xdg-open");
            fs::write(&opener, "#!/bin/sh\necho \"open this page:  $1\" >lines\n").unwrap();
            fs::set_permissions(&opener, fs::Permissions::from_mode(0o755)).unwrap();
        };
        let environment = [("TOKSCOPE_IDENTITY", "plain"), ("DISPLAY", ":none"), ("PATH", "./:/usr/bin:/bin")];
        let screen = Screen::run(program, arguments, &environment, prepare);
        Self { server, screen, lines: lines.unwrap(), exchange, moment }
    }

    /// Waits until the exchange has come so far.
    pub(crate) fn reach_the_moment(&mut self) {
        if self.exchange == Exchange::Code {
            let line = self.hear("open this page");
            let page = url::Url::parse(line.split_whitespace().last().unwrap()).unwrap();
            if self.moment == Moment::Before {
                return;
            }
            let parameter = |name: &str| page.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
            let mut back = url::Url::parse(&parameter("redirect_uri")).unwrap();
            back.query_pairs_mut().append_pair("code", "c").append_pair("state", &parameter("state"));
            thread::spawn(move || visit(&back));
        }
        self.server.wait();
    }

    /// Waits for a line on standard error.
    #[track_caller]
    pub(crate) fn hear(&self, words: &str) -> String {
        let mut heard = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{words:?} is not in {heard:#?}"));
            if line.contains(words) {
                return line;
            }
            heard.push(line);
        }
    }

    /// Waits until a thread of the program has ended, as the one does that reads a terminal which is gone.
    pub(crate) fn wait_thread_gone(&self, name: &str) {
        let tasks = PathBuf::from(format!("/proc/{}/task", self.screen.pid().as_raw_pid()));
        let is_there = || {
            let mut tasks = fs::read_dir(&tasks).into_iter().flatten().flatten();
            tasks.any(|task| fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name))
        };
        let deadline = Instant::now() + PATIENCE;
        while is_there() {
            assert!(Instant::now() < deadline, "the thread {name} is still there");
            thread::yield_now();
        }
    }

    /// Stops the program for so long.
    pub(crate) fn stop_for(&self, span: Duration, meanwhile: impl FnOnce()) {
        self.screen.signal(Signal::STOP);
        let stat = PathBuf::from(format!("/proc/{}/stat", self.screen.pid().as_raw_pid()));
        while !fs::read_to_string(&stat).unwrap().contains(") T ") {
            thread::yield_now();
        }
        let start = Instant::now();
        meanwhile();
        // Time itself is what is waited for: the program's clock goes on.
        while start.elapsed() < span {
            thread::park_timeout(span);
        }
        self.screen.signal(Signal::CONT);
    }

    /// That the session is alive: what is saved is what the server takes, and nothing else was sent to it.
    pub(crate) fn alive(&self) -> Result<(), String> {
        let saved = token_set(self.screen.config());
        let saved = saved.token(TokenKind::Refresh).unwrap().fingerprint();
        let (current, refused) = self.server.current();
        let current_one = IssuedToken { raw: current.clone().into(), ..token(TokenKind::Refresh, "") }.fingerprint();
        match saved == current_one && refused == 0 {
            true => Ok(()),
            false => Err(format!("the server takes {current}, and has refused {refused}")),
        }
    }

    pub(crate) fn condition(&self) -> Condition {
        open(self.screen.config()).condition(&name()).unwrap()
    }
}

pub(crate) fn name() -> ProfileName {
    ProfileName::new("lms").unwrap()
}

/// Endpoints by hand, but where the exchange is to be stopped before it sends anything: then it asks for them first.
fn profile(url: &str, exchange: Exchange, moment: Moment) -> String {
    let secure = url.replace("http://", "https://");
    let endpoints = match (exchange, moment) {
        (_, Moment::Handshake) => format!("token_endpoint = \"{secure}/token\"\n"),
        (Exchange::Refresh | Exchange::Automatic, Moment::Before) => format!("issuer = \"{url}\"\n"),
        _ => format!(
            "token_endpoint = \"{url}/token\"\ndevice_authorization_endpoint = \"{url}/device\"\n\
             authorization_endpoint = \"{url}/authorize\"\n"
        ),
    };
    let grant = if exchange == Exchange::Device { "device_code" } else { "authorization_code" };
    format!(
        "[profile.lms]\nprovider = \"oauth2\"\ngrant = \"{grant}\"\nclient_id = \"cli\"\nauto_refresh = true\n{endpoints}"
    )
}

/// Lines of a pipe with a name, as long as the folder of it is there.
fn listen(path: &Path) -> Receiver<String> {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let (tell, lines) = mpsc::channel();
    let path = path.to_owned();
    thread::spawn(move || {
        // Open for writing, too: who opens a page comes and goes.
        while let Ok(pipe) = fs::File::options().read(true).write(true).open(&path) {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    return;
                }
            }
        }
    });
    lines
}

fn open(dir: &Path) -> Vault {
    let folder = vault::path(dir);
    let site = Site { folder: &folder, keyring: Keyring::default(), user: &NoInteraction, prompt: false };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let identity = runtime.block_on(identity::open(Home::Plain, &site)).unwrap();
    Vault::open(dir, identity).unwrap()
}

fn token(kind: TokenKind, raw: &str) -> IssuedToken {
    IssuedToken { kind, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER }
}

/// Puts the first token set into the vault; its access token lives so many seconds.
fn adopt(dir: &Path, life: i64) {
    let now = clock::now();
    let end = now + chrono::TimeDelta::seconds(life);
    let access = IssuedToken { expires_at: Some(end), ..token(TokenKind::Access, "access-token-number-0") };
    let tokens = vec![access, token(TokenKind::Refresh, &refresh_token(0))];
    let set = TokenSet { tokens, scope: None, account: None, received_at: now, remarks: Vec::new() };
    let session = Session::new(providers::ALL, Box::new(Secrets::default()), open(dir).into());
    session.adopt(&name(), set).unwrap();
}

pub(crate) fn token_set(dir: &Path) -> TokenSet {
    open(dir).token_set(&name()).unwrap().unwrap()
}
