//! Scenarios of what stands over the panes: what is below comes back untouched, answers that come late, a paste in each
//! mode, Esc that steps back exactly one, and pages that take the commands of what they show.

use crate::support::stage::{self, Stage, claims, jwt, password_prompt, refusal, signed, start};
use tokscope::{
    auth::{AuthError, Progress},
    profile::{Profile, ProfileName},
    store::{identity::Home, vault::Condition},
    token::sign::SigningKeys,
    tui::app::{
        Effect, Message, Start,
        message::{Facts, Import, Kept, OpenedVault, TaskEvent, TaskId, TaskOutcome},
        vault::AtStart,
    },
};

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}

/// The profiles of the stage, under these names.
fn profiles(names: &[&str]) -> Vec<Profile> {
    names.iter().map(|name| stage::profile(name, "staging")).collect()
}

/// A change of the profiles was saved.
fn changed(id: u64, names: &[&str]) -> Message {
    Message::Task(TaskId(id), TaskEvent::Ended(Ok(TaskOutcome::Changed(Ok(profiles(names))))))
}

/// A stage with a session of `edx-demo` whose access token lives so many seconds.
fn session(seconds: i64) -> Stage {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, seconds).effects();
    stage
}

/// A stage whose tokens could not be saved, so that leaving asks.
fn unsaved() -> Stage {
    let mut stage = Stage::with(Start { vault: AtStart::Locked, ..start((120, 40)) });
    let condition = Condition { unsaved: Some("No space left on device".to_owned()), ..Condition::default() };
    let kept = Kept {
        token_set: Some(stage::token_set(stage.now, 3_000)),
        facts: Facts { condition, ..Facts::default() },
        ..Kept::default()
    };
    let records = vec![(name("edx-demo"), kept)];
    let opened = OpenedVault { home: Home::Plain, chosen: false, records, unreadable: Vec::new(), loose: Vec::new() };
    stage.tick("+1s").job(1, TaskEvent::Ended(Ok(TaskOutcome::Opened(opened)))).shows("NOT SAVED").effects();
    stage
}

/// Whatever has the keyboard, the question before leaving stands over it, and it comes back as it was.
#[test]
fn what_is_below_a_question_comes_back_with_its_text() {
    let token = jwt(r#"{"sub":"ada"}"#);
    for (keys, text, below) in [
        ("=edx-demo e", "-new", "edx-demo-new"),
        ("1 v", "abc", "3 characters"),
        ("2 e", "xyz", "xyz{"),
        ("3 /", "sub", "/sub"),
        ("1 i Down Down Enter", "login.example.org", "login.example.org"),
        ("2 K G Up Up Enter", "ab", "JWK set URL"),
        ("2 e ^S Down Enter", "/a/key", "/a/key"),
        ("2 e ^S", "", "how is it signed?"),
        ("1 n", "", "for which system?"),
        ("=edx-demo Enter", "", "Profile  stg edx-demo"),
        ("=edx-demo x", "", "Revoke the tokens of edx-demo"),
        ("?", "", " Help "),
    ] {
        let mut stage = unsaved();
        stage.paste(&token).keys(keys).types(text).shows(below);
        let before = stage.screen();
        stage.keys("^C").shows("Quit anyway?").types("qk x").keys("n");
        assert_eq!(stage.screen(), before, "{keys}");
        assert!(!stage.model.quitting());
        stage.keys("^C Esc");
        assert_eq!(stage.screen(), before, "{keys}");
        stage.keys("^C y");
        assert!(stage.model.quitting());
    }
}

#[test]
fn esc_steps_back_exactly_one() {
    let mut stage = session(90);
    stage.keys("Enter").shows("Profile  stg edx-demo").keys("e").shows("Edit  stg edx-demo").types("x").keys("Esc");
    stage.shows("Leave without saving?").keys("Esc").hides("Leave without").shows("edx-demox").keys("Esc y");
    stage.hides("Edit  stg edx-demo").shows("Profile  stg edx-demo").keys("?").shows(" Help ").keys("Esc");
    stage.hides(" Help ").shows("Profile  stg edx-demo").keys("x").shows("Revoke the tokens").keys("Esc");
    stage
        .hides("Revoke the")
        .shows("Profile  stg edx-demo")
        .keys("Esc")
        .hides("Profile  stg edx-demo")
        .under_cursor("edx-demo");
    assert!(stage.effects().is_empty());
    // What was found is still there below the help.
    stage.keys("3 /").types("e").keys("Enter").shows("1 of").keys("n ?").shows(" Help ").keys("Esc").shows("2 of");
    // The list is answered: what was chosen stands over the editor.
    stage.keys("2 e").types("  ").keys("^S Enter").types("secret").shows("Sign with a secret").keys("Esc");
    stage.hides("Sign with").shows("│   {").keys("^S Esc").shows("│   {").keys("Esc").shows("Leave without a token?");
    stage.keys("Esc").shows("│   {").keys("Esc y").hides("[claims]");
}

/// At a size where nothing of the dialog is left, too.
#[test]
fn what_is_typed_outlives_a_window_that_shrinks() {
    for (keys, text, shown) in
        [("=edx-demo e", "-new", "edx-demo-new"), ("1 @", "fri 9", "fri 9"), ("1 :", "theme", ":theme")]
    {
        let mut stage = session(90);
        stage.keys(keys).types(text);
        for (columns, rows) in [(40, 12), (20, 5), (1, 1), (0, 0), (200, 60), (120, 40)] {
            stage.resize(columns, rows).screen();
        }
        stage.shows(shown);
    }
}

/// From one that begins with it to the next, without case; what nothing begins with changes nothing.
#[test]
fn a_letter_goes_to_what_begins_with_it() {
    let mut stage = Stage::new();
    stage.keys("1 n").under_cursor("Practicus AI").keys("o").under_cursor("Open edX").keys("O").under_cursor("OAuth 2");
    stage
        .keys("o")
        .under_cursor("Open edX")
        .keys("z")
        .under_cursor("Open edX")
        .keys("Enter")
        .shows("New profile  Open edX");
}

#[test]
fn a_paste_goes_where_the_user_types_and_else_becomes_a_token() {
    // Places that take text, with the sign that they have it.
    for (keys, shown) in [
        ("=edx-demo e", "edx-demohello"),
        ("=edx-demo e x Esc", "edx-demoxhello"),
        ("2 e", "hello{"),
        ("2 e ^S", "hello{"),
        ("2 e x Esc", "xhello{"),
        ("2 e ^S Enter", "5 characters"),
        ("2 e ^S Down Enter", "hello"),
        ("2 e ^S Down Enter a Enter", "hello{"),
        ("2 @", "hello"),
        ("3 /", "no match"),
        ("1 i Down Down Enter", "hello"),
        ("=edx-demo Enter e", "edx-demohello"),
    ] {
        let mut stage = session(90);
        stage.keys(keys).paste("hello").shows(shown).hides("pasted");
    }
    // Those that take none make way for the token, all of them.
    for keys in
        ["=edx-demo Enter", "=edx-demo Enter x", "=edx-demo Enter ?", "1 n", "2 x", "N", "3 Enter ?", "2 K", "v"]
    {
        let mut stage = session(90);
        let token = jwt(&claims("zoe", stage.now, 60));
        stage.keys(keys).paste(&token).under_cursor("zoe").shows("Read a JWT");
        stage
            .hides("Profile  stg edx-demo")
            .hides("for which system")
            .hides("Revoke the")
            .hides(" Help ")
            .keys("1 g 2 Home");
        stage.under_cursor("edx-demo");
    }
    // What was typed before counts, too.
    let (head, tail) = ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkw", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=");
    let mut stage = Stage::new();
    stage.keys("v").types(head).paste(tail).shows("Read an opaque token").shows("56 bytes");
}

/// A page is no place to type in: the prompt of what was begun there opens over it.
#[test]
fn a_page_comes_back_after_the_prompt() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo Enter l").shows("Profile  stg edx-demo");
    assert_eq!(stage.effects(), ["start 1 Login edx-demo"]);
    stage.tick("+2s").shows("logging in 2s").job(1, TaskEvent::Asked(password_prompt()));
    stage.shows("Log in  stg edx-demo").hides("Profile  stg edx-demo").types("ldx ?").keys("Enter");
    assert_eq!(stage.effects(), ["answer 1 ldx ?"]);
    stage.hides("Log in  stg edx-demo").shows("Profile  stg edx-demo").arrives(1, 90).shows("last login").keys("Esc");
    stage.hides("Profile  stg edx-demo").shows("Logged in.");
    // The same with a browser: what is hidden stays hidden.
    stage.keys("Enter l").effects();
    stage.job(2, TaskEvent::Stepped(Progress::OpenPage { url: "https://login.example.org/authorize".to_owned() }));
    stage.shows("https://login.example.org/authorize").keys("Enter").hides("/authorize").shows("Profile  stg edx-demo");
}

/// What is typed while a prompt is on its way goes on where it began.
#[test]
fn a_prompt_waits_for_whatever_is_typed_in() {
    for keys in [
        "=edx-demo e",
        "=edx-demo Enter e",
        "1 n",
        "=edx-demo x",
        "1 v",
        "2 @",
        "3 /",
        "2 e",
        "2 e ^S Enter",
        "?",
        "=edx-demo Enter ?",
        "2 K",
    ] {
        let mut stage = session(90);
        stage.keys("=edx-prod l =edx-demo").keys(keys).effects();
        stage.job(2, TaskEvent::Asked(password_prompt())).types("zz").hides("Log in  PROD edx-prod");
        for _ in 0..3 {
            if !stage.screen().contains("Log in  PROD edx-prod") {
                stage.keys("Esc");
            }
            if stage.screen().contains("Leave without") {
                stage.keys("y");
            }
        }
        stage.shows("Log in  PROD edx-prod").hides("•").types("two").keys("Enter");
        assert_eq!(stage.effects(), ["answer 2 two"], "{keys}");
    }
}

/// A task ends while its answer is typed: the rest of a password is no command, and no answer to another question.
#[test]
fn the_rest_of_an_answer_goes_nowhere() {
    let mut stage = session(90);
    stage.keys("=edx-prod l").effects();
    stage.job(2, TaskEvent::Asked(password_prompt())).types("hunter").fails(2, refusal());
    stage.shows("No longer asked").hides("•").types("dy2").keys("Enter");
    stage.hides("No longer asked").hides("Delete the profile").shows("(HTTP 401)");
    assert!(stage.effects().is_empty());
    let mut stage = Stage::new();
    stage.keys("=edx-demo l =edx-prod l").effects();
    stage.job(1, TaskEvent::Asked(password_prompt())).job(2, TaskEvent::Asked(password_prompt()));
    stage.shows("Log in  stg edx-demo").types("half of it").fails(1, AuthError::Cancelled).shows("No longer asked");
    stage.types(" and the rest").keys("Enter").shows("Log in  PROD edx-prod").hides("•").types("x").keys("Enter");
    assert_eq!(stage.effects(), ["answer 2 x"], "the answer of one is never sent to the other");
}

#[test]
fn an_answer_that_comes_late_changes_nothing_that_was_opened_since() {
    // A key file that is not waited for any more.
    let mut stage = Stage::new();
    stage
        .paste(&jwt(r#"{"sub":"ada"}"#))
        .keys("2 e ^S Down Enter")
        .types("/key")
        .keys("Enter")
        .shows("reading the key");
    stage.keys("Esc").hides("reading").shows("[claims]").types("x");
    let keys = || SigningKeys::secret(b"a secret", "the secret");
    stage.send(Message::SigningKeysRead("/key".to_owned(), Ok(keys()))).shows("x{").hides("Token made");
    stage.keys("Backspace ^S Down Enter").keys("Enter").effects();
    stage.send(Message::SigningKeysRead("/another".to_owned(), Ok(keys()))).shows("reading the key");
    stage.send(Message::SigningKeysRead("/key".to_owned(), Ok(keys()))).shows("Token made").hides("[claims]");
    // A form that was saved takes the question whether to leave it along, and nothing else.
    let mut stage = session(90);
    stage.keys("=edx-demo Enter e").types("x").keys("^S Esc").shows("Leave without saving?").effects();
    stage.send(changed(2, &["edx-demox", "edx-prod"]));
    stage.hides("Leave without").hides("Edit  stg edx-demo").shows("Profile  stg edx-demox").shows("last login");
    // A list is not closed by what is found meanwhile.
    let mut stage = Stage::new();
    stage.keys("1 n").shows("for which system?").send(Message::ProfilesLoaded(Ok(profiles(&["a"]))));
    stage.shows("for which system?").keys("Enter").shows("New profile");
}

/// On a profile's page each command is for that profile, wherever the cursor is by now.
#[test]
fn a_profiles_page_takes_the_commands_of_the_profile() {
    for (key, effect) in [
        ("l", "start 3 Login edx-demo"),
        ("r", "start 3 Refresh edx-demo"),
        ("p", "start 3 Probe edx-demo"),
        ("x y", "start 3 Revoke edx-demo"),
        ("d", "start 3 Remove(KeepId(1)) edx-demo"),
    ] {
        let mut stage = session(90);
        stage.keys("1 i Down Enter Enter").effects();
        let import = Import {
            profiles: profiles(&["edx-demo", "edx-prod", "new"]),
            added: vec![name("new")],
            token_sets: Vec::new(),
            warnings: Vec::new(),
        };
        stage
            .job(2, TaskEvent::Ended(Ok(TaskOutcome::Imported(Ok(import)))))
            .shows("Profile  stg edx-demo")
            .keys(key)
            .shows("Profile  stg edx-demo");
        assert_eq!(stage.effects(), [effect], "{key}");
    }
    let mut stage = session(90);
    stage.keys("=edx-demo Enter e").shows("Edit  stg edx-demo").keys("Esc D").shows("edx-demo-2").keys("Esc R");
    stage.shows("Profile  stg edx-demo").shows("auto-refresh");
    let wire = Box::new(stage::exchange(stage.now, 401, 0));
    stage.send(Message::Exchanged(name("edx-demo"), wire)).keys("w").shows("[Exchange]").hides("Profile  stg edx-demo");
}

#[test]
fn a_profiles_page_follows_the_profile() {
    let mut stage = session(90);
    stage.keys("=edx-demo Enter e").types("x").keys("^S").effects();
    stage.send(changed(2, &["edx-demox", "edx-prod"]));
    stage.shows("Profile  stg edx-demox").hides("no longer in the file").keys("d y");
    stage.send(changed(3, &["edx-prod"]));
    stage.hides("Profile  stg edx-demox").under_cursor("edx-prod");
}

#[test]
fn the_page_of_a_value_shows_what_it_copies() {
    let mut stage = session(90);
    stage.keys("2 3 Down Enter").shows("pointer").shows("/exp").keys("P y").effects();
    stage.tick("+60s").keys("y");
    let exp = |stage: &Stage| (stage.now.timestamp() + 90).to_string();
    let old = stage.effects();
    // The token under it is renewed.
    stage.keys("Esc r Enter").arrives(2, 90);
    let new = exp(&stage);
    assert!(!old[0].contains(&new));
    stage.shows(&new).shows("in 1m 30s").keys("y");
    assert!(stage.effects().contains(&format!("copy exp: {new}")));
    // A token inside of it becomes a row.
    let mut stage = Stage::new();
    stage.paste(&jwt(&format!(r#"{{"id_token":"{}"}}"#, signed(r#"{"sub":"inner"}"#)))).keys("3 Enter o");
    stage.shows("Opened the inner token").hides("Esc close").shows("Tokens  Pasted  2 ");
}

#[test]
fn help_and_key_bar_of_a_page_show_what_can_be_done_there() {
    let mut stage = session(90);
    let bar = |stage: &Stage| stage.lines().split_off(stage.lines().len() - 2).join("  ");
    stage.keys("=edx-demo Enter");
    for words in ["r refresh", "l log in", "x revoke", "e edit", "V why rejected", "? help", "Esc close"] {
        assert!(bar(&stage).contains(words), "{}", bar(&stage));
    }
    stage.keys("?");
    // The keys of the page come first.
    stage.under_cursor("Profile page").keys("PgDn").under_cursor("All panes").keys("PgUp");
    assert!(!bar(&stage).contains("? help"), "the help is open: {}", bar(&stage));
    stage.keys("Esc Esc 3 Enter");
    assert!(bar(&stage).contains("y value") && bar(&stage).contains("P pointer"), "{}", bar(&stage));
    let mut stage = Stage::with(Start { profiles: Err("line 3 is no TOML".into()), ..start((120, 40)) });
    stage.keys("N").shows("press ^R").keys("^R");
    assert!(matches!(stage.take_effects()[..], [Effect::ReloadProfiles]));
    // Where there is little room, what closes the page stays.
    let mut stage = Stage::at((40, 12));
    stage.keys("=edx-demo Enter");
    assert!(bar(&stage).contains(": ? Esc close"), "{}", bar(&stage));
}

#[test]
fn a_lock_closes_all_but_the_help() {
    for (keys, stays) in [
        ("=edx-demo Enter ?", " Help "),
        (":", ""),
        ("=edx-demo e x Esc", ""),
        ("2 e ^S", ""),
        ("N", ""),
        ("3 Enter", ""),
    ] {
        let mut stage = unsaved();
        stage.keys(keys).send(Message::LockAsked).shows("vault").shows(stays);
        for gone in ["Commands", "Profile  stg edx-demo", "Edit ", "how is it", "Log  ", "pointer", "Leave without"] {
            stage.hides(gone);
        }
    }
}
