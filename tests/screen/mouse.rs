//! The mouse: what is drawn can be clicked where it is drawn, and does what its key does.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use crate::support::stage::{Stage, claims, jwt, password_prompt, start};
use tokscope::{
    auth::Progress,
    store::{
        config::{Config, UiConfig},
        state::Change,
    },
    tui::app::{
        Effect, Message, Start,
        message::TaskEvent,
        mouse::MouseKind::{Drag, Paste, Press, Release, WheelDown, WheelUp},
        vault::AtStart,
    },
};

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (160, 40), (200, 60)];

/// A session, and so many pasted tokens below it.
fn busy(size: (u16, u16), pasted: usize) -> Stage {
    let mut stage = Stage::at(size);
    let now = stage.now;
    (0..pasted).for_each(|at| _ = stage.paste(&jwt(&claims(&format!("user-{at:02}"), now, 60 * (1 + at as i64)))));
    stage.keys("=edx-demo l").arrives(1, 3_600).tick("+1s").keys("1 g 2 Esc Esc g").effects();
    stage
}

#[test]
fn a_click_selects_and_a_double_click_is_enter() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut stage = busy(size, 3);
        stage.keys("1").click("user-01").under_cursor("user-01").shows("\"user-01\"");
        stage.tick("+1s").click("user-02").under_cursor("user-02");
        // Slowly twice is not a double click; and another row neither.
        stage.tick("+1s").click("user-02").click("user-00").hides("[Raw]").keys("Right").hides("[Header]");
        stage.tick("+1s").double_click("user-01").keys("End Enter").shows("pointer");
    }
}

#[test]
fn a_click_on_a_tab_opens_it_and_on_a_sign_folds() {
    let mut stage = busy((120, 40), 1);
    stage.click("Header").shows("[Header]").shows("\"HS256\"").tick("+1s").click("Claims").shows("[Claims]");
    let mut stage = Stage::with_tokens((120, 40), &[("stdin", &jwt(r#"{"user":{"groups":["curators"]}}"#))]);
    stage.shows("curators").click("▾ 1").hides("\"curators\"").tick("+1s").click("▸ 1").shows("\"curators\"");
}

/// Every hint that is drawn runs by a click as it does by its key.
#[test]
fn a_click_on_a_hint_is_its_key() {
    for size in SIZES {
        for pane in ["1", "2"] {
            let mut stage = busy(size, 1);
            stage.keys(pane);
            // A narrow bar says it by the key alone.
            let hint = if stage.screen().contains("? help") { "? help" } else { "?" };
            stage.click(hint).shows("@ and a key");
            let mut stage = busy(size, 1);
            stage.keys("=edx-demo").keys(pane).click("r refresh");
            assert_eq!(stage.effects(), ["start 2 Refresh edx-demo"], "{pane} at {size:?}:\n{}", stage.screen());
        }
    }
    let mut stage = busy((40, 12), 1);
    stage.keys("=edx-demo 1").shows("▾ staging").click("Enter details").shows("Profile  stg edx-demo");
    // In a dialog, too; and what lies beneath it is not hit.
    let mut stage = busy((80, 24), 2);
    stage.keys("1 n").shows("for which system").click("2 Tokens").shows("for which system").tick("+1s");
    stage.double_click("Open edX").shows("Client ID");
    let mut stage = busy((80, 24), 2);
    stage.keys("=edx-demo 1 x").shows("Revoke the tokens").click("n no  ^C").hides("Revoke the tokens");
}

/// Hints stand in sentences, too: in a notice, on a page, in a question, on the first start. A click on the key presses it.
#[test]
fn a_click_on_a_key_in_words_presses_it() {
    let mut stage = busy((120, 40), 2);
    let (column, row) = stage.paste(&jwt(&claims("late", stage.now, 60))).place("u takes it back");
    stage.mouse(Press, column + 4, row).shows("Log").keys("Esc").shows("late");
    stage.paste(&jwt(&claims("later", stage.now, 60))).click("u takes it back").hides("\"later\"");
    // In the log the same hint stands beside what to do.
    let mut stage = busy((120, 40), 1);
    stage.keys("=edx-demo 1 x").shows("y revoke").click("y revoke");
    assert_eq!(stage.effects(), ["start 2 Revoke edx-demo"]);
    let mut stage = busy((120, 40), 1);
    stage.keys("2 V").shows("K gives one").click("K gives one").shows("Verify with which key?");
    let empty = Start { profiles: Ok(Vec::new()), vault: AtStart::Undecided, ..start((120, 34)) };
    Stage::with(empty).click("n  new profile").shows("for which system");
}

#[test]
fn a_click_on_a_column_head_sorts() {
    let mut stage = busy((120, 40), 3);
    stage.keys("1 Home 2").click("subject").shows("sort: subject").click("left").shows("sort: left ↑");
    stage.tick("+1s").click("left ↑  subject").shows("sort: left ↓").keys("1").click("profile ").shows("sort: profile");
}

#[test]
fn a_click_on_the_sign_of_a_group_folds_it() {
    for size in [(80, 24), (120, 40)] {
        let mut stage = busy(size, 1);
        stage.keys("2").click("▾ PROD").shows("▸ PROD").tick("+1s").click("▸ PROD").shows("▾ PROD");
        // Beside the sign it is the row that is meant.
        stage.tick("+1s").click("PROD  ").shows("▾ PROD");
    }
}

#[test]
fn fields_choices_and_what_is_typed_can_be_clicked() {
    let mut stage = busy((120, 40), 1);
    stage.keys("1 n").double_click("Open edX").tick("+1s").shows("Save");
    stage.click("Environment").types("staging").under_cursor("Environment");
    // Into the middle of what is typed.
    let (column, row) = stage.place("Environment");
    let line = stage.lines()[usize::from(row)].clone();
    let field = line.rsplit_once("staging").unwrap().0.chars().count() as u16;
    stage.mouse(Press, field + 3, row).types("-").shows("sta-ging").mouse(Press, column + 60, row).types("!");
    stage.shows("sta-ging!").click("[ Save ]").shows("✗");
    let mut stage = busy((120, 40), 1);
    stage.keys("2 :").types("go to edx-prod");
    let (column, row) = stage.place(":go to");
    stage.mouse(Press, column + 1, row).types("x").shows(":xgo to");
    // A prompt, which may be masked; and the editor with its two parts.
    let mut stage = busy((120, 40), 1);
    stage.keys("@").types("fri 9:00");
    let (column, row) = stage.place("❯ fri 9:00");
    stage.mouse(Press, column + 6, row).types("1").shows("fri 19:00");
    let mut stage = busy((120, 40), 1);
    stage.keys("2 g e").shows("[claims]");
    let (column, row) = stage.place("\"aud\"");
    stage.mouse(Press, column + 1, row).types("x").shows("\"xaud\"").click("header").shows("[header]");
}

/// Wherever a line is typed, a click puts the caret there.
#[test]
fn every_line_that_is_typed_takes_the_caret() {
    for (keys, line) in [
        ("2 /", "/"),
        ("2 Enter /", "/"),
        ("N /", "/"),
        ("=edx-demo 1 Enter /", "/"),
        ("H /", "/"),
        (":", ":"),
        ("?", "/"),
    ] {
        let mut stage = busy((120, 40), 2);
        stage.keys(keys).types("alcie");
        let (column, row) = stage.place(&format!("{line}alcie"));
        let start = column + 1;
        stage.mouse(Press, start + 2, row).types("!").shows(&format!("{line}al!cie"));
    }
}

/// What can follow a key is listed, and a click on it is that key; in the browser's dialog, too.
#[test]
fn listed_keys_and_those_of_a_dialog_can_be_clicked() {
    let mut stage = busy((120, 40), 2);
    stage.keys("2 g C").tick("+1s").shows("fingerprint").click("the fingerprint");
    assert!(stage.effects().concat().starts_with("copy fingerprint"));
    let mut stage = busy((120, 40), 2);
    stage.keys("2 g S").tick("+1s").click("by subject").shows("sort: subject");
}

#[test]
fn the_keys_of_the_browsers_dialog_can_be_clicked() {
    let waiting = || {
        let mut stage = busy((120, 40), 1);
        stage.keys("=edx-prod l").effects();
        let step = Progress::DeviceCode {
            user_code: "WDJB-MJHT".to_owned(),
            verification_uri: "https://example.org/device".to_owned(),
            verification_uri_complete: None,
            expires_at: stage.now + chrono::TimeDelta::minutes(5),
        };
        stage.job(2, TaskEvent::Stepped(step)).shows("W D J B - M J H T");
        stage
    };
    for (hint, effect) in [
        ("c copy address", "copy address: https://example.org/device"),
        ("y copy code", "copy code: WDJB-MJHT"),
        ("o open browser", "OpenPage { task: TaskId(2), url: \"https://example.org/device\" }"),
        ("Esc cancel", "cancel 2"),
    ] {
        assert_eq!(waiting().click(hint).effects(), [effect]);
    }
    waiting().click("Enter hide").hides("W D J B").shows("edx-prod");
}

#[test]
fn the_keys_of_a_prompt_can_be_clicked() {
    let asked = || {
        let mut stage = busy((120, 40), 1);
        stage.keys("=edx-prod l").job(2, TaskEvent::Asked(password_prompt())).types("hunter2").effects();
        stage
    };
    asked().hides("hunter2").click("F2 shows it").shows("hunter2").click("^U clears it").hides("hunter2");
    assert_eq!(asked().click("Enter go on").effects(), ["answer 2 hunter2"]);
    assert_eq!(asked().click("Esc cancel").effects(), ["cancel 2"]);
}

/// What stands over the panes has a thumb where there is more than fits, and that is dragged like one of theirs.
#[test]
fn the_thumb_of_what_stands_over_the_panes_is_dragged() {
    for (keys, size) in [
        (":", (40, 12)),
        ("?", (40, 12)),
        ("?", (120, 40)),
        ("N", (40, 12)),
        ("1 n", (40, 8)),
        ("=edx-demo 1 Enter", (40, 12)),
        ("H", (80, 16)),
    ] {
        // What lies beneath has no thumb.
        let mut stage = busy(size, if size.0 == 120 { 1 } else { 12 });
        stage.keys(keys);
        let before = stage.lines();
        let edge = usize::from(stage.place("█").0);
        let thumb = |stage: &Stage| {
            let row = stage.lines().iter().position(|line| line.chars().nth(edge) == Some('█'));
            (edge as u16, row.unwrap_or_else(|| panic!("{keys} has no thumb:\n{}", stage.screen())) as u16)
        };
        let (column, row) = thumb(&stage);
        stage.mouse(Press, column, row).mouse(Drag, column, size.1).mouse(Release, column, size.1);
        assert_ne!(stage.lines(), before, "{keys}");
        let (_, below) = thumb(&stage);
        assert!(below > row, "{keys}:\n{}", stage.screen());
        stage.mouse(Press, column, below).mouse(Drag, column, 0).mouse(Release, column, 0);
        assert_eq!(thumb(&stage), (column, row), "{keys}:\n{}", stage.screen());
        assert!(stage.effects().is_empty(), "{keys}");
    }
}

/// What was typed leaves one command: all of that is on screen, and the cursor has nowhere else to go.
#[test]
fn a_narrowed_list_of_commands_has_no_thumb() {
    let mut stage = busy((120, 40), 1);
    stage.keys(":").shows("█").types("call GET /me").hides("█").keys("Down Down").under_cursor("GET /me");
}

/// Control and a click mark what is under the pointer, and the cursor stays there.
#[test]
fn control_and_a_click_mark() {
    let mut stage = busy((120, 40), 3);
    stage.keys("1 Home 2").ctrl_click("user-01").shows("1 marked").under_cursor("◆").under_cursor("user-01");
    stage.ctrl_click("user-00").shows("2 marked").under_cursor("user-00").ctrl_click("user-01").shows("1 marked");
    stage.ctrl_click("edx-prod").shows("2 marked").under_cursor("edx-prod");
}

#[test]
fn a_page_of_entries_can_be_clicked_and_scrolled() {
    let mut stage = busy((80, 16), 1);
    stage.types("ABIJOQUZhb").keys("N").shows("Log").wheel("Log", WheelDown);
    let before = stage.screen();
    assert_ne!(stage.wheel("Log", WheelDown).screen(), before);
    // A comparison, entry by entry.
    let mut stage = busy((120, 40), 2);
    stage.keys("1 Home 2 g m Down m").shows("Compare").click("− sub").under_cursor("− sub").hides("key changed");
}

#[test]
fn notices_and_the_clock_can_be_clicked() {
    let mut stage = busy((120, 40), 2);
    stage.click(" local ").shows("Time travel").keys("Esc");
    stage.paste("x").click("does not look like a token").shows("Log");
}

#[test]
fn the_wheel_scrolls_what_is_under_the_pointer_three_rows() {
    let mut stage = busy((80, 24), 30);
    stage.shows("user-29").keys("1").wheel("user-27", WheelDown).hides("user-29").shows("user-26");
    stage.shows("━ 1 Profiles").wheel("user-22", WheelUp).shows("user-29");
    // The cursor stays on screen, on its token as long as that is.
    stage.wheel("user-27", WheelDown).wheel("user-22", WheelDown).under_cursor("user-2");
    // A page scrolls, too, and a text without a cursor.
    stage.keys("3 Left").shows("[Raw]");
    let mut stage = busy((80, 24), 2);
    stage.keys("?").under_cursor("").wheel("@ and a key", WheelDown).wheel("@ and a key", WheelUp);
    let before = stage.screen();
    assert_ne!(stage.wheel("@ and a key", WheelDown).screen(), before);
    // In a list over the panes the cursor stays on its entry as long as that is on screen, as in the panes.
    let cursor = |stage: &mut Stage| {
        let row = stage.lines().into_iter().find(|line| line.contains('▌')).unwrap();
        row.trim_end_matches(['│', '█']).to_owned()
    };
    stage.keys("Esc ? Down Down Down Down");
    let (row, before) = (cursor(&mut stage), stage.screen());
    assert_ne!(stage.wheel("@ and a key", WheelDown).screen(), before);
    assert_eq!(cursor(&mut stage), row);
}

#[test]
fn a_divider_is_dragged_and_remembered_where_it_is_let_go() {
    let mut stage = busy((120, 40), 2);
    let (column, row) = stage.place("2 Tokens");
    let edge = column - 3;
    stage.mouse(Press, edge, row + 3).mouse(Drag, edge + 10, row + 3);
    assert_eq!(stage.place("2 Tokens"), (column + 10, row), "{}", stage.screen());
    assert!(!stage.has_effects(), "nothing is written while it is dragged");
    stage.mouse(Release, edge + 10, row + 3);
    let effects = stage.take_effects();
    let [Effect::Remember(Change::Dividers(layout, shares))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(layout, "wide");
    let mut state = tokscope::store::state::State::default();
    state.apply(&Change::Dividers(layout.clone(), shares.clone()));
    let mut again = Stage::with(Start { state, ..start((120, 40)) });
    assert_eq!(again.place("2 Tokens"), (column + 10, row));
    // Each layout has its own.
    let before = Stage::at((80, 24)).place("2 Tokens");
    assert_eq!(again.resize(80, 24).place("2 Tokens"), before);
}

#[test]
fn a_thumb_is_dragged() {
    let mut stage = busy((80, 24), 60);
    let (column, row) = stage.place("█");
    stage
        .mouse(Press, column, row)
        .mouse(Drag, column, 23)
        .mouse(Release, column, 23)
        .shows("user-00")
        .hides("user-59");
    let (column, row) = stage.place("█");
    stage.mouse(Press, column, row).mouse(Drag, column, 0).shows("user-59").hides("user-00");
    assert!(stage.effects().is_empty());
}

#[test]
fn a_press_that_brings_the_window_to_the_front_is_for_the_window() {
    let mut stage = busy((80, 24), 2);
    stage.keys("1").send(Message::Focused(false)).tick("+5s").send(Message::Focused(true));
    stage.click("user-01").shows("━ 1 Profiles").keys("2 r");
    assert_eq!(stage.effects(), ["start 2 Refresh edx-demo"], "the cursor is still on its token");
    stage
        .send(Message::Focused(false))
        .send(Message::Focused(true))
        .tick("+1s")
        .click("user-01")
        .under_cursor("user-01");
}

#[test]
fn the_mouse_can_be_handed_back() {
    let mut stage = busy((80, 24), 2);
    stage.keys("M").shows("the terminal's").keys("M");
    let captured = |effect: Effect| if let Effect::CaptureMouse(captured) = effect { Some(captured) } else { None };
    assert_eq!(stage.take_effects().into_iter().filter_map(captured).collect::<Vec<_>>(), [false, true]);
    let config = Config { ui: UiConfig { mouse: false, ..UiConfig::default() }, ..Config::default() };
    let mut stage = Stage::with(Start { config: Ok(config), ..start((80, 24)) });
    assert!(!stage.model.has_mouse() && !stage.has_effects());
    stage.send(Message::ConfigLoaded(Ok(Config::default())));
    assert!(matches!(stage.take_effects()[..], [Effect::CaptureMouse(true)]));
}

#[test]
fn dragging_over_text_explains_itself_once_and_the_middle_button_pastes() {
    let mut stage = busy((120, 40), 2);
    let (column, row) = stage.place("\"alice\"");
    stage.mouse(Press, column, row).mouse(Drag, column + 3, row).shows("Hold Shift").keys("Esc").hides("Hold Shift");
    stage.mouse(Drag, column + 4, row).hides("Hold Shift").mouse(Paste, column, row);
    assert!(matches!(stage.take_effects()[..], [Effect::ReadPrimarySelection]));
    stage.send(Message::NoPrimarySelection("no desktop is in reach".to_owned())).shows("no desktop is in reach");
}

/// Whatever is clicked, wherever: nothing reaches a server or the vault but by a hint that was clicked, and no frame faults.
#[test]
fn clicks_anywhere_are_harmless() {
    for size in [(20, 5), (40, 12), (80, 24), (200, 60)] {
        for keys in ["1", "2", "3 Left", "1 Enter", "1 n", "2 :", "2 /", "2 e", "1 x", "1 e"] {
            let mut stage = busy(size, 3);
            stage.keys(keys);
            let bars = stage.size().1 - if size.1 >= 30 { 2 } else { 1 };
            for row in (0..bars).step_by(usize::from(size.1 / 12).max(1)) {
                for column in (0..size.0).step_by(usize::from(size.0 / 9)) {
                    for kind in [Press, Drag, Release, WheelDown, WheelUp] {
                        stage.mouse(kind, column, row);
                    }
                }
            }
            stage.screen();
            let effects = stage.effects();
            let harmless = |effect: &String| effect.starts_with("Remember");
            assert!(effects.iter().all(harmless), "{keys} at {size:?}: {effects:?}");
        }
    }
}
