//! What others can learn from the running program: its memory, its core files, its panics; and what `doctor` and `lock`
//! say about it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        net::UnixListener,
        process::CommandExt as _,
    },
    panic,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokscope::{
    auth::{SecretRef, TokenSet},
    clock,
    profile::ProfileName,
    secret::SecretString,
    store::{identity::Identity, vault::Vault},
};

use crate::support::program::{Done, TOKSCOPE, tokscope};

/// A process of an ordinary user, ended with the test.
struct Running(Child);

impl Running {
    /// Starts it and waits for its first line. Root sees everything, so then it runs as nobody.
    fn start(program: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).env("HOME", "/nonexistent").current_dir("/").stdout(Stdio::piped());
        if rustix::process::geteuid().is_root() {
            command.uid(65_534).gid(65_534);
        }
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty());
        Self(child)
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.0.id())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Linux gives the files of a process that may not be looked into to root.
#[cfg(target_os = "linux")]
#[test]
fn nobody_looks_into_the_process_and_it_leaves_no_core() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // A program that its user cannot read is closed by the kernel already, so it stands where everybody can.
    let program = dir.path().join("tokscope");
    fs::copy(TOKSCOPE, &program).unwrap();
    let tokscope = Running::start(&program, &["demo", "--serve"]);
    let other = Running::start(Path::new("/bin/sh"), &["-c", "echo started; read line"]);
    assert_ne!(fs::metadata(other.proc("environ")).unwrap().uid(), 0, "an ordinary process is open to its user");
    for file in ["environ", "mem", "maps", "fd"] {
        assert_eq!(fs::metadata(tokscope.proc(file)).unwrap().uid(), 0, "{file}");
    }
    let limits = fs::read_to_string(tokscope.proc("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
}

/// What becomes of an error that nobody expected.
fn unwrapped<E: std::fmt::Debug>(error: E) {
    let fail = |error: E| -> Result<(), E> { Err(error) };
    fail(error).unwrap();
}

/// A panic prints what `Debug` says of the value in its hands.
#[test]
fn no_panic_tells_a_secret() {
    const MARKER: &str = "m4rker-secret";
    let name = ProfileName::new("lms").unwrap();
    let vault = Vault::memory();
    vault.remember(&name, "password", Some(MARKER.into())).unwrap();
    let issued = tokscope::auth::IssuedToken {
        kind: tokscope::auth::TokenKind::Refresh,
        raw: MARKER.into(),
        expires_at: None,
        scheme: tokscope::auth::Scheme::BEARER,
    };
    let (scope, account) = (None, None);
    let token_set =
        TokenSet { tokens: vec![issued], scope, account, received_at: clock::parse("1").unwrap(), remarks: Vec::new() };
    let record = vault.read(&name).unwrap();
    let said = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&said);
    let before = panic::take_hook();
    let here = thread::current().id();
    panic::set_hook(Box::new(move |info| {
        // The other tests of this process have panics of their own.
        if thread::current().id() == here {
            *heard.lock().unwrap() += &info.to_string();
        }
    }));
    let mut panics = 0;
    let mut panic_with =
        |value: Box<dyn FnOnce() + panic::UnwindSafe>| panics += u8::from(panic::catch_unwind(value).is_err());
    let identity = Identity::generate();
    let secret = SecretString::from(MARKER);
    let reference = SecretRef::Plain(MARKER.into());
    let vault = panic::AssertUnwindSafe(vault);
    panic_with(Box::new(move || unwrapped(secret)));
    panic_with(Box::new(move || unwrapped(identity)));
    panic_with(Box::new(move || unwrapped(token_set)));
    panic_with(Box::new(move || unwrapped(reference)));
    panic_with(Box::new(move || unwrapped(record)));
    panic_with(Box::new(move || {
        let vault = vault;
        unwrapped(vault.0);
    }));
    panic::set_hook(before);
    let said = said.lock().unwrap();
    assert_eq!((panics, said.matches("on an `Err` value").count()), (6, 6), "{said}");
    assert!(!said.contains(MARKER) && !said.contains("AGE-SECRET"), "{said}");
}

fn run(dir: &Path, home: &str, line: &str) -> (i32, String, String) {
    run_on(Path::new("/nonexistent/bus"), dir, home, line)
}

fn run_on(bus: &Path, dir: &Path, home: &str, line: &str) -> (i32, String, String) {
    let mut command = tokscope(dir, line.split(' '));
    command.env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", bus.display()));
    match home {
        "" => command.env_remove("TOKSCOPE_IDENTITY"),
        home => command.env("TOKSCOPE_IDENTITY", home),
    };
    let Done { stdout, stderr, code } = Done::of(command.env("TERM", "xterm"));
    (code, stdout, stderr)
}

fn states(dir: &Path, home: &str) -> (i32, Vec<(String, String)>) {
    let (code, stdout, stderr) = run(dir, home, "doctor --json");
    let object: Value = serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{stdout}{stderr}"));
    let word = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let checks = object["checks"].as_array().unwrap();
    let found: Vec<_> = checks.iter().map(|check| (word(check, "check"), word(check, "state"))).collect();
    assert_eq!(object["problems"], found.iter().filter(|(_, state)| state == "problem").count());
    for check in checks.iter().filter(|check| check["state"] != "ok") {
        assert!(!check["hint"].as_str().unwrap().is_empty(), "{check}");
    }
    (code, found.into_iter().filter(|(_, state)| state != "ok").collect())
}

#[test]
fn the_doctor_finds_what_is_wrong_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let not_ok = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
    };
    assert_eq!(states(dir, ""), (0, not_ok(&[("key", "attention")])));
    assert_eq!(fs::read_dir(dir).unwrap().count(), 0);

    let (code, _, stderr) = run(dir, "", "vault home plain");
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(states(dir, ""), (0, not_ok(&[("key", "attention")])), "plain is marked");
    assert_eq!(states(dir, "keyring"), (1, not_ok(&[("key", "problem"), ("keyring", "problem")])));
    assert_eq!(states(dir, "passphrase"), (1, not_ok(&[("key", "problem")])), "the key is elsewhere");

    let key = dir.join("vault/identity.txt");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(states(dir, ""), (1, not_ok(&[("vault", "problem"), ("key", "problem")])));
    let (code, stdout, _) = run(dir, "", "doctor");
    let secret = fs::read_to_string(&key).unwrap();
    assert!(code == 1 && stdout.contains("chmod") && !stdout.contains(secret.lines().last().unwrap()), "{stdout}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();

    fs::write(dir.join("config.toml"), "[vault]\nidentity = \"plain\"\n[clipbord]\n").unwrap();
    fs::write(dir.join("profiles.toml"), "[profile.x\n").unwrap();
    fs::set_permissions(dir, fs::Permissions::from_mode(0o777)).unwrap();
    let (code, found) = states(dir, "plain");
    let expected =
        [("configuration", "problem"), ("profiles", "problem"), ("settings", "problem"), ("key", "attention")];
    assert_eq!((code, found), (1, not_ok(&expected)));
}

#[test]
fn mistakes_in_the_keys_are_listed_and_the_rest_counts() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let text = "[vault]\nidentity = \"plain\"\n[keys.tokens]\ncopy-header = [\"b\", \"ctrl-l\"]\nrefersh = \"r\"\n[keys.copy-as]\ncurl = \"x\"\n";
    fs::write(dir.join("config.toml"), text).unwrap();
    let first = "config.toml:4: keys.tokens.copy-header: ctrl-l is redraw everywhere and stays so. Free here: ";
    let second = "config.toml:5: keys.tokens.refersh: no such command";
    let (code, stdout, stderr) = run(dir, "", "keys --json");
    let told: Vec<_> = stderr.lines().collect();
    assert!(code == 0 && told.len() == 2 && told[0].starts_with(first) && told[1].starts_with(second), "{stderr}");
    let rows: Vec<Value> = serde_json::from_str(&stdout).unwrap();
    let keys = |place: &str, command: &str| {
        let row = rows.iter().find(|row| row["place"] == place && row["command"] == command);
        row.unwrap()["keys"].clone()
    };
    assert_eq!(keys("tokens", "copy-header"), serde_json::json!(["b"]));
    assert_eq!(keys("inspector", "copy-header"), serde_json::json!(["a"]));
    assert_eq!(keys("copy-as", "curl"), serde_json::json!(["C x"]));
    let (code, stdout, _) = run(dir, "plain", "doctor");
    assert!(stdout.contains(first) && stdout.contains(second), "{stdout}");
    let (_, found) = states(dir, "plain");
    assert_eq!(
        found.iter().filter(|(name, state)| name == "keys" && state == "attention").count(),
        2,
        "{code} {found:?}"
    );
}

/// A bus that takes connections and never says a word.
#[test]
fn a_silent_keyring_is_named_in_time_and_asked_only_by_whom_it_concerns() {
    let dir = tempfile::tempdir().unwrap();
    let (dir, bus) = (dir.path(), dir.path().join("bus"));
    let _listener = UnixListener::bind(&bus).unwrap();
    let profile = "[profile.lms]\nprovider = \"pasted\"\nprobe_url = \"http://127.0.0.1:1/\"\n";
    fs::write(dir.join("profiles.toml"), profile).unwrap();
    let timed = |line: &str| {
        let start = Instant::now();
        let (code, stdout, stderr) = run_on(&bus, dir, "", line);
        (code, stdout + &stderr, start.elapsed())
    };
    for line in ["doctor", "login lms --no-input", "vault unlock"] {
        let (code, said, took) = timed(line);
        assert!(said.contains("the keyring does not respond"), "{line}: {said}");
        assert_eq!(code, if line == "doctor" { 0 } else { 2 }, "{said}");
        assert!(took < Duration::from_secs(3), "{line}: {took:?}");
    }
    // Nothing of it touches the rest.
    for (line, expected) in [("decode eyJhbGciOiJub25lIn0.e30.", 0), ("probe lms", 2), ("vault home", 0), ("lock", 0)] {
        let (code, said, took) = timed(line);
        assert_eq!(code, expected, "{line}: {said}");
        assert!(took < Duration::from_secs(2) && !said.contains("keyring does not"), "{line}: {took:?} {said}");
    }
}

#[test]
fn lock_says_how_many_it_told() {
    let dir = tempfile::tempdir().unwrap();
    let (code, stdout, _) = run(dir.path(), "", "lock");
    assert_eq!((code, stdout.as_str()), (0, "no running tokscope holds the vault's key\n"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}
