//! Pages are places: motion, search, copying as text and every key of whom they are about; Esc or q closes.

use crate::support::stage;
use stage::{Stage, claims, exchange, jwt, refusal};
use tokscope::{profile::ProfileName, tui::app::Message};

/// The profile's page, a value, the horizon and a comparison: with keys that open each, and a word that is on it.
const PAGES: [(&str, &str, &str); 4] = [
    ("=edx-demo Enter", "Profile", "Open edX"),
    ("=edx-demo 3 End Enter", "Close", "version"),
    ("H", "Horizon", "edx-demo"),
    ("2 Home m Down m", "Compare", "iat"),
];

fn session() -> Stage {
    let mut stage = Stage::new();
    stage.keys("=edx-demo l").arrives(1, 3_600);
    stage.send(Message::Exchanged(ProfileName::new("edx-demo").unwrap(), Box::new(exchange(stage.now, 200, 0))));
    stage.paste(&jwt(&claims("zoe", stage.now, 60))).keys("1 Home 2 Home Esc").effects();
    stage
}

fn page(keys: &str) -> Stage {
    let mut stage = session();
    stage.keys(keys).effects();
    stage
}

#[test]
fn every_page_is_searched_and_no_letter_of_it_acts() {
    for (keys, _, _) in PAGES {
        let mut stage = page(keys);
        let before = stage.screen();
        stage.keys("/").types("rlpxwVKE").shows("/rlpxwVKE").shows("no match");
        assert!(stage.effects().is_empty(), "{keys}");
        assert_eq!(stage.keys("Esc").screen(), before, "{keys}: Esc ends the search, and the page is as it was");
        assert_ne!(stage.keys("Esc").screen(), before, "{keys}: the next Esc closes the page");
        assert_ne!(page(keys).keys("q").screen(), before, "{keys}: and so does q");
    }
}

#[test]
fn matches_are_counted_and_n_goes_on() {
    let mut stage = page("=edx-demo Enter");
    stage.keys("/").types("token").shows("/token").shows("1 of 2").keys("Enter").shows("1 of 2");
    stage.keys("n").shows("2 of 2").keys("n").shows("1 of 2, wrapped").keys("N").shows("2 of 2, wrapped");
    stage.keys("Esc").hides("/token").shows("Profile  stg edx-demo");
    // Of a page with a cursor it goes to the match; without a search its own n is back.
    let mut stage = page("2 Home m Down m");
    stage.keys("/").types("sub").keys("Enter").under_cursor("sub").keys("Esc n").shows("Compare");
    let mut stage = page("H");
    stage.keys("/").types("where").keys("Esc /").types("edx").keys("Enter").under_cursor("edx-demo");
}

#[test]
fn a_long_page_scrolls_to_the_match() {
    let mut stage = page("=edx-demo Enter");
    stage.resize(60, 12).hides("auto-refresh").keys("/").types("AUTO").shows("no match").keys("^U").types("auto-");
    stage.shows("auto-refresh").keys("Esc").hides("auto-refresh").keys("/").types("auto-").keys("Enter");
    stage.shows("auto-refresh").keys("g").hides("auto-refresh").keys("n").shows("auto-refresh");
}

#[test]
fn every_page_is_copied_as_text_without_a_secret() {
    for (keys, _, word) in PAGES.into_iter().filter(|(keys, ..)| *keys != "H") {
        let mut stage = page(keys);
        stage.keys("y");
        let effects = stage.effects();
        assert!(effects.len() == 1 && effects[0].contains("copy "), "{keys}: {effects:?}");
        assert!(!effects[0].contains("marker-secret") && !effects[0].contains("eyJ"), "{keys}: {effects:?}");
        assert!(word == "version" || effects[0].contains(word), "{keys}: {effects:?}");
    }
}

/// What each key does for the profile of a page, by a word of the screen after it or by what it starts.
#[test]
fn every_key_of_the_subject_works_on_every_page_about_one() {
    let log = |stage: &mut Stage| {
        stage.keys("=edx-demo r").fails(2, refusal()).keys("N").effects();
    };
    for place in ["=edx-demo Enter", "H", "N"] {
        for (key, wanted) in [
            ("r", "Refresh edx-demo"),
            ("l", "Login edx-demo"),
            ("p", "Probe edx-demo"),
            ("x", "Revoke"),
            ("w", "POST https://lms.example.org/oauth2/access_token"),
            ("V", "[Verify]"),
            ("K", "Verify with which key?"),
            ("E", "Edit  stg edx-demo"),
            ("R", "edx-demo"),
        ] {
            let mut stage = session();
            if place == "N" {
                log(&mut stage);
            } else {
                stage.keys(place).effects();
            }
            let before = stage.screen();
            stage.keys(key);
            let effects = stage.effects();
            let after = stage.screen();
            assert!(effects.iter().any(|it| it.contains(wanted)) || after.contains(wanted), "{place} {key}:\n{after}");
            assert!(!effects.is_empty() || after != before, "{place} {key} does nothing:\n{after}");
        }
    }
}
