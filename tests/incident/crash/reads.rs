//! What a program that only reads does to a machine, by its system calls: what it opens, and what it does not.

use std::{fs, os::unix::fs::symlink, path::Path};

use super::{tracer::Run, world::World};
use crate::support::stage::jwt;

/// Where the loader, the C library and the program itself look.
const SYSTEM: [&str; 7] =
    ["/lib", "/usr/lib", "/etc/ld.so", "/etc/localtime", "/usr/share/zoneinfo", "/proc/", "/sys/"];

/// The calls of a run that ended well, and what it printed.
fn calls(root: &Path, arguments: &[&str]) -> (Vec<String>, String) {
    let log = root.join("strace.log");
    let output = Run { root, arguments }.traced(&["-f", "-y", "-o", log.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let calls = fs::read_to_string(log).unwrap().lines().map(str::to_owned).collect();
    (calls, String::from_utf8(output.stdout).unwrap())
}

/// What was opened, by its real path.
fn opened(calls: &[String]) -> Vec<&str> {
    // `1234 openat(AT_FDCWD</>, "/a", O_RDONLY) = 3</a>`
    let opens = calls.iter().filter(|call| call.contains("openat("));
    opens
        .filter_map(|call| call.rsplit_once(" = ")?.1.split_once('<')?.1.split_once('>'))
        .map(|(path, _)| path)
        .collect()
}

/// A saved token is printed without a connection, a thread or a change of any file, and each file is read once: the settings and
/// profiles are looked at before confy reads them.
pub(crate) async fn token() -> String {
    let world = World::new(0).await;
    let (calls, printed) = calls(world.root(), &["token", "ada"]);
    assert!(printed.starts_with("eyJ"), "{printed}");
    for call in ["socket(", "socketpair(", "connect(", "clone(", "clone3(", "fork(", "epoll_create", "rename", "unlink"]
    {
        let made: Vec<_> = calls.iter().filter(|line| line.contains(&format!(" {call}"))).collect();
        assert!(made.is_empty(), "{made:?}");
    }
    let changes = |call: &&String| ["O_CREAT", "O_WRONLY", "O_RDWR", "O_TRUNC"].iter().any(|flag| call.contains(flag));
    let changed: Vec<_> = calls.iter().filter(changes).collect();
    assert!(changed.is_empty(), "{changed:?}");
    let opened = opened(&calls);
    let count = |name: &str| opened.iter().filter(|path| path.contains(name)).count();
    let counts = ["/config.toml", "/profiles.toml", "/vault/ada-", "/vault/identity.txt"].map(count);
    assert_eq!(counts, [2, 2, 1, 1], "{opened:#?}");
    format!("{} calls, {} files opened", calls.len(), opened.len())
}

/// `scan` opens the files of its table and those below the named path, and follows no link out of the home folder.
pub(crate) async fn scan() -> String {
    let world = World::new(0).await;
    let (root, home, work) = (world.root(), world.root().join("home"), world.root().join("work"));
    let outside = root.join("outside");
    let write = |path: &Path, text: &str| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let secret = jwt(r#"{"sub":"ada"}"#);
    let stored = format!(r#"{{"tokens":{{"access_token":"{secret}"}}}}"#);
    write(&home.join(".codex/auth.json"), &stored);
    write(&work.join("deep/.env"), &format!("SERVICE_TOKEN={secret}\n"));
    for decoy in [".ssh/id_rsa", "notes.txt", "Documents/token.json", ".env", ".codex/history.jsonl"] {
        write(&home.join(decoy), &stored);
    }
    write(&outside.join("hosts.yml"), &format!("github.com:\n    oauth_token: {secret}\n"));
    write(&outside.join("elsewhere.env"), &format!("SERVICE_TOKEN={secret}\n"));
    fs::create_dir_all(home.join(".config/gh")).unwrap();
    symlink(outside.join("hosts.yml"), home.join(".config/gh/hosts.yml")).unwrap();
    symlink(outside.join("elsewhere.env"), work.join("linked.env")).unwrap();
    let (calls, printed) = calls(root, &["scan", work.to_str().unwrap(), "--json"]);
    assert!(!printed.contains(&secret), "{printed}");
    let opened = opened(&calls);
    let config = world.config();
    let own = [config.as_path(), &root.join("run"), &root.join("tmp")];
    let allowed = [home.join(".codex/auth.json"), work.join("deep/.env")];
    for path in &opened {
        let is_system = SYSTEM.iter().any(|place| path.starts_with(place));
        // A pattern of the table and a named path are walked.
        let is_folder = Path::new(path).is_dir() && !Path::new(path).starts_with(&outside);
        let is_own = own.iter().any(|place| Path::new(path).starts_with(place));
        assert!(is_system || is_folder || is_own || allowed.iter().any(|file| Path::new(path) == file), "{path}");
    }
    for file in &allowed {
        assert!(opened.iter().any(|path| Path::new(path) == file), "{} was not read", file.display());
    }
    format!("{} files opened, none outside", opened.len())
}
