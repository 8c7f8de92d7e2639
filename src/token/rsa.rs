//! RSA private keys as JWKs (RFC 7518 §6.3.2). Many have `d` alone: the primes follow from it.

use aws_lc_rs::rsa::{KeyPair, KeyPairComponents, PublicKeyComponents};
use num_bigint::BigUint;

use super::verify::key_set::{jwk::Jwk, without_zeros};
use crate::secret::Zeroizing;

type Number = Zeroizing<Vec<u8>>;

const BROKEN: &str =
    "the RSA key is broken, its private and public parts do not match, or it does not have 2048 to 8192 bits";

/// The longest modulus that is worth the time.
const LONGEST: u64 = 8192;

/// The key pair of a JWK, whose library checks that its numbers belong together.
pub(super) fn key_pair(jwk: &Jwk<'_>) -> Result<KeyPair, &'static str> {
    if jwk.0.contains_key("oth") {
        return Err("an RSA key of more than two primes (oth), which is not supported");
    }
    let number = |name: &str| {
        let bytes = jwk.bytes(name).map(Zeroizing::new).map_err(|_| "a number of the RSA key is not base64url")?;
        Ok::<_, &'static str>(Zeroizing::new(without_zeros(&bytes).to_vec()))
    };
    let (n, e, d) = (number("n")?, number("e")?, number("d")?);
    let (p, q, dp, dq, qi) = match ["p", "q", "dp", "dq", "qi"].iter().all(|name| jwk.0.contains_key(*name)) {
        true => (number("p")?, number("q")?, number("dp")?, number("dq")?, number("qi")?),
        false => primes(&n, &e, &d).ok_or(BROKEN)?,
    };
    let public_key = PublicKeyComponents { n, e };
    let pair = KeyPair::from_components(&KeyPairComponents { public_key, d, p, q, dP: dp, dQ: dq, qInv: qi });
    pair.map_err(|_| BROKEN)
}

/// `p`, `q`, `dp`, `dq` and `qi` from modulus and exponents (NIST SP 800-56B, appendix C): a root of 1 that is neither 1
/// nor −1 has a factor in common with the modulus. What is computed with in between is not wiped.
fn primes(n: &[u8], e: &[u8], d: &[u8]) -> Option<(Number, Number, Number, Number, Number)> {
    /// Each one fails for a key in two, at most.
    const TRIES: u8 = 100;
    let [n, e, d] = [n, e, d].map(BigUint::from_bytes_be);
    let (zero, one) = (BigUint::ZERO, BigUint::from(1u8));
    if n.bits() > LONGEST || !n.bit(0) || n <= BigUint::from(3u8) || d >= n || e.bits() > 32 || e <= one || d <= one {
        return None;
    }
    let minus_one = &n - 1u8;
    let order = &d * &e - 1u8;
    let twos = order.trailing_zeros()?;
    let odd = &order >> twos;
    for base in 2..TRIES {
        let mut root = BigUint::from(base).modpow(&odd, &n);
        for _ in 0..twos {
            let square = &root * &root % &n;
            if square == one && root != one && root != minus_one {
                let p = common_divisor(&root - 1u8, n.clone());
                let q = &n / &p;
                let (p, q) = if p < q { (q, p) } else { (p, q) };
                let qi = q.modinv(&p)?;
                let (dp, dq) = (&d % (&p - 1u8), &d % (&q - 1u8));
                let number = |number: BigUint| Zeroizing::new(number.to_bytes_be());
                return Some((number(p), number(q), number(dp), number(dq), number(qi)));
            }
            root = square;
        }
        // The exponents do not belong to this modulus, or the base is a factor of it.
        if root != one || root == zero {
            return None;
        }
    }
    None
}

/// Euclid's.
fn common_divisor(mut a: BigUint, mut b: BigUint) -> BigUint {
    while b != BigUint::ZERO {
        (a, b) = (b.clone(), a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primes_follow_from_the_exponents() {
        // 61 × 53, e 17, d 2753.
        let number = |number: u32| BigUint::from(number).to_bytes_be();
        let (p, q, dp, dq, qi) = primes(&number(3233), &number(17), &number(2753)).unwrap();
        assert_eq!([p, q, dp, dq, qi].map(|number| number.to_vec()), [[61], [53], [53], [49], [38]]);
        for (n, e, d) in [(3233, 17, 2755), (3234, 17, 2753), (3233, 1, 1), (3233, 17, 0), (1, 3, 3), (61, 17, 53)] {
            assert!(primes(&number(n), &number(e), &number(d)).is_none(), "{n} {e} {d}");
        }
        let long = BigUint::from(3u8).pow(6_000).to_bytes_be();
        assert!(primes(&long, &[3], &[5]).is_none());
    }
}
