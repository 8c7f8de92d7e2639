//! A configuration folder with a profile that has logged in, and the server that it has tokens of.

use std::{path::Path, process::Command, sync::Arc};

use chrono::TimeDelta;
use serde_json::Value;
use tokscope::{
    auth::{NoInteraction, TokenKind},
    clock,
    demo::{self, Refreshes, Server},
    profile::ProfileName,
    providers,
    session::Session,
    store::{
        identity::{self, Home, Keyring, Site},
        profiles,
        secrets::Secrets,
        vault::{self, Vault},
    },
};

use crate::support::program::{Done, tokscope};

pub(crate) struct World {
    folder: tempfile::TempDir,
    server: Server,
    runtime: tokio::runtime::Runtime,
}

impl World {
    /// One whose access tokens live so long.
    pub(crate) fn new(access_ttl: u32) -> Self {
        let world = Self::empty(demo::Options { access_ttl, ..demo::Options::default() });
        world.profile("demo", "");
        world.profile("fresh", "");
        let (_, words, code) = world.run(&["login", "demo", "--no-input"]);
        assert_eq!(code, 0, "{words}");
        world
    }

    /// One without profiles.
    pub(crate) fn empty(options: demo::Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let server = runtime.block_on(Server::start(options)).unwrap();
        Self { folder: tempfile::tempdir().unwrap(), server, runtime }
    }

    /// What is true of a token by its fingerprint; without one, what was done with all. `None`: it is not of this server.
    pub(crate) fn truth(&self, fingerprint: &str) -> Option<Value> {
        let url = format!("{}/truth/{fingerprint}", self.server.url());
        let answer = self.runtime.block_on(reqwest::get(url.trim_end_matches('/'))).unwrap();
        let found = answer.status().is_success();
        let text = self.runtime.block_on(answer.text()).unwrap();
        found.then(|| serde_json::from_str(&text).unwrap())
    }

    /// Adds a profile. Extra lines are TOML.
    pub(crate) fn profile(&self, name: &str, extra: &str) {
        let url = self.server.url();
        let text = format!(
            "[profile.{name}]\nprovider = \"oauth2\"\ntoken_endpoint = \"{url}/oidc/token\"\n\
             userinfo_endpoint = \"{url}/oidc/userinfo\"\ngrant = \"password\"\nclient_id = \"legacy\"\n\
             username = \"ada\"\npassword = \"plain:analytical-engine\"\n{extra}\n"
        );
        let path = self.path().join("profiles.toml");
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        std::fs::write(path, before + &text).unwrap();
    }

    /// Puts lines of TOML into a profile, in place of those with the same keys.
    pub(crate) fn amend(&self, name: &str, lines: &str) {
        let path = self.path().join("profiles.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let mut document: toml_edit::DocumentMut = text.parse().unwrap();
        let lines: toml_edit::DocumentMut = lines.parse().unwrap();
        for (key, item) in lines.iter() {
            document["profile"][name][key] = item.clone();
        }
        std::fs::write(path, document.to_string()).unwrap();
    }

    /// Adds a profile of each system that the server has, with tokens.
    pub(crate) fn systems(&self) {
        let seeds = self.server.seeds();
        for mut profile in self.server.profiles() {
            if ["lms-prod", "grades-worker", "practicus-eu", "seta-files", "passwork-vault"]
                .contains(&profile.name.as_str())
            {
                profile.environment = None;
                if profile.settings.remove("otp").is_some() {
                    let ada = [("email", "ada@example.org"), ("password", "plain:analytical-engine")];
                    profile.settings.extend(ada.map(|(key, value)| (key.to_owned(), value.to_owned())));
                }
                profiles::upsert(self.path(), &profile).unwrap();
                match seeds.iter().rfind(|(name, _)| *name == profile.name) {
                    Some((name, seed)) => self.session().adopt(name, seed.clone()).unwrap(),
                    None => assert_eq!(self.run(&["login", profile.name.as_str(), "--no-input"]).2, 0),
                }
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The program at this folder, whose vault has its key in a plain file.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        plain(self.path(), arguments)
    }

    /// What it prints, says, and its exit code.
    pub(crate) fn run(&self, arguments: &[&str]) -> (String, String, i32) {
        Done::of(&mut self.command(arguments)).parts()
    }

    /// The private key of SeTA's users, PEM.
    pub(crate) fn seta_key(&self) -> String {
        self.server.description()["seta"]["private_key"].as_str().unwrap().to_owned()
    }

    pub(crate) fn url(&self) -> String {
        self.server.url().to_string()
    }

    pub(crate) fn refreshes(&self) -> Refreshes {
        self.server.refreshes()
    }

    pub(crate) fn session(&self) -> Session {
        let folder = vault::path(self.path());
        let site = Site { folder: &folder, keyring: Keyring::default(), user: &NoInteraction, prompt: false };
        let identity = self.runtime.block_on(identity::open(Home::Plain, &site)).unwrap();
        let vault = Arc::new(Vault::open(self.path(), identity).unwrap());
        Session::new(providers::ALL, Box::new(Secrets::default()), vault)
    }

    /// The saved access token is over: an opaque one takes its place that has expired.
    pub(crate) fn expire(&self) {
        let session = self.session();
        let name = ProfileName::new("demo").unwrap();
        let mut set = session.token_set(&name).unwrap().unwrap();
        let access = set.tokens.iter_mut().find(|token| token.kind == TokenKind::Access).unwrap();
        access.raw = format!("expired-{}", access.fingerprint()).as_str().into();
        access.expires_at = Some(clock::now() - TimeDelta::seconds(10));
        set.received_at = clock::now() - TimeDelta::seconds(20);
        session.adopt(&name, set).unwrap();
    }

    /// The saved refresh token is lost.
    pub(crate) fn strand(&self) {
        let (session, name) = (self.session(), ProfileName::new("demo").unwrap());
        let mut set = session.token_set(&name).unwrap().unwrap();
        set.tokens.retain(|token| token.kind == TokenKind::Access);
        session.adopt(&name, set).unwrap();
    }

    /// Whether the server takes the saved access token.
    pub(crate) fn works(&self) -> bool {
        self.run(&["probe", "demo"]).2 == 0
    }

    /// The server goes away.
    pub(crate) fn unplug(self) -> Offline {
        let Self { folder, server, runtime } = self;
        drop(server);
        drop(runtime);
        Offline(folder)
    }
}

/// The folder alone.
pub(crate) struct Offline(tempfile::TempDir);

impl Offline {
    pub(crate) fn run(&self, arguments: &[&str]) -> (String, String, i32) {
        Done::of(&mut plain(self.0.path(), arguments)).parts()
    }
}

fn plain(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = tokscope(folder, arguments.iter().copied());
    command.env("TOKSCOPE_IDENTITY", "plain");
    command
}

/// The program by itself, with an empty file on standard input.
pub(crate) fn bare(arguments: &[&str]) -> (String, String, i32) {
    let folder = tempfile::tempdir().unwrap();
    Done::of(tokscope(folder.path(), arguments.iter().copied()).stdin(tempfile::tempfile().unwrap())).parts()
}
