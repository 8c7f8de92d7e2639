//! Any keys, pastes, sizes and times: the app takes them, and each frame is safe to show.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::{arbitrary, arbitrary::Arbitrary, fuzz_target};
use ratatui::{Terminal, backend::TestBackend};
use tokscope::{
    clock::{Timestamp, Zone},
    profile::{Profile, ProfileName},
    store::{config::Config, state::State},
    text::hidden,
    token::detect::Found,
    tui::{
        app::{
            Message, Model, Start,
            key::{Key, KeyCode},
            look, update,
            vault::AtStart,
        },
        view,
    },
};

#[derive(Debug, Arbitrary)]
enum Step {
    Char(char),
    Letter(u8),
    Named(u8),
    Ctrl(u8),
    Paste(String),
    Second(u16),
    Size(u8, u8),
}

const NAMED: [KeyCode; 15] = [
    KeyCode::Enter,
    KeyCode::Esc,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Backspace,
    KeyCode::Delete,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::PageUp,
    KeyCode::PageDown,
    KeyCode::F(1),
];

/// A JWT with lists and objects in its claims, one that is broken, an SD-JWT, something else.
const TOKENS: [&str; 4] = [
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEiLCJleHAiOjE4MDAwMDAwMDAsInNjb3BlIjoicmVhZCB3cml0ZSIsImEiOlsxLHsiYiI6W119XX0.c2ln",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEi.!!",
    "eyJhbGciOiJFUzI1NiJ9.eyJfc2QiOltdfQ.c2ln~WyJzYWx0IiwiYSIsMV0~",
    "neither this nor that",
];

fn model() -> Model {
    let settings =
        [("url", "https://lms.example.org"), ("verify_secret", "plain:a secret of many bytes, of many indeed")];
    let profile = Profile {
        name: ProfileName::new("lms").expect("a name"),
        provider: "openedx".to_owned(),
        settings: settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        environment: None,
        tags: Vec::new(),
    };
    Model::new(Start {
        now: Timestamp::UNIX_EPOCH,
        zone: Zone::utc(),
        size: (80, 24),
        terminal: look::Terminal::new(look::Colors::True),
        state: State::default(),
        profiles: Ok(vec![profile]),
        tokens: TOKENS.iter().map(|text| ("fuzz".to_owned(), Found::whole(text))).collect(),
        token_sets: Vec::new(),
        samples: Vec::new(),
        demo: None,
        remarks: Vec::new(),
        config: Ok(Config::default()),
        seed: 7,
        vault: AtStart::InMemory,
    })
}

fuzz_target!(|steps: Vec<Step>| {
    let mut model = model();
    let mut now = Timestamp::UNIX_EPOCH;
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).expect("a terminal in memory");
    for step in steps.into_iter().take(64) {
        let message = match step {
            Step::Char(c) => Message::Key(Key::char(c)),
            Step::Letter(byte) => Message::Key(Key::char(char::from(b' ' + byte % 95))),
            Step::Named(at) => Message::Key(Key::plain(NAMED[usize::from(at) % NAMED.len()])),
            Step::Ctrl(byte) => Message::Key(Key::ctrl(char::from(b'a' + byte % 26))),
            Step::Paste(text) => Message::Pasted(text),
            Step::Second(seconds) => {
                now += Duration::from_secs(seconds.into());
                Message::Ticked(now)
            }
            Step::Size(columns, rows) => {
                terminal = Terminal::new(TestBackend::new(columns.into(), rows.into())).expect("a terminal in memory");
                Message::Resized(columns.into(), rows.into())
            }
        };
        let _ = update(&mut model, message);
        terminal.draw(|frame| _ = view::draw(&model, frame)).expect("memory does not fail");
        for cell in terminal.backend().buffer().content() {
            assert!(!cell.symbol().chars().any(hidden), "{:?}", cell.symbol());
        }
        if model.quitting() {
            return;
        }
    }
});
