//! A user of the demo's OpenID provider, whose tokens are in a vault on disk.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use tokscope::{
    auth::{AuthError, Interaction, NoInteraction, Progress, Prompt, TokenSet},
    demo,
    profile::{Profile, ProfileName},
    providers,
    secret::{Fingerprint, SecretString},
    session::Session,
    store::{
        identity::{self, Home, Keyring, Site},
        secrets::Secrets,
        vault::{self, Condition, Vault},
    },
};

/// A configuration folder with a vault, and the server that it has tokens of.
pub(crate) struct Client {
    pub(crate) folder: PathBuf,
    pub(crate) session: Session,
    url: String,
}

/// Nobody: what is told is remembered, what is asked is not answered.
#[derive(Default)]
pub(crate) struct Told(Mutex<Vec<String>>);

impl Told {
    pub(crate) fn remarks(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

#[async_trait]
impl Interaction for Told {
    fn report(&self, step: Progress) {
        if let Progress::Remark(words) = step {
            self.0.lock().unwrap().push(words);
        }
    }
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        NoInteraction.ask(prompt).await
    }
    fn is_attended(&self) -> bool {
        false
    }
}

impl Client {
    /// A client of a server at `url`, as a program that has just started.
    pub(crate) async fn start(folder: &Path, url: &str) -> Self {
        let site =
            Site { folder: &vault::path(folder), keyring: Keyring::default(), user: &NoInteraction, prompt: false };
        let identity = identity::open(Home::Plain, &site).await.unwrap();
        let vault = Arc::new(Vault::open(folder, identity).unwrap());
        let session = Session::new(providers::ALL, Box::new(Secrets::default()), vault);
        Self { folder: folder.to_owned(), session, url: url.to_owned() }
    }

    /// The same after the program was started again.
    pub(crate) async fn restarted(&self) -> Self {
        Self::start(&self.folder, &self.url).await
    }

    pub(crate) async fn login(&self) -> TokenSet {
        self.session.login(&self.profile(""), &NoInteraction).await.unwrap()
    }

    pub(crate) async fn refresh(&self, seen: Option<Fingerprint>) -> Result<TokenSet, AuthError> {
        self.session.refresh(&self.profile(""), seen, &NoInteraction).await
    }

    /// A refresh that the server carries out, and whose reply does not come.
    pub(crate) async fn refresh_in_vain(&self) -> AuthError {
        self.session.refresh(&self.profile("/fault/lost"), None, &NoInteraction).await.unwrap_err()
    }

    pub(crate) fn condition(&self) -> Condition {
        self.session.condition(&self.profile("").name).unwrap()
    }

    pub(crate) fn profile(&self, fault: &str) -> Profile {
        let settings = [
            ("token_endpoint", format!("{}{fault}/oidc/token", self.url)),
            ("userinfo_endpoint", format!("{}/oidc/userinfo", self.url)),
            ("grant", "password".to_owned()),
            ("client_id", "legacy".to_owned()),
            ("username", "ada".to_owned()),
            ("password", "plain:analytical-engine".to_owned()),
        ];
        let settings: BTreeMap<_, _> = settings.map(|(key, value)| (key.to_owned(), value)).into();
        let name = ProfileName::new("ada@demo").unwrap();
        Profile { name, provider: "oauth2".to_owned(), settings, environment: None, tags: Vec::new() }
    }

    /// Whether the server takes the access token.
    pub(crate) async fn works(&self) -> bool {
        let verdict = self.session.probe(&self.profile(""), &NoInteraction).await.unwrap();
        verdict.acceptance == tokscope::auth::Acceptance::Accepted
    }
}

/// A server that rotates, with a user who has logged in. The folder goes with the first value.
pub(crate) async fn logged_in(refresh_grace: u32) -> (tempfile::TempDir, demo::Server, Client) {
    let folder = tempfile::tempdir().unwrap();
    let options = demo::Options { access_ttl: 86_400, refresh_grace, ..demo::Options::default() };
    let server = demo::Server::start(options).await.unwrap();
    let client = Client::start(folder.path(), server.url()).await;
    client.login().await;
    (folder, server, client)
}
