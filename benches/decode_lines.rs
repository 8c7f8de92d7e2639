//! `tokscope decode --lines` as it is: the real binary, from a file to nowhere.

mod measured;

use std::{
    fs::File,
    io::Write as _,
    process::{Command, Stdio},
};

use divan::{Bencher, counter::ItemsCount};

fn main() {
    divan::main();
}

#[divan::bench(args = [1, 1_000, 200_000], sample_count = 10)]
fn decode_lines(bencher: Bencher<'_, '_>, tokens: usize) {
    let tokens = measured::many(tokens);
    let samples = include_str!("../tests/vectors/openedx-documentation-samples.json");
    let samples: serde_json::Value = serde_json::from_str(samples).expect("the vectors are JSON");
    let token = samples[0]["response"]["access_token"].as_str().expect("an access token");
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(format!("{token}\n").repeat(tokens).as_bytes()).expect("room for the tokens");
    bencher.counter(ItemsCount::new(tokens)).bench_local(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tokscope"));
        let stdin = File::open(file.path()).expect("the tokens");
        let status = command.args(["decode", "--lines"]).stdin(stdin).stdout(Stdio::null()).status();
        assert!(status.expect("the binary runs").success());
    });
}
