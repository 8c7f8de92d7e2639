use crate::e2e::{
    jws,
    screen::{Screen, TOKSCOPE},
};

use crate::support::program::{Done, NOWHERE, tokscope};

#[test]
fn a_token_in_the_arguments_is_on_the_first_screen() {
    let mut screen = Screen::tokscope(&[&jws(r#"{"sub":"ada","exp":1692211638}"#)]);
    screen.wait_for("\"ada\"");
    screen.wait_for("2023-08-16 18:47:18");
    screen.wait_for("decoded, not verified");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn a_token_from_a_pipe_leaves_the_keys_to_the_terminal() {
    let line = format!("printf %s '{}' | '{TOKSCOPE}' -", jws(r#"{"sub":"from the pipe"}"#));
    let mut screen = Screen::run("sh", &["-c", &line], &[], |_| {});
    screen.wait_for("from the pipe");
    screen.press("?");
    screen.wait_for("log in with the profile");
    screen.press("\x1b");
    screen.wait_gone("log in with the profile");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn a_token_from_a_file() {
    let token = jws(r#"{"sub":"from the file"}"#);
    let mut screen = Screen::run(TOKSCOPE, &["@token.txt"], &[], |config| {
        std::fs::write(config.path().join("token.txt"), token).unwrap();
    });
    screen.wait_for("from the file");
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn the_screen_follows_the_size_of_the_terminal() {
    let mut screen = Screen::tokscope(&[&jws(r#"{"sub":"ada"}"#)]);
    screen.wait_for("\"ada\"");
    screen.resize(60, 20);
    screen.wait_until("a frame as wide as the terminal", |screen| {
        let text = screen.text();
        text.contains("\"ada\"") && text.lines().any(|line| line.starts_with('┌') && line.chars().count() == 60)
    });
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn without_a_terminal_there_is_a_hint() {
    let output = tokscope(NOWHERE, [jws("{}").as_str()]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: standard output is not a terminal\nhint: "), "{said}");
    assert!(said.contains("tokscope decode"), "{said}");
}

/// The keys come from the terminal behind the pipe; where there is none, it is a filter.
#[test]
fn what_is_piped_in_opens_the_screen_or_is_decoded() {
    let token = jws(r#"{"sub":"ada"}"#);
    let mut screen = Screen::run("sh", &["-c", &format!("echo {token} | '{TOKSCOPE}'")], &[], |_| {});
    screen.wait_for("\"ada\"");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
    let done = Done::piped(&mut tokscope(NOWHERE, []), &token);
    assert!(done.code == 0 && done.stdout.contains("ada") && done.stdout.contains("not verified"), "{done:?}");
    Done::piped(&mut tokscope(NOWHERE, []), "").fails(2, "standard input is empty");
}
