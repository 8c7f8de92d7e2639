//! The real binary in a configuration folder that others can write, or have written.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use tempfile::TempDir;
use tokscope::demo::{Options, Server};

use crate::support::program::tokscope;

/// Longer than any of these takes, by far.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs it to its end: standard error and the exit code. One that waits for something is killed.
#[track_caller]
fn run(dir: &Path, arguments: &str, variables: &[(&str, &str)]) -> (String, i32) {
    let mut command = tokscope(dir, arguments.split(' '));
    command.env("TOKSCOPE_IDENTITY", "plain").envs(variables.iter().copied()).stdout(Stdio::null());
    let child = command.spawn().unwrap();
    let pid = rustix::process::Pid::from_child(&child);
    let (done, waiting) = mpsc::channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    let Ok(output) = waiting.recv_timeout(PATIENCE) else {
        rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
        panic!("{arguments:?} hangs");
    };
    let output = output.unwrap();
    (String::from_utf8(output.stderr).unwrap(), output.status.code().unwrap())
}

#[track_caller]
fn refused(dir: &Path, arguments: &str, words: &[&str]) {
    let (stderr, code) = run(dir, arguments, &[]);
    assert!(code == 2 && stderr.contains("\nhint: "), "{arguments}: {code} {stderr}");
    assert!(words.iter().all(|word| stderr.contains(word)), "{arguments}: {words:?} in {stderr}");
}

fn pipe(path: &Path) {
    let _ = fs::remove_file(path);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn profile(dir: &Path, url: &str) {
    let profile = format!(
        "[profile.lms]\nprovider = \"openedx\"\nurl = \"{url}\"\nclient_id = \"login-service-client-id\"\nusername = \"ada\"\n\
         password = \"plain:analytical-engine\"\n"
    );
    fs::write(dir.join("profiles.toml"), profile).unwrap();
}

/// Logged in at a demo server.
async fn world() -> (TempDir, Server) {
    let (dir, server) = (tempfile::tempdir().unwrap(), Server::start(Options::default()).await.unwrap());
    profile(dir.path(), server.url());
    let (stderr, code) = run(dir.path(), "login lms", &[]);
    assert_eq!(code, 0, "{stderr}");
    (dir, server)
}

#[test]
fn a_folder_that_others_can_change_is_refused_until_it_is_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    for command in ["profile list", "login lms --no-input", "refresh lms", "vault home", "copy lms"] {
        refused(dir.path(), command, &[&format!("chmod o-w {path}"), "--allow-writable-config"]);
    }
    for variables in [("TOKSCOPE_ALLOW_WRITABLE_CONFIG", "1"), ("TOKSCOPE_ALLOW_WRITABLE_CONFIG", "0")] {
        let (stderr, code) = run(dir.path(), "profile list", &[variables]);
        assert_eq!(code == 0, variables.1 == "1", "{stderr}");
    }
    assert_eq!(run(dir.path(), "profile list --allow-writable-config", &[]).1, 0);
    // To look at it and to lock what is open is always allowed.
    assert_eq!(run(dir.path(), "lock", &[]).1, 0);
    assert_eq!(run(dir.path(), "doctor", &[]).1, 1, "it is a problem");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(run(dir.path(), "profile list", &[]).1, 0);
}

#[test]
fn a_pipe_a_device_and_a_huge_file_are_refused_and_not_waited_for() {
    let dir = tempfile::tempdir().unwrap();
    for (file, command) in
        [("profiles.toml", "profile list"), ("profiles.toml", "login lms --no-input"), ("config.toml", "copy lms")]
    {
        let path = dir.path().join(file);
        pipe(&path);
        refused(dir.path(), command, &[file, "is not a regular file"]);
        fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        refused(dir.path(), command, &["is not a regular file"]);
        fs::remove_file(&path).unwrap();
        fs::File::create(&path).unwrap().set_len((1 << 20) + 1).unwrap();
        refused(dir.path(), command, &[file, "is larger than 1024 KiB"]);
        fs::remove_file(&path).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_in_the_vault_is_refused_and_not_waited_for() {
    let (dir, _server) = world().await;
    let vault = dir.path().join("vault");
    let record = fs::read_dir(&vault).unwrap().map(|entry| entry.unwrap().path());
    let record = record.into_iter().find(|path| path.extension().is_some_and(|end| end == "age")).unwrap();
    let lock = record.with_extension("lock");
    let _ = fs::remove_file(&lock);
    pipe(&lock);
    refused(dir.path(), "refresh lms", &["cannot lock", lock.to_str().unwrap()]);
    fs::remove_file(&lock).unwrap();
    for path in [record, vault.join("recipient.txt"), vault.join("identity.txt"), vault.join("former.age")] {
        let before = fs::read(&path).ok();
        pipe(&path);
        refused(dir.path(), "refresh lms", &[path.file_name().unwrap().to_str().unwrap(), "is not a regular file"]);
        fs::remove_file(&path).unwrap();
        if let Some(before) = before {
            fs::write(&path, before).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    let (stderr, code) = run(dir.path(), "refresh lms", &[]);
    assert_eq!(code, 0, "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_names_another_server_gets_nothing_without_a_question() {
    let (dir, _server) = world().await;
    // Listens, and would take what is sent.
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let address = format!("http://{}", other.local_addr().unwrap());
    profile(dir.path(), &address);
    for command in ["refresh lms", "refresh lms --no-input", "probe lms", "revoke lms --no-input"] {
        refused(dir.path(), command, &["were issued by", &address, "nothing was sent", "tokscope login lms"]);
    }
    let nobody = other.accept().unwrap_err();
    assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock, "nothing came");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_made_with_the_public_half_is_refused() {
    let (dir, server) = world().await;
    let vault = dir.path().join("vault");
    let record = fs::read_dir(&vault).unwrap().map(|entry| entry.unwrap().path());
    let record = record.into_iter().find(|path| path.extension().is_some_and(|end| end == "age")).unwrap();
    let recipient: age::x25519::Recipient =
        fs::read_to_string(vault.join("recipient.txt")).unwrap().trim().parse().unwrap();
    let planted = serde_json::json!({
        "version": 2, "profile": "lms", "counter": u64::MAX, "issued_by": null, "previous": null, "in_flight": null,
        "retired": null, "history": [], "secrets": {}, "token_set": {
            "tokens": [{"kind": "refresh", "raw": "planted", "scheme": "Bearer", "expires_at": null}],
            "scope": null, "account": null, "received_at": "2026-11-21T21:00:00Z", "remarks": [],
        },
    });
    let sent = server.refreshes();
    for version in [2, 1] {
        let text = planted.to_string().replace("\"version\":2", &format!("\"version\":{version}"));
        fs::write(&record, age::encrypt(&recipient, text.as_bytes()).unwrap()).unwrap();
        let words = if version == 1 { "no longer accepts" } else { "forged or changed" };
        refused(dir.path(), "refresh lms", &[words, record.to_str().unwrap()]);
    }
    assert_eq!(server.refreshes(), sent, "nothing was sent");
}

/// "No such profile" is an answer (1); a file that cannot be read is trouble (2), whichever command wants a profile of it.
#[test]
fn a_profiles_file_that_cannot_be_read_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("profiles.toml"), "[profile.a\n").unwrap();
    for arguments in [
        "profile show a",
        "profile edit a --tag t",
        "profile rename a b",
        "profile remove a --yes",
        "profile duplicate a b",
        "login a",
    ] {
        refused(folder.path(), arguments, &["profiles.toml"]);
    }
    fs::write(folder.path().join("profiles.toml"), "").unwrap();
    assert_eq!(run(folder.path(), "profile show a", &[]).1, 1);
}
