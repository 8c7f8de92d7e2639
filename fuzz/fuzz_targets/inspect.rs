//! Any text is inspected, and everything that is asked of a token has an answer.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tokscope::token::Token;

fuzz_target!(|text: &str| {
    let token = Token::inspect(text);
    let _ = (token.alg(), token.typ(), token.kid(), token.subject(), token.account(), token.is_plausible());
    let _ = (token.dates(), token.lifetime(), token.format(), token.fingerprint());
    for json in [token.header(), token.claims()].into_iter().flatten() {
        for (index, node) in json.nodes().iter().enumerate() {
            let _ = (json.raw(node), json.key(node), json.string(node), json.parent(index));
        }
        // A pointer walks up to the root: the last one is the deepest that a closed document has.
        if let Some(last) = json.nodes().len().checked_sub(1) {
            let _ = json.pointer(last);
        }
    }
});
