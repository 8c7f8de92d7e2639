//! A server with a clock that stands still, and a client that shows everything that comes back.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use base64::{Engine as _, engine::general_purpose};
use chrono::DateTime;
use reqwest::{Method, header::HeaderMap};
use serde_json::Value;
use tokscope::demo::{Clock, Options, Server};

/// When the tests take place, Unix seconds.
pub(crate) const NOW: i64 = 1_795_296_938;

pub(crate) struct Demo {
    pub(crate) server: Server,
    client: reqwest::Client,
    now: Arc<AtomicI64>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Demo {
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let now = Arc::new(AtomicI64::new(NOW));
        let theirs = Arc::clone(&now);
        let clock =
            Clock::new(move || DateTime::from_timestamp(theirs.load(Ordering::SeqCst), 0).expect("a legal time"));
        let server = Server::start(Options { clock, ..options }).await.expect("the loopback has free ports");
        #[allow(clippy::disallowed_methods, reason = "this client is to see what the program's own would refuse")]
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a plain client");
        Self { server, client, now }
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, seconds: i64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        self.try_send(method, path, headers, body).await.expect("an answer")
    }

    pub(crate) async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> reqwest::Result<Answer> {
        let mut request = self.client.request(method, format!("{}{path}", self.server.url())).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, text: response.text().await? })
    }

    pub(crate) async fn get(&self, path: &str, authorization: &str) -> Answer {
        let headers = [("authorization", authorization)];
        self.send(Method::GET, path, if authorization.is_empty() { &[] } else { &headers }, String::new()).await
    }

    pub(crate) async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.form_with(path, fields, &[]).await
    }

    pub(crate) async fn form_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers: Vec<_> =
            headers.iter().copied().chain([("content-type", "application/x-www-form-urlencoded")]).collect();
        self.send(Method::POST, path, &headers, body).await
    }

    pub(crate) async fn json(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
        self.send(Method::POST, path, &headers, body.to_string()).await
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("HTTP {} with {}", self.status, self.text))
    }

    /// A text of the JSON answer.
    pub(crate) fn text_at(&self, key: &str) -> String {
        self.json()[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.text)).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16, body: &Value) -> Self {
        assert_eq!((self.status, self.json()), (status, body.clone()));
        self
    }
}

/// The header and the payload of a JWT as text, and the claims.
pub(crate) fn decode(token: &str) -> (String, String, Value) {
    let [header, payload] = segments(token);
    let claims = serde_json::from_str(&payload).expect("claims");
    (header, payload, claims)
}

/// The header and the payload of a JWS as text.
pub(crate) fn segments(token: &str) -> [String; 2] {
    let mut segments = token.split('.').map(|segment| {
        let bytes = general_purpose::URL_SAFE_NO_PAD.decode(segment).expect("base64url");
        String::from_utf8(bytes).expect("UTF-8")
    });
    [segments.next().expect("a header"), segments.next().expect("a payload")]
}
