//! How our own figures grow with what there is to do.

use std::{fmt::Write as _, fs, process::Command, time::Instant};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    measured::is_measured,
    median, milliseconds,
    processes::{file, time},
    program::binary,
    sample,
    screen::Screen,
    turns,
};

pub(crate) fn tell() {
    println!("\n| tokscope alone | | | | |\n|---|---|---|---|---|");
    let tokens = steps(&[10, 1_000, 10_000, 100_000]);
    line("decode so many tokens, one a line", &tokens, |count| {
        let input = file(&format!("{}\n", sample()).repeat(count));
        time(Command::new(binary()).args(["decode", "--lines"]), Some(&input))
    });
    let bytes = steps(&[1_000, 10_000, 100_000, 1_000_000]);
    line("decode one token of so many bytes", &bytes, |bytes| {
        let claims = format!(r#"{{"sub":"{}"}}"#, "a".repeat(bytes * 3 / 4));
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        let input = file(&format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims)));
        time(Command::new(binary()).arg("decode"), Some(&input))
    });
    let profiles = steps(&[10, 100, 1_000, 2_000]);
    line("start with so many profiles", &profiles, |count| {
        let mut text = String::new();
        for number in 0..count {
            _ = write!(
                text,
                "[profile.p{number:04}]\nprovider = \"oauth2\"\nissuer = \"https://login.example.org/{number}\"\n"
            );
            text += "grant = \"client_credentials\"\nclient_id = \"ci\"\n";
        }
        let begin = Instant::now();
        let mut screen = Screen::run(&binary(), &[], &[], |folder| {
            fs::write(folder.path().join("profiles.toml"), &text).expect("room for the profiles");
        });
        screen.wait_for("p0000");
        let elapsed = begin.elapsed();
        screen.press("\x03");
        screen.wait_exit();
        elapsed
    });
}

fn steps(counts: &[usize]) -> Vec<usize> {
    if is_measured() { counts.to_vec() } else { counts[..1].to_vec() }
}

fn line(what: &str, counts: &[usize], measure: impl Fn(usize) -> std::time::Duration) {
    let cell = |&count: &usize| {
        let times = (0..turns(7)).map(|_| measure(count)).collect();
        format!("{count}: {}", milliseconds(median(times)))
    };
    println!("| {what} | {} |", counts.iter().map(cell).collect::<Vec<_>>().join(" | "));
}
