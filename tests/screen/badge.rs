//! The badge of a protected environment never leaves the screen, and what its server would forget is confirmed by its name.

use crate::support::stage::{self, Stage, claims, jwt, password_prompt, refusal, start};
use ratatui::style::{Color, Modifier};
use tokscope::{
    auth::{Fate, Progress, TokenKind},
    store::config::{Config, EnvironmentsConfig},
    tui::app::{
        Message, Start,
        message::{TaskEvent, TaskOutcome},
    },
};

const SIZES: [(u16, u16); 5] = [(40, 12), (60, 16), (80, 24), (120, 40), (200, 60)];

/// How often the badge is on screen, filled.
fn badges(stage: &Stage) -> usize {
    let buffer = stage.buffer();
    let filled = |text: &str, cells: &[ratatui::buffer::Cell]| {
        let same = cells.iter().zip(text.chars()).all(|(cell, c)| cell.symbol() == c.to_string());
        let fill = |cell: &ratatui::buffer::Cell| (cell.bg, cell.modifier.contains(Modifier::REVERSED));
        same && cells.iter().all(|cell| fill(cell) != (Color::Reset, false) && cell.modifier.contains(Modifier::BOLD))
    };
    buffer.content().windows(4).filter(|cells| filled("PROD", cells)).count()
}

#[track_caller]
fn is_badged(stage: &Stage, what: &str) {
    assert!(badges(stage) > 0, "no badge: {what}\n{}", stage.screen());
}

/// A stage whose cursors are on the protected profile and its access token.
fn protected(start: Start) -> Stage {
    let mut stage = Stage::with(start);
    stage.keys("=edx-prod l").arrives(1, 3_600).tick("+10s").effects();
    stage
}

/// Whatever is open: the panes, each page, form, list, line and question about the profile or its token.
const OPEN: [&str; 35] = [
    "1",
    "2",
    "3",
    "3 Left",
    "3 Right",
    "3 Right Right",
    "1 w",
    "1 Enter",
    "1 Enter ?",
    "1 ?",
    "2 ?",
    "3 ?",
    "1 N",
    "1 e",
    "1 e x Esc",
    "1 D",
    "1 d",
    "1 x",
    "1 x p r",
    "1 Enter x",
    "1 Enter d",
    "2 d",
    "2 e",
    "2 e x Esc",
    "2 e ^S",
    "2 e ^S Enter",
    "2 e ^S Down Enter",
    "2 K",
    "2 K Enter",
    "2 m Down m",
    "3 Enter",
    "3 /",
    "1 v",
    "1 @",
    "2 @ + 2 h Enter",
];

#[test]
fn no_frame_lacks_the_badge_of_its_subject() {
    for size in SIZES {
        for keys in OPEN {
            let mut stage = protected(start(size));
            stage.keys(keys);
            for theme in stage::THEMES {
                stage.send(Message::ConfigLoaded(Ok(stage::config(theme))));
                is_badged(&stage, &format!("{keys} at {size:?} in {theme}"));
            }
        }
    }
}

/// From the smallest size to the largest, whatever is open stays named while the window changes.
#[test]
fn at_no_size_is_the_badge_missing() {
    for keys in OPEN.into_iter().chain(["H", "2 C", "2 S", "2 /", "1 :", "1 x p", "2 Space", "2 V", "3 w"]) {
        let mut stage = protected(start((200, 60)));
        stage.keys(keys).tick("+1s");
        for width in (40..=200).step_by(40) {
            for height in (12..=60).step_by(12) {
                is_badged(stage.resize(width, height), &format!("{keys} at {width} by {height}"));
            }
        }
    }
}

/// What opens by itself for a profile that is not under the cursor is named all the same.
#[test]
fn a_dialog_names_the_environment_of_its_own_profile() {
    for size in SIZES {
        let mut stage = Stage::at(size);
        stage.keys("=edx-prod l =edx-demo").job(1, TaskEvent::Asked(password_prompt()));
        is_badged(&stage, "a question");
        assert!(stage.lines().iter().any(|line| line.contains("Log in  PROD edx-prod")), "{}", stage.screen());
        let mut stage = Stage::at(size);
        let expires_at = stage.now + chrono::TimeDelta::minutes(10);
        let code = Progress::DeviceCode {
            user_code: "WDJB-MJHT".to_owned(),
            verification_uri: "https://login.example.org/device".to_owned(),
            verification_uri_complete: None,
            expires_at,
        };
        stage.keys("=edx-prod l =edx-demo").job(1, TaskEvent::Stepped(code)).shows("Log in  PROD edx-prod");
        is_badged(&stage, "a code");
    }
}

#[test]
fn notices_and_the_line_of_tasks_name_it() {
    let mut stage = Stage::at((120, 40));
    let before = badges(&stage);
    stage.keys("=edx-prod l =edx-demo").tick("+3s").shows("3s PROD edx-prod");
    assert_eq!(badges(&stage), before + 1, "{}", stage.screen());
    stage.fails(1, refusal()).shows("✗ PROD edx-prod: ").keys("N").shows("✗ PROD edx-prod ");
    // A notice outlives its profile.
    let mut stage = protected(start((80, 24)));
    stage.keys("1 d").send(Message::Task(
        tokscope::tui::app::message::TaskId(2),
        TaskEvent::Ended(Ok(TaskOutcome::Changed(Ok(vec![stage::profile("edx-demo", "staging")])))),
    ));
    stage.shows("· PROD edx-prod: Removed.");
}

#[test]
fn the_badge_is_never_cut_and_others_stay_quiet() {
    for width in 40..=200 {
        let mut stage = protected(start((width, 24)));
        let token = jwt(&claims("bob", stage.now, 60));
        stage.paste(&token).keys("1 g 2");
        is_badged(&stage, &format!("{width} columns"));
        if width >= 60 {
            let rows = stage.lines().into_iter().filter(|line| line.contains("PROD")).count();
            assert!(rows >= 2, "profiles and tokens at {width}:\n{}", stage.screen());
        }
    }
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 3_600).keys("2").shows("stg  edx-demo");
    assert_eq!(badges(&stage), 1, "only the heading of the other environment:\n{}", stage.screen());
}

#[test]
fn the_settings_say_what_is_protected() {
    let config = |patterns: &[&str]| Config {
        environments: EnvironmentsConfig {
            protected: patterns.iter().map(|p| (*p).to_owned()).collect(),
            ..Default::default()
        },
        ..Config::default()
    };
    let mut stage = protected(Start { config: Ok(config(&["STAG*"])), ..start((120, 40)) });
    stage.shows("▾ STAG").keys("x").shows("y revoke").keys("n");
    assert_eq!(badges(&stage), 0);
    stage.send(Message::ConfigLoaded(Ok(config(&["*"])))).keys("x").shows("Type prod and Enter to revoke:");
    is_badged(&stage, "after the settings were read again");
}

#[test]
fn revoking_there_takes_the_name_of_the_environment() {
    let mut stage = protected(start((120, 40)));
    stage.keys("x").shows("Revoke the tokens of edx-prod at the server?");
    stage.shows("environment  prod").shows("server       https://lms.example.org").shows("account      alice");
    stage.shows("accept it until 23:35:00").shows("Type prod and Enter to revoke:");
    // No single key answers, and what is typed starts nothing.
    stage.keys("y Enter").shows("nothing was done").shows("Revoke the tokens of edx-prod");
    stage.keys("Enter ^U Enter").types("pro").keys("Enter").shows("Revoke the tokens of edx-prod");
    assert!(stage.effects().is_empty());
    stage.keys("Esc").hides("Revoke the tokens");
    assert!(stage.effects().is_empty());
    stage.keys("x").types("Prod").keys("Enter");
    assert_eq!(stage.effects(), ["start 2 Revoke edx-prod"]);
    stage.hides("Revoke the tokens");
    let tokens = vec![(TokenKind::Access, Fate::Asked(200))];
    stage.job(2, stage::revoked(&tokens)).shows("✓ PROD edx-prod: Asked the server to revoke");
}

/// A paste fills the line and does nothing by itself; a lock takes the question away.
#[test]
fn the_question_waits_for_enter() {
    let mut stage = protected(start((80, 24)));
    stage.keys("x").paste("prod\n").shows("to revoke: prod");
    assert!(stage.effects().is_empty());
    stage.keys("Enter");
    assert_eq!(stage.effects(), ["start 2 Revoke edx-prod"]);
    // At the smallest size the line to type is in sight, too.
    let mut stage = protected(start((40, 12)));
    stage.keys("x").types("pr").shows("to revoke: pr");
}
