//! What is asked of a key before it may verify anything: each rule with its source.

use super::{
    Reason,
    algorithm::{Algorithm, Family},
    key_set::VerificationKey,
};

/// What the user asks for beyond the rules, and what is allowed by option.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// The algorithms that are accepted (RFC 8725 §3.1); none named: each that is known here.
    pub algorithms: Vec<&'static Algorithm>,
    /// Use an HMAC key although it is shorter than the hash.
    pub allow_weak_key: bool,
    /// Try every key that fits, whatever its `kid`.
    pub ignore_kid: bool,
}

/// A rule that a key must keep.
#[derive(Debug)]
pub struct Rule {
    /// A stable word for programs: `hmac-key-length`.
    pub name: &'static str,
    /// Where it is written.
    pub source: &'static str,
    /// Whether [`Policy::allow_weak_key`] waives it.
    pub waivable: bool,
    /// What is wrong and what would be right, if the key breaks it.
    broken: fn(&VerificationKey, &Algorithm) -> Option<(String, &'static str)>,
}

const fn rule(
    name: &'static str,
    source: &'static str,
    broken: fn(&VerificationKey, &Algorithm) -> Option<(String, &'static str)>,
) -> Rule {
    Rule { name, source, waivable: false, broken }
}

/// All rules, from what a key is to how good it is: the further a key comes, the nearer it is to what was meant.
pub static RULES: [Rule; 11] = [
    rule("key-type", "RFC 8725 §3.1", |key, algorithm| {
        let fits = match (key.family, algorithm.family) {
            (Family::Ec(_), Family::Ec(_)) => true,
            (has, takes) => has == takes,
        };
        (!fits).then(|| (format!("{} takes {}, but this is {key}", algorithm.name, algorithm.family), OTHER_KEY))
    }),
    rule("crv", "RFC 7518 §3.4, RFC 8812 §3.2", |key, algorithm| {
        (key.family != algorithm.family)
            .then(|| (format!("{} takes {}, but this is {key}", algorithm.name, algorithm.family), OTHER_KEY))
    }),
    rule("pss-only", "RFC 4055 §1.2", |key, algorithm| {
        let other = key.limits.pss && !algorithm.name.starts_with("PS");
        other.then(|| (format!("the key is only for RSASSA-PSS, but the token's alg is {}", algorithm.name), OTHER_KEY))
    }),
    rule("use", "RFC 7517 §4.2", |key, _| {
        let usage = key.limits.usage.as_deref().filter(|usage| *usage != "sig")?;
        Some((format!("the key's use is {usage}, not sig"), MEANT_KEY))
    }),
    rule("key_ops", "RFC 7517 §4.3", |key, _| {
        let ops = key.limits.key_ops.as_deref()?;
        let fits = |op: &String| op == "verify" || op == "sign" && key.limits.private;
        (!ops.iter().any(fits)).then(|| ("the key's key_ops do not include verify".to_owned(), MEANT_KEY))
    }),
    rule("alg", "RFC 7517 §4.4", |key, algorithm| {
        // RFC 9864 §2.2: one algorithm with two names.
        let same = |alg: &str| alg == algorithm.name || algorithm.family == Family::Ed25519 && is_ed25519(alg);
        let alg = key.limits.alg.as_deref().filter(|alg| !same(alg))?;
        Some((format!("the key is for {alg}, but the token's alg is {}", algorithm.name), MEANT_KEY))
    }),
    rule("empty-key", "RFC 7518 §3.2", |key, _| {
        (key.bits == 0).then(|| ("the secret is empty: anyone can sign with it".to_owned(), "give the issuer's secret"))
    }),
    Rule {
        waivable: true,
        ..rule("hmac-key-length", "RFC 7518 §3.2", |key, algorithm| {
            let short = algorithm.family == Family::Hmac && key.bits < algorithm.hash_bits;
            let (name, least) = (algorithm.name, algorithm.hash_bits / 8);
            short.then(|| {
                let why = format!("{name} takes a secret of at least {least} bytes, but this one has {}", key.bits / 8);
                (why, ALLOW)
            })
        })
    },
    rule("rsa-key-length", "RFC 7518 §3.3", |key, algorithm| {
        let short = algorithm.family == Family::Rsa && key.bits < 2048;
        short.then(|| {
            let why =
                format!("{} takes an RSA key of at least 2048 bits, but this one has {}", algorithm.name, key.bits);
            (why, "the issuer needs a longer key")
        })
    }),
    rule("roca", "CVE-2017-15361", |key, _| {
        key.roca.then(|| {
            let why = "the key has the ROCA fingerprint: its private key can be computed from it";
            (why.to_owned(), "the issuer needs a new key, created by other hardware or software")
        })
    }),
    rule("small-order", "IACR ePrint 2020/1244", |key, _| {
        key.small_order.then(|| {
            let why = "the Ed25519 key is a point of small order: anyone can create signatures that match it";
            (why.to_owned(), "use the issuer's real key; this one was substituted for it")
        })
    }),
];

const ALLOW: &str =
    "give the server a longer secret; to use this one, --allow-weak-key, or \"Short secrets\" in the list of K";

const OTHER_KEY: &str = "give the key that the issuer signs with: the key's type must match the token's alg";

const MEANT_KEY: &str = "use the key intended for this, or have the issuer correct its key set";

fn is_ed25519(alg: &str) -> bool {
    matches!(alg, "EdDSA" | "Ed25519")
}

/// What the rules say of a key for an algorithm.
#[derive(Debug)]
pub(in crate::token) enum Judgement {
    /// It may verify.
    Accepted,
    /// It may, because a rule was waived: what that rule would say.
    Waived(Reason),
    /// It must not: the rule's place in [`RULES`], and what it says.
    Refused(usize, Reason),
}

/// Holds a key against the rules.
pub(in crate::token) fn judge(key: &VerificationKey, algorithm: &Algorithm, policy: &Policy) -> Judgement {
    let mut waived = None;
    for (place, rule) in RULES.iter().enumerate() {
        let Some((why, fix)) = (rule.broken)(key, algorithm) else { continue };
        let reason = Reason { why, fix: fix.to_owned(), source: Some(rule.source) };
        if !(rule.waivable && policy.allow_weak_key) {
            return Judgement::Refused(place, reason);
        }
        waived = Some(reason);
    }
    waived.map_or(Judgement::Accepted, Judgement::Waived)
}
