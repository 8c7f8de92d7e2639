//! What a user's files and processes show after everything that a user does.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tokscope::{demo, store::profiles};

use crate::leak::needles::Needles;

use crate::support::program::TOKSCOPE;
const PASSWORD: &str = "analytical-engine";
const WRONG: &str = "m4rker-wrong-password";

/// A home folder, and the server.
struct Home {
    root: tempfile::TempDir,
    server: demo::Server,
}

impl Home {
    async fn new() -> Self {
        let options = demo::Options { access_ttl: 86_400, ..demo::Options::default() };
        let home = Self { root: tempfile::tempdir().unwrap(), server: demo::Server::start(options).await.unwrap() };
        for name in ["home", "run", "tmp", "away"] {
            fs::create_dir(home.root().join(name)).unwrap();
        }
        // The password's program notes what other users could see of it and of who started it.
        let script = format!(
            "#!/bin/sh\ncat /proc/$$/environ /proc/$$/cmdline /proc/$PPID/cmdline >>{}\necho {PASSWORD}\n",
            home.seen().display()
        );
        let program = home.root().join("away/password.sh");
        fs::write(&program, script).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
        let program = program.to_str().unwrap();
        home.add("ada", "", &format!("password=cmd:{program}"));
        home.add("slow", "/fault/slow", &format!("password=cmd:{program}"));
        home.add("lost", "/fault/lost", &format!("password=cmd:{program}"));
        home.add("wrong", "", "password=env:WRONG");
        home
    }

    fn root(&self) -> &Path {
        self.root.path()
    }

    fn seen(&self) -> PathBuf {
        self.root().join("away/seen")
    }

    fn add(&self, name: &str, fault: &str, password: &str) {
        let url = self.server.url();
        let endpoint = |name: &str, path: &str| format!("{name}={url}{fault}/oidc/{path}");
        let endpoints = [
            endpoint("token_endpoint", "token"),
            endpoint("revocation_endpoint", "revoke"),
            endpoint("userinfo_endpoint", "userinfo"),
        ];
        let settings = ["grant=password", "client_id=legacy", "username=ada", password];
        let mut arguments = vec!["profile", "add", name, "--provider", "oauth2"];
        for setting in settings.into_iter().chain(endpoints.iter().map(String::as_str)) {
            arguments.extend(["--set", setting]);
        }
        let output = self.run(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The command, with the widest umask that there is.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "umask 000; exec \"$@\"", "sh", TOKSCOPE]).args(arguments);
        self.in_home(&mut command);
        command
    }

    fn in_home(&self, command: &mut Command) {
        let path = std::env::var_os("PATH").unwrap();
        command
            .env_clear()
            .env("PATH", path)
            .env("LANG", "C.UTF-8")
            .env("WRONG", WRONG)
            .env("TOKSCOPE_IDENTITY", "plain");
        let folders = [("HOME", "home"), ("XDG_RUNTIME_DIR", "run"), ("TMPDIR", "tmp")];
        command.envs(folders.map(|(name, folder)| (name, self.root().join(folder))));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Every file and folder of the user's.
    fn all(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders: Vec<_> = ["home", "run", "tmp"].map(|name| self.root().join(name)).into();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                found.push(path.clone());
                if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        found
    }

    /// Whether nothing that was made is open to others.
    fn is_closed(&self) {
        for path in self.all() {
            let mode = fs::symlink_metadata(&path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
        }
    }

    /// Starts a refresh that gets no answer, and kills it once it has marked itself.
    fn kill_a_refresh(&self) {
        let vault = self.root().join("home/.config/tokscope/vault");
        let state = || {
            let files = fs::read_dir(&vault)
                .unwrap()
                .flatten()
                .filter(|file| file.path().extension().is_some_and(|end| end == "age"));
            let mut times: Vec<_> = files.filter_map(|file| file.metadata().ok()?.modified().ok()).collect();
            times.sort();
            times
        };
        let before = state();
        let mut child = self.command(&["refresh", "slow", "--no-input"]).spawn().unwrap();
        while state() == before && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        let _ = child.kill();
        child.wait().unwrap();
    }
}

/// So many operations of every kind, also failed and killed ones; then every file is searched.
pub(crate) async fn after(operations: usize) -> String {
    let home = Home::new().await;
    let mut needles = Needles::default();
    needles.add("the password", PASSWORD);
    needles.add("a wrong password", WRONG);
    let (mut done, mut tokens, mut said) = (0, 0, Vec::new());
    // What can be known is learned here: the tokens that a command brings go to standard output alone.
    // A refresh whose reply gets lost is trouble, and a refusal the next time: -1.
    let round: [(&[&str], i32); 8] = [
        (&["login", "ada", "--json"], 0),
        (&["refresh", "ada", "--json"], 0),
        (&["probe", "ada"], 0),
        (&["login", "wrong"], 1),
        (&["refresh", "ada", "--json"], 0),
        (&["refresh", "lost", "--no-input"], -1),
        (&["revoke", "ada"], 0),
        (&["refresh", "ada", "--no-input"], 1),
    ];
    // What these two have can be refreshed by way of the fault only.
    for name in ["slow", "lost"] {
        home.add_tokens(name, &mut needles);
    }
    'all: loop {
        for (arguments, code) in round {
            if done >= operations {
                break 'all;
            }
            let output = home.run(arguments);
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            let ended = output.status.code().unwrap();
            assert!(ended == code || code == -1 && ended > 0, "{arguments:?}: {ended} {stderr}");
            if arguments.contains(&"--json") {
                let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
                for kind in ["access_token", "refresh_token", "id_token"] {
                    needles.add(kind, printed[kind].as_str().unwrap());
                    tokens += 1;
                }
            } else {
                said.extend(output.stdout);
            }
            said.extend(stderr.into_bytes());
            done += 1;
            if done % 20 == 0 {
                home.kill_a_refresh();
                done += 1;
            }
        }
        home.is_closed();
    }
    home.is_closed();
    let mut searched = 0;
    for path in home.all().into_iter().filter(|path| path.is_file()) {
        let bytes = fs::read(&path).unwrap();
        let found = needles.found_in(&[path.as_os_str().as_encoded_bytes(), b"\n", &bytes].concat());
        assert!(found.is_empty(), "{} holds {found:?}", path.display());
        searched += 1;
    }
    assert!(needles.found_in(&said).is_empty(), "what was printed holds {:?}", needles.found_in(&said));
    let seen = fs::read(home.seen()).unwrap();
    // The user's own environment is handed on as it is.
    let mut known = Needles::default();
    known.add("a wrong password", WRONG);
    let found: Vec<_> =
        needles.found_in(&seen).into_iter().filter(|name| !name.starts_with("a wrong password")).collect();
    assert!(found.is_empty() && !known.found_in(&seen).is_empty(), "others see {found:?}");
    format!("{done} operations, {tokens} tokens in {} forms, {searched} files, none in any", needles.count())
}

impl Home {
    /// Logs in at the sound server in the name of a profile that leads to a fault.
    fn add_tokens(&self, name: &str, needles: &mut Needles) {
        let url = self.server.url();
        let sound = format!("token_endpoint={url}/oidc/token");
        let faulty = format!("token_endpoint={url}/fault/{name}/oidc/token");
        assert!(self.run(&["profile", "edit", name, "--set", &sound]).status.success());
        let output = self.run(&["login", name, "--json"]);
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
        for kind in ["access_token", "refresh_token", "id_token"] {
            needles.add(kind, printed[kind].as_str().unwrap());
        }
        assert!(self.run(&["profile", "edit", name, "--set", &faulty]).status.success());
    }
}

/// What is made is private from the moment it is there: seen at the system calls that make it.
pub(crate) async fn made_private() -> String {
    let home = Home::new().await;
    // From nothing: the settings, the vault's folder, its key, the record.
    let config = home.root().join("home/.config/tokscope");
    let text = fs::read(profiles::path(&config)).unwrap();
    fs::remove_dir_all(home.root().join("home/.config")).unwrap();
    fs::create_dir_all(&config).unwrap();
    fs::write(profiles::path(&config), text).unwrap();
    let log = home.root().join("away/strace.log");
    let mut made = 0;
    for arguments in [&["login", "ada"][..], &["refresh", "ada"], &["profile", "edit", "ada", "--tag", "x"]] {
        let mut command = Command::new("strace");
        command.args([
            "-f",
            "-o",
            log.to_str().unwrap(),
            "-e",
            "trace=openat,open,creat,mkdir,mkdirat,mknod,fchmod,chmod",
        ]);
        command.args(["/bin/sh", "-c", "umask 000; exec \"$@\"", "sh", TOKSCOPE]).args(arguments);
        home.in_home(&mut command);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let root = home.root().join("home");
        for line in fs::read_to_string(&log).unwrap().lines().filter(|line| line.contains(root.to_str().unwrap())) {
            // `1234 openat(AT_FDCWD, "/a", O_WRONLY|O_CREAT, 0600) = 3`
            let makes = line.contains("O_CREAT") || line.contains("mkdir(") || line.contains("chmod(");
            let Some((_, mode)) =
                line.rsplit_once(") = ").and_then(|(call, _)| call.rsplit_once(", ")).filter(|_| makes)
            else {
                continue;
            };
            let mode = u32::from_str_radix(mode, 8).unwrap_or_else(|_| panic!("{line}"));
            assert_eq!(mode & 0o077, 0, "{line}");
            made += 1;
        }
    }
    assert!(made >= 10, "{made}");
    format!("{made} calls, none for others")
}
