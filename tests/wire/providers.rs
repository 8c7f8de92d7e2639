//! The contract that every provider keeps, over all of [`providers::ALL`] and through the use cases that shells call.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod rotation;

use std::{
    collections::{BTreeMap, HashSet},
    mem::discriminant,
    pin::Pin,
    sync::{Arc, Mutex},
};

use crate::support::server;
use async_trait::async_trait;
use server::{Answer, Received, Server};
use tokscope::{
    auth::{
        Acceptance, AuthError, Fate, FieldKind, Interaction, IssuedToken, Progress, Prompt, Provider, Scheme,
        SecretRef, SecretSource, Settings, TokenKind, TokenSet, import,
    },
    clock,
    http::ExchangeOutcome,
    profile::{Profile, ProfileName},
    providers,
    secret::{ExposeSecret as _, SecretString},
    session::{Session, Wanted},
    store::vault::Vault,
};

/// No message, error, record or `Debug` may hold this.
const MARKER: &str = "m4rker";

/// A user who types the same secret everywhere, and whose screen is remembered.
#[derive(Default)]
struct User {
    steps: Mutex<Vec<Progress>>,
    asked: Mutex<Vec<&'static str>>,
}

#[async_trait]
impl Interaction for User {
    fn report(&self, step: Progress) {
        self.steps.lock().unwrap().push(step);
    }
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        self.asked.lock().unwrap().push(prompt.key);
        Ok(format!("{MARKER}-typed").into())
    }
}

/// What a background refresh must never touch.
struct Nobody;

#[async_trait]
impl Interaction for Nobody {
    fn report(&self, _: Progress) {}
    async fn ask(&self, prompt: Prompt) -> Result<SecretString, AuthError> {
        panic!("asked for {}", prompt.key)
    }
}

struct Keys;

#[async_trait]
impl SecretSource for Keys {
    async fn resolve(&self, reference: &SecretRef) -> Result<SecretString, AuthError> {
        match reference {
            SecretRef::File(path) => Ok(std::fs::read_to_string(path).unwrap().into()),
            _ => Ok(format!("{MARKER}-resolved").into()),
        }
    }
}

fn session() -> Session {
    Session::new(providers::ALL, Box::new(Keys), Arc::new(Vault::default()))
}

/// A profile with a plausible value for every field of the provider.
fn profile(provider: &dyn Provider, url: &str, own: &[(&str, &str)]) -> Profile {
    let mut settings = BTreeMap::new();
    for field in provider.descriptor().fields() {
        let value = match field.kind {
            // Without one, a probe is the provider's own.
            _ if field.key == "probe_url" => continue,
            FieldKind::Url => url,
            FieldKind::Text if field.default.is_none() => "someone",
            _ => continue,
        };
        settings.insert(field.key.to_owned(), value.to_owned());
    }
    settings.insert("timeout".to_owned(), "1".to_owned());
    // What makes a login go to the server.
    let login: &[_] = match provider.descriptor().id {
        "seta" => {
            &[("private_key", concat!("file:", env!("CARGO_MANIFEST_DIR"), "/tests/vectors/private-keys/pkcs8.pem"))]
        }
        "passwork" => &[("login", "password")],
        _ => &[],
    };
    settings.extend(login.iter().chain(own).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    let name = ProfileName::new(provider.descriptor().id).unwrap();
    Profile { name, provider: provider.descriptor().id.to_owned(), settings, environment: None, tags: vec![] }
}

fn edx(url: &str, own: &[(&str, &str)]) -> Profile {
    profile(providers::by_id("openedx").unwrap(), url, own)
}

fn token(kind: TokenKind, raw: &str, scheme: Scheme) -> IssuedToken {
    IssuedToken { kind, raw: raw.into(), expires_at: clock::parse("2026-11-21T22:00:00Z"), scheme }
}

fn old_set() -> TokenSet {
    TokenSet {
        tokens: vec![
            token(TokenKind::Access, &format!("{MARKER}-old-access"), Scheme::BEARER),
            token(TokenKind::Refresh, &format!("{MARKER}-old-refresh"), Scheme::BEARER),
        ],
        scope: Some("read".to_owned()),
        account: None,
        received_at: clock::parse("2026-11-21T21:00:00Z").unwrap(),
        remarks: vec![],
    }
}

/// The texts of the saved tokens.
fn saved(session: &Session, profile: &Profile) -> Vec<String> {
    let set = session.token_set(&profile.name).unwrap();
    set.iter().flat_map(|set| &set.tokens).map(|token| token.raw.expose_secret().to_owned()).collect()
}

type Outcomes = Vec<(&'static str, Result<(), AuthError>)>;

/// Every call, with its name.
async fn all_calls(session: &Session, profile: &Profile) -> Outcomes {
    let login = session.login(profile, &User::default()).await.map(drop);
    [vec![("login", login)], later_calls(session, profile).await].concat()
}

/// Every call that needs tokens.
async fn later_calls(session: &Session, profile: &Profile) -> Outcomes {
    vec![
        ("refresh", session.refresh(profile, None, &Nobody).await.map(drop)),
        ("revoke", session.revoke(profile, Wanted::Current, &Nobody).await.map(drop)),
        ("probe", session.probe(profile, &Nobody).await.map(drop)),
    ]
}

fn assert_no_secret(what: &str, shown: &str) {
    assert!(!shown.contains(MARKER), "{what} shows a secret: {shown}");
}

#[test]
fn descriptors_are_sane() {
    let mut ids = HashSet::new();
    for provider in providers::ALL {
        let descriptor = provider.descriptor();
        assert!(ids.insert(descriptor.id), "{} is there twice", descriptor.id);
        assert!(providers::by_id(descriptor.id).is_some());
        assert!(!descriptor.title.is_empty() && !descriptor.summary.is_empty(), "{}", descriptor.id);
        assert!(descriptor.documentation.starts_with("https://"), "{}", descriptor.id);
        for importer in descriptor.importers {
            assert!(!importer.help.is_empty() && importer.help.len() <= 80, "{}: {}", descriptor.id, importer.id);
            let same = import::importers(providers::ALL).find(|other| other.id == importer.id).unwrap();
            assert_eq!(importer.label, same.label, "importers of one id are one source");
            assert_eq!(discriminant(&importer.reads), discriminant(&same.reads), "{}", importer.id);
        }
        let mut keys = HashSet::new();
        for field in descriptor.fields() {
            let name = format!("{}.{}", descriptor.id, field.key);
            assert!(keys.insert(field.key), "{name} is there twice");
            assert!(field.key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{name}");
            assert!(!["provider", "environment", "tags"].contains(&field.key), "{name} is taken by the profile itself");
            assert!(!field.label.is_empty() && !field.help.is_empty() && field.help.len() <= 90, "{name}");
            assert!(field.kind != FieldKind::Secret || field.default.is_none(), "{name}: a secret has no default");
            if let FieldKind::Choice(choices) = field.kind {
                assert!(field.default.is_none_or(|default| choices.contains(&default)), "{name}");
            }
            if let Some((other, values)) = field.only_if {
                let other = descriptor.field(other).expect("only_if names a field");
                let FieldKind::Choice(choices) = other.kind else {
                    panic!("{name} depends on a field without choices")
                };
                assert!(values.iter().all(|value| choices.contains(value)), "{name}");
            }
        }
    }
}

/// Importers of one id are one source: a menu has one line for the variables of all vendors.
#[test]
fn sources_come_from_the_providers() {
    let sources = import::sources(providers::ALL);
    let shown: Vec<_> = sources.iter().map(|source| (source.id, source.label, &*source.help)).collect();
    let expected = [
        ("practicus", "Practicus AI's client", "regions of ~/.practicus/core.conf, with their refresh tokens"),
        ("environment", "Environment variables", "PRT_URL, PRT_TOKEN, PASSWORK_HOST, PASSWORK_TOKEN, by reference"),
        ("openid", "OpenID provider", "address of an issuer or of its discovery document"),
    ];
    assert_eq!(shown, expected);
    assert!(shown.iter().all(|(_, label, help)| label.len() + help.len() <= 84), "a line of the menu holds both");
}

/// What opens everything, or is used up by a refresh, stands in no vault as a secret for a later login.
#[test]
fn secrets_that_are_never_remembered_say_so() {
    let never = providers::ALL.iter().flat_map(|provider| {
        let descriptor = provider.descriptor();
        let fields = descriptor.fields().filter(|field| !field.remembered);
        fields.map(|field| (descriptor.id, field.key, field.kind == FieldKind::Secret))
    });
    let expected = [
        ("practicus", "token", true),
        ("passwork", "access_token", true),
        ("passwork", "refresh_token", true),
        ("passwork", "master_key", true),
    ];
    assert_eq!(never.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn every_missing_and_every_unknown_setting_is_named_at_once() {
    for provider in providers::ALL {
        let mut profile = profile(*provider, "https://x.example", &[("colour", "red"), ("shape", "round")]);
        let required: Vec<_> = (provider.descriptor().fields())
            .filter(|field| field.required && field.default.is_none() && field.kind != FieldKind::Secret)
            .filter(|field| tokscope::auth::applies(field, provider.descriptor(), &profile))
            .map(|field| field.key)
            .collect();
        profile.settings.retain(|key, _| !required.contains(&key.as_str()));
        let session = session();
        session.adopt(&profile.name, old_set()).unwrap();
        for (call, result) in all_calls(&session, &profile).await {
            let error = result.unwrap_err();
            let words = error.to_string();
            for key in required.iter().chain(&["colour", "shape"]) {
                assert!(words.contains(key), "{call} of {} does not name {key}: {words}", profile.provider);
            }
            assert!(error.hint().is_some_and(|hint| hint.contains(profile.name.as_str())));
        }
    }
}

#[tokio::test]
async fn an_unknown_provider_is_named_with_those_that_exist() {
    let mut profile = edx("https://x.example", &[]);
    profile.provider = "opendx".to_owned();
    let error = session().login(&profile, &Nobody).await.unwrap_err();
    assert!(error.to_string().contains("opendx"));
    for provider in providers::ALL {
        assert!(error.hint().unwrap().contains(provider.descriptor().id));
    }
}

#[tokio::test]
async fn no_tokens_means_log_in_first() {
    for provider in providers::ALL {
        let profile = profile(*provider, "https://x.example", &[]);
        for (call, result) in later_calls(&session(), &profile).await {
            assert_eq!(result.unwrap_err().hint().as_deref(), Some("log in first"), "{call}");
        }
    }
    let (session, profile) = (session(), edx("https://x.example", &[]));
    let mut set = old_set();
    set.tokens.remove(0);
    session.adopt(&profile.name, set).unwrap();
    let error = session.probe(&profile, &Nobody).await.unwrap_err();
    assert_eq!(error.to_string(), "profile openedx has no access token");
}

type Script = Box<dyn Fn(&Received) -> Answer + Send + Sync>;

/// Everything that a server can do wrong, from a refusal that repeats our secrets to an endless body.
fn bad_servers() -> Vec<(&'static str, Script)> {
    let endless = |head: &str, chunk: String| Answer::Endless { head: head.to_owned(), chunk };
    let echo = |request: &Received| {
        let words = format!("no {} with {:?}", request.body, request.header("authorization"));
        Answer::json(400, &serde_json::json!({"error": "invalid_grant", "error_description": words}).to_string())
    };
    let page = |request: &Received| Answer::status(401, "text/plain", &format!("no: {request:?}"));
    let answers = vec![
        ("a 500 with HTML", Answer::html(500, "Server Error")),
        ("a 200 with HTML", Answer::html(200, "Sign in")),
        ("no JSON", Answer::status(200, "application/json", "{\"access_token\": ")),
        ("JSON of another kind", Answer::json(200, "[1, 2]")),
        ("a rate limit", Answer::html(429, "Too Many Requests")),
        ("a redirect", Answer::with(307, &[("location", &format!("https://evil.example/?c={MARKER}"))], "")),
        ("silence", Answer::Silence),
        ("a cut connection", Answer::Cut),
        ("garbage", Answer::Bytes(vec![0x80; 64])),
        ("an endless body", endless("HTTP/1.1 200 OK\r\n\r\n", "x".repeat(65_536))),
        ("endless headers", endless("HTTP/1.1 200 OK\r\n", "x-y: zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz\r\n".repeat(100))),
    ];
    let mut servers: Vec<(_, Script)> = vec![("an echo", Box::new(echo)), ("a plain echo", Box::new(page))];
    servers.extend(answers.into_iter().map(|(what, answer)| (what, Box::new(move |_: &_| answer.clone()) as Script)));
    servers
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_ends_in_time_names_its_cause_and_leaves_the_vault_alone() {
    let mut tasks = tokio::task::JoinSet::new();
    for (what, script) in bad_servers() {
        let server = Arc::new(Server::start(script).await);
        for provider in providers::ALL {
            let server = server.clone();
            tasks.spawn(async move { fail_in_every_call(*provider, what, &server).await });
        }
    }
    tasks.join_all().await;
}

async fn fail_in_every_call(provider: &dyn Provider, what: &str, server: &Server) {
    let profile = profile(provider, &server.url(), &[]);
    let session = session();
    session.adopt(&profile.name, old_set()).unwrap();
    let before = saved(&session, &profile);
    let started = tokio::time::Instant::now();
    // A pasted token comes from a person, whatever a server does.
    let calls = match profile.provider.as_str() {
        "pasted" => later_calls(&session, &profile).await,
        _ => all_calls(&session, &profile).await,
    };
    for (call, result) in calls {
        let who = format!("{call} of {} on {what}", profile.provider);
        assert_no_secret(&who, &format!("{:?}", session.exchange(&profile.name)));
        // A probe has verdicts for what is an answer at all, and what has no revocation says so.
        let Err(error) = result else {
            let says_so = call == "revoke" && !provider.descriptor().capabilities.revoke;
            assert!(call == "probe" || says_so, "{who} succeeded");
            continue;
        };
        assert!(!error.to_string().is_empty() && error.hint().is_some(), "{who}: {error:?}");
        assert_no_secret(&who, &format!("{error} {error:?} {:?}", error.hint()));
    }
    assert_eq!(saved(&session, &profile), before, "{} on {what}", profile.provider);
    // Four calls of 1 s each; whatever hangs takes longer than any machine is busy.
    assert!(started.elapsed().as_secs() < 60, "{} on {what}", profile.provider);
}

#[tokio::test]
async fn a_call_that_is_given_up_leaves_nothing_behind() {
    let server = Server::always(Answer::Silence).await;
    // A command has no server, and a pasted token no call that changes anything.
    for provider in providers::ALL.iter().filter(|provider| !["command", "pasted"].contains(&provider.descriptor().id))
    {
        let profile = profile(*provider, &server.url(), &[("timeout", "60")]);
        for is_login in [true, false] {
            // What was sent has the profile's lock until its time is over, so the second call has a vault of its own.
            let (session, user, sent) = (session(), User::default(), server.received().len());
            session.adopt(&profile.name, old_set()).unwrap();
            let before = saved(&session, &profile);
            type Call<'a> = Pin<Box<dyn Future<Output = Result<TokenSet, AuthError>> + 'a>>;
            let mut call: Call<'_> = match is_login {
                true => Box::pin(session.login(&profile, &user)),
                false => Box::pin(session.refresh(&profile, None, &user)),
            };
            while server.received().len() == sent {
                tokio::select! { biased;
                    result = &mut call => panic!("nobody answers: {result:?}"),
                    () = tokio::task::yield_now() => {}
                }
            }
            drop(call);
            assert_eq!(saved(&session, &profile), before);
            assert_eq!(session.exchange(&profile.name).unwrap().outcome, ExchangeOutcome::Unfinished);
        }
    }
}

#[tokio::test]
async fn after_a_refresh_without_an_answer_the_state_is_unknown_and_the_old_set_is_kept() {
    let cases = [
        (Answer::Silence, true),
        (Answer::Cut, true),
        (Answer::html(502, "Bad Gateway"), true),
        (Answer::json(200, "{}"), true),
        (Answer::json(400, r#"{"error":"invalid_grant"}"#), false),
        (Answer::html(429, "Too Many Requests"), false),
        (Answer::with(307, &[("location", "/elsewhere")], ""), false),
    ];
    for (answer, unknown) in cases {
        let server = Server::always(answer.clone()).await;
        let (session, profile) = (session(), edx(&server.url(), &[]));
        session.adopt(&profile.name, old_set()).unwrap();
        let error = session.refresh(&profile, None, &Nobody).await.unwrap_err();
        assert_eq!(matches!(error, AuthError::StateUnknown(_)), unknown, "{answer:?}: {error:?}");
        assert_eq!(error.hint().unwrap().contains("the old tokens are kept"), unknown, "{error:?}");
        assert_eq!(saved(&session, &profile).len(), 2);
    }
}

#[tokio::test]
async fn a_refresh_never_asks() {
    let server = Server::always(Answer::json(200, r#"{"access_token":"a","token_type":"JWT"}"#)).await;
    let client = [("grant", "client_credentials"), ("client_id", "c")];
    for (own, asks) in
        [(client.as_slice(), true), (&[client.as_slice(), &[("client_secret", "env:X")]].concat(), false)]
    {
        let (session, profile) = (session(), edx(&server.url(), own));
        let mut set = old_set();
        set.tokens.truncate(1);
        session.adopt(&profile.name, set).unwrap();
        match session.refresh(&profile, None, &Nobody).await {
            Err(error @ AuthError::NeedsInteraction(_)) => {
                assert!(asks);
                assert_eq!(error.hint().as_deref(), Some("log in again"));
            }
            result => assert!(!asks && result.unwrap().tokens.len() == 1, "the client's secret renews"),
        }
    }
}

/// The commented example profiles are what their providers take.
#[test]
fn the_default_file_is_true() {
    let examples: String = tokscope::store::profiles::DEFAULT
        .lines()
        .filter_map(|line| line.strip_prefix('#'))
        .filter(|line| !line.starts_with(' '))
        .map(|line| format!("{line}\n"))
        .collect();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(tokscope::store::profiles::path(dir.path()), examples).unwrap();
    let profiles = tokscope::store::profiles::load(dir.path()).unwrap();
    let mut used: Vec<_> = profiles.iter().map(|profile| profile.provider.as_str()).collect();
    for profile in &profiles {
        let provider = providers::by_id(&profile.provider).expect("an example names a provider");
        Settings::parse(provider.descriptor(), profile).expect("an example is valid");
    }
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), providers::ALL.len(), "every provider has an example: {used:?}");
}

mod openedx {
    use super::*;

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln";

    fn granted() -> Answer {
        let body = format!(
            r#"{{"access_token":"{JWT}","expires_in":3600,"token_type":"JWT","scope":"read email","refresh_token":"r2"}}"#
        );
        Answer::json(200, &body)
    }

    #[tokio::test]
    async fn a_password_login_asks_for_the_password_and_a_jwt() {
        let server = Server::always(granted()).await;
        let (session, profile, user) = (session(), edx(&server.url(), &[]), User::default());
        let set = session.login(&profile, &user).await.unwrap();
        let sent = &server.received()[0];
        assert_eq!(sent.line, "POST /oauth2/access_token");
        assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
        assert_eq!(
            sent.body,
            "grant_type=password&username=someone&password=m4rker-typed&token_type=JWT&client_id=someone"
        );
        assert_eq!(*user.asked.lock().unwrap(), ["password"]);
        assert!(
            matches!(&user.steps.lock().unwrap()[0], Progress::Contacting(what) if what == "token endpoint of 127.0.0.1")
        );
        let access = set.token(TokenKind::Access).unwrap();
        assert_eq!(access.scheme, Scheme::JWT);
        assert_eq!((access.expires_at.unwrap() - set.received_at).num_seconds(), 3600);
        assert_eq!(set.scope.as_deref(), Some("read email"));
        assert_eq!(saved(&session, &profile), [JWT, "r2"]);
    }

    #[tokio::test]
    async fn a_client_logs_in_by_basic_or_by_body() {
        let server = Server::always(granted()).await;
        let secret = ("client_secret", "plain:p@ss:w%rd +/~");
        let own = [("grant", "client_credentials"), ("client_id", "a b:c"), secret, ("asymmetric_jwt", "true")];
        session().login(&edx(&server.url(), &own), &Nobody).await.unwrap();
        let body = [own.as_slice(), &[("client_auth", "body")]].concat();
        session().login(&edx(&server.url(), &body), &Nobody).await.unwrap();
        let [basic, body] = &server.received()[..] else { panic!("two logins") };
        // base64 of `a+b%3Ac:p%40ss%3Aw%25rd+%2B%2F%7E`
        let expected = "Basic YStiJTNBYzpwJTQwc3MlM0F3JTI1cmQrJTJCJTJGJTdF";
        assert_eq!(basic.header("authorization"), Some(expected));
        assert_eq!(basic.body, "grant_type=client_credentials&token_type=JWT&asymmetric_jwt=true");
        assert_eq!(body.header("authorization"), None);
        assert_eq!(body.field("client_id").as_deref(), Some("a b:c"));
        assert_eq!(body.field("client_secret").as_deref(), Some("p@ss:w%rd +/~"));
    }

    #[tokio::test]
    async fn a_refresh_sends_no_scope_and_keeps_what_the_answer_leaves_out() {
        let bare = Answer::json(200, &format!(r#"{{"access_token":"{JWT}","expires_in":"90"}}"#));
        for (answer, refresh_token, remarks) in [(granted(), "r2", 0), (bare, "m4rker-old-refresh", 1)] {
            let server = Server::always(answer).await;
            let (session, profile) = (session(), edx(&server.url(), &[]));
            session.adopt(&profile.name, old_set()).unwrap();
            let set = session.refresh(&profile, None, &Nobody).await.unwrap();
            let sent = &server.received()[0];
            assert_eq!(
                sent.body,
                "grant_type=refresh_token&refresh_token=m4rker-old-refresh&token_type=JWT&client_id=someone"
            );
            assert_eq!(saved(&session, &profile), [JWT, refresh_token]);
            assert_eq!(set.token(TokenKind::Access).unwrap().scheme, Scheme::JWT, "by its form");
            assert_eq!(set.remarks.len(), remarks);
            assert!(set.scope.is_some());
        }
    }

    #[tokio::test]
    async fn an_opaque_answer_goes_under_bearer_and_is_remarked() {
        let answer = r#"{"access_token":"VLXK0n3wD4J6iM4m5Wdy","token_type":"Bearer","expires_in":36000.0}"#;
        let server = Server::always(Answer::json(200, answer)).await;
        let user = User::default();
        let set = session().login(&edx(&server.url(), &[]), &user).await.unwrap();
        assert_eq!(set.token(TokenKind::Access).unwrap().scheme, Scheme::BEARER);
        assert!(set.remarks[0].contains("opaque Bearer token"));
        assert!(user.steps.lock().unwrap().iter().any(|step| matches!(step, Progress::Remark(_))));
    }

    /// The error table: on which call, status and body, then what the hint must say, and whether the credential is dead.
    #[tokio::test]
    async fn every_row_of_the_error_table_ends_in_a_hint() {
        let rows = [
            (
                "login",
                400,
                r#"{"error":"invalid_grant","error_description":"Invalid credentials given."}"#,
                "password",
                false,
            ),
            ("refresh", 400, r#"{"error":"invalid_grant"}"#, "log in again", true),
            ("login", 401, r#"{"error":"invalid_client"}"#, "client_id", false),
            ("refresh", 401, r#"{"error":"invalid_client"}"#, "client_id", false),
            ("login", 400, r#"{"error":"unauthorized_client"}"#, "public client", false),
            ("login", 400, r#"{"error":"invalid_request","error_description":"Missing username"}"#, "field", false),
            ("refresh", 400, r#"{"error":"invalid_scope"}"#, "scope", false),
            ("login", 400, r#"{"error":"unsupported_grant_type"}"#, "only forms", false),
            ("revoke", 401, r#"{"error":"invalid_client"}"#, "client_id", false),
        ];
        for (call, status, body, hint, dead) in rows {
            let server = Server::always(Answer::json(status, body)).await;
            let (session, profile) = (session(), edx(&server.url(), &[]));
            session.adopt(&profile.name, old_set()).unwrap();
            let error = match call {
                "login" => session.login(&profile, &User::default()).await.unwrap_err(),
                "refresh" => session.refresh(&profile, None, &Nobody).await.unwrap_err(),
                _ => session.revoke(&profile, Wanted::Current, &Nobody).await.unwrap_err(),
            };
            let AuthError::Refused { credential_dead, status: seen, .. } = &error else { panic!("{body}: {error:?}") };
            assert_eq!((*credential_dead, *seen), (dead, status), "{call} {body}");
            assert!(error.hint().unwrap().contains(hint), "{call} {body}: {:?}", error.hint());
            assert_eq!(saved(&session, &profile).len(), 2, "also a dead token is kept");
        }
        let server = Server::always(Answer::html(429, "Rate limit")).await;
        let error = session().login(&edx(&server.url(), &[]), &User::default()).await.unwrap_err();
        assert_eq!(error, AuthError::RateLimited { status: 429, retry_after: None, words: None });
    }

    #[tokio::test]
    async fn only_what_can_be_revoked_is_revoked() {
        let server = Server::always(Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec())).await;
        let (session, profile) = (session(), edx(&server.url(), &[]));
        let mut set = old_set();
        set.tokens[0] = token(TokenKind::Access, JWT, Scheme::JWT);
        session.adopt(&profile.name, set).unwrap();
        let revocation = session.revoke(&profile, Wanted::Current, &Nobody).await.unwrap();
        let alive = "a JWT cannot be revoked; it expires at 2026-11-21T22:00:00Z".to_owned();
        let fates: Vec<_> = revocation[0].tokens.iter().map(|token| (token.kind, token.fate.clone())).collect();
        assert_eq!(fates, [(TokenKind::Refresh, Fate::Asked(200)), (TokenKind::Access, Fate::Alive(alive))]);
        let [sent] = &server.received()[..] else { panic!("one call") };
        assert_eq!(sent.line, "POST /oauth2/revoke_token");
        assert_eq!(sent.body, "token=m4rker-old-refresh&token_type_hint=refresh_token&client_id=someone");
        assert_eq!(saved(&session, &profile).len(), 2, "asked is not dead");
    }

    #[tokio::test]
    async fn a_probe_says_who_we_are_or_why_not() {
        let rows = [
            (Answer::json(200, r#"{"username":"ada"}"#), Acceptance::Accepted, "accepted"),
            (Answer::json(401, r#"{"detail":"Invalid token."}"#), Acceptance::Rejected, "does not say which"),
            (
                Answer::json(401, r#"{"error_code":"token_nonexistent","developer_message":"no"}"#),
                Acceptance::Rejected,
                "no such opaque token",
            ),
            (Answer::html(200, "Sign in"), Acceptance::Unclear, "an HTML page titled \"Sign in\""),
            (Answer::html(404, "Page not found"), Acceptance::Unclear, "nothing exists at this URL"),
        ];
        for (answer, acceptance, words) in rows {
            let server = Server::always(answer).await;
            let (session, profile) = (session(), edx(&server.url(), &[]));
            let mut set = old_set();
            set.tokens[0] = token(TokenKind::Access, JWT, Scheme::JWT);
            session.adopt(&profile.name, set).unwrap();
            let verdict = session.probe(&profile, &Nobody).await.unwrap();
            assert_eq!(verdict.acceptance, acceptance, "{verdict:?}");
            assert!(verdict.detail.contains(words), "{verdict:?}");
            assert_eq!(verdict.account.is_some(), acceptance == Acceptance::Accepted);
            let sent = &server.received()[0];
            assert_eq!(
                (sent.line.as_str(), sent.header("authorization").unwrap()),
                ("GET /api/user/v1/me", &*format!("JWT {JWT}"))
            );
        }
    }
}

mod probe_url {
    use super::*;

    #[tokio::test]
    async fn any_token_can_be_tried_at_a_page_under_the_profiles_scheme() {
        let server = Server::start(|request| match request.header("authorization") {
            Some("Bearer m4rker-old-access" | "Token m4rker-old-access") => Answer::json(200, "{}"),
            _ => Answer::with(401, &[("www-authenticate", "Bearer error=\"invalid_token\"")], ""),
        })
        .await;
        let page = format!("{}/me?x=1", server.url());
        for provider in providers::ALL {
            let has_scheme = provider.descriptor().field("scheme").is_some();
            for (scheme, acceptance) in [("Token", Acceptance::Accepted), ("Odd", Acceptance::Rejected)] {
                let own: &[_] = &[("probe_url", page.as_str()), ("scheme", scheme)];
                let own = if has_scheme { own } else { &own[..1] };
                let (session, profile) = (session(), profile(*provider, &server.url(), own));
                session.adopt(&profile.name, old_set()).unwrap();
                let expected = if has_scheme { acceptance } else { Acceptance::Accepted };
                assert_eq!(
                    session.probe(&profile, &Nobody).await.unwrap().acceptance,
                    expected,
                    "{}",
                    profile.provider
                );
            }
        }
        assert!(server.received().iter().all(|request| request.line == "GET /me?x=1"));
    }

    #[tokio::test]
    async fn a_token_by_hand_is_asked_for_and_can_do_nothing_else() {
        let provider = providers::by_id("pasted").unwrap();
        let (session, profile) = (session(), profile(provider, "http://127.0.0.1:1", &[]));
        let user = User::default();
        let set = session.login(&profile, &user).await.unwrap();
        assert_eq!((set.tokens.len(), user.asked.lock().unwrap().as_slice()), (1, &["new_token"][..]));
        for (call, result) in later_calls(&session, &profile).await {
            // That there is no revocation is said of the token.
            assert!(matches!(result, Err(AuthError::Unsupported(_))) || call == "revoke" && result.is_ok(), "{call}");
        }
    }
}
