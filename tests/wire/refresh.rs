//! What an answer to a refresh comes to, for every provider: only a clear refusal retires the refresh token, and nothing
//! that is odd about a reply costs the new one in it.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::{collections::BTreeSet, sync::Arc};

use crate::support::server;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use server::{Answer, Server};
use tokscope::{
    auth::{AuthError, IssuedToken, NoInteraction, Scheme, TokenKind, TokenSet},
    clock,
    profile::{Profile, ProfileName},
    providers,
    secret::ExposeSecret as _,
    session::Session,
    store::{secrets::Secrets, vault::Vault},
};

/// Every provider that sends a refresh token, with what its profile needs; `URL` is the server.
const SETTINGS: [(&str, &[(&str, &str)]); 5] = [
    ("practicus", &[("url", "URL"), ("email", "a@example.org")]),
    ("seta", &[("url", "URL"), ("username", "ada"), ("private_key", "file:none")]),
    ("passwork", &[("url", "URL")]),
    ("openedx", &[("url", "URL"), ("client_id", "c"), ("username", "ada")]),
    ("oauth2", &[("token_endpoint", "URL/token"), ("client_id", "c"), ("grant", "device_code")]),
];

fn profile(id: &str, url: &str) -> Profile {
    let (_, settings) = SETTINGS.iter().find(|(provider, _)| *provider == id).unwrap();
    let settings = settings.iter().map(|(key, value)| ((*key).to_owned(), value.replace("URL", url))).collect();
    let name = ProfileName::new(id).unwrap();
    Profile { name, provider: id.to_owned(), settings, environment: None, tags: Vec::new() }
}

/// An ID token that nobody signed.
fn id_token(claims: &str) -> String {
    format!("e30.{}.", base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(claims))
}

/// A session with the tokens of an earlier login.
fn session(profile: &Profile) -> Session {
    let session = Session::new(providers::ALL, Box::new(Secrets::default()), Arc::new(Vault::memory()));
    let token = |kind, raw: &str| IssuedToken { kind, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER };
    let id = id_token(r#"{"iss":"https://a.example","sub":"1","aud":"c"}"#);
    let tokens = [(TokenKind::Access, "old-access"), (TokenKind::Refresh, "old-refresh"), (TokenKind::Id, id.as_str())];
    let token_set = TokenSet {
        tokens: tokens.map(|(kind, raw)| token(kind, raw)).into(),
        scope: None,
        account: Some("ada".to_owned()),
        received_at: clock::parse("2026-11-21T21:00:00Z").unwrap(),
        remarks: Vec::new(),
    };
    session.adopt(&profile.name, token_set).unwrap();
    session
}

fn saved(session: &Session, profile: &Profile, kind: TokenKind) -> Option<String> {
    let set = session.token_set(&profile.name).unwrap().unwrap();
    set.token(kind).map(|token| token.raw.expose_secret().to_owned())
}

#[test]
fn no_provider_is_left_out() {
    // These two send nothing: a command is run, and a pasted token cannot be renewed.
    let all: BTreeSet<_> = SETTINGS.iter().map(|(id, _)| *id).chain(["command", "pasted"]).collect();
    assert_eq!(all, providers::ALL.iter().map(|provider| provider.descriptor().id).collect());
}

/// What a server may say, and for which providers that means that only a new login helps. What servers say is one table
/// for all; who reads which member of an answer is the provider's.
fn answers() -> Vec<(Answer, &'static [&'static str])> {
    const NOBODY: &[&str] = &[];
    const OAUTH: &[&str] = &["oauth2", "openedx"];
    const ALL: &[&str] = &["practicus", "seta", "passwork", "openedx", "oauth2"];
    let json = |status, body: &str| Answer::json(status, body);
    let with = |status, headers: &[(&str, &str)]| Answer::with(status, headers, "");
    let mut answers = vec![
        (json(400, r#"{"error":"invalid_grant"}"#), OAUTH),
        (json(401, r#"{"error":"invalid_grant","error_description":"Token is expired"}"#), ALL),
        (json(200, r#"{"error":"invalid_grant"}"#), OAUTH),
        (json(500, r#"{"error":"invalid_grant"}"#), NOBODY),
        (json(200, r#"{"error":"bad_refresh_token","error_description":"The refresh token is incorrect"}"#), OAUTH),
        (json(400, r#"{"error":"invalid_request","error_description":"refresh token expired"}"#), ALL),
        (json(400, r#"{"error":"invalid_request","error_description":"the client secret has expired"}"#), NOBODY),
        (json(401, r#"{"error":"invalid_token"}"#), OAUTH),
        (json(400, r#"{"error":"interaction_required"}"#), OAUTH),
        (json(400, r#"{"error":"login_required"}"#), OAUTH),
        (json(401, r#"{"detail":"Token is invalid or expired","code":"token_not_valid"}"#), ALL),
        (json(503, r#"{"detail":"Token is invalid or expired","code":"token_not_valid"}"#), NOBODY),
        (json(401, r#"{"msg":"Token has been revoked"}"#), ALL),
        (json(401, r#"{"msg":"Token has expired"}"#), ALL),
        (json(422, r#"{"msg":"Signature verification failed"}"#), NOBODY),
        (json(401, r#"{"errors":[{"code":"refreshTokenExpired","message":"expired"}]}"#), &["passwork"]),
        (json(401, r#"{"errors":[{"code":"accessTokenExpired","message":"Access token expired"}]}"#), NOBODY),
        (with(400, &[]), ALL),
        (with(401, &[]), ALL),
        (with(401, &[("www-authenticate", "Bearer error=\"invalid_token\"")]), ALL),
        (with(401, &[("www-authenticate", "Basic realm=\"clients\"")]), NOBODY),
        (with(403, &[]), NOBODY),
        (with(500, &[]), NOBODY),
        (json(200, "{}"), NOBODY),
        (json(200, r#"{"access_token":"#), NOBODY),
        (json(200, r#"{"detail":"try again"}"#), NOBODY),
        (Answer::with(307, &[("location", "/elsewhere")], ""), NOBODY),
        (Answer::Bytes(vec![0x80; 64]), NOBODY),
        (Answer::Cut, NOBODY),
        (Answer::Silence, NOBODY),
    ];
    let codes = ["invalid_client", "invalid_request", "unauthorized_client", "invalid_scope", "server_error", "x"];
    answers.extend(codes.map(|code| (json(400, &format!(r#"{{"error":"{code}"}}"#)), NOBODY)));
    answers
        .extend([200, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504].map(|s| (Answer::html(s, "A page"), NOBODY)));
    answers.extend([400, 401, 403, 404, 500].map(|status| (json(status, "{}"), NOBODY)));
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_clear_refusal_retires() {
    let mut tasks = tokio::task::JoinSet::new();
    let mut tried = 0;
    for (answer, dead_for) in answers() {
        let server = Arc::new(Server::always(answer.clone()).await);
        for (id, _) in SETTINGS {
            let (server, answer, expected) = (server.clone(), answer.clone(), dead_for.contains(&id));
            tasks.spawn(async move { refused(id, &server.url(), &format!("{answer:?}"), expected).await });
            tried += 1;
        }
    }
    for (id, _) in SETTINGS {
        tasks.spawn(refused(id, "https://no-such-host.invalid", "a name that nobody knows", false));
        tasks.spawn(refused(id, "http://127.0.0.1:1", "a port where nobody listens", false));
        tried += 2;
    }
    assert_eq!((tasks.len(), tried), (tried, 5 * (answers().len() + 2)));
    tasks.join_all().await;
}

async fn refused(id: &'static str, url: &str, what: &str, expected: bool) {
    let mut profile = profile(id, url);
    if what == "Silence" {
        profile.settings.insert("timeout".to_owned(), "1".to_owned());
    }
    let session = session(&profile);
    let error = session.refresh(&profile, None, &NoInteraction).await.unwrap_err();
    let condition = session.condition(&profile.name).unwrap();
    assert_eq!(condition.retired.is_some(), expected, "{id}, {what}: {error:?}");
    assert_eq!(saved(&session, &profile, TokenKind::Refresh).as_deref(), Some("old-refresh"), "{id}, {what}");
    assert_eq!(saved(&session, &profile, TokenKind::Access).as_deref(), Some("old-access"), "{id}, {what}");
    // Whether nobody knows what the server did, as after a page in the place of its answer.
    let unknown = matches!(error, AuthError::StateUnknown(_));
    assert_eq!(condition.in_flight.is_some(), unknown, "{id}, {what}: {error:?}");
    assert!(!(unknown && expected), "{id}, {what}: {error:?}");
    let hint = error.hint().unwrap_or_else(|| panic!("{id}, {what}: {error:?}"));
    assert!(!expected || hint.contains("log in"), "{id}, {what}: {hint}");
    assert!(hint.matches("log in").count() <= 1, "one hint, not two: {id}, {what}: {hint}");
}

/// Replies that are odd, each with a new refresh token: `rotated`.
fn replies(id: &str) -> Vec<String> {
    let with = |reply: &str, id_token: &str| reply.replace("ID", id_token);
    let replies: &[&str] = match id {
        "practicus" => &[
            r#"{"refresh":"rotated"}"#,
            r#"{"access":"a","refresh":"rotated","username":7}"#,
            r#"{"access":["a"],"refresh":"rotated","detail":"x","code":"token_not_valid"}"#,
        ],
        "seta" => &[
            r#"{"refresh_token":"rotated"}"#,
            r#"{"access_token":"","refresh_token":"rotated","message":"x"}"#,
            r#"{"access_token":"a","refresh_token":"rotated","msg":"Token has expired"}"#,
        ],
        "passwork" => &[
            r#"{"refreshToken":"rotated"}"#,
            r#"{"accessToken":"a","refreshToken":"rotated","accessTokenExpiredAt":"soon"}"#,
            r#"{"accessToken":null,"refreshToken":"rotated","errors":[]}"#,
        ],
        _ => &[
            r#"{"refresh_token":"rotated"}"#,
            r#"{"access_token":"","refresh_token":"rotated","expires_in":{}}"#,
            r#"{"access_token":"a","refresh_token":"rotated","error":null}"#,
            r#"{"access_token":"a","refresh_token":"rotated","token_type":7,"scope":{"a":1},"expires_in":-1}"#,
            r#"{"access_token":"a","refresh_token":"rotated","token_type":"no scheme"}"#,
            r#"{"access_token":"a","refresh_token":"rotated","id_token":"garbage"}"#,
            r#"{"access_token":"a","refresh_token":"rotated","id_token":"ID"}"#,
        ],
    };
    let mut replies: Vec<_> = replies.iter().map(|reply| (*reply).to_owned()).collect();
    if replies.last().unwrap().contains("ID") {
        let reply = replies.pop().unwrap();
        for claims in [
            "[]",
            r#"{"iss":"https://a.example","sub":"1","aud":"another","nonce":"another"}"#,
            r#"{"iss":"https://a.example","sub":"somebody else","aud":"c"}"#,
            r#"{"iss":"https://b.example","sub":"1","aud":"c"}"#,
        ] {
            replies.push(with(&reply, &id_token(claims)));
        }
    }
    if id == "passwork" {
        let wrapped = replies
            .iter()
            .map(|reply| serde_json::json!({"format": "base64", "content": BASE64_STANDARD.encode(reply)}).to_string());
        replies.extend(wrapped.collect::<Vec<_>>());
    }
    replies
}

#[tokio::test]
async fn nothing_odd_about_a_reply_costs_the_refresh_token_in_it() {
    for (id, _) in SETTINGS {
        for reply in replies(id) {
            for status in [200, 201] {
                let server = Server::always(Answer::json(status, &reply)).await;
                let profile = profile(id, &server.url());
                let session = session(&profile);
                let renewed = session.refresh(&profile, None, &NoInteraction).await;
                let renewed = renewed.unwrap_or_else(|error| panic!("{id}, {status} {reply}: {error:?}"));
                let now = saved(&session, &profile, TokenKind::Refresh);
                assert_eq!(now.as_deref(), Some("rotated"), "{id}, {status} {reply}");
                assert_eq!(session.condition(&profile.name).unwrap().in_flight, None, "{id}, {reply}");
                // Where there is no access token, that is said.
                let has_access = renewed.token(TokenKind::Access).is_some();
                assert!(has_access || renewed.remarks.iter().any(|it| it.contains("refresh again")), "{id}, {reply}");
            }
        }
    }
}

#[tokio::test]
async fn an_id_token_about_somebody_else_is_not_kept() {
    let claims = id_token(r#"{"iss":"https://a.example","sub":"2","email":"eve@example.org","aud":"c"}"#);
    let reply = format!(r#"{{"access_token":"a","refresh_token":"rotated","id_token":"{claims}"}}"#);
    let server = Server::always(Answer::json(200, &reply)).await;
    let profile = profile("oauth2", &server.url());
    let session = session(&profile);
    let renewed = session.refresh(&profile, None, &NoInteraction).await.unwrap();
    assert!(renewed.remarks.iter().any(|remark| remark.contains("another sub")), "{:?}", renewed.remarks);
    assert_ne!(saved(&session, &profile, TokenKind::Id), Some(claims), "the one of the login is kept");
    assert_eq!(renewed.account.as_deref(), Some("ada"));
}

/// What is asked for after a login, and fails, does not cost the login.
#[tokio::test]
async fn a_region_that_does_not_answer_does_not_cost_the_login() {
    for after in [Answer::html(500, "Server Error"), Answer::Cut, Answer::Silence, Answer::json(200, "[]")] {
        let server = Server::start(move |request| match request.line.ends_with("/auth/") {
            true => Answer::json(200, r#"{"access":"a","refresh":"rotated"}"#),
            false => after.clone(),
        });
        let server = server.await;
        let mut profile = profile("practicus", &server.url());
        let more = [("password", "plain:p"), ("timeout", "2")];
        profile.settings.extend(more.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let session = session(&profile);
        session.login(&profile, &NoInteraction).await.unwrap();
        assert_eq!(saved(&session, &profile, TokenKind::Refresh).as_deref(), Some("rotated"));
        assert_eq!(server.received().len(), 2, "the region was asked for");
    }
}
