//! Passwork 7.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::demo::client::{Answer, Demo, NOW};

const REFRESH: &str = "/api/v1/sessions/refresh";
const INFO: &str = "/api/v1/users/info";
const RAW: (&str, &str) = ("x-response-format", "raw");

struct Pair {
    access: String,
    refresh: String,
}

fn pair(reply: &Value) -> Pair {
    let text = |key: &str| reply[key].as_str().unwrap_or_else(|| panic!("no {key} in {reply}")).to_owned();
    Pair { access: text("accessToken"), refresh: text("refreshToken") }
}

fn pasted(demo: &Demo, which: &str) -> Pair {
    pair(&demo.server.description()["passwork"][which])
}

async fn refresh(demo: &Demo, access: &str, refresh: &str) -> Answer {
    let headers = [RAW, ("authorization", &*format!("Bearer {access}"))];
    demo.json(REFRESH, &json!({"refreshToken": refresh}), &headers).await
}

async fn info(demo: &Demo, access: &str) -> Answer {
    let headers = [RAW, ("authorization", &*format!("Bearer {access}"))];
    demo.send(Method::GET, INFO, &headers, String::new()).await
}

fn code(answer: &Answer) -> (u16, String) {
    let error = &answer.json()["errors"][0];
    assert!(error["message"].is_string() && error.get("field").is_some(), "{error}");
    (answer.status, error["code"].as_str().expect("a code").to_owned())
}

#[tokio::test]
async fn the_whole_pair_rotates_even_when_the_access_token_has_expired() {
    let demo = Demo::start().await;
    for which in ["fresh", "expired"] {
        let old = pasted(&demo, which);
        assert_eq!((old.access.len(), old.refresh.len()), (44, 44));
        let answer = refresh(&demo, &old.access, &old.refresh).await;
        let reply = answer.json();
        assert_eq!(reply["accessTokenExpiredAt"], NOW + 90);
        assert_eq!(reply["refreshTokenExpiredAt"], NOW + 36 * 3_600);
        let new = pair(&reply);
        assert_eq!(info(&demo, &new.access).await.status, 200);
        assert_eq!(info(&demo, &old.access).await.status, 401);
        assert_eq!(code(&refresh(&demo, &old.access, &old.refresh).await).0, 401);
        assert_eq!(refresh(&demo, &new.access, &new.refresh).await.status, 200);
    }
}

#[tokio::test]
async fn a_pair_rotates_only_whole_and_only_while_it_lives() {
    let demo = Demo::start().await;
    let fresh = pasted(&demo, "fresh");
    let refused = (401, "refreshTokenInvalid".to_owned());
    assert_eq!(code(&refresh(&demo, "other", &fresh.refresh).await), refused);
    assert_eq!(code(&refresh(&demo, &fresh.access, "other").await), refused);
    assert_eq!(code(&refresh(&demo, &pasted(&demo, "expired").access, &fresh.refresh).await), refused);
    demo.advance(36 * 3_600);
    assert_eq!(code(&refresh(&demo, &fresh.access, &fresh.refresh).await), refused);
}

#[tokio::test]
async fn single_tokens_rotate_without_authorization() {
    let demo = Demo::start().await;
    let old = pasted(&demo, "fresh");
    let access = demo.json("/api/v1/sessions/refresh-access-token", &json!({"accessToken": old.access}), &[RAW]).await;
    assert_eq!(access.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["accessToken", "accessTokenExpiredAt"]);
    assert_eq!(info(&demo, &old.access).await.status, 401);
    let token = json!({"refreshToken": old.refresh});
    let answer = demo.json("/api/v1/sessions/refresh-refresh-token", &token, &[RAW]).await;
    assert_eq!(
        answer.json().as_object().unwrap().keys().collect::<Vec<_>>(),
        ["refreshToken", "refreshTokenExpiredAt"]
    );
    assert_eq!(info(&demo, &access.text_at("accessToken")).await.status, 200);
    assert_eq!(code(&demo.json("/api/v1/sessions/refresh-refresh-token", &token, &[RAW]).await).0, 401);
    assert_eq!(refresh(&demo, &access.text_at("accessToken"), &answer.text_at("refreshToken")).await.status, 200);
}

#[tokio::test]
async fn an_expired_access_token_is_called_so() {
    let demo = Demo::start().await;
    let expired = (401, "accessTokenExpired".to_owned());
    assert_eq!(code(&info(&demo, &pasted(&demo, "expired").access).await), expired);
    let fresh = pasted(&demo, "fresh").access;
    demo.advance(89);
    assert_eq!(info(&demo, &fresh).await.status, 200);
    demo.advance(1);
    assert_eq!(code(&info(&demo, &fresh).await), expired);
}

#[tokio::test]
async fn answers_are_enveloped_by_default_errors_too() {
    let demo = Demo::start().await;
    for access in [pasted(&demo, "fresh").access, "unknown".to_owned()] {
        let bare = info(&demo, &access).await;
        let enveloped = demo.get(INFO, &format!("Bearer {access}")).await;
        let envelope = enveloped.json();
        assert_eq!((enveloped.status, &envelope["format"]), (bare.status, &json!("base64")));
        let content = STANDARD.decode(envelope["content"].as_str().unwrap()).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&content).unwrap(), bare.json());
    }
}

#[tokio::test]
async fn a_login_yields_a_pair_or_a_refusal() {
    let demo = Demo::start().await;
    let login = |password: &str| json!({"username": "ada", "password": password});
    let answer = demo.json("/api/v1/users/login", &login("analytical-engine"), &[RAW]).await;
    assert_eq!(info(&demo, &pair(&answer.json()).access).await.status, 200);
    assert_eq!(code(&demo.json("/api/v1/users/login", &login("wrong"), &[RAW]).await).0, 401);
}
