//! The table of bad modes with the real program: on the screen, where each failure is told while the keys go on, and with
//! pipes.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{io::AsyncReadExt as _, net::TcpListener, runtime::Runtime, sync::oneshot};
use tokscope::{
    auth::NoInteraction,
    profile::{Profile, ProfileName},
    providers,
    secret::ExposeSecret as _,
    session::Session,
    store::{
        config,
        identity::{self, Home, Keyring, Site},
        secrets::Secrets,
        vault::{self, Vault},
    },
};

use crate::{
    e2e::hostile,
    support::{
        faults::{self, Bad, Leaves, MARKER, Met, Mode, OLD},
        program::{Done, tokscope},
        screen::{Screen, TOKSCOPE},
    },
};

/// From a key to its frame, in a release build.
const LIMIT: Duration = Duration::from_millis(50);

/// The session that a folder has.
async fn session(folder: &Path) -> Session {
    let place = vault::path(folder);
    let site = Site { folder: &place, keyring: Keyring::default(), user: &NoInteraction, prompt: false };
    let identity = identity::open(Home::Plain, &site).await.unwrap();
    let vault = Arc::new(Vault::open(folder, identity).unwrap());
    Session::new(providers::ALL, Box::new(Secrets::default()), vault)
}

/// Profiles with the tokens of an earlier login, the vault's key beside them.
async fn logged_in(folder: &Path, profiles: &[Profile]) {
    config::set_identity_home(folder, Home::Plain).unwrap();
    let session = session(folder).await;
    let mut text = String::new();
    for profile in profiles {
        writeln!(text, "[profile.{}]\nprovider = \"{}\"", profile.name, profile.provider).unwrap();
        for (key, value) in &profile.settings {
            writeln!(text, "{key} = {value:?}").unwrap();
        }
        session.adopt(&profile.name, faults::old_set()).unwrap();
    }
    std::fs::write(folder.join("profiles.toml"), text).unwrap();
}

/// What is wrong with what the vault holds after a refresh.
fn stands(session: &Session, profile: &ProfileName, mode: &Mode) -> Option<String> {
    let set = session.token_set(profile).unwrap().unwrap();
    let saved: Vec<_> = set.tokens.iter().map(|token| token.raw.expose_secret()).collect();
    let condition = session.condition(profile).unwrap();
    let expected = match mode.leaves {
        Leaves::New(tokens) => tokens.to_vec(),
        _ => OLD.map(|(_, raw)| raw).to_vec(),
    };
    let marks = (condition.in_flight.is_some(), condition.retired.is_some());
    let right = saved == expected && marks == (mode.leaves == Leaves::Unknown, mode.leaves == Leaves::Retired);
    (!right).then(|| format!("{}: {saved:?}, {condition:?}", mode.name))
}

/// A server that has a request and says nothing, until its task ends: then the connection is cut.
async fn hanging() -> (String, oneshot::Receiver<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, asked) = oneshot::channel();
    let task = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
        _ = tell.send(());
        std::future::pending::<()>().await;
    });
    (url, asked, task)
}

fn name(place: usize) -> String {
    format!("m{place:03}")
}

/// How long a key takes until its frame is there, and the cursor of the profiles on this one.
fn to_its_frame(screen: &mut Screen, key: &str, profile: &str) -> Duration {
    let pressed = Instant::now();
    screen.press(key);
    screen.wait_until(profile, |screen| {
        screen.is_whole() && screen.text().lines().any(|line| line.starts_with("┃▌") && line.contains(profile))
    });
    pressed.elapsed()
}

/// Whether so many profiles have failed.
fn failed(screen: &Screen, count: usize) -> bool {
    screen.text().contains(&format!(" {count} errors"))
}

/// The entry of the log under the cursor: its line, and what is said about it below.
fn entry(screen: &Screen) -> Option<(String, String)> {
    let text = screen.text();
    // Behind it are its border, or the thumb in the border's place, and the panes.
    let inside = |line: &str| Some(line.split_once('│')?.1.split(['│', '█']).next()?.trim().to_owned());
    let lines: Vec<_> = text.lines().filter_map(inside).collect();
    let at = lines.iter().find_map(|line| line.strip_prefix('▌').filter(|line| line.contains('✗')))?;
    let opened = lines.iter().position(|line| line.starts_with("what "))?;
    let words: Vec<_> = lines[opened..].iter().flat_map(|line| line.split_whitespace()).collect();
    Some((at.to_owned(), words.join(" ")))
}

/// Goes through the log: what it says about each of so many profiles, and what to do.
fn told(screen: &mut Screen, count: usize) -> BTreeMap<String, String> {
    screen.press("N");
    let (mut told, mut last) = (BTreeMap::new(), String::new());
    while told.len() < count {
        screen.wait_until("the next entry", |screen| {
            screen.is_whole() && entry(screen).is_some_and(|(line, _)| line != last)
        });
        let (line, words) = entry(screen).unwrap();
        let whose = line.split_whitespace().find(|word| word.len() == 4 && word.starts_with('m')).unwrap();
        told.insert(whose.to_owned(), words.to_lowercase());
        last = line;
        screen.press("j");
    }
    told
}

#[test]
fn every_bad_mode_is_told_on_the_screen_while_the_keys_go_on() {
    let runtime = Runtime::new().unwrap();
    // What was taken all the same is no failure, and a login asks. A debug build is slow: half of them there, and of those
    // that end by the clock none.
    let is_debug = cfg!(debug_assertions);
    let fails = |mode: &&Mode| !matches!(mode.leaves, Leaves::New(_)) && matches!(mode.met, Met::Token | Met::Issuer);
    let modes = faults::all().filter(fails).filter(|mode| !(is_debug && mode.waits()));
    let modes: Vec<_> = modes.step_by(if is_debug { 2 } else { 1 }).collect();
    assert!(modes.len() >= 60, "{}", modes.len());
    let bad: Vec<_> = modes.iter().map(|mode| runtime.block_on(Bad::start(mode))).collect();
    let (url, asked, hanging) = runtime.block_on(hanging());
    let mut profiles: Vec<_> = bad.iter().zip(1..).map(|(bad, place)| bad.profile(&name(place))).collect();
    let mut hangs = profiles[0].clone();
    hangs.name = ProfileName::new(name(0)).unwrap();
    let settings = [("token_endpoint", format!("{url}/token")), ("timeout", "600".to_owned())];
    hangs.settings.extend(settings.map(|(key, value)| (key.to_owned(), value)));
    profiles.insert(0, hangs);
    let mut screen = Screen::sized((120, 40), TOKSCOPE, &[], &[("TOKSCOPE_IDENTITY", "")], |folder| {
        runtime.block_on(logged_in(folder.path(), &profiles));
    });

    screen.wait_for(&name(0));
    // Behind all, those that need attention, and the group.
    screen.press("1gjj");
    to_its_frame(&mut screen, "j", &name(0));
    screen.press("r");
    runtime.block_on(asked).unwrap();
    // From here on a request hangs, whatever becomes of the others.
    let mut waits = Vec::new();
    for place in 1..profiles.len() {
        waits.push(to_its_frame(&mut screen, "j", &name(place)));
        screen.press("r");
    }
    let last = profiles.len() - 1;
    for _ in 0..10 {
        waits.push(to_its_frame(&mut screen, "k", &name(last - 1)));
        waits.push(to_its_frame(&mut screen, "j", &name(last)));
    }
    screen.wait_until("the end of all others", |screen| failed(screen, last));
    waits.push(to_its_frame(&mut screen, "k", &name(last - 1)));
    assert!(!hanging.is_finished() && !failed(&screen, last + 1), "a request was under way all the time");
    hanging.abort();
    screen.wait_until("the end of the last request", |screen| failed(screen, last + 1));

    let told = told(&mut screen, profiles.len());
    let mut wrong = String::new();
    for (place, mode) in modes.iter().enumerate() {
        let words = &told[&name(place + 1)];
        if !words.contains(&mode.says.to_lowercase()) || !words.contains(&mode.hint.to_lowercase()) {
            _ = writeln!(wrong, "{}: {words}", mode.name);
        }
    }
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 0);
    hostile::check(&screen);
    assert!(!String::from_utf8_lossy(screen.output()).contains(MARKER), "a secret is shown");
    let session = runtime.block_on(session(screen.config()));
    for (profile, mode) in profiles[1..].iter().zip(&modes) {
        wrong.extend(stands(&session, &profile.name, mode));
    }
    waits.sort();
    let [middle, most] = [50, 99].map(|percent| waits[waits.len() * percent / 100]);
    let figures = format!("{} bad modes, {} keys: p50 {middle:.2?}, p99 {most:.2?}", modes.len(), waits.len());
    // Not a macro: those are silent while a test passes.
    _ = std::io::Write::write_all(&mut std::io::stderr(), format!("faults: {figures}\n").as_bytes());
    assert!(is_debug || most <= LIMIT, "{figures}");
    assert!(wrong.is_empty(), "{wrong}");
}

/// A mode, and what a refresh and a login end with: 1 is a negative answer, 2 trouble.
const PIPED: [(&str, i32, i32); 10] = [
    ("a cut before the first byte", 2, 2),
    ("a login page with 200", 2, 2),
    ("a redirect to a login page", 2, 2),
    ("too many requests, with seconds", 2, 2),
    ("an expired certificate", 2, 2),
    ("a silent handshake", 2, 2),
    ("invalid_grant", 1, 1),
    ("a description with control characters", 1, 1),
    ("a description with the refresh token", 1, 1),
    ("a token_type that is no scheme", 0, 0),
];

#[test]
fn a_bad_mode_is_told_to_scripts() {
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let modes = PIPED.map(|(name, ..)| faults::all().find(|mode| mode.name == name).unwrap());
    let bad = modes.map(|mode| runtime.block_on(Bad::start(mode)));
    let profiles: Vec<_> = bad.iter().enumerate().map(|(place, bad)| bad.profile(&name(place))).collect();
    runtime.block_on(logged_in(folder.path(), &profiles));
    let mut wrong = String::new();
    for (place, (mode, (_, refresh, login))) in modes.iter().zip(PIPED).enumerate() {
        for (command, code) in [("refresh", refresh), ("login", login)] {
            let name = name(place);
            let mut program = tokscope(folder.path(), [command, &name, "--json", "--no-input"]);
            let done = Done::of(program.env_remove("TOKSCOPE_IDENTITY"));
            let words = match code {
                // New tokens are what standard output is for.
                0 => done.stderr.clone(),
                _ => {
                    let error = done.error();
                    ["message", "hint"].map(|key| error[key].as_str().unwrap_or_default().to_owned()).join(" ")
                }
            };
            let is_safe = !done.stderr.contains(MARKER) && !done.stderr.contains(['\x1b', '\u{9b}', '\u{202e}']);
            if done.code != code || !words.contains(mode.says) || !is_safe {
                _ = writeln!(wrong, "{}, {command}: {done:?}", mode.name);
            }
            if command == "refresh" {
                let session = runtime.block_on(session(folder.path()));
                wrong.extend(stands(&session, &profiles[place].name, mode));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
