//! Questions of the command line, on the terminal that controls it.

use rustix::process::Signal;
use tempfile::TempDir;

use crate::e2e::{
    screen::{Screen, TOKSCOPE},
    session::Server,
};

const PASSWORD: &str = "analytical-engine";

fn login(server: &Server, arguments: &[&str]) -> Screen {
    let profiles = server.profile();
    let prepare = |config: &TempDir| std::fs::write(config.path().join("profiles.toml"), profiles).unwrap();
    let mut screen = Screen::run(TOKSCOPE, &[&["login", "campus"], arguments].concat(), &[], prepare);
    screen.wait_for("Password:");
    screen
}

fn printed(screen: &Screen) -> String {
    String::from_utf8_lossy(screen.output()).into_owned()
}

#[test]
fn a_password_is_asked_without_echo() {
    let server = Server::start(60);
    let mut screen = login(&server, &[]);
    screen.press(&format!("wrong\x15{PASSWORD}xé\x7f\x7f\r"));
    screen.wait_for("logged in with campus (Open edX)");
    assert_eq!(screen.wait_restored(), 0);
    let output = printed(&screen);
    assert!(!output.contains(PASSWORD) && !output.contains("wrong") && !output.contains("eyJ"), "{output}");
    assert!(output.contains("fingerprint"), "{output}");
}

#[test]
fn an_answer_may_be_longer_than_a_line_of_the_terminal() {
    let server = Server::start(60);
    let mut screen = login(&server, &[]);
    // In pieces, each no longer than what the terminal's driver takes at once.
    for _ in 0..8 {
        screen.press(&"x".repeat(1_000));
    }
    screen.press(&format!("\x15{PASSWORD}\r"));
    screen.wait_for("logged in");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn an_interrupted_question_gives_the_echo_back() {
    let server = Server::start(60);
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut screen = login(&server, &[]);
        screen.signal(signal);
        assert_eq!(screen.wait_restored(), code, "{signal:?}");
        assert!(printed(&screen).contains("error: interrupted"));
    }
    let mut screen = login(&server, &[]);
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 130);
}

#[test]
fn the_end_of_the_input_cancels() {
    let server = Server::start(60);
    let mut screen = login(&server, &["--json"]);
    screen.press("\x04");
    assert_eq!(screen.wait_restored(), 2);
    assert!(printed(&screen).contains("\"code\":\"cancelled\""));
}

#[test]
fn pipes_stay_free_while_a_question_is_asked() {
    let server = Server::start(60);
    let profiles = server.profile();
    let line = format!("'{TOKSCOPE}' login campus --no-store --json | '{TOKSCOPE}' probe campus");
    let mut screen = Screen::run("sh", &["-c", &line], &[], |config| {
        std::fs::write(config.path().join("profiles.toml"), profiles).unwrap();
    });
    screen.wait_for("Password:");
    screen.press(&format!("{PASSWORD}\r"));
    screen.wait_for("accepted (HTTP 200) · account ada");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn a_profile_is_removed_after_a_yes() {
    let server = Server::start(60);
    for (answer, code, left) in [("n\r", 1, true), ("\r", 1, true), ("y\r", 0, false)] {
        let profiles = server.profile();
        let mut screen = Screen::run(TOKSCOPE, &["profile", "remove", "campus"], &[], |config| {
            std::fs::write(config.path().join("profiles.toml"), profiles).unwrap();
        });
        screen.wait_for("Remove the profile campus? [y/N]");
        screen.press(answer);
        assert_eq!(screen.wait_restored(), code, "{answer:?}");
        let file = std::fs::read_to_string(screen.config().join("profiles.toml")).unwrap();
        assert_eq!(file.contains("[profile.campus]"), left, "{answer:?}");
    }
}

/// Nothing but the name of the environment revokes in a protected one.
#[test]
fn a_revocation_in_a_protected_environment_is_typed() {
    let server = Server::start(60);
    let line = format!("'{TOKSCOPE}' login campus --no-store --json | '{TOKSCOPE}' revoke campus");
    for (answer, code, words) in [
        ("y\r", 1, "nothing was sent"),
        ("\r", 1, "nothing was sent"),
        ("\x04", 1, "nothing was sent"),
        ("prod\r", 1, "revocation asked (HTTP 200)"),
    ] {
        let profiles = server.profile() + "environment = \"prod\"\n";
        let mut screen = Screen::run("sh", &["-c", &line], &[], |config| {
            std::fs::write(config.path().join("profiles.toml"), profiles).unwrap();
        });
        screen.wait_for("Password:");
        screen.press(&format!("{PASSWORD}\r"));
        screen.wait_for("Type prod to revoke:");
        for fact in ["environment  prod", "server       http://127.0.0.1", "accept it until "] {
            screen.wait_for(fact);
        }
        screen.press(answer);
        screen.wait_for(words);
        assert_eq!(screen.wait_restored(), code, "{answer:?}");
    }
}

/// Without a display the terminal is asked, and nothing waits: nobody could take it off again.
#[test]
fn a_copy_goes_through_the_terminal_where_there_is_no_display() {
    let token = crate::e2e::jws(r#"{"sub":"ada"}"#);
    for (what, copied) in [
        ("access", token.clone()),
        ("header", format!("Authorization: JWT {token}")),
        ("claims", r#"{"sub":"ada"}"#.to_owned()),
        ("/sub", "ada".to_owned()),
    ] {
        let line =
            format!(r#"echo '{{"access_token":"{token}","token_type":"jwt"}}' | '{TOKSCOPE}' copy --what {what}"#);
        let mut screen = Screen::run("sh", &["-c", &line], &[], |_| {});
        screen.wait_for("tokscope cannot tell whether it arrived");
        assert_eq!(screen.wait_restored(), 0);
        assert_eq!(screen.copied(), [copied]);
        assert!(printed(&screen).contains("it stays there until you copy something else"));
    }
}

/// The command asks for a token, and has none in it: nothing is opened for it.
#[test]
fn a_copied_curl_command_has_no_token() {
    let mut screen = Screen::run(
        TOKSCOPE,
        &["copy", "lms", "--what", "curl"],
        &[("TOKSCOPE_IDENTITY", "passphrase")],
        |config| {
            let profile = "[profile.lms]\nprovider = \"openedx\"\nurl = \"https://lms.example/x\"\nclient_id = \"a\"\nusername = \"ada\"\n";
            std::fs::write(config.path().join("profiles.toml"), profile).unwrap();
        },
    );
    assert_eq!(screen.wait_restored(), 0);
    assert_eq!(screen.copied(), ["tokscope token lms --format header | curl -H @- https://lms.example"]);
}

/// The plan is shown before anything is sent, and a login that needs a person asks for one profile at a time.
#[test]
fn a_rotation_is_confirmed_and_asks_for_the_password() {
    let server = Server::start(60);
    // Open edX returns the same JWT in the same second.
    let later = "T=$(date +%s); until [ $(date +%s) != $T ]; do :; done";
    let line = format!("'{TOKSCOPE}' login campus && {later}; '{TOKSCOPE}' rotate campus");
    for (environment, question, answer) in [
        ("", "Rotate 1 profile? [y/N]", "y\r"),
        ("environment = \"prod\"\n", "Type prod to rotate 1 profile:", "prod\r"),
    ] {
        let profiles = server.profile() + environment;
        let mut screen = Screen::run("sh", &["-c", &line], &[("TOKSCOPE_IDENTITY", "plain")], |config| {
            std::fs::write(config.path().join("profiles.toml"), profiles).unwrap();
        });
        screen.wait_for("Password:");
        screen.press(&format!("{PASSWORD}\r"));
        screen.wait_for("Rotation plan: 1 profile, 1 asks you");
        screen.wait_for(question);
        screen.press(answer);
        screen.wait_for("Password of campus:");
        screen.press(&format!("{PASSWORD}\r"));
        screen.wait_for("campus: rotated");
        screen.wait_for("# Token rotation ");
        assert_eq!(screen.wait_restored(), 0);
        assert!(!printed(&screen).contains("eyJ"));
    }
}
