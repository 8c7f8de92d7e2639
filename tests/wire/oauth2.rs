//! The provider `oauth2` against the demo server's OpenID provider: every grant, and what comes after a login.

#![allow(clippy::unwrap_used, reason = "helpers of tests, which clippy takes for product code")]

mod odd;
mod words;

use crate::support::{server, user};
use tokscope::{
    auth::{Acceptance, AuthError, Fate, NoInteraction, Progress, TokenKind, TokenSet},
    demo::{Options, Server},
    http::ExchangeOutcome,
};
use user::{Client, raw, refusal};

async fn demo() -> Server {
    Server::start(Options::default()).await.unwrap()
}

fn issuer(demo: &Server) -> String {
    format!("{}/oidc", demo.url())
}

/// A profile for the demo: its issuer, and these settings.
fn client(demo: &Server, settings: &[(&str, &str)]) -> Client {
    let issuer = issuer(demo);
    let mut all = vec![("issuer", issuer.as_str()), ("scope", "openid profile email")];
    for (key, value) in settings {
        all.retain(|(known, _)| known != key);
        all.push((key, value));
    }
    Client::new(&all)
}

fn browser_client(demo: &Server) -> Client {
    client(demo, &[("client_id", "tokscope-cli")])
}

async fn accepted(client: &Client, set: &TokenSet) -> bool {
    client.probe(set, TokenKind::Access).await.unwrap().acceptance == Acceptance::Accepted
}

#[tokio::test]
async fn code_with_pkce_in_a_browser() {
    let demo = demo().await;
    let client = browser_client(&demo);
    let set = client.login().await.unwrap();
    let kinds: Vec<_> = set.tokens.iter().map(|token| token.kind).collect();
    assert_eq!(kinds, [TokenKind::Access, TokenKind::Refresh, TokenKind::Id]);
    assert_eq!(set.account.as_deref(), Some("ada"), "from the ID token");
    assert_eq!(set.scope.as_deref(), Some("openid profile email"));
    assert_eq!(set.remarks, [""; 0]);
    let lifetime = set.tokens[0].expires_at.unwrap() - set.received_at;
    assert_eq!(lifetime.num_seconds(), 90);
    assert!(client.steps().iter().any(|step| matches!(step, Progress::OpenPage { .. })));

    let verdict = client.probe(&set, TokenKind::Access).await.unwrap();
    assert_eq!((verdict.acceptance, verdict.account.as_deref()), (Acceptance::Accepted, Some("ada")));
    let verdict = client.probe(&set, TokenKind::Refresh).await.unwrap();
    assert_eq!(verdict.acceptance, Acceptance::Accepted, "introspection knows refresh tokens: {}", verdict.detail);
}

#[tokio::test]
async fn a_user_who_says_no_is_reported() {
    let demo = demo().await;
    let error = browser_client(&demo).pressing("Deny").login().await.unwrap_err();
    assert_eq!(refusal(&error), ("access_denied", false));
}

#[tokio::test]
async fn a_server_that_refuses_the_request_says_why_through_the_browser() {
    let demo = demo().await;
    let error = client(&demo, &[("client_id", "tokscope-cli"), ("scope", "openid moon")]).login().await.unwrap_err();
    assert_eq!(refusal(&error), ("invalid_scope", false));
    assert!(error.to_string().contains("moon"), "{error}");
}

#[tokio::test]
async fn refresh_rotates_and_a_replay_kills_the_family() {
    let demo = demo().await;
    let client = browser_client(&demo);
    let first = client.login().await.unwrap();
    let second = client.refresh(&first).await.unwrap();
    for kind in [TokenKind::Access, TokenKind::Refresh, TokenKind::Id] {
        assert_ne!(raw(&first, kind), raw(&second, kind), "{kind}");
    }
    assert!(accepted(&client, &second).await);

    let error = client.refresh(&first).await.unwrap_err();
    assert_eq!(refusal(&error), ("invalid_grant", true));
    assert!(!accepted(&client, &second).await, "the replay has killed what came of the login");
    assert_eq!(refusal(&client.refresh(&second).await.unwrap_err()), ("invalid_grant", true));
}

#[tokio::test]
async fn device_code_on_another_screen() {
    let demo = demo().await;
    let settings = [("client_id", "tokscope-cli"), ("grant", "device_code")];
    let approving = client(&demo, &settings);
    let set = approving.login().await.unwrap();
    assert_eq!(set.account.as_deref(), Some("ada"));
    assert!(accepted(&approving, &set).await);
    let steps = approving.steps();
    let shown = steps.iter().find_map(|step| match step {
        Progress::DeviceCode { user_code, expires_at, .. } => Some((user_code, expires_at)),
        _ => None,
    });
    let (user_code, expires_at) = shown.unwrap();
    assert_eq!(user_code.len(), 9);
    assert!(*expires_at > set.received_at);

    let error = client(&demo, &settings).pressing("Deny").login().await.unwrap_err();
    assert_eq!(refusal(&error), ("access_denied", false));
}

#[tokio::test]
async fn client_credentials_by_every_proof() {
    let demo = demo().await;
    let description = demo.description();
    let clients = description["oidc"]["clients"].as_array().unwrap();
    let pem = clients.iter().find_map(|client| client["private_key"].as_str()).unwrap();
    let machine = |id, auth| {
        let settings = [
            ("client_id", id),
            ("grant", "client_credentials"),
            ("scope", "api"),
            ("client_auth", auth),
            ("audience", "https://api.example.org"),
        ];
        let secret = if auth == "private_key_jwt" { "private_key" } else { "client_secret" };
        let settings: Vec<_> = settings.into_iter().chain([(secret, "env:S")]).collect();
        client(&demo, &settings)
    };
    for (id, auth, secret) in [
        ("odd:service", "auto", "p@ss:w%rd +/~"),
        ("odd:service", "basic", "p@ss:w%rd +/~"),
        ("odd:service", "body", "p@ss:w%rd +/~"),
        ("robot", "private_key_jwt", pem),
    ] {
        let client = machine(id, auth).secret("S", secret);
        let set = client.login().await.unwrap_or_else(|error| panic!("{auth}: {error}"));
        assert_eq!(set.tokens.len(), 1, "no refresh token: the client is its own");
        let verdict = client.probe(&set, TokenKind::Access).await.unwrap();
        assert_eq!(verdict.acceptance, Acceptance::Accepted, "by introspection: {}", verdict.detail);
        let renewed = client.refresh(&set).await.unwrap();
        assert_ne!(raw(&set, TokenKind::Access), raw(&renewed, TokenKind::Access), "{auth}");
    }
    let error = machine("odd:service", "basic").secret("S", "wrong").login().await.unwrap_err();
    assert_eq!(refusal(&error), ("invalid_client", false));
    let error = machine("robot", "private_key_jwt").secret("S", "no key").login().await.unwrap_err();
    assert!(matches!(&error, AuthError::Setting(_)), "{error}");
}

#[tokio::test]
async fn password_grant() {
    let demo = demo().await;
    let settings = [("client_id", "legacy"), ("grant", "password"), ("username", "grace"), ("password", "env:P")];
    let set = client(&demo, &settings).secret("P", "nanosecond").login().await.unwrap();
    assert_eq!(set.account.as_deref(), Some("grace"));
    let wrong = client(&demo, &settings).secret("P", "millisecond");
    let error = wrong.login().await.unwrap_err();
    assert_eq!(refusal(&error), ("invalid_grant", false));
    let shown = format!("{error} {error:?} {:?} {:?}", error.hint(), wrong.http.exchange());
    assert!(!shown.contains("millisecond"), "{shown}");
}

#[tokio::test]
async fn a_token_is_exchanged_for_one_with_another_audience() {
    let demo = demo().await;
    let subject = browser_client(&demo).login().await.unwrap();
    let settings = [
        ("client_id", "odd:service"),
        ("client_secret", "env:S"),
        ("grant", "token_exchange"),
        ("subject_token", "env:T"),
        ("audience", "https://other.example.org"),
        ("scope", "openid"),
    ];
    let exchanging =
        client(&demo, &settings).secret("S", "p@ss:w%rd +/~").secret("T", raw(&subject, TokenKind::Access));
    let set = exchanging.login().await.unwrap();
    assert_eq!(set.scope.as_deref(), Some("openid"));
    let verdict = exchanging.probe(&set, TokenKind::Access).await.unwrap();
    assert_eq!((verdict.acceptance, verdict.account.as_deref()), (Acceptance::Accepted, Some("24400320")));
}

#[tokio::test]
async fn revoke_tells_the_fate_of_each_token() {
    let demo = demo().await;
    let client = browser_client(&demo);
    let set = client.login().await.unwrap();
    let fates = client.revoke(&set).await.unwrap().tokens;
    assert_eq!(fates[..2], [(TokenKind::Refresh, Fate::Asked(200)), (TokenKind::Access, Fate::Asked(200))]);
    assert!(matches!(&fates[2], (TokenKind::Id, Fate::Alive(_))), "{fates:?}");
    let verdict = client.probe(&set, TokenKind::Access).await.unwrap();
    assert_eq!((verdict.acceptance, verdict.status), (Acceptance::Rejected, 401));
    assert!(verdict.detail.contains("invalid_token"), "{}", verdict.detail);
    assert_eq!(refusal(&client.refresh(&set).await.unwrap_err()), ("invalid_grant", true));
}

#[tokio::test]
async fn endpoints_by_hand_need_no_issuer() {
    let demo = demo().await;
    let at = |path: &str| format!("{}/{path}", issuer(&demo));
    let (token, authorize) = (at("token"), at("authorize"));
    let settings = [("client_id", "tokscope-cli"), ("token_endpoint", &token), ("authorization_endpoint", &authorize)];
    let client = Client::new(&settings);
    let set = client.login().await.unwrap();
    assert!(client.refresh(&set).await.is_ok());
    for error in [client.revoke(&set).await.unwrap_err(), client.probe(&set, TokenKind::Access).await.unwrap_err()] {
        assert!(error.hint().is_some_and(|hint| hint.contains("endpoint")), "{error}: {:?}", error.hint());
    }
}

#[tokio::test]
async fn an_issuer_must_call_itself_what_the_profile_calls_it() {
    let demo = demo().await;
    let issuer = format!("{}/", issuer(&demo));
    let error = client(&demo, &[("client_id", "tokscope-cli"), ("issuer", &issuer)]).login().await.unwrap_err();
    assert!(matches!(&error, AuthError::Setting(_)) && error.hint().unwrap().contains("must match exactly"), "{error}");
    let error = client(&demo, &[("client_id", "x"), ("issuer", demo.url())]).login().await.unwrap_err();
    assert!(error.to_string().contains("publishes no metadata"), "{error}");
}

#[tokio::test]
async fn nobody_waits_where_nobody_is() {
    let demo = demo().await;
    for grant in ["authorization_code", "device_code"] {
        let client = client(&demo, &[("client_id", "tokscope-cli"), ("grant", grant)]);
        let error = client.login_with(&NoInteraction).await.unwrap_err();
        assert!(matches!(error, AuthError::NeedsInteraction(_)), "{grant}: {error}");
    }
}

#[tokio::test]
async fn no_secret_is_in_the_exchange_record() {
    let demo = demo().await;
    let client = browser_client(&demo);
    let set = client.refresh(&client.login().await.unwrap()).await.unwrap();
    let exchange = client.http.exchange().unwrap();
    assert!(matches!(exchange.outcome, ExchangeOutcome::Answered { status: 200, .. }));
    let shown = format!("{exchange:?}");
    for kind in [TokenKind::Access, TokenKind::Refresh, TokenKind::Id] {
        assert!(!shown.contains(raw(&set, kind)), "{kind}");
    }
}
