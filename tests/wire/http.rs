//! The one HTTP client against servers that are broken in every way: each ends in time, with its cause named.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::time::Duration;

use crate::support::server;
use server::{Answer, Server};
use tokscope::{
    http::{
        ExchangeOutcome, Http, HttpError, HttpPolicy, Phase, Request, RequestValue, Response, TlsFault, Unreachable,
    },
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
async fn a_silent_server_ends_in_time_and_leaves_the_state_open() {
    let error = failure(Answer::Silence).await;
    assert!(matches!(error, HttpError::TimedOut { phase: Phase::Answer, .. }), "{error:?}");
    assert!(error.may_have_arrived());
    assert_eq!(error.to_string().split_once(" did ").unwrap().1, "not answer within 0.4 s");
}

#[tokio::test]
async fn endless_bodies_and_headers_end_at_the_limit() {
    let chunk = "x".repeat(65_536);
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10737418240\r\n\r\n"] {
        let error = failure(Answer::Endless { head: head.to_owned(), chunk: chunk.clone() }).await;
        assert!(matches!(error, HttpError::TooLarge { what: "body", .. }), "{error:?}");
        assert!(error.may_have_arrived());
    }
    let many = "x-filler: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(200);
    let one = "x".repeat(65_536);
    for (head, chunk) in [("HTTP/1.1 200 OK\r\n", many), ("HTTP/1.1 200 OK\r\nx-long: ", one)] {
        let error = failure(Answer::Endless { head: head.to_owned(), chunk }).await;
        assert!(matches!(error, HttpError::TooLarge { what: "header", .. }), "{error:?}");
    }
}

#[tokio::test]
async fn garbage_and_cut_connections_are_named() {
    for answer in [
        Answer::Cut,
        Answer::Bytes(b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()),
        Answer::Bytes(vec![0xff; 300]),
        Answer::Bytes(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec()),
        Answer::Bytes(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec()),
    ] {
        let error = failure(answer.clone()).await;
        assert!(matches!(error, HttpError::Broken { .. }), "{answer:?}: {error:?}");
        assert!(error.may_have_arrived());
    }
}

#[tokio::test]
async fn an_encoding_that_nobody_asked_for_is_undone_or_named() {
    // What Python's gzip makes of `{"access_token":"a"}`.
    let gzip = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\x4c\x4e\x4e\x2d\x2e\x8e\x2f\xc9\xcf\
                 \x4e\xcd\x53\xb2\x52\x4a\x54\xaa\x05\x00\x2c\xa9\x22\xae\x14\x00\x00\x00";
    let answer = |encoding: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n", body.len());
        Answer::Bytes([head.as_bytes(), body].concat())
    };
    let (result, ..) = send(answer("gzip", gzip)).await;
    assert_eq!(result.unwrap().text(), r#"{"access_token":"a"}"#);
    for (encoding, body) in [("gzip", &gzip[..20]), ("br", b"\x8b\x00\x80")] {
        let error = failure(answer(encoding, body)).await;
        assert!(matches!(&error, HttpError::Encoded { encoding: named, .. } if named == encoding), "{error:?}");
        assert!(error.may_have_arrived() && error.hint().contains("compression"), "{error}");
    }
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

/// Certificates for a hundred years (one of them expired in 2020), made with openssl.
mod tls {
    use std::sync::Arc;

    use tokio_rustls::{TlsAcceptor, rustls};

    use super::*;

    async fn tls_server(name: &str) -> u16 {
        let folder = format!("{}/tests/vectors/tls", env!("CARGO_MANIFEST_DIR"));
        let read = |file: String| std::fs::read(format!("{folder}/{file}")).unwrap();
        use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
        let certificate = CertificateDer::from_pem_slice(&read(format!("{name}.crt"))).unwrap();
        let key = PrivateKeyDer::from_pem_slice(&read("server.key".to_owned())).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(rustls::crypto::aws_lc_rs::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        server::serve(stream, &Default::default(), &|_: &_| Answer::json(200, "{}")).await;
                    }
                });
            }
        });
        port
    }

    fn ca() -> Vec<u8> {
        std::fs::read(format!("{}/tests/vectors/tls/ca.crt", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    async fn send(name: &str, ca_pem: Option<Vec<u8>>) -> Result<Response, HttpError> {
        let port = tls_server(name).await;
        let http = Http::new(HttpPolicy { ca_pem, timeout: Duration::from_secs(10), ..HttpPolicy::default() });
        http.send(refresh(&format!("https://localhost:{port}"))).await
    }

    #[tokio::test]
    async fn a_certificate_of_the_profiles_own_authority_is_trusted() {
        assert_eq!(send("good", Some(ca())).await.unwrap().status, 200);
    }

    #[tokio::test]
    async fn each_bad_certificate_is_named() {
        let foreign = std::fs::read(format!("{}/tests/vectors/tls/other-ca.crt", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let cases = [
            ("wrong-name", ca(), TlsFault::WrongName),
            ("expired", ca(), TlsFault::Expired),
            ("not-yet", ca(), TlsFault::NotYetValid),
            ("good", foreign, TlsFault::UnknownIssuer),
        ];
        for (name, ca, expected) in cases {
            let error = send(name, Some(ca)).await.unwrap_err();
            let HttpError::Tls { fault, .. } = &error else { panic!("{name}: {error:?}") };
            assert_eq!(*fault, expected, "{name}");
            assert!(!error.may_have_arrived() && !error.hint().is_empty());
        }
    }

    #[tokio::test]
    async fn a_port_without_tls_is_named() {
        let server = Server::always(Answer::json(200, "{}")).await;
        let http = Http::new(HttpPolicy { ca_pem: Some(ca()), timeout: SHORT, ..HttpPolicy::default() });
        let silent = http.send(refresh(&format!("https://127.0.0.1:{}", server.address.port()))).await.unwrap_err();
        assert!(
            matches!(silent, HttpError::TimedOut { phase: Phase::Handshake, .. }),
            "it waits for a request: {silent:?}"
        );
        let words = silent.to_string();
        assert!(words.contains("accepts connections") && words.contains("TLS handshake"), "{words}");
        assert!(!silent.may_have_arrived() && silent.hint().contains("speaks TLS"));

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            _ = tokio::io::AsyncWriteExt::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            std::future::pending::<()>().await;
        });
        let error = http.send(refresh(&format!("https://127.0.0.1:{port}"))).await.unwrap_err();
        assert!(matches!(error, HttpError::Tls { fault: TlsFault::NotTls, .. }), "{error:?}");
    }

    /// What a server says to our first message, and the words for it: a bare alert, or an answer in TLS 1.0.
    #[tokio::test]
    async fn each_refused_handshake_is_named() {
        let alert = |code: u8| vec![0x15, 3, 3, 0, 2, 2, code];
        // A ServerHello of TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA.
        let mut old = vec![0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
        old.extend([7; 32]);
        old.extend([0, 0, 0x2f, 0]);
        let cases = [
            (alert(70), TlsFault::OldVersion, "neither TLS 1.2 nor"),
            (old, TlsFault::OldVersion, "neither TLS 1.2 nor"),
            (alert(40), TlsFault::NothingInCommon, "no cipher in common"),
            (alert(116), TlsFault::ClientCertificate, "client certificate"),
        ];
        for (bytes, expected, words) in cases {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut hello = [0; 2048];
                _ = tokio::io::AsyncReadExt::read(&mut stream, &mut hello).await;
                _ = tokio::io::AsyncWriteExt::write_all(&mut stream, &bytes).await;
                std::future::pending::<()>().await;
            });
            let http = Http::new(HttpPolicy { ca_pem: Some(ca()), ..HttpPolicy::default() });
            let error = http.send(refresh(&format!("https://127.0.0.1:{port}"))).await.unwrap_err();
            let HttpError::Tls { fault, .. } = &error else { panic!("{expected:?}: {error:?}") };
            assert_eq!(*fault, expected, "{error}");
            assert!(error.to_string().contains(words) && !error.may_have_arrived(), "{error}");
        }
    }

    #[tokio::test]
    async fn a_useless_ca_file_is_named() {
        let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
        for pem in [b"no certificate".to_vec(), broken] {
            let error = send("good", Some(pem)).await.unwrap_err();
            assert!(matches!(error, HttpError::BadCa(_)), "{error:?}");
        }
    }
}
