//! A server on the loopback that answers by script: whatever a test wants, well-formed or not.

#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part")]

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
};

/// A request as it came over the wire.
#[derive(Debug, Clone)]
pub struct Received {
    /// `POST /oauth2/access_token`.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The value of a form field.
    pub fn field(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.body.as_bytes());
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// These bytes, then the connection is closed.
    Bytes(Vec<u8>),
    /// The head, then the chunk again and again until the client goes away.
    Endless { head: String, chunk: String },
    /// The head, then this again and again, so slowly that it never becomes much.
    Drip { head: String, piece: String },
    /// These bytes, and then neither more nor an end.
    Held(Vec<u8>),
    /// Never a byte.
    Silence,
    /// The connection is closed at once.
    Cut,
}

impl Answer {
    pub fn status(status: u16, media_type: &str, body: &str) -> Self {
        Self::with(status, &[("content-type", media_type)], body)
    }

    pub fn json(status: u16, body: &str) -> Self {
        Self::status(status, "application/json", body)
    }

    pub fn html(status: u16, title: &str) -> Self {
        Self::status(status, "text/html", &format!("<!doctype html><title>{title}</title><h1>{title}</h1>"))
    }

    pub fn with(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        Self::Bytes(format!("{text}\r\n{body}").into_bytes())
    }
}

/// A server that runs until it is dropped.
pub struct Server {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Server {
    pub async fn start(script: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let (log, script) = (received.clone(), Arc::new(script));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (log, script) = (log.clone(), script.clone());
                tokio::spawn(async move { serve(stream, &log, script.as_ref()).await });
            }
        });
        Self { address, received, task }
    }

    /// A server that always answers the same.
    pub async fn always(answer: Answer) -> Self {
        Self::start(move |_| answer.clone()).await
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All requests so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads one request, logs it, and answers by script.
pub async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    log: &Mutex<Vec<Received>>,
    script: &(impl Fn(&Received) -> Answer + ?Sized),
) {
    let Some(request) = receive(&mut stream).await else { return };
    log.lock().unwrap().push(request.clone());
    match script(&request) {
        Answer::Bytes(bytes) => {
            _ = stream.write_all(&bytes).await;
            _ = stream.shutdown().await;
        }
        Answer::Held(bytes) => {
            _ = stream.write_all(&bytes).await;
            std::future::pending::<()>().await;
        }
        Answer::Endless { head, chunk } => {
            _ = stream.write_all(head.as_bytes()).await;
            while stream.write_all(chunk.as_bytes()).await.is_ok() {}
        }
        Answer::Drip { head, piece } => {
            _ = stream.write_all(head.as_bytes()).await;
            let mut pace = tokio::time::interval(Duration::from_millis(20));
            while stream.write_all(piece.as_bytes()).await.is_ok() {
                pace.tick().await;
            }
        }
        Answer::Silence => std::future::pending().await,
        Answer::Cut => {}
    }
}

async fn receive(stream: &mut (impl AsyncRead + Unpin)) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        if let Some(request) = parse(&bytes) {
            return Some(request);
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// The request, once all of it is there.
fn parse(bytes: &[u8]) -> Option<Received> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let line = lines.next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let pairs = lines.filter_map(|line| line.split_once(": "));
    let headers: Vec<_> = pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, n)| n.parse().unwrap());
    (body.len() >= length).then(|| Received { line, headers, body: body.to_owned() })
}
