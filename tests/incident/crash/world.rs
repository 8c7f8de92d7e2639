//! A user of the demo's OpenID provider: a configuration folder with a profile and a vault, and the server that it has
//! tokens of.

use std::{fs, path::Path, sync::Arc};

use serde_json::Value;
use tokscope::{
    auth::{AuthError, NoInteraction, TokenSet},
    demo,
    profile::{Profile, ProfileName},
    providers,
    secret::Fingerprint,
    session::Session,
    store::{
        config,
        identity::{self, Home, Keyring, Site},
        profiles,
        secrets::Secrets,
        vault::{self, Record, Vault},
    },
};

pub(crate) struct World {
    folder: tempfile::TempDir,
    client: &'static str,
    pub(crate) server: demo::Server,
}

impl World {
    /// Somebody who has logged in.
    pub(crate) async fn new(refresh_grace: u32) -> Self {
        Self::with(refresh_grace, "legacy").await
    }

    /// Somebody who has logged in as a user of that client.
    pub(crate) async fn with(refresh_grace: u32, client: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["config", "home", "run", "tmp"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let options = demo::Options { access_ttl: 86_400, refresh_grace, truth: true, ..demo::Options::default() };
        let world = Self { folder, client, server: demo::Server::start(options).await.unwrap() };
        config::set_identity_home(&world.config(), Home::Plain).unwrap();
        profiles::upsert(&world.config(), &world.profile("")).unwrap();
        world.login().await;
        world
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> std::path::PathBuf {
        self.root().join("config")
    }

    /// Its token endpoint behind one of the demo's faults.
    pub(crate) fn profile(&self, fault: &str) -> Profile {
        let settings = [
            ("token_endpoint", format!("{}{fault}/oidc/token", self.server.url())),
            ("userinfo_endpoint", format!("{}/oidc/userinfo", self.server.url())),
            ("revocation_endpoint", format!("{}/oidc/revoke", self.server.url())),
            ("introspection_endpoint", format!("{}/oidc/introspect", self.server.url())),
            ("grant", "password".to_owned()),
            ("client_id", self.client.to_owned()),
            ("username", "ada".to_owned()),
            ("password", "plain:analytical-engine".to_owned()),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value)).into();
        let name = ProfileName::new("ada").unwrap();
        Profile { name, provider: "oauth2".to_owned(), settings, environment: None, tags: Vec::new() }
    }

    /// A program that has just started.
    pub(crate) async fn session(&self) -> Session {
        let folder = vault::path(&self.config());
        let site = Site { folder: &folder, keyring: Keyring::default(), user: &NoInteraction, prompt: false };
        let identity = identity::open(Home::Plain, &site).await.unwrap();
        let vault = Vault::open(&self.config(), identity).unwrap();
        let vault = vault.rescuing_in(vec![self.root().join("run/tokscope")]);
        let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_str().unwrap().starts_with(".tokscope-")), "not swept: {left:?}");
        Session::new(providers::ALL, Box::new(Secrets::default()), Arc::new(vault))
    }

    pub(crate) async fn record(&self) -> Record {
        self.session().await.record(&self.profile("").name).unwrap().unwrap()
    }

    pub(crate) async fn login(&self) {
        self.session().await.login(&self.profile(""), &NoInteraction).await.unwrap();
    }

    pub(crate) async fn refresh(&self) -> Result<TokenSet, AuthError> {
        self.session().await.refresh(&self.profile(""), None, &NoInteraction).await
    }

    /// What is true of a token by its fingerprint; without one, what was done with all. `None`: it is not of this server.
    pub(crate) async fn truth(&self, fingerprint: &str) -> Option<Value> {
        let url = format!("{}/truth/{fingerprint}", self.server.url());
        let answer = reqwest::get(url.trim_end_matches('/')).await.unwrap();
        let found = answer.status().is_success();
        let text = answer.text().await.unwrap();
        found.then(|| serde_json::from_str(&text).unwrap())
    }

    /// Whether the server takes the saved access token.
    pub(crate) async fn works(&self) -> bool {
        let verdict = self.session().await.probe(&self.profile(""), &NoInteraction).await.unwrap();
        verdict.acceptance == tokscope::auth::Acceptance::Accepted
    }
}

pub(crate) fn generation(record: &Record) -> Fingerprint {
    record.token_set.as_ref().unwrap().generation().unwrap()
}
