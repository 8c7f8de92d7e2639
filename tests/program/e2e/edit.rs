use std::process::Command;

use crate::e2e::{jws, screen::Screen};

use crate::support::program::{Done, NOWHERE, tokscope};

/// A token is pasted, its claims are changed, it is signed with a key from a file; then `tokscope verify` has its say.
#[test]
fn edit_sign_copy_verify() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let private = file("private.pem", include_bytes!("../../vectors/private-keys/pkcs8.pem"));
    let public = file("public.pem", include_bytes!("../../vectors/private-keys/public.pem"));
    let mut screen = Screen::tokscope(&[&jws(r#"{"sub":"ada","n":9223372036854775809}"#)]);
    screen.wait_for("\"ada\"");
    screen.press("e");
    screen.wait_for("[claims]");
    // Behind the first bracket, a claim of its own.
    screen.press("\x1b[F");
    screen.paste("\"admin\":true,");
    screen.wait_for("\"admin\":true,");
    screen.press("\x13");
    screen.wait_for("With a private key");
    screen.press("j\r");
    screen.wait_for("The path of a JWK");
    screen.paste(&private);
    screen.press("\r");
    screen.wait_for("signed with private.pem, RS256");
    screen.press("c");
    screen.wait_until("the token in the clipboard", |screen| !screen.copied().is_empty());
    let made = screen.copied().last().unwrap().clone();
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
    let run = |arguments: &[&str]| {
        let Done { stdout, code, .. } = Done::piped(&mut tokscope(NOWHERE, arguments.iter().copied()), &made);
        (stdout, Some(code))
    };
    let (said, code) = run(&["verify", "--key", &public]);
    assert!(said.starts_with("valid") && code == Some(0), "{said}");
    let (said, _) = run(&["decode", "--json"]);
    let claims = r#""admin":true,"sub":"ada","n":9223372036854775809"#;
    assert!(said.replace([' ', '\n'], "").contains(claims), "{said}");
}

/// A key file may be a pipe that nobody writes to: the screen goes on.
#[test]
fn a_key_file_that_never_comes() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut screen = Screen::tokscope(&[&jws(r#"{"sub":"ada"}"#)]);
    screen.wait_for("\"ada\"");
    screen.press("e\x13");
    screen.wait_for("With a private key");
    screen.press("j\r");
    screen.wait_for("The path of a JWK");
    screen.paste(pipe.to_str().unwrap());
    screen.press("\r");
    screen.wait_for("reading the key");
    screen.press("\x1b");
    screen.wait_for("becomes a separate row");
    screen.press("\x1b");
    screen.wait_gone("[claims]");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}
