//! What a server can answer to get at the token, or at the machine.

use std::{io::Read as _, process::Stdio, time::Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use super::{
    allowed,
    api::{Answer, Api, whole},
    call,
};
use crate::support::program::Done;

/// `{own}` and `{foreign}` are the two servers.
const REDIRECTS: [(&str, &str); 14] = [
    ("301 Moved", "{foreign}/x"),
    ("302 Found", "{foreign}/x"),
    ("303 See Other", "{foreign}/x"),
    ("307 Temporary", "{foreign}/x"),
    ("308 Permanent", "{foreign}/x"),
    ("300 Choices", "{foreign}/x"),
    ("302 Found", "//{foreign-host}/x"),
    ("302 Found", "/\\{foreign-host}/x"),
    ("302 Found", "http://{own-host}@{foreign-host}/x"),
    ("302 Found", "https://{own-host}/x"),
    ("302 Found", "http://localhost:{own-port}/x"),
    ("302 Found", "/elsewhere"),
    ("307 Loop", "{own}/x"),
    ("302 Found", "javascript:alert(1)"),
];

/// Not one of these is a redirect, and the exit code is the last word. The first word names it.
fn answers() -> Vec<(&'static str, Answer, i32)> {
    let bomb = {
        // A gzip member of a gigabyte of zeros would begin like this; what follows is a megabyte of it.
        let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        let deflated = [&head[..], &[0_u8; 1 << 20]].concat();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", deflated.len());
        Answer::from([head.into_bytes(), deflated].concat())
    };
    let endless_header = Answer {
        bytes: b"HTTP/1.1 200 OK\r\n".to_vec(),
        then: b"X-A: aaaaaaaaaaaaaaaa\r\n".repeat(1_000),
        times: 10_000,
    };
    vec![
        ("refresh header", whole("200 OK", "Refresh: 0;url={foreign}/x\r\n", ""), 0),
        ("content-location", whole("200 OK", "Content-Location: {foreign}/x\r\nLocation: {foreign}/x\r\n", ""), 0),
        (
            "link and alt-svc",
            whole("200 OK", "Link: <{foreign}>; rel=preload\r\nAlt-Svc: h2=\"{foreign-host}\"\r\n", ""),
            0,
        ),
        (
            "meta refresh",
            whole("200 OK", "Content-Type: text/html\r\n", "<meta http-equiv=refresh content='0;{foreign}'>"),
            0,
        ),
        ("created elsewhere", whole("201 Created", "Location: {foreign}/x\r\n", ""), 0),
        ("no location", whole("302 Found", "", "?"), 1),
        ("not modified", whole("304 Not Modified", "", ""), 1),
        ("401 with metadata", whole("401 No", "WWW-Authenticate: Bearer resource_metadata=\"{foreign}/x\"\r\n", ""), 1),
        ("407", whole("407 Proxy", "Proxy-Authenticate: Bearer\r\n", ""), 1),
        ("421 to another", whole("421 Misdirected", "Location: {foreign}/x\r\n", ""), 1),
        ("retry at once", whole("503 Busy", "Retry-After: 0\r\n", ""), 1),
        ("408", whole("408 Timeout", "Connection: close\r\n", ""), 1),
        ("strange status", whole("999 ?", "", ""), 1),
        ("early hints", Answer::from("HTTP/1.1 103 Early\r\nLink: <{foreign}>\r\n\r\nHTTP/1.1 204 None\r\n\r\n"), 0),
        ("switching", Answer::from("HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"), 1),
        ("nothing", Answer::from(""), 2),
        ("no http", Answer::from("SSH-2.0-OpenSSH_9\r\n"), 2),
        ("status zero", whole("000 None", "", ""), 2),
        ("zero byte in a header", whole("200 OK", "X-A: a\0b\r\n", ""), 2),
        ("space in a header's name", whole("200 OK", "X A: a\r\n", ""), 2),
        ("two lengths", Answer::from("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 2),
        ("negative length", Answer::from("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab"), 2),
        ("cut body", Answer::from("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"), 2),
        ("cut header", Answer::from("HTTP/1.1 200 OK\r\nContent-Le"), 2),
        ("cut chunk", Answer::from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab"), 2),
        ("bad chunk", Answer::from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nab"), 2),
        ("huge chunk", Answer::from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nab"), 2),
        ("headers without end", endless_header, 2),
        ("gzip bomb", bomb, 0),
        ("unknown encoding", whole("200 OK", "Content-Encoding: \u{9b}31mbr\r\n", "x"), 0),
    ]
}

#[test]
fn the_token_reaches_no_foreign_origin() {
    let foreign = Api::new(whole("200 OK", "", "stolen"));
    let own = Api::new("");
    let (world, token) = allowed(&own, "");
    let host = |api: &Api| api.url.strip_prefix("http://").unwrap().to_owned();
    let fill = |text: &str| {
        text.replace("{own}", &own.url)
            .replace("{foreign}", &foreign.url)
            .replace("{own-host}", &host(&own))
            .replace("{own-port}", host(&own).split(':').nth(1).unwrap())
            .replace("{foreign-host}", &host(&foreign))
    };
    let redirects = REDIRECTS.map(|(status, to)| (to, whole(status, &format!("Location: {to}\r\n"), "page"), 2));
    let mut rows = answers();
    rows.extend(redirects);
    rows.push(("unreadable", [&b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\n\r\n"[..]].concat().into(), 2));
    assert!(rows.len() >= 45, "{}", rows.len());
    for (name, mut answer, expected) in rows {
        if let Ok(text) = std::str::from_utf8(&answer.bytes) {
            let filled = fill(text);
            // The lengths of bodies with an address in them.
            answer.bytes = filled.into_bytes();
        }
        own.answer_with(answer);
        for method in ["GET", "POST"] {
            let (out, words, code) = {
                let output = world.command(&call(&[method, "/x"])).output().unwrap();
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                (text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
            };
            assert_eq!(code, expected, "{name}: {words}");
            assert_eq!((own.seen().len(), foreign.seen().len()), (1, 0), "{name}: one request, and none elsewhere");
            assert!(
                !words.contains(&token) && !words.contains("panicked") && !words.contains(['\u{1b}', '\u{9b}']),
                "{name}: {words}"
            );
            if expected == 2 {
                assert!(words.contains("error: ") && words.contains("hint: "), "{name}: {words}");
                assert!(!out.contains("page"), "{name}: {out}");
            }
        }
    }
    assert_eq!(world.refreshes().granted, 0);
}

#[test]
fn a_server_that_always_says_401_gets_two_requests() {
    let foreign = Api::new(whole("200 OK", "", "stolen"));
    let challenge = format!("WWW-Authenticate: Bearer realm=\"{0}\", authorization_uri=\"{0}\"\r\n", foreign.url);
    let own = Api::new(whole("401 No", &challenge, ""));
    let (world, _) = allowed(&own, "renew_on_401 = true");
    assert_eq!(world.run(&call(&["/x"])).2, 1);
    assert_eq!((own.seen().len(), foreign.seen().len(), world.refreshes().granted), (2, 0, 1));
    // It sends the second try elsewhere.
    let to = foreign.url.clone();
    let seen = std::sync::atomic::AtomicUsize::new(0);
    let own = Api::deciding(move |_| match seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
        0 => whole("401 No", "", ""),
        _ => whole("307 Temporary", &format!("Location: {to}/x\r\n"), ""),
    });
    world.amend("demo", &format!("origins = [\"{}\"]", own.url));
    assert_eq!(world.run(&call(&["/x"])).2, 2);
    assert_eq!((own.seen().len(), foreign.seen().len(), world.refreshes().granted), (2, 0, 2));
}

/// Half a gigabyte, as one answer and as one that says nothing of its end, in less memory than that.
#[test]
fn a_body_is_never_in_memory_as_a_whole() {
    const PIECE: usize = 1 << 20;
    const PIECES: usize = 512;
    let body = |head: &str| Answer { bytes: head.as_bytes().to_vec(), then: vec![b'a'; PIECE], times: PIECES };
    let own = Api::new(body(&format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", PIECE * PIECES)));
    let (world, _) = allowed(&own, "");
    // Less than the body. Threads share their memory: else each takes address space for its own.
    let limited = |arguments: &str| {
        let program = world.command(&[]);
        let folder = world.path().display();
        let line = format!(
            "ulimit -v 458752; {:?} --config-dir '{folder}' --identity plain call demo /x {arguments}",
            program.get_program()
        );
        let output = std::process::Command::new("sh")
            .args(["-c", &line])
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Done::from(output).parts()
    };
    let (out, words, _) = limited("| wc -c");
    assert_eq!(out.trim(), (PIECE * PIECES).to_string(), "{words}");
    own.answer_with(body("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"));
    let (out, words, _) = limited("| wc -c");
    assert_eq!(out.trim(), (PIECE * PIECES).to_string());
    assert!(words.contains("remark: the body is encoded as gzip"), "{words}");

    // One without an end ends with its reader, or with what takes it.
    own.answer_with(Answer { times: usize::MAX, ..body("HTTP/1.1 200 OK\r\n\r\n") });
    let start = Instant::now();
    assert_eq!(limited("| head -c 3").0, "aaa");
    let (_, words, code) = limited("--output /dev/full");
    assert_eq!(code, 2, "{words}");
    assert!(words.contains("cannot write the output"), "{words}");
    assert!(start.elapsed().as_secs() < 60);
}

#[test]
fn a_terminal_gets_nothing_that_it_would_act_on() {
    let own = Api::new(whole("200 OK", "X-A: \u{9b}31m\r\n", "a\u{1b}]0;evil\u{7}b\r\n\tü\u{202e}x"));
    let (world, _) = allowed(&own, "");
    let pty = native_pty_system().openpty(PtySize { rows: 24, cols: 200, ..PtySize::default() }).unwrap();
    let plain = world.command(&call(&["/x", "--include"]));
    let mut command = CommandBuilder::new(plain.get_program());
    command.args(plain.get_args());
    command.env("TOKSCOPE_IDENTITY", "plain");
    command.env("TOKSCOPE_CONFIG_DIR", world.path());
    let mut child = pty.slave.spawn_command(command).unwrap();
    drop(pty.slave);
    let (mut reader, mut shown, mut piece) = (pty.master.try_clone_reader().unwrap(), Vec::new(), [0; 4096]);
    // The end of a terminal is an error.
    while let Ok(count @ 1..) = reader.read(&mut piece) {
        shown.extend_from_slice(&piece[..count]);
    }
    let shown = String::from_utf8(shown).unwrap();
    assert!(child.wait().unwrap().success(), "{shown}");
    let expected = "x-a: \\u{9b}31m\r\ncontent-length: 20\r\n\r\na\\u{1b}]0;evil\\u{7}b\r\n\tü\\u{202e}x\r\n";
    assert!(shown.ends_with(expected) && !shown.contains(['\u{1b}', '\u{7}', '\u{9b}']), "{shown:?}");
}

#[test]
fn a_signal_ends_it_while_nobody_reads() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let own = Api::new(Answer { bytes: head, then: vec![b'a'; 1 << 16], times: usize::MAX });
    let (world, _) = allowed(&own, "");
    let mut child = world.command(&call(&["POST", "/x"])).spawn().unwrap();
    let mut out = child.stdout.take().unwrap();
    out.read_exact(&mut [0; 3]).unwrap();
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT).unwrap();
    let code = child.wait().unwrap().code();
    let mut words = String::new();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    assert_eq!(code, Some(130), "{words}");
    assert!(words.contains("the server may have acted on the request"), "{words}");
}
