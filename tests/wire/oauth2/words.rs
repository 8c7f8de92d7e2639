//! The words of servers that are in trouble, moved, or unlike the RFCs, each with what it means.

use tokscope::auth::{Acceptance, AuthError, Fate, IssuedToken, ProbeVerdict, Scheme, TokenKind, TokenSet};

use crate::oauth2::{
    server::{Answer, Received, Server},
    user::{Client, raw, refusal},
};

fn path(request: &Received) -> &str {
    request.line.split_once(' ').unwrap().1
}

fn host(request: &Received) -> String {
    format!("http://{}", request.header("host").unwrap())
}

/// The metadata of the server that was asked, with these members besides.
fn metadata(request: &Received, issuer: &str, more: &str) -> Answer {
    let host = host(request);
    Answer::json(200, &format!(r#"{{"issuer":"{host}{issuer}","token_endpoint":"{host}/token"{more}}}"#))
}

fn machine(issuer: &str) -> Client {
    Client::new(&[("issuer", issuer), ("client_id", "cli"), ("grant", "client_credentials")])
}

fn old_set() -> TokenSet {
    let token = |kind, raw: &str| IssuedToken { kind, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER };
    TokenSet {
        tokens: vec![token(TokenKind::Access, "old-access"), token(TokenKind::Refresh, "old-refresh")],
        scope: None,
        account: None,
        received_at: tokscope::clock::parse("2026-11-21T21:00:00Z").unwrap(),
        remarks: Vec::new(),
    }
}

#[tokio::test]
async fn discovery_in_trouble_is_temporary_and_uses_nothing_up() {
    let cases = [
        (Answer::html(503, "Down for maintenance"), "Down for maintenance"),
        (Answer::html(502, "Bad Gateway"), "Bad Gateway"),
        (Answer::with(429, &[("retry-after", "30")], r#"{"error":"quota"}"#), "quota"),
        (Answer::json(500, r#"{"error":"server_error"}"#), "server_error"),
    ];
    for (answer, words) in cases {
        // One of the two addresses is enough: the other one may never have existed.
        let server = Server::start(move |request| match path(request).contains("openid") {
            true => Answer::html(404, "Not found"),
            false => answer.clone(),
        })
        .await;
        let error = machine(&server.url()).refresh(&old_set()).await.unwrap_err();
        assert!(matches!(error, AuthError::Discovery { .. }), "{error:?}");
        let shown = error.to_string();
        assert!(shown.contains(words) && !shown.contains("no metadata"), "{shown}");
        assert!(!error.may_have_been_processed() && error.hint().is_some(), "{error:?}");
    }
}

#[tokio::test]
async fn metadata_is_followed_within_its_origin_and_no_further() {
    let elsewhere = Server::start(|request| metadata(request, "", "")).await;
    let target = format!("{}/moved", elsewhere.url());
    let moved = Server::start(move |request| match path(request) {
        "/a/.well-known/openid-configuration" => Answer::with(301, &[("location", "/b")], ""),
        "/b" => Answer::with(307, &[("location", "/c")], ""),
        "/c" => metadata(request, "/a", ""),
        "/token" => Answer::with(307, &[("location", "/token2")], ""),
        "/loop/.well-known/openid-configuration" => {
            Answer::with(302, &[("location", "/loop/.well-known/openid-configuration")], "")
        }
        _ => Answer::with(302, &[("location", &target)], ""),
    })
    .await;
    let error = machine(&format!("{}/a", moved.url())).login().await.unwrap_err();
    assert!(error.to_string().contains("redirects to"), "a token call is not followed: {error}");
    let lines: Vec<_> = moved.received().iter().map(|request| request.line.clone()).collect();
    assert_eq!(lines, ["GET /a/.well-known/openid-configuration", "GET /b", "GET /c", "POST /token"]);

    let error = machine(&moved.url()).login().await.unwrap_err();
    assert!(error.to_string().contains("redirects to") && elsewhere.received().is_empty(), "{error}");
    let before = moved.received().len();
    machine(&format!("{}/loop", moved.url())).login().await.unwrap_err();
    assert_eq!(moved.received().len() - before, 4, "three redirects, and no more");
}

#[tokio::test]
async fn an_issuer_for_every_tenant_is_taken() {
    let server = Server::start(|request| match path(request) {
        "/common/v2.0/.well-known/openid-configuration" => metadata(request, "/{tenantid}/v2.0", ""),
        "/token" => Answer::json(200, r#"{"access_token":"a","token_type":"Bearer"}"#),
        _ => Answer::html(404, "Not found"),
    })
    .await;
    let set = machine(&format!("{}/common/v2.0", server.url())).login().await.unwrap();
    assert_eq!(raw(&set, TokenKind::Access), "a");
    let error = machine(&format!("{}/a/common/v2.0", server.url())).login().await.unwrap_err();
    assert!(error.to_string().contains("no metadata"), "{error}");
}

#[tokio::test]
async fn a_revocation_endpoint_that_does_not_exist_is_called_that() {
    let server = Server::always(Answer::html(404, "Not found")).await;
    let at = |path: &str| format!("{}/{path}", server.url());
    let (token, revoke) = (at("token"), at("revoke"));
    let client = Client::new(&[("client_id", "c"), ("token_endpoint", &token), ("revocation_endpoint", &revoke)]);
    let error = client.revoke(&old_set()).await.unwrap_err();
    assert_eq!(error.to_string(), format!("no revocation endpoint at {revoke} (HTTP 404); nothing was revoked"));
    assert!(error.hint().unwrap().contains("revocation_endpoint"));
}

#[tokio::test]
async fn a_success_that_is_none_revokes_nothing() {
    let cases = [
        (Answer::with(200, &[], ""), true),
        (Answer::json(200, "{}"), true),
        (Answer::json(200, r#"{"error":"invalid_token"}"#), true),
        (Answer::json(200, r#"{"error":"invalid_client"}"#), false),
        (Answer::html(200, "Sign in"), false),
    ];
    for (answer, revoked) in cases {
        let shown = format!("{answer:?}");
        let server = Server::always(answer).await;
        let revoke = format!("{}/revoke", server.url());
        let client = Client::new(&[("client_id", "c"), ("token_endpoint", &revoke), ("revocation_endpoint", &revoke)]);
        let revocation = client.revoke(&old_set()).await;
        let all = revocation.is_ok_and(|it| it.tokens.iter().all(|(_, fate)| *fate == Fate::Asked(200)));
        assert_eq!(all, revoked, "{shown}");
    }
}

/// Userinfo and introspection by script, asked with this token and scope.
async fn probed(userinfo: Answer, introspection: Option<Answer>, token: &str, scope: &str) -> ProbeVerdict {
    let server = Server::start(move |request| match (path(request), &introspection) {
        ("/userinfo", _) => userinfo.clone(),
        ("/introspect", Some(answer)) => answer.clone(),
        _ => {
            let host = host(request);
            let introspect = format!(r#","introspection_endpoint":"{host}/introspect""#);
            let more = format!(
                r#","userinfo_endpoint":"{host}/userinfo"{}"#,
                introspection.as_ref().map_or("", |_| &introspect)
            );
            metadata(request, "", &more)
        }
    })
    .await;
    let client = Client::new(&[("issuer", &server.url()), ("client_id", "c"), ("scope", scope)]);
    let mut set = old_set();
    set.tokens[0].raw = token.into();
    client.probe(&set, TokenKind::Access).await.unwrap()
}

#[tokio::test]
async fn a_probe_rejects_only_on_evidence_about_the_token() {
    // {"alg":"RS256"}.{"aud":"urn:api"} and {"cnf":{"jkt":"x"}}
    const FOR_AN_API: &str = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ1cm46YXBpIn0.c2ln";
    const BOUND: &str = "eyJhbGciOiJSUzI1NiJ9.eyJjbmYiOnsiamt0IjoieCJ9fQ.c2ln";
    let invalid = || Answer::with(401, &[("www-authenticate", "Bearer error=\"invalid_token\"")], "");
    let says = |body: &str| Some(Answer::json(200, body));
    let (active, inactive) = (says(r#"{"active":true}"#), says(r#"{"active":false}"#));
    let unsupported = Some(Answer::json(400, r#"{"error":"unsupported_token_type"}"#));
    let stranger = Some(Answer::json(401, r#"{"error":"invalid_client"}"#));
    use Acceptance::{Accepted, Rejected, Unclear};
    let rows = [
        (invalid(), None, "opaque", "openid", Rejected, "not accepted"),
        (invalid(), None, "opaque", "read", Unclear, "scope openid"),
        (invalid(), None, FOR_AN_API, "openid", Unclear, "for urn:api"),
        (invalid(), None, BOUND, "openid", Unclear, "need a proof"),
        (Answer::with(401, &[], ""), None, "opaque", "openid", Unclear, "not necessarily because of this token"),
        (invalid(), active, "opaque", "read", Accepted, "active"),
        (invalid(), inactive.clone(), FOR_AN_API, "openid", Rejected, "not active"),
        (Answer::html(500, "Oops"), inactive, "opaque", "openid", Rejected, "not active"),
        (invalid(), unsupported, FOR_AN_API, "openid", Unclear, "as is common for JWTs"),
        (invalid(), stranger, "opaque", "read", Unclear, "does not accept this client"),
        (invalid(), Some(Answer::html(404, "No")), "opaque", "read", Unclear, "scope openid"),
        (Answer::json(200, r#"{"sub":"ada"}"#), None, "opaque", "openid", Accepted, "accepted"),
    ];
    for (userinfo, introspection, token, scope, expected, words) in rows {
        let verdict = probed(userinfo, introspection, token, scope).await;
        assert_eq!(verdict.acceptance, expected, "{words}: {verdict:?}");
        assert!(verdict.detail.contains(words), "{words}: {}", verdict.detail);
    }
}

#[tokio::test]
async fn a_bound_token_says_that_it_needs_a_proof() {
    let server = Server::start(|request| match path(request) {
        "/token" => Answer::json(200, r#"{"access_token":"a","token_type":"DPoP"}"#),
        _ => metadata(request, "", ""),
    })
    .await;
    let set = machine(&server.url()).login().await.unwrap();
    assert_eq!(set.tokens[0].scheme.as_str(), "DPoP");
    assert!(set.remarks.iter().any(|remark| remark.contains("RFC 9449")), "{:?}", set.remarks);

    let server = Server::start(|request| match path(request) {
        "/token" => Answer::json(400, r#"{"error":"use_dpop_nonce","error_description":"nonce needed"}"#),
        _ => metadata(request, "", ""),
    })
    .await;
    let error = machine(&server.url()).login().await.unwrap_err();
    assert_eq!(refusal(&error), ("use_dpop_nonce", false));
    assert!(error.hint().unwrap().contains("without DPoP"), "{:?}", error.hint());
}

#[tokio::test]
async fn a_device_login_goes_on_through_a_proxys_page_and_a_reset() {
    let polls = std::sync::atomic::AtomicU32::new(0);
    let server = Server::start(move |request| match path(request) {
        "/device" => {
            Answer::json(200, r#"{"device_code":"d","user_code":"U","verification_uri":"http://x","interval":1}"#)
        }
        _ => match polls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => Answer::html(502, "Bad Gateway"),
            1 => Answer::Cut,
            _ => Answer::json(200, r#"{"access_token":"a","token_type":"Bearer"}"#),
        },
    })
    .await;
    let at = |path: &str| format!("{}/{path}", server.url());
    let (token, device) = (at("token"), at("device"));
    let settings = [("client_id", "c"), ("grant", "device_code"), ("token_endpoint", &*token)];
    let client = Client::new(&[&settings[..], &[("device_authorization_endpoint", &*device)]].concat());
    assert_eq!(raw(&client.login().await.unwrap(), TokenKind::Access), "a");
}

#[tokio::test]
async fn a_bare_refusal_is_no_wrong_address() {
    for (grant, status, word) in [
        ("password", 400, "password"),
        ("password", 401, "password"),
        ("client_credentials", 401, "client ID"),
        ("client_credentials", 403, "may use this grant"),
    ] {
        let server = Server::always(Answer::with(status, &[], "")).await;
        let token = format!("{}/token", server.url());
        let settings = [("client_id", "c"), ("grant", grant), ("token_endpoint", &*token)];
        let user: &[_] = if grant == "password" { &[("username", "ada"), ("password", "env:P")] } else { &[] };
        let client = Client::new(&[&settings[..], user].concat()).secret("P", "x");
        let error = client.login().await.unwrap_err();
        let hint = error.hint().unwrap();
        assert_eq!(error.to_string(), format!("the server refused: no reason given (HTTP {status})"));
        assert!(hint.contains(word) && !hint.contains("URL"), "{grant} {status}: {hint}");
    }
}
