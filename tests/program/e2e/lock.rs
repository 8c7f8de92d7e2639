//! `tokscope lock` reaches every process that holds the key, and says what it cannot end yet.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Output,
    sync::mpsc::{self, Receiver, Sender},
    thread,
};

use crate::e2e::{
    screen::{Screen, TOKSCOPE},
    session::Server,
};

use crate::support::program::tokscope;

/// SIGUSR1, as a shell tells of it.
const LOCKED: u32 = 138;

fn lock(folder: &Path) -> Output {
    tokscope(folder, ["lock"]).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What asks on a terminal with the vault open, or on the way there, is ended; the echo comes back.
#[test]
fn a_command_that_waits_for_somebody_is_reached() {
    let server = Server::start(3_600);
    for (home, waits_for) in [("plain", "Password:"), ("passphrase", "New passphrase of the vault")] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("profiles.toml"), server.profile()).unwrap();
        let idle = lock(folder.path());
        assert_eq!(text(&idle.stdout), "no running tokscope holds the vault's key\n");
        let environment = [("TOKSCOPE_CONFIG_DIR", folder.path().to_str().unwrap()), ("TOKSCOPE_IDENTITY", home)];
        let mut screen = Screen::run(TOKSCOPE, &["login", "campus"], &environment, |_| {});
        screen.wait_for(waits_for);
        let told = lock(folder.path());
        assert_eq!(text(&told.stdout), "1 locked\n", "{home}: {}", text(&told.stderr));
        assert!(told.status.success());
        assert_eq!(screen.wait_restored(), LOCKED, "{home}");
        assert!(text(screen.output()).contains("ended by `tokscope lock`"), "{}", text(screen.output()));
    }
}

/// Answers requests for tokens, each when the test lets it; tells what it was asked.
fn token_server() -> (String, Receiver<String>, Sender<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let (asked, requests) = mpsc::channel();
    let (answers, answer) = mpsc::channel::<String>();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let body = request(stream.as_ref().unwrap());
            if asked.send(body).is_err() {
                return;
            }
            let Ok(json) = answer.recv() else { return };
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            write!(stream.unwrap(), "{head}\r\nContent-Length: {}\r\n\r\n{json}", json.len()).unwrap();
        }
    });
    (url, requests, answers)
}

/// The body of a request.
fn request(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    text(&body)
}

fn tokens(name: &str) -> String {
    format!(r#"{{"access_token":"a-{name}","refresh_token":"r-{name}","token_type":"Bearer","expires_in":3600}}"#)
}

#[test]
fn what_was_sent_is_finished_and_its_process_is_not_passed_over() {
    let (url, requests, answers) = token_server();
    let folder = tempfile::tempdir().unwrap();
    let profile = format!(
        "[profile.api]\nprovider = \"oauth2\"\ngrant = \"password\"\nclient_id = \"legacy\"\nusername = \"ada\"\n\
         password = \"env:PASSWORD\"\ntoken_endpoint = \"{url}\"\n"
    );
    fs::write(folder.path().join("profiles.toml"), profile).unwrap();
    let start = |command: &str| {
        let mut process = tokscope(folder.path(), [command, "api", "--no-input"]);
        process.env("TOKSCOPE_IDENTITY", "plain").env("PASSWORD", "analytical-engine").spawn().unwrap()
    };
    answers.send(tokens("one")).unwrap();
    assert!(start("login").wait().unwrap().success());
    requests.recv().unwrap();

    let refresh = start("refresh");
    assert!(requests.recv().unwrap().contains("r-one"));
    let told = lock(folder.path());
    assert_eq!(text(&told.stdout), "1 finishing a request\n");
    assert!(text(&told.stderr).contains("when the server responds, its tokens are saved"), "{}", text(&told.stderr));
    assert_eq!(told.status.code(), Some(1), "somebody still has the key");
    // Once more abandons nothing.
    assert_eq!(text(&lock(folder.path()).stdout), "1 finishing a request\n");
    answers.send(tokens("two")).unwrap();
    let ended = refresh.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(LOCKED.try_into().unwrap()), "{}", text(&ended.stderr));
    assert_eq!(text(&lock(folder.path()).stdout), "no running tokscope holds the vault's key\n");

    let refresh = start("refresh");
    assert!(requests.recv().unwrap().contains("r-two"), "its tokens were saved");
    answers.send(tokens("three")).unwrap();
    assert!(refresh.wait_with_output().unwrap().status.success());
}
