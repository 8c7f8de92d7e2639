//! What it costs to take a token apart, once, when it enters.

use std::alloc::System;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use divan::{Bencher, counter::BytesCount};
use tokscope::{text::visible, token::Token};
use zeroizing_alloc::ZeroAlloc;

/// What the program has, and pays for.
#[global_allocator]
static WIPED: ZeroAlloc<System> = ZeroAlloc(System);

fn main() {
    divan::main();
}

fn jws(payload: &str) -> String {
    format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#), URL_SAFE_NO_PAD.encode(payload), "A".repeat(43))
}

/// The sample of Open edX's documentation: 18 claims, 731 bytes or so.
fn typical() -> String {
    let samples = include_str!("../tests/vectors/openedx-documentation-samples.json");
    let samples: serde_json::Value = serde_json::from_str(samples).expect("the vectors are JSON");
    samples[0]["response"]["access_token"].as_str().expect("an access token").to_owned()
}

fn inspect(bencher: Bencher<'_, '_>, token: &str) {
    bencher.counter(BytesCount::of_str(token)).bench(|| Token::inspect(divan::black_box(token)));
}

#[divan::bench]
fn inspect_typical(bencher: Bencher<'_, '_>) {
    inspect(bencher, &typical());
}

#[divan::bench]
fn inspect_one_megabyte(bencher: Bencher<'_, '_>) {
    let members: Vec<_> = (0..30_000).map(|n| format!("\"claim{n}\":\"value {n}\"")).collect();
    inspect(bencher, &jws(&format!("{{{}}}", members.join(","))));
}

#[divan::bench]
fn inspect_deep(bencher: Bencher<'_, '_>) {
    inspect(bencher, &jws(&"[".repeat(750_000)));
}

#[divan::bench]
fn inspect_prose(bencher: Bencher<'_, '_>) {
    inspect(bencher, &"no token in here, but many words. ".repeat(30_000));
}

#[divan::bench(args = ["plain", "umlauts", "hostile"])]
fn sanitize(bencher: Bencher<'_, '_>, kind: &str) {
    let text = match kind {
        "plain" => "feanil@axim.org ",
        "umlauts" => "Zoë Müller 山田 ",
        _ => "ad\u{200b}min\u{202e}\n",
    };
    let text = text.repeat(64);
    bencher.counter(BytesCount::of_str(&text)).bench(|| visible(divan::black_box(&text)).len());
}
