//! The memory of a program that has had tokens and the key of the vault, and is locked now.

use std::{
    env,
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::fs::{FileExt as _, PermissionsExt as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use aws_lc_rs::hkdf;
use tokscope::{
    auth::NoInteraction,
    clock, demo,
    profile::{Profile, ProfileName},
    providers,
    secret::ExposeSecret as _,
    session::Session,
    store::{
        identity::{self, Home, Keyring, Site},
        secrets::Secrets,
        vault::{self, Vault},
    },
};

use crate::{leak::needles::Needles, support::stage::jwt};

/// Where the key of the vault is kept: in a file, or with `LEAK_HOME=keyring` in the keyring that is there.
pub(crate) fn home() -> Home {
    env::var("LEAK_HOME").map_or(Home::Plain, |home| home.parse().unwrap())
}

/// The environment of the program that is watched: where the server and the configuration are.
const URL: &str = "LEAK_URL";
const FOLDER: &str = "LEAK_FOLDER";
const PASSWORD: &str = "analytical-engine";

pub(crate) fn is_watched() -> bool {
    env::var_os(URL).is_some()
}

pub(crate) fn profile(url: &str) -> Profile {
    let settings = [
        ("token_endpoint", format!("{url}/oidc/token")),
        ("userinfo_endpoint", format!("{url}/oidc/userinfo")),
        ("grant", "password".to_owned()),
        ("client_id", "legacy".to_owned()),
        ("username", "ada".to_owned()),
        ("password", "file:password".to_owned()),
    ];
    let settings = settings.map(|(key, value)| (key.to_owned(), value)).into();
    let name = ProfileName::new("ada").unwrap();
    Profile { name, provider: "oauth2".to_owned(), settings, environment: None, tags: Vec::new() }
}

pub(crate) async fn session(folder: &Path) -> Session {
    let site = Site { folder: &vault::path(folder), keyring: Keyring::default(), user: &NoInteraction, prompt: false };
    let identity = identity::open(home(), &site).await.unwrap();
    let vault = Arc::new(Vault::open(folder, identity).unwrap());
    Session::new(providers::ALL, Box::new(Secrets::default()), vault)
}

/// What is watched: reads, refreshes, probes, logs in and reads again as the program does; then it locks. Each line of the
/// input is a step, each line of the output says that it is done.
pub(crate) async fn load_and_lock() {
    let text = |name| env::var(name).unwrap();
    let (folder, url) = (text(FOLDER), text(URL));
    let folder = Path::new(&folder);
    env::set_current_dir(folder).unwrap();
    let (session, profile) = (session(folder).await, profile(&url));
    let mut holdings = Vec::new();
    for line in io::stdin().lock().lines() {
        match line.unwrap().as_str() {
            "use" => {
                assert_eq!(session.records().unwrap().records.len(), 1);
                session.refresh(&profile, None, &NoInteraction).await.unwrap();
                session.probe(&profile, &NoInteraction).await.unwrap();
                session.login(&profile, &NoInteraction).await.unwrap();
                session.record(&profile.name).unwrap().unwrap();
            }
            "lock" => session.lock(),
            "scan" => {
                holdings.push(session.holdings(&[], vault::path(folder), &[], clock::now()));
                let found = &holdings[0].all;
                assert_eq!(found.len(), 2, "{found:?}");
            }
            other => panic!("{other}"),
        }
        println!("done");
    }
}

/// Whether the memory of a process can be read by us.
pub(crate) fn is_readable(process: u32) -> bool {
    File::open(format!("/proc/{process}/mem")).is_ok()
}

/// The memory of a process, the mapped files aside: those are libraries, and the program itself.
pub(crate) fn of(process: u32) -> Vec<Vec<u8>> {
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = File::open(format!("/proc/{process}/mem")).unwrap();
    let mut parts = Vec::new();
    for line in maps.lines() {
        // `7f00-7f10 rw-p 00000000 00:00 0   [heap]`
        let mut words = line.split_whitespace();
        let (range, mode) = (words.next().unwrap(), words.next().unwrap());
        if !mode.starts_with("rw") {
            continue;
        }
        let (start, end) = range.split_once('-').unwrap();
        let [start, end] = [start, end].map(|text| u64::from_str_radix(text, 16).unwrap());
        let mut part = vec![0; (end - start) as usize];
        // Some pages of the kernel's cannot be read.
        if memory.read_exact_at(&mut part, start).is_ok() {
            parts.push(part);
        }
    }
    assert!(parts.iter().map(Vec::len).sum::<usize>() > 100_000);
    parts
}

/// The key of a vault as it lies in memory, and what authenticates its files.
pub(crate) struct Keys([Vec<u8>; 2]);

impl Keys {
    /// Those of the vault in this configuration folder.
    pub(crate) fn of(folder: &Path) -> Self {
        let text = text_of_key(folder);
        Self([key(&text), mac_key(&text)])
    }

    /// How many of them there are.
    pub(crate) fn count_in(&self, parts: &[Vec<u8>]) -> usize {
        let is_in = |key: &&Vec<u8>| parts.iter().any(|part| part.windows(32).any(|bytes| bytes == key.as_slice()));
        self.0.iter().filter(is_in).count()
    }
}

fn text_of_key(folder: &Path) -> String {
    let identity = if home() == Home::Keyring {
        let recipient = fs::read_to_string(folder.join("vault/recipient.txt")).unwrap();
        let lookup = ["lookup", "application", "tokscope", "recipient", recipient.trim()];
        String::from_utf8(Command::new("secret-tool").args(lookup).output().unwrap().stdout).unwrap()
    } else {
        fs::read_to_string(folder.join("vault/identity.txt")).unwrap()
    };
    identity.lines().find(|line| !line.starts_with('#')).unwrap().to_owned()
}

/// The file that the profile's password is read from.
pub(crate) fn write_password(folder: &Path) {
    let password = folder.join("password");
    fs::write(&password, PASSWORD).unwrap();
    fs::set_permissions(password, fs::Permissions::from_mode(0o600)).unwrap();
}

/// The 32 bytes of an `AGE-SECRET-KEY-1…` (bech32).
fn key(text: &str) -> Vec<u8> {
    const LETTERS: &str = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
    let data = text.strip_prefix("AGE-SECRET-KEY-1").unwrap();
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for letter in data[..data.len() - 6].chars() {
        bits = bits << 5 | LETTERS.find(letter).unwrap() as u32;
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    assert_eq!(bytes.len(), 32);
    bytes
}

/// What authenticates the vault's files, as it is derived from the key.
fn mac_key(text: &str) -> Vec<u8> {
    let mut key = vec![0; 32];
    let info: [&[u8]; 1] = [b"authentication of the files"];
    let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"tokscope vault").extract(text.as_bytes());
    extracted.expand(&info, hkdf::HKDF_SHA256).unwrap().fill(&mut key).unwrap();
    key
}

/// The process that is watched, and what tells it to do a step and waits until that is done.
fn watched(url: &str, folder: &Path) -> (Child, impl FnMut(&str) + use<>) {
    let mut watched = Command::new(env::current_exe().unwrap())
        .env(URL, url)
        .env(FOLDER, folder)
        .env("HOME", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut orders, mut answers) = (watched.stdin.take().unwrap(), BufReader::new(watched.stdout.take().unwrap()));
    let tell = move |order: &str| {
        writeln!(orders, "{order}").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert_eq!(answer, "done\n");
    };
    (watched, tell)
}

/// What `tokscope scan` has found is known by its fingerprint; the secrets themselves are nowhere any more.
pub(crate) fn after_a_scan() -> String {
    const OPAQUE: &str = "gho_0123456789abcdefghijklmnop";
    let folder = tempfile::tempdir().unwrap();
    let jwt = jwt(r#"{"iss":"https://idp.example.org","sub":"ada"}"#);
    let mut needles = Needles::default();
    for (file, text, secret) in [
        (".config/gh/hosts.yml", format!("github.com:\n    oauth_token: {OPAQUE}\n"), OPAQUE),
        (".codex/auth.json", format!(r#"{{"tokens":{{"access_token":"{jwt}"}}}}"#), &jwt),
    ] {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        needles.add(file, secret);
    }
    let (mut watched, mut tell) = watched("http://127.0.0.1:9", folder.path());
    tell("scan");
    let parts = of(watched.id());
    watched.kill().unwrap();
    watched.wait().unwrap();
    let mut known = Needles::default();
    known.add("an issuer", "https://idp.example.org");
    assert!(parts.iter().any(|part| !known.found_in(part).is_empty()), "what was found is in memory");
    let found: Vec<_> = parts.iter().flat_map(|part| needles.found_in(part)).collect();
    assert!(found.is_empty(), "after the scan there is {found:?}");
    let size: usize = parts.iter().map(Vec::len).sum();
    format!("{} KiB, {} forms of secrets, none found", size / 1024, needles.count())
}

pub(crate) async fn of_a_locked_program() -> String {
    let folder = tempfile::tempdir().unwrap();
    write_password(folder.path());
    let server = demo::Server::start(demo::Options { access_ttl: 86_400, ..demo::Options::default() }).await.unwrap();
    let profile = profile(server.url());
    env::set_current_dir(folder.path()).unwrap();
    let ours = session(folder.path()).await;
    let mut needles = Needles::default();
    let mut look_at = |session: &Session| {
        let record = session.record(&profile.name).unwrap().unwrap();
        let current = record.token_set.iter().flat_map(|set| &set.tokens).map(|token| (token.kind, Some(&token.raw)));
        let old = record.generations.iter().flat_map(|set| &set.tokens).map(|token| (token.kind, token.raw.as_ref()));
        for (kind, raw) in current.chain(old) {
            raw.iter().for_each(|raw| needles.add(&format!("{kind} token"), raw.expose_secret()));
        }
    };
    ours.login(&profile, &NoInteraction).await.unwrap();
    look_at(&ours);
    let (mut watched, mut tell) = watched(server.url(), folder.path());
    tell("use");
    look_at(&ours);
    needles.add("the password", PASSWORD);
    needles.add("the key of the vault", &text_of_key(folder.path()));
    let keys = Keys::of(folder.path());
    // That the keys are found while they are there shows that this looks in the right places.
    assert_eq!(keys.count_in(&of(watched.id())), 2, "the keys are in use");
    tell("lock");
    let parts = of(watched.id());
    let found: Vec<_> = parts.iter().flat_map(|part| needles.found_in(part)).collect();
    let keys_found = keys.count_in(&parts);
    watched.kill().unwrap();
    watched.wait().unwrap();
    assert!(found.is_empty() && keys_found == 0, "after the lock there is {found:?}, and {keys_found} keys");
    let size: usize = parts.iter().map(Vec::len).sum();
    format!("{} KiB, {} forms of secrets, none found", size / 1024, needles.count())
}
