//! The faults on demand.

use reqwest::Method;

use crate::demo::client::{Answer, Demo};

async fn fault(demo: &Demo, mode: &str) -> reqwest::Result<Answer> {
    demo.try_send(Method::POST, &format!("/fault/{mode}/oauth2/access_token"), &[], "grant_type=x".to_owned()).await
}

#[tokio::test]
async fn pages_come_instead_of_json() {
    let demo = Demo::start().await;
    for (mode, status, retry_after) in [("429", 429, ""), ("503", 503, "30"), ("500", 500, ""), ("login-page", 200, "")]
    {
        let answer = fault(&demo, mode).await.expect("an answer");
        assert_eq!((answer.status, answer.header("retry-after")), (status, retry_after), "{mode}");
        assert!(answer.header("content-type").starts_with("text/html") && answer.text.contains("<title>"), "{mode}");
    }
    for mode in ["garbage", "empty"] {
        let answer = fault(&demo, mode).await.expect("an answer");
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        assert!(serde_json::from_str::<serde_json::Value>(&answer.text).is_err());
    }
}

#[tokio::test]
async fn a_redirect_points_to_the_real_path() {
    let demo = Demo::start().await;
    let answer = fault(&demo, "redirect").await.expect("an answer");
    assert_eq!((answer.status, answer.header("location")), (307, "/oauth2/access_token"));
}

#[tokio::test]
async fn a_cut_body_is_an_error_of_the_transport() {
    let demo = Demo::start().await;
    let error = fault(&demo, "cut").await.err().expect("no whole answer");
    assert!(error.is_body() || error.is_decode(), "{error:?}");
}

#[tokio::test]
async fn an_endless_body_goes_on_and_on() {
    let demo = Demo::start().await;
    #[allow(clippy::disallowed_methods, reason = "reads a body in pieces")]
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut response = client.get(format!("{}/fault/endless/x", demo.server.url())).send().await.unwrap();
    let mut length = 0;
    while length < 3 << 20 {
        length += response.chunk().await.unwrap().expect("more").len();
    }
}

#[tokio::test]
async fn the_silent_one_is_silent_until_the_server_stops() {
    let demo = Demo::start().await;
    let url = format!("{}/fault/slow/x", demo.server.url());
    #[allow(clippy::disallowed_methods, reason = "outlives the server")]
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let pending = tokio::spawn(client.get(url).send());
    // The others are answered meanwhile.
    assert_eq!(demo.get("/api/user/v1/me", "").await.status, 401);
    assert!(!pending.is_finished());
    let address = demo.server.url().trim_start_matches("http://").to_owned();
    demo.server.shutdown().await;
    // The one that waits is sent on its way; where it was not accepted yet, its connection is closed.
    let ended = pending.await.unwrap();
    assert!(ended.is_err() || ended.is_ok_and(|response| response.status() == 503));
    assert!(tokio::net::TcpListener::bind(address).await.is_ok(), "the port is free");
}
