use crate::e2e::{jws, screen::Screen};

fn big(size: usize) -> String {
    jws(&format!(r#"{{"sub":"a big one","blob":"{}"}}"#, "0123456789abcdef".repeat(size / 16)))
}

#[test]
fn a_megabyte_in_brackets_arrives_whole() {
    let mut screen = Screen::tokscope(&[]);
    screen.wait_for("Tokens");
    let token = big(1 << 20);
    screen.paste(&token);
    screen.wait_for("\"a big one\"");
    // What was pasted is what is copied.
    screen.press("2c");
    screen.wait_until("the whole token in the clipboard", |screen| screen.copied().last() == Some(&token));
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn a_paste_is_never_taken_as_keys() {
    let mut screen = Screen::tokscope(&[]);
    screen.wait_for("Tokens");
    // Each of these keys would end the program or open a page.
    screen.paste("q\x03?\rq");
    screen.paste(&jws(r#"{"sub":"after the junk"}"#));
    screen.wait_for("after the junk");
    screen.press("q");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn a_paste_whose_end_never_comes_is_taken_after_a_pause() {
    let mut screen = Screen::tokscope(&[]);
    screen.wait_for("Tokens");
    screen.press(&format!("\x1b[200~{}", jws(r#"{"sub":"no end"}"#)));
    screen.wait_for("no end");
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn ctrl_c_gets_out_of_a_paste_whose_end_never_comes() {
    let mut screen = Screen::tokscope(&[]);
    screen.wait_for("Tokens");
    screen.press("\x1b[200~eyJhbGciOiJub");
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 0);
}

#[test]
fn a_burst_without_brackets_is_a_paste_and_the_keys_stay_alive() {
    let mut screen = Screen::tokscope(&[]);
    screen.wait_for("Tokens");
    let token = big(10_000);
    // As a terminal without bracketed paste does it, with the line breaks of a wrapped token.
    let lines: Vec<_> = token.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line)).collect();
    screen.press(&lines.join("\r"));
    screen.wait_for("\"a big one\"");
    screen.press("?");
    screen.wait_for("log in with the profile");
    screen.press("\x03");
    assert_eq!(screen.wait_restored(), 0);
}
