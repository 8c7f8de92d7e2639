//! The vault on screen: opened, locked, opened again; what was left over, and what could not be saved.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use crate::support::stage;
use stage::{Stage, claims, jwt, start, token_set};
use tokscope::{
    auth::{AuthError, Prompt, TokenKind, TokenSet},
    clock,
    profile::ProfileName,
    secret::{ExposeSecret as _, Fingerprint},
    store::{
        identity::Home,
        vault::{Condition, Doubt, Event, EventKind, Generation, InFlight, Retired},
    },
    trouble::Trouble,
    tui::app::{
        Effect, Message, Start,
        message::{CopyOutcome, Facts, Kept, Loose, OpenedVault, TaskEvent, TaskId, TaskOutcome, Unopened, What},
        vault::AtStart,
    },
};

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}

fn locked() -> Start {
    Start { vault: AtStart::Locked, ..start((120, 40)) }
}

/// The last opening that was asked for.
fn opening(stage: &mut Stage) -> (u64, Option<Home>, bool) {
    let effects = stage.take_effects();
    let mut openings = effects.into_iter().filter_map(|effect| match effect {
        Effect::Start { id, what: What::OpenVault { home, asked }, .. } => Some((id.0, home, asked)),
        _ => None,
    });
    openings.next_back().expect("an opening")
}

fn kept(token_set: Option<TokenSet>, condition: Condition) -> Kept {
    Kept { token_set, facts: Facts { condition, ..Facts::default() }, ..Kept::default() }
}

fn opens(stage: &mut Stage, id: u64, home: Home, records: Vec<(ProfileName, Kept)>, loose: Vec<Loose>) {
    let opened = OpenedVault { home, chosen: false, records, unreadable: Vec::new(), loose };
    stage.send(Message::Task(TaskId(id), TaskEvent::Ended(Ok(TaskOutcome::Opened(opened)))));
}

fn stays_closed(stage: &mut Stage, id: u64, what: &str, unchosen: bool) {
    let why = Trouble::new(what, "what to do");
    let unchosen = unchosen.then(|| "no keyring".to_owned());
    stage.send(Message::Task(TaskId(id), TaskEvent::Ended(Ok(TaskOutcome::Unopened(Unopened { why, unchosen })))));
}

/// Open, with tokens of edx-demo that live an hour.
fn open() -> Stage {
    let mut stage = Stage::with(locked());
    stage.tick("+0s");
    let (id, ..) = opening(&mut stage);
    let set = token_set(stage.now, 3_600);
    opens(&mut stage, id, Home::Keyring, vec![(name("edx-demo"), kept(Some(set), Condition::default()))], Vec::new());
    stage
}

#[test]
fn it_opens_after_the_first_frame_and_what_is_pasted_does_not_wait() {
    let mut stage = Stage::with(locked());
    stage.shows("vault: locked").shows("locked");
    assert_eq!(stage.wakes_in().unwrap().num_seconds(), 0, "at once, but after the frame");
    stage.tick("+0s").shows("unlocking the vault …");
    let (id, home, asked) = opening(&mut stage);
    assert_eq!((home, asked), (None, false), "the keyring shows no dialog for what nobody asked for");
    assert_eq!(stage.wakes_in(), None);
    stage.paste(&jwt(&claims("bob", stage.now, 600))).shows("bob");
    let set = token_set(stage.now, 3_600);
    opens(&mut stage, id, Home::Keyring, vec![(name("edx-demo"), kept(Some(set), Condition::default()))], Vec::new());
    stage.shows("vault: keyring").under_cursor("bob").hides("locked").keys("1 g").shows("alice");
}

#[test]
fn a_vault_that_nothing_is_in_and_no_profile_needs_stays_as_it_is() {
    let mut stage = Stage::with(Start { vault: AtStart::Fresh, profiles: Ok(Vec::new()), ..start((120, 40)) });
    stage.tick("+1s").shows("vault: none yet");
    assert_eq!(stage.effects(), ["LookForSources"], "it stays closed");
}

#[test]
fn the_passphrase_is_asked_masked_and_esc_leaves_it_closed() {
    let mut stage = Stage::with(locked());
    stage.tick("+0s");
    let (id, ..) = opening(&mut stage);
    let prompt = |help: &str| Prompt {
        key: "vault_passphrase",
        label: "Passphrase of the vault".into(),
        help: help.to_owned().into(),
        secret: true,
    };
    stage.job(id, TaskEvent::Asked(prompt("kept under it"))).shows("vault: Passphrase of the vault");
    stage.types("horse").hides("horse").keys("Enter");
    assert_eq!(stage.effects(), [format!("answer {id} horse")]);
    stage.job(id, TaskEvent::Asked(prompt("wrong passphrase for the vault"))).shows("wrong passphrase");
    stage.keys("Esc").shows("Vault still locked.").shows("vault: locked");
    assert_eq!(stage.effects(), [format!("cancel {id}")]);
    opens(&mut stage, id, Home::Passphrase, Vec::new(), Vec::new());
    stage.shows("vault: locked");
    stage.keys("Enter");
    let (id, home, asked) = opening(&mut stage);
    assert_eq!((home, asked), (None, true));
    stays_closed(&mut stage, id, "wrong passphrase for the vault", false);
    stage.shows("wrong passphrase for the vault").shows("what to do").shows("vault: locked");
}

#[test]
fn without_a_keyring_the_first_login_asks_and_then_begins() {
    let mut stage = Stage::with(Start { vault: AtStart::Fresh, ..start((120, 40)) });
    stage.tick("+0s");
    let (id, ..) = opening(&mut stage);
    stays_closed(&mut stage, id, "nobody has said yet, and the keyring does not respond", true);
    stage.shows("the keyring does not respond").shows("L chooses one");
    stage.keys("=edx-demo l").shows("Where should the vault's key be kept?").shows("asked for at each start");
    assert!(!stage.has_effects(), "a login waits for the choice");
    stage.keys("Down Enter");
    let (id, home, _) = opening(&mut stage);
    assert_eq!(home, Some(Home::Passphrase));
    opens(&mut stage, id, Home::Passphrase, Vec::new(), Vec::new());
    assert_eq!(stage.effects(), [format!("start {} Login edx-demo", id - 1)]);
    stage.shows("vault: passphrase");
}

#[test]
fn not_now_keeps_tokens_in_memory_and_marks_it() {
    let mut stage = Stage::with(Start { vault: AtStart::Fresh, ..start((120, 40)) });
    stage.tick("+0s");
    let (id, ..) = opening(&mut stage);
    stays_closed(&mut stage, id, "nobody has said yet, and no keyring is there", true);
    stage.keys("=edx-demo l G Enter").shows("memory: nothing is saved");
    assert!(matches!(stage.take_effects()[..], [Effect::Start { what: What::Login, .. }]));
    stage.arrives(id + 1, 3_600).tick("+16m").shows("alice");
    stage.keys("L").shows("Where should the vault's key be kept?").keys("Esc");
    stage.send(Message::LockAsked).shows("alice").hides("vault: locked");
    // A choice that is given up starts nothing later.
    let mut stage = Stage::with(Start { vault: AtStart::Fresh, ..start((120, 40)) });
    stage.tick("+0s");
    let (id, ..) = opening(&mut stage);
    stays_closed(&mut stage, id, "no keyring is there", true);
    stage.keys("=edx-demo l Esc L Enter");
    let (id, ..) = opening(&mut stage);
    opens(&mut stage, id, Home::Keyring, Vec::new(), Vec::new());
    assert!(!stage.has_effects());
}

/// In memory because nobody has said otherwise: leaving asks. Where that was chosen it does not.
#[test]
fn leaving_asks_while_a_session_is_in_memory_for_now() {
    for (chosen, asks) in [("G Enter", true), ("Down Down Enter", false)] {
        let mut stage = Stage::with(Start { vault: AtStart::Fresh, ..start((120, 40)) });
        stage.tick("+0s");
        let (id, ..) = opening(&mut stage);
        stays_closed(&mut stage, id, "no keyring is there", true);
        stage.keys("=edx-demo l").keys(chosen);
        let login = match asks {
            true => id + 1,
            false => {
                let (id, home, _) = opening(&mut stage);
                assert_eq!(home, Some(Home::Memory));
                opens(&mut stage, id, Home::Memory, Vec::new(), Vec::new());
                id - 1
            }
        };
        stage.shows("memory: nothing is saved").arrives(login, 3_600).keys("q");
        assert_eq!(stage.model.quitting(), !asks);
        if asks {
            stage.shows("Quit anyway?").shows("To save them, stay and press L.").keys("n").hides("Quit anyway?");
            assert!(!stage.model.quitting());
            stage.keys("q y");
            assert!(stage.model.quitting());
        }
    }
}

#[test]
fn a_lock_leaves_nothing_behind_and_brings_pasted_tokens_back() {
    let mut stage = open();
    stage.paste(&jwt(&claims("bob", stage.now, 600))).keys("2 c");
    let Some(Effect::Copy { what, .. }) = stage.take_effects().pop() else { panic!("nothing is copied") };
    stage.send(Message::Copied(what, CopyOutcome::Clipboard));
    stage.keys("Down e").shows("Esc").keys("Esc =edx-prod l");
    stage.job(2, TaskEvent::Asked(stage::password_prompt())).types("hunter2");
    stage.take_effects();
    stage.send(Message::LockAsked);
    let effects = stage.take_effects();
    let [Effect::ClearClipboard, Effect::Cancel(TaskId(2)), Effect::LockVault(loose)] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert_eq!(loose.len(), 1);
    stage.shows("locked by another program").shows("the vault is locked").shows("restores the pasted token");
    stage.hides("alice").hides("bob").hides("Password").hides("hunter2");
    let debug = format!("{:?}", stage.model);
    assert!(!debug.contains("alice@") && !debug.contains("\"bob\""), "nothing decoded is left");
    let (source, raw) = (loose[0].source.clone(), loose[0].raw.clone());
    let back = Loose { source, kind: TokenKind::Unknown, raw, expires_at: None };
    assert!(back.raw.expose_secret().starts_with("ey"));
    // The rest of the password is no command.
    stage.shows("No longer asked").types("1d").keys("Esc 1 Enter");
    let (id, ..) = opening(&mut stage);
    let set = token_set(stage.now, 3_600);
    opens(&mut stage, id, Home::Keyring, vec![(name("edx-demo"), kept(Some(set), Condition::default()))], vec![back]);
    stage.keys("1 g").shows("alice").shows("bob");
}

/// What a pasted text said beside an opaque token comes back with it.
#[test]
fn the_end_of_a_pasted_token_outlives_a_lock() {
    let mut stage = open();
    let end = stage.now.timestamp() + 600;
    stage.paste(&format!(r#"{{"accessToken":"aoaAAAAAGZkvg0rjkYqhLSlesQmLgBP","expiresAt":{end}}}"#)).shows("10m 00s");
    stage.send(Message::LockAsked);
    let locked = stage.take_effects().into_iter().find_map(|effect| match effect {
        Effect::LockVault(loose) => Some(loose),
        _ => None,
    });
    stage.hides("10m 00s");
    let loose = locked.unwrap();
    assert_eq!((loose[0].kind, loose[0].expires_at.map(|end| end.timestamp())), (TokenKind::Access, Some(end)));
    stage.keys("=edx-demo Enter");
    let (id, ..) = opening(&mut stage);
    opens(&mut stage, id, Home::Keyring, Vec::new(), loose);
    stage.shows("10m 00s").keys("1 g").shows(" access ");
}

/// The key is there, and what it opens is not yet on screen: Esc comes too late, a lock does not.
#[test]
fn a_lock_in_the_middle_of_an_opening_drops_the_key() {
    let mut stage = open();
    stage.keys("L Enter");
    let (id, ..) = opening(&mut stage);
    stage.send(Message::Task(TaskId(id), TaskEvent::KeyTaken)).keys("Esc").shows("unlocking the vault");
    stage.paste(&jwt(&claims("bob", stage.now, 600)));
    stage.take_effects();
    stage.send(Message::LockAsked).shows("vault: locked").hides("bob");
    let effects = stage.take_effects();
    let [Effect::Cancel(_), Effect::LockVault(loose)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(loose.len(), 1);
    let set = token_set(stage.now, 3_600);
    opens(&mut stage, id, Home::Keyring, vec![(name("edx-demo"), kept(Some(set), Condition::default()))], Vec::new());
    stage.hides("alice").shows("vault: locked");
    // A vault that cannot be read after all is not left open.
    stage.keys("Enter");
    let (id, ..) = opening(&mut stage);
    stage.send(Message::Task(TaskId(id), TaskEvent::KeyTaken));
    stays_closed(&mut stage, id, "the folder is gone", false);
    assert!(matches!(stage.take_effects()[..], [Effect::LockVault(_)]));
}

#[test]
fn a_refresh_is_given_up_and_what_it_has_sent_ends_unseen() {
    let mut stage = open();
    stage.keys("=edx-demo r");
    stage.take_effects();
    stage.keys("L");
    let effects = stage.take_effects();
    assert!(matches!(&effects[..], [Effect::Cancel(TaskId(2)), Effect::LockVault(_)]), "{effects:?}");
    stage.arrives(2, 3_600).hides("alice").shows("vault: locked");
    let set = token_set(stage.now, 3_600);
    stage.send(Message::RecordRead(name("edx-demo"), Box::new(kept(Some(set), Condition::default()))));
    stage.hides("alice");
}

#[test]
fn what_needs_the_vault_opens_it_first() {
    let mut stage = open();
    stage.keys("=edx-demo L");
    stage.take_effects();
    stage.keys("r").shows("the refresh will start once the vault is unlocked");
    let (id, _, asked) = opening(&mut stage);
    assert!(asked);
    let set = token_set(stage.now, 3_600);
    opens(&mut stage, id, Home::Keyring, vec![(name("edx-demo"), kept(Some(set), Condition::default()))], Vec::new());
    assert_eq!(stage.effects(), [format!("start {} Refresh edx-demo", id - 1)]);
}

#[test]
fn it_locks_when_nobody_has_pressed_a_key_for_a_quarter_of_an_hour() {
    let mut stage = open();
    stage.tick("+10m").keys("Down").tick("+14m").shows("alice").tick("+59s").shows("alice");
    stage.tick("+1s").shows("locked after 15 min without a key press").hides("alice").shows("vault: locked");
    assert!(matches!(stage.take_effects()[..], [Effect::LockVault(_)]));
    stage.tick("+9h");
    assert!(!stage.has_effects(), "once is enough");
    let mut stage = open();
    stage.tick("-2h").tick("+14m").shows("alice").tick("+1m").shows("vault: locked");
    let mut config = tokscope::store::config::Config::default();
    config.vault.lock_after_minutes = Some(0);
    let mut stage = open();
    stage.send(Message::ConfigLoaded(Ok(config))).tick("+3d").hides("vault: locked");
}

#[test]
fn a_refresh_by_itself_waits_while_the_vault_is_opened() {
    let mut stage = open();
    stage.keys("=edx-demo R L Enter");
    let (id, ..) = opening(&mut stage);
    stage.tick("+2h");
    assert!(!stage.has_effects());
    stage.keys("Esc").take_effects();
    opens(&mut stage, id, Home::Keyring, Vec::new(), Vec::new());
    stage.shows("vault: locked");
}

#[test]
fn what_is_left_over_from_the_last_time_is_said() {
    let mut stage = Stage::with(locked());
    stage.tick("+0s");
    let (id, ..) = opening(&mut stage);
    let since = clock::parse("2026-11-21T20:00:00Z").unwrap();
    let refresh_token = Fingerprint::of("x");
    let mark = Some(InFlight { refresh_token, since, pid: 7, attempts: 1 });
    let in_flight = kept(Some(token_set(stage.now, 60)), Condition { in_flight: mark, ..Condition::default() });
    let retired = Some(Retired { refresh_token, at: since, words: "no such \u{1b}[31mgrant".to_owned() });
    let retired = kept(Some(token_set(stage.now, 60)), Condition { retired, ..Condition::default() });
    let opened = OpenedVault {
        home: Home::Plain,
        chosen: true,
        records: vec![(name("edx-demo"), in_flight), (name("edx-prod"), retired)],
        unreadable: vec![Trouble::new("/vault/x.age cannot be opened", "move it away")],
        loose: Vec::new(),
    };
    stage.send(Message::Task(TaskId(id), TaskEvent::Ended(Ok(TaskOutcome::Opened(opened)))));
    stage.shows("vault: plain!").keys("N");
    stage.shows("Refresh cut off at 21:00:00: the old or the new token may be the good one.");
    stage.shows("refused the refresh token").shows("/vault/x.age cannot be opened");
    stage.keys("Esc").shows("✗ log in");
}

#[test]
fn an_id_token_that_is_not_valid_is_said_and_holds_back_what_nobody_asked_for() {
    let mut stage = open();
    stage.keys("=edx-demo R l");
    stage.arrives(2, 90).take_effects();
    let doubt = Some(Doubt { at: stage.now, words: "its aud does not \u{1b}[31mname this client".to_owned() });
    let record = || Box::new(kept(None, Condition { doubt: doubt.clone(), ..Condition::default() }));
    stage.send(Message::RecordRead(name("edx-demo"), record()));
    stage.shows("▲ ID token").shows("the ID token is not valid").shows("its aud does not").hides("\u{1b}");
    stage.tick("+80s").tick("+3m");
    assert!(!stage.effects().iter().any(|effect| effect.contains("Refresh")), "it waits for the user");
    stage.keys("Enter").shows("waits for you: the ID token is not valid").keys("Esc r");
    assert!(stage.effects().iter().any(|effect| effect.contains("Refresh edx-demo")), "who wants it gets it");
    stage.arrives(3, 7_200).send(Message::RecordRead(name("edx-demo"), Box::new(kept(None, Condition::default()))));
    stage.hides("▲ ID token");
}

#[test]
fn what_is_not_saved_stays_in_sight_is_tried_again_and_asked_about() {
    let mut stage = open();
    stage.keys("=edx-demo r");
    stage.take_effects();
    stage.arrives(2, 7_200);
    let unsaved = Condition { unsaved: Some("No space left on device".to_owned()), ..Condition::default() };
    stage.send(Message::RecordRead(name("edx-demo"), Box::new(kept(None, unsaved))));
    stage.shows("● NOT SAVED").shows("Not saved: No space left on device.").shows("1 NOT SAVED");
    let due = |stage: &mut Stage| stage.effects().iter().filter(|effect| effect.starts_with("SaveUnsaved")).count();
    assert_eq!(due(&mut stage), 0);
    let tries: Vec<_> = (0..60).map(|_| due(stage.tick("+1s"))).collect();
    let at: Vec<_> = tries.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, _)| at + 1).collect();
    assert_eq!(at, [5, 15, 35], "further and further apart");
    stage.keys("q").shows("Quit anyway?");
    assert_eq!(due(&mut stage), 1, "the best answer is that they are saved");
    stage.keys("n");
    assert!(!stage.model.quitting());
    stage.keys("L").shows("● NOT SAVED").keys("q").shows("Quit anyway?").keys("n");
    stage.send(Message::Saved(vec![(name("edx-demo"), None)])).shows("Saved now.").hides("NOT SAVED");
    stage.take_effects();
    stage.tick("+5m");
    assert_eq!(due(&mut stage), 0);
    stage.keys("q");
    assert!(stage.model.quitting());
    let mut stage = open();
    let unsaved = Condition { unsaved: Some("Read-only file system".to_owned()), ..Condition::default() };
    stage.send(Message::RecordRead(name("edx-demo"), Box::new(kept(None, unsaved))));
    stage.keys("^C").shows("Quit anyway?").keys("^C");
    assert!(stage.model.quitting(), "who insists may go");
}

#[test]
fn what_another_tokscope_has_renewed_is_shown() {
    let mut stage = open();
    let set = token_set(stage.now + chrono::TimeDelta::seconds(1), 7_200);
    stage.send(Message::RecordRead(name("edx-demo"), Box::new(kept(Some(set), Condition::default()))));
    stage.shows("2h").keys("N").shows("Another tokscope renewed the tokens.");
}

#[test]
fn the_page_of_a_profile_tells_its_history() {
    let mut stage = open();
    let at = clock::parse("2026-11-21T20:00:00Z").unwrap();
    let event = |kind, minutes| Event {
        at: at + chrono::TimeDelta::minutes(minutes),
        kind,
        access: Some(Fingerprint::of(&minutes.to_string())),
        refresh: None,
        expires_at: Some(at + chrono::TimeDelta::minutes(minutes + 60)),
    };
    let set = stage::token_set(at, 60);
    let old = Generation::of(&set, None, (1, 1), None, (at, EventKind::Login)).unwrap();
    let facts = Facts { history: vec![event(EventKind::Login, 0), event(EventKind::Refresh, 50)], ..Facts::default() };
    stage.send(Message::RecordRead(name("edx-demo"), Box::new(Kept { old: vec![old], facts, ..Kept::default() })));
    stage.keys("=edx-demo Enter").shows("in the system keyring (keyring)").shows("1 kept until their tokens end");
    let newest = Fingerprint::of("50");
    stage.shows(&format!("refresh  access {newest} · until 22:50:00")).shows("History");
    stage.keys("Esc L Enter");
    assert!(!format!("{:?}", stage.model).contains(&newest.to_string()));
}

#[test]
fn a_profile_with_tokens_behind_the_lock_keeps_its_name() {
    let mut stage = open();
    stage.keys("1 L");
    stage.take_effects();
    stage.keys("d").hides("Delete the profile").keys("e").hides("Save");
    assert!(!stage.has_effects());
    stage.fails(9, AuthError::Cancelled);
}
