//! What a rotation counts on: each provider's table, and that its calls are what the table says.

use chrono::TimeDelta;
use tokscope::{
    auth::{
        Context, NoInteraction, ProbeVerdict,
        rotation::{Ending, Kinship, RefreshWay, Replay, Tried, Way, made_up, observed},
    },
    demo,
    http::{Http, HttpPolicy},
};

use super::*;

/// {"alg":"HS256"}.{"sub":"1"}
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq80";

/// A provider with the settings of a profile, and what every call of it needs.
struct Caller {
    provider: &'static dyn Provider,
    settings: Settings,
    http: Http,
}

impl Caller {
    fn new(provider: &'static dyn Provider, url: &str, own: &[(&str, &str)]) -> Self {
        let profile = profile(provider, url, own);
        let settings = Settings::parse(provider.descriptor(), &profile).unwrap();
        Self { provider, settings, http: Http::new(HttpPolicy::default()) }
    }

    fn by_id(id: &str, url: &str, own: &[(&str, &str)]) -> Self {
        Self::new(providers::by_id(id).unwrap(), url, own)
    }

    fn cx(&self) -> Context<'_> {
        Context::new(&self.http, &NoInteraction, &Keys)
    }

    fn ways(&self, remembered: &[&str]) -> Vec<Way> {
        self.provider.descriptor().rotation.ways(&self.settings, |key| remembered.contains(&key))
    }

    async fn login(&self) -> TokenSet {
        self.provider.login(&self.settings, &self.cx()).await.unwrap()
    }

    async fn present(&self, token: &IssuedToken) -> ProbeVerdict {
        self.provider.present(&self.settings, token, &self.cx()).await.unwrap()
    }
}

/// Publishes metadata with no more than the one endpoint that they must have, and answers everything else with this.
async fn answering(answer: Answer) -> Server {
    Server::start(move |request| match request.line.contains("/.well-known/") {
        true => {
            let issuer = format!("http://{}", request.header("host").unwrap());
            let metadata = serde_json::json!({"issuer": issuer, "token_endpoint": format!("{issuer}/token")});
            Answer::json(200, &metadata.to_string())
        }
        false => answer.clone(),
    })
    .await
}

/// Says yes to everything.
async fn yes() -> Server {
    answering(Answer::with(200, &[], "")).await
}

/// What it was asked but for its metadata.
fn asked(server: &Server) -> Vec<Received> {
    server.received().into_iter().filter(|request| !request.line.contains("/.well-known/")).collect()
}

fn tokens() -> Vec<IssuedToken> {
    let kinds = TokenKind::ALL.iter().flat_map(|kind| ["opaque", JWT].map(|raw| (*kind, raw)));
    let exist = kinds.filter(|(kind, raw)| *kind != TokenKind::Id || *raw == JWT);
    exist.map(|(kind, raw)| token(kind, raw, Scheme::BEARER)).collect()
}

fn hint(kind: TokenKind) -> Option<String> {
    match kind {
        TokenKind::Access => Some("access_token".to_owned()),
        TokenKind::Refresh => Some("refresh_token".to_owned()),
        TokenKind::Id | TokenKind::Unknown => None,
    }
}

#[tokio::test]
async fn each_table_is_complete_and_says_what_the_descriptor_says() {
    for provider in providers::ALL {
        let descriptor = provider.descriptor();
        let (id, table, can) = (descriptor.id, &descriptor.rotation, descriptor.capabilities);
        let conditions = table.logins.iter().map(|row| row.when).chain(table.refreshes.iter().map(|row| row.when));
        for (key, values) in conditions.flatten() {
            let choices = match descriptor.field(key).expect("a row names a field").kind {
                FieldKind::Choice(choices) => choices,
                FieldKind::Flag => &["true", "false"],
                kind => panic!("{id}: {key} is {kind:?}"),
            };
            assert!(values.iter().all(|value| choices.contains(value)), "{id}: {key}");
            for choice in choices {
                let settings = Caller::new(*provider, "http://127.0.0.1:1", &[(key, choice)]).settings;
                assert_eq!(table.login(&settings).is_some(), can.login, "{id}: {key} = {choice}");
            }
        }
        for secret in table.logins.iter().flat_map(|row| row.secrets) {
            assert_eq!(descriptor.field(secret).expect(secret).kind, FieldKind::Secret, "{id}: {secret}");
        }
        let settings = Caller::new(*provider, "http://127.0.0.1:1", &[]).settings;
        assert_eq!(table.login(&settings).is_some(), can.login, "{id}");
        let ends = |by| table.endings.iter().any(|row| row.by == by);
        assert_eq!(ends(Ending::Revocation), can.revoke, "{id}");
        assert_eq!(table.unrevocable.is_some(), can.login && !can.revoke, "{id}: why, where it is known");
        let by_hand = table.by_hand.unwrap_or_else(|| panic!("{id} leaves nothing to do by hand"));
        assert!(!by_hand.ends_with('.') && by_hand.starts_with(char::is_lowercase), "{id}: {by_hand}");
        let refreshes = table.refresh(&settings) != RefreshWay::Keeps;
        assert!(can.refresh || !refreshes && table.replay == Replay::Never, "{id}");
        assert!(
            ends(Ending::UseUp) <= (table.refresh(&settings) == RefreshWay::Rotates),
            "{id}: only what is replaced"
        );
        assert!(ends(Ending::Replaced) <= (table.refresh(&settings) == RefreshWay::EndsOld), "{id}");
    }
}

#[tokio::test]
async fn an_ending_is_sent_where_the_table_has_one_with_the_hint_of_its_kind_or_none() {
    for provider in providers::ALL {
        let id = provider.descriptor().id;
        for token in tokens() {
            for hinted in [true, false] {
                let server = yes().await;
                let caller = Caller::new(*provider, &server.url(), &[]);
                let who = format!("{id}, {} {:?}, hinted {hinted}", token.kind, token.is_signed());
                let by = provider.ending(&caller.settings, &token, &caller.cx()).await.unwrap();
                assert_eq!(asked(&server).len(), 0, "{who}: nothing is sent to know it");
                let outcome = provider.end(&caller.settings, &token, hinted, &caller.cx()).await;
                // What a revocation endpoint makes of an unknown kind is its affair; no table promises it.
                let sent = by == Ending::Revocation
                    || token.kind == TokenKind::Unknown && provider.descriptor().capabilities.revoke;
                match &asked(&server)[..] {
                    [] => assert!(by != Ending::Revocation && !matches!(outcome, Ok(Fate::Asked(_))), "{who}"),
                    [request] => {
                        assert!(sent, "{who}: {request:?}");
                        assert_eq!(outcome.unwrap(), Fate::Asked(200), "{who}");
                        assert!(request.line.starts_with("POST "), "{who}");
                        assert_eq!(request.field("token").as_deref(), Some(token.raw.expose_secret()), "{who}");
                        assert_eq!(request.field("token_type_hint"), hint(token.kind).filter(|_| hinted), "{who}");
                    }
                    more => panic!("{who}: {more:?}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn introspection_is_asked_with_the_kind_and_never_stands_for_a_use() {
    for provider in providers::ALL {
        let (id, tried) = (provider.descriptor().id, provider.descriptor().rotation.tried);
        for token in tokens() {
            let server = yes().await;
            let caller = Caller::new(*provider, &server.url(), &[]);
            let said = provider.introspect(&caller.settings, &token, &caller.cx()).await;
            match &asked(&server)[..] {
                [] => assert!(matches!(said, Err(AuthError::Unsupported(_))), "{id}: {said:?}"),
                [request] => assert_eq!(request.field("token_type_hint"), hint(token.kind), "{id}"),
                more => panic!("{id}: {more:?}"),
            }
            let before = asked(&server).len();
            let used = provider.present(&caller.settings, &token, &caller.cx()).await;
            match &asked(&server)[before..] {
                [] => {
                    assert!(matches!(used, Err(AuthError::Unsupported(_))), "{id}: {used:?}");
                    assert!(tried != Tried::OwnApi, "{id}");
                }
                [request] => {
                    assert!(request.line.starts_with("GET ") && request.header("authorization").is_some(), "{id}");
                    assert!(tried != Tried::Nowhere, "{id}");
                }
                more => panic!("{id}: {more:?}"),
            }
        }
    }
}

#[tokio::test]
async fn a_server_without_a_revocation_endpoint_has_its_refresh_tokens_used_up() {
    let server = yes().await;
    let provider = providers::by_id("oauth2").unwrap();
    let mut profile = profile(provider, &server.url(), &[]);
    profile.settings.remove("revocation_endpoint");
    let settings = Settings::parse(provider.descriptor(), &profile).unwrap();
    let caller = Caller { provider, settings, http: Http::new(HttpPolicy::default()) };
    let cx = caller.cx();
    let ending = async |kind| provider.ending(&caller.settings, &token(kind, "opaque", Scheme::BEARER), &cx).await;
    assert_eq!(ending(TokenKind::Refresh).await, Ok(Ending::UseUp));
    assert_eq!(ending(TokenKind::Access).await, Ok(Ending::None));
    assert_eq!(server.received().len(), 1, "its metadata, once for all calls of a run");
}

#[test]
fn a_login_needs_no_person_where_each_secret_that_it_takes_is_at_hand() {
    use Way::{Asked, Login, Refresh};
    let basic = ("client_auth", "basic");
    /// A provider, settings, what the vault remembers, and the ways.
    type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str], &'a [Way]);
    let cases: &[Case<'_>] = &[
        ("practicus", &[], &[], &[Asked]),
        ("practicus", &[], &["password"], &[Login]),
        ("practicus", &[("password", "env:P"), ("otp", "true")], &["password"], &[Asked]),
        ("practicus", &[("login", "token"), ("token", "env:T")], &[], &[Asked]),
        ("seta", &[("private_key", "file:k")], &[], &[Login, Refresh]),
        ("seta", &[("private_key", "prompt")], &[], &[Asked, Refresh]),
        ("seta", &[("private_key", "file:k"), ("passphrase", "prompt")], &[], &[Asked, Refresh]),
        ("seta", &[("private_key", "file:k"), ("passphrase", "prompt")], &["passphrase"], &[Login, Refresh]),
        ("passwork", &[("login", "pasted")], &[], &[Refresh, Asked]),
        ("passwork", &[("login", "pasted"), ("refresh_mode", "access")], &[], &[Asked]),
        ("passwork", &[("password", "env:P")], &[], &[Refresh, Login]),
        ("openedx", &[("password", "cmd:pass")], &[], &[Login, Refresh]),
        ("openedx", &[], &["client_secret"], &[Asked, Refresh]),
        ("openedx", &[("grant", "client_credentials")], &["client_secret"], &[Login, Refresh]),
        ("oauth2", &[], &["password", "client_secret"], &[Asked, Refresh]),
        ("oauth2", &[("grant", "device_code")], &[], &[Asked, Refresh]),
        ("oauth2", &[("grant", "client_credentials")], &[], &[Login, Refresh]),
        ("oauth2", &[("grant", "client_credentials"), basic], &[], &[Asked, Refresh]),
        ("oauth2", &[("grant", "client_credentials"), basic], &["client_secret"], &[Login, Refresh]),
        ("oauth2", &[("grant", "client_credentials"), basic, ("client_secret", "env:S")], &[], &[Login, Refresh]),
        ("oauth2", &[("grant", "client_credentials"), ("client_auth", "private_key_jwt")], &[], &[Asked, Refresh]),
        ("oauth2", &[("grant", "password"), ("client_secret", "env:S")], &[], &[Asked, Refresh]),
        ("oauth2", &[("grant", "token_exchange"), ("subject_token", "cmd:t")], &[], &[Login, Refresh]),
        ("command", &[], &[], &[Login]),
        ("pasted", &[], &[], &[Asked]),
    ];
    for (id, own, remembered, expected) in cases {
        assert_eq!(
            Caller::by_id(id, "https://x.example", own).ways(remembered),
            *expected,
            "{id} {own:?} {remembered:?}"
        );
    }
}

#[tokio::test]
async fn only_a_clear_refusal_of_a_replay_proves_anything() {
    let cases = [
        ("seta", 401, r#"{"msg":"Token has been revoked"}"#, true),
        ("seta", 401, r#"{"msg":"Token has expired"}"#, false),
        ("seta", 422, r#"{"msg":"Token has been revoked"}"#, false),
        ("openedx", 400, r#"{"error":"invalid_grant"}"#, true),
        ("openedx", 401, r#"{"msg":"Token has been revoked"}"#, false),
        ("oauth2", 400, r#"{"error":"invalid_grant","error_description":"used before"}"#, true),
        ("oauth2", 400, r#"{"error":"login_required"}"#, false),
        ("oauth2", 400, r#"{"error":"consent_required"}"#, false),
        ("oauth2", 400, r#"{"error":"invalid_request","error_description":"the refresh token has expired"}"#, false),
        ("oauth2", 401, r#"{"error":"invalid_client"}"#, false),
        ("oauth2", 400, "", false),
        ("oauth2", 403, "", false),
        ("oauth2", 404, "<html>", false),
        ("oauth2", 429, r#"{"error":"invalid_grant"}"#, false),
        ("oauth2", 500, r#"{"error":"invalid_grant"}"#, false),
        ("oauth2", 200, r#"{"error":"invalid_grant"}"#, false),
    ];
    for (id, status, body, proves) in cases {
        let server = answering(Answer::json(status, body)).await;
        let caller = Caller::by_id(id, &server.url(), &[]);
        let error = caller.provider.refresh(&caller.settings, &old_set(), &caller.cx()).await.unwrap_err();
        let proved = caller.provider.descriptor().rotation.refuses_replay(&error);
        assert_eq!(proved, proves, "{id} {status} {body}: {error:?}");
    }
}

#[tokio::test]
async fn a_receipt_has_the_call_its_status_and_the_servers_words() {
    let server = Server::always(Answer::with(
        401,
        &[("content-type", "application/json"), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")],
        r#"{"error":"invalid_client","error_description":"m4rker-old-refresh is not yours"}"#,
    ))
    .await;
    let caller = Caller::by_id("openedx", &server.url(), &[]);
    let cx = caller.cx();
    let set = old_set();
    let end = async |token: &IssuedToken| observed(&cx, caller.provider.end(&caller.settings, token, true, &cx)).await;
    let refused = end(set.token(TokenKind::Refresh).unwrap()).await;
    assert_eq!(refused.call, Some(format!("POST {}/oauth2/revoke_token", server.url())));
    assert_eq!(refused.status, Some(401));
    assert!(refused.words.contains("is not yours") && !refused.words.contains(MARKER), "{}", refused.words);
    assert!(refused.clock_skew.is_some_and(|skew| skew < TimeDelta::zero()));
    assert!(matches!(refused.outcome, Err(AuthError::Refused { .. })));

    let unsent = end(&token(TokenKind::Access, JWT, Scheme::JWT)).await;
    assert_eq!((unsent.call, unsent.status), (None, None), "a call before it is not this one");
    assert!(matches!(unsent.outcome, Ok(Fate::Alive(_))));

    let silent = Server::always(Answer::Cut).await;
    let caller = Caller::by_id("openedx", &silent.url(), &[]);
    let cx = caller.cx();
    let access = set.token(TokenKind::Access).unwrap();
    let lost = observed(&cx, caller.provider.end(&caller.settings, access, false, &cx)).await;
    assert!(lost.call.is_some() && lost.status.is_none() && !lost.words.is_empty(), "{lost:?}");
}

/// A demo at a fixed time.
async fn demo() -> demo::Server {
    let clock = demo::Clock::new(|| clock::parse("2026-11-21T21:00:00Z").unwrap());
    demo::Server::start(demo::Options { clock, ..demo::Options::default() }).await.unwrap()
}

fn ada(demo: &demo::Server) -> Caller {
    let own = [("username", "ada"), ("password", "plain:analytical-engine"), ("client_id", "login-service-client-id")];
    Caller::by_id("openedx", demo.url(), &own)
}

#[tokio::test]
async fn open_edx_returns_the_same_text_in_the_same_second() {
    let demo = demo().await;
    let caller = ada(&demo);
    let table = &caller.provider.descriptor().rotation;
    let row = table.login(&caller.settings);
    let (first, second) = (caller.login().await, caller.login().await);
    assert!(table.same_second);
    assert_eq!(Kinship::between(Way::Login, row, &first, &second), Kinship::Identical);
    let renewed = caller.provider.refresh(&caller.settings, &second, &caller.cx()).await.unwrap();
    assert_eq!(Kinship::between(Way::Refresh, None, &second, &renewed), Kinship::Identical);
}

/// The control of a verdict: what the API accepts of an issued token, it refuses of one that was made up.
#[tokio::test]
async fn a_made_up_token_is_refused_where_the_issued_one_is_accepted() {
    let demo = demo().await;
    let caller = ada(&demo);
    let set = caller.login().await;
    let issued = set.token(TokenKind::Access).unwrap();
    assert_eq!(caller.present(issued).await.acceptance, Acceptance::Accepted);
    for _ in 0..8 {
        let made = made_up(issued);
        assert!(made.is_signed() && !made.is_same(issued));
        assert_eq!(caller.present(&made).await.acceptance, Acceptance::Rejected);
    }
}
