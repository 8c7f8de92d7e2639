//! The horizon: what ends when, in bars and sentences, and its keys.

use crate::support::stage::{self, Stage, start, token_set};
use chrono::TimeDelta;
use tokscope::{
    auth::TokenSet,
    clock::Timestamp,
    profile::Profile,
    tui::app::{Start, message::MouseKind},
};

/// A fleet: one that renews automatically, two that do not, one that is over, one whose token is opaque and has no expiry.
pub(crate) fn fleet(size: (u16, u16)) -> Stage {
    let begin = start(size);
    let now = begin.now;
    let of = |name: &str, environment: Option<&str>| Profile {
        environment: environment.map(str::to_owned),
        ..stage::profile(name, "")
    };
    let mut seta = of("seta-files", Some("prod"));
    seta.settings.insert("auto_refresh".to_owned(), "true".to_owned());
    let old = |at: Timestamp, seconds| token_set(at, seconds);
    let mut opaque = token_set(now, 60);
    opaque.tokens.truncate(1);
    opaque.tokens[0].raw = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE".into();
    opaque.tokens[0].expires_at = None;
    let all: Vec<(Profile, TokenSet)> = vec![
        (of("passwork-vault", None), opaque),
        (of("lms-staging", Some("staging")), token_set(now, 760)),
        (of("grades-worker", Some("prod")), old(now - TimeDelta::hours(4), 3_600)),
        (of("lms-prod", Some("prod")), old(now - TimeDelta::minutes(10), 600 + 2_468)),
        (seta, token_set(now, 900)),
    ];
    let token_sets = all.iter().map(|(profile, set)| (profile.name.clone(), set.clone())).collect();
    Stage::with(Start { profiles: Ok(all.into_iter().map(|(profile, _)| profile).collect()), token_sets, ..begin })
}

/// The line of a token.
fn line(stage: &Stage, name: &str) -> String {
    let lines = stage.lines();
    let line = lines.iter().find(|line| line.contains(name));
    line.unwrap_or_else(|| panic!("no {name} in\n{}", lines.join("\n"))).clone()
}

#[test]
fn it_says_in_sentences_what_comes() {
    let mut stage = fleet((200, 60));
    stage.keys("H").shows("All  9 · 1h").shows("[1h]");
    stage.shows("Next: 22:47:40 lms-staging ends, not renewed · 22:4");
    stage.shows(" PROD seta-files renews · 23:16:08 PROD lms-prod ends, not renewed");
    stage.shows(
        "In the hour to 23:35: 2 sessions end unless you act (lms-staging, PROD lms-prod), 1 renews automatically, 1 is over.",
    );
    stage.keys("+").shows("All  9 · 5m").shows("In the 5 minutes to 22:40: 1 is over.");
    stage.keys("- -").shows("In the 8 hours to 06:35: 2 sessions end unless you act");
    stage.keys("-").shows("In the 30 days to 21 Dec: 2 sessions end").keys("- -").shows("· 30d");
    assert_eq!(stage.wakes_in(), Some(TimeDelta::seconds(1)), "what is left runs");
}

#[test]
fn each_life_has_its_bar_and_its_words() {
    let mut stage = fleet((120, 40));
    stage.keys("H").shows("now").shows("22:20").shows("22:50").shows("23:20");
    let seta = line(&stage, "seta-files");
    assert!(seta.contains("PROD") && seta.contains("┃") && seta.contains("⟳ renews 22:4"), "{seta}");
    assert!(seta.contains(", then every 15m"), "{seta}");
    let ends = line(&stage, "lms-prod");
    assert!(ends.contains("41m 08s") && ends.contains("━━━┃━━━") && ends.contains("━ 23:16"), "{ends}");
    let over = line(&stage, "grades-worker");
    assert!(
        over.contains("↻") && over.contains("3h ago") && over.contains("r renews") && !over.contains('━'),
        "{over}"
    );
    assert!(stage.lines().iter().any(|line| line.contains("env  profile") && line.contains("left")));
    let opaque = line(&stage, "passwork-vault");
    assert!(opaque.contains("unknown") && opaque.contains("no expiry given") && !opaque.contains('━'), "{opaque}");
    // What is far from now has its year.
    let mut far = fleet((120, 40));
    far.paste(&stage::jwt(r#"{"sub":"bob","exp":1300819380}"#)).keys("1 Home H");
    assert!(line(&far, "pasted token").contains("ended 22 Mar 2011"), "{}", line(&far, "pasted token"));
    assert!(line(&far, "pasted token").contains("15y ago"), "{}", line(&far, "pasted token"));
    // Protected environments first, then by what happens next.
    let lines = stage.lines();
    let at = |name: &str| lines.iter().position(|line| line.contains(name)).unwrap();
    let order = ["seta-files", "lms-prod", "grades-worker", "lms-staging", "passwork-vault"].map(at);
    assert!(order.is_sorted(), "{order:?}");
    stage.keys("S").shows("Sorted by what ends next.");
    let lines = stage.lines();
    let at = |name: &str| lines.iter().position(|line| line.contains(name)).unwrap();
    assert!(at("lms-staging") < at("lms-prod"));
}

#[test]
fn its_keys_act_on_the_life_under_the_cursor() {
    let mut stage = fleet((120, 40));
    stage.keys("H").under_cursor("seta-files").keys("Down Down").under_cursor("lms-prod").keys("r");
    assert_eq!(stage.effects(), ["start 1 Refresh lms-prod"]);
    stage.keys("Right").hides("22:20").keys("0").shows("22:20").keys("Left").shows("22:05");
    // Another life begins above it: the cursor stays on its own.
    stage.arrives(1, 3_600).under_cursor("lms-prod").keys("Enter").hides("Horizon").under_cursor("lms-prod");
    stage.paste(&stage::jwt(&stage::claims("bob", stage.now, 7_200)));
    stage.keys("H G").under_cursor("pasted token").keys("r l x p");
    assert!(stage.effects().is_empty(), "a pasted token has no profile, whatever the panes show");
    stage.keys("Esc").hides("Horizon").keys("H q").hides("Horizon");
}

#[test]
fn where_there_is_nothing_it_says_so() {
    let mut stage = Stage::new();
    stage.keys("H").shows("No token has a time to show.");
    stage.shows("Next: nothing ends, and nothing is renewed.").shows("In the hour to 23:35: nothing ends.");
    stage.keys("Down + - S 0").shows("Horizon");
    for size in [(1, 1), (10, 3), (20, 5), (40, 12), (300, 4)] {
        fleet(size).keys("H Down G S - - -").screen();
    }
}

#[test]
fn at_another_time_nobody_knows_what_was_renewed_until_then() {
    let mut stage = fleet((120, 40));
    stage.keys("@").types("+30m").keys("Enter H").shows("AS OF Sat 21 Nov 23:05");
    stage.shows("In the hour to 00:05: 1 session ends unless you act (PROD lms-prod), 3 are over.");
    assert!(line(&stage, "seta-files").contains("ended 22:50"), "{}", line(&stage, "seta-files"));
    stage.keys("Esc Esc").keys("H").shows("1 renews automatically");
}

#[test]
fn behind_the_lock_and_read_only_it_shows_what_is_known() {
    let mut stage = fleet((120, 40));
    stage.model.restrict(tokscope::auth::ReadOnly::this_run());
    stage.keys("H").shows("3 sessions end unless you act").hides("renews 22:4");
}

/// What the panes are about is what it is about.
#[test]
fn it_is_narrowed_to_the_scope() {
    let mut stage = fleet((120, 40));
    stage.paste(&stage::jwt(&stage::claims("bob", stage.now, 1_800)));
    stage.shows("Pasted").keys("H").shows("Horizon  Pasted  1 · 1h").shows("pasted token");
    stage.shows("In the hour to 23:35: 1 token ends (pasted token ").shows(" ends").hides("seta-files").keys("Esc");
    // The second line of the tree is what wants attention, the third the first environment.
    stage.keys("1 Home Down Down H").shows("prod  6 · 1h").shows("seta-files").hides("lms-staging");
    stage.shows(
        "In the hour to 23:35: 1 session ends unless you act (PROD lms-prod), 1 renews automatically, 1 is over.",
    );
    stage.keys("Esc").keys("=lms-staging H").shows("Horizon  lms-staging  2 · 1h").hides("seta-files").keys("Esc");
    stage.keys("1 Home H").shows("All  10 · 1h");
    // Where the scope is empty it says so.
    let mut stage = Stage::new();
    stage.paste(&stage::jwt(&stage::claims("bob", stage.now, 1_800)));
    stage.keys("=edx-prod H").shows("No tokens in this scope: Esc closes, 1 chooses another.");
}

/// The keys of a token act on the one under the cursor, whatever the panes show.
#[test]
fn verify_and_key_are_about_the_life_under_the_cursor() {
    let mut stage = fleet((120, 40));
    stage.keys("1 Home H Down Down").under_cursor("lms-prod").keys("K").shows("Verify with which key?").keys("Esc");
    stage.under_cursor("lms-prod").keys("V").hides("Horizon").shows("[Verify]").shows("lms-prod access");
}

/// What `/` does there is called as it is in the tokens.
#[test]
fn its_bar_says_filter() {
    let mut stage = fleet((120, 40));
    stage.keys("H").shows("/ filter").hides("/ search").keys("/").types("seta").keys("Enter").hides("lms-prod");
    stage.shows("all rows").keys("Esc").shows("lms-prod");
}

#[test]
fn it_is_moved_by_dragging_and_zoomed_by_a_click() {
    let mut stage = fleet((120, 40));
    stage.keys("H").shows("22:50");
    let (column, row) = stage.place("now");
    stage.mouse(MouseKind::Press, column, row + 8).mouse(MouseKind::Drag, column + 16, row + 8);
    stage.mouse(MouseKind::Release, column + 16, row + 8);
    let (moved, _) = stage.place("now");
    assert!(moved.abs_diff(column + 16) <= 1, "{column} to {moved}:\n{}", stage.screen());
    stage.keys("0");
    assert_eq!(stage.place("now").0, column);
    stage.click("8h").shows("[8h]").click("5m").shows("[5m]");
    stage.tick("+1s").click("lms-prod").under_cursor("lms-prod").tick("+1s").double_click("lms-prod").hides("Horizon");
    // The wheel scrolls, and where all is on screen the cursor stays.
    stage.keys("H g").wheel("seta-files", MouseKind::WheelDown).under_cursor("seta-files");
}

/// `/` leaves the lives that have the words, a session whole; Esc brings all back, and the cursor stays on its own.
#[test]
fn words_narrow_the_horizon() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 900).keys("=edx-prod l").arrives(2, 3_600).keys("1 g Esc H").shows("edx-demo");
    stage.keys("/").types("demo").shows("edx-demo").shows("refresh").hides("edx-prod").under_cursor("edx-demo");
    stage.types("x").shows("Nothing here has these words.").keys("Backspace").shows("edx-demo").keys("Enter");
    stage.hides("edx-prod").shows("1 session").keys("Esc").shows("edx-prod").under_cursor("edx-demo").shows("Horizon");
    stage.keys("/").types("PROD").hides("sta  edx-demo").keys("Esc").shows("edx-demo").under_cursor("edx-prod");
    stage.keys("Esc").hides("Horizon");
}

#[test]
fn the_horizon_is_copied_as_text() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 900).keys("1 g H y");
    let text = stage.effects().pop().unwrap();
    assert!(text.starts_with("copy horizon: Horizon  All"), "{text}");
    for part in ["edx-demo  active  until 22:50:00", "refresh  opaque", "Next: 22:50:00", "In the hour"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("eyJ"));
}
