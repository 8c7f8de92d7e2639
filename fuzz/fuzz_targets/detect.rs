//! Whatever is pasted is searched; no more can be found than was there.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tokscope::token::detect::detect;

fuzz_target!(|text: &str| {
    let found = detect(text);
    assert!(found.len() <= text.len());
    found.iter().for_each(|found| drop(found.inspect()));
});
