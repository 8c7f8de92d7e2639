//! The vault of the terminal program: what was saved is there again, a lock empties the screen, a keyring that says
//! nothing holds up nobody.

use std::{
    fs,
    os::unix::net::UnixListener,
    path::Path,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::e2e::{
    choose,
    screen::{Screen, TOKSCOPE},
    session::Server,
};

use crate::support::program::{Done, tokscope};

/// tokscope on this folder, with this home for its key.
fn start(folder: &Path, environment: &[(&str, &str)]) -> Screen {
    let folder = folder.to_str().unwrap();
    let all: Vec<_> = environment.iter().copied().chain([("TOKSCOPE_CONFIG_DIR", folder)]).collect();
    Screen::run(TOKSCOPE, &[], &all, |_| {})
}

fn folder(server: &Server) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("profiles.toml"), server.profile()).unwrap();
    folder
}

fn log_in(screen: &mut Screen) {
    screen.press("1Gl");
    screen.wait_for("Password");
    screen.press("analytical-engine\r");
    screen.wait_for("Logged in.");
}

fn quit(mut screen: Screen) {
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}

/// Nothing in the vault's folder shows a token or password; the key itself is another matter.
fn assert_sealed(folder: &Path) {
    for entry in fs::read_dir(folder.join("vault")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
            assert!(!text.contains("eyJ") && !text.contains("analytical"), "{}", path.display());
        }
    }
}

#[test]
fn tokens_are_there_again_after_a_restart_and_gone_while_it_is_locked() {
    let server = Server::start(3_600);
    let folder = folder(&server);
    let plain = [("TOKSCOPE_IDENTITY", "plain")];
    let mut screen = start(folder.path(), &plain);
    screen.wait_for("vault: plain!");
    log_in(&mut screen);
    quit(screen);
    assert_sealed(folder.path());

    let mut screen = start(folder.path(), &plain);
    screen.wait_for("decoded, not verified");
    screen.paste("eyJhbGciOiJub25lIn0.eyJzdWIiOiJwYXN0ZWQtb25lIn0.");
    screen.wait_for("pasted-one");
    // Another process locks it, and waits until it has happened.
    let told = tokscope(folder.path(), ["lock"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&told.stdout), "1 locked\n");
    assert!(told.status.success());
    screen.wait_for("vault: locked");
    screen.wait_until("the tokens to be gone", |screen| {
        !screen.text().contains("pasted-one") && !screen.text().contains("decoded, not verified")
    });
    screen.press("L");
    screen.wait_for("pasted-one");
    choose(&mut screen, "campus");
    screen.press("r");
    screen.wait_for("Refreshed.");
    screen.press("L");
    screen.wait_for("vault: locked");
    // What needs the vault opens it.
    screen.press("r");
    screen.wait_for("Refreshed.");
    quit(screen);
    assert_sealed(folder.path());
}

#[test]
fn a_passphrase_is_chosen_asked_for_and_may_be_wrong_once() {
    let server = Server::start(3_600);
    let folder = folder(&server);
    let mut screen = start(folder.path(), &[("TOKSCOPE_IDENTITY", "passphrase")]);
    screen.wait_for("New passphrase of the vault");
    screen.press("horse\r");
    screen.wait_for("too easy to guess");
    screen.press("marble kettle onward fjord\r");
    screen.wait_for("Repeat the new passphrase");
    screen.press("marble kettle onward fjord\r");
    screen.wait_for("vault: passphrase");
    log_in(&mut screen);
    quit(screen);

    // The settings know it by now.
    let mut screen = start(folder.path(), &[("TOKSCOPE_IDENTITY", "")]);
    screen.wait_for("Passphrase of the vault");
    screen.press("house\r");
    screen.wait_for("wrong passphrase");
    screen.press("marble kettle onward fjord\r");
    screen.wait_for("decoded, not verified");
    let output = String::from_utf8_lossy(screen.output()).into_owned();
    assert!(!output.contains("kettle") && !output.contains("horse"), "it is masked");
    quit(screen);
    assert_sealed(folder.path());
}

#[test]
fn a_key_that_lay_in_clear_is_replaced_while_the_program_runs() {
    const PASSPHRASE: &str = "marble kettle onward fjord\r";
    let server = Server::start(3_600);
    let folder = folder(&server);
    fs::write(folder.path().join("config.toml"), "[vault]\nidentity = \"plain\"\n").unwrap();
    let settled = [("TOKSCOPE_IDENTITY", "")];
    let mut screen = start(folder.path(), &settled);
    screen.wait_for("vault: plain!");
    log_in(&mut screen);
    let vault = folder.path().join("vault");
    let old: Vec<_> = ["identity.txt", "recipient.txt"].map(|name| fs::read(vault.join(name)).unwrap()).into();
    let environment = [("TOKSCOPE_CONFIG_DIR", folder.path().to_str().unwrap()), settled[0]];
    let mut command = Screen::run(TOKSCOPE, &["vault", "home", "passphrase"], &environment, |_| {});
    command.wait_for("New passphrase of the vault");
    command.press(PASSPHRASE);
    command.wait_for("Repeat the new passphrase");
    command.press(PASSPHRASE);
    command.wait_for("encrypted with a passphrase (passphrase)");
    assert_eq!(command.wait_restored(), 0);
    assert!(!String::from_utf8_lossy(command.output()).contains("old key"), "nothing is left of it");
    assert!(!vault.join("identity.txt").exists() && !vault.join("former.age").exists());
    assert_ne!(fs::read(vault.join("recipient.txt")).unwrap(), old[1]);
    // The running program has dropped the old key, and goes on with the new one.
    screen.wait_for("vault: locked");
    screen.press("L");
    screen.wait_for("Passphrase of the vault");
    screen.press(PASSPHRASE);
    screen.wait_for("decoded, not verified");
    screen.press("r");
    screen.wait_for("Refreshed.");
    quit(screen);
    let key = String::from_utf8(old[0].clone()).unwrap();
    let key: age::x25519::Identity = key.lines().find(|line| line.starts_with("AGE-")).unwrap().parse().unwrap();
    for path in fs::read_dir(vault).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        assert!(age::decrypt(&key, &fs::read(&path).unwrap()).is_err(), "{}", path.display());
    }
}

#[test]
fn tokens_go_to_another_server_only_after_a_yes() {
    let (server, other) = (Server::start(3_600), Server::start(3_600));
    let folder = folder(&server);
    let plain = [("TOKSCOPE_IDENTITY", "plain")];
    let mut screen = start(folder.path(), &plain);
    screen.wait_for("vault: plain!");
    log_in(&mut screen);
    quit(screen);
    // Somebody has written the profile anew.
    fs::write(folder.path().join("profiles.toml"), other.profile()).unwrap();
    let mut screen = start(folder.path(), &plain);
    screen.wait_for("decoded, not verified");
    screen.press("r");
    screen.wait_for("they were issued by http://127.0.0.1");
    screen.press("no\r");
    // Until it has ended, the profile takes no other.
    screen.wait_for("Refresh cancelled.");
    screen.press("r");
    screen.wait_for("Send the tokens to http://127.0.0.1");
    screen.press("yes\r");
    screen.wait_for("The server refused");
    quit(screen);
}

/// A bus that takes the connection and never says a word.
#[test]
fn a_silent_keyring_holds_up_neither_the_first_frame_nor_the_end() {
    let server = Server::start(3_600);
    let folder = folder(&server);
    let path = folder.path().join("bus");
    let _bus = UnixListener::bind(&path).unwrap();
    let address = format!("unix:path={}", path.display());
    let silent = [("TOKSCOPE_IDENTITY", "keyring"), ("DBUS_SESSION_BUS_ADDRESS", address.as_str())];
    let mut screen = start(folder.path(), &silent);
    screen.wait_for("unlocking the vault");
    let shown = Instant::now();
    screen.paste("eyJhbGciOiJub25lIn0.eyJzdWIiOiJwYXN0ZWQtb25lIn0.");
    screen.wait_for("pasted-one");
    screen.wait_for("he keyring does not respond");
    assert!(shown.elapsed() < Duration::from_secs(4), "{:?}", shown.elapsed());
    screen.press("L");
    screen.wait_for("unlocking the vault");
    let left = Instant::now();
    quit(screen);
    assert!(left.elapsed() < Duration::from_secs(2), "{:?}", left.elapsed());
}

#[test]
fn the_first_tokens_are_saved_after_one_question_that_knows_of_no_keyring() {
    let server = Server::start(3_600);
    let folder = folder(&server);
    let absent = [("TOKSCOPE_IDENTITY", ""), ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")];
    let mut screen = start(folder.path(), &absent);
    screen.wait_for("vault: none yet");
    // The password is typed before it is asked for.
    screen.press("1Glanalytical-engine\r");
    screen.wait_for("Save these tokens?");
    screen.wait_for("keyring: ");
    screen.press("m");
    screen.wait_for("memory: nothing is saved");
    // A second thought: the tokens get a home after all.
    screen.press("L");
    screen.wait_for("Where should the vault's key be kept?");
    screen.press("jjj\r");
    screen.wait_for("vault: plain!");
    quit(screen);
    let mut screen = start(folder.path(), &absent);
    screen.wait_for("decoded, not verified");
    screen.wait_for("vault: plain!");
    quit(screen);
    assert_sealed(folder.path());
}

const PASSPHRASE: &str = "marble kettle onward fjord";

/// A command at this folder's vault, whose key is behind a passphrase, on a terminal.
fn command(folder: &Path, arguments: &[&str]) -> Screen {
    let environment = [("TOKSCOPE_IDENTITY", "passphrase"), ("TOKSCOPE_CONFIG_DIR", folder.to_str().unwrap())];
    Screen::run(TOKSCOPE, arguments, &environment, |_| {})
}

/// Where the kernel does not keep the key, that is said, and each command asks as before.
#[test]
fn a_passphrase_is_asked_for_once_in_a_while() {
    let server = Server::start(3_600);
    let folder = folder(&server);
    let mut screen = command(folder.path(), &["vault", "home", "passphrase"]);
    for question in ["New passphrase of the vault:", "Repeat the new passphrase:"] {
        screen.wait_for(question);
        screen.press(&format!("{PASSPHRASE}\r"));
    }
    assert_eq!(screen.wait_restored(), 0);
    let headless = |arguments: &[&str]| {
        let mut command = tokscope(folder.path(), arguments.iter().copied());
        Done::of(command.env("TOKSCOPE_IDENTITY", "passphrase"))
    };
    let asks = || headless(&["status", "--no-input"]).fails(2, "the vault needs its passphrase");
    asks();
    headless(&["vault", "unlock", "--for", "1h", "--no-input"]).fails(2, "the vault needs its passphrase");
    headless(&["vault", "unlock", "--for", "0s"]).stderr.contains("longer than 0s").then_some(()).unwrap();
    let mut screen = command(folder.path(), &["vault", "unlock", "--for", "1h"]);
    screen.wait_for("Passphrase of the vault:");
    screen.press(&format!("{PASSPHRASE}\r"));
    if screen.wait_restored() != 0 {
        let said = String::from_utf8_lossy(screen.output()).into_owned();
        assert!(said.contains("the kernel's keyring refused: ") && said.contains("nothing was cached"), "{said}");
        asks();
        return;
    }
    let mut screen = command(folder.path(), &["login", "campus"]);
    screen.wait_for("Password:");
    screen.press("analytical-engine\r");
    assert_eq!(screen.wait_restored(), 0);
    for _ in 0..3 {
        let done = headless(&["token", "campus", "--no-input"]);
        assert!(done.code == 0 && done.stdout.starts_with("eyJ"), "{done:?}");
    }
    assert!(headless(&["status", "--format", "line"]).stdout.starts_with("● campus "));
    for command in [&["vault"][..], &["doctor"]] {
        let done = headless(command);
        assert!(done.stdout.contains("in the kernel's keyring, where "), "{done:?}");
    }
    let done = headless(&["lock"]);
    assert!(done.code == 0 && done.stderr.contains("removed from the kernel's keyring"), "{done:?}");
    asks();
    assert_eq!(headless(&["status", "--format", "line"]).stdout, "■ campus locked\n");
    // The lock of the terminal program removes it, too.
    let mut screen = command(folder.path(), &["vault", "unlock", "--for", "1h"]);
    screen.wait_for("Passphrase of the vault:");
    screen.press(&format!("{PASSPHRASE}\r"));
    assert_eq!(screen.wait_restored(), 0);
    assert_eq!(headless(&["status", "--no-input"]).code, 0);
    let mut screen = start(folder.path(), &[("TOKSCOPE_IDENTITY", "passphrase")]);
    screen.wait_until("opened without a question", |screen| screen.text().contains("access"));
    screen.press("L");
    screen.wait_for("vault: locked");
    asks();
    quit(screen);
    for file in fs::read_dir(folder.path().join("vault")).unwrap().map(|file| file.unwrap().path()) {
        let text = if file.is_file() { fs::read(&file).unwrap() } else { Vec::new() };
        assert!(!String::from_utf8_lossy(&text).contains("AGE-SECRET-KEY"), "{}", file.display());
    }
}
