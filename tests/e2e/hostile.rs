use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

use tokscope::text;

use crate::{jws, screen::Screen};

/// Escapes of a JSON string: a title, a clear, colours (C1), bidi, zero-width, tags, a bell.
const ESCAPES: &str = r"\u001b]0;pwned\u0007\u001b[2J\u009b31m\u202egnp.exe\u2066\u200b\ufeff\udb40\udc41\u0008\u0085";

/// What the terminal got, without the control sequences of the kind that drawing needs.
fn shown(output: &[u8]) -> String {
    let output = std::str::from_utf8(output).expect("the screen is UTF-8");
    let mut shown = String::new();
    let mut rest = output;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        shown.push_str(before);
        let end = after.find(|c: char| ('@'..='~').contains(&c)).expect("a whole sequence");
        rest = &after[end + 1..];
    }
    shown + rest
}

#[track_caller]
fn check(screen: &Screen) {
    let shown = shown(screen.output());
    for c in shown.chars().filter(|c| !matches!(c, '\r' | '\n')) {
        assert_eq!(text::visible(&c.to_string()), c.to_string(), "U+{:04x} came raw", u32::from(c));
    }
}

#[test]
fn a_tokens_text_never_reaches_the_terminal_raw() {
    let payload =
        format!(r#"{{"sub":"{ESCAPES}","{ESCAPES}":{{"{ESCAPES}":["{ESCAPES}"]}},"exp":"{ESCAPES}","aud":"seen"}}"#);
    let mut screen = Screen::tokscope(&[&jws(&payload)]);
    screen.wait_for("\"seen\"");
    screen.wait_for("\\u202egnp");
    // Every tab, the whole value, the notices.
    for keys in ["3", "t", "t", "t", "\r", "\x1b", "N", "\x1b"] {
        screen.press(keys);
    }
    screen.paste("\u{1b}]0;pwned\u{7}\u{9b}31m\u{202e}no token at all");
    screen.press("v");
    screen.wait_for("Esc");
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 0);
    check(&screen);
}

#[test]
fn a_servers_text_never_reaches_the_terminal_raw() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let body = format!(r#"{{"error":"seen {ESCAPES}","error_description":"{ESCAPES}"}}"#);
            let head = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    let mut screen = Screen::tokscope_with_profiles(&format!(
        "[profile.hostile]\nprovider = \"openedx\"\nurl = \"http://{address}\"\nclient_id = \"x\"\nusername = \"ada\"\n\
         password = \"plain:analytical-engine\"\n"
    ));
    screen.wait_for("hostile");
    screen.press("l");
    screen.wait_for("seen \\u{1b}");
    screen.press("1\r");
    screen.wait_for("Open edX");
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 0);
    check(&screen);
}
