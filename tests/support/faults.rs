//! The table of bad modes: what a server does, what has to be said of it, and what becomes of the session. It is driven
//! headless (`tests/wire/faults.rs`) and through the screen (`tests/program/faults.rs`).

mod http;
mod oauth;
mod oidc;
mod tls;

use std::{path::Path, sync::Arc};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsAcceptor, rustls};
use tokscope::{
    auth::{IssuedToken, Scheme, TokenKind, TokenSet},
    clock,
    profile::{Profile, ProfileName},
};

use super::server::{self, Answer, Received, Server};

/// What stands in every secret: the tokens and passwords that we send, and the tokens of the answers.
pub const MARKER: &str = "marker";

/// One bad mode of a server.
#[derive(Clone, Copy)]
pub struct Mode {
    pub name: &'static str,
    /// What it is met with.
    pub met: Met,
    does: Does,
    /// Of what is said, what tells this mode from others: of the error, or of the remarks on what was taken all the same.
    /// Empty: there is nothing to remark upon.
    pub says: &'static str,
    /// Of what is to be done. Empty where nothing has failed.
    pub hint: &'static str,
    pub leaves: Leaves,
    /// It ends with the time-out, which is short then; otherwise a busy machine must not meet it.
    waits: bool,
}

/// What a mode is met with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Met {
    /// A refresh, and a login with a password, at a token endpoint that the profile names.
    Token,
    /// A refresh at an issuer that is asked for its endpoints.
    Issuer,
    /// A login with a password and the scope `openid` at such an issuer.
    OpenId,
    /// A login on another device.
    Device,
    /// A login in a browser.
    Browser,
}

/// What becomes of the session that was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaves {
    /// As it was.
    Same,
    /// The same tokens, and a mark: the server may have used up the refresh token.
    Unknown,
    /// The same tokens, and the refresh token retired: the server has said that it is dead.
    Retired,
    /// These tokens.
    New(&'static [&'static str]),
}

/// What a server does.
#[derive(Clone, Copy)]
enum Does {
    /// It answers in plain HTTP.
    Plain(fn(&Received) -> Answer),
    /// It answers over TLS, with this certificate; the client trusts the authority in this file.
    Tls { certificate: &'static str, authority: &'static str, answer: fn(&Received) -> Answer },
    /// It answers over TLS to whoever has a certificate.
    Mutual,
    /// What it writes to the first bytes of a TLS client, and whether it closes the connection then.
    Bare { writes: fn() -> Vec<u8>, closes: bool },
    /// It does not listen.
    Nothing,
}

impl Mode {
    const fn new(name: &'static str, does: Does, leaves: Leaves, says: &'static str, hint: &'static str) -> Self {
        Self { name, met: Met::Token, does, says, hint, leaves, waits: false }
    }

    /// A token endpoint that answers so.
    const fn token(
        name: &'static str,
        answer: fn(&Received) -> Answer,
        leaves: Leaves,
        says: &'static str,
        hint: &'static str,
    ) -> Self {
        Self::new(name, Does::Plain(answer), leaves, says, hint)
    }

    const fn met_with(self, met: Met) -> Self {
        Self { met, ..self }
    }

    /// Nothing is told about it that depends on what is sent, and a client of TLS is dear in a debug build.
    pub fn is_tls(&self) -> bool {
        !matches!(self.does, Does::Plain(_) | Does::Nothing)
    }

    /// Whether it ends by the clock.
    pub fn waits(&self) -> bool {
        self.waits || self.met == Met::Device
    }

    const fn waiting(self) -> Self {
        Self { waits: true, ..self }
    }
}

/// All modes, by the layer that is bad.
pub const TABLE: [(&str, &[Mode]); 4] =
    [("HTTP", http::MODES), ("TLS", tls::MODES), ("OAuth", oauth::MODES), ("OpenID Connect", oidc::MODES)];

pub fn all() -> impl Iterator<Item = &'static Mode> {
    TABLE.iter().flat_map(|(_, modes)| modes.iter())
}

/// A server in a bad mode, until it is dropped.
pub struct Bad {
    pub mode: &'static Mode,
    url: String,
    /// Those that speak HTTP without TLS.
    server: Option<Server>,
    task: Option<JoinHandle<()>>,
}

impl Drop for Bad {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl Bad {
    pub async fn start(mode: &'static Mode) -> Self {
        let (url, server, task) = match mode.does {
            Does::Plain(answer) => {
                let server = Server::start(answer).await;
                (server.url(), Some(server), None)
            }
            Does::Tls { certificate, answer, .. } => {
                let config = config(certificate, None);
                let (url, task) = listen(move |stream| accept(config.clone(), stream, answer)).await;
                (url, None, Some(task))
            }
            Does::Mutual => {
                let config = config("good", Some(&read("ca.crt")));
                let (url, task) =
                    listen(move |stream| accept(config.clone(), stream, |_| Answer::json(200, "{}"))).await;
                (url, None, Some(task))
            }
            Does::Bare { writes, closes } => {
                let (url, task) = listen(move |stream| bare(stream, writes(), closes)).await;
                (url, None, Some(task))
            }
            Does::Nothing => {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                (format!("http://{}", listener.local_addr().unwrap()), None, None)
            }
        };
        Self { mode, url, server, task }
    }

    /// The requests that have come without TLS.
    pub fn received(&self) -> Vec<Received> {
        self.server.as_ref().map(Server::received).unwrap_or_default()
    }

    /// The settings of a profile for it.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let at = |path: &str| format!("{}/{path}", self.url);
        let mut settings = vec![("client_id", "cli".to_owned())];
        let password = [("grant", "password"), ("username", "ada"), ("password", "plain:p4ss-marker")];
        let password = password.map(|(key, value)| (key, value.to_owned()));
        match self.mode.met {
            Met::Token => {
                settings.push(("token_endpoint", at("token")));
                settings.extend(password);
            }
            Met::Issuer | Met::OpenId => {
                settings.extend([("issuer", self.url.clone()), ("scope", "openid".to_owned())]);
                settings.extend(password);
            }
            Met::Device => settings.extend([
                ("grant", "device_code".to_owned()),
                ("token_endpoint", at("token")),
                ("device_authorization_endpoint", at("device")),
            ]),
            Met::Browser => settings.extend([
                ("scope", "openid".to_owned()),
                ("token_endpoint", at("token")),
                ("authorization_endpoint", at("authorize")),
            ]),
        }
        if let Does::Tls { authority, .. } = self.mode.does {
            settings.push(("ca_file", path(authority)));
        } else if self.url.starts_with("https") {
            settings.push(("ca_file", path("ca.crt")));
        }
        if self.mode.waits {
            settings.push(("timeout", "2".to_owned()));
        }
        settings
    }

    /// A profile for it.
    pub fn profile(&self, name: &str) -> Profile {
        let settings = self.settings().into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let name = ProfileName::new(name).unwrap();
        Profile { name, provider: "oauth2".to_owned(), settings, environment: None, tags: Vec::new() }
    }
}

/// The tokens of an earlier login.
pub const OLD: [(TokenKind, &str); 3] =
    [(TokenKind::Access, "old-access-marker"), (TokenKind::Refresh, "old-refresh-marker"), (TokenKind::Id, OLD_ID)];

/// `{"iss":"https://a.example","sub":"1","aud":"cli"}` with a signature that nobody made.
pub const OLD_ID: &str = "e30.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSIsInN1YiI6IjEiLCJhdWQiOiJjbGkifQ.b2xkLW1hcmtlcg-marker";

pub fn old_set() -> TokenSet {
    let token =
        |(kind, raw): (_, &str)| IssuedToken { kind, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER };
    TokenSet {
        tokens: OLD.map(token).into(),
        scope: None,
        account: Some("ada".to_owned()),
        received_at: clock::parse("2026-11-21T21:00:00Z").unwrap(),
        remarks: Vec::new(),
    }
}

fn path(file: &str) -> String {
    format!("{}/tests/vectors/tls/{file}", env!("CARGO_MANIFEST_DIR"))
}

fn read(file: &str) -> Vec<u8> {
    std::fs::read(Path::new(&path(file))).unwrap()
}

/// Certificates for a hundred years (one of them expired in 2020), made with openssl. `clients`: the authority of those who
/// may come.
fn config(certificate: &str, clients: Option<&[u8]>) -> Arc<rustls::ServerConfig> {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
    let provider: Arc<_> = rustls::crypto::aws_lc_rs::default_provider().into();
    let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let builder = match clients {
        Some(authority) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(authority).unwrap()).unwrap();
            let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    let certificate = CertificateDer::from_pem_slice(&read(&format!("{certificate}.crt"))).unwrap();
    let key = PrivateKeyDer::from_pem_slice(&read("server.key")).unwrap();
    builder.with_single_cert(vec![certificate], key).unwrap().into()
}

/// An address of this machine where each connection is met so.
async fn listen<F: Future<Output = ()> + Send + 'static>(
    meet: impl Fn(TcpStream) -> F + Send + 'static,
) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let task = tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(meet(stream));
        }
    });
    (url, task)
}

async fn accept(config: Arc<rustls::ServerConfig>, stream: TcpStream, answer: fn(&Received) -> Answer) {
    if let Ok(stream) = TlsAcceptor::from(config).accept(stream).await {
        server::serve(stream, &Default::default(), &answer).await;
    }
}

async fn bare(mut stream: TcpStream, bytes: Vec<u8>, closes: bool) {
    _ = stream.read(&mut [0; 4096]).await;
    _ = stream.write_all(&bytes).await;
    if !closes {
        std::future::pending::<()>().await;
    }
}
