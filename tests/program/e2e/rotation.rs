//! A rotation in the terminal: the question of its login, its receipt, and one that was cut off taken up at the next start.

use std::{fs, path::Path};

use crate::e2e::{
    choose,
    screen::{Screen, TOKSCOPE},
    session::Server,
};

fn start(folder: &Path) -> Screen {
    let environment = [("TOKSCOPE_IDENTITY", "plain"), ("TOKSCOPE_CONFIG_DIR", folder.to_str().unwrap())];
    let mut screen = Screen::run(TOKSCOPE, &[], &environment, |_| {});
    screen.wait_for("vault: plain!");
    screen
}

fn answer(screen: &mut Screen) {
    screen.wait_for("Password of ada");
    screen.press("analytical-engine\r");
    screen.wait_for("Rotated");
    screen.wait_for("1 rotated");
}

#[test]
fn a_rotation_asks_ends_in_a_receipt_and_is_taken_up_at_the_next_start() {
    let server = Server::start(3_600);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("profiles.toml"), server.profile()).unwrap();
    let mut screen = start(folder.path());
    screen.press("1Gl");
    screen.wait_for("Password");
    screen.press("analytical-engine\r");
    screen.wait_for("Logged in.");
    // In the second of the last login this system returns the same token, and would be asked once more.
    screen.wait_until("another second", |screen| screen.text().contains("59m 5") && !screen.text().contains("59m 59s"));
    choose(&mut screen, "campus");
    screen.press("X");
    screen.wait_for("1 will ask you");
    screen.press("\r");
    screen.wait_for("Rotate 1 profile?");
    screen.press("y");
    answer(&mut screen);
    screen.press("q");
    screen.wait_gone("Rotated");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);

    // One of which nothing was done but its plan.
    let runs = folder.path().join("runs");
    let paths: Vec<_> = fs::read_dir(&runs).unwrap().map(|entry| entry.unwrap().path()).collect();
    let run = paths.iter().find(|path| path.extension().is_some_and(|ending| ending == "jsonl")).unwrap();
    let text = fs::read_to_string(run).unwrap();
    let (plan, settled) = text.split_once('\n').unwrap();
    assert!(
        settled.contains("\"outcome\":\"rotated\"") && !text.contains("analytical") && !text.contains("eyJ"),
        "{text}"
    );
    fs::write(runs.join("20991126-071502-5f2c.jsonl"), format!("{plan}\n")).unwrap();
    let mut screen = start(folder.path());
    screen.wait_for("Rotation 20991126-071502-5f2c was cut off: 1 of 1 profiles are left");
    screen.press(":resume rotation\r");
    answer(&mut screen);
    screen.press("q");
    screen.wait_gone("Rotated");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}
