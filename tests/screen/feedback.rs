//! What the user is told, and what is asked: the notice line, the log, undo, what is typed before a prompt, the vault's one
//! question, the first start.

use crate::support::stage;
use stage::{Stage, claims, jwt, password_prompt, profile, refusal, start, token_set};
use tokscope::{
    auth::{Progress, Prompt},
    profile::ProfileName,
    store::{config::Config, identity::Home},
    tui::app::{
        Effect, Message, Start,
        message::{CopyOutcome, OpenedVault, TaskEvent, TaskId, TaskOutcome, What},
        vault::AtStart,
    },
};

fn session() -> Stage {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 3_600).keys("2 Esc").effects();
    stage
}

fn copied() -> Message {
    Message::Copied("access token of edx-demo".to_owned(), CopyOutcome::Clipboard)
}

/// The notice line.
fn line(stage: &Stage) -> String {
    stage.lines().into_iter().rev().find(|line| line.contains("N log")).unwrap_or_default()
}

#[test]
fn time_runs_for_a_notice_only_while_it_can_be_seen() {
    let mut stage = session();
    stage.keys("c").send(copied()).shows("✓ edx-demo: Access token copied").tick("+4s").shows("copied");
    stage.tick("+1s").hides("copied");
    // Neither while the terminal has not the focus, nor while something covers the line.
    stage.keys("c").send(copied()).send(Message::Focused(false)).tick("+1h").shows("copied");
    stage.send(Message::Focused(true)).tick("+4s").shows("copied").keys("?").send(Message::Focused(true));
    stage.keys("Esc").tick("+1s").hides("copied");
}

#[test]
fn a_warning_takes_ten_seconds_and_a_key_and_an_error_takes_an_answer() {
    let mut stage = Stage::new();
    stage.paste(" ").shows("▲ The paste was empty.").tick("+1h").shows("The paste was empty.");
    assert_eq!(stage.wakes_in(), None, "it waits for a key");
    stage.keys("j").hides("The paste was empty.");
    stage.paste(" ").keys("j").tick("+9s").shows("The paste was empty.").tick("+1s").hides("The paste was empty.");
    let mut stage = session();
    stage.keys("r").fails(2, refusal()).tick("+2h").keys("j k").shows("✗ edx-demo: ").shows("1 error · N log");
    // A success is shown in front of it for three seconds, and the same failure is counted.
    stage.keys("c").send(copied()).tick("+2s").shows("copied").tick("+1s").hides("copied").shows("✗ edx-demo: ");
    stage.keys("r").fails(3, refusal()).shows("×2").shows("1 error");
    stage.keys("r").arrives(4, 3_600).hides("✗").hides("error").shows("Refreshed.");
    // Esc takes it off the line; so does the log.
    stage.keys("r").fails(5, refusal()).shows("✗ edx-demo").keys("Esc").hides("1 error").keys("Esc Esc");
    stage.keys("r").fails(6, refusal()).keys("N Esc").hides("1 error");
}

#[test]
fn two_notices_share_the_line_where_there_is_room() {
    let mut stage = session();
    stage
        .paste(&jwt(&claims("zoe", stage.now, 60)))
        .keys("c")
        .send(Message::Copied("x".into(), CopyOutcome::Clipboard));
    let both = line(&stage);
    assert!(both.contains("✓ X copied.") && both.contains("Read a JWT"), "{both}");
    stage.resize(60, 24).shows("X copied.").hides("Read a JWT");
}

#[test]
fn advice_is_given_once() {
    let mut stage = session();
    let sent = || Message::Copied("access token of edx-demo".into(), CopyOutcome::Osc52 { doubt: None });
    stage.keys("c").send(sent()).shows("sent to the terminal's clipboard").keys("c").send(sent());
    stage.shows("Access token copied (OSC 52).").hides("allow OSC 52");
}

#[test]
fn the_log_opens_its_entries() {
    let mut stage = session();
    stage.keys("r").fails(2, refusal()).tick("+1m").keys("r").fails(3, refusal()).keys("c").send(copied());
    stage.keys("N").shows("Log  3 lines · 1 error").shows("Access token copied").hides("means");
    stage.keys("j").under_cursor("×2").shows("what   The server refused: invalid_grant: Invalid credentials given.");
    stage.shows("means  The session has ended at the server").shows("do     check the user name and password");
    stage.shows("seen   2 times, first at 22:35:00");
    // What comes above leaves the cursor on its entry, and the keys are for whom it is about.
    stage.send(Message::Notified(Some("x".to_owned()))).under_cursor("×2").keys("r");
    assert!(stage.effects().contains(&"start 4 Refresh edx-demo".to_owned()));
    stage.keys("Tab").shows("errors only").hides("Access token copied").keys("Tab /").types("copied").hides("×2");
    stage.keys("Enter").shows("/copied").under_cursor("Access token copied").keys("Esc").shows("×2");
    stage.keys("y");
    assert!(stage.effects().iter().any(|effect| effect.starts_with("copy details: 2026-11-21")));
    stage.keys("G").keys("Enter").hides("Log  ").under_cursor("edx-demo");
    // A cleared log comes back.
    stage.keys("N D").shows("Log cleared.").hides("×2").keys("u").shows("×2").keys("Esc");
}

/// An entry about nobody gives the keys nobody to act on, whatever the panes show.
#[test]
fn an_entry_about_nobody_has_no_commands() {
    let mut stage = session();
    stage.paste(" ").keys("N").under_cursor("The paste was empty.").keys("r l p x R w V");
    assert!(stage.effects().is_empty());
    stage.shows("Log  ");
}

fn asking() -> Start {
    let mut profile = profile("edx", "staging");
    profile.settings.insert("password".to_owned(), "prompt".to_owned());
    Start { profiles: Ok(vec![profile]), ..start((120, 40)) }
}

fn types(stage: &mut Stage, text: &str) {
    for c in text.chars() {
        match c {
            '\n' => stage.keys("Enter"),
            c => stage.types(&c.to_string()),
        };
    }
}

/// Wherever the prompt comes between the keys, they are its answer, and none of them acts.
#[test]
fn what_is_typed_before_the_prompt_waits_for_it() {
    let typed = "dxq1L?\n";
    for at in 0..=typed.len() {
        let mut stage = Stage::with(asking());
        stage.keys("1 l");
        assert_eq!(stage.effects(), ["start 1 Login edx"]);
        types(&mut stage, &typed[..at]);
        stage.hides("dxq");
        stage.job(1, TaskEvent::Asked(password_prompt()));
        types(&mut stage, &typed[at..]);
        assert_eq!(stage.effects(), ["answer 1 dxq1L?"], "the prompt came after {at} keys");
        assert!(!stage.model.quitting());
        stage.hides("•").hides("Revoke");
    }
}

#[test]
fn what_is_typed_ahead_answers_no_other_question() {
    let mut stage = Stage::with(asking());
    stage.keys("1 l").effects();
    types(&mut stage, "hunter2\n");
    stage.shows("Log in  stg edx").shows("on its way");
    let code = Prompt { key: "otp_code", label: "One-time code".into(), help: "".into(), secret: true };
    stage.job(1, TaskEvent::Asked(code)).shows("One-time code").hides("•");
    types(&mut stage, "12\n");
    assert_eq!(stage.effects(), ["answer 1 12"]);
    // The login ends without having asked: nothing was done with it.
    let mut stage = Stage::with(asking());
    stage.keys("1 l").effects();
    types(&mut stage, "dxq\n");
    stage.arrives(1, 60).shows("Logged in.").hides("•");
    assert!(stage.effects().is_empty() && !stage.model.quitting());
    // Esc gives the login up, as it does at the prompt.
    let mut stage = Stage::with(asking());
    stage.keys("1 l").effects();
    types(&mut stage, "dx");
    stage.keys("Esc");
    assert_eq!(stage.effects(), ["cancel 1"]);
}

#[test]
fn a_passphrase_can_be_typed_before_it_is_asked_for() {
    let mut config = Config::default();
    config.vault.identity = Some(Home::Passphrase);
    let mut stage = Stage::with(Start { vault: AtStart::Locked, config: Ok(config), ..asking() });
    stage.tick("+0s").effects();
    types(&mut stage, "horse\n");
    let prompt = Prompt { key: "vault_passphrase", label: "Passphrase".into(), help: "".into(), secret: true };
    stage.job(1, TaskEvent::Asked(prompt));
    assert_eq!(stage.effects(), ["answer 1 horse"]);
}

fn undecided() -> Stage {
    let mut stage = Stage::with(Start { vault: AtStart::Undecided, ..start((120, 40)) });
    stage.keys("=edx-demo l");
    let effects = stage.effects();
    assert!(effects.contains(&"start 1 Login edx-demo".to_owned()), "a login waits for nothing: {effects:?}");
    assert!(effects.contains(&"CheckKeyring".to_owned()), "{effects:?}");
    stage
}

#[test]
fn the_first_tokens_are_saved_after_one_question() {
    let mut stage = undecided();
    stage.send(Message::KeyringChecked(Ok(()))).hides("Save these tokens?").arrives(1, 3_600);
    stage.shows("Save these tokens?").shows("key in the keyring (it answers)").shows("memory only").types("x");
    assert!(stage.effects().is_empty());
    stage.keys("Enter").hides("Save these tokens?");
    let effects = stage.take_effects();
    let [Effect::Start { id, what: What::OpenVault { home: Some(Home::Keyring), .. }, .. }] = effects[..] else {
        panic!("{effects:?}")
    };
    let opened = OpenedVault {
        home: Home::Keyring,
        chosen: true,
        records: Vec::new(),
        unreadable: Vec::new(),
        loose: Vec::new(),
    };
    stage.send(Message::Task(TaskId(id.0), TaskEvent::Ended(Ok(TaskOutcome::Opened(opened)))));
    stage.shows("alice").keys("=edx-prod l").arrives(3, 60).hides("Save these tokens?");
}

#[test]
fn without_a_keyring_the_question_says_why() {
    let mut stage = undecided();
    stage.send(Message::KeyringChecked(Err("no keyring is running".to_owned()))).arrives(1, 3_600);
    stage.shows("keyring: no keyring is running").keys("Enter").shows("Save these tokens?").keys("m");
    stage.hides("Save these tokens?").shows("Memory only: tokens end with tokscope. → L saves them").shows("alice");
    assert!(stage.effects().is_empty());
}

/// A prompt that is open has the keyboard: the question waits.
#[test]
fn the_question_waits_for_whatever_is_typed_in() {
    let mut stage = undecided();
    stage.keys("v").types("abc").send(Message::KeyringChecked(Ok(()))).arrives(1, 3_600).hides("Save these tokens?");
    stage.keys("Esc").shows("Save these tokens?");
}

#[test]
fn the_first_start_says_what_can_be_done() {
    for size in [(40, 12), (80, 24), (120, 40), (200, 60)] {
        let start = || Start { profiles: Ok(Vec::new()), vault: AtStart::Undecided, ..start(size) };
        let mut stage = Stage::with(start());
        stage.keys("2").shows("Welcome to tokscope").shows("paste or type a token").shows("try the demo");
        assert_eq!(stage.effects(), ["LookForSources"]);
        stage.send(Message::SourcesFound(3)).shows("(3 found)").keys("n").shows("for which system?").keys("Esc");
        stage.keys("i").shows("from where?").keys("Esc t");
        assert_eq!(stage.effects(), ["TryDemo", "Quit"]);
        let mut stage = Stage::with(start());
        stage.paste(&jwt(&claims("zoe", stage.now, 60))).hides("Welcome").shows("Read a JWT");
    }
}

/// Each key that is named does what is said, wherever the cursor is, also where the tokens are only in memory.
#[test]
fn the_keys_of_an_empty_start_work_in_every_pane() {
    for (vault, pane) in
        [AtStart::InMemory, AtStart::Fresh].into_iter().flat_map(|at| ["1", "2", "3"].map(|pane| (at, pane)))
    {
        let mut stage = Stage::with(Start { profiles: Ok(Vec::new()), vault, ..start((120, 40)) });
        stage
            .keys(pane)
            .shows("n creates one")
            .hides("1 n")
            .shows("Welcome to tokscope")
            .keys("n")
            .shows("for which system?");
        let first = vault == AtStart::Fresh;
        stage.keys("Esc");
        assert_eq!(stage.screen().contains("Nothing is saved until a login."), first, "{}", stage.screen());
    }
    // Beside a pasted token the way is named, too.
    let mut stage = Stage::with(Start { profiles: Ok(Vec::new()), ..start((120, 40)) });
    stage
        .paste("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
        .shows("to create one: 1 n")
        .hides("1 1 n")
        .keys("1 n")
        .shows("for which system?");
}

#[test]
fn the_changes_of_a_refresh_stay_until_esc() {
    let mut stage = session();
    stage.tick("+1m").keys("r").arrives(2, 3_600).shows("Δ exp").tick("+5m").shows("Δ exp").keys("Esc").hides("Δ exp");
}

#[test]
fn a_page_is_copied_as_text_without_secrets() {
    let mut stage = session();
    stage.keys("1 Enter").shows("● expires in 1h 00m").shows("tokens          access 1h 00m").shows("last login");
    stage.keys("y");
    let effects = stage.effects();
    assert!(
        effects[0].starts_with("copy page: Profile edx-demo") && !effects[0].contains("marker-secret"),
        "{effects:?}"
    );
    stage.keys("V").hides("Profile  stg edx-demo").shows("[Verify]");
}

#[test]
fn the_code_of_a_device_login_is_copied() {
    let mut stage = Stage::new();
    let expires_at = stage.now + chrono::TimeDelta::minutes(5);
    let code = Progress::DeviceCode {
        user_code: "WDJB-MJHT".to_owned(),
        verification_uri: "https://example.org/device".to_owned(),
        verification_uri_complete: None,
        expires_at,
    };
    stage.keys("=edx-demo l").job(1, TaskEvent::Stepped(code)).effects();
    stage.keys("y");
    assert_eq!(stage.effects(), ["copy code: WDJB-MJHT"]);
}

#[test]
fn a_profile_that_is_removed_comes_back_with_its_tokens() {
    let mut stage = session();
    stage.keys("1 d").effects();
    let name = ProfileName::new("edx-demo").unwrap();
    let profiles = || start((120, 40)).profiles.unwrap();
    let left: Vec<_> = profiles().into_iter().filter(|profile| profile.name != name).collect();
    stage.job(2, TaskEvent::Ended(Ok(TaskOutcome::Changed(Ok(left))))).shows("Removed.").hides("alice").keys("u");
    assert_eq!(stage.effects(), ["start 3 PutBack(KeepId(1)) edx-demo"]);
    let kept = tokscope::tui::app::message::Kept { token_set: Some(token_set(stage.now, 3_600)), ..Default::default() };
    let back = TaskOutcome::PutBack(Ok((profiles(), Box::new(kept))));
    stage.job(3, TaskEvent::Ended(Ok(back))).shows("edx-demo: Restored.").keys("=edx-demo").shows("alice");
}

/// While the code waits to be entered, the dialog says how often the server was asked, and when it is asked again.
#[test]
fn a_device_login_counts_down_to_its_next_question() {
    let mut stage = Stage::new();
    let code = Progress::DeviceCode {
        user_code: "WDJB-MJHT".to_owned(),
        verification_uri: "https://example.org/device".to_owned(),
        verification_uri_complete: None,
        expires_at: stage.now + chrono::TimeDelta::minutes(5),
    };
    let pausing =
        |stage: &Stage| TaskEvent::Stepped(Progress::Pausing { until: stage.now + chrono::TimeDelta::seconds(5) });
    stage.keys("=edx-demo l").job(1, TaskEvent::Stepped(code)).effects();
    let pause = pausing(&stage);
    stage.job(1, pause).shows("asks in 5s; the code ends in 5m 00s").tick("+5s").hides("asks in");
    stage.job(1, TaskEvent::Stepped(Progress::Contacting("token endpoint".to_owned()))).shows("asked once; the code");
    let pause = pausing(&stage);
    stage.job(1, pause).tick("+1s").shows("asked once, next in 4s; the code ends in 4m 54s");
}

/// What, means, do, more: whole, as far as there is room for the token as well; fewer parts where there is not.
#[test]
fn a_failure_is_told_in_four_parts_where_its_subject_is_inspected() {
    let banner = |stage: &Stage| -> String {
        let lines = stage.lines();
        let from = lines.iter().position(|line| line.contains("✗ refresh failed") || line.contains("✗ login failed"));
        let from = from.unwrap_or_else(|| panic!("{}", stage.screen()));
        let inner = |line: &String| {
            let cells: Vec<char> = line.chars().collect();
            let column = lines[from].chars().position(|c| c == '✗').unwrap();
            cells[column..]
                .iter()
                .collect::<String>()
                .split(['│', '┃', '█'])
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        };
        lines[from..(from + 6).min(lines.len())].iter().map(inner).collect::<Vec<_>>().join(" ")
    };
    let said = "refresh failed: the server refused: invalid_grant: Invalid credentials given. (HTTP 401)";
    let todo = "do check the user name and password; Open edX also says this for a locked account";
    let one_space = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    for size in [(80, 24), (100, 30), (120, 40), (200, 60)] {
        let mut stage = Stage::at(size);
        stage.keys("=edx-demo l").arrives(1, 3_600).keys("2 r");
        let wire = crate::support::stage::exchange(stage.now, 401, 0);
        let whose = ProfileName::new("edx-demo").unwrap();
        stage.send(Message::Exchanged(whose, Box::new(wire))).fails(2, refusal());
        let told = one_space(banner(&stage));
        for part in [said, "means The session has ended at the server", todo, "w shows the exchange"] {
            assert!(told.contains(part), "{size:?} {part:?}: {told}\n{}", stage.screen());
        }
        // What is inspected begins below it, and can be pointed at there.
        stage
            .shows("decoded, not verified")
            .keys("3 g")
            .under_cursor("aud")
            .keys("r")
            .tick("+2s")
            .hides("refresh failed: the");
        stage.under_cursor("aud");
    }
    for size in [(80, 24), (120, 40)] {
        let mut stage = Stage::at(size);
        stage.keys("=edx-demo l").fails(1, refusal());
        let told = one_space(banner(&stage));
        for part in [said.replace("refresh", "login").as_str(), todo] {
            assert!(told.contains(part), "{size:?} {part:?}: {told}\n{}", stage.screen());
        }
    }
    // Few rows: what happened comes first, and stands whole.
    let mut stage = Stage::at((60, 16));
    stage.keys("=edx-demo l").arrives(1, 3_600).keys("2 r").fails(2, refusal());
    stage.shows("✗ refresh failed: the server refused");
}

/// However small the screen, what is typed below a question is seen.
#[test]
fn what_is_typed_is_seen_on_the_smallest_screens() {
    for size in [(20, 5), (30, 8), (40, 12), (80, 24)] {
        let mut stage = Stage::at(size);
        stage.keys("=edx-prod l").arrives(1, 3_600).keys("x").types("pro").shows("pro").keys("Backspace").types("xyz");
        stage.shows("xyz");
        let mut stage = Stage::at(size);
        stage.keys("@").types("+2h").shows("+2h");
    }
}

/// A command for a profile acts on the one under the cursor: a notice about another one names none.
#[test]
fn a_hint_is_for_the_profile_of_its_notice() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 3_600).keys("=edx-demo r");
    let wire = crate::support::stage::exchange(stage.now, 500, 0);
    stage.send(Message::Exchanged(ProfileName::new("edx-demo").unwrap(), Box::new(wire)));
    stage.fails(2, refusal()).shows("w exchange").keys("=edx-prod").hides("w exchange");
    let mut stage = Stage::new();
    stage
        .keys("=edx-demo /")
        .shows("No tokens to filter here.")
        .shows("l gets some")
        .keys("=edx-prod")
        .hides("l gets some");
}

/// What is said where nothing was asked or saved yet.
#[test]
fn a_first_start_claims_nothing() {
    let start = Start { vault: AtStart::Undecided, ..start((120, 40)) };
    let mut stage = Stage::with(start);
    stage.keys("1").shows("vault: none yet").hides("keep tokens").keys("=edx-demo l").arrives(1, 3_600);
    stage.hides("nothing is saved");
}

/// One key tells whether a profile works: by its token, or by a login.
#[test]
fn a_profile_is_tested_from_its_page() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo Enter t");
    assert_eq!(stage.effects(), ["start 1 Login edx-demo"]);
    stage.arrives(1, 3_600).keys("=edx-demo Enter t");
    assert_eq!(stage.effects().last().map(String::as_str), Some("start 2 Probe edx-demo"));
}
