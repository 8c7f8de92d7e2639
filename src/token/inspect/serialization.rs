//! A JWE in JSON serialization (RFC 7516 §7.2).

use crate::{
    text::push_quoted,
    token::{
        Jwe, base64url,
        defect::Defects,
        json::{Json, Kind},
    },
};

/// Reads a JWE in JSON serialization, general or flattened: what it is, and its text on one line. `None` unless it is
/// an object with a ciphertext and a header. Its header is what all recipients share, and what the first one has.
pub(super) fn jwe(text: &str, defects: &mut Defects) -> Option<(Jwe, String)> {
    if !text.starts_with('{') || !text.contains("\"ciphertext\"") {
        return None;
    }
    let json = Json::parse(text);
    let member = |object: usize, name: &str| {
        json.children(object).find(|(_, node)| json.key(node).is_some_and(|key| key == name)).map(|(index, _)| index)
    };
    let ciphertext = member(0, "ciphertext")?;
    if json.error().is_some() || json.nodes()[ciphertext].kind != Kind::String {
        return None;
    }
    let recipient = member(0, "recipients").and_then(|list| json.children(list).next()).map_or(0, |(index, _)| index);
    let protected = member(0, "protected").and_then(|index| json.string(&json.nodes()[index]));
    let others = [member(0, "unprotected"), member(recipient, "header")];
    if protected.is_none() && others == [None, None] {
        return None;
    }
    let mut header = String::from("{");
    if let Some(protected) = protected {
        let bytes = base64url::decode(&protected, "header", defects);
        write_members(&Json::parse(String::from_utf8_lossy(&bytes)), 0, &mut header);
    }
    others.into_iter().flatten().for_each(|object| write_members(&json, object, &mut header));
    header.push('}');
    Some((Jwe { header: Json::parse(header), segments: Default::default() }, json.compact(0)))
}

fn write_members(json: &Json, object: usize, out: &mut String) {
    for (index, node) in json.children(object) {
        if out.len() > 1 {
            out.push(',');
        }
        push_quoted(out, &json.key(node).unwrap_or_default());
        out.push(':');
        json.write_compact(index, out);
    }
}
