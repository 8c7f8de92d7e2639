//! What is said of a job while it runs: nothing for a moment, then its sign, its step and the seconds wherever its profile is.

use crate::support::stage;
use chrono::TimeDelta;
use stage::{Stage, profile, refusal, start};
use tokscope::{
    auth::Progress,
    tui::app::{Start, message::TaskEvent},
};

fn session() -> Stage {
    let mut stage = Stage::with(Start { profiles: Ok(vec![profile("edx-demo", "staging")]), ..start((120, 40)) });
    stage.keys("=edx-demo l").arrives(1, 3_600).keys("2").tick("+1m").keys("Esc").effects();
    stage
}

fn contacting() -> TaskEvent {
    TaskEvent::Stepped(Progress::Contacting("token endpoint of lms.example.org".to_owned()))
}

#[test]
fn a_job_that_is_over_in_a_moment_changes_nothing_on_screen_before_its_end() {
    let (mut stage, mut idle) = (session(), session());
    stage.keys("r").job(2, contacting());
    assert_eq!(stage.screen(), idle.screen());
    for step in ["+100ms", "+99ms"] {
        assert_eq!(stage.tick(step).screen(), idle.tick(step).screen(), "{step}");
    }
    assert_eq!(stage.wakes_in(), Some(TimeDelta::milliseconds(1)), "one more wake-up, at the threshold");
    stage.tick("+1ms").shows("»");
    assert_eq!(stage.wakes_in(), Some(TimeDelta::milliseconds(800)), "from then on one a second");
}

#[test]
fn a_longer_one_tells_its_step_and_its_seconds_on_the_row_in_the_tree_and_above_the_claims() {
    let mut stage = session();
    stage.keys("r").job(2, contacting()).tick("+3s");
    let banner = "» refreshing, asking the token endpoint of lms.example.org, 3s";
    let lines = stage.lines();
    // There is no room for the step beside the scope.
    assert!(lines[0].contains("» refreshing 3s edx-demo"), "the title: {}", lines[0]);
    let with = |parts: &[&str]| lines.iter().filter(|line| parts.iter().all(|part| line.contains(part))).count();
    assert_eq!(with(&["» ", "edx-demo", "access", "3s"]), 1, "the row:\n{}", lines.join("\n"));
    assert_eq!(with(&["edx-demo             » 3s"]), 1, "the tree:\n{}", lines.join("\n"));
    assert_eq!(with(&[&format!("│ {banner}")]), 1, "the banner:\n{}", lines.join("\n"));
    stage.tick("+1s").shows("» refreshing, asking the token endpoint of lms.example.org, 4s").shows("Esc cancel");
    // How it ended stays.
    stage.fails(2, refusal()).hides("»").shows("✗ refresh failed: ").tick("+1h").shows("✗ refresh failed: ");
}

#[test]
fn one_of_another_kind_is_not_dropped_in_silence() {
    let mut stage = session();
    stage.keys("r l").shows("edx-demo: Login not started: the refresh is still running.").keys("Esc");
    stage.keys("Esc").arrives(2, 3_600);
    // The same key twice is said once, by what it does.
    stage.keys("r r").hides("not started");
}

#[test]
fn of_many_the_bar_tells_how_many_are_done() {
    let profiles = ["a", "b", "c", "d"].map(|name| profile(name, "staging")).to_vec();
    let mut stage = Stage::with(Start { profiles: Ok(profiles), ..start((120, 40)) });
    stage.keys("1 Home l y").effects();
    stage.tick("+1s").shows("» logging in 1s · 0 of 4 ──────────").arrives(1, 3_600);
    stage.shows("1 of 4 ━━────────").arrives(2, 3_600).shows("2 of 4 ━━━━━─────");
}
