//! Themes, signs and motion: what the settings want, what the terminal tells, and what is made of both.

use crate::support::stage::{self, Stage, claims, jwt, start};
use ratatui::style::{Color, Modifier};
use tokscope::{
    store::{
        config::{Config, Glyphs, Motion},
        state::{Background, Change},
    },
    tui::app::{
        Effect, Message, Start,
        look::{Colors, Terminal},
    },
};

const DARK: Color = Color::Rgb(0xc6, 0x78, 0xdd);
const LIGHT: Color = Color::Rgb(0x7b, 0x1f, 0xa2);

/// A stage with a protected profile in sight.
fn with(config: Config) -> Stage {
    let terminal = Terminal { name: "kitty xterm".to_owned(), ..Terminal::new(Colors::True) };
    Stage::with(Start { config: Ok(config), terminal, ..start((120, 40)) })
}

/// What the badge of the protected environment is drawn on.
fn badge(stage: &Stage) -> (Color, bool) {
    let buffer = stage.buffer();
    let place = buffer.content.windows(4).find(|cells| cells.iter().map(|cell| cell.symbol()).eq(["P", "R", "O", "D"]));
    let cell = &place.expect("a badge")[0];
    (cell.bg, cell.modifier.contains(Modifier::REVERSED))
}

#[test]
fn auto_is_what_the_terminal_tells_and_is_remembered() {
    let mut stage = with(Config::default());
    assert_eq!(badge(&stage), (Color::Reset, true), "nothing is known: the terminal's own colours");
    stage.send(Message::BackgroundTold(Background::Dark));
    assert_eq!(badge(&stage), (DARK, false));
    let remembered = Change::Background("kitty xterm".to_owned(), Background::Dark);
    assert!(matches!(&stage.take_effects()[..], [Effect::Remember(change)] if *change == remembered));
    stage.send(Message::BackgroundTold(Background::Dark));
    assert!(!stage.has_effects(), "it is known already");
    stage.send(Message::BackgroundTold(Background::Light));
    assert_eq!(badge(&stage), (LIGHT, false));
}

#[test]
fn the_first_frame_uses_what_was_remembered_of_this_terminal() {
    let mut start = start((120, 40));
    start.config = Ok(Config::default());
    start.terminal.name = "kitty xterm".to_owned();
    start.state.apply(&Change::Background("kitty xterm".to_owned(), Background::Light));
    start.state.apply(&Change::Background("foot".to_owned(), Background::Dark));
    assert_eq!(badge(&Stage::with(start)), (LIGHT, false));
}

#[test]
fn a_chosen_theme_does_not_follow_the_background_unless_it_has_two() {
    for (theme, before, after) in [("dark", DARK, DARK), ("light", LIGHT, LIGHT)] {
        let mut stage = with(stage::config(theme));
        assert_eq!(badge(&stage).0, before, "{theme}");
        stage.send(Message::BackgroundTold(Background::Light));
        assert_eq!(badge(&stage).0, after, "{theme}");
    }
    let mut stage = with(stage::config("colour-blind"));
    assert_eq!(badge(&stage).0, Color::Rgb(0xcc, 0x79, 0xa7));
    stage.send(Message::BackgroundTold(Background::Light));
    assert_eq!(badge(&stage).0, LIGHT);
}

#[test]
fn a_theme_of_the_user_is_read_and_each_mistake_costs_its_line() {
    let mut stage = with(stage::config("mine"));
    stage.tick("+1s");
    assert!(matches!(&stage.take_effects()[..], [Effect::ReadTheme(name)] if name == "mine"));
    stage.tick("+1s");
    assert!(!stage.has_effects(), "once");
    let file = "prod = \"#ffffff on #102030 bold\"\nsoon = \"#12\"\nbat = \"red\"\n";
    stage.send(Message::ThemeRead("yours".to_owned(), Ok("prod = \"on #000000\"".to_owned())));
    assert_eq!(badge(&stage).0, Color::Reset, "another one is wanted");
    stage.send(Message::ThemeRead("mine".to_owned(), Ok(file.to_owned())));
    assert_eq!(badge(&stage).0, Color::Rgb(0x10, 0x20, 0x30));
    stage.shows("Theme mine, line 2: soon: not a colour").keys("N").shows("one more line is wrong");
    // Read again with the settings.
    stage.keys("Esc").send(Message::ConfigLoaded(Ok(stage::config("mine"))));
    assert!(matches!(&stage.take_effects()[..], [Effect::ReadTheme(_)]));
    stage.send(Message::ThemeRead("mine".to_owned(), Err("no such file".to_owned())));
    assert_eq!(badge(&stage), (Color::Reset, true));
    stage.keys("N").shows("Theme mine could not be read: no such file");
}

#[test]
fn the_next_theme_is_a_command_away() {
    let mut stage = with(stage::config("dark"));
    stage.keys("2 :").types("theme").keys("Enter").shows("Theme: light, until tokscope ends");
    assert_eq!(badge(&stage).0, LIGHT);
    stage.keys(":").types("theme").keys("Enter").shows("Theme: high-contrast");
    let buffer = stage.buffer();
    assert!(buffer.content.iter().all(|cell| cell.bg != Color::Reset), "it brings its own background");
}

#[test]
fn wide_signs_are_not_drawn() {
    let mut stage = with(stage::config("dark"));
    stage.paste(&jwt(&claims("zoë", stage.now, 600))).keys("2").shows("●");
    stage.send(Message::SignWidthTold(2)).hides("●").shows("zoë").shows("|").shows("* ");
    stage.send(Message::SignWidthTold(1)).shows("●");
    for (glyphs, ascii) in [(Glyphs::Unicode, false), (Glyphs::Ascii, true)] {
        let mut config = stage::config("dark");
        config.ui.glyphs = glyphs;
        stage.send(Message::ConfigLoaded(Ok(config))).send(Message::SignWidthTold(2));
        assert_eq!(!stage.screen().contains('●'), ascii, "{glyphs:?}");
    }
}

#[test]
fn with_reduced_motion_countdowns_step_by_ten_seconds_above_a_minute() {
    let mut config = stage::config("dark");
    config.ui.motion = Motion::Reduced;
    let mut stage = with(config);
    let seconds = |seconds| Some(chrono::TimeDelta::seconds(seconds));
    stage.paste(&jwt(&claims("alice", stage.now, 95))).keys("2").shows("1m 30s");
    assert_eq!(stage.wakes_in(), seconds(10), "at the next ten of the clock");
    stage.tick("+10s").shows("1m 20s");
    stage.tick("+1s").shows("1m 20s");
    assert_eq!(stage.wakes_in(), seconds(9));
    stage.tick("+19s").shows("1m 00s");
    assert_eq!(stage.wakes_in(), seconds(5), "then it runs");
    stage.tick("+5s").shows("1m 00s");
    assert_eq!(stage.wakes_in(), seconds(1));
    stage.tick("+1s").shows("59s").tick("+1s").shows("58s");
    let terminal = Terminal { calm: true, ..Terminal::new(Colors::True) };
    let mut stage = Stage::with(Start { terminal, ..start((120, 40)) });
    stage.paste(&jwt(&claims("alice", stage.now, 95))).keys("2").shows("1m 30s");
}

#[test]
fn flags_and_emoji_are_shown_as_what_they_are_made_of_and_copied_whole() {
    let mut stage = with(stage::config("dark"));
    stage.paste(&jwt(r#"{"sub":"🇩🇪 a👩‍💻","exp":1795296938}"#)).keys("3 g");
    stage.shows(r"\ud83c\udde9\ud83c\uddea a\ud83d\udc69\u200d\ud83d\udcbb").shows(r"\u{1f1e9}\u{1f1e");
    stage.keys("y");
    assert_eq!(stage.effects(), ["copy sub: 🇩🇪 a👩‍💻"]);
}
