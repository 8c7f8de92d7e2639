//! SeTA.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA512},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::Method;
use serde_json::{Value, json};

use crate::demo::client::{Answer, Demo, NOW, decode};

const TOKEN: &str = "/authentication/v1/token";
const REFRESH: &str = "/authentication/v1/token/refresh";
const INFO: &str = "/authentication/v1/user-info";

/// The key that the server gives out.
fn key(demo: &Demo) -> KeyPair {
    let description = demo.server.description();
    let pem = description["seta"]["private_key"].as_str().expect("a PEM");
    let base64: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    KeyPair::from_pkcs8(&STANDARD.decode(base64).expect("base64")).expect("a private key")
}

fn signed(key: &KeyPair, message: &str) -> String {
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature).expect("a signature");
    signature.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn body(username: &str, provider: &str, signature: &str) -> Value {
    json!({
        "username": username,
        "provider": provider,
        "rsa_original_message": "qwertz",
        "rsa_message_signature": signature,
    })
}

async fn login(demo: &Demo) -> Answer {
    demo.json(TOKEN, &body("ada", "ecas", &signed(&key(demo), "qwertz")), &[]).await
}

async fn refresh(demo: &Demo, token: &str) -> Answer {
    demo.send(Method::POST, REFRESH, &[("authorization", &format!("Bearer {token}"))], String::new()).await
}

#[tokio::test]
async fn a_signed_message_yields_a_pair_and_may_be_replayed() {
    let demo = Demo::start().await;
    for _ in 0..2 {
        let answer = login(&demo).await;
        assert_eq!(answer.json().as_object().unwrap().keys().collect::<Vec<_>>(), ["access_token", "refresh_token"]);
        let claims = decode(&answer.text_at("access_token")).2;
        let keys: Vec<_> = claims.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys.join(" "), "fresh iat jti type seta_id nbf exp iss sub role user_type");
        assert_eq!((&claims["fresh"], &claims["iss"]), (&json!(true), &json!("SETA Auth Server")));
        assert_eq!((&claims["exp"], &claims["type"]), (&json!(NOW + 90), &json!("access")));
        let info = demo.get(INFO, &format!("Bearer {}", answer.text_at("access_token"))).await;
        let keys = ["username", "firstName", "lastName", "domain", "email", "role"];
        assert_eq!(info.json().as_object().unwrap().keys().collect::<Vec<_>>(), keys);
    }
}

#[tokio::test]
async fn a_refresh_rotates_and_the_old_access_token_stays_valid() {
    let demo = Demo::start().await;
    let first = login(&demo).await;
    let second = refresh(&demo, &first.text_at("refresh_token")).await;
    let claims = decode(&second.text_at("access_token")).2;
    assert_eq!((&claims["fresh"], claims.get("user_type")), (&json!(false), None));
    let twice = refresh(&demo, &first.text_at("refresh_token")).await;
    twice.expect(401, &json!({"msg": "Token has been revoked"}));
    assert_eq!(demo.get(INFO, &format!("Bearer {}", first.text_at("access_token"))).await.status, 200);
    assert_eq!(refresh(&demo, &second.text_at("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn a_logout_succeeds_and_ends_nothing() {
    let demo = Demo::start().await;
    let tokens = login(&demo).await;
    let bearer = format!("Bearer {}", tokens.text_at("access_token"));
    for path in ["/authentication/v1/logout", "/authentication/v1/logout/ecas"] {
        let answer = demo.send(Method::POST, path, &[("authorization", &bearer)], String::new()).await;
        answer.expect(200, &json!({"status": "success"}));
    }
    assert_eq!(demo.get(INFO, &bearer).await.status, 200);
    assert_eq!(refresh(&demo, &tokens.text_at("refresh_token")).await.status, 200);
}

#[tokio::test]
async fn every_refusal_of_a_login() {
    let demo = Demo::start().await;
    let key = key(&demo);
    let good = signed(&key, "qwertz");
    let mut sha512 = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA512, &SystemRandom::new(), b"qwertz", &mut sha512).unwrap();
    let sha512: String = sha512.iter().map(|byte| format!("{byte:02x}")).collect();
    for bad in [&signed(&key, "other"), "zz", "abc", "", &sha512] {
        let answer = demo.json(TOKEN, &body("ada", "ecas", bad), &[]).await;
        answer.expect(403, &json!({"message": "Invalid Signature"}));
    }
    for (username, provider) in [("nobody", "ecas"), ("ada", "github"), ("mallory", "ecas")] {
        let answer = demo.json(TOKEN, &body(username, provider, &good), &[]).await;
        answer.expect(401, &json!({"message": "Invalid User"}));
    }
    let capitals = demo.json(TOKEN, &body("ADA", "ecas", &good), &[]).await;
    assert_eq!(capitals.status, 200, "a name is taken in any case");
    let no_key = demo.json(TOKEN, &body("grace", "github", &good), &[]).await;
    no_key.expect(401, &json!({"message": "Invalid user"}));

    let capitals = demo.json(TOKEN, &body("ada", "ECAS", &good), &[]).await;
    assert_eq!((capitals.status, capitals.text_at("message").as_str()), (400, "Input payload validation failed"));
    assert!(capitals.json()["errors"]["provider"].is_string());
    for field in ["username", "provider", "rsa_original_message", "rsa_message_signature"] {
        let mut body = body("ada", "ecas", &good);
        body.as_object_mut().unwrap().remove(field);
        let answer = demo.json(TOKEN, &body, &[]).await;
        assert_eq!(answer.status, 400);
        assert!(answer.json()["errors"][field].is_string(), "{}", answer.text);
    }
    let form = demo.form(TOKEN, &[("username", "ada")]).await;
    assert_eq!(form.status, 415);
    assert!(!form.text_at("message").is_empty());
}

#[tokio::test]
async fn every_refusal_of_a_token() {
    let demo = Demo::start().await;
    let tokens = login(&demo).await;
    let (access, token) = (tokens.text_at("access_token"), tokens.text_at("refresh_token"));
    refresh(&demo, &access).await.expect(422, &json!({"msg": "Only refresh tokens are allowed"}));
    refresh(&demo, "garbage").await.expect(422, &json!({"msg": "Not enough segments"}));
    let (input, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let tampered = format!("{input}.{other}{}", &signature[1..]);
    refresh(&demo, &tampered).await.expect(422, &json!({"msg": "Signature verification failed"}));
    let nothing = demo.send(Method::POST, REFRESH, &[], String::new()).await;
    let missing = |header: &str, kind: &str| json!({"msg": format!("Missing JWT in headers or cookies ({header}; Missing cookie \"{kind}_token_cookie\")")});
    nothing.expect(401, &missing("Missing Authorization Header", "refresh"));
    let other = demo.get(INFO, "JWT x").await;
    let why = "Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'";
    other.expect(401, &missing(why, "access"));
    let wrong_kind = demo.get(INFO, &format!("Bearer {token}")).await;
    wrong_kind.expect(422, &json!({"msg": "Only non-refresh tokens are allowed"}));
    demo.advance(90);
    demo.get(INFO, &format!("Bearer {access}")).await.expect(401, &json!({"msg": "Token has expired"}));
    demo.advance(86_400);
    refresh(&demo, &token).await.expect(401, &json!({"msg": "Token has expired"}));
}

#[tokio::test]
async fn the_providers_and_an_api_call() {
    let demo = Demo::start().await;
    let answer = demo.get("/authentication/v1/authenticators", "").await;
    assert_eq!(answer.json()[0].as_object().unwrap().keys().collect::<Vec<_>>(), ["name", "login_url", "logout_url"]);
    assert_eq!(answer.json()[0]["login_url"], "/authentication/v1/login/ecas");
    let bearer = format!("Bearer {}", login(&demo).await.text_at("access_token"));
    let corpus = "/seta-search/api/v1/corpus";
    assert_eq!(demo.json(corpus, &json!({"term": "data"}), &[("authorization", &bearer)]).await.status, 200);
    assert_eq!(demo.json(corpus, &json!({"term": "data"}), &[]).await.status, 401);
}
