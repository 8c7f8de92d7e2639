//! Scenarios of what happens without a key: refreshes, warnings, clearing the clipboard; and when the app wakes for it.

use std::time::Duration;

use crate::support::stage;
use chrono::TimeDelta;
use stage::{Stage, automatic, refusal, start, token_set};
use tokscope::{
    auth::AuthError,
    profile::{Profile, ProfileName},
    store::config::Config,
    tui::app::{
        Effect, Message, Start,
        message::{CopyOutcome, TaskEvent, TaskOutcome, What},
    },
};

fn with(name: &str, settings: &[(&str, &str)]) -> Profile {
    let mut profile = stage::profile(name, "staging");
    profile.settings.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    profile
}

/// A stage with one profile that refreshes by itself and has just logged in.
fn session(seconds: i64) -> Stage {
    of(automatic("edx"), seconds)
}

fn of(profile: Profile, seconds: i64) -> Stage {
    let mut stage = Stage::with(Start { profiles: Ok(vec![profile]), ..start((120, 40)) });
    stage.keys("= l").arrives(1, seconds).effects();
    stage
}

/// Many profiles, each with a token set that lives so many seconds.
fn crowd(count: usize, seconds: i64, seed: u64) -> Stage {
    let profiles: Vec<_> = (0..count).map(|at| automatic(&format!("p{at:03}"))).collect();
    let now = stage::start((120, 40)).now;
    let token_sets = profiles.iter().map(|profile| (profile.name.clone(), token_set(now, seconds))).collect();
    Stage::with(Start { profiles: Ok(profiles), token_sets, seed, ..start((120, 40)) })
}

/// Goes on, and answers each refresh at once: at which second each began. Nothing is on screen, so that no countdown wakes
/// anybody.
fn live(stage: &mut Stage, span: TimeDelta, seconds: i64) -> Vec<(i64, ProfileName)> {
    stage.resize(0, 0);
    let mut started = Vec::new();
    stage.live(span, |stage, passed, effect| match effect {
        Effect::Start { id, what: What::Refresh, whose: Some(profile), .. } => {
            started.push((passed, profile));
            stage.arrives(id.0, seconds);
        }
        Effect::LockVault(_) => {}
        other => panic!("only refreshes are expected: {other:?}"),
    });
    started
}

#[test]
fn a_refresh_comes_before_the_end_and_says_so_on_the_row() {
    let mut stage = session(3_600);
    // A tenth is 6 minutes, and chance takes up to half of that more.
    stage.shows("⟳ ● 1h 00m").shows("renews in 5").tick("+50m").shows("⟳").tick("+4m");
    assert_eq!(stage.effects(), ["start 2 Refresh edx"]);
    stage.shows("refreshing").arrives(2, 3_600).shows("⟳ ● 1h 00m").shows("renews in 5").hides("Refreshed.");
    stage.keys("N").shows("Refreshed. Access for 1h 00m; scopes unchanged.").keys("Esc");
    stage.keys("= Enter").shows("auto-refresh    on, in 5").shows("succeeded").shows("before expiry");
}

#[test]
fn what_is_off_stays_quiet() {
    let mut stage = of(stage::profile("edx", "x"), 90);
    stage.hides("⟳").tick("+1h");
    assert!(stage.effects().is_empty());
    stage.keys("= Enter").shows("auto-refresh    off; R turns it on");
}

#[test]
fn the_settings_say_what_counts_where_the_profile_does_not() {
    let mut config = Config::default();
    config.refresh.automatic = true;
    let profiles = Ok(vec![stage::profile("one", "x"), with("two", &[("auto_refresh", "false")])]);
    let mut stage = Stage::with(Start { profiles, config: Ok(config.clone()), ..start((120, 40)) });
    stage.keys("= l").arrives(1, 90).keys("Down l").arrives(2, 90).effects();
    stage.tick("+75s");
    assert_eq!(stage.effects(), ["start 3 Refresh one"]);
    config.refresh.automatic = false;
    stage.arrives(3, 90).send(Message::ConfigLoaded(Ok(config))).hides("⟳");
    stage
        .send(Message::ConfigLoaded(Err("line 2: no such key".into())))
        .shows("no such key")
        .shows("the old ones stay in effect");
}

#[test]
fn a_key_turns_it_on_and_off() {
    let mut stage = of(stage::profile("edx", "x"), 90);
    stage.keys("R").shows("edx: auto-refresh on, at 22:3").shows("⟳").keys("R").shows("auto-refresh off").hides("⟳");
    stage.tick("+2m");
    assert!(stage.effects().is_empty());
    stage.keys("R");
    assert_eq!(stage.effects(), ["start 2 Refresh edx"], "what is over is renewed at once");
}

#[test]
fn a_margin_of_its_own() {
    let mut stage = of(with("edx", &[("auto_refresh", "true"), ("refresh_margin", "600")]), 3_600);
    stage.tick("+44m");
    assert!(stage.effects().is_empty());
    stage.tick("+6m");
    assert_eq!(stage.effects(), ["start 2 Refresh edx"]);
    // One that is longer than the life would refresh for ever.
    let mut stage = of(with("edx", &[("auto_refresh", "true"), ("refresh_margin", "9999")]), 3_600);
    stage.tick("+14m");
    assert!(stage.effects().is_empty());
    stage.tick("+16m");
    assert_eq!(stage.effects(), ["start 2 Refresh edx"]);
}

#[test]
fn a_life_that_is_shorter_than_the_margin_is_renewed_every_half_minute() {
    let mut stage = session(10);
    let started = live(&mut stage, TimeDelta::minutes(10), 10);
    let times: Vec<_> = started.iter().map(|(at, _)| *at).collect();
    assert_eq!(times.len(), 20, "{times:?}");
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 30), "{times:?}");
}

#[test]
fn a_token_that_is_over_when_it_comes_brings_no_storm() {
    let mut stage = session(60);
    let started = live(&mut stage, TimeDelta::hours(2), -5);
    assert!((8..=14).contains(&started.len()), "{started:?}");
}

#[test]
fn after_eight_hours_of_sleep_each_profile_is_refreshed_once() {
    let mut stage = crowd(20, 3_600, 1);
    stage.tick("+8h");
    let first = stage.take_effects();
    assert_eq!(first.len(), 8, "eight at once: {first:?}");
    for id in 1..=8 {
        stage.arrives(id, 3_600);
    }
    let mut started = live(&mut stage, TimeDelta::minutes(10), 3_600);
    assert_eq!(started.len(), 12);
    started.sort();
    started.dedup_by(|a, b| a.1 == b.1);
    assert_eq!(started.len(), 12, "no profile twice");
}

/// Thirty are due at once: eight go out, and each answer lets the next one out.
#[test]
fn a_fleet_that_is_due_goes_out_eight_at_a_time() {
    let mut stage = crowd(30, 3_600, 1);
    stage.tick("+8h").shows("» refreshing 0s · 0 of 30").shows("» queued");
    let mut out = stage.effects();
    assert_eq!(out.len(), 8);
    let mut seen = out.clone();
    for done in 1..=30 {
        let first = out.remove(0);
        let id = first.split(' ').nth(1).unwrap().parse().unwrap();
        match done {
            7 => stage.fails(id, refusal()),
            _ => stage.arrives(id, 3_600),
        };
        let more = stage.effects();
        assert_eq!(more.len(), usize::from(done <= 22), "after {done}");
        out.extend(more.iter().cloned());
        seen.extend(more);
        assert!(out.len() <= 8);
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 30);
    stage.shows("auto-refresh: 29 of 30 succeeded, 1 failed").hides("queued").hides(" of 30 ·");
}

#[test]
fn what_the_user_wants_does_not_wait_for_what_nobody_asked_for() {
    let mut stage = crowd(30, 3_600, 1);
    stage.tick("+8h");
    let busy: Vec<_> = stage.effects().iter().map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect();
    let queued = (0..30).find(|at| !busy.contains(&format!("p{at:03}"))).unwrap();
    stage.keys("=").keys(&"Down ".repeat(queued)).keys("r");
    let line = format!("start 31 Refresh p{queued:03}");
    assert_eq!(stage.effects(), [line.as_str()], "at once, and in place of the other");
    // Its own bound counts what the user wants alone.
    stage.arrives(31, 3_600).effects();
    stage.tick("+0s");
    assert!(stage.effects().is_empty(), "eight still run");
}

#[test]
fn a_clock_that_is_set_back_brings_no_storm_and_no_standstill() {
    let mut stage = session(3_600);
    stage.tick("+8h");
    assert_eq!(stage.effects(), ["start 2 Refresh edx"]);
    stage.fails(2, AuthError::RateLimited { status: 429, retry_after: None, words: None }).tick("-8h");
    assert!(stage.effects().is_empty());
    // What was paused by the wrong clock is paused for its span of the right one, and no longer.
    stage.tick("+1m");
    assert!(stage.effects().is_empty(), "the token has not come near its end");
    stage.tick("+53m").tick("+1m");
    assert_eq!(stage.effects(), ["start 3 Refresh edx"]);
    stage.arrives(3, 3_600);
    for _ in 0..10 {
        stage.tick("-1h").tick("+1s");
    }
    assert!(stage.effects().is_empty());
}

#[test]
fn many_profiles_do_not_come_together() {
    let mut stage = crowd(100, 3_600, 42);
    let started = live(&mut stage, TimeDelta::minutes(58), 36_000);
    assert_eq!(started.len(), 100);
    let busiest = started.iter().map(|(at, _)| started.iter().filter(|(other, _)| other == at).count()).max();
    assert!(busiest <= Some(5), "{busiest:?} in one second");
    let other = live(&mut crowd(100, 3_600, 43), TimeDelta::minutes(58), 36_000);
    assert_ne!(started, other, "another seed, another order");
    assert_eq!(started, live(&mut crowd(100, 3_600, 42), TimeDelta::minutes(58), 36_000), "the same seed, the same");
}

#[test]
fn an_idle_day_wakes_for_the_refreshes_and_for_nothing_else() {
    let mut stage = crowd(1, 36_000, 7);
    stage.resize(0, 0);
    let due = stage.wakes_in().expect("a refresh is due");
    assert!(due > TimeDelta::hours(8) && due < TimeDelta::hours(9), "{due}");
    stage.resize(120, 40);
    assert_eq!(stage.wakes_in(), Some(TimeDelta::seconds(1)), "the countdown is on screen");
}

#[test]
fn failures_come_slower_and_slower() {
    let mut stage = session(90);
    stage.tick("+65s").effects();
    let broken = || AuthError::UnexpectedAnswer {
        host: "lms".into(),
        status: 502,
        expected: "a token response",
        found: "a page".into(),
    };
    let mut pauses = Vec::new();
    for id in 2..10 {
        stage.fails(id, broken());
        let from = stage.now;
        while stage.effects().is_empty() {
            stage.tick("+5s");
        }
        pauses.push((stage.now - from).num_seconds());
    }
    assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1] + 240), "{pauses:?}");
    assert!((30..=45).contains(&pauses[0]) && (60..=80).contains(&pauses[1]), "{pauses:?}");
    assert!(pauses[7] >= 900 && pauses[7] <= 1_130, "{pauses:?}");
    stage.fails(10, broken()).shows("auto-refresh").keys("N").shows("failed 9 times, next try at").keys("Esc");
    stage.shows("⟳ ↻ 1h ago");
    stage.keys("= Enter").shows("failed 9 times").shows("a page").keys("Esc");
    stage.tick("+20m").arrives(11, 90).hides("it failed").shows("⟳ ● 1m 30s");
}

#[test]
fn the_server_says_how_long_to_wait() {
    let mut stage = session(90);
    stage.tick("+65s").effects();
    let retry_after = Some(Duration::from_secs(1_800));
    stage.fails(2, AuthError::RateLimited { status: 429, retry_after, words: None }).shows("next try at 23:0");
    stage.tick("+29m");
    assert!(stage.effects().is_empty());
    stage.tick("+2m");
    assert_eq!(stage.effects(), ["start 3 Refresh edx"]);
    let retry_after = Some(Duration::MAX);
    stage.fails(3, AuthError::RateLimited { status: 429, retry_after, words: None }).tick("+23h");
    assert!(stage.effects().is_empty());
    // No server means a longer wait than a day.
    stage.tick("+2h");
    assert_eq!(stage.effects(), ["start 4 Refresh edx"]);
}

#[test]
fn a_dead_refresh_token_ends_it_until_somebody_logs_in() {
    let mut stage = session(90);
    stage.tick("+65s").effects();
    stage.fails(2, refusal()).shows("✗ log in").hides("⟳").tick("+8h").tick("+8h");
    assert!(stage.effects().is_empty());
    stage.keys("= Enter").shows("stopped: it needs you; log in again").keys("Esc");
    stage.keys("l").arrives(3, 90).hides("✗").shows("⟳").effects();
    stage.tick("+65s");
    assert_eq!(stage.effects(), ["start 4 Refresh edx"]);
}

#[test]
fn a_profile_that_cannot_be_used_waits_for_its_correction() {
    let mut stage = session(90);
    stage.tick("+65s").effects();
    let error = AuthError::setting("client_id is wrong", "correct it");
    stage.fails(2, error).shows("client_id is wrong").tick("+1h");
    assert!(stage.effects().is_empty());
    stage.send(Message::ProfilesLoaded(Ok(vec![with("edx", &[("auto_refresh", "true"), ("timeout", "5")])])));
    assert_eq!(stage.effects(), ["start 3 Refresh edx"]);
}

#[test]
fn what_the_vault_knows_of_the_refresh_token_stops_it_too() {
    for (error, words) in [
        (AuthError::Retired(stage::start((1, 1)).now), "stopped: it needs you; log in again"),
        (AuthError::Unsettled(stage::start((1, 1)).now), "stopped: it needs you; r tries again"),
    ] {
        let mut stage = session(90);
        stage.tick("+65s").fails(2, error).effects();
        stage.tick("+8h");
        assert!(stage.effects().is_empty());
        stage.keys("= Enter").shows(words).keys("Esc r").arrives(3, 90).shows("⟳");
    }
}

/// Nobody is there to help, and another process may have been faster.
#[test]
fn a_refresh_that_nobody_asked_for_says_so() {
    let mut stage = session(90);
    let generation = token_set(stage.now, 90).generation();
    stage.keys("r").arrives(2, 90).tick("+65s");
    let unasked: Vec<_> = stage
        .take_effects()
        .into_iter()
        .map(|effect| match effect {
            Effect::Start { unasked, .. } => unasked,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(unasked, [None, generation]);
}

#[test]
fn nothing_is_refreshed_that_is_not_there() {
    let mut stage = session(90);
    stage.keys("2 d").effects();
    stage.tick("+1h");
    assert_eq!(stage.effects(), ["Wipe([KeepId(1)])"], "its tokens are forgotten");
    let mut stage = session(90);
    let mut set = token_set(stage.now, 90);
    set.tokens.truncate(1);
    set.tokens[0].raw = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".into();
    set.tokens[0].expires_at = None;
    stage.keys("r").job(2, TaskEvent::Ended(Ok(TaskOutcome::TokenSet(set)))).effects();
    stage.tick("+1h").shows("renews at no known time");
    assert!(stage.effects().is_empty(), "no expiry given");
}

#[test]
fn a_job_of_the_user_goes_first() {
    let mut stage = session(90);
    stage.keys("p").tick("+1h").effects();
    stage.tick("+1s");
    assert!(stage.effects().is_empty(), "the probe runs");
    stage.keys("Esc").fails(2, AuthError::Cancelled);
    assert_eq!(stage.effects()[1..], ["start 3 Refresh edx"]);
}

#[test]
fn esc_dismisses_a_notice_and_does_not_cut_off_a_silent_refresh() {
    let mut stage = session(90);
    stage.tick("+3s").shows("Logged in.").effects();
    stage.keys("Esc").hides("Logged in.").tick("+62s").effects();
    stage.keys("Esc");
    assert_eq!(stage.effects(), ["cancel 2"]);
    stage.fails(2, AuthError::Cancelled).tick("+5s");
    assert!(stage.effects().is_empty(), "and it does not come back at once");
}

#[test]
fn leaving_starts_nothing() {
    let mut stage = session(90);
    stage.keys("q").tick("+1h");
    assert_eq!(stage.effects(), ["Quit"]);
}

/// Settings with a bell and notifications.
fn loud() -> Config {
    let mut config = Config::default();
    (config.warn.bell, config.warn.desktop) = (true, true);
    config
}

#[test]
fn the_bell_rings_once_for_a_token() {
    let profiles = Ok(vec![stage::profile("edx", "x")]);
    let mut stage = Stage::with(Start { profiles, config: Ok(loud()), ..start((120, 40)) });
    stage.keys("= l").arrives(1, 3_600).effects();
    stage.resize(0, 0);
    assert_eq!(stage.wakes_in(), Some(TimeDelta::minutes(54)), "a tenth of the life before the end");
    stage.resize(120, 40).tick("+53m");
    assert!(stage.effects().is_empty());
    stage.tick("+1m");
    assert_eq!(stage.effects(), ["Ring", "Notify(\"edx: the access token expires in 6m 00s\")"]);
    stage.shows("▲ edx: the access token expires at 23:35:00").shows("→ r refreshes it").tick("+3m");
    assert!(stage.effects().is_empty());
    stage.keys("r").arrives(2, 3_600).effects();
    stage.tick("+55m");
    assert_eq!(stage.effects().len(), 2, "another token, another warning");
}

#[test]
fn a_quiet_setting_stays_quiet() {
    let mut stage = of(stage::profile("edx", "x"), 3_600);
    stage.tick("+59m").hides("expires in 1m 00s → r");
    assert!(stage.effects().is_empty());
}

#[test]
fn a_refresh_that_works_needs_no_bell_and_one_that_fails_does() {
    let profiles = Ok(vec![automatic("edx")]);
    let mut stage = Stage::with(Start { profiles, config: Ok(loud()), ..start((120, 40)) });
    stage.keys("= l").arrives(1, 3_600).effects();
    stage.tick("+54m");
    assert_eq!(stage.effects(), ["start 2 Refresh edx"]);
    stage.fails(2, AuthError::RateLimited { status: 429, retry_after: None, words: None });
    assert_eq!(stage.effects()[0], "Ring");
    // A refresh that comes in the last moment, because the login was less than 30 s ago, is no reason either.
    let mut short = of(automatic("edx"), 40);
    short.send(Message::ConfigLoaded(Ok(loud())));
    let started = live(&mut short, TimeDelta::minutes(5), 40);
    assert_eq!(started.len(), 10);
    short.resize(120, 40).keys("N").shows("Refreshed.").hides("expires at");
    // What slept through its end is over: there is nothing to be warned of.
    stage.arrives(2, 3_600).tick("+8h");
    assert!(!stage.effects().iter().any(|effect| effect == "Ring"));
}

#[test]
fn several_warnings_are_one() {
    let profiles: Vec<_> = ["a", "b"].map(|name| stage::profile(name, "x")).into();
    let now = stage::start((120, 40)).now;
    let token_sets = profiles.iter().map(|profile| (profile.name.clone(), token_set(now, 3_600))).collect();
    let mut stage = Stage::with(Start { profiles: Ok(profiles), token_sets, config: Ok(loud()), ..start((120, 40)) });
    stage.tick("+55m");
    let effects = stage.effects();
    assert_eq!(effects.len(), 2, "{effects:?}");
    assert!(effects[1].contains("a: the access token expires in 5m 00s; b: "), "{effects:?}");
    stage.send(Message::Notified(Some("tmux is in the way".into()))).keys("N").shows("tmux is in the way");
}

#[test]
fn a_secret_is_taken_off_the_clipboard() {
    let what = "access token of edx";
    let copied = || Message::Copied(what.to_owned(), CopyOutcome::Clipboard);
    let mut stage = of(stage::profile("edx", "x"), 3_600);
    stage.keys("2 c").send(copied()).shows("edx: Access token copied; it leaves the clipboard in 45s.").effects();
    stage.resize(0, 0);
    assert_eq!(stage.wakes_in(), Some(TimeDelta::seconds(45)));
    stage.resize(120, 40).tick("+44s");
    assert!(stage.effects().is_empty());
    stage.tick("+1s");
    assert_eq!(stage.effects(), ["ClearClipboard"]);
    stage.send(Message::ClipboardCleared(Ok(true))).shows("Clipboard cleared.").tick("+1h");
    assert!(stage.effects().is_empty(), "once");
    stage.send(Message::ClipboardCleared(Ok(false))).shows("it holds something newer");
    // The clock goes back: it is not on the clipboard for longer.
    stage.keys("c").send(copied()).tick("-1d").tick("+45s").effects();
    stage.keys("c").send(copied()).effects();
    stage.keys("q");
    assert_eq!(stage.effects(), ["ClearClipboard", "Quit"]);
}

#[test]
fn what_is_no_secret_and_what_nobody_can_read_back_stays() {
    let mut stage = of(stage::profile("edx", "x"), 3_600);
    stage.keys("2 Y").send(Message::Copied("claims of the access token of edx".into(), CopyOutcome::Clipboard));
    stage.hides("is cleared").tick("+1h").effects();
    stage.keys("c").send(Message::Copied("access token of edx".into(), CopyOutcome::Osc52 { doubt: None }));
    stage.keys("N").shows("it stays there until you copy something else").keys("Esc").effects();
    stage.tick("+1h").send(Message::Terminated);
    assert_eq!(stage.effects(), ["Quit"]);
    let mut config = Config::default();
    config.clipboard.clear_after_seconds = 0;
    stage = of(stage::profile("edx", "x"), 3_600);
    stage.send(Message::ConfigLoaded(Ok(config))).keys("2 c");
    stage.send(Message::Copied("access token of edx".into(), CopyOutcome::Clipboard)).hides("is cleared").effects();
    stage.keys("q");
    assert_eq!(stage.effects(), ["Quit"]);
}

#[test]
fn settings_that_cannot_be_read_are_said_and_have_their_defaults() {
    let mut stage = Stage::with(Start { config: Err("line 3: no such key".into()), ..start((120, 40)) });
    stage.shows("line 3: no such key").shows("edx-demo").keys("N").shows("do     fix the file, then press ^R");
}
