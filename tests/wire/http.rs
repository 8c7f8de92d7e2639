//! The one HTTP client: what it sends where, what it records, and what it does not follow. Servers in bad modes are in `faults`.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::time::Duration;

use crate::support::server;
use server::{Answer, Server};
use tokscope::{
    http::{ExchangeOutcome, Http, HttpError, HttpPolicy, Request, RequestValue, Response, Unreachable},
    secret::SecretString,
};
use url::Url;

const SHORT: Duration = Duration::from_millis(400);

fn http(timeout: Duration) -> Http {
    Http::new(HttpPolicy { timeout, ..HttpPolicy::default() })
}

/// A refresh, as a provider would send it.
fn refresh(url: &str) -> Request {
    let token: RequestValue = SecretString::from("marker-refresh-token").into();
    let fields = [("grant_type", "refresh_token".into()), ("refresh_token", token)];
    Request::post_form(Url::parse(url).unwrap().join("/oauth2/access_token?q=marker-query").unwrap(), fields)
}

async fn send(answer: Answer) -> (Result<Response, HttpError>, Http, Server) {
    let server = Server::always(answer).await;
    let http = http(SHORT);
    let result = http.send(refresh(&server.url())).await;
    (result, http, server)
}

async fn failure(answer: Answer) -> HttpError {
    let (result, http, server) = send(answer).await;
    let error = result.expect_err("this is no answer");
    let shown = format!("{error} {error:?} {} {:?}", error.hint(), http.exchange());
    assert!(!shown.contains("marker"), "{shown}");
    assert!(error.to_string().contains("127.0.0.1"), "names the host: {error}");
    assert!(!error.hint().is_empty());
    assert_eq!(server.received().len(), 1, "a refresh is never sent twice");
    error
}

#[tokio::test]
async fn an_answer_comes_whole_and_the_record_shows_no_secret() {
    let body = r#"{"access_token":"marker-access","token_type":"JWT","expires_in":90}"#;
    let headers = [("content-type", "application/json"), ("set-cookie", "session=marker-cookie; Path=/")];
    let (result, http, server) = send(Answer::with(200, &headers, body)).await;
    let response = result.unwrap();
    assert_eq!((response.status, response.body.as_slice()), (200, body.as_bytes()));
    assert_eq!(response.host, server.address.to_string());

    let received = &server.received()[0];
    assert_eq!(received.line, "POST /oauth2/access_token?q=marker-query");
    assert_eq!(received.header("user-agent"), Some(concat!("tokscope/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(received.body, "grant_type=refresh_token&refresh_token=marker-refresh-token");

    let exchange = http.exchange().unwrap();
    let shown = format!("{exchange:?}");
    for marker in ["marker-access", "marker-cookie", "marker-refresh", "marker-query"] {
        assert!(!shown.contains(marker), "{marker} in {shown}");
    }
    assert!(exchange.request_fields.contains(&("grant_type".into(), "refresh_token".into())));
    let ExchangeOutcome::Answered { status: 200, body, .. } = exchange.outcome else { panic!("{exchange:?}") };
    assert!(body.contains("\"expires_in\": 90") && body.contains("••••"), "{body}");
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let elsewhere = Server::always(Answer::json(200, "{}")).await;
    for status in [301, 302, 303, 307, 308] {
        let target = format!("{}/token?marker=1#marker", elsewhere.url());
        let error = failure(Answer::with(status, &[("location", &target)], "")).await;
        let HttpError::Redirected { to, .. } = &error else { panic!("{error:?}") };
        assert_eq!(*to, format!("{}/token", elsewhere.url()));
        assert!(error.hint().contains("never sent to a redirect"), "{}", error.hint());
        assert!(!error.may_have_arrived());
    }
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn an_encoding_that_was_not_asked_for_is_undone() {
    // What Python's gzip makes of `{"access_token":"a"}`.
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x4c\x4e\x4e\x2d\x2e\x8e\x2f\xc9\xcf\
                 \x4e\xcd\x53\xb2\x52\x4a\x54\xaa\x05\x00\x2c\xa9\x22\xae\x14\x00\x00\x00";
    let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", gzip.len());
    let (result, ..) = send(Answer::Bytes([head.as_bytes(), gzip].concat())).await;
    assert_eq!(result.unwrap().text(), r#"{"access_token":"a"}"#);
}

#[tokio::test]
async fn an_unreachable_server_says_where_it_failed() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let cases = [
        (format!("http://127.0.0.1:{port}"), Unreachable::Refused),
        (format!("http://localhost:{port}"), Unreachable::Refused),
        ("https://no-such-host.invalid".to_owned(), Unreachable::UnknownHost),
    ];
    for (url, expected) in cases {
        let error = http(Duration::from_secs(10)).send(refresh(&url)).await.unwrap_err();
        let HttpError::Unreachable { cause, .. } = &error else { panic!("{url}: {error:?}") };
        assert_eq!(*cause, expected);
        assert!(!error.may_have_arrived());
    }
}

#[tokio::test]
async fn plain_http_goes_to_the_loopback_only() {
    for url in
        ["http://lms.example.org", "http://127.0.0.1.example.org", "http://localhost.example.org", "http://10.0.0.1"]
    {
        let error = http(SHORT).send(refresh(url)).await.unwrap_err();
        assert!(matches!(error, HttpError::InsecureUrl(_)), "{url}: {error:?}");
        assert!(error.hint().contains("allow_http"));
    }
}

#[tokio::test]
async fn a_dropped_request_leaves_an_unfinished_record() {
    let server = Server::always(Answer::Silence).await;
    let http = http(Duration::from_secs(60));
    {
        let request = http.send(refresh(&server.url()));
        tokio::pin!(request);
        loop {
            tokio::select! {
                _ = &mut request => panic!("nobody answers"),
                () = tokio::task::yield_now(), if server.received().is_empty() => {}
                () = std::future::ready(()), if !server.received().is_empty() => break,
            }
        }
    }
    assert_eq!(http.exchange().unwrap().outcome, ExchangeOutcome::Unfinished);
}

#[tokio::test]
async fn a_record_apart_holds_its_own_exchanges_alone() {
    let server = Server::always(Answer::with(204, &[], "")).await;
    let whole = http(SHORT);
    let apart = whole.apart().telling(Default::default());
    whole.send(refresh(&server.url())).await.unwrap();
    let before = whole.exchange();
    assert_eq!((apart.exchange(), whole.exchange_apart()), (None, None));
    apart.send(refresh(&server.url())).await.unwrap();
    assert!(apart.exchange().is_some());
    assert_eq!((whole.exchange(), whole.exchange_apart()), (before, apart.exchange()));
    // Whoever asks later still learns what was sent.
    apart.forget_exchange();
    assert!(whole.exchange_apart().is_some());
}

#[tokio::test]
async fn a_useless_ca_file_is_named() {
    let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
    for pem in [b"no certificate".to_vec(), broken] {
        let http = Http::new(HttpPolicy { ca_pem: Some(pem), ..HttpPolicy::default() });
        let error = http.send(refresh("https://127.0.0.1:1")).await.unwrap_err();
        assert!(matches!(error, HttpError::BadCa(_)), "{error:?}");
    }
}
