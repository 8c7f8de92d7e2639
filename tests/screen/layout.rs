//! Where everything stands: frames, the full pane, dividers by key, bars, what lies beneath a dialog.

use crate::{
    screens::{afternoon, golden},
    support::stage::{Stage, start},
};
use ratatui::{buffer::Cell, style::Modifier};
use tokscope::{
    store::state::{Change, State},
    tui::app::{Effect, Start},
};

/// The sizes at which something is laid out in another way than at those of the other pictures.
#[test]
fn frames() {
    for (name, size) in [("100x30", (100, 30)), ("160x40", (160, 40)), ("200x60", (200, 60))] {
        let mut stage = afternoon(start(size));
        golden("tests/screens", &format!("frames-{name}"), &stage);
        stage.keys("4");
        golden("tests/screens", &format!("frames-verify-{name}"), &stage);
    }
    let mut stage = afternoon(start((120, 40)));
    stage.keys("f");
    golden("tests/screens", "frames-full-120x40", &stage);
}

#[test]
fn a_full_pane_has_the_whole_body_until_it_gives_it_back() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut stage = afternoon(start(size));
        stage.keys("f").shows("2 Tokens").hides("1 Profiles").hides("3 ").keys("Tab").shows("3 Inspector");
        stage.shows("[Claims]").hides("2 Tokens").keys("1").shows("1 Profiles").hides("3 Inspector");
        stage.keys("f").shows("1 Profiles").shows("2 Tokens").shows("3 ");
    }
    // There is nothing to be had where a pane has the body anyway.
    afternoon(start((40, 12))).keys("f").shows("Not possible now: f").shows("2 Tokens");
}

#[test]
fn a_wide_screen_shows_all_sheets_and_tab_goes_through_them() {
    let mut stage = afternoon(start((160, 40)));
    stage.shows("3 Claims").shows(" Header ").shows("4 Verify").shows(" Exchange ").shows(" History ");
    stage.shows("\"HS256\"").shows("iss").keys("3").shows("━ 3 Claims").keys("Tab").shows("━ 4 Verify");
    stage.keys("Tab").shows("━ 1 Profiles").keys("S-Tab").shows("━ 4 Verify").keys("S-Tab").shows("━ 3 Claims");
    stage.keys("t").shows("━ Header ").keys("4").shows("━ 4 Verify").keys("t").shows("━ Exchange ");
    stage.keys("3").shows("━ 3 Claims").keys("T").shows("━ 3 Raw").keys("1").shows("3 Raw").hides("3 Claims");
    // Each sheet keeps its place.
    stage.resize(160, 36).keys("4 3 G 4 3").shows("superuser");
}

#[test]
fn dividers_move_by_key_and_stay_where_they_were_put() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut stage = Stage::at(size);
        let before = stage.place("2 Tokens");
        stage.keys("1 >");
        assert_eq!(stage.place("2 Tokens"), (before.0 + 2, before.1), "{}", stage.screen());
        let effects = stage.take_effects();
        let [Effect::Remember(Change::Dividers(layout, shares))] = &effects[..] else { panic!("{effects:?}") };
        let mut state = State::default();
        state.apply(&Change::Dividers(layout.clone(), shares.clone()));
        let mut again = Stage::with(Start { state, ..start(size) });
        assert_eq!(again.place("2 Tokens"), (before.0 + 2, before.1));
        let inspector = if size.0 >= 160 { "3 Claims" } else { "3 Inspector" };
        let row = again.place(inspector).1;
        again.keys("2 >");
        assert_eq!(again.place(inspector).1, row + 1, "{}", again.screen());
        again.keys("3 >");
        assert_eq!(again.place(inspector).1, row);
        // No pane can be made to disappear.
        for keys in ["1 < < < < < < < < < < < < < < < < < < < < < <", "1 > > > > > > > > > > > > > > > > > > > > > > >"]
        {
            again.keys(keys).shows("1 Profiles").shows("2 Tokens").shows("3 ");
        }
    }
}

/// The last line with keys, at every width, in the panes and in what stands over them.
#[test]
fn a_bar_always_tells_the_way_to_everything_else() {
    for keys in ["1", "2", "3", "1 Enter"] {
        for height in [12, 24, 40] {
            let mut stage = afternoon(start((80, height)));
            stage.keys(keys);
            for width in (20..=200).step_by(3) {
                stage.resize(width, height);
                let lines = stage.lines();
                let bars = lines[lines.len() - 2..].join("\n").replace("as…", "as").replace("sort…", "sort");
                let told = [": ?", ": all  ? ", ": commands  ? "].iter().any(|last| bars.contains(last));
                assert!(told, "{keys} at {width}×{height}:\n{bars}");
                // Without frames the upper line is the subject's, which may be cut: it is no hint.
                let framed = lines.iter().any(|line| line.contains('┏'));
                let hints = if framed { bars.as_str() } else { bars.lines().last().unwrap_or_default() };
                assert!(!hints.contains('…'), "half of a hint at {width}×{height}:\n{bars}");
            }
        }
    }
}

/// Beneath a dialog everything is dim and without colour, except the badges of protected environments.
#[test]
fn what_lies_beneath_a_dialog_steps_back() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut stage = Stage::at(size);
        stage.keys("1 Down l").arrives(1, 3_600).keys("1 n");
        let buffer = stage.buffer();
        let (column, row) = stage.place("New profile");
        let above = &buffer.content()[..usize::from(row) * usize::from(size.0)];
        let look = |cell: &Cell| (cell.fg, cell.bg, cell.modifier);
        let quiet = look(&above[0]);
        let loud: String =
            above.iter().filter(|cell| cell.symbol() != " " && look(cell) != quiet).map(Cell::symbol).collect();
        assert!(!loud.is_empty() && loud.replace("PROD", "").is_empty(), "{loud:?}\n{}", stage.screen());
        assert!(quiet.2.difference(Modifier::DIM).is_empty());
        // The dialog has one free cell around it.
        let line = stage.lines()[usize::from(row)].clone();
        assert!(column < 4 || line.chars().nth(usize::from(column) - 4) == Some(' '), "{}", stage.screen());
    }
}

#[test]
fn the_smallest_screens_do_not_fault() {
    for (width, height) in [(0, 0), (1, 1), (2, 3), (20, 5), (21, 4), (59, 15), (300, 3), (3, 80)] {
        for keys in ["1", "2", "3", "4", "f", "3 Left", "1 n", "1 x", "2 :", "2 ?", "2 /", "3 /", "2 e", "1 Enter", "N"]
        {
            let mut stage = afternoon(start((width, height)));
            stage.keys(keys).tick("+1s").keys("> < Tab");
            stage.buffer();
        }
    }
}
