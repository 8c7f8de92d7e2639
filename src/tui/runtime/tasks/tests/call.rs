//! A request to an API as a task: given up, renewed once, refused elsewhere, and what the screen is told of its answer.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
};

use super::*;
use crate::{
    auth::{Scheme, TokenKind},
    http::{Exchange, ExchangeOutcome, Method},
    providers,
    tui::app::message::ApiRequest,
};

/// What came in: `GET /me Bearer old`; the empty line: somebody hung up.
type Seen = Receiver<String>;

/// A server that answers each path so; `None`: never.
fn server(answer: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (told, seen) = mpsc::channel();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (answer, told) = (Arc::clone(&answer), told.clone());
            thread::spawn(move || serve(stream.unwrap(), answer.as_ref(), &told));
        }
    });
    (url, seen)
}

fn serve(mut stream: TcpStream, answer: &dyn Fn(&str) -> Option<(u16, String)>, told: &Sender<String>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
            length = text.parse().unwrap();
        }
        head.push(line);
    }
    reader.read_exact(&mut vec![0; length]).unwrap();
    let request = head[0].trim_end_matches(" HTTP/1.1").to_owned();
    let token = head.iter().find_map(|line| line.strip_prefix("authorization: ")).unwrap_or_default();
    let request = format!("{request} {token}").trim_end().to_owned();
    told.send(request.clone()).unwrap();
    match answer(&request) {
        Some((status, body)) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
                 connection: close\r\n\r\n"
            );
            stream.write_all((head + &body).as_bytes()).unwrap();
        }
        None => {
            // Ends with the other side.
            let _ = reader.read(&mut [0]);
            told.send(String::new()).unwrap();
        }
    }
}

fn profile(url: &str, renews: bool) -> Profile {
    let settings = [
        ("token_endpoint", format!("{url}/token")),
        ("grant", "password".to_owned()),
        ("client_id", "legacy".to_owned()),
        ("username", "ada".to_owned()),
        ("origins", url.to_owned()),
        ("renew_on_401", renews.to_string()),
    ];
    let settings = settings.map(|(key, value)| (key.to_owned(), value)).into();
    let name = ProfileName::new("api").unwrap();
    Profile { name, provider: "oauth2".to_owned(), settings, environment: None, tags: Vec::new() }
}

/// Tasks that have begun the call, under the token `old`.
fn call(profile: Profile, target: &str) -> (Tasks, Receiver<Event>) {
    let session = Session::new(providers::ALL, Box::new(NoSecrets), Arc::default());
    let token = |kind, raw: &str| IssuedToken { kind, raw: raw.into(), expires_at: None, scheme: Scheme::BEARER };
    let tokens = vec![token(TokenKind::Access, "old"), token(TokenKind::Refresh, "refresh")];
    session.adopt(&profile.name, TokenSet { tokens, ..set("ada") }).unwrap();
    let (events, received) = mpsc::channel();
    let mut tasks = Tasks::new(Arc::new(session), events);
    let request = ApiRequest { method: Method::GET, target: target.to_owned(), data: None, environment: None };
    tasks.exchange(TaskId(7), What::Call(request), profile, None, Protected::new([]));
    (tasks, received)
}

/// How it ended, and what the screen was told went over the wire before.
fn ended(received: &Receiver<Event>) -> (Result<TaskOutcome, AuthError>, Option<Exchange>) {
    let mut exchange = None;
    loop {
        match received.recv().unwrap() {
            Event::Message(Message::Exchanged(_, shown)) => exchange = Some(*shown),
            Event::Message(Message::Task(TaskId(7), TaskEvent::Ended(result))) => return (result, exchange),
            _ => {}
        }
    }
}

#[test]
fn one_that_is_given_up_ends_and_hangs_up() {
    let (url, seen) = server(|_| None);
    let (mut tasks, received) = call(profile(&url, false), "/slow");
    assert_eq!(seen.recv().unwrap(), "GET /slow Bearer old");
    tasks.cancel(TaskId(7));
    let (result, _) = ended(&received);
    assert!(matches!(result, Err(AuthError::Cancelled)), "{result:?}");
    assert_eq!(seen.recv().unwrap(), "", "the connection is closed");
}

#[test]
fn a_401_renews_once_and_never_twice() {
    const RENEWED: &str = r#"{"access_token":"new","token_type":"Bearer","expires_in":600,"refresh_token":"next"}"#;
    for (takes_new, status) in [(true, 200), (false, 401)] {
        let (url, seen) = server(move |request| {
            Some(match request {
                "POST /token" => (200, RENEWED.to_owned()),
                "GET /me Bearer new" if takes_new => (200, "{}".to_owned()),
                _ => (401, "{}".to_owned()),
            })
        });
        let (_tasks, received) = call(profile(&url, true), "/me");
        let (result, _) = ended(&received);
        assert!(matches!(result, Ok(TaskOutcome::Called(said)) if said == status), "{result:?}");
        let all: Vec<_> = seen.try_iter().collect();
        assert_eq!(all, ["GET /me Bearer old", "POST /token", "GET /me Bearer new"]);
    }
    let (url, seen) = server(|_| Some((401, "{}".to_owned())));
    let (_tasks, received) = call(profile(&url, false), "/me");
    assert!(matches!(ended(&received).0, Ok(TaskOutcome::Called(401))));
    assert_eq!(seen.try_iter().count(), 1, "only where the profile says so");
}

#[test]
fn nothing_is_sent_to_a_foreign_origin() {
    let (url, seen) = server(|_| Some((200, "{}".to_owned())));
    let (foreign, foreign_seen) = server(|_| Some((200, "{}".to_owned())));
    let (_tasks, received) = call(profile(&url, true), &format!("{foreign}/me"));
    let (result, exchange) = ended(&received);
    let words = result.unwrap_err().to_string();
    assert!(words.contains("nothing was sent") && words.contains(&foreign), "{words}");
    assert!(exchange.is_none());
    assert_eq!((seen.try_iter().count(), foreign_seen.try_iter().count()), (0, 0));
}

#[test]
fn the_secrets_of_an_answer_are_masked() {
    let body = r#"{"expires_in":600,"access_token":"marker-secret-1","nested":{"refresh_token":"marker-secret-2"}}"#;
    let (url, _seen) = server(move |_| Some((200, body.to_owned())));
    let (_tasks, received) = call(profile(&url, false), "/me?key=marker-secret-3");
    let (result, exchange) = ended(&received);
    assert!(matches!(result, Ok(TaskOutcome::Called(200))), "{result:?}");
    let exchange = exchange.unwrap();
    let ExchangeOutcome::Answered { body, .. } = &exchange.outcome else { panic!("{exchange:?}") };
    assert!(body.contains("600") && body.contains("access_token"), "{body}");
    assert!(!format!("{exchange:?}").contains("marker-secret"), "{exchange:?}");
    assert!(!format!("{exchange:?}").contains("Bearer old"), "{exchange:?}");
}
