//! A JWS in JSON serialization (RFC 7515 §7.2), general or flattened: each signature has its own header, part of which
//! may be unprotected.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Reason, Verification, key_set::KeySet, policy::Policy, trial::Trial};
use crate::token::{
    Token, inspect,
    json::{Json, Kind, Node},
};

/// A JWS in JSON serialization.
#[derive(Debug)]
pub struct Serialized {
    /// One for each signature.
    pub signatures: Vec<Signature>,
}

/// One signature over the payload.
#[derive(Debug)]
pub struct Signature {
    /// Header, payload and signature as a token: its header is the whole JOSE header, its raw text begins with a dot
    /// where nothing of the header is protected.
    pub token: Token,
    /// The names of header parameters that the signature does not protect. Foreign text.
    pub unprotected: Vec<String>,
    form: &'static str,
    fault: Option<Reason>,
}

const SOURCE: &str = "RFC 7515 §7.2";

impl Serialized {
    /// Reads a text; `None` if it is no such JSON. The error says what is malformed about one.
    pub fn read(text: &str) -> Option<Result<Self, Reason>> {
        let json = Json::parse(text);
        let object = json.root().is_some_and(|root| root.kind == Kind::Object) && json.error().is_none();
        let has = |name: &str| json.member(name).is_some();
        let meant = has("signatures") || has("signature") && (has("payload") || has("protected") || has("header"));
        (object && meant).then(|| read(&json))
    }
}

impl Signature {
    /// Verifies this signature; `payload` is what was sent some other way, for one that is detached.
    pub fn verify(&self, payload: Option<&[u8]>, keys: &KeySet, policy: &Policy) -> Verification {
        Trial::new(&self.token, keys, policy).of(self.form, self.fault.as_ref(), payload).verification()
    }
}

fn malformed(why: impl Into<String>) -> Reason {
    Reason::new(why, "the issuer must follow the RFC, or the text was changed in transit", SOURCE)
}

fn read(json: &Json) -> Result<Serialized, Reason> {
    if ["payload", "signature", "signatures"].iter().any(|name| json.members(name).count() > 1) {
        return Err(malformed("a member is duplicated"));
    }
    let payload = text(json, json.member("payload"), "payload")?.unwrap_or_default();
    let Some(list) = json.member("signatures") else {
        let signature = signature(json, 0, &payload, "a JWS in flattened JSON serialization")?;
        return Ok(Serialized { signatures: vec![signature] });
    };
    if ["signature", "protected", "header"].iter().any(|name| json.member(name).is_some()) {
        return Err(malformed("it has signatures and also members of the flattened serialization"));
    }
    let at = json.nodes().iter().position(|node| std::ptr::eq(node, list)).unwrap_or_default();
    let each = json.children(at).map(|(at, node)| match node.kind {
        Kind::Object => signature(json, at, &payload, "a JWS in general JSON serialization"),
        _ => Err(malformed("signatures contains something that is not an object")),
    });
    let signatures: Vec<_> = each.collect::<Result<_, _>>()?;
    if list.kind != Kind::Array || signatures.is_empty() {
        return Err(malformed("signatures is not a non-empty list"));
    }
    Ok(Serialized { signatures })
}

/// The signature that an object of the document describes.
fn signature(json: &Json, object: usize, payload: &str, form: &'static str) -> Result<Signature, Reason> {
    let member =
        |name: &str| json.children(object).filter(|(_, node)| json.key(node).is_some_and(|key| key == name)).last();
    let node = |name: &str| member(name).map(|(_, node)| node);
    let protected = text(json, node("protected"), "protected")?.unwrap_or_default();
    let value = text(json, node("signature"), "signature")?.ok_or_else(|| malformed("a signature is missing"))?;
    let unprotected = match member("header") {
        None => Json::parse("{}"),
        Some((at, node)) if node.kind == Kind::Object => Json::parse(json.compact(at)),
        Some(_) => return Err(malformed("header is not an object")),
    };
    let bytes = URL_SAFE_NO_PAD.decode(&protected).map_err(|_| malformed("protected is not base64url"))?;
    let shown = match protected.as_str() {
        "" => "{}".to_owned(),
        _ => String::from_utf8(bytes).map_err(|_| malformed("the protected header is not UTF-8"))?,
    };
    let shown = Json::parse(shown);
    if shown.error().is_some() || shown.root().is_none_or(|root| root.kind != Kind::Object) {
        return Err(malformed("the protected header is not a JSON object"));
    }
    let presented = presented(&unprotected)?;
    // What an SD-JWT presents, the signature protects by its digests.
    let open = |name: &String| presented.is_none() || !matches!(name.as_str(), "disclosures" | "kb_jwt");
    let names = unprotected.children(0).filter_map(|(_, node)| Some(unprotected.key(node)?.into_owned()));
    let names: Vec<_> = names.filter(open).collect();
    // RFC 7515 §4.1.11 and RFC 7797 §3: what changes how the signature is to be understood must be protected.
    let fault = names.iter().find(|name| matches!(name.as_str(), "crit" | "b64")).map(|name| {
        let fix = "have the issuer put it into the protected header";
        Reason::new(format!("{name} is not protected by the signature"), fix, "RFC 7515 §4.1.11, RFC 7797 §3")
    });
    let header = joined(&shown, &unprotected);
    let mut token = inspect::of_serialization([&protected, payload, &value], header);
    if let Some(presented) = presented {
        token.raw = format!("{protected}.{payload}.{value}~{presented}").into();
    }
    Ok(Signature { token, unprotected: names, form, fault })
}

/// The disclosures and the key binding of an SD-JWT (RFC 9901 §8), as they stand behind one in compact serialization.
fn presented(unprotected: &Json) -> Result<Option<String>, Reason> {
    let at =
        |name: &str| unprotected.children(0).find(|(_, node)| unprotected.key(node).is_some_and(|key| key == name));
    let Some((list, node)) = at("disclosures") else { return Ok(None) };
    let texts = unprotected.children(list).map(|(_, text)| Some(format!("{}~", unprotected.string(text)?)));
    let texts: Option<String> = texts.collect();
    let texts = texts.filter(|texts| node.kind == Kind::Array && !texts.contains('.'));
    let texts = texts.ok_or_else(|| malformed("disclosures is not a list of disclosures"))?;
    let binding = text(unprotected, at("kb_jwt").map(|(_, node)| node), "kb_jwt")?.unwrap_or_default();
    Ok(Some(texts + &binding))
}

/// The JOSE header: the members of both. A name in both is a duplicate, which makes it malformed (§7.2.1).
fn joined(protected: &Json, unprotected: &Json) -> Json {
    let inside = |json: &Json| {
        let text = json.compact(0);
        text[1..text.len() - 1].to_owned()
    };
    let parts: Vec<_> = [inside(protected), inside(unprotected)].into_iter().filter(|part| !part.is_empty()).collect();
    Json::parse(format!("{{{}}}", parts.join(",")))
}

fn text(json: &Json, node: Option<&Node>, name: &str) -> Result<Option<String>, Reason> {
    match node {
        None => Ok(None),
        Some(node) => match json.string(node) {
            Some(text) => Ok(Some(text.into_owned())),
            None => Err(malformed(format!("{name} is not a string"))),
        },
    }
}
