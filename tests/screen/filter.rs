//! Scenarios of the filter: what it shows, where the cursor is, and that nothing that is typed acts.

use crate::support::stage::{self, Stage, claims, jwt, start};
use proptest::prelude::*;
use tokscope::{
    profile::ProfileName,
    token::detect::Found,
    tui::app::{
        Effect, Message, Start,
        key::{Key, KeyCode},
        message::What,
    },
};

fn name(text: &str) -> ProfileName {
    ProfileName::new(text).unwrap()
}

/// Twelve profiles, three of them in production, with the tokens of two, and four that were pasted.
fn fleet(size: (u16, u16)) -> Stage {
    let names = ["alpha", "beta", "gamma", "delta", "lms-prod", "lms-staging", "seta-files", "seta-prod", "zeta"];
    let environment = |name: &str| if name.ends_with("prod") { "prod" } else { "staging" };
    let mut profiles: Vec<_> = names.iter().map(|name| stage::profile(name, environment(name))).collect();
    profiles[6].tags = vec!["nightly".to_owned()];
    let begin = start(size);
    let sets = ["lms-prod", "seta-prod"].map(|of| (name(of), stage::token_set(begin.now, 3_000))).to_vec();
    let mut stage = Stage::with(Start { profiles: Ok(profiles), token_sets: sets, ..begin });
    let now = stage.now;
    for (subject, seconds) in [("ada", 3_600), ("bob", 90), ("carol", 7_200)] {
        stage.paste(&jwt(&claims(subject, now, seconds)));
    }
    stage.paste(&jwt(&claims("dave", now - chrono::TimeDelta::days(3), 3_600)));
    stage.keys("1 g 2").effects();
    stage
}

/// A stage with tokens of these subjects, each of an hour; the first one is on top and under the cursor.
fn subjects(subjects: &[&str]) -> Stage {
    let mut stage = Stage::with(Start { profiles: Ok(Vec::new()), ..start((120, 40)) });
    let now = stage.now;
    subjects.iter().rev().for_each(|subject| _ = stage.paste(&jwt(&claims(subject, now, 3_600))));
    stage.keys("2 g").effects();
    stage
}

#[test]
fn four_letters_find_a_production_token_and_copy_its_header() {
    for size in [(80, 24), (120, 40), (200, 60), (40, 12)] {
        let mut stage = fleet(size);
        stage.keys("2 /").types("seta").keys("Enter a");
        let effects = stage.take_effects();
        assert!(matches!(&effects[..], [Effect::Copy { .. }]), "{effects:?} at {size:?}");
        stage.shows("seta-prod").hides("carol");
    }
}

#[test]
fn the_list_narrows_while_it_is_typed_and_the_heading_counts() {
    let mut stage = fleet((120, 40));
    stage.keys("2 /").shows("env: state: kind:").types("ca").shows("/ca").shows("1 of 8").hides("dave");
    stage.under_cursor("carol").keys("Backspace Backspace").shows("dave").under_cursor("lms-prod");
    stage.types("sub:bob").under_cursor("bob").keys("Enter").shows("1 of 8 /sub:bob").hides("carol");
    // Kept: Esc drops it, and the cursor stays on its token.
    stage.keys("Esc").shows("carol").under_cursor("bob").hides("/sub:bob");
}

/// A change of the scope drops the filter, which was for the other one; it can be brought back.
#[test]
fn a_filter_is_for_its_scope() {
    let mut stage = fleet((120, 40));
    stage.keys("1 /").types("prod kind:acc").shows("2 of 8").hides("carol").under_cursor("lms-prod").keys("Enter 1 j");
    stage.hides("/prod").keys("k").shows("carol").hides("/prod").keys("/ Up").shows("/prod kind:acc").shows("2 of 8");
    stage
        .keys("Enter")
        .under_cursor("lms-prod")
        .keys("j")
        .under_cursor("seta-prod")
        .keys("j G")
        .under_cursor("seta-prod");
    stage.keys("g").under_cursor("lms-prod").keys("r");
    let effects = stage.take_effects();
    assert!(
        matches!(&effects[..], [Effect::Start { what: What::Refresh, whose: Some(of), .. }] if of.as_str() == "lms-prod")
    );
}

#[test]
fn escape_while_typing_brings_the_cursor_back() {
    let mut stage = subjects(&["ada", "bob", "carol"]);
    stage.keys("j").under_cursor("bob").keys("/").types("carol").under_cursor("carol").keys("Esc");
    stage.under_cursor("bob").shows("Pasted  3").shows("ada");
}

#[test]
fn earlier_filters_come_back() {
    let mut stage = subjects(&["ada", "bob", "carol"]);
    stage.keys("/").types("bob").keys("Enter Esc /").types("carol").keys("Enter");
    stage.keys("/ Up").shows("/carol").under_cursor("carol").keys("Up").under_cursor("bob").keys("Down");
    stage.under_cursor("carol").keys("Down").shows("ada").keys("Up Up Up Enter").shows("1 of 3 /bob");
}

#[test]
fn a_mistake_is_said_and_keeps_what_was_typed() {
    let mut stage = subjects(&["ada", "bob"]);
    stage.keys("/").types("ada state:foo").shows("/ada state:foo").shows("no state is named foo").under_cursor("ada");
    stage.hides("bob").keys("Enter").shows("/ada state:foo").shows("no state is named foo");
    stage.keys("Backspace Backspace Backspace").types("active").hides("no state").keys("Enter").shows("1 of 2 /ada");
}

#[test]
fn what_leaves_no_row_says_so_and_nothing_acts() {
    for size in [(120, 40), (80, 24), (40, 12)] {
        let mut stage = fleet(size);
        stage.keys("2 /").types("nobody").shows("no token matches nobody").shows("Esc shows all rows");
        stage.keys("Enter");
        for key in "r l p x d a c Y m e V K R w Enter".split(' ') {
            stage.keys(key).keys("2");
            assert_eq!(stage.effects(), Vec::<String>::new(), "{key}");
            stage.shows("no token matches nobody");
        }
        stage.keys("d").shows("No row matches the filter.").keys("Esc").shows("lms-prod");
    }
    let mut stage = fleet((120, 40));
    stage.keys("1 /").types("nobody").keys("Enter r").shows("No row matches the filter. → Esc shows all rows");
    assert!(stage.effects().is_empty());
}

/// A row that stops matching stays under the cursor until the cursor leaves: no key meets another token.
#[test]
fn a_row_that_stops_matching_stays_under_the_cursor() {
    let mut stage = fleet((120, 40));
    stage.keys("2 /").types("left<5m").keys("Enter").under_cursor("bob").shows("1 of 8").tick("+2m");
    stage.under_cursor("bob").shows("0 of 8 /left<5m").hides("carol");
    stage.keys("Esc /").types("left>30m").keys("Enter").shows("4 of 8");
    let mut stage = fleet((120, 40));
    stage.keys("2 /").types("state:expiring,active left<3m").under_cursor("bob").keys("Enter").tick("+2m");
    stage.under_cursor("bob").keys("d").hides("bob").shows("no token matches");
}

#[test]
fn rows_come_by_the_clock() {
    let mut stage = fleet((120, 40));
    stage.keys("2 /").types("state:expired").keys("Enter").under_cursor("dave").hides("bob").tick("+2m").shows("bob");
    stage.under_cursor("dave").shows("2 of 8");
    // Nothing on screen counts, and a hidden row will come.
    assert!(stage.wakes_in().is_some_and(|span| span <= chrono::TimeDelta::seconds(1)));
}

/// What is new is in sight, even where it does not match; the filter is not lost.
#[test]
fn what_is_pasted_is_shown_until_the_cursor_leaves_it() {
    let mut stage = subjects(&["ada", "adam", "bob"]);
    stage.keys("/").types("ada").keys("Enter").shows("2 of 3");
    let now = stage.now;
    stage.paste(&jwt(&claims("zoe", now, 60))).under_cursor("zoe").shows("2 of 4 /ada");
    stage.keys("j").under_cursor("ada").hides("zoe").keys("Esc").shows("zoe");
    // Where no row was left, too.
    stage.keys("/").types("nobody").keys("Enter").paste(&jwt(&claims("yan", now, 60))).under_cursor("yan");
}

/// A row that is not shown does not come under the cursor because the row above it went.
#[test]
fn a_deleted_row_makes_way_for_the_next_one_that_is_shown() {
    let mut stage = subjects(&["ada", "bob", "adam", "carol", "adams"]);
    stage.keys("/").types("ada").keys("Enter").under_cursor("ada").keys("d").under_cursor("adam").hides("bob");
    stage.keys("G").under_cursor("adams").keys("d").under_cursor("adam").keys("u").under_cursor("adams");
    stage.keys("d g d").shows("no token matches ada").keys("d Esc").shows("bob").shows("carol");
}

#[test]
fn a_refresh_keeps_the_cursor_on_its_token() {
    let mut stage = fleet((120, 40));
    stage.keys("2 /").types("seta kind:acc").keys("Enter").under_cursor("seta-prod").keys("r");
    stage.arrives(1, 900).under_cursor("seta-prod").shows("1 of 8").hides("lms-prod prod");
}

/// Where no row was left and one comes that nobody has put the cursor on, it is the first that is shown.
#[test]
fn a_row_that_comes_to_an_empty_list_gets_the_cursor() {
    let mut stage = fleet((120, 40));
    stage.keys("2 /").types("left<1m").keys("Enter").shows("0 of 8").tick("+40s").shows("1 of 8").under_cursor("bob");
}

#[test]
fn a_field_without_its_value_leaves_all_rows() {
    let mut stage = subjects(&["ada", "bob"]);
    stage.keys("/").types("bob").shows("1 of 2").keys("^U").types("state:").shows("2 of 2").under_cursor("ada");
    stage.keys("Enter").shows("Pasted  2").hides("/state");
}

#[test]
fn tab_completes_fields_and_values() {
    let mut stage = fleet((120, 40));
    stage.keys("1 /").types("en").keys("Tab").shows("/env:").types("st").keys("Tab").shows("/env:staging");
    stage.types(" !sta").keys("Tab").shows("/env:staging !state:").keys("Tab").shows("!state:failed");
    stage.keys("Tab Tab").shows("!state:expired").types(",act").keys("Tab").shows("!state:expired,active");
    stage.keys("^U").types("kind:").keys("Tab Tab").shows("/kind:refresh");
    stage.keys("^U").types("xyz").keys("Tab").shows("/xyz").shows("no token matches xyz");
}

#[test]
fn a_paste_goes_into_the_line() {
    let mut stage = subjects(&["ada", "bob"]);
    stage.keys("/").paste("bo\n").under_cursor("bob").shows("1 of 2").shows("/bo");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Text never acts: whatever is typed after `/`, `:` or `v`, nothing reaches a server, the vault or the clipboard.
    #[test]
    fn nothing_that_is_typed_acts(
        pane in 0_usize..6,
        typed in prop::collection::vec(prop_oneof![
            8 => any::<char>().prop_filter("a key", |c| !c.is_control()).prop_map(Key::char),
            8 => prop::char::range(' ', '~').prop_map(Key::char),
            1 => prop::sample::select(vec![
                KeyCode::Backspace, KeyCode::Left, KeyCode::Home, KeyCode::Up, KeyCode::Down, KeyCode::Tab, KeyCode::Delete,
            ]).prop_map(Key::plain),
        ], 0..40),
        enter: bool,
    ) {
        let mut stage = fleet((80, 24));
        stage.keys(["1 /", "2 /", "3 /", "1 :", "2 :", "2 v"][pane]);
        for key in typed {
            stage.send(Message::Key(key));
            prop_assert!(!stage.has_effects(), "{key}: {:?}", stage.effects());
        }
        stage.tick("+1m").screen();
        // What is found in the list of commands is run.
        let enter = enter && !(3..5).contains(&pane);
        stage.keys(if enter { "Enter" } else { "Esc" });
        prop_assert!(!stage.has_effects(), "{:?}", stage.effects());
    }
}

/// Above 5,000 rows what is typed is on screen at once, and the rows come between the keys; the newest filter wins, and a key
/// that acts waits for none: Enter has the answer.
#[test]
fn many_rows_are_narrowed_between_the_keys() {
    let begin = start((120, 40));
    let token = |number| ("test".to_owned(), Found::whole(&jwt(&claims(&format!("user{number}"), begin.now, 3_600))));
    let tokens = (0..9_000).map(token).collect();
    let mut stage = Stage::with(Start { tokens, profiles: Ok(Vec::new()), ..begin });
    stage.keys("/").types("user899").shows("/user899").shows("… of 9000").shows("user1 ");
    assert_eq!(stage.wakes_in(), Some(chrono::TimeDelta::zero()), "it goes on at once");
    stage.tick("+0s").shows("… of 9000").keys("^U").types("user77").shows("/user77").shows("… of 9000");
    let mut turns = 0;
    while stage.wakes_in() == Some(chrono::TimeDelta::zero()) {
        stage.tick("+0s");
        turns += 1;
    }
    assert_eq!(turns, 2, "in pieces of 8,000");
    stage.shows("111 of 9000").under_cursor("user77 ");
    stage.keys("^U").types("user4321").shows("… of 9000").keys("Enter").shows("1 of 9000").under_cursor("user4321");
    stage.effects();
    stage.keys("C f");
    assert!(stage.effects()[0].starts_with("copy"), "it is for what is under the cursor");
}

/// What can be typed stands below the rows, where they leave room, and Enter and Esc say what becomes of it.
#[test]
fn what_can_be_typed_is_explained() {
    let mut stage = fleet((120, 60));
    stage.keys("/").shows("fuzzy, all must match").shows("left<10m").shows("Enter keep").shows("Esc clear");
    stage.types("lms").shows("F makes it a view in the tree").keys("Enter").hides("fuzzy, all must match");
    // Rows go first.
    fleet((80, 24)).keys("/").hides("fuzzy, all must match");
}
