//! Texts in base64 or hex, compressed or not, inside of other texts: secrets of Kubernetes and Docker, cookies, mail.

use miniz_oxide::inflate::{DecompressError, decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

use super::{
    super::{base64url, format, inspect},
    DEEPEST, Finds,
    name::{Name, Style},
    read as read_inner,
};

/// A shorter text holds no token that could be told from anything else.
const SHORTEST: usize = 24;
/// How many characters of a text are decoded to see whether the rest is worth it.
const HEAD: usize = 48;

/// What was decoded, and from what.
struct Layer {
    text: String,
    encoding: &'static str,
}

/// Reads what a value stands for when it is decoded; whether a token is inside. The name is that of the value, with all of
/// the path to it. An opaque token stays as it is sent: many are the base64 of a UUID or the like.
pub(super) fn read(value: &str, name: impl FnOnce() -> Option<Name<'static>>, depth: u8, finds: &mut Finds) -> bool {
    // supabase/ssr writes `base64-` in front of its cookies.
    let value = value.strip_prefix("base64-").unwrap_or(value);
    if depth + 1 >= DEEPEST || value.len() < SHORTEST {
        return false;
    }
    let Some(Layer { text, encoding }) = decoded(value, &mut finds.room) else { return false };
    let name = name().unwrap_or_else(|| Name::new("", Style::Value));
    let inside = Name { style: Style::Inside(encoding), of: None, ..name };
    let before = finds.hits;
    if let Some((user, secret)) = credentials(text.trim()) {
        credential(user, secret, &inside, finds);
    }
    if finds.hits == before {
        read_inner(&text, Some(&inside), depth + 1, finds);
    }
    finds.hits > before
}

/// Whether the beginning of a value decodes to text, so that it may go on over several lines.
pub(super) fn begins(value: &str) -> bool {
    value.len() >= SHORTEST && {
        let head = value.get(..value.len().min(HEAD) / 4 * 4);
        head.and_then(base64url::decode_any).is_some_and(|head| is_text(&head, false) || compressed(&head).is_some())
    }
}

fn decoded(value: &str, room: &mut usize) -> Option<Layer> {
    let hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    let (bytes, encoding) = match hex.then(|| base64url::decode_hex(value)).flatten().filter(|it| is_text(it, true)) {
        Some(bytes) => (bytes, "hex"),
        None if begins(value) => (base64url::decode_any(value)?, "base64"),
        None => return None,
    };
    match compressed(&bytes) {
        Some(inflate) => {
            let inflated = inflate(&bytes, *room);
            // Of what is too large all room was filled.
            let used = inflated.as_ref().map_or_else(|error| error.output.len(), Vec::len);
            *room -= used.min(*room);
            let bytes = inflated.ok()?;
            let text = String::from_utf8(bytes).ok()?;
            Some(Layer { text, encoding: "compressed base64" })
        }
        None => {
            is_text(&bytes, true).then(|| String::from_utf8(bytes).ok()).flatten().map(|text| Layer { text, encoding })
        }
    }
}

type Inflate = fn(&[u8], usize) -> Result<Vec<u8>, DecompressError>;

/// How to inflate bytes that begin as gzip (RFC 1952) or zlib (RFC 1950) does.
fn compressed(bytes: &[u8]) -> Option<Inflate> {
    /// The header of gzip without optional fields.
    const GZIP: usize = 10;
    match bytes {
        [0x1f, 0x8b, 8, 0, ..] => {
            Some(|bytes, room| decompress_to_vec_with_limit(bytes.get(GZIP..).unwrap_or_default(), room))
        }
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(decompress_to_vec_zlib_with_limit),
        _ => None,
    }
}

/// Whether bytes are text: UTF-8 without controls. The head of a longer one may end within a character.
fn is_text(bytes: &[u8], whole: bool) -> bool {
    let control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r') || *byte == 0x7f;
    let utf8 = match str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => !whole && error.error_len().is_none(),
    };
    utf8 && !bytes.iter().any(control)
}

/// `user:secret` (RFC 7617), as in Docker's `auth`.
fn credentials(text: &str) -> Option<(&str, &str)> {
    let (user, secret) = text.split_once(':')?;
    let plain = user.len() <= 64 && user.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'{' | b'"'));
    (plain && !secret.is_empty() && !secret.starts_with("//") && secret.bytes().all(|byte| byte.is_ascii_graphic()))
        .then_some((user, secret))
}

/// A secret is a token by its looks, or because the user's name says that it is one: registries have such names.
fn credential(user: &str, secret: &str, inside: &Name<'_>, finds: &mut Finds) {
    /// Azure's and Amazon's container registries.
    const USERS: [&str; 2] = ["00000000-0000-0000-0000-000000000000", "AWS"];
    let by_name = Name::new(user, Style::Value);
    let known = inspect::is_one(secret) || format::is_whole(secret);
    if known || by_name.names_token() || USERS.contains(&user) {
        let kind = by_name.purpose().or(inside.kind);
        finds.add(secret, Some(&Name { kind, ..inside.clone() }), "");
    }
}
