//! Signatures of RSA whose padding is not as RFC 8017 has it, made with the private key of `tests/vectors`.

use aws_lc_rs::digest::{Algorithm, SHA256, SHA384, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use num_bigint::BigUint;
use pkcs8::der::{
    Decode as _, SliceReader,
    asn1::{AnyRef, UintRef},
};
use serde_json::{Value, json};
use tokscope::token::verify::key_set::KeySet;

use super::{Kind, row, set, with};

/// Modulus, public and private exponent.
fn numbers() -> [BigUint; 3] {
    let pem = pem::parse(include_bytes!("../../../vectors/private-keys/pkcs1.pem")).unwrap();
    let sequence = AnyRef::from_der(pem.contents()).unwrap();
    let mut reader = SliceReader::new(sequence.value()).unwrap();
    let mut next = || BigUint::from_bytes_be(UintRef::decode(&mut reader).unwrap().as_bytes());
    let _version = next();
    [next(), next(), next()]
}

pub(super) fn jwk(more: Value) -> Value {
    let [n, e, _] = numbers().map(|number| URL_SAFE_NO_PAD.encode(number.to_bytes_be()));
    with(json!({"kty": "RSA", "n": n, "e": e}), more)
}

const LENGTH: usize = 256;

/// A token whose signature is this number.
fn token(alg: &str, signature: &BigUint) -> String {
    let bytes = signature.to_bytes_be();
    raw(alg, &[vec![0; LENGTH.saturating_sub(bytes.len())], bytes].concat())
}

fn raw(alg: &str, signature: &[u8]) -> String {
    format!("{}.{}", message(alg), URL_SAFE_NO_PAD.encode(signature))
}

fn message(alg: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}", encode(&format!(r#"{{"alg":"{alg}"}}"#)), encode("foo"))
}

/// Signs an encoded message, whatever is in it.
fn signed(alg: &str, encoded: &[u8]) -> String {
    let [n, _, d] = numbers();
    token(alg, &BigUint::from_bytes_be(encoded).modpow(&d, &n))
}

pub(super) fn kinds() -> Vec<Kind> {
    let mut kinds = pkcs1();
    kinds.extend(pss());
    kinds.extend(edges());
    kinds
}

/// RFC 8017 §9.2: 00 01 FF … FF 00 DigestInfo.
fn pkcs1() -> Vec<Kind> {
    let keys = set(&[jwk(json!({}))]);
    let hash = digest(&SHA256, message("RS256").as_bytes());
    let hash = hash.as_ref();
    let oid: &[u8] = &[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let tlv = |tag: u8, value: &[u8]| [&[tag, value.len() as u8], value].concat();
    let info =
        |oid: &[u8], null: &[u8], hash: &[u8]| tlv(0x30, &[tlv(0x30, &[oid, null].concat()), hash.to_vec()].concat());
    let null: &[u8] = &[5, 0];
    let octets = tlv(4, hash);
    let good = info(oid, null, &octets);
    let block =
        |kind: u8, fill: u8, info: &[u8]| [&[0, kind][..], &vec![fill; LENGTH - 3 - info.len()], &[0], info].concat();
    let mut long_form = good.clone();
    long_form.splice(1..2, [0x81, good[1]]);
    let mut leading_zero = good.clone();
    leading_zero.splice(1..2, [0x82, 0, good[1]]);
    let mut indefinite = good.clone();
    indefinite[1] = 0x80;
    let mut other_hash = octets.clone();
    other_hash[33] ^= 1;
    // Bleichenbacher 2006: what stands behind the hash is not looked at.
    let garbage =
        [&[0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0][..], &good, &vec![0; LENGTH - 11 - good.len()]]
            .concat();
    let sha1: &[u8] = &[6, 5, 0x2b, 0x0e, 3, 2, 0x1a];
    let cases: Vec<(&str, Vec<u8>, bool)> = vec![
        ("as it must be", block(1, 0xff, &good), true),
        ("length in long form", block(1, 0xff, &long_form), false),
        ("length with a leading zero", block(1, 0xff, &leading_zero), false),
        ("indefinite length", block(1, 0xff, &indefinite), false),
        ("without NULL", block(1, 0xff, &info(oid, &[], &octets)), false),
        ("NULL with content", block(1, 0xff, &info(oid, &[5, 1, 0], &octets)), false),
        ("another tag for NULL", block(1, 0xff, &info(oid, &[4, 0], &octets)), false),
        ("garbage behind NULL", block(1, 0xff, &info(oid, &[5, 0, 5, 0], &octets)), false),
        ("another OID", block(1, 0xff, &info(&[6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], null, &octets)), false),
        ("OID of SHA-1", block(1, 0xff, &info(sha1, null, &octets)), false),
        ("without OID", block(1, 0xff, &info(&[], null, &octets)), false),
        ("shorter OID", block(1, 0xff, &info(&[6, 8, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2], null, &octets)), false),
        ("another hash", block(1, 0xff, &info(oid, null, &other_hash)), false),
        ("hash cut off", block(1, 0xff, &info(oid, null, &tlv(4, &hash[..31]))), false),
        ("hash with a zero in front", block(1, 0xff, &info(oid, null, &tlv(4, &[&[0], hash].concat()))), false),
        ("another tag for the hash", block(1, 0xff, &info(oid, null, &tlv(3, hash))), false),
        ("empty hash", block(1, 0xff, &info(oid, null, &[4, 0])), false),
        ("hash without DigestInfo", block(1, 0xff, hash), false),
        ("garbage behind DigestInfo", block(1, 0xff, &[&good[..], &[0, 0]].concat()), false),
        ("block type 2", block(2, 0xff, &good), false),
        ("block type 0", block(0, 0xff, &good), false),
        ("padding of other bytes", block(1, 0xfe, &good), false),
        ("short padding and garbage", garbage, false),
    ];
    let row = |(name, encoded, accept): (&str, Vec<u8>, bool)| {
        row(&format!("PKCS#1 {name}"), signed("RS256", &encoded), &keys, accept)
    };
    cases.into_iter().map(row).collect()
}

/// RFC 8017 §9.1.1, with everything open to change.
struct Pss {
    salt: Vec<u8>,
    separator: u8,
    filling: u8,
    trailer: u8,
    mask: &'static Algorithm,
    hash: &'static Algorithm,
    flip: Option<usize>,
    top_bit: bool,
}

impl Pss {
    fn usual() -> Self {
        let salt = (0..32).collect();
        Self { salt, separator: 1, filling: 0, trailer: 0xbc, mask: &SHA256, hash: &SHA256, flip: None, top_bit: false }
    }

    fn encoded(&self) -> Vec<u8> {
        let of_message = digest(self.hash, message("PS256").as_bytes());
        let mut hash = digest(self.hash, &[&[0; 8], of_message.as_ref(), &self.salt].concat()).as_ref().to_vec();
        if let Some(at) = self.flip {
            hash[at] ^= 1;
        }
        let length = LENGTH - hash.len() - 1;
        let mut block = vec![self.filling; length - self.salt.len() - 1];
        block.push(self.separator);
        block.extend(&self.salt);
        let mask =
            (0u32..).flat_map(|at| digest(self.mask, &[&hash[..], &at.to_be_bytes()].concat()).as_ref().to_vec());
        block.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
        block[0] = block[0] & 0x7f | u8::from(self.top_bit) << 7;
        [&block[..], &hash, &[self.trailer]].concat()
    }
}

fn pss() -> Vec<Kind> {
    let keys = set(&[jwk(json!({}))]);
    let salt = |length: usize| Pss { salt: vec![3; length], ..Pss::usual() };
    let cases = [
        ("as it must be", Pss::usual(), true),
        ("salt of zeros", Pss { salt: vec![0; 32], ..Pss::usual() }, true),
        ("salt of ones", Pss { salt: vec![0xff; 32], ..Pss::usual() }, true),
        ("no salt", salt(0), false),
        ("salt of 1 byte", salt(1), false),
        ("salt of 20 bytes", salt(20), false),
        ("salt of 31 bytes", salt(31), false),
        ("salt of 33 bytes", salt(33), false),
        ("salt as long as may be", salt(222), false),
        ("first byte of the hash modified", Pss { flip: Some(0), ..Pss::usual() }, false),
        ("last byte of the hash modified", Pss { flip: Some(31), ..Pss::usual() }, false),
        ("another separator", Pss { separator: 2, ..Pss::usual() }, false),
        ("padding that is not zero", Pss { filling: 1, ..Pss::usual() }, false),
        ("another trailer", Pss { trailer: 0xcc, ..Pss::usual() }, false),
        ("MGF1 with another hash", Pss { mask: &SHA384, ..Pss::usual() }, false),
        ("another hash", Pss { hash: &SHA384, salt: vec![3; 48], mask: &SHA384, ..Pss::usual() }, false),
        ("first bit set", Pss { top_bit: true, ..Pss::usual() }, false),
    ];
    let row = |(name, pss, accept): (&str, Pss, bool)| {
        row(&format!("PSS {name}"), signed("PS256", &pss.encoded()), &keys, accept)
    };
    cases.into_iter().map(row).collect()
}

/// Numbers out of range, other lengths, and keys that no one should have.
fn edges() -> Vec<Kind> {
    let keys = set(&[jwk(json!({}))]);
    let [n, e, d] = numbers();
    let one = BigUint::from(1u8);
    let mut kinds = Vec::new();
    for alg in ["RS256", "PS256"] {
        let encoded = if alg == "PS256" { Pss::usual().encoded() } else { vec![1; LENGTH] };
        let good = BigUint::from_bytes_be(&encoded).modpow(&d, &n);
        let bytes = good.to_bytes_be();
        let numbers =
            [("0", BigUint::ZERO), ("1", one.clone()), ("n − 1", &n - 1u8), ("n", n.clone()), ("s + n", &good + &n)];
        kinds.extend(
            numbers.map(|(name, number)| row(&format!("{alg} signature is {name}"), token(alg, &number), &keys, false)),
        );
        for (name, signature) in [
            ("zeros in front", [&[0, 0][..], &bytes].concat()),
            ("zeros behind", [&bytes[..], &[0, 0]].concat()),
            ("cut off", bytes[..bytes.len() - 1].to_vec()),
        ] {
            kinds.push(row(&format!("{alg} {name}"), raw(alg, &signature), &keys, false));
        }
    }
    let weak = KeySet::read(include_bytes!("../../../vectors/private-keys/weak.pem"), "weak").unwrap();
    let trivial = set(&[with(jwk(json!({})), json!({"e": "AQ"}))]);
    let good = signed("PS256", &Pss::usual().encoded());
    let identity = token("PS256", &BigUint::from_bytes_be(&Pss::usual().encoded()));
    assert_ne!(e, one);
    kinds.extend([row("RSA key of 1024 bits", good, &weak, false), row("RSA exponent 1", identity, &trivial, false)]);
    kinds
}
