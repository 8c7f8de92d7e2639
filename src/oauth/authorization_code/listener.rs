//! The listener on loopback that a browser is redirected to: it waits for one answer and ignores everything else.

use std::{collections::VecDeque, pin::Pin, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

use super::redirect::{Answer, Expected, RedirectUri};
use crate::{auth::AuthError, secret::SecretString};

/// A longer request is none of ours.
const REQUEST_LIMIT: usize = 16 << 10;
/// Browsers open connections in advance and send nothing: they get this long.
const REQUEST_TIME: Duration = Duration::from_secs(30);
/// So many connections at once; where there is one more, the oldest gives way.
const CONNECTIONS: usize = 32;
/// After a connection that could not be accepted, as when descriptors run out: the next attempt would fail at once too.
const PAUSE: Duration = Duration::from_millis(100);

/// A bound port.
#[derive(Debug)]
pub(super) struct Listener {
    listener: TcpListener,
    redirect_uri: RedirectUri,
}

impl Listener {
    /// Listens at the address of the redirect URI, loopback only.
    pub(super) async fn bind(redirect_uri: &RedirectUri) -> Result<Self, AuthError> {
        let address = redirect_uri.address();
        let bound = async {
            let listener = TcpListener::bind(address).await?;
            let port = listener.local_addr()?.port();
            std::io::Result::Ok(Self { listener, redirect_uri: redirect_uri.at_port(port) })
        };
        bound.await.map_err(|error| {
            AuthError::setting(
                format!("cannot listen at {address} for the browser's response: {}", error.kind()),
                "another program may use the port: choose another one in the redirect URI, or none",
            )
        })
    }

    /// The redirect URI with the port that is listened at.
    pub(super) fn redirect_uri(&self) -> &RedirectUri {
        &self.redirect_uri
    }

    /// Waits for the answer. Every connection is served on its own, so that a silent one does not block the others; the
    /// connections close when this future ends or is dropped.
    pub(super) async fn answer(
        self,
        expected: Expected,
        remark: &(dyn Fn(String) + Sync),
    ) -> Result<SecretString, AuthError> {
        let accept = || -> Accepting<'_> { Box::pin(async { self.listener.accept().await.map(|(stream, _)| stream) }) };
        answer_over(&accept, expected, self.redirect_uri.path(), remark).await
    }
}

/// The next connection.
type Accepting<'a> = Pin<Box<dyn Future<Output = std::io::Result<TcpStream>> + Send + 'a>>;

/// Serves what `accept` brings until one is the answer.
async fn answer_over<'a>(
    accept: &(dyn Fn() -> Accepting<'a> + Sync),
    expected: Expected,
    path: &str,
    remark: &(dyn Fn(String) + Sync),
) -> Result<SecretString, AuthError> {
    let expected = Arc::new((expected, path.to_owned()));
    let mut connections = JoinSet::new();
    let mut open: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        tokio::select! {
            accepted = accept() => match accepted {
                Ok(stream) => {
                    let expected = Arc::clone(&expected);
                    let served = async move { serve(stream, &expected.0, &expected.1).await };
                    let served = async move { tokio::time::timeout(REQUEST_TIME, served).await.ok().flatten() };
                    open.retain(|connection| !connection.is_finished());
                    open.push_back(connections.spawn(served));
                    if open.len() > CONNECTIONS && let Some(oldest) = open.pop_front() {
                        oldest.abort();
                    }
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(served) = connections.join_next() => match served.ok().flatten() {
                Some(Answer::Final(answer)) => return answer,
                Some(Answer::Stray(why)) => remark(format!("ignored a response from a browser: {why}")),
                None => {}
            },
        }
    }
}

/// Reads one request, answers it, and tells what it was; `None` for what is no answer at all (a favicon).
async fn serve(mut stream: TcpStream, expected: &Expected, path: &str) -> Option<Answer> {
    let target = target(&mut stream).await?;
    let (found, query) = target.split_once('?').unwrap_or((&target, ""));
    let (answer, status, title, words) = if found == path {
        match expected.read(query) {
            Answer::Final(Ok(code)) => {
                (Some(Answer::Final(Ok(code))), "200 OK", "Done", "You can close this page and return to tokscope.")
            }
            Answer::Final(Err(error)) => {
                let words = "tokscope shows why. You can close this page.";
                (Some(Answer::Final(Err(error))), "200 OK", "Login failed", words)
            }
            stray => {
                let words = "This response does not belong to a running login. Start again in tokscope.";
                (Some(stray), "400 Bad Request", "Not expected", words)
            }
        }
    } else {
        (None, "404 Not Found", "Nothing here", "tokscope is waiting for a browser here.")
    };
    // The answer counts even where the browser does not wait for its page.
    _ = stream.write_all(page(status, title, words).as_bytes()).await;
    _ = stream.shutdown().await;
    answer
}

/// The target of a GET, once all its headers are here.
async fn target(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if request.len() > REQUEST_LIMIT || stream.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8(request).ok()?;
    let target = head.lines().next()?.strip_prefix("GET ")?.split(' ').next()?;
    Some(target.to_owned())
}

fn page(status: &str, title: &str, words: &str) -> String {
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\n\
         <style>body{{font:18px system-ui;margin:4em auto;max-width:30em}}</style></head>\n\
         <body><h1>{title}</h1><p>{words}</p></body></html>\n"
    );
    // The address holds the code: it must go nowhere from here.
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         referrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;
    use crate::secret::ExposeSecret as _;

    async fn get(address: std::net::SocketAddr, target: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).await.unwrap();
        page
    }

    #[tokio::test]
    async fn strangers_do_not_end_the_wait() {
        let listener = Listener::bind(&RedirectUri::parse("http://127.0.0.1/cb").unwrap()).await.unwrap();
        let address = listener.listener.local_addr().unwrap();
        let expected = Expected { state: "st".to_owned(), issuer: None, names_issuer: false };
        let remarks = Mutex::new(Vec::new());
        let remark = |words| remarks.lock().unwrap().push(words);
        let browser = async {
            let silent = TcpStream::connect(address).await.unwrap();
            assert!(get(address, "/favicon.ico").await.starts_with("HTTP/1.1 404"));
            assert!(get(address, "/cb?code=evil&state=guess").await.starts_with("HTTP/1.1 400"));
            let page = get(address, "/cb?code=good&state=st").await;
            assert!(page.starts_with("HTTP/1.1 200") && page.contains("You can close this page"), "{page}");
            drop(silent);
        };
        let (code, ()) = tokio::join!(listener.answer(expected, &remark), browser);
        assert_eq!(code.unwrap().expose_secret(), "good");
        assert_eq!(remarks.lock().unwrap().len(), 1);
        assert!(TcpStream::connect(address).await.is_err(), "the port is closed afterwards");
    }

    #[tokio::test]
    async fn descriptors_that_run_out_are_waited_for_without_spinning() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (failures, listener) = (AtomicU32::new(0), &listener);
        let accept = || -> Accepting<'_> {
            let fails = failures.fetch_add(1, Ordering::Relaxed) < 3;
            Box::pin(async move {
                match fails {
                    true => Err(std::io::Error::from_raw_os_error(24)),
                    false => listener.accept().await.map(|(stream, _)| stream),
                }
            })
        };
        let expected = Expected { state: "st".to_owned(), issuer: None, names_issuer: false };
        let started = std::time::Instant::now();
        let answer = answer_over(&accept, expected, "/cb", &|_| {});
        let (code, _) = tokio::join!(answer, get(address, "/cb?code=good&state=st"));
        assert_eq!(code.unwrap().expose_secret(), "good");
        assert!(started.elapsed() >= PAUSE * 3, "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn a_crowd_of_silent_connections_does_not_keep_the_browser_out() {
        let listener = Listener::bind(&RedirectUri::parse("http://127.0.0.1/cb").unwrap()).await.unwrap();
        let address = listener.listener.local_addr().unwrap();
        let expected = Expected { state: "st".to_owned(), issuer: None, names_issuer: false };
        let browser = async {
            let mut silent = Vec::new();
            for _ in 0..=CONNECTIONS {
                silent.push(TcpStream::connect(address).await.unwrap());
            }
            // The first one is closed from the other side; the others still wait.
            assert_eq!(silent[0].read(&mut [0]).await.unwrap_or_default(), 0);
            get(address, "/cb?code=good&state=st").await
        };
        let (code, _) = tokio::join!(listener.answer(expected, &|_| {}), browser);
        assert_eq!(code.unwrap().expose_secret(), "good");
    }

    #[tokio::test]
    async fn a_port_in_use_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let uri = RedirectUri::parse(&format!("http://127.0.0.1:{port}/cb")).unwrap();
        let error = Listener::bind(&uri).await.unwrap_err();
        assert!(error.to_string().contains(&port.to_string()) && error.hint().is_some(), "{error}");
    }
}
