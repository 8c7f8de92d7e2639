//! Scenarios of the lock: renewals go on behind it where the key can be had without the user; where it cannot, the user is
//! warned before, and told after.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use crate::support::stage;
use stage::{NOW, Stage, refusal, start, token_set};
use tokscope::{
    auth::{Acceptance, AuthError, ProbeVerdict, Progress, TokenSet},
    clock,
    profile::{Profile, ProfileName},
    secret::Fingerprint,
    store::{
        config::Config,
        identity::Home,
        vault::{Condition, Retired},
    },
    trouble::Trouble,
    tui::app::{
        Effect, Message, Start,
        message::{CopyOutcome, Facts, Glimpse, Kept, OpenedVault, TaskEvent, TaskId, TaskOutcome, Unopened, What},
        vault::AtStart,
    },
};

fn profiles(count: usize) -> Vec<Profile> {
    (0..count).map(|at| stage::automatic(&format!("p{at:02}"))).collect()
}

fn config(minutes: Option<u32>) -> Config {
    let mut config = Config::default();
    config.vault.lock_after_minutes = minutes;
    config
}

fn kept(token_set: Option<TokenSet>) -> Kept {
    Kept { token_set, ..Kept::default() }
}

/// The vault is opened with these tokens, each of so many seconds.
fn open(stage: &mut Stage, home: Home, seconds: i64, count: usize) {
    let opening = stage.take_effects().into_iter().rev().find_map(|effect| match effect {
        Effect::Start { id, what: What::OpenVault { .. }, .. } => Some(id),
        _ => None,
    });
    let set = |profile: Profile| (profile.name, kept(Some(token_set(stage.now, seconds))));
    let records = profiles(count).into_iter().map(set).collect();
    let opened = OpenedVault { home, chosen: false, records, unreadable: Vec::new(), loose: Vec::new() };
    stage.send(Message::Task(opening.unwrap(), TaskEvent::Ended(Ok(TaskOutcome::Opened(opened)))));
}

/// So many profiles that are renewed automatically, in an open vault whose key is kept there.
pub(crate) fn session(home: Home, minutes: Option<u32>, seconds: i64, count: usize) -> Stage {
    let (vault, config) = (AtStart::Locked, Ok(config(minutes)));
    let mut stage = Stage::with(Start { profiles: Ok(profiles(count)), vault, config, ..start((120, 40)) });
    stage.tick("+0s");
    open(&mut stage, home, seconds, count);
    stage
}

/// Goes on for so many minutes, and answers each refresh at once. The seconds at which each profile's began.
fn live(stage: &mut Stage, minutes: i64, seconds: i64) -> Vec<(i64, ProfileName)> {
    let mut started = Vec::new();
    stage.live(chrono::TimeDelta::minutes(minutes), |stage, passed, effect| {
        let Effect::Start { id, what: What::Refresh, whose: Some(profile), unasked } = effect else { return };
        assert!(unasked.is_some(), "nobody is there to ask for it");
        started.push((passed, profile.clone()));
        let set = token_set(stage.now, seconds);
        let brought = match stage.model.holds() {
            false => TaskOutcome::Glimpse(Glimpse::of(&profile, &set, chrono::TimeDelta::zero())),
            true => TaskOutcome::TokenSet(set),
        };
        stage.job(id.0, TaskEvent::Ended(Ok(brought)));
    });
    started
}

/// What was seen in practice: a quarter of an hour without a fault, then the idle lock, then nothing any more.
#[test]
fn sixty_profiles_are_renewed_behind_the_lock() {
    for (home, minutes) in [(Home::Keyring, None), (Home::Plain, Some(15))] {
        let mut stage = session(home, minutes, 40, 60);
        assert!(live(&mut stage, 14, 40).len() > 60 * 20);
        stage.shows("vault: ").hides("vault: locked");
        live(&mut stage, 2, 40);
        stage.shows("vault: locked").hides("ault locked after");
        stage.keys("N /").types("continues").shows("refresh of 60 profiles continues").keys("Enter Esc Esc");
        let started = live(&mut stage, 5, 40);
        for profile in profiles(60) {
            let times: Vec<_> = started.iter().filter(|(_, name)| *name == profile.name).map(|(at, _)| *at).collect();
            assert!(times.len() >= 7, "{home}: {} at {times:?}", profile.name);
            assert!(times.windows(2).all(|pair| pair[1] - pair[0] <= 40), "{home}: it never ends: {times:?}");
        }
        // States, times and the next renewal; no claims and no tokens.
        stage.shows("● ").shows("⟳ ").hides("alice").hides("expired").hides("stopped");
        let model = format!("{:?}", stage.model);
        for secret in ["alice", "read write", "eyJ"] {
            assert!(!model.contains(secret), "{secret}");
        }
        // Unlocking brings the tokens back that came meanwhile.
        stage.keys("L");
        open(&mut stage, home, 40, 60);
        stage.shows("alice").hides("vault: locked");
        assert!(live(&mut stage, 1, 40).len() >= 60);
    }
}

#[test]
fn a_plain_key_has_no_idle_lock_unless_the_settings_want_one() {
    let mut stage = session(Home::Plain, None, 3_600, 1);
    stage.tick("+1h").tick("+9h").hides("vault: locked");
    assert!(!stage.take_effects().iter().any(|effect| matches!(effect, Effect::LockVault(_))));
    // By hand it can be locked all the same, and renewals go on.
    let mut stage = session(Home::Plain, None, 3_600, 1);
    stage.keys("L").shows("vault: locked").shows("automatic refresh of 1 profile continues").shows("⟳ ● 1h 00m");
    stage.take_effects();
    stage.tick("+55m");
    assert_eq!(stage.effects(), ["start 2 Refresh p00"]);
}

#[test]
fn a_passphrase_lock_is_announced_and_a_key_postpones_it() {
    let mut stage = session(Home::Passphrase, None, 1_200, 3);
    stage.tick("+13m").tick("+59s").hides("locks");
    stage.resize(0, 0);
    assert_eq!(stage.wakes_in().unwrap().num_seconds(), 1);
    stage.resize(120, 40).tick("+1s");
    stage.shows("Vault locks at 22:50:00, which stops automatic refresh of 3 profiles");
    stage.shows("any key postpones it").shows("W stay unlocked");
    stage.shows("vault: passphrase · locks in 1m 00s").tick("+18s").shows("locks in 42s");
    // Any key is a sign of life: the warning is over.
    stage
        .keys("1")
        .hides("locks at")
        .shows("vault: passphrase")
        .hides("locks in")
        .tick("+14m")
        .shows("locks at 23:04:18");
    stage.keys("W").hides("locks at").shows("no idle lock").shows("Vault unlocked until you lock it");
    live(&mut stage, 600, 1_200);
    stage.shows("alice").hides("vault: locked");
    stage.keys("L").shows("vault: locked");
    stage.keys("L");
    open(&mut stage, Home::Passphrase, 1_200, 3);
    stage.hides("no idle lock").tick("+14m").shows("locks at");
}

#[test]
fn a_passphrase_lock_says_what_it_has_stopped() {
    let mut stage = session(Home::Passphrase, None, 3_600, 3);
    stage.tick("+15m").shows("automatic refresh of 3 profiles stopped: vault locked after 15 min without a key");
    stage.shows("p00             ● 45m 00s").hides("⟳").shows("ault locked").shows("All  0 · 3 profiles");
    stage.take_effects();
    stage.keys("= R R").shows("p00: Auto-refresh on, but paused while the vault is locked: L unlocks it");
    stage.tick("+8h").shows("↻ 7h ago");
    assert!(!stage.has_effects());
    stage.keys("L");
    open(&mut stage, Home::Passphrase, 3_600, 3);
    stage.hides("profiles stopped").shows("⟳ ");
}

#[test]
fn where_nothing_stops_nobody_is_warned() {
    // Renewals go on.
    let mut stage = session(Home::Keyring, None, 3_600, 3);
    stage.tick("+14m").hides("locks at").tick("+1m").shows("vault: locked");
    // There are none.
    let mut stage = session(Home::Passphrase, None, 3_600, 3);
    stage.keys("= R Down R Down R").tick("+14m").hides("locks at");
    stage.tick("+1m").shows("after 15 min without a key press").hides("automatic refresh");
}

#[test]
fn the_bell_rings_for_the_lock_and_for_tokens_behind_it() {
    let mut loud = config(None);
    (loud.warn.bell, loud.warn.desktop) = (true, true);
    let mut stage = session(Home::Passphrase, None, 3_600, 1);
    stage.send(Message::ConfigLoaded(Ok(loud))).tick("+14m");
    let effects = stage.effects();
    assert!(effects[0] == "Ring" && effects[1].contains("stops automatic refresh of 1 profile"), "{effects:?}");
    stage.tick("+1m").take_effects();
    stage.tick("+40m");
    assert_eq!(stage.effects(), ["Ring", "Notify(\"p00: access token expires in 5m 00s\")"]);
    stage.keys("L");
    let set = token_set(clock::parse(NOW).unwrap(), 3_600);
    let Some(Effect::Start { id, what: What::OpenVault { .. }, .. }) = stage.take_effects().pop() else {
        panic!("it is not opened")
    };
    let records = vec![(profiles(1).remove(0).name, kept(Some(set)))];
    let opened =
        OpenedVault { home: Home::Passphrase, chosen: false, records, unreadable: Vec::new(), loose: Vec::new() };
    stage.send(Message::Task(id, TaskEvent::Ended(Ok(TaskOutcome::Opened(opened)))));
    assert!(!stage.effects().contains(&"Ring".to_owned()), "the same token, and it was warned of");
}

#[test]
fn a_renewal_that_fails_behind_the_lock_shows_on_the_row() {
    let mut stage = session(Home::Keyring, None, 90, 1);
    stage.keys("= L").take_effects();
    stage.tick("+65s");
    assert_eq!(stage.effects(), ["start 2 Refresh p00"]);
    let locked = AuthError::Vault(Trouble::new("the keyring is locked", "unlock it"));
    stage.fails(2, locked).shows("✗ failed").shows("refresh failed: the keyring is locked").shows("next try at");
    // It comes back by itself.
    stage.tick("+45s");
    assert_eq!(stage.effects(), ["start 3 Refresh p00"]);
    let name = profiles(1).remove(0).name;
    let glimpse = Glimpse::of(&name, &token_set(stage.now, 90), chrono::TimeDelta::zero());
    stage.job(3, TaskEvent::Ended(Ok(TaskOutcome::Glimpse(glimpse)))).hides("the keyring is locked").shows("1m 30s");
    stage.tick("+65s").take_effects();
    stage.fails(4, refusal()).shows("✗ log in").tick("+8h");
    assert!(!stage.has_effects());
}

/// What was sent before the lock ends behind it: the list learns when the new tokens end, and nothing else.
#[test]
fn a_refresh_that_was_sent_ends_unseen() {
    let mut stage = session(Home::Keyring, None, 3_600, 1);
    stage.keys("= r").take_effects();
    stage.tick("+10m").keys("L").shows("vault: locked").shows("cancelling");
    assert_eq!(stage.effects(), ["cancel 2", "LockVault([])"], "what was not sent is given up");
    stage.job(2, TaskEvent::Stepped(Progress::Finishing)).shows("finishing").shows("its response will be saved");
    stage.arrives(2, 3_600).hides("alice").shows("⟳ ● 1h 00m");
    let (set, retired) = (token_set(stage.now, 7_200), Fingerprint::of("x"));
    let retired = Some(Retired { refresh_token: retired, at: stage.now, words: "alice is locked out".into() });
    let facts = Facts { condition: Condition { retired, ..Condition::default() }, ..Facts::default() };
    let kept = Kept { token_set: Some(set), facts, ..Kept::default() };
    stage.send(Message::RecordRead(profiles(1).remove(0).name, Box::new(kept))).shows("✗ log in");
    let model = format!("{:?}", stage.model);
    let at = model.find("alice is").map(|at| &model[at - 200..at + 100]);
    assert!(at.is_none(), "nor what the server said: {at:?}");
}

/// A renewal behind the lock ends while the vault is opened, or after: its tokens are brought up.
#[test]
fn what_was_renewed_while_the_vault_was_opened_is_brought_up() {
    let name = profiles(1).remove(0).name;
    let renewing = || {
        let mut stage = session(Home::Keyring, None, 90, 1);
        stage.keys("L").take_effects();
        stage.tick("+65s");
        assert_eq!(stage.effects(), ["start 2 Refresh p00"]);
        stage.keys("L");
        stage
    };
    let ends = |stage: &mut Stage| {
        let glimpse = Glimpse::of(&name, &token_set(stage.now, 90), chrono::TimeDelta::zero());
        stage.job(2, TaskEvent::Ended(Ok(TaskOutcome::Glimpse(glimpse))));
    };
    let old = token_set(clock::parse(NOW).unwrap(), 90);
    let opens = |stage: &mut Stage| {
        let records = vec![(name.clone(), kept(Some(old.clone())))];
        let home = Home::Keyring;
        let opened = OpenedVault { home, chosen: false, records, unreadable: Vec::new(), loose: Vec::new() };
        stage.send(Message::Task(TaskId(3), TaskEvent::Ended(Ok(TaskOutcome::Opened(opened)))));
    };
    for early in [true, false] {
        let mut stage = renewing();
        stage.take_effects();
        if early {
            ends(&mut stage);
            opens(&mut stage);
        } else {
            opens(&mut stage);
            ends(&mut stage);
        }
        assert_eq!(stage.effects(), ["ReadRecord(ProfileName(\"p00\"))"], "{early}");
        let set = token_set(stage.now, 90);
        stage.send(Message::RecordRead(name.clone(), Box::new(kept(Some(set))))).shows("1m 30s").hides("another");
    }
}

#[test]
fn a_lock_before_the_key_is_there_says_so() {
    let mut stage = Stage::with(Start { profiles: Ok(profiles(1)), vault: AtStart::Locked, ..start((120, 40)) });
    stage.tick("+0s").send(Message::LockAsked).shows("locked by another program").shows("vault: locked");
    assert!(!stage.model.holds());
}

#[test]
fn a_vault_that_stays_locked_says_what_waits_for_it() {
    let start = Start { profiles: Ok(profiles(3)), vault: AtStart::Locked, ..start((120, 40)) };
    let mut stage = Stage::with(start);
    stage.tick("+0s").keys("Esc").shows("Vault still locked; automatic refresh of 3 profiles waits for it.");
}

/// What the server said about the account is as private as the claims.
#[test]
fn who_was_signed_in_is_not_on_screen_after_the_lock() {
    let mut stage = session(Home::Keyring, None, 3_600, 1);
    let account = Some("mallory".to_owned());
    let verdict = ProbeVerdict { acceptance: Acceptance::Accepted, account, status: 200, detail: String::new() };
    stage.keys("=p00 p").job(2, TaskEvent::Ended(Ok(TaskOutcome::Probed(verdict)))).keys("N").shows("you are mallory");
    stage.send(Message::LockAsked).hides("mallory").keys("N").hides("mallory").shows("locked by another program");
    assert!(!format!("{:?}", stage.model).contains("mallory"));
}

/// The lock came between the decision and the request: it begins again behind the lock, at once.
#[test]
fn a_renewal_that_was_not_sent_begins_again_behind_the_lock() {
    let mut stage = session(Home::Keyring, None, 90, 1);
    stage.tick("+65s").keys("L");
    assert_eq!(stage.effects(), ["start 2 Refresh p00", "cancel 2", "LockVault([])"]);
    stage.fails(2, AuthError::Cancelled).hides("cancelled");
    assert_eq!(stage.effects(), ["start 3 Refresh p00"]);
    // Where the key needs the user, it stays away.
    let mut stage = session(Home::Passphrase, None, 90, 1);
    stage.tick("+65s").keys("L").take_effects();
    stage.fails(2, AuthError::Cancelled).hides("⟳");
    assert!(!stage.has_effects());
}

#[test]
fn tokens_that_are_gone_when_it_is_unlocked_are_gone_from_the_list() {
    let mut stage = session(Home::Keyring, None, 3_600, 2);
    stage.keys("L").shows("● 1h 00m");
    stage.keys("L");
    open(&mut stage, Home::Keyring, 3_600, 1);
    stage.shows("● 1h 00m").shows("○ no tokens");
}

#[test]
fn a_lock_takes_every_copied_secret_back() {
    let lent = |stage: &mut Stage| {
        stage.keys("2 c");
        let Some(Effect::Copy { what, .. }) = stage.take_effects().pop() else { panic!("nothing is copied") };
        what
    };
    let has = |stage: &mut Stage| stage.effects().contains(&"ClearClipboard".to_owned());
    let mut stage = session(Home::Keyring, None, 3_600, 1);
    // Also one that may stay for as long as it likes.
    let mut never = config(None);
    never.clipboard.clear_after_seconds = 0;
    stage.send(Message::ConfigLoaded(Ok(never)));
    let what = lent(&mut stage);
    stage.send(Message::Copied(what, CopyOutcome::Clipboard)).send(Message::LockAsked);
    assert!(has(&mut stage) && stage.model.holds(), "it is not off the clipboard yet");
    stage.send(Message::ClipboardCleared(Ok(true)));
    assert!(!stage.model.holds(), "now it is");
    // And one that was on its way.
    let mut stage = session(Home::Keyring, None, 3_600, 1);
    let what = lent(&mut stage);
    stage.send(Message::LockAsked);
    assert!(!has(&mut stage) && stage.model.holds());
    stage.send(Message::Copied(what, CopyOutcome::Clipboard));
    assert!(has(&mut stage));
    // A vault in memory stays, and the clipboard is cleared all the same.
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 3_600);
    let what = lent(&mut stage);
    stage.send(Message::Copied(what, CopyOutcome::Clipboard)).send(Message::LockAsked).shows("alice");
    assert!(has(&mut stage));
}

/// `tokscope lock` must find this process from before the key is there until it is gone.
#[test]
fn a_process_counts_as_holder_from_before_the_key_is_there() {
    let mut stage = Stage::with(Start { profiles: Ok(profiles(1)), vault: AtStart::Locked, ..start((120, 40)) });
    assert!(!stage.model.holds());
    stage.tick("+0s");
    assert!(stage.model.holds(), "it is looked for");
    open(&mut stage, Home::Keyring, 3_600, 1);
    assert!(stage.model.holds());
    stage.keys("L");
    assert!(!stage.model.holds());
}

/// Ten refreshes are wanted while the vault is locked.
fn ten_on_a_locked_vault() -> Stage {
    let mut stage = session(Home::Keyring, None, 3_600, 10);
    stage.keys("= L").take_effects();
    for _ in 0..10 {
        stage.keys("r Down");
    }
    stage.tick("+1s").shows("» queued").shows("waiting for the vault · 0 of 10");
    stage
}

fn starts(stage: &mut Stage) -> Vec<u64> {
    let effects = stage.take_effects().into_iter();
    let ids = effects.filter_map(|effect| match effect {
        Effect::Start { id, what: What::Refresh, .. } => Some(id.0),
        _ => None,
    });
    ids.collect()
}

#[test]
fn all_that_waits_for_the_vault_begins_when_it_is_unlocked() {
    let mut stage = ten_on_a_locked_vault();
    open(&mut stage, Home::Passphrase, 3_600, 10);
    let mut ids = starts(&mut stage);
    assert_eq!(ids.len(), 8, "so many at once");
    stage.shows("» queued");
    let mut done = 0;
    while let Some(id) = ids.pop() {
        stage.hides("after unlocking").shows(&format!("refreshing 0s · {done} of 10"));
        if done == 3 {
            stage.fails(id, AuthError::Cancelled)
        } else {
            stage.arrives(id, 3_600)
        };
        done += 1;
        ids.extend(starts(&mut stage));
    }
    assert_eq!(done, 10);
    stage.shows("after unlocking: 9 of 10 succeeded, 1 cancelled").hides("p04: Refreshed");
    stage.keys("N").shows("Refreshed.").shows("p06  Refresh cancelled.");
}

#[test]
fn a_vault_that_stays_locked_ends_all_that_waits_for_it_with_one_notice() {
    for given_up in [true, false] {
        let mut stage = ten_on_a_locked_vault();
        let id = stage.take_effects().into_iter().find_map(|effect| match effect {
            Effect::Start { id, what: What::OpenVault { .. }, .. } => Some(id),
            _ => None,
        });
        if given_up {
            stage.keys("Esc").shows("Vault still locked; 10 tasks will not start");
        } else {
            let why = Trouble::new("wrong passphrase", "try again");
            let unopened = TaskOutcome::Unopened(Unopened { why, unchosen: None });
            stage.send(Message::Task(id.unwrap(), TaskEvent::Ended(Ok(unopened))));
            stage.shows("wrong passphrase; 10 tasks will not start");
        }
        stage.hides("waiting for the vault").keys("N").hides("after unlocking").hides("refresh cancelled").keys("Esc");
        stage.take_effects();
        // A later opening starts nothing.
        stage.keys("L");
        open(&mut stage, Home::Passphrase, 3_600, 10);
        assert!(starts(&mut stage).is_empty());
    }
}

#[test]
fn one_key_cancels_all_that_have_one_cause() {
    let mut stage = ten_on_a_locked_vault();
    open(&mut stage, Home::Passphrase, 3_600, 10);
    let ids = starts(&mut stage);
    stage.arrives(ids[0], 3_600);
    let more = starts(&mut stage);
    stage.keys("Esc Esc Esc");
    let cancelled = stage.effects().iter().filter(|line| line.starts_with("cancel ")).count();
    assert_eq!(cancelled, 8, "those that run; the queued one never begins");
    for id in ids[1..].iter().chain(&more) {
        stage.fails(*id, AuthError::Cancelled);
    }
    assert!(starts(&mut stage).is_empty());
    stage.shows("after unlocking: 1 of 10 succeeded, 9 cancelled");
}
