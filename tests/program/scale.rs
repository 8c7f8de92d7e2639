//! Many profiles are rotated while somebody uses the screen: how long it takes, how many requests there are at once, and how long
//! a key waits for its frame. What of that is the rotation's tells another program on the same machine at the same time, which
//! has a list and nothing to do. The servers and the vault's ciphers want the same processors: what the screen itself needs
//! is measured apart from them, by `cargo bench --bench rotation`.
//!
//! `TOKSCOPE_ROTATIONS=1000 TOKSCOPE_TEST_TIMEOUT=300 cargo test --release --test program scale -- --nocapture` is the real
//! measure; a plain `cargo test` rotates a few.

use std::{
    fmt::Write as _,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tokscope::{
    auth::NoInteraction,
    demo::{Options, Server},
    providers,
    session::Session,
    store::{
        config,
        identity::{self, Home, Keyring, Site},
        profiles,
        secrets::Secrets,
        vault::{self, Vault},
    },
};

use crate::support::screen::{Screen, TOKSCOPE};

/// So many origins, of each of which four requests are allowed at once.
const ORIGINS: usize = 4;
/// So many requests at once, at most, whatever the origin.
const AT_ONCE: u64 = 16;
/// With 1,000 profiles, on two cores, which the servers share.
const LIMIT: Duration = Duration::from_secs(60);
/// A terminal shows no two frames within less.
const REFRESH: Duration = Duration::from_millis(16);

#[test]
fn many_profiles_rotate_while_the_screen_is_used() {
    let count: usize = std::env::var("TOKSCOPE_ROTATIONS").map_or(24, |text| text.parse().unwrap());
    // The servers stand for other machines: they take what nobody else here wants.
    let last = || _ = rustix::process::setpriority_process(None, 19);
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).on_thread_start(last).enable_all().build().unwrap();
    let options = Options { access_ttl: 86_400, ..Options::default() };
    let servers: Vec<_> = (0..ORIGINS).map(|_| runtime.block_on(Server::start(options.clone())).unwrap()).collect();
    let environment = [("TOKSCOPE_IDENTITY", "")];
    let mut screen = Screen::sized((120, 40), TOKSCOPE, &[], &environment, |folder| {
        let urls: Vec<_> = servers.iter().map(|server| server.url().to_owned()).collect();
        runtime.block_on(logged_in(folder.path(), &urls, count));
    });
    let mut idle = Screen::sized((120, 40), TOKSCOPE, &["@tokens"], &[], |folder| {
        std::fs::write(folder.path().join("tokens"), "eyJhbGciOiJub25lIn0.e30.\neyJhbGciOiJub25lIn0.eyJhIjoxfQ.\n")
            .unwrap();
    });
    idle.wait_for("Tokens");
    let before: u64 = servers.iter().map(Server::busiest).sum();

    screen.wait_for("p0001");
    screen.press("1gX");
    screen.wait_for(&format!("{count} run alone"));
    let started = Instant::now();
    screen.press("\ry");
    screen.wait_for("Rotating ");
    let (mut waits, mut others) = (Vec::new(), Vec::new());
    while !screen.text().contains("Rotated ") {
        let key = if waits.len() % 2 == 0 { "j" } else { "k" };
        waits.push(to_its_frame(&mut screen, key));
        others.push(to_its_frame(&mut idle, key));
    }
    let elapsed = started.elapsed();
    assert!(screen.text().contains(&format!("{count} rotated")), "{}", screen.text());
    let busiest: u64 = servers.iter().map(Server::busiest).sum();
    let [middle, most] = [50, 99].map(|percent| percentile(&mut waits, percent));
    let [other, others] = [50, 99].map(|percent| percentile(&mut others, percent));
    let figures = format!(
        "{count} profiles in {elapsed:.1?}, {busiest} requests at once at most ({before} while logging in), {} keys: \
         p50 {middle:.2?}, p99 {most:.2?}; of a program with nothing to do p50 {other:.2?}, p99 {others:.2?}",
        waits.len()
    );
    // Not a macro: those are silent while a test passes.
    _ = std::io::Write::write_all(&mut std::io::stderr(), format!("scale: {figures}\n").as_bytes());
    assert!(busiest <= AT_ONCE, "{figures}");
    assert!(elapsed <= LIMIT, "{figures}");
    assert!(cfg!(debug_assertions) || most <= others + REFRESH, "{figures}");
}

/// How long a key takes until its frame is there.
fn to_its_frame(screen: &mut Screen, key: &str) -> Duration {
    let (written, pressed) = (screen.output().len(), Instant::now());
    screen.press(key);
    screen.wait_until("a frame", |screen| screen.output().len() > written && screen.is_whole());
    pressed.elapsed()
}

fn percentile(waits: &mut [Duration], percent: usize) -> Duration {
    waits.sort();
    waits[(waits.len() * percent / 100).min(waits.len() - 1)]
}

/// A folder with so many profiles, each with a session.
async fn logged_in(folder: &Path, urls: &[String], count: usize) {
    config::set_identity_home(folder, Home::Plain).unwrap();
    let mut text = String::new();
    for place in 0..count {
        let url = &urls[place % urls.len()];
        let system = match place % 3 {
            0 => format!("provider = \"openedx\"\nurl = \"{url}\"\nclient_id = \"login-service-client-id\"\n"),
            _ => format!(
                "provider = \"oauth2\"\nissuer = \"{url}/oidc\"\ngrant = \"password\"\nclient_id = \"opaque-legacy\"\n\
                 scope = \"openid profile email\"\n"
            ),
        };
        let user = "username = \"ada\"\npassword = \"plain:analytical-engine\"";
        writeln!(text, "[profile.p{:04}]\n{system}{user}\n", place + 1).unwrap();
    }
    std::fs::write(folder.join("profiles.toml"), text).unwrap();
    let place = vault::path(folder);
    let site = Site { folder: &place, keyring: Keyring::default(), user: &NoInteraction, prompt: false };
    let identity = identity::open(Home::Plain, &site).await.unwrap();
    let vault = Arc::new(Vault::open(folder, identity).unwrap());
    let session = Session::new(providers::ALL, Box::new(Secrets::default()), vault);
    let mut logins = JoinSet::new();
    for profile in profiles::load(folder).unwrap() {
        if logins.len() >= 4 {
            logins.join_next().await.unwrap().unwrap();
        }
        let session = session.clone();
        logins.spawn(async move { session.login(&profile, &NoInteraction).await.map(|_| ()).unwrap() });
    }
    logins.join_all().await;
}
