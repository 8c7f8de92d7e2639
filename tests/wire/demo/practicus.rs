//! Practicus AI.

use serde_json::json;

use crate::demo::client::{Answer, Demo, NOW, decode};

const LOGIN: &str = "/console/api/auth/";
const REFRESH: &str = "/console/api/auth/refresh/";
const REGION: &str = "/console/api/central/clusterdefinition/";

async fn login(demo: &Demo) -> Answer {
    demo.form(LOGIN, &[("email", "ada@example.org"), ("password", "analytical-engine")]).await
}

#[tokio::test]
async fn a_login_yields_two_rs256_tokens_and_the_username() {
    let demo = Demo::start().await;
    let answer = login(&demo).await;
    let reply = answer.json();
    assert_eq!(reply.as_object().unwrap().keys().collect::<Vec<_>>(), ["refresh", "access", "username"]);
    assert_eq!(reply["username"], "ada");
    for kind in ["access", "refresh"] {
        let (header, _, claims) = decode(&answer.text_at(kind));
        assert_eq!(header, r#"{"alg":"RS256","typ":"JWT"}"#);
        assert_eq!((&claims["token_type"], &claims["sub"]), (&json!(kind), &json!("ada@example.org")));
        assert!(["exp", "iat", "user_id", "iss", "username"].iter().all(|key| claims.get(key).is_some()));
    }
    assert_eq!(decode(&answer.text_at("access")).2["exp"], NOW + 90);
    let region = demo.get(REGION, &format!("Bearer {}", answer.text_at("access"))).await;
    region.expect(200, &json!({"NAME": "demo-cluster", "REGION_NAME": "demo-region"}));
}

#[tokio::test]
async fn a_refresh_yields_an_access_token_only_and_both_old_ones_stay_valid() {
    let demo = Demo::start().await;
    let first = login(&demo).await;
    for _ in 0..2 {
        let answer = demo.form(REFRESH, &[("refresh", &first.text_at("refresh"))]).await;
        assert_eq!((answer.status, answer.json().get("refresh")), (200, None));
        for access in [answer.text_at("access"), first.text_at("access")] {
            assert_eq!(demo.get(REGION, &format!("Bearer {access}")).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_one_time_code_is_wanted_where_there_is_one() {
    let demo = Demo::start().await;
    let fields = [("email", "grace@example.org"), ("password", "nanosecond")];
    assert_eq!(demo.form(LOGIN, &fields).await.status, 401);
    assert_eq!(demo.form(LOGIN, &[&fields[..], &[("otp_code", "000000")]].concat()).await.status, 401);
    assert_eq!(demo.form(LOGIN, &[&fields[..], &[("otp_code", "123456")]].concat()).await.status, 200);
}

#[tokio::test]
async fn every_refusal() {
    let demo = Demo::start().await;
    let wrong = demo.form(LOGIN, &[("email", "ada@example.org"), ("password", "wrong")]).await;
    wrong.expect(401, &json!({"detail": "No active account found with the given credentials"}));
    demo.form(LOGIN, &[])
        .await
        .expect(400, &json!({"email": ["This field is required."], "password": ["This field is required."]}));
    demo.form(REFRESH, &[]).await.expect(400, &json!({"refresh": ["This field is required."]}));

    let tokens = login(&demo).await;
    let invalid = json!({"detail": "Token is invalid or expired", "code": "token_not_valid"});
    demo.form(REFRESH, &[("refresh", "garbage")]).await.expect(401, &invalid);
    let access = demo.form(REFRESH, &[("refresh", &tokens.text_at("access"))]).await;
    access.expect(401, &json!({"detail": "Token has wrong type", "code": "token_not_valid"}));

    let bearer = format!("Bearer {}", tokens.text_at("access"));
    demo.advance(90);
    assert_eq!(demo.get(REGION, &bearer).await.text_at("code"), "token_not_valid");
    demo.get(REGION, "").await.expect(401, &json!({"detail": "Authentication credentials were not provided."}));
    demo.advance(7 * 86_400);
    demo.form(REFRESH, &[("refresh", &tokens.text_at("refresh"))]).await.expect(401, &invalid);
}
