use std::{
    io::{BufRead as _, BufReader},
    process::Child,
};

use serde_json::Value;
use tokscope::token::Token;

use crate::e2e::{
    choose,
    screen::{Screen, TOKSCOPE},
};

use crate::support::program::{NOWHERE, tokscope};

/// `tokscope demo --serve`, until it is dropped.
pub(crate) struct Server {
    process: Child,
    description: Value,
}

impl Server {
    pub(crate) fn start(access_ttl: u32) -> Self {
        let life = access_ttl.to_string();
        let mut process = tokscope(NOWHERE, ["demo", "--serve", "--access-ttl", &life]).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { process, description: serde_json::from_str(&line).unwrap() }
    }

    pub(crate) fn url(&self) -> &str {
        self.description["url"].as_str().unwrap()
    }

    pub(crate) fn profile(&self) -> String {
        let url = self.url();
        format!(
            "[profile.campus]\nprovider = \"openedx\"\nurl = \"{url}\"\nclient_id = \"login-service-client-id\"\n\
             username = \"ada\"\npassword = \"prompt\"\n"
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The seconds left that the screen shows for the first token.
fn seconds_left(screen: &Screen) -> Option<u32> {
    let text = screen.text();
    let (_, rest) = text.split_once("active: ").or_else(|| text.split_once("▲ expires in "))?;
    rest.split_once('s')?.0.trim().parse().ok()
}

#[test]
fn from_login_to_expired() {
    let server = Server::start(6);
    let mut screen = Screen::tokscope_with_profiles(&server.profile());
    screen.wait_for("campus");

    screen.press("1Gl");
    screen.wait_for("Password");
    screen.press("analytical-engine\r");
    screen.wait_for("Logged in.");
    screen.wait_for("decoded, not verified");
    let before = seconds_left(&screen).unwrap();
    screen.wait_until("the countdown to run", |screen| seconds_left(screen).is_some_and(|left| left < before));

    screen.press("2c");
    screen.wait_until("the access token in the clipboard", |screen| screen.copied().len() == 1);
    screen.press("r");
    screen.wait_for("Refreshed.");
    screen.press("c");
    screen.wait_until("the new access token in the clipboard", |screen| screen.copied().len() == 2);
    screen.press("a");
    screen.wait_until("the header in the clipboard", |screen| screen.copied().len() == 3);
    let copied = screen.copied();
    assert_ne!(copied[0], copied[1], "a refresh brings a new token");
    assert_eq!(copied[2], format!("Authorization: JWT {}", copied[1]));
    let claims = |token: &str| Token::inspect(token).claims().is_some();
    assert!(claims(&copied[0]) && claims(&copied[1]), "they are JWTs");

    screen.wait_for("access ended");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
    let output = String::from_utf8_lossy(screen.output()).into_owned();
    assert!(!output.contains("analytical"), "the password is masked");
}

#[test]
fn the_demo_is_ready_to_play_with() {
    let mut screen = Screen::tokscope(&["demo"]);
    screen.wait_for("lms-prod");
    screen.wait_for("decoded, not verified");
    choose(&mut screen, "lms-prod");
    screen.press("r");
    screen.wait_for("PROD lms-prod: Refreshed.");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
    let files: Vec<_> = std::fs::read_dir(screen.config()).unwrap().collect();
    assert!(files.is_empty(), "the demo leaves nothing behind: {files:?}");
}

/// Look, keys and what is protected are the person's; what must not be sent from is not: the demo has its own server.
#[test]
fn the_demo_looks_and_listens_as_its_user_wants_it() {
    const SETTINGS: &str = "[ui]\ntheme = \"light\"\nglyphs = \"ascii\"\n[keys.tokens]\ncopy-header = \"h\"\n\
                            [environments]\nprotected = [\"stag*\"]\nreadonly = [\"*\"]\n";
    let colors = [("COLORTERM", "truecolor")];
    let mut screen = Screen::run(TOKSCOPE, &["demo"], &colors, |folder| {
        std::fs::write(folder.path().join("config.toml"), SETTINGS).unwrap();
    });
    screen.wait_for("+= 2 Tokens");
    screen.wait_for("v STAG ");
    let light = "38;2;29;78;216";
    assert!(String::from_utf8_lossy(screen.output()).contains(light), "the light theme");
    screen.press("/lms-prod\r");
    screen.wait_for("h copy header");
    screen.press("h");
    screen.wait_until("the header in the clipboard", |screen| screen.copied().len() == 1);
    screen.press("r");
    screen.wait_for("lms-prod: Refreshed.");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
    let files: Vec<_> = std::fs::read_dir(screen.config()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["config.toml"], "nothing is left behind");
}

#[test]
fn a_profile_of_the_demo_refreshes_without_a_key() {
    let mut screen = Screen::tokscope(&["demo"]);
    screen.wait_for("↻");
    screen.press("N");
    screen.wait_until("its refresh", |screen| {
        screen.text().lines().any(|line| line.contains("✓ PROD seta-files ") && line.contains("Refreshed."))
    });
    screen.press("qq");
    assert_eq!(screen.wait_restored(), 0);
}

/// Bell and notification come once for a token, and only where the settings want them.
#[test]
fn the_bell_rings_where_it_is_wanted() {
    let server = Server::start(6);
    let files = |config: &str| {
        let (profile, config) = (server.profile(), config.to_owned());
        move |folder: &tempfile::TempDir| {
            std::fs::write(folder.path().join("profiles.toml"), profile).unwrap();
            std::fs::write(folder.path().join("config.toml"), config).unwrap();
        }
    };
    for (config, count) in [("[warn]\nbell = true\ndesktop = true\n", 1), ("[warn]\nbell = false\n", 0)] {
        let mut screen = Screen::run(TOKSCOPE, &[], &[], files(config));
        screen.wait_for("campus");
        screen.press("1Gl");
        screen.wait_for("Password");
        screen.press("analytical-engine\r");
        screen.wait_for("decoded, not verified");
        screen.wait_for("↻ renewable");
        screen.press("q");
        assert_eq!(screen.wait_restored(), 0);
        let output = String::from_utf8_lossy(screen.output()).into_owned();
        assert_eq!(output.matches('\x07').count(), count, "{config}");
        assert_eq!(output.matches("\x1b]9;tokscope: campus: access token expires in").count(), count, "{config}");
    }
    let mut screen = Screen::run(TOKSCOPE, &[], &[], files("[warn]\nbel = true\n"));
    // Whoever reads it says so: which of the two is on screen is a matter of who was first.
    screen.wait_for("config.toml has errors");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn a_refused_login_says_what_to_do() {
    let mut screen = Screen::tokscope(&["demo"]);
    screen.wait_for("lms-asks");
    choose(&mut screen, "lms-asks");
    screen.press("l");
    screen.wait_for("Password");
    screen.press("wrong\r");
    screen.wait_for("Invalid credentials given.");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}
