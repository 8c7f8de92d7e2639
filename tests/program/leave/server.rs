//! An authorization server that consumes at once and answers when it is told to: over plain sockets, so that a test has
//! each byte in its hand.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Condvar, Mutex,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::Duration,
};

/// Generous, because it only passes when something is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// How far an exchange has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Nothing was sent that consumes anything.
    Before,
    /// The connection is being made.
    Handshake,
    /// The server has consumed, and no byte of its answer was sent.
    Received,
    /// Half of the answer was sent.
    Transit,
    /// All of it was.
    After,
}

pub(crate) struct Server {
    pub(crate) url: String,
    shared: Arc<Shared>,
    reached: Receiver<()>,
}

struct Shared {
    url: String,
    moment: Moment,
    /// The one refresh token that is good, by its number, and how many were refused.
    state: Mutex<(u32, u32)>,
    open: (Mutex<bool>, Condvar),
    tell: Mutex<Sender<()>>,
}

impl Server {
    /// The exchanges stop at this moment, until [`Self::go_on`].
    pub(crate) fn start(moment: Moment) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, reached) = mpsc::channel();
        let (state, open, tell) = (Mutex::default(), Default::default(), Mutex::new(tell));
        let shared = Arc::new(Shared { url: url.clone(), moment, state, open, tell });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = Arc::clone(&serving);
                thread::spawn(move || shared.serve(stream.unwrap()));
            }
        });
        Self { url, shared, reached }
    }

    /// Waits until the moment is there.
    pub(crate) fn wait(&self) {
        self.reached.recv_timeout(PATIENCE).expect("the moment comes");
    }

    /// Lets all answers go.
    pub(crate) fn go_on(&self) {
        *self.shared.open.0.lock().unwrap() = true;
        self.shared.open.1.notify_all();
    }

    /// The refresh token that is good, and how many others came.
    pub(crate) fn current(&self) -> (String, u32) {
        let (number, refused) = *self.shared.state.lock().unwrap();
        (refresh_token(number), refused)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.go_on();
    }
}

pub(crate) fn refresh_token(number: u32) -> String {
    format!("refresh-token-number-{number}")
}

impl Shared {
    fn reached(&self) {
        let _ = self.tell.lock().unwrap().send(());
    }

    /// Says that the moment is there, and waits.
    fn stop_here(&self) {
        self.reached();
        let open = self.open.1.wait_while(self.open.0.lock().unwrap(), |open| !*open).unwrap();
        drop(open);
    }

    fn serve(&self, mut stream: TcpStream) {
        if self.moment == Moment::Handshake {
            return self.stop_here();
        }
        let Some((path, body)) = receive(&stream) else { return };
        let url = &self.url;
        match path.as_str() {
            "/token" => self.token(&mut stream, &body),
            "/device" => answer(
                &mut stream,
                200,
                &format!(
                    r#"{{"device_code":"d","user_code":"WDJB","verification_uri":"{url}/v","interval":1,"expires_in":600}}"#
                ),
            ),
            "/.well-known/openid-configuration" => {
                if self.moment == Moment::Before {
                    self.stop_here();
                }
                answer(&mut stream, 200, &format!(r#"{{"issuer":"{url}","token_endpoint":"{url}/token"}}"#));
            }
            _ => answer(&mut stream, 404, "{}"),
        }
    }

    fn token(&self, stream: &mut TcpStream, body: &str) {
        if self.moment == Moment::Before && body.contains("device_code") {
            answer(stream, 400, r#"{"error":"authorization_pending"}"#);
            return self.reached();
        }
        let number = {
            let mut state = self.state.lock().unwrap();
            if body.contains("grant_type=refresh_token") && !body.contains(&format!("{}&", refresh_token(state.0))) {
                state.1 += 1;
                return answer(stream, 400, r#"{"error":"invalid_grant"}"#);
            }
            state.0 += 1;
            state.0
        };
        let reply = format!(
            r#"{{"access_token":"access-token-number-{number}","token_type":"Bearer","expires_in":3600,"refresh_token":"{}"}}"#,
            refresh_token(number)
        );
        let reply = http(200, &reply);
        let (first, second) = reply.split_at(reply.len() - 40);
        if self.moment == Moment::Received {
            self.stop_here();
        }
        let _ = stream.write_all(first.as_bytes());
        if self.moment == Moment::Transit {
            self.stop_here();
        }
        let _ = stream.write_all(second.as_bytes());
        if self.moment == Moment::After {
            self.reached();
        }
    }
}

fn http(status: u16, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status} .\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn answer(stream: &mut TcpStream, status: u16, body: &str) {
    let _ = stream.write_all(http(status, body).as_bytes());
}

/// The path and the body of a request; none where it was cut off.
fn receive(stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split_whitespace().nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.to_ascii_lowercase().trim_end().split_once(": ") {
            Some(("content-length", number)) => length = number.parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, String::from_utf8_lossy(&body).into_owned() + "&"))
}

/// Visits a page as a browser does, and takes no notice of it.
pub(crate) fn visit(url: &url::Url) {
    let host = url.socket_addrs(|| None).unwrap();
    let mut stream = TcpStream::connect(&*host).unwrap();
    let target = &url[url::Position::BeforePath..];
    write!(stream, "GET {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", url.authority()).unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
}
