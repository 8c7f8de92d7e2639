//! How the bytes of a secret are written down.

use base64::{
    Engine as _, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD},
    },
};

use super::{Family, VerificationKey};
use crate::{secret::Zeroizing, trouble::Trouble};

/// How the bytes of a secret are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SecretEncoding {
    /// The UTF-8 bytes of the text itself.
    #[default]
    Text,
    /// Hexadecimal digits.
    Hex,
    /// base64, with or without padding.
    Base64,
    /// base64url, with or without padding.
    Base64url,
}

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

impl SecretEncoding {
    /// The encoding of a name: `text`, `hex`, `base64`, `base64url`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "hex" => Some(Self::Hex),
            "base64" => Some(Self::Base64),
            "base64url" => Some(Self::Base64url),
            _ => None,
        }
    }

    /// The secret's bytes. The error does not repeat the text.
    pub fn decode(self, text: &str) -> Result<Vec<u8>, Trouble> {
        let (bytes, alphabet) = match self {
            Self::Text => return Ok(text.as_bytes().to_vec()),
            Self::Hex => (from_hex(text.trim()), "hexadecimal digits, two per byte"),
            Self::Base64 => {
                (GeneralPurpose::new(&alphabet::STANDARD, LENIENT).decode(text.trim()).ok(), "base64, with + and /")
            }
            Self::Base64url => {
                (GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT).decode(text.trim()).ok(), "base64url, with - and _")
            }
        };
        bytes.ok_or_else(|| Trouble::new(format!("the secret is not {alphabet}"), "it may be in another encoding"))
    }
}

/// What a secret is, and how it would have to be given.
pub(in crate::token::verify) type Reading = (&'static str, &'static str);

impl VerificationKey {
    /// What else a secret may mean, each with what it is then and how to give it: most that do not fit were decoded and
    /// should not have been, or the other way round. None of a key that is not a secret.
    pub(in crate::token::verify) fn other_readings(&self) -> impl Iterator<Item = (Self, Reading)> {
        const DECODED: [(SecretEncoding, Reading); 3] = [
            (SecretEncoding::Base64, ("is base64", "give it as base64")),
            (SecretEncoding::Base64url, ("is base64url", "give it as base64url")),
            (SecretEncoding::Hex, ("is hex", "give it as hex")),
        ];
        const AS_TEXT: Reading = ("is text, not encoded", "give it as plain text");
        const WITHOUT_END: Reading = ("has an extra space or line break at the end", "give it without that");
        let bytes = self.decoding.try_get_as_bytes().ok().filter(|_| self.family == Family::Hmac);
        let bytes = Zeroizing::new(bytes.unwrap_or_default().to_vec());
        let text = Zeroizing::new(str::from_utf8(&bytes).unwrap_or_default().to_owned());
        let mut readings: Vec<(Zeroizing<Vec<u8>>, Reading)> = Vec::new();
        if !text.is_empty() {
            let decoded = DECODED.iter().filter_map(|(encoding, words)| Some((encoding.decode(&text).ok()?, *words)));
            readings.extend(decoded.map(|(bytes, words)| (Zeroizing::new(bytes), words)));
            if text.trim_end().len() < text.len() {
                readings.push((Zeroizing::new(text.trim_end().as_bytes().to_vec()), WITHOUT_END));
            }
        }
        if !bytes.is_empty() {
            let hex = |upper: bool| -> String {
                bytes.iter().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
            };
            let texts = [
                STANDARD.encode(&bytes),
                STANDARD_NO_PAD.encode(&bytes),
                URL_SAFE.encode(&bytes),
                URL_SAFE_NO_PAD.encode(&bytes),
                hex(false),
                hex(true),
            ];
            readings.extend(texts.map(|text| (Zeroizing::new(text.into_bytes()), AS_TEXT)));
        }
        readings.into_iter().filter(|(bytes, _)| !bytes.is_empty()).map(|(bytes, words)| (Self::secret(&bytes), words))
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pair = |pair: &[u8]| match pair {
        [high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}
