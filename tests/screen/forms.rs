//! Scenarios on profiles that are written, imported and taken out, on what went over the wire, and on logins that
//! need a browser.

use crate::support::stage;
use chrono::TimeDelta;
use stage::{Stage, refusal, start};
use tokscope::{
    auth::{Fate, Progress, TokenKind},
    profile::{Profile, ProfileName},
    secret::Fingerprint,
    tui::app::{
        Effect, Message, Start,
        message::{Import, TaskEvent, TaskId, TaskOutcome, What},
    },
};

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).expect("a name")
}

/// A profile of an LMS whose settings are right.
fn lms(name: &str) -> Profile {
    let mut profile = stage::profile(name, "prod");
    for (key, value) in [("client_id", "web"), ("username", "ada")] {
        profile.settings.insert(key.to_owned(), value.to_owned());
    }
    profile
}

fn stage_of(names: &[&str]) -> Stage {
    let profiles = Ok(names.iter().map(|name| lms(name)).collect());
    on_the_first(profiles)
}

/// The cursor is on the first profile.
fn on_the_first(profiles: Result<Vec<Profile>, String>) -> Stage {
    let mut stage = Stage::with(Start { profiles, ..start((120, 40)) });
    stage.keys("=");
    stage
}

/// The profile that the app wants to be saved, and what it was called.
fn saved(stage: &mut Stage) -> (Option<String>, Profile) {
    let effects = stage.take_effects();
    match effects.as_slice() {
        [Effect::Start { what: What::Save { old, profile }, .. }] => {
            (old.as_ref().map(ToString::to_string), profile.clone())
        }
        other => panic!("{other:?}"),
    }
}

/// A change of the profiles was saved, or was not.
fn changed(id: u64, result: Result<Vec<Profile>, String>) -> Message {
    Message::Task(TaskId(id), TaskEvent::Ended(Ok(TaskOutcome::Changed(result))))
}

fn imported(id: u64, result: Result<Import, String>) -> Message {
    Message::Task(TaskId(id), TaskEvent::Ended(Ok(TaskOutcome::Imported(result))))
}

#[test]
fn a_new_profile_is_written_field_by_field() {
    let mut stage = stage_of(&[]);
    stage.shows("n creates one").shows("i imports some").keys("n").shows("Practicus AI").shows("Open edX");
    stage.keys("Down Down Down").under_cursor("Open edX").keys("Enter").shows("New profile  Open edX");
    stage.types("campus").keys("Enter").types("prod").keys("Tab").types("https://lms.example.org");
    stage
        .keys("Enter")
        .shows("password client_credentials")
        .hides("Client secret")
        .keys("Enter")
        .types("web")
        .keys("Enter")
        .types("ada");
    stage.shows("asked at login").keys("Down Down Enter Down").under_cursor("Tags").types("work, lms").keys("^S");
    let (old, profile) = saved(&mut stage);
    assert_eq!((old, profile.name.as_str(), profile.provider.as_str()), (None, "campus", "openedx"));
    assert_eq!((profile.environment.as_deref(), profile.tags.join("+")), (Some("prod"), "work+lms".to_owned()));
    let settings: Vec<_> = profile.settings.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(settings, ["client_id=web", "url=https://lms.example.org", "username=ada"], "defaults are not written");
    stage.shows("saving …");
    stage.send(changed(1, Ok(vec![profile]))).hides("New profile").shows("campus: Saved.");
    stage.under_cursor("campus");
}

#[test]
fn all_mistakes_are_said_at_once_and_nothing_is_lost() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("n Down Down Down Enter").types("campus").keys("Down Down").types("ftp://x").keys("^S");
    stage.shows("another profile has this name").shows("must be a full http:// or https:// URL");
    stage.shows("is missing: The OAuth client").shows("ftp://x").shows("campus");
    assert!(stage.effects().is_empty());
    stage.types("-2").hides("another profile").shows("campus-2").shows("must be a full");
}

#[test]
fn fields_come_and_go_with_what_they_depend_on() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("e").shows("Edit  PROD campus").shows("User name").hides("Client secret");
    stage.keys("Down Down Down").keys("Right").shows("Client secret").hides("User name").keys("Left").shows("ada");
    stage.types(" ").shows("Client secret").keys("^S");
    let (old, profile) = saved(&mut stage);
    assert_eq!(old.as_deref(), Some("campus"));
    assert_eq!(profile.settings["grant"], "client_credentials");
    assert!(!profile.settings.contains_key("username"), "what does not apply is not saved: {:?}", profile.settings);
}

/// What most profiles need stands in the form; the rest is one line, until it is wanted, filled in or wrong.
#[test]
fn what_few_profiles_need_is_folded() {
    for (at, provider) in tokscope::providers::ALL.iter().enumerate() {
        let mut stage = stage_of(&[]);
        let down = "Down ".repeat(at);
        stage.keys(&format!("n {down}Enter")).shows(provider.descriptor().title).shows("Name").shows("Environment");
        stage.shows(" more: Tags, ").hides("▾").shows("1 of ");
        for field in provider.descriptor().fields().filter(|field| field.required && field.default.is_none()) {
            if field.only_if.is_none() {
                stage.shows(field.label);
            }
        }
    }
    let mut stage = stage_of(&["campus"]);
    stage.keys("e").shows("1 of 7").shows("▸ 16 more: Tags, Asymmetric JWT").hides("Timeout  ");
    stage.keys("PgDn Up").under_cursor("▸ 16 more").shows("7 of 7").shows("Enter shows what few profiles need");
    stage.keys("Enter").under_cursor("▾ 16 more").shows("7 of 23").keys("Left").under_cursor("▸ 16 more");
    stage.keys("Right").under_cursor("▾ 16 more").keys("Left").types(" ").under_cursor("▾ 16 more").keys("Down");
    // What was filled in stays when the fold closes, and what is wrong opens it.
    stage.under_cursor("Tags").types("work").keys("Up Left").shows("▸ 15 more").shows("work");
    stage.keys("Down Down").shows("[ Save ]").keys("Up").under_cursor("Tags").keys("Up Right PgDn PgDn Up");
    stage.click("▾ 16 more").under_cursor("▸ 15 more").click("▸ 15 more").under_cursor("▾ 16 more");
}

#[test]
fn a_mistake_in_the_fold_opens_it() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("e PgDn Up Right").keys(&"Down ".repeat(8)).under_cursor("Time-out").types("soon");
    stage.keys(&"Up ".repeat(8)).under_cursor("▾ 16").keys("Left").shows("▸ 15 more").shows("soon");
    stage.keys("^S").shows("▾ 16 more").under_cursor("Time-out").shows("✗ ");
    assert!(stage.effects().is_empty());
}

/// An address that sends the password readable is told with the switch that allows it.
#[test]
fn a_switch_that_a_warning_names_is_in_sight() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("e Down Down ^U").hides("Allow http  ").types("http://lms.example.org").shows("http below");
    stage.shows("Allow http  ").keys("^U").hides("Allow http  ");
}

#[test]
fn a_failure_to_save_keeps_the_form() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("e").types("-new").keys("^S");
    let (_, profile) = saved(&mut stage);
    assert_eq!(profile.name.as_str(), "campus-new");
    stage.send(changed(1, Err("the disk is\u{7} full".into())));
    stage.shows("Edit  PROD campus").shows("the disk is\\u{7} full").shows("campus-new").keys("^S");
    assert_eq!(saved(&mut stage).1, profile, "it can be tried again");
}

/// A save may wait for other programs that hold the file.
#[test]
fn a_late_answer_finds_its_form_and_no_other() {
    for answer in [Ok(vec![lms("campus-new"), lms("other")]), Err("the disk is full".to_owned())] {
        let mut stage = stage_of(&["campus", "other"]);
        stage.keys("e").types("-new").keys("^S").shows("saving …").keys("Esc y").hides("Edit  PROD campus");
        saved(&mut stage);
        stage.keys("= l").tick("+1s").shows("… queued").keys("e").hides("Edit  PROD campus");
        assert!(stage.effects().is_empty(), "nothing begins under a name that is about to change");
        stage.keys("1 j e").shows("Edit  PROD other").types("x").keys("^S").shows("saving …");
        saved(&mut stage);
        let failed = answer.is_err();
        stage.send(changed(1, answer)).shows("Edit  PROD other").shows("saving …").hides("✗ the disk");
        stage.send(changed(3, Ok(vec![lms(if failed { "campus" } else { "campus-new" }), lms("otherx")])));
        stage.hides("Edit  PROD other").under_cursor("otherx").keys("k l").shows("logging in");
    }
}

/// What is wanted of a profile that is being changed begins when that is done, under its new name.
#[test]
fn what_comes_after_a_change_waits_for_it() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("e").types("-new").keys("^S Esc y 1 l").tick("+1s").shows("… queued");
    let (_, profile) = saved(&mut stage);
    stage.send(changed(1, Ok(vec![profile])));
    assert_eq!(stage.effects(), ["start 2 Login campus-new"]);
    let mut stage = stage_of(&["campus"]);
    stage.keys("e").types("-new").keys("^S Esc y 1 d").hides("Delete the profile").keys("l");
    saved(&mut stage);
    stage.send(changed(1, Ok(vec![]))).hides("queued");
    assert!(stage.effects().is_empty(), "there is nothing to log in with any more");
}

/// A change waits for a refresh that runs, but keeps no one from leaving.
#[test]
fn a_change_waits_for_what_runs() {
    for leaves in [false, true] {
        let mut automatic = lms("campus");
        automatic.settings.insert("auto_refresh".to_owned(), "true".to_owned());
        let mut stage = on_the_first(Ok(vec![automatic]));
        stage.keys("= l").arrives(1, 90).keys("= e").types("-new").tick("+65s");
        assert_eq!(stage.effects(), ["start 1 Login campus", "start 2 Refresh campus"]);
        stage.keys("^S").shows("saving …");
        assert!(stage.effects().is_empty(), "the refresh runs under the old name");
        match leaves {
            true => stage.keys("Esc y q"),
            false => stage.arrives(2, 90),
        };
        let effects = stage.take_effects();
        let [Effect::Start { what: What::Save { .. }, .. }, rest @ ..] = effects.as_slice() else {
            panic!("{effects:?}")
        };
        assert_eq!(rest.len(), usize::from(leaves), "{rest:?}");
    }
}

#[test]
fn a_renamed_profile_keeps_its_tokens() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("= l").arrives(1, 900).effects();
    stage.keys("= e").types("-new").keys("^S");
    let (_, profile) = saved(&mut stage);
    stage.send(changed(2, Ok(vec![profile]))).shows("● 15m 00s").keys("2").under_cursor("campus-new");
    stage.keys("r").tick("+1s").shows("refreshing");
}

#[test]
fn leaving_asks_only_when_something_was_changed() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("e Esc").hides("Edit  PROD campus");
    stage.keys("e").types("x").keys("Esc").shows("Leave without saving?").keys("n").shows("campusx").keys("Esc y");
    stage.hides("Edit  PROD campus").keys("e").hides("campusx");
    assert!(stage.effects().is_empty());
}

#[test]
fn a_secret_is_masked_and_a_reference_is_not() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("e").shows("plain:•").hides("marker");
    stage.keys("Down Down Down Down Down Down").keys("^U").types("env:LMS_PASSWORD").shows("env:LMS_PASSWORD");
    stage.keys("^U").types("hunter2").hides("hunter2").keys("^S").shows("write prompt, env:NAME").hides("hunter2");
    stage.keys("^U").paste("file:~/.lms\n").shows("file:~/.lms").keys("^S");
    assert_eq!(saved(&mut stage).1.settings["password"], "file:~/.lms");
    let debug = format!("{:?}", stage_of(&["campus"]).keys("e").model);
    assert!(!debug.contains("marker"), "{debug}");
}

#[test]
fn a_copy_has_a_name_of_its_own() {
    let mut stage = stage_of(&["campus", "campus-2"]);
    stage.keys("D").shows("New profile").shows("campus-3").keys("^S");
    let (old, profile) = saved(&mut stage);
    assert_eq!((old, profile.settings == lms("campus").settings), (None, true));
}

#[test]
fn a_profile_is_deleted_and_can_be_brought_back() {
    let mut stage = stage_of(&["campus", "other"]);
    stage.keys("=campus l").arrives(1, 900).keys("=campus d");
    assert_eq!(stage.effects().last().map(String::as_str), Some("start 2 Remove(KeepId(1)) campus"));
    stage.send(changed(2, Ok(vec![lms("other")])));
    stage
        .shows("no tokens of other")
        .under_cursor("other")
        .shows("campus: Removed. Its tokens still work at the server.");
    stage.shows("u brings it back, then x revokes").keys("u");
    assert_eq!(stage.effects(), ["start 3 PutBack(KeepId(1)) campus"]);
    // What is not put back within ten minutes is wiped; a lock would not wait for that.
    let mut stage = stage_of(&["campus"]);
    stage.keys("=campus d").effects();
    stage.send(changed(1, Ok(Vec::new()))).tick("+9m");
    assert!(stage.effects().is_empty());
    stage.tick("+61s");
    assert_eq!(stage.effects(), ["Wipe([KeepId(1)])"]);
}

#[test]
fn details_say_what_is_asked_and_what_is_wrong() {
    let mut asks = lms("asks");
    asks.settings.remove("password");
    asks.tags = vec!["work".to_owned()];
    let mut stage = on_the_first(Ok(vec![asks]));
    stage.keys("Enter").shows("asked at login  Password").shows("tags            work");
    let mut wrong = lms("wrong");
    wrong.settings.remove("url");
    let mut stage = on_the_first(Ok(vec![wrong]));
    stage.keys("Enter").shows("not usable").shows("url: is missing");
}

#[test]
fn an_import_tells_what_came_and_what_did_not() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("i").shows("core.conf").keys("Down Down Enter").types("login.example.org").keys("Enter");
    assert_eq!(stage.effects(), ["start 1 Import { source: \"openid\", given: Some(\"login.example.org\") }"]);
    let import = Import {
        profiles: vec![lms("campus"), lms("eu")],
        added: vec![name("eu")],
        token_sets: vec![(name("eu"), stage::token_set(stage.now, 600))],
        warnings: vec!["the password in the \u{202e}file".to_owned()],
    };
    stage.send(imported(1, Ok(import))).shows("✔ eu (Open edX), with its tokens").shows("the \\u{202e}file");
    stage.keys("Esc").under_cursor("eu").shows("alice");
    stage
        .keys("i Down Enter")
        .send(imported(2, Err("no such file".into())))
        .shows("nothing was imported: no such file");
}

/// An exchange whose server's clock is so many seconds ahead.
fn exchange(stage: &Stage, status: u16, skew: i64) -> Message {
    let exchange = stage::exchange(stage.now, status, skew);
    Message::Exchanged(name("campus"), Box::new(exchange))
}

#[test]
fn a_failed_refresh_can_be_read_off_the_wire() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("= l").arrives(1, 900).keys("2").hides("Exchange").keys("r");
    let wire = exchange(&stage, 401, 0);
    stage.send(wire).fails(2, refusal()).keys("w").shows("[Exchange]").shows("401 after 120 ms");
    stage.shows("POST https://lms.example.org/oauth2/access_token").shows("grant_type = refresh_token");
    stage.shows("•••• 1234abcd").shows("invalid_\\u{202e}grant").hides("server clock");
    stage.keys("t").shows("[Raw]").keys("T").shows("[Exchange]");
}

#[test]
fn a_failed_login_has_an_exchange_without_a_token() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("= l");
    let wire = exchange(&stage, 500, 0);
    stage.send(wire).fails(1, refusal()).keys("w").shows("500 after 120 ms").shows("the last exchange of campus");
}

#[test]
fn the_countdown_follows_the_servers_clock() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("= l");
    let wire = exchange(&stage, 200, 192);
    // The token was written by a clock that is 192 s ahead: by ours it would live 192 s too long.
    let set = stage::token_set(stage.now + TimeDelta::seconds(192), 90);
    stage.send(wire).job(1, TaskEvent::Ended(Ok(TaskOutcome::TokenSet(set))));
    stage.keys("2").shows("1m 30s left").shows("server clock 3m 12s ahead").shows("in 1m 30s");
    stage.keys("= Enter").shows("server clock    3m 12s ahead").keys("Esc 2").tick("+90s").shows("↻ renewable");
    let wire = exchange(&stage, 200, 1);
    stage.send(wire).hides("server clock").hides("↻ expired");
}

#[test]
fn what_the_server_counted_is_not_corrected() {
    let mut stage = stage_of(&["campus"]);
    let mut set = stage::token_set(stage.now, 90);
    set.tokens[0].raw = "an-opaque-access-token".into();
    stage.keys("= l");
    let wire = exchange(&stage, 200, 192);
    stage.send(wire).job(1, TaskEvent::Ended(Ok(TaskOutcome::TokenSet(set)))).keys("2").shows("1m 30s left");
}

#[test]
fn a_device_code_is_large_and_counts_down() {
    let mut stage = stage_of(&["campus"]);
    let step = Progress::DeviceCode {
        user_code: "WDJB-MJHT".to_owned(),
        verification_uri: "https://example.org/device".to_owned(),
        verification_uri_complete: Some("https://example.org/device?user_code=WDJB-MJHT".to_owned()),
        expires_at: stage.now + TimeDelta::seconds(300),
    };
    stage.keys("= l").effects();
    stage.job(1, TaskEvent::Stepped(step)).shows("W D J B - M J H T").shows("https://example.org/device");
    stage.shows("the code ends in 5m 00s").tick("+10s").shows("4m 50s").keys("c");
    assert_eq!(stage.effects(), ["copy address: https://example.org/device?user_code=WDJB-MJHT"]);
    stage.job(1, TaskEvent::Stepped(Progress::Contacting("example.org".into()))).shows("W D J B");
    stage.keys("Enter").hides("W D J B").keys("l").arrives(1, 900).shows("Logged in.");
}

#[test]
fn a_page_is_opened_and_its_address_always_shown() {
    let mut stage = stage_of(&["campus"]);
    let url = format!("https://login.example.org/authorize?state={}", "x".repeat(100));
    stage.keys("= l").effects();
    stage
        .job(1, TaskEvent::Stepped(Progress::OpenPage { url: url.clone() }))
        .shows("https://login.example.org/authorize");
    assert_eq!(stage.effects(), [format!("OpenPage {{ task: TaskId(1), url: {url:?} }}")]);
    stage.send(Message::PageOpened(TaskId(1), Err("no browser found".into())));
    stage.shows("Could not open a browser. The address is on screen: c copies it.").keys("Esc").hides("authorize");
    assert_eq!(stage.effects(), ["cancel 1"]);
}

#[test]
fn the_fate_of_each_token_stays_readable() {
    let mut stage = stage_of(&["campus"]);
    stage.keys("= l").arrives(1, 900).keys("= x").types("prod").keys("Enter");
    let why = format!("a JWT cannot be revoked; {}", "and this is a long story ".repeat(8));
    let tokens = vec![(TokenKind::Refresh, Fate::Asked(200)), (TokenKind::Access, Fate::Alive(why))];
    stage.job(2, stage::revoked(&tokens)).keys("Enter");
    let print = Fingerprint::of("refresh");
    stage.shows(&format!("refresh token {print}: the server was asked to revoke it (HTTP 200)"));
    stage.shows(": still active: a JWT cannot be revoked");
}

#[test]
fn the_accounts_name_stands_before_an_unreadable_subject() {
    let mut stage = stage_of(&[]);
    stage.paste(&stage::jwt(r#"{"sub":"5c10f66f2d6390b70662c914aae7ef79","preferred_username":"ada"}"#));
    stage
        .shows("ada · 5c10f66f2d6390b70662c914aae7ef79")
        .resize(80, 24)
        .shows("ada · 5c10f…ef79")
        .paste(&stage::jwt(r#"{"sub":"bob","username":"bob"}"#))
        .hides("bob ·");
}

#[test]
fn what_the_user_should_know_first_is_said() {
    let remarks = vec!["demo passwords: ada is analytical-engine".to_owned()];
    Stage::with(Start { remarks, ..start((120, 40)) }).shows("ada is analytical-engine");
}

/// Where the path of a file is asked for, one can be picked: what is typed stays until one is chosen.
#[test]
fn a_file_is_picked_from_its_folder() {
    let listed = |folder: &str, names: &[&str]| {
        Message::FolderListed(folder.to_owned(), Ok(names.iter().map(|name| (*name).to_owned()).collect()))
    };
    let mut stage = stage_of(&["campus"]);
    stage.keys("e Down Down Down Down Down Down").under_cursor("Password").keys("^U ^O");
    assert_eq!(stage.effects(), [r#"ListFolder("~")"#]);
    stage.send(listed("~", &["keys/", "a\u{202e}b"])).shows("Which file?").shows("a\\u{202e}b").keys("Down Enter");
    assert_eq!(stage.effects(), [r#"ListFolder("~/keys")"#]);
    stage.send(listed("~/keys", &["lms.pem"])).shows("the folder above").keys("Down Enter");
    stage.hides("Which file?").under_cursor("file:~/keys/lms.pem").keys("^O");
    assert_eq!(stage.effects(), [r#"ListFolder("~/keys")"#], "it goes on where it was");
    // A list that comes late finds nobody who wants it; in a line without a file there is none.
    stage.keys("Up").send(listed("~/keys", &["lms.pem"])).hides("Which file?").keys("^O");
    assert_eq!(stage.effects(), [r#"LookAtFile("~/keys/lms.pem")"#], "it is looked at, and nothing is listed");
    stage.keys("Down").send(Message::FolderListed("~".to_owned(), Err("no such folder".to_owned())));
    stage.shows("No files to pick: no such folder.");
}

/// The file that an entry names is looked at when the entry is left, and never while its path is typed.
#[test]
fn a_key_file_is_there_and_for_its_owner() {
    let mut stage = stage_of(&["campus"]);
    stage
        .keys("e Down Down Down Down Down Down")
        .under_cursor("Password")
        .keys("^U")
        .types("file:~/lms")
        .hides("exists");
    assert!(stage.effects().is_empty());
    stage.keys("Up");
    assert_eq!(stage.effects(), [r#"LookAtFile("~/lms")"#]);
    let seen = |result| Message::FileSeen("~/lms".to_owned(), result);
    stage.send(seen(Ok(0o600))).shows("exists, 0600").hides("other users").keys("Down Up");
    assert!(stage.effects().is_empty(), "it is known");
    stage.send(seen(Ok(0o644))).shows("exists, 0644: other users can read it; chmod 600 keeps it private");
    stage.send(seen(Err("no such file: ~/lms\u{7}".into()))).shows("no such file: ~/lms\\u{7}").hides("exists");
    stage.keys("Down").types("-2").hides("no such file").keys("Up");
    assert_eq!(stage.effects(), [r#"LookAtFile("~/lms-2")"#]);
}

/// The page of a profile says the same of the file as its form, as long as it is open.
#[test]
fn the_page_of_a_profile_tells_how_its_key_file_stands() {
    let mut profile = lms("campus");
    profile.settings.insert("password".to_owned(), "file:~/lms".to_owned());
    let mut stage = on_the_first(Ok(vec![profile]));
    stage.keys("Enter");
    assert_eq!(stage.effects(), [r#"LookAtFile("~/lms")"#]);
    let seen = |result| Message::FileSeen("~/lms".to_owned(), result);
    stage.send(seen(Ok(0o600))).shows("exists, 0600").hides("other users");
    stage.send(seen(Ok(0o644))).shows("exists, 0644: other users can read it; chmod 600 keeps it private");
    stage.send(seen(Err("no such file: ~/lms\u{7}".into()))).shows("no such file: ~/lms\\u{7}").tick("+1s");
    assert!(stage.effects().is_empty(), "it is known");
    stage.keys("Esc Enter");
    assert_eq!(stage.effects(), [r#"LookAtFile("~/lms")"#], "it may be another one by now");
}
