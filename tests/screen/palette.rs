//! Scenarios of the commands that are found by words, and of the keys that are looked for: what is listed, what it says it
//! acts on, and that nothing happens but by Enter.

use proptest::prelude::*;
use tokscope::tui::app::{
    Effect, Message,
    key::{Key, KeyCode},
};

use crate::support::stage::{Stage, claims, jwt, start};
use tokscope::tui::app::Start;

/// A stage with a session of `edx-demo`, the cursor on `edx-prod`.
fn session() -> Stage {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 3_000).keys("=edx-prod").tick("+1m").effects();
    stage
}

/// The line with the cursor of the list that is open.
fn row(stage: &Stage) -> String {
    let lines = stage.lines();
    let found = lines.iter().find_map(|line| line.split_once("│ ▌ ").filter(|(before, _)| !before.contains('▌')));
    let row = found.map(|(_, row)| row.trim_end_matches(|c: char| !c.is_alphanumeric()).trim());
    row.unwrap_or_else(|| panic!("no list is open:\n{}", lines.join("\n"))).to_owned()
}

#[test]
fn a_command_is_found_by_words_and_named_with_what_it_acts_on() {
    let mut stage = session();
    stage.keys(":").shows("Commands").types("log in").shows("PROD edx-prod").keys("Enter").hides("Commands");
    assert_eq!(stage.effects(), ["start 2 Login edx-prod"]);
    stage.keys("=edx-demo");
    // All words must match, in any order; the name of the command does, too.
    for typed in ["header copy", "copy-header", "hea", "COPY HEAD"] {
        stage.keys(":").types(typed).under_cursor("copy header").under_cursor("stg edx-demo access").keys("Esc");
    }
    stage.keys(":").types("copy header").keys("Enter").hides("Commands");
    assert!(matches!(&stage.effects()[..], [copy] if copy.contains("header") && copy.contains(": JWT ey")));
}

#[test]
fn what_is_impossible_stands_last_and_enter_does_nothing() {
    let mut stage = Stage::new();
    stage.keys("=edx-demo :").types("refresh").under_cursor("auto renew").keys("Down").under_cursor("refresh  ");
    stage.shows("not now").keys("Enter").shows("Commands");
    stage.keys("^U").types("copy header").under_cursor("not now: no token is there").keys("Enter").shows("Commands");
    stage.keys("^U").types("zzz").shows("no command matches").keys("Enter Tab").shows("Commands").keys("Esc");
    assert!(stage.hides("Commands").effects().is_empty());
}

#[test]
fn a_profile_is_gone_to_by_its_name() {
    let mut stage = session();
    stage.keys("3 :").types("edx-demo").under_cursor("go to edx-demo").keys("Enter");
    stage.hides("Commands").under_cursor("edx-demo").keys("r");
    assert_eq!(stage.effects(), ["start 2 Refresh edx-demo"]);
    // From a page, too: it makes way.
    stage.keys("Enter").shows("Profile  stg edx-demo").keys("^P").types("go to edx-prod").keys("Enter").keys("l");
    assert_eq!(stage.hides("Profile  stg edx-demo").effects(), ["start 3 Login edx-prod"]);
}

#[test]
fn tab_completes_and_esc_steps_back_one() {
    let mut stage = session();
    stage.keys("Enter :").types("dup").keys("Tab").shows(":duplicate").keys("Esc");
    stage.hides("Commands").shows("Profile  PROD edx-prod").keys(":").types("dup").keys("Enter").shows("New profile");
    let mut stage = session();
    stage.keys("n").shows("for which system").keys(":").shows("Commands").keys("Esc").shows("for which system");
}

/// What stands below with text that was not saved is never closed for a command.
#[test]
fn a_list_over_the_editor_calls_nothing_of_the_panes() {
    let mut stage = session();
    stage
        .paste(&jwt(&claims("zoe", stage.now, 60)))
        .keys("2 e")
        .types("  ")
        .keys("^S :")
        .types("log in")
        .under_cursor("not here");
    stage.keys("Enter").shows("Commands").keys("^U").types("go to edx").shows("no command matches").keys("Esc Esc");
    stage.shows("│   {");
    assert!(stage.effects().is_empty());
}

/// What a command was shown to do is what it does, or nothing.
#[test]
fn a_command_whose_subject_changed_is_not_run() {
    let mut stage = session();
    stage.keys("=edx-demo :").types("refresh").under_cursor("refresh  ").send(Message::ProfilesLoaded(Ok(Vec::new())));
    stage.keys("Enter").hides("Commands").shows("refresh was not run: what it would act on has changed");
    assert!(stage.effects().is_empty());
    let mut stage = session();
    stage.keys("3 :").types("go to edx-demo").send(Message::ProfilesLoaded(Ok(Vec::new())));
    stage.keys("Enter").hides("Commands").shows("go to edx-demo was not run");
}

#[test]
fn a_key_is_found_by_words_and_by_itself() {
    let mut stage = session();
    stage
        .keys("=edx-demo ?")
        .types("wget")
        .shows("no command matches")
        .keys("Esc")
        .shows(" Help ─")
        .hides("no command matches");
    stage.types("authorization").under_cursor("copy the Authorization header");
    stage.shows("stg edx-demo access · tokens.copy-header").keys("Enter").hides(" Help ─");
    assert!(matches!(&stage.effects()[..], [copy] if copy.contains("header") && copy.contains(": JWT ey")));
    for (typed, shown) in [
        ("@x", "revoke"),
        ("@^l", "redraw"),
        ("@enter", "fold or unfold the group"),
        ("@PgD", "page down"),
        ("@@", "travel"),
    ] {
        stage.keys("1 ?").types(typed).shows(shown).hides("close the list").keys("Esc Esc").hides(" Help ─");
    }
    // What works elsewhere is listed and not run.
    stage.keys("?").types("line break").shows("not here: Token editor").keys("Enter").shows(" Help ─");
    assert!(stage.effects().is_empty());
}

#[test]
fn the_list_follows_the_screen() {
    for size in [(120, 40), (80, 24), (40, 12), (20, 5), (3, 2), (200, 60)] {
        let mut stage = Stage::with(start(size));
        stage.keys(": Down PgDn PgDn").resize(20, 6).keys("Down").resize(size.0, size.1).keys("Esc ? PgDn");
        if size.0 >= 80 {
            assert!(!row(&stage).is_empty());
        }
    }
}

/// Any key that types: a character, or one that changes the line or moves the cursor.
fn typing() -> impl Strategy<Value = Vec<Key>> {
    let named = [
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::Left,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::PageDown,
        KeyCode::Tab,
    ];
    let key = prop_oneof![
        6 => any::<char>().prop_map(Key::char),
        6 => proptest::char::range(' ', '~').prop_map(Key::char),
        1 => proptest::sample::select(named.to_vec()).prop_map(Key::plain),
    ];
    proptest::collection::vec(key, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn nothing_that_is_typed_after_a_colon_or_a_question_mark_starts_anything(
        keys in typing(),
        open in proptest::sample::select(vec![":", "?", "^P", "F1"]),
        place in proptest::sample::select(vec!["1", "2", "3", "=edx-demo Enter", "N", "1 n", "2 K"]),
    ) {
        let mut stage = session();
        stage.keys(place).keys(open).take_effects();
        let title = if [":", "^P"].contains(&open) { " Commands ─" } else { " Help ─" };
        // In the list of keys Tab asks for a new key: the next one is one, and is no text.
        let is_text = |key: &Key| title.contains("Commands") || key.code != KeyCode::Tab;
        for key in keys.into_iter().filter(is_text) {
            stage.send(Message::Key(key));
            let effects: Vec<Effect> = stage.take_effects();
            prop_assert!(effects.is_empty(), "{key} did {effects:?}");
        }
        stage.shows(title);
        // And nothing came of it below.
        let mut untouched = session();
        untouched.keys(place);
        while stage.screen().contains(title) {
            stage.keys("Esc");
        }
        prop_assert_eq!(stage.screen(), untouched.screen());
    }
}

/// Words that are no letters, and what a terminal does not show, are shown as what they are.
#[test]
fn what_is_typed_is_made_visible() {
    let mut stage = Stage::with(Start { ..start((80, 24)) });
    stage.keys(":").types("\u{202e}x").shows("\\u{202e}x");
}
