//! Secrets, in all forms in which they could lie around.

use base64::{Engine as _, prelude::BASE64_STANDARD_NO_PAD};

/// Secrets to be looked for, each with its name.
#[derive(Default)]
pub(crate) struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    pub(crate) fn add(&mut self, name: &str, secret: &str) {
        assert!(secret.len() >= 10, "{name} is too short to be looked for");
        let bytes = secret.as_bytes();
        let hex = |upper: bool| {
            bytes
                .iter()
                .map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") })
                .collect::<String>()
        };
        let mut put = |form: &str, bytes: &[u8]| self.0.push((format!("{name} ({form})"), bytes.to_owned()));
        put("as it is", bytes);
        put("hex", hex(false).as_bytes());
        put("HEX", hex(true).as_bytes());
        // In base64 it looks different by its place; what is shared with the bytes around it is left out.
        for offset in 0..3 {
            let text = BASE64_STANDARD_NO_PAD.encode([&[0; 2][..offset], bytes].concat());
            let inner = &text[(offset * 4).div_ceil(3)..text.len() - 2];
            put("base64", inner.as_bytes());
            put("base64url", inner.replace('+', "-").replace('/', "_").as_bytes());
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// The names of those that are in these bytes.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        // Most bytes begin none of them.
        let mut starts = [false; 65_536];
        for (_, needle) in &self.0 {
            starts[usize::from(needle[0]) << 8 | usize::from(needle[1])] = true;
        }
        let mut found = Vec::new();
        for (at, pair) in bytes.windows(2).enumerate() {
            if starts[usize::from(pair[0]) << 8 | usize::from(pair[1])] {
                found
                    .extend(self.0.iter().filter(|(_, it)| bytes[at..].starts_with(it)).map(|(name, _)| name.as_str()));
            }
        }
        found
    }
}
