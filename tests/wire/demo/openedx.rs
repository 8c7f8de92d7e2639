//! Open edX.

use base64::{Engine as _, engine::general_purpose};
use reqwest::Method;
use serde_json::json;

use crate::demo::client::{Answer, Demo, NOW, decode};

const TOKEN: &str = "/oauth2/access_token";
const REVOKE: &str = "/oauth2/revoke_token";
const ME: &str = "/api/user/v1/me";
const PUBLIC: (&str, &str) = ("client_id", "login-service-client-id");
const JWT: (&str, &str) = ("token_type", "JWT");

async fn login(demo: &Demo) -> Answer {
    let fields = [("grant_type", "password"), PUBLIC, ("username", "ada"), ("password", "analytical-engine"), JWT];
    demo.form(TOKEN, &fields).await
}

async fn refresh(demo: &Demo, token: &str, more: &[(&str, &str)]) -> Answer {
    let fields = [("grant_type", "refresh_token"), PUBLIC, ("refresh_token", token)];
    demo.form(TOKEN, &[&fields, more].concat()).await
}

#[tokio::test]
async fn a_password_login_yields_a_jwt_in_the_shape_of_the_documentation() {
    let demo = Demo::start().await;
    let answer = login(&demo).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"));
    let reply = answer.json();
    let keys: Vec<_> = reply.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["access_token", "expires_in", "token_type", "scope", "refresh_token"]);
    assert_eq!((&reply["token_type"], &reply["expires_in"]), (&json!("JWT"), &json!(90)));
    assert_eq!(reply["scope"], "read write email profile user_id");
    assert_eq!(answer.text_at("refresh_token").len(), 30);

    let token = answer.text_at("access_token");
    let (header, payload, claims) = decode(&token);
    assert_eq!(header, r#"{"alg":"HS256"}"#);
    assert!(payload.starts_with(r#"{"aud": "lms-key", "exp": "#), "{payload}");
    let keys: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
    let documented = "aud exp grant_type iat iss preferred_username scopes version sub filters is_restricted \
                      email_verified email name family_name given_name administrator superuser user_id";
    assert_eq!(keys.join(" "), documented);
    assert_eq!(claims["exp"], NOW + 90);
    assert_eq!(claims["grant_type"], "password");
    let key = jsonwebtoken::DecodingKey::from_secret(b"lms-secret");
    let (input, signature) = token.rsplit_once('.').unwrap();
    let algorithm = jsonwebtoken::Algorithm::HS256;
    assert!(jsonwebtoken::crypto::verify(signature, input.as_bytes(), &key, algorithm).unwrap());

    demo.get(ME, &format!("JWT {token}")).await.expect(200, &json!({"username": "ada"}));
}

#[tokio::test]
async fn an_email_is_a_name_and_a_trailing_slash_and_header_change_nothing() {
    let demo = Demo::start().await;
    let fields =
        [("grant_type", "password"), PUBLIC, ("username", "ada@example.org"), ("password", "analytical-engine")];
    let answer = demo.form_with("/oauth2/access_token/", &fields, &[("x-token-type", "jwt")]).await;
    assert_eq!(answer.text_at("token_type"), "JWT");
}

#[tokio::test]
async fn without_token_type_comes_an_opaque_bearer_token() {
    let demo = Demo::start().await;
    let fields = [("grant_type", "password"), PUBLIC, ("username", "ada"), ("password", "analytical-engine")];
    let answer = demo.form(TOKEN, &fields).await;
    let reply = answer.json();
    assert_eq!((&reply["token_type"], &reply["expires_in"]), (&json!("Bearer"), &json!(36_000)));
    assert_eq!(reply["scope"], "read write email profile");
    let token = answer.text_at("access_token");
    demo.get(ME, &format!("Bearer {token}")).await.expect(200, &json!({"username": "ada"}));

    // On a refresh too; and the refresh kills the old opaque token.
    let refreshed = refresh(&demo, &answer.text_at("refresh_token"), &[]).await;
    assert_eq!(refreshed.text_at("token_type"), "Bearer");
    let dead = demo.get(ME, &format!("Bearer {token}")).await;
    assert_eq!((dead.status, dead.text_at("error_code").as_str()), (401, "token_nonexistent"));

    demo.advance(36_000);
    let expired = demo.get(ME, &format!("Bearer {}", refreshed.text_at("access_token"))).await;
    assert_eq!((expired.status, expired.text_at("error_code").as_str()), (401, "token_expired"));
}

#[tokio::test]
async fn asymmetric_jwt_is_signed_with_rs512() {
    let demo = Demo::start().await;
    let fields = [("grant_type", "password"), PUBLIC, ("username", "ada"), ("password", "analytical-engine"), JWT];
    let answer = demo.form(TOKEN, &[&fields[..], &[("asymmetric_jwt", "true")]].concat()).await;
    let token = answer.text_at("access_token");
    assert!(decode(&token).0.starts_with(r#"{"alg":"RS512""#));
    demo.get(ME, &format!("JWT {token}")).await.expect(200, &json!({"username": "ada"}));
}

#[tokio::test]
async fn a_client_logs_in_by_basic_or_body_and_gets_no_refresh_token() {
    let demo = Demo::start().await;
    let grant = [("grant_type", "client_credentials"), JWT];
    let body = [("client_id", "grades-service"), ("client_secret", "grades-service-secret")];
    let basic = |text: &str| format!("Basic {}", general_purpose::STANDARD.encode(text));
    let by_body = demo.form(TOKEN, &[grant, body].concat()).await;
    let by_basic = [("authorization", basic("grades-service:grades-service-secret"))];
    let by_basic = demo.form_with(TOKEN, &grant, &[(by_basic[0].0, &by_basic[0].1)]).await;
    // RFC 6749 §2.3.1: both halves form-encoded.
    let odd = basic("odd%3Aservice:p%40ss%3Aw%25rd+%2B%2F~");
    let by_odd = demo.form_with(TOKEN, &grant, &[("authorization", &odd)]).await;
    for answer in [by_body, by_basic, by_odd] {
        assert_eq!((answer.status, answer.json().get("refresh_token")), (200, None));
        let claims = decode(&answer.text_at("access_token")).2;
        assert_eq!((&claims["grant_type"], &claims["filters"]), (&json!("client-credentials"), &json!([])));
        assert_eq!(claims.get("user_id"), None);
    }
    let raw = basic("odd:service:p@ss:w%rd +/~");
    assert_eq!(demo.form_with(TOKEN, &grant, &[("authorization", &raw)]).await.status, 401);
}

#[tokio::test]
async fn a_refresh_rotates_without_grace() {
    let demo = Demo::start().await;
    let first = login(&demo).await;
    let old = first.text_at("refresh_token");
    demo.advance(10 * 86_400);
    let second = refresh(&demo, &old, &[JWT]).await;
    assert_eq!((second.status, second.text_at("scope").as_str()), (200, "read write email profile user_id"));
    assert_ne!(second.text_at("refresh_token"), old);
    refresh(&demo, &old, &[JWT]).await.expect(400, &json!({"error": "invalid_grant"}));
    assert_eq!(refresh(&demo, &second.text_at("refresh_token"), &[JWT]).await.status, 200);
}

#[tokio::test]
async fn scope_must_not_be_echoed_on_a_refresh() {
    let demo = Demo::start().await;
    let answer = login(&demo).await;
    let (token, scope) = (answer.text_at("refresh_token"), answer.text_at("scope"));
    refresh(&demo, &token, &[JWT, ("scope", &scope)]).await.expect(400, &json!({"error": "invalid_scope"}));
    assert_eq!(refresh(&demo, &token, &[JWT, ("scope", "read write")]).await.status, 200);
}

#[tokio::test]
async fn every_error_of_the_token_endpoint() {
    let demo = Demo::start().await;
    let password = [("grant_type", "password"), ("username", "ada"), ("password", "analytical-engine")];
    let wrong = [("grant_type", "password"), PUBLIC, ("username", "ada"), ("password", "wrong")];
    let description = "Invalid credentials given.";
    demo.form(TOKEN, &wrong).await.expect(400, &json!({"error": "invalid_grant", "error_description": description}));
    refresh(&demo, "garbage", &[]).await.expect(400, &json!({"error": "invalid_grant"}));

    let unknown = [&password[..], &[("client_id", "nobody")]].concat();
    let confidential = [&password[..], &[("client_id", "grades-service")]].concat();
    let wrong_secret = [&confidential[..], &[("client_secret", "wrong")]].concat();
    for fields in [&unknown[..], &confidential, &wrong_secret, &password] {
        let answer = demo.form(TOKEN, fields).await.expect(401, &json!({"error": "invalid_client"}));
        assert_eq!(answer.header("www-authenticate"), r#"Bearer error="invalid_client""#);
        assert_eq!(answer.text, r#"{"error": "invalid_client"}"#);
    }

    let not_allowed = [&confidential[..], &[("client_secret", "grades-service-secret")]].concat();
    demo.form(TOKEN, &not_allowed).await.expect(400, &json!({"error": "unauthorized_client"}));

    let missing = |text: &str| json!({"error": "invalid_request", "error_description": text});
    let no_username = [("grant_type", "password"), PUBLIC, ("password", "x")];
    demo.form(TOKEN, &no_username).await.expect(400, &missing("Request is missing username parameter."));
    let no_password = [("grant_type", "password"), PUBLIC, ("username", "ada")];
    demo.form(TOKEN, &no_password).await.expect(400, &missing("Request is missing password parameter."));
    let no_token = [("grant_type", "refresh_token"), PUBLIC];
    demo.form(TOKEN, &no_token).await.expect(400, &missing("Missing refresh token parameter."));

    let unsupported = json!({"error": "unsupported_grant_type"});
    demo.form(TOKEN, &[PUBLIC]).await.expect(400, &unsupported);
    demo.form(TOKEN, &[PUBLIC, ("grant_type", "magic")]).await.expect(400, &unsupported);
    let body = json!({"grant_type": "password", "client_id": PUBLIC.1, "username": "ada", "password": "x"});
    demo.json(TOKEN, &body, &[]).await.expect(400, &unsupported);
    assert_eq!(demo.get(TOKEN, "").await.status, 405);
}

#[tokio::test]
async fn revoking_always_says_200_and_kills_refresh_and_opaque_tokens_only() {
    let demo = Demo::start().await;
    let answer = login(&demo).await;
    let (jwt, token) = (answer.text_at("access_token"), answer.text_at("refresh_token"));
    for token in [token.as_str(), &token, &jwt, "unknown"] {
        let answer = demo.form(REVOKE, &[PUBLIC, ("token", token)]).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, ""));
    }
    refresh(&demo, &token, &[JWT]).await.expect(400, &json!({"error": "invalid_grant"}));
    demo.get(ME, &format!("JWT {jwt}")).await.expect(200, &json!({"username": "ada"}));
}

/// What was measured with django-oauth-toolkit 1.7.1.
#[tokio::test]
async fn revoking_an_opaque_access_token_breaks_its_refresh_token() {
    let demo = Demo::start().await;
    let fields = [("grant_type", "password"), PUBLIC, ("username", "ada"), ("password", "analytical-engine")];
    let answer = demo.form(TOKEN, &fields).await;
    let (access, token) = (answer.text_at("access_token"), answer.text_at("refresh_token"));
    assert_eq!(demo.form(REVOKE, &[PUBLIC, ("token", &access)]).await.status, 200);
    assert_eq!(demo.get(ME, &format!("Bearer {access}")).await.status, 401);
    let broken = refresh(&demo, &token, &[]).await;
    assert!(broken.status == 500 && broken.header("content-type").starts_with("text/html"), "{}", broken.text);
    assert_eq!(demo.form(REVOKE, &[PUBLIC, ("token", &token)]).await.status, 200);
    refresh(&demo, &token, &[]).await.expect(400, &json!({"error": "invalid_grant"}));
}

#[tokio::test]
async fn only_a_confidential_client_ends_tokens_of_others() {
    let demo = Demo::start().await;
    let secret = [("client_id", "grades-service"), ("client_secret", "grades-service-secret")];
    let machine = demo.form(TOKEN, &[&[("grant_type", "client_credentials")][..], &secret].concat()).await;
    let machine = machine.text_at("access_token");
    assert_eq!(demo.form(REVOKE, &[PUBLIC, ("token", &machine)]).await.status, 200);
    assert_eq!(demo.get(ME, &format!("Bearer {machine}")).await.status, 200, "no effect");
    let token = login(&demo).await.text_at("refresh_token");
    assert_eq!(demo.form(REVOKE, &[("token", &*token)]).await.status, 401, "no client");
    assert_eq!(refresh(&demo, &token, &[JWT]).await.status, 200);
    let token = login(&demo).await.text_at("refresh_token");
    assert_eq!(demo.form(REVOKE, &[&secret[..], &[("token", &*token)]].concat()).await.status, 200);
    refresh(&demo, &token, &[JWT]).await.expect(400, &json!({"error": "invalid_grant"}));
}

#[tokio::test]
async fn every_refusal_of_the_api() {
    let demo = Demo::start().await;
    let jwt = login(&demo).await.text_at("access_token");
    let sign = |claims: &serde_json::Value| {
        let key = jsonwebtoken::EncodingKey::from_secret(b"lms-secret");
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), claims, &key).unwrap()
    };
    let claims = decode(&jwt).2;
    let with = |key: &str, value: &str| {
        let mut claims = claims.clone();
        claims[key] = value.into();
        sign(&claims)
    };
    demo.get(ME, &format!("JWT {}", sign(&claims))).await.expect(200, &json!({"username": "ada"}));

    let tampered = format!("{}A.{}", jwt.rsplit_once('.').unwrap().0, jwt.rsplit_once('.').unwrap().1);
    let invalid = [tampered, with("aud", "other"), with("iss", "http://other"), "garbage".to_owned()];
    for token in invalid {
        let answer = demo.get(ME, &format!("JWT {token}")).await.expect(401, &json!({"detail": "Invalid token."}));
        assert_eq!(answer.header("www-authenticate"), r#"JWT realm="api""#);
    }
    demo.advance(89);
    assert_eq!(demo.get(ME, &format!("JWT {jwt}")).await.status, 200);
    demo.advance(1);
    demo.get(ME, &format!("JWT {jwt}")).await.expect(401, &json!({"detail": "Invalid token."}));

    let wrong_scheme = demo.get(ME, &format!("Bearer {jwt}")).await;
    assert_eq!((wrong_scheme.status, wrong_scheme.text_at("error_code").as_str()), (401, "token_nonexistent"));
    let nothing = json!({"detail": "Authentication credentials were not provided."});
    demo.get(ME, "").await.expect(401, &nothing);
    assert_eq!(demo.send(Method::POST, ME, &[], String::new()).await.status, 405);
}
