//! Profiles written, changed and taken out in the terminal, and what their file looks like afterwards.

use std::fs;

use crate::e2e::{
    choose,
    screen::{Screen, TOKSCOPE},
};

fn file(screen: &Screen) -> String {
    fs::read_to_string(screen.config().join("profiles.toml")).unwrap_or_default()
}

#[test]
fn a_profile_is_written_edited_and_deleted() {
    let mut screen = Screen::tokscope(&[]);
    screen.wait_for("n creates one");
    screen.press("n");
    screen.wait_for("for which system?");
    screen.press("jjj\r");
    screen.wait_for("New profile  Open edX");
    // Piece by piece: a burst is a paste.
    for piece in ["campus", "\t", "\t", "https://lms.example.org", "\t", "\t", "web", "\t", "ada"] {
        screen.press(piece);
        screen.wait_for(piece.trim());
    }
    screen.press("\x13");
    screen.wait_for("campus: Saved.");
    assert!(
        file(&screen).contains("[profile.campus]\nprovider = \"openedx\"\nclient_id = \"web\""),
        "{}",
        file(&screen)
    );
    let path = screen.config().join("profiles.toml");
    fs::write(&path, file(&screen).replace("\n[profile.campus]", "\n# mine\n[profile.campus]")).unwrap();
    screen.press("e");
    screen.wait_for("Edit  none campus");
    screen.press("-two\x13");
    screen.wait_for("campus-two: Saved.");
    assert!(file(&screen).contains("# mine\n[profile.campus-two]"), "{}", file(&screen));
    screen.press("d");
    screen.wait_for("campus-two: Removed.");
    screen.wait_for("no profiles yet");
    assert!(!file(&screen).contains("\n[profile.campus"), "{}", file(&screen));
    screen.press("u");
    screen.wait_for("campus-two: Restored.");
    assert!(file(&screen).contains("\n[profile.campus-two]"), "{}", file(&screen));
    screen.press("q");
    screen.wait_restored();
}

#[test]
fn the_demo_tells_its_passwords_and_keeps_changes_to_itself() {
    let mut screen = Screen::tokscope(&["demo"]);
    screen.wait_for("ada's is analytical-engine, grace's is nanosecond (one-time code 123456)");
    choose(&mut screen, "lms-prod");
    screen.press("D\x13");
    screen.wait_for("lms-prod-2: Saved.");
    screen.press("l");
    screen.wait_for("Logged in.");
    screen.press("w");
    screen.wait_for("/oauth2/access_token");
    screen.wait_for("200 after");
    assert_eq!(file(&screen), "", "the demo touches no file");
    screen.press("q");
    screen.wait_restored();
}

/// Another program has the profiles file: the save waits for it, and nothing else does, not even the way out.
#[test]
fn a_profiles_file_that_is_held_stops_no_screen_and_the_exit_waits_for_it() {
    let profile = "[profile.campus]\nprovider = \"openedx\"\nurl = \"https://lms.example.org\"\nclient_id = \"web\"\n\
                   username = \"ada\"\n";
    let mut screen = Screen::run(TOKSCOPE, &[], &[("TOKSCOPE_IDENTITY", "plain")], |config| {
        fs::write(config.path().join("profiles.toml"), profile).unwrap();
    });
    screen.wait_for("vault: plain!");
    let held = fs::File::create(screen.config().join(".profiles.toml.lock")).unwrap();
    held.lock().unwrap();
    screen.press("1Ge");
    screen.wait_for("Edit  none campus");
    screen.press("-two");
    screen.wait_for("campus-two");
    screen.press("\x13");
    screen.wait_for("saving …");
    screen.press("\x1b");
    screen.wait_for("Leave without saving?");
    screen.press("y");
    screen.wait_gone("Edit  none campus");
    screen.paste("eyJhbGciOiJub25lIn0.eyJzdWIiOiJwYXN0ZWQtb25lIn0.");
    screen.wait_for("pasted-one");
    // Under which name would it be? It waits until that is known.
    choose(&mut screen, "campus");
    screen.press("l");
    screen.wait_for("… queued");
    screen.press("q");
    screen.wait_for("waiting for the file of the profile campus-two");
    assert!(!file(&screen).contains("campus-two"), "it is held");
    held.unlock().unwrap();
    assert_eq!(screen.wait_exit(), 0);
    assert!(file(&screen).contains("[profile.campus-two]"), "{}", file(&screen));
}
