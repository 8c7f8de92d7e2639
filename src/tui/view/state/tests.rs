//! The states as the design has them, row by row: sign, its twin in ASCII, what is left, and the role of the colour.

use ratatui::buffer::Buffer;

use super::*;
use crate::{
    clock::Zone,
    store::{config::Config, state::State as Remembered},
    token::lifetime::Lifetime,
    tui::{
        app::{Start, look, vault::AtStart},
        view::cells,
    },
};

fn model() -> Model {
    Model::new(Start {
        now: clock::parse("2026-11-27T13:05:12Z").unwrap(),
        zone: Zone::utc(),
        size: (80, 24),
        terminal: look::Terminal::new(look::Colors::True),
        config: Ok(Config::default()),
        state: Remembered::default(),
        seed: 1,
        profiles: Ok(Vec::new()),
        vault: AtStart::InMemory,
        tokens: Vec::new(),
        token_sets: Vec::new(),
        samples: Vec::new(),
        demo: None,
        remarks: Vec::new(),
    })
}

#[test]
fn each_state_is_told_as_the_table_has_it() {
    let model = model();
    let at = |seconds: i64| Some(model.now + TimeDelta::seconds(seconds));
    let life = |from: i64, to: i64| Some(Lifetime { issued_at: at(from), expires_at: at(to), ..Lifetime::default() });
    let (minute, hour, day) = (60, 3_600, 86_400);
    let none = Facts::default();
    let active = Facts { access: life(-hour, 41 * minute + 8), ..none };
    let over = Facts { access: life(-hour, -12 * minute), ..none };
    let starts = Lifetime { not_before: at(2 * day + minute), expires_at: at(9 * day), ..Lifetime::default() };
    let endless = Facts { access: Some(Lifetime::default()), ..none };
    let renewable = Facts { refresh: life(-hour, 6 * day + hour), ..over };
    for (facts, state, sign, twin, of_token, of_session, tone) in [
        (active, State::Active, "●", "*", "41m 08s", "41m 08s", Tone::Good),
        (Facts { access: Some(starts), ..none }, State::NotYet, "◌", ".", "in 2d", "in 2d", Tone::Muted),
        (Facts { access: life(-hour, 48), ..none }, State::Expiring, "▲", "^", "48s", "48s", Tone::Warn),
        (renewable, State::Renewable, "↻", "~", "12m ago", "6d 01h", Tone::Renew),
        (Facts { access: life(-day, -3 * hour), ..none }, State::Expired, "×", "x", "3h ago", "3h ago", Tone::Ended),
        (Facts { revoked: true, refused: true, ..active }, State::Revoked, "⊘", "-", "refused", "refused", Tone::Ended),
        (
            Facts { replaced: at(-12 * minute), ..active },
            State::Superseded,
            "◦",
            ",",
            "12m ago",
            "12m ago",
            Tone::Muted,
        ),
        (Facts { revoked: true, ..active }, State::Alive, "!", "!", "13:46:20", "13:46:20", Tone::Bad),
        (endless, State::Unknown, "?", "?", "unknown", "unknown", Tone::Muted),
        (Facts { opaque: true, ..endless }, State::Opaque, "□", "o", "unknown", "unknown", Tone::Muted),
        (Facts { opaque: true, ..active }, State::Active, "●", "*", "41m 08s", "41m 08s", Tone::Good),
        (none, State::NoTokens, "○", "0", "no tokens", "no tokens", Tone::Muted),
        (Facts { locked: true, ..active }, State::Locked, "■", "#", "locked", "locked", Tone::Muted),
        // How long it has been going on, the task knows.
        (Facts { busy: true, ..active }, State::Busy, "»", ">", "", "", Tone::Renew),
        (Facts { failed: true, ..active }, State::Failed, "✗", "X", "failed", "failed", Tone::Bad),
    ] {
        let told = of_facts(&model, &facts);
        assert_eq!(facts.state(model.now), state);
        assert_eq!((told.sign, &*told.left, told.tone), (sign, of_token, tone), "{state:?}");
        assert_eq!(left(&facts, &model, true, false), of_session, "{state:?}");
        let mut buffer = Buffer::with_lines([sign]);
        cells::to_ascii(&mut buffer);
        assert_eq!(buffer[(0, 0)].symbol(), twin, "{state:?}");
    }
}
