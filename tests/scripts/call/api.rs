//! An API of bytes: it notes what it was asked, and answers what a test says, whether that is HTTP or not.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// What it answers.
#[derive(Clone, Default)]
pub(crate) struct Answer {
    pub(crate) bytes: Vec<u8>,
    /// This comes behind it, so many times; the reader may go away before.
    pub(crate) then: Vec<u8>,
    pub(crate) times: usize,
}

impl From<&str> for Answer {
    fn from(text: &str) -> Self {
        text.as_bytes().to_vec().into()
    }
}

impl From<Vec<u8>> for Answer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, ..Self::default() }
    }
}

/// A whole answer.
pub(crate) fn whole(status: &str, headers: &str, body: &str) -> Answer {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}").as_str().into()
}

pub(crate) struct Api {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<String>>>,
    answer: Arc<Mutex<Answer>>,
}

impl Api {
    /// One that answers the same to everything.
    pub(crate) fn new(answer: impl Into<Answer>) -> Self {
        let answer = Arc::new(Mutex::new(answer.into()));
        let now = Arc::clone(&answer);
        Self { answer, ..Self::deciding(move |_| now.lock().unwrap().clone()) }
    }

    /// One that looks at the request first.
    pub(crate) fn deciding(decide: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (noted, decide) = (Arc::clone(&seen), Arc::new(decide));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (noted, decide) = (Arc::clone(&noted), Arc::clone(&decide));
                thread::spawn(move || serve(stream.unwrap(), &noted, &*decide));
            }
        });
        Self { url, seen, answer: Arc::default() }
    }

    pub(crate) fn answer_with(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// The requests since the last time that somebody looked, with their bodies.
    pub(crate) fn seen(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<String>>, decide: &dyn Fn(&str) -> Answer) {
    let mut reader = BufReader::new(stream);
    let (mut request, mut length) = (String::new(), 0);
    loop {
        let start = request.len();
        // A connection counts, whatever comes over it.
        if reader.read_line(&mut request).unwrap_or(0) == 0 || request[start..].trim().is_empty() {
            break;
        }
        if let Some(text) = request[start..].to_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    _ = reader.read_exact(&mut body);
    request.push_str(&String::from_utf8_lossy(&body));
    let answer = decide(&request);
    seen.lock().unwrap().push(request);
    let mut stream = reader.into_inner();
    if stream.write_all(&answer.bytes).is_ok() {
        _ = (0..answer.times).try_for_each(|_| stream.write_all(&answer.then));
    }
    _ = stream.shutdown(std::net::Shutdown::Write);
    // What the other side still sends is read, so that no reset overtakes the answer.
    _ = std::io::copy(&mut stream, &mut std::io::sink());
}
