//! The memory of the terminal program while it is locked: between two renewals there is no token and no key in it, and
//! nothing of what was typed, pasted or piped in before.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use tokscope::{
    auth::{NoInteraction, TokenSet},
    cli::input::Source,
    demo, providers,
    secret::ExposeSecret as _,
    session::Session,
    store::{profiles, secrets::Secrets, vault::Vault},
    token::detect::detect,
    tui::{self, Origin},
};

use crate::leak::{
    memory::{self, Keys},
    needles::Needles,
    terminal::Screen,
};

/// The environment of the program that is watched.
const WATCHED: &str = "LEAK_SCREEN";
/// An access token lives so many seconds: short enough to wait for its renewal.
const LIFE: u32 = 20;
const PIPED: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwaXBlZC1vbmUiLCJtIjoiYTlkM2YxIn0.";
const PASTED: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwYXN0ZWQtb25lIiwibSI6IjdjMDJlZSJ9.";
const PASSPHRASE: &str = "gondola-quartz-fennel-orbit-83";

pub(crate) fn is_watched() -> bool {
    env::var_os(WATCHED).is_some()
}

/// What is watched: the terminal program as `main.rs` starts it, but for the protection from being looked at.
pub(crate) fn program() -> ExitCode {
    let tokens = {
        let text = Source::if_piped().map(|stdin| stdin.read().unwrap());
        let found = text.iter().flat_map(|text| detect(text.expose_secret()));
        found.map(|found| ("stdin".to_owned(), found)).collect()
    };
    let session = Session::new(providers::ALL, Box::new(Secrets::default()), Arc::new(Vault::default()));
    let directory = env::var_os("TOKSCOPE_CONFIG_DIR").map(PathBuf::from).unwrap();
    let identity = env::var("TOKSCOPE_IDENTITY").ok().map(|home| home.parse().unwrap());
    tui::run(tui::Options { session, profiles: Origin::Config { directory, identity }, tokens, color: true }).unwrap()
}

/// Starts the terminal program on this folder, with a token on its standard input, and says which one it is: the binary
/// itself where its memory can be read. It keeps others from that, so without root it is the same code in this executable,
/// with the same allocator and without the protection.
fn start(folder: &Path, home: &str) -> (Screen, &'static str) {
    let screen = begin(Path::new(env!("CARGO_BIN_EXE_tokscope")), folder, home);
    if memory::is_readable(screen.id()) {
        return (screen, "the binary");
    }
    drop(screen);
    (begin(&env::current_exe().unwrap(), folder, home), "a stand-in for the binary")
}

fn begin(exe: &Path, folder: &Path, home: &str) -> Screen {
    let piped = folder.join("piped");
    fs::write(&piped, PIPED).unwrap();
    let arguments = ["-c", "exec \"$0\" - <\"$1\"", exe.to_str().unwrap(), piped.to_str().unwrap()];
    // The bus of the keyring, where the test has one.
    let bus = env::var("DBUS_SESSION_BUS_ADDRESS").unwrap_or_default();
    let environment = [
        (WATCHED, "1"),
        ("TOKSCOPE_CONFIG_DIR", folder.to_str().unwrap()),
        ("TOKSCOPE_IDENTITY", home),
        ("DBUS_SESSION_BUS_ADDRESS", &bus),
    ];
    let mut screen = Screen::run("sh", &arguments, &environment, |_| {});
    screen.wait_for("piped-one");
    fs::remove_file(piped).unwrap();
    screen
}

fn add(needles: &mut Needles, set: &TokenSet) {
    set.tokens.iter().for_each(|token| needles.add(&format!("{} token", token.kind), token.raw.expose_secret()));
}

fn found(screen: &Screen, needles: &Needles) -> Vec<String> {
    let parts = memory::of(screen.id());
    parts.iter().flat_map(|part| needles.found_in(part)).map(str::to_owned).collect()
}

pub(crate) async fn while_it_renews() -> String {
    let folder = tempfile::tempdir().unwrap();
    let options = demo::Options { access_ttl: LIFE, ..demo::Options::default() };
    let server = demo::Server::start(options).await.unwrap();
    let mut profile = memory::profile(server.url());
    profile.settings.insert("auto_refresh".to_owned(), "true".to_owned());
    profiles::upsert(folder.path(), &profile).unwrap();
    memory::write_password(folder.path());
    env::set_current_dir(folder.path()).unwrap();
    let ours = memory::session(folder.path()).await;
    let (keys, mut needles) = (Keys::of(folder.path()), Needles::default());
    needles.add("the piped token", PIPED);
    needles.add("the pasted token", PASTED);
    let mut current = ours.login(&profile, &NoInteraction).await.unwrap();
    add(&mut needles, &current);

    let home = memory::home().to_string();
    let (mut screen, which) = start(folder.path(), &home);
    let open = format!("vault: {home}");
    screen.wait_for(&open);
    screen.paste(PASTED);
    screen.wait_for("pasted-one");
    // That all is found while it is there shows that this looks in the right places.
    let there = found(&screen, &needles);
    for what in ["the piped token", "the pasted token", "access token", "refresh token"] {
        assert!(there.iter().any(|name| name.starts_with(what)), "{what} is in use; found are {there:?}");
    }
    assert!(keys.count_in(&memory::of(screen.id())) > 0, "the key is in use");
    screen.press("L");
    screen.wait_for("vault: locked");
    screen.wait_gone("pasted-one");
    let mut size = 0;
    for exchange in 1..=2 {
        let generation = current.generation();
        let renewed = || {
            let set = ours.token_set(&profile.name).unwrap().unwrap();
            (set.generation() != generation).then_some(set)
        };
        // The new countdown is on the row when the exchange has ended, and all that it needed is dropped.
        let fresh = [LIFE, LIFE - 1, LIFE - 2, LIFE - 3].map(|seconds| format!("● {seconds}s"));
        screen.wait_until("a renewal", |screen| {
            let text = screen.text();
            fresh.iter().any(|words| text.contains(words)) && !text.contains("refreshing") && renewed().is_some()
        });
        current = renewed().unwrap();
        add(&mut needles, &current);
        assert!(screen.text().contains("vault: locked"));
        let parts = memory::of(screen.id());
        let found: Vec<_> = parts.iter().flat_map(|part| needles.found_in(part)).collect();
        assert!(found.is_empty(), "behind the lock, after exchange {exchange}, there is {found:?}");
        assert_eq!(keys.count_in(&parts), 0, "behind the lock, after exchange {exchange}, there is a key");
        size = parts.iter().map(Vec::len).sum::<usize>();
    }
    // All comes back, with what came meanwhile.
    screen.press("L");
    screen.wait_for("pasted-one");
    screen.wait_for("piped-one");
    screen.wait_for(&open);
    screen.press("q");
    screen.wait_restored();
    format!("{which}, {} KiB, {} forms of secrets, 2 renewals, none found", size / 1024, needles.count())
}

/// A passphrase is pasted, and the vault is locked.
pub(crate) fn after_a_passphrase() -> String {
    let folder = tempfile::tempdir().unwrap();
    profiles::upsert(folder.path(), &memory::profile("http://127.0.0.1:9")).unwrap();
    let mut needles = Needles::default();
    needles.add("the passphrase", PASSPHRASE);
    needles.add("the piped token", PIPED);
    let (mut screen, which) = start(folder.path(), "passphrase");
    screen.wait_for("New passphrase of the vault");
    screen.paste(PASSPHRASE);
    screen.wait_for("•••");
    assert!(!found(&screen, &needles).is_empty(), "it is being typed");
    screen.press("\r");
    screen.wait_for("Repeat the new passphrase");
    screen.paste(PASSPHRASE);
    screen.press("\r");
    screen.wait_for("vault: passphrase");
    screen.press("L");
    screen.wait_for("vault: locked");
    let there = found(&screen, &needles);
    assert!(there.is_empty(), "after the lock there is {there:?}");
    // And once more, typed in to unlock it.
    screen.press("L");
    screen.wait_for("Passphrase of the vault");
    screen.press(PASSPHRASE);
    screen.press("\r");
    screen.wait_for("vault: passphrase");
    screen.press("L");
    screen.wait_for("vault: locked");
    let there = found(&screen, &needles);
    assert!(there.is_empty(), "after the second lock there is {there:?}");
    screen.press("q");
    screen.wait_restored();
    format!("{which}, {} forms of secrets, none found", needles.count())
}
