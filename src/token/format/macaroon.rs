//! Macaroons of versions 1 and 2, binary or JSON (libmacaroons, `doc/format.txt`; go-macaroon): what they are for and
//! under which caveats. Of one that was cut off, what is there.

use super::{ForeignContent, Format, base64url};
use crate::{
    text::push_quoted,
    token::{
        date,
        json::{Json, Kind},
    },
};

/// The longest JSON that is tried: a macaroon is sent in a header.
const LONGEST: usize = 64 << 10;

/// Reads base64 of any version; JSON also as it is.
pub(super) fn read(text: &str) -> Option<ForeignContent> {
    let text = text.strip_prefix("pypi-").unwrap_or(text);
    let known = if text.starts_with('{') {
        of_json(text)
    } else if ["eyJ", "ewo", "ewk", "eyA"].iter().any(|start| text.starts_with(start)) {
        let json = (!text.contains('.') && text.len() <= LONGEST).then(|| base64url::decode_any(text)).flatten()?;
        of_json(str::from_utf8(&json).ok()?)
    } else if text.len() >= 48 && ["MDA", "AgE", "AgI"].iter().any(|start| text.starts_with(start)) {
        of_binary(text)
    } else {
        None
    };
    let macaroon = known?;
    let claims = macaroon.into_json();
    Some(ForeignContent {
        dates: date::dates_of(&claims),
        claims: Some(claims),
        ..ForeignContent::named(Format::Macaroon)
    })
}

/// What a macaroon says. Only whoever made it can tell whether its chain of HMACs is whole.
#[derive(Default)]
struct Macaroon {
    location: Vec<u8>,
    identifier: Vec<u8>,
    caveats: Vec<Caveat>,
}

#[derive(Default)]
struct Caveat {
    identifier: Vec<u8>,
    location: Vec<u8>,
    /// A third party must discharge it.
    third_party: bool,
}

impl Macaroon {
    /// Location, identifier and caveats as JSON; `exp` where a caveat of the usual form says until when.
    fn into_json(self) -> Json {
        let mut out = String::from("{");
        if !self.location.is_empty() {
            out.push_str("\"location\":");
            push_bytes(&mut out, &self.location);
            out.push(',');
        }
        out.push_str("\"identifier\":");
        push_bytes(&mut out, &self.identifier);
        if let Some(end) = self.caveats.iter().find_map(Caveat::end) {
            out.push_str(",\"exp\":");
            push_quoted(&mut out, end);
        }
        out.push_str(",\"caveats\":[");
        for (index, caveat) in self.caveats.iter().enumerate() {
            out.push_str(if index == 0 { "" } else { "," });
            if caveat.third_party {
                out.push_str("{\"third_party\":");
                push_bytes(&mut out, &caveat.location);
                out.push('}');
            } else {
                push_bytes(&mut out, &caveat.identifier);
            }
        }
        out.push_str("]}");
        Json::parse(out)
    }
}

impl Caveat {
    /// Until when, by a caveat of the forms that go-macaroon-bakery and others write.
    fn end(&self) -> Option<&str> {
        const FORMS: [&str; 4] = ["time-before ", "time < ", "expires = ", "before = "];
        let text = str::from_utf8(&self.identifier).ok().filter(|_| !self.third_party)?;
        FORMS.iter().find_map(|form| text.strip_prefix(form))
    }
}

/// Text as it is, other bytes in base64url.
fn push_bytes(out: &mut String, bytes: &[u8]) {
    match str::from_utf8(bytes) {
        Ok(text) => push_quoted(out, text),
        Err(_) => push_quoted(out, &base64url::encode(bytes)),
    }
}

fn of_binary(text: &str) -> Option<Macaroon> {
    // Of one that was cut off, the last group may be none.
    let bytes = base64url::decode_any(text).or_else(|| base64url::decode_any(text.get(..text.len() / 4 * 4)?))?;
    match &bytes[..] {
        [b'0', b'0', _, _, rest @ ..] if rest.starts_with(b"location ") || rest.starts_with(b"identifier ") => {
            Some(of_packets(&bytes))
        }
        [2, 1, length, rest @ ..] => {
            let end = usize::from(*length);
            let whole = rest.len().min(end) > 0
                && rest[..rest.len().min(end)].iter().all(u8::is_ascii_graphic)
                && rest.get(end).is_none_or(|&next| next == 2);
            whole.then(|| of_fields(&bytes[1..]))
        }
        [2, 2, length, rest @ ..] => {
            let whole = *length > 0 && rest.get(usize::from(*length)).is_none_or(|&next| next == 0);
            whole.then(|| of_fields(&bytes[1..]))
        }
        _ => None,
    }
}

/// Version 1: packets of four hex digits of length, a name, a blank, a value and a line feed.
fn of_packets(mut bytes: &[u8]) -> Macaroon {
    let mut found = Macaroon::default();
    while let Some(length) = bytes.get(..4).and_then(|head| usize::from_str_radix(str::from_utf8(head).ok()?, 16).ok())
    {
        let Some(packet) = bytes.get(4..length) else { break };
        bytes = &bytes[length..];
        let packet = packet.strip_suffix(b"\n").unwrap_or(packet);
        let Some(blank) = packet.iter().position(|&byte| byte == b' ') else { break };
        let (name, value) = (&packet[..blank], packet[blank + 1..].to_vec());
        match name {
            b"location" => found.location = value,
            b"identifier" => found.identifier = value,
            b"cid" => found.caveats.push(Caveat { identifier: value, ..Caveat::default() }),
            b"vid" => found.caveats.iter_mut().last().into_iter().for_each(|caveat| caveat.third_party = true),
            b"cl" => found.caveats.iter_mut().last().into_iter().for_each(|caveat| caveat.location = value.clone()),
            _ => break,
        }
    }
    found
}

/// Version 2: sections of fields (type, length, value), each ended by a 0: the first one is the macaroon's, the others are
/// caveats, up to an empty one. The types are 1 location, 2 identifier, 4 verification, 6 signature.
fn of_fields(mut bytes: &[u8]) -> Macaroon {
    let mut found = Macaroon::default();
    let mut section: Option<Caveat> = None;
    let mut first = true;
    while let Some((&kind, rest)) = bytes.split_first() {
        if kind == 0 {
            match section.take() {
                Some(head) if first => (found.location, found.identifier) = (head.location, head.identifier),
                Some(caveat) => found.caveats.push(caveat),
                None => return found,
            }
            first = false;
            bytes = rest;
            continue;
        }
        let Some((length, rest)) = varint(rest) else { break };
        let value = &rest[..length.min(rest.len())];
        bytes = &rest[value.len()..];
        let section = section.get_or_insert_default();
        match kind {
            1 => section.location = value.to_vec(),
            2 => section.identifier = value.to_vec(),
            4 => section.third_party = true,
            _ => break,
        }
    }
    if let Some(head) = section.filter(|_| first) {
        (found.location, found.identifier) = (head.location, head.identifier);
    }
    found
}

/// A number in groups of seven bits, the lowest first; and what is behind it.
pub(super) fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0usize;
    for (index, byte) in bytes.iter().enumerate().take(9) {
        value |= usize::from(byte & 0x7f).checked_shl(7 * u32::try_from(index).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[index + 1..]));
        }
    }
    None
}

/// `{"v":2,"l","i","c":[{"i","l","v64"}],"s64"}`, each member also in base64 with `64` behind its name; version 1 has the
/// names written out, and the signature in hex.
fn of_json(text: &str) -> Option<Macaroon> {
    if text.len() > LONGEST || !text.contains("\"s64\"") && !text.contains("\"s\"") && !text.contains("\"signature\"") {
        return None;
    }
    let json = Json::parse(text);
    if json.error().is_some() || json.root()?.kind != Kind::Object {
        return None;
    }
    let of_object = |object: usize, names: [&str; 2]| {
        json.children(object).find_map(|(_, node)| {
            let key = json.key(node)?;
            let text = json.string(node)?;
            match names.iter().find(|name| key.strip_prefix(**name).is_some_and(|rest| rest == "64")) {
                Some(_) => base64url::decode_any(&text),
                None => names.contains(&&*key).then(|| text.into_owned().into_bytes()),
            }
        })
    };
    let long = json.member("identifier").is_some();
    let signature = of_object(0, ["s", "signature"])?;
    // An HMAC-SHA-256; in version 1 in hex.
    if !matches!(signature.len(), 32 | 64) || !long && json.member("v").is_none_or(|node| json.raw(node) != "2") {
        return None;
    }
    let caveats = json.children(0).find(|(_, node)| json.key(node).is_some_and(|key| matches!(&*key, "c" | "caveats")));
    let caveats = caveats.into_iter().flat_map(|(list, _)| json.children(list)).map(|(index, _)| Caveat {
        identifier: of_object(index, ["i", "cid"]).unwrap_or_default(),
        location: of_object(index, ["l", "cl"]).unwrap_or_default(),
        third_party: of_object(index, ["v", "vid"]).is_some(),
    });
    Some(Macaroon {
        location: of_object(0, ["l", "location"]).unwrap_or_default(),
        identifier: of_object(0, ["i", "identifier"])?,
        caveats: caveats.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Option<String> {
        read(text).map(|content| content.claims.expect("a macaroon says something").text().to_owned())
    }

    fn field(kind: u8, value: &[u8]) -> Vec<u8> {
        [&[kind, u8::try_from(value.len()).expect("short")], value].concat()
    }

    #[test]
    fn all_versions_say_the_same() {
        let expected = r#"{"location":"https://a.org/","identifier":"key-1","exp":"2026-01-01T00:00:00Z","caveats":["time-before 2026-01-01T00:00:00Z",{"third_party":"https://b.org/"}]}"#;
        let caveat = "time-before 2026-01-01T00:00:00Z";
        let packet = |name: &str, value: &str| format!("{:04x}{name} {value}\n", name.len() + value.len() + 6);
        let packets = [
            packet("location", "https://a.org/"),
            packet("identifier", "key-1"),
            packet("cid", caveat),
            packet("cid", "other"),
            packet("vid", "xxxxxxxx"),
            packet("cl", "https://b.org/"),
            packet("signature", &"s".repeat(32)),
        ];
        assert_eq!(said(&base64url::encode(packets.concat().as_bytes())).as_deref(), Some(expected));
        let head = [field(1, b"https://a.org/"), field(2, b"key-1"), vec![0]].concat();
        let first = [field(2, caveat.as_bytes()), vec![0]].concat();
        let second = [field(1, b"https://b.org/"), field(2, b"other"), field(4, b"xxxx"), vec![0]].concat();
        let binary = [&[2][..], &head, &first, &second, &[0], &field(6, &[7; 32])].concat();
        assert_eq!(said(&base64url::encode(&binary)).as_deref(), Some(expected));
        let signature = base64url::encode(&[7; 32]);
        let json = format!(
            r#"{{"v":2,"l":"https://a.org/","i64":"{}","c":[{{"i":"{caveat}"}},{{"i":"other","l":"https://b.org/","v64":"eHh4eA"}}],"s64":"{signature}"}}"#,
            base64url::encode(b"key-1")
        );
        assert_eq!(said(&json).as_deref(), Some(expected));
        assert_eq!(said(&base64url::encode(json.as_bytes())).as_deref(), Some(expected));
        let json = format!(
            r#"{{"caveats":[{{"cid":"{caveat}"}},{{"cid":"other","vid":"x","cl":"https://b.org/"}}],"location":"https://a.org/","identifier":"key-1","signature":"{}"}}"#,
            "0f".repeat(32)
        );
        assert_eq!(said(&json).as_deref(), Some(expected));
        // Of one that was cut off, what is there.
        for end in 48..binary.len() {
            said(&base64url::encode(&binary[..end]));
        }
    }
}
