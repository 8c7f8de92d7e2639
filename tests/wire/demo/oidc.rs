//! The OpenID provider, call by call.

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use tokscope::demo::{Options, Refreshes};
use url::Url;

use crate::demo::client::{Answer, Demo, decode};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT: &str = "http://127.0.0.1:4711/callback";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The target of an authorization request of the public client, approved.
fn authorize(more: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, VERIFIER.as_bytes()));
    let mut fields = vec![
        ("client_id", "tokscope-cli"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("state", "s"),
        ("nonce", "n"),
        ("scope", "openid email"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("auto", "approve"),
    ];
    for (key, value) in more {
        fields.retain(|(known, _)| known != key);
        fields.push((key, value));
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    format!("/oidc/authorize?{query}")
}

/// A value in the query that the browser is sent back with.
fn sent_back(answer: &Answer, name: &str) -> String {
    assert_eq!(answer.status, 302, "{}", answer.text);
    let url = Url::parse(answer.header("location")).expect("a URL");
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn redeem(demo: &Demo, code: &str, verifier: &str) -> Answer {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "tokscope-cli"),
        ("code", code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", verifier),
    ];
    demo.form("/oidc/token", &fields).await
}

#[tokio::test]
async fn discovery_names_the_issuer_at_both_addresses() {
    let demo = Demo::start().await;
    let openid = demo.get("/oidc/.well-known/openid-configuration", "").await.json();
    assert_eq!(openid, demo.get("/.well-known/oauth-authorization-server/oidc", "").await.json());
    assert_eq!(openid["issuer"], format!("{}/oidc", demo.server.url()));
    let keys = demo.get("/oidc/jwks", "").await.json();
    let algorithms: Vec<_> = keys["keys"].as_array().unwrap().iter().map(|key| key["alg"].clone()).collect();
    assert_eq!(algorithms, ["RS256", "ES256", "EdDSA"]);
    assert!(keys["keys"].as_array().unwrap().iter().all(|key| key["d"].is_null()), "no private key is published");
}

#[tokio::test]
async fn a_code_gives_tokens_once() {
    let demo = Demo::start().await;
    let page = demo.get(&authorize(&[("auto", "")]).replace("&auto=", ""), "").await;
    assert!(page.status == 200 && page.text.contains(">Approve</a>"), "{}", page.text);
    let answer = demo.get(&authorize(&[]), "").await;
    assert_eq!(sent_back(&answer, "iss"), format!("{}/oidc", demo.server.url()));
    assert_eq!(sent_back(&answer, "state"), "s");
    let code = sent_back(&answer, "code");

    let tokens = redeem(&demo, &code, VERIFIER).await;
    assert_eq!((tokens.status, tokens.header("cache-control")), (200, "no-store"));
    let (header, _, claims) = decode(&tokens.text_at("access_token"));
    assert!(header.contains("\"at+jwt\"") && header.contains("EdDSA"), "{header}");
    assert_eq!(claims["client_id"], "tokscope-cli");
    let (_, _, claims) = decode(&tokens.text_at("id_token"));
    assert_eq!(
        (&claims["nonce"], &claims["aud"], &claims["email"]),
        (&json!("n"), &json!("tokscope-cli"), &json!("ada@example.org"))
    );

    let bearer = format!("Bearer {}", tokens.text_at("access_token"));
    assert_eq!(demo.get("/oidc/userinfo", &bearer).await.json()["sub"], "24400320");
    let again = redeem(&demo, &code, VERIFIER).await;
    assert_eq!((again.status, again.text_at("error").as_str()), (400, "invalid_grant"));
    assert_eq!(demo.get("/oidc/userinfo", &bearer).await.status, 401, "a code used twice kills its tokens");
}

#[tokio::test]
async fn a_code_needs_its_verifier_and_ends_after_a_minute() {
    let demo = Demo::start().await;
    let code = sent_back(&demo.get(&authorize(&[]), "").await, "code");
    assert_eq!(redeem(&demo, &code, &VERIFIER.replace('d', "e")).await.text_at("error"), "invalid_grant");
    let code = sent_back(&demo.get(&authorize(&[]), "").await, "code");
    demo.advance(60);
    assert_eq!(redeem(&demo, &code, VERIFIER).await.text_at("error"), "invalid_grant");
}

#[tokio::test]
async fn bad_authorization_requests_stay_here_or_go_back_with_an_error() {
    let demo = Demo::start().await;
    for stays in [
        ("client_id", "x"),
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", "http://127.0.0.1.evil.example/callback"),
    ] {
        assert_eq!(demo.get(&authorize(&[stays]), "").await.status, 400, "{stays:?}");
    }
    for (field, error) in [
        (("code_challenge_method", "plain"), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "moon"), "invalid_scope"),
        (("auto", "deny"), "access_denied"),
    ] {
        assert_eq!(sent_back(&demo.get(&authorize(&[field]), "").await, "error"), error);
    }
}

#[tokio::test]
async fn a_device_that_polls_too_fast_is_slowed_down() {
    let demo = Demo::start().await;
    let codes = demo.form("/oidc/device_authorization", &[("client_id", "tokscope-cli")]).await;
    let (device_code, user_code) = (codes.text_at("device_code"), codes.text_at("user_code"));
    let poll = async || {
        let fields = [("grant_type", DEVICE), ("client_id", "tokscope-cli"), ("device_code", &device_code)];
        demo.form("/oidc/token", &fields).await
    };
    assert_eq!(poll().await.text_at("error"), "authorization_pending");
    assert_eq!(poll().await.text_at("error"), "slow_down", "at once");
    demo.advance(1);
    assert_eq!(poll().await.text_at("error"), "slow_down", "the old interval is not enough any more");
    demo.advance(11);
    assert_eq!(poll().await.text_at("error"), "authorization_pending");

    let typed = user_code.to_lowercase().replace('-', "");
    let page = demo.get(&format!("/oidc/device?user_code={typed}"), "").await;
    assert!(page.text.contains(">Approve</a>"), "{}", page.text);
    assert_eq!(demo.get(&format!("/oidc/device?user_code={typed}&auto=approve"), "").await.status, 200);
    demo.advance(11);
    assert_eq!(poll().await.status, 200);
    assert_eq!(poll().await.text_at("error"), "invalid_grant", "a device code is good for one token");
}

#[tokio::test]
async fn a_device_code_expires() {
    let demo = Demo::start().await;
    let codes = demo.form("/oidc/device_authorization", &[("client_id", "tokscope-cli")]).await;
    demo.advance(300);
    let fields =
        [("grant_type", DEVICE), ("client_id", "tokscope-cli"), ("device_code", &codes.text_at("device_code"))];
    assert_eq!(demo.form("/oidc/token", &fields).await.text_at("error"), "expired_token");
    let page = demo.get(&format!("/oidc/device?user_code={}", codes.text_at("user_code")), "").await;
    assert_eq!(page.status, 404);
}

#[tokio::test]
async fn clients_that_prove_nothing_are_turned_away() {
    let demo = Demo::start().await;
    let machine = |more: &[(&'static str, &'static str)]| {
        [&[("grant_type", "client_credentials"), ("client_id", "odd:service")], more].concat()
    };
    for bad in [machine(&[]), machine(&[("client_secret", "x")]), vec![("grant_type", "client_credentials")]] {
        let answer = demo.form("/oidc/token", &bad).await;
        assert_eq!((answer.status, answer.text_at("error").as_str()), (401, "invalid_client"), "{bad:?}");
        assert!(answer.header("www-authenticate").starts_with("Basic "));
    }
    let answer = demo.form("/oidc/token", &machine(&[("client_secret", "p@ss:w%rd +/~"), ("grant_type", "x")])).await;
    assert_eq!((answer.status, answer.text_at("error").as_str()), (400, "unsupported_grant_type"));
    let password = [("grant_type", "password"), ("client_id", "tokscope-cli"), ("username", "ada"), ("password", "x")];
    assert_eq!(demo.form("/oidc/token", &password).await.text_at("error"), "unauthorized_client");
}

#[tokio::test]
async fn userinfo_challenges_by_rfc_6750() {
    let demo = Demo::start().await;
    let none = demo.get("/oidc/userinfo", "").await;
    assert_eq!((none.status, none.header("www-authenticate")), (401, "Bearer realm=\"tokscope demo\""));
    let bad = demo.get("/oidc/userinfo", "Bearer x.y.z").await;
    assert!(bad.status == 401 && bad.header("www-authenticate").contains("error=\"invalid_token\""));

    let fields =
        [("grant_type", "client_credentials"), ("client_id", "odd:service"), ("client_secret", "p@ss:w%rd +/~")];
    let machine = demo.form("/oidc/token", &fields).await;
    let bearer = format!("Bearer {}", machine.text_at("access_token"));
    let answer = demo.get("/oidc/userinfo", &bearer).await;
    assert!(answer.status == 403 && answer.header("www-authenticate").contains("insufficient_scope"));
    demo.advance(90);
    assert_eq!(demo.get("/oidc/userinfo", &bearer).await.status, 401, "its time is over");
}

/// Uses a refresh token of the client `legacy`.
async fn refresh(demo: &Demo, path: &str, token: &str) -> reqwest::Result<Answer> {
    let fields = [("grant_type", "refresh_token"), ("client_id", "legacy"), ("refresh_token", token)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    demo.try_send(reqwest::Method::POST, path, &headers, body).await
}

#[tokio::test]
async fn a_lost_reply_uses_the_refresh_token_up_unless_there_is_a_grace_period() {
    for (grace, good_for) in [(0, None), (10, Some(9))] {
        let demo = Demo::start_with(Options { refresh_grace: grace, access_ttl: 3_600, ..Options::default() }).await;
        let user = [("username", "ada"), ("password", "analytical-engine"), ("client_id", "legacy")];
        let tokens = demo.form("/oidc/token", &[&user[..], &[("grant_type", "password")]].concat()).await;
        let first = tokens.text_at("refresh_token");
        let error = refresh(&demo, "/fault/lost/oidc/token", &first).await.err().expect("no whole answer");
        assert!(error.is_body() || error.is_decode(), "{error:?}");
        assert_eq!(demo.server.refreshes(), Refreshes { granted: 1, replayed: 0 });
        if let Some(seconds) = good_for {
            demo.advance(seconds);
            assert_eq!(refresh(&demo, "/oidc/token", &first).await.unwrap().status, 200);
            demo.advance(1);
        }
        let answer = refresh(&demo, "/oidc/token", &first).await.unwrap();
        assert_eq!((answer.status, answer.text_at("error").as_str()), (400, "invalid_grant"));
        assert_eq!(demo.server.refreshes(), Refreshes { granted: 1 + u64::from(good_for.is_some()), replayed: 1 });
        let bearer = format!("Bearer {}", tokens.text_at("access_token"));
        assert_eq!(demo.get("/oidc/userinfo", &bearer).await.status, 401, "a replay kills the whole login");
    }
}

/// RFC 7009 §2.2: 200 whatever the token is; §2.1: another client's is not for this client to end.
#[tokio::test]
async fn only_its_own_client_ends_a_token() {
    let demo = Demo::start_with(Options { access_ttl: 3_600, ..Options::default() }).await;
    let user = [("username", "ada"), ("password", "analytical-engine"), ("grant_type", "password")];
    for (own, other) in [("legacy", "opaque-legacy"), ("opaque-legacy", "legacy")] {
        let tokens = demo.form("/oidc/token", &[&user[..], &[("client_id", own)]].concat()).await;
        let (access, refresh) = (tokens.text_at("access_token"), tokens.text_at("refresh_token"));
        let bearer = format!("Bearer {access}");
        for (token, client, status) in
            [("unknown", own, 200), (&*access, other, 200), (&*refresh, other, 200), (&*refresh, "nobody", 401)]
        {
            let answer = demo.form("/oidc/revoke", &[("token", token), ("client_id", client)]).await;
            assert_eq!(answer.status, status, "{client}");
        }
        assert_eq!(demo.form("/oidc/revoke", &[("token", &*refresh)]).await.status, 401, "no client");
        assert_eq!(demo.get("/oidc/userinfo", &bearer).await.status, 200);
        let fields = [("token", &*access), ("client_id", other)];
        assert_eq!(demo.form("/oidc/introspect", &fields).await.json()["active"], false, "not for this client to see");
        demo.form("/oidc/revoke", &[("token", &*access), ("client_id", own)]).await;
        assert_eq!(demo.get("/oidc/userinfo", &bearer).await.status, 401);
        let fields = [("grant_type", "refresh_token"), ("client_id", own), ("refresh_token", &*refresh)];
        assert_eq!(demo.form("/oidc/token", &fields).await.status, 200, "it did not take the refresh token along");
    }
}
