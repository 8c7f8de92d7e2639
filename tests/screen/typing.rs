//! Text never acts: whatever is typed or pasted where text is taken, and whatever is pasted elsewhere, reaches no server, no
//! vault and no clipboard.

use proptest::prelude::*;
use tokscope::tui::app::{
    Message,
    key::{Key, KeyCode},
    message::TaskEvent,
};

use crate::support::stage::{Stage, password_prompt};

/// How one gets to each place that takes text.
const TEXT: [&str; 18] = [
    "1 /",
    "2 /",
    "3 /",
    "N /",
    "1 :",
    "2 :",
    "1 ?",
    "=edx-demo Enter :",
    "1 v",
    "1 @",
    "=edx-demo e",
    "=edx-demo D",
    "=edx-demo Enter e",
    "1 n Enter",
    "1 i Down Down Enter",
    "2 e",
    "2 e ^S Enter",
    "=edx-prod x",
];

/// What stands over the panes and takes none, and the panes.
const ELSE: [&str; 16] = [
    "1",
    "2",
    "3",
    "1 w",
    "N",
    "H",
    "1 n",
    "1 i",
    "2 K",
    "2 m Down m",
    "3 Enter",
    "2 e ^S",
    "=edx-demo Enter",
    "2 x",
    "C",
    "S",
];

/// Two profiles with tokens, one of them protected: all that a key could act on.
fn fleet() -> Stage {
    let mut stage = Stage::new();
    stage.keys("=edx-prod l").arrives(1, 3_600).keys("=edx-demo l").arrives(2, 3_600).effects();
    stage
}

fn text() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        4 => prop::char::range(' ', '~'),
        1 => any::<char>().prop_filter("no control character", |c| !c.is_control()),
    ];
    prop::collection::vec(c, 0..40).prop_map(String::from_iter)
}

/// Keys that edit: they belong to the text.
const EDITS: [Key; 9] = [
    Key::plain(KeyCode::Backspace),
    Key::plain(KeyCode::Delete),
    Key::plain(KeyCode::Left),
    Key::plain(KeyCode::Home),
    Key::ctrl('w'),
    Key::ctrl('y'),
    Key::ctrl('r'),
    Key::alt('b'),
    Key { code: KeyCode::Right, ctrl: true, alt: false },
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn what_is_typed_or_pasted_into_text_does_nothing(
        place in prop::sample::select(&TEXT[..]),
        typed in text(),
        edits in prop::collection::vec(prop::sample::select(&EDITS[..]), 0..5),
        pasted in any::<String>(),
    ) {
        let mut stage = fleet();
        stage.keys(place).effects();
        let keys = typed.chars().map(Key::char).chain(edits);
        for key in keys.chain(typed.chars().map(Key::char)) {
            stage.send(Message::Key(key));
            prop_assert!(!stage.has_effects(), "{key} after {place}: {:?}", stage.effects());
        }
        stage.paste(&pasted).screen();
        prop_assert!(!stage.has_effects(), "a paste after {place}: {:?}", stage.effects());
    }

    #[test]
    fn what_is_pasted_elsewhere_is_read_and_does_nothing(
        place in prop::sample::select(&ELSE[..]),
        pasted in any::<String>(),
        lines in prop::collection::vec(text(), 0..4),
    ) {
        for text in [pasted, lines.join("\n")] {
            let mut stage = fleet();
            stage.keys(place).effects();
            stage.paste(&text).screen();
            prop_assert!(!stage.has_effects(), "{text:?} pasted after {place}: {:?}", stage.effects());
        }
    }

    /// An answer that a server waits for goes nowhere before `Enter`.
    #[test]
    fn an_answer_waits_for_its_enter(typed in text(), pasted in text()) {
        let mut stage = fleet();
        stage.keys("=edx-demo l").job(3, TaskEvent::Asked(password_prompt())).effects();
        stage.types(&typed).paste(&pasted).screen();
        prop_assert!(!stage.has_effects(), "{:?}", stage.effects());
    }
}
