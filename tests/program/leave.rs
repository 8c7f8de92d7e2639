//! Whoever leaves at any moment keeps the session: each way out, during each exchange, at each moment of it, on a server
//! that consumes at once and answers late.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod server;
mod world;

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
    thread,
    time::Duration,
};

use rustix::process::Signal;
use tokscope::store::vault::Vault;

use crate::leave::{
    server::Moment,
    world::{DIALOG, Exchange, LIMIT, World},
};
use crate::support::{program::tokscope, screen};

const MOMENTS: [Moment; 4] = [Moment::Before, Moment::Received, Moment::Transit, Moment::After];

/// How the program is left.
#[derive(Debug, Clone, Copy)]
enum Way {
    Signal(Signal),
    Closed,
    Key(&'static str),
}

const SIGNALS: [Way; 4] = [Way::Signal(Signal::INT), Way::Signal(Signal::TERM), Way::Signal(Signal::HUP), Way::Closed];

/// Tries all cases, a few at a time, and says which of them fail.
fn all<C: Copy + std::fmt::Debug + Send + Sync>(cases: &[C], check: impl Fn(C) -> Result<(), String> + Sync) {
    let (next, failed) = (Mutex::new(cases.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let Some(case) = next.lock().unwrap().next() else { return };
                    match catch_unwind(AssertUnwindSafe(|| check(*case))) {
                        Ok(Ok(())) => {}
                        Ok(Err(why)) => failed.lock().unwrap().push(format!("{case:?}: {why}")),
                        Err(_) => failed.lock().unwrap().push(format!("{case:?}: see above")),
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {}: {failed:#?}", failed.len(), cases.len());
}

fn code_of(way: Way) -> u32 {
    match way {
        Way::Signal(signal) => 128 + u32::try_from(signal.as_raw()).unwrap(),
        Way::Closed => 129,
        Way::Key(_) => 0,
    }
}

/// The answer comes after the signal was heard.
fn is_late(moment: Moment) -> bool {
    matches!(moment, Moment::Received | Moment::Transit)
}

#[test]
fn the_command_line_is_left_and_the_session_lives() {
    let exchanges = [Exchange::Refresh, Exchange::Code, Exchange::Device];
    let cases: Vec<_> = SIGNALS
        .iter()
        .flat_map(|way| exchanges.iter().flat_map(move |exchange| MOMENTS.map(|moment| (*way, *exchange, moment))))
        .collect();
    all(&cases, |(way, exchange, moment)| {
        let mut world = World::command(exchange, moment, LIMIT);
        world.reach_the_moment();
        match way {
            Way::Signal(signal) => world.screen.signal(signal),
            _ => world.screen.hang_up(),
        }
        match moment {
            Moment::Before | Moment::Handshake => _ = world.hear("error: interrupted; "),
            Moment::Received | Moment::Transit => _ = world.hear("waiting for the response to the "),
            Moment::After => {}
        }
        if is_late(moment) {
            world.server.go_on();
        }
        let code = world.screen.wait_exit();
        // Where the answer was there first, all is well; where the terminal is closed, nothing can be printed.
        let all_is_well = moment == Moment::After && code == 0;
        let is_mute = matches!(way, Way::Closed) && code == 2;
        assert!(code == code_of(way) || all_is_well || is_mute, "{code}");
        world.alive()
    });
}

#[test]
fn the_screen_is_left_and_the_session_lives() {
    let ways = [Way::Key("q"), Way::Key("\x03"), Way::Key("\x1b")];
    let exchanges = [Exchange::Refresh, Exchange::Automatic, Exchange::Code, Exchange::Device];
    let cases: Vec<_> = SIGNALS
        .iter()
        .chain(&ways)
        .flat_map(|way| exchanges.iter().flat_map(move |exchange| MOMENTS.map(|moment| (*way, *exchange, moment))))
        .collect();
    all(&cases, |(way, exchange, moment)| {
        let mut world = World::screen(exchange, moment);
        world.reach_the_moment();
        // The dialog of a login takes keys for itself, until the browser has come back or the code is approved.
        let dialog = match (exchange, moment) {
            (Exchange::Code | Exchange::Device, Moment::Before) => true,
            (Exchange::Device, moment) => is_late(moment),
            _ => false,
        };
        if !dialog {
            world.screen.wait_gone(DIALOG);
        }
        match way {
            Way::Signal(signal) => world.screen.signal(signal),
            Way::Closed => world.screen.hang_up(),
            Way::Key("q") if dialog => world.screen.press("\rq"),
            Way::Key("\x1b") if exchange == Exchange::Automatic && moment != Moment::After => {
                // The first one is for what the vault has said.
                world.screen.press("\x1b");
                world.screen.wait_for("Esc cancel");
                world.screen.press("\x1b");
            }
            Way::Key(key) => world.screen.press(key),
        }
        let esc = matches!(way, Way::Key("\x1b"));
        match (way, moment) {
            (_, Moment::Before) if esc => world.screen.wait_for("cancelled"),
            (_, Moment::Received | Moment::Transit) if esc => world.screen.wait_for("already sent"),
            (Way::Closed, Moment::Received | Moment::Transit) => world.wait_thread_gone("input"),
            (_, Moment::Received | Moment::Transit) => world.screen.wait_for("^C abandon"),
            _ => {}
        }
        if is_late(moment) {
            world.server.go_on();
        }
        if esc {
            if is_late(moment) {
                let done =
                    if matches!(exchange, Exchange::Code | Exchange::Device) { "Logged in" } else { "Refreshed" };
                world.screen.wait_for(done);
            }
            // A key so soon after Esc would be another key.
            world.screen.signal(Signal::TERM);
        }
        let way = if esc { Way::Signal(Signal::TERM) } else { way };
        assert_eq!(world.screen.wait_exit(), code_of(way));
        world.alive()
    });
}

#[test]
fn the_second_word_abandons_and_a_terminal_that_hangs_up_twice_does_not() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut world = World::command(Exchange::Refresh, Moment::Received, LIMIT);
        world.reach_the_moment();
        world.screen.signal(signal);
        world.hear("waiting for the response to the refresh of lms (token endpoint of 127.0.0.1), at most 60 s");
        world.screen.signal(signal);
        world.hear("interrupted before the response arrived");
        world.hear("its state is unknown");
        assert_eq!(world.screen.wait_exit(), code_of(Way::Signal(signal)));
        assert_eq!(world.condition().in_flight.unwrap().attempts, 1);
    }
    let mut world = World::screen(Exchange::Refresh, Moment::Received);
    world.reach_the_moment();
    world.screen.press("q");
    world.screen.wait_for("^C abandon  waiting for the refresh of lms (token endpoint of 127.0.0.1), at most 60 s");
    world.screen.press("\x03");
    assert_eq!(world.screen.wait_restored(), 0);
    assert!(world.condition().in_flight.is_some());

    for mut world in
        [World::command(Exchange::Refresh, Moment::Received, LIMIT), World::screen(Exchange::Refresh, Moment::Received)]
    {
        world.reach_the_moment();
        world.screen.signal(Signal::HUP);
        world.screen.signal(Signal::HUP);
        world.screen.hang_up();
        world.server.go_on();
        world.screen.wait_exit();
        world.alive().unwrap();
    }
}

/// A process that is stopped for longer than its time-out, with the answer in its hands when it goes on.
#[test]
fn an_answer_that_came_while_the_program_was_stopped_is_read() {
    for moment in [Moment::Received, Moment::Transit] {
        let mut world = World::command(Exchange::Refresh, moment, 1);
        world.reach_the_moment();
        world.stop_for(Duration::from_secs(3), || world.server.go_on());
        assert_eq!(world.screen.wait_exit(), 0);
        world.alive().unwrap();
    }
}

/// A host that takes the connection and never says a word of TLS.
#[test]
fn nothing_waits_while_the_connection_is_being_made() {
    let mut world = World::command(Exchange::Refresh, Moment::Handshake, LIMIT);
    world.reach_the_moment();
    world.screen.signal(Signal::INT);
    world.hear("error: interrupted; nothing was consumed at the server");
    assert_eq!(world.screen.wait_exit(), code_of(Way::Signal(Signal::INT)));
    assert_eq!(world.condition().in_flight, None, "its mark is taken back");
    world.alive().unwrap();
}

/// Nobody takes a profile away whose tokens are in use: they would have no profile, or the profile no tokens.
#[test]
fn a_profile_in_use_is_not_removed() {
    let mut world = World::idle();
    let dir = world.screen.config().to_owned();
    let file = || fs::read_to_string(dir.join("profiles.toml")).unwrap();
    let (before, vault) = (file(), Vault::open_locked(&dir).unwrap());
    let held = vault.reserve(&world::name()).unwrap();
    world.screen.press("1d");
    world.screen.wait_for("using the tokens of lms; nothing was sent or changed");
    for arguments in [&["profile", "remove", "lms", "--yes"][..], &["profile", "edit", "lms", "--set", "timeout=7"]] {
        let done = tokscope(&dir, arguments.iter().copied()).output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert!(done.status.code() == Some(2) && said.contains("using the tokens of lms"), "{said}");
    }
    assert_eq!(file(), before);
    assert!(world.screen.text().contains("lms"));
    world.alive().unwrap();
    drop(held);
    world.screen.press("d");
    world.screen.wait_gone("opaque, nothing to decode");
    assert!(!file().contains("lms"));
    let left = fs::read_dir(dir.join("vault")).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(left.filter(|path| path.extension().is_some_and(|end| end == "age")).count(), 0);
    world.screen.press("q");
    assert_eq!(world.screen.wait_exit(), 0);
}
