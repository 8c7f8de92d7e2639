//! What other programs keep on this machine, as a scope of its own: read when it is asked for, counted down like any other token.

use crate::support::stage::{self, Stage};
use tokscope::{
    session::{HeldToken, HeldTokens},
    store::inventory::Place,
    token::detect::{Found, Purpose},
    tui::app::{
        Message,
        message::{TaskEvent, TaskId, TaskOutcome},
    },
};

fn gcloud(stage: &Stage, purpose: Purpose, seconds: i64) -> HeldToken {
    let mut found = Found::whole(&stage::jwt(&stage::claims("ada", stage.now, seconds)));
    found.purpose = Some(purpose);
    HeldToken {
        id: "gcloud",
        program: "Google Cloud",
        place: Place::File("/srv/config".into(), 0o600),
        of: Some("ada@example.org".to_owned()),
        revoke: "`gcloud auth revoke`",
        command: Some("gcloud auth print-access-token"),
        found,
    }
}

/// One that only its variable says something about.
fn npm() -> HeldToken {
    HeldToken {
        id: "npm",
        program: "npm",
        place: Place::Variable("NPM_TOKEN"),
        of: Some("registry".to_owned()),
        revoke: "`npm token revoke ID`",
        command: None,
        found: Found::whole("npm_1234567890abcdefghij"),
    }
}

/// Three tokens of two programs.
fn machine(stage: &Stage) -> HeldTokens {
    let all = vec![gcloud(stage, Purpose::Access, 600), gcloud(stage, Purpose::Refresh, 86_400), npm()];
    HeldTokens { all, unread: vec!["cannot read /x\u{1b}[2J: denied".to_owned()], remarks: Vec::new() }
}

fn scanned() -> Stage {
    let mut stage = Stage::new();
    stage.keys(":").types("scan").under_cursor("scan").keys("Enter");
    assert_eq!(stage.effects(), ["start 1 Scan"]);
    let found = machine(&stage);
    stage.send(Message::Task(TaskId(1), TaskEvent::Ended(Ok(TaskOutcome::Scanned(found)))));
    stage
}

#[test]
fn nothing_is_read_before_it_is_asked_for() {
    let mut stage = Stage::new();
    assert!(stage.hides("This machine").effects().is_empty());
    stage.keys(":").types("scan").keys("Enter").keys(":").types("scan").under_cursor("not now").keys("Esc");
    assert_eq!(stage.effects(), ["start 1 Scan"], "once at a time");
    stage.send(Message::Task(TaskId(1), TaskEvent::Ended(Ok(TaskOutcome::Scanned(HeldTokens::default())))));
    stage.shows("No tokens of other programs were found on this machine.").hides("› This machine");
}

#[test]
fn the_tokens_of_programs_are_a_scope_and_count_down() {
    let mut stage = scanned();
    stage.shows("This machine: 3 tokens of 2 programs; 1 file could not be read.").under_cursor("This machine");
    stage.shows("Google Cloud").shows("10m 00s").shows("registry");
    stage.keys("N").shows("cannot read /x\\u{1b}[2J: denied").keys("Esc");
    stage.tick("+1m").shows("9m 00s");
    // One program.
    stage.keys("1 j j").hides("10m 00s").shows("$NPM_TOKEN · to revoke: `npm token revoke ID`");
    stage.keys("k").shows("/srv/config 0600 · to revoke:");
    // A second look takes the place of the first.
    stage.keys(":").types("scan").keys("Enter");
    let npm = HeldTokens { all: vec![npm()], ..HeldTokens::default() };
    stage.send(Message::Task(TaskId(2), TaskEvent::Ended(Ok(TaskOutcome::Scanned(npm)))));
    stage.shows("This machine: 1 token of 1 program.").hides("Google Cloud");
}

#[test]
fn nothing_of_it_is_sent_renewed_or_kept() {
    let mut stage = scanned();
    stage.keys("2 r").keys("l").keys("x").keys("p").keys("R");
    assert!(stage.effects().is_empty(), "no profile has it");
    stage.keys("d").shows("Took the").shows("off the list; the file is as it was.").keys("u").shows("Google Cloud");
    assert!(stage.effects().is_empty());
}

#[test]
fn one_key_makes_a_profile_that_asks_the_program() {
    let mut stage = scanned();
    stage.keys("2 g n").shows("New profile").shows("gcloud").shows("gcloud auth print-access-token");
    let mut stage = scanned();
    stage.keys("1 j n").shows("New profile").shows("gcloud auth print-access-token");
    // Where there is no such command, nothing is offered but a new profile of any kind.
    let mut stage = scanned();
    stage.keys("1 j j n").shows("for which system");
}
