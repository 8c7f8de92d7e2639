mod answers;

use proptest::prelude::*;

use super::*;
use crate::tui::app::mouse::MouseKind;

fn key(code: KeyCode) -> TerminalInput {
    TerminalInput::Key(Key::plain(code))
}

fn chars(text: &str) -> Vec<TerminalInput> {
    text.chars().map(|c| TerminalInput::Key(Key::char(c))).collect()
}

fn paste(text: &str) -> TerminalInput {
    TerminalInput::Paste(text.to_owned())
}

/// What comes of the reads when a long pause follows.
fn split(reads: &[&[u8]]) -> Vec<TerminalInput> {
    let mut splitter = Splitter::default();
    let mut inputs: Vec<_> = reads.iter().flat_map(|read| splitter.feed(read)).collect();
    while splitter.patience().is_some() {
        inputs.extend(splitter.pause());
    }
    inputs
}

#[track_caller]
fn check(bytes: &[u8], expected: &[TerminalInput]) {
    assert_eq!(split(&[bytes]), expected, "in one read");
    let single: Vec<_> = bytes.chunks(1).collect();
    assert_eq!(split(&single), expected, "byte by byte");
}

#[test]
fn keys() {
    let alt = |c| TerminalInput::Key(Key { alt: true, ..Key::char(c) });
    check(b"q", &chars("q"));
    check("é€😀".as_bytes(), &chars("é€😀"));
    check(
        b"\r\t\x7f\x08\n",
        &[KeyCode::Enter, KeyCode::Tab, KeyCode::Backspace, KeyCode::Backspace, KeyCode::Enter].map(key),
    );
    check(b"\x03\x1a\x1f\0", &['c', 'z', '_', ' '].map(|c| TerminalInput::Key(Key::ctrl(c))));
    check(b"\x1b[A\x1bOB\x1b[5~\x1b[Z", &[KeyCode::Up, KeyCode::Down, KeyCode::PageUp, KeyCode::BackTab].map(key));
    check(b"\x1b[[A\x1bOP\x1b[15~", &[KeyCode::F(1), KeyCode::F(1), KeyCode::F(5)].map(key));
    check(b"\x1bx\x1b\xc3\xa9\x1b[\x1bO", &[alt('x'), alt('é'), alt('['), alt('O')]);
    check(b"\x1b\x1b\x1b[A", &[KeyCode::Esc, KeyCode::Esc, KeyCode::Up].map(key));
}

#[test]
fn kitty_keys_are_normal_keys() {
    check(b"\x1b[97;2u", &chars("A"));
    check(b"\x1b[97;5u\x1b[67;6u", &['a', 'c'].map(|c| TerminalInput::Key(Key::ctrl(c))));
    check(b"\x1b[9;2u", &[key(KeyCode::BackTab)]);
    check(b"\x1b[97;1:3u\x1b[113;9u", &[]);
}

#[test]
fn what_is_no_key_does_nothing() {
    check(b"\x1b]11;rgb:1010/1010/1010\x1b\\j\x1b]11;rgb:0/0/0\x07k", &chars("jk"));
    check(b"\x1bP1$r0m\x1b\\j\x1b[?62;22cj\x1b[1;1Rj", &chars("jjj"));
    check(b"\x1b[201~j", &chars("j"));
    check(b"\x1b[12", &[]);
}

#[test]
fn the_mouse_and_the_focus_are_no_keys() {
    let mouse = |kind, column, row, ctrl| TerminalInput::Mouse(Mouse { kind, column, row, ctrl });
    let [focused, left] = [true, false].map(TerminalInput::Focused);
    let typed = |before: &[u8], after: &[u8], told: &[TerminalInput]| {
        // Cut at every byte, between keys that are typed.
        let bytes = [b"j", before, b"k", after, b"l"].concat();
        let expected = [chars("j"), told[..1].to_vec(), chars("k"), told[1..].to_vec(), chars("l")].concat();
        for cut in 0..=bytes.len() {
            let (first, second) = bytes.split_at(cut);
            assert_eq!(split(&[first, second]), expected, "cut at {cut} of {bytes:?}");
        }
        check(&bytes, &expected);
    };
    typed(
        b"\x1b[<0;10;5M",
        b"\x1b[<0;10;5m",
        &[mouse(MouseKind::Press, 9, 4, false), mouse(MouseKind::Release, 9, 4, false)],
    );
    typed(
        b"\x1b[<16;1;1M",
        b"\x1b[<32;223;300M",
        &[mouse(MouseKind::Press, 0, 0, true), mouse(MouseKind::Drag, 222, 299, false)],
    );
    typed(
        b"\x1b[<64;3;3M",
        b"\x1b[<65;3;3M",
        &[mouse(MouseKind::WheelUp, 2, 2, false), mouse(MouseKind::WheelDown, 2, 2, false)],
    );
    typed(b"\x1b[<1;3;3M", b"\x1b[I", &[mouse(MouseKind::Paste, 2, 2, false), focused.clone()]);
    typed(b"\x1b[O", b"\x1b[I", &[left, focused]);
    // A terminal that does not know mode 1006 sends three bytes, which are no typed keys.
    typed(
        b"\x1b[M q!",
        b"\x1b[M#q!",
        &[mouse(MouseKind::Press, 80, 0, false), mouse(MouseKind::Release, 80, 0, false)],
    );
    // Other buttons mean nothing; a report that breaks off lets Ctrl-C through.
    check(b"\x1b[<2;3;3M\x1b[<35;3;3M", &[]);
    check(b"\x1b[M \x03", &[TerminalInput::Key(Key::ctrl('c'))]);
    check(b"\x1b[<0;1\x03", &[TerminalInput::Key(Key::ctrl('c'))]);
}

#[test]
fn a_sequence_that_breaks_off_lets_the_next_key_through() {
    check(b"\x1b[1;\x03", &[TerminalInput::Key(Key::ctrl('c'))]);
    check(b"\x1b[1;\x1b[A", &[key(KeyCode::Up)]);
    check(b"\x1b]11;rgb\x03", &[TerminalInput::Key(Key::ctrl('c'))]);
    check(b"\x1b]11;rgb\x1b[A", &[key(KeyCode::Up)]);
}

#[test]
fn a_bracketed_paste_comes_whole() {
    check(b"\x1b[200~eyJ\r\nab\rc\x1b[201~q", &[vec![paste("eyJ\nab\nc")], chars("q")].concat());
    check(b"\x1b[200~q\x1b[A\x1b[201\x03~\x1b[201~", &[paste("q\x1b[A\x1b[201\x03~")]);
    check(b"\x1b[200~\x1b[201~", &[]);
    check(b"\x1b[200~a\xffb\x1b[201~", &[paste("a\u{fffd}b")]);
}

#[test]
fn a_paste_without_an_end_ends_with_the_pause() {
    let mut splitter = Splitter::default();
    assert_eq!(splitter.feed(b"\x1b[200~eyJhbGciOi"), []);
    assert_eq!(splitter.patience(), Some(Duration::from_secs(1)));
    assert_eq!(splitter.feed(b"\x03\x03"), []);
    assert_eq!(
        splitter.pause(),
        [paste("eyJhbGciOi"), TerminalInput::Key(Key::ctrl('c')), TerminalInput::Key(Key::ctrl('c'))]
    );
    assert_eq!(splitter.feed(b"q"), []);
    assert_eq!(splitter.pause(), chars("q"));
}

#[test]
fn a_megabyte_is_no_trouble() {
    let text = "eyJ.".repeat(400_000);
    let bytes = [b"\x1b[200~", text.as_bytes(), b"\x1b[201~"].concat();
    let reads: Vec<_> = bytes.chunks(1_021).collect();
    assert_eq!(split(&reads), [paste(&text)]);
}

#[test]
fn a_burst_of_printable_keys_is_a_paste() {
    let line = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.";
    check(line.as_bytes(), &[paste(line)]);
    check(
        format!("{line}\r{line}\t\x03").as_bytes(),
        &[paste(&format!("{line}\n{line}\t")), TerminalInput::Key(Key::ctrl('c'))],
    );
    // One key short of it, keys that repeat, and a cursor key that repeats.
    check(&line.as_bytes()[..BURST - 1], &chars(&line[..BURST - 1]));
    let held = format!("{}q", "jk".repeat(100));
    check(held.as_bytes(), &chars(&held));
    check(&b"\x1b[B".repeat(40), &vec![key(KeyCode::Down); 40]);
}

#[test]
fn a_single_key_waits_for_nothing() {
    let mut splitter = Splitter::default();
    for typed in ["q", "é"] {
        assert_eq!(splitter.feed(typed.as_bytes()), []);
        assert_eq!(splitter.patience(), Some(Duration::ZERO));
        assert_eq!(splitter.pause(), chars(typed));
        assert_eq!(splitter.patience(), None);
    }
}

fn fragment() -> impl Strategy<Value = Vec<u8>> {
    let known: Vec<&[u8]> = vec![
        b"\x1b",
        b"[",
        b"\x1b[A",
        b"\x1bOP",
        PASTE_START,
        PASTE_END,
        b"\x1b[201",
        b"\x1b]11;x\x07",
        b"\x1b[<0;10;5M",
        b"\x1b[M !!",
        b"\x1b[I",
        b"\r",
        b"\x03",
        b"ey",
    ];
    prop_oneof![
        prop::sample::select(known).prop_map(<[u8]>::to_vec),
        "[ -~]{0,40}".prop_map(String::into_bytes),
        "\\PC{0,5}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..6),
        "\x1b\\[[<>?]?[0-9:;]{0,12}[@-~]".prop_map(String::into_bytes),
    ]
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(fragment(), 0..12).prop_map(|fragments| fragments.concat())
}

proptest! {
    #[test]
    fn the_cuts_between_reads_do_not_matter(bytes in bytes(), cuts in prop::collection::vec(1_usize..50, 1..20)) {
        let mut reads = Vec::new();
        let (mut rest, mut cuts) = (&bytes[..], cuts.iter().cycle());
        while !rest.is_empty() {
            let (read, others) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            reads.push(read);
            rest = others;
        }
        prop_assert_eq!(split(&reads), split(&[&bytes]));
    }

    #[test]
    fn ctrl_c_gets_through_after_anything(bytes in bytes()) {
        let mut splitter = Splitter::default();
        splitter.feed(&bytes);
        while splitter.patience().is_some() {
            splitter.pause();
        }
        prop_assert_eq!(splitter.feed(b"\x03"), [TerminalInput::Key(Key::ctrl('c'))]);
    }

    #[test]
    fn a_bracketed_paste_loses_nothing(text in "[^\x1b\r]*") {
        prop_assume!(!text.is_empty());
        let bytes = [PASTE_START, text.as_bytes(), PASTE_END].concat();
        prop_assert_eq!(split(&[&bytes]), [TerminalInput::Paste(text)]);
    }
}
