//! Scenarios of keys that are bound anew, and of keys that follow another one.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;

use chrono::TimeDelta;
use tokscope::{
    profile::ProfileName,
    session::Profiles,
    store::config::Config,
    tui::app::{Message, Start, key::Key},
};

use crate::support::stage::{Stage, claims, jwt, start, token_set};

/// The settings of a file.
fn settings(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.toml"), text).unwrap();
    Profiles::File(folder.path().to_owned()).settings().unwrap()
}

/// A stage with a session of `edx-demo` and these settings, the cursor on its access token.
fn session(text: &str) -> Stage {
    let config = Ok(settings(text));
    let start = start((120, 40));
    let token_sets = vec![(ProfileName::new("edx-demo").unwrap(), token_set(start.now, 3_000))];
    let mut stage = Stage::with(Start { config, token_sets, ..start });
    stage.keys("2").effects();
    stage
}

#[test]
fn a_key_that_is_bound_anew_works_and_is_shown_everywhere() {
    let mut stage =
        session("[keys.tokens]\ncopy-header = [\"b\", \"F5\"]\n[keys.panes]\nlog-in = \"ctrl-o\"\nrefresh = []\n");
    stage.shows("b copy header").hides("a copy header").keys("b");
    assert!(matches!(&stage.effects()[..], [copy] if copy.contains("Authorization: ")));
    stage.keys("F5");
    assert_eq!(stage.effects().len(), 1);
    stage.keys("a").shows("No command has the key a here").shows("? lists the keys");
    stage.keys("^O");
    assert_eq!(stage.effects(), ["start 1 Login edx-demo"]);
    // In the help, in the palette, and where a key is looked for.
    stage
        .arrives(1, 3_000)
        .keys("?")
        .types("@F5")
        .shows("b F5")
        .under_cursor("copy the Authorization header")
        .keys("Esc Esc");
    stage.keys(":").types("copy header").under_cursor(" b").keys("Esc");
    // Elsewhere the commands of the same name have the keys that they had.
    stage.keys("3 a");
    assert!(matches!(&stage.effects()[..], [copy] if copy.contains("Authorization: ")));
}

#[test]
fn a_command_without_a_key_is_called_by_its_name() {
    let mut stage = session("[keys.panes]\nrefresh = []\nlog-in = []\n");
    stage.keys("r").shows("No command has the key r here");
    assert!(stage.effects().is_empty());
    stage.keys("?").types("refresh the profile").shows(": refresh").keys("Esc Esc");
    stage.keys(":").types("refresh").keys("Enter");
    assert_eq!(stage.effects(), ["start 1 Refresh edx-demo"]);
}

#[test]
fn two_commands_can_change_places() {
    let mut stage = session("[keys.tokens]\ncopy-header = \"c\"\ncopy-token = \"a\"\n");
    stage.hides("problem").hides("taken").shows("c copy header").shows("a copy token").keys("c");
    assert!(matches!(&stage.effects()[..], [copy] if copy.contains("Authorization: ")));
}

#[test]
fn twelve_mistakes_are_twelve_reports_and_the_rest_counts() {
    let text = r#"[warn]
bell = true
[keys]
tokns.refresh = "r"
[keys.tokens]
copy-header = ["b", "ctrl-l"]
copy-tokn = "x"
refresh = "f"
copy-token = "r"
copy-claims = 7
edit = "ctrl+e"
delete = "esc"
[keys.panes]
log = "J"
quit = "J"
help = "ctrl-i"
[keys.text]
done = "x"
[keys.everywhere]
redraw = "x"
"#;
    let settings = settings(text);
    assert!(settings.warn.bell);
    let (_, mistakes) = tokscope::tui::app::keymap::Keymap::read(&settings.keys);
    assert_eq!(
        mistakes,
        [
            "config.toml:4: keys.tokns.refresh: no such place; tokens?",
            "config.toml:6: keys.tokens.copy-header: ctrl-l is redraw everywhere and stays so. Free here: h i o t y",
            "config.toml:7: keys.tokens.copy-tokn: no such command; copy-token?",
            "config.toml:8: keys.tokens.refresh: no such command there; panes.refresh?",
            "config.toml:9: keys.tokens.copy-token: r is panes.refresh and stays so. Free here: a h i o t",
            "config.toml:10: keys.tokens.copy-claims: expected a key or a list of keys, such as \"a\" or [\"a\", \"ctrl-l\"]",
            "config.toml:11: keys.tokens.edit: unknown key ctrl+e; examples: a, ctrl-l, alt-x, F11, S-Tab, Space",
            "config.toml:12: keys.tokens.delete: esc closes, cancels or quits and stays so. Free here: a h i o t",
            "config.toml:15: keys.panes.quit: J is taken by panes.log, line 14. Free here: h A B I O",
            "config.toml:16: keys.panes.help: terminals send ctrl-i as Tab; write Tab",
            "config.toml:18: keys.text.done: the keys for typing stay as they are",
            "config.toml:20: keys.everywhere.redraw: x could not be typed any more. Free here: F3 F4 F5 F6 F7",
        ]
    );
    let mut stage = Stage::with(Start { config: Ok(settings), ..start((160, 60)) });
    stage.shows("12 problems with the keys in the settings").shows("J lists them; all other settings count");
    stage.keys("J");
    for mistake in &mistakes {
        stage.shows(&mistake[.."config.toml:10: keys.".len()]);
    }
    // What is right in the same table counts, and what cannot be had leaves the key that was there.
    let token = jwt(&claims("alice", stage.now, 600));
    stage.keys("Esc").paste(&token).shows("b copy header").shows("c copy token").keys("q");
    assert_eq!(stage.effects().last().map(String::as_str), Some("Quit"));
    // They are told of once.
    let again = self::settings(text);
    let mut stage = Stage::with(Start { config: Ok(again.clone()), ..start((160, 60)) });
    stage.keys("Esc").hides("problems").send(Message::ConfigLoaded(Ok(again))).hides("problems");
}

#[test]
fn a_prefix_waits_and_what_can_follow_is_listed_after_a_moment() {
    let mut stage = session("");
    stage.keys("C").hides("Copy as");
    assert_eq!(stage.wakes_in(), Some(TimeDelta::milliseconds(300)));
    stage.now += TimeDelta::milliseconds(299);
    let now = stage.now;
    stage.send(Message::Ticked(now)).hides("Copy as");
    stage.now += TimeDelta::milliseconds(1);
    let now = stage.now;
    stage.send(Message::Ticked(now)).shows("C …  Copy as").shows("a curl command that asks tokscope for a fresh token");
    // Nothing times out.
    stage.tick("+1h").shows("C …  Copy as").keys("f").hides("Copy as");
    assert!(matches!(&stage.effects()[..], [copy] if copy.contains("fingerprint")));
    // It is no command itself, nor is what does not belong to it.
    stage.keys("C Esc").shows("Tokens").keys("C z").shows("Not a command: C z").keys("j k");
    assert!(stage.effects().is_empty());
    // A paste is a token, as ever.
    let token = jwt(&claims("zoe", stage.now, 600));
    stage.keys("C").paste(&token).shows("zoe").keys("C c").shows("Only a token of a profile can be asked for.");
    assert!(stage.effects().is_empty(), "a token of no profile can be asked for by no name");
}

#[test]
fn every_form_of_a_copy() {
    let mut stage = session("");
    let row = |stage: &mut Stage, keys: &str| match &stage.keys(keys).effects()[..] {
        [copy] => copy.clone(),
        other => panic!("{keys}: {other:?}"),
    };
    assert_eq!(
        row(&mut stage, "C c"),
        "copy curl command: tokscope token edx-demo --format header | curl -H @- https://lms.example.org"
    );
    assert!(row(&mut stage, "C h").contains(": Authorization: JWT ey"));
    let token = row(&mut stage, "C t");
    let token = token.rsplit(' ').next().unwrap().to_owned();
    assert_eq!(row(&mut stage, "C e").rsplit(": ").next(), Some(&*format!("export TOKSCOPE_ACCESS_TOKEN={token}")));
    let claims = row(&mut stage, "C j");
    let claims = claims.split_once(": ").unwrap().1;
    assert!(claims.starts_with("{\"") && claims.contains("\"exp\""), "{claims}");
    let both = row(&mut stage, "C J");
    let both: serde_json::Value = serde_json::from_str(both.split_once(": ").unwrap().1).unwrap();
    assert_eq!(both["header"]["alg"], "HS256");
    assert_eq!(both["claims"], serde_json::from_str::<serde_json::Value>(claims).unwrap());
    let fingerprint = row(&mut stage, "C f");
    assert_eq!(fingerprint.rsplit(' ').next().map(str::len), Some(8), "{fingerprint}");
    let markdown = row(&mut stage, "C m");
    assert!(markdown.contains("| Claim | Value |\n") && markdown.contains("| exp | "), "{markdown}");
    assert!(!markdown.contains(&token) && !token.split('.').any(|part| markdown.contains(part)), "{markdown}");
    // A refresh token is asked for as such; foreign text breaks no table.
    stage.keys("j");
    assert!(row(&mut stage, "C c").contains("edx-demo --kind refresh --format"));
    stage.paste(&jwt(r#"{"sub":"a|b`c<script>\n| x","n":{"a":[1]}}"#));
    let markdown = row(&mut stage, "C m");
    assert!(markdown.contains(r"| sub | a\|b\`c\<script\>"), "{markdown}");
    assert_eq!(markdown.lines().filter(|line| line.starts_with('|')).count(), 4, "{markdown}");
}

#[test]
fn the_help_binds_a_command_to_the_next_key() {
    let mut stage = session("");
    stage.keys("?").types("copy the Authorization header").keys("Tab");
    stage.shows("Change the key").shows("tokens.copy-header, now a").shows("Esc keeps it as it is");
    // What is taken is refused with what is free.
    stage.keys("r").shows("r is panes.refresh. Free here: b h").keys("^L").shows("^L is redraw everywhere");
    assert!(stage.effects().is_empty());
    stage.keys("b").hides("Change the key").shows(" Help ");
    let bind = "Bind { place: \"tokens\", command: \"copy-header\", keys: [\"b\"], keep: KeepId(1) }";
    assert_eq!(stage.effects(), [bind]);
    stage.under_cursor("b  ").keys("Esc Esc").shows("tokens.copy-header is b now").shows("b copy header").keys("b");
    assert!(matches!(&stage.effects()[..], [copy] if copy.contains("Authorization: ")));
    // What was bound is taken back.
    stage.keys("u").shows("tokens.copy-header is a again").shows("a copy header");
    assert_eq!(stage.effects(), ["Unbind(KeepId(1))"]);
    stage.keys("b").shows("No command has the key b here").keys("a");
    assert!(matches!(&stage.effects()[..], [copy] if copy.contains("Authorization: ")));
    // Esc changes nothing; what is typed has no keys of its own to change.
    stage.keys("?").types("copy the token").keys("Tab Esc").shows(" Help ").keys("Esc Esc c");
    assert_eq!(stage.effects().len(), 1);
    stage.keys("?").types("delete the character before").keys("Tab").hides("Change the key").keys("Esc Esc");
    stage.send(Message::NotRemembered("disk full".to_owned())).shows("disk full");
}

#[test]
fn a_count_goes_to_a_row() {
    let tokens: Vec<_> = (1..=30).map(|at| (format!("t{at:02}"), jwt("{\"sub\":\"a\"}"))).collect();
    let tokens: Vec<_> = tokens.iter().map(|(name, token)| (name.as_str(), token.as_str())).collect();
    let mut stage = Stage::with_tokens((120, 60), &tokens);
    stage.keys("2 :").types("17").shows("row 17").keys("Enter").under_cursor("t17");
    stage.keys(":").types("+5").shows("5 rows down").keys("Enter").under_cursor("t22");
    stage.keys(":").types("-1").shows("1 row up").keys("Enter").under_cursor("t21");
    stage
        .keys(":")
        .types("99")
        .keys("Enter")
        .under_cursor("t30")
        .keys(":")
        .types("0")
        .keys("Enter")
        .under_cursor("t01");
}

/// Each hint of the key bar does something where it is shown, whatever the keys are.
#[test]
fn every_hint_of_the_bar_names_a_key_that_works_there() {
    const BOUND: &str = "[keys.panes]\nrefresh = \"F6\"\nlog-in = \"ctrl-o\"\nhelp = \"F7\"\ncommands = \"F8\"\npaste = \"b\"\n\
        [keys.tokens]\ncopy-header = \"h\"\ncopy-token = \"f\"\ndelete = []\ncopy-as = \"B\"\n\
        [keys.copy-as]\ncurl = \"q\"\n[keys.confirm]\nyes = \"j\"\n[keys.page]\nclose = \"x\"\n";
    let scenes = ["1", "2", "3", "3 t", "= Enter", "1 n", "= d", "2 e", "= e", "2 /", "@", "2 V", "K", "2 X"];
    for text in ["", BOUND] {
        let scene = |keys: &str| {
            let mut stage = session(text);
            stage.keys(keys).effects();
            stage
        };
        let moved = if text.is_empty() { ["2 C", "2 :", "2 ?", "v"] } else { ["2 B", "2 F8", "2 F7", "b"] };
        for keys in scenes.into_iter().chain(moved) {
            let lines = scene(keys).lines();
            let bar = lines[lines.len() - 2..].join("  ");
            let hints: Vec<_> = bar.split("  ").filter_map(|hint| hint.trim().split_once(' ')).collect();
            let known: Vec<_> = hints.iter().filter(|(key, _)| key.parse::<Key>().is_ok()).collect();
            assert!(!known.is_empty(), "{keys}: {bar}");
            for (key, words) in known {
                // What it starts is told of a moment later.
                let before = scene(keys).tick("+200ms").screen();
                let mut stage = scene(keys);
                stage.keys(key).tick("+200ms");
                let after = stage.screen();
                let works = before != after || stage.has_effects();
                assert!(works, "{keys}: {key} {words} does nothing:\n{after}");
                for refusal in ["Not possible now", "No command has the key", "Not a command"] {
                    assert!(!after.contains(refusal), "{keys}: {key} {words}:\n{after}");
                }
            }
        }
    }
}
