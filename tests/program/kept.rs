//! Tokens that are for standard output alone, where it does not take them: they are kept, and come back.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    fs::{self, File, Permissions},
    io::{Write as _, pipe},
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;
use tokscope::demo::{Options, Server};

use crate::support::program::tokscope;

struct World {
    server: Server,
    dir: TempDir,
}

impl World {
    async fn new() -> Self {
        let server = Server::start(Options::default()).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("run")).unwrap();
        let profile = format!(
            "[profile.ada]\nprovider = \"oauth2\"\ntoken_endpoint = \"{0}/oidc/token\"\nuserinfo_endpoint = \"{0}/oidc/userinfo\"\ngrant = \"password\"\n\
             client_id = \"legacy\"\nusername = \"ada\"\npassword = \"plain:analytical-engine\"\n",
            server.url()
        );
        fs::write(dir.path().join("profiles.toml"), profile).unwrap();
        Self { server, dir }
    }

    fn run(&self, line: &str, stdin: Option<&str>, stdout: impl Into<Stdio>) -> Output {
        let mut command = tokscope(self.dir.path(), line.split_whitespace());
        command.env("TOKSCOPE_IDENTITY", "plain").env("XDG_RUNTIME_DIR", self.dir.path().join("run"));
        command.stdin(stdin.map_or_else(Stdio::null, |_| Stdio::piped())).stdout(stdout);
        let mut child = command.spawn().unwrap();
        if let (Some(mut pipe), Some(text)) = (child.stdin.take(), stdin) {
            pipe.write_all(text.as_bytes()).unwrap();
        }
        child.wait_with_output().unwrap()
    }

    fn json(&self, line: &str, stdin: Option<&str>) -> Value {
        let output = self.run(line, stdin, Stdio::piped());
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

/// A pipe that nobody reads.
fn closed() -> Stdio {
    pipe().unwrap().1.into()
}

/// The file that the words of a failure name.
fn kept(output: &Output, line: &str) -> PathBuf {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(2), "{line}: {said}");
    assert!(said.contains("cannot write the output") && said.contains("the new tokens of ada are in"), "{said}");
    let path: PathBuf = said.split_whitespace().find_map(|word| word.strip_prefix('@')).unwrap().into();
    assert_eq!(fs::metadata(&path).unwrap().permissions(), Permissions::from_mode(0o100_600));
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_output_does_not_take_is_kept_and_comes_back() {
    for has_key in [true, false] {
        let world = World::new().await;
        if has_key {
            assert!(world.run("login ada", None, Stdio::null()).status.success());
        }
        for output in [full, closed] {
            let set = world.json("login ada --no-store --json", None).to_string();
            for (line, stdin) in [
                ("refresh ada --json", Some(&*set)),
                ("login ada --no-store --json", None),
                ("login ada --no-store", None),
                ("login ada --no-store --show refresh", None),
            ] {
                let path = kept(&world.run(line, stdin, output()), line);
                let bytes = fs::read(&path).unwrap();
                assert_eq!(String::from_utf8_lossy(&bytes).contains("refresh_token"), !has_key, "{line}");
                let back = world.json(&format!("refresh ada @{} --json", path.display()), None);
                assert!(back["refresh_token"].is_string());
                assert_eq!(world.json("probe ada --json", Some(&back.to_string()))["acceptance"], "accepted");
            }
        }
        assert_eq!(world.server.refreshes().replayed, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_saved_is_not_kept_twice() {
    let world = World::new().await;
    for (output, code) in [(full as fn() -> Stdio, 2), (closed, 0)] {
        let done = world.run("login ada --json", None, output());
        assert_eq!(done.status.code(), Some(code), "{done:?}");
        assert!(!world.dir.path().join("run/tokscope").exists());
        assert!(world.json("refresh ada --json", None)["refresh_token"].is_string());
    }
}
