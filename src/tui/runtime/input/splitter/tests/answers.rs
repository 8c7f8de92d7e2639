use super::*;
use crate::store::theme::Rgb;

const ANSWERS: &[u8] = b"\x1b[2;2R\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1b[?62;22c";
const READ: [Reply; 3] = [Reply::SignWidth(1), Reply::Background(Rgb(0x1e, 0x1e, 0x2e)), Reply::End];

/// A splitter that knows of the question.
fn asked() -> Splitter {
    let mut splitter = Splitter::default();
    splitter.expect_answers();
    splitter
}

/// What comes of the reads, with a pause between any two of them if so.
fn answered(reads: &[&[u8]], pauses: bool) -> Vec<TerminalInput> {
    let mut splitter = asked();
    let mut inputs = Vec::new();
    for read in reads {
        inputs.extend(splitter.feed(read));
        if pauses && splitter.patience().is_some() {
            inputs.extend(splitter.pause());
        }
    }
    while splitter.patience().is_some() {
        inputs.extend(splitter.pause());
    }
    inputs
}

fn replies() -> Vec<TerminalInput> {
    READ.map(TerminalInput::Reply).to_vec()
}

/// Without what an escape that was waited for too long has become: a key that the user has not pressed, but no text.
fn without_escapes(inputs: Vec<TerminalInput>) -> Vec<TerminalInput> {
    let escape = |input: &TerminalInput| matches!(input, TerminalInput::Key(key) if key.code == KeyCode::Esc || key.alt && matches!(key.code, KeyCode::Char('[' | ']' | '\\')));
    inputs.into_iter().filter(|input| !escape(input)).collect()
}

#[test]
fn answers_are_no_keys() {
    assert_eq!(answered(&[ANSWERS], false), replies());
    for end in ["\x07", "\x1b\\"] {
        for (color, rgb) in [
            ("rgb:ffff/ffff/ffff", Rgb(255, 255, 255)),
            ("rgb:ff/80/00", Rgb(255, 128, 0)),
            ("rgb:f/0/8", Rgb(255, 0, 136)),
            ("rgba:0000/1111/2222/ffff", Rgb(0, 0x11, 0x22)),
        ] {
            let answer = format!("\x1b]11;{color}{end}");
            assert_eq!(answered(&[answer.as_bytes()], false), [TerminalInput::Reply(Reply::Background(rgb))]);
        }
        for odd in ["rgb:", "rgb:1/2", "rgb:12345/0/0", "#102030", "", "rgb:x/y/z"] {
            assert_eq!(answered(&[format!("\x1b]11;{odd}{end}").as_bytes()], false), [], "{odd}");
        }
    }
}

/// However the network cuts them, in two or byte by byte, and however long it takes: no part of them is text.
#[test]
fn answers_that_come_in_parts_are_never_text() {
    for at in 1..ANSWERS.len() {
        let (head, tail) = ANSWERS.split_at(at);
        assert_eq!(answered(&[head, tail], false), replies(), "cut at {at}");
        assert_eq!(without_escapes(answered(&[head, tail], true)), replies(), "a pause at {at}");
    }
    let single: Vec<_> = ANSWERS.chunks(1).collect();
    assert_eq!(answered(&single, false), replies());
}

#[test]
fn keys_before_between_and_after_answers_stay_keys() {
    let typed = |text: &str| text.chars().map(|c| TerminalInput::Key(Key::char(c))).collect::<Vec<_>>();
    for at in [6, 31] {
        let (head, tail) = ANSWERS.split_at(at);
        for pauses in [false, true] {
            let inputs = answered(&[b"1c", head, b"Rc2", tail, b"e]"], pauses);
            let (keys, answers): (Vec<_>, Vec<_>) =
                inputs.into_iter().partition(|it| matches!(it, TerminalInput::Key(_)));
            assert_eq!((keys, answers), (typed("1cRc2e]"), replies()), "{at}, {pauses}");
        }
    }
}

#[test]
fn answers_in_the_middle_of_a_paste_are_taken_out() {
    let text = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.";
    for at in 0..=text.len() {
        let (head, tail) = text.split_at(at);
        let bytes = [b"\x1b[200~", head.as_bytes(), ANSWERS, tail.as_bytes(), b"\x1b[201~"].concat();
        let single: Vec<_> = bytes.chunks(1).collect();
        let expected: Vec<_> = replies().into_iter().chain([TerminalInput::Paste(text.to_owned())]).collect();
        assert_eq!(answered(&[&bytes], false), expected, "at {at}");
        assert_eq!(answered(&single, false), expected, "at {at}");
    }
    // Later it can only be what somebody has pasted.
    let text = "a\x1b[?62cb";
    let mut splitter = Splitter::default();
    assert_eq!(splitter.feed(format!("\x1b[200~{text}\x1b[201~").as_bytes()), [TerminalInput::Paste(text.to_owned())]);
}

/// A terminal that says nothing changes nothing: neither what a key is nor how long it takes.
#[test]
fn silence_costs_nothing() {
    let keys =
        ["j", "\x1b", "\x1b[A", "\x1b[1;2R", "\x1b]", "\x1b[", "11;rgb:1/2/3", "é", "\x1bx", "?6c", "2;2R", "]1"];
    for (first, second) in keys.iter().flat_map(|first| keys.iter().map(move |second| (first, second))) {
        // Several bytes at once that go on just where an answer was cut off are its rest.
        let rest = replies::extent(&[first.as_bytes(), second.as_bytes()].concat()) != Extent::No && second.len() > 1;
        let (mut silent, mut usual) = (asked(), Splitter::default());
        for read in [first, second].into_iter().take(if rest { 1 } else { 2 }) {
            let (mut one, mut two) = (silent.feed(read.as_bytes()), usual.feed(read.as_bytes()));
            // What could be the rest of an answer is waited for, as the rest of any sequence is.
            let held = silent.patience().unwrap_or_default().saturating_sub(usual.patience().unwrap_or_default());
            assert!(held <= Duration::from_millis(25), "{first:?} {second:?}: {held:?}");
            while silent.patience().is_some() {
                one.extend(silent.pause());
            }
            while usual.patience().is_some() {
                two.extend(usual.pause());
            }
            assert_eq!(one, two, "{first:?} {second:?}");
        }
    }
}
