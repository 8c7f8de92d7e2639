//! `Content-Encoding` (RFC 9110 §8.4): nothing asks for one, and some servers and proxies still send one.

use miniz_oxide::inflate;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use super::BODY_LIMIT;

/// The body as it was before it was encoded. `Err` names the encoding that is unknown or broken.
pub(super) fn decoded(headers: &HeaderMap, body: Vec<u8>) -> Result<Vec<u8>, String> {
    let named = headers.get(CONTENT_ENCODING).map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase());
    let named = named.unwrap_or_default();
    let inflated = match named.trim() {
        "" | "identity" => return Ok(body),
        "gzip" | "x-gzip" => deflate_of(&body).and_then(inflated),
        // A zlib stream by the RFC; some send the bare one.
        "deflate" => zlib(&body).or_else(|| inflated(&body)),
        _ => None,
    };
    match inflated {
        Some(body) => Ok(body),
        // A header that is not true.
        None if matches!(body.trim_ascii_start().first(), None | Some(b'{' | b'[' | b'<')) => Ok(body),
        None => Err(named.trim().to_owned()),
    }
}

fn inflated(body: &[u8]) -> Option<Vec<u8>> {
    inflate::decompress_to_vec_with_limit(body, BODY_LIMIT).ok()
}

fn zlib(body: &[u8]) -> Option<Vec<u8>> {
    inflate::decompress_to_vec_zlib_with_limit(body, BODY_LIMIT).ok()
}

/// What stands behind the header of a gzip member (RFC 1952 §2.3).
fn deflate_of(member: &[u8]) -> Option<&[u8]> {
    let (head, mut rest) = member.split_at_checked(10)?;
    let flags = head[3];
    if head[..3] != [0x1f, 0x8b, 8] {
        return None;
    }
    if flags & 4 != 0 {
        let (length, behind) = rest.split_first_chunk()?;
        rest = behind.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    // A file name and a comment, each with a zero behind it.
    for _ in 0..(flags & 8 != 0) as u8 + (flags & 16 != 0) as u8 {
        rest = &rest[rest.iter().position(|byte| *byte == 0)? + 1..];
    }
    if flags & 2 != 0 { rest.get(2..) } else { Some(rest) }
}

#[cfg(test)]
mod tests {
    use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
    use reqwest::header::HeaderValue;

    use super::*;

    fn decoded_as(encoding: &'static str, body: &[u8]) -> Result<String, String> {
        let headers = [(CONTENT_ENCODING, HeaderValue::from_static(encoding))].into_iter().collect();
        decoded(&headers, body.to_vec()).map(|body| String::from_utf8(body).unwrap())
    }

    #[test]
    fn what_nobody_asked_for_is_decoded_or_named() {
        let text = r#"{"access_token":"a"}"#;
        let gzip = |flags: u8, extra: &[u8]| {
            [&[0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3], extra, &compress_to_vec(text.as_bytes(), 6)[..], &[0; 8]]
                .concat()
        };
        let all = b"\x02\0xyname\0comment\0cc";
        for (encoding, body) in [
            ("gzip", gzip(0, b"")),
            ("X-GZIP ", gzip(8, b"name\0")),
            ("gzip", gzip(30, all)),
            ("deflate", compress_to_vec_zlib(text.as_bytes(), 6)),
            ("deflate", compress_to_vec(text.as_bytes(), 6)),
            ("identity", text.into()),
            ("gzip", text.into()),
            ("br", text.into()),
        ] {
            assert_eq!(decoded_as(encoding, &body).as_deref(), Ok(text), "{encoding}");
        }
        for (encoding, body) in [
            ("gzip", &gzip(0, b"")[..14]),
            ("gzip", &b"\x1f\x8b\x08\x04\0\0\0\0\0\x03\xff\xff"[..]),
            ("deflate", b"\xff\xff"),
            ("br", b"\x0b\x02\x80"),
            ("gzip, gzip", &gzip(0, b"")),
        ] {
            assert_eq!(decoded_as(encoding, body), Err(encoding.to_owned()), "{encoding}");
        }
        let bomb = [&gzip(0, b"")[..10], &compress_to_vec(&vec![b' '; BODY_LIMIT + 1], 6)[..]].concat();
        assert!(decoded_as("gzip", &bomb).is_err(), "the limit holds for what comes out");
    }
}
