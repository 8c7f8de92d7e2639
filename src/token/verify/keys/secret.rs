//! How the bytes of a secret are written down.

use base64::{
    Engine as _, alphabet,
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig},
    },
};

use super::KeyError;

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
    pub fn decode(self, text: &str) -> Result<Vec<u8>, KeyError> {
        let (bytes, alphabet) = match self {
            Self::Text => return Ok(text.as_bytes().to_vec()),
            Self::Hex => (from_hex(text.trim()), "hexadecimal digits, two for each byte"),
            Self::Base64 => {
                (GeneralPurpose::new(&alphabet::STANDARD, LENIENT).decode(text.trim()).ok(), "base64, with + and /")
            }
            Self::Base64url => {
                (GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT).decode(text.trim()).ok(), "base64url, with - and _")
            }
        };
        bytes.ok_or_else(|| KeyError::new(format!("the secret is not {alphabet}"), "another encoding may be meant"))
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
