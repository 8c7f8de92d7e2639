//! From a key or a tick to the frame: must not depend on how many tokens there are. Direction: at most 1 ms.
//!
//! `cargo bench --bench draw`

mod measured;

use std::alloc::System;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ratatui::{Terminal, backend::TestBackend};
use tokscope::{
    clock::{self, Timestamp, Zone},
    store::config::Config,
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
use zeroizing_alloc::ZeroAlloc;

/// What the program has, and pays for.
#[global_allocator]
static WIPED: ZeroAlloc<System> = ZeroAlloc(System);

const SIZE: (u16, u16) = (120, 40);

fn main() {
    divan::main();
}

fn now() -> Timestamp {
    clock::parse("2026-11-21T21:35:00Z").expect("a time")
}

fn jwt(claims: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(claims), encode("a signature of no worth"))
}

fn model(texts: impl Iterator<Item = String>) -> Model {
    let tokens = texts.map(|text| ("bench".to_owned(), Found::whole(&text))).collect();
    Model::new(Start {
        now: now(),
        zone: Zone::utc(),
        size: SIZE,
        terminal: look::Terminal::new(look::Colors::True),
        profiles: Ok(Vec::new()),
        tokens,
        token_sets: Vec::new(),
        samples: Vec::new(),
        demo: None,
        remarks: Vec::new(),
        vault: AtStart::InMemory,
        config: Ok(Config::default()),
        state: tokscope::store::state::State::default(),
        seed: 7,
    })
}

fn many(count: usize) -> Model {
    let (iat, exp) = (now().timestamp(), now().timestamp() + 3_600);
    model(
        (0..measured::many(count))
            .map(|number| jwt(&format!(r#"{{"sub":"user{number}","iat":{iat},"exp":{exp},"scopes":["a","b"]}}"#))),
    )
}

fn bench_message(bencher: divan::Bencher<'_, '_>, mut model: Model, message: impl Fn(usize) -> Message) {
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("a terminal in memory");
    let mut turn = 0;
    bencher.bench_local(|| {
        turn += 1;
        divan::black_box(&update(&mut model, message(turn)));
        terminal.draw(|frame| _ = view::draw(&model, frame)).expect("it cannot fail in memory").count
    });
}

/// The cursor goes up and down in the list.
#[divan::bench(args = [10, 1_000, 100_000])]
fn key(bencher: divan::Bencher<'_, '_>, tokens: usize) {
    let keys = [KeyCode::Down, KeyCode::Up, KeyCode::End, KeyCode::Home];
    bench_message(bencher, many(tokens), |turn| Message::Key(Key::plain(keys[turn % keys.len()])));
}

/// A second goes by.
#[divan::bench(args = [10, 1_000, 100_000])]
fn tick(bencher: divan::Bencher<'_, '_>, tokens: usize) {
    bench_message(bencher, many(tokens), |turn| {
        Message::Ticked(now() + chrono::TimeDelta::seconds(turn as i64 % 3_000))
    });
}

/// Each letter of a filter, from the key to the frame with the rows.
#[divan::bench(args = [("letters", 1_000), ("letters", 5_000), ("letters", 100_000), ("fields", 100_000)])]
fn filter(bencher: divan::Bencher<'_, '_>, (shape, tokens): (&str, usize)) {
    let mut model = many(tokens);
    let opening = if shape == "fields" { "2/kind:jwt left<2h sub:user" } else { "2/us" };
    for c in opening.chars() {
        divan::black_box(&update(&mut model, Message::Key(Key::char(c))));
    }
    let keys = [Key::char('9'), Key::char('8'), Key::plain(KeyCode::Backspace), Key::plain(KeyCode::Backspace)];
    bench_message(bencher, model, |turn| Message::Key(keys[turn % keys.len()]));
}

/// Moving about in what a filter has left.
#[divan::bench(args = [1_000, 100_000])]
fn filtered(bencher: divan::Bencher<'_, '_>, tokens: usize) {
    let mut model = many(tokens);
    for c in "2/user9".chars() {
        divan::black_box(&update(&mut model, Message::Key(Key::char(c))));
    }
    divan::black_box(&update(&mut model, Message::Key(Key::plain(KeyCode::Enter))));
    let keys = [KeyCode::Down, KeyCode::Up, KeyCode::End, KeyCode::Home];
    bench_message(bencher, model, |turn| Message::Key(Key::plain(keys[turn % keys.len()])));
}

/// A token of 1 MB: scrolling in its claims, with one huge value or many small ones, and in its raw text; folding up and
/// unfolding all; going from match to match; each letter of a search.
#[divan::bench(args = ["one value", "many values", "raw", "fold", "match", "search"])]
fn megabyte(bencher: divan::Bencher<'_, '_>, shape: &str) {
    let claims = match shape {
        "one value" => format!(r#"{{"exp":1900000000,"data":"{}","end":1}}"#, "x\\u0041".repeat(150_000)),
        _ => format!(r#"{{"exp":1900000000,"list":[{}0]}}"#, "12345678,".repeat(110_000)),
    };
    let mut model = model(std::iter::once(jwt(&claims)));
    let keys = match shape {
        "raw" => "3T",
        "match" => "3/567",
        "search" => "3/",
        _ => "3",
    };
    for c in keys.chars() {
        divan::black_box(&update(&mut model, Message::Key(Key::char(c))));
    }
    if shape == "match" {
        divan::black_box(&update(&mut model, Message::Key(Key::plain(KeyCode::Enter))));
    }
    match shape {
        "fold" => return bench_message(bencher, model, |_| Message::Key(Key::char('Z'))),
        "match" => return bench_message(bencher, model, |_| Message::Key(Key::char('n'))),
        // Typed and deleted.
        "search" => {
            let keys = [Key::char('6'), Key::char('7'), Key::char('8'), Key::ctrl('u')];
            return bench_message(bencher, model, |turn| Message::Key(keys[turn % keys.len()]));
        }
        _ => {}
    }
    let keys = [KeyCode::PageDown, KeyCode::Down, KeyCode::End, KeyCode::Home];
    bench_message(bencher, model, |turn| Message::Key(Key::plain(keys[turn % keys.len()])));
}
