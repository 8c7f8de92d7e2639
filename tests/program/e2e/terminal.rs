use rustix::process::Signal;

use crate::e2e::{
    jws,
    screen::{Screen, TOKSCOPE, click},
};

#[test]
fn a_signal_ends_the_program_and_gives_the_terminal_back() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let mut screen = Screen::tokscope(&[]);
        screen.wait_for("Tokens");
        screen.signal(signal);
        assert_eq!(screen.wait_restored(), code, "{signal:?}");
    }
}

#[test]
fn ctrl_z_suspends_and_fg_brings_everything_back() {
    suspended(|screen| screen.press("\x1a"));
}

#[test]
fn a_stop_signal_suspends_too() {
    suspended(|screen| screen.signal_foreground(Signal::TSTP));
}

fn suspended(suspend: impl FnOnce(&mut Screen)) {
    let mut screen = Screen::run("sh", &["-i"], &[], |_| {});
    screen.wait_for("$");
    screen.press(&format!("'{TOKSCOPE}' {}\n", jws(r#"{"sub":"ada"}"#)));
    screen.wait_for("decoded, not verified");
    suspend(&mut screen);
    screen.wait_for("Stopped");
    screen.assert_restored();
    screen.press("fg\n");
    screen.wait_for("decoded, not verified");
    // Keys are alive, and single ones.
    screen.press("?");
    screen.wait_for("log in with the profile");
    screen.press("\x03");
    screen.wait_until("the shell's screen", Screen::restored);
    screen.press("exit $?\n");
    assert_eq!(screen.wait_restored(), 0);
}

/// `xterm -e tokscope`: nobody could continue it.
#[test]
fn without_a_shell_there_is_no_suspending() {
    let mut screen = Screen::tokscope(&[&jws(r#"{"sub":"ada"}"#)]);
    screen.wait_for("\"ada\"");
    screen.press("\x1a");
    screen.press("?");
    screen.wait_for("log in with the profile");
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 0);
}

/// Clicks and the wheel between keys that are typed; every movement of the pointer stays the terminal's.
#[test]
fn the_mouse_works_and_the_terminal_gets_it_back() {
    let mut screen = Screen::tokscope(&[&[jws(r#"{"sub":"ada"}"#), jws(r#"{"sub":"grace"}"#)].join("\n")]);
    screen.wait_for("\"ada\"");
    screen.press(&click(screen.place("grace").unwrap()));
    screen.wait_for("\"grace\"");
    screen.press("k");
    screen.wait_for("\"ada\"");
    screen.press(&format!("j{}j", click(screen.place("ada").unwrap())));
    screen.wait_for("\"grace\"");
    screen.press(&click(screen.place("Header").unwrap()));
    screen.wait_for("[Header]");
    screen.press("\x1b[<65;90;30M\x1b[O\x1b[I");
    screen.press("M");
    screen.wait_until("the mouse given back", |screen| screen.has_no_mouse());
    screen.press("M");
    screen.wait_until("the mouse taken again", |screen| !screen.has_no_mouse());
    screen.press("q");
    screen.wait_restored();
    let output = String::from_utf8_lossy(screen.output()).into_owned();
    for mode in ["?9h", "?1003h"] {
        assert!(!output.contains(mode), "{mode}");
    }
}

/// `[ui] mouse = false` leaves it to the terminal from the start.
#[test]
fn the_mouse_is_left_alone_where_the_settings_say_so() {
    let mut screen = Screen::run(TOKSCOPE, &[], &[], |config| {
        std::fs::write(config.path().join("config.toml"), "[ui]\nmouse = false\n").unwrap();
    });
    screen.wait_for("Tokens");
    screen.press("q");
    screen.wait_restored();
    let output = String::from_utf8_lossy(screen.output()).into_owned();
    for mode in ["?9h", "?1000h", "?1002h", "?1003h", "?1006h"] {
        assert!(!output.contains(mode), "{mode}");
    }
}

/// The first frame waits for no answer; the second one has the theme that suits it, and so has the next start.
#[test]
fn the_terminal_is_asked_for_its_background_and_what_it_says_is_remembered() {
    let said = |screen: &Screen, text: &str| String::from_utf8_lossy(screen.output()).contains(text);
    // Of the focused frame, in the light theme.
    let light = "38;2;29;78;216";
    let token = jws(r#"{"sub":"ada","exp":4102444800}"#);
    let mut screen = Screen::run(TOKSCOPE, &[&token], &[("COLORTERM", "truecolor")], |_| {});
    screen.wait_until("the question", |screen| said(screen, "\x1b]11;?"));
    screen.wait_for("\"ada\"");
    assert!(!said(&screen, light));
    screen.press("\x1b[2;2R\x1b]11;rgb:fdfd/f6f6/e3e3\x1b\\\x1b[?62;22c");
    screen.wait_until("the light theme", |screen| said(screen, light));
    screen.wait_until("it is remembered", |screen| {
        let state = screen.config().join(".local/state/tokscope/state.toml");
        std::fs::read_to_string(state).is_ok_and(|state| state.contains("light"))
    });
    assert!(!screen.text().contains("rgb"), "{}", screen.text());
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}
